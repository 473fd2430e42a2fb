"""Files in place of ports: a student's server listens on a UNIX socket, and finds the hub's API on another.

A port belongs to whoever binds it first: an account that takes the port a spawner has chosen receives the cookies of
the student whose server should be there. A socket is a file, and its folder determines who may make one.
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
PROXY_FLAGS = ["--no-prepend-path"]  # it would repeat a path that goes to a socket
PLAIN = (
    f"{string.ascii_lowercase}{string.digits}-._".encode()
)  # a host name comes back in lower case, so capitals are escaped


def address(path):
    """The URL of a socket, with its path in place of a host name."""
    return "http+unix://" + "".join(chr(byte) if byte in PLAIN else f"%{byte:02x}" for byte in os.fsencode(path))


def path_of(url):
    """The path in such a URL."""
    return Path(unquote(url.removeprefix("http+unix://").removesuffix(":80")))


class SocketProxy(ConfigurableHTTPProxy):
    """JupyterHub's proxy, which writes sockets differently, without the port that JupyterHub adds to every host."""

    async def add_route(self, routespec, target, data):
        if target.startswith("http+unix://"):
            target = "unix+http://" + target.removeprefix("http+unix://").removesuffix(":80")
        await super().add_route(routespec, target, data)

    def _reformat_routespec(self, routespec, chp_data):
        chp_data.pop("last_activity", None)  # an open tab always sends requests; a server reports its use itself
        route = super()._reformat_routespec(routespec, chp_data)
        if route["target"].startswith("unix+http://"):
            route["target"] = f"http+unix://{route['target'].removeprefix('unix+http://')}:80"
        return route


class OnSocket(Configurable):
    """A mixin for spawners whose servers listen on a socket.

    Each student's socket is in a folder that belongs to the hub. The folder is open while the server starts, and closed
    before anybody is sent there: the hub and the proxy, which may be root, never follow what a student placed there.
    """

    sockets = Unicode(config=True, help="The folder of the hub's own with a folder for each student's socket")
    inside = Unicode(config=True, help="The student's folder there, where the server sees it elsewhere")

    @property
    def folder(self):
        return Path(self.sockets) / self.user.name

    def get_args(self):
        return [*super().get_args(), f"--ServerApp.sock={Path(self.inside or self.folder) / NAME}"]

    def get_env(self):
        return super().get_env() | {"JUPYTERHUB_SERVICE_URL": address(self.folder / NAME) + self.server.base_url}

    async def start(self):
        """Start the server; return its address once its socket exists and nobody can replace it."""
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
    """Make an empty folder for a socket, writable for whoever can reach it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir()
    folder.chmod(0o1777)


def close_folder(folder):
    """Close the folder to changes, then check its content: a socket, not a link to one."""
    folder.chmod(0o755)
    if not stat.S_ISSOCK(os.lstat(folder / NAME).st_mode):
        raise PermissionError(
            f"{folder / NAME} is no socket: the server in {folder.name}'s account has put something else there"
        )
