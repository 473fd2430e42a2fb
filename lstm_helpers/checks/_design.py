"""Questions whose answer is a design: it is run, and judged by what it does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from lstm_helpers.checks._question import Question
from lstm_helpers.checks._reading import UnreadableError, brief, numbers_in, unanswered
from lstm_helpers.checks._reply import not_yet


class FaultError(Exception):
    """What is wrong with a design: the key of its sentence, and the numbers that stand in it."""

    def __init__(self, key, **details):
        super().__init__(key)
        self.key, self.details = key, details


@dataclass(frozen=True, kw_only=True, eq=False)
class Design(Question):
    """A question with many right answers.

    Attributes:
        trial: `trial(answer, **inputs)` runs the design, and raises a `FaultError` if it does not do what it should.
            What else is to be said of a right one it returns.
        mistakes: key -> (what the learner is told, with {places} for numbers, function of a generator that gives a
            design with this fault).
    """

    trial: Callable
    mistakes: Mapping

    def judge(self, answer, own):
        """The reply to an answer."""
        inputs = self.inputs_with(own)
        if unanswered(answer):
            return self.unanswered()
        try:
            note = self.trial(answer, **inputs)
        except FaultError as fault:
            if fault.key == "unanswered":
                return self.unanswered()
            sentence = {**FORM, **self.mistakes}[fault.key][0]
            return not_yet(sentence.format(**fault.details), fault.key)
        return self.is_right(note or "")


# What can be wrong with the form of any design.
FORM = {
    "form": ("It must be a dictionary with {names}, as in the exercise; this is {kind}.", None),
    "missing": ("It lacks {name}.", None),
    "unknown": ("It has {name}, which is none of {names}.", None),
    "numbers": ("{name} must hold numbers.", None),
    "length": ("{name} has {came} values; {steps} are needed, one for each step.", None),
    "range": ("{name} is {value:g}{at}. It must lie from {low} to 1.", None),
    "rule": ("Hand over a function that gives the dials at one step; this is of type {kind}.", None),
    "layer": ("One unit and {wanted} inputs are needed; this layer has {H} units and {D} inputs.", None),
    "error": ("It stops with {told}.", None),
}


def dials(answer, names, steps=None):
    """The dials of a design, each a float array of `steps` values, or a number if steps is None.

    Args:
        answer: a mapping with exactly these names. A single number stands for all steps.
        names: some of "f", "i", "g", "o".
    """
    listed = ", ".join(names)
    if not isinstance(answer, Mapping):
        raise FaultError("form", names=listed, kind=f"of type {type(answer).__name__}")
    for name in answer:
        if name not in names:
            raise FaultError("unknown", name=name if isinstance(name, str) else brief(name), names=listed)
    chosen = {}
    for name in names:
        if name not in answer:
            raise FaultError("missing", name=name)
        if unanswered(answer[name]):
            raise FaultError("unanswered")
        chosen[name] = _dial(name, answer[name], steps)
    return chosen


def _dial(name, value, steps):
    try:
        array = numbers_in(value)
    except UnreadableError:
        raise FaultError("numbers", name=name) from None
    array = array.reshape(()) if array.size == 1 else array
    if array.ndim and (steps is None or array.shape != (steps,)):
        raise FaultError("length", name=name, came=array.size, steps=steps or 1)
    low = -1 if name == "g" else 0
    outside = np.flatnonzero(~((array >= low) & (array <= 1)))
    if outside.size:
        at = f" at step {outside[0] + 1}" if array.ndim else ""
        raise FaultError("range", name=name, value=float(array.flat[outside[0]]), at=at, low=low)
    return array if steps is None else np.broadcast_to(array, (steps,)).copy()


def memories(f, i, g, c=0.0):
    """The cell states of a schedule: c = f * c_prev + i * g, step by step, without the state before step 1."""
    states = []
    for f_t, i_t, g_t in zip(f, i, g, strict=True):
        c = f_t * c + i_t * g_t
        states.append(c)
    return np.array(states)
