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
    """

    def __init__(self, text, right=None, diagnosis=(), code=""):
        self.text, self.right, self.diagnosis, self.code = text, right, tuple(diagnosis), code

    def __repr__(self):
        lines = [textwrap.fill(line, _WIDTH) if line else "" for line in self.text.splitlines()]
        return "\n".join([self.code, "", *lines] if self.code else lines)


def not_yet(sentence, *diagnosis):
    """The reply to an answer that is not right."""
    return Reply(f"Not yet. {sentence}", False, diagnosis)


def several(sentences):
    """One sentence for a number that more than one known mistake gives."""
    if len(sentences) == 1:
        return sentences[0]
    listed = " ".join(f"({k}) {sentence}" for k, sentence in enumerate(sentences, 1))
    return f"{len(sentences)} different mistakes give this here; yours may be any of them. {listed}"
