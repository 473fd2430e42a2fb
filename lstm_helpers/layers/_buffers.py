"""A pool that reuses the memory of a pass's large arrays."""

import weakref
from math import prod

import numpy as np

SMALL = 2**14  # bytes: four pages; the allocator itself recycles smaller arrays
LARGE = 2**27  # bytes; keeping larger arrays would tie up too much memory
MAX_SHAPES = 12  # with at most two spare buffers each
CACHE_LINE = 64  # bytes


class Buffers:
    """A pool of uninitialized arrays. A buffer returns to the pool when the last view of its array is gone.

    Fresh memory costs a page fault every 4 KB, a third of a forward pass at H = 128. A buffer is never reused while a
    caller can see it: NumPy keeps an array alive as long as any view of it.
    """

    def __init__(self):
        self._spare = {}  # (shape, dtype) -> buffers

    def empty(self, shape, dtype):
        """An uninitialized array, as from `np.empty`."""
        size = prod(shape) * dtype.itemsize
        if not SMALL <= size <= LARGE:
            return np.empty(shape, dtype)
        try:
            buffer = self._spare[shape, dtype].pop()
        except (KeyError, IndexError):
            buffer = _aligned(size, dtype).reshape(shape)
        array = np.asarray(memoryview(buffer))  # views of a plain view would keep `buffer` alive, not it
        weakref.finalize(array, self._release, (shape, dtype), buffer).atexit = False
        return array

    def _release(self, key, buffer):
        if key not in self._spare and len(self._spare) == MAX_SHAPES:  # the sequences vary in length
            self._spare.clear()
        spare = self._spare.setdefault(key, [])
        if len(spare) < 2:
            spare.append(buffer)

    def __reduce__(self):  # a copied layer starts with an empty pool
        return Buffers, ()


def _aligned(size, dtype):
    """An uninitialized array of `size` bytes that starts on a cache line, which suits AVX-512 loads and stores."""
    padded = np.empty(size + CACHE_LINE, np.uint8)
    start = -padded.ctypes.data % CACHE_LINE
    return padded[start : start + size].view(dtype)
