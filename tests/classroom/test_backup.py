"""A backup of a class, restored: with restic itself, if installed, and the units that start it each night."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from classroom import backup, disks

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "classroom" / "backup.py"
UNITS = ROOT / "classroom" / "systemd"


@pytest.fixture
def klass(tmp_path):
    """A hub's state, with a database that is being written, and two students' folders."""
    state, homes = tmp_path / "state", tmp_path / "private"
    for folder in (state, homes / "student-anna" / "lstm", homes / "student-bo", homes / "other"):
        folder.mkdir(parents=True)
    (state / "class.txt").write_text("anna\nbo\n")
    (state / "kept-room").write_bytes(bytes(1000))
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


@pytest.mark.long
@pytest.mark.skipif(shutil.which("restic") is None, reason="restic is not installed here")
def test_what_was_stored_comes_back(klass, tmp_path):
    settings, failed = back_up(klass, tmp_path)
    assert failed.returncode == 1 and "restic unlock failed" in failed.stderr and "Traceback" not in failed.stderr
    subprocess.run(["restic", "init"], env=settings, check=True, capture_output=True)
    for _ in range(2):
        _, done = back_up(klass, tmp_path)
        assert done.returncode == 0, done.stderr
    assert "the folders of 2 students" in done.stdout
    shutil.rmtree(klass[1] / "student-anna")
    state, homes = (tmp_path / "back" / str(path)[1:] for path in klass)
    subprocess.run(["restic", "restore", "latest", "--target", tmp_path / "back"], env=settings, check=True)
    assert (homes / "student-anna" / "lstm" / "02.ipynb").read_text() == "anna's answers"
    assert sorted(path.name for path in homes.iterdir()) == ["student-anna", "student-bo"]
    assert sorted(path.name for path in state.iterdir()) == ["class.txt", "jupyterhub.sqlite.copy"]
    with sqlite3.connect(state / "jupyterhub.sqlite.copy") as copy:
        assert copy.execute("select name from users").fetchall() == [("anna",)]
    copy.close()


@pytest.mark.long
@pytest.mark.skipif(shutil.which("restic") is None, reason="restic is not installed here")
def test_a_backup_that_was_killed_does_not_keep_the_next_one_from_its_work(klass, tmp_path):
    """restic leaves a lock behind, and then refuses to remove old backups."""
    settings, _ = back_up(klass, tmp_path)
    subprocess.run(["restic", "init"], env=settings, check=True, capture_output=True)
    half = ["restic", "backup", "--stdin"]
    with subprocess.Popen(half, env=settings, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as killed:
        while not any((tmp_path / "repository" / "locks").iterdir()):
            assert killed.poll() is None
            time.sleep(0.05)
        killed.kill()
    _, done = back_up(klass, tmp_path)
    assert done.returncode == 0, done.stderr


def test_the_copy_of_the_database_of_a_killed_hub_is_without_its_last_change(tmp_path):
    """The journal of a half-written change lies beside the database until somebody takes the change back."""
    (tmp_path / "state").mkdir()
    file = tmp_path / "state" / backup.DATABASE
    writing = """import os, sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute("create table users (name)")
database.execute("insert into users values ('anna')")
database.commit()
database.execute("pragma cache_size = 1")  # so that changes reach the file before they are committed
database.executemany("insert into users values (?)", [["half" * 100]] * 1000)
os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", writing, file], check=False)
    assert (tmp_path / "state" / f"{backup.DATABASE}-journal").stat().st_size > 0
    backup._copy_database(tmp_path / "state")
    with contextlib.closing(sqlite3.connect(tmp_path / "state" / backup.COPY)) as copy:
        assert copy.execute("select name from users").fetchall() == [("anna",)]


@pytest.fixture
def on_disks(klass):
    """The same class after the hub has started: each student's folder is on a disk."""
    state, homes = klass
    (state / "disks").mkdir()
    if os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
        pytest.skip("only root can mount a disk, and mkfs.ext4 makes it")
    try:
        for name in ("student-anna", "student-bo"):
            disks.mount(state / "disks" / f"{name}.img", homes / name, 2**24)
        yield klass
    finally:
        for place in (*homes.glob("student-*"), *(state / "disks").glob("*/")):
            subprocess.run(["umount", "--quiet", place], check=False)


