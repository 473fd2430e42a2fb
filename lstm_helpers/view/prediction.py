"""What a learner predicted, drawn beside what is true.

A prediction is an answer to a question, and the question may be about other values than those where an explorer opens.
So it stays where it is wherever the sliders are, and the reader moves the truth toward it. What is said compares the
two at the values that are shown: "You predicted 0.5 for f; here it is 0.56."
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
from lstm_helpers.view.style import QUIET, number, powers, styled, vector

_AWAY = 15  # from a diamond's middle to its label's, in points
_ARROW = 7  # so much farther from the tip of an arrow
_HALF = 6  # of a diamond's height, and of an arrow's


class Prediction:
    """A hollow diamond for each number that was predicted, the word "you" beside the last, and its part of a sentence.

    What lies above or below the ends of its axis is an arrow whose tip is at the edge.

    Args:
        axes: where the truth appears.
        place: where on them: (x, y), each a number or a vector; or a function from the picture's data to that.
        said: the prediction, in words.
        exact: a function from the data to the truth as a number, a vector or a text; None where there is none now.
        truth: a function from the data to the truth, in words: "0.56", or "there is none (why)"; if not given, its
            numbers with two decimals.
        label: what stands beside the last diamond.
        side: on which side of it: "above", "below", "left" or "right", or a function from the data to one of these;
            "away" is above where more was predicted than is true, else below. It is the other side where there is no
            room.
        near: how far from the truth another prediction may be to be near, at least.
        log: whether numbers like it are compared by their sizes, as factors.

    Attributes:
        marks, label: the artists; points: where the diamonds stand; beyond: 1 above the axis, -1 below it, 0 on it.
    """

    def __init__(self, axes, place, said, exact, truth=None, *, label="you", side="above", near=0.05, log=False):
        self.said, self.exact, self.near, self.log = said, exact, near, log
        self.truth = truth or self._in_numbers
        self._axes, self._side, self._stands = axes, side, None
        self._place = place if callable(place) else lambda data: place
        with styled():
            halo = [withStroke(linewidth=4.5, foreground="white")]  # so that it is seen on a black bar as well
            line = {"facecolors": "none", "edgecolors": QUIET, "linewidths": 2, "path_effects": halo}
            # Over everything else, and without a word to the axes: a prediction changes no limits.
            self.marks = PathCollection([], sizes=[80], transform=IdentityTransform(), zorder=10, **line)
            self.marks.set_offset_transform(axes.transData)
            axes.add_collection(self.marks, autolim=False)
            ground = {"facecolor": "white", "alpha": 0.85, "linewidth": 0, "pad": 1}
            self.label = axes.text(0, 0, label, fontsize=14, color=QUIET, va="center", zorder=9, bbox=ground)
        self.marks.set_clip_on(False)
        self.artists = [self.marks, self.label]

    def update(self, data):
        """Go to where it belongs on the axes as they are now; nothing changes if it is there.

        Returns:
            Whether anything has changed.
        """
        x, y = np.broadcast_arrays(*(np.atleast_1d(np.asarray(v, dtype=float)) for v in self._place(data)))
        low, high = self._axes.get_ylim()
        low, high = min(low, high), max(low, high)
        points, beyond = np.column_stack([x, np.clip(y, low, high)]), (y > high) * 1 - (y < low)
        side = self._side(data) if callable(self._side) else self._side
        if side == "away":
            side = "above" if y[-1] >= np.ravel(self.exact(data))[-1] else "below"
        stands = (points.tolist(), beyond.tolist(), side, self._axes.get_xlim(), (low, high))
        if stands == self._stands:
            return False
        self.points, self.beyond, self._stands = points, beyond, stands
        self.marks.set_offsets(points)
        self.marks.set_paths([_MARKS[way] for way in beyond])
        self.put_label(side)
        return True

    def _in_numbers(self, data):
        true = self.exact(data)
        return vector(true) if np.ndim(true) else number(true)

    def put_label(self, side=None):
        """Put the label beside the last diamond: on a side, its own if none is given, or where there is room."""
        point, beyond, side = self.points[-1], self.beyond[-1], side or self._stands[2]
        right, up = self._axes.transAxes.inverted().transform(self._axes.transData.transform(point))
        if side in ("above", "below"):
            way = 1 if up < 0.2 or (side == "above" and up <= 0.8) else -1
            dx, dy = 0, way * (_AWAY + _ARROW * abs(beyond))
            ha = "right" if right > 0.95 else "left" if right < 0.05 else "center"
        else:
            to_right = not 0.35 <= right <= 0.85 if side == "left" else right <= 0.85
            dx, dy, ha = (_AWAY, 0, "left") if to_right else (-_AWAY, 0, "right")
        beside = offset_copy(self._axes.transData, self._axes.figure, dx, dy, units="points")
        self.label.set(position=point, transform=beside, ha=ha)

    def label_box(self):
        """What the label takes, in units of the picture: left, bottom, right, top."""
        label = self.label
        wide, high, _ = text_to_path.get_text_width_height_descent(label.get_text(), label.get_fontproperties(), False)
        x, y = label.get_transform().transform(label.get_position())
        left = x - wide * {"left": 0, "center": 0.5, "right": 1}[label.get_ha()]
        return left, y - high / 2, left + wide, y + high / 2

    def mark_boxes(self):
        """What each diamond or arrow takes, as `label_box` has it."""
        middles = self._axes.transData.transform(self.points) - [[0, _HALF * way] for way in self.beyond]
        return [(*(middle - _HALF), *(middle + _HALF)) for middle in middles]


def keep_apart(predictions):
    """Put the labels of several predictions where none lies over another's label or diamonds, if there are such places.

    Each stays on its own side as long as that is so.
    """
    ways = product((None, "above", "below", "left", "right"), repeat=len(predictions))
    for sides in sorted(ways, key=lambda sides: len(sides) - sides.count(None)):
        for prediction, side in zip(predictions, sides, strict=True):
            prediction.put_label(side)
        apart = not any(_collide(one, other) for one, other in permutations(predictions, 2))
        if apart and all(map(_is_within, predictions)):
            return
    for prediction in predictions:
        prediction.put_label()


def _is_within(prediction):
    """Whether the label is within the picture."""
    left, bottom, right, top = prediction.label_box()
    page = prediction.label.get_figure().bbox
    return page.x0 <= left and right <= page.x1 and page.y0 <= bottom and top <= page.y1


def _collide(one, other):
    """Whether the label of one prediction lies over the label or the diamonds of another."""
    left, bottom, right, top = one.label_box()
    return any(
        left < its_right and its_left < right and bottom < its_top and its_bottom < top
        for its_left, its_bottom, its_right, its_top in [other.label_box(), *other.mark_boxes()]
    )


def marker_path(marker, down=0.0):
    """The outline of a marker, moved down by so much of its size."""
    style = MarkerStyle(marker)
    return style.get_path().transformed(style.get_transform().frozen().translate(0, -down))


_MARKS = {0: marker_path("D"), 1: marker_path("^", 0.5), -1: marker_path("v", -0.5)}


def over_bars(bars, values, said, exact):
    """A prediction of what upright bars show, `exact(data)`; the label stands beyond the end of the last."""
    at = [bar.get_x() + bar.get_width() / 2 for bar in bars]
    side = "below" if values[-1] < 0 else "above"
    return Prediction(bars[0].axes, (at, values), said, exact, side=side)


def clause(predictions, data):
    """What is said of the predictions at what the picture shows."""
    said, true = zip(*((p.said, p.truth(data)) for p in predictions), strict=True)
    return f"You predicted {' and '.join(said)}; {here(true)}."


def here(truths):
    """What is true, in words: "here it is 0.56", or "here there is none (nothing is forgotten)"."""
    if not any(one.startswith("there is") for one in truths):
        return f"here it is {' and '.join(truths)}"
    return f"here {' and '.join(one if one.startswith('there is') else f'it is {one}' for one in truths)}"


def as_typed(values):
    """A number, or a list of them, as it was typed."""
    if np.ndim(values):
        return f"[{', '.join(map(as_typed, values))}]"
    return powers(f"{values + 0.0:.4g}").replace("-", "−")


def prediction_labels(given):
    """What stands beside each prediction: "you", or "your c" if there are several."""
    return {name: "you" if len(given) == 1 else f"your {name}" for name in given}


def read_prediction(prediction, shapes, within=None):
    """The numbers that were predicted, by the name of what they are.

    Args:
        prediction: a number or a list; or a mapping from names to such. `...` stands for what is not predicted yet.
        shapes: name -> the shapes it may have, () for a single number. A prediction without a name belongs to the first
            that may have its shape.
        within: (low, high), the range every number must lie in.

    Returns:
        name -> array; without those that are not made yet.
    """
    if prediction is ...:
        return {}
    if not isinstance(prediction, Mapping):
        return _fitting("prediction", prediction, shapes, within)
    found = {}
    for name, value in prediction.items():
        if name not in shapes:
            refuse(ValueError, f"prediction must be of {' or '.join(shapes)}, got one of {name!r}")
        if value is not ...:
            found |= _fitting(f"prediction[{name!r}]", value, {name: shapes[name]}, within)
    return found


def _fitting(argument, value, shapes, within):
    array = real_array(argument, value, within=within).astype(float)
    fits = [name for name, allowed in shapes.items() if array.shape in allowed]
    if not fits:
        kinds = dict.fromkeys(shape for allowed in shapes.values() for shape in allowed)
        words = " or ".join(f"a list of {shape[0]}" if shape else "a single number" for shape in kinds)
        refuse(ValueError, f"{argument} must be {words}, got shape {array.shape}")
    return {fits[0]: array}


spoken, labels, predicted = as_typed, prediction_labels, read_prediction  # until every explorer has the new names
