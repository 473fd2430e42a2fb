"""Run All of the notebooks about training, in JupyterLab in a browser: how long to the first live panel, and in all?

The limits are those of the course: 5 seconds to the first panel that answers, 15 to the end of the notebook, on two
cores. Each round opens the page anew, with a kernel that has just started. The load of the machine is printed beside
the seconds, for on a busy one they say little.
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
# From the command to the frame in which the panel of this cell, which is in view, has its picture; and to the end of
# the last cell.
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
    """The number of the cell that opens the first panel of a notebook."""
    cells = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells
    return next(k for k, cell in enumerate(cells) if cell.cell_type == "code" and opens_a_panel(cell.source))


def timed(browser, url, cell):
    """Seconds to the first panel, which this cell opens, and to the end of the notebook, once."""
    page = open_notebook(browser, url)
    try:
        seen = page.evaluate(RUN_ALL, cell)
        page.evaluate("window.jupyterapp.shell.currentWidget.context.sessionContext.shutdown()")
    finally:
        page.close()
    if seen["errors"]:
        raise RuntimeError("a cell ended with an error")
    return {"panel_s": seen["panel"] / 1000, "all_s": seen["all"] / 1000, "load": os.getloadavg()[0]}


def main():
    """Print the table; return its rows for the JSON file."""
    if browser_path() is None:
        print("running: left out, there is no Chromium here")
        return {}
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in NAMES:
            shutil.copy(NOTEBOOKS / f"{name}.ipynb", folder)
        print(f"{'Run All':28} {'first panel, s':>24} {'whole notebook, s':>24} {'load':>20}")
        with jupyterlab(folder, Path(folder, "lab.log")) as url, chromium() as browser:
            for name in NAMES:
                rounds = [timed(browser, url(f"{name}.ipynb"), first_panel(name)) for _ in range(ROUNDS)]
                rows[name] = {key: [round(one[key], 2) for one in rounds] for key in rounds[0]}
                print(f"{name:28}", *(_told(values) for values in rows[name].values()))
    return rows


def _told(values):
    """The median, and all of them."""
    return f"{statistics.median(values):.1f} ({', '.join(f'{value:.1f}' for value in values)})".rjust(24)
