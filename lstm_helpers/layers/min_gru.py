"""The minimal GRU over whole sequences: gates that see only x, so that all steps can be computed at once."""

import numpy as np

from lstm_helpers._arguments import generator, real_array, short_traceback, switch
from lstm_helpers.equations import sigmoid
from lstm_helpers.layers._buffers import Buffers
from lstm_helpers.layers._loops import affine, flat
from lstm_helpers.layers._trace import Gradients, Trace, one_step, start, start_back
from lstm_helpers.layers._weights import Named, sizes


class MinGRU(Named):
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
        scan: False computes one step after the other instead. The result is the same up to rounding. The scan is
            faster for few units; for many units on one core, the loop is.
        dtype: float32 or float64.

    Source: Feng et al. (2024), "Were RNNs All We Needed?". There z and 1 - z are swapped.
    """

    @short_traceback
    def __init__(self, input_size, hidden_size, *, scan=True, dtype=np.float64):
        D, H, dtype = sizes(input_size, hidden_size, dtype)
        rows = {"z": slice(H), "n": slice(H, 2 * H)}
        parts = {f"W_{k}": (rows[k], slice(D)) for k in rows} | {f"b_{k}": (rows[k], D) for k in rows}
        W = np.zeros((2 * H, D + 1), dtype)
        super().__init__(
            W, parts, input_size=D, hidden_size=H, dtype=dtype, scan=switch("scan", scan), _buffers=Buffers()
        )

    @classmethod
    @short_traceback
    def initialize(cls, input_size, hidden_size, *, keep_bias=0.0, rng, dtype=np.float64, **options):
        """A layer with random weights, drawn from `rng`: Glorot's uniform. The biases are 0, except b_z = keep_bias.

        With keep_bias = 0 the gate stays near 0.5 and halves h at every step, like an LSTM with a forget bias of 0.
        """
        layer = cls(input_size, hidden_size, dtype=dtype, **options)
        layer.b_z = real_array("keep_bias", keep_bias, ndim=0, dtype=dtype)
        generator(rng)
        H, D = layer.hidden_size, layer.input_size
        for name in ("W_z", "W_n"):
            setattr(layer, name, rng.uniform(-1, 1, (H, D)) * np.sqrt(6 / (D + H)))
        return layer

    @short_traceback
    def step(self, x, h):
        """One step of one sequence, written as in the equations: x (D,) and h (H,) give the new h.

        For N sequences, every argument has N rows.
        """
        x, h = one_step(self, x, h=h)
        z = sigmoid(affine(self.W_z, self.b_z, x))
        n = affine(self.W_n, self.b_n, x)
        return (1 - z) * n + z * h

    @short_traceback
    def forward(self, x, h0=None):
        """Run a whole sequence: x (T, N, D) or (T, D), h0 (N, H) or (H,), zeros if None.

        Returns:
            A `Trace` with x z n h over time, and h0.

        Raises:
            TypeError, ValueError: an argument does not hold real, finite numbers, or has the wrong shape.
        """
        x, h0, W, batched = start(self, x, h0=h0)
        (T, D, N), H = x.shape, self.hidden_size
        u = self._buffers.empty((T, D + 1, N), self.dtype)  # [x; 1] of every step
        gates = self._buffers.empty((T, 2 * H, N), self.dtype)  # z n
        h = self._buffers.empty((T + 1, H, N), self.dtype)
        u[:, :D], u[:, D], h[0] = x, 1, h0
        # z = sigmoid(W_z x + b_z), n = W_n x + b_n: at all steps at once
        np.matmul(np.concatenate([-W[:H], W[H:]]), u, gates)
        z, n = gates[:, :H], gates[:, H:]
        with np.errstate(over="ignore", under="ignore"):  # exp(1000) is infinite and the gate 0, as it should be
            np.reciprocal(1 + np.exp(z, z), z)
        # h = (1 - z) * n + z * h_prev
        np.multiply(1 - z, n, h[1:])
        self._add_up(z, h)
        fields = {"x": u[:, :D], "z": z, "n": n, "h": h[1:], "h0": h[0]}
        return Trace(self, {"W": W, "u": u, "gates": gates, "h": h}, batched, **fields)

    @short_traceback
    def backward(self, trace, dh=None, dh_T=None, *, to_x=True):
        """Back-propagation through time: from dL/dh to the gradients of the weights, of x and of h0.

        The gradient at h_t is dL/dh_t plus z_{t+1} times the gradient at h_{t+1}: the recurrence of `forward`, from the
        last step to the first.

        Args:
            trace: the result of `forward`. The gradients are taken at the weights it was made with.
            dh: dL/dh at every step, shaped like trace.h; zeros if None.
            dh_T: a gradient into the last state, (N, H) or (H,), added to dh; zeros if None.
            to_x: False leaves out the gradient of x, which training does not need if x is the data.

        Returns:
            `Gradients` of the weights by name, of x and h0, and of h: the total gradient at each step.
        """
        dh = start_back(self, trace, dh, dh_T, to_x)
        W, u, gates, h = (trace.kept[name] for name in ("W", "u", "gates", "h"))
        (T, D, N), H = (len(u), u.shape[1] - 1, u.shape[2]), self.hidden_size
        dx = self._buffers.empty((T, D if to_x else 0, N), self.dtype)
        # h = ... + z * h_prev
        z, n = gates[:, :H], gates[:, H:]
        self._add_up(z[::-1], dh[::-1])
        # h = (1 - z) * n + z * h_prev, z = sigmoid(z_z)
        dz = np.concatenate([(h[:-1] - n) * z * (1 - z), 1 - z], axis=1)
        dz.reshape(T, 2, H, N)[...] *= dh[1:, None]
        # z_z, n = W x + b
        np.matmul(W[:, : dx.shape[1]].T, dz, dx)
        fields = {"x": dx} if to_x else {}
        dW = flat(dz) @ flat(u).T
        return Gradients(dW, self.parts, trace.batched, **fields, h0=dh[0], h=dh[1:])

    def _add_up(self, keep, h):
        """h[t + 1] += keep[t] * h[t], in place, for t = 0, 1, ...: by `scan`, or one step at a time."""
        with np.errstate(under="ignore"):  # so little of the far past may be kept that it becomes 0
            if self.scan:
                h[1:] = scan(keep, h[1:], h[0])
            else:
                for keep_t, h_prev, h_t in zip(keep, h, h[1:], strict=False):
                    h_t += keep_t * h_prev


def scan(keep, add, start):
    """The recurrence h_t = keep_t * h_{t-1} + add_t for all t at once, in about log2 T passes.

    Two steps in a row make one step of the same kind: keep_2 (keep_1 h + add_1) + add_2 = (keep_2 keep_1) h + (keep_2
    add_1 + add_2). After the first pass each entry covers 2 steps, then 4, 8, ..., until each reaches back to the
    start.

    Args:
        keep, add: arrays of one shape, the steps on their first axis.
        start: h before the first step.

    Returns:
        h at every step, shaped like `add`.

    Source: Hillis & Steele (1986), "Data Parallel Algorithms"; Blelloch (1990), "Prefix Sums and Their Applications".
    """
    keep, h, reach = keep.copy(), add.copy(), 1
    h[0] += keep[0] * start
    while reach < len(h):
        h[reach:] += keep[reach:] * h[:-reach]
        keep[reach:] *= keep[:-reach]
        reach *= 2
    return h
