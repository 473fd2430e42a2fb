"""One mechanism for every live picture: blitting in vectors.

A figure is built once. What stands still (axes, ticks, labels) is drawn once as SVG; what moves is drawn again at
each move, by matplotlib's own SVG renderer, into a transparent SVG that lies over the first. Both are shown by
`ipywidgets.HTML`: sharp at any size, real text, no extension of our own.

Traffic: Jupyter's server drops what a kernel sends beyond 1 MB a second, and the last picture of a drag with it. So
coordinates have two decimals, which makes a picture some 10 KB, and the environment we ship sets that limit higher.

Threads: JupyterLab may hand slider messages to a second thread of the kernel while a cell is running (its setting
`commsOverSubshells`; whether they get there depends on the version of ipykernel), and two threads that draw at once
spoil each other's pictures, for matplotlib shares its settings and caches. So the environment we ship turns that
setting off, and even where it is on, a picture here is drawn on the kernel's main thread only: a move that arrives on
another thread leaves a request there, which is met as soon as the running cell is done.
"""

import base64
import contextlib
import functools
import html
import io
import re
import sys
import threading
import uuid

import matplotlib as mpl
import numpy as np
from IPython import get_ipython
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.textpath import text_to_path

from lstm_helpers.view.fonts import give_fonts, quietly
from lstm_helpers.view.style import PAPER, THEMES, WIDTH, WIDTH_ON_PAGE, styled

_TURN = 2e-4  # seconds
_MOST_STILLS = 100  # of one figure, each some 10 KB
_MOST_EXTENTS = 4096  # of texts
PNG_DPI = 144  # two pixels for each unit of the SVG: sharp on a projector and on a page

# A color of ours is the page's: `access.voice` says what it is on a light page and on a dark one. Where nobody says so,
# it is as it was drawn.
_LIGHT = {PAPER: "paper"} | {light: name for name, (light, _) in reversed(THEMES.items())}  # "c" before "ink-c"
_ON_PAGE = {color.lower(): f"var(--lstm-{name}, {color.lower()})" for color, name in _LIGHT.items()}
# Matplotlib measures text in DejaVu Sans; the others are what a reader's machine has that is as wide or narrower. It
# does not say of black what is black.
_SVG_STYLE = (
    "display: block; width: 100%; height: auto; stroke-linejoin: round; stroke-linecap: butt; "
    f"font-family: 'DejaVu Sans', Verdana, Arial, sans-serif; fill: {_ON_PAGE['#000000']}"
)
_FONT_FAMILY = re.compile(r" font-family: [^;\"]*;?")
_TAG = re.compile(r"<(?!!)[^>]*>")  # and no comment
_BEYOND_TWO_DECIMALS = re.compile(r"(?<=\.\d\d)\d+")
_ZEROS_AT_THE_END = re.compile(r"\.00?(?!\d)|(?<=\.\d)0(?!\d)")  # of two decimals at most
_COLOR = re.compile(r"(?<=: )#[0-9a-f]{6}\b")
_GROUP_NAME = re.compile(r'(?<=<g) id="[^"]*"')  # of an empty group too
_DEFINITIONS = re.compile(r"<defs>(.*?)</defs>\n?", re.DOTALL)
_BETWEEN_LINES = re.compile(r"\s*\n\s*")
# A marker that can be the end of a line: the shape of that end, and its width, in units of the marker.
_ENDS = {Path.unit_circle(): ("round", 2), Path.unit_rectangle(): ("projecting", 1)}
_NO_METADATA = dict.fromkeys(["Format", "Type", "Creator", "Date"])


