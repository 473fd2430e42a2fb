"""Flip books say what their panels say: at every place, and out of the file as into it."""

import json

import numpy as np
import pytest

from lstm_helpers.explorers import CellExplorer, PointwiseExplorer
from lstm_helpers.view.controls import Choice, Player, Slider
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.style import new_figure, styled
from tests.support.explorers import MAKERS
from tests.support.flipbooks import Pages, unfolded, unpacked
from tests.support.notebooks import PATHS
from tools.site import flipbook
from tools.site.fold import fold

pytestmark = pytest.mark.slow


class Steps:
    """A bar for each of three numbers, and the chosen step as text."""

    def __init__(self):
        with styled():
            self.figure = new_figure(200)
            axes = self.figure.add_subplot(ylim=(0, 1))
            self.bars, self.text = axes.bar([0, 1, 2], [0, 0, 0]).patches, axes.text(0, 0.5, "")
        self.moving = [*self.bars, self.text]

    def update(self, data):
        for bar, value in zip(self.bars, data["values"], strict=True):
            bar.set_height(value)
        self.text.set_text(f"step {data['step']}")


class Walk(Panel):
    """Three numbers: a slider moves the chosen one or all, another what is left to 1; one player goes through them."""

    title = "Walk"

    def __init__(self):
        step = Choice("step", {"all": "all", "a": 0, "b": 1, "c": 2}, "<step>")
        lit = Choice("lit", {"no": 0, "yes": 1}, "")
        controls = [step, lit, Player("t", 3), Player("beat", 5), Slider("f", 0, 1), Slider("g", 0, 1)]
        presets = {"zero": {"values": np.zeros(3)}, "turned": lambda state: {"values": state["values"][::-1]}}
        opening = {"values": np.array([0.3, 0.77, 1]), "step": "all", "beat": 0, "lit": 0}
        super().__init__(Steps(), controls, opening, presets)

    def show(self, values, step, beat, lit):
        return {"values": values, "step": step}, f"At {step}, beat {beat}, lit {lit}: {values.round(2)}."

    def positions(self, state):
        at = self._at(state["step"])
        one = float(state["values"][at][0]) if np.ptp(state["values"][at]) == 0 else None
        t = 0 if state["step"] == "all" else state["step"] + 1
        return {name: state[name] for name in ("step", "beat", "lit")} | {
            "t": t,
            "f": one,
            "g": None if one is None else round(1 - one, 9),
        }

    def after_move(self, state, name, value):
        if name in ("f", "g"):
            changed = state["values"].copy()
            changed[self._at(state["step"])] = value if name == "f" else round(1 - value, 9)
            return state | {"values": changed}
        return state | ({"step": value - 1 if value else "all"} if name == "t" else {name: value})

    def _at(self, step):
        return slice(None) if step == "all" else slice(step, step + 1)


class Clock(Panel):
    """One number, which a slider and a player move, of one day or another."""

    title = "Clock"

    def __init__(self):
        day = Choice("day", {"today": 0, "tomorrow": 1}, "day")
        controls = [Slider("hour", 0, 4, step=1), Player("beat", 4), day]
        super().__init__(Steps(), controls, {"hour": 1.0, "day": 0}, {"noon": {"hour": 2.0}})

    def show(self, hour, day):
        return {"values": np.full(3, hour / 4), "step": day}, f"{hour:g} o'clock, day {day}."

    def positions(self, state):
        return {"hour": state["hour"], "beat": round(state["hour"]), "day": state["day"]}

    def after_move(self, state, name, value):
        return state | ({"day": value} if name == "day" else {"hour": float(value)})


@pytest.fixture
def few(monkeypatch):
    """Books of few places, which are made in no time."""
    monkeypatch.setattr(flipbook, "_FINE", 6)
    monkeypatch.setattr(flipbook, "_COARSE", (0, 0.4, 1))


def assert_shown(panel, frame, holds, positions):
    """A panel, drawn afresh, shows a frame of its book; its presets hold and its controls stand as the book says."""
    panel._live._drawn.clear()
    panel._draw()
    still, groups, sentence = frame
    assert (panel._still.value, panel.sentence) == (still, sentence)
    assert panel._layer.value.partition(">")[2] == f"{''.join(groups)}</svg>"
    assert panel.held(panel.state) == holds
    for name, control in panel.controls.items():
        stands = positions[name]
        if isinstance(control, Choice):
            stands = control.options.get(stands)
        told = control.shown if not isinstance(control, Slider) or control.shown is None else round(control.shown, 6)
        assert told == stands, name


