"""Replies: a sentence or two for the learner, and whether the answer was right."""

import textwrap

_WIDTH = 100


class Reply:
    """A few sentences for the learner, shown as text.

    Attributes:
        text: the sentences.
        right: True or False for a judged answer; None if there was nothing to judge.
        diagnosis: the keys of the known mistakes that give this answer, or of what is wrong with any answer, such as
            "shape" or "coarse"; a tuple, empty if only the numbers are off.
        code: the code of a worked answer; else "".
        value: the numbers or the choice of a judged answer; else None.
        notice: a sentence that says that answers are counted for a class; "" if they are not.
    """

    def __init__(self, text, right=None, diagnosis=(), code=""):
        self.text, self.right, self.diagnosis, self.code = text, right, tuple(diagnosis), code
        self.value, self.notice = None, ""

    def __repr__(self):
        text = "\n".join(filter(None, [self.text, self.notice]))
        lines = [textwrap.fill(line, _WIDTH) if line else "" for line in text.splitlines()]
        return "\n".join([self.code, "", *lines] if self.code else lines)


def not_yet(sentence, *diagnosis):
    """The reply to an answer that is not right."""
    return Reply(f"Not yet. {sentence}", False, diagnosis)


def prediction_reply(question):
    """The reply to a request to judge a prediction, or for a hint or an answer to it."""
    return Reply(f"To do: {question.todo} Predictions are not judged: the panel draws yours beside the truth.")


def describe(error):
    """An error in a few words: its type, and the first line of its message."""
    try:
        line = next(iter(str(error).splitlines()), "").rstrip(".")
    except Exception:  # `__str__` itself may raise
        line = ""
    line = line if len(line) <= 200 else line[:200] + "..."
    return f"{type(error).__name__}: {line}" if line else type(error).__name__
