"""Code shared by the loops over time: the stacked columns, and fast products for this machine's BLAS."""

import ctypes
import functools
from pathlib import Path

import numpy as np

BAND = 10**6  # multiplications in the largest product that these kernels treat specially
BANDED = "SkylakeX", "Cooperlake", "SapphireRapids"  # OpenBLAS's kernels for AVX-512
BLOCK = 2**17  # bytes of a gate in a block of steps on the way back
HEIGHTS = 128, 80, 48, 32, 24, 16, 8  # of the bands, the fastest first


def affine(W, b, *inputs):
    """W [inputs stacked] + b, for one sequence or for several in rows."""
    return (W @ np.concatenate(inputs, axis=-1).T).T + b


def stacked_columns(layer, x, h0):
    """The stacked columns [h_prev; x; 1] of every step, `(T + 1, H + D + 1, N)`.

    Of the h_prev, only h0 is known yet: step t writes its h as the h_prev of column t + 1. The last column holds h_T.
    """
    (T, D, N), H = x.shape, layer.hidden_size
    u = layer._buffers.empty((T + 1, H + D + 1, N), layer.dtype)
    u[0, :H], u[:T, H:-1], u[T, H:-1], u[:, -1] = h0, x, 0, 1
    return u


def blocks(T, N, H, dtype):
    """Slices of T steps, the last first. What is computed of a block stays in the cache.

    A block has as many columns, N for each step, as let H rows of them take `BLOCK` bytes; but 2 H or more, for each
    block costs a sum over all of dW.
    """
    length = max(1, max(2 * H, BLOCK // (H * dtype.itemsize)) // N)
    return [slice(t, min(t + length, T)) for t in reversed(range(0, T, length))]


def flat(array):
    """`(steps, rows, N)` as `(rows, steps * N)`: the columns of all steps side by side."""
    return array.swapaxes(0, 1).reshape(array.shape[1], -1)


def product(A, N):
    """A function `(u, out)` that writes A @ u into out, for u of N columns.

    The kernels in `BANDED` are fastest on products of up to `BAND` multiplications. For these kernels, larger products
    are cut into bands of rows and 32 columns, which takes 0.75 to 0.97 of the time. Other kernels would be slower.
    """
    rows, K = A.shape
    if blas_kernels() in BANDED:
        if rows * N * K <= BAND:
            return np.asfortranarray(A).dot
        width = 32 if N % 32 == 0 else N
        for height in HEIGHTS:
            if rows % height == 0 and height * width * K <= BAND:
                bands = np.ascontiguousarray(A.reshape(-1, 1, height, K).swapaxes(2, 3)).swapaxes(2, 3)
                return lambda u, out: np.matmul(
                    bands,
                    u.reshape(K, -1, width).swapaxes(0, 1),
                    out.reshape(-1, height, N // width, width).swapaxes(1, 2),
                )
    return np.ascontiguousarray(A).dot


@functools.cache
def blas_kernels():
    """The name of the kernels that OpenBLAS runs, such as "Haswell"; "" if NumPy has another BLAS.

    The processor may support newer ones: OPENBLAS_CORETYPE can select older kernels.
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
