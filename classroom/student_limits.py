"""Extension of a student's Jupyter server: limits kernels, keeps a spare one warm, counts use, survives a full disk."""

import asyncio
import contextlib
import errno
import os
import shutil
import tempfile
from datetime import UTC, datetime

from jupyter_server.base.handlers import APIHandler
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from student_ready import get_ready
from tornado.http1connection import HTTP1Connection
from tornado.web import HTTPError
from traitlets import Integer

# Drawing one panel fills Matplotlib's caches of fonts and formulas, a third of the time of the first panel. No name may
# stay in the notebook's namespace, and no widget, because the page asks the kernel for its widgets. Frozen modules are
# not searched for garbage while the first panel is drawn.
WARM_UP = (
    "__import__('lstm_helpers.explorers').explorers.ForgettingExplorer(); "
    "__import__('gc').collect(); __import__('gc').freeze()"
)
MIN_FREE = 2**20  # bytes on the disk; with less, no spare kernel is started
COMM = b"comm-"  # the prefix of the topics of widgets' messages
SESSION = "JPY_SESSION_NAME"  # the path of the notebook, which Jupyter's server puts into a kernel's environment


class FewKernels(AsyncMappingKernelManager):
    """Kernel manager that limits the number of kernels; without it, the system would kill and restart the extra one.

    In a server that is not used yet, a spare kernel, warmed up, waits for the first notebook. Until then it is on no
    list and does not count toward the limit.
    """

    most = Integer(
        8, config=True, help="How many kernels may run at once; they share the student's memory and processes"
    )
    starting = 0
    _spare = None  # the id of the spare kernel
    _spare_started = None  # the task that starts it

    def start_spare(self):
        """Start the spare kernel, unless the disk is too full for the files that it writes."""
        if shutil.disk_usage(self.connection_dir).free < MIN_FREE:
            self.log.warning("The disk is full, so no spare kernel is started")
            return
        self._spare = self.new_kernel_id()
        self._spare_started = asyncio.create_task(self._start_and_warm_up(self._spare))

    async def _start_and_warm_up(self, kernel_id):
        await super().start_kernel(kernel_id=kernel_id, path="", env=dict(os.environ))
        self._run(kernel_id, WARM_UP)

    async def start_kernel(self, *, kernel_id=None, **kwargs):
        """Return the spare kernel or start another one; refuse if that would exceed the limit."""
        if kernel_id in self:
            return await super().start_kernel(kernel_id=kernel_id, **kwargs)
        if len(self.list_kernels()) + self.starting >= self.most:
            raise HTTPError(
                409,
                f"{self.most} notebooks are running, and no more can. Shut one down first: "
                "in the bar on the left, under Running Terminals and Kernels.",
            )
        self.starting += 1
        try:
            spare = kernel_id is None and await self._take_spare(**kwargs)
            return spare or await super().start_kernel(kernel_id=kernel_id, **kwargs)
        finally:
            self.starting -= 1

    async def _take_spare(self, path=None, kernel_name=None, env=None):
        """Return the id of the spare kernel; None without one, or if it has the wrong folder or kind."""
        fits = kernel_name in (None, self.default_kernel_name) and self.cwd_for_path(path or "") == self.root_dir
        if not (self._spare and fits):
            return None
        kernel_id, self._spare = self._spare, None  # before awaiting, so that no other notebook gets it
        try:
            await self._spare_started
        except Exception:
            self.log.exception("The spare kernel has not started")
        if kernel_id not in self:  # it has not started, or was culled as idle
            return None
        self.get_kernel(kernel_id).last_activity = datetime.now(UTC)  # its idle time begins now
        if name := (env or {}).get(SESSION):
            self.update_env(kernel_id=kernel_id, env=env)  # for a restart
            self._run(kernel_id, f"__session__ = __import__('os').environ[{SESSION!r}] = {name!r}")
        return kernel_id

    async def shutdown_all(self, now=False):
        """Shut down all kernels, after pending restarts: during one, Jupyter's server would fail and not end."""
        for kernel in self._kernels.values():
            kernel.stop_restarter()
        while restarting := [kernel.ready for kernel in self._kernels.values() if not kernel.ready.done()]:
            await asyncio.wait(restarting)
        await super().shutdown_all(now=now)

    async def has_spare(self):
        """Wait until the spare kernel has started; return true if it did and no notebook has taken it meanwhile."""
        if self._spare_started:
            await asyncio.wait([self._spare_started])
        return self._spare is not None and self._spare in self

    def start_watching_activity(self, kernel_id):
        """Count a kernel's messages as use, without parsing those of its widgets.

        Jupyter's server verifies and parses each message for this, half its work while a slider is dragged.
        """
        super().start_watching_activity(kernel_id)
        kernel = self.get_kernel(kernel_id)
        read = kernel._activity_stream._recv_callback

        def count(message):
            if message[0].startswith(COMM):
                self.last_kernel_activity = kernel.last_activity = datetime.now(UTC)
            else:
                read(message)

        kernel._activity_stream.on_recv(count)

    def _run(self, kernel_id, source):
        """Run code in the kernel, silently and without waiting for it."""
        kernel = self.get_kernel(kernel_id)
        channel = kernel.connect_shell()
        channel.on_recv(lambda _: channel.close())
        kernel.session.send(channel, "execute_request", {"code": source, "silent": True, "allow_stdin": False})

    def list_kernels(self):
        """List the student's kernels: all but the spare one."""
        return [kernel for kernel in super().list_kernels() if kernel["id"] != self._spare]


