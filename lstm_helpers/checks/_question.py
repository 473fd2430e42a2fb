"""Questions: the data of an exercise, and its text as a notebook shows it."""

import re
from dataclasses import dataclass, field

import numpy as np

from lstm_helpers._arguments import real_array, refuse, whole_number
from lstm_helpers.checks._formula import Formula, Scope
from lstm_helpers.checks.functions import DRAWS, FUNCTIONS, draws


@dataclass(frozen=True)
class Mistake:
    """A known mistake, or another answer that is accepted.

    Attributes:
        say: the sentence for the learner. `{formula}` in it stands for the formula as written in the file; the sentence
            of a trial may quote its numbers, as in `{step}` or `{c:.2f}`.
        formula: the value of the wrong answer; for a trial its condition, `when`.
    """

    say: str
    formula: Formula

    @property
    def sentence(self):
        """The sentence with its formula filled in."""
        return self.say.replace("{formula}", self.formula.text)

    @property
    def places(self):
        """The names of the numbers that the sentence of a trial quotes, except `step`."""
        return set(re.findall(r"\{(\w+)", self.say)) - {"step"}

    def sentence_of(self, scope):
        """The sentence for a trial with these numbers; None if the condition is false.

        If the condition has one element per step, the sentence describes the first step where it is true, `{step}`:
        names with as many elements stand for their values at that step.
        """
        condition = np.asarray(self.formula.value(scope))
        if not condition.any():
            return None
        values = {name: scope[name] for name in self.places}
        if index := tuple(np.argwhere(condition)[0]):
            values = {name: v[index] if np.shape(v) == condition.shape else v for name, v in values.items()}
            values["step"] = index[0] + 1
        return self.say.format(**values)


@dataclass(frozen=True, kw_only=True, eq=False)
class Question:
    """A question of a question file."""

    name: str  # "theme.question"
    # "value" for numbers, "function", "choice" for one of a few words, "trial" for a design to run, or "prediction" for
    # a panel. A prediction is not judged: it has no code, hints or reasoning, and `right` is optional.
    kind: str
    notebook: str  # the stem of its file and of its notebook: "03_forget_gate"
    todo: str  # the task, in one line
    hints: list = field(default_factory=list)  # two, neither of which gives the answer away
    because: str = ""  # the reasoning behind the worked answer
    fold: str = ""  # a longer version of it for the notebook
    note: str = ""  # more to say to a right answer
    # Code. The exercise is `given` and `blank`; `answer` replaces `blank`.
    given: str = ""
    blank: str = ""
    answer: str = ""
    variable: str = ""  # the name that `answer` defines
    check: dict = field(default_factory=dict)  # inputs passed to `check` in the exercise: input -> code
    inputs: dict  # the document's numbers where it has any
    random: dict  # formulas of random inputs
    where: dict  # named formulas for use in the others
    results: tuple = ("",)  # the names of several results
    right: Formula | str | None = None  # the formula of the answer, or the right choice
    mistakes: dict = field(default_factory=dict)  # key -> `Mistake`
    accepted: dict = field(default_factory=dict)  # other right answers, in the same form
    shipped: Formula | None = None  # the formula of the bug that the exercise comes with
    choices: dict = field(default_factory=dict)  # option -> the reply to it
    # A trial is either the name of a function in `trials.py`, or gate values alone: the names in the answer's
    # dictionary, or the one gate whose values are the answer; and the formula of the number of steps.
    trial: str = ""
    gates: list | str = ""
    steps: Formula | None = None

    @property
    def call(self):
        """The line that checks the answer."""
        overrides = "".join(f", {name}={code}" for name, code in self.check.items())
        return f'check("{self.name}", {self.variable}{overrides})'

    @property
    def cell(self):
        """The code of the exercise."""
        gap = "\n\n\n" if "def " in self.blank else "\n"
        return _joined(self.given, self.blank) + gap + self.call

    @property
    def code(self):
        """The code of the worked answer."""
        return _joined(self.given, self.answer)

    @property
    def answer_fold(self):
        """The worked answer, folded, as Markdown."""
        reasoning = self.fold or self.because
        return f"<details><summary>Answer</summary>\n\n```python\n{self.code}\n```\n\n{reasoning}\n\n</details>"

    def inputs_with(self, overrides):
        """The inputs, some replaced by the learner's; or a refusal."""
        values = dict(self.inputs)
        for name, value in overrides.items():
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

    def scope(self, values):
        """The scope for its formulas, given the values of some names."""
        return Scope(values, self.where, FUNCTIONS)

    def value(self, formula, inputs):
        """The value of one of its formulas for these inputs."""
        return formula.value(self.scope(inputs))

    def sample(self, rng):
        """Random inputs."""
        return random_inputs(self.random, self.where, rng)


def random_inputs(random, where, rng):
    """A value for each formula in `random`; `n` in them is a random length from 3 to 5, the same in all."""
    scope = Scope({}, {"n": Formula("whole(3, 6)", DRAWS), **where, **random}, FUNCTIONS | draws(rng))
    return {name: scope[name] for name in random}


def _joined(given, code):
    """Two pieces of code, with two empty lines before a function."""
    gap = "\n\n\n" if code.startswith("def ") else "\n"
    return given + gap + code if given else code
