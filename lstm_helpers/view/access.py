"""For those who do not see a panel, or see it on a dark page: names, a voice, and colors that can be read.

Nothing on Python's side gives a slider of ipywidgets a name, or makes a screen reader hear of a sentence that changes.
So a panel brings along a few lines of JavaScript, `panel.js`. They run when an image of one pixel is loaded, once in
each view of the panel. Where a page does not admit that, the panel is as it would be without them.
"""

import html
from pathlib import Path

import ipywidgets

from lstm_helpers.view.style import INK, INK_ON_DARK

_PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
_UNSEEN = "position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%)"
_SCRIPT = Path(__file__).with_name("panel.js").read_text(encoding="utf-8")


def _style():
    """The colors of the labels: `lstm-ink-f` is the color of the forget gate as text, on a light page or a dark one."""
    dark = '[data-jp-theme-light="false"] .lstm-panel'
    lines = [f".lstm-panel .lstm-ink-{name} .lstm-name {{ color: {ink}; }}" for name, ink in INK.items()]
    for name, ink in INK_ON_DARK.items():
        lines += [
            f"{dark} .lstm-ink-{name} .lstm-name {{ color: {ink}; }}",
            f"{dark} .lstm-ink-{name} .noUi-handle {{ background: {ink} !important; }}",
        ]
    return "\n".join(lines)


def voice(title):
    """A widget that takes no room. In the panel it stands in, it names the controls, and says what changes.

    What it names are the children of class `lstm-control`, by what stands in their child of class `lstm-name`. What it
    says is what stands in the children of class `lstm-spoken`, when it has not changed for half a second.
    """
    image = f'<img src="{_PIXEL}" alt="" hidden data-title="{html.escape(title)}" onload="{html.escape(_SCRIPT)}">'
    live = f'<div aria-live="polite" style="{_UNSEEN}"></div>'
    return ipywidgets.HTML(f"{image}{live}<style>{_style()}</style>", layout={"height": "0", "margin": "0"})
