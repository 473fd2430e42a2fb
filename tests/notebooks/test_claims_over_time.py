"""What the words of notebooks 01, 06 and 07 claim of a number that is handed on and of a memory over time, computed."""

import math

import numpy as np
import pytest

from lstm_helpers import EXAMPLES, cell_state, half_life, hidden_state, sigmoid
from lstm_helpers.equations import weights_for
from lstm_helpers.explorers.schedule import schedules
from lstm_helpers.explorers.unrolled import programs
from tests.support.notebooks import prose_of


@pytest.fixture(scope="module")
def fading():
    return prose_of("01_why_memory_fades")


@pytest.fixture(scope="module")
def one_step():
    return prose_of("06_one_lstm_step")


@pytest.fixture(scope="module")
def over_time():
    return prose_of("07_memory_over_time")


def memories(f, i, g, c=0.0, **_):
    """The memory after each step of a schedule, by its name in the equations."""
    found = [c]
    for f_t, i_t, g_t in zip(f, i, g, strict=True):
        found.append(float(cell_state(f_t, found[-1], i_t, g_t)))
    return found[1:]


def test_a_factor_that_doubles_and_one_that_halves_in_20_steps(fading):
    assert f"{2 ** (1 / 20):.3f}, {0.5 ** (1 / 20):.3f}" == "1.035, 0.966"
    assert "About 1.035, which is 2<sup>1/20</sup>. And 0.966 would halve it." in fading
    assert 13_500 < 1.1**100 < 14_000 and "Nearly 14,000." in fading
    assert 0.95**90 < 0.01 < 0.95**89 and f"{math.log(0.01) / math.log(0.95):.1f}" == "89.8"
    assert "above ln 0.01 / ln 0.95 = 89.8. So it takes 90 steps." in fading


@pytest.mark.parametrize("start", [1e-3, 0.1, 0.659, 3.0, 50.0])
def test_a_squeezed_unit_remembers_only_the_sign_of_its_start(start, fading):
    for sign in (1, -1):
        h = sign * start
        for _ in range(200):
            h = math.tanh(1.2 * h)
        assert f"{h:.3f}" == f"{sign * 0.659:.3f}"
    assert "every positive start ends at 0.659, and every negative one at −0.659" in fading


class Thread:
    """Notebook 06's layer of three units, from the document's examples, with the same input at twelve steps."""

    def __init__(self):
        forget, write, show = (EXAMPLES[f"{name}_gate"] for name in ("forget", "input", "output"))
        self.x, self.h, self.c = np.tile(write.inputs["x"], (12, 1)), show.stated, forget.inputs["c_prev"]
        gates = {"f": forget.stated, **write.on_the_way, "o": show.on_the_way["o"]}
        curves = dict.fromkeys("fio", sigmoid) | {"g": np.tanh}
        self.weights = {
            k: (*weights_for(gates[k], self.h, self.x[0], activation=curve), curve) for k, curve in curves.items()
        }

    def run(self):
        """The forget gates, and the memories, of all units after each step."""
        h, c, found = self.h, self.c, []
        for x in self.x:
            u = np.concatenate([h, x])
            f, i, o, g = (curve(W @ u + b) for W, b, curve in self.weights.values())
            c = f * c + i * g
            h = o * np.tanh(c)
            found.append((f, c))
        f, c = zip(*found, strict=True)
        return np.array(f), np.array(c)


def test_an_input_long_ago_is_nearly_forgotten_and_the_last_one_is_not(one_step):
    f, as_it_is = Thread().run()
    assert [f"{value:.2f}" for value in f[[0, -1], 1]] == ["0.20", "0.19"]
    assert "f of unit 2 goes from 0.20 to 0.19" in one_step
    early, late = Thread(), Thread()
    early.x[0, 0] = late.x[11, 0] = -1
    (_, early), (_, late) = early.run(), late.run()
    assert [f"{c[-1, 0]:.2f}" for c in (early, as_it_is, late)] == ["0.52", "0.53", "0.41"]
    assert [f"{c[0, 0]:.2f}" for c in (as_it_is, early)] == ["0.71", "0.57"]
    assert "it is 0.52 instead of 0.53, though at step 1 the memory fell from 0.71 to 0.57" in one_step
    assert "More: it falls to 0.41." in one_step
    assert f"{0.7**11:.0%}" == "2%" and "0.7<sup>11</sup> = 2% is left" in one_step
    assert 0.69 < f[:, 0].min() <= f[:, 0].max() < 0.71  # "about 70%" at each step


