"""A student's server: the number of kernels and the one that waits, what counts as use, a full disk, the proxy."""

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

# A panel is made once for nothing: what matplotlib then knows of fonts and formulas is a third of the first one's time.
# By name, for nothing may stand in a notebook's own namespace; collected, for a page asks a kernel for its widgets.
# What is left are modules. Frozen, they are not searched for garbage, which would happen in the midst of a first panel.
WARM_UP = (
    "__import__('lstm_helpers.explorers').explorers.ForgettingExplorer(); "
    "__import__('gc').collect(); __import__('gc').freeze()"
)
ROOM = 2**20  # bytes that a kernel finds on the disk before it is started to wait
COMM = b"comm-"  # how the topic of a widget's messages begins
SESSION = "JPY_SESSION_NAME"  # the path of the notebook, which Jupyter's server puts into a kernel's environment


class FewKernels(AsyncMappingKernelManager):
    """A kernel manager that refuses one kernel too many in words; the system would start and kill it over and over.

    In a server that nobody uses yet, one kernel waits, warmed up, for the first notebook. Until then it is on no list,
    and does not count.
    """

    most = Integer(
        8, config=True, help="How many kernels may run at once; they share the student's memory and processes"
    )
    starting = 0
    _waiting = None  # the id of the kernel that waits, and the task that starts it
    _started = None

    def warm(self):
        """Start the kernel that waits; none where the disk is full, for it could not write what it needs."""
        if shutil.disk_usage(self.connection_dir).free < ROOM:
            self.log.warning("The disk is full, so no kernel waits for the first notebook")
            return
        self._waiting = self.new_kernel_id()
        self._started = asyncio.create_task(self._start_warm(self._waiting))

    async def _start_warm(self, kernel_id):
        await super().start_kernel(kernel_id=kernel_id, path="", env=dict(os.environ))
        self._run(kernel_id, WARM_UP)

    async def start_kernel(self, *, kernel_id=None, **kwargs):
        """Hand out the kernel that waits, or start one, if there is room for one more, counting those that start."""
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
            handed_out = kernel_id is None and await self._hand_out(**kwargs)
            return handed_out or await super().start_kernel(kernel_id=kernel_id, **kwargs)
        finally:
            self.starting -= 1

    async def _hand_out(self, path=None, kernel_name=None, env=None):
        """The id of the kernel that waits; None if there is none, or if another folder or kind is wanted."""
        fits = kernel_name in (None, self.default_kernel_name) and self.cwd_for_path(path or "") == self.root_dir
        if not (self._waiting and fits):
            return None
        kernel_id, self._waiting = self._waiting, None  # at once: the next notebook must not get it too
        try:
            await self._started
        except Exception:
            self.log.exception("The kernel that should wait has not started")
        if kernel_id not in self:  # or it has waited for too long
            return None
        self.get_kernel(kernel_id).last_activity = datetime.now(UTC)  # its hour begins now
        if name := (env or {}).get(SESSION):
            self.update_env(kernel_id=kernel_id, env=env)  # for a restart
            self._run(kernel_id, f"__session__ = __import__('os').environ[{SESSION!r}] = {name!r}")
        return kernel_id

    async def shutdown_all(self, now=False):
        """Shut down all kernels, once none of them is being started again: Jupyter's server would fail, and stay."""
        for kernel in self._kernels.values():
            kernel.stop_restarter()
        while restarting := [kernel.ready for kernel in self._kernels.values() if not kernel.ready.done()]:
            await asyncio.wait(restarting)
        await super().shutdown_all(now=now)

    async def has_one_waiting(self):
        """Whether a kernel waits, once it has started or failed to: False if a notebook has taken it meanwhile."""
        if self._started:
            await asyncio.wait([self._started])
        return self._waiting is not None and self._waiting in self

    def start_watching_activity(self, kernel_id):
        """Count what a kernel sends as use; of what its widgets send, only that they do.

        Jupyter's server checks and parses each message for this. While a slider is dragged, that is half its work.
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
        """Run it in the kernel, without a trace in the history; nobody waits for it."""
        kernel = self.get_kernel(kernel_id)
        channel = kernel.connect_shell()
        channel.on_recv(lambda _: channel.close())
        kernel.session.send(channel, "execute_request", {"code": source, "silent": True, "allow_stdin": False})

    def list_kernels(self):
        """The student's kernels: all but the one that waits."""
        return [kernel for kernel in super().list_kernels() if kernel["id"] != self._waiting]


class KeptFiles(AsyncLargeFileManager):
    """A contents manager that saves all of a file or nothing, and says so when the disk is full.

    Jupyter's own overwrites the file and restores a copy if that fails, but not if the last few kilobytes fail.
    """

    async def save(self, model, path=""):
        """Save; a full disk is told in a sentence."""
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
        """A file to write to that replaces the old one once all of it is on the disk."""
        place = os.path.realpath(os_path)
        handle, name = tempfile.mkstemp(dir=os.path.dirname(place), prefix=".~saving-")
        try:
            how = {"mode": "w", "encoding": encoding, "newline": "\n"} if text else {"mode": "wb"}
            with os.fdopen(handle, **how | kwargs) as stream:
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
    """Count only changes as use: an open tab requests its lists every few seconds, for days."""
    count = APIHandler.update_api_activity

    def count_changes(handler):
        if handler.request.method not in ("GET", "HEAD"):
            count(handler)

    APIHandler.update_api_activity = count_changes


def let_the_proxy_close():
    """Have connections closed by the proxy, which asks for a new one each time, when it has the answer.

    It ends a request by writing nothing to the socket. Where a quick server has closed it by then, the system says
    EPIPE, and the proxy 503: on a busy machine a save, or the start of a kernel, that had succeeded.
    """
    finish = HTTP1Connection._finish_request

    def finish_and_stay(connection, future):
        connection._disconnect_on_finish = False
        finish(connection, future)

    HTTP1Connection._finish_request = finish_and_stay


def make_no_hidden_records(server):
    """Have the server make no log record that it would not show: it makes several for each request and message."""
    server.log.setLevel(server.log_level)


def _jupyter_server_extension_points():
    return [{"module": __name__}]


def _load_jupyter_server_extension(server):
    count_use()
    let_the_proxy_close()
    make_no_hidden_records(server)


async def _start_jupyter_server_extension(server):
    server.kernel_manager.ready = asyncio.create_task(get_ready(server))
