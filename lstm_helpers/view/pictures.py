"""The live pictures of the Pointwise and Gate explorers: drawn once, then moved by `update`."""

import numpy as np

from lstm_helpers.view.live import put
from lstm_helpers.view.style import COLORS, FAINT, INK, MATH, QUIET, new_figure, number, styled

SCALES = (2.5, 5, 10, 20, 40)  # the ends a z axis may have: few, so that a drag seldom changes them


def whole_limits(values):
    """The least whole numbers that hold the values and 0 between them, and 1: few, so a drag seldom changes them."""
    return min(0, int(np.floor(np.min(values) + 1e-9))), max(1, int(np.ceil(np.max(values) - 1e-9)))


def set_limits(setter, getter, limits):
    """Set an axis's limits; true if that changed them."""
    changed = tuple(getter()) != tuple(limits)
    setter(*limits)
    return changed


_PARTS = {"product": "x × y", "sum": "x + y"}
_FACES = {"x": "white", "y": FAINT, "result": COLORS["c"]}


class PointwisePicture:
    """Two vectors beside their product and their sum: bars, and under them the numbers in rows.

    Attributes:
        figure, moving: for the live picture.
        bars: (product or sum, row) -> the bars of that row.
        cells: (product or sum, row) -> the numbers of that row.
    """

    def __init__(self, size):
        self.bars, self.cells = {}, {}
        with styled():
            self.figure = new_figure(800 / 72, 350 / 72)
            self._axes = {part: self._panel(k, part, size) for k, part in enumerate(_PARTS)}
        self.moving = [a for artists in (self.bars, self.cells) for row in artists.values() for a in row]

    def update(self, data):
        """Show `data`: a mapping with the vectors `x`, `y`, `product` and `sum`."""
        for part in _PARTS:
            for row, values in (("x", data["x"]), ("y", data["y"]), ("result", data[part])):
                for bar, cell, value in zip(self.bars[part, row], self.cells[part, row], values, strict=True):
                    put(bar, height=value)
                    put(cell, text=number(value))
        limits = whole_limits(np.concatenate(list(data.values())))
        changed = [set_limits(axes.set_ylim, axes.get_ylim, limits) for axes in self._axes.values()]
        return any(changed)

    def _panel(self, k, part, size):
        axes = self.figure.add_axes((0.09 + 0.5 * k, 0.32, 0.39, 0.58))
        axes.set_title(_PARTS[part], fontsize=18)
        axes.spines["bottom"].set_visible(False)
        axes.axhline(0, color=QUIET, linewidth=1)
        axes.set_xlim(-0.5, size - 0.5)
        axes.set_xticks([])
        at = np.arange(size)
        for row, (name, face) in enumerate(_FACES.items()):
            self.bars[part, name] = axes.bar(
                at + 0.26 * (row - 1), np.zeros(size), 0.26, facecolor=face, edgecolor=COLORS["c"], linewidth=1.2
            ).patches
            y = -0.16 * (row + 1)
            label = {"x": "x", "y": "y", "result": _PARTS[part]}[name]
            strong = {"weight": "bold"} if name == "result" else {}
            place = {"transform": axes.get_xaxis_transform(), "va": "center"}
            axes.text(-0.62, y, label, ha="right", fontsize=14, **place, **strong)
            swatch = {"markerfacecolor": face, "markeredgecolor": COLORS["c"], "markersize": 11}
            axes.plot([-0.5], [y], "s", transform=axes.get_xaxis_transform(), clip_on=False, **swatch)
            self.cells[part, name] = [axes.text(x, y, "", ha="center", fontsize=16, **place, **strong) for x in at]
        return axes


