"""Questions whose answer is a function that the learner has written: it is called, on many inputs."""

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lstm_helpers.checks._guard import told
from lstm_helpers.checks._numbers import agree, difference, short
from lstm_helpers.checks._question import Value
from lstm_helpers.checks._reading import unanswered
from lstm_helpers.checks._reply import Reply, not_yet

_RUNS = 6  # random inputs, besides the document's


@dataclass(frozen=True, kw_only=True, eq=False)
class Function(Value):
    """A question whose answer is a function of the inputs, in their order.

    It is called with the default inputs (or the learner's own) and with random ones. A mistake is one that agrees on
    all of them.

    Attributes:
        shipped: the function with a bug that the exercise comes with, if it is a bug to be found.
    """

    shipped: Callable | None = None

    def judge(self, answer, own):
        """The reply to an answer."""
        first = self.inputs_with(own)
        self.wanted(first)
        if answer is ...:
            return self.unanswered()
        if not callable(answer):
            sentence = f"Hand over the function itself, {self.variable}, without calling it: {self.call}."
            return not_yet(sentence, "no function")
        rng = np.random.default_rng(0)
        runs = []
        for inputs in [first, *(self.sample(rng) for _ in range(_RUNS))]:
            result = self._run(answer, inputs)
            if isinstance(result, Reply):
                return result
            runs.append((inputs, self.wanted(inputs), result))
        if self.shipped and self._matches_shipped(runs):
            return Reply(f"{self.unanswered().text} So far it computes what it did at first.")
        return self.compare(runs, rounded=False)

    def _run(self, answer, inputs):
        """What the learner's function gives, or a reply if it gives nothing that can be compared."""
        handed = copy.deepcopy(inputs)
        try:
            result = answer(*handed.values())
        except Exception as error:
            return not_yet(f"The function stops with {told(error)}.", "error")
        if unanswered(result):
            return self.unanswered()
        if result is None:
            return not_yet("The function gives None: does it end with return?", "none")
        for name, value in inputs.items():
            if isinstance(value, np.ndarray) and not np.array_equal(value, handed[name]):
                sentence = f"The function changes {name}, which it was only lent. Work on a copy, or make a new array."
                return not_yet(sentence, "changes its input")
        return result

    def _matches_shipped(self, runs):
        try:
            return all(
                agree(self._parts(lambda given=given, **_: given, inputs), self._parts(self.shipped, inputs), False)
                for inputs, _, given in runs
            )
        except Exception:  # what came is of another form: it is not the shipped one any more
            return False

    def unknown(self, runs, rounded):
        """The reply to a wrong function that makes no known mistake: on how many inputs, and the first of them."""
        wrong = [run for run in runs if not agree(run[2], run[1], rounded)]
        right = len(runs) - len(wrong)
        start = f"It is right on {right} of {len(runs)} inputs. " if right else ""
        inputs, wanted, given = wrong[0]
        numbers = [v for v in inputs.values() if isinstance(v, (int, float, np.ndarray))]
        small = len(numbers) == len(inputs) and sum(np.size(v) for v in numbers) <= 9
        if small and len(given) == 1 and wanted[0].size <= 4:
            called = ", ".join(f"{name} = {short(v)}" for name, v in inputs.items())
            return not_yet(f"{start}With {called} it gives {short(given[0])}; {short(wanted[0])} is right.")
        return not_yet(start + difference(given, wanted, self.parts, rounded))
