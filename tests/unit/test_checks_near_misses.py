"""No question accepts an answer that is scaled, shifted, or off in the third digit, unless its text says so."""

import copy

import numpy as np
import pytest

from lstm_helpers import LSTM
from lstm_helpers.checks import QUESTIONS, check
from lstm_helpers.checks._judge import right_parts
from lstm_helpers.checks.functions import explained
from tests.support.questions import CHOICES, DESIGNS, FUNCTIONS, PREDICTIONS, VALUES, by_name

pytestmark = pytest.mark.slow

SCALES = (0.4, 0.5, 2.0, -1.0)
# Questions that leave something open, and the words that say so.
FREE = {
    "be_the_lstm.remember_first": "h tells",
    "be_the_lstm.weights": "may scale and shift",
    "schedule.toggle": "size is free",
    "schedule.store": "(nearly)",
    "output_gate.ask_twice": "(nearly)",
    "cell.hide": "to two decimals",
}


def third_digit(value):
    """One unit in the third digit of each number; for a 0, in that of the largest number."""
    size = np.where(value == 0, np.abs(value).max(), np.abs(value))
    return 10.0 ** (np.floor(np.log10(np.where(size == 0, 1, size))) - 2)


def near_misses(value):
    """Pairs of the change, in words, and the changed array."""
    value = np.asarray(value, dtype=float)
    for scale in SCALES:
        yield f"times {scale}", value * scale
    yield "half a unit in the third digit", value * 1.0005
    for sign in (1, -1):
        yield "shifted by one", value + sign
        yield "the third digit", value + sign * third_digit(value)
        for at in range(min(value.size, 12)):
            off = value.copy()
            off.flat[at] += sign * third_digit(value).flat[at]
            yield f"the third digit of element {at}", off


def of_all_parts(parts):
    """Near misses of each part, the others unchanged: the change in words, the part, all parts."""
    for k, part in enumerate(parts):
        for what, wrong in near_misses(part):
            yield what, wrong, tuple(wrong if j == k else other for j, other in enumerate(parts))


def assert_not_right(question, given, what):
    reply = check(question.name, given)
    assert reply.right is not True, (what, given, reply)


def test_every_question_is_walked():
    assert len(VALUES + FUNCTIONS + DESIGNS + CHOICES + PREDICTIONS) == len(QUESTIONS)
    assert set(FREE) <= {q.name for q in DESIGNS}
    assert all(words in QUESTIONS[name].todo for name, words in FREE.items())


@by_name(VALUES)
def test_numbers(question):
    parts = right_parts(question, question.inputs)
    for what, wrong, given in of_all_parts(parts):
        if not any(np.array_equal(wrong, part) for part in parts):
            assert_not_right(question, given if len(parts) > 1 else given[0], what)


@by_name(FUNCTIONS)
def test_functions(question):
    """The function has the same error on every input."""
    kinds = [what for what, _, _ in of_all_parts(right_parts(question, question.inputs))]
    for k, what in enumerate(kinds):

        def off(*given, k=k):
            parts = right_parts(question, dict(zip(question.inputs, given, strict=True)))
            misses = [given for _, _, given in of_all_parts(parts)]
            return misses[k % len(misses)] if len(parts) > 1 else misses[k % len(misses)][0]

        assert_not_right(question, off, what)


def solution(question):
    """The design of the worked answer: a dictionary, numbers, a rule, or a unit."""
    names = {"np": np, "LSTM": LSTM}
    exec(question.code, names)
    return names[question.variable]


def changed(design, name, change):
    """The design with one of its gate values changed."""
    if callable(design):
        return lambda *now: (lambda values: values | {name: change(values[name])})(design(*now))
    if isinstance(design, dict):
        return design | {name: change(np.asarray(design[name], dtype=float))}
    return change(np.asarray(design, dtype=float))


def names_in(question, design):
    if not callable(design):
        return list(design) if isinstance(design, dict) else [""]
    return [name for name in "figo" if f'"{name}"' in question.blank]