class LiveFigure:
    """A matplotlib figure as a still SVG, a moving SVG that lies over it, and a PNG of both.

    Args:
        figure: a `matplotlib.figure.Figure` at 72 dpi, as `style.new_figure` makes it.
        moving: the artists that change. Whoever owns the figure updates them in place, then asks for `layer`.
    """

    def __init__(self, figure, moving):
        self.figure = figure
        self.moving = sorted(moving, key=lambda artist: artist.get_zorder())
        # Ids of clip paths and markers are global to a page. Salted, those of two figures never meet.
        self._salt = uuid.uuid4().hex
        self._drawn = {}  # artist -> its SVG and what that refers to, as long as the artist does not change
        self._stills = {}  # limits and ticks of all axes -> what stands still at these

    def still(self):
        """What stands still, as an SVG element that a screen reader passes over.

        Drawn once for all limits and ticks of the axes: nothing else of it may change.
        """
        self._drawn.clear()  # new limits of an axis move artists that do not know it
        scales = tuple(
            (*axis.get_view_interval(), *axis.get_ticklocs()) for axes in self.figure.axes for axis in _both(axes)
        )
        if scales not in self._stills:
            if len(self._stills) >= _MOST_STILLS:
                self._stills.clear()
            self._stills[scales] = self._draw_still()
        return self._stills[scales]

    def _draw_still(self):
        shown = [artist for artist in self.moving if artist.get_visible()]
        for artist in shown:
            artist.set_visible(False)
        try:
            self._give_fonts()
            with styled(), quietly(), _svg_settings(self._salt + "still"):
                definitions, content = self._svg(self.figure)
                return self._element(_defs(definitions) + content, 'aria-hidden="true"')
        finally:
            for artist in shown:
                artist.set_visible(True)

    def layer(self, name):
        """What moves, as a transparent SVG element with the accessible name `name`: the `parts`.

        A group that is not as it was before glows for a moment on the page (`panel.js`).
        """
        return self._element("".join(self.parts()), 'role="img"', f'aria-label="{html.escape(name)}"')

    def parts(self):
        """What moves, as a list of elements: the definitions that the others refer to, then a group for each artist.

        A page is quicker to take in one clip path than the same one in the group of every artist.
        Only artists that changed since the last call are drawn: matplotlib marks them as stale. `put` changes those
        alone that have to.
        """
        with quietly(), _svg_settings(self._salt + "layer"):
            for artist in self.moving:
                if artist.stale or artist not in self._drawn:
                    give_fonts(artist)
                    self._drawn[artist] = self._svg(artist)
                    artist.stale = False  # matplotlib does not say so where there was nothing to draw
        drawn = [self._drawn[artist] for artist in self.moving]
        definitions = dict.fromkeys(definition for definitions, _ in drawn for definition in definitions)
        return [_defs(definitions), *(_group(content) for _, content in drawn)]

    def png(self):
        """The whole figure as the bytes of a PNG file."""
        stream = io.BytesIO()
        self._give_fonts()
        with styled(), quietly():
            self.figure.savefig(stream, format="png", dpi=PNG_DPI, metadata={"Software": None})
        for text in self.figure.findobj(Text):
            text._renderer = None  # as before it was drawn: the renderer that a text keeps has all pixels, some 5 MB
        return stream.getvalue()

    def size(self):
        """Width and height in units of the SVG."""
        return self.figure.bbox.width, self.figure.bbox.height

    def _give_fonts(self):
        for axes in self.figure.axes:
            for axis in _both(axes):
                axis.get_ticklabels()  # it has them made
        give_fonts(self.figure)

    def _element(self, content, *attributes):
        return f"{opening_tag(self.figure, *attributes)}{content}</svg>"

    def _svg(self, artist):
        """What matplotlib draws of an artist: the definitions that it refers to, and the content of a group."""
        stream = io.StringIO()
        renderer = _Renderer(*self.size(), stream, image_dpi=self.figure.dpi, metadata=_NO_METADATA)
        renderer._text2path = text_to_path  # one for all, so that each formula is parsed once
        artist.draw(renderer)
        renderer.finalize()
        # The renderer opens with a style sheet for every element of the page; ours says the same for itself alone.
        # It names its groups "text_1" in every figure; nothing refers to those names, so they go.
        svg = stream.getvalue()
        content = svg[svg.index("</defs>") + len("</defs>") : svg.rindex("</svg>")]
        content = _FONT_FAMILY.sub("", _GROUP_NAME.sub("", content))
        content = _TAG.sub(lambda tag: _for_page(tag[0]), content)
        content = _BETWEEN_LINES.sub("\n", content)
        return _DEFINITIONS.findall(content), _DEFINITIONS.sub("", content)


