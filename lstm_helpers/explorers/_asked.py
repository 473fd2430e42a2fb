"""The predictions that a panel takes: one learner's, or those of a whole class."""

from collections.abc import Mapping
from difflib import get_close_matches

from lstm_helpers import room
from lstm_helpers._arguments import brief, refuse, text
from lstm_helpers.view.answers import Answers, AnswersPicture
from lstm_helpers.view.prediction import clause


class Asked:
    """The predictions for one panel, read and checked; they are reported to the class, or come from it.

    Args:
        question: name of a question of kind "prediction", under which to report the prediction; "" not to report it.
        prediction: as the explorer takes it; or `room(...)`, by itself or as a value of a mapping.
        read: a function from one learner's prediction to name -> value, which refuses bad input.

    Attributes:
        given: name -> value to draw, without those that are not predicted yet. Of a class: the most common value.
    """

    def __init__(self, question, prediction, read):
        self.question, self._prediction = _question_name(question), prediction
        self._answers, self._reason = None, ""
        self._room, name = _find_room(prediction)
        if self._room is None:
            self.given = read(prediction)
            return
        _question_name(self._room.question)
        predictions, self._reason = self._room.ask()
        self._class_uses_names = any(isinstance(prediction, Mapping) for prediction in predictions)
        self._reported_truth = ""
        if name:
            predictions = [p if isinstance(p, Mapping) else {name: p} for p in predictions]
        self._answers = Answers(predictions, read)
        self.given = self._answers.common

    def clause(self, predictions, data):
        """Return a sentence that compares the predictions with the truth in the picture; "" without predictions."""
        if self._answers is None:
            return clause(predictions, data) if predictions else ""
        self._report_truth(predictions, data)
        return self._reason or self._answers.summary(predictions, data)

    def _report_truth(self, predictions, data):
        """Report the truth that the panel shows now, unless the question has a formula for it."""
        from lstm_helpers.checks import QUESTIONS

        truth = {name: p.exact(data) for name, p in zip(self.given, predictions, strict=True)}
        has_formula = QUESTIONS[self._room.question].right is not None
        if has_formula or not truth or any(value is None for value in truth.values()):
            return
        if len(truth) == 1 and not self._class_uses_names:
            (truth,) = truth.values()
        if repr(truth) != self._reported_truth:
            self._reported_truth = repr(truth)
            room.report(self._room.question, "truth", room.snapshot(truth))

    def picture(self, predictions, show):
        """Return an extra picture of all predictions of a class; None for a single learner, or without predictions."""
        if self._answers is None or not self.given:
            return None
        for prediction in predictions:
            words = prediction.label.get_text()
            prediction.label.set_text("class" + words.removeprefix("you").removeprefix("r"))
        return AnswersPicture(self._answers, predictions, show()[0])

    def report(self):
        """Report a learner's prediction to the class; return the notice that it is counted, or ""."""
        if not self.question or not self.given or self._answers is not None:
            return ""
        value = self._prediction
        if isinstance(value, Mapping):
            value = {name: value[name] for name in self.given}
        room.report(self.question, "prediction", room.snapshot(value))
        return room.notice()


def _find_room(prediction):
    """The `Room` that a prediction is or contains, and its name in a mapping; (None, "") for a learner's prediction."""
    if isinstance(prediction, room.Room):
        return prediction, ""
    if isinstance(prediction, Mapping):
        for name, value in prediction.items():
            if isinstance(value, room.Room):
                return value, name
    return None, ""


def _question_name(question):
    """The name of a question of kind "prediction", or "", checked."""
    if not text("question", question):
        return ""
    from lstm_helpers.checks import QUESTIONS  # loaded only for a panel that has a question

    if question in QUESTIONS and QUESTIONS[question].kind == "prediction":
        return question
    names = [name for name in QUESTIONS if QUESTIONS[name].kind == "prediction"]
    near = ", ".join(get_close_matches(question, names, n=3, cutoff=0)) or "not there yet"
    return refuse(
        ValueError, f"question must be the name of a prediction, got {brief(question)}; the nearest are {near}"
    )
