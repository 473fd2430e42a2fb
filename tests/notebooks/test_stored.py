"""The stored notebooks: run in order, clean, within their budgets, every picture described."""

import copy
import itertools
import re

import nbformat
import pytest
from PIL import Image, ImageChops

from lstm_helpers import EXAMPLES
from lstm_helpers.view.style import WIDTH
from tests.support.notebooks import NAMES, PATHS, ROOT, code, outputs, text_of
from tests.support.predictions import COMMIT
from tools.notebooks import TALL, folds_its_answer, is_folded, normalize, opens_a_panel, thumbnail

# Where each result of the document has to stand, and what must stand beside it.
DOCUMENT = {
    "02_pointwise_operations": ["[0.06, 0.56, 0.20]", "[0.9, 0.8, 0.5]"],
    "03_forget_gate": ["[0.7, 0.2, 0.6]", "[0.56 0.06 0.3 ]"],
    "04_input_gate": ["[0.15, -0.14, 0.4]"],
    "05_output_gate": ["[0.36, 0.04, 0.414]", "[0.3626 0.0399 0.4159]"],
    "06_one_lstm_step": ["[ 0.71 -0.08  0.7 ]"],
}


@pytest.fixture(params=PATHS, ids=NAMES)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def prose(notebook):
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def test_code_that_is_folded_away_says_in_its_first_line_what_it_does(notebook):
    """It is the line that JupyterLab leaves of it."""
    for cell in notebook.cells:
        assert not is_folded(cell) or cell.source.startswith("# "), cell.source


# What is tagged as an answer and shown at once, by a piece of its code: why nobody is asked for it.
SHOWN_AT_ONCE = {
    "my_w is ...": "where a search begins",
    "only_added": "a similar case, not the one that is asked for",
    "for bias in (0, 1, 2, 3, 5)": "it was answered in the exercise before",
    '"a large memory"': "the choice before it is about the memory, not about the curve",
    "h_t, c_t = h_prev, c_prev": "that c changes; whether the gates do remains to be said",
    "def write_one(": "what it writes before it has learned anything",
    "fit(model, lambda: adding_problem(12,": "the loss here; what it is over there remains to be said",
}


def test_what_answers_a_question_is_folded_in_a_page_that_is_opened_and_not_run(notebook):
    answers = [cell for cell in notebook.cells if "answers-a-prediction" in cell.metadata.get("tags", [])]
    printed = [cell for cell in answers if not opens_a_panel(cell.source)]
    folded = [cell for cell in printed if folds_its_answer(cell)]
    for cell in printed:
        assert cell in folded or any(piece in cell.source for piece in SHOWN_AT_ONCE), cell.source
    for cell in folded:
        assert cell.metadata["jupyter"]["outputs_hidden"], cell.source


def test_titles_carry_the_numbers_of_the_files():
    for path in PATHS:
        assert nbformat.read(path, as_version=4).cells[0].source.startswith(f"# {path.stem[:2]} · ")


def test_the_documents_notebooks_are_there():
    assert {"00_start_here", *DOCUMENT} <= set(NAMES)


def test_is_valid_and_was_run_in_order(notebook):
    nbformat.validate(notebook)
    assert [cell.execution_count for cell in code(notebook)] == list(range(1, len(code(notebook)) + 1))


def test_stores_no_error_no_warning_and_no_widget(notebook):
    for cell, output in outputs(notebook):
        assert output.output_type != "error" and output.get("name") != "stderr", cell.source
        assert "application/vnd.jupyter.widget-view+json" not in output.get("data", {}), cell.source
        assert not re.search(r"<[\w.]+ object at|\bModel not found\b|^<?\w+\(.*\)>?$", text_of(output)), cell.source
    assert set(notebook.metadata) == {"kernelspec", "language_info"}


def test_stays_within_its_budget_of_cells_and_lines(notebook):
    assert len(notebook.cells) <= 45
    for cell in code(notebook):
        assert sum(bool(line.strip()) for line in cell.source.splitlines()) <= 20, cell.source


def test_every_picture_says_what_it_shows(notebook):
    pictures = [output for _, output in outputs(notebook) if "image/png" in output.get("data", {})]
    assert pictures
    for output in pictures:
        sentence = output.data["text/plain"]
        assert output.metadata["image/png"]["alt"] == sentence
        assert len(sentence) > 40 and "\n" not in sentence and sentence.endswith(".")


def test_the_first_code_cell_shows_a_picture(notebook):
    assert any("image/png" in output.get("data", {}) for output in code(notebook)[0].outputs)


def test_has_the_frame_of_the_series(notebook):
    first, words = notebook.cells[0].source, prose(notebook)
    assert re.match(r"# \d\d · ", first)
    assert re.search(r"^\*\*.+\?\*\*$", first, re.MULTILINE)
    assert "| You will do | You need | Time |" in first and re.search(r"\| \d+ minutes \|", first)
    for heading in ("## Check yourself", "## In practice", "## Further reading"):
        assert heading in words
    assert words.count("<details>") == words.count("</details>") >= 2


def test_no_slider_before_a_question(notebook):
    text = "\n".join(c.source for c in until_the_first_explorer(notebook.cells) if c.cell_type == "markdown")
    assert "?" in re.sub(r"^# .*$|^\*\*.+\?\*\*$", "", text, flags=re.MULTILINE)


def until_the_first_explorer(cells):
    return itertools.takewhile(lambda cell: cell.cell_type == "markdown" or not opens_a_panel(cell.source), cells)


