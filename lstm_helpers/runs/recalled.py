"""Recall: what a page's own training gave, from a file of this folder, so that nobody waits for it."""

import hashlib
import sys
from functools import partial

import numpy as np

from lstm_helpers._arguments import function, mapping, must_be, real_array, short_traceback, text
from lstm_helpers.runs import run
from lstm_helpers.training.storage import read, write

RECORDING = False  # whether to train in any case and to write the file: `make runs` runs the pages so


@short_traceback
def recall(name, begins_with, train):
    """The arrays that `train()` returns: from the file of this name, or, where that began otherwise, trained now.

    So a page whose numbers, weights or text are changed trains by itself; a sentence says so.

    Args:
        name: of the file.
        begins_with: a list of arrays that decide how the training goes: settings, data, and its first losses, in which
            all else shows.
        train: a function without arguments that returns arrays by name.

    Returns:
        The arrays by name, in three digits (float16), whether they were recalled or not.
    """
    text("name", name)
    must_be("begins_with", begins_with, "a list of arrays", isinstance(begins_with, (list, tuple)) and begins_with)
    function("train", train, "without arguments that returns arrays by name")
    path, begun = run.file_of(name), _fingerprint(begins_with)
    if not RECORDING:
        try:
            return read(path, "name", "training recorded by `make runs`", partial(_recalled, begun))
        except (OSError, ValueError):
            told = f"{path.name} is missing or was made from other numbers, so the training runs now."
            print(told, file=sys.stderr)
    given = mapping("train()", train())
    arrays = {key: real_array(f"train()[{key!r}]", array).astype(run.KEPT) for key, array in given.items()}
    if RECORDING:
        write(path, begun, arrays)
    return arrays


def _fingerprint(arrays):
    """A short text that tells a list of arrays from another: of the digits that all processors agree on."""
    digest = hashlib.sha256()
    for k, array in enumerate(arrays):
        array = real_array(f"begins_with[{k}]", array)
        digest.update(f"{array.shape}".encode() + array.astype("<f4").tobytes())
    return digest.hexdigest()


def _recalled(begun, about, arrays):
    """The arrays of a file; or an error, where its training did not begin like this one."""
    if about != begun:
        raise ValueError("begun otherwise")
    found = {name: arrays.pop(name) for name in list(arrays)}
    if not all(np.isfinite(array).all() for array in found.values()):
        raise ValueError("not finite")
    return found
