"""Numbers that a learner gives beside numbers that are wanted: do they agree, and if not, where?

An answer or a result is a list of *parts*, arrays: one part for most questions, two for "h and c".
"""

import numpy as np

from lstm_helpers.checks._reading import place, sentence_start

_NEARLY = 1e-6  # relative: what computing in another order, or in float32, may change


def same_shapes(given, wanted):
    """True when each part has the wanted shape; a single number may come in brackets."""
    return len(given) == len(wanted) and all(
        a.shape == b.shape or a.size == b.size == 1 for a, b in zip(given, wanted, strict=True)
    )


def agree(given, wanted, rounded):
    """True when the parts agree.

    Args:
        rounded: whether `given` may be rounded: to as many decimals as it has, at least 2, and to no fewer than show
            the first digit of the largest number that is wanted.
    """
    return same_shapes(given, wanted) and all(
        bool(right_elements(a, b, rounded).all()) for a, b in zip(given, wanted, strict=True)
    )


def right_elements(given, wanted, rounded):
    """Which elements of one part are right."""
    given = given.reshape(wanted.shape)
    scale = np.abs(wanted).max()
    near = np.abs(given - wanted) <= _NEARLY * max(scale, 1e-6)
    decimals = decimals_of(given)
    if rounded and decimals is not None:
        near |= np.abs(given - wanted) <= 0.5 * 10.0 ** -max(decimals, needed_decimals(scale)) * (1 + 1e-9)
    return near


def decimals_of(array):
    """With how many decimals, up to 8, all elements can be written; None if more are needed."""
    for decimals in range(9):
        if (np.abs(array - np.round(array, decimals)) <= 1e-12 * (1 + np.abs(array))).all():
            return decimals
    return None


def needed_decimals(scale):
    """How many decimals a rounded answer must have: 2, or what shows the first digit of the largest number."""
    return max(2, -int(np.floor(np.log10(scale)))) if scale > 0 else 2


def too_coarse(given, wanted):
    """True when a single part is right as far as its few decimals go, and needs more of them."""
    decimals = decimals_of(given[0])
    if len(given) > 1 or not same_shapes(given, wanted) or not decimals:
        return False
    few = decimals < needed_decimals(np.abs(wanted[0]).max())
    return few and bool((np.abs(given[0].reshape(wanted[0].shape) - wanted[0]) <= 0.5 * 10.0**-decimals).all())


def rounded_finely(given, wanted):
    """True when each part has at least two decimals more than a rounded answer must have."""
    decimals = [decimals_of(part) for part in given]
    needed = [needed_decimals(np.abs(part).max()) + 2 for part in wanted]
    return all(count is None or count >= least for count, least in zip(decimals, needed, strict=True))


def difference(given, wanted, names, rounded):
    """One or two sentences: which elements are wrong, and by how much the first of them is off."""
    for a, b, name in zip(given, wanted, names, strict=True):
        right = right_elements(a, b, rounded)
        if right.all():
            continue
        index = tuple(int(k) for k in np.argwhere(~right)[0])
        off = float(a.reshape(b.shape)[index] - b[index])
        size = "too large" if off > 0 else "too small"
        if not b.ndim:
            return f"{name or 'It'} is {size}, by about {_about(off)}."
        count = int(right.sum())
        start = f"{count} of {right.size} elements are right" if count else f"None of {right.size} elements is right"
        start = f"In {name} {start[0].lower()}{start[1:]}" if name else start
        start = "" if right.size == 1 else f"{start}. "
        return f"{start}{sentence_start(place(index))} is {size}, by about {_about(off)}."
    return ""


def _about(off):
    """A distance with one digit; whole above 1."""
    return f"{abs(off):.1g}" if abs(off) < 1 else f"{abs(off):.0f}"


def shapes(given, wanted, names):
    """One sentence: which shape came, and which was needed."""
    for a, b, name in zip(given, wanted, names, strict=True):
        if a.shape != b.shape and not a.size == b.size == 1:
            return f"{name or 'The result'} has {_shape(a.shape)}; {_shape(b.shape)} is needed."
    return ""


def _shape(shape):
    return "shape (), a single number" if shape == () else f"shape {shape}"


def short(value):
    """A number or a small array as text, with three decimals at most."""
    array = np.round(np.asarray(value, dtype=float), 3) + 0.0
    return f"{float(array):g}" if array.ndim == 0 else str(array.tolist())
