"""The connection to a class: answers are reported to one listener, and the class's predictions come from it.

This module knows no hub and no network. A class's server sets the listener, with `listen` or by naming a file in the
environment variable `LSTM_HELPERS_LISTENER`. Without a listener nothing is reported.

A learner's own switch, and a panel of a teacher:

    from lstm_helpers.room import room, share

    share(False)
    CellExplorer(prediction=room("start.memory"))

A listener has `heard(report)`, `predictions(question)`, which returns a list, and `notice`, a sentence for the learner;
and optionally `reason`, a sentence that says why the last list was empty. A failing listener never disturbs a notebook:
its exceptions are swallowed, and no cell waits for it, except a panel of a class's predictions, for a few seconds. A
report costs its cell one entry in a queue, which a thread delivers a moment later, most likely after the reply shows.
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

LISTENER = "LSTM_HELPERS_LISTENER"  # the path of a Python file with a function `listener`
KINDS = ("check", "prediction", "truth")
MAX_TEXT = 200  # characters; longer text is cut
MAX_ITEMS = 100  # of a list, an array or a dictionary
MAX_JSON = 2000  # characters of a value as JSON
MAX_WAITING = 500  # reports in the queue; then the oldest is dropped
_POLL_INTERVAL = 0.25  # seconds between deliveries
_FLUSH_TIMEOUT = 0.5  # seconds to deliver the rest when the kernel ends
_TIMEOUT = 5  # seconds to wait for the predictions of a class
_MAX_RUNNING = 8  # calls for predictions that have not returned; further ones fail at once

_reporter = None  # for the one listener
_sharing = True
_running = []  # threads that call the listener for predictions


@short_traceback
def listen(listener):
    """Set the one listener, in place of the previous one; None for no listener."""
    global _reporter
    if listener is not None and not {"heard", "predictions", "notice"} <= set(dir(listener)):
        refuse(
            TypeError, f"listener must have heard, predictions and notice, or be None, got {type(listener).__name__}"
        )
    if _reporter is not None:
        _reporter.end()
    _reporter = None if listener is None else _Reporter(listener)
    atexit.unregister(flush)
    atexit.register(flush)  # again, so that it runs before the exit functions of the new listener


@short_traceback
def share(on):
    """Switch reporting on or off, until the kernel ends. It is on at first, and does nothing without a listener."""
    global _sharing
    _sharing = switch("on", on)


def notice():
    """The sentence that tells a learner that answers are counted; "" if they are not."""
    if _reporter is None or not _sharing:
        return ""
    try:
        return str(_reporter.listener.notice)[:MAX_TEXT]
    except Exception:
        return ""


def report(question, kind, value, right=None, diagnosis=()):
    """Report an answer to the listener, unless there is none or the learner has switched reporting off.

    Never raises and never waits: a thread delivers the report later.

    Args:
        question: the name of the question.
        kind: "check", "prediction", or "truth": what a teacher's panel shows where the question has no formula.
        value: a number, a list, a text or a dictionary of these; it is reported as None if it is anything else, or too
            large. It is read later: pass a `snapshot` of a value that may change.
        right: whether the answer is right; None if it was not judged.
        diagnosis: the keys of what is wrong: see `Reply`.
    """
    if _reporter is None or not _sharing:
        return
    try:
        _reporter.put((question, kind, value, right, diagnosis))
    except Exception:
        return


def snapshot(value):
    """A copy of a value, as a report has it: plain numbers, text, lists and dictionaries; None if it is too large."""
    try:
        value = _plain(value)
        return value if len(json.dumps(value)) <= MAX_JSON else None
    except Exception:  # an object that only looks like a number
        return None


def flush(seconds=_FLUSH_TIMEOUT):
    """Deliver all waiting reports now, but wait at most this long."""
    if _reporter is not None:
        _reporter.flush(seconds)


class _Reporter:
    """A queue of reports, and a thread that delivers them in order to a listener.

    The thread polls. Reports do not wake it: on a busy machine the reporting cell would lose its time slice.
    """

    def __init__(self, listener):
        self.listener = listener
        self._process = self._thread = None
        self._start()

    def put(self, report):
        """Append a report to the queue; drop the oldest if the queue is full."""
        if self._process != os.getpid() or self._thread is None:
            self._start()
        self._waiting.append(report)

    def flush(self, seconds):
        """Deliver what is in the queue now, but wait at most this long."""
        if self._process != os.getpid() or self._thread is None:
            return
        delivered = Event()
        self._waiting.append(delivered)
        self._wake.set()
        delivered.wait(seconds)

    def end(self):
        """End the thread once the queue is empty."""
        self._ended = True
        self._wake.set()

    def _start(self):
        """Start the thread; after a fork with an empty queue, since the parent delivers its own reports."""
        if self._process != os.getpid():
            self._process, self._thread, self._ended = os.getpid(), None, False
            self._waiting, self._wake = deque(maxlen=MAX_WAITING), Event()
        thread = Thread(target=self._run, name="reports", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # too many threads; the next report tries again
            return
        self._thread = thread

    def _run(self):
        waiting, wake = self._waiting, self._wake
        while waiting or not self._ended:
            wake.wait(_POLL_INTERVAL)
            wake.clear()
            while waiting:
                item = waiting.popleft()
                if isinstance(item, Event):
                    item.set()
                else:
                    self._deliver(*item)

    def _deliver(self, question, kind, value, right, diagnosis):
        try:
            self.listener.heard({
                "question": _plain(str(question)),
                "kind": KINDS[KINDS.index(kind)],  # an unknown kind raises, which drops the report
                "value": snapshot(value),
                "right": None if right is None else bool(right),
                "diagnosis": [_plain(str(key)) for key in tuple(diagnosis)[:MAX_ITEMS]],
            })  # fmt: skip
        except BaseException:  # no real interrupt: those arrive in the main thread
            return


class Room:
    """The class's predictions of one question, for a panel in place of a single prediction."""

    def __init__(self, question):
        self.question = question

    def ask(self):
        """The predictions so far, a list; and if it is empty the reason, a sentence."""
        if _reporter is None:
            return [], "There is no class here to ask: that takes the class's JupyterHub."
        listener = _reporter.listener
        predictions = _call_with_timeout(listener.predictions, self.question)
        if not isinstance(predictions, (list, tuple)):
            return [], "The class's board does not answer; run the cell again in a moment."
        reason = getattr(listener, "reason", "") or f"Nobody has answered “{self.question}” yet."
        return list(predictions), "" if predictions else str(reason)[:MAX_TEXT]

    def __repr__(self):
        return f"room({self.question!r})"


