"""The interface that all layers share, and the checks of their arguments.

Inside a layer, arrays have the axes `(time, rows, N)`: the states of a step are the columns of a matrix, so one product
`W @ columns` serves the whole batch. Callers see views with the axes `(T, N, rows)`, as in PyTorch.
"""

import numpy as np

from lstm_helpers._arguments import (
    generator,
    real_array,
    refuse,
    short_traceback,
    switch,
    whole_number,
    whole_numbers,
)
from lstm_helpers.layers._buffers import Buffers
from lstm_helpers.layers._trace import Gradients, Trace, must_be_of
from lstm_helpers.layers._weights import Named, float_dtype


class Layer(Named):
    """A recurrent layer on D inputs with H units and one state, h. (The `LSTM` also has c, in both public passes.)

    A subclass implements `_forward(x, h0, W)`, which returns the arrays to keep and the fields of the Trace, and
    `_backward(kept, dh, to_x)`, which returns dW and dx and turns dh, the gradients from the loss, into the total ones.

    `W` has H rows for each gate, and columns for h_prev, for x and for the bias, plus one if there are `extra` weights.

    Args:
        gates: a letter for each block of H rows, in the order of W.
        named: the gates with weights, in the order in which they are listed; the rows of the others stay 0.
        extra: the weights in the last column, name -> gate.
        sees_h: whether the gates see h_prev.
        **options: the arguments that select a variant of the layer; they become attributes.
    """

    def __init__(self, input_size, hidden_size, dtype, gates, *, named=None, extra=None, sees_h=True, **options):
        dtype, named, extra = float_dtype(dtype), named or gates, extra or {}
        D, H = whole_number("input_size", input_size, 1), whole_number("hidden_size", hidden_size, 1)
        bias = (H if sees_h else 0) + D
        rows = {gate: slice(k * H, (k + 1) * H) for k, gate in enumerate(gates)}
        parts = {f"W_{k}": (rows[k], slice(bias)) for k in named} | {f"b_{k}": (rows[k], bias) for k in named}
        parts |= {name: (rows[k], bias + 1) for name, k in extra.items()}
        W = np.zeros((len(gates) * H, bias + 1 + bool(extra)), dtype)
        attributes = {"input_size": D, "hidden_size": H, "dtype": dtype, "options": options, "_buffers": Buffers()}
        super().__init__(W, parts, **attributes, **options)

    @short_traceback
    def forward(self, x, h0=None, *, lengths=None):
        """Run a whole sequence: x (T, N, D), or (T, D) without a batch, from h0 (N, H) or (H,), zeros if None.

        `lengths` gives the number of steps of each sequence, from 1 to T: (N,), or one number without a batch; T if
        None. After a sequence's last step its h and gates are 0, regardless of x; `trace.h_T` is its last state.

        Returns a `Trace` with x, h and every gate over time, and h0. Raises `TypeError` or `ValueError` if an argument
        does not hold real, finite numbers, has the wrong shape, or is so large that h is not finite.
        """
        return self._traced(x, lengths, h0=h0)

    def _traced(self, x, lengths, **states):
        """The Trace of a forward pass from these states."""
        x, *states, W, batched = prepare_forward(self, x, **states)
        lengths = checked_lengths(lengths, len(x), x.shape[2], batched)
        kept, fields = self._forward(x, *states, W)
        end_sequences(lengths, fields)
        trace = Trace(self, {"W": W, **kept}, batched, lengths, **fields)
        if np.count_nonzero(np.isfinite(trace.h_T)) < trace.h_T.size:  # if any h is not, all later ones are not
            got = "got an h that is not finite"
            refuse(ValueError, f"x, the states and W must be small enough for {self.dtype}, {got}")
        return trace

    @short_traceback
    def backward(self, trace, dh=None, dh_T=None, *, to_x=True):
        """Back-propagation through time: the gradients of the weights, of x and of h0, from dL/dh.

        Args:
            trace: the result of `forward`. The gradients are taken at the weights that computed it.
            dh: dL/dh at every step, shaped like trace.h; zeros if None. Steps after a sequence's last are ignored.
            dh_T: a gradient into the last state, trace.h_T, (N, H) or (H,), added to dh; zeros if None.
            to_x: False skips the gradient of x, which training does not need if x is the data.

        Returns `Gradients` of the weights by name, of x and h0, and of h: the total gradient at each step.
        """
        dh = prepare_backward(self, trace, dh, dh_T, to_x)
        dW, dx = self._backward(trace.kept, dh, to_x)
        fields = {"x": dx} if to_x else {}
        return Gradients(dW, self.parts, trace.batched, **fields, h0=dh[0], h=dh[1:])


