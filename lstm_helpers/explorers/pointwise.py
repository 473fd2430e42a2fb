"""Multiplying and adding two vectors."""

import numpy as np

from lstm_helpers._arguments import real_array, refuse, same_shape, short_traceback
from lstm_helpers.examples import EXAMPLES
from lstm_helpers.explorers._asked import Asked
from lstm_helpers.view.controls import Slider
from lstm_helpers.view.drawing import Drawing
from lstm_helpers.view.live import put
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.prediction import over_bars, predicted, spoken
from lstm_helpers.view.style import COLORS, FAINT, QUIET, number, styled, subscript, vector

_SIGNS = {"product": "x × y", "sum": "x + y"}
_MOST_ELEMENTS = 6


class PointwiseExplorer(Panel):
    """Two vectors, their product and their sum.

    Args:
        x, y: vectors of one length, up to 6, every element from -1 to 1. The document's product if not given.
        prediction: what the product will be, a list as long as x; or a mapping with "product", "sum" or both; `...` if
            nothing is predicted yet. It is drawn over the black bars.
        question: the name of what is predicted, if the prediction is to be counted in a class.

    The state has a number for each element: `x_1`, `x_2`, ... `y_1`, ...
    """

    title = "Pointwise explorer"

    @short_traceback
    def __init__(self, x=None, y=None, *, prediction=..., question=""):
        product, update = EXAMPLES["pointwise_product"].inputs, EXAMPLES["context_update"].inputs
        x = real_array("x", product["x"] if x is None else x, ndim=1, within=(-1, 1))
        y = real_array("y", product["y"] if y is None else y, ndim=1, within=(-1, 1))
        same_shape(x=x, y=y)
        size = len(x)
        if size > _MOST_ELEMENTS:
            refuse(ValueError, f"x and y must have at most {_MOST_ELEMENTS} elements, got {size}")
        asked = Asked(question, prediction, lambda one: predicted(one, dict.fromkeys(_SIGNS, ((size,),))))
        state = _elements(x, y)
        documents = {
            "document: product": _elements(product["x"], product["y"]),
            "document: sum": _elements(update["c_prev"], update["new"]),
        }
        presets = {name: there for name, there in documents.items() if there.keys() == state.keys() and there != state}
        presets |= {
            "y = 1": _elements(x, np.ones(size)),
            "y = 0": _elements(x, np.zeros(size)),
            "y = −x": _elements(x, -x),
        }
        sliders = [Slider(name, -1, 1, label=name[0] + subscript(int(name[2]))) for name in state]
        picture = PointwisePicture(size)
        predictions = [_of(part, picture.bars[part, "result"], values) for part, values in asked.given.items()]
        super().__init__(picture, [sliders[:size], sliders[size:]], state, presets, predictions, asked)

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
    return over_bars(bars, values, f"{spoken(values)} for {_SIGNS[part]}", lambda data: data[part])


_FACES = {"x": "none", "y": FAINT, "result": COLORS["c"]}
_BAR_WIDTH = 0.26  # where the elements are 1 apart
# In units of the picture: x to the right, y down.
_HEIGHT = 360
_PLOTS = {"product": 76, "sum": 480}  # their left ends
_WIDE, _TOP, _BOTTOM = 314, 34, 262  # the width of a plot, and the heights of its ends
_TITLES = 15  # the height of the titles' middle
_ROWS = {"x": 284, "y": 309, "result": 340}  # of the numbers under the bars
_RULE = 325  # above the results
_SMALL = 14


class PointwisePicture(Drawing):
    """Two vectors beside their product and their sum: bars, and under them the numbers in rows.

    Elements lie from -1 to 1, so no product and no sum is beyond 2: both plots have that axis, always.

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
            super().__init__(_HEIGHT, down=True)
            for part, left in _PLOTS.items():
                self._draw(part, left, size)
        self.moving = [a for artists in (self.bars, self.cells) for row in artists.values() for a in row]

    def update(self, data):
        """Show `data`: a mapping with the vectors `x`, `y`, `product` and `sum`."""
        for (part, row), bars in self.bars.items():
            values = data[part] if row == "result" else data[row]
            for bar, cell, value in zip(bars, self.cells[part, row], values, strict=True):
                put(bar, height=value)
                put(cell, text=number(value))

    def _draw(self, part, left, size):
        limits = {"xlim": (-0.5, size - 0.5), "ylim": (-2, 2), "xticks": [], "yticks": (-1, 0, 1)}
        axes = self.plot(left, _BOTTOM, _WIDE, _BOTTOM - _TOP, **limits)
        axes.tick_params(labelsize=_SMALL)
        axes.spines["bottom"].set_visible(False)
        axes.axhline(0, color=QUIET, linewidth=1)
        self.text(left + _WIDE / 2, _TITLES, _SIGNS[part], size=18, color="black")
        self.polyline([(left, _RULE), (left + _WIDE, _RULE)], QUIET, linewidth=1.5)
        for k, (row, face) in enumerate(_FACES.items()):
            look = {"facecolor": face, "edgecolor": QUIET, "linewidth": 1.2}
            middles = np.arange(size) + _BAR_WIDTH * (k - 1)
            self.bars[part, row] = axes.bar(middles, np.zeros(size), _BAR_WIDTH, **look).patches
            self.cells[part, row] = self._draw_row(part, row, left, size)

    def _draw_row(self, part, row, left, size):
        """The line of numbers that belongs to a row of bars, and in front of it how these look."""
        y, look = _ROWS[row], {"color": "black", "weight": "bold" if row == "result" else "normal"}
        swatch = {"linestyle": "", "marker": "s", "markerfacecolor": _FACES[row], "markersize": 12}
        self.polyline([(left - 8, y)], QUIET, **swatch)
        self.text(left - 20, y, _SIGNS[part] if row == "result" else row, "right", size=16, **look)
        look["size"] = 16 if size < _MOST_ELEMENTS else _SMALL
        return [self.text(left + _WIDE * (k + 0.5) / size, y, **look) for k in range(size)]
