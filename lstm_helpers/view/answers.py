"""The predictions of a class: counted, compared with the truth, and drawn as stacks of diamonds.

A panel for a class draws the most common prediction in its picture, like that of a single learner. A second picture
below shows all of them and the truth. The sentence compares them with the truth at the current values:
"30 answered; 12 within 0.05 of 0.56; most said 0.5 (16)."
"""

from collections import Counter
from textwrap import fill

import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import IdentityTransform

from lstm_helpers.view.live import put
from lstm_helpers.view.prediction import as_typed, here, marker_path
from lstm_helpers.view.style import COLORS, FAINT, INK, QUIET, WIDTH, magnitude, new_figure, number, styled
from lstm_helpers.view.text import visible


class Answers:
    """The predictions of a class, by name.

    Args:
        predictions: a list of the learners' predictions, as typed.
        read: a function from a prediction to name -> value, which refuses invalid ones.

    Attributes:
        values: name -> the predictions of it, arrays of the same shape or texts.
        common: name -> the most common one, or the median if hardly two agree.
        left_out: how many predictions are invalid, or have another shape than most.
    """

    def __init__(self, predictions, read):
        self._total, found = len(predictions), {}
        for learner, prediction in enumerate(predictions):
            for name, value in _read_valid(prediction, read).items():
                found.setdefault(name, {})[learner] = value
        kept = {name: _of_most_common_kind(values) for name, values in found.items()}
        self.left_out = self._total - len({learner for values in kept.values() for learner in values})
        self.values = {name: list(values.values()) for name, values in kept.items()}
        self._modes = {name: _mode(values) for name, values in self.values.items()}
        self.common = {name: value for name, (value, _) in self._modes.items()}

    def summary(self, predictions, data):
        """Return a sentence: how many answered, how many were near the truth, and the most common prediction.

        Args:
            predictions: the `Prediction` of each name, in the order of `values`.
            data: the data of the panel's picture.
        """
        if not self.values:
            if self._total == 1:
                return "The one answer of the class cannot be drawn here."
            return f"None of the {self._total} answers of the class can be drawn here."
        parts = [self._clause(name, p, data) for name, p in zip(self.values, predictions, strict=True)]
        if len(parts) > 1:
            parts = [f"{name}: {part}" for name, part in zip(self.values, parts, strict=True)]
        kept = self._total - self.left_out
        some = f"{kept} of {self._total} answers {'makes' if kept == 1 else 'make'} sense here"
        start = some if self.left_out else f"{self._total} answered"
        return f"The class: {start}; {'; '.join(parts)}."

    def _clause(self, name, prediction, data):
        true, values, (common, count) = prediction.exact(data), self.values[name], self._modes[name]
        comparison = here([prediction.truth(data)])
        if isinstance(true, str):
            comparison = f"{sum(value == true for value in values)} said {prediction.truth(data)}, as it is here"
        elif true is not None and np.isfinite(true).all():
            near_count, distance = _count_near(values, true, prediction)
            comparison = f"{near_count} within {distance} of {prediction.truth(data)}"
        common = f"“{visible(common)}”" if isinstance(common, str) else as_typed(common)
        if len(values) == 1:
            return f"{comparison}; the answer was {common}"
        if not count:
            return f"{comparison}; the middle one is {common}"
        often = "most said" if count > len(values) / 2 else "most often it was"
        return f"{comparison}; {often} {common} ({count})"


def _read_valid(prediction, read):
    """Read a prediction; return {} if it is invalid."""
    try:
        return read(prediction)
    except (ValueError, TypeError):
        return {}


def _of_most_common_kind(values):
    """Keep the values (learner -> value) that are texts, or arrays of the same shape, whichever is most common."""
    kinds = {learner: "text" if isinstance(value, str) else np.shape(value) for learner, value in values.items()}
    ((common, _),) = Counter(kinds.values()).most_common(1)
    return {learner: value for learner, value in values.items() if kinds[learner] == common}


def _mode(values):
    """Return the most common value and its count; or the median and 0 if hardly two are the same."""
    if isinstance(values[0], str):
        return Counter(values).most_common(1)[0]
    ((common, count),) = Counter(tuple(np.ravel(value).tolist()) for value in values).most_common(1)
    if count >= max(2, len(values) / 5) or len(values) == 1:
        return np.reshape(common, np.shape(values[0])), count
    return np.median(values, axis=0), 0


def _count_near(values, true, prediction):
    """Count the values with all elements near the truth; return the count, and the distance in words."""
    values, true = np.reshape(values, (len(values), -1)), np.ravel(true)
    if prediction.log:
        low, high = true / 2, true * 2
        words = "a factor of 2"
    else:
        distance = float(f"{max(prediction.near, 0.05 * np.abs(true).max()):.1g}")
        low, high, words = true - distance - 1e-9, true + distance + 1e-9, f"{distance:g}"
    return int(((low <= values) & (values <= high)).all(axis=1).sum()), words


