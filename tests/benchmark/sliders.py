"""How fast a picture follows a slider: the Cell explorer beside `interact` with an inline figure of the same picture.

Both sides are measured in turn in one run; what counts is the ratio. The kernel's side is the time from a new value to
the message that carries the picture; the browser's side is the time from the key press to the picture on the page.
"""

import base64
import io
import statistics
import tempfile
import time
from pathlib import Path

import nbformat

from lstm_helpers.explorers import CellExplorer
from lstm_helpers.view.diagram import CellDiagram
from tests.browser.lab import browser_path, chromium, jupyterlab, open_notebook, run_all
from tools.notebooks import METADATA

ROUNDS = 60
EXPLORER = "from lstm_helpers.explorers import CellExplorer\nexplorer = CellExplorer()\nexplorer"
INTERACT = """%matplotlib inline
import ipywidgets
from IPython.display import display
from lstm_helpers.view.diagram import CellDiagram

def draw(f):
    diagram = CellDiagram()
    diagram.update(explorer.show(**{**explorer.values, "f": f})[0])
    display(diagram.figure)

ipywidgets.interact(draw, f=ipywidgets.FloatSlider(value=0.7, min=0, max=1, step=0.01));"""

# Press an arrow key on a slider, and wait for the frame in which its picture has changed.
PRESS = """([handle, picture]) => new Promise(resolve => {
    const start = performance.now();
    const observer = new MutationObserver(() => {
        observer.disconnect();
        requestAnimationFrame(() => resolve(performance.now() - start));
    });
    observer.observe(document.querySelector(picture), {subtree: true, childList: true, attributes: true});
    document.querySelector(handle).dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowLeft", bubbles: true}));
})"""
SIDES = {
    "explorer": [".jp-CodeCell:nth-of-type(1) .noUi-handle", ".lstm-layer"],
    "interact": [".widget-interact .noUi-handle", ".widget-interact .widget-output"],
}


def kernel_side():
    """Milliseconds a move, for the explorer and for a figure made anew, in turn."""
    explorer = CellExplorer()
    handle = explorer.controls["f"].handle
    times = {"explorer": [], "interact": []}
    for step in range(ROUNDS):
        value = (step * 37 % 100) / 100
        start = time.perf_counter()
        handle.value = value
        times["explorer"].append(1e3 * (time.perf_counter() - start))
        start = time.perf_counter()
        _draw_inline(explorer, value)
        times["interact"].append(1e3 * (time.perf_counter() - start))
    return times


def _draw_inline(explorer, value):
    """What `interact` and the inline backend do for the same picture."""
    diagram = CellDiagram()
    diagram.update(explorer.show(**{**explorer.values, "f": value})[0])
    stream = io.BytesIO()
    diagram.figure.savefig(stream, format="png", bbox_inches="tight")
    return base64.b64encode(stream.getvalue())


def browser_side():
    """Milliseconds from key press to picture, in turn; None without a browser."""
    if browser_path() is None:
        return None
    times = {side: [] for side in SIDES}
    with tempfile.TemporaryDirectory() as folder:
        cells = [nbformat.v4.new_code_cell(source) for source in (EXPLORER, INTERACT)]
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=METADATA), Path(folder, "bench.ipynb"))
        with jupyterlab(folder, Path(folder, "lab.log")) as url, chromium() as browser:
            page = open_notebook(browser, url("bench.ipynb"))
            run_all(page)
            page.locator(".widget-interact img").wait_for()
            for _ in range(ROUNDS):
                for side, where in SIDES.items():
                    times[side].append(page.evaluate(PRESS, where))
                    page.wait_for_timeout(30)
    return times


def summary(times):
    """Median and 95th percentile of both sides, and the median of the round-by-round ratios."""
    row = {}
    for side, values in times.items():
        row[f"{side}_ms"] = round(statistics.median(values), 2)
        row[f"{side}_p95_ms"] = round(statistics.quantiles(values, n=20)[-1], 2)
    ratios = [a / b for a, b in zip(times["explorer"], times["interact"], strict=True)]
    return {**row, "ratio": round(statistics.median(ratios), 3)}


def main():
    """Print the table; return its rows for the JSON file."""
    rows = {"kernel": summary(kernel_side())}
    in_browser = browser_side()
    if in_browser is None:
        print("sliders: the browser's side is left out, there is no Chromium here")
    else:
        rows["browser"] = summary(in_browser)
    print(f"{'slider to picture':20} {'explorer':>18} {'interact':>18} {'ratio':>8}")
    for name, row in rows.items():
        ours = f"{row['explorer_ms']:.1f} (p95 {row['explorer_p95_ms']:.1f})"
        theirs = f"{row['interact_ms']:.1f} (p95 {row['interact_p95_ms']:.1f})"
        print(f"{name + ', ms':20} {ours:>18} {theirs:>18} {row['ratio']:8.3f}")
    return rows
