"""A JupyterLab with a strict content policy, and a notebook that was saved where our extension is not installed.

The policy allows no inline scripts: panel.js does not run. The rest of a panel must work.
"""

import nbformat
import pytest
from nbformat.sign import NotebookNotary

from lstm_helpers.explorers import CellExplorer
from tests.support.lab import jupyterlab, open_notebook, run_all
from tests.support.panels import assert_right, drag, prepare
from tools.notebooks import METADATA

pytestmark = pytest.mark.long

# JupyterLab itself needs the remaining "unsafe" sources.
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
    """The folder of such a JupyterLab, a function from a notebook's name to its URL, and its notary."""
    home = tmp_path_factory.mktemp("strict")
    policy = "; ".join(f"{kind} {sources}" for kind, sources in POLICY.items())
    trust = {"db_file": str(home / "signatures.db"), "secret_file": str(home / "secret")}
    options = {"ServerApp.tornado_settings": {"headers": {"Content-Security-Policy": policy}}}
    options |= {f"NotebookNotary.{name}": path for name, path in trust.items()}
    (home / "notebooks").mkdir()
    notary = NotebookNotary(**trust)
    arguments = [f"--{key}={value}" for key, value in options.items()]
    with jupyterlab(home / "notebooks", home / "lab.log", *arguments) as url:
        yield home / "notebooks", url, notary


def write(path, *outputs):
    """Write a notebook with one cell, which shows a panel, and with outputs from a run elsewhere."""
    cell = nbformat.v4.new_code_cell(SOURCE, outputs=list(outputs))
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata=METADATA)
    nbformat.write(notebook, path)
    return nbformat.read(path, as_version=4)


def test_without_its_script_a_panel_shows_what_its_kernel_has_and_moves(browser, strict):
    folder, url, _ = strict
    write(folder / "panel.ipynb")
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
    """Also if it is trusted: JupyterLab never shows the widgets of an untrusted notebook."""
    folder, url, notary = strict
    bundle, metadata = CellExplorer()._repr_mimebundle_()
    output = nbformat.v4.new_output("execute_result", data=bundle, metadata=metadata)
    notary.sign(write(folder / "elsewhere.ipynb", output))
    page = open_notebook(browser, url("elsewhere.ipynb"))
    output = page.locator(".jp-OutputArea-output")
    output.wait_for()
    page.wait_for_function("() => window.jupyterapp.shell.currentWidget.content.widgets[0].model.trusted")
    assert output.inner_text().strip() == ""  # no message about a missing widget
    assert output.locator("img").evaluate("image => image.naturalWidth") >= 1500
    page.close()
