"""The live picture of a sentence: one memory over its words, and what is said at its end."""

import numpy as np
from matplotlib.colors import to_rgba

from lstm_helpers.view.live import put
from lstm_helpers.view.style import COLORS, FAINT, GRAY, MATH, QUIET, new_figure, number, styled

_CROWDED = 11  # words that stand side by side; more of them are slanted


class SentencePicture:
    """The memory of one unit over the words, as it is and as it was changed, and the probabilities at the end.

    Args:
        words: what stands under the time steps.
        answers: the words that may come next, a bar for each.
        limits: the ends of the memory's axis.

    Attributes:
        figure, moving: for the live picture.
        lines: "before" and "c" -> the line; band: what marks the chosen word; bars, numbers: one for each answer.
    """

    def __init__(self, words, answers, limits):
        slanted = len(words) > _CROWDED
        with styled():
            self.figure = new_figure(800 / 72, (415 + 30 * slanted + 26 * len(answers)) / 72)
            height = self.figure.bbox.height
            rows = 26 * len(answers)
            bottom = rows + (125 if not slanted else 155)
            self._draw_memory((0.08, bottom / height, 0.9, (height - bottom - 45) / height), words, limits, slanted)
            self._draw_answers((0.16, 20 / height, 0.6, rows / height), answers)
        self.moving = [self.band, *self.lines.values(), *self.bars, *self.numbers]

    def update(self, data):
        """Show `data`: vectors `before` and `c`, one value for each word, `word`, counted from 0, and vector `p`."""
        for name, line in self.lines.items():
            put(line, ydata=data[name])
        put(self.band, x=data["word"] - 0.5)
        largest = int(np.argmax(data["p"]))
        for k, (bar, text, p) in enumerate(zip(self.bars, self.numbers, data["p"], strict=True)):
            put(bar, width=p, facecolor=to_rgba(COLORS["c"] if k == largest else GRAY))
            put(text, text=number(p), fontweight="bold" if k == largest else "normal")

    def _draw_memory(self, place, words, limits, slanted):
        axes = self.figure.add_axes(place, xlim=(-0.6, len(words) - 0.4), ylim=limits)
        axes.set_ylabel("memory $c$ of the unit", **MATH)
        axes.axhline(0, color=QUIET, linewidth=1)
        self.band = axes.axvspan(0, 1, color=FAINT, linewidth=0, zorder=0)
        at, nothing = np.arange(len(words)), np.zeros(len(words))
        looks = {
            "before": {"color": "#808080", "linestyle": "--", "marker": "s", "markersize": 5, "label": "as it was"},
            "c": {"color": COLORS["c"], "marker": "o", "markersize": 7, "label": "as it is now"},
        }
        self.lines = {name: axes.plot(at, nothing, **look)[0] for name, look in looks.items()}
        axes.set_xticks(at, words, **({"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if slanted else {}))
        axes.tick_params(axis="x", length=0, labelsize=14, labelcolor="black", pad=6)
        axes.spines["bottom"].set_visible(False)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 0.99), ncols=2, frameon=False, fontsize=14)

    def _draw_answers(self, place, answers):
        axes = self.figure.add_axes(place, xlim=(0, 1), ylim=(len(answers) - 0.5, -0.5))
        axes.set_axis_off()
        axes.set_title("probability that the next word is", fontsize=14, color=QUIET, loc="left", pad=6)
        frame = {"facecolor": "white", "edgecolor": FAINT, "linewidth": 1.5, "height": 0.72}
        rows = np.arange(len(answers))
        axes.barh(rows, np.ones(len(rows)), **frame)
        self.bars = axes.barh(rows, np.zeros(len(rows)), height=0.72).patches
        for k, answer in enumerate(answers):
            axes.text(-0.02, k, answer, ha="right", va="center", fontsize=16)
        self.numbers = [axes.text(1.02, k, "", ha="left", va="center", fontsize=16) for k in rows]
