"""No port to steal: students' servers use sockets, in folders that no other account can change."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("jupyterhub", reason="the classroom needs jupyterhub: EXTRAS=test,classroom")

import psutil
from traitlets.config import Configurable

from classroom import sockets
from classroom.spawners import StudentProcess
from tests.support.accounts import as_another, awaited
from tests.support.hub import LOCAL, Hub
from tests.support.student import Student

pytestmark = pytest.mark.slow


def listening(path):
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen()
    return server


def test_an_address_holds_any_path_also_when_all_letters_become_small(tmp_path):
    for path in (tmp_path / "server.sock", Path("/srv/A B/%41ü.sock")):
        address = sockets.address(path)
        assert address == address.lower()
        assert sockets.path_of(address) == sockets.path_of(f"{address}:80") == path


@pytest.mark.parametrize("is_proxy", [True, False])
def test_a_starting_hub_ends_an_old_proxy_and_no_other_process_with_its_number(tmp_path, is_proxy):
    """After a reboot, the number in the file may belong to any program."""
    program = tmp_path / "configurable-http-proxy"
    script = "echo started; read line"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    command = [str(program)] if is_proxy else ["sh", "-c", script]
    file = tmp_path / "proxy.pid"
    options = {"pid_file": str(file), "public_url": "http://127.0.0.1:1", "api_url": "http://127.0.0.1:2"}
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        process.stdout.readline()  # it runs: until then, its command line may be empty
        file.write_text(str(process.pid))
        sockets.SocketProxy(command=[str(program)], **options)._check_previous_process()
        assert (process.poll() is not None) == is_proxy
        assert not file.exists()
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("is_server", [True, False])
def test_a_starting_hub_ends_an_old_server_and_no_other_process_with_its_number(tmp_path, is_server):
    """After a reboot, the number in the hub's database may belong to any program of the teacher's account."""
    spawner = StudentProcess(user=SimpleNamespace(name="anna", url="/user/anna/"), sockets=str(tmp_path))
    option = spawner.socket_option if is_server else "--ServerApp.sock=/another"
    command = [sys.executable, "-c", "print(flush=True); input()", option]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        process.stdout.readline()  # it runs: until then, its command line may be empty
        spawner.load_state({"pid": process.pid})
        assert awaited(spawner.poll()) == (None if is_server else 0)
        spawner.load_state({"pid": process.pid})
        awaited(spawner.stop())
        if is_server:
            process.wait(10)
        assert (process.poll() is not None) == is_server
    finally:
        process.kill()
        process.communicate()


def listens(process):
    return [c for c in process.net_connections("inet") if c.status == psutil.CONN_LISTEN]


@pytest.mark.long
def test_no_server_of_a_student_has_a_port_that_another_could_take(lesson):
    """A port can be bound by another account between the spawner's choice and the server's start.

    A kernel has a port to itself, for the output of processes it has forked. A student's unit has its own network.
    """
    kernels = {process.pid for processes in lesson.hub.kernels().values() for process in processes}
    for name, processes in lesson.hub.of_students().items():
        servers = [process for process in processes if process.pid not in kernels]
        assert servers, name
        ports = []
        for process in servers:
            with contextlib.suppress(psutil.NoSuchProcess):
                ports.append(listens(process))
        assert ports and not any(ports)
    headers = {"Authorization": f"token {(lesson.hub.folder / 'proxy_token').read_text()}"}
    request = urllib.request.Request(f"http://127.0.0.1:{lesson.hub.port + 1}/api/routes", headers=headers)
    with LOCAL.open(request, timeout=10) as answer:
        targets = {path: route["target"] for path, route in json.load(answer).items() if path.startswith("/user/")}
    assert {"/user/anna", "/user/bo"} <= targets.keys()
    for path, target in targets.items():
        expected = sockets.address(lesson.hub.folder / "sockets" / path.removeprefix("/user/") / sockets.NAME)
        assert target.partition("://")[2] == expected.partition("://")[2]


@pytest.mark.long
def test_another_account_can_neither_reach_nor_take_a_students_socket(lesson):
    """A trial has no walls between accounts, but keeps its folder closed, like the hub's on a server."""
    folder = lesson.hub.folder / "sockets"
    assert folder.stat().st_mode & 0o077 == 0
    for attack in (
        lambda: (folder / "cleo").mkdir(),
        lambda: listening(folder / "bo" / sockets.NAME),
        lambda: socket.socket(socket.AF_UNIX).connect(str(folder / "bo" / sockets.NAME)),
    ):
        assert as_another(attack) == "PermissionError"


