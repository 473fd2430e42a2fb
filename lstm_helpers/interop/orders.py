"""The layouts of a recurrent layer in PyTorch, Keras and ONNX, and the conversion to ours and back.

A `torch.nn.LSTM(D, H)` becomes an `LSTM(D, H)` of ours in three steps:

    W_x, W_h = weight_ih_l0, weight_hh_l0          (4 H, D) and (4 H, H): the rows of i, then of f, g and o
    b_x, b_h = bias_ih_l0, bias_hh_l0              (4 H,), in the same order

    for k, gate in enumerate("ifgo"):
        rows = slice(k * H, (k + 1) * H)
        W_gate = hstack([W_h[rows], W_x[rows]])    (H, H + D): it acts on [h_prev; x]
        b_gate = b_x[rows] + b_h[rows]             (H,)

`from_arrays` does this for every library and kind of layer, with the order of the gates from `ORDERS`. `to_arrays` is
its inverse. Keras stores the transposes of W_x and W_h, kernel (D, 4 H) and recurrent_kernel (H, 4 H).

In a GRU that resets after the product, n = tanh(W_x x + b_x + r * (W_h h_prev + b_h)): its two biases cannot be added,
and ours are b_n and b_hn.
"""

import importlib
import re

import numpy as np

from lstm_helpers._arguments import kind_of, must_be, real_array, refuse
from lstm_helpers.layers import GRU, LSTM, RNN, Reversed, Stack

KINDS = {"RNN": RNN, "LSTM": LSTM, "GRU": GRU}

# In our letters. Sources: the docstrings of torch.nn.LSTM and GRU; keras.layers.LSTMCell and GRUCell, as they split
# their kernels; the ONNX operators LSTM, GRU and RNN. `kind_of_weights` tells the kind from the number of gates.
ORDERS = {
    "PyTorch": {"RNN": "h", "LSTM": "ifgo", "GRU": "rzn"},
    "Keras": {"RNN": "h", "LSTM": "ifgo", "GRU": "zrn"},
    "ONNX": {"RNN": "h", "LSTM": "iofg", "GRU": "zrn"},
}
PEEPHOLES = {"ONNX": "iof"}  # PyTorch and Keras have none
LETTERS = {"PyTorch": {}, "Keras": {"g": "c", "n": "h"}, "ONNX": {"g": "c", "n": "h"}}  # where they differ from ours

_DIRECTIONS = {(False,): "forward", (True,): "reverse", (False, True): "bidirectional"}  # by which sides are reversed
_LIBRARIES = {"torch": "PyTorch", "keras": "Keras", "onnx": "ONNX"}


# Arrays


def from_arrays(library, kind, W_x, W_h, b_x, b_h=None, p=None, **options):
    """A new layer of ours from the arrays of a library: see the top of this file.

    `p` (3 H,) holds the peepholes. `options` are those of our layer. A coupled LSTM, where f = 1 - i, gets -W_i as W_f,
    -b_i as b_f and so on.
    """
    b_h = np.zeros_like(b_x) if b_h is None else b_h
    D, H = W_x.shape[1], W_h.shape[1]
    if kind == "LSTM":
        options["peepholes"] = p is not None
    layer = KINDS[kind](D, H, dtype=W_h.dtype, **options)
    for gate, rows in _rows(ORDERS[library][kind], H):
        _write(layer, "W", gate, np.hstack([W_h[rows], W_x[rows]]))
        if gate == "n" and layer.reset_after:
            layer.b_n, layer.b_hn = b_x[rows], b_h[rows]
        else:  # adding a 0 would lose the sign of -0.0
            _write(layer, "b", gate, np.where(b_h[rows] == 0, b_x[rows], b_x[rows] + b_h[rows]))
    if p is not None:
        for gate, rows in _rows(PEEPHOLES[library], H):
            _write(layer, "p", gate, p[rows])
    return layer


def to_arrays(layer, library):
    """The arrays of a layer as a library keeps them, or a refusal if the library has no such layer.

    Returns W_x (G H, D), W_h (G H, H), b_x and b_h (G H,) for its G gates. Our biases are b_x; b_h is 0, except for
    b_hn.
    """
    kind, H = kind_name(layer), layer.hidden_size
    _check_supported(layer, kind, library)
    real_array("W", layer.W)
    order = ORDERS[library][kind]
    W = np.concatenate([_read(layer, "W", gate) for gate in order])
    b_x = np.concatenate([_read(layer, "b", gate) for gate in order])
    zeros = np.zeros(H, layer.dtype)
    b_h = np.concatenate([layer.b_hn if gate == "n" and layer.reset_after else zeros for gate in order])
    return W[:, H:], W[:, :H], b_x, b_h


