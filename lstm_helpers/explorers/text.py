"""What a trained model writes, and how the temperature changes it."""

import unicodedata

import numpy as np

from lstm_helpers._arguments import generator, instance, refuse, short_traceback, texts, whole_number
from lstm_helpers.explorers._asked import Asked
from lstm_helpers.tasks import Vocabulary, one_hot
from lstm_helpers.training import Model, generate, softmax
from lstm_helpers.view.controls import Slider, Text
from lstm_helpers.view.drawing import Drawing
from lstm_helpers.view.live import put
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.prediction import Prediction, predicted, spoken
from lstm_helpers.view.style import GRAY, QUIET, percent, styled
from lstm_helpers.view.text import SIZE, beginning_of, end_of, first_of, last_of, visible, width_of

# The likeliest characters, the lines written, the samples of lines to choose from; and how many letters of the typed
# text, and of what follows it, the sentence repeats.
_BARS, _ROWS, _SAMPLES, _QUOTED = 16, 6, 100, 24
_NAMED = {"\n": "the end of the line", " ": "a space"}


class TextExplorer(Panel):
    """What a model of characters expects next, and six lines that it writes: at any temperature, after any beginning.

    Args:
        model: a `Model` that says which character comes next, with an input and an output for each.
        vocabulary: the `Vocabulary` of those characters.
        beginning: how the line begins.
        temperature: where it opens, from 0.1 to 2.
        before: what the model reads before a line, as it did when it learned.
        length: the most characters it writes; a line may end sooner.
        rng: the `numpy.random.Generator` from which the samples are drawn, once: the same sample at two temperatures
            uses the same random numbers.
        prediction: the character that will be the likeliest; or how probable the likeliest will be, from 0 to 1. `...`
            if nothing is predicted yet.
        question: the name of what is predicted, if the prediction is to be counted in a class.

    The state has the values of the controls: the `beginning`, the `temperature`, and which `sample`, from 1.
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
        asked = Asked(question, prediction, self._foreseen)
        generator(rng)
        rows = [
            [Text("beginning", self._known, words="how the line begins")],
            [Slider("temperature", 0.1, 2), Slider("sample", 1, _SAMPLES, step=1)],
        ]
        opens_at = {"beginning": beginning, "temperature": temperature, "sample": 1}
        state = {control.name: control.checked(opens_at[control.name]) for row in rows for control in row}
        self._seeds = rng.integers(2**62, size=_SAMPLES)  # only now that every argument is right
        presets = {f"temperature {value:g}": {"temperature": value} for value in (0.2, 0.5, 1.0, 1.5)}
        presets["another sample"] = _another_sample
        picture = TextPicture(min(_BARS, len(vocabulary)) + 1, _ROWS)
        predictions = [self._at(picture.bars[0].axes, what) for what in asked.given.values()]
        super().__init__(picture, rows, state, presets, predictions, asked)

    def show(self, beginning, temperature, sample):
        """The likeliest characters, all others together, and the lines that are written."""
        tokens = self._vocabulary.tokens
        numbers = self._vocabulary.encode(self._before + beginning)
        y = self._model.forward(one_hot(numbers, len(tokens)))[0][-1]
        plain, p = softmax(y), softmax(y, temperature)
        order = np.argsort(-plain, kind="stable")
        first = order[:_BARS]
        lines = self._lines(numbers, temperature, np.random.default_rng(self._seeds[round(sample) - 1]))
        data = {
            "names": [*(visible(tokens[k]) for k in first), "rest"],
            "p": [*p[first], _rest(p, first)],
            "plain": [*plain[first], _rest(plain, first)],
            "typed": beginning,
            "written": lines,
        }
        likeliest = _named(tokens[order[0]])
        many = int(np.searchsorted(np.cumsum(np.sort(p)[::-1]), 0.9)) + 1
        typed, shown = last_of(beginning, _QUOTED), first_of(lines[0].removesuffix("\n"), _QUOTED)
        where, goes_on = (f"After “{typed}”", "goes on") if beginning else ("At the beginning", "is")
        different = len(set(lines))
        alike = f"All {_ROWS} lines are the same"
        if different > 1:
            alike = f"Of the {_ROWS} lines, {different} are different"
        return data, (
            f"{where} the likeliest is {likeliest} with {percent(p[order[0]])}; {many} of {len(p)} characters "
            f"{'has' if many == 1 else 'share'} 90%. {alike}; the first {goes_on} “{shown}”."
        )

    def _lines(self, numbers, temperature, rng):
        """What is written after the same beginning, each up to the end of its line."""
        side_by_side = np.tile(numbers[:, None], _ROWS)
        tokens = self._vocabulary.tokens
        until = tokens.index("\n") if "\n" in tokens else None
        new = generate(self._model, side_by_side, self._length, temperature=temperature, until=until, rng=rng)
        texts = ("".join(self._vocabulary.decode(column)) for column in new.T)
        return [text[: text.find("\n") + 1] if "\n" in text else text for text in texts]

    def _foreseen(self, prediction):
        """The prediction by its name: the "likeliest" character, or its probability "p"."""
        if isinstance(prediction, str):
            tokens = self._vocabulary.tokens
            if prediction not in tokens:
                listing = " ".join(map(visible, tokens))
                words = f"must be a probability, or one character that the model knows, {listing}"
                refuse(ValueError, f"prediction {words}; got {prediction!r}")
            return {"likeliest": prediction}
        return predicted(prediction, {"p": ((),)}, within=(0, 1))

    def _at(self, axes, what):
        """A prediction of the likeliest character, over its bar; or of its probability, beside the first bar."""
        if not isinstance(what, str):
            said = f"{spoken(what)} for the likeliest"
            return Prediction(axes, (0.5, what), said, lambda data: data["p"][0], side="away")

        def over_its_bar(data):
            k = data["names"].index(visible(what)) if visible(what) in data["names"] else -1
            top = max(data["p"][k], data["plain"][k])
            return k % len(data["names"]), top + 0.18 if top < 0.8 else top - 0.12  # where no percentage stands

        tokens = {visible(token): token for token in self._vocabulary.tokens}

        def likeliest(data):
            return tokens[data["names"][0]]

        said, look = _named(what), {"truth": lambda data: _named(likeliest(data)), "side": "right"}
        return Prediction(axes, over_its_bar, said, likeliest, **look)

    def _known(self, text):
        """The text, or a refusal that says which of its characters the model does not know."""
        if not isinstance(text, str):
            refuse(TypeError, f"beginning must be a text, got {text!r}")
        if not set(text) <= set(self._vocabulary.tokens):
            text = unicodedata.normalize("NFC", text)  # an accent may have been typed as a character of its own
        if not text and not self._before:
            refuse(ValueError, "beginning must hold at least one character")
        known = [token for token in self._vocabulary.tokens if token != "\n"]
        unknown = sorted(set(text) - set(known))
        if unknown:
            listing = " ".join(map(visible, known))
            shown = " ".join(map(visible, unknown))
            refuse(ValueError, f"beginning must be of characters that the model knows, {listing}; not {shown}")
        return text


def _another_sample(state):
    return {"sample": state["sample"] % _SAMPLES + 1}


def _named(token):
    return _NAMED.get(token, token)


def _rest(p, first):
    return max(0.0, 1.0 - float(p[first].sum()))


_LEFT, _ROOM = 20, 760  # of the rows of text, in units of the SVG
_LINE = 25  # from one row of text to the next
# From the upper edge, in units of the SVG: where the bars begin and end, the title of the text, and its first row.
_BARS_TOP, _BARS_BOTTOM, _TITLE, _FIRST_LINE = 40, 220, 270, 295
_BELOW = 18  # the last row


class TextPicture(Drawing):
    """What may come next, as bars, and under them texts that go on from the same beginning.

    Args:
        bars: the number of bars.
        rows: the number of texts.

    Attributes:
        figure, moving: for the live picture.
        bars, plain: the fills, and the outlines beside which they stand.
        names, amounts: what stands under and over each bar.
        typed, written: the beginning and what follows it, for each row.
    """

    def __init__(self, bars, rows):
        with styled():
            super().__init__(_FIRST_LINE + _LINE * (rows - 1) + _BELOW, down=True)
            self._draw_bars(bars)
            self._draw_text(rows)
        self.moving = [*self.bars, *self.plain, *self.names, *self.amounts, *self.typed, *self.written]

    def update(self, data):
        """Show `data`: `names`, `p` and `plain`, one for each bar; `typed`, a text; `written`, a text for each row."""
        for k, (name, p, plain) in enumerate(zip(data["names"], data["p"], data["plain"], strict=True)):
            # In steps too small to be seen: what moves by less need not be drawn again.
            put(self.bars[k], height=round(p, 3))
            put(self.plain[k], height=round(plain, 3))
            put(self.names[k], text=name)
            put(self.amounts[k], text=percent(p) if p >= 0.005 else "", position=(k, round(max(p, plain), 2) + 0.03))
        typed = end_of(_kept(data["typed"]), _ROOM / 2)
        # Beginning and continuation meet at this place, whatever font a reader has.
        at = _LEFT + width_of(typed)
        for beginning, artist, written in zip(self.typed, self.written, data["written"], strict=True):
            place = at, artist.get_position()[1]
            put(beginning, text=typed, position=place)
            put(artist, text=beginning_of(_kept(written), _LEFT + _ROOM - at), position=place)

    def _draw_bars(self, number_of_bars):
        place = 60, _BARS_BOTTOM, 732, _BARS_BOTTOM - _BARS_TOP
        axes = self.plot(*place, xlim=(-0.6, number_of_bars - 0.4), ylim=(0, 1), xticks=[])
        axes.set_yticks([0, 0.5, 1], ["0", "50%", "100%"], fontsize=14)
        at, zeros = np.arange(number_of_bars), np.zeros(number_of_bars)
        outline = {"facecolor": "none", "edgecolor": QUIET, "linestyle": "--", "linewidth": 1.3, "zorder": 3}
        self.bars = axes.bar(at, zeros, 0.74, facecolor=GRAY, linewidth=0).patches
        self.plain = axes.bar(at, zeros, 0.74, **outline).patches
        below = {"transform": axes.get_xaxis_transform(), "ha": "center", "va": "top"}
        self.names = [axes.text(x, -0.06, "", fontsize=16, **below) for x in at]
        self.amounts = [axes.text(x, 0, "", ha="center", va="bottom", fontsize=14, color=QUIET) for x in at]
        axes.set_title("what may come next (dashed: at temperature 1)", fontsize=16, color=QUIET, pad=14)

    def _draw_text(self, rows):
        self.text(_LEFT, _TITLE, "what it writes (gray: what you typed)", "left", size=16, va="baseline")
        heights = [_FIRST_LINE + _LINE * row for row in range(rows)]
        self.typed = [self.text(0, y, "", "right", size=SIZE) for y in heights]
        self.written = [self.text(0, y, "", "left", size=SIZE, color="black") for y in heights]


def _kept(text):
    """A line of which a browser shows every space: those at its end by a sign, the others as spaces that stay."""
    end = len(text.rstrip(" "))
    return visible(text[:end].replace(" ", "\N{NO-BREAK SPACE}")) + visible(text[end:])
