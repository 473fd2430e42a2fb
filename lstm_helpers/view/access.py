"""Accessibility: names for controls, a voice for screen readers, and colors for light and dark pages.

From Python, a slider of ipywidgets cannot get an accessible name, and a screen reader does not notice a sentence that
changes. So a panel brings its own JavaScript, `panel.js`. An image of one pixel runs it on loading, once in each view
of the panel. Where a page blocks scripts, the panel works without names, voice and glow. `panel.css`, the layout, comes
the same way.

Why not anywidget (tried: version 0.11, November 2026)? In JupyterLab it does the same with as much traffic. But VS Code
and Colab would have to download it, and a strict content policy blocks its code just as it blocks the image's. Where
it fails to load, the panel shows an error; where the image fails, the panel only lacks a few features.
"""

import html
from pathlib import Path

import ipywidgets
from IPython import get_ipython

from lstm_helpers.view.style import inks, variables

_PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
# At the bottom of its box: one pixel lower, and Firefox would add a scrollbar to the panel.
_INVISIBLE = "position: absolute; bottom: 0; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%)"
_FOLDER = Path(__file__).parent
_SCRIPT, _LAYOUT = ((_FOLDER / name).read_text(encoding="utf-8") for name in ("panel.js", "panel.css"))


def _style():
    """Return the CSS of a panel: the colors of a light and of a dark page as variables, and the layout."""
    selectors = {".lstm-panel": False, '[data-jp-theme-light="false"] .lstm-panel': True}
    colors = [f"{selector} {{ {variables(dark)} }}" for selector, dark in selectors.items()]
    return "\n".join([*colors, inks(), _LAYOUT])


def _kernel_id():
    """Return the id of this kernel on Jupyter's server, or "" without a kernel."""
    application = getattr(getattr(get_ipython(), "kernel", None), "parent", None)
    return Path(getattr(application, "connection_file", "")).stem.removeprefix("kernel-")


def accessibility(title):
    """Return an invisible widget that runs `panel.js` in the panel that contains it.

    The script gives each child of class `lstm-control` the text of its `lstm-name` as its name. It announces the text
    of all children of class `lstm-announced` half a second after their last change.
    """
    data = f'data-title="{html.escape(title)}" data-kernel="{html.escape(_kernel_id())}"'
    image = f'<img src="{_PIXEL}" alt="" hidden {data} onload="{html.escape(_SCRIPT)}">'
    live = f'<div aria-live="polite" style="{_INVISIBLE}"></div>'
    return ipywidgets.HTML(f"{image}{live}<style>{_style()}</style>", layout={"height": "0", "margin": "0"})
