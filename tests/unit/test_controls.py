"""Controls without a page. tests/browser tests them with one."""

import pytest

from lstm_helpers.view.controls import Choice, Player, Slider, Text, checked_values
from tests.support.explorers import MAKERS, sliders


def player(value=0, **options):
    """Return a player at a value, and the list of its reports. Like a panel, it shows each reported value."""
    control, moves = Player("t", 40, **options), []
    control.show(value)

    def ask(name, asked):
        moves.append((name, asked))
        control.show(asked)

    control.on_move(ask)
    return control, moves


class TestCheckedValues:
    controls = (Slider("f", 0, 1), Choice("T", {"10": 10, "20": 20}, "steps"), Player("t", 40))

    def test_each_value_has_its_controls_type_in_the_order_of_the_controls(self):
        values = checked_values(self.controls, {"t": 3, "T": 20, "f": 1, "other": "ignored"})
        assert list(values.items()) == [("f", 1.0), ("T", 20), ("t", 3)]
        assert type(values["f"]) is float

    @pytest.mark.parametrize("wrong", [{"f": 2}, {"T": 15}, {"t": 41}, {"f": "a"}])
    def test_an_invalid_value_is_refused_by_its_name(self, wrong):
        with pytest.raises((ValueError, TypeError), match=f"^{next(iter(wrong))} must"):
            checked_values(self.controls, {"f": 0.5, "T": 10, "t": 0} | wrong)


class TestPlayer:
    def test_counting_in_the_browser_is_a_move_and_show_is_not(self):
        control, moves = player()
        for value in (1, 2, 5):  # 3 and 4 were skipped while the kernel was busy
            control.play.set_state({"value": value})
        assert moves == [("t", 1), ("t", 2), ("t", 5)]
        control.show(7)
        assert control.play.value == control.shown == 7 and len(moves) == 3

    def test_step_advances_by_a_stride_at_most_to_the_end(self):
        control, moves = player(3, stride=10)
        for _ in range(5):
            control.step.click()
        assert moves == [("t", 13), ("t", 23), ("t", 33), ("t", 40)]

    def test_back_to_the_start_and_step_stop_playing(self):
        control, moves = player(3)
        for button, value in ((control.step, 4), (control.back, 0)):
            control.play.playing = True
            button.click()
            assert not control.play.playing and moves[-1] == ("t", value) and control.play.value == value
        control.back.click()
        assert len(moves) == 2  # it was already at 0

    @pytest.mark.parametrize("value", [-1, 41, 1.0, True, "1", None])
    def test_it_takes_whole_numbers_from_0_to_its_end(self, value):
        with pytest.raises((ValueError, TypeError), match=r"^t must"):
            Player("t", 40).checked(value)

    def test_it_takes_both_ends(self):
        assert [Player("t", 40).checked(value) for value in (0, 40)] == [0, 40]


class TestBox:
    def test_the_mixed_class_is_added_after_the_box_changes_and_removed_before(self):
        """The page empties the box when the class appears; a later number would show."""
        slider, told = Slider("f", 0, 1), []
        slider.box.observe(lambda change: told.append("box"), "value")
        slider.widget.observe(lambda change: told.append("mixed"), "_dom_classes")
        slider.show(0.7)
        assert told == ["box"]
        slider.show(None)
        assert told == ["box", "box", "mixed"]
        slider.show(0.2)
        assert told == ["box", "box", "mixed", "mixed", "box"]

    def test_it_shows_two_decimals_but_the_value_keeps_all_digits(self):
        slider, moves = Slider("b_f", -2, 6), []
        slider.on_move(lambda name, value: moves.append(value) or slider.show(value))
        slider.show(-0.246810)
        assert slider.box.value == -0.25 and slider.shown == slider.handle.value == -0.246810
        slider.box.set_state({"value": -0.25})  # reports what it shows
        assert moves == []
        slider.box.value = 1.23456789
        assert moves == [1.23456789] and slider.box.value == 1.23 and slider.shown == slider.handle.value == 1.23456789

    @pytest.mark.parametrize("name, ink", [("f", "f"), ("c_prev", "c"), ("c_0", "c"), ("x_1", "x"), ("b_f", "x"),
                                           ("u", "x"), ("temperature", "x"), ("h", "h")])  # fmt: skip
    def test_everything_but_gates_and_states_is_gray(self, name, ink):
        assert f"lstm-ink-{ink}" in Slider(name, 0, 1).widget._dom_classes


def label(name, words, tooltip):
    return f'<span title="{tooltip}"><b>{name}</b> {words}</span>'


@pytest.mark.parametrize(
    "control, facts",
    [
        (
            Slider("c_prev", -2, 2, words="old & gray"),
            {"kind": "slider", "label": label("c_prev", "old &amp; gray", "c_prev old &amp; gray"), "ink": "c"}
            | {"min": -2, "max": 2, "step": 0.01},
        ),
        (Choice("n", {"one": 1, "all": 0}, "a <"), {"kind": "choice", "label": "a &lt;", "options": ["one", "all"]}),
        (
            Player("t", 12, label="time", stride=4, interval=300),
            {"kind": "player", "label": label("time", "", "t"), "min": 0, "max": 12, "stride": 4, "interval": 300},
        ),
        (Text("beginning", str), {"kind": "text", "label": label("beginning", "", "beginning: ")}),
    ],
)  # fmt: skip
def test_facts_for_a_page_without_a_kernel(control, facts):
    assert control.facts() == {"name": control.name, **facts}


def last_place(handle):
    """Return the end of the last step of a slider of ipywidgets 7, by jQuery's arithmetic."""
    last = round((handle.max - handle.min) / handle.step) * handle.step + handle.min
    return last - handle.step if last > handle.max else last


@pytest.mark.slow
@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_the_steps_of_every_slider_reach_its_upper_end(make):
    for slider in sliders(make()):
        assert last_place(slider.handle) == pytest.approx(slider.box.max, abs=1e-9), slider.name
        assert slider.handle.max == pytest.approx(slider.box.max, abs=1e-9), slider.name
