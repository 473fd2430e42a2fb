"""What the words of notebooks 04 to 06 claim of writing, showing and one whole step, computed anew."""

import re

import nbformat
import numpy as np
import pytest

from lstm_helpers import EXAMPLES, LSTM, cell_state, gate, hidden_state
from tests.support.notebooks import ROOT, main_line, prose_of

forget, write, show = (EXAMPLES[f"{name}_gate"] for name in ("forget", "input", "output"))
i, g, c, o = write.on_the_way["i"], write.on_the_way["g"], show.inputs["c"], show.on_the_way["o"]
c_prev = forget.inputs["c_prev"]


@pytest.fixture(scope="module")
def input_gate():
    return prose_of("04_input_gate")


@pytest.fixture(scope="module")
def output_gate():
    return prose_of("05_output_gate")


@pytest.fixture(scope="module")
def one_step():
    return prose_of("06_one_lstm_step")


def written(values):
    """Numbers as a page writes a vector: two decimals, and a minus sign."""
    return "[" + ", ".join(f"{value:.2f}" for value in values).replace("-", "\N{MINUS SIGN}") + "]"


def gates(bias):
    """The gates of three units whose weights are all 0."""
    return gate(np.zeros((3, 6)), np.full(3, float(bias)), show.stated, write.inputs["x"])


def test_a_bias_of_4_writes_nearly_all_and_one_of_minus_4_next_to_nothing(input_gate):
    assert f"{gates(4)[0]:.2f}" == "0.98" and "so all three gates are at 0.98" in input_gate
    assert f"nearly all of g is written: {written(gates(4) * g)}" in input_gate
    assert f"{gates(-4)[0]:.0%}" == "2%" and "Next to nothing: 2% of g" in input_gate
    assert (gates(4) * g)[1] < (i * g)[1] and gates(4)[1] > i[1]
    assert "Unit 2 pushes its memory further <i>down</i> than before, though its gate went <i>up</i>" in input_gate


def test_near_0_tanh_hardly_changes_a_number(input_gate):
    assert f"{np.tanh(0.31):.2f}" == "0.30" and r"$\tanh(0.31) = 0.30$" in input_gate


def test_what_is_written_lowers_a_memory_adds_up_or_takes_its_place(input_gate):
    assert cell_state(1.0, 0.5, 0.25, -0.8) - 0.5 == pytest.approx(-0.2) and "the memory falls by 0.2" in input_gate
    memory = 0.0
    for _ in range(10):
        memory = cell_state(1.0, memory, 1.0, 1.0)
    assert memory == 10 and "2. At 10." in input_gate
    assert cell_state(0.0, 0.8, 1.0, 0.3) == 0.3 and "3. f = 0 and i = 1." in input_gate


def test_the_third_decimal_of_what_is_shown(output_gate):
    assert f"{hidden_state(o, c)[2]:.3f}" == "0.416" and f"{show.stated[2]:.3f}" == "0.414"
    assert "unit 3 shows 0.416, not 0.414" in output_gate


def test_what_can_be_larger_than_1_is_answered_in_a_fold_only(output_gate):
    memory = cell_state(1.0, 0.8, 1.0, 0.8)
    assert memory > 1 > hidden_state(1.0, memory) and "Only c. It adds up, and nothing bounds it" in output_gate
    unfolded = main_line(nbformat.read(ROOT / "notebooks" / "05_output_gate.ipynb", as_version=4))
    assert not [word for word in ("squeez", "bounds", "A large $h$") if word in unfolded]


def test_a_large_memory_saturates(output_gate):
    assert f"{np.tanh(2.5):.2f}" == "0.99" and f"{np.tanh(4):.3f}" == "0.999"
    assert "A memory of 2.5 comes out as 0.99, one of 4 as 0.999." in output_gate


def test_an_open_output_gate_shows_tanh_of_the_memory(output_gate):
    assert f"h is {written(hidden_state(gates(4), c))}" in output_gate
    assert f"{gates(4)[0]:.0%}" == "98%" and "or 98% of it" in output_gate
    assert f"{np.tanh(c[0]):.2f}" == "0.60" and "no more than tanh(0.7) = 0.60" in output_gate
    assert f"{gates(-4)[0]:.0%}" == "2%" and "It shows 2% of tanh(c)" in output_gate


def test_what_stands_behind_what_is_shown(output_gate):
    assert f"{np.tanh(0.8):.2f}" == "0.66" and r"it shows $\tanh(0.8) = 0.66$" in output_gate
    assert f"{np.arctanh(0.45 / 0.5):.2f}" == "1.47" and "so c is 1.47" in output_gate
    assert [f"{hidden_state(0.5, memory):.2f}" for memory in (3.0, 10.0)] == ["0.50"] * 2
    assert "At h = 0.50, rounded, you could not tell: c might be 3 or 10." in output_gate


def test_unit_2_and_the_pairs_that_leave_unit_1_as_it_was(one_step):
    keeps, loses = (cell_state(f, c_prev, i, g)[1] for f in (1.0, 0.0))
    assert f"{keeps:.2f}, {loses:.2f}" == "0.16, -0.14"
    assert "becomes 0.30 − 0.14 = 0.16" in one_step and "If you predicted −0.14" in one_step
    pairs = re.findall(r"f = ([\d.]+) and i = ([\d.]+)", one_step)
    assert len(pairs) == 2
    for f, opened in pairs:
        assert cell_state(float(f), c_prev[0], float(opened), g[0]) == pytest.approx(0.8)


def test_the_memory_of_unit_2_is_negative_and_so_is_what_it_shows(one_step):
    memory = cell_state(forget.stated, c_prev, i, g)[1]
    assert f"{memory:.2f}" == "-0.08" and hidden_state(o[1], memory) < 0
    assert "Unit 2 keeps 0.06 and writes −0.14, so its memory is −0.08." in one_step


def test_the_number_of_weights(one_step):
    layer = LSTM.initialize(50, 100, rng=np.random.default_rng(0))
    weights, biases = (sum(getattr(layer, f"{part}_{k}").size for k in "figo") for part in "Wb")
    assert f"{weights + biases:,}" == "60,400" and "= 60,400." in one_step
    assert f"{weights + 2 * biases:,}" == "60,800" and "two biases where one would do: 60,800 numbers" in one_step
