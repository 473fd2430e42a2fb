"""The LSTM over whole sequences: forward, and backward through time. `reference.py` is the same, written to be read."""

import numpy as np

from lstm_helpers._arguments import real_array, refuse, short_traceback, switch
from lstm_helpers.equations import sigmoid
from lstm_helpers.layers._layer import Layer, columns, fill_weights, prepare_backward, step_arguments
from lstm_helpers.layers._loops import affine, blocks, flat, product, stacked_columns
from lstm_helpers.layers._trace import Gradients


class LSTM(Layer):
    """A layer of H LSTM units on D inputs:

        f = sigmoid(W_f [h_prev; x] + b_f)        g = tanh(W_g [h_prev; x] + b_g)
        i = sigmoid(W_i [h_prev; x] + b_i)        c = f * c_prev + i * g
        o = sigmoid(W_o [h_prev; x] + b_o)        h = o * tanh(c)

    One matrix `W` holds all weights; `W_f`, of shape (H, H + D), `b_f`, of shape (H,), and so on are views of it. The
    layer computes in its dtype and converts its arguments to it.

    Args:
        input_size, hidden_size: D and H.
        peepholes: f and i also see c_prev, and o sees c, through one weight per unit: `p_f`, `p_i`, `p_o`.
        coupled: the cell writes exactly as much as it forgets: i = 1 - f.
        forget_gate: False for the LSTM of 1997, which forgets nothing: f = 1.
        dtype: float32 or float64.

    Sources: Hochreiter & Schmidhuber (1997), "Long Short-Term Memory"; Gers, Schmidhuber & Cummins (2000), "Learning
    to Forget: Continual Prediction with LSTM"; Gers & Schmidhuber (2000), "Recurrent Nets that Time and Count", for the
    peepholes; Greff et al. (2017), "LSTM: A Search Space Odyssey", for the coupled gates.
    """

    @short_traceback
    def __init__(self, input_size, hidden_size, *, peepholes=False, coupled=False, forget_gate=True, dtype=np.float64):
        peepholes, coupled = switch("peepholes", peepholes), switch("coupled", coupled)
        forget_gate = switch("forget_gate", forget_gate)
        if coupled and not forget_gate:
            refuse(ValueError, "coupled needs forget_gate=True: it couples the input gate to the forget gate")
        named = "fgo" if coupled else "figo" if forget_gate else "igo"
        extra = {f"p_{k}": k for k in "fio" if k in named} if peepholes else {}
        options = {"peepholes": peepholes, "coupled": coupled, "forget_gate": forget_gate}
        # o i f g: the sigmoid gates are adjacent, and with c_prev after g, the terms of c are [i f] * [g c_prev]
        super().__init__(input_size, hidden_size, dtype, "oifg", named=named, extra=extra, **options)

    @classmethod
    @short_traceback
    def initialize(cls, input_size, hidden_size, *, forget_bias=1.0, rng, dtype=np.float64, **options):
        """A layer with random weights, drawn from `rng`: orthogonal on h_prev, Glorot's uniform on x.

        Biases and peepholes are 0, except b_f: at 0, the gate would stay near 0.5 and halve the memory at every step
        (Jozefowicz et al., 2015).
        """
        layer = cls(input_size, hidden_size, dtype=dtype, **options)
        forget_bias = real_array("forget_bias", forget_bias, ndim=0, dtype=dtype)
        if layer.forget_gate:
            layer.b_f = forget_bias
        return fill_weights(layer, rng)

    @short_traceback
    def step(self, x, h, c):
        """One step, written like the equations: the new h and c from x (D,), h (H,), c (H,), or from N rows of each."""
        x, h, c = step_arguments(self, x, h=h, c=c)
        f = sigmoid(self._z("f", h, x, c)) if self.forget_gate else 1
        i = 1 - f if self.coupled else sigmoid(self._z("i", h, x, c))
        g = np.tanh(self._z("g", h, x))
        c = f * c + i * g
        o = sigmoid(self._z("o", h, x, c))  # a peephole of o sees the new c
        h = o * np.tanh(c)
        return h, c

    def _z(self, gate, h, x, c=None):
        """The pre-activation of a gate: W [h; x] + b, plus p * c if the gate has a peephole."""
        z = affine(getattr(self, f"W_{gate}"), getattr(self, f"b_{gate}"), h, x)
        return z + getattr(self, f"p_{gate}") * c if self.peepholes and c is not None else z

    @short_traceback
    def forward(self, x, h0=None, c0=None, *, lengths=None):
        """Run a whole sequence: x (T, N, D), or (T, D) without a batch, from h0 and c0, (N, H) or (H,), zeros if None.

        `lengths` gives the number of steps of each sequence, from 1 to T: (N,), or one number without a batch; T if
        None. After a sequence's last step, regardless of x, f = 1 and i = g = o = 0, so c stays and h is 0;
        `trace.h_T` and `trace.c_T` are its last states.

        Returns a `Trace` with x f i g o c h over time, and h0 and c0. The gates are accurate even if nearly shut.
        Raises `TypeError` or `ValueError` if an argument does not hold real, finite numbers, has the wrong shape, or is
        so large that h is not finite.

        Memory: the Trace holds (6 H + D + 1) N (T + 1) values and the weights; `backward` needs (3 H + D) N T more,
        and 10 H + D + 1 for each column of a block of steps.
        """
        return self._traced(x, lengths, h0=h0, c0=c0)

    def _forward(self, x, h0, c0, W):
        """The forward pass for `forward`: x (T, D, N), h0 and c0 (H, N) or 0."""
        (T, _, N), H = x.shape, self.hidden_size
        u = stacked_columns(self, x, h0)  # [h_prev; x; 1] of every step
        gates = self._buffers.empty((5, T + 1, H, N), self.dtype)  # o i f g c of every step, after c0
        gates[4, 0] = c0
        self._run(W, u, gates)
        o, i, f, g, c = gates[:, 1:]
        fields = {"x": u[:T, H:-1], "f": f, "i": i, "g": g, "o": o, "c": c, "h": u[1:, :H]}
        fields |= {"h0": u[0, :H], "c0": gates[4, 0]}
        return {"u": u, "gates": gates}, fields

    def _run(self, W, u, gates):
        """Run all steps: each computes its gates and c in the same small array, `now`, and copies them to `gates`.

        `now` stays in the cache, and its views are created once. Every call writes into its last argument, so the loop
        allocates nothing.
        """
        (_, K, N), H, W = u.shape, self.hidden_size, W.copy()
        # sigmoid(z) = 1 / (1 + exp(-z)), accurate for nearly shut gates too; the minus goes into the weights
        np.negative(W[: 3 * H], W[: 3 * H])
        peepholes, coupled, forget_gate = self.peepholes, self.coupled, self.forget_gate
        pre_activation, one, terms = product(W[:, :K], N), np.array(1, W.dtype), np.empty((2 * H, N), W.dtype)
        written, kept = terms[:H], terms[H:]
        now = np.empty((5, H, N), W.dtype)
        o, i, f, g, c = now
        rows = now.reshape(5 * H, N)
        z, i_f, g_c = rows[: 4 * H], rows[H : 3 * H], rows[3 * H :]
        early = rows[: 3 * H]
        if peepholes:  # o waits for c
            early, p_o, p_if = i_f, W[:H, -1:], W[H : 3 * H, -1].reshape(2, H, 1)
        add, multiply, divide, exp, tanh = np.add, np.multiply, np.divide, np.exp, np.tanh
        c[...] = gates[4, 0]
        with np.errstate(over="ignore", under="ignore"):  # exp(1000) is infinite, so the gate is 0
            for u_t, gates_t, h in zip(u, gates[:, 1:].swapaxes(0, 1), u[1:, :H], strict=False):
                # z = W [h_prev; x; 1]
                pre_activation(u_t, z)
                if peepholes:
                    now[1:3] += p_if * c
                # f, i, o = sigmoid(z); g = tanh(z)
                exp(early, early)
                add(early, one, early)
                divide(one, early, early)
                tanh(g, g)
                if coupled:
                    np.subtract(one, f, i)
                elif not forget_gate:
                    f[...] = 1
                # c = f * c_prev + i * g
                multiply(i_f, g_c, terms)
                add(kept, written, c)
                # h = o * tanh(c)
                if peepholes:
                    o[...] = 1 / (1 + exp(o + p_o * c))
                tanh(c, h)
                multiply(o, h, h)
                gates_t[...] = now

    @short_traceback
    def backward(self, trace, dh=None, dh_T=None, dc_T=None, *, to_x=True):
        """Back-propagation through time: the gradients of the weights, of x, h0 and c0, from dL/dh.

        Args:
            trace: the result of `forward`. The gradients are taken at the weights that computed it.
            dh: dL/dh at every step, shaped like trace.h; zeros if None. Steps after a sequence's last are ignored.
            dh_T, dc_T: gradients into the last states, trace.h_T and trace.c_T, (N, H) or (H,), added to those that
                come from dh; zeros if None.
            to_x: False skips the gradient of x, which training does not need if x is the data.

        Returns `Gradients` of the weights by name, of x, h0 and c0, and of h and c: the total gradient at each step.
        """
        dh = prepare_backward(self, trace, dh, dh_T, to_x)
        W, u, gates = trace.kept["W"], trace.kept["u"], trace.kept["gates"]
        T, K, H, N = len(u) - 1, u.shape[1], self.hidden_size, u.shape[2]
        dc = self._buffers.empty((T + 1, H, N), self.dtype)
        dc[T] = columns("dc_T", dc_T, {"N": N, "H": H}, trace.batched, self.dtype)
        rows = K - 1 if to_x else H  # of [h_prev; x], the ones that need a gradient
        du, to_u = self._buffers.empty((T, rows, N), self.dtype), product(W[:, :rows].T, N)
        dW, slices = np.zeros(W.shape, W.dtype), blocks(T, N, H, self.dtype)
        longest = slices[-1].stop
        scratch = self._buffers.empty((5, longest, H, N), self.dtype)
        scratch_dz = self._buffers.empty((4 * H, longest, N), self.dtype)
        for steps in slices:
            extended = slice(steps.start, steps.stop + 1)  # with the step before them
            gates_now, d, dz = gates[:, extended], scratch[:, : len(du[steps])], scratch_dz[:, : len(du[steps])]
            self._local_derivatives(u[1:, :H][steps], gates_now, d)
            self._run_back(W, to_u, gates_now[2, 1:], d, dz, dh[extended], dc[extended], du[steps])
            # z = W [h_prev; x; 1], + p * c_prev for i and f, + p * c for o: all steps of the block at once
            dW[:, :K] += dz.reshape(4 * H, -1) @ flat(u[steps]).T
            if self.peepholes:
                c, (dz_o, dz_i, dz_f, _) = gates_now[4], dz.reshape(4, H, -1, N)
                dW[:H, K] += np.einsum("htn,thn->h", dz_o, c[1:])
                dW[H : 2 * H, K] += np.einsum("htn,thn->h", dz_i, c[:-1])
                dW[2 * H : 3 * H, K] += np.einsum("htn,thn->h", dz_f, c[:-1])
        fields = {"x": du[:, H:]} if to_x else {}
        return Gradients(dW, self.parts, trace.batched, **fields, h0=dh[0], c0=dc[0], h=dh[1:], c=dc[1:])

    def _local_derivatives(self, h, gates, d):
        """Fill d with the local derivatives, the factors of dh and dc on their way back, for all its steps at once.

        dh times rows 0 and 1 gives (its part of dc, dz_o); dc times the other rows gives (dz_i, dz_f, dz_g).
        """
        (o, i, f, g, c), c_prev = gates[:, 1:], gates[4, :-1]
        via_h, dz_o, dz_i, dz_f, dz_g = d
        # o, i, f = sigmoid(z): sigmoid' = sigmoid * (1 - sigmoid)
        np.subtract(1, gates[:3, 1:], d[1:4])
        # h = o * tanh(c): dh goes to c times o * (1 - tanh(c)**2), and to o times tanh(c)
        np.tanh(c, via_h)
        via_h *= h
        np.subtract(o, via_h, via_h)
        dz_o *= h
        # c = i * g + f * c_prev: dc goes to i times g, to f times c_prev
        dz_i *= i
        dz_i *= g
        dz_f *= f
        dz_f *= c_prev
        if self.coupled:  # i = 1 - f
            dz_f -= dz_i
            dz_i[...] = 0
        # ... and to g times i, and g = tanh(z): tanh' = 1 - tanh**2
        np.square(g, dz_g)
        np.subtract(1, dz_g, dz_g)
        dz_g *= i

    def _run_back(self, W, to_u, f, d, dz, dh, dc, du):
        """Run the steps of d backward: from the local derivatives d to dz, dh, dc and du; in place, like `_run`.

        dz has the axes `(rows of W, time, N)`, so that the columns of all steps are side by side.
        """
        _, T, H, N = d.shape
        p_o, p_if = W[:H, -1:], W[H : 3 * H, -1].reshape(2, H, 1)
        add, multiply, peepholes = np.add, np.multiply, self.peepholes
        now = np.empty((5, H, N), W.dtype)
        via_h, dz_o, dz_i, dz_f, dz_g = now
        dz_now = now[1:].reshape(4 * H, N)
        over_time = d.swapaxes(0, 1), dz.swapaxes(0, 1), f, dh[:T], dc[:T], du, du[:, :H]
        dh_t, dc_t = dh[T], dc[T]
        for d_t, dz_t, f_t, dh_prev, dc_prev, du_t, from_z in zip(*(array[::-1] for array in over_time), strict=True):
            now[...] = d_t
            # h = o * tanh(c): dh goes to c and to o
            multiply(via_h, dh_t, via_h)
            multiply(dz_o, dh_t, dz_o)
            add(dc_t, via_h, dc_t)
            if peepholes:  # z_o = ... + p_o * c
                dc_t += p_o * dz_o
            # c = f * c_prev + i * g: dc goes to i, f, g, and along the highway to c_prev
            multiply(dz_i, dc_t, dz_i)
            multiply(dz_f, dc_t, dz_f)
            multiply(dz_g, dc_t, dz_g)
            multiply(f_t, dc_t, dc_prev)
            if peepholes:  # z_i, z_f = ... + p * c_prev
                dc_prev += (p_if * now[2:4]).sum(0)
            # z = W [h_prev; x; 1]
            to_u(dz_now, du_t)
            add(dh_prev, from_z, dh_prev)
            dh_t, dc_t = dh_prev, dc_prev
            dz_t[...] = dz_now
