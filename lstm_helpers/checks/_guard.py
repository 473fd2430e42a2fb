"""A time limit and a net for errors: a check replies whatever it is given.

The clock is a trace function: it works on every system and in any thread, needs no signal and no thread, and leaves
the kernel's interrupt alone. Like an interrupt, it cannot stop a long call of compiled code, or a loop with a bare
`except` around its body. While a debugger or a coverage tool traces, there is no clock.
"""

import dis
import sys
import time
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from lstm_helpers.checks._reply import describe, not_yet

SECONDS = 5
_PACKAGE = str(Path(__file__).parents[1])


class TooLongError(BaseException):
    """The time is up. Not an Exception, so that a learner's `except Exception` cannot catch it."""


def guarded(judge, *args):
    """The reply of `judge(*args)`, or a reply that says how the learner's code failed."""
    try:
        with _clock(SECONDS):
            return judge(*args)
    except TooLongError:
        return not_yet(f"It was stopped after {SECONDS} seconds. Does it have a loop that never ends?", "too long")
    except BaseException as error:
        if getattr(error, "is_refusal", False) or not _is_the_learners(error):
            raise
        return not_yet(f"It stops with {describe(error)}.", "error")


@contextmanager
def _clock(seconds):
    if sys.gettrace():
        yield
        return
    end = time.monotonic() + seconds

    def at_call(frame, event, arg):
        at_line(frame, event, arg)
        if frame.f_code.co_filename.startswith(_PACKAGE):
            return None
        frame.f_trace_opcodes = _has_silent_loop(frame.f_code)
        return at_line

    def at_line(frame, event, arg):
        if time.monotonic() > end and not _in_a_finalizer(frame):
            raise TooLongError
        return at_line

    sys.settrace(at_call)
    try:
        yield
    finally:
        sys.settrace(None)


@lru_cache(maxsize=100)
def _has_silent_loop(code):
    """True if an instruction jumps to itself: Python 3.11 traces no line in `while True: pass` if it is one line."""
    return any(i.argval == i.offset for i in dis.get_instructions(code) if i.opname == "JUMP_BACKWARD")


def _in_a_finalizer(frame):
    """True within a `__del__`: Python ignores exceptions there, but would drop the trace function."""
    while frame is not None and frame.f_code.co_name != "__del__":
        frame = frame.f_back
    return frame is not None


def _is_the_learners(error):
    """True for an error from the learner's code or objects; False for a defect of ours or a real interrupt."""
    last = error.__traceback__
    while last.tb_next:
        last = last.tb_next
    code = last.tb_frame.f_code
    if isinstance(error, KeyboardInterrupt):  # a real interrupt arrives between instructions, never from a `raise`
        return dis.opname[code.co_code[last.tb_lasti]] == "RAISE_VARARGS"
    return isinstance(error, (MemoryError, RecursionError)) or not code.co_filename.startswith(_PACKAGE)
