"""Checks of the arguments of public functions. Each returns the value or refuses it with an error of one sentence."""

import functools
import re
from collections.abc import Iterable, Mapping
from math import isfinite
from pathlib import Path

import numpy as np


def short_traceback(function):
    """Shorten the traceback of a refused argument to a single frame of this package: the wrapper's.

    Only errors raised by `refuse` are shortened. Any other error is a bug and keeps its whole traceback.
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
    """Raise `kind(sentence)`, marked so that `short_traceback` may shorten its traceback."""
    error = kind(sentence)
    error.is_refusal = True
    raise error


def real_array(name, value, *, ndim=None, shape=None, within=None, dtype=None):
    """Return `value` as a float array, or refuse it.

    Args:
        name: the name of the argument, for the error.
        value: a number, a list or an array.
        ndim: the required number of axes; None allows any.
        shape: the required shape, as a dict from the name of each axis to its length; None allows any.
        within: `(low, high)`, the closed range of every element; None allows any finite value.
        dtype: the dtype to convert it to; None keeps float32 and float64 and converts everything else to float64. The
            bytes are in the machine's order.

    Raises:
        TypeError: the value does not hold real numbers.
        ValueError: the value is ragged, empty, not finite, out of range, or has the wrong shape.
    """
    array = given = _array(name, value)
    if array.dtype.kind not in "fiub":
        refuse(TypeError, f"{name} must hold real numbers, got {brief(value)}")
    if dtype is None:
        dtype = array.dtype.type if array.dtype.type in (np.float32, np.float64) else np.float64
    if array.dtype != dtype:
        with np.errstate(over="ignore"):  # too large for float32: becomes infinite, refused below
            array = array.astype(dtype)
    if ndim is not None and array.ndim != ndim:
        refuse(ValueError, f"{name} must be {_KINDS[ndim]}, got shape {array.shape}")
    if shape is not None and array.shape != tuple(shape.values()):
        refuse(ValueError, f"{name} must have shape {_shape(shape)}, got shape {array.shape}")
    if array.size == 0:
        refuse(ValueError, f"{name} must hold at least one number, got shape {array.shape}")
    finite = np.isfinite(array)
    if np.count_nonzero(finite) < array.size:
        where = f" in {array.dtype}" if np.isfinite(given[~finite]).any() else ""
        refuse(ValueError, f"{name} must be finite{where}, got {_first(given, ~finite)}")
    if within is not None and not within[0] <= array.min() <= array.max() <= within[1]:
        outside = (array < within[0]) | (array > within[1])
        allowed = f"lie from {within[0]:g} to {within[1]:g}" if np.isfinite(within[1]) else f"be at least {within[0]:g}"
        refuse(ValueError, f"{name} must {allowed}, got {_first(array, outside)}")
    return array


def must_be(name, value, expected, fits, kind=TypeError):
    """Return `value` if it `fits`, or refuse it: "NAME must be EXPECTED, got VALUE"."""
    if not fits:
        refuse(kind, f"{name} must be {expected}, got {brief(value)}")
    return value


def whole_number(name, value, at_least, at_most=None):
    """Return `value` as an int, or refuse it."""
    must_be(name, value, "a whole number", isinstance(value, (int, np.integer)) and not isinstance(value, bool))
    if at_most is not None and not at_least <= value <= at_most:
        refuse(ValueError, f"{name} must lie from {at_least} to {at_most}, got {value}")
    if value < at_least:
        refuse(ValueError, f"{name} must be at least {at_least}, got {value}")
    return int(value)


def whole_numbers(name, value, K=None, *, ndim=None):
    """Return `value` as an array of whole numbers, from 0 to K - 1 if K is given, or refuse it."""
    array = _array(name, value)
    must_be(name, value, "whole numbers", not array.size or array.dtype.kind in "iu")
    if ndim is not None and array.ndim != ndim:
        refuse(ValueError, f"{name} must be {_KINDS[ndim]}, got shape {array.shape}")
    if K is not None and array.size and not (array.min() >= 0 and array.max() < K):
        refuse(ValueError, f"{name} must lie from 0 to {K - 1}, got from {array.min()} to {array.max()}")
    return array.astype(np.int64)


def real_number(name, value, condition="", fits=lambda number: True):
    """Return `value` as a finite float for which `fits(value)` holds, or refuse it; `condition` puts that in words."""
    array = _array(name, value)
    must_be(name, value, f"a number {condition}".rstrip(), array.dtype.kind in "fiu" and not array.ndim)
    must_be(name, value, condition or "finite", isfinite(array) and fits(float(array)), ValueError)
    return float(array)


def above_0(name, value, condition="above 0"):
    """Return `value` as a float above 0, or refuse it; `condition` puts that in words."""
    return real_number(name, value, condition, lambda number: number > 0)


def probability(name, value):
    """Return `value` as a float from 0 to 1, or refuse it."""
    return real_number(name, value, "from 0 to 1", lambda p: 0 <= p <= 1)


def switch(name, value):
    """Return `value` as a bool, or refuse it: the text "False" would count as true."""
    return bool(must_be(name, value, "True or False", isinstance(value, (bool, np.bool_))))


def text(name, value):
    """Return `value`, or refuse it if it is not text."""
    return must_be(name, value, "text", isinstance(value, str))


def texts(**values):
    """Refuse the first argument that is not text."""
    for name, value in values.items():
        text(name, value)


def one_of(name, value, names):
    """Return `value`, or refuse it if it is not one of the names."""
    return must_be(name, value, f"one of {list(names)}", isinstance(value, str) and value in names, ValueError)


def instance(name, value, kinds, expected):
    """Return `value`, or refuse it if it is not an instance of these classes; `expected` puts them in words."""
    if not isinstance(value, kinds):
        refuse(TypeError, f"{name} must be {expected}, got {kind_of(value)}")
    return value


def mapping(name, value, at_least=1, at_most=None):
    """Return `value` as a dict from names to values, or refuse it."""
    must_be(name, value, "a mapping from names to values", isinstance(value, Mapping))
    if not at_least <= len(value) <= (len(value) if at_most is None else at_most):
        most = "" if at_most is None else f" and at most {at_most}"
        refuse(ValueError, f"{name} must have at least {at_least}{most} names, got {len(value)}")
    return dict(value)


def function(name, value, signature):
    """Return `value`, or refuse it if it is not callable; `signature` puts its arguments and result in words."""
    return must_be(name, value, f"a function {signature}", callable(value))


def words(name, value, at_least=0):
    """Return `value` as a list of words, or refuse it. A string is refused: it would become a list of letters."""
    is_list = isinstance(value, Iterable) and not isinstance(value, (str, Mapping))
    listed = list(must_be(name, value, "a list of words", is_list))
    for word in listed:
        if not isinstance(word, str):
            refuse(TypeError, f"{name} must be a list of words, got {brief(word)} among them")
    if len(listed) < at_least:
        refuse(ValueError, f"{name} must hold at least {at_least} words, got {len(listed)}")
    return listed


def file_name(name, value):
    """Return `value` as a `Path`, or refuse it if it cannot name a file."""
    must_be(name, value, "the name of a file", isinstance(value, (str, Path)))
    if not str(value).strip() or "\0" in str(value) or Path(value).is_dir():
        refuse(ValueError, f"{name} must be the name of a file, got {str(value)!r}")
    return Path(value)


def kind_of(value):
    """The class of an object, in words: "an LSTM", or "an LSTM, torch.nn.LSTM" for a class of another library."""
    kind = type(value)
    article = "an" if kind.__name__[0] in "AEIOaeio" or kind.__name__[:2] in ("LS", "RN") else "a"
    package = kind.__module__.partition(".")[0]
    if package in ("builtins", "lstm_helpers", "numpy") or package.startswith("test"):
        return f"{article} {kind.__name__}"
    home = re.sub(r"\.(modules|src)\b.*", "", kind.__module__)
    return f"{article} {kind.__name__}, {home}.{kind.__name__}"


def generator(rng):
    """Return `rng`, or refuse it if it is not one of NumPy's random generators."""
    expected = "a numpy.random.Generator, such as default_rng(seed)"
    return must_be("rng", rng, expected, isinstance(rng, np.random.Generator))


