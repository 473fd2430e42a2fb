"""Multiplying and adding two vectors."""

import numpy as np

from lstm_helpers._arguments import real_array, refuse, same_shape, short_traceback
from lstm_helpers.examples import EXAMPLES
from lstm_helpers.view.controls import Slider
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.pictures import PointwisePicture
from lstm_helpers.view.prediction import over_bars, predicted, spoken
from lstm_helpers.view.style import subscript, vector

_SIGNS = {"product": "x × y", "sum": "x + y"}


class PointwiseExplorer(Panel):
    """Two vectors, their product and their sum.

    Args:
        x, y: vectors of one length, up to 6, every element from -1 to 1. The document's product if not given.
        prediction: what the product will be, a list as long as x; or a mapping with "product", "sum" or both; `...` if
            nothing is predicted yet. It is drawn over the black bars.
    """

    title = "Pointwise explorer"

    @short_traceback
    def __init__(self, x=None, y=None, *, prediction=...):
        product, update = EXAMPLES["pointwise_product"].inputs, EXAMPLES["context_update"].inputs
        x = real_array("x", product["x"] if x is None else x, ndim=1, within=(-1, 1))
        y = real_array("y", product["y"] if y is None else y, ndim=1, within=(-1, 1))
        same_shape(x=x, y=y)
        if len(x) > 6:
            refuse(ValueError, f"x and y must have at most 6 elements, got {len(x)}")
        self._size = size = len(x)
        given = predicted(prediction, dict.fromkeys(_SIGNS, ((size,),)))
        presets = {"as given": self._named(x, y)}
        if size == 3:
            presets |= {
                "document: product": self._named(product["x"], product["y"]),
                "document: sum": self._named(update["c_prev"], update["new"]),
            }
        presets |= {
            "y = 1": self._named(x, np.ones(size)),
            "y = 0": self._named(x, np.zeros(size)),
            "y = −x": self._named(x, -x),
        }
        if size == 3 and np.array_equal(x, product["x"]) and np.array_equal(y, product["y"]):
            del presets["as given"]
        start = self._named(x, y)
        controls = [
            Slider(name, value, -1, 1, label=name[0] + subscript(int(name[2])), label_width=30)
            for name, value in start.items()
        ]
        picture = PointwisePicture(size)
        predictions = [_of(part, picture.bars[part, "result"], values) for part, values in given.items()]
        super().__init__(picture, [controls[:size], controls[size:]], presets, predictions)

    def show(self, **values):
        """The vectors, their product and their sum, element by element."""
        x = np.array([values[f"x_{k + 1}"] for k in range(self._size)])
        y = np.array([values[f"y_{k + 1}"] for k in range(self._size)])
        data = {"x": x, "y": y, "product": x * y, "sum": x + y}
        sentence = f"Multiplied: {vector(x)} × {vector(y)} = {vector(x * y)}. Added: {vector(x + y)}."
        return data, sentence

    @staticmethod
    def _named(x, y):
        return {f"{name}_{k}": float(v) for name, vec in (("x", x), ("y", y)) for k, v in enumerate(vec, 1)}


def _of(part, bars, values):
    """A prediction of the product or the sum."""
    return over_bars(bars, values, f"{spoken(values)} for {_SIGNS[part]}", lambda data: vector(data[part]))
