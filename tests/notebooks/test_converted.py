"""Notebooks run and converted without a page, by `jupyter nbconvert --execute --to html`: a panel is its picture."""

import subprocess
import sys

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbconvert import HTMLExporter

from lstm_helpers.explorers import CellExplorer, PointwiseExplorer
from tools.notebooks import METADATA

pytestmark = pytest.mark.slow

PANELS = [CellExplorer, PointwiseExplorer]


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    """A notebook as nbconvert has run it, before it becomes a page."""
    folder = tmp_path_factory.mktemp("converted")
    sources = [f"from lstm_helpers.explorers import {panel.__name__}\n{panel.__name__}()" for panel in PANELS]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=METADATA), folder / "two.ipynb")
    command = [sys.executable, "-m", "nbconvert", "--execute", "--to", "notebook", "--inplace", "two.ipynb"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
    return nbformat.read(folder / "two.ipynb", as_version=4)


@pytest.mark.parametrize("template", ["lab", "classic"])
def test_each_picture_is_on_the_page_once_and_no_panel(notebook, template):
    page, _ = HTMLExporter(template_name=template).from_notebook_node(notebook)
    outputs = BeautifulSoup(page, "html.parser").select(".jp-OutputArea-output, .output_subarea")
    assert [len(output.select("img[src^='data:image/png']")) for output in outputs] == [1] * len(PANELS)
    assert [output.select("script") for output in outputs] == [[]] * len(PANELS)  # as which a panel would be written
    assert "model not found" not in page.lower()
    if template == "classic":  # the other one leaves out the alternative text of every picture
        panels = [panel() for panel in PANELS]
        words = [output.img["alt"] for output in outputs]
        assert words == [f"{panel.title}. {panel.sentence}" for panel in panels]
