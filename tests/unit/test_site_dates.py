"""The day on which a page of the site says it was changed: from git's history, the same whoever builds it."""

import datetime
import shutil
import subprocess

import pytest

from tools.site.dates import changed

DAY = datetime.date(2026, 3, 14)


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A repository in which one page was changed on a day, and another one later."""
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "SOURCE_DATE_EPOCH"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "clone"
    folder.mkdir()
    git(folder, "init", "--quiet")
    for name, time in (("a.md", "2026-03-14T23:30:00+00:00"), ("b.md", "2026-05-01T12:00:00+00:00")):
        (folder / name).write_text(name, encoding="utf-8")
        git(folder, "add", name)
        monkeypatch.setenv("GIT_COMMITTER_DATE", time)
        git(folder, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--message", name)
    return folder


def git(folder, *arguments):
    subprocess.run(["git", *arguments], cwd=folder, check=True)


def test_it_is_that_of_the_last_commit_that_changed_the_file(clone):
    assert changed(clone / "a.md") == DAY
    assert changed(clone / "b.md") == datetime.date(2026, 5, 1)


def test_the_clock_of_the_builder_plays_no_part(clone, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert changed(clone / "a.md") == DAY


def test_without_a_history_no_day_is_made_up(clone, tmp_path, monkeypatch):
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{clone}", "shallow")
    shutil.rmtree(clone / ".git")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    for folder in (clone, tmp_path / "shallow"):
        assert changed(folder / "a.md") is None
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1773500000")
    for folder in (clone, tmp_path / "shallow"):
        assert changed(folder / "a.md") == DAY
    monkeypatch.setenv("PATH", "")
    assert changed(clone / "a.md") == DAY
