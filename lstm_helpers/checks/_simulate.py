"""One unit, run with a learner's gate values, rule or weights."""

from collections.abc import Mapping
from types import SimpleNamespace

import numpy as np

from lstm_helpers._arguments import brief
from lstm_helpers.checks._guard import told
from lstm_helpers.checks._numbers import short
from lstm_helpers.checks._reading import UnreadableError, numbers_in, unanswered
from lstm_helpers.layers import LSTM


class FaultError(Exception):
    """What is wrong with a design: the key of its sentence, and the numbers that stand in it."""

    def __init__(self, key, **details):
        super().__init__(key)
        self.key, self.details = key, details


def gate_values(answer, names, steps=None):
    """The gate values of a design, each a float array of `steps` values, or a number if steps is None.

    Args:
        answer: a mapping with exactly these names. A single number stands for all steps.
        names: some of "f", "i", "g", "o".
    """
    listed = ", ".join(names)
    if not isinstance(answer, Mapping):
        raise FaultError("form", names=listed, kind=f"of type {type(answer).__name__}")
    for name in answer:
        if name not in names:
            raise FaultError("unknown", name=name if isinstance(name, str) else brief(name, 60), names=listed)
    chosen = {}
    for name in names:
        if name not in answer:
            raise FaultError("missing", name=name)
        if unanswered(answer[name]):
            raise FaultError("unanswered")
        chosen[name] = _values(name, answer[name], steps)
    return chosen


def _values(name, value, steps):
    try:
        array = numbers_in(value)
    except UnreadableError:
        raise FaultError("numbers", name=name) from None
    array = array.reshape(()) if array.size == 1 else array
    if array.ndim and (steps is None or array.shape != (steps,)):
        raise FaultError("length", name=name, came=array.size, steps=steps or 1)
    low = -1 if name == "g" else 0
    outside = np.flatnonzero(~((array >= low) & (array <= 1)))
    if outside.size:
        at = f" at step {outside[0] + 1}" if array.ndim else ""
        raise FaultError("range", name=name, value=float(array.flat[outside[0]]), at=at, low=low)
    return array if steps is None else np.broadcast_to(array, (steps,)).copy()


def memories(f, i, g, c=0.0):
    """The cell states of a schedule: c = f * c_prev + i * g, step by step, without the state before step 1."""
    states = []
    for f_t, i_t, g_t in zip(f, i, g, strict=True):
        c = f_t * c + i_t * g_t
        states.append(c)
    return np.array(states)


def simulate(answer, x, names="fig", *, c0=0.0, sees_h=False):
    """Run one unit on N sequences; returns `f i g o c h`, each (T, N).

    Args:
        answer: `rule(x_t)`, or `rule(x_t, h_prev)` with `sees_h`, giving a dictionary with these names; gates that
            are not named stand at 1. Or an `LSTM` with one unit.
        x: (T, N, D), or (T, N) for single numbers.
    """
    if isinstance(answer, LSTM):
        return _simulate_layer(answer, x)
    if not callable(answer):
        raise FaultError("rule", kind=type(answer).__name__)
    T, N = x.shape[:2]
    states = {name: np.ones((T, N)) for name in "figoch"}
    for n in range(N):
        c, h = c0, float(np.tanh(c0))
        for t in range(T):
            now = float(x[t, n]) if x.ndim == 2 else x[t, n].copy()
            chosen = {"f": 1.0, "i": 1.0, "g": 1.0, "o": 1.0} | _by_rule(answer, names, now, *([h] if sees_h else []))
            c = chosen["f"] * c + chosen["i"] * chosen["g"]
            h = chosen["o"] * float(np.tanh(c))
            for name, value in {**chosen, "c": c, "h": h}.items():
                states[name][t, n] = value
    return SimpleNamespace(**states)


def _simulate_layer(layer, x):
    D = x.shape[2] if x.ndim == 3 else 1
    if (layer.hidden_size, layer.input_size) != (1, D):
        raise FaultError("layer", H=layer.hidden_size, D=layer.input_size, wanted=D)
    try:
        trace = layer.forward(x.reshape(*x.shape[:2], D))
    except ValueError as error:  # weights that are not finite
        raise FaultError("error", told=told(error)) from None
    return SimpleNamespace(**{name: np.asarray(getattr(trace, name))[..., 0] for name in "figoch"})


def _by_rule(rule, names, *now):
    """The gate values that a rule gives at one step, or a fault."""
    try:
        chosen = rule(*now)
    except Exception as error:
        raise FaultError("error", told=told(error)) from None
    if unanswered(chosen):
        raise FaultError("unanswered")
    try:
        return {name: float(value) for name, value in gate_values(chosen, tuple(names)).items()}
    except FaultError as fault:
        if fault.key == "range":
            fault.details["at"] = f" for {', '.join(map(short, now))}"
        raise


def explained(c, target):
    """How much of `target` the best straight line in c explains: 1 for all of it, 0 for nothing."""
    c, target = np.ravel(c), np.ravel(target)
    if np.ptp(c) < 1e-6 or np.ptp(target) < 1e-6:
        return 0.0
    return float(np.corrcoef(c, target)[0, 1] ** 2)


def same(c, target):
    """Whether two outcomes are the same numbers."""
    return bool(np.allclose(c, target, rtol=0, atol=1e-6))
