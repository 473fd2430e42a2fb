"""A full disk affects one student only, is reported in a message, and loses nothing."""

import errno
import os
import re
import subprocess
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("jupyterhub", reason="the classroom needs jupyterhub: EXTRAS=test,classroom")

from benchmarks.lesson import FIRST, MB
from classroom import disks
from tests.support.accounts import as_another, awaited
from tests.support.disks import fill, hub_on_small_disk, mount_memory
from tests.support.student import Student

pytestmark = pytest.mark.slow


@pytest.fixture
def mounted(tmp_path):
    """A function that mounts a student's disk; all are unmounted at the end."""
    (tmp_path / "disks").mkdir()
    mount_memory(tmp_path / "disks", "size=200m")
    places = []

    def mount(name, size=32 * MB):
        places.append(tmp_path / "homes" / name)
        disks.mount(tmp_path / "disks" / f"{name}.img", places[-1], size)
        return places[-1]

    yield mount
    for place in [*places, *(tmp_path / "disks").glob("*/")]:
        subprocess.run(["umount", place], check=False)
    subprocess.run(["umount", tmp_path / "disks"], check=False)


def test_a_student_who_fills_the_disk_takes_room_from_nobody(mounted, tmp_path):
    anna, bo = mounted("anna"), mounted("bo")
    for place in (anna, bo):
        os.chown(place, 61999, 61999)
    before = disks.free(tmp_path / "disks")
    assert as_another(lambda: fill("all"), anna) == ""
    assert disks.free(anna) == 0 and 20 * MB < (anna / "all").stat().st_size < 32 * MB
    assert disks.free(tmp_path / "disks") >= before  # ext4 may release space that it had reserved
    assert as_another(lambda: fill("all"), bo) == ""
    assert (bo / "all").stat().st_size > 20 * MB


def test_tmp_is_on_the_students_own_disk_and_no_link_can_be_put_in_its_place(mounted, tmp_path):
    """Root opens the folder for /tmp, and systemd binds it: neither may be redirected by a link."""
    anna, root = mounted("anna"), tmp_path / "disks" / "anna"
    os.chown(anna, 61999, 61999)
    for name in ("tmp", "var-tmp"):
        assert (root / name).stat().st_dev == anna.stat().st_dev != tmp_path.stat().st_dev
        assert (root / name).stat().st_mode & 0o7777 == 0o1777
    assert not (anna / "tmp").exists()
    assert as_another(lambda: os.rmdir("tmp"), root) == "PermissionError"
    assert as_another(lambda: os.symlink("/etc", "new"), root) == "PermissionError"


def test_one_damaged_disk_keeps_nobody_else_from_working(mounted, tmp_path, capfd):
    bo = mounted("bo")
    for place in (bo, tmp_path / "disks" / "bo"):
        subprocess.run(["umount", place], check=True)
    (tmp_path / "disks" / "anna.img").write_bytes(bytes(MB))
    disks.mount_all(tmp_path / "disks", tmp_path / "homes")
    assert bo.is_mount() and "anna.img cannot be mounted" in capfd.readouterr().err


def test_a_disk_is_made_once_and_holds_what_was_in_the_folder_before(mounted, tmp_path):
    folder = tmp_path / "homes" / "anna"
    folder.mkdir(parents=True)
    (folder / "mine.ipynb").write_text("before")
    place = mounted("anna")
    assert (place / "mine.ipynb").read_text() == "before"
    (place / "mine.ipynb").write_text("after")
    for each in (place, tmp_path / "disks" / "anna"):
        subprocess.run(["umount", each], check=True)
    disks.mount_all(tmp_path / "disks", tmp_path / "homes")
    assert (place / "mine.ipynb").read_text() == "after"


def test_a_disk_whose_making_was_cut_off_is_made_again_with_all_files(mounted, tmp_path, monkeypatch):
    """The hub may be killed, or the power fail, while it copies a student's files to a new disk."""
    folder, run = tmp_path / "homes" / "anna", disks._run
    folder.mkdir(parents=True)
    for name in ("first.ipynb", "second.ipynb"):
        (folder / name).write_text(name)

    def kill(*command):
        if command[0] == "cp":
            (command[-1] / "first.ipynb").write_text("fir")
            raise KeyboardInterrupt
        run(*command)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(disks, "_run", kill)
        mounted("anna")
    place = mounted("anna", size=120 * MB)  # of 200: the half-made disk has given its space back
    assert [(place / name).read_text() for name in ("first.ipynb", "second.ipynb")] == ["first.ipynb", "second.ipynb"]
    assert sorted(path.name for path in (tmp_path / "disks").iterdir()) == ["anna", "anna.img"]


