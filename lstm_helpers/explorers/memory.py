"""Memory unit explorer: one unit of a trained LSTM in one sentence, its gates and its memory set by hand."""

from collections.abc import Mapping
from functools import partial
from itertools import product
from typing import NamedTuple

import numpy as np
from matplotlib.colors import to_rgba

from lstm_helpers._arguments import instance, kind_of, mapping, one_of, refuse, short_traceback, whole_number, words
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
_MAX_NOUNS = 4
_TOLERANCE = 0.05  # probabilities within this of each other count as the same


class MemoryUnitExplorer(Panel):
    """The memory of one unit of a trained LSTM while it reads a sentence in which a noun comes back.

    At a chosen word the learner sets this unit's gates or memory, or the gates of all units, and the model reads on
    from there. The same happens to the sentence with each of the other nouns: if the model then expects the same after
    every noun, the noun is lost.

    Args:
        model: a trained `Model` of an `LSTM` without peepholes, whose classes are words; or a mapping from names to
            several, to choose from.
        vocabulary: the `Vocabulary` of these words.
        sentence: a list of words that has one of the nouns twice.
        unit: the unit to show, from 0 to H - 1; or a mapping from the names of the models.
        nouns: the words that may come back, from 2 to 4.
        word: the word to open at, where it first appears; if None, the word after the noun.
        prediction: the probability of the sentence's noun, from 0 to 1; or a mapping from nouns to probabilities; or
            the noun that the model will expect. `...` for no prediction yet.
        question: name of the question, if the class's predictions are counted.

    The state has the chosen `network`; the `word`, from 0; `units`, "one" or "all" of which change there; and their
    new values, None if unchanged: the gates `f` and `i`, or the memory `c` of the one unit. The sliders show the values
    of all three at that word.
    """

    title = "Memory unit explorer"

    @short_traceback
    def __init__(self, model, vocabulary, sentence, unit, nouns, *, word=None, prediction=..., question=""):
        instance("vocabulary", vocabulary, Vocabulary, "a Vocabulary")
        sentence, nouns = words("sentence", sentence), words("nouns", nouns)
        first, last = _noun_places(sentence, nouns)
        self._read, self._nouns = sentence[:last], tuple(nouns)
        self._own, self._numbers = nouns.index(sentence[first]), vocabulary.encode(nouns)
        sentences = [[*self._read[:first], noun, *self._read[first + 1 :]] for noun in nouns]
        self._x = np.stack([one_hot(vocabulary.encode(words), len(vocabulary)) for words in sentences], axis=1)
        self._networks = _networks(model, unit, self._x)
        asked = Asked(question, prediction, self._read_prediction)
        chosen = first + 1 if word is None else self._read.index(one_of("word", word, self._read))
        largest = max(np.abs(network.trace.c[..., network.unit]).max() for network in self._networks.values())
        self._edge = max(1.0, float(np.ceil(2 * largest) / 2))
        self._limits = {name: self._memory_limits(network) for name, network in self._networks.items()}
        names = {name: name for name in self._networks}
        controls = [
            Slider("f", 0, 1, words="forget gate"),
            Slider("i", 0, 1, words="input gate"),
            Slider("c", -self._edge, self._edge, words="memory"),
            *([Choice("network", names, "network")] if len(names) > 1 else []),
            Choice("word", {f"{k} {w}": k - 1 for k, w in enumerate(self._read, 1)}, "at the word"),
            Choice("units", {"this unit": "one", "all units": "all"}, "of"),
        ]
        presets = {"forget": _UNCHANGED | {"f": 0.0}, "forget, write nothing": _UNCHANGED | {"f": 0.0, "i": 0.0}}
        others = [k for k in range(len(nouns)) if k != self._own]
        presets |= {f"write “{nouns[k]}”": partial(self._write, k) for k in others}
        picture = SentencePicture([*self._read, "?"], nouns, self._own)
        axes = picture.bars[self._own][0].axes
        predictions = [self._prediction(axes, noun, value) for noun, value in asked.given.items()]
        state = {"network": next(iter(self._networks)), "word": chosen, "units": "one", **_UNCHANGED}
        super().__init__(picture, controls, state, presets, predictions, asked)

    def show(self, network, word, units, f, i, c):
        """The memory over the words, and the model's answer at the end, for each of the nouns."""
        model, unit, trace = self._networks[network]
        changes = {name: value for name, value in (("f", f), ("i", i), ("c", c)) if value is not None}
        h, memory = trace.h, trace.c
        if changes:
            changed_units = range(model.layer.hidden_size) if units == "all" else unit
            h, memory = intervene(model.layer, self._x, word, changed_units, **changes)
        p = np.round(softmax(model.readout.forward(h[-1]))[:, self._numbers], 4)  # finer than a bar shows
        before, now = (_with_end(cells[..., unit].T) for cells in (trace.c, memory))
        change = f"at “{self._read[word]}”, {_change_in_words(changes, units)}" if changes else "nothing is changed"
        change = change if len(self._networks) == 1 else f"{network}: {change}"
        data = {"before": before, "c": now, "limits": self._limits[network], "word": word, "p": p}
        answers = self._answers_in_words(p, "lost" if c is None else "overwritten")
        return data, f"{change[0].upper()}{change[1:]}. {answers}"

    def positions(self, state):
        """The choices, and the gates and the memory at the word, changed or not; None for gates that differ."""
        _, unit, trace = self._networks[state["network"]]
        word, own = state["word"], self._own
        gates = {
            name: getattr(trace, name)[word, own] if state[name] is None else np.full(trace.c.shape[-1], state[name])
            for name in "fi"
        }
        c = state["c"]
        if c is None:
            c_prev = trace.c[word - 1, own, unit] if word else 0.0
            c = gates["f"][unit] * c_prev + gates["i"][unit] * trace.g[word, own, unit]
        shown = {name: values if state["units"] == "all" else values[[unit]] for name, values in gates.items()}
        sliders = {name: float(values[0]) if np.ptp(values) == 0 else None for name, values in shown.items()}
        sliders["c"] = float(np.clip(c, -self._edge, self._edge))
        return {name: (state | sliders)[name] for name in self.controls}

    def after_move(self, state, name, value):
        """Set a value. Another word, network or number of units keeps the gates that were set, but not the memory."""
        if name == "c":
            return state | _UNCHANGED | {"units": "one", "c": value}
        return state | {"c": None, name: value}

    def _answers_in_words(self, p, fate):
        """The model's answer after each noun, and whether it still depends on the noun; `fate` says where it went."""
        expected = p.argmax(axis=1)
        answers = ", ".join(
            f"“{self._nouns[k]}” ({_rounded(row[k])}) after “{noun}”"
            for noun, k, row in zip(self._nouns, expected, p, strict=True)
        )
        if np.ptp(p, axis=0).max() < _TOLERANCE:
            same = "the same" if len(set(expected)) == 1 else "almost the same"
            verdict = f"{same} whatever the noun was, so it is {fate}"
        elif np.array_equal(expected, np.arange(len(p))):
            verdict = "right after each noun"
        else:
            verdict = "the noun still makes a difference"
        return f"The model expects {answers}: {verdict}."

    def _write(self, noun, state):
        """Set the memory of the one unit to its value in the sentence with another noun."""
        _, unit, trace = self._networks[state["network"]]
        return _UNCHANGED | {"units": "one", "c": float(trace.c[state["word"], noun, unit])}

    def _read_prediction(self, prediction):
        """The prediction as a mapping: noun -> its probability, or "expected" -> the noun itself."""
        if isinstance(prediction, str):
            if prediction not in self._nouns:
                refuse(ValueError, f"prediction must be a probability or one of {self._nouns}, got {prediction!r}")
            return {"expected": prediction}
        own = self._nouns[self._own]
        nouns = sorted(self._nouns, key=lambda noun: noun != own)  # a number alone belongs to the first
        return read_prediction(prediction, dict.fromkeys(nouns, ((),)), within=(0, 1))

    def _prediction(self, axes, noun, value):
        """The prediction of a noun's probability, on its bar; or of the noun ("expected"), at the end of its bar."""
        k = self._nouns.index(value if isinstance(value, str) else noun)

        def probability(data):
            return data["p"][self._own][k]

        def expected(data):
            return self._nouns[int(np.argmax(data["p"][self._own]))]

        if isinstance(value, str):
            place, truth = lambda data: (probability(data), k), lambda data: f"“{expected(data)}”"
            return Prediction(axes, place, f"“{value}”", expected, truth, side="right")
        return Prediction(axes, (value, k), f"{as_typed(value)} for P({noun})", probability, side="right")

    def _memory_limits(self, network):
        """Whole-number limits of a network's memory over changes of every kind at every word."""
        layer, unit = network.model.layer, network.unit
        T, B = self._x.shape[:2]
        x, words = np.tile(self._x, (1, T, 1)), np.repeat(np.arange(T), B)  # every word in every sentence
        gates = [{"f": f, "i": i} for f, i in product((None, 0, 0.5, 1), repeat=2)][1:]
        memories = [{"c": c} for c in np.linspace(-self._edge, self._edge, 17)]
        changes = [(unit, values) for values in [*gates, *memories]]
        changes += [(range(layer.hidden_size), values) for values in gates]
        c = [intervene(layer, x, words, units, **values).c[..., unit] for units, values in changes]
        return whole_limits([np.min(c) - 0.01, np.max(c) + 0.01])


