"""The class: what a learner answers is handed to one listener, and what the class has predicted is asked of it.

This module knows no hub and no network: it is the place where one listener can be put. A class's server puts it, with
`listen`, or names its file in the environment variable `LSTM_HELPERS_LISTENER`. Anywhere else there is none: nothing is
handed to anybody, and everything is as it would be without this module.

A learner's own switch, and what a teacher draws:

    from lstm_helpers.room import room, share

    share(False)
    CellExplorer(prediction=room("start.memory"))

A listener has `heard(report)`, `predictions(question)`, which returns a list, and `notice`, a sentence. Whatever goes
wrong in it, nobody in front of a notebook notices: it raises nothing, and nobody waits long for it.
"""

import importlib.util
import json
import math
import os
from queue import Empty, SimpleQueue
from threading import Thread

from lstm_helpers._arguments import must_be, refuse, short_traceback, switch

__all__ = ["listen", "notice", "report", "room", "share"]

LISTENER = "LSTM_HELPERS_LISTENER"  # names a file of Python with a function `listener`
KINDS = ("check", "prediction", "truth")
LONGEST_TEXT = 200  # characters; what is longer is cut
LONGEST_LIST = 100  # elements
LARGEST = 2000  # characters of a value as JSON
_MOMENT = 0.02  # seconds, for a listener that takes a report at once
_WHILE = 5  # seconds, for the predictions of a class
_MOST_AT_WORK = 8  # calls of a listener that have not come back; then it gets no more of them

_listener = None
_sharing = True
_at_work = []


@short_traceback
def listen(listener):
    """Put the one listener here, in place of the one before; None for nobody."""
    global _listener
    if listener is not None and not {"heard", "predictions", "notice"} <= set(dir(listener)):
        refuse(
            TypeError, f"listener must have heard, predictions and notice, or be None, got {type(listener).__name__}"
        )
    _listener = listener


@short_traceback
def share(on):
    """Switch reporting off or on, until the kernel ends. It is on at first, and without a listener does nothing."""
    global _sharing
    _sharing = switch("on", on)


def notice():
    """The sentence that tells a learner that answers are counted; "" where they are not."""
    if _listener is None or not _sharing:
        return ""
    try:
        return str(_listener.notice)[:LONGEST_TEXT]
    except Exception:
        return ""


def report(question, kind, value, right=None, diagnosis=()):
    """Hand an answer to the listener, if there is one, and if the learner has not switched that off.

    It never raises, and does not wait for a listener that takes its time.

    Args:
        question: the name of the question.
        kind: "check"; "prediction"; or "truth", from the panel of a teacher, about which no formula knows it.
        value: a number, a list, a text or a dictionary of such; None for what is none of these, or too large.
        right: whether the answer is right; None if nobody judged it.
        diagnosis: the keys of the known mistakes that it may be.
    """
    if _listener is None or not _sharing:
        return
    try:
        told = {
            "question": _plain(str(question)),
            "kind": KINDS[KINDS.index(kind)],
            "value": _bounded(value),
            "right": None if right is None else bool(right),
            "diagnosis": [_plain(str(key)) for key in tuple(diagnosis)[:LONGEST_LIST]],
        }
        _answer_of(_listener.heard, told, seconds=0 if _still_at_work() else _MOMENT)
    except Exception:
        return


class Room:
    """The class's predictions, which a panel takes in the place of one: `room(question)`."""

    def __init__(self, question):
        self.question = question

    def ask(self):
        """What the class has predicted until now, a list; and if it is empty, why, in a sentence."""
        if _listener is None:
            return [], "There is no class here that could be asked: that takes the class's JupyterHub."
        listener, failed = _listener, object()
        found = _answer_of(listener.predictions, self.question, seconds=_WHILE, otherwise=failed)
        if found is failed or not isinstance(found, (list, tuple)):
            return [], "The class's board does not answer; run the cell again in a moment."
        said = getattr(listener, "said", "") or f"Nobody has answered “{self.question}” yet."
        return list(found), "" if found else str(said)[:LONGEST_TEXT]

    def __repr__(self):
        return f"room({self.question!r})"


@short_traceback
def room(question):
    """The class's predictions, to be drawn by a panel: `CellExplorer(prediction=room("start.memory"))`.

    They are asked for when the panel is made; running its cell again asks again.

    Args:
        question: the name of a prediction, as the page has it in its own panel.
    """
    return Room(must_be("question", question, "the name of a prediction", isinstance(question, str) and question))


def _answer_of(call, *given, seconds, otherwise=None):
    """What a call of the listener returns; `otherwise` where it raises, takes longer, or too many are at work."""
    answers = SimpleQueue()

    def run():
        try:
            answers.put(call(*given))
        except BaseException:  # in a thread of its own, where nobody is interrupted
            answers.put(otherwise)

    if len(_still_at_work()) >= _MOST_AT_WORK:
        return otherwise
    thread = Thread(target=run, daemon=True)
    _at_work.append(thread)
    try:
        thread.start()
        return answers.get(timeout=seconds) if seconds else otherwise
    except (Empty, RuntimeError):  # it takes longer; there may be no more threads
        return otherwise


def _still_at_work():
    """The calls that have not come back. After a fork there are none."""
    _at_work[:] = [thread for thread in _at_work if thread.is_alive()]
    return _at_work


def _bounded(value):
    """A value as JSON knows it; None if it is too large, or something else."""
    try:
        value = _plain(value)
        return value if len(json.dumps(value)) <= LARGEST else None
    except Exception:  # an object that is no number and only looks like one
        return None


def _plain(value, depth=3):
    """Numbers, texts, lists and dictionaries of such, whatever library they come from; None for the rest."""
    if isinstance(value, str):
        return value[:LONGEST_TEXT]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, float) or (isinstance(value, int) and abs(value) >= 2**53):
        return float(value) if _is_finite(value) else None
    if isinstance(value, int):
        return int(value)
    if depth and getattr(value, "size", 0) <= LONGEST_LIST and hasattr(value, "tolist"):
        return _plain(value.tolist(), depth)
    if depth and isinstance(value, (list, tuple)) and len(value) <= LONGEST_LIST:
        return [_plain(one, depth - 1) for one in value]
    if depth and isinstance(value, dict) and len(value) <= LONGEST_LIST:
        return {str(name)[:LONGEST_TEXT]: _plain(one, depth - 1) for name, one in value.items()}
    return None


def _is_finite(value):
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number with more digits than a float has
        return False


def _listen_as_the_environment_says():
    """Put the listener whose file the class's server names, if it names one."""
    if LISTENER not in os.environ:
        return
    try:
        spec = importlib.util.spec_from_file_location("lstm_helpers_listener", os.environ[LISTENER])
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        listen(module.listener())
    except Exception:  # a defect of the class's server, and a learner's notebook is not the place to say so
        return


_listen_as_the_environment_says()