def peepholes(layer, library):
    """The peepholes of an LSTM, (3 H,), in the order of the library."""
    return np.concatenate([_read(layer, "p", gate) for gate in PEEPHOLES[library]])


def _rows(order, H):
    return [(gate, slice(k * H, (k + 1) * H)) for k, gate in enumerate(order)]


def _read(layer, letter, gate):
    """The weights of a gate. With coupled gates i = 1 - sigmoid(z_f) = sigmoid(-z_f)."""
    if gate == "i" and layer.coupled:
        return -getattr(layer, f"{letter}_f")
    return getattr(layer, f"{letter}_{gate}")


def _write(layer, letter, gate, value):
    """Write the weights of a gate: the inverse of `_read`. A coupled layer gets its f from i."""
    if not layer.options.get("coupled"):
        setattr(layer, f"{letter}_{gate}", value)
    elif gate == "i":
        setattr(layer, f"{letter}_f", -value)
    elif gate != "f":
        setattr(layer, f"{letter}_{gate}", value)


def _check_supported(layer, kind, library):
    """Refuse a layer that the library does not have, and name a substitute if there is one."""
    if kind == "LSTM" and not layer.forget_gate:
        substitute = "one with W_f = 0 and b_f = 100 keeps everything, too"
        refuse(ValueError, f"layer must have a forget gate, as every LSTM of {library} has; {substitute}")
    if kind == "LSTM" and layer.peepholes and library not in PEEPHOLES:
        refuse(ValueError, f"layer must have no peepholes: an LSTM of {library} has none")
    if kind == "LSTM" and layer.coupled and library != "ONNX":
        substitute = "one with W_i = -W_f and b_i = -b_f computes the same, until it is trained"
        refuse(ValueError, f"layer must not have coupled gates: an LSTM of {library} has separate ones; {substitute}")
    if kind == "GRU" and library == "PyTorch" and not layer.reset_after:
        refuse(ValueError, "layer must reset after the product: a GRU of PyTorch does not reset before it")


# Layers and levels


def kind_name(layer):
    """`RNN`, `LSTM` or `GRU`, or a refusal."""
    for name, kind in KINDS.items():
        if isinstance(layer, kind):
            return name
    is_foreign = ", " in kind_of(layer)
    hint = "; from_torch, from_keras and from_onnx convert layers of other libraries" if is_foreign else ""
    return refuse(TypeError, f"layer must be an RNN, LSTM or GRU of lstm_helpers, got {kind_of(layer)}{hint}")


def levels_of(layer, library):
    """The levels of a layer or `Stack` from the bottom, or a refusal if the library has no such level.

    Each level is a pair of its direction (`forward`, `reverse` or `bidirectional`) and the list of its one or two
    layers, where the layer inside a `Reversed` stands for it.
    """
    levels = []
    for k, sides in enumerate(layer.levels if isinstance(layer, Stack) else [[layer]]):
        cells = [side.layer if isinstance(side, Reversed) else side for side in sides]
        for cell in cells:
            kind_name(cell)
        direction = _DIRECTIONS.get(tuple(isinstance(side, Reversed) for side in sides))
        if direction is None:
            expected = "one layer, or one and beside it a Reversed one"
            refuse(ValueError, f"levels[{k}] must hold {expected}: {library} has no other levels")
        if any((cell.hidden_size, cell.options) != (cells[0].hidden_size, cells[0].options) for cell in cells):
            why = f"{library} has no other pairs"
            refuse(ValueError, f"levels[{k}] must hold two layers of one size, with the same options: {why}")
        levels.append((direction, cells))
    return levels


def stack_of(levels, names=None, argument="source"):
    """The layer or `Stack` with these levels: the inverse of `levels_of`. Errors use `argument`, if it has `names`."""
    if [direction for direction, _ in levels] == ["forward"]:
        return levels[0][1][0]
    are_reversed = {direction: flags for flags, direction in _DIRECTIONS.items()}
    layers = [
        [Reversed(cell) if flag else cell for flag, cell in zip(are_reversed[direction], cells, strict=True)]
        for direction, cells in levels
    ]
    try:
        return Stack(layers)
    except ValueError as error:  # names in a list may be of layers that do not fit
        argument = argument if isinstance(names, (list, tuple)) else "source"
        return refuse(ValueError, f"{argument} must give levels that fit on one another, from the bottom: {error}")


