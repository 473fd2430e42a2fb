"""What a learner typed, read as numbers: in any form that is clear."""

import re

import numpy as np

from lstm_helpers._arguments import brief

_DEEPEST = 32  # lists within lists; NumPy knows as many axes


class UnreadableError(Exception):
    """An answer that holds no numbers to compare; its message is the sentence for the learner."""


def parts_of(value, names):
    """The parts of an answer or a result as float arrays.

    Args:
        value: what was given. For several parts: a tuple, a list or an array with as many elements; or a dictionary
            with their names.
        names: what the parts are called; `("",)` for a single one.

    Raises:
        UnreadableError: it holds no numbers, or another number of parts.
    """
    if len(names) == 1:
        return [_array(value)]
    if isinstance(value, dict) and set(value) == set(names):  # named, and so clear
        value = [value[name] for name in names]
    needed = f"{len(names)} results are needed, {' and '.join([', '.join(names[:-1]), names[-1]])}"
    if isinstance(value, (dict, set, frozenset)):
        raise UnreadableError(f"{needed}, in this order; this is {kind_of(value)}.")
    try:
        count = len(value)
    except TypeError:
        raise UnreadableError(f"{needed}; this is one.") from None
    if isinstance(value, str) or count != len(names):
        came = "this is one array" if isinstance(value, np.ndarray) else f"here are {count}"
        raise UnreadableError(f"{needed}; {came}.")
    return [_array(part, f" in {name}") for part, name in zip(value, names, strict=True)]


def numbers_in(value, where=""):
    """A float array of what was given: numbers, or text that can be read as numbers."""
    _refuse_deep(value, where)
    if getattr(value, "requires_grad", False) is True:  # a tensor: its numbers are the answer
        value = value.detach()
    try:
        array = np.asarray(value)
    except ValueError:
        raise UnreadableError(f"The rows{where} differ in length, so this is no regular array of numbers.") from None
    if array.dtype.kind == "U":
        numbers = [number_from(str(text)) for text in array.flat]
        array = array if None in numbers else np.reshape(numbers, array.shape)
    if array.dtype.kind not in "fiub":
        raise UnreadableError(f"Numbers are needed{where}, and this is {kind_of(value)}.")
    return array.astype(float)


def _refuse_deep(value, where):
    depth = 0
    while isinstance(value, (list, tuple)) and value:
        value, depth = value[0], depth + 1
        if depth > _DEEPEST:
            raise UnreadableError(f"Numbers are needed{where}, and this is lists within lists without an end.")


_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")


def number_from(text):
    """The number that a text is: "0.56", "56%", "0,56" or "1,000,000"; None if it is none.

    Raises:
        UnreadableError: it can be read in two ways, as "1,234" can.
    """
    text = text.strip().replace("\N{MINUS SIGN}", "-")
    if len(text) > 40:
        return None
    if text.endswith("%"):
        number = number_from(text[:-1])
        return None if number is None else number / 100
    if _GROUPS.fullmatch(text):
        if text.count(",") == 1 and "." not in text:
            point, none = text.replace(",", "."), text.replace(",", "")
            raise UnreadableError(f'"{text}" can be read in two ways. Write {point} or {none}.')
        text = text.replace(",", "")
    elif re.fullmatch(r"[+-]?\d*,\d+", text):
        text = text.replace(",", ".")
    try:
        return float(text)
    except ValueError:
        return None


def without_commas(value):
    """The number that was typed where Python has made a tuple of it: 1,000,000 is (1, 0, 0), and 0,56 is (0, 56).

    Anything else comes back as it is.

    Raises:
        UnreadableError: it can be read in two ways, or as no number.
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
        f"One number is needed, and Python reads the comma as the start of another: this is {brief(value, 60)}. "
        "Write 1000000 without commas, and 0.5 with a point."
    )


def _array(value, where=""):
    array = numbers_in(value, where)
    if not np.isfinite(array).all():
        index = tuple(int(k) for k in np.argwhere(~np.isfinite(array))[0])
        raise UnreadableError(f"{sentence_start(place(index))}{where} is {array[index]}, which is no finite number.")
    return array


def kind_of(value):
    """What was given, in words."""
    if callable(value):
        return "a function"
    names = {np.ndarray: "an array", list: "a list", tuple: "a tuple", str: "text", dict: "a dictionary"}
    names |= {set: "a set", complex: "a complex number"}
    return names.get(type(value), f"of type {type(value).__name__}")


def unanswered(value, depth=4):
    """True where a `...` still stands: the answer itself, or an element of it, or of one of its elements."""
    if isinstance(value, dict):
        value = list(value.values())
    return value is ... or (
        depth > 0 and isinstance(value, (list, tuple)) and any(unanswered(one, depth - 1) for one in value)
    )


def place(index):
    """An index in words, counted from 1."""
    if len(index) == 1:
        return f"element {index[0] + 1}"
    if len(index) == 2:
        return f"the number in row {index[0] + 1}, column {index[1] + 1}"
    return f"the element at index {list(index)}" if index else "the number"


def sentence_start(text):
    """The text with a capital letter."""
    return text[:1].upper() + text[1:]
