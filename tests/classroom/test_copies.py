"""The notebooks in a student's folder: the student's work stays, and the course's files arrive whole."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from classroom.copies import RECORD, bring
from classroom.course import write_students_edition
from tools import student

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
SOME, OTHER, MODEL = "02_pointwise_operations.ipynb", "07_memory_over_time.ipynb", "14_calls.pt"


@pytest.fixture
def course(tmp_path):
    folder = tmp_path / "course"
    folder.mkdir()
    for name in (SOME, OTHER, MODEL, "worksheet.html", "worksheet_key.html", "README.md"):
        (folder / name).write_text(f"first edition of {name}")
    return folder


@pytest.fixture
def work(tmp_path, course):
    bring(course, tmp_path / "work")
    return tmp_path / "work"


def test_a_new_student_finds_the_notebooks_and_neither_the_key_nor_the_guide(work):
    assert sorted(path.name for path in work.iterdir()) == sorted([SOME, OTHER, MODEL, "worksheet.html", RECORD])
    assert (work / SOME).read_text() == f"first edition of {SOME}"
    assert (work / SOME).stat().st_mode & 0o777 == 0o644


def test_what_a_student_has_changed_stays_whatever_the_course_does(course, work):
    (work / SOME).write_text("my answers")
    (course / SOME).write_text("second edition")
    for _ in range(3):
        assert bring(course, work) == []
    assert (work / SOME).read_text() == "my answers"


def test_what_a_student_has_not_touched_becomes_the_newer_one(course, work):
    for edition in ("second edition", "third edition"):
        (course / SOME).write_text(edition)
        assert bring(course, work) == [SOME]
        assert (work / SOME).read_text() == edition


def open_in_lab(notebook):
    """Add what JupyterLab adds to a notebook that it opens, and write it as Jupyter's server does."""
    content = json.loads(notebook.read_text())
    content["metadata"]["language_info"] |= {"file_extension": ".py", "mimetype": "text/x-python", "version": "3.12.1"}
    notebook.write_text(json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    return content


def test_a_notebook_that_was_only_looked_at_becomes_the_newer_one(course, work):
    """JupyterLab saves an open notebook after two minutes, also if nobody has typed anything."""
    write_students_edition(ROOT, course)
    (work / SOME).unlink()
    bring(course, work)
    open_in_lab(work / SOME)
    looked_at = (work / SOME).read_bytes()
    assert looked_at != (course / SOME).read_bytes()
    assert bring(course, work) == [] and (work / SOME).read_bytes() == looked_at
    newer = (course / SOME).read_text().replace("memory", "Memory")
    (course / SOME).write_text(newer)
    assert bring(course, work) == [SOME] and (work / SOME).read_text() == newer
    content = open_in_lab(work / SOME)
    content["cells"][-1]["source"] = "mine"
    (work / SOME).write_text(json.dumps(content))
    (course / SOME).write_text(newer.replace("Memory", "memory"))
    assert bring(course, work) == [] and "mine" in (work / SOME).read_text()


@pytest.mark.parametrize(
    "content", ["[]", "null", '{"metadata": []}', '{"metadata": {"language_info": 1}}', "[" * 10**5]
)
def test_a_notebook_that_is_none_stays(course, work, content):
    (work / SOME).write_text(content)
    (course / SOME).write_text("second edition")
    assert bring(course, work) == [] and (work / SOME).read_text() == content


def test_new_notebooks_arrive_and_deleted_or_renamed_ones_come_back(course, work):
    (course / "14_new.ipynb").write_text("new")
    (work / OTHER).unlink()
    (work / SOME).write_text("my answers")
    (work / SOME).rename(work / "mine.ipynb")
    assert bring(course, work) == [SOME, OTHER, "14_new.ipynb"]
    assert (work / "mine.ipynb").read_text() == "my answers"
    assert (work / OTHER).read_text() == f"first edition of {OTHER}"


def test_what_the_student_made_under_the_name_of_a_coming_notebook_stays(course, work, tmp_path):
    (work / "14_new.ipynb").write_text("mine")
    (work / SOME).unlink()
    (work / SOME).mkdir()
    (work / OTHER).unlink()
    (work / OTHER).symlink_to(tmp_path / "nowhere")
    (work / "worksheet.html").rename(tmp_path / "elsewhere.html")
    (work / "worksheet.html").symlink_to(tmp_path / "elsewhere.html")
    (course / "worksheet.html").write_text("second edition")
    (course / "14_new.ipynb").write_text("the course's")
    assert bring(course, work) == []
    assert (work / "14_new.ipynb").read_text() == "mine"
    assert (work / SOME).is_dir() and (work / OTHER).is_symlink() and (work / "worksheet.html").is_symlink()
    assert not (tmp_path / "nowhere").exists()


def test_the_students_edition_takes_the_place_of_what_was_copied_whole(tmp_path):
    """Notebooks copied before there was a students' edition: unchanged ones lose the answers, changed ones stay."""
    edition, work = tmp_path / "edition", tmp_path / "work"
    bring(ROOT / "notebooks", work)
    mine = (work / SOME).read_bytes().replace(b"my_prediction = ...", b"my_prediction = 3")
    (work / SOME).write_bytes(mine)
    write_students_edition(ROOT, edition)
    brought = bring(edition, work)
    assert OTHER in brought and SOME not in brought and (work / SOME).read_bytes() == mine
    assert (work / OTHER).read_bytes() == student.edition()[OTHER] != (ROOT / "notebooks" / OTHER).read_bytes()
    assert bring(edition, work) == []


def test_the_hub_writes_the_edition_for_everybody_and_takes_away_what_is_no_longer_in_it(tmp_path):
    edition = tmp_path / "edition"
    edition.mkdir(mode=0o700)
    (edition / "98_gone.ipynb").write_text("of a former course")
    (edition / ".writing-1").write_text("another process is about to move this")
    mask = os.umask(0o077)
    try:
        write_students_edition(ROOT, edition)
    finally:
        os.umask(mask)
    assert {path.name for path in edition.iterdir()} == {*student.edition(), ".writing-1"}
    assert edition.stat().st_mode & 0o777 == 0o755
    assert {path.stat().st_mode & 0o777 for path in edition.glob("[!.]*")} == {0o644}


@pytest.mark.parametrize("record", ["", "[]", "{not json", None, "[" * 10**5, '{"a": ' * 10**5, " " * 2**20 + "{}"])
def test_without_its_record_nothing_is_overwritten(course, work, record):
    (work / RECORD).unlink()
    if record is not None:
        (work / RECORD).write_text(record)
    (course / SOME).write_text("second edition")
    assert bring(course, work) == []
    assert (work / SOME).read_text() == f"first edition of {SOME}"
    assert json.loads((work / RECORD).read_text()).keys() == {OTHER, MODEL, "worksheet.html"}


def brought_within_200_mb(course, work):
    """Run `bring` in a separate process, which may hang or run out of memory; it prints the files written."""
    program = (
        "import resource, sys; from pathlib import Path; from classroom.copies import bring; "
        "resource.setrlimit(resource.RLIMIT_DATA, (200 * 2**20,) * 2); "
        "print(*bring(*map(Path, sys.argv[1:])))"
    )
    command = [sys.executable, "-c", program, course, work]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)


