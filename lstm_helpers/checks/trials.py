"""Trials: what a design has to do, for questions with many right answers.

A design is the gate values of some steps, a rule that gives them at each step, or the weights of one unit. A trial runs
it and raises a `FaultError` if it does not do what it should; what else is to be said of a right one it returns. What a
learner is told of each fault stands in the file of questions.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from lstm_helpers.checks._simulate import FaultError, explained, gate_values, memories, same, simulate
from lstm_helpers.layers import LSTM
from lstm_helpers.tasks import adding_problem, remember_first, running_total

FOLLOWS = 0.98  # how much of an outcome a straight line in the memory must explain for it to count as that outcome

# What can be wrong with the form of any design.
FORM = {
    "form": "It must be a dictionary with {names}, as in the exercise; this is {kind}.",
    "missing": "It lacks {name}.",
    "unknown": "It has {name}, which is none of {names}.",
    "numbers": "{name} must hold numbers.",
    "length": "{name} has {came} values; {steps} are needed, one for each step.",
    "range": "{name} is {value:g}{at}. It must lie from {low} to 1.",
    "rule": "Hand over a function that gives the gate values at one step; this is of type {kind}.",
    "layer": "One unit and {wanted} inputs are needed; this layer has {H} units and {D} inputs.",
    "error": "It stops with {told}.",
}


class Trial(NamedTuple):
    """A trial, `run(answer, **inputs)`, and the keys of the faults that it finds beside those of form."""

    run: Callable
    faults: tuple


TRIALS = {}


def trial(*faults):
    """Enter a function in `TRIALS` under its name, with its faults."""

    def enter(function):
        TRIALS[function.__name__] = Trial(function, faults)
        return function

    return enter


# Gate values of one step


@trial("too high", "too low", "shown")
def hide(answer):
    """From a memory of 0.8, with a candidate of 0.3, to a memory of 0.5 that is not shown."""
    chosen = {name: float(value) for name, value in gate_values(answer, ("f", "i", "o")).items()}
    kept, written = chosen["f"] * 0.8, chosen["i"] * 0.3
    c = kept + written
    if c > 0.5 + 5e-3:
        raise FaultError("too high", c=c, kept=kept, written=written)
    if c < 0.5 - 5e-3:
        raise FaultError("too low", c=c, kept=kept, written=written)
    if chosen["o"] > 0:
        raise FaultError("shown", h=chosen["o"] * np.tanh(c))


@trial("raised", "amount", "nothing")
def lower(answer):
    """The amount that is written, i * g, must be -0.3."""
    chosen = gate_values(answer, ("i", "g"))
    amount = float(chosen["i"]) * float(chosen["g"])
    if amount == 0:
        raise FaultError("nothing")
    if amount > 0:
        raise FaultError("raised", amount=amount)
    if abs(amount + 0.3) > 1e-6:
        raise FaultError("amount", amount=amount)


# Gate values of many steps


@trial("shifted", "silent", "early", "between", "after", "faint")
def ask_twice(answer):
    """A memory of 0.8, written at step 2 and held, should show at two steps of sixteen and at no other."""
    steps, asked = 16, (6, 11)
    o = gate_values({"o": answer}, ("o",), steps)["o"]
    c = memories(np.ones(steps), 1.0 * (np.arange(1, steps + 1) == 2), np.full(steps, 0.8))
    h = o * np.tanh(c)
    if all(h[t] > 0.6 and abs(h[t - 1]) < 0.01 for t in asked):
        raise FaultError("shifted")
    for t in asked:
        if h[t - 1] < 0.1:
            raise FaultError("silent", step=t, h=h[t - 1])
    for t in range(2, steps + 1):
        if t not in asked and abs(h[t - 1]) > 0.01:
            raise FaultError("early" if t < asked[0] else "between" if t < asked[1] else "after", step=t, h=h[t - 1])
    for t in asked:
        if h[t - 1] < 0.6:
            raise FaultError("faint", step=t, h=h[t - 1])


@trial("late", "never written", "erased", "written again", "written before", "faded", "shown early", "not shown")
def store(answer):
    """A bit, 0.8 or -0.8, comes at step 3 among other candidates; it is asked for at step 20, and not before."""
    steps, written, bit = 20, 3, 0.8
    design = gate_values(answer, ("f", "i", "o"), steps)
    f, i, o = design["f"], design["i"], design["o"]
    at = np.arange(1, steps + 1)
    if i[written - 1] < 0.1 and i[written] > 0.9:
        raise FaultError("late")
    if i[written - 1] < 0.9:
        raise FaultError("never written", share=i[written - 1])
    for t in at[written:]:
        if f[t - 1] < 0.5:
            raise FaultError("erased", step=t, f=f[t - 1])
    left = np.append(np.cumprod(f[:0:-1])[::-1], 1)  # what is left at the end of what is written at each step
    for t in at:
        if t != written and i[t - 1] * left[t - 1] > 0.02:
            raise FaultError("written again" if t > written else "written before", step=t)
    if left[written - 1] < 0.95:
        raise FaultError("faded", c=memories(f, np.where(at == written, i, 0), np.full(steps, bit))[-1])
    for t in at[written - 1 : -1]:
        if o[t - 1] > 0.02:
            raise FaultError("shown early", step=t)
    if o[-1] < 0.9:
        raise FaultError("not shown", o=o[-1])


@trial("never", "too fast", "too slow", "not again")
def leak(answer, half_life):
    """What is left of a memory of 1 halves with every `half_life` steps."""
    near = 1e-3  # takes 0.794 for the cube root of one half, and neither 0.793 nor 0.795
    f = gate_values({"f": answer}, ("f",), 3 * half_life)["f"]
    left = np.cumprod(f)
    if left[-1] > 0.999:
        raise FaultError("never", half_life=half_life)
    after = left[half_life - 1]
    if abs(after - 0.5) > near:
        raise FaultError("too fast" if after < 0.5 else "too slow", left=after, half_life=half_life)
    for turn in (2, 3):
        if abs(left[turn * half_life - 1] - 0.5**turn) > near:
            raise FaultError("not again", left=left[turn * half_life - 1], steps=turn * half_life, wanted=0.5**turn)


# Rules


@trial("every step", "the gaps", "only now", "at most one", "size", "fades", "elsewhere")
def count(answer):
    """Each pulse adds 0.1 to the memory, which is held otherwise."""
    x = _pulses(8)
    states = simulate(answer, x)
    c, f = states.c, states.f
    pulses, steps = np.cumsum(x, axis=0), np.arange(1, 20 + 1)[:, None]
    if same(c, 0.1 * pulses):
        return
    known = {
        "every step": 0.1 * steps + 0 * x,
        "the gaps": 0.1 * (steps - pulses),
        "only now": 0.1 * x,
        "at most one": 0.1 * (pulses > 0),
    }
    for key, outcome in known.items():
        if same(c, outcome):
            raise FaultError(key)
    if np.ptp(c) > 1e-6 and same(c, pulses * c[-1, 0] / pulses[-1, 0]):
        raise FaultError("size", size=c[-1, 0] / pulses[-1, 0])
    before = np.concatenate([np.zeros((1, x.shape[1])), c[:-1]])
    for t, n in np.argwhere((x == 0) & (np.abs(c) < np.abs(before) - 1e-9) & (f < 1)):
        raise FaultError("fades", step=t + 1, before=before[t, n], after=c[t, n])
    t, n = np.argwhere(np.abs(c - 0.1 * pulses) > 1e-6)[0]
    raise FaultError("elsewhere", step=t + 1, c=c[t, n], wanted=0.1 * pulses[t, n])


@trial("never", "always", "at rest", "lost", "fades", "stays", "turns")
def toggle(answer):
    """Starting at 0.5, the memory changes its sign at each pulse, to any size above 0.1, and is held at rest."""
    x = _pulses(8)
    c = simulate(answer, x, c0=0.5, sees_h=True).c
    wanted = (-1.0) ** np.cumsum(x, axis=0)
    before = np.concatenate([np.full((1, x.shape[1]), 0.5), c[:-1]])
    flips = c * before < 0
    if (c > 0).all():
        raise FaultError("never")
    if flips.all():
        raise FaultError("always")
    if (flips == (x == 0)).all():
        raise FaultError("at rest")
    if (np.abs(c) < 0.1).any():
        t, n = np.argwhere(np.abs(c) < 0.1)[0]
        raise FaultError("lost", step=t + 1, c=c[t, n])
    if (c * wanted < 0).any():
        t, n = np.argwhere(c * wanted < 0)[0]
        raise FaultError("stays" if x[t, n] else "turns", step=t + 1)
    moves = (x == 0) & (np.abs(c - before) > 1e-6)
    if moves.any():
        t, n = np.argwhere(moves)[0]
        raise FaultError("fades", step=t + 1, before=before[t, n], after=c[t, n])
    least = np.abs(c).min()
    return f"The size was free. Yours shrinks, from 0.5 to {least:.2f}." if least < 0.5 - 1e-6 else ""


def _pulses(N):
    return 1.0 * (np.random.default_rng(7).uniform(size=(20, N)) < 0.3)


@trial("not written", "fillers", "faded", "alike", "silent")
def tell_the_first(answer):
    """What h is at the end tells which of four symbols came first, whatever fillers followed."""
    x, target, _ = remember_first(12, 30, rng=np.random.default_rng(1))
    states, first = simulate(answer, x, "figo"), target[-1]
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


@trial("never resets", "first dropped", "only now", "only first", "marks", "leaks", "not itself", "empty", "elsewhere")
def keep_total(answer):
    """The sum since the last customer began, at every step."""
    x, target, _ = running_total(20, 10, rng=np.random.default_rng(2), customer=0.2)
    prices, marks = x[..., 0], x[..., 1]
    known = {
        "never resets": np.cumsum(prices, axis=0),
        "first dropped": _totals(prices * (1 - marks), marks),
        "only now": prices,
        "only first": _totals(prices * marks, marks),
        "marks": np.cumsum(marks, axis=0),
    }
    _compare(simulate(answer, x), marks, target[..., 0], known)


def _totals(amounts, marks):
    """Running totals of the amounts that start again at each mark."""
    total, totals = np.zeros(marks.shape[1]), []
    for amount, mark in zip(amounts, marks, strict=True):
        total = total * (1 - mark) + amount
        totals.append(total)
    return np.array(totals)


@trial("all", "unmarked", "first", "not itself", "second", "last", "leaks", "empty", "elsewhere")
def add_marked(answer):
    """The sum of the two marked numbers, at the end."""
    x, target, _ = adding_problem(16, 30, rng=np.random.default_rng(3))
    values, marks = x[..., 0], x[..., 1]
    each = np.arange(marks.shape[1])
    first, second = marks.argmax(axis=0), len(marks) - 1 - marks[::-1].argmax(axis=0)
    known = {
        "all": values.sum(axis=0, keepdims=True),
        "unmarked": (values * (1 - marks)).sum(axis=0, keepdims=True),
        "second": values[second, each][None],
        "first": values[first, each][None],
        "last": values[-1:],
    }
    _compare(simulate(answer, x), marks, target[-1:, :, 0], known)


def _compare(states, marks, target, known):
    """Right if the last memories are the target itself; else which known outcome they follow, or what leaks."""
    c = states.c[-len(target) :]
    if same(c, target):
        return
    if np.ptp(states.c) < 1e-6:
        raise FaultError("empty")
    f = states.f[marks == 0].mean()
    share = explained(c, target)
    if share > FOLLOWS and f > 0.98:
        place = np.unravel_index(np.argmax(np.abs(c - target)), c.shape)
        raise FaultError("not itself", c=c[place], wanted=target[place])
    scores = {key: explained(c, outcome) for key, outcome in known.items()}
    best = max(scores, key=scores.get)
    if scores[best] > FOLLOWS:
        raise FaultError(best)
    if f <= 0.98:
        raise FaultError("leaks", f=f)
    raise FaultError("elsewhere", share=share)


# Weights


@trial("half", "not shut", "not open", "no candidate", "saturated", "elsewhere")
def adding_unit(unit):
    """A unit whose memory adds up the marked numbers; what its gates do says what is amiss."""
    if not isinstance(unit, LSTM):
        raise FaultError("rule", kind=type(unit).__name__)
    if not unit.W.any():
        raise FaultError("unanswered")
    x, target, _ = adding_problem(16, 30, rng=np.random.default_rng(3))
    states, marked = simulate(unit, x), x[..., 1] == 1
    share = explained(states.c[-1], target[-1, :, 0])
    if share > FOLLOWS:
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
    raise FaultError("elsewhere", share=share)
