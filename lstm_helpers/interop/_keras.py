"""Weights to and from Keras 3: its layers, models and lists of weights. `orders` converts the arrays themselves.

In Keras a layer is a loop around a cell, LSTM(4) is RNN(LSTMCell(4)), and the cell holds the weights. Its x is
(N, T, D), ours (T, N, D).
"""

import sys
import warnings
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lstm_helpers._arguments import brief, kind_of, refuse, short_traceback, switch
from lstm_helpers.interop import _older, orders
from lstm_helpers.layers import Stack

NAMES = "kernel", "recurrent_kernel", "bias"
CLASSES = {"RNN": "SimpleRNN", "LSTM": "LSTM", "GRU": "GRU"}
ACTIVATIONS = {"activation": "tanh", "recurrent_activation": "sigmoid"}
RECURRENT = "RNN", "Bidirectional", "StackedRNNCells", "SimpleRNNCell", "LSTMCell", "GRUCell"  # RNN: LSTM and GRU, too
DROPOUT = "Dropout", "SpatialDropout1D", "GaussianDropout", "AlphaDropout", "GaussianNoise"
UNCHANGED = *DROPOUT, "ActivityRegularization", "Identity"  # layers that return their input at inference


@short_traceback
def keras_weights(layer):
    """The weights of a layer or a `Stack` as Keras's `set_weights` takes them: a list of NumPy arrays.

    For each layer, from the bottom and forward before `Reversed`, the list holds `kernel` (D, G H), `recurrent_kernel`
    (H, G H) and `bias`, for G gates: i f c o of an LSTM, z r h of a GRU, where c and h are our g and n. The bias is
    (G H,). For a GRU that resets after the product it is (2, 3 H): our biases in the first row, b_hn and zeros in the
    second.

    The weights fit the layer that `to_keras` makes; those of a level that is only `Reversed` fit a layer with
    go_backwards=True.

    Raises:
        TypeError: `layer` is not an RNN, LSTM or GRU, nor a Stack of them.
        ValueError: Keras has no such layer (with peepholes, with coupled gates, or without a forget gate) or no such
            level (anything but one layer, or one and beside it a Reversed one).
    """
    cells = [cell for _, level in orders.levels_of(layer, "Keras") for cell in level]
    return [array for cell in cells for array in _arrays_of(cell)]


def _arrays_of(layer):
    W_x, W_h, b_x, b_h = orders.to_arrays(layer, "Keras")
    has_two_biases = layer.options.get("reset_after", False)
    return [W_x.T.copy(), W_h.T.copy(), np.stack([b_x, b_h]) if has_two_biases else b_x]


@short_traceback
def to_keras(layer, *, return_sequences=True, return_state=False):
    """A `keras.layers.SimpleRNN`, `LSTM` or `GRU` with the weights of a layer, in its dtype; of a `Stack` a model.

    It takes x (N, T, D) and returns h at all steps, (N, T, H), or with `return_sequences=False` only at the last one.
    A Stack becomes a `keras.Sequential` of such layers, `Bidirectional` where a level has two directions. A level that
    is only `Reversed` is refused, because Keras returns its h in the order it ran. It raises what `keras_weights`
    raises.

    Precision: as of Keras 3.15, except on TensorFlow, Keras's own matrix product is in float32 whatever the dtype. It
    is used in every layer on JAX; on PyTorch in a SimpleRNN, in a GRU that resets before the product, and with a mask.

    Masks: behind `keras.layers.Masking`, a layer of Keras repeats its last h after the end of a sequence, where ours
    gives 0. Up to there both are the same.
    """
    weights, levels = keras_weights(layer), orders.levels_of(layer, "Keras")
    return_sequences, return_state = switch("return_sequences", return_sequences), switch("return_state", return_state)
    is_stack = isinstance(layer, Stack)
    if is_stack and return_state:
        refuse(ValueError, "return_state must be False for a Stack: a Sequential of Keras has one output")
    if "reverse" in [direction for direction, _ in levels]:
        why = "Keras returns its h in the order it ran; keras_weights fit a layer with go_backwards=True"
        refuse(ValueError, f"layer must have no level that is only Reversed: {why}")
    keras = orders.import_library("keras")
    layers = [_keras_layer(*level, keras, return_sequences=True) for level in levels[:-1]]
    layers.append(_keras_layer(*levels[-1], keras, return_sequences=return_sequences, return_state=return_state))
    model = keras.Sequential(layers) if is_stack else layers[0]
    model.build((None, None, layer.input_size))
    stored_dtype = str(model.weights[0].value.dtype)  # of the backend, which may differ from what Keras reports
    if not stored_dtype.endswith(layer.dtype.name):
        why = f"stores it in {stored_dtype} although it reports {layer.dtype.name}"
        advice = "for JAX, set the environment variable JAX_ENABLE_X64=1 before importing it"
        refuse(ValueError, f"layer must be float32: Keras on {keras.backend.backend()} {why}; {advice}")
    model.set_weights(weights)
    return model


