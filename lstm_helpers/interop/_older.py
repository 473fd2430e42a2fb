"""Weights of older programs, recognized by their names and shapes: TensorFlow 1, Keras 1, and cuDNN under Keras 2.

Sources:
    TensorFlow 1's rnn_cell_impl.py: `BasicLSTMCell`, `LSTMCell`, `GRUCell` and `BasicRNNCell` have one kernel for
    [x; h_prev]. The columns of an LSTM's are i j f o, where j is our g; forget_bias is added to f as it runs, and is
    not stored. A GRU's gates are r u, where u is our z, and it resets before the product.

    TensorFlow 1's contrib/cudnn_rnn: a `CudnnLSTM` is saved under the names of a CudnnCompatibleLSTMCell, whose
    forget_bias is 0.

    Keras 2's cudnn_recurrent.py: `CuDNNLSTM` and `CuDNNGRU` keep each gate's matrix for cuDNN, which reads it row by
    row as (H, D), and a second bias after the first. The gates are in the order of Keras.

    Keras 1.2's recurrent.py: `LSTM` has twelve arrays, W_i U_i b_i and then those of c, f and o; `GRU` has nine, for z,
    r and h. Its gates are hard sigmoids unless inner_activation says otherwise.

    NVIDIA's guide to cuDNN: all weights of all layers lie in one buffer, whose length does not give their sizes.
"""

import re
import warnings
from collections.abc import Mapping

import numpy as np

from lstm_helpers._arguments import refuse
from lstm_helpers.interop import orders

TENSORFLOW_1 = {  # our gates in the columns of each kernel, by the name of the cell
    "basic_lstm_cell": ("LSTM", {"": "igfo"}),
    "lstm_cell": ("LSTM", {"": "igfo"}),
    "lstm_fused_cell": ("LSTM", {"": "igfo"}),
    "cudnn_compatible_lstm_cell": ("LSTM", {"": "igfo"}),
    "gru_cell": ("GRU", {"gates/": "rz", "candidate/": "n"}),
    "basic_rnn_cell": ("RNN", {"": "h"}),
}
VARIABLE = re.compile(rf"(?P<scope>(?:.*/)?(?P<cell>{'|'.join(TENSORFLOW_1)})(?:_\d+)?)/(?P<part>.+?)(?::0)?")
ADD_1 = "basic_lstm_cell", "lstm_cell", "lstm_fused_cell"  # the default of their forget_bias
OLD_PARTS = {"weights": "kernel", "biases": "bias"}  # before TensorFlow 1.2
# By the number of arrays: the order in which the gates stand there, and the order of Keras today, in Keras's letters.
KERAS_1 = {12: ("an LSTM", "icfo", "ifco"), 9: ("a GRU", "zrh", "zrh")}
FORGET_BIAS = (
    "forget_bias is not among the weights of TensorFlow 1: it is taken to be 1, the default, and is in b_f now; "
    "if yours was another, add the difference to b_f"
)


def recognized(source, **choice):
    """A new layer or `Stack` with the weights of an older program, or None if `source` is nothing of the kind.

    Args:
        source: a mapping from the names of variables to arrays, or a list of arrays. Anything else gives None.
        **choice: the caller's argument that names one of several cells, or in a list those of a Stack; None if there is
            only one. It is a part of the cell's scope: "cell_0" for "rnn/multi_rnn_cell/cell_0/lstm_cell".

    Raises:
        ValueError: they are recognized, but cannot be read as they are. The sentence says what to do.
    """
    ((argument, names),) = choice.items()
    if isinstance(source, Mapping):
        _refuse_keras_1_by_name(source)
        if opaque := [name for name in source if re.search("opaque_(kernel|params)", str(name))]:
            _refuse_opaque(opaque[0])
        if not (cells := _cells(source)):
            return None
        several = names if isinstance(names, (list, tuple)) and names else [names]
        scopes = [_chosen(cells, argument, name) for name in several]
        layer = orders.stacked([("forward", [_tensorflow_1(scope, *cells[scope])]) for scope in scopes])
        if any(cells[scope][0] in ADD_1 for scope in scopes):
            warnings.warn(FORGET_BIAS, stacklevel=4)  # where from_keras or from_torch was called
        return layer
    if isinstance(source, (list, tuple)) and names is None:
        return _by_shape(source, [getattr(array, "shape", ()) for array in source])
    return None


