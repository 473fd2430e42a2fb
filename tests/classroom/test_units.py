"""What systemd is asked for, as far as it can be seen without it: the properties of a student's unit."""

import os
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("systemdspawner", reason="the classroom needs systemdspawner: EXTRAS=test,classroom")

from systemdspawner import systemd
from traitlets.config import Config

from classroom import course, spawners
from tests.classroom import awaited

ROOT = Path(__file__).resolve().parents[2]


def unit_of(name, monkeypatch):
    """The arguments with which the unit of a student is started."""
    asked = {}

    async def start(unit, **arguments):
        asked.update(arguments, unit=unit)

    async def running(_unit):
        return bool(asked)

    async def failed(_unit):
        return False

    monkeypatch.setattr(systemd, "start_transient_service", start)
    monkeypatch.setattr(systemd, "service_running", running)
    monkeypatch.setattr(systemd, "service_failed", failed)
    monkeypatch.setattr(spawners.StudentUnit, "get_env", lambda self: {})
    monkeypatch.setattr(spawners.StudentUnit, "get_args", lambda self: [])
    monkeypatch.setattr(spawners.sys, "base_prefix", "/usr")
    c = Config()
    c.Spawner.mem_limit, c.Spawner.cpu_limit = "1G", 1.0
    spawners._units(c, spawners.Path("/usr"))
    spawner = spawners.StudentUnit(config=c, user=SimpleNamespace(name=name, id=1))
    awaited(spawner.start())
    return asked


def test_a_student_has_a_user_and_a_folder_of_their_own_and_limits(monkeypatch):
    asked = unit_of("dpkg", monkeypatch)
    assert asked["unit"] == "jupyter-student-dpkg-singleuser"
    assert asked["uid"] is None and asked["working_dir"] == "/var/lib/student-dpkg"
    properties = asked["properties"]
    assert properties["DynamicUser"] == properties["NoNewPrivileges"] == properties["PrivateDevices"] == "yes"
    assert (properties["StateDirectory"], properties["StateDirectoryMode"]) == ("student-dpkg", "0700")
    assert (properties["MemoryMax"], properties["CPUQuota"], properties["TasksMax"]) == (2**30, "100%", "200")


def test_no_class_list_may_hold_a_name_too_long_for_the_files_of_its_kernels(monkeypatch):
    """A socket's path may have 107 characters."""
    folder = f"/run/{unit_of('a' * 20, monkeypatch)['unit']}"
    assert len(f"{folder}/kernel-{'0' * 36}-ipc-5") <= 107


@pytest.mark.parametrize("place", [f"/{home}/lstm" for home in ("root", "home/lee")])
def test_a_project_that_students_cannot_read_is_refused(place, monkeypatch):
    monkeypatch.setattr(spawners.Path, "stat", lambda self: SimpleNamespace(st_mode=0o755))
    with pytest.raises(SystemExit, match="Students cannot read"):
        spawners._units(Config(), spawners.Path(place))


@pytest.fixture
def project(tmp_path):
    """A project folder with what is the teacher's in it, readable for all, as git makes it."""
    for name in (*course.TEACHERS_OWN[:2], ".git/HEAD", "notebooks/00_start_here.ipynb"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("the answers")
        (tmp_path / name).chmod(0o644)
    for folder in (*tmp_path.rglob("*/"), tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(folder.stat().st_mode | 0o055 if folder.is_dir() else 0o644)
    return tmp_path


def test_a_students_unit_does_not_see_the_answer_key_nor_the_history_that_has_it(monkeypatch, project):
    monkeypatch.setattr(spawners.sys, "base_prefix", "/usr")
    c = Config()
    spawners._units(c, project)
    hidden = c.SystemdSpawner.unit_extra_properties["InaccessiblePaths"].split()
    assert hidden == [f"-{project / name}" for name in course.TEACHERS_OWN]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become another account")
def test_another_account_reads_the_notebooks_and_not_the_answer_key(project):
    def reads(name):
        command = ["cat", project / name]
        return subprocess.run(command, user=65534, group=65534, extra_groups=[], capture_output=True).returncode == 0

    names = ("notebooks/worksheet_key.html", "notebooks/README.md", ".git/HEAD", "notebooks/00_start_here.ipynb")
    assert [reads(name) for name in names] == [True] * 4
    course.keep_from_learners(project)
    assert [reads(name) for name in names] == [False, False, False, True]


def test_what_is_kept_from_learners_is_what_the_course_has():
    assert (ROOT / course.TEACHERS_OWN[0]).is_file() and (ROOT / course.TEACHERS_OWN[1]).is_file()