def _keras_layer(direction, cells, keras, **options):
    """A layer of Keras for a level, without its weights."""
    kind, dtype = orders.kind_name(cells[0]), cells[0].dtype.name
    if kind == "GRU":
        options["reset_after"] = cells[0].reset_after
    layer = getattr(keras.layers, CLASSES[kind])(cells[0].hidden_size, dtype=dtype, **options)
    return keras.layers.Bidirectional(layer, dtype=dtype) if direction == "bidirectional" else layer


@short_traceback
def from_keras(source, name=None):
    """A new `RNN`, `LSTM` or `GRU` of ours with the weights of Keras's, in their dtype; of several levels a `Stack`.

        model = keras.saving.load_model("mine.keras")
        layer = from_keras(model, "lstm")
        trace = layer.forward(x.swapaxes(0, 1))     x of Keras is (N, T, D)

    It computes what Keras computes at inference. It leaves out options that act only in training (dropout,
    regularizers, constraints, initializers such as unit_forget_bias) and those that select the output
    (return_sequences, return_state, masks: see `to_keras`). Pass initial states to `forward` yourself; a warning says
    so if a `stateful` layer holds some. A layer with `go_backwards` becomes a Stack of one `Reversed` level. Its h is
    in the order of x; Keras's own is in the order it ran, `trace.h[::-1]`.

    Args:
        source: built, with tanh and sigmoid:

            - a `keras.layers.SimpleRNN`, `LSTM` or `GRU`, one of their cells, or `RNN` around one or several of them;
            - a `Bidirectional` with merge_mode="concat" around one;
            - a model, or a layer with layers in it;
            - the list that the `get_weights` of one of these returns, if its shapes fit a single reading. Options that
              it does not show are taken to be Keras's defaults. A GRU needs its bias.
            - the arrays of a CuDNNLSTM or CuDNNGRU of Keras 2, or a mapping with the variables of recurrent cells of
              TensorFlow 1, where `name` is a part of the scope of one.

        name: the name of the layer in a model, or enough of it to tell it from the others: "encoder" for
            "encoder/lstm", the layer "lstm" in a layer or model "encoder". A list of names, from the bottom to the top,
            gives a Stack. Each layer must get its input from the one before it, which a subclassed model does not
            show. Not needed if there is one layer, or in a Sequential of nothing but recurrent layers.

    Raises:
        TypeError, ValueError: `source` is anything else, computes something ours do not, or has several such layers,
            which the sentence lists.
    """
    if (older := _older.recognized(source, name=name)) is not None:
        return older
    if name is not None and isinstance(source, (list, tuple, Mapping)):
        refuse(ValueError, f"name must be left out: it chooses among the layers of a model, got {brief(name)}")
    if isinstance(source, (list, tuple)):
        return orders.stack_of(_levels_of_weights(source))
    keras = sys.modules.get("keras")  # imported already by any caller who has a layer of Keras
    if keras is None or not isinstance(source, keras.layers.Layer):
        expected = "a layer, a cell or a model of Keras, or a list of weights"
        hint = "; keras.saving.load_model reads a file" if isinstance(source, (str, Path)) else ""
        refuse(TypeError, f"source must be {expected}, got {kind_of(source)}{hint}")
    selected = _selected(source, name, keras)
    for below, above in pairwise(selected):
        _check_stacked(below, above, keras)
    levels = [level for keras_layer in selected for level in _levels_of(keras_layer, keras)]
    levels = [(direction, [_layer_of_cell(cell, keras) for cell in cells]) for direction, cells in levels]
    layer = orders.stack_of(levels, name, "name")
    if any(getattr(keras_layer, "stateful", False) for keras_layer in selected):
        warnings.warn("source is stateful: its states are left out, forward begins at 0 or at its h0", stacklevel=3)
    return layer


# The layers of a model


def _selected(source, name, keras):
    """The recurrent layers with these names, or all of them, from the bottom to the top."""
    pairs = ((path.partition("/")[2] or path, layer) for path, layer in _recurrent_layers(source, keras))
    found = list({id(layer): (path, layer) for path, layer in pairs}.values())  # a layer may occur twice
    if not found:
        refuse(ValueError, "source must have one RNN, LSTM or GRU; it has none")
    paths, layers = zip(*found, strict=True)
    if name is None and _is_only_recurrent(source, layers, keras):
        return layers
    return [layers[k] for k in orders.selected("name", name, paths, "/")]


