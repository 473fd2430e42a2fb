"""One unit of a trained model in one sentence: what if it had forgotten, or remembered something else?"""

from collections.abc import Mapping
from functools import partial
from itertools import product
from typing import NamedTuple

import numpy as np
from matplotlib.colors import to_rgba

from lstm_helpers._arguments import instance, mapping, one_of, refuse, short_traceback, whole_number, words
from lstm_helpers.explorers._asked import Asked
from lstm_helpers.interventions import intervene
from lstm_helpers.layers import LSTM, Trace
from lstm_helpers.tasks import Vocabulary, one_hot
from lstm_helpers.training import Model, softmax
from lstm_helpers.view.controls import Choice, Slider
from lstm_helpers.view.labels import spread
from lstm_helpers.view.live import put, whole_limits
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.prediction import Prediction, as_typed, read_prediction
from lstm_helpers.view.style import COLORS, FAINT, GHOST, GRAY, INK, MATH, QUIET, new_figure, number, styled
from lstm_helpers.view.text import width_of

_UNCHANGED = {"f": None, "i": None, "c": None}
_MOST_NOUNS = 4
_SAME = 0.05  # probabilities that are nearer than this are the same


class MemoryUnitExplorer(Panel):
    """The memory of one unit of a trained LSTM while it reads a sentence in which a noun comes back.

    At a chosen word the gates of this unit, or of all, or its memory, are set by hand; the model reads on from there.
    The same is done to the sentence with each of the other nouns: where the answer no longer depends on the noun, it
    is lost.

    Args:
        model: a trained `Model` of an `LSTM` without peepholes, whose classes are words; or several to choose from: a
            mapping from their names to them.
        vocabulary: the `Vocabulary` of these words.
        sentence: a list of words in which one of the nouns stands twice.
        unit: the unit whose memory is looked at, from 0 to H - 1; a mapping from the models' names where there are
            several.
        nouns: the words that may come back, from 2 to 4.
        word: which word is chosen at first, the first one like it; the word after the noun if not given.
        prediction: how probable the noun of the sentence will be, a number from 0 to 1; or a mapping from nouns to
            such; or the noun that the model will expect. `...` if nothing is predicted yet.
        question: the name of what is predicted, if the prediction is to be counted in a class.

    The state has the chosen `network`; the `word`, from 0; whether "one" or "all" `units` are changed there; and what
    they are set to: the gates `f` and `i`, or the memory `c` of the one unit, or None. The sliders show what all three
    are at that word.
    """

    title = "Memory unit explorer"

    @short_traceback
    def __init__(self, model, vocabulary, sentence, unit, nouns, *, word=None, prediction=..., question=""):
        instance("vocabulary", vocabulary, Vocabulary, "a Vocabulary")
        sentence, nouns = words("sentence", sentence), words("nouns", nouns)
        said = _places(sentence, nouns)
        self._read, self._nouns = sentence[: said[-1]], tuple(nouns)
        self._own, self._numbers = nouns.index(sentence[said[0]]), vocabulary.encode(nouns)
        begun = [[*self._read[: said[0]], noun, *self._read[said[0] + 1 :]] for noun in nouns]
        self._x = np.stack([one_hot(vocabulary.encode(words), len(vocabulary)) for words in begun], axis=1)
        self._networks = _networks(model, unit, self._x)
        asked = Asked(question, prediction, self._foreseen)
        at = said[0] + 1 if word is None else self._read.index(one_of("word", word, self._read))
        most = max(np.abs(network.trace.c[..., network.unit]).max() for network in self._networks.values())
        self._edge = max(1.0, float(np.ceil(2 * most) / 2))
        self._limits = {name: self._reach(*network) for name, network in self._networks.items()}
        rows = [
            [Choice("network", {name: name for name in self._networks}, "network")] if len(self._networks) > 1 else [],
            [Choice("word", {f"{k} {w}": k - 1 for k, w in enumerate(self._read, 1)}, "at the word")],
            [Choice("units", {"this unit": "one", "all units": "all"}, "of")],
            [
                Slider("f", 0, 1, words="forget gate"),
                Slider("i", 0, 1, words="input gate"),
                Slider("c", -self._edge, self._edge, words="memory"),
            ],
        ]
        presets = {"forget": _UNCHANGED | {"f": 0.0}, "forget, write nothing": _UNCHANGED | {"f": 0.0, "i": 0.0}}
        others = [k for k in range(len(nouns)) if k != self._own]
        presets |= {f"write “{nouns[k]}”": partial(self._written, k) for k in others}
        picture = SentencePicture([*self._read, "?"], nouns, self._own)
        predictions = [self._in_row(picture.bars[self._own][0].axes, noun, p) for noun, p in asked.given.items()]
        start = {"network": next(iter(self._networks)), "word": at, "units": "one", **_UNCHANGED}
        super().__init__(picture, rows, start, presets, predictions, asked)

    def show(self, network, word, units, f, i, c):
        """The memory over the words, and what the model says at the end, for each of the nouns."""
        model, unit, trace = self._networks[network]
        given = {name: value for name, value in (("f", f), ("i", i), ("c", c)) if value is not None}
        h, memory = trace.h, trace.c
        if given:
            where = range(model.layer.hidden_size) if units == "all" else unit
            h, memory = intervene(model.layer, self._x, word, where, **given)
        p = np.round(softmax(model.readout.forward(h[-1]))[:, self._numbers], 4)  # finer than a bar shows
        before, now = (_with_end(cells[..., unit].T) for cells in (trace.c, memory))
        named = f"{network}: " if len(self._networks) > 1 else ""
        said = f"{named}at “{self._read[word]}” {_set(given, units)}." if given else f"{named}nothing is changed."
        data = {"before": before, "c": now, "limits": self._limits[network], "word": word, "p": p}
        return data, f"{said[0].upper()}{said[1:]} {self._answers(p, 'lost' if c is None else 'overwritten')}"

    def positions(self, state):
        """What is chosen, and the gates and the memory there: as they are, or as they are changed."""
        _, unit, trace = self._networks[state["network"]]
        at = (state["word"], self._own)
        now = {name: getattr(trace, name)[at] for name in "fig"}
        gates = {name: now[name] if state[name] is None else np.full_like(now[name], state[name]) for name in "fi"}
        c_prev = trace.c[state["word"] - 1, self._own, unit] if state["word"] else 0.0
        c = gates["f"][unit] * c_prev + gates["i"][unit] * now["g"][unit] if state["c"] is None else state["c"]
        shown = {name: values if state["units"] == "all" else values[[unit]] for name, values in gates.items()}
        sliders = {name: float(values[0]) if np.ptp(values) == 0 else None for name, values in shown.items()}
        sliders |= {"c": float(np.clip(c, -self._edge, self._edge))}
        return {name: sliders[name] if name in sliders else state[name] for name in self.controls}

    def after_move(self, state, name, value):
        """Gates stay as they were set when another word, network or number of units is chosen; a memory does not."""
        if name == "c":
            return state | _UNCHANGED | {"units": "one", "c": value}
        return state | {"c": None, name: value}

    def _answers(self, p, gone):
        """What the model expects after each noun, and whether that still depends on the noun or it is gone."""
        said = p.argmax(axis=1)
        each = ", ".join(
            f"“{self._nouns[k]}” ({_about(row[k])}) after “{noun}”"
            for noun, k, row in zip(self._nouns, said, p, strict=True)
        )
        if np.ptp(p, axis=0).max() < _SAME:
            told = f"the same whatever the noun was, so it is {gone}"
        elif np.array_equal(said, np.arange(len(p))):
            told = "right after each noun"
        else:
            told = "the noun still makes a difference"
        return f"The model expects {each}: {told}."

    def _written(self, noun, state):
        """Set the memory of the one unit to what the sentence with another noun would have left there."""
        _, unit, trace = self._networks[state["network"]]
        return _UNCHANGED | {"units": "one", "c": float(trace.c[state["word"], noun, unit])}

    def _foreseen(self, prediction):
        """The prediction: noun -> its probability, or "expected" -> the noun itself."""
        if isinstance(prediction, str):
            if prediction not in self._nouns:
                refuse(ValueError, f"prediction must be a probability or one of {self._nouns}, got {prediction!r}")
            return {"expected": prediction}
        own = self._nouns[self._own]
        nouns = sorted(self._nouns, key=lambda noun: noun != own)  # its own first: a number alone belongs to it
        return read_prediction(prediction, dict.fromkeys(nouns, ((),)), within=(0, 1))

    def _in_row(self, axes, noun, p):
        """A prediction of a noun's probability, at that place of its bar; or of the noun, at the end of its bar."""
        k = self._nouns.index(p if isinstance(p, str) else noun)

        def probability(data):
            return data["p"][self._own][k]

        def expected(data):
            return self._nouns[int(np.argmax(data["p"][self._own]))]

        if isinstance(p, str):
            place, truth = lambda data: (probability(data), k), lambda data: f"“{expected(data)}”"
            return Prediction(axes, place, f"“{p}”", expected, truth, side="right")
        return Prediction(axes, (p, k), f"{as_typed(p)} for P({noun})", probability, side="right")

    def _reach(self, model, unit, _):
        """The whole numbers between which the memory of a network stays, whatever is moved, at whichever word."""
        T, B = self._x.shape[:2]
        x, at = np.tile(self._x, (1, T, 1)), np.repeat(np.arange(T), B)  # every word in every sentence
        gates = [{"f": f, "i": i} for f, i in product((None, 0, 0.5, 1), repeat=2)][1:]
        memories = [{"c": c} for c in np.linspace(-self._edge, self._edge, 17)]
        changes = [(unit, given) for given in [*gates, *memories]]
        changes += [(range(model.layer.hidden_size), given) for given in gates]
        ends = [intervene(model.layer, x, at, where, **given).c[..., unit] for where, given in changes]
        return whole_limits([np.min(ends) - 0.01, np.max(ends) + 0.01])


