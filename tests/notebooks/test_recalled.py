"""Notebooks 09, 11 and 12: their own code reproduces the recorded trainings that they show."""

import re

import nbformat
import numpy as np
import pytest

from lstm_helpers import runs, training
from tests.support.notebooks import PATHS, code, functions_of, needed

FEW = 20  # steps: after so few, processors that round differently still agree


def notebook(number):
    (path,) = (path for path in PATHS if path.name.startswith(number))
    return nbformat.read(path, as_version=4)


def run_to_the_recalled(number):
    """Run the cells of a notebook that recall a training, and those they need; return their names."""
    names = {}
    for cell in needed(code(notebook(number)), lambda cell: " recall(" in cell.source or "ablation(" in cell.source):
        exec(compile(cell.source, number, "exec"), names)
    return names


@pytest.mark.slow
@pytest.mark.parametrize("number", ["11", "12"])
def test_a_shipped_notebook_trains_a_few_steps_without_a_message(number, monkeypatch, capsys):
    """The first steps identify the recorded training."""
    taken = []
    fit = training.fit
    monkeypatch.setattr(
        training, "fit", lambda *given, steps, **more: taken.append(steps) or fit(*given, steps=steps, **more)
    )
    run_to_the_recalled(number)
    assert 0 < sum(taken) < 50
    assert not [line for line in capsys.readouterr().err.splitlines() if "npz" in line]


@pytest.mark.slow
def test_training_the_text_model_again_reproduces_the_first_steps(monkeypatch):
    names = run_to_the_recalled("11")
    again = names["train"]([(FEW, names["SCHEDULE"][0][1])])
    np.testing.assert_allclose(again["loss"], names["run"]["loss"][:FEW].astype(float), rtol=2e-3)


@pytest.mark.slow
@pytest.mark.parametrize("at", ["adding, LSTM", "the till, no forget gate"])
def test_training_a_variant_again_reproduces_its_score(at, monkeypatch):
    """One of five seeds. Training amplifies rounding, so the test compares only solved or not."""
    kept = []
    monkeypatch.setattr(runs, "recall", lambda *given, of=runs.recall: kept.append(of(*given)) or kept[-1])
    names = run_to_the_recalled("12")
    title, who = at.split(", ")
    task = names["add"] if title == "adding" else names["keep_the_till"]
    score = names["score"](task, names["train"](task, *names["variants"][who], 0))
    assert (score < 1 / 6) == (kept[0][at][0] < 1 / 6)


def test_the_four_lines_of_notebook_09_make_its_film():
    """With the Adam of the page."""
    names, run = functions_of("09_training"), runs.open_run("cat: document gates, bias 3")
    (source,) = (cell.source for cell in code(notebook("09")) if "def training_step(" in cell.source)
    adam = eval(re.search(r"Adam\([^()]*\)", source).group(), names)
    model, batch = run.recipe.begin()
    losses = [names["training_step"](model, batch, adam) for _ in range(FEW)]
    np.testing.assert_allclose(losses, run.loss[:FEW].astype(float), rtol=2e-3)
    (k,) = np.flatnonzero(run.moments == FEW)
    for ours, recorded in zip(model.weights, run.model(k).weights, strict=True):
        np.testing.assert_allclose(ours, recorded, rtol=2e-3, atol=2e-3)
