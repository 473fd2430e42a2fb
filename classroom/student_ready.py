"""A student's server before its student comes: it does once what would keep JupyterLab's page waiting."""

import asyncio
import contextlib
import functools
import gc
from pathlib import Path

PAUSE = 10  # seconds; whoever has just logged in asks for a kernel within them


async def get_ready(server):
    """Start the kernel that waits and do once, for nothing, what the page asks for, if nobody has come.

    Somebody who is there already would have to wait for this as well, and so would the class that logs in meanwhile:
    so nothing of it begins before a pause.
    """
    kernels = server.kernel_manager
    await asyncio.sleep(PAUSE)
    if kernels.starting or kernels.list_kernels():
        return
    kernels.warm()
    if not await kernels.has_one_waiting():
        return
    try:
        await asyncio.to_thread(find_formats)
        for notebook in sorted(Path(server.root_dir).glob("*.ipynb"))[:1]:
            await server.contents_manager.get(notebook.name)  # it prepares the check of notebooks and of who wrote them
    except Exception:
        server.log.exception("The server could not get ready; the first page waits a little longer")
    gc.collect()
    gc.freeze()  # what is there now stays, and need not be searched for garbage while a student waits


def find_formats():
    """Find the formats of "Save and Export Notebook As", which the page asks for.

    nbconvert reads the list of all installed packages twice for each format; now it reads it once.
    """
    from nbconvert.exporters import base

    base.entry_points = functools.cache(base.entry_points)
    for name in base.get_export_names():
        with contextlib.suppress(ValueError):  # switched off
            base.get_exporter(name)