def make_pipe(path):
    os.mkfifo(path)


def make_link_without_end(path):
    path.symlink_to("/dev/zero")


def make_link_to_itself(path):
    path.symlink_to(path.name)


def make_huge(path, size=2**40):
    with path.open("wb") as stream:
        stream.truncate(size)  # a sparse file


def make_nested(path):
    path.write_text(json.dumps({SOME: [[[1]]], OTHER: {"a": "b"}, "worksheet.html": None}))


@pytest.mark.parametrize(
    "make", [make_pipe, make_link_without_end, make_link_to_itself, make_huge, make_nested, os.mkdir]
)
def test_whatever_stands_in_place_of_the_record_the_start_goes_on(course, work, make):
    (work / RECORD).unlink()
    make(work / RECORD)
    (work / OTHER).unlink()
    (course / SOME).write_text("second edition")
    run = brought_within_200_mb(course, work)
    assert (run.stdout, run.stderr) == (f"{OTHER}\n", "")
    assert (work / SOME).read_text() == f"first edition of {SOME}"
    if make is not os.mkdir:
        assert not (work / RECORD).is_symlink() and json.loads((work / RECORD).read_text())


def test_a_notebook_of_any_size_is_the_students_own(course, work):
    make_huge(work / SOME, 2**28)
    run = brought_within_200_mb(course, work)
    assert (run.stdout, run.stderr) == ("\n", "")


@pytest.mark.parametrize("broken", ["replace", "fsync"])
def test_a_power_cut_leaves_the_old_one_whole_and_no_rubbish(course, work, monkeypatch, broken):
    (course / SOME).write_text("second edition")

    def cut(*_):
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(os, broken, cut)
        with pytest.raises(OSError, match="no space left"):
            bring(course, work)
    assert (work / SOME).read_text() == f"first edition of {SOME}"
    assert not list(work.glob(".bringing-*"))
    assert bring(course, work) == [SOME]


def test_a_file_that_appears_meanwhile_is_not_overwritten(course, tmp_path, monkeypatch):
    """If the file appears between the check and the writing, the copy gives way."""
    link = os.link

    def just_before(source, target):
        if target.name == SOME:
            target.write_text("mine")
        link(source, target)

    monkeypatch.setattr(os, "link", just_before)
    with pytest.raises(FileExistsError):
        bring(course, tmp_path / "work")
    assert (tmp_path / "work" / SOME).read_text() == "mine"