class _Network(NamedTuple):
    """A model, the unit that is looked at, and what the model does with the sentence of each noun, (T, nouns, H)."""

    model: Model
    unit: int
    trace: Trace


def _networks(model, unit, x):
    """The models to choose from, by name."""
    several = isinstance(model, Mapping)
    models, units = (mapping("model", model), mapping("unit", unit)) if several else ({"": model}, {"": unit})
    if models.keys() != units.keys():
        refuse(ValueError, f"unit must have a number for each of {', '.join(models)}, got one for {', '.join(units)}")
    return {name: _network(one, units[name], x) for name, one in models.items()}


def _network(model, unit, x):
    wanted = "a Model of an LSTM, and without peepholes"
    layer = instance("model", model, Model, wanted).layer
    if not isinstance(layer, LSTM) or layer.peepholes:
        what = "one with peepholes" if isinstance(layer, LSTM) else type(layer).__name__
        refuse(TypeError, f"model must be {wanted}, got a Model of {what}")
    return _Network(model, whole_number("unit", unit, 0, layer.hidden_size - 1), layer.forward(x))


def _places(sentence, nouns):
    """Where the noun stands in a sentence."""
    if not 2 <= len(set(nouns)) == len(nouns) <= _MOST_NOUNS:
        refuse(ValueError, f"nouns must be from 2 to {_MOST_NOUNS} different words, got {nouns!r}")
    said = [k for k, word in enumerate(sentence) if word in nouns]
    if len(said) < 2 or len({sentence[k] for k in said}) > 1:
        refuse(ValueError, f"sentence must be a list of words in which one of the nouns stands twice, got {sentence!r}")
    return said


