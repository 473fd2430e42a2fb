"""Configuration of the class's JupyterHub: closed, on loopback, with limits. `make classroom` uses it; see README.md.

Environment variables: CLASSROOM, the private folder with class.txt; CLASSROOM_URL, the address that the class opens;
CLASSROOM_PORT, the first of four; CLASSROOM_MEMORY and CLASSROOM_DISK, for each student; CLASSROOM_IDLE, the seconds
without use after which a kernel or a server is shut down; and CLASSROOM_TRIAL=1, to try it without root.
"""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))
from classroom import class_list, course, disks, login, origins, place  # noqa: E402
from classroom.board import settings as board  # noqa: E402
from classroom.sockets import PROXY_FLAGS, SocketProxy  # noqa: E402
from classroom.spawners import RUN, choose  # noqa: E402

c = get_config()  # noqa: F821 - JupyterHub defines it
state = place.folder()
trial = os.environ.get("CLASSROOM_TRIAL") == "1"
idle = int(os.environ.get("CLASSROOM_IDLE", "3600"))  # seconds
interval = max(1, min(300, idle // 12))  # seconds between two checks for idle kernels and servers
port = place.port()
if not (state / "class.txt").is_file():
    raise SystemExit(f"Nobody can log in: {state / 'class.txt'} is missing. One name a line; see classroom/README.md")
try:
    class_list.require_private(state)
    place.claim(state)
    if message := disks.keep_room(state):
        print(message, file=sys.stderr)
    students, teachers = class_list.read(state / "class.txt")
    class_list.add_passwords(state / "passwords.txt", students | teachers)
except (ValueError, OSError, disks.NoRoomError) as error:
    raise SystemExit(str(error)) from None

# Login: only the names on the class list, without those that used to be on it.
login.choose(c, state, students | teachers)

# Network: this machine only. A web server with a certificate faces the network (README.md).
c.JupyterHub.bind_url = f"http://127.0.0.1:{port}"
c.JupyterHub.hub_ip = "127.0.0.1"
c.JupyterHub.hub_port = place.hub_port()
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{port + 1}"
c.JupyterHub.proxy_class = SocketProxy
# The web server's X-Forwarded-Proto says https. The proxy would append http, and cookies would not be marked secure.
c.ConfigurableHTTPProxy.command = [
    str(HERE / "node_modules/.bin/configurable-http-proxy"),
    "--no-x-forward",
    *PROXY_FLAGS,
]
c.ConfigurableHTTPProxy.pid_file = str(state / "proxy.pid")

# State that survives a restart: logins, and the servers that keep running.
c.JupyterHub.db_url = f"sqlite:///{state / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(state / "cookie_secret")
c.ConfigurableHTTPProxy.auth_token = place.secret("proxy_token")

# Students' servers. They copy Matplotlib's font list and the students' edition of the notebooks; both are made here
# once instead of thirty times at once.
fonts = Path(sys.prefix, "share", "lstm-classroom")
if not list(fonts.glob("fontlist-*.json")):
    make = [sys.executable, "-c", "import matplotlib.font_manager"]
    subprocess.run(make, env=os.environ | {"MPLCONFIGDIR": str(fonts)}, check=True)
choose(c, state, ROOT, trial)
edition = (state if trial else RUN) / "notebooks"
course.write_students_edition(ROOT, edition)
origins.choose(c, trial)
if not trial:
    course.make_private(ROOT)
c.JupyterHub.allow_named_servers = False
c.Spawner.cmd = [sys.executable, str(HERE / "student_server.py")]
c.Spawner.notebook_dir = "~/lstm"
c.Spawner.default_url = "/lab/tree/00_start_here.ipynb"
c.Spawner.args = [
    *(["--allow-root"] if trial and os.geteuid() == 0 else []),
    "--KernelManager.transport=ipc",  # files of the student; ports would be open to everyone on this machine
    "--ServerApp.kernel_manager_class=student_limits.FewKernels",
    "--ServerApp.contents_manager_class=student_limits.KeptFiles",
    "--ServerApp.jpserver_extensions=student_limits=True",
    # Busy kernels, too, even with a tab open: a cell that prints nothing for an hour is an endless loop.
    f"--MappingKernelManager.cull_idle_timeout={idle}",
    f"--MappingKernelManager.cull_interval={interval}",
    "--MappingKernelManager.cull_connected=True",
    "--MappingKernelManager.cull_busy=True",
    # No notebook needs these, and each server would spend memory and time on them.
    "--ServerApp.terminals_enabled=False",
    "--ServerApp.jpserver_extensions=jupyter_lsp=False",
    "--ServerApp.jpserver_extensions=jupyter_server_terminals=False",
    "--LabApp.extension_manager=readonly",
]
c.Spawner.environment |= {
    "COURSE": str(edition),
    "WORK": "lstm",
    "FONT_LISTS": str(fonts),
    "LSTM_HELPERS_LISTENER": str(HERE / "board" / "sender.py"),  # sends answers to the board
    "OPENBLAS_NUM_THREADS": "1",  # many students share few cores
    "OMP_NUM_THREADS": "1",
    # Return freed memory to the system at once: saves 3 MB per student.
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "65536",
    "MALLOC_TRIM_THRESHOLD_": "65536",
}
c.Spawner.start_timeout = c.Spawner.http_timeout = 300  # thirty students may open it in the same minute

# Idle servers are stopped after an hour, and any server after twelve; saved work stays. A shorter `idle` must not stop
# servers in use sooner.
culling = [f"--timeout={idle}", f"--cull-every={interval}", f"--max-age={max(idle, 12 * 3600)}"]
c.Spawner.environment["JUPYTERHUB_ACTIVITY_INTERVAL"] = str(interval)
c.JupyterHub.services = [
    {
        "name": "idle-culler",
        "command": [sys.executable, "-m", "classroom.culler", *culling],
        "cwd": str(ROOT),
    },
    {"name": "bell", "api_token": place.secret(place.BELL)},  # for the command bell.py; the hub starts no process
]
c.JupyterHub.load_roles = [
    {"name": "admin", "users": sorted(teachers)},  # replaces the list in the hub's database
    {
        "name": "idle-culler",
        "services": ["idle-culler"],
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
    },
    {"name": "bell", "services": ["bell"], "scopes": ["start:servers", "read:servers"]},
]

# The board: shows the teacher the class's answers live.
board.choose(c, state, port + 3)
