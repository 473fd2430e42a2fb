"""Folding: compress similar texts, such as the pictures of a drag, into a few templates and columns of numbers.

A template has `pieces` of text with a hole between each two. `holes` names the column that fills each hole. A column is
`[decimals, numbers]`: integers, each stored as its difference from the one before, because in a drag the differences
are small and similar. `decimals` says how to write a number: in text, with so many decimals and a real minus sign; or,
if it is _SHORT, in an SVG tag, in hundredths without trailing zeros.
"""

import re
from itertools import pairwise

_TAG = re.compile(r"(<[^>]*>)")
_IN_TAG, _IN_TEXT = re.compile(r"-?\d+(?:\.\d+)?"), re.compile(r"−?\d+(?:\.\d+)?")
_SHORT = -1


def fold(texts):
    """Fold a list of distinct texts into templates.

    Returns:
        The templates, and for each text its index among the texts that the templates generate, in order.
    """
    groups = {}
    for k, text in enumerate(texts):
        pieces, decimals, numbers = _split(text)
        groups.setdefault((pieces, decimals), []).append((k, numbers))
    templates, places = [], [0] * len(texts)
    for (pieces, decimals), members in groups.items():
        first = sum(template["count"] for template in templates)
        for place, (k, _) in enumerate(members, first):
            places[k] = place
        templates.append(_template(pieces, decimals, [numbers for _, numbers in members]))
    return templates, places


def steps(numbers):
    """Return the differences between successive integers, the first from 0."""
    return [after - before for before, after in pairwise([0, *numbers])]


def written(number, decimals):
    """Write an integer with a decimal point, as in text, or, with _SHORT, as in a tag."""
    if decimals == _SHORT:
        return f"{number / 100:.15g}"
    return f"{'−' if number < 0 else ''}{abs(number) / 10**decimals:.{decimals}f}"


def _split(text):
    """Return the pieces of a text, the decimals of the numbers between them, and the numbers as integers."""
    pieces, decimals, numbers = [""], [], []
    for part in _TAG.split(text):
        tag, end = part.startswith("<"), 0
        for found in (_IN_TAG if tag else _IN_TEXT).finditer(part):
            pieces[-1] += part[end : found.start()]
            end = found.end()
            number, places = _read(found[0], tag)
            if written(number, places) == found[0]:
                decimals.append(places)
                numbers.append(number)
                pieces.append("")
            else:  # such as 007, which stays text
                pieces[-1] += found[0]
        pieces[-1] += part[end:]
    return tuple(pieces), tuple(decimals), tuple(numbers)


def _read(token, tag):
    if tag:
        return round(float(token) * 100), _SHORT
    return int(token.replace("−", "-").replace(".", "")), len(token.partition(".")[2])


def _template(pieces, decimals, rows):
    """Make a template: constant numbers become text, and equal columns are shared."""
    merged, holes, columns = [pieces[0]], [], {}
    for piece, places, numbers in zip(pieces[1:], decimals, zip(*rows, strict=True), strict=True):
        if len(set(numbers)) == 1:
            merged[-1] += written(numbers[0], places) + piece
        else:
            holes.append(columns.setdefault((places, numbers), len(columns)))
            merged.append(piece)
    columns = [[places, steps(numbers)] for places, numbers in columns]
    return {"count": len(rows), "pieces": merged, "holes": holes, "columns": columns}
