"""Parser for reports of students' answers: every part is bounded, and a refusal says why in one sentence."""

import json
import math
import re
from dataclasses import dataclass

MAX_BYTES = 2**17  # of a request: a hundred reports, each with a list of numbers
MAX_REPORTS = 100  # in a request
MAX_NUMBERS = 100  # in a list
MAX_NAMES = 8  # in a dictionary, and mistakes in a diagnosis
MAX_TEXT = 80  # characters of a predicted text
KINDS = ("check", "prediction", "truth")
_ID = re.compile(r"[0-9a-f]{32}\Z")


class RefusedError(ValueError):
    """A report or a whole request is refused; the message says why."""


@dataclass(frozen=True)
class Report:
    """One answer. `value` is the predicted value, or the truth; None for a check."""

    id: str
    question: str
    kind: str
    value: object
    right: bool | None
    diagnosis: tuple


def parse(body):
    """Return the list of reports in a request, none of them checked yet."""
    try:
        found = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise RefusedError("the request is not JSON") from None
    if not isinstance(found, list) or not 1 <= len(found) <= MAX_REPORTS:
        raise RefusedError(f"the request is not a list of 1 to {MAX_REPORTS} reports")
    return found


def id_of(given):
    """Return the id of an unchecked report; the reply names refused reports by their ids."""
    if isinstance(given, dict) and isinstance(given.get("id"), str) and _ID.match(given["id"]):
        return given["id"]
    raise RefusedError("a report has no id of 32 hexadecimal digits")


def read(given, questions):
    """Return a checked `Report`. Mistakes that its question does not know are dropped.

    Args:
        given: an unchecked report, a dictionary with a valid id.
        questions: name -> question with its `diagnoses`.
    """
    name, kind, right = given.get("question"), given.get("kind"), given.get("right")
    if not isinstance(name, str) or name not in questions:
        raise RefusedError(f"there is no question {_brief(name)}")
    if kind not in KINDS:
        raise RefusedError(f"a report of {name} has the kind {_brief(kind)}; there are {', '.join(KINDS)}")
    if kind == "check" and not isinstance(right, bool):
        raise RefusedError(f"a check of {name} is neither right nor wrong")
    keys = given.get("diagnosis", [])
    keys = [key for key in keys[:MAX_NAMES] if isinstance(key, str)] if isinstance(keys, list) else []
    known = tuple(dict.fromkeys(key for key in keys if key in questions[name].diagnoses))
    value = None if kind == "check" else _value(given.get("value"), name)
    return Report(given["id"], name, kind, value, right if kind == "check" else None, () if right else known)


def _value(given, name):
    """Return a number, a list of numbers, a dictionary of these by name, or a short text."""
    if isinstance(given, str) and plain(given):
        return plain(given)
    if isinstance(given, dict) and 1 <= len(given) <= MAX_NAMES and all(map(plain, given)):
        return {plain(key)[:20]: _numbers(inner, name) for key, inner in given.items()}
    return _numbers(given, name)


def _numbers(given, name):
    numbers = given if isinstance(given, list) else [given]
    fits = 1 <= len(numbers) <= MAX_NUMBERS and all(type(number) in (int, float) for number in numbers)
    if not fits or not all(abs(number) < 1e100 and math.isfinite(number) for number in numbers):
        raise RefusedError(f"the value for {name} is not a number, a short list of numbers or a short text")
    numbers = [float(number) for number in numbers]
    return numbers if isinstance(given, list) else numbers[0]


def plain(text):
    """Shorten a text to one line, without control characters or marks that change the writing direction."""
    text = "".join(letter if letter.isprintable() else " " for letter in text[: 2 * MAX_TEXT])
    return " ".join(text.split())[:MAX_TEXT]


def _brief(value):
    """Describe a value for a log line."""
    return repr(plain(value)) if isinstance(value, str) else f"of type {type(value).__name__}"


def _no_number(text):
    raise ValueError(f"{text} is not a number")
