"""Multiplying and adding two vectors."""

import numpy as np

from lstm_helpers._arguments import real_array, refuse, same_shape, short_traceback
from lstm_helpers.examples import EXAMPLES
from lstm_helpers.view.controls import Slider
from lstm_helpers.view.live import put, whole_limits
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.prediction import over_bars, predicted, spoken
from lstm_helpers.view.style import COLORS, FAINT, QUIET, new_figure, number, styled, subscript, vector

_SIGNS = {"product": "x × y", "sum": "x + y"}
_MOST_ELEMENTS = 6


class PointwiseExplorer(Panel):
    """Two vectors, their product and their sum.

    Args:
        x, y: vectors of one length, up to 6, every element from -1 to 1. The document's product if not given.
        prediction: what the product will be, a list as long as x; or a mapping with "product", "sum" or both; `...` if
            nothing is predicted yet. It is drawn over the black bars.

    The state has a number for each element: `x_1`, `x_2`, ... `y_1`, ...
    """

    title = "Pointwise explorer"

    @short_traceback
    def __init__(self, x=None, y=None, *, prediction=...):
        product, update = EXAMPLES["pointwise_product"].inputs, EXAMPLES["context_update"].inputs
        x = real_array("x", product["x"] if x is None else x, ndim=1, within=(-1, 1))
        y = real_array("y", product["y"] if y is None else y, ndim=1, within=(-1, 1))
        same_shape(x=x, y=y)
        size = len(x)
        if size > _MOST_ELEMENTS:
            refuse(ValueError, f"x and y must have at most {_MOST_ELEMENTS} elements, got {size}")
        given = predicted(prediction, dict.fromkeys(_SIGNS, ((size,),)))
        state = _elements(x, y)
        documents = {
            "document: product": _elements(product["x"], product["y"]),
            "document: sum": _elements(update["c_prev"], update["new"]),
        }
        presets = {"as given": state} if state != documents["document: product"] else {}
        if size == len(product["x"]):
            presets |= documents
        presets |= {
            "y = 1": _elements(x, np.ones(size)),
            "y = 0": _elements(x, np.zeros(size)),
            "y = −x": _elements(x, -x),
        }
        sliders = [Slider(name, -1, 1, label=name[0] + subscript(int(name[2]))) for name in state]
        picture = PointwisePicture(size)
        predictions = [_of(part, picture.bars[part, "result"], values) for part, values in given.items()]
        super().__init__(picture, [sliders[:size], sliders[size:]], state, presets, predictions)

    def show(self, **elements):
        """The vectors, their product and their sum, element by element."""
        x, y = (np.array([value for name, value in elements.items() if name[0] == letter]) for letter in "xy")
        data = {"x": x, "y": y, "product": x * y, "sum": x + y}
        sentence = f"Multiplied: {vector(x)} × {vector(y)} = {vector(x * y)}. Added: {vector(x + y)}."
        return data, sentence


def _elements(x, y):
    """The elements of two vectors by name: x_1, x_2, ... y_1, ..."""
    return {f"{name}_{k}": float(value) for name, values in (("x", x), ("y", y)) for k, value in enumerate(values, 1)}


def _of(part, bars, values):
    """A prediction of the product or the sum."""
    return over_bars(bars, values, f"{spoken(values)} for {_SIGNS[part]}", lambda data: vector(data[part]))


_FACES = {"x": "white", "y": FAINT, "result": COLORS["c"]}
_BAR_WIDTH = 0.26  # where the elements are 1 apart
_ROW_HEIGHT = 0.16  # of the numbers, as a fraction of the height of the axes above them


class PointwisePicture:
    """Two vectors beside their product and their sum: bars, and under them the numbers in rows.

    Args:
        size: the length of the vectors.

    Attributes:
        figure, moving: for the live picture.
        bars: (product or sum, row) -> the bars of that row.
        cells: (product or sum, row) -> the numbers of that row.
    """

    def __init__(self, size):
        self.bars, self.cells = {}, {}
        with styled():
            self.figure = new_figure(350)
            self._axes = [self._draw(part, left, size) for part, left in (("product", 0.09), ("sum", 0.59))]
        self.moving = [a for artists in (self.bars, self.cells) for row in artists.values() for a in row]

    def update(self, data):
        """Show `data`: a mapping with the vectors `x`, `y`, `product` and `sum`."""
        for (part, row), bars in self.bars.items():
            values = data[part] if row == "result" else data[row]
            for bar, cell, value in zip(bars, self.cells[part, row], values, strict=True):
                put(bar, height=value)
                put(cell, text=number(value))
        limits = whole_limits(np.concatenate(list(data.values())))
        changed = [put(axes, ylim=limits) for axes in self._axes]
        return any(changed)

    def _draw(self, part, left, size):
        axes = self.figure.add_axes((left, 0.32, 0.39, 0.58))
        axes.set_title(_SIGNS[part], fontsize=18)
        axes.spines["bottom"].set_visible(False)
        axes.axhline(0, color=QUIET, linewidth=1)
        axes.set_xlim(-0.5, size - 0.5)
        axes.set_xticks([])
        for k, (row, face) in enumerate(_FACES.items()):
            self._draw_row(axes, part, k, row, face, np.arange(size))
        return axes

    def _draw_row(self, axes, part, k, row, face, at):
        """The bars of a row, and the line of numbers under the axes that belongs to them."""
        look = {"facecolor": face, "edgecolor": COLORS["c"], "linewidth": 1.2}
        x = at + _BAR_WIDTH * (k - 1)
        self.bars[part, row] = axes.bar(x, np.zeros(len(at)), _BAR_WIDTH, **look).patches
        under_axes = axes.get_xaxis_transform()
        y = -_ROW_HEIGHT * (k + 1)
        text = {"transform": under_axes, "va": "center", "weight": "bold" if row == "result" else "normal"}
        axes.text(-0.62, y, _SIGNS[part] if row == "result" else row, ha="right", fontsize=14, **text)
        swatch = {"markerfacecolor": face, "markeredgecolor": COLORS["c"], "markersize": 11}
        axes.plot([-0.5], [y], "s", transform=under_axes, clip_on=False, **swatch)
        self.cells[part, row] = [axes.text(x, y, "", ha="center", fontsize=16, **text) for x in at]
