"""The model of notebook 14: two layers of an LSTM that read lines of nested calls, trained in PyTorch."""

from pathlib import Path

import numpy as np

FILE = Path(__file__).with_suffix(".npz")


def calls_state():
    """The state dict of notebook 14's model, name -> array: what is in 14_calls.pt, without PyTorch.

    Its recipe is tools/calls.py.
    """
    with np.load(FILE, allow_pickle=False) as arrays:
        return dict(arrays)
