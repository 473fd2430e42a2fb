"""Functions that formulas in question files may call, beside NumPy's and the equations.

What needs a loop, or a dictionary of weights, is no formula: it has its name here. The draws at the end make random
inputs, for which a learner's function is called.
"""

import numpy as np

from lstm_helpers.equations import sigmoid, weights_for
from lstm_helpers.examples import EXAMPLES


def example(name, symbol):
    """A vector of one of the document's examples: an input, one stated on the way, or its "stated" result."""
    worked = EXAMPLES[name]
    return worked.stated if symbol == "stated" else {**worked.inputs, **worked.on_the_way}[symbol]


def candidate_weights(g, *inputs):
    """W_g and b_g with which the candidate is g for these inputs."""
    return weights_for(g, *inputs, activation=np.tanh)


def chain_slope(w, h0, steps, *, slope="after", join="product", weight=True):
    """d h_T / d h_0 of h_t = tanh(w h_{t-1}), or what comes out if one thing in it is amiss."""
    h, factors = h0, []
    for _ in range(_few(steps)):
        before, h = h, np.tanh(w * h)
        at = {"after": h, "before": before, "twice": np.tanh(h), "none": 0.0}[slope]
        factors.append((w if weight else 1.0) * (1 - at**2))
    join = {"product": np.prod, "last": lambda f: f[-1], "sum": np.sum, "fewer": lambda f: np.prod(f[1:])}[join]
    return join(factors)


def rnn_gradient(w, x, dh_T, *, carry=True, join=True, slope="z", reads="before", weight=True):
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


def lstm_step(weights, x, h_prev, c_prev, *, swap=False, reads="h_prev", shows="new", order="figo", gives="hc"):
    """One step of an LSTM, (h, c); or one of the ways in which it goes wrong.

    Args:
        weights: "f", "i", "g", "o" -> (W, b).
        x, h_prev, c_prev: the input, and the state before the step.
        swap: whether the gates read [x; h_prev].
        reads: "h_prev", or "c_prev" where the gates read the memory.
        shows: "new", or "old" where h comes from the memory before the step.
        order: whose weights f, i, g, o take.
        gives: the order of the results.
    """
    read = h_prev if reads == "h_prev" else c_prev
    u = np.concatenate([x, read] if swap else [read, x])
    f, i, g, o = (
        (np.tanh if name == "g" else sigmoid)(weights[own][0] @ u + weights[own][1])
        for name, own in zip("figo", order, strict=True)
    )
    c = f * c_prev + i * g
    states = {"c": c, "h": o * np.tanh(c if shows == "new" else c_prev)}
    return tuple(states[name] for name in gives)


def thread_weights():
    """The weights of notebook 06: with them the document's h_prev and x give the gates that it states."""
    h_prev, x = example("output_gate", "stated"), example("input_gate", "x")
    return {
        "f": weights_for(example("forget_gate", "stated"), h_prev, x),
        "i": weights_for(example("input_gate", "i"), h_prev, x),
        "g": candidate_weights(example("input_gate", "g"), h_prev, x),
        "o": weights_for(example("output_gate", "o"), h_prev, x),
    }


def thread_memory(steps):
    """The memories of notebook 06 after so many steps with the same input."""
    h, c = example("output_gate", "stated"), example("forget_gate", "c_prev")
    for _ in range(_few(steps)):
        h, c = lstm_step(thread_weights(), example("input_gate", "x"), h, c)
    return c


NAMED = {
    function.__name__: function
    for function in (
        example,
        candidate_weights,
        chain_slope,
        rnn_gradient,
        lstm_step,
        thread_weights,
        thread_memory,
    )
}


def draws(rng):
    """The functions of random numbers, by name: of a shape, or a single number where none is given."""

    def uniform(low, high, *shape):
        return _plain(rng.uniform(low, high, _bounded(shape)))

    def whole(low, high, *shape):
        """From low to high - 1."""
        return _plain(rng.integers(low, high, _bounded(shape)))

    def normal(*shape):
        return _plain(rng.normal(size=_bounded(shape)))

    def gates(*shape):
        return uniform(0.05, 0.95, *shape)

    def candidates(*shape):
        return uniform(-0.95, 0.95, *shape)

    def one_of(*values):
        return _plain(rng.choice(values))

    def four_gates(H, columns):
        """Weights for `lstm_step`."""
        return {name: (normal(H, columns), normal(H)) for name in "figo"}

    return {function.__name__: function for function in (uniform, whole, normal, gates, candidates, one_of, four_gates)}


def _few(steps):
    if steps > 1000:
        raise ValueError("more than a thousand steps")
    return steps


def _bounded(shape):
    if np.prod(shape, dtype=float) > 10**6:
        raise ValueError("more than a million random numbers")
    return shape


def _plain(value):
    """The value, a number of Python's own where it is a single one."""
    return value.item() if np.ndim(value) == 0 and isinstance(value, (np.ndarray, np.generic)) else value