class GatePicture:
    """Where a gate value comes from: the terms of z, the sigmoid, and what the gate lets through.

    Args:
        symbol: the gate: `f`, `i` or `o`.
        inputs: the name of each input, in stacking order.
        offered: what the gate works on and what it does to it, as a label.
        result: what comes out, in a word.
        size: the number of units.
        squash: the curve from z to the gate; takes and returns an array.

    Attributes:
        figure, moving: for the live picture.
        term_bars, total_bar, guide, dot, offered_bars, passed_bars: what is drawn, in the order of the inputs or units.
        term_words, total_words, gate_words, gate_labels, passed_labels: the numbers beside them.
    """

    EDGE = 8  # the ends of the squashing curve's z axis

    def __init__(self, symbol, inputs, offered, result, size, squash):
        self.symbol, self.inputs = symbol, [*inputs, "bias"]
        with styled():
            self.figure = new_figure(800 / 72, 400 / 72)
            self._draw_terms()
            self._draw_curve(squash)
            self._draw_units(offered, result, size)
        self.moving = [
            *self.term_bars, *self.term_words, self.total_bar, self.total_words, self.chosen_row,
            self.guide, self.dot, self.gate_words,
            *self.offered_bars, *self.passed_bars, *self.gate_labels, *self.passed_labels, self.chosen_unit,
        ]  # fmt: skip

    def update(self, data):
        """Show `data`.

        Args:
            data: a mapping with `weights` and `inputs` (n values each), `bias` and `z` of the chosen unit, `input`
                (which row is chosen) and `unit` (which unit), and for all units `gate`, `offered` and `passed`.
        """
        self._update_terms(data)
        self._update_dot(data)
        self._update_units(data)
        longest = np.abs(np.cumsum([*(data["weights"] * data["inputs"]), data["bias"]])).max()
        end = min((scale for scale in SCALES if scale >= longest), default=longest)
        low, high = whole_limits(data["offered"])
        changed = [
            set_limits(self._terms.set_xlim, self._terms.get_xlim, (-end, end)),
            set_limits(self._units.set_ylim, self._units.get_ylim, (low, high)),
        ]
        return any(changed)

    def _draw_terms(self):
        rows = len(self.inputs)
        axes = self._terms = self.figure.add_axes((0.235, 0.14, 0.185, 0.7))
        axes.set_title("weigh and add: z", fontsize=15, pad=18)
        axes.set_ylim(rows + 0.6, -0.6)
        axes.set_yticks([*range(rows), rows], [*self.inputs, "z"])
        axes.tick_params(axis="y", length=0, pad=118, labelsize=13, labelcolor="black")
        axes.spines["left"].set_visible(False)
        axes.axvline(0, color=QUIET, linewidth=1)
        axes.axhline(rows - 0.5, color=QUIET, linewidth=1)
        color = COLORS[self.symbol]
        zeros = np.zeros(rows)
        self.term_bars = axes.barh(range(rows), zeros, 0.56, facecolor=FAINT, edgecolor=QUIET, linewidth=1).patches
        (self.total_bar,) = axes.barh([rows], [0], 0.62, facecolor=color, linewidth=0).patches
        (self.chosen_row,) = axes.barh([0], [0], 0.56, facecolor="none", edgecolor="black", linewidth=2.5).patches
        place = {"transform": axes.get_yaxis_transform(), "ha": "right", "va": "center", "fontsize": 12}
        self.term_words = [axes.text(-0.03, k, "", **place) for k in range(rows)]
        self.total_words = axes.text(
            -0.03, rows, "", **{**place, "fontsize": 15}, weight="bold", color=INK[self.symbol]
        )

    def _update_terms(self, data):
        products = np.append(data["weights"] * data["inputs"], data["bias"])
        ends = np.cumsum(products)
        for k, (bar, product, end) in enumerate(zip(self.term_bars, products, ends, strict=True)):
            put(bar, x=end - product, width=product)
            if k < len(data["weights"]):
                put(self.term_words[k], text=f"{number(data['weights'][k])} × {number(data['inputs'][k])}")
            else:
                put(self.term_words[k], text=number(product))
        chosen = self.term_bars[data["input"]]
        put(self.chosen_row, x=chosen.get_x(), y=chosen.get_y(), width=chosen.get_width(), height=chosen.get_height())
        put(self.total_bar, width=data["z"])
        put(self.total_words, text=number(data["z"]))

    def _draw_curve(self, squash):
        axes = self.figure.add_axes((0.475, 0.14, 0.18, 0.7))
        axes.set_title("squash: σ(z)", fontsize=15, pad=18)
        z = np.linspace(-self.EDGE, self.EDGE, 161)
        axes.plot(z, squash(z), color=QUIET, linewidth=2)
        axes.set(xlim=(-self.EDGE, self.EDGE), ylim=(0, 1.0), xticks=(-6, 0, 6), yticks=(0, 0.5, 1), xlabel="z")
        color = COLORS[self.symbol]
        (self.guide,) = axes.plot([], [], color=color, linewidth=1.8, linestyle="--", clip_on=False)
        (self.dot,) = axes.plot([], [], "o", color=color, markersize=12, clip_on=False, zorder=5)
        self.gate_words = axes.text(
            0, 0, "", ha="center", va="center", fontsize=16, weight="bold", color=INK[self.symbol]
        )

    def _update_dot(self, data):
        shown, value = float(np.clip(data["z"], -self.EDGE, self.EDGE)), float(data["gate"][data["unit"]])
        put(self.guide, data=([shown, shown, -self.EDGE], [0, value, value]))
        put(self.dot, data=([shown], [value]))
        beside = shown + (3.4 if shown < 3 else -3.4), value - 0.07 if value > 0.5 else value + 0.07
        put(self.gate_words, text=number(value), position=beside)

    def _draw_units(self, offered, result, size):
        axes = self._units = self.figure.add_axes((0.745, 0.36, 0.25, 0.46))
        axes.set_title(f"scale: {offered}", fontsize=15, pad=22, **MATH)
        axes.set(xlim=(-0.5, size - 0.5), xticks=[], yticks=(-1, 0, 1))
        axes.spines["bottom"].set_visible(False)
        axes.axhline(0, color=QUIET, linewidth=1)
        at, zeros = np.arange(size), np.zeros(size)
        outline = {"facecolor": "white", "edgecolor": QUIET, "linewidth": 1.5, "linestyle": "--"}
        self.offered_bars = axes.bar(at, zeros, 0.6, **outline).patches
        self.passed_bars = axes.bar(at, zeros, 0.6, facecolor=COLORS[self.symbol], linewidth=0).patches
        place = {"transform": axes.get_xaxis_transform(), "ha": "center", "va": "center"}
        rows = [(-0.27, self.symbol, {"color": INK[self.symbol]}), (-0.43, result, {"weight": "bold"})]
        for x in at:
            axes.text(x, -0.11, f"{x + 1}", fontsize=13, color=QUIET, **place)
        axes.text(-0.6, -0.11, "unit", fontsize=13, color=QUIET, **{**place, "ha": "right"})
        self.gate_labels, self.passed_labels = (
            [axes.text(x, y, "", fontsize=15, **place, **look) for x in at] for y, _, look in rows
        )
        for y, name, look in rows:
            axes.text(-0.6, y, name, fontsize=13, **{**place, "ha": "right"}, **look)
        (self.chosen_unit,) = axes.plot(
            [0], [1.03], "v", color="black", markersize=9, clip_on=False, transform=axes.get_xaxis_transform()
        )

    def _update_units(self, data):
        for k, (offered, passed, gate) in enumerate(zip(data["offered"], data["passed"], data["gate"], strict=True)):
            put(self.offered_bars[k], height=offered)
            put(self.passed_bars[k], height=passed)
            put(self.gate_labels[k], text=number(gate))
            put(self.passed_labels[k], text=number(passed))
        put(self.chosen_unit, xdata=[data["unit"]])
