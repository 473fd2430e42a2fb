"""Arguments and results of a pass: its arrays, the trace, the gradients.

Inside a layer, an array has the axes `(time, rows, N)`: the states of a step are the columns of a matrix, and one
product `W @ columns` serves the whole batch. Callers see `(T, N, rows)`, as in PyTorch, through a view.
"""

import numpy as np

from lstm_helpers._arguments import brief, real_array, refuse, switch
from lstm_helpers.layers._weights import Named


class Trace:
    """The result of one forward pass, with a read-only field for each symbol; a later pass never changes it.

    Fields over time are `(T, N, ·)`, the states before step 1 `(N, ·)`. They have no axis `N` if the input had none.

    Attributes:
        layer: the layer that ran.
        kept: the arrays that `backward` needs, in the layer's own layout.
        batched: whether the input had the axis N.
    """

    def __init__(self, layer, kept, batched, **fields):
        self.layer, self.kept, self.batched = layer, kept, batched
        for name, array in fields.items():
            view = _for_callers(array, batched)
            view.flags.writeable = False
            setattr(self, name, view)

    @property
    def nbytes(self):
        """The size of all arrays held, in bytes."""
        return sum(array.nbytes for array in self.kept.values())

    def __repr__(self):
        return _listing(self, f"Trace of {type(self.layer).__name__}")


class Gradients(Named):
    """The result of one backward pass: dL/dW by the names of the weights, dL/dx, and the states' gradients.

    `h` (and `c`) is the total gradient that reaches the state at each step, along all paths.
    """

    def __init__(self, W, parts, batched, **fields):
        super().__init__(W, parts, **{name: _for_callers(array, batched) for name, array in fields.items()})

    def __repr__(self):
        return _listing(self, "Gradients", *self.parts)


def _listing(owner, title, *names):
    fields = {n: getattr(owner, n) for n in [*names, *vars(owner)] if n not in ("W", "kept")}
    return f"{title}: " + ", ".join(f"{n} {a.shape}" for n, a in fields.items() if isinstance(a, np.ndarray))


def _for_callers(array, batched):
    """A view of `(..., rows, N)` as `(..., N, rows)`, or as `(..., rows)` without a batch."""
    return array.swapaxes(-1, -2) if batched else array[..., 0]


def columns(name, value, shape, batched, dtype):
    """A caller's array of the given shape, as `(..., rows, N)`; 0 for None."""
    if value is None:
        return 0
    wanted = shape if batched else {axis: n for axis, n in shape.items() if axis != "N"}
    array = real_array(name, value, shape=wanted, dtype=dtype)
    return array.swapaxes(-1, -2) if batched else array[..., None]


def start(layer, x, **states):
    """Prepare a forward pass.

    Returns:
        x as `(T, D, N)`, each state as `(H, N)` or 0, a copy of the weights (the Trace keeps those it was made with),
        and whether x has a batch axis.
    """
    D, H, dtype = layer.input_size, layer.hidden_size, layer.dtype
    x = real_array("x", x, dtype=dtype)
    if x.ndim not in (2, 3) or x.shape[-1] != D:
        refuse(ValueError, f"x must have shape (T, N, D) or (T, D) with D = {D}, got shape {x.shape}")
    batched = x.ndim == 3
    x = x.swapaxes(1, 2) if batched else x[..., None]
    shape = {"N": x.shape[2], "H": H}
    states = [columns(name, state, shape, batched, dtype) for name, state in states.items()]
    return x, *states, real_array("W", layer.W).copy(), batched


def start_back(layer, trace, dh, dh_T, to_x):
    """Prepare a backward pass: dL/dh as it comes from the loss, `(T + 1, H, N)`, with h0's gradient first."""
    if not isinstance(trace, Trace) or trace.layer is not layer:
        refuse(ValueError, f"trace must be a Trace that this layer's forward returned, got {brief(trace)}")
    switch("to_x", to_x)
    T, H, N = len(trace.h), layer.hidden_size, trace.kept["u"].shape[2]
    arrived = layer._buffers.empty((T + 1, H, N), layer.dtype)
    arrived[0] = 0
    arrived[1:] = columns("dh", dh, {"T": T, "N": N, "H": H}, trace.batched, layer.dtype)
    arrived[T] += columns("dh_T", dh_T, {"N": N, "H": H}, trace.batched, layer.dtype)
    return arrived


def one_step(layer, x, **states):
    """x and the states in the layer's dtype: (D,) and (H,) for one sequence, (N, D) and (N, H) for several."""
    x = real_array("x", x, dtype=layer.dtype)
    batch = {"N": len(x)} if x.ndim == 2 else {}
    shapes = {"x": {**batch, "D": layer.input_size}} | {name: {**batch, "H": layer.hidden_size} for name in states}
    given = {"x": x, **states}
    return [real_array(name, given[name], shape=shape, dtype=layer.dtype) for name, shape in shapes.items()]
