"""A folded answer in JupyterLab: *Run All Cells* shows none of it; a click, a key or a prediction opens it."""

import nbformat
import pytest

from tests.support.lab import open_notebook, run_all
from tools.notebooks import METADATA

pytestmark = pytest.mark.slow

_CELL = """from lstm_helpers.jupyter.fold import fold_answer
from lstm_helpers.view.plots import bars
print("before")
fold_answer({prediction})
print("after")
bars({{"one": 1, "two": 2}}, "Two bars, of which the second is twice as high.")"""


@pytest.fixture
def page(browser, lab, lab_folder):
    cells = [nbformat.v4.new_code_cell(_CELL.format(prediction=prediction)) for prediction in ("...", "0.5")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=METADATA), lab_folder / "fold.ipynb")
    page = open_notebook(browser, lab("fold.ipynb"))
    run_all(page)
    yield page
    page.evaluate("window.jupyterapp.shell.currentWidget.context.sessionContext.shutdown()")
    page.close()


def test_an_answer_shows_once_it_is_opened_or_predicted(page):
    folded, predicted = (page.locator(".jp-CodeCell").nth(k) for k in range(2))
    predicted.locator(".jp-RenderedImage img").wait_for()
    assert "after" in predicted.inner_text() and predicted.locator("summary").count() == 0

    outputs, summary = folded.locator(".jp-OutputArea-child"), folded.locator("summary")
    assert outputs.count() == 4
    assert [outputs.nth(k).is_visible() for k in range(4)] == [True, True, False, False]
    summary.focus()
    page.keyboard.press("Enter")
    assert [outputs.nth(k).is_visible() for k in range(4)] == [True] * 4
    summary.click()
    assert [outputs.nth(k).is_visible() for k in range(4)] == [True, True, False, False]
