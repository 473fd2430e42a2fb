"""Questions of notebook 04: how much of what is written."""

import numpy as np

from lstm_helpers.checks._design import Design, FaultError, dials
from lstm_helpers.checks._function import Function
from lstm_helpers.checks._question import Value
from lstm_helpers.checks._sample import example, vectors, weighed
from lstm_helpers.equations import sigmoid, weights_for

_X, _I, _G = example("input_gate", "x", "i", "g").values()
_W_G, _B_G = weights_for(_G, _X, activation=np.tanh)


def _candidate_sample(rng):
    W, b, x = weighed(3, 3)(rng)
    return {"W_g": W, "b_g": b, "x": x}


def _lower(answer):
    """The amount that is written, i * g, must be -0.3."""
    chosen = dials(answer, ("i", "g"))
    i, g = float(chosen["i"]), float(chosen["g"])
    if i * g == 0:
        raise FaultError("nothing")
    if i * g > 0:
        raise FaultError("raised", amount=i * g)
    if abs(i * g + 0.3) > 1e-6:
        raise FaultError("amount", amount=i * g)


def _g_for(rng, amount):
    i = float(rng.uniform(0.6, 1))
    return {"i": i, "g": amount / i}


QUESTIONS = (
    Value(
        name="input_gate.written",
        notebook="04",
        todo="The same candidates, but all input gates stand at 0.25. What is written?",
        inputs=example("input_gate", "i", "g"),
        sample=vectors(i="gate", g="candidate"),
        given="i_low = np.full(3, 0.25)",
        variable="written_low",
        solution="written_low = i_low * g",
        own="i=i_low, g=g",
        right=lambda i, g: i * g,
        mistakes={
            "sum": ("This is i + g. The gate scales the candidate: it multiplies.", lambda i, g: i + g),
            "complement": (
                "This is (1 - i) * g. i is the fraction of the candidate that is written.",
                lambda i, g: (1 - i) * g,
            ),
            "tanh again": (
                "This is i * tanh(g). g has been through tanh already.",
                lambda i, g: i * np.tanh(g),
            ),
            "sigmoid again": (
                "This is sigmoid(i) * g. i is a gate already; it has been through the sigmoid.",
                lambda i, g: sigmoid(i) * g,
            ),
            "size": (
                "The sizes are right, but the minus of a candidate is lost. A memory can be written down, too.",
                lambda i, g: np.abs(i * g),
            ),
            "dot product": ("This is one number. Each unit writes by itself.", lambda i, g: i @ g),
            "candidate": ("This is g itself, as if the gate stood at 1.", lambda i, g: g),
        },
        hints=(
            "The gate says which fraction of the candidate is written.",
            "Element by element: gate times candidate.",
        ),
        because="A quarter of each candidate: 0.075, -0.05 and 0.125. The sign is the candidate's.",
    ),
    Function(
        name="input_gate.my_candidate",
        notebook="04",
        todo="Write the candidate yourself, without the function candidate.",
        inputs={"W_g": _W_G, "b_g": _B_G, "x": _X},
        sample=_candidate_sample,
        variable="my_candidate",
        blank="def my_candidate(W, b, x):\n    return ...",
        solution="def my_candidate(W, b, x):\n    return np.tanh(W @ x + b)",
        right=lambda W_g, b_g, x: np.tanh(W_g @ x + b_g),
        mistakes={
            "sigmoid": (
                "This is a gate, from 0 to 1. A candidate can be negative: it goes through tanh.",
                lambda W_g, b_g, x: sigmoid(W_g @ x + b_g),
            ),
            "z": ("This is the pre-activation z. tanh is still missing.", lambda W_g, b_g, x: W_g @ x + b_g),
            "bias": ("The bias is missing in z.", lambda W_g, b_g, x: np.tanh(W_g @ x)),
            "bias outside": (
                "Here the bias is added after tanh. It belongs inside, to z.",
                lambda W_g, b_g, x: np.tanh(W_g @ x) + b_g,
            ),
            "transposed": (
                "Here W is transposed: columns and rows have changed places. Each unit has a row of W.",
                lambda W_g, b_g, x: np.tanh(W_g.T @ x + b_g),
            ),
            "on the input": (
                "Here tanh is applied to x. It comes last, on z.",
                lambda W_g, b_g, x: W_g @ np.tanh(x) + b_g,
            ),
        },
        hints=("It is a gate with another curve at its end.", "First z, weights times x with the bias; then np.tanh."),
        because="z = W x + b as for a gate; but tanh in place of the sigmoid, so that it can be negative.",
    ),
    Value(
        name="input_gate.needed",
        notebook="04",
        todo="f = 1, and the memory shall go from c_old to c_wanted. The candidate is g_now. Which input gate does it?",
        inputs={"c_prev": 0.8, "c": 0.9, "g": 0.4},
        sample=lambda rng: {
            "c_prev": float(rng.normal()),
            "c": float(rng.normal()),
            "g": float(rng.choice([-1, 1]) * rng.uniform(0.2, 0.7)),
        },
        given="c_old, c_wanted, g_now = 0.8, 0.9, 0.4",
        variable="i_needed",
        solution="i_needed = (c_wanted - c_old) / g_now",
        right=lambda c_prev, c, g: (c - c_prev) / g,
        mistakes={
            "whole": (
                "This is c / g: it would write all of c anew. Only the difference has to be written, for f = 1 keeps "
                "the old memory.",
                lambda c_prev, c, g: c / g,
            ),
            "difference": ("This is the amount to write, i × g. Which i gives that?", lambda c_prev, c, g: c - c_prev),
            "product": (
                "This is (c - c_prev) * g. Solve i × g = c - c_prev for i.",
                lambda c_prev, c, g: (c - c_prev) * g,
            ),
            "turned over": ("This fraction is upside down.", lambda c_prev, c, g: g / (c - c_prev)),
        },
        hints=("How much has to be added to the memory?", "i × g has to equal the difference of the two memories."),
        because="c = c_prev + i × g, so i = (c - c_prev) / g = 0.1 / 0.4 = 0.25.",
    ),
    Function(
        name="input_gate.find_the_bug",
        notebook="04",
        todo="amount should compute i × g from the two pre-activations. One thing is wrong in it. Mend it.",
        inputs={"z_i": np.array([0.0, 0.85, 1.39]), "z_g": np.array([0.31, -0.2, 0.55])},
        sample=vectors(z_i="state", z_g="state"),
        variable="amount",
        given="from lstm_helpers import sigmoid\n\n",
        blank="def amount(z_i, z_g):\n    i, g = np.tanh(z_i), sigmoid(z_g)\n    return i * g",
        shipped=lambda z_i, z_g: np.tanh(z_i) * sigmoid(z_g),
        solution="def amount(z_i, z_g):\n    i, g = sigmoid(z_i), np.tanh(z_g)\n    return i * g",
        right=lambda z_i, z_g: sigmoid(z_i) * np.tanh(z_g),
        mistakes={
            "both sigmoid": (
                "Now both go through the sigmoid. Then nothing negative can be written.",
                lambda z_i, z_g: sigmoid(z_i) * sigmoid(z_g),
            ),
            "both tanh": (
                "Now both go through tanh. A gate is a fraction and never negative.",
                lambda z_i, z_g: np.tanh(z_i) * np.tanh(z_g),
            ),
            "z": (
                "This multiplies the pre-activations. Both have to go through their curves first.",
                lambda z_i, z_g: z_i * z_g,
            ),
            "after": (
                "This is tanh(sigmoid(z_i) * z_g). tanh belongs to z_g alone, before the product.",
                lambda z_i, z_g: np.tanh(sigmoid(z_i) * z_g),
            ),
            "no tanh": ("The candidate has not been through tanh.", lambda z_i, z_g: sigmoid(z_i) * z_g),
            "sum": ("This is the sum. The gate scales the candidate.", lambda z_i, z_g: sigmoid(z_i) + np.tanh(z_g)),
        },
        hints=("Which of i and g may be negative?", "Look at which curve each of the two goes through."),
        because="The gate is a fraction, so it goes through the sigmoid; the candidate can be negative, so it goes "
        "through tanh. The bug has them exchanged.",
    ),
    Design(
        name="input_gate.lower",
        notebook="04",
        todo="Choose i and g so that the memory is lowered by 0.3. (There are many ways.)",
        variable="choice",
        blank='choice = {"i": ..., "g": ...}',
        solution='choice = {"i": 0.5, "g": -0.6}',
        trial=_lower,
        mistakes={
            "raised": (
                "This raises the memory by {amount:.2f}. The direction comes from the candidate.",
                lambda rng: _g_for(rng, 0.3),
            ),
            "amount": (
                "It goes in the right direction: {amount:.4g} is written. The amount is not right yet.",
                lambda rng: _g_for(rng, -float(rng.uniform(0.05, 0.25))),
            ),
            "nothing": (
                "Nothing is written: i × g is 0.",
                lambda rng: {"i": 0, "g": -float(rng.uniform(0.1, 1))},
            ),
        },
        hints=("A gate is never negative. Which of the two can be?", "The product of the two has to be negative 0.3."),
        because="i × g = 0.5 × (-0.6) = -0.3. The gate is a fraction; the sign has to come from the candidate.",
    ),
)
