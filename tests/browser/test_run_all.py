"""Our extension of JupyterLab: what has just run stays in view, and text is apart from the fold above it."""

import pytest

from tests.support.lab import open_notebook, wait_for_kernel

pytestmark = pytest.mark.slow

GO_TO = """async cell => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    notebook.activeCellIndex = cell;
    await notebook.scrollToItem(cell);
}"""
ALL_HAVE_RUN = """() => {
    const cells = [...window.jupyterapp.shell.currentWidget.content.model.cells];
    return cells.every(cell => cell.type !== 'code' || cell.executionCount);
}"""
WHERE = """() => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    const page = notebook.node.getBoundingClientRect();
    const cell = notebook.activeCell.node.getBoundingClientRect();
    return [notebook.activeCellIndex, cell.top < page.bottom && cell.bottom > page.top];
}"""
GAPS = """() => [...document.querySelectorAll('.jp-RenderedMarkdown > details:not(:last-child)')].map(
    fold => fold.nextElementSibling.getBoundingClientRect().top - fold.getBoundingClientRect().bottom
)"""
CLEAR = "window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')"


@pytest.fixture(scope="module")
def page(browser, lab):
    page = open_notebook(browser, lab("00_start_here.ipynb"))
    page.set_viewport_size({"width": 1366, "height": 768})
    yield page
    page.close()


@pytest.mark.parametrize("cell", [0, 8])
def test_run_all_cells_stays_where_the_reader_is(page, cell):
    page.evaluate(CLEAR)
    page.evaluate(GO_TO, cell)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_function(ALL_HAVE_RUN)
    page.wait_for_timeout(500)  # for a page that still moves
    assert page.evaluate(WHERE) == [cell, True]


def test_text_after_a_fold_is_apart_from_it(page):
    page.evaluate(GO_TO, 6)
    page.locator(".jp-RenderedMarkdown details").first.wait_for()
    gaps = page.evaluate(GAPS)
    assert gaps and min(gaps) > 10


def test_a_panel_run_by_shift_enter_is_in_view(browser, lab):
    page = open_notebook(browser, lab("02_pointwise_operations.ipynb"))
    page.set_viewport_size({"width": 1366, "height": 768})
    page.evaluate(GO_TO, 1)
    for _ in range(10):  # up to the first panel; a tall cell of text follows it
        page.keyboard.press("Shift+Enter")
        wait_for_kernel(page)
    panel = page.locator(".lstm-panel")
    panel.wait_for()
    page.wait_for_timeout(500)  # for a page that still moves
    box, frame = panel.bounding_box(), page.locator(".jp-WindowedPanel-outer").bounding_box()
    page.close()
    assert box["y"] >= frame["y"]
    assert box["y"] + box["height"] <= frame["y"] + frame["height"] + 1
