"""The model of notebook 14: an LSTM of two layers that reads lines of nested calls, trained in PyTorch."""

import io
from pathlib import Path

import numpy as np

from lstm_helpers.jupyter.cells import NotIntactError

FILE = Path(__file__).with_suffix(".npz")
MESSAGE = f"Left out: lstm_helpers/runs/{FILE.name} is missing or not intact. Install lstm_helpers again."
_H, _K = 8, 13  # units of a layer, characters


def calls_state():
    """The state dict of notebook 14's model as NumPy arrays by name: the contents of 14_calls.pt, without PyTorch.

    tools/calls.py trains it.

    Raises:
        NotIntactError: the file is missing, damaged or a different one. `lstm_helpers.jupyter.cells` then skips the
            cells that need the model.
    """
    try:
        with np.load(io.BytesIO(FILE.read_bytes()), allow_pickle=False) as arrays:
            state = dict(arrays)
        intact = _shapes(state) == _expected() and all(np.isfinite(array).all() for array in state.values())
    except Exception:  # a damaged file can raise anything
        intact = False
    if not intact:
        raise NotIntactError(MESSAGE)
    return state


def _shapes(state):
    return {name: (array.dtype, array.shape) for name, array in state.items()}


def _expected():
    """The dtype and shape of each array, by name: two layers, each with two biases as in PyTorch, and a readout."""
    shapes = {"readout.weight": (_K, _H), "readout.bias": (_K,)}
    for k, input_size in enumerate((_K, _H)):
        shapes |= {f"lstm.weight_ih_l{k}": (4 * _H, input_size), f"lstm.weight_hh_l{k}": (4 * _H, _H)}
        shapes |= dict.fromkeys((f"lstm.bias_ih_l{k}", f"lstm.bias_hh_l{k}"), (4 * _H,))
    return {name: (np.dtype(np.float32), shape) for name, shape in shapes.items()}
