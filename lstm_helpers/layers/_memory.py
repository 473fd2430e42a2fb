"""The memory that a layer works in, and lends to its callers."""

import weakref
from collections import deque
from itertools import accumulate
from math import prod

import numpy as np

KEPT = 1000  # steps whose views are kept; of more they would take too much memory


class Memory:
    """The memory of a layer's passes: used again once nobody looks at it any more, and never before.

    A pass takes a `Piece`, works in it, and lends its arrays to the caller. They are views of one loan, and NumPy keeps
    the loan alive while any view of it lives, wherever the caller has put that; when the last one goes, the piece comes
    back. Fresh memory would cost a page fault every 4 KB, a third of a forward pass at H = 128, and the views of every
    step anew, a fifth of it at H = 3.
    """

    LARGEST = 2**27  # bytes; above it would hold on to too much

    def __init__(self):
        self.spare = {}  # from the shapes to the pieces that have them

    def take(self, dtype, *shapes, steps=None):
        """A piece with arrays of these shapes, their content arbitrary, and `steps(*arrays)`."""
        try:
            return self.spare[shapes].pop()
        except (KeyError, IndexError):
            return Piece(dtype, shapes, steps)

    def lend(self, piece, writeable=False):
        """The arrays of a piece, for the caller."""
        loan = np.asarray(memoryview(piece.owner))  # not a view in NumPy's eyes: the base of its own views
        weakref.finalize(loan, self.give_back, piece).atexit = False
        loan.flags.writeable = writeable
        return piece.cut(loan)

    def give_back(self, piece):
        """Keep a piece for the next pass of the same shapes."""
        if piece.owner.nbytes > self.LARGEST:
            return
        if len(self.spare) > 8:  # sequences of ever other lengths
            self.spare.clear()
        self.spare.setdefault(piece.shapes, deque(maxlen=2)).append(piece)

    def __reduce__(self):  # a copy of a layer starts with a memory of its own
        return Memory, ()


class Piece:
    """Arrays side by side in one piece of memory, and their views step by step."""

    def __init__(self, dtype, shapes, steps):
        self.shapes, self.ends = shapes, list(accumulate(prod(shape) for shape in shapes))
        owner = np.empty(self.ends[-1] + 64, dtype)
        first = -owner.ctypes.data % 64 // dtype.itemsize  # on a cache line
        self.owner = owner[first : first + self.ends[-1]]
        self.arrays = self.cut(self.owner)
        self.steps = steps and steps(*self.arrays)

    def cut(self, memory):
        """`memory`, which is as long as all arrays together, as these arrays."""
        starts = [0, *self.ends]
        return [memory[a:b].reshape(shape) for a, b, shape in zip(starts, self.ends, self.shapes, strict=False)]


class Steps:
    """Arrays (or lists) over time, to be gone through together. Up to `KEPT` steps their views are made only once."""

    def __init__(self, *along):
        self.along = along if len(along[0]) > KEPT else None
        self.views = None if self.along else list(zip(*along, strict=False))

    def __iter__(self):
        return zip(*self.along, strict=False) if self.along else iter(self.views)
