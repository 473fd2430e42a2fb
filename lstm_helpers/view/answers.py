"""What a class predicted: counted, compared with the truth, and drawn as diamonds on a line of its own.

A panel that is given the predictions of a class draws the one that most had in mind as it draws a single one, and under
its picture all of them, stacked where they are alike, with the truth among them. What is said compares them with the
truth at the values that are shown: "30 answered; 12 within 0.05 of 0.56; most said 0.5 (16)."
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
    """The predictions of a class, by the name of what they are.

    Args:
        predictions: a list, each as a learner may have typed it.
        read: a function from one of them to name -> value, which refuses what makes no sense.

    Attributes:
        values: name -> the predictions of it, arrays of one shape or texts.
        common: name -> the one that came up most often; the middle one where hardly two agree.
        left_out: how many of the list make no sense, or are of another shape than most.
    """

    def __init__(self, predictions, read):
        self._total, found = len(predictions), {}
        for learner, one in enumerate(predictions):
            for name, value in _read(one, read).items():
                found.setdefault(name, {})[learner] = value
        kept = {name: _alike(values) for name, values in found.items()}
        self.left_out = self._total - len({learner for values in kept.values() for learner in values})
        self.values = {name: list(values.values()) for name, values in kept.items()}
        self._modes = {name: _mode(values) for name, values in self.values.items()}
        self.common = {name: value for name, (value, _) in self._modes.items()}

    def summary(self, predictions, data):
        """How many answered, how many were near, and what most had in mind.

        Args:
            predictions: a `Prediction` of each name, in the order of `values`.
            data: what the picture shows.
        """
        if not self.values:
            return f"None of the {self._total} answers of the class can be drawn here."
        parts = [self._of(name, p, data) for name, p in zip(self.values, predictions, strict=True)]
        if len(parts) > 1:
            parts = [f"{name}: {part}" for name, part in zip(self.values, parts, strict=True)]
        some = f"{self._total - self.left_out} of {self._total} answers make sense here"
        start = some if self.left_out else f"{self._total} answered"
        return f"The class: {start}; {'; '.join(parts)}."

    said = summary  # until `explorers._asked` has the new name

    def _of(self, name, prediction, data):
        true, values, (common, times) = prediction.exact(data), self.values[name], self._modes[name]
        where = here([prediction.truth(data)])
        if isinstance(true, str):
            where = f"{sum(value == true for value in values)} said {prediction.truth(data)}, as it is here"
        elif true is not None and np.isfinite(true).all():
            near, words = _near(values, true, prediction)
            where = f"{near} within {words} of {prediction.truth(data)}"
        most = f"“{visible(common)}”" if isinstance(common, str) else as_typed(common)
        if not times:
            return f"{where}; the middle one is {most}"
        often = "most said" if times > len(values) / 2 else "most often it was"
        return f"{where}; {often} {most}" + (f" ({times})" if len(values) > 1 else "")


def _read(prediction, read):
    """One learner's prediction, by name; nothing where it makes no sense."""
    try:
        return read(prediction)
    except (ValueError, TypeError):
        return {}


def _alike(values):
    """Those of the commonest shape, or the texts if these are more: learner -> value."""
    kinds = {learner: "text" if isinstance(value, str) else np.shape(value) for learner, value in values.items()}
    ((most, _),) = Counter(kinds.values()).most_common(1)
    return {learner: value for learner, value in values.items() if kinds[learner] == most}


def _mode(values):
    """The value that came up most often, and how often; or the middle one and 0 if hardly two are the same."""
    if isinstance(values[0], str):
        return Counter(values).most_common(1)[0]
    ((most, times),) = Counter(tuple(np.ravel(value).tolist()) for value in values).most_common(1)
    if times >= max(2, len(values) / 5) or len(values) == 1:
        return np.reshape(most, np.shape(values[0])), times
    return np.median(values, axis=0), 0


def _near(values, true, prediction):
    """How many are near the truth in all their elements, and how near that is, in words."""
    values, true = np.reshape(values, (len(values), -1)), np.ravel(true)
    if prediction.log:
        low, high = true / 2, true * 2
        words = "a factor of 2"
    else:
        far = float(f"{max(prediction.near, 0.05 * np.abs(true).max()):.1g}")
        low, high, words = true - far - 1e-9, true + far + 1e-9, f"{far:g}"
    return int(((low <= values) & (values <= high)).all(axis=1).sum()), words


