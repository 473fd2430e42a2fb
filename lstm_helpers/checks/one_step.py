"""Questions of notebook 06: the whole step."""

import numpy as np

from lstm_helpers.checks._function import Function
from lstm_helpers.checks._question import Value
from lstm_helpers.checks._sample import example, vectors, weighed
from lstm_helpers.equations import sigmoid, weights_for
from lstm_helpers.examples import EXAMPLES

_F = EXAMPLES["forget_gate"].stated
_GATES = {"f": _F, **example("input_gate", "i", "g"), **example("output_gate", "o")}
_C_PREV = EXAMPLES["forget_gate"].inputs["c_prev"]
_H_PREV, _X = EXAMPLES["output_gate"].stated, EXAMPLES["input_gate"].inputs["x"]
_WEIGHTS = {k: weights_for(v, _H_PREV, _X, activation=np.tanh if k == "g" else sigmoid) for k, v in _GATES.items()}


def _step_sample(rng):
    weights = {k: tuple(weighed(3, 6)(rng)[:2]) for k in "figo"}
    return {"weights": weights, "x": rng.normal(size=3), "h_prev": rng.normal(size=3), "c_prev": rng.normal(size=3)}


def _step(weights, x, h_prev, c_prev, *, swap=False, reads=None, old=False, first="figo", give="hc"):
    """One step, or one of the ways in which it goes wrong."""
    read = h_prev if reads is None else reads
    u = np.concatenate([x, read] if swap else [read, x])
    f, i, g, o = (
        (np.tanh if name == "g" else sigmoid)(weights[k][0] @ u + weights[k][1])
        for name, k in zip("figo", first, strict=True)
    )
    c = f * c_prev + i * g
    h = o * np.tanh(c_prev if old else c)
    return {"hc": (h, c), "ch": (c, h), "hh": (h, h)}[give]


def _after(steps):
    """The memories of the thread after so many steps with the same input."""
    h, c = _H_PREV, _C_PREV
    for _ in range(steps):
        h, c = _step(_WEIGHTS, _X, h, c)
    return c


def _rows_sample(rng):
    W, b, h_prev, x = weighed(8, 2, 3)(rng)
    return {"W": W, "b": b, "h_prev": h_prev, "x": x}


def _all_four(W, b, h_prev, x, curves="ssts", order=(0, 1, 2, 3), bias=1, swap=False):
    u = np.concatenate([x, h_prev] if swap else [h_prev, x])
    z = np.split(W @ u + bias * b, 4)
    through = {"s": sigmoid, "t": np.tanh, "z": np.asarray}
    return tuple(through[curves[k]](z[order[k]]) for k in range(4))


_STEP_HEAD = "def step(f, i, g, o, c_prev):\n"
_LINES = "    f, i, o = (gate(*weights[k], h_prev, x) for k in 'fio')\n    g = candidate(*weights['g'], h_prev, x)\n"
_BUGGY = (
    f"def broken_step(weights, x, h_prev, c_prev):\n{_LINES}    h = hidden_state(o, c_prev)\n"
    "    c = cell_state(f, c_prev, i, g)\n    return h, c"
).replace("'", '"')

