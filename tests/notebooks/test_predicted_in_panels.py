"""The predictions of the panels: each has a question, and its formula gives what the panel shows."""

import re

import nbformat
import numpy as np
import pytest

from lstm_helpers.checks import QUESTIONS
from lstm_helpers.checks._judge import right_parts
from tests.support.notebooks import NAMES, PATHS, code, needed, text_of
from tests.support.predictions import COMMIT, asked, is_tagged

PREDICTIONS = {name: question for name, question in QUESTIONS.items() if question.kind == "prediction"}
FORMULAS = [name for name, question in PREDICTIONS.items() if question.right]
PANEL = re.compile(r"^\w+Explorer\(.*\bprediction=", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r'prediction=\w+, question="([\w.]+)"')

# What the page asks the reader to do after predicting.
ACTIONS = {
    "start.half": lambda panel: panel.move(f=0.95),
    "start.memory": lambda panel: panel.move(f=1),
    "pointwise.opposite": lambda panel: panel.choose("y = −x"),
    "forget_gate.rest": lambda panel: panel.move(f=0.95),
    "forget_gate.no_weights": lambda panel: panel.choose("weights and bias 0"),
    "input_gate.wide_open": lambda panel: panel.choose("only a bias of 4"),
    "output_gate.wide_open": lambda panel: panel.choose("only a bias of 4"),
    "one_step.first_input": lambda panel: panel.move(x=-1),
    "schedule.half_open": lambda panel: panel.choose("all gates half open"),
    "schedule.at_mat": lambda panel: (panel.move(step=6), panel.move(i=1)),
    "schedule.animal": lambda panel: panel.move(word="dog"),
    "bptt.left": lambda panel: panel.choose("w = 0, bias 3, 100 steps"),
}
# The relative tolerance where the panel's truth is only close.
NEAR = {"bptt.left": 0.01}  # its forget gates also read their inputs, and are around 0.953


def page_of(name):
    (path,) = (path for path in PATHS if path.stem == QUESTIONS[name].notebook)
    return nbformat.read(path, as_version=4)


def panel_of(name):
    """The panel of the page that takes this prediction, with the right answer typed in."""
    cells = code(page_of(name))
    (cell,) = (cell for cell in cells if f'question="{name}"' in cell.source)
    *_, last = re.finditer(r"^\w+Explorer\(", cell.source, re.MULTILINE)
    panel, names = cell.source[last.start() :], {}
    for earlier in needed(cells, lambda other: other is cell):
        typed = COMMIT.match(earlier.source)
        source = f"{typed[1]} = {right(name)!r}" if typed else earlier.source
        exec(source[: last.start()] if earlier is cell else source, names)
    return eval(panel, names)


def right(name):
    """The value of a prediction's formula: a number, or a list of numbers."""
    (value,) = right_parts(QUESTIONS[name], QUESTIONS[name].inputs)
    return value.tolist()


def numbers(text):
    """Every number in a text, with half a unit in its last place."""
    for found in re.findall(r"(?<![\w.])[-−]?\d[\d,]*(?:\.\d+)?", text):
        digits = found.replace("−", "-").replace(",", "")
        yield float(digits), 0.5 * 10.0 ** -len(digits.partition(".")[2])


@pytest.mark.parametrize("path", PATHS, ids=NAMES)
def test_every_panel_that_takes_a_prediction_names_its_question(path):
    panels = [cell.source for cell in code(nbformat.read(path, as_version=4)) if PANEL.search(cell.source)]
    named = [name for source in panels for name in NAMED.findall(source)]
    assert named == [name for name in PREDICTIONS if QUESTIONS[name].notebook == path.stem]
    assert len(named) == len(panels)


def test_every_formula_has_an_action():
    assert sorted(ACTIONS) == sorted(FORMULAS)


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMULAS)
def test_the_formula_gives_the_truth_that_the_panel_shows(name):
    """And the panel does not open with it, so *Run All Cells* gives nothing away."""
    panel = panel_of(name)
    opens = panel.sentence.split("; here it is ")[1]
    ACTIONS[name](panel)
    truth = panel.sentence.split("; here it is ")[1]
    shown, computed = list(numbers(truth.rstrip("."))), np.atleast_1d(right(name))
    assert truth != opens and len(shown) == len(computed)
    for (value, half), exact in zip(shown, computed, strict=True):
        assert abs(value - exact) <= max(half * 1.000001, NEAR.get(name, 0) * abs(exact)), (truth, computed)


@pytest.mark.parametrize("name", FORMULAS)
def test_the_student_edition_does_not_show_the_number(name):
    """Neither in the outputs that it keeps nor in the text outside folds, from the question to its last cell."""
    (one,) = (one for one in asked(page_of(name), ()) if any(f'"{name}"' in cell.source for cell in one.shown))
    stored = [text_of(output) for cell in one.shown if not is_tagged(cell) for output in cell.outputs]
    left = "\n".join([*stored, re.sub(r"<details>.*?</details>", "", one.prose, flags=re.DOTALL)])
    for value, half in numbers(left):
        given_away = half < 0.5 and np.any(np.abs(value - np.atleast_1d(right(name))) <= half)
        assert not given_away, f"{value:g} in\n{left}"