class _Network(NamedTuple):
    """A model, the unit to show, and the trace of the sentence with each noun, (T, nouns, H)."""

    model: Model
    unit: int
    trace: Trace


def _networks(model, unit, x):
    """Return a mapping from names to `_Network`; the name of a single one is ""."""
    several = isinstance(model, Mapping)
    models, units = (mapping("model", model), mapping("unit", unit)) if several else ({"": model}, {"": unit})
    if models.keys() != units.keys():
        refuse(ValueError, f"unit must have a number for each of {', '.join(models)}, got one for {', '.join(units)}")
    return {name: _network(model, units[name], x) for name, model in models.items()}


def _network(model, unit, x):
    wanted = "a Model of an LSTM without peepholes"
    layer = instance("model", model, Model, wanted).layer
    if not isinstance(layer, LSTM) or layer.peepholes:
        kind = "an LSTM with peepholes" if isinstance(layer, LSTM) else kind_of(layer)
        refuse(TypeError, f"model must be {wanted}, got a Model of {kind}")
    return _Network(model, whole_number("unit", unit, 0, layer.hidden_size - 1), layer.forward(x))


def _noun_places(sentence, nouns):
    """The indexes of the first and the last noun in a sentence, which must be the same noun."""
    if not 2 <= len(set(nouns)) == len(nouns) <= _MAX_NOUNS:
        refuse(ValueError, f"nouns must be from 2 to {_MAX_NOUNS} different words, got {nouns!r}")
    places = [k for k, word in enumerate(sentence) if word in nouns]
    if len(places) < 2 or len({sentence[k] for k in places}) > 1:
        refuse(ValueError, f"sentence must be a list of words that has one of the nouns twice, got {sentence!r}")
    return places[0], places[-1]


