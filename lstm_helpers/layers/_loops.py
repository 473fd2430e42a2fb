"""Code shared by the loops over time: the stacked columns, and matrix products that suit the BLAS in use."""

import ctypes
import functools
from pathlib import Path

import numpy as np

AVX_512_KERNELS = "SkylakeX", "Cooperlake", "SapphireRapids"  # of OpenBLAS
BAND_SIZE = 10**6  # multiplications; up to here these kernels have a faster path
BAND_HEIGHTS = 128, 80, 48, 32, 24, 16, 8  # rows, the fastest first
BLOCK_BYTES = 2**17  # of one gate, in a block of steps of the backward pass


def affine(W, b, *inputs):
    """W [inputs stacked] + b; every input is a vector, or N of them in rows."""
    return (W @ np.concatenate(inputs, axis=-1).T).T + b


def stacked_columns(layer, x, h0):
    """The stacked columns [h_prev; x; 1] of every step, `(T + 1, H + D + 1, N)`.

    Only the first h_prev, h0, is filled in: step t writes its h as the h_prev of column t + 1. The last holds h_T.
    """
    (T, D, N), H = x.shape, layer.hidden_size
    u = layer._buffers.empty((T + 1, H + D + 1, N), layer.dtype)
    u[0, :H], u[:T, H:-1], u[T, H:-1], u[:, -1] = h0, x, 0, 1
    return u


def blocks(T, N, H, dtype):
    """The T steps in slices, the last first, so short that the arrays of one slice stay in the cache.

    A slice has N columns for each step. One gate of it takes up to `BLOCK_BYTES`; but it has about 2 H columns or more,
    because each slice adds to all of dW.
    """
    length = max(1, max(2 * H, BLOCK_BYTES // (H * dtype.itemsize)) // N)
    return [slice(t, min(t + length, T)) for t in reversed(range(0, T, length))]


def flat(array):
    """`(steps, rows, N)` as `(rows, steps * N)`: the columns of all steps side by side."""
    return array.swapaxes(0, 1).reshape(array.shape[1], -1)


def product(A, N):
    """A function `(u, out)` that writes A @ u into out, for u of N columns.

    Kernels for AVX-512 are fastest on products of up to `BAND_SIZE` multiplications. They get larger ones in bands of
    rows and 32 columns, which takes 0.75 to 0.97 of the time; other kernels would be slower on bands.
    """
    rows, K = A.shape
    if blas_kernels() in AVX_512_KERNELS:
        if rows * N * K <= BAND_SIZE:
            return np.asfortranarray(A).dot
        width = 32 if N % 32 == 0 else N
        for height in BAND_HEIGHTS:
            if rows % height == 0 and height * width * K <= BAND_SIZE:
                bands = np.ascontiguousarray(A.reshape(-1, 1, height, K).swapaxes(2, 3)).swapaxes(2, 3)
                return lambda u, out: np.matmul(
                    bands,
                    u.reshape(K, -1, width).swapaxes(0, 1),
                    out.reshape(-1, height, N // width, width).swapaxes(1, 2),
                )
    return np.ascontiguousarray(A).dot


@functools.cache
def blas_kernels():
    """The name of the kernels that OpenBLAS runs, such as "Haswell"; "" if NumPy uses another BLAS.

    They may be older than the processor: the variable OPENBLAS_CORETYPE selects them.
    """
    for folder in (Path(np.__file__).parents[1] / "numpy.libs", Path(np.__file__).parent / ".dylibs"):
        for path in folder.glob("*openblas*"):
            library = ctypes.CDLL(str(path))
            for name in ("scipy_openblas_get_corename64_", "scipy_openblas_get_corename"):
                if hasattr(library, name):
                    corename = getattr(library, name)
                    corename.restype = ctypes.c_char_p
                    return corename().decode()
    return ""
