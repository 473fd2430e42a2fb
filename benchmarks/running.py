"""Run All in the notebooks about training, in JupyterLab in a browser: seconds to the first panel, and to the end.

The course allows 5 seconds to the first live panel and 15 to the end of the notebook, on two cores. Each round opens
the page again, with a new kernel. The load of the machine is printed too: on a busy one, the seconds mean little.
"""

import os
import shutil
import statistics
import tempfile
from pathlib import Path

import nbformat

from tests.support.lab import browser_path, chromium, jupyterlab, open_notebook
from tools.notebooks import opens_a_panel

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
NAMES = ["09_training", "10_inside_a_trained_lstm"]
ROUNDS = 3
# Milliseconds from the command to the frame that shows the picture of the panel in `cell`, and to the end of the run
RUN_ALL = """async cell => {
    await window.jupyterapp.shell.currentWidget.content.scrollToItem(cell);
    await window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs');
    const start = performance.now(), seen = {panel: null};
    const look = () => {
        const picture = document.querySelector('.lstm-panel .lstm-layer svg');
        if (picture?.childElementCount) seen.panel = performance.now() - start;
        else requestAnimationFrame(look);
    };
    look();
    await window.jupyterapp.commands.execute('notebook:run-all-cells');
    seen.all = performance.now() - start;
    while (seen.panel === null) await new Promise(requestAnimationFrame);
    seen.errors = document.querySelectorAll('[data-mime-type="application/vnd.jupyter.error"]').length;
    return seen;
}"""


def first_panel(name):
    """The index of the cell that opens the first panel of a notebook."""
    cells = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells
    return next(k for k, cell in enumerate(cells) if cell.cell_type == "code" and opens_a_panel(cell.source))


def timed(browser, url, cell):
    """Seconds to the first panel, which cell `cell` opens, and to the end of the notebook, and the load."""
    page = open_notebook(browser, url)
    try:
        seen = page.evaluate(RUN_ALL, cell)
        page.evaluate("window.jupyterapp.shell.currentWidget.context.sessionContext.shutdown()")
    finally:
        page.close()
    if seen["errors"]:
        raise RuntimeError("a cell ended with an error")
    return seen["panel"] / 1000, seen["all"] / 1000, os.getloadavg()[0]


def main():
    """Print the table."""
    if browser_path() is None:
        print("running: skipped, Chromium is not installed")
        return
    with tempfile.TemporaryDirectory() as folder:
        for name in NAMES:
            shutil.copy(NOTEBOOKS / f"{name}.ipynb", folder)
        print(f"{'Run All':28} {'first panel, s':>24} {'whole notebook, s':>24} {'load':>20}")
        with jupyterlab(folder, Path(folder, "lab.log")) as url, chromium() as browser:
            for name in NAMES:
                rounds = [timed(browser, url(f"{name}.ipynb"), first_panel(name)) for _ in range(ROUNDS)]
                print(f"{name:28}", *(_summary(values) for values in zip(*rounds, strict=True)))


def _summary(values):
    """The median and all values, as text."""
    return f"{statistics.median(values):.1f} ({', '.join(f'{value:.1f}' for value in values)})".rjust(24)
