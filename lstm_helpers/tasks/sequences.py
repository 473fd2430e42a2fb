"""Sequences of numbers and symbols to learn from: adding, remembering, a stream without end, a light switch.

Each task draws N sequences of T steps from `rng`, a `numpy.random.Generator`, and returns a `Batch`. An argument that
makes no sense raises `TypeError` or `ValueError`.
"""

from typing import NamedTuple

import numpy as np

from lstm_helpers._arguments import generator, probability, short_traceback, whole_number, whole_numbers


class Batch(NamedTuple):
    """Sequences to learn from.

    Attributes:
        x: (T, N, D), the inputs.
        target: the right outputs: numbers (T, N, K), or the index of the right class (T, N).
        weight: (T, N), how much each target counts. Ignore targets with weight 0.
    """

    x: np.ndarray
    target: np.ndarray
    weight: np.ndarray


@short_traceback
def adding_problem(T, N, *, rng):
    """The adding problem: find the sum of the two marked numbers among T.

    x holds a number from 0 to 1 and a mark, 0 or 1 (D = 2). One mark is in the first half, one in the second. The
    target, at the last step, is the sum of the two marked numbers (K = 1). Always answering 1 costs a squared error of
    1/6 = 0.167. T is at least 2.

    Source: Hochreiter & Schmidhuber (1997), experiment 4; here with numbers from 0 to 1 and their plain sum, as in Le,
    Jaitly & Hinton (2015), "A Simple Way to Initialize Recurrent Networks of Rectified Linear Units".
    """
    T, N, rng = sizes(T, N, rng, shortest=2)
    values, marks = rng.uniform(size=(T, N)), np.zeros((T, N))
    each = np.arange(N)  # sequence
    marks[rng.integers(0, T // 2, size=N), each] = 1
    marks[rng.integers(T // 2, T, size=N), each] = 1
    total = (values * marks).sum(axis=0)
    return Batch(np.stack([values, marks], axis=-1), *_at_the_end(total[:, None], T, N))


@short_traceback
def remember_first(T, N, *, rng, symbols=4, fillers=4):
    """A long lag: name, at the last step, the symbol at the first; T - 1 random fillers follow it.

    x is one-hot, for at least 2 different symbols and 1 filler: D = symbols + fillers. The target, at the last step, is
    the index of the symbol. T is at least 2.

    Source: the simplest of the long time lag tasks of Hochreiter & Schmidhuber (1997), experiment 2.
    """
    T, N, rng = sizes(T, N, rng, shortest=2)
    symbols, fillers = whole_number("symbols", symbols, 2), whole_number("fillers", fillers, 1)
    first = rng.integers(symbols, size=N)
    sequence = symbols + rng.integers(fillers, size=(T, N))
    sequence[0] = first
    return Batch(one_hot(sequence, symbols + fillers), *_at_the_end(first, T, N))


@short_traceback
def running_total(T, N, *, rng, customer=0.1):
    """A cash register that never closes: at every step, the total of the current customer.

    x holds a price from 0 to 1 and a mark, 1 at the first price of a new customer, with probability `customer` (D = 2).
    The total starts over at each mark, so a memory that cannot forget fails. Nothing marks the end of the stream. The
    target, at every step, is the total (K = 1).

    Source: after the continual tasks of Gers, Schmidhuber & Cummins (2000), "Learning to Forget: Continual Prediction
    with LSTM", where sequences follow one another with no sign where one ends.
    """
    T, N, rng = sizes(T, N, rng)
    customer = probability("customer", customer)
    prices, begins = rng.uniform(size=(T, N)), rng.uniform(size=(T, N)) < customer
    total, sums = np.zeros(N), np.empty((T, N, 1))
    for t in range(T):
        total = np.where(begins[t], 0, total) + prices[t]
        sums[t, :, 0] = total
    return Batch(np.stack([prices, begins], axis=-1), sums, np.ones((T, N)))


@short_traceback
def light_switch(T, N, *, rng, press=0.3):
    """A light switch: each press turns the light on or off.

    x is 1 if the switch is pressed, with probability `press`, else 0 (D = 1). The target, at every step, is 1 if the
    light is on and 0 if it is off. It is off before step 1.

    Source: the parity problem, over time. Grazzi et al. (2024), "Unlocking State-Tracking in Linear RNNs Through
    Negative Eigenvalues", shows which recurrences can solve it.
    """
    T, N, rng = sizes(T, N, rng)
    press = probability("press", press)
    pressed = rng.uniform(size=(T, N)) < press
    return Batch(pressed[..., None].astype(float), pressed.cumsum(axis=0) % 2, np.ones((T, N)))


@short_traceback
def one_hot(indices, K):
    """Whole numbers from 0 to K - 1 as vectors with one 1, in float32: shape (...) becomes (..., K)."""
    K = whole_number("K", K, 1)
    return np.eye(K, dtype=np.float32)[whole_numbers("indices", indices, K)]


def sizes(T, N, rng, shortest=1):
    """T, N and rng, or a refusal."""
    return whole_number("T", T, shortest), whole_number("N", N, 1), generator(rng)


def _at_the_end(last, T, N):
    """The targets and weights of a task in which only the last step counts."""
    target, weight = np.zeros((T, *last.shape), last.dtype), np.zeros((T, N))
    target[-1], weight[-1] = last, 1
    return target, weight
