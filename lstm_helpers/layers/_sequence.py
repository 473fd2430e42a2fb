"""What the three layers share: named weights, arguments, the stacked columns, what a pass returns.

Inside a layer an array runs over `(time, rows, N)`: the states of a step are the columns of a matrix, and one product
`W @ column` serves the whole batch. At the door it is PyTorch's `(T, N, rows)`; the one is a view of the other.
"""

import numpy as np

from lstm_helpers._arguments import real_array, refuse, whole_number

BLOCK = 512  # columns in a block of steps: many enough for a fast product, few enough to stay in the cache


class Named:
    """One matrix `W` with named parts. A part is a view: writing to it changes W, and `layer.b_f = 1` writes."""

    def __init__(self, W, parts):
        vars(self).update(W=W, parts=parts)

    def __getattr__(self, name):
        index = vars(self).get("parts", {}).get(name)
        if index is None:
            raise AttributeError(f"{type(self).__name__} has no {name!r}; its weights are {', '.join(self.parts)}")
        return self.W[index]

    def __setattr__(self, name, value):
        if name == "W" or name in self.parts:
            getattr(self, name)[...] = value
        else:
            vars(self)[name] = value

    def __dir__(self):
        return [*super().__dir__(), *self.parts]


class Trace:
    """What one forward pass computed, a field for each symbol, read-only; a later pass never changes it.

    Fields over time are `(T, N, ·)`, the states before step 1 `(N, ·)`; without `N` where the input had none.
    """

    def __init__(self, layer, kept, batched, **fields):
        for array in kept.values():
            array.flags.writeable = False
        self.layer, self.kept, self.batched = layer, kept, batched
        vars(self).update({name: outward(a, batched) for name, a in fields.items()})

    @property
    def nbytes(self):
        """Memory held, in bytes."""
        return sum(array.nbytes for array in self.kept.values())

    def __repr__(self):
        return _listing(self, f"Trace of {type(self.layer).__name__}")


class Gradients(Named):
    """What one backward pass computed: dL/dW under the names of the weights, dL/dx and the states' gradients.

    `h` (and `c`) is the whole gradient that reaches the state at each step, along every path.
    """

    def __init__(self, W, parts, batched, **fields):
        super().__init__(W, parts)
        vars(self).update({name: outward(a, batched) for name, a in fields.items()})

    def __repr__(self):
        return _listing(self, "Gradients", *self.parts)


def _listing(owner, title, *names):
    fields = {n: getattr(owner, n) for n in [*names, *vars(owner)] if n not in ("W", "kept")}
    return f"{title}: " + ", ".join(f"{n} {a.shape}" for n, a in fields.items() if isinstance(a, np.ndarray))


def outward(array, batched):
    """A view of `(..., rows, N)` as `(..., N, rows)`, or as `(..., rows)` where there is no batch."""
    return array.swapaxes(-1, -2) if batched else array[..., 0]


def inward(name, value, shape, batched, dtype):
    """`value`, of the given shape at the door, as `(..., rows, N)`; zeros where it is None."""
    if value is None:
        lengths = tuple(shape.values())
        return np.zeros((*lengths[:-2], lengths[-1], lengths[-2]), dtype)
    at_the_door = shape if batched else {axis: n for axis, n in shape.items() if axis != "N"}
    array = real_array(name, value, shape=at_the_door, dtype=dtype)
    return array.swapaxes(-1, -2) if batched else array[..., None]


def sequence(x, D, dtype):
    """x as `(T, D, N)`, and whether it came with a batch axis."""
    x = real_array("x", x, dtype=dtype)
    if x.ndim not in (2, 3) or x.shape[-1] != D:
        refuse(ValueError, f"x must have shape (T, N, D) or (T, D) with D = {D}, got shape {x.shape}")
    return (x.swapaxes(1, 2), True) if x.ndim == 3 else (x[..., None], False)


def columns(x, h0):
    """The stacked columns [h_prev; x; 1] of every step, `(T + 1, H + D + 1, N)`.

    Only h0 is there yet: step t writes its h as the h_prev of column t + 1. The last column is there for h_T.
    """
    (T, D, N), H = x.shape, len(h0)
    u = np.empty((T + 1, H + D + 1, N), x.dtype)
    u[0, :H], u[:T, H:-1], u[T, H:-1], u[:, -1] = h0, x, 0, 1
    return u


def blocks(T, N):
    """Blocks of some `BLOCK` columns, the last first: slices of time steps."""
    length = max(1, BLOCK // N)
    return [slice(start, min(start + length, T)) for start in range(0, T, length)][::-1]


def flat(array):
    """`(steps, rows, N)` as `(rows, steps * N)`: the columns of all steps side by side."""
    return array.swapaxes(0, 1).reshape(array.shape[1], -1)


def arriving(trace, dh, dh_T):
    """The gradients that arrive at h from outside, in an array of our own: `(T + 1, H, N)`, h0's place first."""
    h = trace.kept["u"]
    T, N, H = len(h) - 1, h.shape[2], trace.layer.hidden_size
    total = np.zeros((T + 1, H, N), h.dtype)
    total[1:] = inward("dh", dh, {"T": T, "N": N, "H": H}, trace.batched, h.dtype)
    total[T] += inward("dh_T", dh_T, {"N": N, "H": H}, trace.batched, h.dtype)
    return total


def own_trace(layer, trace):
    if not isinstance(trace, Trace) or trace.layer is not layer:
        refuse(ValueError, "trace must be what this layer's forward returned")


def sizes(input_size, hidden_size, dtype):
    """The arguments that every layer starts from, or a refusal."""
    if dtype not in (np.float32, np.float64):
        refuse(TypeError, f"dtype must be float32 or float64, got {dtype!r}")
    return whole_number("input_size", input_size, 1), whole_number("hidden_size", hidden_size, 1), np.dtype(dtype)


def fill(layer, names, rng):
    """Random weights: orthogonal on h_prev (Saxe et al. 2014), uniform on x (Glorot & Bengio 2010), biases 0."""
    if not isinstance(rng, np.random.Generator):
        refuse(TypeError, f"rng must be a numpy.random.Generator, as default_rng(seed) makes it, got {rng!r}")
    H, D = layer.hidden_size, layer.input_size
    for name in names:
        q, r = np.linalg.qr(rng.normal(size=(H, H)))
        W = getattr(layer, name)
        W[:, :H] = q * np.sign(np.diag(r))  # without the signs QR favors some rotations over others
        W[:, H:] = rng.uniform(-1, 1, (H, D)) * np.sqrt(6 / (D + H))
    return layer
