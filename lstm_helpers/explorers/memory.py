"""One unit of a trained model in one sentence: what if it had forgotten, or remembered something else?"""

from functools import partial

import numpy as np
from matplotlib.colors import to_rgba

from lstm_helpers._arguments import instance, kind_of, one_of, refuse, short_traceback, whole_number, words
from lstm_helpers.interventions import intervene
from lstm_helpers.layers import LSTM
from lstm_helpers.tasks import Vocabulary, one_hot
from lstm_helpers.training import Model, softmax
from lstm_helpers.view.controls import Choice, Slider
from lstm_helpers.view.live import put
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.prediction import Prediction, predicted, spoken
from lstm_helpers.view.style import COLORS, FAINT, GRAY, MATH, QUIET, new_figure, number, styled

_UNCHANGED = {"changed": None, "value": None}
_WORDS = {"f": "forget gate", "c": "memory"}


class MemoryUnitExplorer(Panel):
    """The memory of one unit of a trained LSTM while it reads a sentence in which a noun comes back.

    At a chosen word its forget gate, or the memory itself, is set by hand; the model reads on from there.

    Args:
        model: a trained `Model` of an `LSTM` without peepholes, whose classes are words.
        vocabulary: the `Vocabulary` of these words.
        sentence: a list of words in which one of the nouns stands twice.
        unit: the unit whose memory is looked at, from 0 to H - 1.
        nouns: the words that may come back, 2 or more.
        word: which word is chosen at first, the first one like it; the word after the noun if not given.
        prediction: how probable the noun of the sentence will be, a number from 0 to 1; or a mapping from nouns to
            such; or the noun that the model will expect. `...` if nothing is predicted yet.

    The state has the chosen `word`, from 0; which of `"f"` and `"c"` is `changed` there, or None; and the `value` that
    it is changed to. The sliders show what both are at that word.
    """

    title = "Memory unit explorer"

    @short_traceback
    def __init__(self, model, vocabulary, sentence, unit, nouns, *, word=None, prediction=...):
        instance("vocabulary", vocabulary, Vocabulary, "a Vocabulary")
        sentence, nouns = words("sentence", sentence), words("nouns", nouns)
        _checked(model, sentence, nouns)
        unit = whole_number("unit", unit, 0, model.layer.hidden_size - 1)
        self._model, self._unit, self._nouns = model, unit, tuple(nouns)
        said = [k for k, w in enumerate(sentence) if w in nouns]
        self._read, self._numbers = list(sentence[: said[-1]]), vocabulary.encode(nouns)
        self._noun = sentence[said[0]]
        self._x = one_hot(vocabulary.encode(self._read), len(vocabulary))
        self._trace = model.layer.forward(self._x)
        given = self._foreseen(prediction)
        self._others = {noun: self._memory_of(noun, said[0], vocabulary) for noun in nouns if noun != self._noun}
        at = said[0] + 1 if word is None else self._read.index(one_of("word", word, self._read))
        memories = np.concatenate([self._trace.c[:, unit], *self._others.values()])
        self._edge = max(1.0, float(np.ceil(np.abs(memories).max() + 0.25)))
        rows = [
            [Choice("word", {f"{k} {w}": k - 1 for k, w in enumerate(self._read, 1)}, "at the word")],
            [Slider("f", 0, 1, words=_WORDS["f"]), Slider("c", -self._edge, self._edge, words=_WORDS["c"])],
        ]
        presets = {"as it is": _UNCHANGED, "forget": {"changed": "f", "value": 0.0}}
        presets |= {f"write “{noun}”": partial(_write, memory) for noun, memory in self._others.items()}
        picture = SentencePicture([*self._read, "?"], nouns, (-1.06 * self._edge, 1.06 * self._edge))
        predictions = [self._in_row(picture.bars[0].axes, noun, p) for noun, p in given.items()]
        super().__init__(picture, rows, {"word": at, **_UNCHANGED}, presets, predictions)

    def show(self, word, changed, value):
        """The memory over the words, and what the model says at the end."""
        before = self._trace.c[:, self._unit]
        if changed is None:
            h, c = self._trace.h, before
            what = "Nothing is changed."
        else:
            altered = intervene(self._model.layer, self._x, word, self._unit, **{changed: value})
            h, c = altered.h, altered.c[:, self._unit]
            what = f"At “{self._read[word]}” the {_WORDS[changed]} is set to {number(value)}."
        p = softmax(self._model.readout.forward(h[-1]))[self._numbers]
        data = {"before": _with_end(before), "c": _with_end(c), "word": word, "p": p}
        listed = ", ".join(f"P({noun}) {_about(q)}" for noun, q in zip(self._nouns, p, strict=True))
        best = self._nouns[int(np.argmax(p))]
        return data, f"The sentence began with “{self._noun}”. {what} The model now expects “{best}”: {listed}."

    def positions(self, state):
        """The chosen word, and the forget gate and the memory there: as they are, or as they are changed."""
        word, changed, value = state["word"], state["changed"], state["value"]
        now = word, self._unit
        f, c = float(self._trace.f[now]), float(self._trace.c[now])
        if changed == "f":
            c_prev = self._trace.c[word - 1, self._unit] if word else 0.0
            f, c = value, value * c_prev + self._trace.i[now] * self._trace.g[now]
            c = float(np.clip(c, -self._edge, self._edge))
        elif changed == "c":
            c = value
        return {"word": word, "f": f, "c": c}

    def after_move(self, state, name, value):
        """Another word, where nothing is changed yet; or another forget gate or memory at the chosen word."""
        if name == "word":
            return {"word": value, **_UNCHANGED}
        return state | {"changed": name, "value": value}

    def _foreseen(self, prediction):
        """The prediction: noun -> its probability, or None if the noun itself was predicted."""
        if isinstance(prediction, str):
            if prediction not in self._nouns:
                refuse(ValueError, f"prediction must be a probability or one of {self._nouns}, got {prediction!r}")
            return {prediction: None}
        nouns = sorted(self._nouns, key=lambda noun: noun != self._noun)  # its own first: a number alone belongs to it
        return predicted(prediction, dict.fromkeys(nouns, ((),)), within=(0, 1))

    def _in_row(self, axes, noun, p):
        """A prediction of a noun's probability, at that place of its bar; or of the noun, at the end of its bar."""
        k = self._nouns.index(noun)
        if p is None:
            return Prediction(
                axes, lambda data: (data["p"][k], k), f"“{noun}”",
                lambda data: f"“{self._nouns[int(np.argmax(data['p']))]}”", side="right",
            )  # fmt: skip
        said = f"{spoken(p)} for P({noun})"
        return Prediction(axes, (p, k), said, lambda data: number(data["p"][k]), side="right")

    def _memory_of(self, noun, at, vocabulary):
        """The unit's memory over the words if the sentence had begun with another noun."""
        words = [*self._read[:at], noun, *self._read[at + 1 :]]
        return self._model.layer.forward(one_hot(vocabulary.encode(words), len(vocabulary))).c[:, self._unit]


