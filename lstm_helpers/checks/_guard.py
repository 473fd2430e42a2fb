"""A check always answers, whatever it gets: an endless loop is stopped, and an error becomes a reply.

The clock is a trace function. It works on every system and in any thread, takes neither a signal nor a thread, and
leaves the interrupt of the kernel as it is. What runs for long inside one call of compiled code is out of its reach,
as it is out of reach of an interrupt. While a debugger or a coverage tool traces, there is no clock.
"""

import dis
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from lstm_helpers.checks._reply import not_yet

SECONDS = 5
_OURS = str(Path(__file__).parents[1])


class TooLongError(BaseException):
    """Time is up. It is no Exception, so that a learner's `except Exception` does not hold it up."""


def guarded(judge, *given):
    """The reply of `judge(*given)`; or, where what was handed over keeps it from replying, a reply that says so."""
    try:
        with _clock(SECONDS):
            return judge(*given)
    except TooLongError:
        return not_yet(f"It was stopped after {SECONDS} seconds. Does it have a loop that never ends?", "too long")
    except BaseException as error:
        if getattr(error, "is_refusal", False) or not _is_the_learners(error):
            raise
        return not_yet(f"It stops with {told(error)}.", "error")


def told(error):
    """An error in a few words: its type, and the first line of what it says."""
    try:
        line = next(iter(str(error).splitlines()), "").rstrip(".")
    except Exception:  # an error whose text is an error
        line = ""
    line = line if len(line) <= 200 else line[:200] + "..."
    return f"{type(error).__name__}: {line}" if line else type(error).__name__


@contextmanager
def _clock(seconds):
    if sys.gettrace():
        yield
        return
    end = time.monotonic() + seconds

    def at_call(frame, event, arg):
        at_line(frame, event, arg)
        return None if frame.f_code.co_filename.startswith(_OURS) else at_line

    def at_line(frame, event, arg):
        if time.monotonic() > end and not _in_a_finalizer(frame):
            raise TooLongError
        return at_line

    sys.settrace(at_call)
    try:
        yield
    finally:
        sys.settrace(None)


def _in_a_finalizer(frame):
    """Whether a frame is within a `__del__`. Python ignores what that raises, and then drops the clock, too."""
    while frame is not None and frame.f_code.co_name != "__del__":
        frame = frame.f_back
    return frame is not None


def _is_the_learners(error):
    """Whether an error is one of the learner's code and objects, and neither a defect of ours nor a real interrupt."""
    last = error.__traceback__
    while last.tb_next:
        last = last.tb_next
    code = last.tb_frame.f_code
    if isinstance(error, KeyboardInterrupt):  # an interrupt arrives between any two instructions, never as a `raise`
        return dis.opname[code.co_code[last.tb_lasti]] == "RAISE_VARARGS"
    return isinstance(error, (MemoryError, RecursionError)) or not code.co_filename.startswith(_OURS)