class Undrawn:
    """In place of the frames of a book: they are drawn when somebody looks at them."""

    def __init__(self, panel):
        self._panel, self._states = panel, {}

    def at(self, state):
        return self._states.setdefault(flipbook._key(state), (len(self._states), state))[0]

    def folded(self):
        return {"pages": self}

    def __getitem__(self, frame):
        before = self._panel.state
        self._panel.go_to([state for _, state in self._states.values()][frame])
        shown = self._panel.frame()
        self._panel.go_to(before)
        return shown


def wander(panel, book, pages, rng, settings):
    """Go from setting to setting, in the panel as in its book, and at each move everything that moves alone."""
    here, jumps = book["opens"], 0
    panel._live._stills.clear()
    panel.choose("start")
    for _ in range(settings):
        setting = book["settings"][here]
        assert_shown(panel, pages[setting["frame"]], setting["holds"], setting["positions"])
        for name, move in setting["moves"].items():
            state, k = panel.state, rng.integers(len(move["at"]))
            if move["at"][k] != setting["positions"][name]:
                panel.move(**{name: move["at"][k]})
            there = setting["positions"] | {name: move["at"][k]} | move.get("positions", [{}] * (k + 1))[k]
            assert_shown(panel, pages[move["frames"][k]], move["holds"][k], there)
            panel.go_to(state)
        here, jumped = press(panel, book["settings"], pages, setting, rng)
        jumps += jumped
    panel.choose("start")
    return jumps


def press(panel, settings, pages, setting, rng):
    """Press a preset, or choose something; returns where the book goes, and whether it had to begin at the opening."""
    doors = [("preset", name, to) for name, to in setting["presets"].items()]
    doors += [(name, label, to) for name, options in setting["choices"].items() for label, to in options.items()]
    control, label, to = doors[rng.integers(len(doors))]

    def go():
        if control == "preset":
            panel.choose(label)
        else:
            panel.move(**{control: value_of(panel.controls[control], label)})

    if control != "preset" and str(setting["positions"][control]).removesuffix(".0") == label:
        assert settings[to] is setting
        return to, False
    go()
    if panel.frame() == pages[settings[to]["frame"]]:
        return to, False
    for preset in panel.presets:  # where the budget has ended, it leads where it does from a preset
        panel.go_to(panel.presets["start"])
        panel.choose(preset)
        go()
        if panel.frame() == pages[settings[to]["frame"]]:
            break
    return to, True


def value_of(control, label):
    return control.options[label] if isinstance(control, Choice) else int(label)


class TestBook:
    def test_it_has_every_setting_where_buttons_lead_and_where_players_do(self, few):
        book = flipbook.book(Walk())
        names = [control["name"] for control in book["controls"]]
        assert (names, book["presets"]) == (["t", "beat", "f", "g", "step", "lit"], ["start", "zero", "turned"])
        assert len(book["settings"]) == 3 * 4 * 2  # what is chosen is kept where a preset is pressed
        for setting in book["settings"]:
            assert list(setting["moves"]) == ["beat", "f", "g"] and list(setting["choices"]) == ["step", "lit", "t"]
            assert setting["choices"]["t"]["2"] == setting["choices"]["step"]["b"]
            assert setting["moves"]["beat"]["at"] == [0, 1, 2, 3, 4, 5]
        assert book["controls"][-2] == {
            "name": "step", "kind": "choice", "label": "&lt;step&gt;", "options": ["all", "a", "b", "c"],
        }  # fmt: skip

    def test_a_slider_goes_to_both_ends_to_round_places_and_to_its_own(self, few):
        book = flipbook.book(Walk())
        own = book["settings"][book["settings"][book["opens"]]["choices"]["step"]["b"]]
        assert own["positions"]["f"] == 0.77 and own["moves"]["f"]["at"] == [0, 0.4, 0.77, 1]
        assert own["moves"]["f"]["frames"][2] == own["frame"]
        opening = book["settings"][book["opens"]]
        assert opening["positions"]["f"] is None and opening["moves"]["f"]["at"] == [0, 0.2, 0.4, 0.6, 0.8, 1]
        assert opening["moves"]["f"]["holds"] == [["zero", "turned"], *[["turned"]] * 5]

    def test_it_has_some_forty_places_of_the_sliders_that_we_have(self):
        cell = CellExplorer()
        for name, control in cell.controls.items():
            places = flipbook._places(control)
            assert 35 <= len(places) <= 55 and (places[0], places[-1]) == (control.handle.min, control.handle.max)
            assert all(abs(place * 100 - round(place * 100)) < 1e-9 for place in places), name
            assert len([p for p in flipbook._few_places(control) if places[0] < p < places[-1]]) >= 10

    def test_what_does_not_fit_leads_where_it_does_from_the_preset(self, few):
        panel = Walk()
        small = flipbook.book(panel, budget=1)
        settings = small["settings"]
        assert len(settings) == 3 * (1 + 3 + 1)  # a preset, and one button more
        zero = settings[settings[small["opens"]]["presets"]["zero"]]
        assert settings[zero["choices"]["step"]["a"]]["choices"]["lit"]["yes"] == zero["choices"]["lit"]["yes"]
        assert wander(panel, small, Pages(small), np.random.default_rng(0), 25) > 0

    def test_where_all_controls_move_one_number_each_place_is_a_setting(self, few):
        book = flipbook.book(Clock())
        assert len(book["settings"]) == 5 * 2 and not any(setting["moves"] for setting in book["settings"])
        opening = book["settings"][book["opens"]]
        assert opening["choices"]["hour"] == opening["choices"]["beat"]
        later = book["settings"][opening["choices"]["beat"]["3"]]
        assert later["positions"] == {"hour": 3, "beat": 3, "day": "today"}
        assert book["settings"][later["choices"]["day"]["tomorrow"]]["positions"] == {
            **later["positions"],
            "day": "tomorrow",
        }

    def test_the_panel_is_as_it_was(self, few):
        panel = Walk()
        panel.move(f=0.5)
        before = panel.frame(), panel.state
        flipbook.book(panel)
        assert (panel.frame(), panel.state) == before


