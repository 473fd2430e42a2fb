"""Memory for the large arrays of a pass, used again."""

import weakref
from math import prod

import numpy as np

SMALL = 2**17  # bytes; below it the allocator reuses memory by itself
LARGE = 2**27  # bytes; above it a layer would hold on to too much
SHAPES = 8  # kept at most, two buffers of each


class Buffers:
    """Empty arrays whose memory is used again once nobody looks at them any more, and never before.

    Fresh memory costs a page fault every 4 KB: a third of a forward pass at H = 128. NumPy keeps an array alive as long
    as any view of it lives, wherever a caller has put that; when the last view goes, the memory comes back.
    """

    def __init__(self):
        self._spare = {}  # (shape, dtype) -> buffers that have it

    def empty(self, shape, dtype):
        """An array like that of `np.empty`."""
        size = prod(shape) * dtype.itemsize
        if not SMALL <= size <= LARGE:
            return np.empty(shape, dtype)
        try:
            buffer = self._spare[shape, dtype].pop()
        except (KeyError, IndexError):
            buffer = np.empty(shape, dtype)
        array = np.asarray(memoryview(buffer))  # not a view in NumPy's eyes: views of it keep it alive, not the buffer
        weakref.finalize(array, self._give_back, (shape, dtype), buffer).atexit = False
        return array

    def _give_back(self, kind, buffer):
        if kind not in self._spare and len(self._spare) == SHAPES:  # sequences of ever other lengths
            self._spare.clear()
        spare = self._spare.setdefault(kind, [])
        if len(spare) < 2:
            spare.append(buffer)

    def __reduce__(self):  # a copy of a layer starts with buffers of its own
        return Buffers, ()
