"""The minimal GRU over whole sequences: its gates see only x, so all steps can be computed at once."""

import numpy as np

from lstm_helpers._arguments import real_array, short_traceback, switch
from lstm_helpers.equations import sigmoid
from lstm_helpers.layers._layer import Layer, fill_weights, step_arguments
from lstm_helpers.layers._loops import affine, flat


class MinGRU(Layer):
    """A layer of H minimal gated recurrent units on D inputs:

        z = sigmoid(W_z x + b_z)        the update gate: the fraction of h_prev that is kept
        n = W_n x + b_n
        h = (1 - z) * n + z * h_prev

    No gate sees h_prev, so h is linear in it, and `scan` computes all steps in about log2 T passes over the whole
    sequence.

    One matrix `W` holds all weights; `W_z`, of shape (H, D), `b_z`, of shape (H,), and so on are views of it. The layer
    computes in its dtype and converts its arguments to it.

    Args:
        input_size, hidden_size: D and H.
        scan: False computes one step after the other instead, with the same result up to rounding. The scan is faster
            for few units; on one core, the loop is faster for many.
        dtype: float32 or float64.

    Source: Feng et al. (2024), "Were RNNs All We Needed?". There z and 1 - z are swapped.
    """

    @short_traceback
    def __init__(self, input_size, hidden_size, *, scan=True, dtype=np.float64):
        super().__init__(input_size, hidden_size, dtype, "zn", sees_h=False, scan=switch("scan", scan))

    @classmethod
    @short_traceback
    def initialize(cls, input_size, hidden_size, *, keep_bias=0.0, rng, dtype=np.float64, **options):
        """A layer with random weights, drawn from `rng`: Glorot's uniform. The biases are 0, except b_z = keep_bias.

        With keep_bias = 0 the gate stays near 0.5 and halves h at every step, like an LSTM with a forget bias of 0.
        """
        layer = cls(input_size, hidden_size, dtype=dtype, **options)
        layer.b_z = real_array("keep_bias", keep_bias, ndim=0, dtype=dtype)
        return fill_weights(layer, rng)

    @short_traceback
    def step(self, x, h):
        """One step, written like the equations: the new h from x (D,) and h (H,), or from N rows of each."""
        x, h = step_arguments(self, x, h=h)
        z = sigmoid(affine(self.W_z, self.b_z, x))
        n = affine(self.W_n, self.b_n, x)
        return (1 - z) * n + z * h

    def _forward(self, x, h0, W):
        """The forward pass for `Layer.forward`: x (T, D, N), h0 (H, N) or 0."""
        (T, D, N), H = x.shape, self.hidden_size
        u = self._buffers.empty((T, D + 1, N), self.dtype)  # [x; 1] of every step
        gates = self._buffers.empty((T, 2 * H, N), self.dtype)  # z n
        h = self._buffers.empty((T + 1, H, N), self.dtype)
        u[:, :D], u[:, D], h[0] = x, 1, h0
        # z = sigmoid(W_z x + b_z), n = W_n x + b_n, all steps at once
        np.matmul(np.concatenate([-W[:H], W[H:]]), u, gates)
        z, n = gates[:, :H], gates[:, H:]
        with np.errstate(over="ignore", under="ignore"):  # exp(1000) is infinite, so the gate is 0
            np.divide(1, 1 + np.exp(z, z), z)
        # h = (1 - z) * n + z * h_prev
        np.multiply(1 - z, n, h[1:])
        self._add_up(z, h)
        fields = {"x": u[:, :D], "z": z, "n": n, "h": h[1:], "h0": h[0]}
        return {"u": u, "gates": gates, "h": h}, fields

    def _backward(self, kept, dh, to_x):
        """The backward pass for `Layer.backward`: dW and dx from dh (T + 1, H, N)."""
        W, u, gates, h = kept["W"], kept["u"], kept["gates"], kept["h"]
        (T, D, N), H = (len(u), u.shape[1] - 1, u.shape[2]), self.hidden_size
        dx = self._buffers.empty((T, D if to_x else 0, N), self.dtype)
        # h = ... + z * h_prev: the same recurrence, from the last step to the first
        z, n = gates[:, :H], gates[:, H:]
        self._add_up(z[::-1], dh[::-1])
        # h = (1 - z) * n + z * h_prev, z = sigmoid(z_z)
        dz = np.concatenate([(h[:-1] - n) * z * (1 - z), 1 - z], axis=1)
        dz.reshape(T, 2, H, N)[...] *= dh[1:, None]
        # z_z, n = W x + b
        np.matmul(W[:, : dx.shape[1]].T, dz, dx)
        return flat(dz) @ flat(u).T, dx

    def _add_up(self, keep, h):
        """The recurrence h[t + 1] += keep[t] * h[t], in place, for t = 0, 1, ...: by `scan`, or one step at a time."""
        with np.errstate(under="ignore"):  # the part of the distant past may underflow to 0
            if self.scan:
                h[1:] = scan(keep, h[1:], h[0])
            else:
                for keep_t, h_prev, h_t in zip(keep, h, h[1:], strict=False):
                    h_t += keep_t * h_prev


def scan(keep, add, start):
    """The recurrence h_t = keep_t * h_{t-1} + add_t for all t at once, in about log2 T passes.

    Two consecutive steps combine into one of the same form:
    keep_2 (keep_1 h + add_1) + add_2 = (keep_2 keep_1) h + (keep_2 add_1 + add_2).
    After the first pass each entry covers 2 steps, then 4, 8, ..., until all reach back to `start`, the h before the
    first step. `keep`, `add` and the result have the same shape, with the steps on the first axis.

    Source: Hillis & Steele (1986), "Data Parallel Algorithms"; Blelloch (1990), "Prefix Sums and Their Applications".
    """
    keep, h, reach = keep.copy(), add.copy(), 1
    h[0] += keep[0] * start
    while reach < len(h):
        h[reach:] += keep[reach:] * h[:-reach]
        keep[reach:] *= keep[:-reach]
        reach *= 2
    return h
