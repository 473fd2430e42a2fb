"""Questions whose answer is one of a few words: predictions."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lstm_helpers.checks._question import Question
from lstm_helpers.checks._reading import brief, kind_of
from lstm_helpers.checks._reply import Reply, not_yet


@dataclass(frozen=True, kw_only=True, eq=False)
class Choice(Question):
    """A question whose answer is one of a few words: a prediction.

    Attributes:
        right: the right option.
        options: every option -> what is said to it.
    """

    right: str
    options: Mapping
    variable: str = "prediction"
    solution: str = ""

    def __post_init__(self):
        object.__setattr__(self, "solution", f'prediction = "{self.right}"')

    @property
    def mistakes(self):
        """The wrong options: key -> (what the learner is told, a function that gives this option)."""
        return {k: (v, lambda k=k: k) for k, v in self.options.items() if k != self.right}

    def unanswered(self):
        """The reply to a `...`."""
        return Reply(f"To do: {self.todo} Choose one of {self._listed()}.")

    def judge(self, answer, own):
        """The reply to an answer."""
        self.inputs_with(own)
        if answer is ...:
            return self.unanswered()
        chosen = self._option(answer)
        if chosen is None:
            is_word = isinstance(answer, (str, bool, int, float, np.generic))
            told = f"{brief(answer)} is none of the options." if is_word else f"This is {kind_of(answer)}, and no word."
            quoted = "" if is_word else ", in quotation marks"
            return Reply(f"{told} Choose one of {self._listed()}{quoted}.", None)
        if chosen == self.right:
            return self.is_right(self.options[chosen])
        return not_yet(self.options[chosen], chosen)

    def _option(self, answer):
        """The option that is meant: the word, however written, or a part of it that no other option has."""
        if isinstance(answer, (list, tuple)) and len(answer) == 1:
            answer = answer[0]
        if isinstance(answer, (bool, np.bool_)):
            answer = "yes" if answer else "no"
        if isinstance(answer, (int, float, np.integer, np.floating)):
            answer = f"{answer:g}" if abs(answer) < 1e6 else ""
        if not isinstance(answer, str) or not answer.strip() or len(answer) > 200:
            return None
        plain = " ".join(answer.lower().split()).strip(".!\"'")
        known = [option.lower() for option in self.options]
        for found in (
            [option == plain for option in known],
            [option.startswith(plain) for option in known],
            [plain in option.split() for option in known],
        ):
            if sum(found) == 1:
                return list(self.options)[found.index(True)]
        return None

    def _listed(self):
        return ", ".join(f'"{option}"' for option in self.options)