def _recurrent_layers(layer, keras, parent=""):
    """The recurrent layers inside a layer or model, or that layer itself: pairs of path and layer."""
    path = parent + layer.name
    if isinstance(layer, _classes(RECURRENT, keras)):
        yield path, layer
    else:
        for inner in layer._flatten_layers(include_self=False, recursive=False):  # only models have `layers`
            yield from _recurrent_layers(inner, keras, f"{path}/")


def _is_only_recurrent(source, recurrent, keras):
    """Return whether a model has only these layers, on top of one another, and others that compute nothing."""
    layers = source.layers if isinstance(source, keras.Sequential) else [source]
    return all(layer in recurrent or type(layer) in _classes([*UNCHANGED, "Masking"], keras) for layer in layers)


def _check_stacked(below, above, keras):
    """Refuse two layers unless the second reads the output of the first at every step."""
    order = f"source must have {above.name!r} on top of {below.name!r}"
    if not getattr(below, "return_sequences", True):  # cells have none
        refuse(ValueError, f"{order}, with return_sequences=True, got return_sequences=False")
    if getattr(below, "go_backwards", False):
        refuse(ValueError, f"{order}, without go_backwards: {below.name!r} returns its h in the order it ran")
    origin = _input_of(above)
    while origin is not below and type(origin) in _classes(UNCHANGED, keras):
        origin = _input_of(origin)
    if origin not in (below, None):
        refuse(ValueError, f"{order}, but its input comes from {origin.name!r}")


def _input_of(layer):
    """The layer or operation whose output a layer of a model reads; None if it was only called on numbers."""
    try:
        tensors = layer.input
    except AttributeError:
        return None
    return (tensors[0] if isinstance(tensors, list) else tensors)._keras_history.operation


def _classes(names, keras):
    return tuple(getattr(keras.layers, name) for name in names)


# The levels and cells of a layer


def _levels_of(layer, keras):
    """The levels of a recurrent layer of Keras: the direction of each, and its cells."""
    kind = type(layer).__name__
    match kind if type(layer) is getattr(keras.layers, kind, None) else None:
        case "LSTMCell" | "GRUCell" | "SimpleRNNCell":
            levels = [("forward", [layer])]
        case "StackedRNNCells":
            levels = [level for cell in layer.cells for level in _levels_of(cell, keras)]
        case "LSTM" | "GRU" | "SimpleRNN" | "RNN":
            direction = "reverse" if layer.go_backwards else "forward"
            levels = [(direction, cells) for _, cells in _levels_of(layer.cell, keras)]
        case "Bidirectional":
            levels = [("bidirectional", _bidirectional_cells(layer, keras))]
        case _:  # a user's own class may compute anything
            expected = "SimpleRNN, LSTM and GRU, their cells, RNN and Bidirectional"
            refuse(TypeError, f"source must be made of Keras's own {expected}, got {kind_of(layer)}")
    for cell in (cell for _, cells in levels for cell in cells):
        if layer.compute_dtype != cell.variable_dtype:
            expected = f"the dtype of its weights, {cell.variable_dtype}"
            refuse(ValueError, f"source must compute in {expected}, got {layer.compute_dtype}")
    return levels


def _bidirectional_cells(layer, keras):
    """The two cells of a Bidirectional."""
    if layer.merge_mode != "concat":
        expected, got = "merge_mode='concat'", f"merge_mode={layer.merge_mode!r}"
        refuse(ValueError, f"source must be a Bidirectional with {expected}, got {got}")
    sides = [_levels_of(side, keras) for side in (layer.forward_layer, layer.backward_layer)]
    directions = [[direction for direction, _ in side] for side in sides]
    if directions != [["forward"], ["reverse"]]:
        got = " beside ".join(" and ".join(side) for side in directions)
        refuse(ValueError, f"source must be a Bidirectional with one cell forward beside one in reverse, got {got}")
    return [cell for ((_, cells),) in sides for cell in cells]


def _layer_of_cell(cell, keras):
    """A layer of ours that computes what a cell of Keras computes."""
    kind = type(cell).__name__.removesuffix("Cell")
    for option, default in ACTIVATIONS.items():
        function = getattr(cell, option, None)  # a SimpleRNNCell has no recurrent_activation
        if function not in (None, getattr(keras.activations, default)):
            name = getattr(function, "__name__", None)
            got = repr(name) if function is getattr(keras.activations, str(name), None) else brief(function)
            refuse(ValueError, f"source must be a plain {kind} with {option}={default!r}, got {option}={got}")
    if not cell.built:
        refuse(ValueError, f"source must be built: call the {kind} once, so that it has weights")
    variables = {name: getattr(cell, name) for name in NAMES if getattr(cell, name) is not None}  # the bias may be None
    arrays = orders.as_arrays({name: variable.value for name, variable in variables.items()})
    return _layer_of(NAMES, *arrays.values(), reset_after=getattr(cell, "reset_after", None))


