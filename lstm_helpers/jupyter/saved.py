"""A notebook in a file has the picture of a panel, not the panel.

A panel lives as long as its kernel. Of a panel that was saved, JupyterLab shows a day later no more than "Error
displaying widget: model not found", although its picture stands beside it in the file. So this extension of Jupyter's
server leaves the panel out of what is written to a file, and the picture is shown, as it was before the notebook was
run. What saved a notebook without this extension (another server, VS Code, Colab) has written both; so the panel is
left out of what is read as well. What is on the page is not touched. `lstm_helpers/jupyter/server_config.json`, which
is installed with the package, switches it on.
"""

import functools

WIDGET = "application/vnd.jupyter.widget-view+json"


def keep_pictures(model, **_):
    """Take widgets that have a picture out of a notebook that is about to be written. Others stay as they are."""
    if model.get("type") == "notebook" and model.get("content"):
        _keep_pictures(model["content"])


def _keep_pictures(notebook):
    for cell in notebook.get("cells", []):
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/png" in data:
                data.pop(WIDGET, None)


def _and_keep_pictures(mark_trusted_cells):
    """What Jupyter's server calls with each notebook that it has read, and then the same for its pictures.

    In this order: whether a notebook is trusted is told by a signature of all that is in the file.
    """

    @functools.wraps(mark_trusted_cells)
    def mark(notebook, path=""):
        mark_trusted_cells(notebook, path)
        _keep_pictures(notebook)

    return mark


def _jupyter_server_extension_points():
    return [{"module": __name__}]


def _load_jupyter_server_extension(server):
    contents = server.contents_manager
    contents.register_pre_save_hook(keep_pictures)
    contents.mark_trusted_cells = _and_keep_pictures(contents.mark_trusted_cells)  # there is no hook for what is read