def _write(memory, state):
    """Set the memory at the chosen word to another one's there."""
    return {"changed": "c", "value": float(memory[state["word"]])}


def _about(p):
    """A probability in the sentence: what is nearly sure differs in its last digits from machine to machine."""
    return "> 0.95" if p > 0.95 else "< 0.05" if p < 0.05 else f"= {number(p)}"


def _with_end(c):
    """One value for each word, and the last once more: the question mark changes nothing."""
    return np.append(c, c[-1])


def _checked(model, sentence, nouns):
    layer = getattr(model, "layer", None)
    if not isinstance(model, Model):
        refuse(TypeError, f"model must be a Model of an LSTM, and without peepholes, got {kind_of(model)}")
    if not isinstance(layer, LSTM) or layer.peepholes:
        what = f"a Model of {'one with peepholes' if isinstance(layer, LSTM) else type(layer).__name__}"
        refuse(TypeError, f"model must be a Model of an LSTM, and without peepholes, got {what}")
    if len(set(nouns)) < 2:
        refuse(ValueError, f"nouns must be 2 or more different words, got {nouns!r}")
    said = [w for w in sentence if w in nouns]
    if len(said) < 2 or len(set(said)) > 1:
        refuse(ValueError, f"sentence must be a list of words in which one of the nouns stands twice, got {sentence!r}")


