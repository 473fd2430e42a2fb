"""What every public function asks of its arguments, and the one sentence it says when it does not get it."""

import functools
from math import isfinite

import numpy as np


def one_frame(function):
    """Shorten the traceback of a refused argument to one frame of ours: this wrapper's.

    Only errors made by `refuse` are shortened. Any other error is a defect and keeps its whole traceback.
    """

    @functools.wraps(function)
    def call(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except Exception as error:
            if getattr(error, "is_refusal", False):
                raise error.with_traceback(None) from None
            raise

    return call


def refuse(kind, sentence):
    """Raise `kind(sentence)`, marked so that `one_frame` may shorten its traceback."""
    error = kind(sentence)
    error.is_refusal = True
    raise error


def real_array(name, value, *, ndim=None, shape=None, within=None, dtype=None):
    """Return `value` as a float array, or refuse it.

    Args:
        name: what the caller calls the argument.
        value: a number, a list or an array.
        ndim: the number of axes it must have; None allows any.
        shape: the shape it must have, as a dict from the name of each axis to its length; None allows any.
        within: `(low, high)`, the closed range every element must lie in; None allows any finite value.
        dtype: what it is converted to; with None float32 and float64 stay and all else becomes float64.

    Raises:
        TypeError: it does not hold real numbers.
        ValueError: it is ragged, empty, not finite, of another shape, or out of range.
    """
    try:
        array = np.asarray(value)
    except ValueError:
        refuse(ValueError, f"{name} must be a regular array of numbers; its rows differ in length")
    if array.dtype.kind not in "fiub":
        refuse(TypeError, f"{name} must hold real numbers, got {_brief(value)}")
    if dtype is None:
        dtype = array.dtype if array.dtype in (np.float32, np.float64) else np.float64
    if array.dtype != dtype:
        with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is refused below
            array = array.astype(dtype)
    if ndim is not None and array.ndim != ndim:
        refuse(ValueError, f"{name} must be {_KINDS[ndim]}, got shape {array.shape}")
    if shape is not None and array.shape != tuple(shape.values()):
        refuse(ValueError, f"{name} must have shape {_shape(shape)}, got shape {array.shape}")
    if array.size == 0:
        refuse(ValueError, f"{name} must hold at least one number, got shape {array.shape}")
    low, high = np.minimum.reduce(array, axis=None), np.maximum.reduce(array, axis=None)  # NaN where there is one
    if not (isfinite(low) and isfinite(high)):
        refuse(ValueError, f"{name} must be finite, got {_first(array, ~np.isfinite(array))}")
    if within is not None and not within[0] <= low <= high <= within[1]:
        outside = (array < within[0]) | (array > within[1])
        refuse(ValueError, f"{name} must lie from {within[0]:g} to {within[1]:g}, got {_first(array, outside)}")
    return array


def whole_number(name, value, at_least):
    """Return `value` as an int, or refuse it."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        refuse(TypeError, f"{name} must be a whole number, got {_brief(value)}")
    if value < at_least:
        refuse(ValueError, f"{name} must be at least {at_least}, got {value}")
    return int(value)


def generator(rng):
    """Return `rng`, or refuse it if it is not one of NumPy's random generators."""
    if not isinstance(rng, np.random.Generator):
        refuse(TypeError, f"rng must be a numpy.random.Generator, as default_rng(seed) makes it, got {_brief(rng)}")
    return rng


def same_shape(**arrays):
    """Return the arrays, or refuse them if two have different shapes.

    A single number goes with any shape, and takes the dtype of the arrays it goes with.
    """
    shapes = {name: a.shape for name, a in arrays.items() if a.ndim}
    if len(set(shapes.values())) > 1:
        listing = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        refuse(ValueError, f"{_join(shapes)} must have the same shape, got {listing}")
    dtype = np.result_type(*[a for a in arrays.values() if a.ndim or not shapes])
    return [a if a.ndim else a.astype(dtype) for a in arrays.values()]


_KINDS = {0: "a single number", 1: "a vector (one axis)", 2: "a matrix (two axes)"}


def _shape(shape):
    """`(T, N, H) = (20, 1, 3)`, from the names of the axes and their lengths."""
    names, lengths = ", ".join(shape), ", ".join(map(str, shape.values()))
    comma = "," if len(shape) == 1 else ""
    return f"({names}{comma}) = ({lengths}{comma})"


def _brief(value):
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _first(array, mask):
    """The first element that `mask` picks, and where it stands."""
    index = tuple(int(k) for k in np.argwhere(mask)[0])
    where = "" if array.ndim == 0 else f" at index {index[0] if array.ndim == 1 else index}"
    return f"{array[index]}{where}"


def _join(names):
    *head, last = names
    return f"{', '.join(head)} and {last}"
