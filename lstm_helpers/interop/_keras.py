"""Weights to and from Keras 3."""

import sys

import numpy as np

from lstm_helpers._arguments import kind_of, refuse, short_traceback, switch
from lstm_helpers.interop import orders

NAMES = "kernel", "recurrent_kernel", "bias"
CLASSES = {"RNN": "SimpleRNN", "LSTM": "LSTM", "GRU": "GRU"}
PLAIN = {"use_bias": True, "dropout": 0, "recurrent_dropout": 0, "stateful": False, "go_backwards": False}
ACTIVATIONS = {"activation": "tanh", "recurrent_activation": "sigmoid"}


@short_traceback
def keras_weights(layer):
    """The weights of a layer as `set_weights` of Keras's takes them: a list of NumPy arrays; Keras is not needed.

    Returns:
        `kernel` (D, G H), `recurrent_kernel` (H, G H) and `bias`, for G gates: i f c o of an LSTM, z r h of a GRU, c
        and h being our g and n. The bias is (G H,); of a GRU that resets after the product (2, 3 H): ours in the first
        row, and in the second b_hn and else 0.

    Raises:
        TypeError: `layer` is no RNN, LSTM or GRU.
        ValueError: Keras has no such layer: one with peepholes, with coupled gates, or without a forget gate.
    """
    W_x, W_h, b_x, b_h = orders.take_apart(layer, "Keras")
    two_rows = getattr(layer, "reset_after", False)
    return [W_x.T.copy(), W_h.T.copy(), np.stack([b_x, b_h]) if two_rows else b_x]


@short_traceback
def to_keras(layer, *, return_sequences=True, return_state=False):
    """A `keras.layers.SimpleRNN`, `LSTM` or `GRU` with the weights of a layer, in its dtype.

    It takes x (N, T, D), and gives h at all steps, (N, T, H), or with `return_sequences=False` at the last one only.
    Raises what `keras_weights` raises. (On Keras's PyTorch backend its SimpleRNN, and its GRU that resets before the
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
    held = str(theirs.weights[0].value.dtype)  # what the backend has made of it
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
    """A new layer of ours with the weights of Keras's.

    Args:
        source: a `keras.layers.SimpleRNN`, `LSTM` or `GRU` that has been built, with biases, without dropout, with tanh
            and sigmoid; or the list that its `get_weights` gives. (That list does not say what the activations are.
            They are taken for these.)

    Returns:
        An `RNN`, `LSTM` or `GRU`, in the dtype of the weights.

    Raises:
        TypeError, ValueError: `source` is something else, or computes something else than our layers do.
    """
    keras = sys.modules.get("keras")  # who has a layer of it has imported it
    if keras is not None and isinstance(source, keras.Layer):
        source = _weights_of(source, keras)
    elif not isinstance(source, (list, tuple)):
        refuse(
            TypeError,
            f"source must be a Keras SimpleRNN, LSTM or GRU, or a list of its weights, got {kind_of(source)}",
        )
    if len(source) != 3:
        refuse(ValueError, f"source must hold kernel, recurrent_kernel and bias, got {len(source)} arrays")
    kernel, recurrent, bias = (orders.given(name, a) for name, a in zip(NAMES, source, strict=True))
    kind = orders.kind_by_size("Keras", "recurrent_kernel", recurrent.shape, 1)
    columns = recurrent.shape[1]
    if kernel.ndim != 2 or kernel.shape[1] != columns:
        refuse(ValueError, f"kernel must have shape (D, {columns}), got shape {kernel.shape}")
    shapes = [(2, columns), (columns,)] if kind == "GRU" else [(columns,)]
    if bias.shape not in shapes:
        refuse(ValueError, f"bias must have shape {' or '.join(map(str, shapes))}, got shape {bias.shape}")
    orders.of_one_dtype(kernel=kernel, recurrent_kernel=recurrent, bias=bias)
    options = {"reset_after": bias.ndim == 2} if kind == "GRU" else {}
    biases = bias if bias.ndim == 2 else [bias]
    return orders.put_together("Keras", kind, kernel.T, recurrent.T, *biases, **options)


def _weights_of(theirs, keras):
    """The weights of a layer that computes what one of ours does."""
    kind = type(theirs).__name__
    if not isinstance(theirs, tuple(getattr(keras.layers, name) for name in CLASSES.values())):
        refuse(
            TypeError,
            f"source must be a Keras SimpleRNN, LSTM or GRU, or a list of its weights, got {kind_of(theirs)}",
        )
    found = {name: getattr(theirs, name) for name in PLAIN}
    for name in ACTIVATIONS:
        if hasattr(theirs, name):
            found[name] = keras.activations.serialize(getattr(theirs, name))
    for name, plain in {**PLAIN, **ACTIVATIONS}.items():
        value = found.get(name, plain)
        if value != plain:
            refuse(ValueError, f"source must be a plain {kind} with {name}={plain!r}, got {name}={value!r}")
    if not theirs.built:
        refuse(ValueError, f"source must be built: call the {kind} once, so that it has weights")
    if theirs.compute_dtype != theirs.variable_dtype:
        refuse(
            ValueError,
            f"source must compute in the dtype of its weights, {theirs.variable_dtype}, got {theirs.compute_dtype}",
        )
    return [getattr(theirs.cell, name).value for name in NAMES]  # as the backend holds it
