"""The results of the passes: `Trace` of a forward pass, `Gradients` of a backward pass."""

import numpy as np

from lstm_helpers._arguments import brief, refuse
from lstm_helpers.layers._weights import Named


class Trace:
    """The result of one forward pass: a read-only field for each symbol. Later passes do not change it.

    Fields over time are `(T, N, ·)`, the states before step 1 `(N, ·)`. They have no axis `N` if the input had none.

    Attributes:
        layer: the layer that ran.
        kept: the arrays that `backward` needs, in the layer's own layout.
        batched: whether the input had the axis N.
        lengths: the number of steps of each sequence, (N,), or a single number without a batch; None if all have T.
        last: the index of each sequence's last step in the fields over time.
    """

    def __init__(self, layer, kept, batched, lengths=None, **fields):
        self.layer, self.kept, self.batched = layer, kept, batched
        for name, array in fields.items():
            view = _for_callers(array, batched)
            view.setflags(write=False)
            setattr(self, name, view)
        self.lengths, self.last = lengths, -1
        if lengths is not None:
            self.lengths = lengths if batched else lengths[0]
            self.last = (lengths - 1, np.arange(len(lengths))) if batched else lengths[0] - 1

    @property
    def h_T(self):  # noqa: N802
        """h after each sequence's own last step, (N, H) or (H,)."""
        return self.h[self.last]

    @property
    def c_T(self):  # noqa: N802
        """c after each sequence's own last step, (N, H) or (H,). Only an LSTM has it."""
        return self.c[self.last]

    @property
    def nbytes(self):
        """The size of `kept`, in bytes."""
        return sum(array.nbytes for array in self.kept.values())

    def __repr__(self):
        return _listing(self, f"Trace of {type(self.layer).__name__}")


def must_be_of(layer, trace, kind=Trace):
    """Refuse anything but a trace of this kind that the layer's own forward pass returned."""
    if not isinstance(trace, kind) or trace.layer is not layer:
        refuse(ValueError, f"trace must be a {kind.__name__} that this layer's forward returned, got {brief(trace)}")


class Gradients(Named):
    """The result of one backward pass: the gradients of the weights, by name, of x and of the states.

    `h` (and `c`) is the total gradient of the state at each step, along all paths.
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
    return array.mT if batched else array[..., 0]
