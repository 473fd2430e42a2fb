"""Text in any language in pictures: dollar signs, scripts missing from matplotlib's font, combining accents."""

import numpy as np
import pytest

from lstm_helpers import LSTM
from lstm_helpers.explorers import MemoryUnitExplorer, ScheduleExplorer, TextExplorer, open_lstm
from lstm_helpers.tasks import Vocabulary
from lstm_helpers.training import Model
from lstm_helpers.view import fonts
from lstm_helpers.view.plots import bars, curve, dots, log_log, saturation, traces
from lstm_helpers.view.text import beginning_of, characters, colored_text

pytestmark = pytest.mark.slow

SIGNS = ["$", "$$", "a$b$", r"$\frac{", r"\alpha", "x^2_{", "%", "<b>&"]
FEW = ["$$", "a$b$", "<b>&"]  # for the slower tests with a panel: would-be mathematics, or a tag


def model_of(tokens):
    vocabulary, rng = Vocabulary(tokens), np.random.default_rng(0)
    K = len(vocabulary)
    return Model.initialize(LSTM.initialize(K, 4, rng=rng), K, rng=rng), vocabulary


def text_explorer(text):
    model, vocabulary = model_of([*text, "\n", "a"])
    return TextExplorer(model, vocabulary, text, rng=np.random.default_rng(0), length=3)


def memory_explorer(text):
    model, vocabulary = model_of([text, "is", "not"])
    return MemoryUnitExplorer(model, vocabulary, [text, "is", text], 0, (text, "not"), word="is")


# Every picture that shows a reader's own words.
WITH_TEXT = {
    "traces": lambda t: traces({t: [1, 2]}, t, xlabel=t, ylabel=t, words=[t, "b"]),
    "curve": lambda t: curve(np.tanh, "f", {t: 1}, t, xlabel=t, ylabel=t),
    "bars": lambda t: bars({t: 1, "b": 2}, t, xlabel=t, ylabel=t),
    "log_log": lambda t: log_log({t: ([1, 2], [3, 4]), "b": ([1, 2], [4, 3])}, t, xlabel=t, ylabel=t),
    "saturation": lambda t: saturation({t: ([0.1, 0.2], [0.3, 0.4])}, t, xlabel=t, ylabel=t),
    "dots": lambda t: dots({t: {t: [1, 2]}}, t, xlabel=t, level=(t, 1.5)),
    "colored_text": lambda t: colored_text([t], [np.arange(len(t))], t, label=t),
    "ScheduleExplorer": lambda t: ScheduleExplorer(words=[t, *"bcdefghijkl"]),
    "TextExplorer": text_explorer,
    "MemoryUnitExplorer": memory_explorer,
    "OpenedModelExplorer": lambda t: open_lstm(LSTM(1, 2), np.ones((3, 1)), labels=[t, "b", t]),
}


@pytest.mark.parametrize("name", WITH_TEXT)
def test_dollar_signs_are_text_and_not_mathematics(name):
    for signs in FEW if name.endswith("Explorer") else SIGNS:
        data, _ = WITH_TEXT[name](signs)._repr_mimebundle_()
        assert data["image/png"]


def test_a_dollar_sign_is_drawn_as_one():
    label, _ = traces({"a$b$": [1, 2], "b": [2, 1]}, "s").figure.texts
    assert label.get_text() == "a$b$" and label.get_parse_math() is False


def test_typing_dollar_signs(rng):
    model, vocabulary = model_of("abc$\n")
    explorer = TextExplorer(model, vocabulary, "a", rng=rng, length=2)
    explorer.controls["beginning"].box.value = "a$$b"
    assert explorer.state["beginning"] == "a$$b" and "could not be drawn" not in explorer._words.value


@pytest.mark.parametrize("make", [text_explorer, memory_explorer])
def test_a_tag_in_a_sentence_is_text(make):
    explorer = make("<b>&")
    assert "<b>&" in explorer.sentence
    assert "&lt;b&gt;&amp;" in explorer._words.value and "<b>" not in explorer._words.value


def a_chinese_font():
    if fonts._family("猫") is None:
        pytest.skip("left out: no font on this machine has Chinese characters")
    return fonts._family("猫")


@pytest.mark.parametrize("name", WITH_TEXT)
def test_chinese_is_drawn_with_a_font_that_has_it(name, capsys):
    """pytest turns every warning into an error."""
    family = a_chinese_font()
    picture = WITH_TEXT[name]("猫坐")
    assert picture._repr_mimebundle_()[0]["image/png"]
    drawn = [text for text in picture_figure(picture).findobj(fonts.Text) if "猫" in text.get_text()]
    assert drawn and all(family in text.get_fontfamily() for text in drawn)
    assert capsys.readouterr().err == ""


def picture_figure(picture):
    return picture.figure if hasattr(picture, "figure") else picture.picture.figure


def test_latin_text_keeps_matplotlibs_font():
    assert fonts.families_for("forget gate") == fonts.families_for("← é Ω −") == [fonts.OWN]


@pytest.fixture
def only_matplotlibs_own(monkeypatch):
    own = [entry for entry in fonts.fontManager.ttflist if entry.name == fonts.OWN]
    monkeypatch.setattr(fonts.fontManager, "ttflist", own)
    monkeypatch.setattr(fonts, "_missing", set())
    for cached in (fonts._fonts, fonts._family):
        cached.cache_clear()
    yield
    for cached in (fonts._fonts, fonts._family):
        cached.cache_clear()


def test_characters_that_no_font_has_are_reported_once(only_matplotlibs_own, capsys):
    for name in ("traces", "dots", "dots"):
        WITH_TEXT[name]("猫坐")._repr_mimebundle_()
    told = capsys.readouterr().err
    assert told == "No font on this machine has 坐 猫: a saved picture shows boxes in their place.\n"


@pytest.mark.parametrize(
    "text, seen",
    [
        ("abc", ["a", "b", "c"]),
        ("e\u0301a", ["e\u0301", "a"]),
        ("\u0301e", ["\u0301", "e"]),
        ("👨‍👩‍👧!", ["👨‍👩‍👧", "!"]),
        ("👍🏽a", ["👍🏽", "a"]),
        ("🇫🇷🇩🇪", ["🇫🇷", "🇩🇪"]),
        ("❤️", ["❤️"]),
        ("नि", ["नि"]),
        ("", []),
    ],
)
def test_characters_as_a_reader_counts_them(text, seen):
    assert characters(text) == seen


def test_shortening_leaves_an_accent_on_its_letter():
    text = "e\u0301" * 100
    shown = beginning_of(text, 200).removesuffix("…")
    assert 0 < len(shown) < len(text) and len(shown) % 2 == 0


def test_a_letter_with_its_accent_has_the_mean_of_their_values():
    accented = colored_text(["e\u0301a"], [[0.0, 1.0, 0.25]], "s", label="v")
    plain = colored_text(["ea"], [[0.5, 0.25]], "s", label="v")
    assert len(accented.figure.axes[0].patches) == len(plain.figure.axes[0].patches)
    with pytest.raises(ValueError, match="values must have one for each of the 3 code points of a line, got 2"):
        colored_text(["e\u0301a"], [[0.0, 1.0]], "s", label="v")


def test_a_combining_accent_matches_the_letter_in_the_vocabulary(rng):
    model, vocabulary = model_of("aé\n")
    explorer = TextExplorer(model, vocabulary, "a", rng=rng, length=2)
    explorer.controls["beginning"].box.value = "ae\u0301"
    assert explorer.state["beginning"] == "aé"
