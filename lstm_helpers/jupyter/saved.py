"""What is stored when a reader saves a notebook: the picture of a panel, not the panel.

A panel lives as long as its kernel. Of a panel that was saved, JupyterLab shows a day later no more than "Error
displaying widget: model not found", although its picture stands beside it in the file. So this extension of Jupyter's
server leaves the panel out of what is written to the file, and the picture is shown, as it was before the notebook was
run. What is on the page is not touched. `lstm_helpers/jupyter/server_config.json`, which is installed with the package,
switches it on.
"""

WIDGET = "application/vnd.jupyter.widget-view+json"


def keep_pictures(model, **_):
    """Take widgets that have a picture out of a notebook that is about to be written. Others stay as they are."""
    if model.get("type") != "notebook" or not model.get("content"):
        return
    for cell in model["content"].get("cells", []):
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/png" in data:
                data.pop(WIDGET, None)


def _jupyter_server_extension_points():
    return [{"module": __name__}]


def _load_jupyter_server_extension(server):
    server.contents_manager.register_pre_save_hook(keep_pictures)
