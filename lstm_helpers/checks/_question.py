"""A question: what is asked, what is right, what goes wrong; and what a notebook shows of it."""

import re
from dataclasses import dataclass, field

import numpy as np

from lstm_helpers._arguments import real_array, refuse, whole_number
from lstm_helpers.checks._formula import Formula, Scope
from lstm_helpers.checks.functions import DRAWS, FUNCTIONS, draws


@dataclass(frozen=True)
class Mistake:
    """A known mistake, or what is accepted besides what is right.

    Attributes:
        say: what the learner is told. `{formula}` in it is the formula itself, as it stands in the file; in the
            sentences of a trial there are places for its numbers, `{step}` or `{c:.2f}`.
        formula: what the answer is then; of a trial its condition, `when`.
    """

    say: str
    formula: Formula

    @property
    def sentence(self):
        """What the learner is told, its formula quoted."""
        return self.say.replace("{formula}", self.formula.text)

    @property
    def places(self):
        """The names of the numbers in the sentence of a trial, `step` aside."""
        return set(re.findall(r"\{(\w+)", self.say)) - {"step"}

    def sentence_of(self, scope):
        """What the learner is told of a trial with these numbers; None where the condition is not true.

        A condition may have an element for each step. Then the sentence is about the first step where it is true,
        `{step}`, and names with as many elements stand for what they are there.
        """
        true = np.asarray(self.formula.value(scope))
        if not true.any():
            return None
        at = tuple(np.argwhere(true)[0])
        step = {"step": at[0] + 1} if at else {}
        values = {name: scope[name] for name in self.places}
        values = {name: value[at] if at and np.shape(value) == true.shape else value for name, value in values.items()}
        return self.say.format(**step, **values)


@dataclass(frozen=True, kw_only=True, eq=False)
class Question:
    """A question, as a file of questions has it."""

    name: str  # "theme.question"
    # "value" for numbers, "function", "choice" for one of a few words, "trial" for a design that is run; "prediction"
    # for what a panel is given and nobody judges: it has no code, hints or reasoning, and may have nothing right.
    kind: str
    notebook: str  # the name of its file, and of its notebook: "03_forget_gate"
    todo: str  # what to do, in one line
    hints: list = field(default_factory=list)  # two of them; neither gives the answer
    because: str = ""  # the reasoning of the worked answer
    fold: str = ""  # a longer one for the notebook
    note: str = ""  # what a right answer is told beside "Right."
    # Lines of code. The exercise is `given` and `blank`; `answer` takes the place of `blank`.
    given: str = ""
    blank: str = ""
    answer: str = ""
    variable: str = ""  # the name of the answer in the code
    check: dict = field(default_factory=dict)  # the inputs that the check of the exercise is handed, input -> code
    # What the answer is computed from, by name: the document's numbers wherever it has any; formulas of random ones.
    inputs: dict
    random: dict
    where: dict  # formulas that have a name of their own, for use in the others
    results: tuple = ("",)  # the names of the results, if there are several
    right: Formula | str | None = None  # the formula of the answer, or the right choice
    mistakes: dict = field(default_factory=dict)  # key -> `Mistake`
    accepted: dict = field(default_factory=dict)  # what is right too, in the same form
    shipped: Formula | None = None  # the formula of what the exercise comes with, where it has a bug
    choices: dict = field(default_factory=dict)  # word -> what is said to it
    # The name of a trial. Or, for a design that is nothing but gate values: the names in its dictionary, or the one
    # whose values are the answer; and the formula of their number.
    trial: str = ""
    gates: list | str = ""
    steps: Formula | None = None

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
        reasoning = self.fold or self.because
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

    def scope(self, values):
        """What the names of its formulas stand for, where these are the values of some."""
        return Scope(values, self.where, FUNCTIONS)

    def value(self, formula, inputs):
        """The value of one of its formulas for these inputs."""
        return formula.value(self.scope(inputs))

    def sample(self, rng):
        """Random inputs."""
        return random_inputs(self.random, self.where, rng)


def random_inputs(random, where, rng):
    """A value for each formula of random inputs; `n` in them is one random length, from 3 to 5."""
    scope = Scope({}, {"n": Formula("whole(3, 6)", DRAWS), **where, **random}, FUNCTIONS | draws(rng))
    return {name: scope[name] for name in random}


def _joined(given, code):
    """Two pieces of code, with two empty lines between them where a function begins."""
    gap = "\n\n\n" if code.startswith("def ") else "\n"
    return given + gap + code if given else code
