"""Spawners: how the hub starts a student's server, and keeps it within its limits."""

import asyncio
import os
import sys
from pathlib import Path

from jupyterhub.spawner import SimpleLocalProcessSpawner
from systemdspawner import SystemdSpawner, systemd
from traitlets import Integer, Unicode

from classroom import disks, sockets, walls
from classroom.course import teachers_files
from classroom.sockets import OnSocket, address, runs

MEMORY = "1G"  # for a student's server and kernels together; notebook 09 needs about 0.2G
PROCESSES = "200"
HOMES = Path("/var/lib/private")  # where systemd keeps the folders of dynamic users
RUN = Path("/run/lstm-classroom")  # the hub's; its subfolder with the students' sockets is closed to them
SYSTEMD = Path("/run/systemd/private")  # exists if systemd started the machine
SLICE = "lstm-students.slice"  # contains all students' units; its limits are in classroom/systemd/
INSIDE = "/run/lstm-server"  # where a student's unit sees the folder with its socket


class StudentUnit(OnSocket, SystemdSpawner):
    """Spawner that starts a systemd unit for each student, with a user that exists while the unit runs.

    Unit, user and folder are named student-NAME: a student called `dpkg` must not get /var/lib/dpkg.
    """

    disks = Unicode(config=True, help="The folder with the students' disks")
    disk_limit = Integer(config=True, help="Bytes of a student's disk")

    def _expand_user_vars(self, string):
        return string.format(USERNAME=f"student-{self.user.name}", USERID=self.user.id)

    @property
    def folder(self):
        return Path(self.sockets) / self._expand_user_vars("{USERNAME}")

    async def start(self):
        """Mount the student's disk and start the unit."""
        name = self._expand_user_vars("{USERNAME}")
        await asyncio.to_thread(disks.mount, Path(self.disks) / f"{name}.img", HOMES / name, self.disk_limit)
        self._remove_stale_link()
        return await super().start()

    def _remove_stale_link(self):
        """Remove the dangling link that systemd leaves in /run after a unit; SystemdSpawner makes a folder there."""
        link = Path(systemd.RUN_ROOT) / self.unit_name
        if link.is_symlink() and not link.exists():
            link.unlink()


class StudentProcess(OnSocket, SimpleLocalProcessSpawner):
    """Spawner that starts a process in the hub's own account."""

    async def _signal(self, sig):
        """Send a signal to the server; return false if it has ended.

        A server that an earlier hub started is known only by its number. After a reboot, the number may belong to any
        other program of this account, which JupyterHub would take for the server, and kill.
        """
        if self.proc is None and not runs(self.pid, self.socket_option):
            return False
        return await super()._signal(sig)


def choose(c, state, root, trial):
    """Choose the spawner: plain processes for a trial, else systemd units, which need root and systemd."""
    memory = os.environ.get("CLASSROOM_MEMORY", MEMORY)
    c.Spawner.mem_limit = memory
    c.Spawner.cpu_limit = 1.0
    if trial:
        if os.geteuid() == 0 and os.environ.get("CLASSROOM_TRIAL_AS_ROOT") != "yes":
            raise SystemExit(
                "A trial has no walls, so anyone who logs in can do what your account can. Start it from an ordinary "
                "account, not as root. In a container that has no other account, set CLASSROOM_TRIAL_AS_ROOT=yes"
            )
        _trial(c, state)
    elif os.geteuid() == 0 and SYSTEMD.exists():
        _units(c, state, root)
    else:
        raise SystemExit(
            "The classroom uses systemd to keep students apart: run it as root on a Linux server that runs systemd. "
            "To try it yourself, with all students in your own account, set CLASSROOM_TRIAL=1"
        )


def _units(c, state, root):
    """Use systemd units: the Linux kernel limits memory and processor time for each student's processes together."""
    require_readable(root)
    c.JupyterHub.spawner_class = StudentUnit
    folder = state / "disks"
    folder.mkdir(mode=0o700, exist_ok=True)
    disks.mount_all(folder, HOMES)
    c.StudentUnit.disks = str(folder)
    c.StudentUnit.disk_limit = disks.in_bytes(os.environ.get("CLASSROOM_DISK", disks.SIZE))
    RUN.mkdir(exist_ok=True)
    RUN.chmod(0o755)  # despite the umask: students' servers find the sockets of hub and board here
    c.StudentUnit.sockets, c.StudentUnit.inside = str(RUN / "servers"), INSIDE
    c.Spawner.hub_connect_url = address(RUN / sockets.HUB)
    c.SystemdSpawner.dynamic_users = True  # implies a read-only system and a private /tmp
    c.SystemdSpawner.isolate_devices = True
    c.SystemdSpawner.disable_user_sudo = True
    c.SystemdSpawner.default_shell = "/bin/bash"
    c.SystemdSpawner.slice = SLICE
    disk = f"{folder}/{{USERNAME}}"
    c.SystemdSpawner.unit_extra_properties = walls.PROPERTIES | {
        "TasksMax": PROCESSES,
        "InaccessiblePaths": " ".join([walls.SYSTEM_FILES, *(f"-{path}" for path in teachers_files(root))]),
        # /tmp is on the student's disk, too.
        "BindPaths": f"{RUN}/servers/{{USERNAME}}:{INSIDE} {disk}/tmp:/tmp {disk}/var-tmp:/var/tmp",
    }
    c.Spawner.environment = {"RUN": walls.RUNTIME, "NO_NETWORK": "1"}


def require_readable(root):
    """Refuse to run if students cannot read the project's or Python's folder."""
    for folder in (root, Path(sys.base_prefix)):
        closed = [path for path in (folder, *folder.parents) if not path.stat().st_mode & 0o001]
        if closed or folder.parts[1] in ("home", "root"):
            raise SystemExit(f"Students cannot read {folder}. Put the project into /srv, and use the system's Python")


def _trial(c, state):
    """Use processes in the hub's account, without walls between students, and with limits for single processes only."""
    c.JupyterHub.spawner_class = StudentProcess
    c.StudentProcess.sockets = str(state / "sockets")
    c.Spawner.hub_connect_url = address(state / sockets.HUB)
    c.SimpleLocalProcessSpawner.home_dir_template = str(state / "homes" / "{username}")
    c.Spawner.environment = {
        "PROCESS_LIMITS": "1",
        "RUN": lambda spawner: str(state / "run" / spawner.user.name),
    }
