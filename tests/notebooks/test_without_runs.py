"""Notebooks 09 to 12 and 14 without intact files of trainings: Run All says so and continues to the last cell."""

import shutil

import nbformat
import pytest
from nbclient import NotebookClient

from lstm_helpers.jupyter.cells import missing as missing_libraries
from lstm_helpers.runs.calls import MESSAGE
from lstm_helpers.runs.run import file_of
from tests.support.notebooks import ROOT, code, text_of

pytestmark = pytest.mark.long

FILES = sorted((ROOT / "lstm_helpers" / "runs").glob("*.npz"))
# Seconds of training in place of minutes: what the pages say of the networks is tested elsewhere.
SETUP = """
from dataclasses import replace
from pathlib import Path
from lstm_helpers import training
from lstm_helpers.runs import RECIPES, calls, run
run.FOLDER = Path({folder!r})
calls.FILE = run.FOLDER / "calls.npz"
for name, recipe in RECIPES.items():
    RECIPES[name] = replace(recipe, steps=100)
training.fit = lambda *given, steps, of=training.fit, **more: of(*given, steps=min(steps, 20), **more)
"""
# The files that a page opens, in order.
OPENED = {
    "09_training": [*(f"cat: document gates, bias {bias}" for bias in (3, 0, 1)), "first: delay 10, bias 0",
                    "cat: standard gates, bias 1"],
    "10_inside_a_trained_lstm": ["cat: document gates, bias 3", "cat: standard gates, bias 3"],
    "11_generating_text": ["signs"],
    "12_gru_and_variants": ["what each gate is for", "who works the switch"],
}  # fmt: skip
SAID = (" is missing or not intact", " is missing or was made from other numbers")


def missing(folder):
    pass


def damaged(folder):
    """Only the first half of each file."""
    for path in FILES:
        whole = path.read_bytes()
        (folder / path.name).write_bytes(whole[: len(whole) // 2])


def foreign(folder):
    """In each file, the contents of another."""
    for path, other in zip(FILES, [*FILES[1:], FILES[0]], strict=True):
        shutil.copy(other, folder / path.name)


def text(folder):
    """Pointer files of a large-file storage instead of arrays."""
    for path in FILES:
        (folder / path.name).write_text(f"oid {path.name}\n")


def run_all(name, folder):
    """The code cells of a notebook after a run with the files of a folder; an error in a cell is raised."""
    book = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    book.cells.insert(0, nbformat.v4.new_code_cell(SETUP.format(folder=str(folder))))
    NotebookClient(book, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}}).execute()
    return code(book)[1:]


@pytest.fixture(params=[missing, damaged, foreign, text], ids=lambda make: make.__name__)
def folder(request, tmp_path):
    request.param(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", OPENED)
def test_run_all_trains_again(name, folder):
    outputs = [output for cell in run_all(name, folder) for output in cell.outputs]
    told = "".join(output.text for output in outputs if output.get("name") == "stderr")
    lines = [line for line in told.splitlines() if any(words in line for words in SAID)]
    assert [line.split()[0].rpartition("/")[2] for line in lines] == [file_of(run).name for run in OPENED[name]]


@pytest.mark.parametrize("name", ["14_open_your_own_lstm"])
def test_run_all_skips_cells_that_need_the_model(name, folder):
    """All other cells have their stored outputs: exercises, and cells that define functions."""
    stored = code(nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4))
    left_out = []
    for cell, before in zip(run_all(name, folder), stored, strict=True):
        if missing_libraries(cell.source):
            continue
        said = "".join(map(text_of, cell.outputs))
        if said.endswith(f"{MESSAGE}\n"):
            left_out.append(cell)
        else:
            assert said == "".join(map(text_of, before.outputs)), cell.source
    assert left_out[0].source == stored[0].source and len(left_out) > len(stored) / 2
    assert not any("check(" in cell.source or cell.source.startswith("my_") for cell in left_out)


@pytest.mark.parametrize("content", [None, b"damaged", "foreign"])
def test_pytorch_gets_the_arrays_of_the_package_if_the_file_is_not_intact(content, tmp_path):
    torch = pytest.importorskip("torch")
    beside = tmp_path / "14_calls.pt"
    if content == "foreign":
        torch.save(torch.nn.Linear(2, 2).state_dict(), beside)
    elif content:
        beside.write_bytes(content)
    shutil.copytree(FILES[0].parent, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.py", "__*"))
    told = "14_calls.pt is missing or not intact, so PyTorch gets the same arrays from the package."
    (cell,) = (cell for cell in run_all("14_open_your_own_lstm", tmp_path) if "torch.load(" in cell.source)
    lines = "".join(map(text_of, cell.outputs)).splitlines()
    assert lines == [told, "the h of PyTorch and of our Stack, at all 20 steps: the same, to 1e-5"]
