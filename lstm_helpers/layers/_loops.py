"""What the loops over time share: the stacked columns, and products as fast as this machine's BLAS can."""

import ctypes
import functools
from pathlib import Path

import numpy as np

BAND = 10**6  # multiplications in the largest product for which these kernels have a way of their own
BANDED = "SkylakeX", "Cooperlake", "SapphireRapids"  # OpenBLAS's kernels for AVX-512
COLUMNS = 256  # in a product over many steps: what is copied for it stays in the cache
HEIGHTS = 128, 80, 48, 8  # of the bands, the fastest first


def affine(W, b, *inputs):
    """W [inputs stacked] + b, for one sequence or for several side by side."""
    return (W @ np.concatenate(inputs, axis=-1).T).T + b


def fill_columns(u, x, h0):
    """The stacked columns [h_prev; x; 1] of every step, `(T + 1, H + D + 1, N)`.

    Only h0 is there yet: step t writes its h as the h_prev of column t + 1. The last column is there for h_T.
    """
    T, H = len(x), u.shape[1] - x.shape[1] - 1
    u[0, :H], u[:T, H:-1], u[T, H:-1], u[:, -1] = h0, x, 0, 1


def add_products(dz, u, dW):
    """dW += dz[t] @ u[t].T for all steps t, in products of many steps."""
    T, length = len(dz), max(1, COLUMNS // dz.shape[2])
    for t in range(0, T, length):
        steps = slice(t, min(t + length, T))
        dW += flat(dz[steps]) @ flat(u[steps]).T


def flat(array):
    """`(steps, rows, N)` as `(rows, steps * N)`: the columns of all steps side by side."""
    return array.swapaxes(0, 1).reshape(array.shape[1], -1)


def product(A, N):
    """A function `(u, out)` that writes A @ u into out, for u of N columns.

    With the kernels in `BANDED` a product of up to `BAND` multiplications is fastest. Larger ones are cut that small,
    into bands of rows and 32 columns, and take 0.75 to 0.97 of their time; with other kernels they would take more.
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
    """The name of the kernels that OpenBLAS runs, such as "Haswell"; "" where NumPy has another BLAS.

    Not what the processor could run: OPENBLAS_CORETYPE may name older ones.
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
