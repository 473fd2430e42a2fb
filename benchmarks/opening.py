"""`open_lstm` on a large network: 2 layers of 256 units, 1,000 steps, float32.

Beside it, in turns in one run, what it cannot do without: one pass of that network, and a panel, the Cell explorer.
Opening does that pass, works out the measures of all units, and draws the first picture.
"""

from statistics import median
from time import perf_counter

import numpy as np

from lstm_helpers import LSTM, Stack
from lstm_helpers.explorers import CellExplorer, open_lstm

ROUNDS = 7


def network(units=256, steps=1000, inputs=64):
    """A Stack of two layers, and a sequence for it."""
    rng = np.random.default_rng(0)
    stack = Stack.initialize(LSTM, inputs, units, depth=2, dtype=np.float32, rng=rng)
    return stack, rng.normal(size=(steps, inputs)).astype(np.float32)


def timed(rounds, clock=perf_counter):
    """Seconds of a pass, of a panel and of an opening, in turns; the first of each is not counted."""
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
    """Print the figures; return them."""
    times = timed(ROUNDS)
    result = {f"{name}_ms": 1000 * median(values) for name, values in times.items()}
    result["ratio"] = median(o / (f + p) for f, p, o in zip(*times.values(), strict=True))
    print(f"open_lstm, 2 layers of 256 units, 1,000 steps, medians of {ROUNDS}")
    print("  ".join(f"{name}: {figure:.2f}" for name, figure in result.items()))
    return result