@pytest.mark.parametrize(
    "make", [Walk, Clock, lambda: PointwiseExplorer([0.31], [-0.5])], ids=["walk", "clock", "pointwise"]
)
def test_it_shows_what_the_panel_shows(make, few):
    panel, rng = make(), np.random.default_rng(1)
    book = flipbook.book(panel)
    assert wander(panel, book, Pages(book), rng, 12) == 0


def test_out_of_its_file_it_is_what_it_was(few):
    book = flipbook.book(Walk())
    name, again = unpacked(flipbook.packed("00_walk_1", book))
    assert name == "00_walk_1" and again == book


class TestFold:
    def test_it_gives_back_every_text_and_makes_one_template_of_those_that_are_alike(self):
        rng = np.random.default_rng(2)
        texts = [f'<path d="M {x:.4g} {y:.4g}" id="m07"/>−{x:.2f} of 3' for x, y in rng.normal(size=(50, 2))]
        texts += ["", "nothing to fold", "<g>007</g>", "−0.00", "6,931 steps"]
        templates, places = fold(texts)
        again = unfolded(templates)
        assert [again[place] for place in places] == texts and sorted(places) == list(range(len(texts)))
        drag = [f"<g>{k}</g>{k / 10:.2f}" for k in range(50)]
        (template,), _ = fold(drag)
        assert template["pieces"] == ["<g>", "</g>", ""] and len(template["columns"]) == 2

    def test_a_number_that_stays_is_text_and_two_that_go_together_are_one_column(self):
        (template,), _ = fold([f'<use x="5" y="{k}"/><use x="7" y="{k}"/>' for k in (1, 2.5, 8)])
        assert template["holes"] == [0, 0] and template["columns"] == [[-1, [100, 150, 550]]]
        assert template["pieces"] == ['<use x="5" y="', '"/><use x="7" y="', '"/>']


@pytest.mark.long
@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_every_explorers_book_shows_what_the_explorer_shows(make, monkeypatch):
    monkeypatch.setattr(flipbook, "_Frames", Undrawn)
    panel = make()
    book = flipbook.book(panel)
    wander(panel, book, book["pages"], np.random.default_rng(3), 6)
    assert json.loads(json.dumps(book | {"pages": None})) == book | {"pages": None}


def test_a_page_that_is_too_large_is_refused(monkeypatch, few):
    (path,) = [path for path in PATHS if path.stem == "02_pointwise_operations"]
    (book,) = flipbook._of_page(path).values()
    size = len(flipbook.packed("02_pointwise_operations_2", book)) * 3 // 4
    monkeypatch.setattr(flipbook, "MAX_BYTES", size // 2)
    with pytest.raises(ValueError, match=f"its panels take .* bytes; a page may take {size // 2:,}"):
        flipbook._of_page(path)
