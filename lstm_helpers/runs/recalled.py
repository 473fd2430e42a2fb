"""`recall`: the result of a notebook's own training, read from a file of this folder."""

import hashlib
import sys
from functools import partial

import numpy as np

from lstm_helpers._arguments import function, mapping, must_be, real_array, short_traceback, text
from lstm_helpers.runs import run
from lstm_helpers.training.storage import read, write

RECORDING = False  # True to train and write the file, as `make runs` does


@short_traceback
def recall(name, begins_with, train):
    """The arrays that `train()` returns: from the file of this name, or trained now if the file began differently.

    So a notebook trains again after a change of its numbers, weights or text, and prints a sentence that says so.

    Args:
        name: the name of the recording, which gives that of the file.
        begins_with: a list of arrays that identify the training: settings, data, and its first losses, which depend on
            everything else.
        train: a function without arguments that returns arrays by name.

    Returns:
        The arrays by name, as float16 (three digits), recalled or not.
    """
    text("name", name)
    must_be("begins_with", begins_with, "a list of arrays", isinstance(begins_with, (list, tuple)) and begins_with)
    function("train", train, "without arguments that returns arrays by name")
    path, fingerprint = run.file_of(name), _fingerprint(begins_with)
    if not RECORDING:
        try:
            return read(path, "name", "training recorded by `make runs`", partial(_recalled, fingerprint))
        except (OSError, ValueError):
            sentence = f"{path.name} is missing or was made from other numbers, so the training runs now."
            print(sentence, file=sys.stderr)
    result = mapping("train()", train())
    arrays = {key: real_array(f"train()[{key!r}]", array, dtype=run.STORED_DTYPE) for key, array in result.items()}
    if RECORDING:
        write(path, fingerprint, arrays)
    return arrays


def _fingerprint(arrays):
    """The hash of a list of arrays. In float32, as processors differ in the last digits of float64."""
    digest = hashlib.sha256()
    for k, array in enumerate(arrays):
        array = real_array(f"begins_with[{k}]", array)
        digest.update(f"{array.shape}".encode() + array.astype("<f4").tobytes())
    return digest.hexdigest()


def _recalled(fingerprint, about, arrays):
    """The arrays of a file, or an error if its training began differently."""
    if about != fingerprint:
        raise ValueError("began differently")
    recalled = dict(arrays)
    arrays.clear()  # `read` refuses what is left
    if not all(np.isfinite(array).all() for array in recalled.values()):
        raise ValueError("not finite")
    return recalled
