"""The interface that all layers share, and the way of their arguments into a pass.

Inside a layer, an array has the axes `(time, rows, N)`: the states of a step are the columns of a matrix, and one
product `W @ columns` serves the whole batch. Callers see `(T, N, rows)`, as in PyTorch, through a view.
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
    """A recurrent layer on D inputs, with one state h of H units. (The `LSTM`, which has two, brings its own passes.)

    A subclass computes: `_forward(x, h0, W)` returns the arrays to keep and the fields of the Trace, and
    `_backward(kept, dh, to_x)` returns dW and dx and leaves the total gradients in dh.

    `W` has H rows for each gate; its columns are for h_prev, for x, for the bias, and one more if there are `extra`.

    Args:
        gates: a letter for each block of H rows, in their order in W.
        named: the gates that have weights, in the order of their names; the rows of others stay 0.
        extra: parts of the last column, name -> gate.
        sees_h: whether there are columns for h_prev.
        **options: the arguments that make a variant of the layer; they become attributes.
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

        `lengths` are the numbers of steps of the sequences, from 1 to T: (N,), or one number without a batch; T if
        None. After its own last step a sequence's h and gates are 0, whatever stands in x, and `trace.h_T` is its last
        state.

        Returns a `Trace` with x, h and every gate over time, and h0. Raises `TypeError` or `ValueError` if an argument
        does not hold real, finite numbers, or has the wrong shape.
        """
        x, h0, W, batched = start(self, x, h0=h0)
        lengths = checked_lengths(lengths, len(x), x.shape[2], batched)
        kept, fields = self._forward(x, h0, W)
        end_sequences(lengths, fields)
        return Trace(self, {"W": W, **kept}, batched, lengths, **fields)

    @short_traceback
    def backward(self, trace, dh=None, dh_T=None, *, to_x=True):
        """Back-propagation through time: from dL/dh to the gradients of the weights, of x and of h0.

        Args:
            trace: the result of `forward`. The gradients are taken at the weights it was made with.
            dh: dL/dh at every step, shaped like trace.h; zeros if None. It counts up to each sequence's last step.
            dh_T: a gradient into the last state, trace.h_T, (N, H) or (H,), added to dh; zeros if None.
            to_x: False leaves out the gradient of x, which training does not need if x is the data.

        Returns `Gradients` of the weights by name, of x and h0, and of h: the total gradient at each step.
        """
        dh = start_back(self, trace, dh, dh_T, to_x)
        dW, dx = self._backward(trace.kept, dh, to_x)
        fields = {"x": dx} if to_x else {}
        return Gradients(dW, self.parts, trace.batched, **fields, h0=dh[0], h=dh[1:])


def fill_weights(layer, rng):
    """Random weights: orthogonal on h_prev (Saxe et al. 2014), uniform on x (Glorot & Bengio 2010)."""
    generator(rng)
    H, D = layer.hidden_size, layer.input_size
    for W in (getattr(layer, name) for name in layer.parts if name.startswith("W_")):
        if W.shape[1] == H + D:
            q, r = np.linalg.qr(rng.normal(size=(H, H)))
            W[:, :H] = q * np.sign(np.diag(r))  # without the signs QR favors some rotations over others
        W[:, -D:] = rng.uniform(-1, 1, (H, D)) * np.sqrt(6 / (D + H))
    return layer


def one_step(layer, x, **states):
    """x and the states in the layer's dtype: (D,) and (H,) for one sequence, (N, D) and (N, H) for several."""
    x = real_array("x", x, dtype=layer.dtype)
    batch = {"N": len(x)} if x.ndim == 2 else {}
    shapes = {"x": {**batch, "D": layer.input_size}} | {name: {**batch, "H": layer.hidden_size} for name in states}
    given = {"x": x, **states}
    return [real_array(name, given[name], shape=shape, dtype=layer.dtype) for name, shape in shapes.items()]


def start(layer, x, **states):
    """Prepare a forward pass: x as `(T, D, N)`, each state as `(H, N)` or 0, a copy of the weights, and `batched`.

    The Trace keeps the weights that it was made with; `batched` says whether x has a batch axis.
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


def start_back(layer, trace, dh, dh_T, to_x):
    """Prepare a backward pass: dL/dh as it comes from the loss, `(T + 1, H, N)`, with h0's gradient first."""
    must_be_of(layer, trace)
    switch("to_x", to_x)
    T, H, N = len(trace.h), layer.hidden_size, trace.kept["u"].shape[2]
    arrived = layer._buffers.empty((T + 1, H, N), layer.dtype)
    arrived[0] = 0
    arrived[1:] = columns("dh", dh, {"T": T, "N": N, "H": H}, trace.batched, layer.dtype)
    into_last = columns("dh_T", dh_T, {"N": N, "H": H}, trace.batched, layer.dtype)
    if trace.lengths is None:
        arrived[T] += into_last
    else:  # h is a constant 0 after a sequence's end: no gradient comes from there
        lengths = np.atleast_1d(trace.lengths)
        np.copyto(arrived[1:], 0, where=ended(lengths, T)[:, None])
        arrived[lengths, :, np.arange(N)] += np.transpose(into_last)
    return arrived


def checked_lengths(lengths, T, N, batched):
    """The numbers of steps of N sequences, from 1 to T, as an array `(N,)`; None stays None."""
    if lengths is None:
        return None
    lengths = whole_numbers("lengths", lengths, ndim=int(batched)).reshape(-1)
    if len(lengths) != N:
        refuse(ValueError, f"lengths must have shape (N,) = ({N},), got shape {lengths.shape}")
    if lengths.min() < 1 or lengths.max() > T:
        refuse(ValueError, f"lengths must lie from 1 to T = {T}, got from {lengths.min()} to {lengths.max()}")
    return lengths


def ended(lengths, T):
    """Whether a sequence is over, `(T, N)`: step t is the first after the end of a sequence of t steps."""
    return np.arange(T)[:, None] >= lengths


def end_sequences(lengths, fields):
    """Let every sequence rest after its last step, in the fields of a Trace, `(T, H, N)`: c stays, and h is 0.

    With f = 1 and all other gates 0 the layers' equations hold there too. So `backward` runs over all steps as ever:
    no gradient arises there, and that of c passes along the highway, times 1.
    """
    if lengths is None:
        return
    over = ended(lengths, len(fields["h"]))
    for name in fields.keys() - {"x", "c", "h0", "c0"}:
        np.copyto(fields[name], name == "f", where=over[:, None])
    for t in range(lengths.min(), len(over)) if "c" in fields else ():
        np.copyto(fields["c"][t], fields["c"][t - 1], where=over[t])


def columns(name, value, shape, batched, dtype):
    """A caller's array of the given shape, as `(..., rows, N)`; 0 for None."""
    if value is None:
        return 0
    wanted = shape if batched else {axis: n for axis, n in shape.items() if axis != "N"}
    array = real_array(name, value, shape=wanted, dtype=dtype)
    return array.mT if batched else array[..., None]
