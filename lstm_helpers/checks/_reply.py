"""What a learner reads: a sentence or two, and whether the answer was right."""

import textwrap

_WIDTH = 100


class Reply:
    """A few sentences for the learner; they are its text display.

    Attributes:
        text: the sentences.
        right: True or False for an answer that was judged; None where there was nothing to judge.
        diagnosis: the keys of the known mistakes that give this answer, a tuple; empty if there is none.
        code: of a worked answer: its code; else "".
        value: of an answer that was judged: its numbers or the choice, where it is that; else None.
        notice: where answers are counted for a class: a sentence that says so; else "".
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


def several(sentences, exact=True):
    """One sentence for an answer that more than one known mistake gives, exactly or rounded as the answer is."""
    if len(sentences) == 1:
        return sentences[0]
    listed = " ".join(f"({k}) {sentence}" for k, sentence in enumerate(sentences, 1))
    start = "" if exact else "Rounded like this, "
    return f"{start}{len(sentences)} different mistakes give this here; yours may be any of them. {listed}"


def to_predict(question):
    """The reply to whoever wants a prediction judged, or a hint to it, or its answer."""
    return Reply(f"To do: {question.todo} A prediction is not judged: the panel draws it beside the truth.")
