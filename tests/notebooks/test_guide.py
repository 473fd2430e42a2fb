"""The guide for teachers: its minutes, calls, exercises and numbers are those of the pages and of the package."""

import ast
import re

import nbformat
import numpy as np
import pytest

from lstm_helpers import LSTM, cell_state, explorers, half_life, hidden_state
from tests.support.explorers import letters_and_model
from tests.support.notebooks import NAMES, PATHS, ROOT, code, main_line, needed, words

GUIDE = (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8")
CORE = ["00", "02", "03", "04", "05", "06", "07", "09", "10"]
PANEL = re.compile(r"^(?:\w+Explorer|open_lstm)\(", re.MULTILINE)


@pytest.fixture(params=PATHS, ids=NAMES)
def path(request):
    return request.param


def read(path):
    return nbformat.read(path, as_version=4)


def section(path):
    """What the guide says of a notebook."""
    title = read(path).cells[0].source.splitlines()[0].removeprefix("# ")
    heading = rf"^### {re.escape(title)} \((\d+) minutes\)$(.+?)(?=^##)"
    (found,) = re.findall(heading, GUIDE, re.MULTILINE | re.DOTALL)
    return found


def part(path, name):
    """A paragraph of that: *Move*, *Exercises*, *Exit ticket*."""
    (found,) = re.findall(rf"\*\*{name}\.\*\* (.+?)\n\n", section(path)[1], re.DOTALL)
    return " ".join(found.split())


def stated(notebook):
    return int(re.search(r"\| (\d+) minutes \|", notebook.cells[0].source)[1])


def minutes(notebook):
    """The least that the main line of a page takes: 130 words a minute, and for each thing to do what it takes.

    A cell of code that is read takes 1.5 minutes, a prediction 1, a panel 5, an exercise 4, a question to oneself 1.
    """
    marked = nbformat.v4.new_notebook(cells=[_marked(k, cell) for k, cell in enumerate(notebook.cells)])
    main = main_line(marked)
    cells = [notebook.cells[int(k)] for k in re.findall(r"^@cell(\d+)$", main, re.MULTILINE)]
    prose = re.sub(r"^@cell\d+$", "", main, flags=re.MULTILINE)
    asked = re.search(r"^## Check yourself$(.+?)(?=^## |\Z)", prose, re.MULTILINE | re.DOTALL)
    questions = re.findall(r"^\d+\. ", asked[1], re.MULTILINE) if asked else []
    return len(words(prose)) / 130 + sum(map(_minutes_of, cells)) + len(questions)


def _marked(k, cell):
    return nbformat.v4.new_markdown_cell(cell.source if cell.cell_type == "markdown" else f"@cell{k}")


def _minutes_of(cell):
    """What a cell of code asks of its reader."""
    if PANEL.search(cell.source):
        return 5
    if "= ..." in cell.source or "check(" in cell.source or "return ..." in cell.source:
        chosen = "check(" not in cell.source or re.search(r"^prediction = \.\.\.", cell.source, re.MULTILINE)
        return 1 if chosen else 4
    imports = re.fullmatch(r"(\s*(from|import) .+)+\s*", cell.source)
    return 0 if imports or cell.metadata.get("jupyter", {}).get("source_hidden") else 1.5


def test_has_a_section_for_each_with_its_title_minutes_and_parts(path):
    said, text = section(path)
    assert int(said) == stated(read(path))
    for name in ("**Goal.**", "**Ask.**", "| You hear | It reveals | Then |", "**Move.**", "**Exercises.**"):
        assert name in text, f"{name} {path.stem}"
    assert part(path, "Exit ticket")


def test_a_page_promises_no_less_time_than_it_takes(path):
    book = read(path)
    assert minutes(book) <= stated(book), f"{path.stem}: {minutes(book):.0f} minutes by the rule"


def test_minutes_count_what_everybody_does_and_nothing_else():
    cells = [
        nbformat.v4.new_markdown_cell(
            "# 00 · " + "word " * 128 + "\n\n<details>\n\n" + "more " * 500 + "\n\n</details>"
        ),
        nbformat.v4.new_code_cell("from lstm_helpers.explorers import CellExplorer\n\nCellExplorer()"),
        nbformat.v4.new_code_cell("my_guess = ...  # for example 1"),
        nbformat.v4.new_code_cell('prediction = ...\ncheck("a.b", prediction)'),
        nbformat.v4.new_code_cell('c = ...\ncheck("a.c", c)'),
        nbformat.v4.new_code_cell("print(1)"),
        nbformat.v4.new_code_cell("print(2)", metadata={"jupyter": {"source_hidden": True}}),
        nbformat.v4.new_markdown_cell("## Check yourself\n\n1. one\n2. two\n\n## More: nothing"),
        nbformat.v4.new_code_cell('c = ...\ncheck("a.c", c)'),
    ]
    prose = 129 + len("Check yourself 1. one 2. two".split())
    assert minutes(nbformat.v4.new_notebook(cells=cells)) == prose / 130 + 5 + 1 + 1 + 4 + 1.5 + 2


@pytest.mark.parametrize("path", [path for path in PATHS if path.stem[:2] in CORE], ids=CORE)
def test_a_page_of_the_core_takes_at_most_45_minutes(path):
    assert stated(read(path)) <= 45


def test_each_lesson_fits_50_minutes_and_names_pages_and_sections_that_there_are():
    lessons = re.findall(r"^### (\d)\. .+? \((.+?)\)$(.+?)(?=^##|^\*\*)", GUIDE, re.MULTILINE | re.DOTALL)
    assert [number for number, _, _ in lessons] == ["1", "2", "3", "4"]
    assert ", ".join(pages for _, pages, _ in lessons).split(", ") == ["00", "07", *CORE[1:6], "09", "10"]
    for number, _, table in lessons:
        rows = re.findall(r"^\| (\d+) \| .+? \|(.*)\|$", table, re.MULTILINE)
        assert sum(int(count) for count, _ in rows) == 50, f"lesson {number}"
        for _, where in rows:
            for stem, heading in re.findall(r"(\d\d).*?\*(.+?)\*", where):
                (page,) = (path for path in PATHS if path.stem.startswith(stem))
                headings = [line.lstrip("# ") for line in main_line(read(page)).splitlines() if line.startswith("#")]
                assert heading in headings, f"{stem}: {heading}"


def test_names_every_exercise_of_a_page_once(path):
    prose = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
    there = re.findall(r"^\*\*(\d+)\.", prose, re.MULTILINE)
    everybody, fast = re.fullmatch(r"([\d, ]+); for the fast ([\d, ]+)\.", part(path, "Exercises")).groups()
    named = sorted(f"{everybody}, {fast}".split(", "))
    assert named == sorted(there), f"**Exercises.** of {path.stem} in notebooks/README.md names {named}"


CALL = r"`((?:\w+Explorer|open_lstm)\([^`]*\))`(?:\]\(\S+\))?(?:,?\s+says\s+“([^”]+)”)?"
TRAINED = {"11_generating_text"}  # its model takes long to train: any other of characters does for the call


def calls():
    for number, text in re.findall(r"^### (\d\d) · (.+?)(?=^##)", GUIDE, re.MULTILINE | re.DOTALL):
        (path,) = (path for path in PATHS if path.stem.startswith(number))
        for call, quoted in re.findall(CALL, text):
            yield pytest.param(path, call, quoted, id=f"{number} {call}")


@pytest.mark.slow
@pytest.mark.parametrize(("path", "call", "quoted"), list(calls()))
def test_a_call_opens_where_the_guide_says(path, call, quoted):
    explorer = eval(call, names_for(path, call))
    assert bool(quoted) == (path.stem not in TRAINED)
    assert " ".join(quoted.split()) in explorer.sentence, explorer.sentence
    for keyword in ast.parse(call, mode="eval").body.keywords:
        name, value = {"c0": "c_0"}.get(keyword.arg, keyword.arg), keyword.value
        if name in explorer.controls and hasattr(explorer.controls[name], "handle") and isinstance(value, ast.Constant):
            assert explorer.positions(explorer.state)[name] == value.value


def names_for(path, call):
    """The explorers, NumPy, and those names of the page that the call uses."""
    names = {name: getattr(explorers, name) for name in explorers.__all__} | {"np": np}
    used = {node.id for node in ast.walk(ast.parse(call)) if isinstance(node, ast.Name)} - set(names)
    if path.stem in TRAINED:
        model, vocabulary = letters_and_model("GREEK SMALLTO\n")
        return names | {"model": model, "vocabulary": vocabulary}
    if used:
        last = nbformat.v4.new_code_cell(f"({', '.join(sorted(used))},)")
        for cell in needed([*code(read(path)), last], lambda cell: cell is last):
            exec(compile(cell.source, path.stem, "exec"), names)
    return names


def test_every_call_in_the_guide_is_one_of_those():
    assert len(list(calls())) == GUIDE.count("Explorer(") + GUIDE.count("open_lstm(")


TICKETS = {
    "00": [f"({cell_state(0.5, 0.6, 1, -0.3):g})"],
    "02": [f"({0.2 / (1 - 0.9):.0f};"],
    "03": [f"{0.9**20:.0%}"],
    "04": ["(1 0, 0 1, 1 1, 0 0)"],
    "05": [f"({hidden_state(0.5, 10.0):.1f})"],
    "06": [f"{20 + 10 + 1}", f"= {sum(getattr(LSTM(10, 20), f'{part}_{k}').size for part in 'Wb' for k in 'figo'):,})"],
    "11": [f"= {(np.log2(2) + np.log2(8)) / 2:g})"],
}


@pytest.mark.parametrize("number", TICKETS)
def test_the_answer_of_an_exit_ticket_is_right(number):
    (path,) = (path for path in PATHS if path.stem.startswith(number))
    for answer in TICKETS[number]:
        assert answer in part(path, "Exit ticket")


FACTS = {
    "after {} steps. After how many at f = 0.95?": f"{half_life(0.9):.1f}",
    "read the sentence aloud: {}.": f"{half_life(0.95):.1f}",
    "adds 10% of what is *there*: {} |": f"{1.1**100:,.0f}",
    "doubles the number in 20 steps ({})": f"{2 ** (1 / 20):.3f}",
    "halves it ({})": f"{0.5 ** (1 / 20):.3f}",
    "has half after 20 steps ({}:": f"{0.5 ** (1 / 20):.3f}",
    "*weights and bias 0*: {},": f"{1 / (1 + np.exp(0)):g}",
    "ten steps of silence, then {} |": f"{hidden_state(1.0, 0.8):.2f}",
    "with all digits: {}.": f"{hidden_state(0.9, 0.5):.4f}",
    "i = 1 there: {}, neither": f"{cell_state(1.0, 0.9, 1.0, 0.7):.2f}",
    "and its loss rests at {}.": f"{np.log(2):.2f}",
    "What does guessing cost? ln 2 = {} |": f"{np.log(2):.2f}",
}


@pytest.mark.parametrize("sentence", FACTS)
def test_a_number_in_the_guide_is_computed(sentence):
    assert sentence.format(FACTS[sentence]) in " ".join(GUIDE.split())


def test_it_names_the_pages_that_open_recorded_trainings():
    opened = [
        path.stem[:2]
        for path in PATHS
        if re.search(r"\b(open_run|recall)\(", "".join(c.source for c in code(read(path))))
    ]
    (lesson,) = re.findall(r"^### (\d)\. .+? \(09, 10\)$", GUIDE, re.MULTILINE)
    assert opened == ["09", "10", "11", "12"] and f"Lesson {lesson}, 11 and 12 open recorded trainings." in GUIDE
