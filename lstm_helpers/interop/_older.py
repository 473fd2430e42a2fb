"""Weights of older programs, recognized by names and shapes: TensorFlow 1, Keras 1, and cuDNN layers of Keras 2.

Sources:
    TensorFlow 1's rnn_cell_impl.py: `BasicLSTMCell`, `LSTMCell`, `GRUCell` and `BasicRNNCell` have one kernel for
    [x; h_prev]. The columns of an LSTM's are i j f o, where j is our g; forget_bias is added to f at run time and not
    stored. A GRU's gates are r u, where u is our z, and it resets before the product.

    TensorFlow 1's contrib/cudnn_rnn: a `CudnnLSTM` is saved under the names of a CudnnCompatibleLSTMCell, whose
    forget_bias is 0.

    Keras 2's cudnn_recurrent.py: `CuDNNLSTM` and `CuDNNGRU` keep each gate's matrix for cuDNN, which reads it row by
    row as (H, D), and a second bias after the first. The gates are in the order of Keras.

    Keras 1.2's recurrent.py: `LSTM` has twelve arrays, W_i U_i b_i and then those of c, f and o; `GRU` has nine, for z,
    r and h. Its gates are hard sigmoids unless inner_activation says otherwise.

    NVIDIA's guide to cuDNN: one buffer holds all weights of all layers; its length does not determine their sizes.
"""

import re
import warnings
from collections.abc import Mapping

import numpy as np

from lstm_helpers._arguments import refuse
from lstm_helpers.interop import orders

TENSORFLOW_1 = {  # by the name of the cell: our gates in the columns of each kernel
    "basic_lstm_cell": ("LSTM", {"": "igfo"}),
    "lstm_cell": ("LSTM", {"": "igfo"}),
    "lstm_fused_cell": ("LSTM", {"": "igfo"}),
    "cudnn_compatible_lstm_cell": ("LSTM", {"": "igfo"}),
    "gru_cell": ("GRU", {"gates/": "rz", "candidate/": "n"}),
    "basic_rnn_cell": ("RNN", {"": "h"}),
}
VARIABLE = re.compile(rf"(?P<scope>(?:.*/)?(?P<cell>{'|'.join(TENSORFLOW_1)})(?:_\d+)?)/(?P<part>.+?)(?::0)?")
FORGET_BIAS_1 = "basic_lstm_cell", "lstm_cell", "lstm_fused_cell"  # cells whose forget_bias is 1 by default
OLD_PARTS = {"weights": "kernel", "biases": "bias"}  # before TensorFlow 1.2
# By the number of arrays: the order of the gates in Keras 1, and that of Keras today, in Keras's letters.
KERAS_1 = {12: ("an LSTM", "icfo", "ifco"), 9: ("a GRU", "zrh", "zrh")}
FORGET_BIAS = (
    "forget_bias is not among the weights of TensorFlow 1: it is taken to be 1, the default, and is in b_f now; "
    "if yours was another, add the difference to b_f"
)


def recognized(source, **choice):
    """A new layer or `Stack` with the weights of an older program, or None if `source` does not come from one.

    Args:
        source: a mapping from the names of variables to arrays, or a list of arrays. Anything else gives None.
        **choice: the argument of the caller that names one of several cells, or a list of them for a Stack; None for
            the only one. A name is a part of the cell's scope: "cell_0" for "rnn/multi_rnn_cell/cell_0/lstm_cell".

    Raises:
        ValueError: the weights are recognized, but cannot be read as they are. The sentence says what to do.
    """
    ((argument, names),) = choice.items()
    if isinstance(source, Mapping):
        _refuse_keras_1_names(source)
        if buffers := [name for name in source if re.search("opaque_(kernel|params)", str(name))]:
            _refuse_buffer(buffers[0])
        if not (cells := _cells(source)):
            return None
        scopes = [list(cells)[k] for k in orders.selected(argument, names, cells, "/")]
        levels = [("forward", [_tensorflow_1(scope, *cells[scope])]) for scope in scopes]
        layer = orders.stack_of(levels, names, argument)
        if any(cells[scope][0] in FORGET_BIAS_1 for scope in scopes):
            warnings.warn(FORGET_BIAS, stacklevel=4)  # at the call of from_keras or from_torch
        return layer
    if isinstance(source, (list, tuple)) and names is None:
        return _by_shape(source, [getattr(array, "shape", ()) for array in source])
    return None


