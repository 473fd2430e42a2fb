"""Closing panels that nothing shows or names any more.

ipywidgets keeps every widget until it is closed, and IPython keeps the value of every cell and every picture it has
displayed. A cell that runs again and again would fill the kernel's memory. So a panel's widgets are closed when the
panel is garbage-collected, and nothing here or in IPython keeps a panel alive after the cell that showed it runs again.
"""

import gc
import os
import re
import weakref

import ipywidgets
from IPython import get_ipython

_VIEW = "application/vnd.jupyter.widget-view+json"
_CACHED = re.compile(r"_*\d*")  # IPython's names for the values of cells: _, __, _12; 12 in Out


def weakly(method):
    """Return a function that calls a bound method but does not keep its object alive. Later calls do nothing."""
    reference = weakref.WeakMethod(method)

    def call(*args):
        method = reference()
        if method is not None:
            method(*args)

    return call


def view_of(widget):
    """Return a widget's MIME data, which any version of ipywidgets displays. (7 has no `_repr_mimebundle_`.)"""
    return {_VIEW: {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}}


def close_with(owner, widget):
    """Close a widget and its children when `owner` is garbage-collected. The widget must not refer to the owner."""
    weakref.finalize(owner, _close, widget).atexit = False


def _close(widget):
    for child in getattr(widget, "children", ()):
        _close(child)
    for part in (widget.layout, getattr(widget, "style", None), widget):
        if isinstance(part, ipywidgets.Widget):
            part.close()


class _PanelsByCell:
    """The panels that each cell shows, kept alive until the cell runs again."""

    def __init__(self, shell):
        self._shell, self._panels, self._running = shell, {}, []
        shell.events.register("post_run_cell", self._cell_has_run)

    def add(self, panel):
        """Keep a panel that the running cell shows."""
        self._running.append(panel)

    def _cell_has_run(self, result):
        # Some front ends do not name their cells; and IPython 7 leaves the name out of `result`.
        cell = _request().get("metadata", {}).get("cellId") or result.info.raw_cell
        before = self._panels.get(cell)
        if before or self._running:
            self._panels[cell] = self._running
        self._forget_values(self._running)
        self._running = []
        if before:
            self._forget_pictures(before)
            del before
            gc.collect()  # matplotlib's figures are full of reference cycles

    def _forget_pictures(self, panels):
        """Remove pictures of panels from the outputs that IPython 9 and later keep."""
        kept = getattr(self._shell.history_manager, "outputs", {})
        models = {panel.widget.model_id for panel in panels}
        for outputs in kept.values():
            outputs[:] = [output for output in outputs if output.bundle.get(_VIEW, {}).get("model_id") not in models]

    def _forget_values(self, panels):
        """Remove panels from the values of cells that IPython keeps."""
        shell = self._shell
        for names in (vars(shell.displayhook), shell.user_ns, shell.user_ns_hidden, shell.user_ns.get("_oh", {})):
            for name, value in list(names.items()):
                if _CACHED.fullmatch(str(name)) and any(value is panel for panel in panels):
                    names[name] = ""


def is_interactive():
    """Return whether a person may be at the page, as far as a kernel can know.

    With each cell, the front end says whether a user could answer a question. JupyterLab, VS Code and Colab say yes.
    Tools that run a notebook to store, convert or compare it (nbconvert, nbval, papermill) say no. Voila says no too,
    but shows the page to a reader; its kernels have its address in their environment.
    """
    return "VOILA_BASE_URL" in os.environ or _request().get("content", {}).get("allow_stdin", True)


def _request():
    """Return the front end's message that runs the current cell; {} without a front end."""
    return getattr(get_ipython(), "get_parent", dict)()


_shells = weakref.WeakKeyDictionary()  # shell -> its `_PanelsByCell`


def keep_while_shown(panel):
    """Keep a panel alive until the running cell, which shows it, runs again."""
    shell = get_ipython()
    if shell is not None:
        if shell not in _shells:
            _shells[shell] = _PanelsByCell(shell)
        _shells[shell].add(panel)
