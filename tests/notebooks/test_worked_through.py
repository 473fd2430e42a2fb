"""Exercises and predictions: worked through in each notebook, without training again."""

import ast
import re

import nbformat
import pytest

from lstm_helpers import training
from lstm_helpers.checks import QUESTIONS, check
from lstm_helpers.jupyter.cells import missing
from tests.support.notebooks import NAMES, PATHS, code, names_of, needed

CHECK = re.compile(r'^check\("([^"]+)"', re.MULTILINE)
COMMIT = re.compile(r"^(my_\w+) = .+?  # for example (.+)$", re.MULTILINE)
STEPS = 3  # of whatever is trained


def questions(book):
    """The cells that check an answer, each with its question and the text below it."""
    below = [*book.cells[1:], nbformat.v4.new_markdown_cell("")]
    for cell, after in zip(book.cells, below, strict=True):
        if cell.cell_type == "code" and (name := CHECK.search(cell.source)):
            yield cell, QUESTIONS[name[1]], after.source


@pytest.fixture(params=PATHS, ids=NAMES)
def book(request):
    return nbformat.read(request.param, as_version=4)


def test_there_are_exercises_and_predictions_in_every_notebook(book):
    kinds = [question.kind == "choice" for _, question, _ in questions(book)]
    typed = sum(bool(COMMIT.search(cell.source)) for cell in code(book))
    assert 3 <= kinds.count(False) <= 8
    assert 1 <= kinds.count(True) + typed <= 5


def replies_to_answers(book, answer=lambda question: question.code):
    """The reply to each worked answer, by question; the answer runs after the cells above it."""
    names, solved = {"check": check, "replies": {}}, []
    for cell, question, _ in questions(book):
        cell.source = f"{answer(question)}\nreplies[{question.name!r}] = {question.call}"
        solved.append(cell)
    for cell in needed(code(book), lambda cell: cell in solved):
        exec(cell.source, names)
    return names["replies"]


def test_every_worked_answer_is_right_in_its_notebook(book):
    asked = [question.name for _, question, _ in questions(book)]
    replies = replies_to_answers(book)
    assert list(replies) == asked
    for name, reply in replies.items():
        assert reply.right is True and str(reply).startswith("Right."), f"{name}: {reply}"


def test_a_wrong_answer_is_noticed_and_so_is_a_name_that_no_cell_makes():
    path = next(path for path in PATHS if path.name.startswith("02"))
    book = nbformat.read(path, as_version=4)
    replies = replies_to_answers(book, lambda question: question.code.replace("c_new * y", "c_new + y"))
    assert [name for name, reply in replies.items() if reply.right is not True] == ["pointwise.kept"]

    book = nbformat.read(path, as_version=4)
    book.cells = [cell for cell in book.cells if not cell.source.startswith("product = ")]
    with pytest.raises(NameError):
        replies_to_answers(book)


def shown_by(cells):
    """What each cell shows with its last line, or None; as in a kernel, one cell after the other in the same names."""
    names = {}
    for cell in cells:
        tree, shown = ast.parse(cell.source), None
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "a cell", "exec"), names)
        if last:
            shown = eval(compile(ast.Expression(last.value), "a cell", "eval"), names)
        yield cell, shown


@pytest.mark.slow
def test_every_prediction_is_taken_and_drawn(book, monkeypatch):
    """Put the examples in, and run the cells that use them and those they need."""
    fit, typed = training.fit, set()
    monkeypatch.setattr(training, "fit", lambda *given, steps, **options: fit(*given, steps=STEPS, **options))
    for cell in code(book):
        typed |= {name for name, _ in COMMIT.findall(cell.source)}
        cell.source = COMMIT.sub(r"\1 = \2", cell.source)
    cells = needed(code(book), lambda cell: typed & names_of(cell.source)[0] and not missing(cell.source))
    if lacking := {name for cell in cells for name in missing(cell.source)}:
        pytest.skip(f"needs {' and '.join(sorted(lacking))}, not installed here")
    drawn = [shown for cell, shown in shown_by(cells) if "prediction=my_" in cell.source]
    assert typed and len(drawn) == sum("prediction=my_" in cell.source for cell in code(book))
    for panel in drawn:
        data, _ = panel._repr_mimebundle_()
        assert "You predicted " in data["text/plain"] and data["image/png"], panel
