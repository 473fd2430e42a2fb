"""One unit of a trained model in one sentence: what if it had forgotten, or remembered something else?"""

import numpy as np

from lstm_helpers._arguments import instance, kind_of, one_of, refuse, short_traceback, whole_number, words
from lstm_helpers.interventions import intervene
from lstm_helpers.layers import LSTM
from lstm_helpers.tasks import Vocabulary, one_hot
from lstm_helpers.training import Model, softmax
from lstm_helpers.view.controls import Choice, Slider
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.prediction import Prediction, predicted, spoken
from lstm_helpers.view.sentence import SentencePicture
from lstm_helpers.view.style import number


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
        self._changed = None
        memories = np.concatenate([self._trace.c[:, unit], *self._others.values()])
        edge = max(1.0, float(np.ceil(np.abs(memories).max() + 0.25)))
        rows = [
            [Choice("word", {f"{k} {w}": k - 1 for k, w in enumerate(self._read, 1)}, "at the word", value=at)],
            [
                Slider("f", 1.0, 0, 1, words="forget gate"),
                Slider("c", 0.0, -edge, edge, words="memory"),
            ],
        ]
        presets = {"as it is": None, "forget": "forget"} | {f"write “{noun}”": noun for noun in self._others}
        for name, value in self._as_it_is(at).items():
            rows[1]["fc".index(name)].put(value)
        picture = SentencePicture([*self._read, "?"], nouns, (-1.06 * edge, 1.06 * edge))
        predictions = [self._in_row(picture.bars[0].axes, noun, p) for noun, p in given.items()]
        super().__init__(picture, rows, presets, predictions)

    @property
    def values(self):
        """The chosen word, which of `f` and `c` was set there (or None), and what it was set to."""
        chosen = super().values
        return {"word": chosen["word"], "changed": self._changed, "value": chosen.get(self._changed)}

    def show(self, word, changed, value):
        """The memory over the words, and what the model says at the end."""
        before = self._trace.c[:, self._unit]
        if changed is None:
            h, c = self._trace.h, before
        else:
            altered = intervene(self._model.layer, self._x, word, self._unit, **{changed: value})
            h, c = altered.h, altered.c[:, self._unit]
        p = softmax(self._model.readout.forward(h[-1]))[self._numbers]
        data = {"before": _with_end(before), "c": _with_end(c), "word": word, "p": p}
        listed = ", ".join(f"P({noun}) {_about(q)}" for noun, q in zip(self._nouns, p, strict=True))
        what = {
            None: "Nothing is changed.",
            "f": f"At “{self._read[word]}” the forget gate is set to {number(value or 0)}.",
            "c": f"At “{self._read[word]}” the memory is set to {number(value or 0)}.",
        }[changed]
        best = self._nouns[int(np.argmax(p))]
        return data, f"The sentence began with “{self._noun}”. {what} The model now expects “{best}”: {listed}."

    def follow(self, name, value):
        """Another word is chosen: nothing is changed there yet. One slider moves: the other shows what comes of it."""
        word = self.controls["word"].value
        if name == "word":
            self._changed = None
            for symbol, now in self._as_it_is(word).items():
                self.controls[symbol].put(now)
        elif name == "f":
            self._changed, now = "f", (word, self._unit)
            c_prev = self._trace.c[word - 1, self._unit] if word else 0.0
            c = value * c_prev + self._trace.i[now] * self._trace.g[now]
            self.controls["c"].put(float(np.clip(c, self.controls["c"].handle.min, self.controls["c"].handle.max)))
        else:
            self._changed = "c"
            self.controls["f"].put(self._as_it_is(word)["f"])

    def apply(self, preset):
        """Nothing changed; or f = 0 at the chosen word; or what the memory would be there after another noun."""
        word = self.controls["word"].value
        self.follow("word", word)
        if preset == "forget":
            self.controls["f"].put(0.0)
            self.follow("f", 0.0)
        elif preset is not None:
            value = float(self._others[preset][word])
            self.controls["c"].put(value)
            self.follow("c", value)

    def _foreseen(self, prediction):
        """What was predicted: noun -> its probability, or None where the noun itself was."""
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

    def _as_it_is(self, word):
        return {name: float(getattr(self._trace, name)[word, self._unit]) for name in "fc"}

    def _memory_of(self, noun, at, vocabulary):
        """The unit's memory over the words if the sentence had begun with another noun."""
        words = [*self._read[:at], noun, *self._read[at + 1 :]]
        return self._model.layer.forward(one_hot(vocabulary.encode(words), len(vocabulary))).c[:, self._unit]


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