def _set(given, units):
    """What is set, in words: f of this unit is set to 0.30, i to 0.00."""
    (name, value), *more = [(name if name in "fi" else "the memory", number(value)) for name, value in given.items()]
    whose = "all units" if units == "all" else "this unit"
    if more and more[0][1] == value:
        return f"f and i of {whose} are set to {value}"
    return f"{name} of {whose} is set to {value}" + "".join(f", {other} to {its}" for other, its in more)


def _about(p):
    """A probability in the sentence: what is nearly sure differs in its last digits from machine to machine."""
    return "> 0.95" if p > 0.95 else "< 0.05" if p < 0.05 else number(p)


def _with_end(c):
    """One value for each word, and the last once more: the question mark changes nothing."""
    return np.concatenate([c, c[:, -1:]], axis=1)


_CROWDED = 11  # words that stand side by side; more of them are slanted
# In units of the SVG: the picture; the memory's upper edge and the words under it; the bars, their title and the edge.
_HEIGHT, _OVER, _UPRIGHT, _SLANTED = 440, 14, 32, 74
_BAR, _TITLE, _UNDER = 28, 30, 6
_LABEL_ROOM, _NAME_WIDTH = 19, 135  # of the names at the ends of lines: from one to the next, and the widest
_NOUN, _NUMBER = 62, 58  # beside the bars: names of the nouns, and probabilities


