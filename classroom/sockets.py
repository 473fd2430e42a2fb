"""UNIX sockets in place of ports: a student's server listens on one, and reaches the hub's API over another.

A port belongs to the first process that binds it: an account that binds the port chosen for another student's server
receives that student's cookies. A socket is a file, and its folder determines who may make one.
"""

import asyncio
import os
import shutil
import stat
import string
import time
from pathlib import Path
from urllib.parse import unquote

from jupyterhub.proxy import ConfigurableHTTPProxy
from traitlets import Unicode
from traitlets.config import Configurable

HUB = "hub.sock"
BOARD = "board.sock"
NAME = "server.sock"
PROXY_FLAGS = ["--no-prepend-path"]  # otherwise the proxy repeats the path of a request to a socket
UNESCAPED = f"{string.ascii_lowercase}{string.digits}-._".encode()  # no capitals: host names come back in lower case


def address(path):
    """Return the URL of a socket, with its path, escaped, in place of a host name."""
    return "http+unix://" + "".join(chr(byte) if byte in UNESCAPED else f"%{byte:02x}" for byte in os.fsencode(path))


def path_of(url):
    """Return the path in a URL from `address`, with or without the port that JupyterHub adds to every host."""
    return Path(unquote(url.removeprefix("http+unix://").removesuffix(":80")))


def runs(pid, argument):
    """Return true if the process `pid` runs and has `argument` in its command line."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:  # no such process, or one that this account must not see
        return False
    return os.fsencode(argument) in command.split(b"\0")


class SocketProxy(ConfigurableHTTPProxy):
    """JupyterHub's proxy, with sockets written as configurable-http-proxy expects them."""

    def _check_pid(self, pid):
        """Raise ProcessLookupError unless the process is a proxy.

        When the hub starts, it kills the process whose number an earlier hub left in a file. JupyterHub takes it for
        the old proxy, but after a reboot the number may belong to any other program.
        """
        if not runs(pid, self.command[0]):
            raise ProcessLookupError(pid)

    async def add_route(self, routespec, target, data):
        if target.startswith("http+unix://"):
            target = "unix+http://" + target.removeprefix("http+unix://").removesuffix(":80")
        await super().add_route(routespec, target, data)

    def _reformat_routespec(self, routespec, chp_data):
        chp_data.pop("last_activity", None)  # an open tab keeps sending requests; servers report their use themselves
        route = super()._reformat_routespec(routespec, chp_data)
        if route["target"].startswith("unix+http://"):
            route["target"] = f"http+unix://{route['target'].removeprefix('unix+http://')}:80"
        return route


class OnSocket(Configurable):
    """Mixin for spawners whose servers listen on a socket.

    Each student's socket is in a folder that belongs to the hub. The folder is writable while the server starts, and
    closed before the hub sends anyone there: hub and proxy, which may be root, must not follow a student's link.
    """

    sockets = Unicode(config=True, help="The hub's folder, with a folder in it for each student's socket")
    inside = Unicode(config=True, help="The path at which the server sees its folder, if it differs")

    @property
    def folder(self):
        return Path(self.sockets) / self.user.name

    @property
    def socket_option(self):
        """The server's option that names its socket; no other student's server has the same."""
        return f"--ServerApp.sock={Path(self.inside or self.folder) / NAME}"

    def get_args(self):
        return [*super().get_args(), self.socket_option]

    def get_env(self):
        return super().get_env() | {"JUPYTERHUB_SERVICE_URL": address(self.folder / NAME) + self.server.base_url}

    async def start(self):
        """Start the server; return its address once its socket exists and can no longer be replaced."""
        open_folder(self.folder)
        await super().start()
        until = time.monotonic() + self.start_timeout
        while not os.path.lexists(self.folder / NAME):
            if await self.poll() is not None:
                raise RuntimeError(f"the server of {self.user.name} ended before it listened; see its log")
            if time.monotonic() > until:
                raise TimeoutError(f"the server of {self.user.name} did not listen in {self.start_timeout} s")
            await asyncio.sleep(0.1)
        close_folder(self.folder)
        return address(self.folder / NAME)


def open_folder(folder):
    """Make an empty folder for a socket, writable for every account that can reach it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir()
    folder.chmod(0o1777)


def close_folder(folder):
    """Make the folder read-only, then refuse it unless it contains a socket; a link to one does not count."""
    folder.chmod(0o755)
    if not stat.S_ISSOCK(os.lstat(folder / NAME).st_mode):
        raise PermissionError(f"{folder / NAME} is not a socket: {folder.name}'s server put something else there")
