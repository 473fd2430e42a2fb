"""For those who do not see a panel, or see it on a dark page: names, a voice, and colors that can be read.

Nothing on Python's side gives a slider of ipywidgets a name, or makes a screen reader hear of a sentence that changes.
So a panel brings along a few lines of JavaScript, `panel.js`. They run when an image of one pixel is loaded, once in
each view of the panel. Where a page does not admit that, the panel works, but lacks names, voice and glow. With them
comes `panel.css`, which lays the panel out.

The kept way to send JavaScript with a widget is anywidget. It was tried in place of the image (version 0.11, November
2026), and in JupyterLab it does all that the image does, with as much traffic. The image stays for two reasons. All
else in a panel comes with ipywidgets; anywidget is one more module, which VS Code and Colab download. And it runs its
lines from a `blob:` address, which a strict content policy blocks just as it blocks the image's. In both cases, where
the image only leaves something out, the panel had an error in it.
"""

import html
from pathlib import Path

import ipywidgets
from IPython import get_ipython

from lstm_helpers.view.style import INK, THEMES

_PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
_UNSEEN = "position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%)"
_HERE = Path(__file__).parent
_SCRIPT, _LAYOUT = ((_HERE / name).read_text(encoding="utf-8") for name in ("panel.js", "panel.css"))


def _style():
    """The layout of panels, and the colors of a light page and of a dark one, as variables.

    What has the class `lstm-ink-f` has the color of the forget gate as text.
    """
    pages = (".lstm-panel", '[data-jp-theme-light="false"] .lstm-panel')
    colors = [
        f"{where} {{ {' '.join(f'--lstm-{name}: {color[k]};' for name, color in THEMES.items())} }}"
        for k, where in enumerate(pages)
    ]
    inks = [f".lstm-ink-{name} {{ --lstm-ink: var(--lstm-ink-{name}); }}" for name in INK]
    return "\n".join([*colors, *inks, _LAYOUT])


def _kernel():
    """The id that Jupyter's server has given to this kernel, or "" if there is no kernel."""
    application = getattr(getattr(get_ipython(), "kernel", None), "parent", None)
    return Path(getattr(application, "connection_file", "")).stem.removeprefix("kernel-")


def voice(title):
    """A widget that takes no room. In the panel it stands in, it names the controls, and says what changes.

    What it names are the children of class `lstm-control`, by what stands in their child of class `lstm-name`. What it
    says is what stands in the children of class `lstm-spoken`, when it has not changed for half a second.
    """
    data = f'data-title="{html.escape(title)}" data-kernel="{html.escape(_kernel())}"'
    image = f'<img src="{_PIXEL}" alt="" hidden {data} onload="{html.escape(_SCRIPT)}">'
    live = f'<div aria-live="polite" style="{_UNSEEN}"></div>'
    return ipywidgets.HTML(f"{image}{live}<style>{_style()}</style>", layout={"height": "0", "margin": "0"})
