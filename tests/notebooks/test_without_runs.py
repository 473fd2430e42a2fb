"""Notebooks 09 and 10 without intact files of recorded runs: Run All says so, trains, and goes on to the last cell."""

import nbformat
import pytest
from nbclient import NotebookClient

from lstm_helpers.runs import NAMES
from lstm_helpers.runs.run import file_of
from tests.support.notebooks import ROOT, code

pytestmark = pytest.mark.long

# Seconds of training in place of minutes: what the pages say of the networks is tested elsewhere.
SETUP = """
from dataclasses import replace
from pathlib import Path
from lstm_helpers.runs import RECIPES, run
run.FOLDER = Path({folder!r})
for name, recipe in RECIPES.items():
    RECIPES[name] = replace(recipe, steps=100)
"""
OPENED = {
    "09_training": [*(f"cat: document gates, bias {bias}" for bias in (3, 0, 1)), "first: delay 10, bias 0",
                    "cat: standard gates, bias 1"],
    "10_inside_a_trained_lstm": ["cat: document gates, bias 3", "cat: standard gates, bias 3"],
}  # fmt: skip


@pytest.mark.parametrize("content", [None, b"damaged"], ids=["missing", "damaged"])
@pytest.mark.parametrize("name", OPENED)
def test_run_all_goes_on(name, content, tmp_path):
    if content:
        for run in NAMES:
            (tmp_path / file_of(run).name).write_bytes(content)
    book = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    book.cells.insert(0, nbformat.v4.new_code_cell(SETUP.format(folder=str(tmp_path))))
    NotebookClient(book, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()
    told = [o.text for cell in code(book) for o in cell.outputs if o.output_type == "stream" and o.name == "stderr"]
    lines = [line for text in told for line in text.splitlines() if "is missing or not intact" in line]
    assert [line.split()[0] for line in lines] == [str(tmp_path / file_of(run).name) for run in OPENED[name]]
