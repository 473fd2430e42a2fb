"""Trials: a design with many right answers is run, and its numbers say what it does.

A design is the gate values of some steps, a rule that gives them at each step, or the weights of one unit. A trial runs
it and gives the numbers that came of it, by name. Which of them are wrong, and what a learner is told, stands in the
file of questions: each mistake of a trial has a condition, `when`, and the first that is true is the diagnosis.
"""

import numpy as np

from lstm_helpers.checks._simulate import NO_RULE, FaultError, simulate
from lstm_helpers.checks.functions import explained, same
from lstm_helpers.layers import LSTM
from lstm_helpers.tasks import adding_problem, remember_first, running_total

FOLLOWS = 0.98  # how much of an outcome a straight line in the memory must explain for it to count as that outcome


def count_pulses(rule):
    """A rule that sees pulses, and starts with an empty memory: x, and the states of the unit, each (20, 8)."""
    x = _pulses()
    return {"x": x, **simulate(rule, x)}


def turn_at_pulses(rule):
    """A rule that sees pulses and h, and starts with a memory of 0.5: x, and the states of the unit, each (20, 8)."""
    x = _pulses()
    return {"x": x, **simulate(rule, x, c0=0.5, sees_h=True)}


def _pulses():
    return 1.0 * (np.random.default_rng(7).uniform(size=(20, 8)) < 0.3)


def tell_the_first(rule):
    """A rule that sees one of four symbols, and then fillers.

    Returns:
        The mean memory after each symbol: `written`, at once, and `c`, at the end; `h`, what is shown at the end; how
        far memories after the same symbol are apart at the end, `spread`; and two symbols, `a` and `b`, that leave the
        same memory, 0 if there are none.
    """
    x, target, _ = remember_first(12, 30, rng=np.random.default_rng(1))
    states, first = simulate(rule, x, "figo"), target[-1]
    groups = [first == k for k in range(4)]
    written, c = (np.array([states["c"][t][group].mean() for group in groups]) for t in (0, -1))
    alike = [(b + 1, a + 1) for a in range(4) for b in range(a) if abs(c[a] - c[b]) < 0.1]
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
    """A rule that should keep the sum since the last customer began, at every step."""
    x, target, _ = running_total(20, 10, rng=np.random.default_rng(2), customer=0.2)
    prices, marks = x[..., 0], x[..., 1]
    known = {
        "never_resets": np.cumsum(prices, axis=0),
        "first_dropped": _totals(prices * (1 - marks), marks),
        "only_now": prices,
        "only_first": _totals(prices * marks, marks),
        "only_marks": np.cumsum(marks, axis=0),
    }
    return _outcome(simulate(rule, x), marks, target[..., 0], known)


def _totals(amounts, marks):
    """Running totals of the amounts that start again at each mark."""
    total, totals = np.zeros(marks.shape[1]), []
    for amount, mark in zip(amounts, marks, strict=True):
        total = total * (1 - mark) + amount
        totals.append(total)
    return np.array(totals)


def add_marked(rule):
    """A rule that should add up the two marked numbers."""
    x, target, _ = adding_problem(16, 30, rng=np.random.default_rng(3))
    values, marks = x[..., 0], x[..., 1]
    each = np.arange(marks.shape[1])
    first, second = marks.argmax(axis=0), len(marks) - 1 - marks[::-1].argmax(axis=0)
    known = {
        "all_numbers": values.sum(axis=0, keepdims=True),
        "unmarked": (values * (1 - marks)).sum(axis=0, keepdims=True),
        "second": values[second, each][None],
        "first": values[first, each][None],
        "last": values[-1:],
    }
    return _outcome(simulate(rule, x), marks, target[-1:, :, 0], known)


def _outcome(states, marks, target, known):
    """The last memories `c` beside the sums that they should be, `target`.

    Returns:
        Also whether they are wrong, and whether they never move, `empty`; the mean of f where there is no mark; how
        much of the sums they explain, `share`, and whether they follow them; and for each known outcome whether it is
        the one that they follow.
    """
    c = states["c"][-len(target) :]
    wrong, share = not same(c, target), explained(c, target)
    scores = {key: explained(c, outcome) for key, outcome in known.items()}
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
    """A unit whose memory should add up the marked numbers: how far it does, and what its gates do."""
    if not isinstance(unit, LSTM):
        raise FaultError("rule", NO_RULE.format(kind=type(unit).__name__))
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


TRIALS = {
    trial.__name__: trial
    for trial in (count_pulses, turn_at_pulses, tell_the_first, keep_total, add_marked, adding_unit)
}
