"""Weights to and from Keras 3."""

import sys

import numpy as np

from lstm_helpers._arguments import kind_of, refuse, short_traceback, switch
from lstm_helpers.interop import _older, orders

NAMES = "kernel", "recurrent_kernel", "bias"
CLASSES = {"RNN": "SimpleRNN", "LSTM": "LSTM", "GRU": "GRU"}
ACTIVATIONS = {"activation": "tanh", "recurrent_activation": "sigmoid"}
PLAIN = {"use_bias": True, "dropout": 0, "recurrent_dropout": 0, "stateful": False, "go_backwards": False} | ACTIVATIONS


@short_traceback
def keras_weights(layer):
    """The weights of a layer as Keras's `set_weights` takes them: a list of NumPy arrays.

    Returns `kernel` (D, G H), `recurrent_kernel` (H, G H) and `bias`, for G gates: i f c o of an LSTM, z r h of a GRU,
    where c and h are our g and n. The bias is (G H,), but (2, 3 H) for a GRU that resets after the product: ours in the
    first row; in the second b_hn, and 0 elsewhere.

    Raises:
        TypeError: `layer` is not an RNN, LSTM or GRU.
        ValueError: Keras has no such layer: one with peepholes, with coupled gates, or without a forget gate.
    """
    W_x, W_h, b_x, b_h = orders.take_apart(layer, "Keras")
    two_rows = layer.options.get("reset_after", False)
    return [W_x.T.copy(), W_h.T.copy(), np.stack([b_x, b_h]) if two_rows else b_x]


@short_traceback
def to_keras(layer, *, return_sequences=True, return_state=False):
    """A `keras.layers.SimpleRNN`, `LSTM` or `GRU` with the weights of a layer, in its dtype.

    It takes x (N, T, D) and returns h at all steps, (N, T, H), or with `return_sequences=False` only at the last one.
    It raises what `keras_weights` raises. (On Keras's PyTorch backend its SimpleRNN, and its GRU that resets before the
    product, multiply matrices in float32 whatever their dtype, as of Keras 3.15.)
    """
    weights, kind = keras_weights(layer), orders.kind_of(layer)
    options = {"return_sequences": switch("return_sequences", return_sequences)}
    options |= {"return_state": switch("return_state", return_state)}
    keras = orders.library("keras")
    if kind == "GRU":
        options["reset_after"] = layer.reset_after
    theirs = getattr(keras.layers, CLASSES[kind])(layer.hidden_size, dtype=layer.dtype.name, **options)
    theirs.build((None, None, layer.input_size))
    held = str(theirs.weights[0].value.dtype)  # the dtype that the backend really uses
    if not held.endswith(layer.dtype.name):
        refuse(
            ValueError,
            f"layer must be float32: Keras on {keras.backend.backend()} holds it in {held} though it says "
            f"{layer.dtype.name}; for JAX set the environment variable JAX_ENABLE_X64=1 before it is imported",
        )
    theirs.set_weights(weights)
    return theirs


@short_traceback
def from_keras(source):
    """A new `RNN`, `LSTM` or `GRU` of ours with the weights of Keras's, in their dtype.

    `source` is a `keras.layers.SimpleRNN`, `LSTM` or `GRU` that has been built, with biases, without dropout, with tanh
    and sigmoid; or the list that its `get_weights` returns. (The list does not name the activations; they are taken to
    be these.) It also takes the arrays of a CuDNNLSTM or CuDNNGRU of Keras 2, and a mapping with the variables of a
    recurrent cell of TensorFlow 1. Anything else, or a layer that computes something ours do not, raises `TypeError` or
    `ValueError`.
    """
    keras = sys.modules.get("keras")  # anyone with a layer of Keras's has imported it
    if keras is not None and isinstance(source, tuple(getattr(keras.layers, name) for name in CLASSES.values())):
        source = _weights_of(source, keras)
    elif (older := _older.recognized(source)) is not None:
        return older
    elif not isinstance(source, (list, tuple)):
        wanted = "a Keras SimpleRNN, LSTM or GRU, or a list of its weights"
        refuse(TypeError, f"source must be {wanted}, got {kind_of(source)}")
    if len(source) != 3:
        refuse(ValueError, f"source must hold kernel, recurrent_kernel and bias, got {len(source)} arrays")
    arrays = {name: orders.given(name, array) for name, array in zip(NAMES, source, strict=True)}
    kernel, recurrent, bias = arrays.values()
    kind = orders.kind_of_weights("Keras", NAMES, kernel, recurrent, 1)
    columns = recurrent.shape[1]
    shapes = [(2, columns), (columns,)] if kind == "GRU" else [(columns,)]
    if bias.shape not in shapes:
        refuse(ValueError, f"bias must have shape {' or '.join(map(str, shapes))}, got shape {bias.shape}")
    orders.of_one_dtype(arrays)
    options = {"reset_after": bias.ndim == 2} if kind == "GRU" else {}
    biases = bias if bias.ndim == 2 else [bias]
    return orders.put_together("Keras", kind, kernel.T, recurrent.T, *biases, **options)


def _weights_of(theirs, keras):
    """The weights of a layer that computes what one of ours does."""
    kind = type(theirs).__name__
    found = {name: getattr(theirs, name) for name in PLAIN if hasattr(theirs, name)}
    found |= {name: keras.activations.serialize(found[name]) for name in ACTIVATIONS if name in found}
    orders.must_be_plain(kind, PLAIN, found)
    if not theirs.built:
        refuse(ValueError, f"source must be built: call the {kind} once, so that it has weights")
    if theirs.compute_dtype != theirs.variable_dtype:
        wanted = f"the dtype of its weights, {theirs.variable_dtype}"
        refuse(ValueError, f"source must compute in {wanted}, got {theirs.compute_dtype}")
    return [getattr(theirs.cell, name).value for name in NAMES]  # as the backend holds it
