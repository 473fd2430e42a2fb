"""Functions that the formulas of question files may call, besides NumPy's and the equations.

They do what a formula cannot: loops, and dictionaries of weights. The draws at the end make random inputs.
"""

import numpy as np

from lstm_helpers.checks._formula import NUMPY
from lstm_helpers.equations import candidate, cell_state, gate, hidden_state, logit, sigmoid, weights_for
from lstm_helpers.examples import EXAMPLES


def example(name, symbol):
    """A vector of one of the document's examples: an input, an intermediate value, or the "stated" result."""
    worked = EXAMPLES[name]
    return worked.stated if symbol == "stated" else {**worked.inputs, **worked.on_the_way}[symbol]


def rnn_states(w, x, h0):
    """The states of an RNN with one unit, h_t = tanh(w h_{t-1} + x_t), beginning with h0: (T + 1,)."""
    h = [h0]
    for x_t in x:
        h.append(np.tanh(w * h[-1] + x_t))
    return np.array(h)


def left_at_the_end(factors):
    """The fraction of each step's input that is left at the end, if every later step multiplies by its factor."""
    return np.append(np.cumprod(factors[:0:-1])[::-1], 1.0)


def gates_and_candidate(weights, *inputs):
    """f, i, g, o of an LSTM. The weights map "f", "i", "g", "o" to (W, b)."""
    return tuple((candidate if name == "g" else gate)(*weights[name], *inputs) for name in "figo")


def memory_after(weights, sequence, h, c):
    """The memory of an LSTM after a sequence of inputs, (T, D)."""
    for x in sequence:
        f, i, g, o = gates_and_candidate(weights, h, x)
        c = cell_state(f, c, i, g)
        h = hidden_state(o, c)
    return c


def thread_weights():
    """The weights of notebook 06, for which the document's h_prev and x give the gates it states."""
    h_prev, x = example("output_gate", "stated"), example("input_gate", "x")
    return {
        "f": weights_for(example("forget_gate", "stated"), h_prev, x),
        "i": weights_for(example("input_gate", "i"), h_prev, x),
        "g": weights_for(example("input_gate", "g"), h_prev, x, activation=np.tanh),
        "o": weights_for(example("output_gate", "o"), h_prev, x),
    }


def explained(c, target):
    """The share of `target` that the best straight line in c explains, from 0 to 1."""
    c, target = np.ravel(c), np.ravel(target)
    if np.ptp(c) < 1e-6 or np.ptp(target) < 1e-6:
        return 0.0
    return float(np.corrcoef(c, target)[0, 1] ** 2)


def same(a, b):
    """True if two arrays hold the same numbers."""
    return bool(np.allclose(a, b, rtol=0, atol=1e-6))


def by_name(*functions):
    """The functions in a dictionary, by name."""
    return {function.__name__: function for function in functions}


# The functions that a formula may call.
FUNCTIONS = (
    NUMPY
    | by_name(candidate, cell_state, gate, hidden_state, logit, sigmoid, weights_for)
    | by_name(example, gates_and_candidate, memory_after, thread_weights)
    | by_name(rnn_states, left_at_the_end, explained, same)
)


def draws(rng):
    """Functions that draw random arrays of a shape, by name; without a shape they draw a single number."""

    def uniform(low, high, *shape):
        return _plain(rng.uniform(low, high, _bounded(shape)))

    def whole(low, high, *shape):
        """Draw from low to high - 1."""
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
        """Weights for `gates_and_candidate`."""
        return {name: (normal(H, columns), normal(H)) for name in "figo"}

    return by_name(uniform, whole, normal, gates, candidates, one_of, four_gates)


# The functions that a formula of random inputs may call.
DRAWS = FUNCTIONS | draws(np.random.default_rng(0))


def _bounded(shape):
    if np.prod(shape, dtype=float) > 10**6:
        raise ValueError("more than a million random numbers")
    return shape


def _plain(value):
    """The value; a single number as Python's own type."""
    return value.item() if np.ndim(value) == 0 and isinstance(value, (np.ndarray, np.generic)) else value
