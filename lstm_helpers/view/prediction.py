"""The predictions of a learner, drawn beside the truth.

A prediction stays in place while the sliders move; the learner moves the truth toward it. The sentence compares the two
at the current values: "You predicted 0.5 for f; here it is 0.56."
"""

from collections.abc import Mapping
from itertools import permutations, product

import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.markers import MarkerStyle
from matplotlib.patheffects import withStroke
from matplotlib.textpath import text_to_path
from matplotlib.transforms import IdentityTransform, offset_copy

from lstm_helpers._arguments import real_array, refuse
from lstm_helpers.view.style import QUIET, listed, number, powers, styled, vector

_LABEL_DISTANCE = 15  # from the middle of a diamond to the middle of its label, in points
_ARROW_DISTANCE = 7  # added for an arrow, whose tip is at the edge of the axes
_HALF_MARK = 6  # half the height of a diamond or an arrow


class Prediction:
    """A hollow diamond for each predicted number, a label beside the last, and the words for the sentence.

    A number above or below the axis is an arrow with its tip at the edge.

    Args:
        axes: the axes that show the truth.
        place: (x, y) in data coordinates, each a number or a vector; or a function from the picture's data to (x, y).
        words: the prediction in words: "0.5 for f".
        exact: a function from the data to the truth, as a number, a vector or a text; None if there is no truth now.
        truth: a function from the data to the truth in words: "0.56", or "there is none (why)". If not given, the
            exact numbers with two decimals.
        label: the text beside the last diamond.
        side: the side of the diamond: "above", "below", "left" or "right", or a function from the data to one of these;
            "away" is above if the prediction is too high, else below. Near the edge, the label changes sides.
        near: the tolerance within which a class's predictions count as near; or 5% of the truth, if that is more.
        log: whether nearness is a factor, not a distance.

    Attributes:
        marks, label: the artists. points: where the diamonds are. beyond: 1 above the axis, -1 below it, 0 on it.
    """

    def __init__(self, axes, place, words, exact, truth=None, *, label="you", side="above", near=0.05, log=False):
        self.words, self.exact, self.near, self.log = words, exact, near, log
        self.truth = truth or self._exact_in_words
        self._axes, self._side, self._drawn = axes, side, None
        self._place = place if callable(place) else lambda data: place
        with styled():
            halo = [withStroke(linewidth=4.5, foreground="white")]  # to show on a black bar as well
            line = {"facecolors": "none", "edgecolors": QUIET, "linewidths": 2, "path_effects": halo}
            self.marks = PathCollection([], sizes=[80], transform=IdentityTransform(), zorder=10, **line)
            self.marks.set_offset_transform(axes.transData)
            axes.add_collection(self.marks, autolim=False)  # a prediction changes no limits
            ground = {"facecolor": "white", "alpha": 0.85, "linewidth": 0, "pad": 1}
            self.label = axes.text(0, 0, label, fontsize=14, color=QUIET, va="center", zorder=9, bbox=ground)
        self.marks.set_clip_on(False)
        self.artists = [self.marks, self.label]

    def update(self, data):
        """Move the artists to their place on the current axes; return whether anything has changed."""
        x, y = np.broadcast_arrays(*(np.atleast_1d(np.asarray(v, dtype=float)) for v in self._place(data)))
        low, high = sorted(self._axes.get_ylim())
        points, beyond = np.column_stack([x, np.clip(y, low, high)]), (y > high) * 1 - (y < low)
        side = self._side(data) if callable(self._side) else self._side
        if side == "away":
            side = "above" if y[-1] >= np.ravel(self.exact(data))[-1] else "below"
        drawn = (points.tolist(), beyond.tolist(), side, self._axes.get_xlim(), (low, high))
        if drawn == self._drawn:
            return False
        self.points, self.beyond, self._drawn = points, beyond, drawn
        self.marks.set_offsets(points)
        self.marks.set_paths([_MARKS[direction] for direction in beyond])
        self.put_label(side)
        return True

    def _exact_in_words(self, data):
        true = self.exact(data)
        return vector(true) if np.ndim(true) else number(true)

    def put_label(self, side=None):
        """Put the label beside the last diamond, on a side (None: its own), or on the other one if there is no room."""
        point, beyond, side = self.points[-1], self.beyond[-1], side or self._drawn[2]
        right, up = self._axes.transAxes.inverted().transform(self._axes.transData.transform(point))
        if side in ("above", "below"):
            direction = 1 if up < 0.2 or (side == "above" and up <= 0.8) else -1
            dx, dy = 0, direction * (_LABEL_DISTANCE + _ARROW_DISTANCE * abs(beyond))
            ha = "right" if right > 0.95 else "left" if right < 0.05 else "center"
        else:
            to_right = not 0.35 <= right <= 0.85 if side == "left" else right <= 0.85
            dx, dy, ha = (_LABEL_DISTANCE, 0, "left") if to_right else (-_LABEL_DISTANCE, 0, "right")
        shifted = offset_copy(self._axes.transData, self._axes.figure, dx, dy, units="points")
        self.label.set(position=point, transform=shifted, ha=ha)

    def label_box(self):
        """Return the extent of the label in units of the picture: left, bottom, right, top."""
        label = self.label
        width, height, _ = text_to_path.get_text_width_height_descent(
            label.get_text(), label.get_fontproperties(), False
        )
        x, y = label.get_transform().transform(label.get_position())
        left = x - width * {"left": 0, "center": 0.5, "right": 1}[label.get_ha()]
        return left, y - height / 2, left + width, y + height / 2

    def mark_boxes(self):
        """Return the extent of each diamond or arrow: left, bottom, right, top."""
        middles = self._axes.transData.transform(self.points) - [[0, _HALF_MARK * k] for k in self.beyond]
        return [(*(middle - _HALF_MARK), *(middle + _HALF_MARK)) for middle in middles]