_CROWDED = 11  # words that stand side by side; more of them are slanted
_BAR = 26  # the height of a row of the probabilities, in units of the SVG


class SentencePicture:
    """The memory of one unit over the words, as it is and as it was changed, and the probabilities at the end.

    Args:
        words: what stands under the time steps.
        answers: the words that may come next, a bar for each.
        limits: the ends of the memory's axis.

    Attributes:
        figure, moving: for the live picture.
        lines: "before" and "c" -> the line; band: what marks the chosen word; bars, numbers: one for each answer.
    """

    def __init__(self, words, answers, limits):
        # From the lower edge, in units of the SVG: the bars and their title, the words, the memory and its legend.
        bars_bottom, bars_height = 20, _BAR * len(answers)
        slanted = len(words) > _CROWDED
        memory_bottom = bars_height + (155 if slanted else 125)
        memory_height, legend = 245, 45
        height = memory_bottom + memory_height + legend
        with styled():
            self.figure = new_figure(height)
            place = (0.08, memory_bottom / height, 0.9, memory_height / height)
            self._draw_memory(place, words, limits, slanted)
            self._draw_answers((0.16, bars_bottom / height, 0.6, bars_height / height), answers)
        self.moving = [self.band, *self.lines.values(), *self.bars, *self.numbers]

    def update(self, data):
        """Show `data`: vectors `before` and `c`, one value for each word, `word`, counted from 0, and vector `p`."""
        for name, line in self.lines.items():
            put(line, ydata=data[name])
        put(self.band, x=data["word"] - 0.5)
        largest = int(np.argmax(data["p"]))
        for k, (bar, text, p) in enumerate(zip(self.bars, self.numbers, data["p"], strict=True)):
            put(bar, width=p, facecolor=to_rgba(COLORS["c"] if k == largest else GRAY))
            put(text, text=number(p), fontweight="bold" if k == largest else "normal")

    def _draw_memory(self, place, words, limits, slanted):
        axes = self.figure.add_axes(place, xlim=(-0.6, len(words) - 0.4), ylim=limits)
        axes.set_ylabel("memory $c$ of the unit", **MATH)
        axes.axhline(0, color=QUIET, linewidth=1)
        self.band = axes.axvspan(0, 1, color=FAINT, linewidth=0, zorder=0)
        at, zeros = np.arange(len(words)), np.zeros(len(words))
        before = {"color": "#808080", "linestyle": "--", "marker": "s", "markersize": 5, "label": "as it was"}
        now = {"color": COLORS["c"], "marker": "o", "markersize": 7, "label": "as it is now"}
        self.lines = {name: axes.plot(at, zeros, **look)[0] for name, look in (("before", before), ("c", now))}
        axes.set_xticks(at, words, **({"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if slanted else {}))
        axes.tick_params(axis="x", length=0, labelsize=14, labelcolor="black", pad=6)
        axes.spines["bottom"].set_visible(False)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 0.99), ncols=2, frameon=False, fontsize=14)

    def _draw_answers(self, place, answers):
        axes = self.figure.add_axes(place, xlim=(0, 1), ylim=(len(answers) - 0.5, -0.5))
        axes.set_axis_off()
        axes.set_title("probability that the next word is", fontsize=14, color=QUIET, loc="left", pad=6)
        rows, bar_height = np.arange(len(answers)), 0.72
        frame = {"facecolor": "white", "edgecolor": FAINT, "linewidth": 1.5}
        axes.barh(rows, np.ones(len(rows)), bar_height, **frame)
        self.bars = axes.barh(rows, np.zeros(len(rows)), bar_height).patches
        for row, answer in zip(rows, answers, strict=True):
            axes.text(-0.02, row, answer, ha="right", va="center", fontsize=16)
        self.numbers = [axes.text(1.02, row, "", ha="left", va="center", fontsize=16) for row in rows]