@short_traceback
def room(question):
    """The class's predictions, for a panel to draw: `CellExplorer(prediction=room("start.memory"))`.

    The panel asks for them when it is made; run its cell again to update it.

    Args:
        question: the name of a prediction, as in the panel of the page.
    """
    return Room(must_be("question", question, "the name of a prediction", isinstance(question, str) and question))


def _call_with_timeout(function, *args):
    """The result of a call of the listener; None if it raises or is too slow, or if too many calls are running."""
    _running[:] = [thread for thread in _running if thread.is_alive()]  # none after a fork
    if len(_running) >= _MAX_RUNNING:
        return None
    results = SimpleQueue()

    def run():
        try:
            results.put(function(*args))
        except BaseException:  # no real interrupt: those arrive in the main thread
            results.put(None)

    thread = Thread(target=run, daemon=True)
    _running.append(thread)
    try:
        thread.start()
        return results.get(timeout=_TIMEOUT)
    except (Empty, RuntimeError):  # too slow, or no more threads
        return None


def _plain(value, depth=3):
    """A value as plain numbers, text, lists and dictionaries, from any library; None for anything else."""
    if isinstance(value, str):
        return value[:MAX_TEXT]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, float) or (isinstance(value, int) and abs(value) >= 2**53):
        return float(value) if _is_finite(value) else None
    if isinstance(value, int):
        return int(value)
    if depth and getattr(value, "size", 0) <= MAX_ITEMS and hasattr(value, "tolist"):
        return _plain(value.tolist(), depth)
    if depth and isinstance(value, (list, tuple)) and len(value) <= MAX_ITEMS:
        return [_plain(item, depth - 1) for item in value]
    if depth and isinstance(value, dict) and len(value) <= MAX_ITEMS:
        return {str(name)[:MAX_TEXT]: _plain(item, depth - 1) for name, item in value.items()}
    return None


def _is_finite(value):
    try:
        return math.isfinite(value)
    except OverflowError:  # an int too large for a float
        return False


def _listen_from_environment():
    """Set the listener from the file that the class's server names, if any."""
    if LISTENER not in os.environ:
        return
    try:
        spec = importlib.util.spec_from_file_location("lstm_helpers_listener", os.environ[LISTENER])
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        listen(module.listener())
    except Exception:  # a defect of the class's server; a learner's notebook is not the place to report it
        return


_listen_from_environment()
