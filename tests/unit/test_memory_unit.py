"""Memory unit explorer: its presets, moves, sentences and the names of its lines."""

import numpy as np
import pytest

from lstm_helpers.explorers import MemoryUnitExplorer
from lstm_helpers.explorers.memory import SentencePicture
from lstm_helpers.tasks import one_hot
from lstm_helpers.view.style import INK
from tests.support.explorers import NOUNS, SENTENCE, WORDS, memory_explorer, model_of_sentences, two_memories_explorer
from tests.support.refusals import assert_refused

pytestmark = pytest.mark.slow


def test_opens_with_the_models_own_values_at_the_word():
    explorer, unchanged = memory_explorer(), {"f": None, "i": None, "c": None}
    assert explorer.state == {"network": "", "word": 3, "units": "one", **unchanged}
    trace = explorer._networks[""].trace
    assert [explorer.controls[k].shown for k in "fic"] == pytest.approx([getattr(trace, k)[3, 0, 2] for k in "fic"])
    assert explorer.sentence.startswith("Nothing is changed. The model expects")


def test_the_presets_forget_or_write_the_memory_of_another_noun():
    explorer = memory_explorer()
    explorer.choose("forget")
    assert [explorer.state[k] for k in "fic"] == [0, None, None]
    explorer.choose("forget, write nothing")
    assert [explorer.state[k] for k in "fic"] == [0, 0, None] and explorer.controls["c"].shown == 0
    explorer.choose("write “fox”")
    other = [word.replace("cat", "fox") for word in SENTENCE[:4]]
    c = explorer._networks[""].model.layer.forward(one_hot(WORDS.encode(other), len(WORDS))).c[3, 2]
    assert explorer.state["c"] == pytest.approx(c) and explorer.state["f"] is explorer.state["i"] is None


def test_another_word_or_network_keeps_the_gates_that_were_set_but_not_the_memory():
    explorer = two_memories_explorer()
    explorer.move(f=0.0, i=0.25)
    explorer.move(word=6, network="standard gates", units="all")
    assert [explorer.state[k] for k in "fic"] == [0, 0.25, None]
    explorer.move(c=0.5)
    assert [explorer.state[k] for k in "fic"] == [None, None, 0.5] and explorer.state["units"] == "one"
    explorer.move(word=2)
    assert [explorer.state[k] for k in "fic"] == [None] * 3
    now = explorer._networks["standard gates"].trace.f[2, 0, 0]
    assert explorer.controls["f"].shown == pytest.approx(now)


def test_gates_of_all_units_that_differ_are_mixed():
    explorer = memory_explorer()
    explorer.move(units="all")
    assert [explorer.controls[k].shown for k in "fi"] == [None, None]
    explorer.move(f=0.5)
    assert [explorer.controls[k].shown for k in "fi"] == [0.5, None]


def test_an_answer_that_is_the_same_whatever_the_noun_was_is_lost():
    """Shutting f and i of all units in a network that keeps everything."""
    model = model_of_sentences(6, forget_bias=8)
    model.layer.W_g *= 4
    model.readout.W_y *= 4
    model.readout.b_y[WORDS.encode(NOUNS)] = 9  # a noun comes next
    explorer = MemoryUnitExplorer(model, WORDS, SENTENCE, 2, NOUNS[:2])
    assert "lost" not in explorer.sentence
    explorer.move(word=7, units="all", f=0.0, i=0.0)
    assert "the same whatever the noun was, so it is lost" in explorer.sentence
    assert len({tuple(bar.get_width() for bar in bars) for bars in explorer.picture.bars}) == 1
    explorer.move(word=0)  # before the noun
    assert "lost" not in explorer.sentence


def test_different_answers_of_almost_the_same_probabilities_are_almost_the_same():
    explorer = two_memories_explorer()
    sentence = explorer._answers_in_words(np.array([[0.51, 0.49], [0.49, 0.51]]), "lost")
    assert sentence == (
        "The model expects “cat” (0.51) after “cat”, “dog” (0.51) after “dog”: "
        "almost the same whatever the noun was, so it is lost."
    )


def test_a_line_that_has_not_moved_has_one_name():
    explorer = memory_explorer()
    assert [text.get_text() for text in explorer.picture.ends["before"]] == ["", "", ""]
    assert [text.get_text() for text in explorer.picture.ends["c"]] == ["cat", "dog", "fox"]


@pytest.mark.parametrize("nouns, ends, names", [
    (("cat", "dog", "fox"), (0.5, 0.5, 0.5), ["dog, cat, fox"]),
    (("cat", "dog", "fox"), (0.5, -0.5, 0.5), ["cat, fox", "dog"]),
    (("cat", "dog", "fox"), (0.3, 0.5, 0.7), ["cat", "dog", "fox"]),
    (("hippopotamus", "crocodile"), (0.5, 0.5), ["hippopotamus", "crocodile"]),  # too wide for one line
])  # fmt: skip
def test_lines_that_end_together_share_a_name(nouns, ends, names):
    picture = SentencePicture(["the", "?"], nouns, 1)
    before, now = np.ones((len(nouns), 2)), np.repeat(np.array(ends)[:, None], 2, axis=1)
    picture.update({"before": before, "c": now, "limits": (-2, 2), "word": 0, "p": np.eye(len(nouns))})
    colors = {text.get_text(): text.get_color() for text in picture.ends["c"] if text.get_text()}
    assert sorted(colors) == sorted(names)
    assert all((color == INK["c"]) == ("dog" in name or "croc" in name) for name, color in colors.items())
    assert [text.get_text() for text in picture.ends["before"]] == [f"{noun} before" for noun in nouns]


def test_long_sentences_are_slanted_and_fit():
    rest = "sat on the mat mat mat mat mat because the cat".split()
    explorer = memory_explorer(sentence=["the", "cat", *rest])
    explorer.picture.figure.canvas.draw()
    box = explorer.picture.figure.bbox
    for label in explorer.picture.lines["c"][0].axes.get_xticklabels():
        place = label.get_window_extent()
        assert box.x0 <= place.x0 and place.x1 <= box.x1 and box.y0 <= place.y0


def test_refusals():
    one = "the cat sat on the mat".split()
    words = "sentence must be a list of words that has one of the nouns twice, got "
    for call, kind, sentence in [
        (lambda: memory_explorer(sentence=one), ValueError, f"{words}{one!r}"),
        (lambda: memory_explorer(unit=5), ValueError, "unit must lie from 0 to 4, got 5"),
        (
            lambda: MemoryUnitExplorer({"a": model_of_sentences(4)}, WORDS, SENTENCE, {"b": 1}, NOUNS),
            ValueError,
            "unit must have a number for each of a, got one for b",
        ),
        (
            lambda: memory_explorer(nouns=["cat"]),
            ValueError,
            "nouns must be from 2 to 4 different words, got ['cat']",
        ),
        (
            lambda: memory_explorer(nouns=["cat", "cow"]),
            ValueError,
            "tokens must be in the vocabulary; 'cow' is not",
        ),
        (
            lambda: memory_explorer(peepholes=True),
            TypeError,
            "model must be a Model of an LSTM without peepholes, got a Model of an LSTM with peepholes",
        ),
    ]:
        assert_refused(call, kind, sentence)
