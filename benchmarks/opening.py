"""Time of `open_lstm` on a large network: 2 layers of 256 units, 1,000 steps, float32.

It runs the network once, computes the measures of all units, and draws the first picture. It is compared, in turns,
with one forward pass of that network plus one small panel, the Cell explorer.
"""

from statistics import median
from time import perf_counter

import numpy as np

from lstm_helpers import LSTM, Stack
from lstm_helpers.explorers import CellExplorer, open_lstm

ROUNDS = 7


def network(units=256, steps=1000, inputs=64):
    """A Stack of two layers and an input sequence."""
    rng = np.random.default_rng(0)
    stack = Stack.initialize(LSTM, inputs, units, depth=2, dtype=np.float32, rng=rng)
    return stack, rng.normal(size=(steps, inputs)).astype(np.float32)


def timed(rounds, clock=perf_counter):
    """Seconds of a pass, a panel and an opening, in turns, without the first round."""
    stack, x = network()
    calls = {"pass": lambda: stack.forward(x), "panel": CellExplorer, "opening": lambda: open_lstm(stack, x)}
    times = {name: [] for name in calls}
    for _ in range(rounds + 1):
        for name, call in calls.items():
            start = clock()
            call()
            times[name].append(clock() - start)
    return {name: values[1:] for name, values in times.items()}


def main():
    """Print the figures."""
    times = timed(ROUNDS)
    ratio = median(o / (f + p) for f, p, o in zip(*times.values(), strict=True))
    print(f"open_lstm, 2 layers of 256 units, 1,000 steps, medians of {ROUNDS}")
    print(
        "  ".join(f"{name}: {1000 * median(values):.2f} ms" for name, values in times.items()), f" ratio: {ratio:.2f}"
    )
