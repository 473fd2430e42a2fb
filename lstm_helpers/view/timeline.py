"""The live pictures that run over time: a schedule of gates with its memory, and gradients on their way back."""

import numpy as np
from matplotlib.patches import Rectangle

from lstm_helpers.view.live import put
from lstm_helpers.view.pictures import set_limits, whole_limits
from lstm_helpers.view.style import COLORS, FAINT, INK, MATH, QUIET, new_figure, styled

_ROWS = "figo"


class SchedulePicture:
    """Four dials at every time step, and under them the memory and what is shown of it.

    Args:
        steps: the number of time steps.
        words: a word for each step, or None for its number.

    Attributes:
        figure, moving: for the live picture.
        bars: symbol -> the fill of its dials; lines: symbol -> its line; bands: what marks the chosen step.
    """

    def __init__(self, steps, words=None):
        self._steps = steps
        with styled():
            self.figure = new_figure(800 / 72, 440 / 72)
            above = self._draw_dials((0.07, 0.57, 0.91, 0.41))
            below = self._draw_lines((0.07, 0.1, 0.91, 0.34), words)
            # What lies over the still part must not cover it: an outline among the dials, a band behind the lines.
            frame = {"facecolor": "none", "edgecolor": "black", "linewidth": 2, "clip_on": False}
            self.bands = [above.axvspan(0, 0, **frame), below.axvspan(0, 0, color=FAINT, linewidth=0, zorder=0)]
        self.moving = [*self.bands, *(bar for row in self.bars.values() for bar in row), *self.lines.values()]

    def update(self, data):
        """Show `data`: vectors `f i g o h` of T values, `c` of T + 1, and `step`, counted from 0, or None for all."""
        for symbol, bars in self.bars.items():
            for bar, value in zip(bars, data[symbol], strict=True):
                height = 0.8 * value if symbol != "g" else 0.4 * value
                put(bar, height=height)
        for symbol in "ch":
            put(self.lines[symbol], ydata=data[symbol])
        for band in self.bands:
            shown = data["step"] is not None
            put(band, x=(data["step"] or 0) + 0.5, width=int(shown), visible=shown)
        low, high = whole_limits(np.concatenate([data["c"], data["h"]]))
        margin = 0.06 * (high - low)  # for the markers
        return set_limits(self._axes.set_ylim, self._axes.get_ylim, (low - margin, high + margin))

    def _draw_dials(self, place):
        axes = self.figure.add_axes(place, xlim=(-0.3, self._steps + 0.5), ylim=(-0.05, len(_ROWS) - 0.1))
        axes.set_axis_off()
        self.bars = {}
        for row, symbol in enumerate(reversed(_ROWS)):
            base = row if symbol != "g" else row + 0.4  # the candidate goes both ways
            frame = {"facecolor": "white", "edgecolor": QUIET, "linewidth": 0.8}
            for k in range(self._steps):
                axes.add_patch(Rectangle((k + 0.66, row), 0.68, 0.8, **frame))
            fills = [Rectangle((k + 0.66, base), 0.68, 0, facecolor=COLORS[symbol]) for k in range(self._steps)]
            self.bars[symbol] = [axes.add_patch(fill) for fill in fills]
            axes.text(0.25, row + 0.4, f"${symbol}$", ha="center", va="center", fontsize=17, color=INK[symbol], **MATH)
        return axes

    def _draw_lines(self, place, words):
        axes = self._axes = self.figure.add_axes(place, xlim=(-0.3, self._steps + 0.5))
        axes.axhline(0, color=QUIET, linewidth=1)
        at = np.arange(self._steps + 1)
        looks = {
            "c": {"marker": "o", "label": "memory $c$"},
            "h": {"marker": "s", "linestyle": "--", "label": "shown $h$"},
        }
        self.lines = {
            symbol: axes.plot(at[-n:], np.zeros(n), color=COLORS[symbol], markersize=6, **looks[symbol])[0]
            for symbol, n in (("c", len(at)), ("h", self._steps))
        }
        axes.set_xticks(at[1:], [str(k) for k in at[1:]] if words is None else words)
        axes.tick_params(axis="x", length=0, labelsize=13, labelcolor="black")
        axes.spines["bottom"].set_visible(False)
        legend = axes.legend(loc="lower left", bbox_to_anchor=(0, 0.98), ncols=2, frameon=False, fontsize=13)
        for label in legend.get_texts():
            label.set(**MATH)
        return axes


class GradientPicture:
    """How much of a gradient is left the further back it goes, on a logarithmic scale.

    Args:
        lines: label -> (color, dashes) of each line.

    Attributes:
        figure, moving: for the live picture.
        lines: label -> its line.
    """

    FLOOR, CEILING = 1e-9, 1e7

    def __init__(self, lines):
        with styled():
            self.figure = new_figure(800 / 72, 360 / 72)
            axes = self._axes = self.figure.add_axes((0.1, 0.16, 0.62, 0.78), yscale="log")
            axes.set(ylim=(self.FLOOR, self.CEILING), xlabel="steps back in time", ylabel="gradient left")
            axes.set_yticks([1e-9, 1e-6, 1e-3, 1, 1e3, 1e6])
            for label in axes.get_yticklabels():  # powers of ten
                label.set(**MATH)
            axes.minorticks_off()
            axes.axhline(1, color=QUIET, linewidth=1)
            self.lines = {
                label: axes.plot([], [], color=color, linestyle=dashes, label=label)[0]
                for label, (color, dashes) in lines.items()
            }
            axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, fontsize=14, handlelength=3)
        self.moving = list(self.lines.values())

    def update(self, data):
        """Show `data`: label -> what is left after 0, 1, 2 ... steps back."""
        for label, left in data.items():
            put(self.lines[label], data=(np.arange(len(left)), np.maximum(left, self.FLOOR / 10)))
        return set_limits(self._axes.set_xlim, self._axes.get_xlim, (0, len(left) - 1))
