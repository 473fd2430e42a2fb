"""Text explorer: what a trained model writes, and how the temperature changes it."""

import unicodedata

import numpy as np

from lstm_helpers._arguments import generator, instance, refuse, short_traceback, texts, whole_number
from lstm_helpers.explorers._asked import Asked
from lstm_helpers.tasks import Vocabulary, one_hot
from lstm_helpers.training import Model, generate, softmax
from lstm_helpers.view.controls import Slider, Text, checked_values
from lstm_helpers.view.drawing import Drawing
from lstm_helpers.view.live import put
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.prediction import Prediction, as_typed, read_prediction
from lstm_helpers.view.style import GRAY, QUIET, percent, styled
from lstm_helpers.view.text import SIZE, beginning_of, end_of, first_of, last_of, visible, width_of

_MAX_BARS = 16  # the likeliest characters
_LINES = 6
_SAMPLES = 100  # of lines, to choose from
_MAX_QUOTED = 24  # characters of a text in the sentence
_NAMES = {"\n": "the end of the line", " ": "a space"}


class TextExplorer(Panel):
    """The next character that a model expects, and six lines that it writes, after any beginning, at any temperature.

    Args:
        model: a `Model` that predicts the next character, with an input and an output for each.
        vocabulary: the `Vocabulary` of those characters.
        beginning: the beginning of the line.
        temperature: from 0.1 to 2.
        before: the text that the model reads before a line, as in its training.
        length: the largest number of characters that the model adds to a line.
        rng: a `numpy.random.Generator`; it draws the seeds of all samples once, so a sample uses the same random
            numbers at every temperature.
        prediction: the likeliest character, or the probability of the likeliest, from 0 to 1; `...` for no prediction
            yet.
        question: name of the question, if the class's predictions are counted.

    The state has the values of the controls: `beginning`, `temperature`, and `sample`, counted from 1.
    """

    title = "Text explorer"

    @short_traceback
    def __init__(
        self,
        model,
        vocabulary,
        beginning="",
        *,
        temperature=1.0,
        before="\n",
        length=70,
        rng,
        prediction=...,
        question="",
    ):
        instance("model", model, Model, "a Model")
        instance("vocabulary", vocabulary, Vocabulary, "a Vocabulary")
        texts(beginning=beginning, before=before)
        if any(len(token) != 1 for token in vocabulary.tokens):
            refuse(ValueError, "vocabulary must hold single characters: the model reads text character by character")
        if not len(vocabulary) == model.layer.input_size == model.readout.output_size:
            refuse(
                ValueError,
                f"model must have an input and an output for each of the {len(vocabulary)} characters, "
                f"got {model.layer.input_size} and {model.readout.output_size}",
            )
        if any(character not in vocabulary.tokens for character in before):
            refuse(ValueError, f"before must consist of characters in the vocabulary, got {before!r}")
        self._model, self._vocabulary, self._before = model, vocabulary, before
        self._length = whole_number("length", length, 1)
        asked = Asked(question, prediction, self._read_prediction)
        generator(rng)
        controls = [
            Text("beginning", self._readable, words="how the line begins"),
            Slider("temperature", 0.1, 2),
            Slider("sample", 1, _SAMPLES, step=1),
        ]
        state = checked_values(controls, {"beginning": beginning, "temperature": temperature, "sample": 1})
        self._seeds = rng.integers(2**62, size=_SAMPLES)  # after all checks: a refusal leaves rng as it was
        presets = {f"temperature {value:g}": {"temperature": value} for value in (0.2, 0.5, 1.0, 1.5)}
        presets["another sample"] = lambda state: {"sample": state["sample"] % _SAMPLES + 1}
        picture = TextPicture(min(_MAX_BARS, len(vocabulary)) + 1, _LINES)
        predictions = [self._prediction(picture.bars[0].axes, value) for value in asked.given.values()]
        super().__init__(picture, controls, state, presets, predictions, asked)

    def show(self, beginning, temperature, sample):
        """The probabilities of the likeliest characters and of all others together, and the written lines."""
        tokens = self._vocabulary.tokens
        numbers = self._vocabulary.encode(self._before + beginning)
        y = self._model.forward(one_hot(numbers, len(tokens)))[0][-1]
        plain, p = softmax(y), softmax(y, temperature)
        likeliest = np.argsort(-plain, kind="stable")[:_MAX_BARS]
        lines = self._lines(numbers, temperature, np.random.default_rng(self._seeds[round(sample) - 1]))
        data = {
            "names": [*(visible(tokens[k]) for k in likeliest), "rest"],
            "p": _with_rest(p, likeliest),
            "plain": _with_rest(plain, likeliest),
            "typed": beginning,
            "written": lines,
        }
        first = likeliest[0]
        count = int(np.searchsorted(np.cumsum(np.sort(p)[::-1]), 0.9)) + 1
        typed, line = last_of(beginning, _MAX_QUOTED), first_of(lines[0].removesuffix("\n"), _MAX_QUOTED)
        where, first_line = (f"After “{typed}”", "goes on") if beginning else ("At the beginning", "is")
        first_line += f" “{line}”"
        if not line:
            first_line = "ends there" if beginning else "is empty"
        different = len(set(lines))
        compared = f"All {_LINES} lines are the same"
        if different > 1:
            compared = f"Of the {_LINES} lines, {different} are different"
        return data, (
            f"{where} the likeliest is {_name(tokens[first])} with {percent(p[first])}; {count} of {len(p)} characters "
            f"{'has 90% or more' if count == 1 else 'share 90%'}. {compared}; the first {first_line}."
        )

    def _lines(self, numbers, temperature, rng):
        """Lines that continue the same beginning, each up to its end."""
        beginnings = np.tile(numbers[:, None], _LINES)
        tokens = self._vocabulary.tokens
        until = tokens.index("\n") if "\n" in tokens else None
        new = generate(self._model, beginnings, self._length, temperature=temperature, until=until, rng=rng)
        texts = ("".join(self._vocabulary.decode(column)) for column in new.T)
        return [text[: text.find("\n") + 1] if "\n" in text else text for text in texts]

    def _read_prediction(self, prediction):
        """The prediction as a mapping: "likeliest" -> the character, or "p" -> its probability."""
        if isinstance(prediction, str):
            tokens = self._vocabulary.tokens
            if prediction not in tokens:
                wanted = f"a probability, or one character that the model knows, {_listed(tokens)}"
                refuse(ValueError, f"prediction must be {wanted}; got {prediction!r}")
            return {"likeliest": prediction}
        return read_prediction(prediction, {"p": ((),)}, within=(0, 1))

    def _prediction(self, axes, value):
        """The prediction of the likeliest character, over its bar; or of its probability, beside the first bar."""
        if not isinstance(value, str):
            words = f"{as_typed(value)} for the likeliest"
            return Prediction(axes, (0.5, value), words, lambda data: data["p"][0], side="away")

        def over_its_bar(data):
            k = data["names"].index(visible(value)) if visible(value) in data["names"] else -1
            top = max(data["p"][k], data["plain"][k])
            return k % len(data["names"]), top + 0.18 if top < 0.8 else top - 0.12  # clear of the percentage

        tokens = {visible(token): token for token in self._vocabulary.tokens}

        def likeliest(data):
            return tokens[data["names"][0]]

        def truth(data):
            return _name(likeliest(data))

        return Prediction(axes, over_its_bar, _name(value), likeliest, truth, side="right")

    def _readable(self, text):
        """Return the text, or refuse it and list the characters that the model does not know."""
        if not isinstance(text, str):
            refuse(TypeError, f"beginning must be a text, got {text!r}")
        if not set(text) <= set(self._vocabulary.tokens):
            text = unicodedata.normalize("NFC", text)  # joins a letter and an accent typed after it
        if not text and not self._before:
            refuse(ValueError, "beginning must hold at least one character")
        known = [token for token in self._vocabulary.tokens if token != "\n"]
        unknown = sorted(set(text) - set(known))
        if unknown:
            wanted = f"characters that the model knows, {_listed(known)}"
            refuse(ValueError, f"beginning must consist of {wanted}; not {_listed(unknown)}")
        return text