def test_without_room_for_one_more_disk_a_sentence_says_so_and_nothing_is_begun(tmp_path, monkeypatch):
    monkeypatch.setattr(disks.shutil, "disk_usage", lambda _: SimpleNamespace(free=disks.RESERVE + 31 * MB))
    with pytest.raises(disks.NoRoomError, match="too full for one more student") as error:
        disks.mount(tmp_path / "anna.img", tmp_path / "homes", 32 * MB)
    assert error.value.jupyterhub_message == str(error.value)  # shown on the page
    assert not list(tmp_path.glob("anna*"))


def test_a_size_is_read_as_it_is_for_memory():
    assert [disks.in_bytes(text) for text in ("1G", "1.5M", "700")] == [2**30, 3 * 2**19, 700]


@pytest.fixture
def manager(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(disks.__file__.rpartition("/")[0]))
    from student_limits import KeptFiles

    return KeptFiles(root_dir=str(tmp_path))


def save(manager, text):
    awaited(manager.save({"type": "file", "format": "text", "content": text}, "notes.txt"))


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_a_save_that_fails_at_its_very_end_leaves_the_old_file_whole(manager, tmp_path, monkeypatch, broken):
    """Jupyter's own contents manager leaves half of the new file if the last kilobytes do not fit."""
    save(manager, "first")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, broken, full)
        with pytest.raises(Exception, match="Your disk is full") as error:
            save(manager, "second")
    assert error.value.status_code == 507
    assert (tmp_path / "notes.txt").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    save(manager, "third")
    assert (tmp_path / "notes.txt").read_text() == "third"


def test_a_saved_file_keeps_its_mode_and_a_link_stays_one(manager, tmp_path):
    save(manager, "first")
    assert (tmp_path / "notes.txt").stat().st_mode & 0o777 == 0o666 & ~os.umask(os.umask(0o022) or 0)
    (tmp_path / "notes.txt").chmod(0o640)
    (tmp_path / "notes.txt").rename(tmp_path / "elsewhere.txt")
    (tmp_path / "notes.txt").symlink_to("elsewhere.txt")
    save(manager, "second")
    assert (tmp_path / "notes.txt").is_symlink() and (tmp_path / "elsewhere.txt").read_text() == "second"
    assert (tmp_path / "elsewhere.txt").stat().st_mode & 0o777 == 0o640


@pytest.fixture
def small(tmp_path_factory):
    """A hub whose folder is a disk of 300 MB, and anna's home one of 24."""
    with tempfile.TemporaryDirectory(prefix="class-") as name:  # short: see RUN in classroom/student_server.py
        folder = Path(name)
        with hub_on_small_disk(folder, tmp_path_factory.mktemp("journal"), ["anna", "bo"]) as hub:
            home = hub.home("anna")
            home.mkdir(parents=True)
            mount_memory(home, "size=24m")
            try:
                yield hub
            finally:
                hub.end()
                subprocess.run(["umount", "--lazy", home], check=True)


def come_in(hub, name):
    student = Student(hub.url, name, hub.passwords()[name])
    student.log_in()
    student.enter()
    return student


def try_to_save(student, content):
    """Try to save; return the reply."""
    tokens = [c.value for c in student.browser.cookies if c.name == "_xsrf" and student.name in c.path]
    model = {"type": "notebook", "format": "json", "content": content}
    address = f"{student.base}api/contents/{FIRST}"
    return student.browser.put(address, json=model, headers={"X-XSRFToken": tokens[0]}, timeout=100)


@pytest.mark.long
def test_a_full_disk_is_a_sentence_and_nothing_is_lost_and_the_hub_starts_again(small):
    small.start()
    anna = come_in(small, "anna")
    content, file = anna.read(FIRST), small.home("anna") / "lstm" / FIRST
    anna.save(FIRST, content)
    saved = file.read_bytes()
    fill(small.home("anna") / "all")
    content["cells"][0]["source"] = "more"
    answer = try_to_save(anna, content)
    assert answer.status_code == 507 and "Your disk is full" in answer.json()["message"]
    assert file.read_bytes() == saved
    come_in(small, "bo").save(FIRST, content)

    # Now the hub's own disk, too: a login works, and so does a start, thanks to the reserve.
    fill(small.folder / "all")
    small.kill()
    small.start()
    assert "The hub runs on the 64 MB that it had reserved" in small.log()
    anna = come_in(small, "anna")
    assert file.read_bytes() == saved
    (small.home("anna") / "all").unlink()
    assert try_to_save(anna, content).status_code == 200

    # Full again, without a reserve: the start fails with a message.
    fill(small.folder / "all-2")
    small.kill()
    before = len(small.log())
    with pytest.raises(RuntimeError, match="the hub did not start"):
        small.start()
    assert re.search(r"is full: \d+ MB are left", small.log()[before:]) and "Traceback" not in small.log()[before:]
    (small.folder / "all").unlink()
    small.start()
    come_in(small, "anna")
