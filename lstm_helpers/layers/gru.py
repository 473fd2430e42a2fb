"""The GRU over whole sequences: forward, and backward through time."""

import numpy as np

from lstm_helpers._arguments import short_traceback, switch
from lstm_helpers.equations import sigmoid
from lstm_helpers.layers._layer import Layer, fill_weights, step_arguments
from lstm_helpers.layers._loops import affine, flat, product, stacked_columns


class GRU(Layer):
    """A layer of H gated recurrent units on D inputs:

        r = sigmoid(W_r [h_prev; x] + b_r)            the reset gate
        z = sigmoid(W_z [h_prev; x] + b_z)            the update gate: the fraction of h_prev that is kept
        n = tanh(W_nx x + b_n + r * (W_nh h_prev + b_hn))
        h = (1 - z) * n + z * h_prev

    The reset comes after the product, as in PyTorch and Keras. With `reset_after=False` it comes before, as in the
    paper, and there is no b_hn: n = tanh(W_nh (r * h_prev) + W_nx x + b_n).

    One matrix `W` holds all weights; `W_r`, of shape (H, H + D), `b_r`, of shape (H,), and so on are views of it, and
    W_n is [W_nh, W_nx]. The layer computes in its dtype and converts its arguments to it.

    Args:
        input_size, hidden_size: D and H.
        reset_after: False to reset before the product.
        dtype: float32 or float64.

    Source: Cho et al. (2014), "Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine
    Translation". There, and in ONNX, h = z * h_prev + (1 - z) * n too; Chung et al. (2014), "Empirical Evaluation of
    Gated Recurrent Neural Networks on Sequence Modeling", swap z and 1 - z.
    """

    @short_traceback
    def __init__(self, input_size, hidden_size, *, reset_after=True, dtype=np.float64):
        extra = {"b_hn": "n"} if switch("reset_after", reset_after) else {}
        super().__init__(input_size, hidden_size, dtype, "rzn", extra=extra, reset_after=bool(reset_after))

    @classmethod
    @short_traceback
    def initialize(cls, input_size, hidden_size, *, rng, dtype=np.float64, **options):
        """A layer with random weights, drawn from `rng`: orthogonal on h_prev, Glorot's uniform on x. Biases are 0."""
        return fill_weights(cls(input_size, hidden_size, dtype=dtype, **options), rng)

    @short_traceback
    def step(self, x, h):
        """One step, written like the equations: the new h from x (D,) and h (H,), or from N rows of each."""
        x, h = step_arguments(self, x, h=h)
        W_nh, W_nx = np.split(self.W_n, [self.hidden_size], axis=1)
        r = sigmoid(affine(self.W_r, self.b_r, h, x))
        z = sigmoid(affine(self.W_z, self.b_z, h, x))
        recurrent = r * affine(W_nh, self.b_hn, h) if self.reset_after else affine(W_nh, 0, r * h)
        n = np.tanh(recurrent + affine(W_nx, self.b_n, x))
        return (1 - z) * n + z * h

    def _forward(self, x, h0, W):
        """The forward pass for `Layer.forward`: x (T, D, N), h0 (H, N) or 0."""
        (T, _, N), H = x.shape, self.hidden_size
        u = stacked_columns(self, x, h0)  # [h_prev; x; 1] of every step
        gates = self._buffers.empty((T, 3 * H, N), self.dtype)  # r z n
        q = self._buffers.empty((T, H, N), self.dtype)
        self._run(W, u, gates, q)
        r, z, n = gates[:, :H], gates[:, H : 2 * H], gates[:, 2 * H :]
        fields = {"x": u[:T, H:-1], "r": r, "z": z, "n": n, "h": u[1:, :H], "h0": u[0, :H]}
        return {"u": u, "gates": gates, "q": q}, fields

    def _run(self, W, u, gates, q):
        """Run all steps. q gets the recurrent part of n: W_nh h_prev + b_hn, or r * h_prev if the reset comes first."""
        T, H, N = q.shape
        W, b_hn = W[:, : u.shape[1]].copy(), W[2 * H :, -1:]
        W[: 2 * H] *= -1  # sigmoid(z) = 1 / (1 + exp(-z)); the minus goes into the weights
        np.matmul(W[:, H:], u[:T, H:], gates)  # from x and the biases, all steps at once
        on_h = product(W[:, :H] if self.reset_after else W[: 2 * H, :H], N)
        on_reset_h = product(W[2 * H :, :H], N)
        from_h, from_n, one = np.empty((3 * H, N), W.dtype), np.empty((H, N), W.dtype), np.ones((), W.dtype)
        from_h = from_h if self.reset_after else from_h[: 2 * H]
        add, multiply = np.add, np.multiply

        over_time = (u[:, :H], gates[:, : 2 * H], gates[:, :H], gates[:, H : 2 * H], gates[:, 2 * H :], q, u[1:, :H])
        with np.errstate(over="ignore", under="ignore"):  # exp(1000) is infinite, so the gate is 0
            for h_prev, r_and_z, r, z, n, q_t, h in zip(*over_time, strict=False):
                # r, z = sigmoid(W_h h_prev + W_x x + b)
                on_h(h_prev, from_h)
                add(r_and_z, from_h[: 2 * H], r_and_z)
                np.exp(r_and_z, r_and_z)
                add(r_and_z, one, r_and_z)
                np.divide(one, r_and_z, r_and_z)
                # n = tanh(W_nx x + b_n + r * (W_nh h_prev + b_hn)), or tanh(W_nx x + b_n + W_nh (r * h_prev))
                if self.reset_after:
                    add(from_h[2 * H :], b_hn, q_t)
                    multiply(r, q_t, from_n)
                else:
                    multiply(r, h_prev, q_t)
                    on_reset_h(q_t, from_n)
                add(n, from_n, n)
                np.tanh(n, n)
                # h = (1 - z) * n + z * h_prev = n + z * (h_prev - n)
                np.subtract(h_prev, n, h)
                multiply(z, h, h)
                add(n, h, h)

    def _backward(self, kept, dh, to_x):
        """The backward pass for `Layer.backward`: dW and dx from dh (T + 1, H, N)."""
        W, u, gates, q = kept["W"], kept["u"], kept["gates"], kept["q"]
        (T, H, N), K = q.shape, u.shape[1]
        D = K - 1 - H if to_x else 0
        dx, d = self._buffers.empty((T, D, N), self.dtype), self._buffers.empty((T, 5, H, N), self.dtype)
        self._local_derivatives(u[:T, :H], gates, q, d)
        self._run_back(W, gates, d, dh)
        # z_r, z_z, z_n = W_h [...] + W_x x + b, all steps at once: all three see x and 1 ...
        dz = d.reshape(T, 5 * H, N)[:, H : 4 * H]
        np.matmul(W[:, H : H + D].T, dz, dx)
        dW, flat_h = np.zeros_like(W), flat(u[:T, :H])
        dW[:, H:K] = flat(dz) @ flat(u[:T, H:]).T
        # ... r and z see h_prev, and n sees it through q
        dW[: 2 * H, :H] = flat(dz[:, : 2 * H]) @ flat_h.T
        if self.reset_after:
            dq = flat(d[:, 0])
            dW[2 * H :, :H], dW[2 * H :, -1] = dq @ flat_h.T, dq.sum(1)
        else:
            dW[2 * H :, :H] = flat(dz[:, 2 * H :]) @ flat(q).T
        return dW, dx

    def _local_derivatives(self, h_prev, gates, q, d):
        """Fill d with the local derivatives at all steps: dh times d gives (dq, dz_r, dz_z, dz_n, dh_prev).

        With the reset before the product, the path to q and r leads back through the product: row 1 is dz_r / dq.
        """
        r, z, n = gates.reshape(len(d), 3, *q.shape[1:]).swapaxes(0, 1)
        # h = (1 - z) * n + z * h_prev, z = sigmoid(z_z), n = tanh(z_n)
        d[:, 2] = (h_prev - n) * z * (1 - z)
        d[:, 3] = (1 - z) * (1 - n**2)
        d[:, 4] = z
        # r = sigmoid(z_r), and z_n = ... + r * q, or q = r * h_prev
        d[:, 0] = d[:, 3] * r
        d[:, 1] = (d[:, 3] * q if self.reset_after else h_prev) * r * (1 - r)

    def _run_back(self, W, gates, d, dh):
        """Run all steps backward: in place, from the local derivatives d to the gradients, and to dh."""
        T, _, H, N = d.shape
        W_rz, W_n = W[: 2 * H, :H], W[2 * H :, :H]
        back = product(np.concatenate([W_n, W_rz]).T if self.reset_after else W_rz.T, N)
        back_to_q, from_z = product(W_n.T, N), np.empty((H, N), W.dtype)
        seen = d.reshape(T, 5 * H, N)[:, 0 if self.reset_after else H : 3 * H]
        over_time = (d, d[:, 0], d[:, 1], d[:, 2:], d[:, 3], d[:, 4], seen, gates[:, :H], dh[1:], dh[:-1])
        backward = zip(*(array[::-1] for array in over_time), strict=True)
        for d_t, dq, dz_r, rest, dz_n, kept, seen_t, r, dh_t, dh_prev in backward:
            if self.reset_after:
                np.multiply(d_t, dh_t, d_t)
            else:  # z_n = ... + W_nh q, q = r * h_prev
                np.multiply(rest, dh_t, rest)
                back_to_q(dz_n, dq)
                np.multiply(dz_r, dq, dz_r)
                dh_prev += dq * r
            # h = ... + z * h_prev
            np.add(dh_prev, kept, dh_prev)
            # z_r, z_z (and q, if it is W_nh h_prev + b_hn)
            back(seen_t, from_z)
            np.add(dh_prev, from_z, dh_prev)