def _listed(tokens):
    """The characters in order, a run of four or more by its two ends: 0…9. A complaint has little room."""
    runs = []
    for token in sorted(tokens):
        if runs and ord(token) == ord(runs[-1][-1]) + 1:
            runs[-1] += token
        else:
            runs.append(token)
    parts = ([f"{run[0]}…{run[-1]}"] if len(run) > 3 else run for run in runs)
    return " ".join(visible(part) for some in parts for part in some)


def _name(token):
    return _NAMES.get(token, token)


def _with_rest(p, likeliest):
    """The probabilities of the likeliest, and that of all others together."""
    return [*p[likeliest], max(0.0, 1.0 - float(p[likeliest].sum()))]


# Layout of the picture, in units of the SVG, from its upper left corner.
_LEFT, _WIDTH = 20, 760  # of the lines of text
_LINE_HEIGHT = 25
_BARS_TOP, _BARS_BOTTOM, _TITLE_Y, _FIRST_LINE_Y = 40, 220, 270, 295
_BOTTOM_MARGIN = 18


class TextPicture(Drawing):
    """The next character as bars, and under them lines of text with the same beginning.

    Args:
        bars: the number of bars.
        lines: the number of lines.

    Attributes:
        figure, moving: for `LiveFigure`.
        bars, plain: the bars, and their dashed outlines at temperature 1.
        names, amounts: the texts under and over each bar.
        typed, written: the beginning and its continuation, for each line.
    """

    def __init__(self, bars, lines):
        with styled():
            super().__init__(_FIRST_LINE_Y + _LINE_HEIGHT * (lines - 1) + _BOTTOM_MARGIN, down=True)
            self._draw_bars(bars)
            self._draw_lines(lines)
        self.moving = [*self.bars, *self.plain, *self.names, *self.amounts, *self.typed, *self.written]

    def update(self, data):
        """Show `data`: `names`, `p` and `plain`, one for each bar; `typed`, a text; `written`, one for each line."""
        for k, (name, p, plain) in enumerate(zip(data["names"], data["p"], data["plain"], strict=True)):
            # Rounded, so that a bar that hardly moves is not drawn again.
            put(self.bars[k], height=round(p, 3))
            put(self.plain[k], height=round(plain, 3))
            put(self.names[k], text=name)
            put(self.amounts[k], text=percent(p) if p >= 0.005 else "", position=(k, round(max(p, plain), 2) + 0.03))
        typed = end_of(_with_spaces(data["typed"]), _WIDTH / 2)
        # The beginning ends here and its continuation starts here, so they meet in any font.
        x = _LEFT + width_of(typed)
        for beginning, continuation, written in zip(self.typed, self.written, data["written"], strict=True):
            place = x, continuation.get_position()[1]
            put(beginning, text=typed, position=place)
            put(continuation, text=beginning_of(_with_spaces(written), _LEFT + _WIDTH - x), position=place)

    def _draw_bars(self, count):
        place = 60, _BARS_BOTTOM, 732, _BARS_BOTTOM - _BARS_TOP
        axes = self.plot(*place, xlim=(-0.6, count - 0.4), ylim=(0, 1), xticks=[])
        axes.set_yticks([0, 0.5, 1], ["0", "50%", "100%"], fontsize=14)
        places, zeros = np.arange(count), np.zeros(count)
        outline = {"facecolor": "none", "edgecolor": QUIET, "linestyle": "--", "linewidth": 1.3, "zorder": 3}
        self.bars = axes.bar(places, zeros, 0.74, facecolor=GRAY, linewidth=0).patches
        self.plain = axes.bar(places, zeros, 0.74, **outline).patches
        below = {"transform": axes.get_xaxis_transform(), "ha": "center", "va": "top"}
        self.names = [axes.text(x, -0.06, "", fontsize=16, **below) for x in places]
        self.amounts = [axes.text(x, 0, "", ha="center", va="bottom", fontsize=14, color=QUIET) for x in places]
        axes.set_title("what may come next (dashed: at temperature 1)", fontsize=16, color=QUIET, pad=14)

    def _draw_lines(self, count):
        self.text(_LEFT, _TITLE_Y, "what it writes (gray: what you typed)", "left", size=16, va="baseline")
        heights = [_FIRST_LINE_Y + _LINE_HEIGHT * k for k in range(count)]
        self.typed = [self.text(0, y, "", "right", size=SIZE) for y in heights]
        self.written = [self.text(0, y, "", "left", size=SIZE, color="black") for y in heights]


def _with_spaces(text):
    """The text with spaces that a browser shows: a sign for those at the end, no-break spaces elsewhere."""
    end = len(text.rstrip(" "))
    return visible(text[:end].replace(" ", "\N{NO-BREAK SPACE}")) + visible(text[end:])
