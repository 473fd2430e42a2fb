"""The plain RNN over whole sequences: forward, and backward through time."""

import numpy as np

from lstm_helpers._arguments import short_traceback
from lstm_helpers.layers._buffers import Buffers
from lstm_helpers.layers._loops import affine, fill_columns, flat, product
from lstm_helpers.layers._trace import Gradients, Trace, one_step, start, start_back
from lstm_helpers.layers._weights import Named, fill_weights, sizes


class RNN(Named):
    """A layer of H plain recurrent units on D inputs: h = tanh(W_h [h_prev; x] + b_h).

    `W_h`, of shape (H, H + D), and `b_h`, of shape (H,), are views of one matrix `W`. The layer computes in its dtype
    and converts its arguments to it.

    Args:
        input_size, hidden_size: D and H.
        dtype: float32 or float64.

    Source: Elman (1990), "Finding Structure in Time".
    """

    @short_traceback
    def __init__(self, input_size, hidden_size, *, dtype=np.float64):
        D, H, dtype = sizes(input_size, hidden_size, dtype)
        parts = {"W_h": (slice(H), slice(H + D)), "b_h": (slice(H), H + D)}
        W = np.zeros((H, H + D + 1), dtype)
        super().__init__(W, parts, input_size=D, hidden_size=H, dtype=dtype, _buffers=Buffers())

    @classmethod
    @short_traceback
    def initialize(cls, input_size, hidden_size, *, rng, dtype=np.float64):
        """A layer with random weights, drawn from `rng`: orthogonal on h_prev, Glorot's uniform on x; no bias."""
        return fill_weights(cls(input_size, hidden_size, dtype=dtype), rng)

    @short_traceback
    def step(self, x, h):
        """One step of one sequence, written as in the equation: x (D,) and h (H,) give the new h.

        For N sequences, every argument has N rows.
        """
        x, h = one_step(self, x, h=h)
        return np.tanh(affine(self.W_h, self.b_h, h, x))

    @short_traceback
    def forward(self, x, h0=None):
        """Run a whole sequence: x (T, N, D) or (T, D), h0 (N, H) or (H,), zeros if None.

        Returns:
            A `Trace` with x and h over time, and h0.

        Raises:
            TypeError, ValueError: an argument does not hold real, finite numbers, or has the wrong shape.
        """
        x, h0, W, batched = start(self, x, h0=h0)
        (T, D, N), H = x.shape, self.hidden_size
        u = self._buffers.empty((T + 1, H + D + 1, N), self.dtype)  # [h_prev; x; 1] of every step
        fill_columns(u, x, h0)
        pre_activation = product(W, N)
        for u_t, h in zip(u, u[1:, :H], strict=False):
            # h = tanh(W [h_prev; x; 1])
            pre_activation(u_t, h)
            np.tanh(h, h)
        return Trace(self, {"W": W, "u": u}, batched, x=u[:T, H:-1], h=u[1:, :H], h0=u[0, :H])

    @short_traceback
    def backward(self, trace, dh=None, dh_T=None, *, to_x=True):
        """Back-propagation through time: from dL/dh to the gradients of the weights, of x and of h0.

        Args:
            trace: the result of `forward`. The gradients are taken at the weights it was made with.
            dh: dL/dh at every step, shaped like trace.h; zeros if None.
            dh_T: a gradient into the last state, (N, H) or (H,), added to dh; zeros if None.
            to_x: False leaves out the gradient of x, which training does not need if x is the data.

        Returns:
            `Gradients` of the weights by name, of x and h0, and of h: the total gradient at each step.
        """
        dh = start_back(self, trace, dh, dh_T, to_x)
        W, u = trace.kept["W"], trace.kept["u"]
        T, K, H, N = len(u) - 1, u.shape[1], self.hidden_size, u.shape[2]
        du = self._buffers.empty((T, K - 1 if to_x else H, N), self.dtype)
        dz = self._buffers.empty((T, H, N), self.dtype)
        # h = tanh(z): tanh' = 1 - tanh**2
        np.square(u[1:, :H], dz)
        np.subtract(1, dz, dz)
        to_u = product(W[:, : du.shape[1]].T, N)
        along = dz, dh[1:], dh[:T], du, du[:, :H]
        for dz_t, dh_t, dh_prev, du_t, from_z in zip(*(array[::-1] for array in along), strict=True):
            np.multiply(dz_t, dh_t, dz_t)
            # z = W [h_prev; x; 1]
            to_u(dz_t, du_t)
            np.add(dh_prev, from_z, dh_prev)
        dW = flat(dz) @ flat(u[:T]).T
        fields = {"x": du[:, H:]} if to_x else {}
        return Gradients(dW, self.parts, trace.batched, **fields, h0=dh[0], h=dh[1:])
