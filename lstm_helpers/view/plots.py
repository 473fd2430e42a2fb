"""Plots that stand still: arrays in, a picture with its description out."""

import numpy as np

from lstm_helpers.view.live import LiveFigure, stored_picture
from lstm_helpers.view.style import COLORS, INK, QUIET, new_figure, number, styled

# A line is told apart by its dashes and its marker as well as by its color.
_LOOKS = [("#000000", "-", "o"), ("#0072B2", "--", "s"), ("#D55E00", "-.", "^"), ("#009E73", ":", "D"),
          ("#CC79A7", (0, (5, 1)), "v"), ("#8A5F00", (0, (1, 1)), "P")]  # fmt: skip


class Picture:
    """A figure and one sentence that says what it shows: its line of text, and its alternative text."""

    def __init__(self, figure, sentence):
        self.figure, self.sentence = figure, sentence

    def _repr_mimebundle_(self, include=None, exclude=None):
        return stored_picture(LiveFigure(self.figure, []), self.sentence)


def traces(lines, sentence, *, xlabel="time step t", ylabel="", start=0, ylim=None):
    """Values over time, a line for each name.

    Args:
        lines: name -> values, all of one length. At most 6.
        sentence: what the picture shows.
        xlabel, ylabel: what the axes are.
        start: the time step of the first value.
        ylim: the ends of the value axis; they fit the values if not given.
    """
    with styled():
        figure = new_figure(800 / 72, 300 / 72)
        axes = figure.add_axes((0.09, 0.19, 0.68, 0.75), xlabel=xlabel, ylabel=ylabel)
        axes.axhline(0, color=QUIET, linewidth=1)
        for (name, values), (color, dashes, marker) in zip(lines.items(), _LOOKS, strict=False):
            steps = start + np.arange(len(values))
            every = max(1, len(values) // 12)
            axes.plot(steps, values, color=color, linestyle=dashes, marker=marker, markevery=every, label=name)
        axes.set_xlim(start, start + len(values) - 1)
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
            look = {"fontsize": 14, "color": INK[symbol], "weight": "bold", "va": "center"}
            look["bbox"] = {"facecolor": "white", "edgecolor": "none", "pad": 1}
            axes.text(at + 0.03 * (high - low), y - 0.045 * (ylim[1] - ylim[0]), words, **look)
    return Picture(figure, sentence)
