"""The plain RNN over whole sequences: forward, and backward through time."""

import numpy as np

from lstm_helpers._arguments import short_traceback
from lstm_helpers.layers._layer import Layer, fill_weights, step_arguments
from lstm_helpers.layers._loops import affine, flat, product, stacked_columns


class RNN(Layer):
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
        super().__init__(input_size, hidden_size, dtype, "h")

    @classmethod
    @short_traceback
    def initialize(cls, input_size, hidden_size, *, rng, dtype=np.float64):
        """A layer with random weights, drawn from `rng`: orthogonal on h_prev, Glorot's uniform on x. Biases are 0."""
        return fill_weights(cls(input_size, hidden_size, dtype=dtype), rng)

    @short_traceback
    def step(self, x, h):
        """One step, written like the equation: the new h from x (D,) and h (H,), or from N rows of each."""
        x, h = step_arguments(self, x, h=h)
        return np.tanh(affine(self.W_h, self.b_h, h, x))

    def _forward(self, x, h0, W):
        """The forward pass for `Layer.forward`: x (T, D, N), h0 (H, N) or 0."""
        T, H = len(x), self.hidden_size
        u = stacked_columns(self, x, h0)  # [h_prev; x; 1] of every step
        pre_activation = product(W, u.shape[2])
        for u_t, h in zip(u, u[1:, :H], strict=False):
            # h = tanh(W [h_prev; x; 1])
            pre_activation(u_t, h)
            np.tanh(h, h)
        return {"u": u}, {"x": u[:T, H:-1], "h": u[1:, :H], "h0": u[0, :H]}

    def _backward(self, kept, dh, to_x):
        """The backward pass for `Layer.backward`: dW and dx from dh (T + 1, H, N)."""
        W, u = kept["W"], kept["u"]
        T, K, H, N = len(u) - 1, u.shape[1], self.hidden_size, u.shape[2]
        du = self._buffers.empty((T, K - 1 if to_x else H, N), self.dtype)
        dz = self._buffers.empty((T, H, N), self.dtype)
        # h = tanh(z): tanh' = 1 - tanh**2
        np.square(u[1:, :H], dz)
        np.subtract(1, dz, dz)
        to_u = product(W[:, : du.shape[1]].T, N)
        over_time = dz, dh[1:], dh[:T], du, du[:, :H]
        for dz_t, dh_t, dh_prev, du_t, from_z in zip(*(array[::-1] for array in over_time), strict=True):
            np.multiply(dz_t, dh_t, dz_t)
            # z = W [h_prev; x; 1]
            to_u(dz_t, du_t)
            np.add(dh_prev, from_z, dh_prev)
        return flat(dz) @ flat(u[:T]).T, du[:, H:]