# In units of the picture. Each line of diamonds has its own axes; under it stand the ticks, over it the truth.
_ROW, _TICKS, _STACK = 118, 26, 68
_LEFT, _GAP, _EDGE = 118, 46, 26  # of the first line, between two of a row, and beyond the last
_MOST_IN_A_ROW = 6  # lines
_SIZE, _NUMBER = 9, 16  # of a diamond; the height of a number over a stack
_MOST_TEXTS = 9
_OVER = 0.06  # of the axis, beyond what it has to hold


class AnswersPicture:
    """All the predictions of a class as diamonds, stacked where they are alike, and the truth among them.

    Args:
        answers: the `Answers`.
        predictions: a `Prediction` of each of their names, in order.
        data: what the picture above shows where it opens.

    Attributes:
        figure, moving: for the live picture.
        lines: the `_Line` of each element of each name.
    """

    def __init__(self, answers, predictions, data):
        rows, several = [], len(answers.values) > 1
        for (name, values), prediction in zip(answers.values.items(), predictions, strict=True):
            elements = range(np.size(values[0]) if not isinstance(values[0], str) else 1)
            titles = [str(k + 1) if len(elements) > 1 else "" for k in elements]
            parts = [(titles[k], [_element(value, k) for value in values], prediction, k) for k in elements]
            of_whom = fill(name if several else "the class", 11)
            for k in range(0, len(parts), _MOST_IN_A_ROW):
                rows.append(("" if k else f"{of_whom}:\n{len(values)}", parts[k : k + _MOST_IN_A_ROW]))
        self._height = _ROW * len(rows)
        self.lines = []
        with styled():
            self.figure = new_figure(self._height)
            for r, (words, row) in enumerate(rows):
                bottom = self._height - (r + 1) * _ROW + _TICKS
                wide = (WIDTH - _LEFT - _EDGE + _GAP) / len(row) - _GAP
                for c, part in enumerate(row):
                    place = (_LEFT + c * (wide + _GAP), bottom, wide, _STACK)
                    self.lines.append(_Line(self._axes(place), *part, data))
                said = {"color": QUIET, "va": "center", "linespacing": 1.25}
                self.figure.text(0.012, (bottom + _STACK / 2) / self._height, words, **said)
        self.moving = [artist for line in self.lines for artist in line.moving]

    def update(self, data):
        """Move the truth to where it is now; what stands still stays."""
        for line in self.lines:
            line.update(data)
        return False

    def _axes(self, place):
        left, bottom, wide, high = place
        place = (left / WIDTH, bottom / self._height, wide / WIDTH, high / self._height)
        axes = self.figure.add_axes(place, ylim=(0, _STACK), yticks=())
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="x", length=4, pad=2)
        return axes


def _element(value, k):
    return value if isinstance(value, str) else float(np.ravel(value)[k])