def _change_in_words(changes, units):
    """The changes as text: f of this unit is set to 0.30, i to 0.00."""
    (name, value), *rest = [(name if name in "fi" else "the memory", number(value)) for name, value in changes.items()]
    owner = "all units" if units == "all" else "this unit"
    if rest and rest[0][1] == value:
        return f"f and i of {owner} are set to {value}"
    return f"{name} of {owner} is set to {value}" + "".join(f", {other} to {new}" for other, new in rest)


def _rounded(p):
    """A probability as text; near 0 and 1 a bound, because the last digits differ between machines."""
    return "> 0.95" if p > 0.95 else "< 0.05" if p < 0.05 else number(p)


def _with_end(c):
    """The values, with the last one repeated: the question mark changes nothing."""
    return np.concatenate([c, c[:, -1:]], axis=1)


# Layout of the picture: heights and widths in units of the SVG.
_MAX_UPRIGHT = 11  # words; more of them are slanted
_HEIGHT, _TOP_MARGIN, _BOTTOM_MARGIN = 440, 14, 6
_UPRIGHT, _SLANTED = 32, 74  # the words under the memory
_BAR, _TITLE = 28, 30
_LABEL_ROOM, _NAME_WIDTH = 19, 135  # the names at the ends of lines: from one to the next, and the widest
_NOUN, _NUMBER = 62, 58  # beside the bars