class KeptFiles(AsyncLargeFileManager):
    """Contents manager that saves a file whole or not at all, and reports a full disk.

    Jupyter's own overwrites the file and restores a copy after a failure, but not if only the last kilobytes fail.
    """

    async def save(self, model, path=""):
        """Save a file; if the disk is full, say so in the reply."""
        try:
            return await super().save(model, path)
        except HTTPError as error:
            if getattr(error.__cause__, "errno", None) not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise HTTPError(
                507,
                "Your disk is full, and this was not saved. What you saved before is still there. "
                "Delete files that you do not need, then save again.",
            ) from error

    @contextlib.contextmanager
    def atomic_writing(self, os_path, text=True, encoding="utf-8", **kwargs):
        """Yield a temporary file that replaces the old one once it is completely on the disk."""
        place = os.path.realpath(os_path)
        handle, name = tempfile.mkstemp(dir=os.path.dirname(place), prefix=".~saving-")
        try:
            options = {"mode": "w", "encoding": encoding, "newline": "\n"} if text else {"mode": "wb"}
            with os.fdopen(handle, **options | kwargs) as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            if os.path.exists(place):
                shutil.copymode(place, name)
            else:
                os.chmod(name, 0o666 & ~_umask())
            os.replace(name, place)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)


def _umask():
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def count_use():
    """Count only requests that change something as use: an open tab polls its lists every few seconds, for days."""
    count = APIHandler.update_api_activity

    def count_changes(handler):
        if handler.request.method not in ("GET", "HEAD"):
            count(handler)

    APIHandler.update_api_activity = count_changes


def let_the_proxy_close():
    """Leave closing a connection to the proxy, although it asks the server to close after each response.

    The proxy ends a request with an empty write to the socket. If a quick server has closed it by then, the write fails
    with EPIPE, and the proxy reports 503 for a save or a kernel's start that has succeeded.
    """
    finish = HTTP1Connection._finish_request

    def finish_without_closing(connection, future):
        connection._disconnect_on_finish = False
        finish(connection, future)

    HTTP1Connection._finish_request = finish_without_closing


def make_no_hidden_records(server):
    """Make no log records that the server's level hides; there are several for each request and message."""
    server.log.setLevel(server.log_level)


def _jupyter_server_extension_points():
    return [{"module": __name__}]


def _load_jupyter_server_extension(server):
    count_use()
    let_the_proxy_close()
    make_no_hidden_records(server)


async def _start_jupyter_server_extension(server):
    server.kernel_manager.ready = asyncio.create_task(get_ready(server))
