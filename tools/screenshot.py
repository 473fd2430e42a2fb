"""Write notebooks/images/cell_explorer.png: the Cell explorer in JupyterLab, photographed in a real browser."""

import sys
import tempfile
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.lab import chromium, jupyterlab, open_notebook, run_all  # noqa: E402
from tools.notebooks import METADATA  # noqa: E402


def main():
    cell = nbformat.v4.new_code_cell("from lstm_helpers.explorers import CellExplorer\n\nCellExplorer()")
    with tempfile.TemporaryDirectory() as folder:
        nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=METADATA), Path(folder, "cell.ipynb"))
        with jupyterlab(folder, Path(folder, "lab.log")) as url, chromium() as browser:
            page = open_notebook(browser, url("cell.ipynb"), scale=2)
            page.keyboard.press("Control+b")
            run_all(page)
            page.mouse.move(0, 0)  # or what it rests on is drawn differently
            panel = page.locator(".jp-OutputArea-output", has=page.locator(".lstm-layer"))
            panel.screenshot(path=ROOT / "notebooks" / "images" / "cell_explorer.png")


if __name__ == "__main__":
    main()
