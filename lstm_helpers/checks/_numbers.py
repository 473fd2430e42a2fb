"""Answers as numbers: read in any clear form, compared with the right ones, and described where they differ.

An answer or a result is a list of *parts*, arrays: one part for most questions, two for "h and c".
"""

import math
import re
from decimal import Decimal
from numbers import Real

import numpy as np

from lstm_helpers._arguments import brief

_MAX_NESTING = 32  # lists within lists; NumPy allows as many axes
_TOLERANCE = 1e-6  # relative: room for float32 and for another order of operations
_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")  # thousands separated by commas


class UnreadableError(Exception):
    """An answer without numbers to compare; its message is the sentence for the learner."""


# Reading


def parts_of(value, names):
    """The parts of an answer or a result, as float arrays.

    Args:
        value: for several parts a tuple, a list or an array with one element each, or a dictionary with their names.
        names: the names of the parts; `("",)` for a single one.

    Raises:
        UnreadableError: there are no numbers, or the number of parts is wrong.
    """
    if len(names) == 1:
        return [_finite_array(value)]
    if isinstance(value, dict) and set(value) == set(names):
        value = [value[name] for name in names]
    expected = f"Expected {len(names)} results, {' and '.join([', '.join(names[:-1]), names[-1]])}"
    if isinstance(value, (dict, set, frozenset)):
        raise UnreadableError(f"{expected}, in this order; got {kind_of(value)}.")
    try:
        count = len(value)
    except TypeError:
        raise UnreadableError(f"{expected}; got one.") from None
    if isinstance(value, str) or count != len(names):
        got = "one array" if isinstance(value, np.ndarray) else count
        raise UnreadableError(f"{expected}; got {got}.")
    return [_finite_array(part, f" in {name}") for part, name in zip(value, names, strict=True)]


def _finite_array(value, where=""):
    array = to_array(value, where)
    if not np.isfinite(array).all():
        index = tuple(int(k) for k in np.argwhere(~np.isfinite(array))[0])
        raise UnreadableError(f"{_capitalized(_place(index))}{where} is {array[index]}, not a finite number.")
    return array


def to_array(value, where=""):
    """A float array from numbers of any type, or from text that reads as numbers."""
    _refuse_deep(value, where)
    if getattr(value, "requires_grad", False) is True:  # a tensor
        value = value.detach()
    try:
        array = np.asarray(value)
    except ValueError:
        raise UnreadableError(f"The rows{where} differ in length, so this is not a regular array.") from None
    if array.dtype.kind in "fiub":
        return array.astype(float)
    readable = array.dtype.kind in "UO"
    numbers = [_number_from(array.item(k)) if readable else None for k in range(array.size)]
    if None in numbers:
        raise UnreadableError(f"Expected numbers{where}, {_not_a_number(array, numbers.index(None))}.")
    return np.array(numbers, dtype=float).reshape(array.shape)


def _not_a_number(array, k):
    """The kind of element k, counted without regard to the shape, and its place if there are several."""
    kind = kind_of(array.item(k))
    if array.ndim == 0:
        return f"got {kind}"
    return f"but {_place(tuple(int(n) for n in np.unravel_index(k, array.shape)))} is {kind}"


def _refuse_deep(value, where):
    depth = 0
    while isinstance(value, (list, tuple)) and value:
        value, depth = value[0], depth + 1
        if depth > _MAX_NESTING:
            raise UnreadableError(f"Expected numbers{where}, got lists that are nested too deeply.")


def _number_from(item):
    """An object as a float, infinite if it is too large; None if it is not a number."""
    if isinstance(item, str):
        return _number_in(item)
    if not isinstance(item, (Real, Decimal)):
        return None
    try:
        return float(item)
    except OverflowError:
        return math.inf if item > 0 else -math.inf


def _number_in(text):
    """The number in a text such as "0.56", "56%", "0,56" or "1,000,000"; None if it is not a number.

    Raises:
        UnreadableError: the text is ambiguous, as "1,234" is.
    """
    text = text.strip().replace("\N{MINUS SIGN}", "-")
    if len(text) > 40:
        return None
    if text.endswith("%"):
        number = _number_in(text[:-1])
        return None if number is None else number / 100
    if _GROUPS.fullmatch(text):
        if text.count(",") == 1 and "." not in text:
            decimal, whole = text.replace(",", "."), text.replace(",", "")
            raise UnreadableError(f'"{text}" can be read in two ways. Write {decimal} or {whole}.')
        text = text.replace(",", "")
    elif re.fullmatch(r"[+-]?\d*,\d+", text):
        text = text.replace(",", ".")
    try:
        return float(text)
    except ValueError:
        return None


def without_commas(value):
    """Undo the tuple that Python makes of a number typed with commas: 1,000,000 is (1, 0, 0), and 0,56 is (0, 56).

    Returns anything else unchanged.

    Raises:
        UnreadableError: the tuple is ambiguous, or cannot come from one number.
    """
    if not isinstance(value, tuple) or len(value) < 2 or not all(type(part) is int for part in value):
        return value
    head, *groups = value
    in_threes = 0 < abs(head) < 1000 and all(group == 0 or 100 <= group < 1000 for group in groups)
    if in_threes and len(groups) > 1:
        return int(str(head) + "".join(f"{group:03}" for group in groups))
    if not in_threes and len(groups) == 1 and groups[0] >= 0:
        return float(f"{head}.{groups[0]}")
    raise UnreadableError(
        f"Expected one number, but Python reads the comma as the start of another: this is {brief(value, 60)}. "
        "Write 1000000 without commas, and 0.5 with a point."
    )