def same_shape(**arrays):
    """Return the arrays in a list, or refuse them if two have different shapes.

    A single number fits any shape, and takes the dtype of the arrays.
    """
    shapes = {name: a.shape for name, a in arrays.items() if a.ndim}
    if len(set(shapes.values())) > 1:
        listing = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        *head, last = shapes
        refuse(ValueError, f"{', '.join(head)} and {last} must have the same shape, got {listing}")
    dtype = np.result_type(*[a for a in arrays.values() if a.ndim or not shapes])
    return [a if a.ndim else real_array(name, a, dtype=dtype) for name, a in arrays.items()]


_KINDS = {0: "a single number", 1: "a vector (one axis)", 2: "a matrix (two axes)"}


def _array(name, value):
    """`value` as an array, or a refusal if NumPy cannot convert it or would ignore its mask."""
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        refuse(ValueError, f"{name} must have no masked elements; fill them first, as with {name}.filled(0)")
    if getattr(value, "requires_grad", False) is True:
        refuse(TypeError, f"{name} must be an array, got a tensor that requires a gradient: pass {name}.detach()")
    try:
        return np.asarray(value)
    except ValueError:
        refuse(ValueError, f"{name} must be a regular array of numbers; its rows differ in length")
    except Exception as error:  # an object's `__array__` may raise anything
        refuse(TypeError, f"{name} must be an array of numbers, got {kind_of(value)} ({type(error).__name__})")


def _shape(shape):
    """A shape in words: `(T, N, H) = (20, 1, 3)`, from the names of the axes and their lengths."""
    names, lengths = ", ".join(shape), ", ".join(map(str, shape.values()))
    comma = "," if len(shape) == 1 else ""
    return f"({names}{comma}) = ({lengths}{comma})"


def brief(value, most=40):
    """The `repr` of a value for an error message: on one line, shortened to `most` characters."""
    try:
        text = repr(value[:most]) if isinstance(value, str) else " ".join(repr(value).split())
    except Exception:  # its repr may raise anything
        return kind_of(value)
    return text if len(text) <= most else text[: most - 3] + "..."


def _first(array, mask):
    """The first element that `mask` selects, with its index: "nan at index 2"."""
    index = tuple(int(k) for k in np.argwhere(mask)[0])
    where = "" if array.ndim == 0 else f" at index {index[0] if array.ndim == 1 else index}"
    return f"{array[index]}{where}"
