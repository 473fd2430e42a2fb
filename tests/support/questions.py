"""The questions by kind, for tests that go through them."""

import numpy as np
import pytest

import lstm_helpers
from lstm_helpers.checks import QUESTIONS, check
from lstm_helpers.examples import EXAMPLES

VALUES, FUNCTIONS, CHOICES, DESIGNS, PREDICTIONS = (
    [question for question in QUESTIONS.values() if question.kind == kind]
    for kind in ("value", "function", "choice", "trial", "prediction")
)

# What turns right numbers into a general mistake, by the key of the mistake.
CHANGES = {
    "sign": lambda right: -right,
    "percent": lambda right: 100 * right,
    "backward": lambda right: right[::-1] if right.ndim == 1 else -right,
}


def by_name(questions):
    """Parametrize a test by questions."""
    return pytest.mark.parametrize("question", questions, ids=lambda question: question.name)


def mistaken(question, key, **inputs):
    """The value of a known mistake."""
    return question.value(question.mistakes[key].formula, inputs)


def namespace(question):
    """The names in a notebook: NumPy, the package, and the inputs of the question."""
    public = {name: getattr(lstm_helpers, name) for name in lstm_helpers.__all__}
    shown = EXAMPLES["output_gate"]
    context = {"x": EXAMPLES["pointwise_product"].inputs["x"], "y": EXAMPLES["pointwise_product"].inputs["y"]}
    context |= {
        "c": EXAMPLES["context_update"].stated if question.notebook.startswith("02") else shown.inputs["c"],
        "show": shown,
    }
    return {"np": np, "check": check} | public | context | dict(question.inputs)


def on_the_page(question):
    """The inputs that the exercise passes to the check, and all inputs."""
    names = namespace(question)
    exec(question.given, names)
    own = {name: eval(code, names) for name, code in question.check.items()}
    return own, question.inputs_with(own)
