"""Running a learner's rule, or the weights of a one-unit LSTM, on fresh sequences."""

from types import SimpleNamespace

import numpy as np

from lstm_helpers.checks._design import FaultError, dials
from lstm_helpers.checks._guard import told
from lstm_helpers.checks._numbers import short
from lstm_helpers.checks._reading import unanswered
from lstm_helpers.layers import LSTM

ALIKE = 0.98  # how much of the one a straight line must explain by the other, for two outcomes to count as the same


def run(answer, x, names="fig", *, c0=0.0, sees_h=False):
    """What one unit does on N sequences: `f i g o c h`, each (T, N).

    Args:
        answer: `rule(x_t)`, or `rule(x_t, h_prev)` with `sees_h`, giving a dictionary with these names; dials that
            are not named stand at 1. Or an `LSTM` with one unit.
        x: (T, N, D), or (T, N) for single numbers.
    """
    if isinstance(answer, LSTM):
        return _run_layer(answer, x)
    if not callable(answer):
        raise FaultError("rule", kind=type(answer).__name__)
    T, N = x.shape[:2]
    states = {name: np.ones((T, N)) for name in "figoch"}
    for n in range(N):
        c, h = c0, float(np.tanh(c0))
        for t in range(T):
            now = float(x[t, n]) if x.ndim == 2 else x[t, n].copy()
            chosen = {"f": 1.0, "i": 1.0, "g": 1.0, "o": 1.0, **follow(answer, names, *([now, h] if sees_h else [now]))}
            c = chosen["f"] * c + chosen["i"] * chosen["g"]
            h = chosen["o"] * float(np.tanh(c))
            for name, value in {**chosen, "c": c, "h": h}.items():
                states[name][t, n] = value
    return SimpleNamespace(**states)


def _run_layer(layer, x):
    D = x.shape[2] if x.ndim == 3 else 1
    if (layer.hidden_size, layer.input_size) != (1, D):
        raise FaultError("layer", H=layer.hidden_size, D=layer.input_size, wanted=D)
    try:
        trace = layer.forward(x.reshape(*x.shape[:2], D))
    except ValueError as error:  # weights that are not finite
        raise FaultError("error", told=told(error)) from None
    return SimpleNamespace(**{name: np.asarray(getattr(trace, name))[..., 0] for name in "figoch"})


def follow(rule, names, *now):
    """The dials that a rule gives at one step, or a fault."""
    try:
        chosen = rule(*now)
    except Exception as error:
        raise FaultError("error", told=told(error)) from None
    if unanswered(chosen):
        raise FaultError("unanswered")
    try:
        return {name: float(value) for name, value in dials(chosen, tuple(names)).items()}
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