def rule_misses():
    yield from ((f"times {scale}", lambda v, scale=scale: v * scale) for scale in SCALES)
    yield "off by one in a thousand", lambda v: v * (1 - 1e-3)
    yield "shifted by a thousandth", lambda v: v + 1e-3 * (1 if np.max(v) < 1 else -1)


@by_name([q for q in DESIGNS if q.name not in FREE and q.name != "be_the_lstm.weights"])
def test_designs_and_rules(question):
    """Each gate value by itself."""
    design = solution(question)
    for name in names_in(question, design):
        for what, change in rule_misses():
            given = changed(design, name, change)
            if question.name == "schedule.leak" and "a thousand" in what:
                continue  # 0.794 for 0.7937: the third digit is right
            assert_not_right(question, given, f"{name} {what}")


@pytest.mark.parametrize(
    ("f", "key"), [(0.784, "too fast"), (0.793, "too fast"), (0.795, "too slow"), (0.8, "too slow")]
)
def test_the_third_digit_of_the_leak(f, key):
    assert check("schedule.leak", f).diagnosis == (key,)
    assert check("schedule.leak", 0.794).right is True


@pytest.mark.parametrize("scale", SCALES)
@by_name([QUESTIONS[name] for name in ("schedule.store", "output_gate.ask_twice", "cell.hide")])
def test_a_design_that_need_not_be_exact_is_rejected_when_scaled(question, scale):
    design = solution(question)
    for name in names_in(question, design):
        given = changed(design, name, lambda v: v * scale)
        if not np.array_equal(np.asarray(given[name] if name else given), design[name] if name else design):
            assert_not_right(question, given, f"{name} times {scale}")


@pytest.mark.parametrize(("f", "right"), [(0.625, True), (0.63, True), (0.6312, True), (0.632, False), (0.618, False)])
def test_two_decimals_are_two(f, right):
    assert check("cell.hide", {"f": f, "i": 0, "o": 0}).right is right


def test_a_leaking_memory_is_not_held():
    for f in (0.5, 0.9, 0.999):
        rule = lambda x, h, f=f: {"f": 0 if x else f, "i": x, "g": -0.5 * np.sign(h)}  # noqa: E731
        assert check("schedule.toggle", rule).right is False
    reply = check("schedule.toggle", lambda x, h: {"f": 1 - x, "i": x, "g": -h})
    assert reply.right is True and "Yours shrinks, from 0.5 to 0." in reply.text
    assert check("schedule.toggle", lambda x, h: {"f": 1 - x, "i": x, "g": -0.5 * np.sign(h)}).text == "Right."


@pytest.mark.parametrize(
    ("name", "rule", "gist"),
    [
        ("be_the_lstm.add_marked", lambda x: {"f": 1, "i": x[1], "g": 0.4 * x[0]}, "is not the sum itself"),
        ("be_the_lstm.add_marked", lambda x: {"f": 1, "i": x[1], "g": -x[0]}, "is not the sum itself"),
        ("be_the_lstm.add_marked", lambda x: {"f": 0.999, "i": x[1], "g": x[0]}, "is not the sum itself"),
        ("be_the_lstm.running_total", lambda x: {"f": 1 - x[1], "i": 0.5, "g": x[0]}, "is not the sum itself"),
    ],
)
def test_a_sum_that_is_not_the_sum(name, rule, gist):
    reply = check(name, rule)
    assert reply.right is False and gist in reply.text, reply


def test_how_much_a_line_explains_is_the_square_of_the_correlation(rng):
    a, noise = rng.normal(size=(2, 10**4))
    line = a + 0.2 * noise
    residual = line - np.polyval(np.polyfit(a, line, 1), a)
    assert explained(a, line) == pytest.approx(1 - residual.var() / line.var(), abs=1e-9)


def test_a_unit_that_nearly_adds_up_is_not_enough():
    """The correlation of its memory with the sums is above 0.98, but its square is below."""
    unit = copy.copy(solution(QUESTIONS["be_the_lstm.weights"]))
    unit.W_g = [[0, 1.3, 0]]
    reply = check("be_the_lstm.weights", unit)
    assert reply.right is False, reply