def _by_shape(arrays, shapes):
    axes = [len(shape) for shape in shapes]
    if axes == [1]:
        _refuse_opaque("its only array")
    if axes == [2, 1] and shapes[0][1:] == shapes[1] and 4 * shapes[0][0] > shapes[1][0] and shapes[1][0] % 4 == 0:
        wanted = "{'basic_lstm_cell/kernel': kernel, 'basic_lstm_cell/bias': bias}"
        what = "may be the kernel and the bias of TensorFlow 1's BasicLSTMCell, (D + H, 4 H) and (4 H,)"
        refuse(ValueError, f"source {what}; if so, pass them with their names, {wanted}")
    if axes == [2, 2, 1]:
        return _cudnn_of_keras_2(arrays, *shapes)
    square = axes == [2, 2, 1] * (len(arrays) // 3) and all(rows == columns for rows, columns in shapes[1::3])
    if len(arrays) in KERAS_1 and square and len(set(shapes[::3])) == 1:  # or layers on top of one another, if D is H
        kind, stand, wanted = KERAS_1[len(arrays)]
        first = ", ".join(str(3 * stand.index(gate)) for gate in wanted)
        (D, H), count = shapes[0], len(arrays) // 3
        or_else = f"; the weights of {count} SimpleRNNs have the same shapes: for those, give the model"
        advice = f"[np.concatenate([source[k + m] for k in ({first})], axis=-1) for m in range(3)]"
        _refuse_keras_1(kind, advice, or_else if D in (H, 2 * H) else "")
    return None


def _refuse_opaque(what):
    refuse(
        ValueError,
        f"source must hold the weights of each gate, but {what} is the buffer of a cuDNN layer, which does not tell "
        "their sizes; save the layer as a Keras or PyTorch layer on the machine where it runs, and pass that",
    )


def _refuse_keras_1(kind, expression, or_else=""):
    refuse(
        ValueError,
        f"source must not be {kind} of Keras 1: its gates are hard sigmoids, unless it was made with "
        f"inner_activation='sigmoid'; if it was, pass to from_keras {expression}{or_else}",
    )


def _refuse_keras_1_by_name(source):
    for kind, stand, wanted in KERAS_1.values():
        for name in source:
            layer = str(name).removesuffix(f"_W_{stand[0]}")
            if layer != name and all(f"{layer}_{part}_{gate}" in source for part in "WUb" for gate in stand):
                one = f"source[f'{layer}_{{m}}_{{k}}']"
                _refuse_keras_1(kind, f"[np.concatenate([{one} for k in '{wanted}'], axis=-1) for m in 'WUb']")


def _cudnn_of_keras_2(arrays, of_kernel, of_recurrent, of_bias):
    """A `CuDNNLSTM` or `CuDNNGRU`, or None: the bias of one is twice as long as that of another layer."""
    H = of_recurrent[0]
    G = of_recurrent[1] // max(H, 1)
    kind = {4: "LSTM", 3: "GRU"}.get(G)
    if kind is None or of_recurrent != (H, G * H) or of_kernel[1] != G * H or of_bias != (2 * G * H,):
        return None
    names = "kernel", "recurrent_kernel", "bias"
    given = {name: orders.given(name, array) for name, array in zip(names, arrays, strict=True)}
    kernel, recurrent, bias = orders.of_one_dtype(given)
    W_x = np.concatenate([gate.reshape(H, -1) for gate in np.split(kernel, G, axis=1)])
    W_h = np.concatenate(np.split(recurrent, G, axis=1))
    options = {"reset_after": True} if kind == "GRU" else {}
    return orders.put_together("Keras", kind, W_x, W_h, *np.split(bias, 2), **options)


def _cells(source):
    """The cells of TensorFlow 1 among the variables, by scope: the name and the arrays of each."""
    cells = {}
    for name, array in source.items():
        if match := VARIABLE.fullmatch(str(name)):
            part = "/".join(OLD_PARTS.get(one, one) for one in match["part"].split("/"))
            cells.setdefault(match["scope"], (match["cell"], {}))[1][part] = array
    return {scope: found for scope, found in cells.items() if "recurrent_kernel" not in found[1]}  # that is Keras


def _chosen(cells, argument, name):
    """The scope of the one cell that the name fits, or of the only one there is if it is None."""
    found = [scope for scope in cells if name is None or f"/{name}/" in f"/{scope}/"]
    if len(found) != 1:
        which = "" if name is None else f" called {name!r}"
        how = f" (a list from the bottom to the top is a Stack); give {argument}" if found else ""
        refuse(
            ValueError, f"source must hold one cell of TensorFlow 1{which}; it has {', '.join(map(repr, cells))}{how}"
        )
    return found[0]


def _tensorflow_1(scope, cell, parts):
    """A layer from the arrays of a cell."""
    kind, blocks = TENSORFLOW_1[cell]
    of_optimizer = [part for part in parts if any(part.startswith(f"{other}/") for other in parts)]
    held = [part for part in parts if part not in of_optimizer]
    wanted = [block + part for block in blocks for part in ("kernel", "bias")]
    if sorted(held) != sorted(wanted):
        refuse(ValueError, f"source must hold {' and '.join(wanted)} of {scope!r} and no more, got {', '.join(held)}")
    arrays = {part: orders.given(f"{scope}/{part}", parts[part]) for part in wanted}
    orders.of_one_dtype(arrays)
    kernels, biases = {}, {}
    for block, gates in blocks.items():
        kernel, bias, G = arrays[f"{block}kernel"], arrays[f"{block}bias"], len(gates)
        H = bias.size // G
        if bias.shape != (G * H,) or kernel.ndim != 2 or kernel.shape[1] != G * H or len(kernel) <= H:
            shapes = f"(D + H, {G} H), and its bias ({G} H,)"
            refuse(ValueError, f"{scope}/{block}kernel must have shape {shapes}, got {kernel.shape} and {bias.shape}")
        kernels |= zip(gates, np.split(kernel, G, axis=1), strict=True)
        biases |= zip(gates, np.split(bias, G), strict=True)
    if len({kernel.shape for kernel in kernels.values()}) > 1:
        refuse(
            ValueError, f"source must hold gates of one shape in {scope!r}, got {[k.shape for k in kernels.values()]}"
        )
    if cell in ADD_1:
        biases["f"] = biases["f"] + 1
    order = orders.ORDERS["Keras"][kind]
    W = np.concatenate([kernels[gate].T for gate in order])
    b = np.concatenate([biases[gate] for gate in order])
    options = {"reset_after": False} if kind == "GRU" else {}
    return orders.put_together("Keras", kind, W[:, :-H], W[:, -H:], b, **options)
