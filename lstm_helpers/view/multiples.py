"""Small multiples: the same input for several memories, and each of them over time in a panel of its own."""

import numpy as np
from matplotlib.patches import Rectangle

from lstm_helpers.view.live import put
from lstm_helpers.view.pictures import set_limits, whole_limits
from lstm_helpers.view.style import COLORS, GRAY, INK, QUIET, new_figure, number, styled

SIGNALS = {"write": ("i", "-"), "forget": ("f", ":")}  # whose color a signal has, and its dashes
_COLUMNS, _HEIGHT = 2, 106  # panels side by side, and the height of one in units of the SVG


class MultiplesPicture:
    """A panel with what is offered at each step, and one for each memory, all on the same scale.

    Args:
        names: name of each memory -> the symbol whose color its line has.
        steps: the number of time steps.

    Attributes:
        figure, moving: for the live picture.
        bars: what is offered; chosen: what marks the chosen step; lines: name -> the memory;
        signals: signal -> its marks in every panel; ends: name -> the number that it ends on.
    """

    def __init__(self, names, steps):
        self._names, self._steps = names, steps
        self._rows = -(-(len(names) + 1) // _COLUMNS)
        self.lines, self.ends, self.signals = {}, {}, {signal: [] for signal in SIGNALS}
        with styled():
            self.figure = new_figure(800 / 72, (self._rows * _HEIGHT + 46) / 72)
            places = [(column, row) for column in range(_COLUMNS) for row in range(self._rows)]
            self._draw_offer(self._panel(*places[0], "offered at each step, and the signal", "black"))
            self._axes = [self._draw_memory(self._panel(*place, name, INK[symbol]), name, symbol)
                          for place, (name, symbol) in zip(places[1:], names.items(), strict=False)]  # fmt: skip
        marks = [line for lines in self.signals.values() for line in lines]
        self.moving = [*marks, *self.bars, self.chosen, *self.lines.values(), *self.ends.values()]

    def update(self, data):
        """Show `data`: `offered` (T values), `write` and `forget` (the steps, from 0), `step` and `memories`.

        `step` is the chosen one, from 0; `memories` maps each name to T + 1 values, the one before step 1 first.
        """
        for bar, value in zip(self.bars, data["offered"], strict=True):
            put(bar, height=value)
        put(self.chosen, x=data["step"] + 0.6)
        for signal, lines in self.signals.items():
            at = np.repeat(np.asarray(data[signal], float) + 1, 3)
            height = np.tile([0, 1, np.nan], len(data[signal]))
            for line in lines:
                put(line, data=(at, height))
        for name, memory in data["memories"].items():
            put(self.lines[name], ydata=memory)
            self.ends[name].set_text(number(memory[-1]))
        low, high = whole_limits(np.concatenate([[-1], *data["memories"].values()]))
        changed = set_limits(self._axes[0].set_ylim, self._axes[0].get_ylim, (1.15 * low, 1.15 * high))
        for axes in self._axes if changed else ():
            axes.set_ylim(1.15 * low, 1.15 * high)
            axes.set_yticks([end for end in (low, 0, high) if end == 0 or abs(end) > (high - low) / 5])
        return changed

    def _panel(self, column, row, title, ink):
        height = self._rows * _HEIGHT + 46
        bottom = 46 + (self._rows - 1 - row) * _HEIGHT
        axes = self.figure.add_axes((0.045 + 0.5 * column, bottom / height, 0.375, (_HEIGHT - 34) / height))
        axes.set_title(title, loc="left", fontsize=15, color=ink, pad=5, weight="bold")
        axes.set(xlim=(-0.2, self._steps + 0.5), xticks=range(1, self._steps + 1))
        axes.tick_params(axis="x", length=0, labelbottom=row == self._rows - 1)
        axes.tick_params(axis="y", length=3)
        axes.spines["bottom"].set_visible(False)
        axes.axhline(0, color=QUIET, linewidth=1)
        if row == self._rows - 1:
            axes.set_xlabel("time step t")
        for signal, (symbol, dashes) in SIGNALS.items():
            look = {"color": COLORS[symbol], "linestyle": dashes, "linewidth": 3, "alpha": 0.55, "zorder": 0}
            self.signals[signal].append(axes.plot([], [], transform=axes.get_xaxis_transform(), **look)[0])
        return axes

    def _draw_offer(self, axes):
        axes.set(ylim=(-1.15, 1.15), yticks=(-1, 0, 1))
        at = np.arange(1, self._steps + 1)
        self.bars = axes.bar(at, np.zeros(self._steps), 0.5, facecolor=GRAY, linewidth=0).patches
        frame = {"facecolor": "none", "edgecolor": "black", "linewidth": 2, "clip_on": False}
        self.chosen = axes.add_patch(Rectangle((0.6, -1.15), 0.8, 2.3, **frame))
        for k, (signal, (symbol, dashes)) in enumerate(SIGNALS.items()):
            y, place = 0.7 - 0.4 * k, {"transform": axes.transAxes, "clip_on": False}
            axes.plot([1.02, 1.075], [y, y], color=COLORS[symbol], linestyle=dashes, linewidth=3, **place)
            axes.text(1.09, y, signal, color=INK[symbol], va="center", fontsize=13, transform=axes.transAxes)

    def _draw_memory(self, axes, name, symbol):
        memory = axes.plot(np.arange(self._steps + 1), np.zeros(self._steps + 1), markersize=5)[0]
        memory.set(color=COLORS[symbol], marker={"c": "o", "h": "s"}[symbol], clip_on=False)
        self.lines[name] = memory
        place = {"transform": axes.transAxes, "fontsize": 16, "weight": "bold", "color": INK[symbol]}
        self.ends[name] = axes.text(1.02, 0.5, "", va="center", **place)
        return axes
