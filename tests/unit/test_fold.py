"""Folded answers: folded without a prediction, open with one. tests/browser/test_fold.py opens one by hand."""

import pytest

from lstm_helpers.jupyter import fold


@pytest.fixture
def displayed(monkeypatch):
    shown = []
    monkeypatch.setattr(fold, "display", lambda data, raw: shown.append(data))
    return shown


@pytest.mark.parametrize("prediction", [(), (...,)], ids=["on paper", "not typed yet"])
def test_without_a_prediction_the_answer_is_folded(prediction, displayed):
    fold.fold_answer(*prediction)
    (data,) = displayed
    assert "<details" in data["text/html"] and data["text/plain"]


def test_the_placeholder_that_jupyterlab_shows_is_a_sentence(displayed):
    """Before the page is run, JupyterLab shows the first line of the text instead of the outputs."""
    fold.fold_answer()
    assert displayed[0]["text/html"].splitlines()[0] == displayed[0]["text/plain"]


@pytest.mark.parametrize("prediction", [0, 1.5, "no", "", [0.1, 0.2], {"cat": 1}], ids=repr)
def test_a_prediction_opens_it(prediction, displayed):
    fold.fold_answer(prediction)
    assert displayed == []
