"""The worksheet: the stored page agrees with the examples, and only the key has the answers."""

import re

import pytest

from lstm_helpers import EXAMPLES
from tools.worksheet import FOLDER, worksheet


@pytest.mark.parametrize(("name", "with_key"), [("worksheet", False), ("worksheet_key", True)])
def test_is_stored_as_the_examples_give_it(name, with_key):
    stored = (FOLDER / f"{name}.html").read_text(encoding="utf-8")
    assert stored == worksheet(with_key), "run `make worksheet`"


def test_only_the_key_holds_the_answers():
    blanks, key = (re.findall(r'<td class="(?:blank|key)">([^<]*)</td>', worksheet(k)) for k in (False, True))
    assert len(blanks) == len(key) == 18 and not any(blanks)
    for example in (EXAMPLES["pointwise_product"], EXAMPLES["context_update"], EXAMPLES["input_gate"]):
        written = [f"{value:.2f}".replace("-", "−") for value in example.computed]
        assert any(key[k : k + 3] == written for k in range(0, 18, 3))
    shown = [f"{h:.3f}" for h in EXAMPLES["output_gate"].computed]
    assert key[-3:] == shown
