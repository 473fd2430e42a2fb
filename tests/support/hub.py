"""The class's hub on loopback, with a teacher's configuration, for tests that start, measure, kill and end it."""

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
LOCAL = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # ignores proxies in the environment


def require_hub():
    """Skip a test if JupyterHub or its proxy is missing; fail it if CLASSROOM_TESTS=required."""
    missing = [name for name in ("jupyterhub", "systemdspawner") if importlib.util.find_spec(name) is None]
    if not PROXY.exists():
        missing.append("the proxy")
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        words = f"{' and '.join(missing)} {verb} missing: make test EXTRAS=test,classroom, after make proxy"
        if os.environ.get("CLASSROOM_TESTS") == "required":
            pytest.fail(f"CLASSROOM_TESTS=required, but {words}")
        pytest.skip(f"the classroom's tests are skipped: {words}")


def four_free_ports():
    """Return a port that is free along with the next three, below the range of ephemeral ports.

    The hub binds them seconds later; meanwhile connections on this machine take ephemeral ports.
    """
    for first in random.SystemRandom().sample(range(20_000, 32_000, 4), 100):
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for port in range(first, first + 4):
                stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first
    raise OSError("no four free ports between 20000 and 32000")


class Hub:
    """A hub for `names` in a private folder, by which `processes` finds its processes."""

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
        """Start the hub, as `make classroom` does, and wait until its login page answers."""
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
        lines = [line for line in self.log().splitlines() if "ConfigProxy" not in line]
        raise RuntimeError("the hub did not start:\n" + "\n".join(lines[-40:]))

    def ring_bell(self):
        """Start all servers, as `make bell` does; return its output."""
        command = [sys.executable, "-m", "classroom.bell"]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True
        ).stdout

    def log(self):
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def errors(self):
        """Return each traceback in the log: its last call and its error."""
        found = re.findall(r"^( *)Traceback .*\n((?:\1 +.*\n)*)\1(\S.*)", self.log(), re.MULTILINE)
        return [" ".join([*calls.split("\n")[-3:], error]) for _, calls, error in found]

    def passwords(self):
        """Return name -> password from the teacher's file."""
        lines = (self.folder / "passwords.txt").read_text(encoding="utf-8").splitlines()
        return dict(line.split() for line in lines)

    def home(self, name):
        return self.folder / "homes" / name

    def processes(self):
        """Yield the hub's processes with their environments, by which they are recognized."""
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
            if "configurable-http-proxy" in " ".join(command_of(process)):
                return process
        raise RuntimeError("the hub has no proxy")

    def of_students(self):
        """Return name -> processes of a student's server and kernels."""
        found = {}
        for process, environment in self.processes():
            home = Path(environment.get("HOME", ""))
            if home.parent == self.folder / "homes":
                found.setdefault(home.name, []).append(process)
        return found

    def board(self):
        """Return the board's process."""
        for process, _ in self.processes():
            if "classroom.board" in command_of(process):
                return process
        raise RuntimeError("the hub has no board")

    def services(self):
        """Return the processes of the hub's services."""
        names = {"classroom.culler", "classroom.board"}
        return [process for process, _ in self.processes() if names & {*command_of(process)}]

    def servers(self):
        """Return name -> process of a student's server."""
        return {
            name: process
            for name, processes in self.of_students().items()
            for process in processes
            if any(part.endswith("student_server.py") for part in command_of(process))
        }

    def kernels(self):
        """Return name -> kernels of a student."""
        found = {}
        for name, processes in self.of_students().items():
            if kernels := [process for process in processes if "ipykernel_launcher" in command_of(process)]:
                found[name] = kernels
        return found

    def memory(self):
        """Return name -> proportional memory (PSS) of a student's processes together, in bytes."""
        return {name: sum(map(pss, processes)) for name, processes in self.of_students().items()}

    def kill(self):
        """Kill the hub and, as in a systemd unit, its services."""
        services = self.services()
        self.process.kill()
        self.process.wait()
        for service in services:
            with contextlib.suppress(psutil.NoSuchProcess):  # it may have ended with the hub
                service.kill()

    def end(self):
        """Stop the hub as Ctrl-C does, and kill the processes it leaves behind; return those."""
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
            self.process.wait(timeout=10)  # otherwise Python warns when it is collected, during another test
        return left


def command_of(process):
    """Return a process's command line; [] if it has ended or was just killed."""
    with contextlib.suppress(psutil.Error):
        return process.cmdline()
    return []


def pss(process):
    """Return a process's proportional set size: each page is divided by the number of processes that share it."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0  # the process has ended


def log_in(page, hub, name):
    """Log in on a browser's page; the hub then redirects it to the student's JupyterLab."""
    page.goto(f"{hub.url}/hub/login")
    page.fill("#username_input", name)
    page.fill("#password_input", hub.passwords()[name])
    page.click("#login_submit")
