"""The question that a panel asks, and the answer: what one learner predicted, or a whole class."""

from collections.abc import Mapping
from difflib import get_close_matches

from lstm_helpers import room
from lstm_helpers._arguments import brief, refuse, text
from lstm_helpers.view.answers import Answers, AnswersPicture
from lstm_helpers.view.prediction import clause


class Asked:
    """A prediction that a panel is given, and the name of what is predicted.

    Args:
        question: the name of a question of kind "prediction"; "" where the prediction is nobody else's concern.
        prediction: as the explorer takes it; or `room(...)`, by itself or as the value of a mapping.
        read: a function from one learner's prediction to name -> value, which refuses what makes no sense.

    Attributes:
        given: name -> the value to draw: the learner's, without those that are not predicted yet; of a class the one
            that most had in mind.
    """

    def __init__(self, question, prediction, read):
        self.question, self._prediction = _name(question), prediction
        self._answers, self._nobody = None, ""
        self._room, name = _room_in(prediction)
        if self._room is None:
            self.given = read(prediction)
            return
        _name(self._room.question)
        predictions, self._nobody = self._room.ask()
        self._named = any(isinstance(one, Mapping) for one in predictions)
        self._told = ""
        if name:
            predictions = [one if isinstance(one, Mapping) else {name: one} for one in predictions]
        self._answers = Answers(predictions, read)
        self.given = self._answers.common

    def clause(self, predictions, data):
        """What is said of the predictions at what the picture shows, "" if there is nothing to say."""
        if self._answers is None:
            return clause(predictions, data) if predictions else ""
        self._tell(predictions, data)
        return self._nobody or self._answers.said(predictions, data)

    def _tell(self, predictions, data):
        """Report the truth as the panel shows it now, where no formula of the question gives it."""
        from lstm_helpers.checks import QUESTIONS

        true = {name: p.exact(data) for name, p in zip(self.given, predictions, strict=True)}
        if QUESTIONS[self._room.question].right is None and true and all(value is not None for value in true.values()):
            alone = len(true) == 1 and not self._named
            true = next(iter(true.values())) if alone else true
            if repr(true) != self._told:
                self._told = repr(true)
                room.report(self._room.question, "truth", room.snapshot(true))

    def picture(self, predictions, show):
        """All predictions of a class as a picture of their own; None for those of one learner, or of nobody."""
        if self._answers is None or not self.given:
            return None
        for prediction in predictions:
            words = prediction.label.get_text()
            prediction.label.set_text("class" + words.removeprefix("you").removeprefix("r"))
        return AnswersPicture(self._answers, predictions, show()[0])

    def report(self):
        """Report the prediction of one learner, which the panel has accepted; return what that learner should know."""
        if not self.question or not self.given or self._answers is not None:
            return ""
        value = self._prediction
        if isinstance(value, Mapping):
            value = {name: value[name] for name in self.given}
        room.report(self.question, "prediction", room.snapshot(value))
        return room.notice()


def _room_in(prediction):
    """The class that is asked, and the name under which it stands in a mapping; (None, "") where none is."""
    if isinstance(prediction, room.Room):
        return prediction, ""
    if isinstance(prediction, Mapping):
        for name, value in prediction.items():
            if isinstance(value, room.Room):
                return value, name
    return None, ""


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