def kind_of(value):
    """The kind of an answer, in words."""
    if callable(value):
        return "a function"
    names = {np.ndarray: "an array", list: "a list", tuple: "a tuple", str: "text", dict: "a dictionary"}
    names |= {set: "a set", int: "a number", float: "a number", complex: "a complex number", type(None): "None"}
    return names.get(type(value), f"an object of type {type(value).__name__}")


def unanswered(value, depth=4):
    """True if the answer is `...`, or contains one."""
    if isinstance(value, dict):
        value = list(value.values())
    return value is ... or (
        depth > 0 and isinstance(value, (list, tuple)) and any(unanswered(part, depth - 1) for part in value)
    )


# Comparing


def same_shapes(given, right):
    """True if all parts have the right shapes; a single number may come in brackets."""
    return len(given) == len(right) and all(
        a.shape == b.shape or a.size == b.size == 1 for a, b in zip(given, right, strict=True)
    )


def agree(given, right, rounded):
    """True if all parts agree.

    Args:
        rounded: whether `given` may be rounded: to the decimals it has, but no fewer than 2, or than it takes to show
            the first digit of the largest right number.
    """
    return same_shapes(given, right) and all(
        bool(_right_elements(a, b, rounded).all()) for a, b in zip(given, right, strict=True)
    )


def _right_elements(given, right, rounded):
    """A mask of the elements of one part that are right."""
    given = given.reshape(right.shape)
    scale = np.abs(right).max()
    near = np.abs(given - right) <= _TOLERANCE * max(scale, 1e-6)
    decimals = _decimals_of(given)
    if rounded and decimals is not None:
        near |= np.abs(given - right) <= 0.5 * 10.0 ** -max(decimals, _needed_decimals(scale)) * (1 + 1e-9)
    return near


def _decimals_of(array):
    """The number of decimals, up to 8, that all elements need; None if they need more."""
    for decimals in range(9):
        if (np.abs(array - np.round(array, decimals)) <= 1e-12 * (1 + np.abs(array))).all():
            return decimals
    return None


def _needed_decimals(scale):
    """The decimals that a rounded answer must have: 2, or enough to show the first digit of the largest number."""
    return max(2, -int(np.floor(np.log10(scale)))) if scale > 0 else 2


def too_coarse(given, right):
    """True if a single part is right to the few decimals it has, but needs more."""
    decimals = _decimals_of(given[0])
    if len(given) > 1 or not same_shapes(given, right) or not decimals:
        return False
    few = decimals < _needed_decimals(np.abs(right[0]).max())
    return few and bool((np.abs(given[0].reshape(right[0].shape) - right[0]) <= 0.5 * 10.0**-decimals).all())


def rounded_finely(given, right):
    """True if all parts have at least two decimals more than a rounded answer must have."""
    decimals = [_decimals_of(part) for part in given]
    needed = [_needed_decimals(np.abs(part).max()) + 2 for part in right]
    return all(count is None or count >= least for count, least in zip(decimals, needed, strict=True))


# Describing


def difference(given, right, names, rounded):
    """One or two sentences: how many elements are right, and how far off the first wrong one is."""
    for a, b, name in zip(given, right, names, strict=True):
        mask = _right_elements(a, b, rounded)
        if mask.all():
            continue
        index = tuple(int(k) for k in np.argwhere(~mask)[0])
        off = float(a.reshape(b.shape)[index] - b[index])
        size = f"too {'large' if off > 0 else 'small'} by about {_one_digit(off)}"
        if not b.ndim:
            return f"{name or 'It'} is {size}."
        count = int(mask.sum())
        start = f"{count} of {mask.size} elements {'is' if count == 1 else 'are'} right"
        start = start if count else f"None of the {mask.size} elements is right"
        start = f"In {name} {start[0].lower()}{start[1:]}" if name else start
        start = "" if mask.size == 1 else f"{start}. "
        return f"{start}{_capitalized(_place(index))} is {size}."
    return ""


def _one_digit(off):
    """A distance with one digit; whole from 1 to a million."""
    return f"{abs(off):.0f}" if 1 <= abs(off) < 1e6 else f"{abs(off):.1g}"


def wrong_shape(given, right, names):
    """One sentence on the first part whose shape is wrong."""
    for a, b, name in zip(given, right, names, strict=True):
        if a.shape != b.shape and not a.size == b.size == 1:
            return f"{name or 'The result'} has {_shape(a.shape)}; expected {_shape(b.shape)}."
    return ""


def _shape(shape):
    return "shape (), a single number" if shape == () else f"shape {shape}"


def short(value, decimals=3):
    """A number or a small array as text, with at most three decimals or as many as given."""
    array = np.round(np.asarray(value, dtype=float), decimals) + 0.0
    return f"{float(array):.{decimals + 3}g}" if array.ndim == 0 else str(array.tolist())


def short_apart(a, b):
    """Two numbers or small arrays as text, with as many decimals as it takes to tell them apart, from three to 12."""
    texts = ((short(a, decimals), short(b, decimals)) for decimals in range(3, 13))
    return next((pair for pair in texts if pair[0] != pair[1]), (str(a), str(b)))


def _place(index):
    """An index in words, counted from 1; with more than two axes as Python counts."""
    if len(index) == 1:
        return f"element {index[0] + 1}"
    if len(index) == 2:
        return f"the element in row {index[0] + 1}, column {index[1] + 1}"
    return f"the element at index {list(index)}" if index else "the number"


def _capitalized(text):
    return text[:1].upper() + text[1:]
