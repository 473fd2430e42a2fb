"""A cell that needs a missing file prints one sentence, and so do the cells that need its values."""

import pytest
from IPython.core.interactiveshell import InteractiveShell

from lstm_helpers.jupyter import cells

SENTENCE = "model.npz is missing or not intact."


@pytest.fixture
def run(capsys):
    """Return a function that runs a cell and returns whether it counts as run, and its printed text."""
    shell = InteractiveShell()
    shell.user_ns |= {"NotIntactError": cells.NotIntactError}
    cells._MissingNames(shell)

    def run(source):
        result = shell.run_cell(source)
        return result.success, capsys.readouterr().out

    return run


def test_the_cell_and_its_dependents_print_the_same_sentence_and_count_as_run(run):
    lost = f"import math\nraise NotIntactError({SENTENCE!r})\nmodel, other = 1, 2\ndef use(): pass"
    assert run(lost) == (True, f"{SENTENCE}\n")
    for needs_it in ("model", "print(1)\nuse()\nresult = 3", "result", "%time other"):
        success, printed = run(needs_it)
        assert success and printed.splitlines()[-1] == SENTENCE, needs_it
    assert run("print(math.pi > 3)") == (True, "True\n")


def test_a_function_that_needs_a_value_prints_the_sentence_when_called(run):
    run(f"raise NotIntactError({SENTENCE!r})\nmodel = 1")
    assert run("def use():\n    return model") == (True, "")
    assert run("result = use()") == (True, f"{SENTENCE}\n")
    assert run("result") == (True, f"{SENTENCE}\n")


def test_an_incomplete_value_is_not_used(run):
    run("total, seen, kept = 1, [], 4")
    begun = "total, seen = 0, []\nfor k in range(3):\n    seen.append(k)\n"
    run(f"{begun}    raise NotIntactError({SENTENCE!r})\ntotal += 1")
    for value in ("total", "seen", "k"):
        assert run(f"print({value})") == (True, f"{SENTENCE}\n")
    assert run("print(kept)") == (True, "4\n")


def test_other_errors_are_shown_as_usual(run):
    run(f"raise NotIntactError({SENTENCE!r})\nmodel = 1")
    for wrong, shown in [("modle", "NameError"), ("(1).model", "AttributeError"), ("1 / 0", "ZeroDivisionError")]:
        success, printed = run(wrong)
        assert not success and shown in printed and SENTENCE not in printed
    assert run("1 +")[0] is False


def test_with_the_file_the_cells_run(run):
    run(f"raise NotIntactError({SENTENCE!r})\nmodel = 1")
    assert run("model = 1\nprint(model)") == (True, "1\n")
