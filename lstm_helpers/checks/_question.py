"""A question: what is asked, what is right, what goes wrong; and what a notebook shows of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from lstm_helpers._arguments import real_array, refuse, whole_number
from lstm_helpers.checks._formula import EQUATIONS, NUMPY, Formula, Scope
from lstm_helpers.checks.functions import NAMED, draws


@dataclass(frozen=True, kw_only=True, eq=False)
class Mistake:
    """A known mistake.

    Attributes:
        say: what the learner is told. `{formula}` in it is the formula itself, as it stands in the file; in the
            sentences of a trial there are places for its numbers, `{step}` or `{c:.2f}`.
        formula: what this mistake gives; None where a trial finds it.
    """

    say: str
    formula: Formula | None = None

    @property
    def sentence(self):
        """What the learner is told, its formula quoted."""
        return self.say.replace("{formula}", self.formula.text) if self.formula else self.say


@dataclass(frozen=True, kw_only=True, eq=False)
class Question:
    """A question, as a file of questions has it.

    Attributes:
        name: "theme.question".
        kind: "value" for numbers, "function" for a function, "choice" for one of a few words, "trial" for a design
            that is tried out.
        notebook: the name of its file, and of its notebook: "03_forget_gate".
        todo: what to do, in one line.
        hints: two of them; neither gives the answer.
        because: the reasoning of the worked answer; `fold` is the longer one that stands in the notebook.
        given, blank, answer: lines of code. The exercise is `given` and `blank`; `answer` takes the place of `blank`.
        variable: the name of the answer in this code.
        check: the inputs that the check of the exercise is handed, input -> code.
        note: what a right answer is told beside "Right."
        inputs: what the answer is computed from, by name; the document's numbers wherever it has any.
        random: formulas for random inputs, by name.
        where: formulas that have a name of their own, for use in the others.
        results: the names of the results, if there are several.
        right: the formula of the answer, or the right choice.
        mistakes, accepted: key -> what goes wrong, and what is right too.
        shipped: the formula of the function with a bug that the exercise comes with, if it is a bug to be found.
        choices: word -> what is said to it.
        trial: the name of the trial in `trials.TRIALS`.
    """

    name: str
    kind: str
    notebook: str
    todo: str
    hints: list
    because: str
    answer: str
    variable: str
    blank: str
    fold: str = ""
    given: str = ""
    note: str = ""
    check: Mapping = field(default_factory=dict)
    inputs: Mapping = field(default_factory=dict)
    random: Mapping = field(default_factory=dict)
    where: Mapping = field(default_factory=dict)
    results: tuple = ("",)
    right: Formula | str | None = None
    mistakes: Mapping = field(default_factory=dict)
    accepted: Mapping = field(default_factory=dict)
    shipped: Formula | None = None
    choices: Mapping = field(default_factory=dict)
    trial: str = ""

    @property
    def call(self):
        """The line that checks the answer."""
        handed = "".join(f", {name}={code}" for name, code in self.check.items())
        return f'check("{self.name}", {self.variable}{handed})'

    @property
    def cell(self):
        """The exercise as it stands in a notebook, its blank a `...`."""
        gap = "\n\n\n" if "def " in self.blank else "\n"
        return _joined(self.given, self.blank) + gap + self.call

    @property
    def code(self):
        """The worked answer."""
        return _joined(self.given, self.answer)

    @property
    def answer_fold(self):
        """The worked answer as it stands in a notebook, folded away: Markdown."""
        reasoning = self.fold.strip() or self.because
        return f"<details><summary>Answer</summary>\n\n```python\n{self.code}\n```\n\n{reasoning}\n\n</details>"

    def inputs_with(self, own):
        """The inputs, with the learner's own in their place; or a refusal."""
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

    def value(self, formula, inputs):
        """The value of one of its formulas for these inputs."""
        return formula.value(Scope(inputs, self.where, FUNCTIONS))

    def sample(self, rng):
        """Random inputs."""
        return random_inputs(self.random, self.where, rng)


def random_inputs(random, where, rng):
    """A value for each formula of random inputs; `n` in them is one random length, from 3 to 5."""
    scope = Scope({}, {"n": _N, **where, **random}, FUNCTIONS | draws(rng))
    return {name: scope[name] for name in random}


# What a formula may call; and what a formula of random inputs may call.
FUNCTIONS = NUMPY | EQUATIONS | NAMED
DRAWS = FUNCTIONS | draws(np.random.default_rng(0))
_N = Formula("whole(3, 6)", DRAWS)


def _joined(given, code):
    """Two pieces of code, with two empty lines between them where a function begins."""
    gap = "\n\n\n" if code.startswith("def ") else "\n"
    return given + gap + code if given else code