class Started(Configurable):
    """A spawner whose servers run a test's function."""

    start_timeout = 5
    user = SimpleNamespace(name="bo")

    def __init__(self, does, **kwargs):
        super().__init__(**kwargs)
        self.does, self.ended = does, None

    async def start(self):
        self.does(self)

    async def poll(self):
        return self.ended


class Server(sockets.OnSocket, Started):
    pass


def test_a_student_is_sent_to_a_server_once_its_socket_is_there_and_cannot_be_replaced(tmp_path):
    def serve(spawner):
        assert as_another(lambda: listening(sockets.NAME), spawner.folder) == ""

    place = sockets.path_of(awaited(Server(serve, sockets=str(tmp_path)).start()))
    assert place == tmp_path / "bo" / "server.sock" and place.is_socket()
    for attack in (
        lambda: os.unlink(sockets.NAME),
        lambda: os.rename(sockets.NAME, "old"),
        lambda: os.symlink("/run/other.sock", "new"),
        lambda: listening("new"),
    ):
        assert as_another(attack, place.parent) == "PermissionError"


def test_a_link_in_the_sockets_place_is_not_followed(tmp_path):
    """The proxy may be root: through a link it would connect the student to any socket of the machine."""
    secret = listening(tmp_path / "secret.sock")
    spawner = Server(lambda s: (s.folder / sockets.NAME).symlink_to(tmp_path / "secret.sock"), sockets=str(tmp_path))
    with pytest.raises(PermissionError, match="is not a socket"):
        awaited(spawner.start())
    secret.close()


def test_what_lay_in_the_sockets_place_before_is_gone(tmp_path):
    (tmp_path / "bo").mkdir()
    listening(tmp_path / "bo" / sockets.NAME).close()

    def end(spawner):
        spawner.ended = 1

    with pytest.raises(RuntimeError, match="the server of bo ended before it listened"):
        awaited(Server(end, sockets=str(tmp_path)).start())


def test_a_server_that_never_listens_is_said_not_to_have_started(tmp_path, monkeypatch):
    monkeypatch.setattr(Started, "start_timeout", 0.2)
    with pytest.raises(TimeoutError, match=r"bo did not listen in 0\.2 s"):
        awaited(Server(lambda spawner: None, sockets=str(tmp_path)).start())


APART = """
load_subconfig({config!r})
c.Spawner.cmd = ["unshare", "--net", *c.Spawner.cmd]
c.Spawner.environment["NO_NETWORK"] = "1"
"""


@pytest.mark.long
def test_a_server_with_a_network_of_its_own_works_and_reaches_no_port_of_the_machine(tmp_path):
    """As in a student's unit, which systemd gives one."""
    if os.geteuid() != 0 or subprocess.run(["unshare", "--net", "true"]).returncode:
        pytest.skip("only root can give a process a network of its own")
    with tempfile.TemporaryDirectory(prefix="apart-") as folder:
        hub = Hub(folder, ["anna"])
        (tmp_path / "config.py").write_text(APART.format(config=str(hub.config)))
        hub.config = tmp_path / "config.py"
        try:
            hub.start()
            anna = Student(hub.url, "anna", hub.passwords()["anna"])
            anna.log_in()
            anna.enter()
            reach = f"import socket; socket.create_connection(('127.0.0.1', {hub.port}), 3)"
            with anna.kernel(anna.api("POST", "api/kernels", {"name": "python3"})["id"]) as kernel:
                assert ("stream", "42\n") in [(kind, said.get("text")) for kind, said in kernel.execute("print(6 * 7)")]
                assert "OSError" in [said.get("ename") for _, said in kernel.execute(reach)]
        finally:
            hub.end()