def test_a_prediction_is_left_to_the_reader_and_used_afterward(notebook):
    """As shipped it is three dots, in a cell of its own, with an example; what comes after it shows it."""
    cells = code(notebook)
    asked = [cell for cell in cells if re.match(r"my_\w+ = (?!.*\bmy_)", cell.source)]  # not made from others
    for cell in asked:
        typed = COMMIT.match(cell.source)
        assert typed and "\n" not in cell.source, cell.source
        assert any(typed[1] in after.source for after in cells[cells.index(cell) + 1 :]), cell.source


def test_the_rules_above_have_something_to_look_at():
    """A rule whose pattern matches nothing would pass without a word."""
    sources = [cell.source for path in PATHS for cell in nbformat.read(path, as_version=4).cells]
    for pattern in (r"Explorer\(", COMMIT, r"\]\(([^)#]+)\)"):
        assert len([source for source in sources if re.search(pattern, source)]) >= 10, pattern


def test_nothing_is_installed_or_patched_from_a_cell(notebook):
    for cell in code(notebook):
        assert not re.search(r"sys\.path|pip install|^\s*[!%]|^import matplotlib", cell.source, re.MULTILINE), (
            cell.source
        )


def test_no_cell_asks_nbval_to_look_away(notebook):
    """test_nbval.py changes some numbers, which stand for all of them."""
    for cell in code(notebook):
        assert "nbval" not in cell.source.lower() + " ".join(cell.metadata.get("tags", [])).lower(), cell.source
        assert "raises-exception" not in cell.metadata.get("tags", []), cell.source


def test_links_lead_somewhere(notebook):
    for target in re.findall(r"\]\(([^)#]+)\)", prose(notebook)):
        assert (ROOT / "notebooks" / target).exists(), target


@pytest.mark.parametrize("name", DOCUMENT)
def test_the_documents_numbers_stand_as_outputs(name):
    book = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    printed = "\n".join(text_of(output) for _, output in outputs(book))
    for numbers in DOCUMENT[name]:
        assert numbers in printed


def test_the_documents_results_are_typed_in_no_cell(notebook):
    for example in EXAMPLES.values():
        for cell in code(notebook):
            assert example.written.strip("[]") not in cell.source, cell.source


def test_the_contents_page_lists_what_there_is():
    book = nbformat.read(ROOT / "notebooks" / "00_start_here.ipynb", as_version=4)
    listed = set(re.findall(r"\]\(([^)]+)\.ipynb\)", prose(book)))
    assert listed == set(NAMES) - {"00_start_here"}


def test_the_readme_lists_what_there_is_with_its_question_minutes_picture_and_link_to_colab():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for path in PATHS:
        book = nbformat.read(path, as_version=4)
        question = re.search(r"^\*\*(.+\?)\*\*$", book.cells[0].source, re.MULTILINE)[1]
        minutes = re.search(r"\| (\d+) minutes \|", book.cells[0].source)[1]
        row, colab = (line for line in readme.splitlines() if f"notebooks/{path.name}" in line)
        name = f"colab-{path.name[:2]}"
        assert f"[{path.name[:2]}][{name}]" in readme
        assert f"[{name}]: https://colab.research.google.com/github/OWNER/NAME/blob/main/notebooks/{path.name}" in colab
        assert question in row and f"| {minutes} |" in row and f'src="notebooks/images/{path.stem}.png"' in row
        with Image.open(ROOT / "notebooks" / "images" / f"{path.stem}.png") as stored:
            assert ImageChops.difference(stored.convert("RGB"), thumbnail(book)).getbbox() is None, path.stem


def test_the_readme_opens_with_a_small_loop_that_says_what_it_shows():
    opening = (ROOT / "README.md").read_text(encoding="utf-8").split("## ")[0]
    (loop,), (still,) = re.findall(r'<img src="([^"]+)"', opening), re.findall(r'srcset="([^"]+)"', opening)
    assert len(re.search(r'alt="([^"]+)"', opening)[1].split()) > 10
    assert (ROOT / loop).stat().st_size < 500_000
    with Image.open(ROOT / loop) as moving, Image.open(ROOT / still) as standing:
        assert moving.n_frames > 20 and moving.info["loop"] == 0
        assert moving.size == standing.size and moving.width <= 800


def test_a_thumbnail_is_a_part_that_can_be_read_when_it_is_small(notebook):
    """The README shows it 220 px wide: of more than 380 units, type of 16 would be under 9 px tall."""
    (cell,) = (cell for cell in notebook.cells if "thumbnail" in cell.metadata)
    size = next(o.metadata["image/png"] for o in cell.outputs if "image/png" in o.get("data", {}))
    left, top, width = cell.metadata.thumbnail
    assert width <= 380 and left >= 0 and top >= 0
    assert left + width <= WIDTH and top + width * TALL <= size["height"] * WIDTH / size["width"]


def test_the_contents_page_says_the_same():
    contents = nbformat.read(ROOT / "notebooks" / "00_start_here.ipynb", as_version=4)
    for path in PATHS[1:]:
        book = nbformat.read(path, as_version=4)
        question = re.search(r"^\*\*(.+\?)\*\*$", book.cells[0].source, re.MULTILINE)[1]
        minutes = re.search(r"\| (\d+) minutes \|", book.cells[0].source)[1]
        assert re.search(rf"\({re.escape(path.name)}\) \| {re.escape(question)} \| {minutes} \|", prose(contents))


def test_is_stored_as_it_is_normalized(notebook):
    """Among other things every cell says which slide it is."""
    stored = copy.deepcopy(notebook)
    normalize(notebook)
    assert notebook == stored
