"""A JupyterLab with a strict content policy, and a notebook that was saved where there is none of our extensions.

The policy admits no script that stands in the page: the lines of `panel.js` do not run. Of a panel, all else is there.
"""

import nbformat
import pytest

from lstm_helpers.explorers import CellExplorer
from tests.support.lab import jupyterlab, open_notebook, run_all
from tests.support.panels import assert_right, drag, prepare
from tools.notebooks import METADATA

pytestmark = pytest.mark.long

# JupyterLab itself needs the "unsafe" ones that are left.
POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self' ws:",
    "worker-src": "'self' blob:",
}
SOURCE = "from lstm_helpers.explorers import CellExplorer\nCellExplorer()"
PANEL = ".lstm-panel .lstm-layer svg"


@pytest.fixture(scope="module")
def strict(tmp_path_factory):
    """The folder of such a JupyterLab, and the URL of a notebook in it by its name."""
    folder = tmp_path_factory.mktemp("strict") / "notebooks"
    folder.mkdir()
    policy = "; ".join(f"{kind} {sources}" for kind, sources in POLICY.items())
    settings = {"headers": {"Content-Security-Policy": policy}}
    with jupyterlab(folder, folder.parent / "lab.log", f"--ServerApp.tornado_settings={settings}") as url:
        yield folder, url


def write(folder, name, outputs=()):
    """A notebook of one cell, which shows a panel, with what that cell showed when it was run elsewhere."""
    cell = nbformat.v4.new_code_cell(SOURCE, outputs=list(outputs))
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=METADATA), folder / name)


def test_without_its_script_a_panel_shows_what_its_kernel_has_and_moves(browser, strict):
    folder, url = strict
    write(folder, "panel.ipynb")
    page = open_notebook(browser, url("panel.ipynb"))
    run_all(page)
    page.locator(PANEL).wait_for()
    prepare(page)
    before = assert_right(page, 0)
    page.locator(".noUi-handle").first.focus()
    page.keyboard.press("End")
    by_key = assert_right(page, 0)
    drag(page, page.locator(".noUi-handle").nth(1), 0.25)
    by_hand = assert_right(page, 0)
    assert len({facts["sentence"] for facts in (before, by_key, by_hand)}) == 3
    assert page.locator(".lstm-panel[role=group]").count() == 0, "the script has run: this page is not strict"
    page.close()


def test_a_notebook_that_was_saved_with_its_panel_opens_with_its_picture(browser, strict):
    folder, url = strict
    bundle, metadata = CellExplorer()._repr_mimebundle_()
    write(folder, "elsewhere.ipynb", [nbformat.v4.new_output("execute_result", data=bundle, metadata=metadata)])
    page = open_notebook(browser, url("elsewhere.ipynb"))
    picture = page.locator(".jp-RenderedImage img")
    picture.wait_for()
    assert picture.evaluate("image => image.naturalWidth") >= 1500
    assert page.locator(".jp-OutputArea-output").inner_text().strip() == ""  # and says nothing of a missing widget
    page.close()
