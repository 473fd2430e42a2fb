"""The class's hub on loopback, with a teacher's configuration: start it, measure it, kill it, end it."""

import contextlib
import importlib.util
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
PROXY = ROOT / "classroom" / "node_modules" / ".bin" / "configurable-http-proxy"
LOCAL = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback, whatever the environment says


def require_hub():
    """Skip a test if JupyterHub or its proxy is missing, or fail if they are required."""
    missing = [name for name in ("jupyterhub", "systemdspawner") if importlib.util.find_spec(name) is None]
    if not PROXY.exists():
        missing.append("the proxy")
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        words = f"{' and '.join(missing)} {verb} missing: make test EXTRAS=test,classroom, after make proxy"
        if os.environ.get("CLASSROOM_TESTS") == "required":
            pytest.fail(f"the classroom's tests are required, and {words}")
        pytest.skip(f"the classroom's tests are left out: {words}")


def four_free_ports():
    """A port that is free with the next three, below those that the system gives to whoever asks for any.

    A hub takes them some seconds later: meanwhile each connection that is opened on this machine takes one of those.
    """
    for port in random.SystemRandom().sample(range(20_000, 32_000, 4), 100):
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for one in range(port, port + 4):
                stack.enter_context(socket.socket()).bind(("127.0.0.1", one))
            return port
    raise OSError("no four free ports between 20000 and 32000")


class Hub:
    """A hub for `names` in a private folder; all its processes can be found by that folder, and are ended."""

    def __init__(self, folder, names, subdomains=False, **environment):
        self.folder = Path(folder)
        self.folder.chmod(0o700)
        (self.folder / "class.txt").write_text("\n".join(names) + "\n", encoding="utf-8")
        self.port = four_free_ports()
        self.url = f"http://{'class.localhost' if subdomains else '127.0.0.1'}:{self.port}"
        environment |= {"CLASSROOM_URL": self.url} if subdomains else {}
        self.environment = os.environ | {
            "CLASSROOM": str(self.folder), "CLASSROOM_PORT": str(self.port), "CLASSROOM_TRIAL": "1",
            "CLASSROOM_TRIAL_AS_ROOT": "yes",
        } | environment  # fmt: skip
        self.process = None
        self.config = ROOT / "classroom" / "jupyterhub_config.py"
        self.log_file = self.folder / "hub.log"

    def start(self):
        """Start it, as `make classroom` does, and wait until its login page answers."""
        command = [sys.executable, "-m", "classroom.hub", "--config", str(self.config)]
        with open(self.log_file, "a") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                LOCAL.open(f"http://127.0.0.1:{self.port}/hub/login", timeout=10).close()
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.2)
        said = [line for line in self.log().splitlines() if "ConfigProxy" not in line]
        raise RuntimeError("the hub did not start:\n" + "\n".join(said[-40:]))

    def ring_bell(self):
        """Start all servers, as `make bell` does; what it says."""
        command = [sys.executable, "-m", "classroom.bell"]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True
        ).stdout

    def log(self):
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def errors(self):
        """Each traceback in the log: its last call and its error."""
        found = re.findall(r"^( *)Traceback .*\n((?:\1 +.*\n)*)\1(\S.*)", self.log(), re.MULTILINE)
        return [" ".join([*calls.split("\n")[-3:], error]) for _, calls, error in found]

    def passwords(self):
        """The passwords by name, as the teacher finds them."""
        lines = (self.folder / "passwords.txt").read_text(encoding="utf-8").splitlines()
        return dict(line.split() for line in lines)

    def home(self, name):
        return self.folder / "homes" / name

    def processes(self):
        """The processes of this hub: each has its environment, its address, or the home of one of its students."""
        address = f":{self.port + 2}/"  # classroom.place.hub_port
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                environment = process.environ()
                mine = environment.get("CLASSROOM") == str(self.folder)
                mine = mine or address in environment.get("JUPYTERHUB_API_URL", "")
                if mine or environment.get("HOME", "").startswith(f"{self.folder}/homes/"):
                    yield process, environment

    def proxy(self):
        for process, _ in self.processes():
            with contextlib.suppress(psutil.Error):  # one that has just been killed has no command line
                if "configurable-http-proxy" in " ".join(process.cmdline()):
                    return process
        raise RuntimeError("the hub has no proxy")

    def of_students(self):
        """Name -> the processes of a student's server and kernels."""
        found = {}
        for process, environment in self.processes():
            home = Path(environment.get("HOME", ""))
            if home.parent == self.folder / "homes":
                found.setdefault(home.name, []).append(process)
        return found

    def board(self):
        """The board's process."""
        for process, _ in self.processes():
            with contextlib.suppress(psutil.Error):
                if "classroom.board" in process.cmdline():
                    return process
        raise RuntimeError("the hub has no board")

    def kernels(self):
        """Name -> the kernels of a student."""
        found = {}
        for name, processes in self.of_students().items():
            for process in processes:
                with contextlib.suppress(psutil.Error):
                    if "ipykernel_launcher" in process.cmdline():
                        found.setdefault(name, []).append(process)
        return found

    def memory(self):
        """Name -> proportional memory (PSS) of a student's processes together, in bytes."""
        return {name: sum(map(pss, processes)) for name, processes in self.of_students().items()}

    def kill(self):
        """Kill the hub, and with it, as in a systemd unit, the services it manages."""
        services = []
        for process in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.Error):  # a proxy that was killed just before
                services += [process] if {"jupyterhub_idle_culler", "classroom.board"} & {*process.cmdline()} else []
        self.process.kill()
        self.process.wait()
        for service in services:
            service.kill()

    def end(self):
        """Stop the hub as Ctrl-C does, then any processes it has left behind; return those."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=60)
        left = [process for process, _ in self.processes()]
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(left, timeout=10)
        if self.process:
            self.process.wait(timeout=10)  # else Python warns of it whenever it is collected, in some other test
        return left


def pss(process):
    """The proportional set size: each page divided by how many processes share it."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0  # it has ended meanwhile


def log_in(page, hub, name):
    """Log in on a browser's page; the hub then sends it on to the student's JupyterLab."""
    page.goto(f"{hub.url}/hub/login")
    page.fill("#username_input", name)
    page.fill("#password_input", hub.passwords()[name])
    page.click("#login_submit")
