"""What systemd is asked for, as far as it can be seen without it: the properties of a student's unit."""

from types import SimpleNamespace

import pytest

pytest.importorskip("systemdspawner", reason="the classroom needs systemdspawner: EXTRAS=test,classroom")

from systemdspawner import systemd
from traitlets.config import Config

from classroom import spawners
from tests.classroom import awaited


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