QUESTIONS = (
    Function(
        name="one_step.cell",
        notebook="06",
        todo="Write both lines of the cell: from the gates and the old memory to h and c.",
        inputs={**_GATES, "c_prev": _C_PREV},
        sample=vectors(f="gate", i="gate", g="candidate", o="gate", c_prev="state"),
        variable="step",
        blank=_STEP_HEAD + "    return ...",
        solution=_STEP_HEAD + "    c = f * c_prev + i * g\n    h = o * np.tanh(c)\n    return h, c",
        parts=("h", "c"),
        right=lambda f, i, g, o, c_prev: (o * np.tanh(f * c_prev + i * g), f * c_prev + i * g),
        mistakes={
            "order": (
                "Both results are right, but c comes first. Give h, then c.",
                lambda f, i, g, o, c_prev: (f * c_prev + i * g, o * np.tanh(f * c_prev + i * g)),
            ),
            "h twice": (
                "h is right, but it stands in the place of c too. h is not c.",
                lambda f, i, g, o, c_prev: (o * np.tanh(f * c_prev + i * g),) * 2,
            ),
            "c twice": (
                "c is right, but it stands in the place of h too. h is not c.",
                lambda f, i, g, o, c_prev: (f * c_prev + i * g,) * 2,
            ),
            "h of the old": (
                "c is right. h comes from the old memory here; it should come from the new one.",
                lambda f, i, g, o, c_prev: (o * np.tanh(c_prev), f * c_prev + i * g),
            ),
            "no tanh": (
                "c is right. h is o * c here: the memory goes through tanh on its way out.",
                lambda f, i, g, o, c_prev: (o * (f * c_prev + i * g), f * c_prev + i * g),
            ),
            "tanh of all": (
                "c is right. h is tanh(o * c) here: tanh is for c alone.",
                lambda f, i, g, o, c_prev: (np.tanh(o * (f * c_prev + i * g)), f * c_prev + i * g),
            ),
            "tanh in c": (
                "tanh has got into c. The memory is not squeezed; only what is shown of it is.",
                lambda f, i, g, o, c_prev: (o * np.tanh(f * c_prev + i * g), np.tanh(f * c_prev + i * g)),
            ),
            "only new": (
                "Here c is i * g, only the new part. The kept part, f * c_prev, has to be added.",
                lambda f, i, g, o, c_prev: (o * np.tanh(i * g), i * g),
            ),
            "complement": (
                "Here 1 - f of the old memory is kept. f is the fraction that is kept.",
                lambda f, i, g, o, c_prev: (o * np.tanh((1 - f) * c_prev + i * g), (1 - f) * c_prev + i * g),
            ),
            "exchanged": (
                "Here c is (f + c_prev) * (i + g): product and sum are exchanged.",
                lambda f, i, g, o, c_prev: (o * np.tanh((f + c_prev) * (i + g)), (f + c_prev) * (i + g)),
            ),
        },
        hints=(
            "First c, for h needs it.",
            "c: what is kept and what is written, added. h: the gate's share of tanh of that.",
        ),
        because="c = f × c_prev + i × g keeps and writes; h = o × tanh(c) shows. These two lines are the LSTM.",
    ),
    Function(
        name="one_step.find_the_bug",
        notebook="06",
        todo="broken_step runs without an error, and its c is right. Its h is wrong. Find out why, and mend it.",
        inputs={"weights": _WEIGHTS, "x": _X, "h_prev": _H_PREV, "c_prev": _C_PREV},
        sample=_step_sample,
        variable="broken_step",
        blank=_BUGGY,
        shipped=lambda **u: _step(**u, old=True),
        solution=f"def broken_step(weights, x, h_prev, c_prev):\n{_LINES}    c = cell_state(f, c_prev, i, g)\n"
        "    h = hidden_state(o, c)\n    return h, c".replace("'", '"'),
        parts=("h", "c"),
        right=lambda **u: _step(**u),
        mistakes={
            "order": ("Both results are right, but c comes first. Give h, then c.", lambda **u: _step(**u, give="ch")),
            "h twice": ("h is right. In the place of c stands h again; h is not c.", lambda **u: _step(**u, give="hh")),
            "swapped": (
                "Now the gates read [x; h_prev]. The first columns of the weights belong to h_prev.",
                lambda **u: _step(**u, swap=True),
            ),
            "memory read": (
                "Now the gates read c_prev in place of h_prev. The standard gates see what was shown.",
                lambda **u: _step(**u, reads=u["c_prev"]),
            ),
            "gates exchanged": ("Now f and i have each other's weights.", lambda **u: _step(**u, first="ifgo")),
            "output and forget": ("Now f and o have each other's weights.", lambda **u: _step(**u, first="oigf")),
        },
        hints=(
            "Which lines have to come before h?",
            "h shows the new memory. Look at which memory goes into hidden_state.",
        ),
        because="h has to show the new memory, so c must be computed first. The bug shows what was there before.",
    ),
    Function(
        name="one_step.all_four",
        notebook="06",
        todo="Libraries stack the four matrices, here in the order f, i, g, o. Get all four from one product.",
        inputs=_rows_sample(np.random.default_rng(6)),
        sample=_rows_sample,
        variable="all_four",
        blank="def all_four(W, b, h_prev, x):\n    return ...",
        solution="def all_four(W, b, h_prev, x):\n    z = W @ np.concatenate([h_prev, x]) + b\n"
        "    z_f, z_i, z_g, z_o = np.split(z, 4)\n    return sigmoid(z_f), sigmoid(z_i), np.tanh(z_g), sigmoid(z_o)",
        given="from lstm_helpers import sigmoid\n\n",
        parts=("f", "i", "g", "o"),
        right=lambda **u: _all_four(**u),
        mistakes={
            "z": (
                "These are the four z. Each still has to go through its curve, to become a gate or the candidate.",
                lambda **u: _all_four(**u, curves="zzzz"),
            ),
            "all sigmoid": (
                "All four go through the sigmoid here. The candidate g is no gate: it goes through tanh.",
                lambda **u: _all_four(**u, curves="ssss"),
            ),
            "all tanh": (
                "All four go through tanh here. Gates are fractions: they need the sigmoid.",
                lambda **u: _all_four(**u, curves="tttt"),
            ),
            "g and o": (
                "tanh is taken of the last block. Here g comes third, and o last.",
                lambda **u: _all_four(**u, curves="ssst"),
            ),
            "order": (
                "These are the blocks in the order i, f, g, o, which PyTorch has. Here f comes first.",
                lambda **u: _all_four(**u, order=(1, 0, 2, 3)),
            ),
            "bias": ("The bias is missing.", lambda **u: _all_four(**u, bias=0)),
            "swapped": (
                "Here x stands above h_prev. The first columns belong to h_prev.",
                lambda **u: _all_four(**u, swap=True),
            ),
        },
        hints=(
            "One product gives all the z in one long vector. Cut it into four.",
            "np.split cuts a vector into equal pieces. Three of them are gates; which one is not?",
        ),
        because="One tall matrix times one vector gives every z. Cut in four, each piece goes through its own curve.",
    ),
    Value(
        name="one_step.rest",
        notebook="06",
        todo="The gates of the thread stay as they are at every step. Where does each memory come to rest?",
        inputs={k: _GATES[k] for k in "fig"},
        sample=vectors(f="gate", i="gate", g="candidate"),
        variable="rest",
        solution="rest = i * g / (1 - f)",
        right=lambda f, i, g: i * g / (1 - f),
        mistakes={
            "f": (
                "This is i * g / f. At rest, what is lost equals what is written: f is what is kept.",
                lambda f, i, g: i * g / f,
            ),
            "written": (
                "This is i * g, what one step writes. Part of it is still there at the next.",
                lambda f, i, g: i * g,
            ),
            "no gate": ("The input gate is missing: i * g is written, not g.", lambda f, i, g: g / (1 - f)),
            "product": (
                "This is i * g * (1 - f). Solve (1 - f) × c = i × g for c.",
                lambda f, i, g: i * g * (1 - f),
            ),
            "before": (
                "This is where it stands after forgetting, before the new is written.",
                lambda f, i, g: f * i * g / (1 - f),
            ),
            "one step": (
                "This is the memory after one step from the thread's c_prev. Where does it stop moving?",
                lambda f, i, g: f * np.resize(_C_PREV, len(f)) + i * g,
            ),
            "step 12": (
                "This is the memory of step 12, printed above. There the gates moved; here they are held.",
                lambda f, i, g: np.resize(_after(12), len(f)),
            ),
            "sum": ("This is (i + g) / (1 - f). What is written is the product.", lambda f, i, g: (i + g) / (1 - f)),
        },
        hints=(
            "At rest the new memory equals the old one. Put that into the equation for c.",
            "c = f × c + i × g. Bring both c to one side.",
        ),
        because="At rest c = f × c + i × g, so c × (1 - f) = i × g. Here: 0.5, -0.175 and 1.",
    ),
)