class SentencePicture:
    """The memory of one unit over the words, and the probabilities at the end, for each noun that it may begin with.

    Args:
        words: what stands under the time steps.
        nouns: the nouns it may begin with, a line for each, and bars; the same may come next.
        own: which of them the sentence has.

    Attributes:
        figure, moving: for the live picture.
        lines, ends: "before" and "c" -> for each noun the line, and the name at its end.
        band: what marks the chosen word.
        bars, numbers: for each noun that it began with, one for each that may come next.
    """

    def __init__(self, words, nouns, own):
        slanted = len(words) > _CROWDED
        bars = _BAR * len(nouns)
        memory_bottom = _UNDER + bars + _TITLE + (_SLANTED if slanted else _UPRIGHT)
        self._axes_height = max(_HEIGHT - _OVER - memory_bottom, 120)
        self._nouns, self._own = nouns, own
        height = memory_bottom + self._axes_height + _OVER
        with styled():
            self.figure = new_figure(height)
            place = (0.08, memory_bottom / height, 0.74, self._axes_height / height)
            self._draw_memory(place, words, own, slanted)
            self.bars, self.numbers = [], []
            for k in range(len(nouns)):
                self._draw_answers(k, _UNDER / height, bars / height)
        several = [*self.lines.values(), *self.ends.values(), *self.bars, *self.numbers]
        self.moving = [self.band, *(artist for artists in several for artist in artists)]

    def update(self, data):
        """Show `data`: `before` and `c` (nouns, words), `word`, counted from 0, and `p` (nouns, nouns).

        `limits` are the ends of the memory's axis.
        """
        axes = self.lines["c"][0].axes
        changed = put(axes, ylim=data["limits"])
        if changed:
            axes.set_yticks(sorted({0, *data["limits"]}))
        for name, lines in self.lines.items():
            for line, values in zip(lines, data[name], strict=True):
                put(line, ydata=np.round(values, 3))  # what moves by less is not seen, and need not glow
        self._name_the_ends(data["before"][:, -1], data["c"][:, -1])
        put(self.band, x=data["word"] - 0.5)
        for bars, numbers, row in zip(self.bars, self.numbers, data["p"], strict=True):
            for k, (bar, text, p) in enumerate(zip(bars, numbers, row, strict=True)):
                largest = k == np.argmax(row)
                put(bar, width=p, facecolor=to_rgba(QUIET if largest else GRAY))
                put(text, text=number(p), fontweight="bold" if largest else "normal")
        return changed

    def _name_the_ends(self, before, now):
        """Name each line at its end, pushed apart. Lines that end together share a name, "cat, dog".

        The name of an old line goes once the new one ends on it. No sooner: another name would move to that end.
        """
        low, high = self.lines["c"][0].axes.get_ylim()
        room = _LABEL_ROOM / self._axes_height * (high - low)
        names = {}  # text artist -> (height of the end, name)
        for group in self._ending_together(now, room / 3):
            names[self.ends["c"][group[0]]] = now[group[0]], self._joined(group)
        for k, noun in enumerate(self._nouns):
            if abs(before[k] - now[k]) >= room / 3:
                names[self.ends["before"][k]] = before[k], f"{noun} before"
        heights = spread([end for end, _ in names.values()], [room] * len(names), low, high)
        for (text, (_, name)), y in zip(names.items(), heights, strict=True):
            put(text, text=name, position=(text.get_position()[0], y))
        for text in self.ends["c"] + self.ends["before"]:
            if text not in names:
                put(text, text="")

    def _ending_together(self, ends, tolerance):
        """Groups of nouns, as indexes, whose lines end within the tolerance and whose names fit side by side."""
        groups = []
        for k in sorted(range(len(ends)), key=lambda k: k != self._own):  # the first of a group gives it its color
            for group in groups:
                if abs(ends[group[0]] - ends[k]) < tolerance and width_of(self._joined([*group, k])) <= _NAME_WIDTH:
                    group.append(k)
                    break
            else:
                groups.append([k])
        return groups

    def _joined(self, group):
        return ", ".join(self._nouns[k] for k in group)

    def _draw_memory(self, place, words, own, slanted):
        last = len(words) - 1
        axes = self.figure.add_axes(place, xlim=(-0.6, last + 0.3))
        axes.set_ylabel("memory $c$ of the unit", **MATH)
        axes.axhline(0, color=QUIET, linewidth=1)
        self.band = axes.axvspan(0, 1, color=FAINT, alpha=0.5, linewidth=0, zorder=0)
        at, zeros = np.arange(len(words)), np.zeros(len(words))
        self.lines, self.ends = {"before": [], "c": []}, {"before": [], "c": []}
        for k, noun in enumerate(self._nouns):
            look = {"color": COLORS["c"]} if k == own else {"color": COLORS["x"], "linestyle": "--"}
            marks = {"marker": "o", "markersize": 7} if k == own else {"marker": "s", "markersize": 5}
            ink = INK["c" if k == own else "x"]
            for name, more in {"before": {"alpha": GHOST}, "c": {**marks, "zorder": 3 - (k != own) / 2}}.items():
                self.lines[name] += axes.plot(at, zeros, clip_on=False, **look, **more)
                text = axes.text(
                    last + 0.35, 0, noun, va="center", fontsize=16, color=QUIET if name == "before" else ink
                )
                self.ends[name].append(text)
        axes.set_xticks(at, words, **({"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if slanted else {}))
        axes.tick_params(axis="x", length=0, labelsize=16, labelcolor="black", pad=6)
        axes.tick_params(axis="y", labelsize=14)
        axes.spines["bottom"].set_visible(False)

    def _draw_answers(self, began, bottom, height):
        """The bars of one noun that the sentence may begin with."""
        width, wide = self.figure.bbox.width, 1 / len(self._nouns)
        left, bar = began * wide + _NOUN / width, wide - (_NOUN + _NUMBER) / width
        axes = self.figure.add_axes((left, bottom, bar, height), xlim=(0, 1), ylim=(len(self._nouns) - 0.5, -0.5))
        axes.set_axis_off()
        axes.set_title(f"after “{self._nouns[began]}” comes", fontsize=16, color=QUIET, loc="left", pad=4)
        rows, thick = np.arange(len(self._nouns)), 0.72
        frame = {"facecolor": "white", "edgecolor": FAINT, "linewidth": 1.5}
        axes.barh(rows, np.ones(len(rows)), thick, **frame)
        self.bars.append(axes.barh(rows, np.zeros(len(rows)), thick).patches)
        beside = {"va": "center", "fontsize": 17}
        for row, noun in zip(rows, self._nouns, strict=True):
            axes.annotate(noun, (0, row), (-6, 0), textcoords="offset points", ha="right", **beside)
        self.numbers.append([axes.annotate("", (1, row), (6, 0), textcoords="offset points", **beside) for row in rows])
