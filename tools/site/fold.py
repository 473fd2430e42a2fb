"""Folding: many texts that are alike, such as the pictures of a drag, as a few templates and their numbers.

A template has `pieces` of text with a hole between each two. `holes` says which column fills each hole. A column is
`[decimals, numbers]`, the numbers as whole ones, each as its difference from the one before: in a drag these are small
and alike, so they pack well. `decimals` is how a number is written: as in a text, with so many decimals and a real
minus sign; or, if it is _SHORT, as in a tag of SVG: hundredths, no longer than they have to be.
"""

import re
from itertools import pairwise

_TAG = re.compile(r"(<[^>]*>)")
_IN_TAG, _IN_TEXT = re.compile(r"-?\d+(?:\.\d+)?"), re.compile(r"−?\d+(?:\.\d+)?")
_SHORT = -1


def fold(texts):
    """Texts as templates.

    Args:
        texts: a list of different texts.

    Returns:
        The templates, and for each text its place: which one it is of all that the templates give, one after another.
    """
    alike = {}
    for k, text in enumerate(texts):
        pieces, decimals, numbers = _taken_apart(text)
        alike.setdefault((pieces, decimals), []).append((k, numbers))
    templates, places = [], [0] * len(texts)
    for (pieces, decimals), members in alike.items():
        first = sum(template["count"] for template in templates)
        for place, (k, _) in enumerate(members, first):
            places[k] = place
        templates.append(_template(pieces, decimals, [numbers for _, numbers in members]))
    return templates, places


def steps(numbers):
    """Whole numbers, each as its difference from the one before, the first from 0."""
    return [after - before for before, after in pairwise([0, *numbers])]


def written(number, decimals):
    """A whole number as it stands in a text, or, with _SHORT, in a tag."""
    if decimals == _SHORT:
        return f"{number / 100:.15g}"
    return f"{'−' if number < 0 else ''}{abs(number) / 10**decimals:.{decimals}f}"


def _taken_apart(text):
    """The pieces of a text, how the numbers between them are written, and the numbers."""
    pieces, decimals, numbers = [""], [], []
    for part in _TAG.split(text):
        tag, end = part.startswith("<"), 0
        for found in (_IN_TAG if tag else _IN_TEXT).finditer(part):
            pieces[-1] += part[end : found.start()]
            end = found.end()
            number, how = _read(found[0], tag)
            if written(number, how) == found[0]:
                decimals.append(how)
                numbers.append(number)
                pieces.append("")
            else:  # 007: it stays a part of the text
                pieces[-1] += found[0]
        pieces[-1] += part[end:]
    return tuple(pieces), tuple(decimals), tuple(numbers)


def _read(token, tag):
    if tag:
        return round(float(token) * 100), _SHORT
    return int(token.replace("−", "-").replace(".", "")), len(token.partition(".")[2])


def _template(pieces, decimals, rows):
    """A template: what is the same in all its texts is text, and holes that always have the same number share it."""
    kept, holes, columns = [pieces[0]], [], {}
    for piece, how, numbers in zip(pieces[1:], decimals, zip(*rows, strict=True), strict=True):
        if len(set(numbers)) == 1:
            kept[-1] += written(numbers[0], how) + piece
        else:
            holes.append(columns.setdefault((how, numbers), len(columns)))
            kept.append(piece)
    columns = [[how, steps(numbers)] for how, numbers in columns]
    return {"count": len(rows), "pieces": kept, "holes": holes, "columns": columns}
