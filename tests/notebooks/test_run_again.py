"""Cells run again in any order: after Run All, every code cell runs once more, last to first, with the same output."""

import copy

import nbformat
import pytest
from nbclient import NotebookClient

from lstm_helpers.jupyter.cells import missing
from tests.support.notebooks import NAMES, PATHS, code
from tools.notebooks import METADATA, normalize

pytestmark = pytest.mark.long


def said(cell):
    """The outputs of a cell that nbval compares: everything printed and shown, a picture by its line of text."""
    bare = copy.deepcopy(cell)
    normalize(nbformat.v4.new_notebook(cells=[bare]))
    return [o.get("text") or {k: v for k, v in o.data.items() if not k.startswith("image/")} for o in bare.outputs]


def run_twice(notebook, folder):
    """Run all cells, then again from last to first: the source of each cell, and both its outputs."""
    numbered = [(n, cell) for n, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    numbered = [(n, cell) for n, cell in numbered if not missing(cell.source)]
    client = NotebookClient(
        notebook, timeout=120, kernel_name="python3", allow_errors=True, resources={"metadata": {"path": folder}}
    )
    with client.setup_kernel():
        for n, cell in numbered:
            client.execute_cell(cell, n)
        first = {n: heard(cell) for n, cell in numbered}
        for n, cell in reversed(numbered):
            client.execute_cell(cell, n)
    return [(cell.source, first[n], heard(cell)) for n, cell in numbered]


def heard(cell):
    """The output of a cell, or the error that ended it."""
    errors = [f"{o.ename}: {o.evalue}" for o in cell.outputs if o.output_type == "error"]
    return errors[0] if errors else said(cell)


@pytest.mark.parametrize("path", PATHS, ids=NAMES)
def test_each_cell_runs_again_after_all_others_and_says_the_same(path):
    runs = run_twice(nbformat.read(path, as_version=4), str(path.parent))
    assert len(runs) > len(code(nbformat.read(path, as_version=4))) / 2
    differs = [f"{source}\n--> {first}\n--> {second}" for source, first, second in runs if first != second]
    assert not differs, "\n\n".join([f"{len(differs)} cells say something else the second time:", *differs])
    failed = [f"{source}\n--> {first}" for source, first, _ in runs if isinstance(first, str)]
    assert not failed, "\n\n".join(failed)


@pytest.mark.parametrize(
    "sources, changed",
    [
        (["a = 1", "print(a)", "b = a + 1"], []),
        (["a = 1", "print(a)", "a = 2"], [1]),
        (["a = [1]", "print(a.pop())"], [1]),
        (["import random\nr = random.Random(0)", "r.random()"], [1]),
        (["def double(n): return 2 * n", "print(double(2))", "double = 4"], [1]),
    ],
    ids=["names of their own", "a name used again", "used up", "a generator that goes on", "no function any more"],
)
def test_a_cell_that_depends_on_the_order_is_noticed(sources, changed, tmp_path):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    runs = run_twice(nbformat.v4.new_notebook(cells=cells, metadata=METADATA), str(tmp_path))
    assert [n for n, (_, first, second) in enumerate(runs) if first != second] == changed
