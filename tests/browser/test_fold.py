"""A folded answer in JupyterLab: *Run All Cells* does not show it; a click, a key or a prediction opens it.

A notebook that is opened but not run does not show it, either: JupyterLab does not trust it, and removes the style that
folds; so the answer's output is stored hidden.
"""

import nbformat
import pytest
from nbconvert import HTMLExporter

from tests.support.lab import open_notebook, run_all
from tests.support.notebooks import PATHS
from tests.support.pages import served, watched
from tests.support.tiers import later
from tools.notebooks import METADATA, folds_its_answer

pytestmark = pytest.mark.slow

_CELL = """from lstm_helpers.jupyter.fold import fold_answer
from lstm_helpers.view.plots import bars
print("before")
fold_answer({prediction})
print("after")
bars({{"one": 1, "two": 2}}, "Two bars, of which the second is twice as high.")"""


FOLDED = {
    path: numbers
    for path in PATHS
    if (numbers := [n for n, cell in enumerate(nbformat.read(path, as_version=4).cells) if folds_its_answer(cell)])
}
OUTPUTS = ".jp-OutputArea-child"
# Which parts are visible on the page.
SHOWS = "parts => parts.map(part => part.checkVisibility() && part.getBoundingClientRect().height > 0)"


def test_there_are_pages_that_fold_answers():
    assert len(FOLDED) >= 7 and sum(map(len, FOLDED.values())) >= 30


@pytest.fixture
def opened(request, browser, lab):
    """A notebook as a reader opens it, and the numbers of its cells that fold an answer."""
    page = open_notebook(browser, lab(request.param.name))
    yield page, FOLDED[request.param]
    page.evaluate("window.jupyterapp.shell.currentWidget.context.sessionContext.shutdown()")
    page.close()


def each_page(now):
    """Parametrize `opened` with all notebooks that fold answers; only `make test-all` tries those not in `now`."""
    pages = later(list(FOLDED), now=[path for path in FOLDED if path.name.startswith(now)])
    return pytest.mark.parametrize("opened", pages, ids=lambda path: path.stem, indirect=True)


def cell(page, number):
    """Scroll to a cell of the notebook; return its locator."""
    cell = page.locator(f".jp-Cell[data-windowed-list-index='{number}']")
    page.evaluate("n => window.jupyterapp.shell.currentWidget.content.scrollToItem(n)", number)
    cell.wait_for()
    return cell


@each_page(now="14")
def test_before_a_page_is_run_no_answer_shows_and_none_is_offered_where_it_does(opened):
    page, numbers = opened
    for number in numbers:
        one = cell(page, number)
        assert one.locator(OUTPUTS).count() == 0
        code = one.locator(".jp-InputPlaceholder")
        if code.is_visible():  # where the code is folded away as well, JupyterLab shows one line for both
            code.click()
        instead = one.locator(".jp-OutputPlaceholder").get_by_text("Predict first.", exact=True)
        instead.click()
        one.locator(OUTPUTS).nth(1).wait_for()
        assert all(one.locator(OUTPUTS).evaluate_all(SHOWS))
        assert one.locator(OUTPUTS).first.inner_text() == "Predict first."
        assert not any(one.locator("summary").evaluate_all(SHOWS))


@each_page(now="01")
def test_a_page_that_was_run_folds_each_answer_under_a_line_that_opens_it(opened):
    page, numbers = opened
    run_all(page)
    for number in numbers:
        one = cell(page, number)
        outputs, summary = one.locator(OUTPUTS), one.locator("summary", has_text="The answer")
        summary.wait_for()
        assert one.locator(".jp-OutputPlaceholder").count() == 0
        before, after = outputs.count(), one.locator(f"{OUTPUTS}:has(.lstm-answer) ~ {OUTPUTS}").count()
        assert after >= 1
        assert outputs.evaluate_all(SHOWS) == [True] * (before - after) + [False] * after
        summary.click()
        assert all(outputs.evaluate_all(SHOWS))


@pytest.mark.parametrize("styled", [True, False], ids=["as it is exported", "without its style, as on GitHub"])
def test_an_exported_page_folds_its_answers_or_offers_none(styled, browser, tmp_path):
    path = next(path for path in FOLDED if path.name.startswith("10"))
    page_of, _ = HTMLExporter(exclude_anchor_links=True).from_filename(path)
    folds = page_of.count('class="lstm-answer"')
    assert folds == len(FOLDED[path])
    if not styled:
        page_of = page_of.replace(".lstm-answer", ".no-such")
    (tmp_path / "page.html").write_text(page_of, encoding="utf-8")
    with served(tmp_path) as address, watched(browser) as (page, _, _):
        page.route("**/*", lambda route: route.continue_() if route.request.url.startswith(address) else route.abort())
        page.goto(f"{address}/page.html", wait_until="domcontentloaded")
        summaries = page.locator(".lstm-answer summary")
        assert summaries.evaluate_all(SHOWS) == [styled] * folds
        answers = page.locator(f"{OUTPUTS}:has(.lstm-answer) ~ {OUTPUTS}")
        assert answers.count() == folds and answers.evaluate_all(SHOWS) == [not styled] * folds
        for k in range(folds if styled else 0):
            summaries.nth(k).click()
        assert all(answers.evaluate_all(SHOWS))


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
