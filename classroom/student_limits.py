"""Limits that a student's server keeps: so many kernels at once, and what counts as use of it."""

from jupyter_server.base.handlers import APIHandler
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.web import HTTPError
from traitlets import Integer


class FewKernels(AsyncMappingKernelManager):
    """Refuses a kernel too many in words; the system would let it start, kill it, and let it start again."""

    most = Integer(
        8, config=True, help="How many kernels may run at once; they share the student's memory and processes"
    )
    starting = 0

    async def start_kernel(self, *, kernel_id=None, **kwargs):
        """Start a kernel if there is room for one more, those that are starting included."""
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


def count_use():
    """Let only what changes something count as use: an open tab asks for its lists every few seconds, for days."""
    count = APIHandler.update_api_activity

    def count_changes(handler):
        if handler.request.method not in ("GET", "HEAD"):
            count(handler)

    APIHandler.update_api_activity = count_changes
