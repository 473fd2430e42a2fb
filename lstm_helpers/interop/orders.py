"""The order in which each library keeps the gates: one table, and the way of a layer's weights through it.

Between our layers and theirs a layer is two matrices, one for x and one for h_prev, and one or two biases, each with H
rows (in Keras: columns) for each gate, one gate after the other.
"""

import importlib
import re

import numpy as np

from lstm_helpers._arguments import kind_of as described
from lstm_helpers._arguments import real_array, refuse
from lstm_helpers.layers import GRU, LSTM, RNN, Reversed, Stack

KINDS = {"RNN": RNN, "LSTM": LSTM, "GRU": GRU}
DIRECTIONS = {(False,): "forward", (True,): "reverse", (False, True): "bidirectional"}  # which sides are reversed

# In our letters. Sources: the docstrings of torch.nn.LSTM and GRU; keras.layers.LSTMCell and GRUCell, as they split
# their kernels; the ONNX operators LSTM, GRU and RNN. The number of gates tells the kind, so no two may have the same.
ORDERS = {
    "PyTorch": {"RNN": "h", "LSTM": "ifgo", "GRU": "rzn"},
    "Keras": {"RNN": "h", "LSTM": "ifgo", "GRU": "zrn"},
    "ONNX": {"RNN": "h", "LSTM": "iofg", "GRU": "zrn"},
}
PEEPHOLES = {"ONNX": "iof"}  # the others have none
LETTERS = {"PyTorch": {}, "Keras": {"g": "c", "n": "h"}, "ONNX": {"g": "c", "n": "h"}}  # where theirs are not ours

_NAMES = {"torch": "PyTorch", "keras": "Keras", "onnx": "ONNX"}


def library(module):
    """Import a module of a library, or say in one sentence what to install."""
    name = module.partition(".")[0]
    try:
        importlib.import_module(name)
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name == name:
            refuse(ModuleNotFoundError, f"{_NAMES[name]} is not installed here; it comes with: pip install {name}")
        backend = str(error.name).partition(".")[0]
        if name == "keras" and backend in ("tensorflow", "torch", "jax"):
            refuse(
                ModuleNotFoundError,
                f"Keras has nothing to compute with: {backend} is not installed here; install it, or set the "
                "environment variable KERAS_BACKEND to what is (torch, jax) before Keras is imported",
            )
        raise


def kind_of(layer):
    """`RNN`, `LSTM` or `GRU`, or a refusal."""
    for name, kind in KINDS.items():
        if isinstance(layer, kind):
            return name
    theirs = "; a layer from elsewhere comes to us with from_torch, from_keras or from_onnx"
    hint = theirs if ", " in described(layer) else ""
    return refuse(TypeError, f"layer must be an RNN, LSTM or GRU of lstm_helpers, got {described(layer)}{hint}")


def levels_of(layer, name):
    """The levels of a layer or a `Stack` from the bottom, or a refusal if the library of this name has no such level.

    Each level is a pair: its direction, `forward`, `reverse` or `bidirectional`; and its one or two layers, those of
    `Reversed` ones without their wrapping.
    """
    found = []
    for k, level in enumerate(layer.levels if isinstance(layer, Stack) else [[layer]]):
        cells = [side.layer if isinstance(side, Reversed) else side for side in level]
        for cell in cells:
            kind_of(cell)
        direction = DIRECTIONS.get(tuple(isinstance(side, Reversed) for side in level))
        if direction is None:
            wanted = "one layer, or one and beside it a Reversed one"
            refuse(ValueError, f"levels[{k}] must hold {wanted}: {name} has no other levels")
        if any((cell.hidden_size, cell.options) != (cells[0].hidden_size, cells[0].options) for cell in cells):
            refuse(ValueError, f"levels[{k}] must hold two layers of one size, with the same options: so does {name}")
        found.append((direction, cells))
    return found


def stacked(levels):
    """The layer or `Stack` that has these levels: the inverse of `levels_of`."""
    if [direction for direction, _ in levels] == ["forward"]:
        return levels[0][1][0]
    turned = {direction: sides for sides, direction in DIRECTIONS.items()}
    return Stack(
        [
            [Reversed(cell) if back else cell for back, cell in zip(turned[direction], cells, strict=True)]
            for direction, cells in levels
        ]
    )


def take_apart(layer, name):
    """A layer as the library of this name keeps it, or a refusal if that library has no such layer.

    Returns W_x (G H, D), W_h (G H, H), b_x and b_h (G H,), for its G gates in that library's order. Our biases are in
    b_x; b_h is 0, except for b_hn.
    """
    kind, H = kind_of(layer), layer.hidden_size
    _must_exist(layer, kind, name)
    real_array("W", layer.W)
    order = ORDERS[name][kind]
    W = np.concatenate([_part(layer, "W", gate) for gate in order])
    b_x = np.concatenate([_part(layer, "b", gate) for gate in order])
    zeros = np.zeros(H, layer.dtype)
    b_h = np.concatenate([layer.b_hn if gate == "n" and layer.reset_after else zeros for gate in order])
    return W[:, H:], W[:, :H], b_x, b_h


def peepholes(layer, name):
    """The peepholes of an LSTM, (3 H,), in that library's order."""
    return np.concatenate([_part(layer, "p", gate) for gate in PEEPHOLES[name]])


