"""Models to train: a recurrent layer and a linear readout."""

import numpy as np

from lstm_helpers import _arguments as arguments
from lstm_helpers._arguments import kind_of, real_array, refuse, short_traceback
from lstm_helpers.layers import GRU, LSTM, RNN, MinGRU, Stack
from lstm_helpers.layers._weights import Named, float_dtype


class Readout(Named):
    """The linear readout y = W_y h + b_y: from H units to K outputs.

    `W_y`, of shape (K, H), and `b_y`, of shape (K,), are views of one matrix `W`.
    """

    @short_traceback
    def __init__(self, hidden_size, output_size, *, dtype=np.float64):
        H = arguments.whole_number("hidden_size", hidden_size, 1)
        K = arguments.whole_number("output_size", output_size, 1)
        dtype = float_dtype(dtype)
        W, parts = np.zeros((K, H + 1), dtype), {"W_y": (slice(K), slice(H)), "b_y": (slice(K), H)}
        super().__init__(W, parts, hidden_size=H, output_size=K, dtype=dtype)

    @classmethod
    @short_traceback
    def initialize(cls, hidden_size, output_size, *, rng, dtype=np.float64):
        """A readout with weights from Glorot's uniform distribution, drawn from `rng`, and biases of 0."""
        readout, rng = cls(hidden_size, output_size, dtype=dtype), arguments.generator(rng)
        H, K = readout.hidden_size, readout.output_size
        readout.W_y = rng.uniform(-1, 1, (K, H)) * np.sqrt(6 / (K + H))
        return readout

    @short_traceback
    def forward(self, h):
        """y = W_y h + b_y, for h of shape (..., H): (..., K)."""
        y = _product(self.W_y, self._hidden(h))
        y += self.b_y
        return y

    @short_traceback
    def backward(self, h, dy):
        """dL/dW, shaped like W, and dL/dh, shaped like h, from dL/dy (..., K)."""
        h, dy = self._hidden(h), real_array("dy", dy, dtype=self.dtype)
        if dy.shape != (*h.shape[:-1], self.output_size):
            refuse(ValueError, f"dy must have shape {(*h.shape[:-1], self.output_size)}, got shape {dy.shape}")
        dy_columns, h_columns = _columns(dy), _columns(h)
        dW = np.hstack([dy_columns @ h_columns.T, dy_columns.sum(axis=1, keepdims=True)])
        return dW, _product(self.W_y.T, dy)

    def _hidden(self, h):
        h = real_array("h", h, dtype=self.dtype)
        if h.ndim == 0 or h.shape[-1] != self.hidden_size:
            refuse(ValueError, f"h must have shape (..., H) with H = {self.hidden_size}, got shape {h.shape}")
        return h


def _product(W, a):
    """W a for every vector on the last axis of a, in the layers' own layout: units before the batch."""
    return np.matmul(W, a.swapaxes(-1, -2)).swapaxes(-1, -2) if a.ndim > 1 else W @ a


def _columns(a):
    """All vectors on the last axis of a, as the columns of a matrix."""
    return np.moveaxis(a, -1, 0).reshape(a.shape[-1], -1)


def check_loss(loss):
    """Refuse a loss that is not a function."""
    arguments.function("loss", loss, "such as squared_error or cross_entropy, not its name")


def _check_layer(layer):
    arguments.instance("layer", layer, (LSTM, GRU, RNN, MinGRU, Stack), "an LSTM, GRU, RNN, MinGRU or Stack")


def _parts(layer_or_gradients):
    """The layers of a Stack, or the gradients of each; for a single layer, a tuple of one."""
    return getattr(layer_or_gradients, "layers", (layer_or_gradients,))


class Model:
    """A recurrent layer, an `LSTM`, `GRU`, `RNN`, `MinGRU` or `Stack`, and a `Readout` of its units, of one dtype."""

    @short_traceback
    def __init__(self, layer, readout):
        _check_layer(layer)
        arguments.instance("readout", readout, Readout, "a Readout")
        if (readout.hidden_size, readout.dtype) != (layer.hidden_size, layer.dtype):
            expected = f"{layer.hidden_size} units in {layer.dtype}, like the layer"
            refuse(ValueError, f"readout must read {expected}, got {readout.hidden_size} in {readout.dtype}")
        self.layer, self.readout = layer, readout

    @classmethod
    @short_traceback
    def initialize(cls, layer, output_size, *, rng):
        """A model of this layer and a random readout with `output_size` outputs."""
        _check_layer(layer)
        return cls(layer, Readout.initialize(layer.hidden_size, output_size, rng=rng, dtype=layer.dtype))

    @property
    def weights(self):
        """The weight matrices of the layers and the readout, a list. They are the model's own, not copies."""
        return [owner.W for owner in self.owners]

    @property
    def owners(self):
        """The objects that hold the weights: the layer, or each layer of a Stack, and the readout."""
        return [*_parts(self.layer), self.readout]

    @property
    def size(self):
        """The number of weights and biases."""
        return sum(part.size for owner in self.owners for part in map(owner.__getattr__, owner.parts))

    @short_traceback
    def forward(self, x, h0=None, c0=None):
        """The outputs y, (T, N, K) for x (T, N, D), or (T, K) for (T, D); and the `Trace` of the layer."""
        if c0 is not None and not isinstance(self.layer, (LSTM, Stack)):  # a Stack checks its own layers
            refuse(ValueError, f"c0 must be left out: {kind_of(self.layer)} has no cell state")
        states = {name: state for name, state in (("h0", h0), ("c0", c0)) if state is not None}
        trace = self.layer.forward(x, **states)
        return self.readout.forward(trace.h), trace

    @short_traceback
    def gradients(self, x, target, loss, weight=None):
        """The loss, and its gradient for each of `weights`. x, target and weight are a `Batch`.

        `loss` is `squared_error` or `cross_entropy`, or a function with the same arguments and results.
        """
        check_loss(loss)
        y, trace = self.forward(x)
        value, dy = loss(y, target, weight)
        d_readout, dh = self.readout.backward(trace.h, dy)
        d_layers = _parts(self.layer.backward(trace, dh, to_x=False))
        return value, [*(gradients.W for gradients in d_layers), d_readout]
