"""A page with each explorer twice, as it opens and with a prediction, if it takes one."""

from pathlib import Path

import nbformat

from benchmarks import panels
from tests.support.lab import open_notebook, run_all
from tests.support.panels import prepare
from tools.notebooks import METADATA

# A prediction for each explorer, as long a one as it takes.
PREDICTIONS = {
    "Pointwise": {"product": [-0.04, -0.64, -0.25], "sum": [0.3, -0.2, 0.15]},
    "Gate": {"f": 0.5, "kept": [0.4, 0.2, -0.5]},
    "Forgetting": {"c": -0.25, "half": 12.5},
    "Cell": {"c": 0.75, "h": -0.25},
    "Unrolled": -0.75,
    "Schedule": {"c": -0.75, "h": -0.25},
    "Gradient": {"RNN": 0.25, "LSTM": 0.75},
    "Learning": 1500,
    "Memory unit": {"cat": 0.75, "dog": 0.25},
    "Text": 0.75,
    "Opened model": {"c": -0.75, "h": 0.25},
    "Variant": -0.75,
}
# As a reader has it who has folded JupyterLab's own bars away and has scrolled once through the page.
ALL_RENDERED = """() => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    notebook.notebookConfig = {...notebook.notebookConfig, windowingMode: 'none'};
    window.jupyterapp.shell.collapseLeft();
}"""


def open_every_panel(browser, folder, lab):
    """Open that page in the browser and run it.

    Args:
        browser: Playwright's.
        folder: the folder that JupyterLab serves.
        lab: a function from a notebook's name to its URL.
    """
    sources = [Path(panels.__file__).read_text(encoding="utf-8") + "\nshown = []"]
    for name in panels.EXPLORERS:
        for options in ("", f"prediction={PREDICTIONS[name]!r}" if name in PREDICTIONS else ""):
            sources.append(f"shown.append(EXPLORERS[{name!r}][0]({options}))\nshown[-1]")
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=METADATA), folder / "every_panel.ipynb")
    page = open_notebook(browser, lab("every_panel.ipynb"))
    page.evaluate(ALL_RENDERED)
    run_every_panel(page)
    return page


def run_every_panel(page):
    """Run the page's cells; afterwards its kernel has the panels in page order in `shown`."""
    run_all(page)
    page.wait_for_function(
        f"document.querySelectorAll('.lstm-panel[role=group]').length === {2 * len(panels.EXPLORERS)}"
    )
    prepare(page)
