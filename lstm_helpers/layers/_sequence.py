"""What the three layers share: named weights, arguments, the stacked columns, what a pass returns.

Inside a layer an array runs over `(time, rows, N)`: the states of a step are the columns of a matrix, and one product
`W @ column` serves the whole batch. At the door it is PyTorch's `(T, N, rows)`; the one is a view of the other.
"""

import functools

import numpy as np

from lstm_helpers._arguments import brief, generator, one_frame, real_array, refuse, whole_number
from lstm_helpers.layers._memory import KEPT

SMALL = 10**6  # multiplications in the largest product that OpenBLAS calls small
HEIGHTS = 128, 80, 48, 8  # of the bands of rows that larger ones are cut into: what was fastest, the best first
BLOCK = 2**17  # bytes that one gate takes in a block of steps, so that what is in work stays in the cache


class Named:
    """One matrix `W` with named parts. A part is a view: writing to it changes W, and `layer.b_f = 1` writes."""

    def __init__(self, W, parts):
        vars(self).update(W=W, parts=parts)

    def __getattr__(self, name):  # called for what is not an attribute
        parts = vars(self).get("parts", {})
        if name not in parts:
            raise AttributeError(f"{type(self).__name__} has no {name}; its weights are {', '.join(parts)}")
        return self.W[parts[name]]

    def __setattr__(self, name, value):
        if name != "W" and name not in self.parts:
            raise AttributeError(f"{type(self).__name__} has no {name} to write to, only {', '.join(self.parts)}")
        self._write(name, value)

    @one_frame
    def _write(self, name, value):
        part = getattr(self, name)
        if value is not part:  # it is after `layer.W -= ...`
            value = real_array(name, value, dtype=part.dtype)
            if value.shape not in ((), part.shape):
                refuse(ValueError, f"{name} must have shape {part.shape}, got shape {value.shape}")
            part[...] = value

    def __dir__(self):
        return [*super().__dir__(), *self.parts]


class Trace:
    """What one forward pass computed, a field for each symbol, read-only; a later pass never changes it.

    Fields over time are `(T, N, ·)`, the states before step 1 `(N, ·)`; without `N` where the input had none.
    """

    def __init__(self, layer, kept, batched, **fields):
        vars(self).update(layer=layer, kept=kept, batched=batched)
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
    """`value`, of the given shape at the door, as `(..., rows, N)`; 0 where it is None."""
    if value is None:
        return 0
    at_the_door = shape if batched else {axis: n for axis, n in shape.items() if axis != "N"}
    array = real_array(name, value, shape=at_the_door, dtype=dtype)
    return array.swapaxes(-1, -2) if batched else array[..., None]


def sequence(x, D, dtype):
    """x as `(T, D, N)`, and whether it came with a batch axis."""
    x = real_array("x", x, dtype=dtype)
    if x.ndim not in (2, 3) or x.shape[-1] != D:
        refuse(ValueError, f"x must have shape (T, N, D) or (T, D) with D = {D}, got shape {x.shape}")
    return (x.swapaxes(1, 2), True) if x.ndim == 3 else (x[..., None], False)


def of_one_step(layer, x, **states):
    """x and the states, arrays of the layer's dtype: (D,) and (H,) for one sequence, (N, D) and (N, H) for several."""
    x = real_array("x", x, dtype=layer.dtype)
    batch = {"N": len(x)} if x.ndim == 2 else {}
    shapes = {"x": {**batch, "D": layer.input_size}} | {name: {**batch, "H": layer.hidden_size} for name in states}
    given = {"x": x, **states}
    return [real_array(name, given[name], shape=shape, dtype=layer.dtype) for name, shape in shapes.items()]


def affine(W, b, *inputs):
    """W [inputs stacked] + b, for one sequence or for several side by side."""
    return (W @ np.concatenate(inputs, axis=-1).T).T + b


def fill_columns(u, x, h0):
    """The stacked columns [h_prev; x; 1] of every step, `(T + 1, H + D + 1, N)`.

    Only h0 is there yet: step t writes its h as the h_prev of column t + 1. The last column is there for h_T.
    """
    T, H = len(x), u.shape[1] - x.shape[1] - 1
    u[0, :H], u[:T, H:-1], u[T, H:-1], u[:, -1] = h0, x, 0, 1


