"""nbval itself: a number changed in a stored output, or in an equation, must not pass."""

import re
import shutil
import subprocess
import sys

import nbformat
import pytest

from tests.support.nbval import nbval
from tests.support.notebooks import PATHS, ROOT, code, text_of

pytestmark = pytest.mark.long

KINDS = {
    "printed": lambda output: "text" in output,
    "a result": lambda output: "data" in output and "image/png" not in output.data,
    "the words of a picture": lambda output: "image/png" in output.get("data", {}),
}


def another_last_digit(output):
    """Change the last digit in an output."""
    holder, key = (output, "text") if "text" in output else (output.data, "text/plain")
    last = list(re.finditer(r"\d", holder[key]))[-1].start()
    holder[key] = holder[key][:last] + str((int(holder[key][last]) + 1) % 10) + holder[key][last + 1 :]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_changed_number_in_a_stored_output_is_noticed_in_every_cell(kind, tmp_path):
    """Changed in all outputs of this kind in one notebook: each of their cells fails, and no other."""
    path = next(path for path in PATHS if path.name.startswith("06"))
    book, changed = nbformat.read(path, as_version=4), 0
    for cell in code(book):
        of_kind = [o for o in cell.outputs if kind(o) and re.search(r"\d", text_of(o))]
        for output in of_kind:
            another_last_digit(output)
        changed += bool(of_kind)
    nbformat.write(book, tmp_path / path.name)
    status, report = nbval(tmp_path / path.name, tmp_path)
    assert changed and status == 1 and re.search(rf"\b{changed} failed\b", report), report


EQUATIONS = {
    "00_start_here": ("equations.py", "f * c_prev + i * g", "f * c_prev - i * g"),
    "03_forget_gate": ("equations.py", "return sigmoid(_pre", "return 1 - sigmoid(_pre"),
    "06_one_lstm_step": ("equations.py", "W @ u + b)", "W @ u)"),
}


@pytest.mark.parametrize(
    "option, mark, told",
    [
        ("--nbval", "# NBVAL_IGNORE_OUTPUT", "nbval compared 2 numbers in 1 notebook"),
        ("--nbval-lax", "# NBVAL_CHECK_OUTPUT", "nbval compared 1 number in 1 notebook"),
        ("--nbval-lax", "", "nbval ran the cells of 1 notebook and compared nothing"),
    ],
)
def test_the_closing_line_counts_what_was_compared(option, mark, told, tmp_path):
    sources = {"[1, 2]": "[1, 2]", f"{mark}\n3": "3"}
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    for number, (cell, shown) in enumerate(zip(book.cells, sources.values(), strict=True), 1):
        result = nbformat.v4.new_output("execute_result", {"text/plain": shown}, execution_count=number)
        cell.execution_count, cell.outputs = number, [result]
    nbformat.write(book, tmp_path / "some.ipynb")
    shutil.copy(ROOT / "conftest.py", tmp_path)
    command = [sys.executable, "-m", "pytest", option, "-p", "no:cacheprovider", "-q", "--rootdir=.", "some.ipynb"]
    report = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert report.returncode == 0, report.stdout + report.stderr
    assert [line for line in report.stdout.splitlines() if line.startswith("nbval")] == [told]


def test_what_is_not_changed_passes(tmp_path):
    shutil.copytree(ROOT / "lstm_helpers", tmp_path / "lstm_helpers")
    shutil.copy(ROOT / "notebooks" / "02_pointwise_operations.ipynb", tmp_path)
    status, report = nbval(tmp_path / "02_pointwise_operations.ipynb", tmp_path, PYTHONPATH=str(tmp_path))
    assert status == 0, report


@pytest.mark.parametrize("name", EQUATIONS)
def test_a_changed_equation_is_noticed(name, tmp_path):
    file, right, wrong = EQUATIONS[name]
    shutil.copytree(ROOT / "lstm_helpers", tmp_path / "lstm_helpers", ignore=shutil.ignore_patterns("__pycache__"))
    changed = tmp_path / "lstm_helpers" / file
    assert changed.read_text().count(right) >= 1
    changed.write_text(changed.read_text().replace(right, wrong))
    shutil.copy(ROOT / "notebooks" / f"{name}.ipynb", tmp_path)
    status, report = nbval(tmp_path / f"{name}.ipynb", tmp_path, PYTHONPATH=str(tmp_path))
    assert status == 1 and " failed" in report, report
