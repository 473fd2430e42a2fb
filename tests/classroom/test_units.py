"""Properties of a student's unit, as far as they can be tested without a running systemd."""

import os
import platform
import re
import runpy
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

pytest.importorskip("systemdspawner", reason="the classroom needs systemdspawner: EXTRAS=test,classroom")

from systemdspawner import systemd
from traitlets.config import Config

from classroom import class_list, course, spawners, student_server, walls
from classroom.sockets import path_of
from tests.support import families
from tests.support.accounts import awaited
from tools import student

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def unit_of(monkeypatch, tmp_path):
    """A function that returns the arguments with which a student's unit is started."""
    asked, disks = {}, []

    async def start(unit, **arguments):
        asked.update(arguments, unit=unit)
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(arguments["properties"]["BindPaths"].partition(f":{spawners.INSIDE} ")[0] + "/server.sock")

    async def running(_unit):
        return bool(asked)

    async def failed(_unit):
        return False

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(systemd, "start_transient_service", start)
    monkeypatch.setattr(systemd, "service_running", running)
    monkeypatch.setattr(systemd, "service_failed", failed)
    monkeypatch.setattr(spawners.disks, "mount", lambda *place: disks.append(place))
    monkeypatch.setattr(spawners.StudentUnit, "get_env", lambda self: {})
    monkeypatch.setattr(spawners.StudentUnit, "get_args", lambda self: [])
    monkeypatch.setattr(spawners.sys, "base_prefix", "/usr")
    monkeypatch.setattr(spawners, "RUN", spawners.Path("run"))  # short, because a socket's path is limited

    def unit(name, root="/usr"):
        c = Config()
        c.Spawner.mem_limit, c.Spawner.cpu_limit = "1G", 1.0
        spawners._units(c, tmp_path, spawners.Path(root))
        spawner = spawners.StudentUnit(config=c, user=SimpleNamespace(name=name, id=1))
        asked["address"] = awaited(spawner.start())
        asked["disk"] = disks[-1]
        return asked

    return unit


def test_a_student_has_a_user_a_folder_a_disk_and_limits_of_their_own(unit_of, tmp_path):
    mask = os.umask(0o077)
    try:
        asked = unit_of("dpkg")
    finally:
        os.umask(mask)
    assert spawners.RUN.stat().st_mode & 0o777 == 0o755  # contains the hub's socket, for students' servers
    assert asked["unit"] == "jupyter-student-dpkg-singleuser" and asked["slice"] == "lstm-students.slice"
    assert asked["uid"] is None and asked["working_dir"] == "/var/lib/student-dpkg"
    assert asked["disk"] == (
        tmp_path / "disks" / "student-dpkg.img",
        spawners.Path("/var/lib/private/student-dpkg"),
        2**30,
    )
    properties = asked["properties"]
    assert properties["DynamicUser"] == properties["NoNewPrivileges"] == properties["PrivateDevices"] == "yes"
    assert (properties["StateDirectory"], properties["StateDirectoryMode"]) == ("student-dpkg", "0700")
    assert (properties["MemoryMax"], properties["CPUQuota"], properties["TasksMax"]) == (2**30, "100%", "200")
    assert int(properties["CPUWeight"]) < 100 and properties["PrivateNetwork"] == "yes"
    assert properties["KillMode"] == "mixed"  # the server must shut down its kernels itself
    assert properties["BindPaths"].split() == [
        f"run/servers/student-dpkg:{spawners.INSIDE}",
        f"{tmp_path}/disks/student-dpkg/tmp:/tmp",
        f"{tmp_path}/disks/student-dpkg/var-tmp:/var/tmp",
    ]


@pytest.mark.parametrize("folder", ["gone", "there"])
def test_a_unit_starts_again_after_systemd_has_left_a_link_of_the_former_one(unit_of, tmp_path, monkeypatch, folder):
    """For a dynamic user, systemd removes the folder when the unit stops, and leaves the link to it."""
    monkeypatch.setattr(systemd, "RUN_ROOT", str(tmp_path))
    (tmp_path / "there").mkdir()
    link = tmp_path / "jupyter-student-anna-singleuser"
    link.symlink_to(tmp_path / folder)
    unit_of("anna")
    assert link.is_symlink() is (folder == "there")


