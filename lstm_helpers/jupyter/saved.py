"""A Jupyter server extension: a notebook's file stores the picture of a panel instead of the panel.

A panel needs its kernel. If a file stores a panel, JupyterLab later shows "Error displaying widget: model not found",
although the picture is in the file, too. So this extension removes panels that have a picture from each notebook that
is saved. It also removes them from each notebook that is opened, because other programs (another server, VS Code,
Colab) save both. The open page does not change. `server_config.json` in this folder switches the extension on; it is
installed with the package.
"""

import functools

WIDGET = "application/vnd.jupyter.widget-view+json"


def keep_pictures(model, **_):
    """Remove the widgets that have a picture from a notebook that is about to be saved. Other widgets stay."""
    if model.get("type") == "notebook" and model.get("content"):
        _remove_widgets(model["content"])


def _remove_widgets(notebook):
    for cell in notebook.get("cells", []):
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/png" in data:
                data.pop(WIDGET, None)


def _then_remove_widgets(mark_trusted_cells):
    """Wrap a method that Jupyter's server calls with each notebook that it has read.

    The widgets go last, because trust depends on a signature of the whole file.
    """

    @functools.wraps(mark_trusted_cells)
    def mark(notebook, path=""):
        mark_trusted_cells(notebook, path)
        _remove_widgets(notebook)

    return mark


def _jupyter_server_extension_points():
    return [{"module": __name__}]


def _load_jupyter_server_extension(server):
    contents = server.contents_manager
    contents.register_pre_save_hook(keep_pictures)
    contents.mark_trusted_cells = _then_remove_widgets(contents.mark_trusted_cells)  # there is no hook for reading
