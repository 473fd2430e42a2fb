"""Read a layer from any source: our own, or a model, layer or list of weights of PyTorch, Keras or ONNX."""

import re
from collections.abc import Mapping

from lstm_helpers._arguments import kind_of, refuse
from lstm_helpers.interop._keras import from_keras
from lstm_helpers.interop._onnx import OnnxNode, from_onnx
from lstm_helpers.interop._torch import from_torch
from lstm_helpers.layers import GRU, LSTM, RNN, MinGRU, Reversed, Stack


def read_layer(source, name=None):
    """Return the layer or `Stack` in a source; `name` chooses among several layers of another library's model."""
    if isinstance(source, (LSTM, GRU, RNN, MinGRU, Reversed, Stack)):
        if name is not None:
            refuse(ValueError, f"name must be left out for {kind_of(source)}, which is opened as a whole, got {name!r}")
        return source
    read, option = _reader(source)
    try:
        return read(source) if name is None else read(source, **{option: name})
    except (TypeError, ValueError) as error:
        if not getattr(error, "is_refusal", False):
            raise
        # The reader's message names its own argument; the caller knows it as `name`.
        return refuse(type(error), re.sub(rf"^{option}(?= must)|(?<=; give ){option}$", "name", str(error)))


def _reader(source):
    """The function that reads a source, and its argument for the name of a layer."""
    readers = {"keras": (from_keras, "name"), "onnx": (from_onnx, "node"), "torch": (from_torch, "prefix")}
    if isinstance(source, Mapping):
        return readers["torch"]
    if isinstance(source, OnnxNode):
        return readers["onnx"]
    if isinstance(source, (list, tuple)):
        return readers["keras"]
    packages = {kind.__module__.partition(".")[0] for kind in type(source).__mro__}
    if packages & {"tensorflow", "tf_keras"}:
        packages.add("keras")
    for library, reader in readers.items():  # Keras first: with its PyTorch backend, its layers are PyTorch's too
        if library in packages:
            return reader
    wanted = "a layer, a Stack or a Model, or input for from_torch, from_keras or from_onnx"
    return refuse(TypeError, f"source must be {wanted}, got {kind_of(source)}")