# Sources


def selected(argument, value, paths, separator):
    """The indices of the paths that an argument selects: a name, or a list of names; None for the only path.

    A name is a path, or one or several whole parts of it.
    """
    names = list(value) if isinstance(value, (list, tuple)) else [value]
    are_names = names and all(isinstance(name, str) for name in names)
    must_be(argument, value, "the name of a layer, or a list of names", value is None or are_names)
    return [_selected_by_name(argument, name, list(paths), separator) for name in names]


def _selected_by_name(argument, name, paths, sep):
    part = name and name.strip(sep)
    matches = [k for k, path in enumerate(paths) if path == part]
    if not matches:
        matches = [k for k, path in enumerate(paths) if name is None or f"{sep}{part}{sep}" in f"{sep}{path}{sep}"]
    if len(matches) == 1:
        return matches[0]
    listing = listed(repr(path) if path else "'' (source itself)" for path in [paths[k] for k in matches] or paths)
    if name is None:
        refuse(ValueError, f"source must have one RNN, LSTM or GRU; it has {listing}; give {argument}")
    return refuse(ValueError, f"{argument} must fit exactly one of {listing}, got {name!r}")


def listed(names, most=8):
    """The names separated by commas; of a long list only the first."""
    names = list(names)
    return ", ".join(names[:most]) + (f", ... ({len(names)} in all)" if len(names) > most else "")


def as_arrays(values):
    """Arrays or tensors of one dtype as NumPy arrays, or a refusal. `values` and the result are dicts by name."""
    arrays = {name: _as_array(name, value) for name, value in values.items()}
    if len({array.dtype for array in arrays.values()}) > 1:
        listing = ", ".join(f"{name} {array.dtype}" for name, array in arrays.items())
        refuse(TypeError, f"source must be of one dtype, got {listing}")
    return arrays


def _as_array(name, value):
    dtype = getattr(value, "dtype", "")
    dtype = re.search(r"\w*(float|int)\w*", getattr(dtype, "name", str(dtype)))  # torch.qint8, float16 as ">f2"
    if dtype and dtype[0] not in ("float32", "float64"):
        refuse(TypeError, f"{name} must be float32 or float64, got {dtype[0]}")
    if hasattr(value, "detach"):
        try:
            value = value.detach().cpu().numpy()
        except Exception:  # on the device "meta", which stores no values, or in a subclass of Tensor
            refuse(TypeError, f"{name} must be a tensor that NumPy can read, got {kind_of(value)} on {value.device}")
    return real_array(name, value)


def kind_of_weights(library, names, W_x, W_h, axis):
    """The kind of layer that has these two matrices, or a refusal. Errors use `names`; `axis` is that of the gates."""
    if W_h.ndim != 2:
        refuse(ValueError, f"{names[1]} must be a matrix (two axes), got shape {W_h.shape}")
    GH, H, lines = W_h.shape[axis], W_h.shape[1 - axis], ("rows", "columns")[axis]
    kinds = [kind for kind, order in ORDERS[library].items() if len(order) * H == GH]
    if not kinds:
        expected = f"H, 3 H or 4 H {lines} (RNN, GRU, LSTM) for H = {H}"
        refuse(ValueError, f"{names[1]} must have {expected}, got shape {W_h.shape}")
    if W_x.ndim != 2 or W_x.shape[axis] != GH:
        expected = (f"({GH}, D)", f"(D, {GH})")[axis]
        refuse(ValueError, f"{names[0]} must have shape {expected}, got shape {W_x.shape}")
    return kinds[0]


def import_library(module):
    """Import a module of PyTorch, Keras or ONNX, or refuse with the command that installs the library."""
    package = module.partition(".")[0]
    try:
        importlib.import_module(package)
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name == package:
            sentence = f"{_LIBRARIES[package]} is not installed; install it with: pip install {package}"
            refuse(ModuleNotFoundError, sentence)
        missing = str(error.name).partition(".")[0]
        if package == "keras" and missing in ("tensorflow", "torch", "jax"):
            refuse(
                ModuleNotFoundError,
                f"Keras has no backend: {missing} is not installed; install it, or set the environment variable "
                "KERAS_BACKEND to one that is (torch, jax) before importing Keras",
            )
        raise