class SentencePicture:
    """The memory of one unit over the words, and the probabilities at the end, for each noun the sentence may have.

    Args:
        words: the labels of the time steps.
        nouns: the nouns that the sentence may have, and the answers.
        own: the index of the noun that it has.

    Attributes:
        figure, moving: for `LiveFigure`.
        lines, ends: "before" and "c" -> for each noun the line, and the name at its end.
        band: marks the chosen word.
        bars, numbers: for each noun of the sentence, one for each answer.
    """

    def __init__(self, words, nouns, own):
        slanted = len(words) > _MAX_UPRIGHT
        bars = _BAR * len(nouns)
        memory_bottom = _BOTTOM_MARGIN + bars + _TITLE + (_SLANTED if slanted else _UPRIGHT)
        self._axes_height = max(_HEIGHT - _TOP_MARGIN - memory_bottom, 120)
        self._nouns, self._own = nouns, own
        height = memory_bottom + self._axes_height + _TOP_MARGIN
        with styled():
            self.figure = new_figure(height)
            place = (0.08, memory_bottom / height, 0.74, self._axes_height / height)
            self._draw_memory(place, words, slanted)
            self.bars, self.numbers = [], []
            for k in range(len(nouns)):
                self._draw_answers(k, _BOTTOM_MARGIN / height, bars / height)
        groups = [*self.lines.values(), *self.ends.values(), *self.bars, *self.numbers]
        self.moving = [self.band, *(artist for artists in groups for artist in artists)]

    def update(self, data):
        """Show the data of `MemoryUnitExplorer.show`; true if the axis of the memory has changed."""
        axes = self.lines["c"][0].axes
        changed = put(axes, ylim=data["limits"])
        if changed:
            axes.set_yticks(sorted({0, *data["limits"]}))
        for name, lines in self.lines.items():
            for line, values in zip(lines, data[name], strict=True):
                put(line, ydata=np.round(values, 3))  # so that a change too small to see draws nothing
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
        labels = {}  # text artist -> [the height of the line's end, its name]
        for k in sorted(range(len(now)), key=lambda k: k != self._own):  # a shared name has the color of its first noun
            for label in labels.values():
                joined = f"{label[1]}, {self._nouns[k]}"
                if abs(label[0] - now[k]) < room / 3 and width_of(joined) <= _NAME_WIDTH:
                    label[1] = joined
                    break
            else:
                labels[self.ends["c"][k]] = [now[k], self._nouns[k]]
        for k, noun in enumerate(self._nouns):
            if abs(before[k] - now[k]) >= room / 3:
                labels[self.ends["before"][k]] = [before[k], f"{noun} before"]
        heights = spread([end for end, _ in labels.values()], [room] * len(labels), low, high)
        for (text, (_, name)), y in zip(labels.items(), heights, strict=True):
            put(text, text=name, position=(text.get_position()[0], y))
        for text in self.ends["c"] + self.ends["before"]:
            if text not in labels:
                put(text, text="")

    def _draw_memory(self, place, words, slanted):
        last = len(words) - 1
        axes = self.figure.add_axes(place, xlim=(-0.6, last + 0.3))
        axes.set_ylabel("memory $c$ of the unit", **MATH)
        axes.axhline(0, color=QUIET, linewidth=1)
        self.band = axes.axvspan(0, 1, color=FAINT, alpha=0.5, linewidth=0, zorder=0)
        steps, zeros = np.arange(len(words)), np.zeros(len(words))
        own_style = {"color": COLORS["c"], "marker": "o", "markersize": 7, "zorder": 3}
        other_style = {"color": COLORS["x"], "linestyle": "--", "marker": "s", "markersize": 5, "zorder": 2.5}
        self.lines, self.ends = {"before": [], "c": []}, {"before": [], "c": []}
        for k, noun in enumerate(self._nouns):
            now, ink = (own_style, INK["c"]) if k == self._own else (other_style, INK["x"])
            before = now | {"marker": "", "zorder": 2, "alpha": GHOST}
            for name, style, color in (("before", before, QUIET), ("c", now, ink)):
                self.lines[name] += axes.plot(steps, zeros, clip_on=False, **style)
                self.ends[name].append(axes.text(last + 0.35, 0, noun, va="center", fontsize=16, color=color))
        slant = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if slanted else {}
        axes.set_xticks(steps, words, **slant)
        axes.tick_params(axis="x", length=0, labelsize=16, labelcolor="black", pad=6)
        axes.tick_params(axis="y", labelsize=14)
        axes.spines["bottom"].set_visible(False)

    def _draw_answers(self, k, bottom, height):
        """Draw the bars of the sentence with the k-th noun."""
        count, width = len(self._nouns), self.figure.bbox.width
        left, bar = k / count + _NOUN / width, 1 / count - (_NOUN + _NUMBER) / width
        axes = self.figure.add_axes((left, bottom, bar, height), xlim=(0, 1), ylim=(count - 0.5, -0.5))
        axes.set_axis_off()
        axes.set_title(f"after “{self._nouns[k]}” comes", fontsize=16, color=QUIET, loc="left", pad=4)
        rows = np.arange(count)
        frame = {"facecolor": "white", "edgecolor": FAINT, "linewidth": 1.5}
        axes.barh(rows, np.ones(count), 0.72, **frame)
        self.bars.append(axes.barh(rows, np.zeros(count), 0.72).patches)
        style = {"va": "center", "fontsize": 17, "textcoords": "offset points"}
        for row, noun in zip(rows, self._nouns, strict=True):
            axes.annotate(noun, (0, row), (-6, 0), ha="right", **style)
        self.numbers.append([axes.annotate("", (1, row), (6, 0), **style) for row in rows])