def test_no_class_list_may_hold_a_name_too_long_for_its_sockets():
    """A socket's path may have 107 characters."""
    assert len(f"{spawners.walls.RUNTIME}/kernel-{'0' * 36}-ipc-5") <= 107
    assert len(f"{spawners.RUN}/servers/student-{'a' * 20}/{spawners.sockets.NAME}") <= 107


def test_what_a_students_unit_could_reach_is_counted_under_three_and_systemd_knows_every_word(unit_of, tmp_path):
    """systemd's own tool can analyze the unit even if systemd is not running."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is missing")
    asked = unit_of("anna")
    properties = asked["properties"].items()
    lines = [
        f"{key}={one}".replace("=run/", "=/run/")
        for key, value in properties
        for one in (value if isinstance(value, list) else [value])
    ]
    unit = tmp_path / f"{asked['unit']}.service"
    unit.write_text("\n".join(["[Service]", "ExecStart=/bin/true", f"Slice={asked['slice']}", *lines, ""]))
    assert exposure(unit) < 3
    verify(unit)


def test_the_units_that_are_shipped_are_right():
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is missing")
    folder = Path(spawners.__file__).parent / "systemd"
    service = folder / "lstm-classroom.service"
    verify(service, folder / spawners.SLICE)
    assert exposure(service) < 8
    text = (folder / spawners.SLICE).read_text()
    assert re.search(r"^MemoryMax=80%$", text, re.MULTILINE)
    # The hub mounts students' disks; settings that give its unit a private view of the files would hide them.
    own_view = "PrivateTmp|PrivateDevices|PrivateMounts|Protect|ReadOnly|ReadWrite|Inaccessible|TemporaryFile|Bind"
    assert not re.findall(f"^({own_view}).*", service.read_text(), re.MULTILINE)


def test_the_configuration_is_read_also_where_systemd_runs(tmp_path, monkeypatch):
    tmp_path.chmod(0o700)
    (tmp_path / "class.txt").write_text("anna\n")
    (tmp_path / "systemd").touch()
    monkeypatch.setenv("CLASSROOM", str(tmp_path))
    monkeypatch.setenv("CLASSROOM_URL", "https://class.example.org")
    monkeypatch.delenv("CLASSROOM_TRIAL", raising=False)
    kept = []
    monkeypatch.setattr(course, "make_private", kept.append)
    monkeypatch.setattr(spawners, "SYSTEMD", tmp_path / "systemd")
    monkeypatch.setattr(spawners, "RUN", tmp_path / "run")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(class_list, "require_private", lambda folder: None)
    monkeypatch.setattr(spawners, "require_readable", lambda root: None)
    c = Config()
    config = Path(spawners.__file__).with_name("jupyterhub_config.py")
    runpy.run_path(str(config), {"get_config": lambda: c})
    assert c.JupyterHub.spawner_class is spawners.StudentUnit
    assert {"NO_NETWORK", "RUN", "COURSE", "JUPYTERHUB_ACTIVITY_INTERVAL"} <= c.Spawner.environment.keys()
    course_folder = Path(c.Spawner.environment["COURSE"])
    assert course_folder.parent == tmp_path / "run"  # readable for students' units
    assert {path.name for path in course_folder.iterdir()} == student.edition().keys()
    assert path_of(c.Spawner.environment["CLASSROOM_BOARD"]).parent == tmp_path / "run"  # like the hub's socket
    (board,) = (service for service in c.JupyterHub.services if service["name"] == "board")
    assert Path(board["environment"]["BOARD_KEY"]).parent == tmp_path / "run"  # in memory, and in no backup
    assert c.JupyterHub.subdomain_host == "https://class.example.org"
    listens = [c.JupyterHub.bind_url, f"//{c.JupyterHub.hub_ip}", c.ConfigurableHTTPProxy.api_url]
    assert [urlsplit(address).hostname for address in listens] == ["127.0.0.1"] * 3
    assert kept == [ROOT]


def verify(*units):
    run = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True)
    said = [line for line in run.stderr.splitlines() if "lstm" in line or "student" in line]
    assert run.returncode == 0 and not said, said


def exposure(unit):
    command = ["systemd-analyze", "security", "--no-pager", "--offline=true", unit]
    text = subprocess.run(command, capture_output=True, text=True).stdout
    return float(re.search(r"Overall exposure level for .*: ([\d.]+)", text)[1])


@pytest.mark.parametrize("devices", ["lo", "lo eth0"])
def test_a_server_refuses_to_run_where_there_is_a_network(devices, tmp_path):
    """systemd keeps the host's network if the kernel cannot make a separate one."""
    file = tmp_path / "dev"
    file.write_text("Inter-|\n face |\n" + "".join(f"  {name}: 0 0\n" for name in devices.split()))
    if devices == "lo":
        student_server.require_no_network(file)
    else:
        with pytest.raises(SystemExit, match="sees lo, eth0"):
            student_server.require_no_network(file)


