"""A student's server before its student comes: it does once what would keep JupyterLab's page waiting."""

import asyncio
import contextlib
import functools
import gc
from pathlib import Path


async def get_ready(server):
    """Do once, for nothing, what the page asks for, if nobody has come by the time that the kernel waits.

    Somebody who is there already would have to wait for this as well.
    """
    if not await server.kernel_manager.has_one_waiting():
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
