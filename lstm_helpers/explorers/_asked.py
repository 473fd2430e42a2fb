"""The question that a panel asks, and its answer: what a learner predicted."""

from collections.abc import Mapping
from difflib import get_close_matches

from lstm_helpers import room
from lstm_helpers._arguments import brief, refuse, text


class Asked:
    """A prediction that a panel is given, and the name of what is predicted.

    Args:
        question: the name of a question of kind "prediction"; "" where the prediction is nobody else's concern.
        prediction: as the explorer takes it.
        read: a function from a prediction to name -> value, which refuses what makes no sense.

    Attributes:
        given: name -> value, without those that are not predicted yet.
    """

    def __init__(self, question, prediction, read):
        self.question, self._prediction = _name(question), prediction
        self.given = read(prediction)

    def report(self):
        """Report the prediction, now that the panel has accepted it; return what the learner should know of that."""
        if not self.question or not self.given:
            return ""
        value = self._prediction
        if isinstance(value, Mapping):
            value = {name: value[name] for name in self.given}
        room.report(self.question, "prediction", value)
        return room.notice()


def _name(question):
    """The name of a prediction among all questions, or a refusal."""
    if not text("question", question):
        return ""
    from lstm_helpers.checks import QUESTIONS  # only where a panel has a question

    if question in QUESTIONS and QUESTIONS[question].kind == "prediction":
        return question
    names = [name for name in QUESTIONS if QUESTIONS[name].kind == "prediction"]
    near = ", ".join(get_close_matches(question, names, n=3, cutoff=0)) or "not there yet"
    return refuse(
        ValueError, f"question must be the name of a prediction, got {brief(question)}; the nearest are {near}"
    )
