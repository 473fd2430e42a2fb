"""Train the model of notebook 14 in PyTorch, and write its file beside the notebook.

It learns to predict the next character in lines of nested calls. `torch.save` writes its state dict to
`notebooks/14_calls.pt`. The same arrays go into the package, as `lstm_helpers/runs/calls.npz`, for readers without
PyTorch.

Usage: python tools/calls.py. It takes half a minute. The files differ in their last digits from one type of processor
to another: training amplifies differences in rounding.
"""

from pathlib import Path

import numpy as np
import torch

from lstm_helpers.runs.calls import FILE
from lstm_helpers.tasks import Vocabulary, nested_calls

ROOT = Path(__file__).resolve().parent.parent
UNITS, LAYERS = 8, 2
LINES = 4000  # to learn from
STEPS, BATCH, T = 1200, 32, 80
LEARNING_RATE = 0.01  # at the beginning; it falls to 0 along half a cosine
SEED = 1


class Net(torch.nn.Module):
    """An LSTM of two layers, and a readout for the next of K characters."""

    def __init__(self, K):
        super().__init__()
        self.lstm = torch.nn.LSTM(K, UNITS, num_layers=LAYERS)
        self.readout = torch.nn.Linear(UNITS, K)

    def forward(self, x):
        return self.readout(self.lstm(x)[0])


def train(seed):
    """A trained `Net`. The seed determines its initial weights and its data."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng(seed)
    text = "".join(nested_calls(LINES, rng=rng))
    vocabulary = Vocabulary(text)
    numbers, K = vocabulary.encode(text), len(vocabulary)
    starts = np.append(0, np.flatnonzero(numbers == vocabulary.encode("\n")[0]) + 1)  # of the lines
    starts = starts[starts < len(numbers) - T - 1]
    net = Net(K)
    optimizer = torch.optim.Adam(net.parameters(), lr=LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    for _ in range(STEPS):
        batch = torch.tensor(numbers[rng.choice(starts, size=BATCH) + np.arange(T + 1)[:, None]])
        y = net(torch.nn.functional.one_hot(batch[:-1], K).float())
        loss = torch.nn.functional.cross_entropy(y.flatten(0, 1), batch[1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    return net


def arrays_of(net):
    """The weights of a `Net` by their names, as NumPy arrays."""
    return {name: weight.numpy() for name, weight in net.state_dict().items()}


if __name__ == "__main__":
    trained = train(SEED)
    torch.save(trained.state_dict(), ROOT / "notebooks" / "14_calls.pt")
    np.savez(FILE, **arrays_of(trained))