def put_together(name, kind, W_x, W_h, b_x, b_h=None, p=None, **options):
    """A new layer of ours from the arrays of the library of this name: the inverse of `take_apart`.

    The two biases are added, except those of a GRU's candidate that resets after the product. `options` are those of
    our layer; a coupled LSTM takes the weights of i, since f = 1 - i.
    """
    b_h = np.zeros_like(b_x) if b_h is None else b_h
    D, H = W_x.shape[1], W_h.shape[1]
    options |= {"peepholes": p is not None} if kind == "LSTM" else {}
    layer = KINDS[kind](D, H, dtype=W_h.dtype, **options)
    for gate, rows in _rows(ORDERS[name][kind], H):
        _write(layer, "W", gate, np.hstack([W_h[rows], W_x[rows]]))
        if gate == "n" and layer.reset_after:  # r stands between the two
            layer.b_n, layer.b_hn = b_x[rows], b_h[rows]
        else:  # a 0 is not added: -0.0 would lose its sign
            _write(layer, "b", gate, np.where(b_h[rows] == 0, b_x[rows], b_x[rows] + b_h[rows]))
    for gate, rows in [] if p is None else _rows(PEEPHOLES[name], H):
        _write(layer, "p", gate, p[rows])
    return layer


def _rows(order, H):
    return [(gate, slice(k * H, (k + 1) * H)) for k, gate in enumerate(order)]


def _part(layer, letter, gate):
    """A weight of a gate. With coupled gates i = 1 - sigmoid(z_f) = sigmoid(-z_f)."""
    if gate == "i" and layer.coupled:
        return -getattr(layer, f"{letter}_f")
    return getattr(layer, f"{letter}_{gate}")


def _write(layer, letter, gate, value):
    """Write a weight of a gate: the inverse of `_part`. A coupled layer computes f from the weights of i."""
    if not layer.options.get("coupled"):
        setattr(layer, f"{letter}_{gate}", value)
    elif gate != "f":
        setattr(layer, f"{letter}_{'f' if gate == 'i' else gate}", -value if gate == "i" else value)


def _must_exist(layer, kind, name):
    """Refuse a layer that the library does not have, and name a way around it where there is one."""
    if kind == "LSTM" and not layer.forget_gate:
        around = "one with W_f = 0 and b_f = 100 keeps everything, too"
        refuse(ValueError, f"layer must have a forget gate, as every LSTM of {name} has; {around}")
    if kind == "LSTM" and layer.peepholes and name not in PEEPHOLES:
        refuse(ValueError, f"layer must have no peepholes: an LSTM of {name} has none")
    if kind == "LSTM" and layer.coupled and name != "ONNX":
        around = "one with W_i = -W_f and b_i = -b_f computes the same, until it is trained"
        refuse(ValueError, f"layer must not have coupled gates: an LSTM of {name} has both; {around}")
    if kind == "GRU" and name == "PyTorch" and not layer.reset_after:
        refuse(ValueError, "layer must reset after the product: a GRU of PyTorch does not reset before it")


def must_be_plain(kind, plain, found):
    """Refuse a layer of theirs if a setting in `found` is not as in `plain`: it computes something ours do not."""
    for name, value in plain.items():
        if found.get(name, value) != value:
            wanted, got = f"{name}={value!r}", f"{name}={found[name]!r}"
            refuse(ValueError, f"source must be a plain {kind} with {wanted}, got {got}")


def given(name, value, **shape):
    """An array or tensor of theirs as a NumPy array in its own dtype, or a refusal; `shape` maps axes to lengths."""
    written = re.search(r"\w*(float|int)\w*", str(getattr(value, "dtype", "")))  # torch.qint8, <dtype: 'float16'>
    if written and written[0] not in ("float32", "float64"):
        refuse(TypeError, f"{name} must be float32 or float64, got {written[0]}")
    if hasattr(value, "detach"):
        try:
            value = value.detach().cpu().numpy()
        except Exception:  # of a device without numbers ("meta"), or a kind of tensor that is not PyTorch's own
            refuse(TypeError, f"{name} must be a tensor that NumPy can read, got {described(value)} on {value.device}")
    return real_array(name, value, shape=shape or None)


def of_one_dtype(arrays):
    """The arrays of a dictionary, or a refusal if their dtypes differ."""
    if len({array.dtype for array in arrays.values()}) > 1:
        listing = ", ".join(f"{name} {array.dtype}" for name, array in arrays.items())
        refuse(TypeError, f"source must be of one dtype, got {listing}")
    return arrays.values()


def kind_of_weights(library_name, names, W_x, W_h, axis):
    """The kind of layer that has these matrices, or a refusal. Their gates lie along `axis`; `names` are theirs."""
    if W_h.ndim != 2:
        refuse(ValueError, f"{names[1]} must be a matrix (two axes), got shape {W_h.shape}")
    GH, H, lines = W_h.shape[axis], W_h.shape[1 - axis], ("rows", "columns")[axis]
    kinds = [kind for kind, order in ORDERS[library_name].items() if len(order) * H == GH]
    if not kinds:
        wanted = f"H, 3 H or 4 H {lines} (RNN, GRU, LSTM) for H = {H}"
        refuse(ValueError, f"{names[1]} must have {wanted}, got shape {W_h.shape}")
    if W_x.ndim != 2 or W_x.shape[axis] != GH:
        wanted = (f"({GH}, D)", f"(D, {GH})")[axis]
        refuse(ValueError, f"{names[0]} must have shape {wanted}, got shape {W_x.shape}")
    return kinds[0]
