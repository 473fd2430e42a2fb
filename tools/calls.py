"""Train the model of notebook 14 in PyTorch, and write its file beside the notebook, and the same arrays into the package.

Usage: python tools/calls.py; it takes some minutes of one core.
"""

import numpy as np
import torch

from lstm_helpers.tasks import Vocabulary, nested_calls

UNITS, LAYERS = 16, 2
STEPS, BATCH, T = 3000, 32, 80
LEARNING_RATE, WEIGHT_DECAY = 0.01, 0.1


class Net(torch.nn.Module):
    """Two layers of an LSTM, and a linear readout: which character comes next?"""

    def __init__(self, characters, units=UNITS, layers=LAYERS):
        super().__init__()
        self.lstm = torch.nn.LSTM(characters, units, num_layers=layers)
        self.readout = torch.nn.Linear(units, characters)

    def forward(self, x):
        return self.readout(self.lstm(x)[0])


def batch(numbers, starts, rng):
    """BATCH pieces of the text, each from the beginning of a line: (T + 1, BATCH) numbers."""
    begin = rng.choice(starts[starts < len(numbers) - T - 1], size=BATCH)
    return torch.tensor(numbers[begin + np.arange(T + 1)[:, None]])


def train(seed, steps=STEPS, lr=LEARNING_RATE, wd=WEIGHT_DECAY, units=UNITS, l1=0.0, dropout=0.0, report=None):
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng(seed)
    lines = nested_calls(4000, rng=rng)
    text = "".join(lines)
    vocabulary = Vocabulary(text)
    K, numbers = len(vocabulary), vocabulary.encode(text)
    starts = np.flatnonzero(np.append(True, numbers[:-1] == vocabulary.encode("\n")[0]))
    net = Net(K, units)
    optimizer = torch.optim.AdamW(net.parameters(), lr=lr, weight_decay=wd)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for step in range(steps):
        read = batch(numbers, starts, rng)
        y = net(torch.nn.functional.one_hot(read[:-1], K).float())
        loss = torch.nn.functional.cross_entropy(y.reshape(-1, K), read[1:].reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if report and step % report == 0:
            print(step, round(loss.item(), 4), flush=True)
    return net, loss.item()
