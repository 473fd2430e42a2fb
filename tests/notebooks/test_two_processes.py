"""Notebook 13: its two processes meet in the folder for temporary files, whatever that folder is called."""

import nbformat
import pytest

from tests.support.notebooks import PATHS, code, text_of
from tools.notebooks import METADATA, execute

pytestmark = pytest.mark.long

NEEDED = ("leave_out_what_is_missing()", "module = to_torch(layer)", "steps=150", "def in_torch(", "def share_of(",
          "def work(", "program = ", "subprocess.Popen(", "the two processes afterwards")  # fmt: skip


def cells():
    """The cells it takes, one for each of these words; the model need not be trained."""
    (path,) = (path for path in PATHS if path.name.startswith("13"))
    found = [cell for cell in code(nbformat.read(path, as_version=4)) if any(words in cell.source for words in NEEDED)]
    assert len(found) == len(NEEDED)
    for cell in found:
        cell.source = cell.source.replace("steps=150", "steps=1")
    return found


def test_two_processes_meet_in_a_folder_with_a_space_and_an_accent_in_its_path(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    folder = tmp_path / "a b é"
    folder.mkdir()
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.setenv(name, str(folder))
    book = nbformat.v4.new_notebook(cells=cells(), metadata=METADATA)
    execute(book, str(tmp_path))
    *_, compared = book.cells
    assert "the two processes afterwards:             True" in "".join(map(text_of, compared.outputs))