# In units of the picture. Each strip of diamonds has its own axes, with the ticks below and the truth above.
_ROW, _TICKS, _STACK = 118, 26, 68  # heights of a row, of the ticks, and of the stacks
_LEFT, _GAP, _EDGE = 118, 46, 26  # room left of the first strip, between two, and right of the last
_MAX_STRIPS = 6  # in a row
_DIAMOND, _COUNT_HEIGHT = 9, 16  # size of a diamond; height of the count above a stack
_MAX_TEXTS = 9
_MARGIN = 0.06  # of the axis, beyond the values


class AnswersPicture:
    """The predictions of a class as stacks of diamonds, with the truth as a line.

    Args:
        answers: the `Answers`.
        predictions: the `Prediction` of each of their names, in order.
        data: the data of the panel's picture as it opens.

    Attributes:
        figure, moving: for the live picture.
        strips: the `_Strip` of each element of each name.
    """

    def __init__(self, answers, predictions, data):
        rows, several = [], len(answers.values) > 1
        for (name, values), prediction in zip(answers.values.items(), predictions, strict=True):
            elements = range(np.size(values[0]) if not isinstance(values[0], str) else 1)
            titles = [str(k + 1) if len(elements) > 1 else "" for k in elements]
            parts = [(titles[k], [_element(value, k) for value in values], prediction, k) for k in elements]
            title = fill(name if several else "the class", 11)
            for k in range(0, len(parts), _MAX_STRIPS):
                rows.append(("" if k else f"{title}:\n{len(values)}", parts[k : k + _MAX_STRIPS]))
        self._height = _ROW * len(rows)
        self.strips = []
        with styled():
            self.figure = new_figure(self._height)
            for r, (words, row) in enumerate(rows):
                bottom = self._height - (r + 1) * _ROW + _TICKS
                width = (WIDTH - _LEFT - _EDGE + _GAP) / len(row) - _GAP
                for c, part in enumerate(row):
                    axes = self._add_axes(_LEFT + c * (width + _GAP), bottom, width)
                    self.strips.append(_Strip(axes, *part, data))
                style = {"color": QUIET, "va": "center", "linespacing": 1.25}
                self.figure.text(0.012, (bottom + _STACK / 2) / self._height, words, **style)
        self.moving = [artist for strip in self.strips for artist in strip.moving]

    def update(self, data):
        """Move the truth; no still part changes."""
        for strip in self.strips:
            strip.update(data)
        return False

    def _add_axes(self, left, bottom, width):
        place = (left / WIDTH, bottom / self._height, width / WIDTH, _STACK / self._height)
        axes = self.figure.add_axes(place, ylim=(0, _STACK), yticks=())
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="x", length=4, pad=2)
        return axes


def _element(value, k):
    return value if isinstance(value, str) else float(np.ravel(value)[k])


