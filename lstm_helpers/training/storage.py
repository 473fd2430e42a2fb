"""Files of models: `save` and `load`, and below them `write` and `read`, which recorded trainings use, too."""

import io
import itertools
import json
import math
import os
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from lstm_helpers._arguments import file_name, instance, refuse, short_traceback
from lstm_helpers.layers import GRU, LSTM, RNN, MinGRU, Reversed, Stack
from lstm_helpers.training.model import Model, Readout

_KINDS = {"RNN": RNN, "LSTM": LSTM, "GRU": GRU, "MinGRU": MinGRU}


@short_traceback
def save(path, model):
    """Write a model to an `.npz` file: NumPy arrays and one line of text, no pickle.

    The file appears only when it is complete: `save` writes it in a temporary folder beside it and moves it.
    """
    instance("model", model, Model, "a Model")
    path = file_name("path", path)
    if not path.name.endswith(".npz"):
        refuse(ValueError, f"path must end in .npz, got {path.name}")
    if not path.parent.is_dir():
        refuse(FileNotFoundError, f"path must be in a folder that exists; there is no folder {path.parent}")
    arrays = {prefix + name: getattr(owner, name) for prefix, owner in _owners(model) for name in owner.parts}
    write(path, _about(model.layer), arrays)


@short_traceback
def load(path):
    """The model that `save` wrote. Whatever the file says, this takes at most a few times its size in memory.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is damaged, or was not written by `save`.
    """
    return read(file_name("path", path), "path", "file written by save", _model)


def write(path, about, arrays):
    """Write arrays, and `about`, their description for JSON. The file gets its name when it is complete."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:  # a file in it has the usual permissions
        np.savez(Path(folder, path.name), about=json.dumps(about), **arrays)
        os.replace(Path(folder, path.name), path)


def read(path, name, expected, make):
    """The result of `make(about, arrays)` for a file that `write` wrote, or a refusal of the argument `name`.

    `make` removes the arrays it uses from the dictionary, and raises any error if one is wrong. An array that is left
    over is an error, too.
    """
    if not path.exists():
        refuse(FileNotFoundError, f"{name} must be a {expected}; there is no file {path}")
    try:
        if not path.is_file():
            raise ValueError("a pipe or a device: reading from it may never end")
        arrays = _arrays(path)
        result = make(json.loads(str(arrays.pop("about"))), arrays)
        if arrays:
            raise KeyError(*arrays)
    except Exception:  # a damaged file can raise anything: BadZipFile, RecursionError, MemoryError, struct.error ...
        refuse(ValueError, f"{name} must be an intact {expected}; {path} is damaged or something else")
    return result


def _owners(model):
    """The layers and the readout of a model, each with a prefix for the names of its arrays: pairs."""
    *layers, readout = model.owners
    is_stack = isinstance(model.layer, Stack)
    return [*((_prefix(k) if is_stack else "", layer) for k, layer in enumerate(layers)), ("", readout)]


def _prefix(k):
    return f"layers.{k}."


def _about(layer):
    """The description of a layer without its weights, for JSON."""
    if isinstance(layer, Stack):
        return {"layer": "Stack", "levels": [[_about(side) for side in level] for level in layer.levels]}
    if isinstance(layer, Reversed):
        return {"layer": "Reversed", "of": _about(layer.layer)}
    sizes = {"input_size": layer.input_size, "hidden_size": layer.hidden_size}
    return {"layer": type(layer).__name__, **sizes, "dtype": layer.dtype.name, **layer.options}


def _model(about, arrays):
    layer = _stack(**about, arrays=arrays) if about["layer"] == "Stack" else _layer(about, arrays)
    model = Model(layer, Readout(layer.hidden_size, len(arrays["b_y"]), dtype=layer.dtype))
    for prefix, owner in _owners(model):
        for name in owner.parts:
            array = arrays.pop(prefix + name)
            if array.shape != getattr(owner, name).shape or array.dtype != owner.dtype:
                raise ValueError(name)
            setattr(owner, name, array)
    return model


def _stack(layer, levels, arrays):
    """A Stack without its weights."""
    numbers = itertools.count()

    def side(about):
        prefix = _prefix(next(numbers))
        own_arrays = {name: array for name, array in arrays.items() if name.startswith(prefix)}
        if about["layer"] != "Reversed":
            return _layer(about, own_arrays)
        if set(about) != {"layer", "of"}:
            raise KeyError(*about)
        return Reversed(_layer(about["of"], own_arrays))

    return Stack([[side(about) for about in level] for level in levels])


def _layer(about, arrays):
    """A layer without its weights. It is only made if one of the arrays has its size, which bounds the memory."""
    kind = _KINDS[about.pop("layer")]
    D, H = about.pop("input_size"), about.pop("hidden_size")
    if not any(array.shape == (H, D if kind is MinGRU else H + D) for array in arrays.values()):
        raise ValueError("no matrix of these sizes: the layer could be larger than any memory")
    layer = kind(D, H, **about)
    if about != layer.options | {"dtype": layer.dtype.name}:
        raise KeyError(*about)
    return layer


def _arrays(path):
    """The arrays in a file, by name. `write` compresses nothing; a compressed file is refused, as it may be a bomb."""
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if len({member.filename for member in members}) < len(members):
            raise ValueError("two arrays of one name")
        if any(member.compress_type != zipfile.ZIP_STORED for member in members):
            raise ValueError("compressed")
        if sum(member.file_size for member in members) > path.stat().st_size:
            raise ValueError("arrays that overlap")
        return {member.filename.removesuffix(".npy"): _array(archive.read(member)) for member in members}


def _array(data):
    """An array in NumPy's format. Its header must state the true size, because NumPy allocates as much as it states."""
    stream = io.BytesIO(data)
    version = np.lib.format.read_magic(stream)
    if version != (1, 0):
        raise ValueError("a header that write does not write")
    shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
    if math.prod(shape) * dtype.itemsize != len(data) - stream.tell():
        raise ValueError("not the size in the header")
    return np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
