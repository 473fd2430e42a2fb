"""One unit, run with a learner's gate values, rule or weights."""

from collections.abc import Mapping

import numpy as np

from lstm_helpers._arguments import brief
from lstm_helpers.checks._guard import told
from lstm_helpers.checks._numbers import short
from lstm_helpers.checks._reading import UnreadableError, numbers_in, unanswered
from lstm_helpers.layers import LSTM

NO_RULE = "Hand over a function that gives the gate values at one step; this is of type {kind}."


class FaultError(Exception):
    """A design that cannot be run: a key for what is wrong with its form, and the sentence for the learner."""

    def __init__(self, key, sentence=""):
        super().__init__(sentence)
        self.key = key


def gate_values(answer, names, steps=None, now=()):
    """The gate values of a design, each a float array of `steps` values, or a number if steps is None.

    Args:
        answer: a mapping with exactly these names. A single number stands for all steps.
        names: some of "f", "i", "g", "o".
        now: what a rule that gave them has seen.
    """
    listed = ", ".join(names)
    if not isinstance(answer, Mapping):
        kind = f"of type {type(answer).__name__}"
        raise FaultError("form", f"It must be a dictionary with {listed}, as in the exercise; this is {kind}.")
    for name in answer:
        if name not in names:
            told_name = name if isinstance(name, str) else brief(name, 60)
            raise FaultError("unknown", f"It has {told_name}, which is none of {listed}.")
    return {name: _values(name, answer, steps, now) for name in names}


def _values(name, answer, steps, now):
    if name not in answer:
        raise FaultError("missing", f"It lacks {name}.")
    if unanswered(answer[name]):
        raise FaultError("unanswered")
    try:
        array = numbers_in(answer[name])
    except UnreadableError:
        raise FaultError("numbers", f"{name} must hold numbers.") from None
    array = array.reshape(()) if array.size == 1 else array
    if array.ndim and (steps is None or array.shape != (steps,)):
        raise FaultError("length", f"{name} has {array.size} values; {steps or 1} are needed, one for each step.")
    low = -1 if name == "g" else 0
    outside = np.flatnonzero(~((array >= low) & (array <= 1)))
    if outside.size:
        at = f" at step {outside[0] + 1}" if array.ndim else f" for {', '.join(map(short, now))}" if now else ""
        value = float(array.flat[outside[0]])
        raise FaultError("range", f"{name} is {value:g}{at}. It must lie from {low} to 1.")
    return array if steps is None else np.broadcast_to(array, (steps,)).copy()


def simulate(answer, x, names="fig", *, c0=0.0, sees_h=False):
    """Run one unit on N sequences; returns a dictionary, `f i g o c h`, each (T, N).

    Args:
        answer: `rule(x_t)`, or `rule(x_t, h_prev)` with `sees_h`, giving a dictionary with these names; gates that
            are not named stand at 1. Or an `LSTM` with one unit.
        x: (T, N, D), or (T, N) for single numbers.
    """
    if isinstance(answer, LSTM):
        return _simulate_layer(answer, x)
    if not callable(answer):
        raise FaultError("rule", NO_RULE.format(kind=type(answer).__name__))
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
    return states


def _by_rule(rule, names, *now):
    """The gate values that a rule gives at one step, or a fault."""
    try:
        chosen = rule(*now)
    except Exception as error:
        raise FaultError("error", f"It stops with {told(error)}.") from None
    if unanswered(chosen):
        raise FaultError("unanswered")
    return {name: float(value) for name, value in gate_values(chosen, tuple(names), now=now).items()}


def _simulate_layer(layer, x):
    D = x.shape[2] if x.ndim == 3 else 1
    H, own = layer.hidden_size, layer.input_size
    if (H, own) != (1, D):
        raise FaultError("layer", f"One unit and {D} inputs are needed; this layer has {H} units and {own} inputs.")
    try:
        trace = layer.forward(x.reshape(*x.shape[:2], D))
    except ValueError as error:  # weights that are not finite
        raise FaultError("error", f"It stops with {told(error)}.") from None
    return {name: np.asarray(getattr(trace, name))[..., 0] for name in "figoch"}
