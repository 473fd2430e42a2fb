"""How long a panel lives: as long as somebody has a name for it, or a cell on the page shows it.

ipywidgets keeps every widget until it is closed, and IPython every value that a cell has ended with and every picture
that it has shown: a cell that is run again and again would fill the memory of its kernel. So the widgets of a panel are
closed when it is gone, and it is gone when nothing but those two would have kept it.
"""

import gc
import os
import re
import weakref

import ipywidgets
from IPython import get_ipython

_VIEW = "application/vnd.jupyter.widget-view+json"
_CACHED = re.compile(r"_*\d*")  # what IPython calls the values that cells have ended with: _, __, _12; 12 in Out


def weakly(method):
    """A function that calls a bound method as long as its object lives, and does not keep it alive."""
    reference = weakref.WeakMethod(method)

    def call(*args):
        method = reference()
        if method is not None:
            method(*args)

    return call


def view_of(widget):
    """What a page shows a widget by, in the form of every version of ipywidgets: 7 has no `_repr_mimebundle_`."""
    return {_VIEW: {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}}


def close_with(owner, widget):
    """Close a widget and all that belongs to it when its owner is gone. The widget must not keep the owner alive."""
    weakref.finalize(owner, _close, widget).atexit = False


def _close(widget):
    for child in getattr(widget, "children", ()):
        _close(child)
    for part in (widget.layout, getattr(widget, "style", None), widget):
        if isinstance(part, ipywidgets.Widget):
            part.close()


class _Page:
    """Which panels the cells of a page show."""

    def __init__(self, shell):
        self._shell, self._cells, self._shown = shell, {}, []
        shell.events.register("post_run_cell", self._cell_has_run)

    def show(self, panel):
        """Keep a panel that the running cell shows, until that cell has run again."""
        self._shown.append(panel)

    def _cell_has_run(self, result):
        # Not every page names its cells; and where one does, IPython 7 leaves that out of `result`.
        cell = _request().get("metadata", {}).get("cellId") or result.info.raw_cell
        before = self._cells.get(cell)
        if before or self._shown:
            self._cells[cell] = self._shown
        self._forget(self._shown)
        self._shown = []
        if before:
            self._forget_pictures(before)
            del before
            gc.collect()  # figures of matplotlib are full of cycles

    def _forget_pictures(self, panels):
        """Take the pictures of panels out of what IPython, from version 9 on, keeps of every output."""
        kept = getattr(self._shell.history_manager, "outputs", {})
        theirs = {panel.widget.model_id for panel in panels}
        for outputs in kept.values():
            outputs[:] = [output for output in outputs if output.bundle.get(_VIEW, {}).get("model_id") not in theirs]

    def _forget(self, panels):
        """Take panels out of what IPython keeps of the values that cells have ended with."""
        shell = self._shell
        for place in (vars(shell.displayhook), shell.user_ns, shell.user_ns_hidden, shell.user_ns.get("_oh", {})):
            for key, value in list(place.items()):
                if _CACHED.fullmatch(str(key)) and any(value is panel for panel in panels):
                    place[key] = ""


def somebody_is_there():
    """Whether a person may be at the page, as far as a kernel can know.

    The front end says with each cell whether a user could answer a question. JupyterLab, VS Code and Colab say yes;
    what runs a notebook to store, convert or compare it (nbconvert, nbval, papermill) says no. Voila says no as well,
    and shows the page to somebody: its kernels have its address in their environment.
    """
    return "VOILA_BASE_URL" in os.environ or _request().get("content", {}).get("allow_stdin", True)


def _request():
    """The message by which the front end has the running cell run; empty where there is no front end."""
    return getattr(get_ipython(), "get_parent", dict)()


_pages = weakref.WeakKeyDictionary()


def shown(panel):
    """Say that a panel is being shown, by the cell that is running if there is one."""
    shell = get_ipython()
    if shell is not None:
        if shell not in _pages:
            _pages[shell] = _Page(shell)
        _pages[shell].show(panel)
