"""How long a notebook takes from a fresh kernel, as a multiple of the least that any of them needs, in the same run."""

import time

import nbformat
import pytest

from tests.notebooks.test_stored import NAMES, PATHS, code
from tools.notebooks import METADATA, execute

LEAST = "from lstm_helpers.explorers import CellExplorer\n\nCellExplorer()"


def seconds(notebook, folder):
    start = time.perf_counter()
    execute(notebook, str(folder))
    return time.perf_counter() - start


@pytest.fixture(scope="module")
def least(tmp_path_factory):
    """A kernel, the imports and one picture: some 2 s where a whole notebook may take 10, and one that trains 30."""
    cell = nbformat.v4.new_code_cell(LEAST)
    return seconds(nbformat.v4.new_notebook(cells=[cell], metadata=METADATA), tmp_path_factory.mktemp("least"))


@pytest.mark.parametrize("path", PATHS, ids=NAMES)
def test_a_notebook_runs_within_five_times_the_least_or_fifteen_if_it_trains(path, least, tmp_path):
    book = nbformat.read(path, as_version=4)
    trains = any("fit(" in cell.source for cell in code(book))
    assert seconds(book, tmp_path) < (15 if trains else 5) * least
