"""For those who do not see a panel, or see it on a dark page: names, a voice, and colors that can be read.

Nothing on Python's side gives a slider of ipywidgets a name, or makes a screen reader hear of a sentence that changes.
So a panel brings along a few lines of JavaScript, `panel.js`. They run when an image of one pixel is loaded, once in
each view of the panel. Where a page does not admit that, the panel is as it would be without them.
"""

import html
from pathlib import Path

import ipywidgets
from IPython import get_ipython

from lstm_helpers.view.style import INK, INK_ON_DARK

_PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
_UNSEEN = "position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%)"
# The spoken sentence, where it should show as well.
_SEEN = (
    "position: static !important; width: auto !important; height: auto !important; clip-path: none !important; "
    "padding: 6px 12px; font-size: 18px; font-weight: bold; color: black; background: #FFE9A8"
)
_SCRIPT = Path(__file__).with_name("panel.js").read_text(encoding="utf-8")


def _style():
    """What has the class `lstm-ink-f` is in the color of the forget gate as text, on a light page or a dark one.

    And what has the keyboard's attention has a frame that is seen.
    """
    panel, dark = ".lstm-panel", '[data-jp-theme-light="false"] .lstm-panel'
    inks = [(panel, INK), (dark, INK_ON_DARK)]
    return "\n".join(
        [f"{where} .lstm-ink-{name} {{ --lstm-ink: {ink}; }}" for where, of in inks for name, ink in of.items()]
        + [
            f"{where} :is(.lstm-control.lstm-control *, *):focus-visible {{ outline: 2px solid {of['o']} !important; }}"
            for where, of in inks
        ]
        + [
            f"{panel} :focus-visible {{ outline-offset: 2px; }}",
            f"{panel} .lstm-name, {panel} .lstm-complaint {{ color: var(--lstm-ink); }}",
            f"{panel} .lstm-control .noUi-handle {{ background: var(--lstm-ink) !important; }}",
            # Of a panel that has lost its kernel: above it, in place of ipywidgets' sign at each of its parts.
            f"{panel}.lstm-lost > [inert] {{ opacity: 0.4; }}",
            f"{panel}.lstm-lost > :not([inert]) {{ order: -1; height: auto !important; }}",
            f"{panel}.lstm-lost [aria-live] {{ {_SEEN} }}",
            f"{panel}.lstm-lost:before, {panel}.lstm-lost .jupyter-widgets-disconnected:before {{ content: none; }}",
        ]
    )


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
