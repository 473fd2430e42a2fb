"""A model as a file, and back."""

import json
import os
import tempfile
import zipfile
import zlib
from pathlib import Path

import numpy as np

from lstm_helpers._arguments import one_frame, refuse
from lstm_helpers.layers import GRU, LSTM, RNN, MinGRU
from lstm_helpers.training.model import Model, Readout

_KINDS = {
    "RNN": (RNN, ()),
    "LSTM": (LSTM, ("peepholes", "coupled", "forget_gate")),
    "GRU": (GRU, ("reset_after",)),
    "MinGRU": (MinGRU, ("scan",)),
}


@one_frame
def save(path, model):
    """Write a model to an `.npz` file: NumPy arrays and one line of text, no pickle.

    The file is complete or it is not there: it is written beside its place first.
    """
    if not isinstance(model, Model):
        refuse(TypeError, f"model must be a Model, got a {type(model).__name__}")
    path, layer = Path(path), model.layer
    if path.suffix != ".npz":
        refuse(ValueError, f"path must end in .npz, got {path.name}")
    kind = type(layer).__name__
    about = {"layer": kind, "input_size": layer.input_size, "hidden_size": layer.hidden_size}
    about |= {"dtype": layer.dtype.name, **{name: getattr(layer, name) for name in _KINDS[kind][1]}}
    parts = {name: getattr(owner, name) for owner in (layer, model.readout) for name in owner.parts}
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".npz", delete=False) as file:
        np.savez(file, about=json.dumps(about), **parts)
    os.replace(file.name, path)


@one_frame
def load(path):
    """The model that `save` wrote.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is damaged, or holds something else.
    """
    try:
        with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        about = json.loads(str(arrays.pop("about")))
        kind, options = _KINDS[about.pop("layer")]
        sizes = about.pop("input_size"), about.pop("hidden_size")
        if set(about) != {"dtype", *options}:
            raise KeyError(*about)
        layer = kind(*sizes, **about)
        model = Model(layer, Readout(layer.hidden_size, len(arrays["b_y"]), dtype=layer.dtype))
        for owner in (model.layer, model.readout):
            for name in owner.parts:
                _fill(owner, name, arrays.pop(name))
        if arrays:
            raise KeyError(*arrays)
    except FileNotFoundError:
        raise
    except (OSError, EOFError, ValueError, TypeError, KeyError, AttributeError, zipfile.BadZipFile, zlib.error):
        refuse(ValueError, f"path must be a whole file that save wrote, and {path} is not: damaged, or something else")
    return model


def _fill(owner, name, array):
    if array.shape != getattr(owner, name).shape or array.dtype != owner.dtype:
        raise ValueError(name)
    setattr(owner, name, array)
