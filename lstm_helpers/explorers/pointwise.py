"""Two vectors, multiplied and added element by element."""

import numpy as np

from lstm_helpers._arguments import real_array, refuse, same_shape, short_traceback
from lstm_helpers.examples import EXAMPLES
from lstm_helpers.explorers._asked import Asked
from lstm_helpers.view.controls import Slider
from lstm_helpers.view.drawing import Drawing
from lstm_helpers.view.live import put
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.prediction import as_typed, over_bars, read_prediction
from lstm_helpers.view.style import COLORS, FAINT, QUIET, number, styled, subscript, vector

_SIGNS = {"product": "x × y", "sum": "x + y"}
_MAX_ELEMENTS = 6


class PointwiseExplorer(Panel):
    """Two vectors, their product and their sum.

    Args:
        x, y: vectors of the same length, up to 6, with elements from -1 to 1. Default: those of the document's product.
        prediction: the predicted product, a list as long as x; or a mapping with "product", "sum" or both; `...` for no
            prediction yet. It is drawn over the black bars.
        question: name of the question, if the class's predictions are counted.

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
        if size > _MAX_ELEMENTS:
            refuse(ValueError, f"x and y must have at most {_MAX_ELEMENTS} elements, got {size}")
        asked = Asked(question, prediction, lambda value: read_prediction(value, dict.fromkeys(_SIGNS, ((size,),))))
        state = _elements(x, y)
        documents = {
            "document: product": _elements(product["x"], product["y"]),
            "document: sum": _elements(update["c_prev"], update["new"]),
        }
        presets = {name: v for name, v in documents.items() if v.keys() == state.keys() and v != state}
        presets |= {
            "y = 1": _elements(x, np.ones(size)),
            "y = 0": _elements(x, np.zeros(size)),
            "y = −x": _elements(x, -x),
        }
        sliders = [Slider(name, -1, 1, label=name[0] + subscript(int(name[2]))) for name in state]
        picture = PointwisePicture(size)
        predictions = [_prediction(part, picture.bars[part, "result"], v) for part, v in asked.given.items()]
        super().__init__(picture, sliders, state, presets, predictions, asked)

    def show(self, **elements):
        """Return the vectors, their product and their sum, and a sentence."""
        x, y = (np.array([value for name, value in elements.items() if name[0] == letter]) for letter in "xy")
        data = {"x": x, "y": y, "product": x * y, "sum": x + y}
        sentence = f"Multiplied: {vector(x)} × {vector(y)} = {vector(x * y)}. Added: {vector(x + y)}."
        return data, sentence


def _elements(x, y):
    """The elements of two vectors by name: x_1, x_2, ... y_1, ..."""
    return {f"{name}_{k}": float(value) for name, values in (("x", x), ("y", y)) for k, value in enumerate(values, 1)}


def _prediction(part, bars, values):
    """A prediction of the product or the sum."""
    return over_bars(bars, values, f"{as_typed(values)} for {_SIGNS[part]}", lambda data: data[part])


_FACES = {"x": "none", "y": FAINT, "result": COLORS["c"]}
_BAR_WIDTH = 0.26  # elements are 1 apart
# Layout in units of the SVG, y down.
_HEIGHT = 360
_PLOTS = {"product": 76, "sum": 480}  # left ends
_WIDTH, _TOP, _BOTTOM = 314, 34, 262  # of a plot: its width, and y of its ends
_TITLES = 15  # y of the titles' middle
_ROWS = {"x": 284, "y": 309, "result": 340}  # y of the numbers below the bars
_RULE = 325  # y of the line above the results
_SMALL = 14


class PointwisePicture(Drawing):
    """Two bar charts, x and y with their product and with their sum, each over rows of numbers.

    Both axes run from -2 to 2, which holds every sum of elements from -1 to 1.

    Args:
        size: the length of the vectors.

    Attributes:
        figure, moving: for the live picture.
        bars, cells: ("product" or "sum", "x", "y" or "result") -> the bars, and the numbers below them.
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
        axes = self.plot(left, _BOTTOM, _WIDTH, _BOTTOM - _TOP, **limits)
        axes.tick_params(labelsize=_SMALL)
        axes.spines["bottom"].set_visible(False)
        axes.axhline(0, color=QUIET, linewidth=1)
        self.text(left + _WIDTH / 2, _TITLES, _SIGNS[part], size=18, color="black")
        self.polyline([(left, _RULE), (left + _WIDTH, _RULE)], QUIET, linewidth=1.5)
        for k, (row, face) in enumerate(_FACES.items()):
            style = {"facecolor": face, "edgecolor": QUIET, "linewidth": 1.2}
            middles = np.arange(size) + _BAR_WIDTH * (k - 1)
            self.bars[part, row] = axes.bar(middles, np.zeros(size), _BAR_WIDTH, **style).patches
            self.cells[part, row] = self._draw_row(part, row, left, size)

    def _draw_row(self, part, row, left, size):
        """Draw a key and the name of a row of bars; return the texts for its numbers."""
        y, style = _ROWS[row], {"color": "black", "weight": "bold" if row == "result" else "normal"}
        swatch = {"linestyle": "", "marker": "s", "markerfacecolor": _FACES[row], "markersize": 12}
        self.polyline([(left - 8, y)], QUIET, **swatch)
        self.text(left - 20, y, _SIGNS[part] if row == "result" else row, "right", size=16, **style)
        style["size"] = 16 if size < _MAX_ELEMENTS else _SMALL
        return [self.text(left + _WIDTH * (k + 0.5) / size, y, **style) for k in range(size)]
