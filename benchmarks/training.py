"""A training step of the character model compared with PyTorch: H = 128, T = 50, N = 32, Adam, clipped gradients.

Both cut their batches from the same text, and take turns in one process with one thread. The ratio is the median over
the rounds of (our time / PyTorch's time in the same round); below 1 we are faster.
"""

import importlib.util
from statistics import median

import numpy as np

from benchmarks.layers import take_turns
from lstm_helpers.layers import LSTM
from lstm_helpers.tasks import crops
from lstm_helpers.training import Adam, Model, clip, cross_entropy

T, N, K, H = 50, 32, 40, 128
ROUNDS = 60


def main():
    """Print the figures."""
    numbers = np.random.default_rng(0).integers(K, size=100_000)
    steps = {"ours": ours(numbers)}
    if importlib.util.find_spec("torch") is not None:
        steps["PyTorch"] = pytorch(numbers)
    times = take_turns(steps, ROUNDS)
    print(f"Training step of the character model (T = {T}, N = {N}, K = {K}, H = {H}, float32), medians, one thread")
    print("  ".join(f"{name}: {1000 * median(seconds):.2f} ms" for name, seconds in times.items()))
    if "PyTorch" in times:
        ratio = median(a / b for a, b in zip(times["ours"], times["PyTorch"], strict=True))
        print(f"ours / PyTorch's: {ratio:.2f}")


def ours(numbers):
    rng, adam = np.random.default_rng(0), Adam(0.005)
    model = Model.initialize(LSTM.initialize(K, H, rng=rng, dtype=np.float32), K, rng=rng)

    def step():
        x, target, weight = crops(numbers, K, T, N, rng=rng)
        _, gradients = model.gradients(x, target, cross_entropy, weight)
        clip(gradients, 1.0)
        adam.step(model.weights, gradients)

    return step


def pytorch(numbers):
    import torch
    from torch.nn.functional import cross_entropy as loss_of
    from torch.nn.functional import one_hot

    torch.set_num_threads(1)
    lstm, readout, rng = torch.nn.LSTM(K, H), torch.nn.Linear(H, K), np.random.default_rng(0)
    weights = [*lstm.parameters(), *readout.parameters()]
    adam = torch.optim.Adam(weights, lr=0.005)

    def step():
        start = rng.integers(len(numbers) - T, size=N)
        pieces = torch.from_numpy(numbers[start + np.arange(T + 1)[:, None]])
        adam.zero_grad()
        y = readout(lstm(one_hot(pieces[:-1], K).float())[0])
        loss_of(y.reshape(-1, K), pieces[1:].reshape(-1)).backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        adam.step()

    return step