# Arrays


def _layer_of(names, kernel, recurrent, bias=None, *, reset_after=None):
    """A layer of ours from Keras's arrays; errors use `names`. A GRU without bias needs `reset_after`."""
    kind = orders.kind_of_weights("Keras", names, kernel, recurrent, 1)
    columns = recurrent.shape[1]
    if bias is None:
        if kind == "GRU" and reset_after is None:
            why = "without it, it may reset before the product or after it: give the layer"
            refuse(ValueError, f"source must hold the bias of a GRU; {why}")
        bias = np.zeros((2, columns) if reset_after else columns, recurrent.dtype)
    shapes = _bias_shapes(kind, columns)
    if bias.shape not in shapes:
        refuse(ValueError, f"{names[2]} must have shape {' or '.join(map(str, shapes))}, got shape {bias.shape}")
    options = {"reset_after": bias.ndim == 2} if kind == "GRU" else {}
    return orders.from_arrays("Keras", kind, kernel.T, recurrent.T, *np.atleast_2d(bias), **options)


def _bias_shapes(kind, columns):
    return [(2, columns), (columns,)] if kind == "GRU" else [(columns,)]


class _Found(NamedTuple):
    """A layer in a list of weights: its arrays are weights[start:stop]."""

    start: int
    stop: int
    kind: str
    D: int
    H: int

    def __str__(self):
        return f"{CLASSES[self.kind]} {self.D} to {self.H}{' without bias' if self.stop - self.start == 2 else ''}"


def _levels_of_weights(weights):
    """The levels of a list of weights, or a refusal unless its shapes can be read in exactly one way."""
    arrays = list(orders.as_arrays({f"source[{k}]": array for k, array in enumerate(weights)}).values())
    shapes = [array.shape for array in arrays]
    readings, farthest = _readings(shapes)
    if not readings:
        layers = "kernel (D, G H), recurrent_kernel (H, G H) and bias of layers on top of one another or side by side"
        rest = ", ".join(map(str, shapes[farthest : farthest + len(NAMES)])) or "no arrays"
        gates = "G = 1, 3 or 4 (SimpleRNN, GRU, LSTM)"
        refuse(ValueError, f"source must hold {layers}, {gates}; source[{farthest}:] does not fit: {rest}")
    if len(readings) > 1:
        first, second = (", then ".join(" beside ".join(map(str, level)) for level in levels) for levels in readings)
        refuse(ValueError, f"source must be readable in one way; it may be {first}, or {second}: give the model")

    def layer(found):
        names = [f"source[{found.start + k}] ({name})" for k, name in enumerate(NAMES)]
        return _layer_of(names, *arrays[found.start : found.stop])

    directions = {1: "forward", 2: "bidirectional"}
    return [(directions[len(level)], [layer(found) for found in level]) for level in readings[0]]


def _readings(shapes):
    """Up to two ways to read arrays of these shapes as levels, and the farthest index at which a level begins.

    Levels are lists of one or two layers. A list of weights may be ambiguous in two respects: a kernel on 2 units has
    the shape of a GRU's bias, and two layers of equal D may be on top of one another or side by side.
    """
    starts = []

    @cache
    def above(start, units):
        """Up to two ways to read shapes[start:] as levels on so many units; None: any number."""
        starts.append(start)
        if start == len(shapes) > 0:
            return [()]
        readings = []
        for first in _layers_at(shapes, start):
            for level in [[first], *([first, second] for second in _layers_at(shapes, first.stop))]:
                if {layer.D for layer in level} == {units or first.D}:
                    rest = above(level[-1].stop, sum(layer.H for layer in level))
                    readings += [(level, *levels) for levels in rest]
        return readings[:2]

    return above(0, None), max(starts)


def _layers_at(shapes, start):
    """The layers that may begin at shapes[start], with a bias and without."""
    for stop in (start + 3, start + 2):
        match shapes[start:stop]:
            case [(D, columns), (H, recurrent_columns), *bias] if stop <= len(shapes) and columns == recurrent_columns:
                for kind, order in orders.ORDERS["Keras"].items():
                    if len(order) * H == columns and all(shape in _bias_shapes(kind, columns) for shape in bias):
                        yield _Found(start, stop, kind, D, H)
