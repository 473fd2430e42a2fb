"""Trials: designs with many right answers, run to see what they do.

A design is the gate values of some steps, a rule that returns them at each step, or the weights of one unit. A trial
runs it and returns named numbers. The question file says which numbers are wrong: each mistake has a condition, `when`,
and the first true one is the diagnosis.
"""

from collections.abc import Mapping

import numpy as np

from lstm_helpers._arguments import brief
from lstm_helpers.checks._numbers import UnreadableError, kind_of, short, to_array, unanswered
from lstm_helpers.checks._reply import describe
from lstm_helpers.checks.functions import by_name, explained, same
from lstm_helpers.layers import LSTM
from lstm_helpers.tasks import adding_problem, remember_first, running_total

_ROUNDOFF = 1e-9  # how far outside its range a computed gate value may be
FOLLOWS = 0.98  # the share of a sum that a straight line in the memory must explain for the memory to follow the sum


class FaultError(Exception):
    """A design that cannot be run: the key of the fault, and the sentence for the learner."""

    def __init__(self, key, sentence=""):
        super().__init__(sentence)
        self.key = key


# Running a design


def gate_values(answer, names, steps=None, seen=()):
    """The gate values of a design: arrays of `steps` values, or numbers if `steps` is None.

    Args:
        answer: a mapping with exactly these names; a single number holds for all steps.
        names: some of "f", "i", "g", "o".
        seen: the inputs of the rule that returned the values, for the sentence of a fault.

    Raises:
        FaultError: a name is unknown or missing, or its values are not numbers, too many or too few, or out of range.
    """
    listed = ", ".join(names)
    if not isinstance(answer, Mapping):
        sentence = f"It must be a dictionary with {listed}, as in the exercise, not {kind_of(answer)}."
        raise FaultError("form", sentence)
    for name in answer:
        if name not in names:
            shown = name if isinstance(name, str) else brief(name, 60)
            raise FaultError("unknown", f"It has {shown}, which is not one of {listed}.")
    return {name: _values(name, answer, steps, seen) for name in names}


def _values(name, answer, steps, seen):
    if name not in answer:
        raise FaultError("missing", f"{name} is missing.")
    if unanswered(answer[name]):
        raise FaultError("unanswered")
    try:
        array = to_array(answer[name])
    except UnreadableError:
        raise FaultError("numbers", f"{name} must hold numbers.") from None
    array = array.squeeze()  # a row or a column of numbers is a list
    if array.ndim and (steps is None or array.shape != (steps,)):
        has = f"{len(array)} rows" if array.ndim > 1 else f"{array.size} values"
        needs = f"{steps}, one for each step" if steps else "one"
        raise FaultError("length", f"{name} has {has}; it needs {needs}.")
    low = -1 if name == "g" else 0
    outside = np.flatnonzero(~((array >= low - _ROUNDOFF) & (array <= 1 + _ROUNDOFF)))
    if outside.size:
        where = f" at step {outside[0] + 1}" if array.ndim else f" for {', '.join(map(short, seen))}" if seen else ""
        value = float(array.flat[outside[0]])
        raise FaultError("range", f"{name} is {value:.10g}{where}. It must be between {low} and 1.")
    array = np.clip(array, low, 1)
    return array if steps is None else np.broadcast_to(array, (steps,)).copy()


def simulate(design, x, names="fig", *, c0=0.0, sees_h=False):
    """Run one unit on N sequences.

    Args:
        design: a rule, `rule(x_t)`, or `rule(x_t, h_prev)` with `sees_h`, which returns a dictionary with these names;
            gates without a name are 1. Or an `LSTM` with one unit.
        x: (T, N, D), or (T, N) for single numbers.

    Returns:
        A dictionary of f, i, g, o, c and h, each (T, N).

    Raises:
        FaultError: the design cannot be run.
    """
    if isinstance(design, LSTM):
        return _simulate_layer(design, x)
    if not callable(design):
        sentence = f"Pass a function that returns the gate values at one step, not {kind_of(design)}."
        raise FaultError("rule", sentence)
    T, N = x.shape[:2]
    states = {name: np.ones((T, N)) for name in "figoch"}
    for n in range(N):
        c, h = c0, float(np.tanh(c0))
        for t in range(T):
            x_t = float(x[t, n]) if x.ndim == 2 else x[t, n].copy()
            gates = {"f": 1.0, "i": 1.0, "g": 1.0, "o": 1.0} | _by_rule(design, names, x_t, *([h] if sees_h else []))
            c = gates["f"] * c + gates["i"] * gates["g"]
            h = gates["o"] * float(np.tanh(c))
            for name, value in {**gates, "c": c, "h": h}.items():
                states[name][t, n] = value
    return states


def _by_rule(rule, names, *seen):
    """The gate values that a rule returns at one step."""
    try:
        values = rule(*seen)
    except Exception as error:
        raise FaultError("error", f"It stops with {describe(error)}.") from None
    if unanswered(values):
        raise FaultError("unanswered")
    return {name: float(value) for name, value in gate_values(values, tuple(names), seen=seen).items()}


def _simulate_layer(layer, x):
    D = x.shape[2] if x.ndim == 3 else 1
    if (layer.hidden_size, layer.input_size) != (1, D):
        has = f"this layer has {layer.hidden_size} units and {layer.input_size} inputs"
        raise FaultError("layer", f"Expected one unit and {D} inputs; {has}.")
    try:
        trace = layer.forward(x.reshape(*x.shape[:2], D))
    except ValueError as error:  # weights that are not finite
        raise FaultError("error", f"It stops with {describe(error)}.") from None
    return {name: np.asarray(getattr(trace, name))[..., 0] for name in "figoch"}


