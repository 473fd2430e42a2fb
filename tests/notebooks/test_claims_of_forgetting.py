"""What the words of notebooks 00, 02 and 03 claim of a memory and its gates, computed step by step."""

import math
import re

import numpy as np
import pytest

from lstm_helpers import EXAMPLES, cell_state, gate, logit, sigmoid
from lstm_helpers.explorers import ForgettingExplorer
from tests.support.notebooks import prose_of


@pytest.fixture(scope="module")
def start():
    return prose_of("00_start_here")


@pytest.fixture(scope="module")
def pointwise():
    return prose_of("02_pointwise_operations")


@pytest.fixture(scope="module")
def forget_gate():
    return prose_of("03_forget_gate")


def left(f, steps, c=1.0, written=0.0):
    """What is left of a memory c."""
    for _ in range(steps):
        c = float(cell_state(f, c, 1.0, written))
    return c


def half_gone(f):
    """The step at which half is gone: between two whole steps as a power of f goes."""
    step = next(step for step in range(1, 1000) if left(f, step) < 0.5)
    return step - math.log(left(f, step) / 0.5) / math.log(f)


def test_the_cat_is_held_for_seven_words(start):
    sentence = re.search(r"\*(The cat [^*]+)\.\*", start)[1].split()
    steps = sentence.index("it") - sentence.index("cat")
    assert steps == 7 and "held on to it for seven words" in start
    assert left(0.5, steps, c=0.9) < 0.01 and "less than 0.01 is left" in start
    assert f"{1 - left(0.99, steps):.0%}" == "7%" and left(0.9, steps) < 0.5
    assert "At 0.99, 7% is lost; at 0.9 more than half." in start


def test_half_is_gone_after_6_and_after_13_steps(start):
    assert [f"{half_gone(f):.1f}" for f in (0.9, 0.95)] == ["6.6", "13.5"]
    assert "half of the memory is gone after 6.6 steps" in start and "Half is gone after 13.5 steps" in start
    assert f"{left(0.95, 10):.0%}" == "60%" and "after 10 steps 60% is still there" in start


def test_powers_of_f_and_the_half_life(start):
    assert f"{left(0.9, 2):.2f}" == "0.81" and f"{left(0.9, 20):.2f}" == "0.12"
    assert r"$0.9 \times 0.9 = 0.81$ after two, $0.9^{20} = 0.12$ after twenty" in start
    assert r"n = \frac{\ln 0.5}{\ln f}" in start and math.log(0.5) / math.log(0.95) == pytest.approx(half_gone(0.95))


def test_a_leak_that_is_refilled_settles_at_one_half(start):
    assert left(0.9, 500, written=0.05) == pytest.approx(0.5) and "At 0.50." in start
    assert "on its way to 0.50" in ForgettingExplorer(f=0.9, i=0.05).sentence


def test_a_gate_of_95_percent_loses_most_of_a_memory_in_20_steps(forget_gate):
    assert f"{left(0.95, 20, c=0.8):.2f}" == "0.29" and f"{left(0.95, 20):.0%}" == "36%"
    assert "0.29 is left, 36% of the 0.8" in forget_gate
    assert f"{0.5 ** (1 / 20):.3f}" == "0.966" and left(0.966, 20) == pytest.approx(0.5, abs=0.001)
    assert f"{left(0.99, 20):.0%}" == "82%" and "Half is left at 0.966, and at 0.99 it is 82%" in forget_gate


def test_the_product_and_the_sum_of_x_and_its_opposite(pointwise):
    x = EXAMPLES["pointwise_product"].inputs["x"]
    assert np.array_equal(np.round(x * -x, 2), [-0.04, -0.64, -0.25]) and not (x - x).any()
    assert "The product is [−0.04, −0.64, −0.25]. A tempting prediction is [0, 0, 0]" in pointwise


def test_where_a_memory_settles_that_is_written_to_at_each_step(pointwise):
    new = EXAMPLES["context_update"].inputs["new"]
    assert f"{left(0.7, 500, written=new[0]):.2f}" == "1.33" and "stops at $0.4 / 0.3 = 1.33$" in pointwise
    assert left(0.9, 500, written=0.5) == pytest.approx(5) and "stops at 0.5 / 0.1 = 5" in pointwise
    settled = [left(1 - w, 500, written=w) for w in new]
    assert settled == pytest.approx([1, 1, 1]) and "f = 1 − new: [0.6, 0.3, 0.8]" in pointwise
    assert left(0.5, 1, written=1) == 1.5 and "1 × 0.5 + 1 = 1.5, but (1 + 1) × 0.5 = 1" in pointwise


def test_the_sigmoid_by_hand(forget_gate):
    assert f"{math.exp(-0.85):.2f}" == "0.43" and f"{1 / 1.43:.2f}" == f"{sigmoid(0.85):.2f}" == "0.70"
    assert "$e^{-0.85} = 0.43$ and $1 / 1.43 = 0.70$" in forget_gate
    assert gate(np.zeros((1, 2)), np.zeros(1), np.array([0.3, -0.8])) == 0.5 and "since σ(0) = 0.5" in forget_gate
    assert f"{logit(0.9):.3f}" == "2.197" and f"{logit(0.5 ** (1 / 20)):.2f}" == "3.34"
    assert "reads it off the curve: 2.197" in forget_gate and "To keep half for 20 steps takes 3.34." in forget_gate