def _by_shape(arrays, shapes):
    """The layer of a list of arrays in a layout of an older program, or None."""
    axes = [len(shape) for shape in shapes]
    if axes == [1]:
        _refuse_buffer("its only array")
    if axes == [2, 1] and shapes[0][1:] == shapes[1] and 4 * shapes[0][0] > shapes[1][0] and shapes[1][0] % 4 == 0:
        by_name = "{'basic_lstm_cell/kernel': kernel, 'basic_lstm_cell/bias': bias}"
        guess = "the kernel and the bias of TensorFlow 1's BasicLSTMCell, (D + H, 4 H) and (4 H,)"
        refuse(ValueError, f"source may be {guess}; if so, pass them with their names, {by_name}")
    if axes == [2, 2, 1]:
        return _cudnn_of_keras_2(arrays, *shapes)
    if len(arrays) in KERAS_1 and axes == [2, 2, 1] * (len(arrays) // 3):
        of_kernels, of_recurrent_kernels = set(shapes[::3]), set(shapes[1::3])
        if len(of_kernels) == 1 and all(rows == columns for rows, columns in of_recurrent_kernels):
            _refuse_keras_1_list(len(arrays), *shapes[0])
    return None


def _refuse_buffer(name):
    refuse(
        ValueError,
        f"source must hold the weights of each gate, but {name} is the buffer of a cuDNN layer, which does not tell "
        "their sizes; save the layer as a Keras or PyTorch layer on the machine where it runs, and pass that",
    )


def _refuse_keras_1(kind, expression, alternative=""):
    refuse(
        ValueError,
        f"source must not be {kind} of Keras 1: its gates are hard sigmoids, unless it was made with "
        f"inner_activation='sigmoid'; if it was, pass to from_keras {expression}{alternative}",
    )


def _refuse_keras_1_list(number, D, H):
    """Refuse 9 or 12 arrays of one layer of Keras 1. Some Stacks of SimpleRNNs have the same shapes."""
    kind, order, order_today = KERAS_1[number]
    first = ", ".join(str(3 * order.index(gate)) for gate in order_today)
    simple = f"; the weights of {number // 3} SimpleRNNs have the same shapes: for those, give the model"
    expression = f"[np.concatenate([source[k + m] for k in ({first})], axis=-1) for m in range(3)]"
    _refuse_keras_1(kind, expression, simple if D in (H, 2 * H) else "")


def _refuse_keras_1_names(source):
    """Refuse a mapping that holds a layer of Keras 1 under names such as `lstm_1_W_i`."""
    for kind, order, order_today in KERAS_1.values():
        for name in source:
            layer = str(name).removesuffix(f"_W_{order[0]}")
            if layer != name and all(f"{layer}_{part}_{gate}" in source for part in "WUb" for gate in order):
                array = f"source[f'{layer}_{{m}}_{{k}}']"
                _refuse_keras_1(kind, f"[np.concatenate([{array} for k in '{order_today}'], axis=-1) for m in 'WUb']")


def _cudnn_of_keras_2(arrays, kernel_shape, recurrent_shape, bias_shape):
    """The layer of a `CuDNNLSTM` or `CuDNNGRU`, whose bias is a vector of 2 G H numbers; None if it is another."""
    H = recurrent_shape[0]
    G = recurrent_shape[1] // max(H, 1)
    kind = {4: "LSTM", 3: "GRU"}.get(G)
    if kind is None or recurrent_shape != (H, G * H) or kernel_shape[1] != G * H or bias_shape != (2 * G * H,):
        return None
    names = "kernel", "recurrent_kernel", "bias"
    kernel, recurrent, bias = orders.as_arrays(dict(zip(names, arrays, strict=True))).values()
    W_x = np.concatenate([gate.reshape(H, -1) for gate in np.split(kernel, G, axis=1)])
    W_h = np.concatenate(np.split(recurrent, G, axis=1))
    options = {"reset_after": True} if kind == "GRU" else {}
    return orders.from_arrays("Keras", kind, W_x, W_h, *np.split(bias, 2), **options)


def _cells(source):
    """The cells of TensorFlow 1 among the variables, by scope: the name of each and its arrays."""
    cells = {}
    for name, array in source.items():
        if match := VARIABLE.fullmatch(str(name)):
            part = "/".join(OLD_PARTS.get(word, word) for word in match["part"].split("/"))
            cells.setdefault(match["scope"], (match["cell"], {}))[1][part] = array
    return {scope: cell for scope, cell in cells.items() if "recurrent_kernel" not in cell[1]}  # only Keras has that


def _tensorflow_1(scope, cell, parts):
    """A layer from the arrays of a cell."""
    kind, kernels_of_cell = TENSORFLOW_1[cell]
    weights = [part for part in parts if not any(part.startswith(f"{other}/") for other in parts)]  # not kernel/Adam
    expected = [prefix + part for prefix in kernels_of_cell for part in ("kernel", "bias")]
    if sorted(weights) != sorted(expected):
        got = ", ".join(weights)
        refuse(ValueError, f"source must hold {' and '.join(expected)} of {scope!r} and no more, got {got}")
    arrays = orders.as_arrays({f"{scope}/{part}": parts[part] for part in expected})
    kernels, biases = {}, {}
    for prefix, gates in kernels_of_cell.items():
        kernel, bias = (arrays[f"{scope}/{prefix}{part}"] for part in ("kernel", "bias"))
        G = len(gates)
        H = bias.size // G
        if bias.shape != (G * H,) or kernel.ndim != 2 or kernel.shape[1] != G * H or len(kernel) <= H:
            shapes = f"(D + H, {G} H), and its bias ({G} H,)"
            refuse(ValueError, f"{scope}/{prefix}kernel must have shape {shapes}, got {kernel.shape} and {bias.shape}")
        kernels |= zip(gates, np.split(kernel, G, axis=1), strict=True)
        biases |= zip(gates, np.split(bias, G), strict=True)
    shapes = [kernel.shape for kernel in kernels.values()]
    if len(set(shapes)) > 1:
        refuse(ValueError, f"source must hold gates of one shape in {scope!r}, got {shapes}")
    if cell in FORGET_BIAS_1:
        biases["f"] = biases["f"] + 1
    order = orders.ORDERS["Keras"][kind]
    W = np.concatenate([kernels[gate].T for gate in order])
    b = np.concatenate([biases[gate] for gate in order])
    options = {"reset_after": False} if kind == "GRU" else {}
    return orders.from_arrays("Keras", kind, W[:, :-H], W[:, -H:], b, **options)
