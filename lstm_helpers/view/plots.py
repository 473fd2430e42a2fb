"""Plots that stand still: arrays in, a picture with its description out."""

import numpy as np

from lstm_helpers.view.live import LiveFigure, stored_picture
from lstm_helpers.view.style import COLORS, INK, QUIET, new_figure, number, styled

# Lines that stand for no symbol are gray, and told apart by their dashes and markers.
_LOOKS = [("#000000", "-", "o"), ("#707070", "--", "s"), ("#000000", ":", "^"), ("#9A9A9A", "-", "D"),
          ("#000000", "-.", "v"), ("#707070", (0, (5, 1)), "P")]  # fmt: skip


class Picture:
    """A figure and one sentence that says what it shows: its line of text, and its alternative text."""

    def __init__(self, figure, sentence):
        self.figure, self.sentence = figure, sentence

    def _repr_mimebundle_(self, include=None, exclude=None):
        return stored_picture(LiveFigure(self.figure, []), self.sentence)


def traces(lines, sentence, *, xlabel="time step t", ylabel="", start=0, ylim=None, symbols=()):
    """Values over time, a line for each name.

    Args:
        lines: name -> values, all of one length. At most 6.
        sentence: what the picture shows.
        xlabel, ylabel: what the axes are.
        start: the time step of the first value.
        ylim: the ends of the value axis; they fit the values if not given.
        symbols: the symbol whose color each line takes, in order; gray lines if not given.
    """
    with styled():
        figure = new_figure(800 / 72, 300 / 72)
        axes = figure.add_axes((0.09, 0.19, 0.63, 0.75), xlabel=xlabel, ylabel=ylabel)
        axes.axhline(0, color=QUIET, linewidth=1)
        for k, (name, values) in enumerate(lines.items()):
            color, dashes, marker = _LOOKS[k]
            color = COLORS[symbols[k]] if symbols else color
            steps = start + np.arange(len(values))
            every = max(1, len(values) // 12)
            axes.plot(steps, values, color=color, linestyle=dashes, marker=marker, markevery=every, label=name)
        margin = 0.02 * len(values)
        axes.set_xlim(start - margin, start + len(values) - 1 + margin)
        axes.xaxis.get_major_locator().set_params(integer=True)
        if ylim is not None:
            axes.set_ylim(*ylim)
        axes.legend(loc="center left", bbox_to_anchor=(1.02, 0.5), frameon=False, fontsize=14, handlelength=3)
    return Picture(figure, sentence)


def curve(function, symbol, marks, sentence, *, ends=(-6, 6), ylim=(0, 1), xlabel="z", ylabel=""):
    """A function of one number, with points marked on it.

    Args:
        function: takes and returns an array.
        symbol: whose color the marks have.
        marks: name -> where on the curve it is marked.
        sentence: what the picture shows.
        ends, ylim: the ends of both axes.
        xlabel, ylabel: what they are.
    """
    low, high = ends
    with styled():
        figure = new_figure(800 / 72, 320 / 72)
        axes = figure.add_axes((0.1, 0.17, 0.86, 0.76), xlim=ends, ylim=ylim, xlabel=xlabel, ylabel=ylabel)
        x = np.linspace(low, high, 241)
        axes.plot(x, function(x), color=QUIET, linewidth=2.5)
        axes.axhline(0, color=QUIET, linewidth=1)
        for name, at in marks.items():
            y = float(function(np.array(at)))
            axes.plot([at, at, low], [0, y, y], color=COLORS[symbol], linestyle="--", linewidth=1.5)
            axes.plot([at], [y], "o", color=COLORS[symbol], markersize=11)
            words = f"{name}: {number(at)} → {number(y)}"
            at_left = low + 0.01 * (high - low), y + 0.015 * (ylim[1] - ylim[0])
            axes.text(*at_left, words, fontsize=14, color=INK[symbol], weight="bold", va="bottom")
    return Picture(figure, sentence)
