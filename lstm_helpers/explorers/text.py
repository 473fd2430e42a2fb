"""What a trained model writes, and how the temperature changes it."""

import numpy as np

from lstm_helpers._arguments import generator, one_frame, refuse, whole_number
from lstm_helpers.training import generate, softmax
from lstm_helpers.view.controls import Slider, Text
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.style import number, percent
from lstm_helpers.view.text import TextPicture, visible

_BARS, _ROWS, _DRAWS = 16, 6, 100
_NAMED = {"\n": "the end of the line", " ": "a space"}


class TextExplorer(Panel):
    """What a model of characters expects next, and what it writes: at any temperature, after any beginning.

    Args:
        model: a `Model` that says which character comes next, with an input and an output for each.
        vocabulary: the `Vocabulary` of those characters.
        start: the text it goes on from.
        temperature: where it opens, from 0.1 to 2.
        length: how many characters it writes; the panel shows as many as it has room for.
        rng: the `numpy.random.Generator` from which the draws are drawn, once: the same draw at two temperatures uses
            the same random numbers.
    """

    title = "Text explorer"

    @one_frame
    def __init__(self, model, vocabulary, start="\n", *, temperature=1.0, length=180, rng):
        self._model, self._vocabulary = model, vocabulary
        self._length = whole_number("length", length, 1)
        self._seeds = generator(rng).integers(2**62, size=_DRAWS)
        if any(len(token) != 1 for token in vocabulary.tokens):
            refuse(ValueError, "vocabulary must be one of characters, for what is typed is read character by character")
        if not len(vocabulary) == model.layer.input_size == model.readout.output_size:
            refuse(
                ValueError,
                f"model must have an input and an output for each of the {len(vocabulary)} characters, "
                f"it has {model.layer.input_size} and {model.readout.output_size}",
            )
        controls = [
            Text("start", start, self._known, words="the text it goes on from; ↵ ends a line"),
            Slider("temperature", temperature, 0.1, 2),
            Slider("draw", 1, 1, _DRAWS, step=1, label_width=48),
        ]
        presets = {"start": {control.name: control.value for control in controls}}
        presets |= {f"temperature {value:g}": {"temperature": value} for value in (0.2, 0.5, 1.0, 1.5)}
        presets["another draw"] = lambda values: {"draw": values["draw"] % _DRAWS + 1}
        super().__init__(TextPicture(min(_BARS, len(vocabulary)) + 1, _ROWS), [controls[:1], controls[1:]], presets)

    def show(self, start, temperature, draw):
        """The likeliest characters, the others together, and the text that is written."""
        numbers = self._vocabulary.encode(_as_text(start))
        y = self._model.forward(np.eye(len(self._vocabulary))[numbers])[0][-1]
        plain, p = softmax(y), softmax(y, temperature)
        order = np.argsort(-plain, kind="stable")
        first = order[:_BARS]
        rng = np.random.default_rng(self._seeds[round(draw) - 1])
        new = generate(self._model, numbers, self._length, temperature=temperature, rng=rng)
        written = "".join(self._vocabulary.decode(new))
        data = {
            "names": [*(visible(self._vocabulary.tokens[k]) for k in first), "rest"],
            "p": [*p[first], _rest(p, first)],
            "plain": [*plain[first], _rest(plain, first)],
            "chosen": int(np.append(np.flatnonzero(first == new[0]), len(first))[0]),
            "typed": _as_text(start),
            "written": written,
        }
        token, line = self._vocabulary.tokens[order[0]], written.partition("\n")[0]
        many = int(np.searchsorted(np.cumsum(np.sort(p)[::-1]), 0.9)) + 1
        return data, (
            f"After “{start}” the likeliest is {_NAMED.get(token, token)} with {percent(p[order[0]])}; "
            f"{many} of {len(p)} characters share 90%. At temperature {number(temperature)} it goes on: “{line}”."
        )

    def apply(self, preset):
        """Take a preset's values; they may depend on those it finds."""
        super().apply(preset(self.values) if callable(preset) else preset)

    def _known(self, text):
        """The text, with ↵ for the end of a line, or a `ValueError` that says which of its characters are not known."""
        if not isinstance(text, str):
            refuse(TypeError, f"start must be a text, got {text!r}")
        unknown = sorted(set(_as_text(text)) - set(self._vocabulary.tokens))
        if not text:
            refuse(ValueError, "start must hold at least one character")
        if unknown:
            known = " ".join(map(visible, self._vocabulary.tokens))
            refuse(ValueError, f"start must be of characters that the model knows, {known}; not {' '.join(unknown)}")
        return text.replace("\n", "↵")


def _as_text(shown):
    return shown.replace("↵", "\n")


def _rest(p, first):
    return max(0.0, 1.0 - float(p[first].sum()))
