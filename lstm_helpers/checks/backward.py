"""More questions of notebook 08: the loop back through time, and the highway."""

import numpy as np

from lstm_helpers.checks._function import Function
from lstm_helpers.checks._question import Value


def _rnn_sample(rng):
    return {
        "w": float(rng.uniform(0.5, 1.2)),
        "x": rng.normal(size=int(rng.integers(3, 7))),
        "dh_T": float(rng.uniform(0.5, 2)),
    }


def _rnn_back(w, x, dh_T, *, carry=True, join=True, slope="z", reads="before", weight=True):
    """dL/dw of h_t = tanh(w h_{t-1} + x_t), where the loss sees h_T only; or one of the ways to miss it."""
    h = [0.1]
    for x_t in x:
        h.append(np.tanh(w * h[-1] + x_t))
    dw, dh = 0.0, dh_T
    for t in range(len(x), 0, -1):
        at = {"z": h[t], "tanh": np.tanh(h[t]), "none": 0.0}[slope]
        dz = dh * (1 - at**2)
        term = dz * h[t - 1 if reads == "before" else t]
        dw = dw + term if join else term
        dh = (dz * w if weight else dz) if carry else 0.0
    return dw


_RNN_HEAD = """def dw_of(w, x, dh_T):
    h = [0.1]
    for x_t in x:
        h.append(np.tanh(w * h[-1] + x_t))
    dw, dh = 0.0, dh_T
    for t in range(len(x), 0, -1):
        dz = dh * (1 - h[t] ** 2)
"""

QUESTIONS = (
    Function(
        name="bptt.find_the_bug",
        notebook="08",
        todo="A one-unit RNN: dw_of should give dL/dw, the loss seeing h_T only. Its loop forgets something. Mend it.",
        inputs=_rnn_sample(np.random.default_rng(8)),
        sample=_rnn_sample,
        variable="dw_of",
        blank=_RNN_HEAD + "        dw += dz * h[t - 1]\n        dh = 0.0\n    return dw",
        shipped=lambda **u: _rnn_back(**u, carry=False),
        solution=_RNN_HEAD + "        dw += dz * h[t - 1]\n        dh = dz * w\n    return dw",
        right=lambda **u: _rnn_back(**u),
        mistakes={
            "no weight": (
                "Now the error is handed on, but without w: h[t - 1] came in through w.",
                lambda **u: _rnn_back(**u, weight=False),
            ),
            "overwritten": ("Now dw is overwritten at each step. It adds up.", lambda **u: _rnn_back(**u, join=False)),
            "no slope": ("Now the slope of tanh is gone.", lambda **u: _rnn_back(**u, slope="none")),
            "at tanh": (
                "Now the slope is taken at tanh(h). h is tanh(z) already: 1 - h².",
                lambda **u: _rnn_back(**u, slope="tanh"),
            ),
            "own h": (
                "Now w gets the h of its own step. It has multiplied the h before.",
                lambda **u: _rnn_back(**u, reads="own"),
            ),
        },
        hints=(
            "What is dh at the second turn of the loop?",
            "The error has to go on to h[t - 1]. By what did h[t - 1] come in?",
        ),
        because="dh has to be handed on to the step before: dz times w. Without it w learns from the last step alone.",
    ),
    Value(
        name="bptt.highway",
        notebook="08",
        todo="Along the highway alone: how much of an error at c_5 arrives at c_0, with these five forget gates?",
        inputs={"f": np.array([0.9, 0.95, 0.5, 0.99, 0.8])},
        sample=lambda rng: {"f": rng.uniform(0.3, 0.95, 5)},
        given="f_gates = np.array([0.9, 0.95, 0.5, 0.99, 0.8])",
        variable="arrives",
        solution="arrives = np.prod(f_gates)",
        right=lambda f: np.prod(f),
        mistakes={
            "sum": ("This is the sum. Each gate takes its share of what has come so far.", lambda f: f.sum()),
            "mean": ("This is the mean. The shares multiply.", lambda f: f.mean()),
            "complement": ("This multiplies 1 - f. f is what gets through.", lambda f: np.prod(1 - f)),
            "last": ("This is one gate. The error passes all of them.", lambda f: f[-1]),
            "one fewer": (
                "The first gate is missing: the step from c_1 to c_0 has one, too.",
                lambda f: np.prod(f[1:]),
            ),
            "one fewer, last": (
                "The last gate is missing: the error passes it first.",
                lambda f: np.prod(f[:-1]),
            ),
            "least": ("This is the smallest gate. The others take their shares, too.", lambda f: f.min()),
        },
        hints=("One step back multiplies by the forget gate of that step.", "Five steps, five factors."),
        because="0.9 × 0.95 × 0.5 × 0.99 × 0.8 = 0.339. One gate at 0.5 costs half.",
    ),
)
