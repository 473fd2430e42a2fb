"""Reusable buffers for the large arrays of a pass."""

import weakref
from math import prod

import numpy as np

SMALL = 2**14  # bytes: four pages; smaller arrays are recycled by the allocator itself
LARGE = 2**27  # bytes; a layer would hold on to too much if it kept larger ones
LINE = 64  # bytes of a cache line
SHAPES = 12  # at most, with two buffers each


class Buffers:
    """A pool of empty arrays: a buffer returns to the pool when the last view of its array is gone, and not before.

    A fresh array costs a page fault every 4 KB: a third of a forward pass at H = 128. NumPy keeps an array alive as
    long as a caller holds any view of it.
    """

    def __init__(self):
        self._spare = {}  # (shape, dtype) -> buffers that have it

    def empty(self, shape, dtype):
        """An uninitialized array, as `np.empty` makes it."""
        size = prod(shape) * dtype.itemsize
        if not SMALL <= size <= LARGE:
            return np.empty(shape, dtype)
        try:
            buffer = self._spare[shape, dtype].pop()
        except (KeyError, IndexError):
            buffer = _aligned(size, dtype).reshape(shape)
        array = np.asarray(memoryview(buffer))  # NumPy does not see a view: views of it keep it alive, not the buffer
        weakref.finalize(array, self._give_back, (shape, dtype), buffer).atexit = False
        return array

    def _give_back(self, kind, buffer):
        if kind not in self._spare and len(self._spare) == SHAPES:  # every sequence has a different length
            self._spare.clear()
        spare = self._spare.setdefault(kind, [])
        if len(spare) < 2:
            spare.append(buffer)

    def __reduce__(self):  # a copy of a layer starts with buffers of its own
        return Buffers, ()


def _aligned(size, dtype):
    """An uninitialized array of so many bytes that begins on a cache line: AVX-512 reads and writes whole ones."""
    spacious = np.empty(size + LINE, np.uint8)
    first = -spacious.ctypes.data % LINE
    return spacious[first : first + size].view(dtype)