class _Renderer(RendererSVG):
    """Matplotlib's SVG renderer, but for dots and squares of one color: all of a line are one path.

    Its segments have no length, and its line ends are round or square, and as wide as the marker. A page would need
    several times as long for an element at each point.
    """

    def draw_markers(self, gc, marker_path, marker_trans, path, trans, rgbFace=None):
        """Draw a marker at every point of a path: see `RendererBase.draw_markers`."""
        (width, slant, _), *_ = marker_trans.get_matrix()
        plain = slant == 0 and gc.get_linewidth() > 0 and rgbFace is not None and gc.get_rgb()[3] == gc.get_alpha() == 1
        if not plain or marker_path not in _ENDS or tuple(rgbFace) != tuple(gc.get_rgb()):
            super().draw_markers(gc, marker_path, marker_trans, path, trans, rgbFace)
            return
        shape, times = _ENDS[marker_path]
        ends = self.new_gc()
        ends.copy_properties(gc)
        ends.set_capstyle(shape)
        ends.set_linewidth(times * width + gc.get_linewidth())
        points = path.vertices[np.isfinite(path.vertices).all(axis=1)]
        segments = Path(np.repeat(points, 2, axis=0), np.tile([Path.MOVETO, Path.LINETO], len(points)))
        segments.should_simplify = False
        self.draw_path(ends, segments, trans)

    def get_text_width_height_descent(self, s, prop, ismath):
        """The extent of a text: see `RendererBase`. Matplotlib remembers it for one renderer, which here draws once."""
        return _extent(s, prop, ismath)


@functools.lru_cache(maxsize=_MOST_EXTENTS)
def _extent(text, font, ismath):
    return text_to_path.get_text_width_height_descent(text, font, ismath)


def _group(content):
    """The group that an artist has drawn, if that is all that it has drawn; else a group around it."""
    content = content.strip()
    alone = content.startswith("<g>") and content.endswith("</g>") and content.count("<g") == 1
    return content if alone else f"<g>{content}</g>"


def _defs(definitions):
    return f"<defs>{''.join(definitions)}</defs>"


def opening_tag(figure, *attributes):
    """The opening tag of both SVG elements of a live figure, with further attributes."""
    view = f'viewBox="0 0 {figure.bbox.width:g} {figure.bbox.height:g}"'
    return f'<svg {" ".join([view, *attributes])} style="{_SVG_STYLE}">'


def _for_page(tag):
    """A tag of an SVG element with two decimals at most, and with the page's colors."""
    tag = _ZEROS_AT_THE_END.sub("", _BEYOND_TWO_DECIMALS.sub("", tag))
    return _COLOR.sub(lambda color: _ON_PAGE.get(color[0], color[0]), tag)


def put(artist, **properties):
    """Set what differs; true if anything does. Matplotlib takes all that is set for changed, and draws it again."""
    changed = False
    for name, value in properties.items():
        if not _same(getattr(artist, f"get_{name}")(), value):
            getattr(artist, f"set_{name}")(value)
            changed = True
    return changed


def _same(old, new):
    return old == new if isinstance(new, (str, bool)) else np.array_equal(old, new, equal_nan=True)


def whole_limits(values):
    """The least whole numbers that hold the values and 0 between them, and 1: few, so a drag seldom changes them."""
    return min(0, int(np.floor(np.min(values) + 1e-9))), max(1, int(np.ceil(np.max(values) - 1e-9)))


def _both(axes):
    return axes.xaxis, axes.yaxis


@contextlib.contextmanager
def _svg_settings(salt):
    """The two settings the SVG renderer looks up as it draws; `mpl.rc_context` would copy all 300 at every move."""
    before = {name: mpl.rcParams[name] for name in ("svg.fonttype", "svg.hashsalt")}
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": salt})
    try:
        yield
    finally:
        mpl.rcParams.update(before)


def stored_picture(live, sentence):
    """What a page keeps of a picture: a line of text and the PNG, with that line as its alternative text.

    Returns:
        The data and metadata that `_repr_mimebundle_` gives.
    """
    width, height = (round(units * WIDTH_ON_PAGE / WIDTH) for units in live.size())
    data = {"text/plain": sentence, "image/png": base64.b64encode(live.png()).decode("ascii")}
    return data, {"image/png": {"width": width, "height": height, "alt": sentence}}


def share_time():
    """Let the kernel's other threads have their turn after a fifth of a millisecond, in place of Python's 5 ms.

    One of them sends its messages. It would be held up by what is computed meanwhile, and a picture would wait behind
    the message that the kernel is busy.
    """
    if getattr(get_ipython(), "kernel", None) is not None:
        sys.setswitchinterval(min(_TURN, sys.getswitchinterval()))


def on_main_thread(call):
    """Call now if this is the kernel's main thread, or if there is no kernel; else as soon as it is free."""
    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None or threading.current_thread() is threading.main_thread():
        call()
    else:
        kernel.io_loop.add_callback(call)
