"""Static plots: arrays in, a picture with its description out."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgb
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.ticker import LogLocator

from lstm_helpers import _arguments as arguments
from lstm_helpers._arguments import brief, mapping, real_array, refuse, short_traceback, texts
from lstm_helpers.view.fonts import ignore_missing_glyphs, set_fonts
from lstm_helpers.view.labels import spread
from lstm_helpers.view.live import LiveFigure, stored_picture
from lstm_helpers.view.style import COLORS, FAINT, GRAY, INK, QUIET, new_figure, number, powers, styled

# Colors of lines that stand for no symbol: indigo, moss, wine, violet, brown, teal. None looks like a symbol's color,
# and all are readable as text on white. Dashes and markers differ, too.
FAMILIES = ["#332288", "#4B6B12", "#882255", "#8E44C8", "#7B4B2A", "#2A7F86"]
_DASHES = ["-", "--", "-.", (0, (4, 1, 1, 1)), (0, (1, 1)), (0, (8, 2))]
_MARKERS = "os^DvP"
_FEW_TICKS = {"nbins": 5, "steps": [1, 2, 5, 10]}
_LEADER = 26  # from a plot to the names beside it, in units
_EDGE = 12  # from a name to the edge of the picture


class Picture:
    """A figure and its description in one sentence, which is also its alternative text."""

    def __init__(self, figure, sentence):
        self.figure, self.sentence = figure, sentence

    def _repr_mimebundle_(self, include=None, exclude=None):
        return stored_picture(LiveFigure(self.figure, []), self.sentence)


@short_traceback
def traces(lines, sentence, *, xlabel="time step t", ylabel="", start=0, ylim=None, symbols=(), words=None):
    """Plot values over time, a line for each name.

    Args:
        lines: name -> values, all of the same length. At most 6.
        sentence: the description of the picture.
        xlabel, ylabel: labels of the axes.
        start: the time step of the first value.
        ylim: the ends of the value axis; None: fit the values.
        symbols: the symbols that give the lines their colors, in order; or one symbol for shades of its color, for an
            ordered family of lines. Without symbols, the lines have colors that stand for none.
        words: tick labels for the time steps, instead of their numbers.
    """
    texts(sentence=sentence, xlabel=xlabel, ylabel=ylabel)
    lines = {name: real_array(f"lines[{name!r}]", v, ndim=1) for name, v in mapping("lines", lines, at_most=6).items()}
    if len({len(values) for values in lines.values()}) > 1:
        refuse(ValueError, f"lines must be of one length, got {', '.join(str(len(v)) for v in lines.values())}")
    length = len(next(iter(lines.values())))
    start, ylim = arguments.whole_number("start", start, -np.inf), None if ylim is None else _ends("ylim", ylim)
    colors, steps = _colors(symbols, len(lines)), start + np.arange(length)
    if words is not None and len(arguments.words("words", words)) != length:
        refuse(ValueError, f"words must be a list of {length} words, one for each step, got {brief(words)}")
    with styled():
        figure = new_figure(300)
        axes = figure.add_axes((0.09, 0.2, 0.88, 0.75), xlabel=xlabel, ylabel=ylabel)
        axes.axhline(0, color=QUIET, linewidth=1)
        points = {name: (steps, values) for name, values in lines.items()}
        drawn = _draw_lines(axes, points, colors, markevery=max(1, length // 12))
        axes.set_xlim(steps[0] - 0.02 * length, steps[-1] + 0.02 * length)
        if words is None:
            axes.xaxis.get_major_locator().set_params(**_FEW_TICKS | {"integer": True, "nbins": 8})
        else:
            # Slanted, to keep them apart; but not short ones: a slanted quotation mark looks like a slash.
            short = max(map(len, words)) <= 2
            slant = {} if short else {"rotation": 30, "ha": "right", "rotation_mode": "anchor"}
            axes.set_xticks(steps, words, **slant)
        if ylim is not None:
            axes.set_ylim(*ylim)
        axes.yaxis.get_major_locator().set_params(**_FEW_TICKS)
        _name_at_ends(axes, drawn)
    return Picture(figure, sentence)


@short_traceback
def curve(function, symbol, marks, sentence, *, ends=(-6, 6), ylim=(0, 1), xlabel="z", ylabel="", whole=False):
    """Plot a function of one number, with marked points.

    Args:
        function: a function from an array to an array.
        symbol: the symbol that gives the marks their color.
        marks: name -> x of the marked point.
        sentence: the description of the picture.
        ends, ylim: the ends of both axes.
        xlabel, ylabel: labels of the axes.
        whole: true if the function is a staircase of whole numbers; heights then have no decimals.
    """
    texts(sentence=sentence, xlabel=xlabel, ylabel=ylabel)
    whole = arguments.switch("whole", whole)
    arguments.function("function", function, "from an array to an array")
    arguments.one_of("symbol", symbol, COLORS)
    marks = {name: float(real_array(f"marks[{name!r}]", x, ndim=0)) for name, x in mapping("marks", marks, 0).items()}
    ends, ylim = _ends("ends", ends), _ends("ylim", ylim)
    low, high = ends
    with styled():
        figure = new_figure(320)
        axes = figure.add_axes((0.1, 0.17, 0.86, 0.76), xlim=ends, ylim=ylim, xlabel=xlabel, ylabel=ylabel)
        grid = np.linspace(low, high, 241)
        axes.plot(grid, function(grid), color=QUIET, linewidth=2.5, drawstyle="steps-mid" if whole else None)
        axes.axhline(0, color=QUIET, linewidth=1)
        heights = [float(function(np.array(x))) for x in marks.values()]
        for x, y in zip(marks.values(), heights, strict=True):
            axes.plot([x, x, low], [0, y, y], color=COLORS[symbol], linestyle="--", linewidth=1.5)
            axes.plot([x], [y], "o", color=COLORS[symbol], markersize=11)
        for axis in (axes.xaxis, axes.yaxis):
            axis.get_major_locator().set_params(**_FEW_TICKS)
        unit = (ylim[1] - ylim[0]) / axes.bbox.height  # of the picture, on the value axis
        places = spread([y + 12 * unit for y in heights], [22 * unit] * len(heights), ylim[0], ylim[1] + 20 * unit)
        for (name, x), y, place in zip(marks.items(), heights, places, strict=True):
            words = f"{name}: {number(x)} → {y:.0f}" if whole else f"{name}: {number(x)} → {number(y)}"
            axes.text(low + 0.01 * (high - low), place, words, color=INK[symbol], weight="bold", va="center")
    return Picture(figure, sentence)


@short_traceback
def log_log(lines, sentence, *, xlabel="", ylabel=""):
    """Plot lines on two logarithmic axes.

    Args:
        lines: name -> (x, y), two vectors above 0. At most 6.
        sentence: the description of the picture.
        xlabel, ylabel: labels of the axes.
    """
    texts(sentence=sentence, xlabel=xlabel, ylabel=ylabel)
    lines = {name: _points(f"lines[{name!r}]", xy) for name, xy in mapping("lines", lines, at_most=6).items()}
    for name, xy in lines.items():
        for axis, vector in zip("xy", xy, strict=True):
            _positive(f"{axis} of lines[{name!r}]", vector)
    with styled():
        figure = new_figure(400)
        axes = figure.add_axes((0.1, 0.16, 0.87, 0.8), xscale="log", yscale="log")
        axes.set(xlabel=f"{xlabel} (log scale)", ylabel=f"{ylabel} (log scale)")
        drawn = _draw_lines(axes, lines, _colors((), len(lines)), markersize=9)
        axes.margins(0.05)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(LogLocator(numticks=8))
        axes.xaxis.set_major_formatter(lambda value, _: powers(f"{value:.0e}").removeprefix("1 × "))
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.minorticks_off()
        _name_at_ends(axes, drawn)
    return Picture(figure, sentence)


@short_traceback
def bars(values, sentence, *, xlabel="", ylabel="", symbol="x", highlight=None):
    """Plot a bar for each name.

    Args:
        values: name -> value.
        sentence: the description of the picture.
        xlabel, ylabel: labels of the axes.
        symbol: the symbol that gives the bars their color.
        highlight: the names whose bars have that color; the others are gray. None: all have it. A `...` in the list is
            ignored: a prediction that is not made yet.
    """
    texts(sentence=sentence, xlabel=xlabel, ylabel=ylabel)
    arguments.one_of("symbol", symbol, COLORS)
    values = {name: float(real_array(f"values[{name!r}]", v, ndim=0)) for name, v in mapping("values", values).items()}
    if isinstance(highlight, list):
        highlight = [name for name in highlight if name is not ...]
    if highlight is not None and not set(highlight := _names("highlight", highlight)) <= set(values):
        refuse(ValueError, f"highlight must hold names of bars, got {brief(highlight)}")
    colors = [COLORS[symbol] if highlight is None or name in highlight else GRAY for name in values]
    with styled():
        figure = new_figure(300)
        axes = figure.add_axes((0.1, 0.21, 0.88, 0.74), xlabel=xlabel, ylabel=ylabel)
        axes.axhline(0, color=QUIET, linewidth=1)
        axes.yaxis.get_major_locator().set_params(**_FEW_TICKS)
        shown = axes.bar([str(name) for name in values], list(values.values()), 0.7, color=colors).patches
        for bar, name in zip(shown, values, strict=True):
            bar.set(hatch="//" if highlight is not None and name in highlight else None, edgecolor="white", linewidth=0)
        if len(values) > 20:  # every other name, to keep them apart
            axes.set_xticks(range(0, len(values), 2))
        axes.tick_params(axis="x", length=0, labelcolor="black")
        axes.spines["bottom"].set_visible(False)
    return Picture(figure, sentence)


@short_traceback
def saturation(gates, sentence, *, units=(), xlabel="shut: below 0.1", ylabel="open: above 0.9"):
    """Plot how often gates are nearly shut (to the right) and nearly open (up): a square per gate, a dot per unit.

    Args:
        gates: name -> (below, above), two vectors of fractions with an element for each unit, from
            `measures.saturation`. At most 4 gates. A symbol, such as "f", gives its color.
        sentence: the description of the picture.
        units: indexes, from 0, of the units to label. Dots that cover one another share a label.
        xlabel, ylabel: labels of the axes.

    Source: Karpathy, Johnson & Fei-Fei (2015), "Visualizing and Understanding Recurrent Networks", figure 2.
    """
    texts(sentence=sentence, xlabel=xlabel, ylabel=ylabel)
    gates = {name: _points(f"gates[{name!r}]", xy) for name, xy in mapping("gates", gates, at_most=4).items()}
    for name, xy in gates.items():
        for fractions in xy:
            real_array(f"gates[{name!r}]", fractions, within=(0, 1))
    last = min(below.size for below, _ in gates.values()) - 1
    units = [arguments.whole_number(f"units[{k}]", unit, 0, last) for k, unit in enumerate(_names("units", units))]
    side, height = 180, 290
    with styled():
        figure = new_figure(height)
        for k, (name, (below, above)) in enumerate(gates.items()):
            left = (800 - 195 * len(gates) - 10) / 2 + 195 * k + 25
            place = (left / 800, 62 / height, (side - 10) / 800, (side + 10) / height)
            axes = figure.add_axes(place, xlim=(-0.04, 1.04), ylim=(-0.04, 1.04), xlabel=xlabel)
            axes.set_title(name, color=INK.get(name, "black"), weight="bold")
            axes.plot([0, 1], [1, 0], color=FAINT, linewidth=1.5, zorder=0)
            style = {"markersize": 9, "alpha": 0.5, "markeredgewidth": 0, "clip_on": False}
            axes.plot(below, above, "o", color=COLORS.get(name, FAMILIES[0]), **style)
            axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
            axes.set_yticks([0, 0.5, 1], ["0", "0.5", "1"] if k == 0 else [])
            _label_dots(axes, np.transpose([below, above]), units, INK.get(name, "black"))
        figure.axes[0].set_ylabel(ylabel)
    return Picture(figure, sentence)


def _label_dots(axes, dots, units, ink):
    """Write the numbers of units beside their dots: to the right in the left half, to the left in the right half."""
    unit = 1.08 / axes.bbox.height  # of the picture, on both axes
    for right in (True, False):
        in_this_half = [k for k in units if (dots[k, 0] < 0.5) == right]
        groups = _group_near_dots(dots, in_this_half, 8 * unit)
        if not groups:
            continue
        centers = [dots[group, 1].mean() for group in groups]
        places = spread(centers, [15 * unit] * len(groups), -0.04, 1.04 + 15 * unit)
        for group, y in zip(groups, places, strict=True):
            x = dots[group, 0].max() + 9 * unit if right else dots[group, 0].min() - 9 * unit
            halo = [withStroke(linewidth=4, foreground="white")]
            style = {"ha": "left" if right else "right", "va": "center", "color": ink, "path_effects": halo}
            axes.text(x, y, ", ".join(map(str, group)), fontsize=14, **style)


def _group_near_dots(dots, indexes, near):
    """Group the indexes of dots, from the top down: a dot nearer than `near` to the previous one is in its group."""
    groups = []
    for k in sorted(indexes, key=lambda k: -dots[k, 1]):
        if groups and np.linalg.norm(dots[groups[-1][-1]] - dots[k]) < near:
            groups[-1].append(k)
        else:
            groups.append([k])
    return [sorted(group) for group in groups]


@short_traceback
def dots(panels, sentence, *, xlabel="", level=None):
    """Plot a dot for each run, in a row for each name. Several panels are side by side, on the same scale.

    Args:
        panels: title -> {name: values}. The values are above 0, and their axis is logarithmic.
        sentence: the description of the picture.
        xlabel: label of the axis.
        level: (name, value) of a line to compare with.
    """
    texts(sentence=sentence, xlabel=xlabel)
    level = None if level is None else _level(level)
    panels = {
        title: {
            name: _positive(f"panels[{title!r}][{name!r}]", v) for name, v in mapping(f"panels[{title!r}]", p).items()
        }
        for title, p in mapping("panels", panels).items()
    }
    names = list(next(iter(panels.values())))
    if any(set(rows) != set(names) for rows in panels.values()):
        refuse(ValueError, f"panels must all have the names {', '.join(map(str, names))}")
    values = [value for rows in panels.values() for row in rows.values() for value in row]
    height, width = 112 + 38 * len(names), 0.74 / len(panels)
    style = {"color": FAMILIES[0], "markersize": 10, "alpha": 0.45, "markeredgewidth": 0}
    with styled():
        figure = new_figure(height)
        for k, (title, rows) in enumerate(panels.items()):
            place = (0.23 + k * width, 62 / height, width - 0.03, 38 * len(names) / height)
            axes = figure.add_axes(place, xscale="log", xlabel=xlabel, ylim=(len(names) - 0.5, -0.5))
            axes.set_title(title, pad=12 if level is None else 28)
            for row, name in enumerate(names):
                axes.axhline(row, color=FAINT, linewidth=1, zorder=0)
                axes.plot(rows[name], [row] * len(rows[name]), "o", **style)
            if level is not None:
                axes.axvline(level[1], color=QUIET, linewidth=1.5, linestyle=(0, (1, 2)))
                axes.text(level[1], -0.6, level[0], ha="center", va="bottom", color=QUIET)
            axes.set_yticks(range(len(names)), names if k == 0 else [])
            axes.tick_params(axis="y", length=0, labelsize=16, labelcolor="black")
            axes.spines["left"].set_visible(False)
            axes.set_xlim(min(values) / 1.6, max(values) * 1.6)
            axes.xaxis.set_major_locator(LogLocator())
            axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
            axes.minorticks_off()
    return Picture(figure, sentence)


def _draw_lines(axes, lines, colors, **style):
    """Draw lines that differ in color, dashes and marker; return (artist, name, color of the name) of each.

    Args:
        axes: the axes.
        lines: name -> (x, y).
        colors: (color of the line, color of its name) for each line.
        style: further properties of all lines.
    """
    drawn = []
    looks = zip(colors, _DASHES, _MARKERS, strict=False)
    for (name, (x, y)), ((color, ink), dashes, marker) in zip(lines.items(), looks, strict=False):
        (line,) = axes.plot(x, y, color=color, linestyle=dashes, marker=marker, **style)
        drawn.append((line, name, ink))
    return drawn


def _name_at_ends(axes, lines):
    """Write the name of each line beside its end, with a thin connecting line. A single line needs no name.

    Args:
        axes: axes with their final limits, up to the edge of the picture. They shrink to make room for the names.
        lines: (artist, name, color of the name) of each line.
    """
    if len(lines) < 2:
        return
    figure = axes.figure
    width, height = figure.bbox.size
    names = [figure.text(0, 0, name, color=ink, va="center") for _, name, ink in lines]
    set_fonts(figure)
    with ignore_missing_glyphs():
        boxes = [name.get_window_extent() for name in names]
    names_left = width - _EDGE - min(max(box.width for box in boxes), width / 3)
    left, bottom, _, tall = axes.get_position().bounds
    axes.set_position((left, bottom, (names_left - _LEADER) / width - left, tall))
    ends = [line.get_transform().transform(line.get_xydata()[-1]) for line, _, _ in lines]
    ends = np.clip(ends, axes.bbox.min, axes.bbox.max)
    places = spread(ends[:, 1], [box.height + 2 for box in boxes], 0, height)
    for (line, _, _), name, (x, y), place in zip(lines, names, ends, places, strict=True):
        name.set_position((names_left / width, place / height))
        ends_xy = [x / width, (names_left - 8) / width], [y / height, place / height]
        # Thin, and only if the name is higher or lower, so that it does not look like a continuation of the line.
        thread = {"linewidth": 1, "linestyle": "-" if abs(place - y) > 3 else ""}
        style = {"color": line.get_color(), "marker": line.get_marker(), "markevery": [1], **thread}
        figure.add_artist(Line2D(*ends_xy, **style))


def _ends(name, value):
    """Return the two ends of an axis, checked."""
    low, high = map(float, real_array(name, value, shape={"ends": 2}))
    if low >= high:
        refuse(ValueError, f"{name} must be (low, high), got {brief(value)}")
    return low, high


def _colors(symbols, count):
    """Return (color of the line, color of its name) for each line: see `symbols` of `traces`."""
    symbols = list(symbols) if isinstance(symbols, str) else arguments.words("symbols", symbols)
    if not symbols:
        return [(color, color) for color in FAMILIES[:count]]
    if len(symbols) not in (1, count) or not set(symbols) <= set(COLORS):
        refuse(
            ValueError,
            f"symbols must be of {', '.join(COLORS)}, one for each of {count} lines or for all, got {symbols}",
        )
    if len(symbols) == count:
        return [(COLORS[symbol], INK[symbol]) for symbol in symbols]
    color = np.array(to_rgb(COLORS[symbols[0]]))
    ramp = LinearSegmentedColormap.from_list("ramp", [0.25 + 0.75 * color, color, 0.55 * color])
    return [(to_hex(shade), INK[symbols[0]]) for shade in ramp(np.linspace(0, 1, count))]


def _level(level):
    if not isinstance(level, (tuple, list)) or len(level) != 2 or not isinstance(level[0], str):
        refuse(TypeError, f"level must be (name, value), got {brief(level)}")
    return level[0], arguments.above_0("level", level[1], "above 0: its axis is logarithmic")


def _positive(name, values):
    values = real_array(name, values, ndim=1)
    if values.min() <= 0:
        refuse(ValueError, f"{name} must be above 0, for its axis is logarithmic, got {values.min():g}")
    return values


def _points(name, points):
    if not isinstance(points, (list, tuple, np.ndarray)) or len(points) != 2:
        refuse(TypeError, f"{name} must be two vectors, (x, y), got {brief(points)}")
    x, y = (real_array(name, vector, ndim=1) for vector in points)
    if x.shape != y.shape:
        refuse(ValueError, f"{name} must be two vectors of one length, got {len(x)} and {len(y)}")
    return x, y


def _names(name, names):
    if isinstance(names, str) or not np.iterable(names) or any(isinstance(n, (list, np.ndarray)) for n in names):
        refuse(TypeError, f"{name} must be a list of names, got {brief(names)}")
    return list(names)