def product(A, N):
    """A function `(u, out)` that writes A @ u into out, for u of N columns, as fast as this machine's BLAS can."""
    rows, K = A.shape
    if _small_products_are_faster():
        if rows * N * K <= SMALL:
            return np.asfortranarray(A).dot
        columns = 32 if N % 32 == 0 else N
        for height in HEIGHTS:
            if rows % height == 0 and height * columns * K <= SMALL:
                bands = np.ascontiguousarray(A.reshape(-1, 1, height, K).swapaxes(2, 3)).swapaxes(2, 3)
                return lambda u, out: np.matmul(
                    bands,
                    u.reshape(K, -1, columns).swapaxes(0, 1),
                    out.reshape(-1, height, N // columns, columns).swapaxes(1, 2),
                )
    return np.ascontiguousarray(A).dot


@functools.cache
def _small_products_are_faster():
    """Whether this is OpenBLAS with AVX-512, where a product of up to `SMALL` multiplications has a kernel of its own.

    Cut that small, into bands of rows and 32 columns, a larger product takes 0.7 to 0.9 of its time there; elsewhere
    it takes more.
    """
    try:
        config = np.show_config(mode="dicts")
        blas, simd = config["Build Dependencies"]["blas"]["name"], config["SIMD Extensions"]["found"]
    except (KeyError, TypeError):
        return False
    return "openblas" in blas and not {"AVX512_SKX", "X86_V4"}.isdisjoint(simd)


def tanh_slope(y, out):
    """out = 1 - y ** 2, the derivative of y = tanh(z) in z."""
    np.square(y, out)
    np.subtract(1, out, out)


def blocks(T, N, H, dtype):
    """Slices of time steps, the last first: `BLOCK` bytes, but no fewer than 2 H columns, for a fast product."""
    length = min(T, KEPT, max(1, max(2 * H, BLOCK // (H * dtype.itemsize)) // N))
    return [slice(max(0, stop - length), stop) for stop in range(T, 0, -length)]


def flat(array):
    """`(steps, rows, N)` as `(rows, steps * N)`: the columns of all steps side by side."""
    return array.swapaxes(0, 1).reshape(array.shape[1], -1)


def fill_arriving(total, trace, dh, dh_T):
    """The gradients that arrive at h from outside, `(T + 1, H, N)`: the place of h0 comes first."""
    T, H, N = len(total) - 1, *total.shape[1:]
    total[0] = 0
    total[1:] = inward("dh", dh, {"T": T, "N": N, "H": H}, trace.batched, total.dtype)
    total[T] += inward("dh_T", dh_T, {"N": N, "H": H}, trace.batched, total.dtype)


def own_trace(layer, trace):
    if not isinstance(trace, Trace) or trace.layer is not layer:
        refuse(ValueError, f"trace must be what this layer's forward returned, got {brief(trace)}")


def sizes(input_size, hidden_size, dtype):
    """The arguments that every layer starts from, or a refusal."""
    dtype = float_dtype(dtype)
    return whole_number("input_size", input_size, 1), whole_number("hidden_size", hidden_size, 1), dtype


def float_dtype(dtype):
    """float32 or float64 as a dtype, or a refusal. (NumPy takes None for float64.)"""
    known = isinstance(dtype, (str, type, np.dtype)) and dtype in (np.float32, np.float64, "float32", "float64")
    if not known:
        refuse(TypeError, f"dtype must be float32 or float64, got {brief(dtype)}")
    return np.dtype(dtype)


def fill_weights(layer, rng):
    """Random weights: orthogonal on h_prev (Saxe et al. 2014), uniform on x (Glorot & Bengio 2010)."""
    generator(rng)
    H, D = layer.hidden_size, layer.input_size
    for W in (getattr(layer, name) for name in layer.parts if name.startswith("W_")):
        q, r = np.linalg.qr(rng.normal(size=(H, H)))
        W[:, :H] = q * np.sign(np.diag(r))  # without the signs QR favors some rotations over others
        W[:, H:] = rng.uniform(-1, 1, (H, D)) * np.sqrt(6 / (D + H))
    return layer
