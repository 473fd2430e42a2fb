"""A report of a learner's answer: read from JSON, every part of it bounded, or refused in a sentence."""

import json
import math
import re
from dataclasses import dataclass

LARGEST = 2**17  # bytes of a request: a hundred reports, each with a list of numbers
MOST = 100  # reports in a request
NUMBERS = 100  # in a list
NAMES = 8  # in a dictionary, and mistakes in a diagnosis
LETTERS = 80  # of a text that was predicted
KINDS = ("check", "prediction", "truth")
_ID = re.compile(r"[0-9a-f]{32}\Z")


class RefusedError(ValueError):
    """A report, or a whole request, that is not taken; the sentence says why."""


@dataclass(frozen=True)
class Report:
    """One answer. `value` is the prediction, in the form that the board keeps; of a check it keeps none."""

    id: str
    question: str
    kind: str
    value: object
    right: bool | None
    diagnosis: tuple


def parse(body):
    """The list of reports in a request, each still as it came."""
    try:
        found = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise RefusedError("the request is not JSON") from None
    if not isinstance(found, list) or not 1 <= len(found) <= MOST:
        raise RefusedError(f"the request is not a list of 1 to {MOST} reports")
    return found


def id_of(given):
    """The id of a report as it came; a report without one cannot even be refused by it."""
    if isinstance(given, dict) and isinstance(given.get("id"), str) and _ID.match(given["id"]):
        return given["id"]
    raise RefusedError("a report has no id of 32 hexadecimal digits")


def read(given, questions):
    """The report, checked against the questions that there are; a mistake that its question does not know is dropped.

    Args:
        given: a dictionary whose id is known to be one.
        questions: by name, with the `diagnoses` that each knows.
    """
    name, kind, right = given.get("question"), given.get("kind"), given.get("right")
    if not isinstance(name, str) or name not in questions:
        raise RefusedError(f"there is no question {_brief(name)}")
    if kind not in KINDS:
        raise RefusedError(f"a report of {name} has the kind {_brief(kind)}; there are {', '.join(KINDS)}")
    if kind == "check" and not isinstance(right, bool):
        raise RefusedError(f"a check of {name} is neither right nor wrong")
    keys = given.get("diagnosis", [])
    keys = [key for key in keys[:NAMES] if isinstance(key, str)] if isinstance(keys, list) else []
    known = tuple(dict.fromkeys(key for key in keys if key in questions[name].diagnoses))
    value = None if kind == "check" else _value(given.get("value"), name)
    return Report(given["id"], name, kind, value, right if kind == "check" else None, () if right else known)


def _value(given, name):
    """A number, a list of numbers, a dictionary of these by name, or a short text."""
    if isinstance(given, str) and plain(given):
        return plain(given)
    if isinstance(given, dict) and 1 <= len(given) <= NAMES and all(map(plain, given)):
        return {plain(key)[:20]: _numbers(inner, name) for key, inner in given.items()}
    return _numbers(given, name)


def _numbers(given, name):
    numbers = given if isinstance(given, list) else [given]
    fits = 1 <= len(numbers) <= NUMBERS and all(type(number) in (int, float) for number in numbers)
    if not fits or not all(abs(number) < 1e100 and math.isfinite(number) for number in numbers):
        raise RefusedError(f"the value for {name} is no number, short list of numbers or short text")
    numbers = [float(number) for number in numbers]
    return numbers if isinstance(given, list) else numbers[0]


def plain(text):
    """A text for one line: cut, and without what would turn the direction of the line or break it."""
    text = "".join(letter if letter.isprintable() else " " for letter in text[: 2 * LETTERS])
    return " ".join(text.split())[:LETTERS]


def _brief(value):
    """A value for a log line."""
    return repr(plain(value)) if isinstance(value, str) else f"of type {type(value).__name__}"


def _no_number(text):
    raise ValueError(f"{text} is no number")