def test_a_trial_as_root_is_refused(monkeypatch, tmp_path):
    """Otherwise all students would be root."""
    monkeypatch.delenv("CLASSROOM_TRIAL_AS_ROOT", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(SystemExit, match="anyone who logs in can do what your account can"):
        spawners.choose(Config(), tmp_path, tmp_path, trial=True)


@pytest.mark.parametrize("place", [f"/{home}/lstm" for home in ("root", "home/lee")])
def test_a_project_that_students_cannot_read_is_refused(place, monkeypatch):
    monkeypatch.setattr(spawners.Path, "stat", lambda self: SimpleNamespace(st_mode=0o755))
    with pytest.raises(SystemExit, match="Students cannot read"):
        spawners._units(Config(), spawners.Path(place), spawners.Path(place))


@pytest.fixture
def project():
    """A project folder with the teacher's files, readable for all, as git makes it.

    pytest's own folders are closed to other accounts.
    """
    with tempfile.TemporaryDirectory(prefix="class-") as folder:
        root = Path(folder)
        for name in (*course.TEACHERS_OWN[:-1], ".git/HEAD", "notebooks/00_start_here.ipynb"):
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_text("the answers")
            (root / name).chmod(0o644)
        for inner in (root, *(path for path in root.rglob("*") if path.is_dir())):
            inner.chmod(0o755)
        yield root


def test_a_students_unit_does_not_see_the_answer_key_nor_the_history_that_has_it(unit_of, project):
    hidden = unit_of("anna", project)["properties"]["InaccessiblePaths"].split()
    assert {f"-{project / name}" for name in course.TEACHERS_OWN} <= set(hidden)
    assert "-/run/docker.sock" in hidden


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become another account")
def test_another_account_reads_the_notebooks_and_not_the_answer_key(project):
    def reads(name):
        command = ["cat", project / name]
        return subprocess.run(command, user=65534, group=65534, extra_groups=[], capture_output=True).returncode == 0

    kept, open_to_all = (*course.TEACHERS_OWN[:-1], ".git/HEAD"), "notebooks/00_start_here.ipynb"
    assert all(reads(name) for name in (*kept, open_to_all))
    course.make_private(project)
    assert not any(reads(name) for name in kept) and reads(open_to_all)


@pytest.mark.long
def test_what_is_kept_from_students_is_what_the_course_has():
    assert all((ROOT / name).is_file() for name in course.TEACHERS_OWN[:-1])


BIND = "import zmq; zmq.Context().socket(zmq.PULL).bind_to_random_port('tcp://127.0.0.1')"  # as a kernel does
OTHER = "import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)"


@pytest.mark.skipif(platform.machine() not in families.SOCKET, reason="no number of a system call for this machine")
def test_a_kernel_has_the_families_of_sockets_that_it_needs_and_no_others():
    def runs(code, names):
        command = [sys.executable, "-m", "tests.support.families", names, code]
        return subprocess.run(command, cwd=ROOT, capture_output=True).returncode == 0

    allowed = walls.PROPERTIES["RestrictAddressFamilies"]
    assert runs(BIND, allowed) and not runs(OTHER, allowed)
    assert not runs(BIND, allowed.replace("AF_NETLINK", ""))
