"""Without PyTorch and Keras: the cells that need them are left out, in one line, and nbval still passes."""

import os
import re
import subprocess
import sys

import nbformat
import pytest

from lstm_helpers.jupyter import cells
from tests.support.notebooks import PATHS, ROOT, code
from tools.notebooks import execute

BLOCK = "import sys\nfor name in ('torch', 'keras'):\n    sys.modules[name] = None\n"
MARKED = [path for path in PATHS if any(c.source.startswith("# Needs") for c in code(nbformat.read(path, 4)))]


@pytest.fixture
def blocked(tmp_path, monkeypatch):
    """An environment in which no Python finds either of them."""
    (tmp_path / "sitecustomize.py").write_text(BLOCK)
    paths = [str(tmp_path), str(ROOT), os.environ.get("PYTHONPATH")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))


def marked(book):
    return [cell for cell in code(book) if cell.source.startswith("# Needs")]


@pytest.mark.long
@pytest.mark.parametrize("path", MARKED, ids=lambda path: path.stem)
def test_each_such_cell_says_so_in_one_line_and_all_others_run(path, blocked, tmp_path):
    book = nbformat.read(path, as_version=4)
    execute(book, str(tmp_path))
    assert marked(book)
    for cell in marked(book):
        told = "".join(output.text for output in cell.outputs)  # a busy kernel may send the end of a line by itself
        names = re.match(r"# Needs (.+)\.\n", cell.source)[1]
        install = names.replace(" and", "")
        assert told == f"Left out: {names} not installed here. To run this cell: pip install {install}\n"
    for cell in code(book):
        assert not any("Left out" in o.get("text", "") for o in cell.outputs) or cell in marked(book)


@pytest.mark.long
@pytest.mark.parametrize("path", MARKED, ids=lambda path: path.stem)
def test_nbval_passes_without_them_and_says_what_it_left_out(path, blocked):
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider", str(path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout
    book = nbformat.read(path, as_version=4)
    passed, skipped = len(code(book)) - len(marked(book)), len(marked(book))
    assert re.search(rf"\b{passed} passed, {skipped} skipped\b", run.stdout), run.stdout


@pytest.mark.parametrize("path", MARKED, ids=lambda path: path.stem)
def test_what_is_stored_comes_from_a_machine_that_has_them(path):
    book = nbformat.read(path, as_version=4)
    assert not any("Left out" in o.get("text", "") for cell in code(book) for o in cell.outputs)
    assert sum(bool(cell.outputs) for cell in marked(book)) > len(marked(book)) / 2


def test_whatever_uses_them_is_marked():
    """A cell that names them without the line would stop a reader who has none of them."""
    uses = re.compile(r"\bto_torch\(|\bto_keras\(|^import torch|\btorch\.\w+\(|^from (torch|keras)", re.MULTILINE)
    for path in MARKED:
        book = nbformat.read(path, as_version=4)
        found = [cell for cell in code(book) if uses.search(cell.source)]
        assert found, path
        for cell in found:
            assert cell in marked(book), cell.source


@pytest.mark.parametrize(
    "source, names",
    [
        ("# Needs no_such_library.\nimport os", ["no_such_library"]),
        ("# Needs numpy and no_such_library.", ["no_such_library"]),
        ("# Needs numpy.\n1", []),
        ("import os\n# Needs no_such_library.", []),
        ("# Needs no_such_library", []),
        ("", []),
    ],
)
def test_only_the_first_line_counts(source, names):
    assert cells.missing(source) == names


def test_make_notebooks_leaves_such_a_notebook_as_it_is(tmp_path, capsys):
    from tools import notebooks

    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("# Needs no_such_library.\n1 / 0")])
    nbformat.write(book, tmp_path / "some.ipynb")
    before = (tmp_path / "some.ipynb").read_bytes()
    notebooks.main([str(tmp_path / "some.ipynb")])
    assert (tmp_path / "some.ipynb").read_bytes() == before
    told = "some.ipynb: unchanged, because it needs no_such_library, not installed here\n"
    assert capsys.readouterr().out == told
