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
from lstm_helpers.view.style import COLORS, FAINT, GRAY, INK, MATH, QUIET, new_figure, number, styled

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
        presets = {"forget": {"changed": "f", "value": 0.0}}
        presets |= {f"write “{noun}”": partial(_write, memory) for noun, memory in self._others.items()}
        picture = SentencePicture([*self._read, "?"], nouns, self._reach())
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
        p = np.round(softmax(self._model.readout.forward(h[-1]))[self._numbers], 4)  # finer than a bar shows
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

    def _reach(self):
        """The whole numbers between which the memory stays, whichever of the sliders is moved, at whichever word."""
        ends = []
        for name, values in (("f", np.linspace(0, 1, 5)), ("c", np.linspace(-self._edge, self._edge, 33))):
            at = np.repeat(np.arange(len(self._read)), len(values))
            x = np.repeat(self._x[:, None], len(at), axis=1)
            c = intervene(self._model.layer, x, at, self._unit, **{name: np.tile(values, len(self._read))}).c
            ends += [c[..., self._unit].min() - 0.01, c[..., self._unit].max() + 0.01]
        return float(np.floor(min(ends))), float(np.ceil(max(ends)))

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
# In units of the SVG: the picture; the memory's upper edge and the words under it; the bars, their title and the edge.
_HEIGHT, _OVER, _UPRIGHT, _SLANTED = 440, 14, 32, 74
_BAR, _TITLE, _UNDER = 28, 30, 6
_ENDS = {"before": "as it was", "c": "as it is now"}
_APART = 18  # the names at the ends of two lines, at least


class SentencePicture:
    """The memory of one unit over the words, as it is and as it was changed, and the probabilities at the end.

    Args:
        words: what stands under the time steps.
        answers: the words that may come next, a bar for each.
        limits: the ends of the memory's axis.

    Attributes:
        figure, moving: for the live picture.
        lines, ends: "before" and "c" -> the line, and the name at its end.
        band: what marks the chosen word; bars, numbers: one for each answer.
    """

    def __init__(self, words, answers, limits):
        slanted = len(words) > _CROWDED
        bars = _BAR * len(answers)
        memory_bottom = _UNDER + bars + _TITLE + (_SLANTED if slanted else _UPRIGHT)
        self._axes_height = max(_HEIGHT - _OVER - memory_bottom, 120)
        height = memory_bottom + self._axes_height + _OVER
        with styled():
            self.figure = new_figure(height)
            self._draw_memory((0.08, memory_bottom / height, 0.78, self._axes_height / height), words, limits, slanted)
            self._draw_answers((0.16, _UNDER / height, 0.6, bars / height), answers)
        self.moving = [self.band, *self.lines.values(), *self.ends.values(), *self.bars, *self.numbers]

    def update(self, data):
        """Show `data`: vectors `before` and `c`, one value for each word, `word`, counted from 0, and vector `p`."""
        for name, line in self.lines.items():
            put(line, ydata=np.round(data[name], 3))  # what moves by less is not seen, and need not glow
        self._name_the_ends(data["before"], data["c"])
        put(self.band, x=data["word"] - 0.5)
        largest = int(np.argmax(data["p"]))
        for k, (bar, text, p) in enumerate(zip(self.bars, self.numbers, data["p"], strict=True)):
            put(bar, width=p, facecolor=to_rgba(QUIET if k == largest else GRAY))
            put(text, text=number(p), fontweight="bold" if k == largest else "normal")

    def _name_the_ends(self, before, now):
        """The names of the two lines beside their ends, one pushed away from the other; one name if they are one."""
        low, high = self.lines["c"].axes.get_ylim()
        apart = _APART / self._axes_height * (high - low)
        away = now[-1] + (apart if before[-1] >= now[-1] else -apart)
        if not low <= away <= high:
            away = 2 * now[-1] - away
        free = abs(before[-1] - now[-1]) >= apart
        beside = self.ends["c"].get_position()[0]
        put(self.ends["c"], position=(beside, now[-1]))
        shown = {} if np.array_equal(before, now) else {"position": (beside, before[-1] if free else away)}
        put(self.ends["before"], text=_ENDS["before"] if shown else "", **shown)

    def _draw_memory(self, place, words, limits, slanted):
        last = len(words) - 1
        axes = self.figure.add_axes(place, xlim=(-0.6, last + 0.3), ylim=limits)
        axes.set_ylabel("memory $c$ of the unit", **MATH)
        axes.axhline(0, color=QUIET, linewidth=1)
        self.band = axes.axvspan(0, 1, color=FAINT, alpha=0.5, linewidth=0, zorder=0)
        at, zeros = np.arange(len(words)), np.zeros(len(words))
        before = {"color": COLORS["x"], "linestyle": "--", "marker": "s", "markersize": 5}
        now = {"color": COLORS["c"], "marker": "o", "markersize": 7}
        looks = {"before": (before, QUIET), "c": (now, INK["c"])}
        self.lines = {name: axes.plot(at, zeros, clip_on=False, **look)[0] for name, (look, _) in looks.items()}
        end = {"x": last + 0.35, "y": 0, "va": "center", "fontsize": 16}
        self.ends = {name: axes.text(s=_ENDS[name], color=ink, **end) for name, (_, ink) in looks.items()}
        axes.set_xticks(at, words, **({"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if slanted else {}))
        axes.tick_params(axis="x", length=0, labelsize=16, labelcolor="black", pad=6)
        axes.set_yticks(sorted({limits[0], 0, limits[1]}))
        axes.tick_params(axis="y", labelsize=14)
        axes.spines["bottom"].set_visible(False)

    def _draw_answers(self, place, answers):
        axes = self.figure.add_axes(place, xlim=(0, 1), ylim=(len(answers) - 0.5, -0.5))
        axes.set_axis_off()
        axes.set_title("probability that the next word is", fontsize=16, color=QUIET, loc="left", pad=4)
        rows, bar_height = np.arange(len(answers)), 0.72
        frame = {"facecolor": "white", "edgecolor": FAINT, "linewidth": 1.5}
        axes.barh(rows, np.ones(len(rows)), bar_height, **frame)
        self.bars = axes.barh(rows, np.zeros(len(rows)), bar_height).patches
        for row, answer in zip(rows, answers, strict=True):
            axes.text(-0.02, row, answer, ha="right", va="center", fontsize=17)
        self.numbers = [axes.text(1.02, row, "", ha="left", va="center", fontsize=17) for row in rows]
