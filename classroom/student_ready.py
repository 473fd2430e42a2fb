"""Preparation of a student's server before the student logs in, so that JupyterLab's first page comes sooner."""

import asyncio
import contextlib
import functools
import gc
from pathlib import Path

PAUSE = 10  # seconds, in which a student who has just logged in requests a kernel


async def get_ready(server):
    """Unless the server is in use after a pause, start the spare kernel and do slow first-time work.

    A student who has already logged in would have to wait for this, too, and so would a class that logs in meanwhile.
    """
    kernels = server.kernel_manager
    await asyncio.sleep(PAUSE)
    if kernels.starting or kernels.list_kernels():
        return
    kernels.start_spare()
    if not await kernels.has_spare():
        return
    try:
        await asyncio.to_thread(find_formats)
        for notebook in sorted(Path(server.root_dir).glob("*.ipynb"))[:1]:
            await server.contents_manager.get(notebook.name)  # loads the notebook schema and the signature database
    except Exception:
        server.log.exception("The server could not get ready; the first page will take a little longer")
    gc.collect()
    gc.freeze()  # spares searching today's objects for garbage while a student waits


def find_formats():
    """Find the formats of "Save and Export Notebook As", which the page asks for.

    nbconvert reads the list of installed packages twice per format; with a cache it reads it once.
    """
    from nbconvert.exporters import base

    base.entry_points = functools.cache(base.entry_points)
    for name in base.get_export_names():
        with contextlib.suppress(ValueError):  # a disabled exporter
            base.get_exporter(name)