class _Line:
    """One number, or one word, of each prediction, over an axis of its values."""

    def __init__(self, axes, title, values, prediction, k, data):
        self._axes, self._prediction, self._k = axes, prediction, k
        true = self._true(data)
        wide = axes.bbox.width
        if isinstance(values[0], str):
            x = self._put_texts(values, true, wide)
        else:
            x = self._put_numbers(np.array(values), true, wide)
        self._draw(x, wide)
        if title:
            axes.text(-0.02 * WIDTH / wide, 0.5, title, transform=axes.transAxes, ha="right", va="center", color=QUIET)
        (self.truth,) = axes.plot([0, 0], [0, _STACK + 4], color=COLORS["c"], linewidth=2.5, zorder=5, clip_on=False)
        self.label = axes.text(0, 0, "", color=INK["c"], weight="bold", va="center")
        self.moving = [self.truth, self.label]
        self.update(data)

    def update(self, data):
        """The truth as a line, its number over it; at the edge, with an arrow, where it lies beyond."""
        true = self._true(data)
        at = None if true is None else self._place(true)
        put(self.truth, visible=at is not None)
        put(self.label, visible=at is not None)
        if at is None:
            return
        words = self._prediction.truth(data) if np.ndim(self._prediction.exact(data)) == 0 else number(true)
        words = f"← {words}" if at < 0 else f"{words} →" if at > 1 else words
        at = min(max(at, 0), 1)
        put(self.truth, xdata=[at, at])
        side = "left" if at < 0.1 else "right" if at > 0.9 else "center"
        put(self.label, position=(at, _STACK + 14), text=words, horizontalalignment=side)

    def _true(self, data):
        """The truth of this element, or None where there is none."""
        true = self._prediction.exact(data)
        if true is None or isinstance(true, str):
            return true
        true = float(np.ravel(true)[self._k])
        return true if np.isfinite(true) else None

    def _put_numbers(self, values, true, wide):
        """An axis that holds all but what is far out; where each prediction stands on it, from 0 to 1, or beyond."""
        scaled = self._scaled(values)
        low, high = _ends(scaled, None if true is None else self._scaled(true))
        self._place = lambda true: float((self._scaled(true) - low) / (high - low))
        if self._prediction.log:
            ticks = np.arange(np.ceil(low), high + 1e-9)
            ticks = ticks[:: max(1, -(-len(ticks) // 6))]
            words = [magnitude(10.0**tick) for tick in ticks]
        else:
            ticks = MaxNLocator(max(2, int(wide / 70)), steps=[1, 2, 5, 10], min_n_ticks=1).tick_values(low, high)
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

    def _put_texts(self, values, true, wide):
        """A place for each text, the commonest first; the rest together."""
        names = [name for name, _ in Counter(values).most_common()]
        if true not in names:
            names.insert(_MOST_TEXTS - 1, true)
        shown = names[:_MOST_TEXTS]
        places = {name: (k + 0.5) / (len(shown) + 1) for k, name in enumerate(shown)}
        rest = (len(shown) + 0.5) / (len(shown) + 1)
        self._place = lambda true: places.get(true, rest)
        some = any(value not in places for value in values)
        others = {"others": rest} if some else {}
        self._axes.set(xlim=(0, 1), xticks=[*places.values(), *others.values()])
        self._axes.set_xticklabels([*map(visible, places), *others])
        return np.array([places.get(value, rest) for value in values])

    def _draw(self, x, wide):
        """Diamonds in stacks: the larger the largest stack, the closer together; and the sizes of the large ones."""
        bins = np.floor(np.clip(x, 0, 1) * wide / _SIZE)
        bins[x < 0], bins[x > 1] = -1, np.inf
        stacks = [np.flatnonzero(bins == b) for b in np.unique(bins)]
        largest = max(map(len, stacks))
        pitch = min(_SIZE + 1, (_STACK - _SIZE - _NUMBER - 2) / max(1, largest - 1))
        points, paths, tops = [], [], []
        for stack in stacks:
            middle = np.mean(x[stack]) if np.isfinite(x[stack]).all() else x[stack][0]
            paths += [_PATHS[-1 if middle < 0 else 1 if middle > 1 else 0]] * len(stack)
            at = min(max(middle, 0), 1)
            points += [(at, _SIZE / 2 + 2 + k * pitch) for k in range(len(stack))]
            tops.append((len(stack), at, points[-1][1] + _SIZE / 2))
        look = {"facecolors": FAINT, "edgecolors": QUIET, "linewidths": min(1.2, 0.3 + pitch / 5), "clip_on": False}
        where = {"offsets": points, "offset_transform": self._axes.transData, "zorder": 3}
        marks = PathCollection(paths, [_SIZE**2 / 2], **where, **look)
        marks.set_transform(IdentityTransform())
        self._axes.add_collection(marks, autolim=False)
        self.marks, self.stacks = marks, {at: size for size, at, _ in tops}
        self._number(tops, wide)

    def _number(self, tops, wide):
        """How many are in a stack, over the top of those of three or more that are higher than all beside them."""
        halo, taken = [withStroke(linewidth=3, foreground="white")], []
        for size, at, top in sorted(tops, reverse=True):
            if size >= 3 and all(abs(at - other) * wide > 34 for other in taken):
                look = {"ha": "center", "va": "center", "fontsize": 14, "zorder": 6, "path_effects": halo}
                self._axes.text(at, top + _NUMBER / 2, str(size), **look)
            taken.append(at)


def _ends(values, true):
    """The ends of an axis that holds the truth and all predictions but those that are far from the rest."""
    inner = values[np.isfinite(values)] if np.isfinite(values).any() else np.zeros(1)
    middle = float(np.median(inner))
    least = 0.1 * max(abs(middle), 0.5)
    away = np.abs(inner - middle)
    far = 3 * max(np.quantile(away, 0.75, method="lower"), least)
    held = [*inner[away <= far], *([true] if true is not None and np.isfinite(true) else [])]
    low, high = min(held), max(held)
    margin = _OVER * (high - low) if high - low > 1e-9 else least
    return low - margin, high + margin


_PATHS = {0: marker_path("D"), -1: marker_path("<"), 1: marker_path(">")}