def test_a_forget_bias_of_10_lets_unit_1_grow_and_the_others_settle(one_step):
    thread = Thread()
    thread.weights["f"][1][0] = 10
    f, c = thread.run()
    assert f[:, 0].min() > 0.999 and (np.diff(c[:, 0]) > 0.15).all() and np.ptp(np.diff(c[:, 0])) < 0.01
    assert np.abs(c[-1] - c[-2])[1:].max() < 0.003  # units 2 and 3
    beyond = 1.3  # the plot's end
    assert c[2, 0] < beyond < c[3, 0] and "from step 4 on it is beyond the plot" in one_step


def test_what_is_left_with_all_gates_half_open(over_time):
    schedule = schedules(12)["all gates half open"]
    assert schedule["g"][1] == 0.8 and set(np.delete(schedule["g"], 1)) == {0.5, -0.4}
    assert f"{memories(**schedule)[-1]:.2f}" == "-0.10" and "After step 12 the memory is −0.10." in over_time
    written = schedule["i"][1] * schedule["g"][1]
    assert written == 0.4 and f"{written * 0.5**10:.4f}" == "0.0004"
    assert "of that 0.4, only 0.4 × 0.5<sup>10</sup> = 0.0004 is left" in over_time


def test_the_other_schedules(over_time):
    named = schedules(12)
    lost = named["write, hold, read"]
    assert memories(**lost | {"f": np.where(np.arange(1, 13) == 6, 0, lost["f"])})[5:] == [0] * 7
    assert "The forget gate of step 6, at 0." in over_time
    hidden = named["hidden store"]
    shown = hidden_state(hidden["o"], np.array(memories(**hidden)))
    assert np.flatnonzero(shown)[0] + 1 == 7 and "what can be seen from outside before step 7?" in over_time
    added_up = memories(**lost | {"i": np.ones(12)})
    assert [f"{c:.2f}" for c in added_up[1:3]] == ["1.30", "1.80"] and lost["g"].max() == 0.8
    assert "it is 1.30 at step 2 and 1.80 at step 3" in over_time


def test_the_cat_at_mat_and_a_forget_gate_without_a_signal(over_time):
    assert cell_state(1.0, 0.9, 1.0, 0.7) == pytest.approx(1.6) and "The memory is 1.6." in over_time
    assert 0.8 * 0.5**10 < 0.001 and '`"under 0.001"`' in over_time
    assert f"{sigmoid(10.0):.5f}" == "0.99995" and "10 gives $f = 0.99995$" in over_time


def test_after_the_first_pulse_no_second_one_gets_in(over_time):
    """At any pulse, once h is 0.3 or more, next to nothing of it is written."""
    program = programs()["remember the first pulse"]
    (on_h, on_x), bias = program["W"][1, 0], program["b"][1, 0]
    assert on_h == -80 and sigmoid(on_h * 0.3 + on_x * 1.0 + bias) < 0.02 < 0.4 < sigmoid(on_h * 0.25 + on_x + bias)
    assert "a weight of −80. Once the unit shows more than about 0.3, no second pulse gets in." in over_time
    assert programs()["toggle"]["W"][2, 0, 0] == -20 and "through a weight of −20" in over_time


def test_one_more_in_the_bias_makes_the_half_life_nearly_e_times_as_long(over_time):
    ratios = [half_life(sigmoid(b + 1.0)) / half_life(sigmoid(float(b))) for b in range(12)]
    assert all(2.5 < ratio < math.e for ratio in ratios[2:]) and max(ratios[:2]) < 2.6
    assert "Beyond a bias of 2, adding 1 multiplies the half-life by nearly $e = 2.72$." in over_time
