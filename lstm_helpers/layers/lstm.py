"""The LSTM over whole sequences: forward, and back through time."""

import numpy as np

from lstm_helpers._arguments import one_frame, real_array
from lstm_helpers.equations import sigmoid
from lstm_helpers.layers import _sequence as seq


class LSTM(seq.Named):
    """A layer of H LSTM units on D inputs:

        f = sigmoid(W_f [h_prev; x] + b_f)        g = tanh(W_g [h_prev; x] + b_g)
        i = sigmoid(W_i [h_prev; x] + b_i)        c = f * c_prev + i * g
        o = sigmoid(W_o [h_prev; x] + b_o)        h = o * tanh(c)

    All weights stand in one matrix `W`; `W_f` of shape (H, H + D), `b_f` of shape (H,), and so on are views of it.
    The layer computes in its dtype: whatever it is given is converted to that.

    Args:
        input_size, hidden_size: D and H.
        peepholes: f and i also see c_prev, and o sees c, through one weight per unit: `p_f`, `p_i`, `p_o`.
        coupled: what is forgotten makes room for what is written: i = 1 - f.
        forget_gate: False for the LSTM of 1997, which keeps everything: f = 1.
        dtype: float32 or float64.

    Sources: Hochreiter & Schmidhuber (1997), "Long Short-Term Memory"; Gers, Schmidhuber & Cummins (2000), "Learning
    to Forget"; Gers & Schmidhuber (2000), "Recurrent Nets that Time and Count", for the peepholes; Greff et al.
    (2017), "LSTM: A Search Space Odyssey", for the coupled gates.
    """

    @one_frame
    def __init__(self, input_size, hidden_size, *, peepholes=False, coupled=False, forget_gate=True, dtype=np.float64):
        D, H, dtype = seq.sizes(input_size, hidden_size, dtype)
        if coupled and not forget_gate:
            seq.refuse(ValueError, "coupled needs the forget gate: it is what the input gate is coupled to")
        # The order of the gates within W and a Trace: o first and g last, so that what the sigmoid is for stands
        # together (o f i), and what dc is for (f i g). A gate without weights comes before them all.
        without = "i" if coupled else "" if forget_gate else "f"
        computed = [k for k in "ofig" if k != without]
        rows = {k: slice(n * H, (n + 1) * H) for n, k in enumerate(computed)}
        parts = {f"W_{k}": (rows[k], slice(H + D)) for k in "figo" if k in rows}
        parts |= {f"b_{k}": (rows[k], H + D) for k in "figo" if k in rows}
        if peepholes:  # one more column; its rows for g are not used and stay 0
            parts |= {f"p_{k}": (rows[k], H + D + 1) for k in "fio" if k in rows}
        super().__init__(np.zeros((len(computed) * H, H + D + 1 + bool(peepholes)), dtype), parts)
        vars(self).update(input_size=D, hidden_size=H, dtype=dtype, _memory=seq.Memory())
        vars(self).update(peepholes=bool(peepholes), coupled=bool(coupled), forget_gate=bool(forget_gate))
        vars(self).update(order=[*without, *computed])

    @classmethod
    @one_frame
    def initialize(cls, input_size, hidden_size, *, forget_bias=1.0, rng, dtype=np.float64, **options):
        """A layer with random weights, drawn from `rng`: orthogonal on h_prev, Glorot's uniform on x.

        The biases are 0, but for b_f: with 0 the gate would stand at 0.5 and halve the memory at every step
        (Jozefowicz et al., 2015). The peepholes start at 0.
        """
        layer = cls(input_size, hidden_size, dtype=dtype, **options)
        forget_bias = real_array("forget_bias", forget_bias, ndim=0, dtype=dtype)
        if layer.forget_gate:
            layer.b_f = forget_bias
        return seq.fill_weights(layer, rng)

    @one_frame
    def step(self, x, h, c):
        """One step of one sequence, as on the page: x (D,), h (H,), c (H,) give the new h and c."""
        x = real_array("x", x, shape={"D": self.input_size}, dtype=self.dtype)
        h = real_array("h", h, shape={"H": self.hidden_size}, dtype=self.dtype)
        c = real_array("c", c, shape={"H": self.hidden_size}, dtype=self.dtype)

        f = sigmoid(self._z("f", h, x, c)) if self.forget_gate else 1
        i = 1 - f if self.coupled else sigmoid(self._z("i", h, x, c))
        g = np.tanh(self._z("g", h, x))
        c = f * c + i * g
        o = sigmoid(self._z("o", h, x, c))  # a peephole of o sees the new c
        h = o * np.tanh(c)
        return h, c

    def _z(self, gate, h, x, c=None):
        """The pre-activation of a gate: W [h; x] + b, and p * c where the gate has a peephole."""
        z = getattr(self, f"W_{gate}") @ np.concatenate([h, x]) + getattr(self, f"b_{gate}")
        return z + getattr(self, f"p_{gate}") * c if self.peepholes and c is not None else z

    @one_frame
    def forward(self, x, h0=None, c0=None):
        """The whole sequence, step by step.

        The memory that BPTT takes: the Trace holds (6 H + D + 1) N T values (and (2 H + D + 1) N for the states before
        step 1, and the weights). While `backward` runs there are (3 H + D) N T more (and 11 H + D + 1 for each column
        of one block, 2 H columns or more where H is small, and three times the weights).

        Args:
            x: (T, N, D), or (T, D) for one sequence without a batch.
            h0, c0: the states before step 1, (N, H) or (H,); zeros if None.

        Returns:
            A `Trace` with x f i g o c h over time, and h0 and c0. The gates are the exact sigmoid, however shut.

        Raises:
            TypeError, ValueError: an argument does not hold real, finite numbers, or has another shape.
        """
        x, batched = seq.sequence(x, self.input_size, self.dtype)
        (T, D, N), H = x.shape, self.hidden_size
        h0 = seq.inward("h0", h0, {"N": N, "H": H}, batched, self.dtype)
        c0 = seq.inward("c0", c0, {"N": N, "H": H}, batched, self.dtype)
        W = real_array("W", self.W).copy()  # the Trace keeps the weights that made it

        u, gates, c = self._memory.arrays(self.dtype, (T + 1, H + D + 1, N), (T, 4, H, N), (T + 1, H, N))
        seq.fill_columns(u, x, h0)
        c[0] = c0
        if not self.forget_gate:
            gates[:, 0] = 1
        self._run(W, u, gates, c)

        kept = {"W": W, "u": u, "gates": gates, "c": c}
        f, i, g, o = (gates[:, self.order.index(k)] for k in "figo")
        fields = {"x": u[:T, H:-1], "f": f, "i": i, "g": g, "o": o, "c": c[1:], "h": u[1:, :H]}
        return seq.Trace(self, kept, batched, **fields, h0=u[0, :H], c0=c[0])

    def _run(self, W, u, gates, c):
        """The steps. Every call writes into its last argument: nothing is allocated on the way."""
        T, _, H, N = gates.shape
        z = gates.reshape(T, 4 * H, N)[:, -len(W) :]
        early = z[:, H if self.peepholes else 0 : -H]  # the gates that need not wait for c: o must, with a peephole
        f, i, g, o = (gates[:, self.order.index(k)] for k in "figo")
        # sigmoid(z) is 1 / (1 + exp(-z)), accurate on a nearly shut gate too. The minus goes into the weights.
        minus = np.where(np.arange(len(W)) < len(W) - H, -1, 1).astype(W.dtype)
        W, p = W[:, : u.shape[1]] * minus[:, None], W[:, -1:] * minus[:, None]
        p_o, p_early, seen = p[:H], p[H:-H].reshape(-1, H, 1), np.empty((len(W) - 2 * H, N), W.dtype)
        product, one = seq.product(W, N), np.ones((), W.dtype)
        written, tanh_c = np.empty((2, H, N), W.dtype)
        add, multiply, exp, tanh, reciprocal = np.add, np.multiply, np.exp, np.tanh, np.reciprocal

        steps = zip(u, z, early, f, i, g, o, c, c[1:], u[1:, :H], strict=False)
        with np.errstate(over="ignore", under="ignore"):  # exp(1000) is infinite and the gate 0: that is what is meant
            for u_t, z_t, early_t, f_t, i_t, g_t, o_t, c_prev, c_t, h_t in steps:
                # z = W [h_prev; x; 1]
                product(u_t, z_t)
                if self.peepholes:
                    multiply(p_early, c_prev, seen.reshape(-1, H, N))
                    add(early_t, seen, early_t)
                # f, i, o = sigmoid(z); g = tanh(z)
                exp(early_t, early_t)
                add(early_t, one, early_t)
                reciprocal(early_t, early_t)
                tanh(g_t, g_t)
                if self.coupled:
                    np.subtract(one, f_t, i_t)
                # c = f * c_prev + i * g
                multiply(f_t, c_prev, c_t)
                multiply(i_t, g_t, written)
                add(c_t, written, c_t)
                # h = o * tanh(c)
                if self.peepholes:
                    o_t[...] = 1 / (1 + exp(o_t + p_o * c_t))
                tanh(c_t, tanh_c)
                multiply(o_t, tanh_c, h_t)

    @one_frame
    def backward(self, trace, dh=None, dh_T=None, dc_T=None):
        """Back-propagation through time: from dL/dh to the gradient of everything that L came from.

        Args:
            trace: what `forward` returned. The gradients are those at the weights it was made with.
            dh: dL/dh at every step, shaped like trace.h; zeros if None.
            dh_T, dc_T: gradients into the last states, (N, H) or (H,), added to what comes otherwise.

        Returns:
            `Gradients`: those of the weights by name, of x, h0 and c0, and h and c: what reaches the states at each
            step along all paths.
        """
        seq.own_trace(self, trace)
        W, u = trace.kept["W"], trace.kept["u"]
        T, K, H, N = len(u) - 1, u.shape[1], self.hidden_size, u.shape[2]
        arrived, dc, du = self._memory.arrays(self.dtype, (T + 1, H, N), (T + 1, H, N), (T, K - 1, N))
        seq.fill_arriving(arrived, trace, dh, dh_T)
        dc[T] = seq.inward("dc_T", dc_T, {"N": N, "H": H}, trace.batched, self.dtype)
        product, dW = seq.product(W[:, : K - 1].T, N), np.zeros_like(W)
        blocks = seq.blocks(T, N, H, self.dtype)
        (scratch,) = self._memory.arrays(self.dtype, (blocks[-1].stop, len(W) // H + 2, H, N))
        for steps in blocks:
            d = scratch[: steps.stop - steps.start]
            self._local_derivatives(trace, steps, d)
            self._run_back(W, product, d, arrived, dc, du, steps)
            # z = W [h_prev; x; 1], and + p * c_prev for f and i, + p * c for o: for all steps of the block at once
            dW[:, :K] += seq.flat(d[:, 1:-1].reshape(len(d), -1, N)) @ seq.flat(u[steps]).T
            if self.peepholes:
                c = trace.kept["c"]
                dW[:H, -1] += np.einsum("thn,thn->h", d[:, 1], c[1:][steps])
                dW[H:-H, -1] += np.einsum("tkhn,thn->kh", d[:, 2:-2], c[steps]).ravel()
        return seq.Gradients(
            dW, self.parts, trace.batched, x=du[:, H:], h0=arrived[0], c0=dc[0], h=arrived[1:], c=dc[1:]
        )

    def _local_derivatives(self, trace, steps, d):
        """What dh and dc are multiplied by on their way back, for a block of steps at once: sigma' and tanh' in z.

        The rows stand as the products need them: dh times rows 0 and 1 gives (its part of dc, dz_o), dc times the
        others gives (dz_f, dz_i, dz_g, dc_prev); so rows 1 to -1 become dz in the order of W.
        """
        gates, c = trace.kept["gates"][steps], trace.kept["c"]
        c_prev, c = c[steps], c[1:][steps]
        f, i, g, o = (gates[:, self.order.index(k)] for k in "figo")
        sigmoids = gates[:, 3 - d[0, 1:-2].shape[0] : 3]
        # f, i, o = sigmoid(z): sigmoid' = sigmoid * (1 - sigmoid)
        np.subtract(1, sigmoids, d[:, 1:-2])
        d[:, 1:-2] *= sigmoids
        # h = o * tanh(c)
        np.tanh(c, d[:, 0])
        d[:, 1] *= d[:, 0]
        seq.tanh_slope(d[:, 0], d[:, 0])
        d[:, 0] *= o
        # c = f * c_prev + i * g, and with coupled gates i = 1 - f
        if self.forget_gate:
            d[:, 2] *= c_prev - g if self.coupled else c_prev
        if not self.coupled:
            d[:, -3] *= g
        # g = tanh(z)
        seq.tanh_slope(g, d[:, -2])
        d[:, -2] *= i
        d[:, -1] = f

    def _run_back(self, W, product, d, dh, dc, du, steps):
        """The steps of one block, the last first. d comes with the local derivatives and leaves with the gradients."""
        H, N = dh.shape[1:]
        now = slice(steps.start + 1, steps.stop + 1)
        along = (d, d[:, 0], d[:, 1], d[:, 2:], d[:, -1], d.reshape(len(d), -1, N)[:, H:-H])
        along = (*along, dh[now], dc[now], dh[steps], du[steps], du[steps, :H])
        p, dc_next = W[:, -1:].reshape(-1, H, 1), dc[steps.stop]
        add, multiply = np.add, np.multiply
        backwards = zip(*(array[::-1] for array in along), strict=True)
        for d_t, via_h, dz_o, dz_fig, highway, dz, dh_t, dc_t, dh_prev, du_t, from_z in backwards:
            # h = o * tanh(c): dh goes to c and to o
            multiply(via_h, dh_t, via_h)
            multiply(dz_o, dh_t, dz_o)
            add(dc_next, via_h, dc_t)
            if self.peepholes:  # z_o = ... + p_o * c
                dc_t += p[0] * dz_o
            # c = f * c_prev + i * g: dc goes to f, i, g, and along the highway to c_prev
            multiply(dz_fig, dc_t, dz_fig)
            if self.peepholes:  # z_f, z_i = ... + p * c_prev
                highway += (p[1:-1] * d_t[2:-2]).sum(0)
            dc_next = highway
            # z = W [h_prev; x; 1]
            product(dz, du_t)
            add(dh_prev, from_z, dh_prev)
        dc[steps.start] = dc_next
