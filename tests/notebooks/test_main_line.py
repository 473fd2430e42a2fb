"""How much a page of the core asks of its reader: the first panel at once, and then not too many words."""

import nbformat
import pytest

from tests.support.notebooks import NAMES, ROOT, code, main_line, words
from tools.notebooks import is_folded

# The pages of the four lessons, and how many words they have outside of folds and of sections called More.
CORE = [name for name in NAMES if name[:2] in "00 02 03 04 05 06 07 09 10".split()]
MOST_WORDS, MOST_IN_THE_CORE = 1100, 8500
# Notebooks 00 to 10 with everything.
MOST_IN_ALL = 17_000
MOST_LINES = 10  # of code that is to be read


def read(name):
    return nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)


def test_the_main_line_of_the_core_is_short():
    counts = {name: len(words(main_line(read(name)))) for name in CORE}
    assert len(counts) == 9
    assert {name: count for name, count in counts.items() if count > MOST_WORDS} == {}
    assert sum(counts.values()) <= MOST_IN_THE_CORE, counts


def test_the_pages_to_the_end_of_the_core_are_short():
    counts = {name: len(words(prose(read(name)))) for name in NAMES if name[:2] <= "10"}
    assert len(counts) == 11
    assert sum(counts.values()) <= MOST_IN_ALL, counts


def prose(book):
    return "\n\n".join(cell.source for cell in book.cells if cell.cell_type == "markdown")


@pytest.mark.parametrize("name", CORE)
def test_a_code_cell_is_short_enough_to_be_read_or_folded_away(name):
    for cell in code(read(name)):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        assert len(lines) <= MOST_LINES or is_folded(cell), cell.source


def test_the_first_code_cell_of_the_series_is_a_panel_and_little_stands_before_it():
    book = read("00_start_here")
    first = code(book)[0]
    assert "ForgettingExplorer(" in first.source and len(first.source.splitlines()) <= 4
    before = nbformat.v4.new_notebook(cells=book.cells[: book.cells.index(first)])
    assert len(words(main_line(before))) < 100
    assert "*Run → Run All Cells*" in main_line(before)


def book_of(*sources):
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(source) for source in sources])


def test_folds_and_what_is_more_do_not_count():
    book = book_of(
        "# 00 · One\n\nTwo three.\n\n<details><summary>Answer</summary>\n\nNot this.\n\n</details>\n\nFour.",
        "## More: not this\n\nNor this.\n\n### Nor this",
        "This neither.\n\n## Five\n\nSix.\n\n### More for the fast\n\nNot this.\n\n## Seven",
    )
    assert words(main_line(book)) == ["00", "One", "Two", "three.", "Four.", "Five", "Six.", "Seven"]


@pytest.mark.parametrize(
    "prose, count",
    [
        ("A gate of 0.7 keeps 70%.", 6),
        ("| a | b |\n|---|---|\n| one | two words |", 5),
        ("$$c = f \\times c$$", 0),
        ("the gate $f_t = 0.7$ and `np.tanh(c)`", 5),
        ("[03 The forget gate](03_forget_gate.ipynb) – next", 5),
        ("1. *one*\n- **two**\n> three\n\n---", 4),
    ],
)
def test_words_are_counted_as_a_reader_would(prose, count):
    assert len(words(prose)) == count