def fill_weights(layer, rng):
    """Draw the weights from `rng`: orthogonal on h_prev (Saxe et al. 2014), uniform on x (Glorot & Bengio 2010)."""
    generator(rng)
    H, D = layer.hidden_size, layer.input_size
    for W in (getattr(layer, name) for name in layer.parts if name.startswith("W_")):
        if W.shape[1] == H + D:
            q, r = np.linalg.qr(rng.normal(size=(H, H)))
            W[:, :H] = q * np.sign(np.diag(r))  # without the signs QR favors some rotations over others
        W[:, -D:] = rng.uniform(-1, 1, (H, D)) * np.sqrt(6 / (D + H))
    return layer


def step_arguments(layer, x, **states):
    """The arguments of `step` in the layer's dtype: x (D,) and states (H,), or (N, D) and (N, H) for N sequences."""
    x = real_array("x", x, dtype=layer.dtype)
    batch = {"N": len(x)} if x.ndim == 2 else {}
    shapes = {"x": {**batch, "D": layer.input_size}} | {name: {**batch, "H": layer.hidden_size} for name in states}
    given = {"x": x, **states}
    return [real_array(name, given[name], shape=shape, dtype=layer.dtype) for name, shape in shapes.items()]


def prepare_forward(layer, x, **states):
    """The arguments of a forward pass: x as `(T, D, N)`, each state as `(H, N)` or 0, the weights, and `batched`.

    `batched` is whether x has a batch axis. The weights are a copy, for the Trace to keep.
    """
    x = checked_x(layer, x)
    batched = x.ndim == 3
    x = x.mT if batched else x[..., None]
    shape = {"N": x.shape[2], "H": layer.hidden_size}
    states = [columns(name, state, shape, batched, layer.dtype) for name, state in states.items()]
    return x, *states, real_array("W", layer.W).copy(), batched


def checked_x(layer, x):
    """x (T, N, D) or (T, D), in the layer's dtype."""
    x, D = real_array("x", x, dtype=layer.dtype), layer.input_size
    if x.ndim not in (2, 3) or x.shape[-1] != D:
        refuse(ValueError, f"x must have shape (T, N, D) or (T, D) with D = {D}, got shape {x.shape}")
    return x


def prepare_backward(layer, trace, dh, dh_T, to_x):
    """The gradient that comes from the loss to each h, `(T + 1, H, N)`, beginning with h0."""
    must_be_of(layer, trace)
    switch("to_x", to_x)
    T, H, N = len(trace.h), layer.hidden_size, trace.kept["u"].shape[2]
    from_loss = layer._buffers.empty((T + 1, H, N), layer.dtype)
    from_loss[0] = 0
    from_loss[1:] = columns("dh", dh, {"T": T, "N": N, "H": H}, trace.batched, layer.dtype)
    into_last = columns("dh_T", dh_T, {"N": N, "H": H}, trace.batched, layer.dtype)
    if trace.lengths is None:
        from_loss[T] += into_last
    else:  # after a sequence's end h is constant: no gradient comes from there
        lengths = np.atleast_1d(trace.lengths)
        np.copyto(from_loss[1:], 0, where=ended(lengths, T)[:, None])
        from_loss[lengths, :, np.arange(N)] += np.transpose(into_last)
    return from_loss


def checked_lengths(lengths, T, N, batched):
    """The number of steps of each of N sequences, from 1 to T, as an array `(N,)`; None stays None."""
    if lengths is None:
        return None
    lengths = whole_numbers("lengths", lengths, ndim=int(batched)).reshape(-1)
    if len(lengths) != N:
        refuse(ValueError, f"lengths must have shape (N,) = ({N},), got shape {lengths.shape}")
    if lengths.min() < 1 or lengths.max() > T:
        refuse(ValueError, f"lengths must lie from 1 to T = {T}, got from {lengths.min()} to {lengths.max()}")
    return lengths


def ended(lengths, T):
    """A mask `(T, N)` of the steps after each sequence's end; step t is the first of them in a sequence of t steps."""
    return np.arange(T)[:, None] >= lengths


def end_sequences(lengths, fields):
    """Overwrite the fields of a Trace, `(T, H, N)`, after each sequence's end: c stays, f is 1, all else is 0.

    These values satisfy the layers' equations, so `backward` needs no special case: no gradient arises at these steps,
    and that of c passes through them along the highway, times 1.
    """
    if lengths is None:
        return
    after = ended(lengths, len(fields["h"]))
    for name in fields.keys() - {"x", "c", "h0", "c0"}:
        np.copyto(fields[name], name == "f", where=after[:, None])
    for t in range(lengths.min(), len(after)) if "c" in fields else ():
        np.copyto(fields["c"][t], fields["c"][t - 1], where=after[t])


def columns(name, value, shape, batched, dtype):
    """A caller's array of the given shape, as `(..., rows, N)`; 0 for None."""
    if value is None:
        return 0
    expected = shape if batched else {axis: n for axis, n in shape.items() if axis != "N"}
    array = real_array(name, value, shape=expected, dtype=dtype)
    return array.mT if batched else array[..., None]
