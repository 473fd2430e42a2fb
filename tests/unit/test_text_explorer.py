"""Text explorer: typing, refusals, samples and temperatures."""

import pytest

from tests.support.explorers import long_text_explorer, shown, text_explorer
from tests.support.text import check_text

pytestmark = pytest.mark.slow


def test_every_key_typed_is_a_move():
    explorer = text_explorer()
    for text in ("A", "A ", "A B", "", " "):
        before = shown(explorer)
        explorer.controls["beginning"].box.value = text
        assert explorer.state["beginning"] == text and shown(explorer) != before
        check_text(explorer)
    explorer.move(beginning="BA")
    assert explorer.state["beginning"] == explorer.controls["beginning"].box.value == "BA"


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("Abc", "beginning must consist of characters that the model knows, ␣ - A B W; not b c"),
        ("A\n", "beginning must consist of characters that the model knows, ␣ - A B W; not ↵"),
    ],
)
def test_a_refused_text_stays_in_the_box_and_changes_nothing(text, sentence):
    explorer = text_explorer()
    box, before, values = explorer.controls["beginning"], shown(explorer), explorer.state
    box.box.value = text
    assert shown(explorer) == before and explorer.state == values and box.box.value == text
    assert sentence in box.complaint.value
    explorer.move(temperature=1.5)
    assert box.box.value == text and sentence in box.complaint.value
    box.box.value = "BA"
    assert sentence not in box.complaint.value and explorer.state["beginning"] == "BA"
    box.box.value = text
    explorer.choose("start")
    assert sentence not in box.complaint.value and box.box.value == "AB"


def test_a_refusal_names_a_run_of_four_characters_by_its_ends():
    box = text_explorer("ABCDWXYabc 0123-\n").controls["beginning"]
    box.box.value = "A wxyz, 45"
    assert "knows, ␣ - 0…3 A…D W X Y a b c; not , 4 5 w…z" in box.complaint.value


def test_another_sample_has_other_lines_at_the_same_probabilities():
    explorer = text_explorer()
    heights = [bar.get_height() for bar in explorer.picture.bars]
    texts = []
    for sample in range(1, 6):
        assert explorer.state["sample"] == sample
        texts.append(tuple(explorer.show(**explorer.state)[0]["written"]))
        explorer.choose("another sample")
    assert len(set(texts)) == 5
    assert [bar.get_height() for bar in explorer.picture.bars] == heights
    explorer.move(sample=100)
    explorer.choose("another sample")
    assert explorer.state["sample"] == 1 and tuple(explorer.show(**explorer.state)[0]["written"]) == texts[0]


def test_a_low_temperature_favors_the_likeliest_and_no_temperature_changes_the_order():
    explorer = long_text_explorer()
    different = []
    for temperature in (0.1, 0.5, 2.0):
        explorer.move(temperature=temperature)
        heights = [bar.get_height() for bar in explorer.picture.bars][:-1]
        assert heights == sorted(heights, reverse=True)
        assert (heights[0] > explorer.picture.plain[0].get_height()) == (temperature < 1)
        different.append(len(set(explorer.show(**explorer.state)[0]["written"])))
    assert different[0] < different[-1] == 6, different


def test_a_line_that_ends_at_once_is_not_quoted():
    explorer = text_explorer()
    explorer._model.readout.b_y[:] = [50 if token == "\n" else 0 for token in explorer._vocabulary.tokens]
    for beginning, words in (("AB", "the first ends there"), ("", "the first is empty")):
        explorer.move(beginning=beginning, temperature=0.1)
        assert explorer.sentence.endswith(f"1 of 6 characters has 90% or more. All 6 lines are the same; {words}.")
        check_text(explorer)
