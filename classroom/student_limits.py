"""Limits of a student's server: the number of kernels, what counts as use, and a full disk."""

import contextlib
import errno
import os
import shutil
import tempfile

from jupyter_server.base.handlers import APIHandler
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.web import HTTPError
from traitlets import Integer


class FewKernels(AsyncMappingKernelManager):
    """A kernel manager that refuses one kernel too many in words; the system would start and kill it over and over."""

    most = Integer(
        8, config=True, help="How many kernels may run at once; they share the student's memory and processes"
    )
    starting = 0

    async def start_kernel(self, *, kernel_id=None, **kwargs):
        """Start a kernel if there is room for one more, counting those that are starting."""
        if kernel_id in self:
            return await super().start_kernel(kernel_id=kernel_id, **kwargs)
        if len(self) + self.starting >= self.most:
            raise HTTPError(
                409,
                f"{self.most} notebooks are running, and no more can. Shut one down first: "
                "in the bar on the left, under Running Terminals and Kernels.",
            )
        self.starting += 1
        try:
            return await super().start_kernel(kernel_id=kernel_id, **kwargs)
        finally:
            self.starting -= 1


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
