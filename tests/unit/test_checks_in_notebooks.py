"""Exercises in notebooks match their question files."""

import re

import nbformat
import pytest

from lstm_helpers.checks import QUESTIONS
from tests.support.notebooks import NAMES, PATHS
from tools.notebooks import as_in_its_file, exercises, write_exercises

PANEL = re.compile(r'\bquestion="([\w.]+)"')


@pytest.fixture(params=PATHS, ids=NAMES)
def path(request):
    return request.param


def test_exercises_and_answers_are_those_of_the_question_file(path):
    book = nbformat.read(path, as_version=4)
    for cell, below, question in exercises(book):
        where = f"{path.name}, cell {book.cells.index(cell) + 1}: not as [{question.name}] is in its file"
        assert (cell.source, below and below.source) == as_in_its_file(cell, below, question), where
        assert question.notebook == path.stem, where


def test_each_question_is_asked_once():
    """An exercise by its check, a prediction by its panel."""
    asked = []
    for path in PATHS:
        book = nbformat.read(path, as_version=4)
        names = [question.name for _, _, question in exercises(book)]
        panels = [name for cell in book.cells for name in PANEL.findall(cell.source)]
        assert {QUESTIONS[name].kind for name in panels} <= {"prediction"}
        assert {QUESTIONS[name].notebook for name in names + panels} == {path.stem}
        asked += names + panels
    assert sorted(asked) == sorted(QUESTIONS)


def test_differences_are_overwritten(path):
    book = nbformat.read(path, as_version=4)
    before = [cell.source for cell in book.cells]
    for cell, below, question in exercises(book):
        cell.source = cell.source.replace("...", "3")
        if question.kind != "choice":
            below.source = below.source.replace("```\n\n", "```\n\nIn other words: ", 1)
    assert [cell.source for cell in book.cells] != before
    write_exercises(book)
    assert [cell.source for cell in book.cells] == before


def test_an_exercise_without_its_fold_is_named():
    cell = nbformat.v4.new_code_cell('check("forget_gate.kept", ...)')
    with pytest.raises(ValueError, match=r"^forget_gate\.kept: the cell below it must begin with <details>"):
        write_exercises(nbformat.v4.new_notebook(cells=[cell, nbformat.v4.new_markdown_cell("Text.")]))
