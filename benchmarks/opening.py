"""`open_lstm` on a large network, beside one pass of that network: 2 layers of 256 units, 1,000 steps, float32.

Both in turns in one run; the ratio is what counts. Opening does that pass, works out the measures of all units, and
draws the first picture.
"""

from statistics import median
from time import perf_counter

import numpy as np

from lstm_helpers import LSTM, Stack
from lstm_helpers.explorers import open_lstm

ROUNDS = 7


def network(units=256, steps=1000, inputs=64):
    """A Stack of two layers, and a sequence for it."""
    rng = np.random.default_rng(0)
    stack = Stack.initialize(LSTM, inputs, units, depth=2, dtype=np.float32, rng=rng)
    return stack, rng.normal(size=(steps, inputs)).astype(np.float32)


def timed(rounds, *size):
    """Seconds of a pass and of an opening, in turns; the first of each is not counted."""
    stack, x = network(*size)
    times = {"forward": [], "open": []}
    for _ in range(rounds + 1):
        for name, call in (("forward", stack.forward), ("open", lambda x: open_lstm(stack, x))):
            start = perf_counter()
            call(x)
            times[name].append(perf_counter() - start)
    return {name: values[1:] for name, values in times.items()}


def main():
    """Print the figures; return them."""
    times = timed(ROUNDS)
    result = {f"{name}_ms": 1000 * median(values) for name, values in times.items()}
    result["open_over_forward"] = median(o / f for o, f in zip(times["open"], times["forward"], strict=True))
    print(f"open_lstm, 2 layers of 256 units, 1,000 steps, medians of {ROUNDS}")
    print("  ".join(f"{name}: {figure:.2f}" for name, figure in result.items()))
    return result
