"""Live pictures, by blitting in vectors: the one mechanism behind every panel.

A figure is built once. The parts that stand still (axes, ticks, labels) are drawn once, as SVG. The parts that move are
drawn again at each move, by matplotlib's own SVG renderer, into a transparent SVG on top. `ipywidgets.HTML` shows both:
sharp at any size, real text, no browser extension.

Traffic: Jupyter's server drops messages beyond 1 MB per second, and with them the last picture of a drag. So
coordinates have two decimals, which makes a picture about 10 KB, and `jupyter/server_config.json` raises the limit.

Threads: if the JupyterLab setting `commsOverSubshells` is on, slider messages may reach a second thread of the kernel
while a cell is running. Two threads that draw at once corrupt each other's pictures, because matplotlib shares its
settings and caches. So `jupyter/lab_settings.json` turns the setting off; and where it is on, pictures are drawn on
the kernel's main thread only: a move that arrives on another thread leaves a request, which runs after the cell.
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

from lstm_helpers.view.fonts import ignore_missing_glyphs, set_fonts
from lstm_helpers.view.style import PAPER, THEMES, WIDTH, WIDTH_ON_PAGE, styled

_SWITCH_INTERVAL = 2e-4  # seconds
_MAX_STILLS = 100  # kept for one figure, each some 10 KB
_MAX_EXTENTS = 4096  # of texts
PNG_DPI = 144  # two pixels for each unit of the SVG: sharp on a projector and on a page

# Colors become CSS variables, which `access.py` sets for a light and a dark page. The fallback is the original color.
_LIGHT = {PAPER: "paper"} | {light: name for name, (light, _) in reversed(THEMES.items())}  # "c" wins over "ink-c"
_ON_PAGE = {color.lower(): f"var(--lstm-{name}, {color.lower()})" for color, name in _LIGHT.items()}
# Matplotlib measures text in DejaVu Sans; the other fonts are as wide or narrower. It writes no color for black text.
_SVG_STYLE = (
    "display: block; width: 100%; height: auto; stroke-linejoin: round; stroke-linecap: butt; "
    f"font-family: 'DejaVu Sans', Verdana, Arial, sans-serif; fill: {_ON_PAGE['#000000']}"
)
_FONT_FAMILY = re.compile(r" font-family: [^;\"]*;?")
_TAG = re.compile(r"<(?!!)[^>]*>")  # not a comment
_BEYOND_TWO_DECIMALS = re.compile(r"(?<=\.\d\d)\d+")
_TRAILING_ZEROS = re.compile(r"\.00?(?!\d)|(?<=\.\d)0(?!\d)")  # of two decimals at most
_COLOR = re.compile(r"(?<=: )#[0-9a-f]{6}\b")
_GROUP_NAME = re.compile(r'(?<=<g) id="[^"]*"')
_DEFINITIONS = re.compile(r"<defs>(.*?)</defs>\n?", re.DOTALL)
_BETWEEN_LINES = re.compile(r"\s*\n\s*")
# Markers that a line cap can draw: the kind of cap, and its width in units of the marker.
_CAPS = {Path.unit_circle(): ("round", 2), Path.unit_rectangle(): ("projecting", 1)}
_NO_METADATA = dict.fromkeys(["Format", "Type", "Creator", "Date"])


class LiveFigure:
    """A matplotlib figure as a still SVG, a moving SVG on top of it, and a PNG of both.

    Args:
        figure: a `matplotlib.figure.Figure` at 72 dpi, from `style.new_figure`.
        moving: the artists that change. The figure's owner updates them in place, then calls `layer`.
    """

    def __init__(self, figure, moving):
        self.figure = figure
        self.moving = sorted(moving, key=lambda artist: artist.get_zorder())
        # Ids of clip paths and markers are global to a page; the salt makes those of two figures differ.
        self._salt = uuid.uuid4().hex
        self._drawn = {}  # artist -> its definitions and its SVG, valid until the artist changes
        self._stills = {}  # limits and ticks of all axes -> the still part

    def still(self):
        """Return the still part as an SVG element that screen readers skip.

        It is drawn once for each combination of the axes' limits and ticks; nothing else in it may change.
        """
        self._drawn.clear()  # new limits move artists that matplotlib does not mark as stale
        scales = tuple(
            (*axis.get_view_interval(), *axis.get_ticklocs()) for axes in self.figure.axes for axis in _axis_pair(axes)
        )
        if scales not in self._stills:
            if len(self._stills) >= _MAX_STILLS:
                self._stills.clear()
            self._stills[scales] = self._draw_still()
        return self._stills[scales]

    def _draw_still(self):
        visible = [artist for artist in self.moving if artist.get_visible()]
        for artist in visible:
            artist.set_visible(False)
        try:
            self._set_fonts()
            with styled(), ignore_missing_glyphs(), _svg_settings(self._salt + "still"):
                definitions, content = self._svg(self.figure)
                return self._element(_defs(definitions) + content, 'aria-hidden="true"')
        finally:
            for artist in visible:
                artist.set_visible(True)

    def layer(self, name):
        """Return the moving part as a transparent SVG element with the accessible name `name`.

        `panel.js` makes the groups that differ from the previous layer glow for a moment.
        """
        return self._element("".join(self.parts()), 'role="img"', f'aria-label="{html.escape(name)}"')

    def parts(self):
        """Return the moving part as a list of elements: the shared definitions, then a group for each artist.

        The definitions are shared because a page renders one clip path faster than a copy in each group. Only artists
        that matplotlib marks as stale are drawn again; `put` keeps the others clean.
        """
        with ignore_missing_glyphs(), _svg_settings(self._salt + "layer"):
            for artist in self.moving:
                if artist.stale or artist not in self._drawn:
                    set_fonts(artist)
                    self._drawn[artist] = self._svg(artist)
                    artist.stale = False  # matplotlib leaves it stale if there was nothing to draw
        drawn = [self._drawn[artist] for artist in self.moving]
        definitions = dict.fromkeys(definition for definitions, _ in drawn for definition in definitions)
        return [_defs(definitions), *(_group(content) for _, content in drawn)]

    def png(self):
        """Return the whole figure as the bytes of a PNG file."""
        stream = io.BytesIO()
        self._set_fonts()
        with styled(), ignore_missing_glyphs():
            self.figure.savefig(stream, format="png", dpi=PNG_DPI, metadata={"Software": None})
        for text in self.figure.findobj(Text):
            text._renderer = None  # it would keep all the pixels alive, some 5 MB
        return stream.getvalue()

    def size(self):
        """Return width and height in units of the SVG."""
        return self.figure.bbox.width, self.figure.bbox.height

    def _set_fonts(self):
        for axes in self.figure.axes:
            for axis in _axis_pair(axes):
                axis.get_ticklabels()  # creates them
        set_fonts(self.figure)

    def _element(self, content, *attributes):
        return f"{opening_tag(self.figure, *attributes)}{content}</svg>"

    def _svg(self, artist):
        """Draw an artist; return the definitions that it refers to, and the content of its group."""
        stream = io.StringIO()
        renderer = _Renderer(*self.size(), stream, image_dpi=self.figure.dpi, metadata=_NO_METADATA)
        renderer._text2path = text_to_path  # shared, so that each formula is parsed once
        artist.draw(renderer)
        renderer.finalize()
        # Cut off the renderer's style sheet, which would apply to the whole page (`_SVG_STYLE` replaces it), and the
        # names of groups, such as "text_1", which are the same in every figure.
        svg = stream.getvalue()
        content = svg[svg.index("</defs>") + len("</defs>") : svg.rindex("</svg>")]
        content = _FONT_FAMILY.sub("", _GROUP_NAME.sub("", content))
        content = _TAG.sub(lambda tag: _for_page(tag[0]), content)
        content = _BETWEEN_LINES.sub("\n", content)
        return _DEFINITIONS.findall(content), _DEFINITIONS.sub("", content)


class _Renderer(RendererSVG):
    """Matplotlib's SVG renderer, except that a row of solid dots or squares becomes a single path.

    The path has a segment of length 0 for each point, with a round or square cap as wide as the marker. A page renders
    that several times faster than an element for each point.
    """

    def draw_markers(self, gc, marker_path, marker_trans, path, trans, rgbFace=None):
        """Draw a marker at every point of a path: see `RendererBase.draw_markers`."""
        (width, slant, _), *_ = marker_trans.get_matrix()
        plain = slant == 0 and gc.get_linewidth() > 0 and rgbFace is not None and gc.get_rgb()[3] == gc.get_alpha() == 1
        if not plain or marker_path not in _CAPS or tuple(rgbFace) != tuple(gc.get_rgb()):
            super().draw_markers(gc, marker_path, marker_trans, path, trans, rgbFace)
            return
        cap, scale = _CAPS[marker_path]
        cap_gc = self.new_gc()
        cap_gc.copy_properties(gc)
        cap_gc.set_capstyle(cap)
        cap_gc.set_linewidth(scale * width + gc.get_linewidth())
        points = path.vertices[np.isfinite(path.vertices).all(axis=1)]
        segments = Path(np.repeat(points, 2, axis=0), np.tile([Path.MOVETO, Path.LINETO], len(points)))
        segments.should_simplify = False
        self.draw_path(cap_gc, segments, trans)

    def get_text_width_height_descent(self, s, prop, ismath):
        """Return the extent of a text, from a cache that outlives this renderer, which draws only once."""
        return _extent(s, prop, ismath)


@functools.lru_cache(maxsize=_MAX_EXTENTS)
def _extent(text, font, ismath):
    return text_to_path.get_text_width_height_descent(text, font, ismath)


def _group(content):
    """Return the content as one group: unchanged if it is one already."""
    content = content.strip()
    is_group = content.startswith("<g>") and content.endswith("</g>") and content.count("<g") == 1
    return content if is_group else f"<g>{content}</g>"


def _defs(definitions):
    return f"<defs>{''.join(definitions)}</defs>"


def opening_tag(figure, *attributes):
    """Return the opening tag of both SVG elements of a live figure, with further attributes."""
    view = f'viewBox="0 0 {figure.bbox.width:g} {figure.bbox.height:g}"'
    return f'<svg {" ".join([view, *attributes])} style="{_SVG_STYLE}">'


def _for_page(tag):
    """Return an SVG tag with two decimals at most, and with CSS variables for colors."""
    tag = _TRAILING_ZEROS.sub("", _BEYOND_TWO_DECIMALS.sub("", tag))
    return _COLOR.sub(lambda color: _ON_PAGE.get(color[0], color[0]), tag)


def put(artist, **properties):
    """Set the properties that differ; return true if any does. (Every setter marks an artist for redrawing.)"""
    changed = False
    for name, value in properties.items():
        if not _same(getattr(artist, f"get_{name}")(), value):
            getattr(artist, f"set_{name}")(value)
            changed = True
    return changed


def _same(old, new):
    return old == new if isinstance(new, (str, bool)) else np.array_equal(old, new, equal_nan=True)


def whole_limits(values):
    """Return whole-number limits that contain the values, 0 and 1. A drag seldom changes them."""
    return min(0, int(np.floor(np.min(values) + 1e-9))), max(1, int(np.ceil(np.max(values) - 1e-9)))


def _axis_pair(axes):
    return axes.xaxis, axes.yaxis


@contextlib.contextmanager
def _svg_settings(salt):
    """Set two settings of the SVG renderer for a while. (`mpl.rc_context` would copy all 300 at every move.)"""
    before = {name: mpl.rcParams[name] for name in ("svg.fonttype", "svg.hashsalt")}
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": salt})
    try:
        yield
    finally:
        mpl.rcParams.update(before)


def stored_picture(live, sentence):
    """Return what a saved notebook keeps of a live figure: the sentence, and the PNG with it as alternative text.

    Returns:
        The data and metadata for `_repr_mimebundle_`.
    """
    width, height = (round(units * WIDTH_ON_PAGE / WIDTH) for units in live.size())
    data = {"text/plain": sentence, "image/png": base64.b64encode(live.png()).decode("ascii")}
    return data, {"image/png": {"width": width, "height": height, "alt": sentence}}


def shorten_switch_interval():
    """Let threads of a kernel switch every 0.2 ms instead of Python's 5 ms.

    One thread sends the kernel's messages. With longer turns, a picture would wait while the main thread computes.
    """
    if getattr(get_ipython(), "kernel", None) is not None:
        sys.setswitchinterval(min(_SWITCH_INTERVAL, sys.getswitchinterval()))


def on_main_thread(call):
    """Call now if this is the main thread, or if there is no kernel; otherwise as soon as the main thread is free."""
    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None or threading.current_thread() is threading.main_thread():
        call()
    else:
        kernel.io_loop.add_callback(call)
