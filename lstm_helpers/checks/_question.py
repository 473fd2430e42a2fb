"""A question, and how answers of the simplest kind are judged: numbers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from lstm_helpers._arguments import real_array, refuse, whole_number
from lstm_helpers.checks._numbers import agree, difference, same_shapes, shapes, too_coarse
from lstm_helpers.checks._reading import UnreadableError, parts_of, unanswered, without_commas
from lstm_helpers.checks._reply import Reply, not_yet, several


@dataclass(frozen=True, kw_only=True, eq=False)
class Question:
    """What is asked, what is right, what goes wrong.

    Attributes:
        name: "theme.question".
        notebook: the number of the notebook it belongs to.
        todo: what to do, in one line.
        hints: two of them; neither gives the answer.
        given, blank, solution: lines of code. The exercise is `given` and `blank`; `solution` takes the place of
            `blank`.
        variable: what the answer is called in this code.
        own: how the check is called with inputs of the exercise's own; "" if it uses the defaults.
        because: the reasoning of the worked answer.
        inputs: what the answer is computed from, by name; the defaults are the document's wherever it has any.
        sample: `sample(rng)` gives random inputs.
        after: what a right answer is told beside "Right."
    """

    name: str
    notebook: str
    todo: str
    hints: tuple
    solution: str
    variable: str
    because: str
    given: str = ""
    blank: str = ""
    own: str = ""
    after: str = ""
    inputs: Mapping = field(default_factory=dict)
    sample: Callable = lambda rng: {}

    @property
    def call(self):
        """The line that checks the answer."""
        return f'check("{self.name}", {self.variable}{self.own and ", " + self.own})'

    @property
    def cell(self):
        """The exercise as it stands in a notebook, its blank a `...`."""
        gap = "\n\n\n" if "def " in self.blank else "\n"
        return _lines(self.given, self.blank or f"{self.variable} = ...") + gap + self.call

    @property
    def code(self):
        """The worked answer."""
        return _lines(self.given, self.solution)

    def inputs_with(self, own):
        """The default inputs, with the learner's own in their place; or a refusal."""
        values = dict(self.inputs)
        for name, value in own.items():
            if name not in values:
                has = f"its inputs are {', '.join(values)}" if values else "it has none"
                refuse(TypeError, f'"{self.name}" has no input {name}; {has}')
            if isinstance(values[name], int):
                value = whole_number(name, value, 1)
            elif isinstance(values[name], (float, np.ndarray)):
                value = real_array(name, value)
                value = value.astype(int) if np.asarray(values[name]).dtype.kind == "i" else value
            values[name] = value
        return values

    def unanswered(self):
        """The reply to a `...`."""
        return Reply(f'To do: {self.todo} (Stuck? hint("{self.name}", 1))')

    def is_right(self, note=""):
        """The reply to a right answer."""
        return Reply(" ".join(filter(None, ["Right.", note, self.after])), True)


@dataclass(frozen=True, kw_only=True, eq=False)
class Value(Question):
    """A question whose answer is a number, an array, or a tuple of them.

    Attributes:
        right: `right(**inputs)` gives the answer.
        mistakes: key -> (what the learner is told, function of the inputs that gives what this mistake gives).
        accepted: likewise: what is right too, and what is then said.
        parts: the names of the results, if there are several.
    """

    right: Callable
    mistakes: Mapping
    accepted: Mapping = field(default_factory=dict)
    parts: tuple = ("",)

    def judge(self, answer, own):
        """The reply to an answer."""
        inputs = self.inputs_with(own)
        wanted = self.wanted(inputs)
        if unanswered(answer):
            return self.unanswered()
        if callable(answer):
            return not_yet("This is a function. The check needs the numbers that it returns.", "function")
        try:
            answer = without_commas(answer) if self.parts == ("",) and wanted[0].ndim == 0 else answer
        except UnreadableError as problem:
            return not_yet(str(problem), "unreadable")
        return self.compare([(inputs, wanted, answer)], rounded=True)

    def wanted(self, inputs):
        """The parts of the right answer for these inputs, or a refusal where there is none."""
        try:
            return self._parts(self.right, inputs)
        except UnreadableError:
            refuse(ValueError, f'"{self.name}" has no finite answer for these inputs')
        except (ValueError, IndexError) as error:
            if getattr(error, "is_refusal", False):
                raise
            refuse(ValueError, f"the inputs {', '.join(inputs)} do not go together: {error}")

    def _parts(self, function, inputs):
        with np.errstate(all="ignore"):
            return parts_of(function(**inputs), self.parts)

    def compare(self, runs, rounded):
        """The reply to the answers of one or several runs, each `(inputs, wanted parts, answer)`."""
        try:
            runs = [(inputs, wanted, parts_of(answer, self.parts)) for inputs, wanted, answer in runs]
        except UnreadableError as problem:
            return not_yet(str(problem), "unreadable")
        if all(agree(given, wanted, rounded) for _, wanted, given in runs):
            return self.is_right()
        for note, function in self.accepted.values():
            if self._matches(function, runs, rounded):
                return self.is_right(note)
        found = [key for key, (_, function) in self.mistakes.items() if self._matches(function, runs, rounded)]
        if found:
            return not_yet(several([self.mistakes[key][0] for key in found]), *found)
        unfit = [k for k, (_, wanted, given) in enumerate(runs) if not same_shapes(given, wanted)]
        if unfit:
            lengths = " (It was called with vectors of several lengths.)" if unfit[0] else ""
            return not_yet(shapes(runs[unfit[0]][2], runs[unfit[0]][1], self.parts) + lengths, "shape")
        for key, (sentence, change) in GENERAL.items():
            if all(agree(given, [change(b) for b in wanted], rounded) for _, wanted, given in runs):
                return not_yet(sentence, key)
        return self.unknown(runs, rounded)

    def _matches(self, function, runs, rounded):
        """Whether every run gave what this function gives."""
        try:
            return all(agree(given, self._parts(function, inputs), rounded) for inputs, _, given in runs)
        except (UnreadableError, ValueError, IndexError, TypeError):
            return False  # these inputs allow no such mistake

    def unknown(self, runs, rounded):
        """The reply to a wrong answer that no known mistake gives: only what is certain."""
        ((_, wanted, given),) = runs
        if too_coarse(given, wanted):
            return not_yet("So far it is right, but it is rounded too far: give at least one decimal more.", "coarse")
        off = max(np.abs(a.reshape(b.shape) - b).max() for a, b in zip(given, wanted, strict=True))
        near = off <= 0.02 * max(np.abs(b).max() for b in wanted)
        doubt = " That is close: was something rounded on the way? Round last." if near else ""
        return not_yet(difference(given, wanted, self.parts, rounded) + doubt)


# What can happen to any numbers: key -> (what the learner is told, what becomes of the right ones).
GENERAL = {
    "sign": ("The size is right, but the sign is reversed.", lambda b: -b),
    "percent": ("This is 100 times as much. Give fractions, not percent: 0.7 for 70%.", lambda b: 100 * b),
    "backward": ("These are the right numbers in reverse order.", lambda b: b[::-1] if b.ndim == 1 else -b),
}


def _lines(*pieces):
    return "\n".join(piece for piece in pieces if piece)
