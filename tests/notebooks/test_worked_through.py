"""Exercises and predictions: as the catalogue has them, and each notebook worked through, within its time."""

import os
import re
import time

import nbformat
import pytest

from lstm_helpers.checks import QUESTIONS
from tests.support.notebooks import NAMES, PATHS, code, text_of
from tools.notebooks import METADATA, execute

CHECK = re.compile(r'^check\("([^"]+)"', re.MULTILINE)
IMPORT = re.compile(r"\Afrom lstm_helpers\.checks import [^\n]+\n+")
COMMIT = re.compile(r"^(my_\w+ = )(.+?)  # for example (.+)$", re.MULTILINE)
LEAST = "from lstm_helpers.explorers import CellExplorer\n\nCellExplorer()"


def questions(book):
    """The cells that check an answer, each with its question and with the text beneath it."""
    below = [*book.cells[1:], nbformat.v4.new_markdown_cell("")]
    for cell, after in zip(book.cells, below, strict=True):
        if cell.cell_type == "code" and (name := CHECK.search(cell.source)):
            yield cell, QUESTIONS[name[1]], after.source


def solve(book):
    """Put the worked answers and the examples of predictions into a notebook."""
    for cell, question, _ in questions(book):
        cell.source = "\n".join(["from lstm_helpers.checks import check", question.code, question.call])
    for cell in code(book):
        cell.source = COMMIT.sub(r"\1\3", cell.source)


@pytest.fixture(params=PATHS, ids=NAMES)
def book(request):
    return nbformat.read(request.param, as_version=4)


def test_exercises_and_answers_are_those_of_the_catalogue(book):
    """No drift: the cell is the catalogue's, and the fold beneath an exercise has the catalogue's code."""
    number = book.cells[0].source[2:4]
    for cell, question, below in questions(book):
        assert IMPORT.sub("", cell.source) == question.cell, question.name
        assert question.notebook[:2] == number, question.name
        if not question.kind == "choice":
            fold = re.match(
                r"<details><summary>Answer</summary>\n\n```python\n(.+?)\n```\n\n.+?</details>", below, re.DOTALL
            )
            assert fold and fold[1] == question.code, question.name


def test_there_are_exercises_and_predictions_in_every_notebook(book):
    kinds = [question.kind == "choice" for _, question, _ in questions(book)]
    typed = sum(bool(COMMIT.search(cell.source)) for cell in code(book))
    assert 3 <= kinds.count(False) <= 8
    assert 2 <= kinds.count(True) + typed <= 5


def test_every_question_of_the_catalogue_is_asked_somewhere():
    asked = {question.name for path in PATHS for _, question, _ in questions(nbformat.read(path, as_version=4))}
    assert asked == set(QUESTIONS)


@pytest.fixture(scope="module")
def least(tmp_path_factory):
    return _least(tmp_path_factory.mktemp("least"))


def _least(folder):
    """A kernel, the imports and one picture: some 2 s where a whole notebook may take 10."""
    cell = nbformat.v4.new_code_cell(LEAST)
    return _seconds(nbformat.v4.new_notebook(cells=[cell], metadata=METADATA), folder)


def _seconds(notebook, folder):
    """Processor time of the kernel, where the system counts it: other work on the machine does not make it longer."""
    before, start = _of_children(), time.perf_counter()
    execute(notebook, str(folder))
    return _of_children() - before or time.perf_counter() - start


def _of_children():
    """Of processes that have ended; 0 on Windows."""
    times = os.times()
    return times.children_user + times.children_system


def test_is_worked_through_within_five_times_the_least_or_twenty_if_it_trains(book, least, tmp_path):
    """Every answer put in is right, every prediction is drawn, and nothing else breaks.

    A machine can slow down by half within minutes: a notebook that seems late is held against the least of just then.
    """
    solve(book)
    times = 20 if any("fit(" in cell.source for cell in code(book)) else 5
    seconds = _seconds(book, tmp_path)
    assert seconds < times * least or seconds < times * _least(tmp_path)
    for cell in code(book):
        shown = "".join(map(text_of, cell.outputs))
        if CHECK.search(cell.source):
            assert shown.startswith("Right."), f"{cell.source}\n{shown}"
        if "prediction=my_" in cell.source:
            assert "You predicted " in shown, cell.source
