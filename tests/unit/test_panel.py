"""The base class of the explorers: presets and their chips, and sliders for several numbers."""

import numpy as np
import pytest

from lstm_helpers.explorers import ForgettingExplorer, ScheduleExplorer
from lstm_helpers.view.controls import Slider
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.style import new_figure, styled


class Bars:
    """A bar for each of two numbers."""

    def __init__(self):
        with styled():
            self.figure = new_figure(200)
            self.moving = list(self.figure.add_subplot(ylim=(0, 1)).bar([0, 1], [0, 0]).patches)

    def update(self, values):
        for bar, value in zip(self.moving, values, strict=True):
            bar.set_height(value)


class Pair(Panel):
    """Two numbers and one slider, which moves both."""

    title = "Pair"

    def __init__(self, numbers):
        presets = {"both 1": {"numbers": np.ones(2)}, "swap": lambda state: {"numbers": state["numbers"][::-1]}}
        super().__init__(Bars(), [Slider("u", 0, 1)], {"numbers": np.array(numbers)}, presets)

    def show(self, numbers):
        return numbers, f"{numbers}"

    def positions(self, state):
        one, other = state["numbers"]
        return {"u": float(one) if one == other else None}

    def after_move(self, state, name, value):
        return {"numbers": np.full(2, value)}


def marked(panel):
    return [name for name, chip in panel.chips.items() if "lstm-marked" in chip._dom_classes]


class TestChips:
    def test_start_comes_first_and_restores_the_opening_state(self):
        panel = Pair([0.2, 0.7])
        assert list(panel.presets) == list(panel.chips) == ["start", "both 1", "swap"]
        panel.move(u=0.5)
        panel.chips["start"].click()
        assert panel.state["numbers"].tolist() == [0.2, 0.7]

    def test_the_mark_follows_the_state_even_if_a_slider_moves(self):
        panel = Pair([0.2, 0.7])
        assert marked(panel) == ["start"]
        panel.controls["u"].handle.value = 1.0
        assert marked(panel) == ["both 1"]
        panel.controls["u"].box.value = 0.999
        assert marked(panel) == ["swap"]  # swapping two equal numbers changes nothing
        panel.move(u=0.3)
        panel.choose("start")
        assert marked(panel) == ["start"]

    def test_if_several_presets_hold_only_the_last_one_pressed_is_marked(self):
        panel = Pair([1.0, 1.0])
        assert panel.held(panel.state) == ["both 1", "swap", "start"]  # a preset with a name says more than "start"
        assert marked(panel) == ["start"]
        for name in ("both 1", "swap", "start"):
            panel.chips[name].click()
            assert marked(panel) == [name]

    def test_the_mark_comes_back_when_the_pressed_preset_holds_again(self):
        panel = ForgettingExplorer()  # opens where "leak" leads
        panel.move(f=0.5)
        assert marked(panel) == ["half"]
        panel.move(f=0.9)
        assert marked(panel) == ["start"]

    def test_if_the_pressed_preset_does_not_hold_a_named_one_is_marked(self):
        panel = ForgettingExplorer()
        panel.choose("hold")
        panel.move(f=0.95)
        assert marked(panel) == []
        panel.move(f=0.9)
        assert marked(panel) == ["leak"]


class TestMixed:
    """One slider for several numbers that differ."""

    def slider(self, panel):
        slider = panel.controls["u"]
        return slider, "lstm-mixed" in slider.widget._dom_classes

    def test_it_is_mixed_while_they_differ(self):
        panel = Pair([0.2, 0.7])
        assert self.slider(panel) == (panel.controls["u"], True) and panel.controls["u"].shown is None
        panel.move(u=0.3)
        slider, mixed = self.slider(panel)
        assert not mixed and slider.shown == slider.handle.value == slider.box.value == 0.3
        panel.choose("start")
        assert self.slider(panel)[1]

    @pytest.mark.parametrize("part", ["handle", "box"])
    @pytest.mark.parametrize("value", [0.0, 0.2, 0.45, 0.7, 1.0])
    @pytest.mark.slow
    def test_any_report_is_then_a_move(self, part, value):
        panel = Pair([0.2, 0.7])
        getattr(panel.controls["u"], part).value = value
        assert panel.state["numbers"].tolist() == [value] * 2

    def test_typing_the_number_in_the_middle_is_a_move(self):
        panel = Pair([0.2, 0.7])
        panel.controls["u"].box.value = 0.5
        assert panel.state["numbers"].tolist() == [0.5, 0.5]

    def test_a_report_that_the_handle_is_in_its_place_is_no_move(self):
        panel = Pair([0.2, 0.7])
        handle = panel.controls["u"].handle
        handle.set_state({"value": round(handle.value, 2)})
        assert panel.state["numbers"].tolist() == [0.2, 0.7]


class TestStates:
    def test_go_to_shows_the_same_as_moving_there(self):
        panel = Pair([0.2, 0.7])
        panel.move(u=0.5)
        state, moved = panel.state, (panel.frame(), panel.controls["u"].shown, marked(panel))
        panel.choose("start")
        panel.go_to(state)
        assert (panel.frame(), panel.controls["u"].shown, marked(panel)) == moved
        still, parts, sentence = panel.frame()
        assert len(parts) == 3 and all(part in panel._layer.value for part in parts)  # the definitions, and two bars
        assert (still, sentence) == (panel._still.value, "[0.5 0.5]")

    def test_change_and_held_work_for_any_state(self):
        panel = Pair([0.2, 0.7])
        state = {"numbers": np.array([0.1, 0.6])}
        assert panel.change("swap", state)["numbers"].tolist() == [0.6, 0.1]
        assert panel.held(state) == [] and panel.held({"numbers": np.ones(2)}) == ["both 1", "swap"]
        assert panel.state["numbers"].tolist() == [0.2, 0.7]

    def test_controls_are_in_the_order_of_the_rail(self):
        explorer = ScheduleExplorer()
        rail = explorer.widget.children[0].children[0].children
        assert [control.widget for control in explorer.controls.values()] == list(rail[: len(explorer.controls)])
        assert list(explorer.controls)[-1] == "step"  # in the first row, but buttons come last
