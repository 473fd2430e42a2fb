"""The layers and options that every test of the layers runs over, with random weights."""

import numpy as np

from lstm_helpers import GRU, LSTM, RNN, MinGRU
from lstm_helpers.layers import Reversed, Stack

LAYERS = {
    "RNN": (RNN, {}),
    "GRU": (GRU, {}),
    "GRU, reset before": (GRU, {"reset_after": False}),
    "LSTM": (LSTM, {}),
    "LSTM, peepholes": (LSTM, {"peepholes": True}),
    "LSTM, coupled": (LSTM, {"coupled": True}),
    "LSTM, coupled, peepholes": (LSTM, {"coupled": True, "peepholes": True}),
    "LSTM, no forget gate": (LSTM, {"forget_gate": False}),
    "LSTM, no forget gate, peepholes": (LSTM, {"forget_gate": False, "peepholes": True}),
    "MinGRU": (MinGRU, {}),
    "MinGRU, step by step": (MinGRU, {"scan": False}),
}


def random_layer(kind, D, H, rng, dtype=np.float64, **options):
    """A layer with every weight random, including biases and peepholes."""
    layer = kind(D, H, dtype=dtype, **options)
    for name in layer.parts:
        part = getattr(layer, name)
        part[...] = rng.normal(size=part.shape) / (np.sqrt(D + H) if part.ndim == 2 else 2)
    return layer


def random_level(kind, D, H, both_ways, rng, *dtype, **options):
    """Make one level of a Stack: a layer, or with `both_ways` a list of it and one that reads backward."""
    layer = random_layer(kind, D, H, rng, *dtype, **options)
    return [layer, Reversed(random_layer(kind, D, H, rng, *dtype, **options))] if both_ways else layer


def random_stack(kind, D, H, depth, both_ways, rng, *dtype, **options):
    """A Stack of layers of one kind, every weight random."""
    sees = [D] + [H * (1 + both_ways)] * (depth - 1)
    return Stack([random_level(kind, d, H, both_ways, rng, *dtype, **options) for d in sees])


def states(layer):
    return ["h0", "c0"] if isinstance(layer, LSTM) else ["h0"]
