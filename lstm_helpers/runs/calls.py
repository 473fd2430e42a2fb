"""The model of notebook 14: two layers of an LSTM that read lines of nested calls, trained in PyTorch."""

import io
from pathlib import Path

import numpy as np

from lstm_helpers.jupyter.cells import NotIntactError

FILE = Path(__file__).with_suffix(".npz")
TOLD = f"Left out: lstm_helpers/runs/{FILE.name} is missing or not intact. Install lstm_helpers again."
_H, _K = 8, 13  # units of a layer, characters


def calls_state():
    """The state dict of notebook 14's model, name -> array: what is in 14_calls.pt, without PyTorch.

    Its recipe is tools/calls.py.

    Raises:
        NotIntactError: the file is missing, damaged or another one. A page that leaves cells out says so and goes on.
    """
    try:
        with np.load(io.BytesIO(FILE.read_bytes()), allow_pickle=False) as arrays:
            state = dict(arrays)
        intact = _shapes(state) == _expected() and all(np.isfinite(array).all() for array in state.values())
    except Exception:  # a damaged file can raise anything
        intact = False
    if not intact:
        raise NotIntactError(TOLD)
    return state


def _shapes(state):
    return {name: (array.dtype, array.shape) for name, array in state.items()}


def _expected():
    """The arrays of two layers, each with two biases as in PyTorch, and of a readout: name -> dtype and shape."""
    shapes = {"readout.weight": (_K, _H), "readout.bias": (_K,)}
    for k, read in enumerate((_K, _H)):
        shapes |= {f"lstm.weight_ih_l{k}": (4 * _H, read), f"lstm.weight_hh_l{k}": (4 * _H, _H)}
        shapes |= dict.fromkeys((f"lstm.bias_ih_l{k}", f"lstm.bias_hh_l{k}"), (4 * _H,))
    return {name: (np.dtype(np.float32), shape) for name, shape in shapes.items()}
