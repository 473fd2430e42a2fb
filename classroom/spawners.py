"""The spawners: how a student's server is started, and what keeps it within its limits."""

import asyncio
import os
import sys
from pathlib import Path

from jupyterhub.spawner import SimpleLocalProcessSpawner
from systemdspawner import SystemdSpawner, systemd
from traitlets import Integer, Unicode

from classroom import disks, sockets, walls
from classroom.course import kept_from_learners
from classroom.sockets import OnSocket, address

MEMORY = "1G"  # for a student, server and kernels together; notebook 09 needs some 0.2G
PROCESSES = "200"
HOMES = Path("/var/lib/private")  # systemd's, for the folders of the users it makes
RUN = Path("/run/lstm-classroom")  # the hub's own; its subfolder with the students' sockets is closed to them
SYSTEMD = Path("/run/systemd/private")  # exists if systemd has started the machine
SLICE = "lstm-students.slice"  # of all students together; classroom/systemd/ has its limits
INSIDE = "/run/lstm-server"  # where a student's unit sees the folder with its socket


class StudentUnit(OnSocket, SystemdSpawner):
    """A systemd unit for each student, with a user of its own that exists while the unit runs.

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
        """Start it with its disk mounted."""
        name = self._expand_user_vars("{USERNAME}")
        await asyncio.to_thread(disks.mount, Path(self.disks) / f"{name}.img", HOMES / name, self.disk_limit)
        self._forget_former_unit()
        return await super().start()

    def _forget_former_unit(self):
        """Remove the link that systemd leaves in /run: the folder has gone with the former unit, and must be new."""
        link = Path(systemd.RUN_ROOT) / self.unit_name
        if link.is_symlink() and not link.exists():
            link.unlink()


class StudentProcess(OnSocket, SimpleLocalProcessSpawner):
    """A process in the hub's own account."""


def choose(c, state, root, trial):
    """Choose the spawner: systemd's if it runs and we are root, plain processes for a trial."""
    memory = os.environ.get("CLASSROOM_MEMORY", MEMORY)
    c.Spawner.mem_limit = memory
    c.Spawner.cpu_limit = 1.0
    if trial:
        if os.geteuid() == 0 and os.environ.get("CLASSROOM_TRIAL_AS_ROOT") != "yes":
            raise SystemExit(
                "A trial has no walls, so whoever logs in can do what your account can: start it from one that is not "
                "root's. In a container that has no other account: CLASSROOM_TRIAL_AS_ROOT=yes"
            )
        _trial(c, state)
    elif os.geteuid() == 0 and SYSTEMD.exists():
        _units(c, state, root)
    else:
        raise SystemExit(
            "The classroom keeps students apart by systemd: run it as root on a Linux server that systemd has started. "
            "To try it out yourself, with all students in your own account: CLASSROOM_TRIAL=1"
        )


def _units(c, state, root):
    """Use systemd: the kernel limits memory and processor time, for all processes of a student together."""
    require_readable(root)
    c.JupyterHub.spawner_class = StudentUnit
    folder = state / "disks"
    folder.mkdir(mode=0o700, exist_ok=True)
    disks.mount_all(folder, HOMES)
    c.StudentUnit.disks = str(folder)
    c.StudentUnit.disk_limit = disks.in_bytes(os.environ.get("CLASSROOM_DISK", disks.SIZE))
    RUN.mkdir(exist_ok=True)
    RUN.chmod(0o755)  # whatever the umask: students' servers find the sockets of hub and board here
    c.StudentUnit.sockets, c.StudentUnit.inside = str(RUN / "servers"), INSIDE
    c.Spawner.hub_connect_url = address(RUN / sockets.HUB)
    c.SystemdSpawner.dynamic_users = True  # includes a read-only system and a private /tmp
    c.SystemdSpawner.isolate_devices = True
    c.SystemdSpawner.disable_user_sudo = True
    c.SystemdSpawner.default_shell = "/bin/bash"
    c.SystemdSpawner.slice = SLICE
    own = f"{folder}/{{USERNAME}}"
    c.SystemdSpawner.unit_extra_properties = walls.PROPERTIES | {
        "TasksMax": PROCESSES,
        "InaccessiblePaths": " ".join([walls.SYSTEMS_OWN, *(f"-{path}" for path in kept_from_learners(root))]),
        # What a student writes to /tmp is on the student's own disk too.
        "BindPaths": f"{RUN}/servers/{{USERNAME}}:{INSIDE} {own}/tmp:/tmp {own}/var-tmp:/var/tmp",
    }
    c.Spawner.environment = {"RUN": walls.OWN, "NO_NETWORK": "1"}


def require_readable(root):
    """Refuse a project, or a Python, in a folder that students cannot look into."""
    for place in (root, Path(sys.base_prefix)):
        closed = [path for path in (place, *place.parents) if not path.stat().st_mode & 0o001]
        if closed or place.parts[1] in ("home", "root"):
            raise SystemExit(f"Students cannot read {place}. The project belongs into /srv, and Python into the system")


def _trial(c, state):
    """Use processes in the hub's own account: no walls between students, and limits for single processes only."""
    c.JupyterHub.spawner_class = StudentProcess
    c.StudentProcess.sockets = str(state / "sockets")
    c.Spawner.hub_connect_url = address(state / sockets.HUB)
    c.SimpleLocalProcessSpawner.home_dir_template = str(state / "homes" / "{username}")
    c.Spawner.environment = {
        "PROCESS_LIMITS": "1",
        "RUN": lambda spawner: str(state / "run" / spawner.user.name),
    }