@pytest.mark.long
@pytest.mark.skipif(shutil.which("restic") is None, reason="restic is not installed here")
def test_what_is_on_the_disks_is_stored_and_not_the_disks_and_one_that_is_missing_is_named(on_disks, tmp_path):
    state, homes = on_disks
    (state / "board").mkdir()
    (state / "board" / "board.sqlite").write_text("answers")
    settings, _ = back_up(on_disks, tmp_path)
    subprocess.run(["restic", "init"], env=settings, check=True, capture_output=True)
    _, done = back_up(on_disks, tmp_path)
    assert done.returncode == 0, done.stderr
    listed = ["restic", "ls", "latest"]
    stored = subprocess.run(listed, env=settings, check=True, capture_output=True, text=True).stdout
    assert f"{homes}/student-anna/lstm/02.ipynb" in stored.splitlines()
    assert f"{state}/disks" not in stored and "kept-room" not in stored
    assert f"{state}/board" not in stored  # answers are deleted with their lesson
    subprocess.run(["umount", homes / "student-anna"], check=True)
    _, half = back_up(on_disks, tmp_path)
    assert half.returncode == 1 and half.stderr.startswith("stored without student-anna: not mounted")
    stored = subprocess.run(listed, env=settings, check=True, capture_output=True, text=True).stdout
    assert f"{homes}/student-bo" in stored.splitlines() and f"{homes}/student-anna" not in stored


def commands(title, programs, klass, tmp_path):
    """Run the commands below a heading of RUNNING.md, with replaced programs and a test's folders."""
    page = (ROOT / "classroom" / "RUNNING.md").read_text(encoding="utf-8")
    text = page.partition(f"## {title}\n")[2].partition("\n## ")[0]
    text = text.replace("/var/lib/lstm-classroom", str(klass[0])).replace("/var/lib/private", str(klass[1]))
    for folder, here in (("/root/", "root-"), ("/var/lib/", "lib/"), ("/etc/cron.d/", "cron-")):
        text = text.replace(folder, f"{tmp_path}/{here}")
    lines = [line for line in text.splitlines() if any(program in line for program in programs)]
    assert len(lines) >= len(programs) and not any("/var/" in line or "/etc/" in line for line in lines)
    return lines


def run(line):
    subprocess.run(["sh", "-c", line], check=True)


@pytest.mark.parametrize(
    ("title", "left"), [("The end of a class", []), ("One student leaves", ["student-bo"])], ids=["class", "student"]
)
def test_at_the_end_disks_are_unmounted_and_gone(on_disks, tmp_path, title, left):
    for line in commands(title, ("umount ", "rm -rf ", "rm -f "), on_disks, tmp_path):
        run(line)
    state, homes = on_disks
    assert sorted(path.name for path in homes.glob("student-*")) == left
    assert sorted({path.stem for path in state.glob("disks/*")}) == left
    mounts = Path("/proc/mounts").read_text()
    assert (str(state) in mounts, str(homes) in mounts) == (bool(left), bool(left))
    images = subprocess.run(["losetup", "--noheadings", "--output", "BACK-FILE"], capture_output=True, text=True)
    assert images.stdout.count(str(tmp_path)) == len(left)


def test_an_upgrade_that_is_taken_back_brings_the_hubs_files_back_and_leaves_the_students_work(on_disks, tmp_path):
    state, homes = on_disks
    copy, back = commands("Upgrades", ("tar ",), on_disks, tmp_path)
    run(copy)
    assert next(tmp_path.glob("root-*")).stat().st_mode & 0o077 == 0
    (state / "class.txt").write_text("nobody")
    (homes / "student-anna" / "lstm" / "02.ipynb").write_text("more answers")
    run(back)
    assert (state / "class.txt").read_text() == "anna\nbo\n"
    assert (homes / "student-anna" / "lstm" / "02.ipynb").read_text() == "more answers"
    assert next(tmp_path.glob("root-*")).stat().st_size < 10_000  # without the disks


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
