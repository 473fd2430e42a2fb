"""What a trained model writes, and how the temperature changes it."""

import unicodedata

import numpy as np

from lstm_helpers._arguments import generator, instance, refuse, short_traceback, texts, whole_number
from lstm_helpers.tasks import Vocabulary, one_hot
from lstm_helpers.training import Model, generate, softmax
from lstm_helpers.view.controls import Slider, Text
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.prediction import Prediction, predicted, spoken
from lstm_helpers.view.style import number, percent
from lstm_helpers.view.text import TextPicture, visible

_BARS, _ROWS, _DRAWS = 16, 6, 100
_NAMED = {"\n": "the end of the line", " ": "a space"}


class TextExplorer(Panel):
    """What a model of characters expects next, and six lines that it writes: at any temperature, after any beginning.

    Args:
        model: a `Model` that says which character comes next, with an input and an output for each.
        vocabulary: the `Vocabulary` of those characters.
        start: the beginning of the line.
        temperature: where it opens, from 0.1 to 2.
        before: what the model reads before the beginning of a line, as it did when it learned.
        length: the most characters it writes; a line may end sooner.
        rng: the `numpy.random.Generator` from which the draws are drawn, once: the same draw at two temperatures uses
            the same random numbers.
        prediction: the character that will be the likeliest; or how probable the likeliest will be, from 0 to 1. `...`
            if nothing is predicted yet.
    """

    title = "Text explorer"

    @short_traceback
    def __init__(self, model, vocabulary, start="", *, temperature=1.0, before="\n", length=70, rng, prediction=...):
        instance("model", model, Model, "a Model")
        instance("vocabulary", vocabulary, Vocabulary, "a Vocabulary")
        texts(start=start, before=before)
        if any(len(token) != 1 for token in vocabulary.tokens):
            refuse(ValueError, "vocabulary must be one of characters, for what is typed is read character by character")
        if not len(vocabulary) == model.layer.input_size == model.readout.output_size:
            refuse(
                ValueError,
                f"model must have an input and an output for each of the {len(vocabulary)} characters, "
                f"it has {model.layer.input_size} and {model.readout.output_size}",
            )
        if any(character not in vocabulary.tokens for character in before):
            refuse(ValueError, f"before must be of characters in the vocabulary, got {before!r}")
        self._model, self._vocabulary, self._before = model, vocabulary, before
        self._length = whole_number("length", length, 1)
        foreseen = self._foreseen(prediction)
        generator(rng)
        controls = [
            Text("start", start, self._known, words="the beginning of the line"),
            Slider("temperature", temperature, 0.1, 2),
            Slider("draw", 1, 1, _DRAWS, step=1, label_width=48),
        ]
        self._seeds = rng.integers(2**62, size=_DRAWS)  # only now that every argument is right
        presets = {"start": {control.name: control.value for control in controls}}
        presets |= {f"temperature {value:g}": {"temperature": value} for value in (0.2, 0.5, 1.0, 1.5)}
        presets["another draw"] = lambda values: {"draw": values["draw"] % _DRAWS + 1}
        picture = TextPicture(min(_BARS, len(vocabulary)) + 1, _ROWS)
        predictions = [self._at(picture.bars[0].axes, what) for what in foreseen]
        super().__init__(picture, [controls[:1], controls[1:]], presets, predictions)

    def show(self, start, temperature, draw):
        """The likeliest characters, all others together, and the lines that are written."""
        tokens = self._vocabulary.tokens
        numbers = self._vocabulary.encode(self._before + start)
        y = self._model.forward(one_hot(numbers, len(tokens)))[0][-1]
        plain, p = softmax(y), softmax(y, temperature)
        order = np.argsort(-plain, kind="stable")
        first = order[:_BARS]
        lines = self._lines(numbers, temperature, np.random.default_rng(self._seeds[round(draw) - 1]))
        data = {
            "names": [*(visible(tokens[k]) for k in first), "rest"],
            "p": [*p[first], _rest(p, first)],
            "plain": [*plain[first], _rest(plain, first)],
            "typed": start,
            "written": lines,
        }
        likeliest = _named(tokens[order[0]])
        many = int(np.searchsorted(np.cumsum(np.sort(p)[::-1]), 0.9)) + 1
        where = f"After “{start}”" if start else "At the beginning"
        shown, different = lines[0].removesuffix("\n"), len(set(lines))
        return data, (
            f"{where} the likeliest is {likeliest} with {percent(p[order[0]])}; {many} of {len(p)} characters "
            f"{'has' if many == 1 else 'share'} 90%. Of {_ROWS} lines written at temperature {number(temperature)}, "
            f"{different} {'is' if different == 1 else 'are'} different; the first: “{start}{shown}”."
        )

    def apply(self, preset):
        """Take a preset's values; they may depend on those it finds."""
        super().apply(preset(self.values) if callable(preset) else preset)

    def _lines(self, numbers, temperature, rng):
        """What is written after the same beginning, each up to the end of its line."""
        side_by_side = np.tile(numbers[:, None], _ROWS)
        tokens = self._vocabulary.tokens
        until = tokens.index("\n") if "\n" in tokens else None
        new = generate(self._model, side_by_side, self._length, temperature=temperature, until=until, rng=rng)
        texts = ("".join(self._vocabulary.decode(column)) for column in new.T)
        return [text[: text.find("\n") + 1] if "\n" in text else text for text in texts]

    def _foreseen(self, prediction):
        """What was predicted: a character or a probability, in a list; an empty one if nothing was."""
        if isinstance(prediction, str):
            tokens = self._vocabulary.tokens
            if prediction not in tokens:
                listing = " ".join(map(visible, tokens))
                words = f"must be a probability, or one character that the model knows, {listing}"
                refuse(ValueError, f"prediction {words}; got {prediction!r}")
            return [prediction]
        return list(predicted(prediction, {"p": ((),)}, within=(0, 1)).values())

    def _at(self, axes, what):
        """A prediction of the likeliest character, over its bar; or of its probability, beside the first bar."""
        if not isinstance(what, str):
            said = f"{spoken(what)} for the likeliest"
            return Prediction(
                axes,
                (0.5, what),
                said,
                lambda data: number(data["p"][0]),
                side=lambda data: "above" if what > data["p"][0] else "below",  # not over the percentages
            )

        def over_its_bar(data):
            k = data["names"].index(visible(what)) if visible(what) in data["names"] else -1
            top = max(data["p"][k], data["plain"][k])
            return k % len(data["names"]), top + 0.18 if top < 0.8 else top - 0.12  # where no percentage stands

        told = {visible(token): _named(token) for token in self._vocabulary.tokens}
        return Prediction(axes, over_its_bar, _named(what), lambda data: told[data["names"][0]], side="right")

    def _known(self, text):
        """The text, or a refusal that says which of its characters the model does not know."""
        if not isinstance(text, str):
            refuse(TypeError, f"start must be a text, got {text!r}")
        if not set(text) <= set(self._vocabulary.tokens):
            text = unicodedata.normalize("NFC", text)  # an accent may have been typed as a character of its own
        if not text and not self._before:
            refuse(ValueError, "start must hold at least one character")
        known = [token for token in self._vocabulary.tokens if token != "\n"]
        unknown = sorted(set(text) - set(known))
        if unknown:
            listing = " ".join(map(visible, known))
            shown = " ".join(map(visible, unknown))
            refuse(ValueError, f"start must be of characters that the model knows, {listing}; not {shown}")
        return text


def _named(token):
    return _NAMED.get(token, token)


def _rest(p, first):
    return max(0.0, 1.0 - float(p[first].sum()))
