"""The worked examples of CONTRIBUTING.md, followed as printed."""

import inspect
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from lstm_helpers import explorers
from lstm_helpers.checks import QUESTIONS, answer, check, load
from lstm_helpers.view.panel import Panel

ROOT = Path(__file__).resolve().parents[2]


def block(language):
    """The one example in this language."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (found,) = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    return found


@pytest.fixture(scope="module")
def question(tmp_path_factory):
    path = tmp_path_factory.mktemp("questions") / "99_leak.toml"
    path.write_text(block("toml"), encoding="utf-8")
    load(path)
    yield
    QUESTIONS.add(path, {})


def test_the_example_question_judges_answers(question):
    assert check("leak.left", 0.9**3 * 0.8).right
    for mistake, value in {"one step": 0.72, "three times": 2.16, "lost": 0.8 - 0.5832}.items():
        assert check("leak.left", value).diagnosis == (mistake,)
    assert "This is f * c_prev, what one step leaves." in check("leak.left", 0.72).text
    assert "0.583" in answer("leak.left").text


def test_the_example_panel_moves():
    names = {}
    exec(block("python"), names)
    panel = names["KeepExplorer"]()
    assert isinstance(panel, Panel) and panel.sentence == "Keep 70% of 0.80: 0.56."
    panel.choose("forget")
    assert panel.sentence == "Keep 0% of 0.80: 0.00."
    panel.move(f=0.5, c_prev=-1)
    assert panel.sentence == "Keep 50% of −1.00: −0.50."
    assert panel.picture.bars["kept"].get_height() == -0.5


# The tables that name every panel for the tests: file -> table. The last two name those that take a prediction.
TABLES = {
    "tests/support/explorers.py": "MAKERS",
    "benchmarks/panels.py": "EXPLORERS",
    "tests/unit/test_explorers.py": "CHECKS",
    "tests/unit/test_predictions.py": "CASES",
    "tests/unit/test_room.py": "OWN",
}


@pytest.mark.parametrize("file", TABLES)
def test_every_panel_is_in_the_tables(file):
    """Most tests that use the tables are slow; this one tells `make check` what is missing."""
    text = (ROOT / file).read_text(encoding="utf-8").replace("opened_explorer", "OpenedModelExplorer")
    names = [name for name in explorers.__all__ if name.endswith("Explorer")]
    if TABLES[file] in ("CASES", "OWN"):
        names = [name for name in names if "prediction" in inspect.signature(getattr(explorers, name)).parameters]
    missing = [name for name in names if not re.search(rf"\b{name}\b", text)]
    assert names and not missing, f"{TABLES[file]} in {file} needs {missing}"


@pytest.mark.long
def test_a_new_notebook_needs_its_rows_and_then_passes(tmp_path):
    for part in ("README.md", "lstm_helpers", "notebooks", "tests", "tools", "pyproject.toml", "conftest.py"):
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, tmp_path / part)
    folder, name, neighbor = tmp_path / "notebooks", "15_leak", "02_pointwise_operations"
    book = nbformat.read(folder / f"{neighbor}.ipynb", as_version=4)
    book.cells[0].source = re.sub(r"^# .*", "# 15 · Leak", book.cells[0].source)
    nbformat.write(book, folder / f"{name}.ipynb")
    assert f"{name}.ipynb: " in in_the_copy(tmp_path, "tools/notebooks.py", f"notebooks/{name}.ipynb")
    stored = ["-m", "pytest", "-q", "-p", "no:nbval", "-p", "no:cacheprovider", "tests/notebooks/test_stored.py"]
    stored += ["tests/notebooks/test_guide.py", "-k", f"{name} or contents_page or readme or has_a_section"]
    missing = in_the_copy(tmp_path, *stored, well=False)
    for asked_for in ("contents_page", "readme", "has_a_section"):
        assert re.search(f"FAILED .*{asked_for}", missing), missing

    readme, guide = tmp_path / "README.md", folder / "README.md"
    repeat_lines(readme, neighbor, name)
    text = readme.read_text(encoding="utf-8").replace("[14][colab-14]", "[14][colab-14],\n  [15][colab-15]")
    readme.write_text(re.sub(rf"\[colab-02\](: .*{name})", r"[colab-15]\1", text), encoding="utf-8")
    contents = nbformat.read(folder / "00_start_here.ipynb", as_version=4)
    (table,) = [cell for cell in contents.cells if f"({neighbor}.ipynb) |" in cell.source]
    row = next(line for line in table.source.splitlines() if f"({neighbor}.ipynb) |" in line)
    table.source = table.source.replace(row, f"{row}\n{row.replace(neighbor, name)}")
    nbformat.write(contents, folder / "00_start_here.ipynb")
    text = guide.read_text(encoding="utf-8")
    section = re.search(r"^### 02 · .+?(?=^##)", text, re.MULTILINE | re.DOTALL)[0]
    guide.write_text(text.replace(section, section + re.sub("02 · [^(]+", "15 · Leak ", section)), encoding="utf-8")
    assert re.search(r"\d\d+ passed", in_the_copy(tmp_path, *stored))


def in_the_copy(folder, *command, well=True):
    """Run a command in a copy of the project, and return its output."""
    ended = subprocess.run(
        [sys.executable, *command], cwd=folder, env=os.environ | {"PYTHONPATH": str(folder)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert (ended.returncode == 0) is well, ended.stdout
    return ended.stdout


def repeat_lines(path, name, other):
    """Repeat each line that contains a name, with another name."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text(
        "".join(line + line.replace(name, other) if name in line else line for line in lines), encoding="utf-8"
    )


def test_all_named_paths_and_targets_exist():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for name in re.findall(r"`((?:lstm_helpers|tests|benchmarks|notebooks)/[\w/.]+)`", text):
        assert (ROOT / name).exists() or "NN" in name or "15_leak" in name, name
    for name in re.findall(r"`((?:checks|explorers|layers)/[\w/.]+)`", text):
        assert (ROOT / "lstm_helpers" / name).exists(), name
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"make ([a-z-]+)", text):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
