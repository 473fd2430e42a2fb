"""The students' edition: it answers no prediction before it is made, and is otherwise what is stored."""

import json
import re
import zipfile
from urllib.parse import parse_qsl, urlsplit

import nbformat
import pytest

from lstm_helpers.checks import QUESTIONS
from tests.support.notebooks import NAMES, PATHS, ROOT
from tests.support.predictions import asked, is_tagged
from tools import student
from tools.notebooks import opens_a_panel
from tools.student import archive, edition, others, without_answers, write

CHOICES = {name for name in QUESTIONS if QUESTIONS[name].kind == "choice"}


@pytest.fixture(params=PATHS, ids=NAMES)
def book(request):
    return nbformat.read(request.param, as_version=4)


@pytest.fixture(scope="module")
def files():
    return edition()


def test_what_a_cell_shows_between_a_prediction_and_its_answer_is_left_out(book):
    """A choice may have nothing below that answers it: the check does."""
    for one in asked(book, CHOICES):
        assert one.shown or one.kind == "choice", one.question
        for cell in [*one.shown[:1], *one.before_the_fold]:
            assert is_tagged(cell), f"{one.question}\n\nis answered, without the tag {student.TAG}, by\n\n{cell.source}"


def test_what_is_said_below_a_prediction_has_its_answer_in_a_fold(book):
    for one in asked(book, CHOICES):
        assert "<details>" in one.prose or not one.prose, f"{one.question}\n\nis answered by\n\n{one.prose}"


# What is shown below a prediction and does not settle it, by a piece of its code.
SETTLES_NOTHING = {
    "my_w is ...": "where the search begins",
    "only_added": "a similar case, not the one that is asked for",
    "h_t, c_t = h_prev, c_prev": "that c changes; whether the gates do remains to be said",
    "def write_one(": "what it writes before it has learned anything",
    "fit(model, lambda: adding_problem(12,": "the loss here; what it is over there remains to be said",
}


def test_run_all_cells_gives_no_answer_away(book):
    """A panel opens elsewhere; what another cell shows is folded, see lstm_helpers/jupyter/fold.py."""
    assert "*Run → Run All Cells*" in book.cells[0].source
    for one in asked(book, CHOICES):
        for cell in one.before_the_fold:
            folded = any(piece in cell.source for piece in ("fold_answer(", *SETTLES_NOTHING))
            safe = folded or opens_a_panel(cell.source)
            assert safe, f"{one.question}\n\nis answered by\n\n{cell.source}"


def test_the_rules_above_have_something_to_look_at():
    found = [one for path in PATHS for one in asked(nbformat.read(path, as_version=4), CHOICES)]
    kinds = [one.kind for one in found]
    assert kinds.count("cell") >= 20 and kinds.count("choice") >= 12 and kinds.count("paper") >= 12
    assert len([one for one in found if one.prose]) >= 25


def test_no_other_cell_has_the_tag_than_code_that_shows_something(book):
    for cell in book.cells:
        assert not is_tagged(cell) or (cell.cell_type == "code" and cell.outputs), cell.source


def test_the_edition_is_what_is_stored_without_what_tagged_cells_show(book, files):
    (path,) = (path for path in PATHS if nbformat.read(path, as_version=4) == book)
    ours = nbformat.reads(files[path.name].decode("utf-8"), as_version=4)
    nbformat.validate(ours)
    for cell, theirs in zip(ours.cells, book.cells, strict=True):
        if is_tagged(theirs):
            assert cell.outputs == [] and cell.execution_count is None
            assert "outputs_hidden" not in cell.metadata.get("jupyter", {})
            hidden = {name: True for name in ("source_hidden",) if theirs.metadata.get("jupyter", {}).get(name)}
            metadata = {name: value for name, value in theirs.metadata.items() if name != "jupyter"}
            metadata |= {"jupyter": hidden} if hidden else {}
            theirs = theirs | {"outputs": [], "execution_count": None, "metadata": metadata}
        assert cell == theirs


def test_a_notebook_without_tagged_cells_is_the_same_byte_for_byte():
    for path in PATHS:
        notebook = json.loads(path.read_bytes())
        for cell in notebook["cells"]:
            cell["metadata"].pop("tags", None)
        content = (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode("utf-8")
        assert without_answers(content) == content


def test_it_has_the_notebooks_their_model_and_the_worksheet_and_nothing_that_is_the_teachers(files):
    assert files.keys() == {*(path.name for path in PATHS), "14_calls.pt", "worksheet.html"}
    key = (ROOT / "notebooks" / "worksheet_key.html").read_bytes()
    assert files["worksheet.html"] == (ROOT / "notebooks" / "worksheet.html").read_bytes() != key
    assert b"images/" not in b"".join(files.values())  # a page that shows a picture from a file would need the file


def test_the_folder_is_written_and_what_is_there_already_is_left_alone(files, tmp_path):
    folder = tmp_path / "out" / "student"
    write(files, folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o644}
    before = {path.name: path.stat().st_ino for path in folder.iterdir()}
    write(files | {"worksheet.html": b"newer"}, folder)
    after = {path.name: path.stat().st_ino for path in folder.iterdir()}
    assert {name for name in after if after[name] != before[name]} == {"worksheet.html"}
    assert others(files, folder) == []


def test_a_folder_with_anything_else_in_it_is_refused(tmp_path):
    (tmp_path / "mine.ipynb").write_text("my answers")
    with pytest.raises(SystemExit, match=r"has mine\.ipynb, which is not part of the edition"):
        student.main([str(tmp_path)])
    assert [path.name for path in tmp_path.iterdir()] == ["mine.ipynb"]


def test_the_archive_is_beside_the_folder_and_has_its_whole_name(tmp_path, capsys):
    student.main([str(tmp_path / "lesson-1.5")])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lesson-1.5", "lesson-1.5.zip"]
    assert "lesson-1.5.zip: " in capsys.readouterr().out
    with zipfile.ZipFile(tmp_path / "lesson-1.5.zip") as opened:
        assert {name.split("/")[0] for name in opened.namelist()} == {"lesson-1.5"}


def test_the_archive_has_the_same_bytes_whenever_and_wherever_it_is_made(files, tmp_path, monkeypatch):
    archive(files, tmp_path / "student.zip")
    first = (tmp_path / "student.zip").read_bytes()
    monkeypatch.setattr("time.time", lambda: 2e9)
    archive(dict(reversed(files.items())), tmp_path / "student.zip")
    assert (tmp_path / "student.zip").read_bytes() == first
    with zipfile.ZipFile(tmp_path / "student.zip") as opened:
        assert opened.testzip() is None
        assert {name: opened.read(f"student/{name}") for name in files} == files
        assert {entry.compress_type for entry in opened.infolist()} == {zipfile.ZIP_STORED}


def test_the_link_of_nbgitpuller_opens_the_first_page_of_the_repository():
    """Its options are nbgitpuller's; `urlpath` begins with the repository's name and ends as JupyterLab wants it."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (link,) = re.findall(r"https://\S+/git-pull\?[^\s`]+", readme)
    parts = urlsplit(link)
    options = dict(parse_qsl(parts.query, strict_parsing=True))
    assert parts.path == "/hub/user-redirect/git-pull" and options.keys() == {"repo", "branch", "urlpath"}
    assert options["repo"] == "https://github.com/OWNER/NAME"
    page = re.fullmatch(r"lab/tree/NAME/(.+)\?autodecode", options["urlpath"])[1]
    assert ROOT / page == PATHS[0] and re.search(r"leave out\s+`notebooks%2F`", readme)