# Trials, each with the sequences it runs a design on


def count_pulses(rule):
    """Run a rule that sees pulses, from an empty memory: x, and the states of the unit, each (20, 8)."""
    x = _pulses()
    return {"x": x, **simulate(rule, x)}


def turn_at_pulses(rule):
    """Run a rule that sees pulses and h, from a memory of 0.5: x, and the states of the unit, each (20, 8)."""
    x = _pulses()
    return {"x": x, **simulate(rule, x, c0=0.5, sees_h=True)}


def _pulses():
    return 1.0 * (np.random.default_rng(7).uniform(size=(20, 8)) < 0.3)


def tell_the_first(rule):
    """Run a rule that sees one of four symbols, and then fillers.

    Returns:
        Means for each symbol: the memory right after it, `written`, and at the end, `c`; and `h` at the end. Also
        `spread`, the largest difference between final memories after the same symbol; and two symbols, `a` and `b`,
        that leave nearly the same memory, both 0 if there are none.
    """
    x, target, _ = remember_first(12, 30, rng=np.random.default_rng(1))
    states, first = simulate(rule, x, "figo"), target[-1]
    groups = [first == k for k in range(4)]
    written, c = (np.array([states["c"][t][group].mean() for group in groups]) for t in (0, -1))
    alike = [(a, b) for b in range(4) for a in range(b) if abs(c[a] - c[b]) < 0.03]
    a, b = alike[0] if alike else (0, 0)
    return {
        "written": written,
        "c": c,
        "h": np.array([states["h"][-1][group].mean() for group in groups]),
        "spread": max(np.ptp(states["c"][-1][group]) for group in groups),
        "a": a,
        "b": b,
    }


def keep_total(rule):
    """Run a rule that should keep the sum since the last customer began, at every step; see `_compare_sums`."""
    x, target, _ = running_total(20, 10, rng=np.random.default_rng(2), customer=0.2)
    prices, marks = x[..., 0], x[..., 1]
    known = {
        "never_resets": np.cumsum(prices, axis=0),
        "first_dropped": _totals(prices * (1 - marks), marks),
        "only_now": prices,
        "only_first": _totals(prices * marks, marks),
        "only_marks": np.cumsum(marks, axis=0),
    }
    return _compare_sums(simulate(rule, x), marks, target[..., 0], known)


def _totals(amounts, marks):
    """Running totals of the amounts that start again at each mark."""
    total, totals = np.zeros(marks.shape[1]), []
    for amount, mark in zip(amounts, marks, strict=True):
        total = total * (1 - mark) + amount
        totals.append(total)
    return np.array(totals)


def add_marked(rule):
    """Run a rule that should add up the two marked numbers; see `_compare_sums`."""
    x, target, _ = adding_problem(16, 30, rng=np.random.default_rng(3))
    values, marks = x[..., 0], x[..., 1]
    columns = np.arange(marks.shape[1])
    first, second = marks.argmax(axis=0), len(marks) - 1 - marks[::-1].argmax(axis=0)
    known = {
        "all_numbers": values.sum(axis=0, keepdims=True),
        "unmarked": (values * (1 - marks)).sum(axis=0, keepdims=True),
        "second": values[second, columns][None],
        "first": values[first, columns][None],
        "last": values[-1:],
    }
    return _compare_sums(simulate(rule, x), marks, target[-1:, :, 0], known)


def _compare_sums(states, marks, target, known):
    """Compare the last memories, `c`, with the sums they should be, `target`, and with other known sums.

    Returns:
        `c` and `target`; whether c is `wrong`; whether it never moves, `empty`; the mean of `f` without a mark; the
        `share` of the target that a straight line in c explains, and whether a wrong c still `follows` the target; and
        for each known sum whether c follows that one best.
    """
    c = states["c"][-len(target) :]
    wrong, share = not same(c, target), explained(c, target)
    scores = {key: explained(c, other) for key, other in known.items()}
    best = max(scores, key=scores.get)
    return {
        "c": c,
        "target": target,
        "wrong": wrong,
        "empty": np.ptp(states["c"]) < 1e-6,
        "f": states["f"][marks == 0].mean(),
        "share": share,
        "follows": wrong and share > FOLLOWS,
        **{key: wrong and key == best and scores[key] > FOLLOWS for key in known},
    }


def adding_unit(unit):
    """Run a unit whose memory should add up the marked numbers: the share it explains, and what its gates do."""
    if not isinstance(unit, LSTM):
        raise FaultError("rule", f"Pass the unit itself, an LSTM, not {kind_of(unit)}.")
    if not unit.W.any():
        raise FaultError("unanswered")
    x, target, _ = adding_problem(16, 30, rng=np.random.default_rng(3))
    states, marked = simulate(unit, x), x[..., 1] == 1
    share = explained(states["c"][-1], target[-1, :, 0])
    numbers, g = x[..., 0][marked], states["g"][marked]
    return {
        "wrong": share <= FOLLOWS,
        "share": share,
        "f": states["f"].max(),
        "i_unmarked": states["i"][~marked].mean(),
        "i_marked": states["i"][marked].mean(),
        "g_explained": explained(g, numbers),
        "g_largest": np.abs(g).max(),
        "g": g[np.argmax(numbers)],
    }


TRIALS = by_name(count_pulses, turn_at_pulses, tell_the_first, keep_total, add_marked, adding_unit)
