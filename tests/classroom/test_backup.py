"""A backup of a class, brought back: restic itself, where it is installed, and the units that start it each night."""

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "classroom" / "backup.py"
UNITS = ROOT / "classroom" / "systemd"


@pytest.fixture
def klass(tmp_path):
    """A hub's state, whose database somebody is writing to, and two learners' folders."""
    state, homes = tmp_path / "state", tmp_path / "private"
    for folder in (state, homes / "student-anna" / "lstm", homes / "student-bo", homes / "other"):
        folder.mkdir(parents=True)
    (state / "class.txt").write_text("anna\nbo\n")
    (homes / "student-anna" / "lstm" / "02.ipynb").write_text("anna's answers")
    database = sqlite3.connect(state / "jupyterhub.sqlite")
    database.execute("create table users (name)")
    database.execute("insert into users values ('anna')")
    database.commit()
    database.execute("insert into users values ('half')")
    yield state, homes
    database.close()


def back_up(klass, tmp_path, **environment):
    (tmp_path / "password").write_text("a long one")
    settings = {
        "PATH": "/usr/bin:/bin",
        "RESTIC_REPOSITORY": str(tmp_path / "repository"),
        "RESTIC_PASSWORD_FILE": str(tmp_path / "password"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    command = [sys.executable, PROGRAM, *klass]
    return settings, subprocess.run(command, env=settings | environment, capture_output=True, text=True, timeout=120)


@pytest.mark.skipif(shutil.which("restic") is None, reason="restic is not installed here")
def test_what_was_stored_comes_back(klass, tmp_path):
    settings, failed = back_up(klass, tmp_path)
    assert failed.returncode == 1 and "restic backup failed" in failed.stderr and "Traceback" not in failed.stderr
    subprocess.run(["restic", "init"], env=settings, check=True, capture_output=True)
    for _ in range(2):
        _, done = back_up(klass, tmp_path)
        assert done.returncode == 0, done.stderr
    assert "the folders of 2 learners" in done.stdout
    shutil.rmtree(klass[1] / "student-anna")
    state, homes = (tmp_path / "back" / str(path)[1:] for path in klass)
    subprocess.run(["restic", "restore", "latest", "--target", tmp_path / "back"], env=settings, check=True)
    assert (homes / "student-anna" / "lstm" / "02.ipynb").read_text() == "anna's answers"
    assert sorted(path.name for path in homes.iterdir()) == ["student-anna", "student-bo"]
    assert sorted(path.name for path in state.iterdir()) == ["class.txt", "jupyterhub.sqlite.copy"]
    with sqlite3.connect(state / "jupyterhub.sqlite.copy") as copy:
        assert copy.execute("select name from users").fetchall() == [("anna",)]
    copy.close()


def test_a_folder_that_is_no_hubs_is_refused(tmp_path):
    _, refused = back_up([tmp_path, tmp_path], tmp_path)
    assert refused.returncode == 1 and refused.stderr.startswith("usage:")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
def test_the_units_are_as_systemd_wants_them(tmp_path):
    for unit in UNITS.glob("lstm-backup.*"):
        text = unit.read_text(encoding="utf-8").replace("/srv/lstm", str(ROOT))
        (tmp_path / unit.name).write_text(text)
    run = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *tmp_path.glob("lstm-backup.*")], capture_output=True, text=True
    )
    assert (run.returncode, run.stderr) == (0, "")


def test_the_units_start_the_program_for_the_folders_of_the_readme():
    service = (UNITS / "lstm-backup.service").read_text(encoding="utf-8")
    page = (ROOT / "classroom" / "RUNNING.md").read_text(encoding="utf-8")
    (command,) = [line for line in service.splitlines() if line.startswith("ExecStart=")]
    for part in command.split()[1:]:
        assert part in page, part