class _Strip:
    """Element `k` of each prediction as a diamond, over an axis of values or texts.

    Attributes:
        truth, label: the line at the truth, and its number.
        marks: the diamonds. stacks: place on the axis, from 0 to 1 -> number of diamonds.
    """

    def __init__(self, axes, title, values, prediction, k, data):
        self._axes, self._prediction, self._k = axes, prediction, k
        true = self._true(data)
        width = axes.bbox.width
        if isinstance(values[0], str):
            x = self._place_texts(values, true)
        else:
            x = self._place_numbers(np.array(values), true, width)
        self._draw(x, width)
        if title:
            axes.text(-0.02 * WIDTH / width, 0.5, title, transform=axes.transAxes, ha="right", va="center", color=QUIET)
        (self.truth,) = axes.plot([0, 0], [0, _STACK + 4], color=COLORS["c"], linewidth=2.5, zorder=5, clip_on=False)
        self.label = axes.text(0, 0, "", color=INK["c"], weight="bold", va="center")
        self.moving = [self.truth, self.label]
        self.update(data)

    def update(self, data):
        """Move the line and its number to the truth; or to the edge, with an arrow, if the truth is beyond."""
        true = self._true(data)
        put(self.truth, visible=true is not None)
        put(self.label, visible=true is not None)
        if true is None:
            return
        x = self._place(true)
        words = self._prediction.truth(data) if np.ndim(self._prediction.exact(data)) == 0 else number(true)
        words = f"← {words}" if x < 0 else f"{words} →" if x > 1 else words
        x = min(max(x, 0), 1)
        put(self.truth, xdata=[x, x])
        side = "left" if x < 0.1 else "right" if x > 0.9 else "center"
        put(self.label, position=(x, _STACK + 14), text=words, horizontalalignment=side)

    def _true(self, data):
        """Return the truth of this element, or None if there is none."""
        true = self._prediction.exact(data)
        if true is None or isinstance(true, str):
            return true
        true = float(np.ravel(true)[self._k])
        return true if np.isfinite(true) else None

    def _place_numbers(self, values, true, width):
        """Scale the axis to all values but the outliers; return their places on it, from 0 to 1 or beyond."""
        scaled = self._scaled(values)
        low, high = _ends(scaled, None if true is None else self._scaled(true))
        self._place = lambda true: float((self._scaled(true) - low) / (high - low))
        if self._prediction.log:
            ticks = np.arange(np.ceil(low), high + 1e-9)
            ticks = ticks[:: max(1, -(-len(ticks) // 6))]
            words = [magnitude(10.0**tick) for tick in ticks]
        else:
            ticks = MaxNLocator(max(2, int(width / 70)), steps=[1, 2, 5, 10], min_n_ticks=1).tick_values(low, high)
            ticks = ticks[(low <= ticks) & (ticks <= high)] + 0.0
            words = [as_typed(np.round(tick, 12)) for tick in ticks]
        self._axes.set(xlim=(0, 1), xticks=(ticks - low) / (high - low))
        self._axes.set_xticklabels(words)
        return (scaled - low) / (high - low)

    def _scaled(self, values):
        if not self._prediction.log:
            return np.asarray(values, dtype=float)
        with np.errstate(divide="ignore"):
            return np.log10(values)

    def _place_texts(self, values, true):
        """Give each text a place on the axis, the most common first, the rarest together; return the places."""
        names = [name for name, _ in Counter(values).most_common()]
        if true not in names:
            names.insert(_MAX_TEXTS - 1, true)
        shown = names[:_MAX_TEXTS]
        places = {name: (k + 0.5) / (len(shown) + 1) for k, name in enumerate(shown)}
        rest = (len(shown) + 0.5) / (len(shown) + 1)
        self._place = lambda true: places.get(true, rest)
        others = {"others": rest} if any(value not in places for value in values) else {}
        self._axes.set(xlim=(0, 1), xticks=[*places.values(), *others.values()])
        self._axes.set_xticklabels([*map(visible, places), *others])
        return np.array([places.get(value, rest) for value in values])

    def _draw(self, x, width):
        """Draw the diamonds in stacks, closer together if the largest stack is high, and the counts of large stacks."""
        bins = np.floor(np.clip(x, 0, 1) * width / _DIAMOND)
        bins[x < 0], bins[x > 1] = -1, np.inf
        stacks = [np.flatnonzero(bins == b) for b in np.unique(bins)]
        largest = max(map(len, stacks))
        pitch = min(_DIAMOND + 1, (_STACK - _DIAMOND - _COUNT_HEIGHT - 2) / max(1, largest - 1))
        points, paths, tops = [], [], []
        for stack in stacks:
            middle = np.mean(x[stack]) if np.isfinite(x[stack]).all() else x[stack][0]
            paths += [_PATHS[-1 if middle < 0 else 1 if middle > 1 else 0]] * len(stack)
            place = min(max(middle, 0), 1)
            points += [(place, _DIAMOND / 2 + 2 + k * pitch) for k in range(len(stack))]
            tops.append((len(stack), place, points[-1][1] + _DIAMOND / 2))
        style = {"facecolors": FAINT, "edgecolors": QUIET, "linewidths": min(1.2, 0.3 + pitch / 5), "clip_on": False}
        offsets = {"offsets": points, "offset_transform": self._axes.transData, "zorder": 3}
        marks = PathCollection(paths, [_DIAMOND**2 / 2], **offsets, **style)
        marks.set_transform(IdentityTransform())
        self._axes.add_collection(marks, autolim=False)
        self.marks, self.stacks = marks, {place: size for size, place, _ in tops}
        self._write_counts(tops, width)

    def _write_counts(self, tops, width):
        """Write the count above each stack of three or more that is higher than its neighbors."""
        halo, taken = [withStroke(linewidth=3, foreground="white")], []
        for size, place, top in sorted(tops, reverse=True):
            if size >= 3 and all(abs(place - other) * width > 34 for other in taken):
                style = {"ha": "center", "va": "center", "fontsize": 14, "zorder": 6, "path_effects": halo}
                self._axes.text(place, top + _COUNT_HEIGHT / 2, str(size), **style)
            taken.append(place)


def _ends(values, true):
    """Return the ends of an axis for the truth and all values but the outliers."""
    inner = values[np.isfinite(values)] if np.isfinite(values).any() else np.zeros(1)
    middle = float(np.median(inner))
    least = 0.1 * max(abs(middle), 0.5)
    distances = np.abs(inner - middle)
    far = 3 * max(np.quantile(distances, 0.75, method="lower"), least)
    values = [*inner[distances <= far], *([true] if true is not None and np.isfinite(true) else [])]
    low, high = min(values), max(values)
    margin = _MARGIN * (high - low) if high - low > 1e-9 else least
    return low - margin, high + margin


_PATHS = {0: marker_path("D"), -1: marker_path("<"), 1: marker_path(">")}
