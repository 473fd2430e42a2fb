"""The class: what a learner answers is handed to one listener, and what the class has predicted is asked of it.

This module knows no hub and no network: it is the place where one listener can be put. A class's server puts it, with
`listen`, or names its file in the environment variable `LSTM_HELPERS_LISTENER`. Anywhere else there is none: nothing is
handed to anybody, and everything is as it would be without this module.

A learner's own switch, and what a teacher draws:

    from lstm_helpers.room import room, share

    share(False)
    CellExplorer(prediction=room("start.memory"))

A listener has `heard(report)`, `predictions(question)`, which returns a list, and `notice`, a sentence that is at hand.
Whatever goes wrong in it, nobody in front of a notebook notices: it raises nothing, and nobody waits for it. A report
costs its cell an entry in a queue; a thread hands it over a moment later, when most likely the reply has been shown.
"""

import atexit
import importlib.util
import json
import math
import os
from collections import deque
from queue import Empty, SimpleQueue
from threading import Event, Thread

from lstm_helpers._arguments import must_be, refuse, short_traceback, switch

__all__ = ["listen", "notice", "report", "room", "share"]

LISTENER = "LSTM_HELPERS_LISTENER"  # names a file of Python with a function `listener`
KINDS = ("check", "prediction", "truth")
LONGEST_TEXT = 200  # characters; what is longer is cut
LONGEST_LIST = 100  # elements
LARGEST = 2000  # characters of a value as JSON
MOST = 500  # reports that wait for a listener to take them; then the oldest goes
_EVERY = 0.25  # seconds between two looks for what waits
_AT_THE_END = 0.5  # seconds for what still waits when the kernel ends
_WHILE = 5  # seconds, for the predictions of a class
_MOST_AT_WORK = 8  # questions to a listener that have not come back; then it gets no more of them

_reporter = None  # of the one listener
_sharing = True
_at_work = []


@short_traceback
def listen(listener):
    """Put the one listener here, in place of the one before; None for nobody."""
    global _reporter
    if listener is not None and not {"heard", "predictions", "notice"} <= set(dir(listener)):
        refuse(
            TypeError, f"listener must have heard, predictions and notice, or be None, got {type(listener).__name__}"
        )
    if _reporter is not None:
        _reporter.end()
    _reporter = None if listener is None else _Reporter(listener)
    atexit.unregister(flush)
    atexit.register(flush)  # once more, so that it comes before what the listener itself does at the end


@short_traceback
def share(on):
    """Switch reporting off or on, until the kernel ends. It is on at first, and without a listener does nothing."""
    global _sharing
    _sharing = switch("on", on)


def notice():
    """The sentence that tells a learner that answers are counted; "" where they are not."""
    if _reporter is None or not _sharing:
        return ""
    try:
        return str(_reporter.listener.notice)[:LONGEST_TEXT]
    except Exception:
        return ""


def report(question, kind, value, right=None, diagnosis=()):
    """Hand an answer to the listener, if there is one, and if the learner has not switched that off.

    It never raises and never waits: the answer goes into a queue, and all else is done later, in another thread.

    Args:
        question: the name of the question.
        kind: "check"; "prediction"; or "truth", from the panel of a teacher, about which no formula knows it.
        value: a number, a list, a text or a dictionary of such; None for what is none of these, or too large. It is
            read later; of what may change until then, hand over a `snapshot`.
        right: whether the answer is right; None if nobody judged it.
        diagnosis: the keys of the known mistakes that it may be.
    """
    if _reporter is None or not _sharing:
        return
    try:
        _reporter.put((question, kind, value, right, diagnosis))
    except Exception:
        return


def snapshot(value):
    """A value as a report has it now: plain numbers, texts, lists and dictionaries; None where it is too large."""
    try:
        value = _plain(value)
        return value if len(json.dumps(value)) <= LARGEST else None
    except Exception:  # an object that is no number and only looks like one
        return None


def flush(seconds=_AT_THE_END):
    """Hand over now what would be handed over in a moment, but wait for that no longer than so many seconds."""
    if _reporter is not None:
        _reporter.flush(seconds)


class _Reporter:
    """Reports on their way to a listener: whoever has one only appends it to what waits.

    A thread of its own looks now and then what waits, and hands it over in turn. Nobody wakes it for a report: on a
    machine at work that would cost the one who does it their turn at the processor, in mid-cell.
    """

    def __init__(self, listener):
        self.listener = listener
        self._process = self._thread = None
        self._start()

    def put(self, report):
        """Let a report wait; where the listener hangs and too many wait, the oldest goes."""
        if self._process != os.getpid() or self._thread is None:
            self._start()
        self._waiting.append(report)

    def flush(self, seconds):
        """Hand over what waits now, but wait for it no longer than so many seconds."""
        if self._process != os.getpid() or self._thread is None:
            return
        handed_over = Event()
        self._waiting.append(handed_over)
        self._hurry.set()
        handed_over.wait(seconds)

    def end(self):
        """End the thread once it has handed over what waits."""
        self._ended = True
        self._hurry.set()

    def _start(self):
        """Start the thread; after a fork with nothing: what waits there is the parent's to hand over."""
        if self._process != os.getpid():
            self._process, self._thread, self._ended = os.getpid(), None, False
            self._waiting, self._hurry = deque(maxlen=MOST), Event()
        thread = Thread(target=self._run, name="reports", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # there are too many threads now; the next report tries again
            return
        self._thread = thread

    def _run(self):
        waiting, hurry = self._waiting, self._hurry
        while waiting or not self._ended:
            hurry.wait(_EVERY)
            hurry.clear()
            while waiting:
                one = waiting.popleft()
                if isinstance(one, Event):
                    one.set()
                else:
                    self._hand_over(*one)

    def _hand_over(self, question, kind, value, right, diagnosis):
        try:
            self.listener.heard({
                "question": _plain(str(question)),
                "kind": KINDS[KINDS.index(kind)],
                "value": snapshot(value),
                "right": None if right is None else bool(right),
                "diagnosis": [_plain(str(key)) for key in tuple(diagnosis)[:LONGEST_LIST]],
            })  # fmt: skip
        except BaseException:  # in a thread of its own, where nobody is interrupted
            return


class Room:
    """The class's predictions, which a panel takes in the place of one: `room(question)`."""

    def __init__(self, question):
        self.question = question

    def ask(self):
        """What the class has predicted until now, a list; and if it is empty, why, in a sentence."""
        if _reporter is None:
            return [], "There is no class here that could be asked: that takes the class's JupyterHub."
        listener, failed = _reporter.listener, object()
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
        return answers.get(timeout=seconds)
    except (Empty, RuntimeError):  # it takes longer; there may be no more threads
        return otherwise


def _still_at_work():
    """The calls that have not come back. After a fork there are none."""
    _at_work[:] = [thread for thread in _at_work if thread.is_alive()]
    return _at_work


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
