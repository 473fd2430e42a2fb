"""What the answers to the challenges have to do: trials on fresh sequences of `lstm_helpers.tasks`."""

import numpy as np

from lstm_helpers.checks._design import FaultError
from lstm_helpers.checks._rules import ALIKE, explained, run, same
from lstm_helpers.layers import LSTM
from lstm_helpers.tasks import adding_problem, remember_first, running_total


def remember_rule(answer):
    """What h is at the end tells which of four symbols came first, whatever fillers followed."""
    x, target, _ = remember_first(12, 30, rng=np.random.default_rng(1))
    states, first = run(answer, x, "figo"), target[-1]
    groups = [first == k for k in range(4)]
    at_once, in_the_end = ([states.c[t][group].mean() for group in groups] for t in (0, -1))
    if np.ptp(at_once) < 0.05:
        raise FaultError("not written")
    spread = max(np.ptp(states.c[-1][group]) for group in groups)
    if spread > 0.05:
        raise FaultError("fillers", spread=spread)
    if np.ptp(in_the_end) < 0.05:
        raise FaultError("faded", spread=np.ptp(in_the_end))
    for a in range(4):
        for b in range(a):
            if abs(in_the_end[a] - in_the_end[b]) < 0.1:
                raise FaultError("alike", a=b + 1, b=a + 1, c=in_the_end[a])
    shown = sorted(states.h[-1][group].mean() for group in groups)
    if min(np.diff(shown)) < 0.05:
        raise FaultError("silent")


def _outcome(states, x, target, known):
    """Right if c is the target itself; else which known outcome it follows, or what leaks."""
    prices, marks = x[..., 0], x[..., 1]
    c = states.c[-len(target) :]
    if same(c, target):
        return
    if np.ptp(states.c) < 1e-6:
        raise FaultError("empty")
    share = explained(c, target)
    if share > ALIKE and _steady(states, x):
        place = np.unravel_index(np.argmax(np.abs(c - target)), c.shape)
        raise FaultError("not itself", c=c[place], wanted=target[place])
    scores = {key: explained(states.c[-len(outcome) :], outcome) for key, outcome in known(prices, marks).items()}
    best = max(scores, key=scores.get)
    if scores[best] > ALIKE:
        raise FaultError(best)
    if not _steady(states, x):
        raise FaultError("leaks", f=states.f[marks == 0].mean())
    raise FaultError("elsewhere", share=share)


def _steady(states, x):
    return states.f[x[..., 1] == 0].mean() > 0.98


def till_rule(answer):
    """The sum since the last customer began, at every step."""
    x, target, _ = running_total(20, 10, rng=np.random.default_rng(2), customer=0.2)
    _outcome(run(answer, x), x, target[..., 0], _till_outcomes)


def _till_outcomes(prices, marks):
    return {
        "never resets": np.cumsum(prices, axis=0),
        "first dropped": _sums(prices * (1 - marks), marks),
        "only now": prices,
        "only first": _sums(prices * marks, marks),
        "marks": np.cumsum(marks, axis=0),
    }


def _sums(amounts, marks):
    """Running sums of the amounts that start again at each mark."""
    total, sums = np.zeros(marks.shape[1]), []
    for amount, mark in zip(amounts, marks, strict=True):
        total = total * (1 - mark) + amount
        sums.append(total)
    return np.array(sums)


def add_rule(answer):
    """The sum of the two marked numbers, at the end."""
    x, target, _ = adding_problem(16, 30, rng=np.random.default_rng(3))
    _outcome(run(answer, x), x, target[-1:, :, 0], _add_outcomes)


def _add_outcomes(values, marks):
    each = np.arange(marks.shape[1])
    first, second = marks.argmax(axis=0), len(marks) - 1 - marks[::-1].argmax(axis=0)
    return {
        "all": values.sum(axis=0, keepdims=True),
        "unmarked": (values * (1 - marks)).sum(axis=0, keepdims=True),
        "second": values[second, each][None],
        "first": values[first, each][None],
        "last": values[-1:],
    }


def weights_rule(unit):
    """A unit whose memory adds up the marked numbers; what its gates do says what is amiss."""
    if not isinstance(unit, LSTM):
        raise FaultError("rule", kind=type(unit).__name__)
    if not unit.W.any():
        raise FaultError("unanswered")
    x, target, _ = adding_problem(16, 30, rng=np.random.default_rng(3))
    states, marked = run(unit, x), x[..., 1] == 1
    if explained(states.c[-1], target[-1, :, 0]) > ALIKE:
        return
    if states.f.max() < 0.98:
        raise FaultError("half", f=states.f.max())
    if states.i[~marked].mean() > 0.02:
        raise FaultError("not shut", i=states.i[~marked].mean())
    if states.i[marked].mean() < 0.5:
        raise FaultError("not open", i=states.i[marked].mean())
    if explained(states.g[marked], x[..., 0][marked]) < 0.2:
        raise FaultError("no candidate")
    if np.abs(states.g[marked]).max() > 0.95:
        raise FaultError("saturated", g=states.g[marked][np.argmax(x[..., 0][marked])])
    raise FaultError("elsewhere", share=explained(states.c[-1], target[-1, :, 0]))
