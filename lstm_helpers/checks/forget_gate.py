"""Questions of notebook 03: what a forget gate does, and where its value comes from."""

import numpy as np

from lstm_helpers.checks._function import Function
from lstm_helpers.checks._question import Value
from lstm_helpers.checks._sample import example, vectors, weighed
from lstm_helpers.equations import logit, sigmoid, weights_for
from lstm_helpers.examples import EXAMPLES

_F = EXAMPLES["forget_gate"].stated
_W, _B = weights_for(_F, *EXAMPLES["forget_gate"].inputs.values())


def _weights_sample(rng):
    W, b, c_prev, x = weighed(3, 3, 3)(rng)
    return {"W_f": W, "b_f": b, "c_prev": c_prev, "x": x}


def _stacked(*inputs):
    return np.concatenate(inputs)


QUESTIONS = (
    Value(
        name="forget_gate.kept",
        notebook="03",
        todo="Another gate works on the same memory. Compute what is kept of it.",
        inputs={"f": _F, **example("forget_gate", "c_prev")},
        sample=vectors(f="gate", c_prev="state"),
        given="f_new = np.array([0.1, 1.0, 0.45])",
        variable="kept_new",
        solution="kept_new = f_new * c_prev",
        own="f=f_new, c_prev=c_prev",
        right=lambda f, c_prev: f * c_prev,
        mistakes={
            "complement": (
                "This is (1 - f) * c_prev, what is lost. The name misleads: f is the fraction that is kept.",
                lambda f, c_prev: (1 - f) * c_prev,
            ),
            "sum": (
                "This is f + c_prev, the sum. A gate scales the memory: it multiplies.",
                lambda f, c_prev: f + c_prev,
            ),
            "lost": (
                "This is c_prev - f. To keep a fraction of something, multiply by the fraction.",
                lambda f, c_prev: c_prev - f,
            ),
            "dot product": (
                "This is one number, the dot product. The gate works on each element by itself.",
                lambda f, c_prev: f @ c_prev,
            ),
            "squashed": (
                "This is sigmoid(f) * c_prev. f is a gate already; the sigmoid comes before it, not after.",
                lambda f, c_prev: sigmoid(f) * c_prev,
            ),
            "tanh": (
                "This is f * tanh(c_prev). The old memory is kept as it is; tanh is for what is shown.",
                lambda f, c_prev: f * np.tanh(c_prev),
            ),
            "divided": ("This is c_prev / f. A gate multiplies.", lambda f, c_prev: c_prev / f),
        },
        hints=(
            "A forget gate of 1 keeps everything. Which operation does that?",
            "Each element of the memory, times its own element of the gate.",
        ),
        because="A gate is the fraction that is kept, so it multiplies. Of unit 2, with a gate of 1, all is kept.",
    ),
    Value(
        name="forget_gate.stacked",
        notebook="03",
        todo="Write what the document's forget gate reads, [c_prev; x], as one vector.",
        inputs=example("forget_gate", "c_prev", "x"),
        sample=vectors(c_prev="state", x="state"),
        variable="u",
        solution="u = np.concatenate([c_prev, x])",
        right=lambda c_prev, x: _stacked(c_prev, x),
        mistakes={
            "added": (
                "This is c_prev + x. Stacking is not adding: three numbers and three numbers make six.",
                lambda c_prev, x: c_prev + x,
            ),
            "swapped": (
                "This is [x; c_prev]. The order counts: the first columns of W_f belong to c_prev.",
                lambda c_prev, x: _stacked(x, c_prev),
            ),
            "multiplied": (
                "This is c_prev * x. Nothing is computed when vectors are stacked.",
                lambda c_prev, x: c_prev * x,
            ),
            "rows": (
                "This is a table with two rows. One long vector is needed.",
                lambda c_prev, x: np.array([c_prev, x]),
            ),
            "columns": (
                "This is a table with two columns. One long vector is needed.",
                lambda c_prev, x: np.array([c_prev, x]).T,
            ),
            "turns": (
                "These are the right numbers, taken in turns. First all of c_prev, then all of x.",
                lambda c_prev, x: np.array([c_prev, x]).T.ravel(),
            ),
        },
        hints=(
            "How many numbers should come out?",
            "NumPy has a function that joins vectors end to end. It takes a list of them.",
        ),
        because="Stacking puts one vector after the other: six numbers, the memory first.",
    ),
    Value(
        name="forget_gate.pre_activation",
        notebook="03",
        todo="Compute z for all three units at once.",
        inputs={"W_f": _W, "b_f": _B, **example("forget_gate", "c_prev", "x")},
        sample=_weights_sample,
        given="u = np.concatenate([c_prev, x])",
        variable="z_f",
        solution="z_f = W_f @ u + b_f",
        right=lambda W_f, b_f, c_prev, x: W_f @ _stacked(c_prev, x) + b_f,
        mistakes={
            "bias": ("The bias b_f is still missing.", lambda W_f, b_f, c_prev, x: W_f @ _stacked(c_prev, x)),
            "bias subtracted": (
                "Here the bias is subtracted. It is added.",
                lambda W_f, b_f, c_prev, x: W_f @ _stacked(c_prev, x) - b_f,
            ),
            "gate": (
                "This is the gate already. z is what comes before the sigmoid, and can be any number.",
                lambda W_f, b_f, c_prev, x: sigmoid(W_f @ _stacked(c_prev, x) + b_f),
            ),
            "swapped": (
                "Here x stands above c_prev. The first columns of W_f belong to c_prev.",
                lambda W_f, b_f, c_prev, x: W_f @ _stacked(x, c_prev) + b_f,
            ),
            "added": (
                "Here c_prev and x are added, and share the first columns. Stack them: each has columns of its own.",
                lambda W_f, b_f, c_prev, x: W_f[:, : len(c_prev)] @ (c_prev + x) + b_f,
            ),
            "pointwise": (
                "Here the weights multiply, but nothing is added up: a row of terms for each unit. Which sign adds up?",
                lambda W_f, b_f, c_prev, x: W_f * _stacked(c_prev, x) + b_f[:, None],
            ),
        },
        hints=(
            "The line for unit 1 stands above. What becomes of W_f[0] and b_f[0] for all units?",
            "A matrix times the stacked vector gives a number for each row. Each row has its bias.",
        ),
        because="Each row of W_f is multiplied with u and added up: that is what @ does. Then comes the bias. "
        "0.85, -1.39 and 0.41 come out, the three marks on the curve.",
    ),
    Function(
        name="forget_gate.my_gate",
        notebook="03",
        todo="Write a gate yourself, without the function gate: stack, weigh, squash.",
        inputs={"W_f": _W, "b_f": _B, **example("forget_gate", "c_prev", "x")},
        sample=_weights_sample,
        variable="my_gate",
        blank="def my_gate(W, b, c_prev, x):\n    u = np.concatenate([c_prev, x])\n    return ...",
        solution="def my_gate(W, b, c_prev, x):\n    u = np.concatenate([c_prev, x])\n    z = W @ u + b\n"
        "    return 1 / (1 + np.exp(-z))",
        right=lambda W_f, b_f, c_prev, x: sigmoid(W_f @ _stacked(c_prev, x) + b_f),
        mistakes={
            "z": (
                "This is the pre-activation z. It can be any number; the sigmoid makes a gate of it.",
                lambda W_f, b_f, c_prev, x: W_f @ _stacked(c_prev, x) + b_f,
            ),
            "tanh": (
                "This is tanh(z), from -1 to 1. A gate is a fraction: it needs the sigmoid.",
                lambda W_f, b_f, c_prev, x: np.tanh(W_f @ _stacked(c_prev, x) + b_f),
            ),
            "bias": (
                "The bias is missing in z.",
                lambda W_f, b_f, c_prev, x: sigmoid(W_f @ _stacked(c_prev, x)),
            ),
            "bias outside": (
                "Here the bias is added after the sigmoid. It belongs inside, to z; outside, the gate leaves 0 to 1.",
                lambda W_f, b_f, c_prev, x: sigmoid(W_f @ _stacked(c_prev, x)) + b_f,
            ),
            "swapped": (
                "Here x stands above c_prev. The first columns of W belong to c_prev.",
                lambda W_f, b_f, c_prev, x: sigmoid(W_f @ _stacked(x, c_prev) + b_f),
            ),
            "minus": (
                "This is 1 / (1 + exp(z)), which is 1 minus the gate. In the sigmoid z has a minus.",
                lambda W_f, b_f, c_prev, x: sigmoid(-(W_f @ _stacked(c_prev, x) + b_f)),
            ),
            "no parentheses": (
                "This is 1 + exp(-z): Python divides before it adds. Write 1 / (1 + np.exp(-z)).",
                lambda W_f, b_f, c_prev, x: 1 + np.exp(-(W_f @ _stacked(c_prev, x) + b_f)),
            ),
            "minus on a part": (
                "Here the bias has the wrong sign. In exp(-z) the minus belongs to all of z: -(W @ u + b).",
                lambda W_f, b_f, c_prev, x: sigmoid(W_f @ _stacked(c_prev, x) - b_f),
            ),
            "twice": (
                "Here the sigmoid is taken twice: that is a number between 0.5 and 0.73.",
                lambda W_f, b_f, c_prev, x: sigmoid(sigmoid(W_f @ _stacked(c_prev, x) + b_f)),
            ),
            "added": (
                "Here c_prev and x are added, and share the first columns. Stack them: each has columns of its own.",
                lambda W_f, b_f, c_prev, x: sigmoid(W_f[:, : len(c_prev)] @ (c_prev + x) + b_f),
            ),
        },
        hints=(
            "The three steps of this notebook, one line each. Stacking is done.",
            "First z: weights times u, with the bias. Then the curve that leads from any number to one from 0 to 1.",
        ),
        because="Stack, weigh and add, squash: that is all of `gate`. The package's own also checks the shapes.",
    ),
    Value(
        name="forget_gate.bias_for",
        notebook="03",
        todo="All weights are 0. Which bias makes the gate exactly 0.9?",
        inputs={"target": 0.9},
        sample=lambda rng: {"target": float(rng.choice([rng.uniform(0.05, 0.4), rng.uniform(0.6, 0.95)]))},
        variable="bias",
        solution="bias = logit(0.9)",
        right=lambda target: logit(target),
        mistakes={
            "forward": (
                "This is sigmoid(target): the curve read from z to the gate. Read it the other way.",
                lambda target: sigmoid(target),
            ),
            "target": ("This is the gate itself. The bias is z, before the sigmoid.", lambda target: target),
            "complement": (
                "This bias gives 1 minus the gate: the sign is reversed.",
                lambda target: -logit(target),
            ),
            "log": ("This is ln(p). The inverse of the sigmoid is ln(p / (1 - p)).", lambda target: np.log(target)),
            "base": (
                "This is the logarithm to base 10. In logit it is the natural one, np.log.",
                lambda target: logit(target) / np.log(10),
            ),
            "odds": ("This is p / (1 - p). Its logarithm is still to be taken.", lambda target: target / (1 - target)),
        },
        hints=(
            "With all weights 0, z is the bias. Which z does the curve need for 0.9?",
            "A function that was imported above reads the curve backward.",
        ),
        because="With weights of 0, z = b for every input, so b has to be the z at which the sigmoid is 0.9: 2.197.",
    ),
)
