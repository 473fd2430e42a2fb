"""The LSTM over whole sequences: forward, and back through time."""

from itertools import islice

import numpy as np

from lstm_helpers._arguments import one_frame, real_array, switch
from lstm_helpers.equations import sigmoid
from lstm_helpers.layers import _sequence as seq
from lstm_helpers.layers._memory import Memory, Steps


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
        peepholes, coupled = switch("peepholes", peepholes), switch("coupled", coupled)
        forget_gate = switch("forget_gate", forget_gate)
        if coupled and not forget_gate:
            seq.refuse(ValueError, "coupled needs the forget gate: it is what the input gate is coupled to")
        without = "i" if coupled else "" if forget_gate else "f"  # its rows are not used and stay 0
        # o i f g: what the sigmoid is for stands together; and where c_prev follows, c is the sum of [i f] * [g c_prev]
        rows = {k: slice(n * H, (n + 1) * H) for n, k in enumerate("oifg") if k != without}
        parts = {f"W_{k}": (rows[k], slice(H + D)) for k in "figo" if k in rows}
        parts |= {f"b_{k}": (rows[k], H + D) for k in "figo" if k in rows}
        if peepholes:  # one more column; its rows for g are not used either
            parts |= {f"p_{k}": (rows[k], H + D + 1) for k in "fio" if k in rows}
        super().__init__(np.zeros((4 * H, H + D + 1 + peepholes), dtype), parts)
        vars(self).update(input_size=D, hidden_size=H, dtype=dtype, _memory=Memory())
        vars(self).update(peepholes=peepholes, coupled=coupled, forget_gate=forget_gate)

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
        """One step of one sequence, as on the page: x (D,), h (H,), c (H,) give the new h and c.

        For N sequences side by side, every argument has N rows.
        """
        x, h, c = seq.of_one_step(self, x, h=h, c=c)
        f = sigmoid(self._z("f", h, x, c)) if self.forget_gate else 1
        i = 1 - f if self.coupled else sigmoid(self._z("i", h, x, c))
        g = np.tanh(self._z("g", h, x))
        c = f * c + i * g
        o = sigmoid(self._z("o", h, x, c))  # a peephole of o sees the new c
        h = o * np.tanh(c)
        return h, c

    def _z(self, gate, h, x, c=None):
        """The pre-activation of a gate: W [h; x] + b, and p * c where the gate has a peephole."""
        z = seq.affine(getattr(self, f"W_{gate}"), getattr(self, f"b_{gate}"), h, x)
        return z + getattr(self, f"p_{gate}") * c if self.peepholes and c is not None else z

    @one_frame
    def forward(self, x, h0=None, c0=None):
        """The whole sequence, step by step.

        Memory: the Trace holds (6 H + D + 1) N (T + 1) values, and the weights; `backward` takes (3 H + D) N T more
        (and 11 H + D + 1 for each column of a block, 2 H or more where H is small, and three times the weights).

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
        state = {"N": N, "H": H}, batched, self.dtype
        h0, c0 = seq.inward("h0", h0, *state), seq.inward("c0", c0, *state)
        W = real_array("W", self.W).copy()  # the Trace keeps the weights that made it
        piece = self._memory.take(self.dtype, (T + 1, H + D + 1, N), (T + 1, 5, H, N), steps=self._steps_forward)
        u, gates = piece.arrays
        seq.fill_columns(u, x, h0)
        gates[0, 4] = c0
        self._run(W, N, piece.steps)
        u, gates = self._memory.lend(piece)
        o, i, f, g, _ = gates[:T].swapaxes(0, 1)
        fields = {"x": u[:T, H:-1], "f": f, "i": i, "g": g, "o": o, "c": gates[1:, 4], "h": u[1:, :H]}
        return seq.Trace(self, {"W": W, "u": u, "gates": gates}, batched, **fields, h0=u[0, :H], c0=gates[0, 4])

    def _steps_forward(self, u, gates):
        """What a step looks at: its column, its gates together and apart, c_prev, and where c and h go."""
        H, N = gates.shape[2:]
        rows = gates.reshape(len(u), 5 * H, N)
        z, i_f, g_c = rows[:, : 4 * H], rows[:, H : 3 * H], rows[:, 3 * H :]
        early = i_f if self.peepholes else rows[:, : 3 * H]  # need not wait for c: o must, with a peephole
        o, i, f, g, c = gates.swapaxes(0, 1)
        return Steps(u, z, early, i_f, g_c, o, i, f, g, c, c[1:], u[1:, :H])

    def _run(self, W, N, steps):
        """The steps. Every call writes into its last argument: nothing is allocated on the way."""
        H, K = self.hidden_size, self.hidden_size + self.input_size + 1
        # sigmoid(z) is 1 / (1 + exp(-z)), accurate on a nearly shut gate too. The minus goes into the weights.
        W = np.concatenate([-W[: 3 * H], W[3 * H :]])
        p_o, p_if = W[:H, -1:], W[H : 3 * H, -1].reshape(2, H, 1)
        product, one = seq.product(W[:, :K], N), np.ones((), W.dtype)
        terms, tanh_c = np.empty((2 * H, N), W.dtype), np.empty((H, N), W.dtype)
        written, kept = terms[:H], terms[H:]
        add, multiply, exp, tanh, reciprocal = np.add, np.multiply, np.exp, np.tanh, np.reciprocal
        with np.errstate(over="ignore", under="ignore"):  # exp(1000) is infinite and the gate 0: that is what is meant
            for u_t, z_t, early_t, i_f, g_c, o_t, i_t, f_t, g_t, c_prev, c_t, h_t in steps:
                # z = W [h_prev; x; 1]
                product(u_t, z_t)
                if self.peepholes:
                    early_t += (p_if * c_prev).reshape(2 * H, N)
                # f, i, o = sigmoid(z); g = tanh(z)
                exp(early_t, early_t)
                add(early_t, one, early_t)
                reciprocal(early_t, early_t)
                tanh(g_t, g_t)
                if self.coupled:
                    np.subtract(one, f_t, i_t)
                elif not self.forget_gate:
                    f_t[...] = 1
                # c = f * c_prev + i * g
                multiply(i_f, g_c, terms)
                add(kept, written, c_t)
                # h = o * tanh(c)
                if self.peepholes:
                    o_t[...] = 1 / (1 + exp(o_t + p_o * c_t))
                tanh(c_t, tanh_c)
                multiply(o_t, tanh_c, h_t)

    @one_frame
    def backward(self, trace, dh=None, dh_T=None, dc_T=None, *, to_x=True):
        """Back-propagation through time: from dL/dh to the gradient of everything that L came from.

        Args:
            trace: what `forward` returned. The gradients are those at the weights it was made with.
            dh: dL/dh at every step, shaped like trace.h; zeros if None.
            dh_T, dc_T: gradients into the last states, (N, H) or (H,), added to what comes otherwise.
            to_x: False leaves out the gradient of x, which training does not need where x is the data.

        Returns:
            `Gradients`: of the weights by name, of x, h0, c0, and h and c: what reaches the states at each step.
        """
        seq.own_trace(self, trace)
        to_x = switch("to_x", to_x)
        W, u, gates = trace.kept["W"], trace.kept["u"], trace.kept["gates"]
        T, K, H, N = len(u) - 1, u.shape[1], self.hidden_size, u.shape[2]
        rows, blocks = K - 1 if to_x else H, seq.blocks(T, N, H, self.dtype)  # rows of [h_prev; x] that it goes back to
        shapes = (T + 1, H, N), (T + 1, H, N), (T, rows, N), (blocks[0].stop - blocks[0].start, 6, H, N)
        piece = self._memory.take(self.dtype, *shapes, steps=self._steps_backward)
        arrived, dc, du, scratch = piece.arrays
        seq.fill_arriving(arrived, trace, dh, dh_T)
        dc[T] = seq.inward("dc_T", dc_T, {"N": N, "H": H}, trace.batched, self.dtype)
        product, steps = seq.product(W[:, :rows].T, N), iter(piece.steps)
        dW = np.zeros_like(W)
        for now in blocks:
            d = scratch[now.start - now.stop :]
            self._local_derivatives(u, gates, now, d)
            self._run_back(W, product, islice(steps, len(d)))
            # z = W [h_prev; x] + b, and + p * c_prev for i and f, + p * c for o: for all steps of the block at once
            dz = seq.flat(d[:, 1:5].reshape(len(d), 4 * H, N))
            dW[:, :K] += dz @ seq.flat(u[now]).T  # the last row of u is 1: that column is db
            if self.peepholes:
                dW[:H, K] += np.einsum("thn,thn->h", d[:, 1], gates[1:, 4][now])
                dW[H : 3 * H, K] += np.einsum("tkhn,thn->kh", d[:, 2:4], gates[now, 4]).ravel()
        arrived, dc, du, _ = self._memory.lend(piece, writeable=True)
        fields = {"h0": arrived[0], "c0": dc[0], "h": arrived[1:], "c": dc[1:]} | ({"x": du[:, H:]} if to_x else {})
        return seq.Gradients(dW, self.parts, trace.batched, **fields)

    def _local_derivatives(self, u, gates, steps, d):
        """What dh and dc are multiplied by on their way back, for a block of steps at once.

        dh times rows 0 and 1 gives (its part of dc, dz_o), dc times the others (dz_i, dz_f, dz_g, dc_prev): rows 1 to
        4 become dz, in the order of W.
        """
        h, c, gates = u[1:, : self.hidden_size][steps], gates[1:, 4][steps], gates[steps]
        o, i, f, g, _ = gates.swapaxes(0, 1)
        # o, i, f = sigmoid(z): sigmoid' = sigmoid * (1 - sigmoid)
        np.subtract(1, gates[:, :3], d[:, 1:4])
        # h = o * tanh(c): dh goes to c times o * (1 - tanh(c)**2), and to o times tanh(c)
        np.tanh(c, d[:, 0])
        d[:, 0] *= h
        np.subtract(o, d[:, 0], d[:, 0])
        d[:, 1] *= h
        # c = i * g + f * c_prev: dc goes to i times g, to f times c_prev
        np.multiply(gates[:, 1:3], gates[:, 3:], d[:, 4:])
        d[:, 2:4] *= d[:, 4:]
        if self.coupled:  # i = 1 - f
            d[:, 3] -= d[:, 2]
            d[:, 2] = 0
        # ... and to g times i, and g = tanh(z): tanh' = 1 - tanh**2
        d[:, 4] *= g
        np.subtract(i, d[:, 4], d[:, 4])
        d[:, 5] = f

    def _steps_backward(self, dh, dc, du, d):
        """What a step looks at on the way back, the last step first. The rows of d serve block after block."""
        H, N = d.shape[2:]
        local = zip(d, *d.swapaxes(0, 1), d[:, 1:5].reshape(len(d), 4 * H, N), strict=True)
        along = dh[1:], dh[:-1], dc[1:], dc[:-1], du, du[:, :H]
        return Steps(*(array[::-1] for array in along), list(local)[::-1] * (len(du) // len(d) + 1))

    def _run_back(self, W, product, steps):
        """The steps of one block. d comes with the local derivatives and leaves with the gradients."""
        p, add, multiply = W[:, -1:].reshape(4, -1, 1), np.add, np.multiply
        for dh_t, dh_prev, dc_t, dc_prev, du_t, from_z, (d_t, via_h, dz_o, dz_i, dz_f, dz_g, f, dz) in steps:
            # h = o * tanh(c): dh goes to c and to o
            multiply(via_h, dh_t, via_h)
            multiply(dz_o, dh_t, dz_o)
            add(dc_t, via_h, dc_t)
            if self.peepholes:  # z_o = ... + p_o * c
                dc_t += p[0] * dz_o
            # c = f * c_prev + i * g: dc goes to i, f, g, and along the highway to c_prev
            multiply(dz_i, dc_t, dz_i)
            multiply(dz_f, dc_t, dz_f)
            multiply(dz_g, dc_t, dz_g)
            multiply(f, dc_t, dc_prev)
            if self.peepholes:  # z_i, z_f = ... + p * c_prev
                dc_prev += (p[1:3] * d_t[2:4]).sum(0)
            # z = W [h_prev; x; 1]
            product(dz, du_t)
            add(dh_prev, from_z, dh_prev)
