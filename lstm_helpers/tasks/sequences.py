"""Sequences of numbers and symbols to learn from: adding, remembering, a stream without end, a light switch.

Each task draws N sequences of T steps from `rng`, a `numpy.random.Generator`, and returns a `Batch`. Whatever cannot be
a size, a probability or a generator raises `TypeError` or `ValueError`.
"""

from typing import NamedTuple

import numpy as np

from lstm_helpers._arguments import generator, probability, short_traceback, whole_number, whole_numbers


class Batch(NamedTuple):
    """Sequences to learn from.

    Attributes:
        x: (T, N, D), the inputs.
        target: the right outputs: numbers (T, N, K), or the index of the right class (T, N).
        weight: (T, N), how much each target counts. Where it is 0, ignore `target`.
    """

    x: np.ndarray
    target: np.ndarray
    weight: np.ndarray


@short_traceback
def adding_problem(T, N, *, rng):
    """The adding problem: two of T numbers are marked; what is their sum?

    x holds a number from 0 to 1 and a mark, 0 or 1 (D = 2). One mark is in the first half, one in the second. The
    target, at the last step, is the sum of the two marked numbers (K = 1). Always answering 1 costs a squared error of
    1/6 = 0.167. T is at least 2.

    Source: Hochreiter & Schmidhuber (1997), experiment 4; here with numbers from 0 to 1 and their plain sum, as in Le,
    Jaitly & Hinton (2015), "A Simple Way to Initialize Recurrent Networks of Rectified Linear Units".
    """
    T, N, rng = sizes(T, N, rng, shortest=2)
    values, marks = rng.uniform(size=(T, N)), np.zeros((T, N))
    each = np.arange(N)
    marks[rng.integers(0, T // 2, size=N), each] = 1
    marks[rng.integers(T // 2, T, size=N), each] = 1
    total = (values * marks).sum(axis=0)
    return Batch(np.stack([values, marks], axis=-1), *_at_the_end(total[:, None], T, N))


@short_traceback
def remember_first(T, N, *, rng, symbols=4, fillers=4):
    """Sequences that ask at the last step which symbol came first; T - 1 random fillers follow it.

    x is one-hot: D = symbols + fillers, the numbers of different ones, at least 2 and 1. The target, at the last step,
    is the first symbol's index. T is at least 2.

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

    x holds a price from 0 to 1 and a mark, 1 where a new customer begins, with probability `customer` (D = 2). The
    total starts again there, so a memory that cannot forget must go wrong. The network is not told where the stream
    will be cut. The target, at every step, is the total (K = 1).

    Source: after the continual tasks of Gers, Schmidhuber & Cummins (2000), "Learning to Forget: Continual Prediction
    with LSTM", where sequences follow one another and the network is not told where one ends.
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
    """A light switch: each press turns the light on or off; at every step, is it on?

    x is 1 if the switch is pressed, with probability `press`, else 0 (D = 1). The effect of a press depends on the
    light before it. The target, at every step, is 1 for on and 0 for off. It is off before step 1.

    Source: the parity problem, over time. Grazzi et al. (2024), "Unlocking State-Tracking in Linear RNNs Through
    Negative Eigenvalues", for what it asks of a recurrence.
    """
    T, N, rng = sizes(T, N, rng)
    press = probability("press", press)
    pressed = rng.uniform(size=(T, N)) < press
    return Batch(pressed[..., None].astype(float), pressed.cumsum(axis=0) % 2, np.ones((T, N)))


@short_traceback
def one_hot(indices, K):
    """Whole numbers from 0 to K - 1 as vectors with one 1: shape (...) becomes (..., K)."""
    K = whole_number("K", K, 1)
    return np.eye(K, dtype=np.float32)[whole_numbers("indices", indices, K)]


def sizes(T, N, rng, shortest=1):
    """The arguments common to all tasks, or a refusal."""
    return whole_number("T", T, shortest), whole_number("N", N, 1), generator(rng)


def _at_the_end(last, T, N):
    """The targets and their weights, when only the last step counts."""
    target, weight = np.zeros((T, *last.shape), last.dtype), np.zeros((T, N))
    target[-1], weight[-1] = last, 1
    return target, weight