def keep_apart(predictions):
    """Choose sides for the labels so that none covers another's label or diamonds, if that is possible.

    As few labels as possible leave their own side.
    """
    choices = product((None, "above", "below", "left", "right"), repeat=len(predictions))
    for sides in sorted(choices, key=lambda sides: len(sides) - sides.count(None)):
        for prediction, side in zip(predictions, sides, strict=True):
            prediction.put_label(side)
        collide = any(_collide(one, other) for one, other in permutations(predictions, 2))
        if not collide and all(map(_is_within, predictions)):
            return
    for prediction in predictions:
        prediction.put_label()


def _is_within(prediction):
    """Return whether the label is within the picture."""
    left, bottom, right, top = prediction.label_box()
    page = prediction.label.get_figure().bbox
    return page.x0 <= left and right <= page.x1 and page.y0 <= bottom and top <= page.y1


def _collide(prediction, other):
    """Return whether the label of a prediction covers the label or a diamond of another one."""
    left, bottom, right, top = prediction.label_box()
    return any(
        left < other_right and other_left < right and bottom < other_top and other_bottom < top
        for other_left, other_bottom, other_right, other_top in [other.label_box(), *other.mark_boxes()]
    )


def marker_path(marker, down=0.0):
    """Return the outline of a marker, moved down by a fraction of its size."""
    style = MarkerStyle(marker)
    return style.get_path().transformed(style.get_transform().frozen().translate(0, -down))


_MARKS = {0: marker_path("D"), 1: marker_path("^", 0.5), -1: marker_path("v", -0.5)}


def over_bars(bars, values, words, exact):
    """Return a prediction of the values that upright bars show, `exact(data)`. Its label is beyond the last one."""
    x = [bar.get_x() + bar.get_width() / 2 for bar in bars]
    side = "below" if values[-1] < 0 else "above"
    return Prediction(bars[0].axes, (x, values), words, exact, side=side)


def clause(predictions, data):
    """Return the sentence that compares the predictions with the truth."""
    words = listed([prediction.words for prediction in predictions])
    return f"You predicted {words}; {here([prediction.truth(data) for prediction in predictions])}."


def here(truths):
    """Return the truth as a clause: "here it is 0.56", or "here there is none (nothing is forgotten)".

    A truth that is a clause itself begins with "there is" or "it".
    """
    are_clauses = [truth.startswith(("there is ", "it ")) for truth in truths]
    if not any(are_clauses):
        return f"here it is {listed(truths)}"
    clauses = (truth if is_clause else f"it is {truth}" for truth, is_clause in zip(truths, are_clauses, strict=True))
    return f"here {listed([*clauses])}"


def as_typed(values):
    """Return a number, or a list of numbers, as the learner typed it."""
    if np.ndim(values):
        return f"[{', '.join(map(as_typed, values))}]"
    return powers(f"{values + 0.0:.4g}").replace("-", "−")


def steps_as_typed(count):
    """Return a number of steps in words, as the learner typed it: 1 step, 12.5 steps."""
    text = as_typed(count)
    return f"{text} step" if text == "1" else f"{text} steps"


def prediction_labels(given):
    """Return the label of each prediction: "you", or "your c" if there are several."""
    return {name: "you" if len(given) == 1 else f"your {name}" for name in given}


def read_prediction(prediction, shapes, within=None):
    """Return the predicted numbers by name.

    Args:
        prediction: a number or a list; or a mapping from names to these. `...`: not predicted yet.
        shapes: name -> its possible shapes, () for a single number. A prediction without a name is of the first name
            with its shape.
        within: (low, high), the range of every number.

    Returns:
        name -> array, for the names with a prediction.

    Raises:
        ValueError, TypeError: the prediction has an unknown name, another shape, or is out of range.
    """
    if prediction is ...:
        return {}
    if not isinstance(prediction, Mapping):
        return _array_by_name("prediction", prediction, shapes, within)
    found = {}
    for name, value in prediction.items():
        if name not in shapes:
            refuse(ValueError, f"prediction must be of {' or '.join(shapes)}, got one of {name!r}")
        if value is not ...:
            found |= _array_by_name(f"prediction[{name!r}]", value, {name: shapes[name]}, within)
    return found


def _array_by_name(argument, value, shapes, within):
    array = real_array(argument, value).astype(float)
    names = [name for name, allowed in shapes.items() if array.shape in allowed]
    if not names:
        kinds = dict.fromkeys(shape for allowed in shapes.values() for shape in allowed)
        words = " or ".join(f"a list of {shape[0]}" if shape else "a single number" for shape in kinds)
        refuse(ValueError, f"{argument} must be {words}, got shape {array.shape}{_about_commas(value, kinds)}")
    real_array(argument, value, within=within)  # after the shape: 0,5 has no number out of range, but a comma
    return {names[0]: array}


def _about_commas(value, kinds):
    """How to write a number without its comma, which makes it two numbers for Python; "" if there is none."""
    if not isinstance(value, list | tuple) or {type(part) for part in value} != {int}:
        return ""
    if (len(value) / 2,) in kinds:  # [0,2, 0,3] for two numbers
        return "; write each with a decimal point, as in 0.5"
    if () not in kinds or not isinstance(value, tuple) or len(value) != 2 or value[1] < 0:  # (0, -4): two numbers
        return ""
    whole, part = value
    if 0 < abs(whole) < 1000 and (part == 0 or 100 <= part < 1000):  # 2,000 is (2, 0)
        return f"; write {whole}{part:03} without a comma, or {whole}.{part} with a point"
    return f"; write {whole}.{part}, with a decimal point"
