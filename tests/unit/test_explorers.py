"""Every explorer at the ends and the middle of every slider and at every preset, without a browser."""

import base64
import gc
import itertools
import math
import re
import sys
import threading

import numpy as np
import pytest
from traitlets import Bunch

from lstm_helpers import EXAMPLES, explorers
from lstm_helpers.explorers import (
    CellExplorer,
    ForgettingExplorer,
    GateExplorer,
    GradientExplorer,
    LearningExplorer,
    MemoryUnitExplorer,
    OpenedModelExplorer,
    PointwiseExplorer,
    ScheduleExplorer,
    TextExplorer,
    UnrolledExplorer,
    VariantExplorer,
    cell_chain,
    cell_map,
    schedules,
)
from lstm_helpers.explorers.chain import _STEPS, CellChain
from lstm_helpers.layers._buffers import Buffers
from lstm_helpers.tasks import Vocabulary
from lstm_helpers.view import live
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.style import GHOST, magnitude
from lstm_helpers.view.text import colored_text
from tests.support.dials import check_dial
from tests.support.explorers import (
    MAKERS,
    Kept,
    forget_explorer,
    gradient_explorer,
    input_explorer,
    letters_and_model,
    output_explorer,
    shown,
    sliders,
    text_explorer,
    word_explorer,
)
from tests.support.learning import check_learning
from tests.support.memory import check_memory
from tests.support.opened import check_opened
from tests.support.refusals import assert_refused
from tests.support.text import check_text
from tests.support.unrolled import check_unrolled
from tests.support.variant import check_variant

pytestmark = pytest.mark.slow


def says(text, value):
    return f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−") in text


def says_calculated(text, value):
    """Whether the text has the number with 2, 3 or 4 decimals."""
    formatted = (f"{value:.{decimals}f}" for decimals in (2, 3, 4))
    return any(number.replace("-", "" if float(number) == 0 else "−") in text for number in formatted)


def read(number):
    return float(number.strip("()").replace("−", "-"))


def is_rounded(value, number):
    """Whether a printed number is the value, rounded to as many decimals as it has."""
    decimals = len(number.strip("()").partition(".")[2])
    return abs(read(number) - value) <= 0.500001 * 10**-decimals


def check_cell(explorer):
    v = explorer.state
    kept, written = v["f"] * v["c_prev"], v["i"] * v["g"]
    c = kept + written
    tanh_c = math.tanh(c)
    h = v["o"] * tanh_c
    expected = {**v, "kept": kept, "written": written, "c": c, "tanh_c": tanh_c, "h": h}
    picture = explorer.picture
    for name, wire in picture.wires.items():
        value = expected[{"into_tanh": "c", "h_back": "h"}.get(name, name)]
        assert wire.get_linewidth() == pytest.approx(1.5 + 8 * min(abs(value), 1.5))
        assert (wire.get_linestyle() == "-") == (value >= 0)
    for name, label in picture.labels.items():
        assert says(label.get_text(), expected[name])
    for name, dial in picture.dials.items():
        check_dial(dial, name, v[name])
    assert all(says(explorer.sentence, value) for value in (v["c_prev"], v["g"], h))
    assert all(says_calculated(explorer.sentence, value) for value in (kept, written, c, tanh_c))


def check_pointwise(explorer):
    v = explorer.state
    x, y = ([v[f"{name}_{k}"] for k in (1, 2, 3)] for name in "xy")
    product, total = [a * b for a, b in zip(x, y, strict=True)], [a + b for a, b in zip(x, y, strict=True)]
    picture = explorer.picture
    for part, result in (("product", product), ("sum", total)):
        for row, values in (("x", x), ("y", y), ("result", result)):
            assert [bar.get_height() for bar in picture.bars[part, row]] == pytest.approx(values)
            assert all(says(cell.get_text(), v) for cell, v in zip(picture.cells[part, row], values, strict=True))
        assert picture.bars[part, "x"][0].axes.get_ylim() == (-2, 2)
    assert all(says(explorer.sentence, value) for value in (*x, *y, *product, *total))


def check_gate(explorer):
    v = explorer.state
    W, b, u, unit = v["W"], v["b"], v["u"], v["unit"]
    gates = [1 / (1 + math.exp(-(row @ u + bias))) for row, bias in zip(W, b, strict=True)]
    offered = explorer._offered(u)
    picture = explorer.picture
    ends = np.cumsum([*(W[unit] * u), b[unit]])
    for bar, start, end in zip(picture.term_bars, [0, *ends[:-1]], ends, strict=True):
        assert bar.get_x() == pytest.approx(start)
        assert bar.get_x() + bar.get_width() == pytest.approx(end)
    (z,), (value,) = picture.dot.get_data()
    assert z == pytest.approx(np.clip(ends[-1], -6, 6)) and value == pytest.approx(gates[unit])
    assert picture.fill.get_height() == pytest.approx(gates[unit])
    assert [bar.get_height() for bar in picture.offered_bars] == pytest.approx(list(offered))
    assert [bar.get_height() for bar in picture.passed_bars] == pytest.approx(list(gates * offered))
    rows = (picture.gate_labels, gates), (picture.offered_labels, offered), (picture.passed_labels, gates * offered)
    assert all(says(t.get_text(), v) for labels, values in rows for t, v in zip(labels, values, strict=True))
    for number in (ends[-1], gates[unit], offered[unit], gates[unit] * offered[unit]):
        assert says(explorer.sentence, number)
    assert f"Unit {unit + 1}:" in explorer.sentence


def check_schedule(explorer):
    v = explorer.state
    c, h = [v["c_0"]], []
    for f, i, g, o in zip(*(v[name] for name in "figo"), strict=True):
        c.append(f * c[-1] + i * g)
        h.append(o * math.tanh(c[-1]))
    picture = explorer.picture
    assert list(picture.lines["c"].get_ydata()) == pytest.approx(c)
    assert list(picture.lines["h"].get_ydata()) == pytest.approx(h)
    low, high = picture.lines["c"].axes.get_ylim()
    for name, edge, is_beyond in (("above", high, [m > high for m in c]), ("below", low, [m < low for m in c])):
        y = picture.beyond[name].get_ydata()
        assert (~np.isnan(y)).tolist() == is_beyond and set(y[is_beyond]) <= {edge}
    for name, scale in {"f": 0.84, "i": 0.84, "g": 0.42, "o": 0.84}.items():
        assert [bar.get_height() for bar in picture.bars[name]] == pytest.approx(list(scale * v[name]))
    step, one_step = v["step"], v["step"] != "all"
    numbers = [c[-1], c[step], c[step + 1], h[step]] if one_step else [c[-1], v["c_0"]]
    assert all(says(explorer.sentence, value) for value in numbers)
    assert picture.column.get_visible() == picture.dots.get_visible() == one_step
    if one_step:
        assert (picture.column.get_x(), picture.column.get_width()) == (step + 0.5, 1)
        x, y = picture.dots.get_data()
        assert list(x) == [step + 1] * 2 and list(y) == pytest.approx([c[step + 1], h[step]])
    assert explorer.controls["t"].shown == (step + 1 if one_step else 0)
    for name in "figo":
        chosen = v[name][[step] if one_step else slice(None)]
        assert explorer.controls[name].shown == (chosen[0] if len(set(chosen)) == 1 else None)


def check_forgetting(explorer):
    v, picture = explorer.state, explorer.picture
    c = [v["c_0"]]
    for _ in range(20):
        c.append(v["f"] * c[-1] + v["i"] * v["g"])
    h = [v["o"] * math.tanh(value) for value in c[1:]]
    assert list(picture.lines["c"].get_ydata()) == pytest.approx(c)
    assert list(picture.lines["h"].get_ydata()) == pytest.approx(h)
    assert picture.axes.get_ylim() == (-1.15, 1.15)
    step, place = v["moment"] // 4, v["moment"] % 4
    expected = {"old": c[step], "kept": v["f"] * c[step], "written": v["i"] * v["g"], "new": c[step + 1],
                "back": c[step + 1], "shown": h[step], "tanh": math.tanh(c[step + 1]),
                **{name: v[name] for name in "figo"}}  # fmt: skip
    for name, wire in picture.wires.items():
        assert wire.get_linewidth() == pytest.approx(
            1.5 + (6 if name in picture.dials else 8) * min(abs(expected[name]), 1.5)
        )
        assert (wire.get_linestyle() == "-") == (expected[name] >= 0)
    for name, dial in picture.dials.items():
        check_dial(dial, name, v[name])
    for name in picture.labels.keys() - {"step"}:
        assert says(picture.labels[name].get_text(), expected[name])
    assert picture.labels["step"].get_text() == f"step {step + 1} of 20"
    here = ["old", "kept", "new", "back"][place]
    white = [name for name, label in picture.labels.items() if label.get_color() == "white"]
    x, y = picture.labels[here].get_position()
    assert white == [here] and picture.token.get_bbox().contains(x, y)
    ((now_x,), (now_y,)) = picture.now.get_data()
    assert (now_x, now_y) == pytest.approx((step + [0, 0.5, 1, 1][place], np.clip(expected[here], -1.15, 1.15)))
    for sign, arrows in picture._beyond.items():
        assert arrows.get_xdata().tolist() == [k for k in range(21) if sign * c[k] > 1.15]
    assert all(says_calculated(explorer.sentence, value) for value in (c[step], v["f"] * c[step]))
    assert f"Step {step + 1}: " in explorer.sentence
    assert not v["i"] * v["g"] or says_calculated(explorer.sentence, c[step + 1])


def check_gradient(explorer):
    """Compare the RNN with products of matrices, and the LSTM with the effect of a small change of c_0."""
    v, lines = explorer.state, explorer.picture.lines
    x = explorer._x[: v["T"]]
    assert {axes.get_xlim() for axes in explorer.picture.figure.axes} == {(v["T"] + 0.5, -0.5)}
    check_pulse(explorer)
    for line in lines.values():
        assert list(line.get_xdata()) == list(range(len(x) + 1)) and line.get_ydata()[0] == pytest.approx(1)
    rnn = explorer.layer("RNN", v["w"])
    W, J, h = rnn.W_h[:, :8], np.eye(8), rnn.forward(x).h
    np.testing.assert_allclose(np.linalg.svd(W)[1], v["w"], atol=1e-12)  # w times an orthogonal matrix
    for h_t in h[::-1]:
        J = J @ ((1 - h_t**2)[:, None] * W)
    size = np.sqrt((J**2).sum() / 8)
    assert lines["RNN"].get_ydata()[-1] == pytest.approx(max(size, 1e-10), rel=1e-9)
    assert magnitude(size) in explorer.sentence or v["pulse"]
    lstm = explorer.layer("LSTM", v["w"], v["b_f"])
    assert lstm.b_f.tolist() == [v["b_f"]] * 8
    forget_gates = np.sqrt((lstm.forward(x).f.prod(axis=0) ** 2).mean())
    assert lines["LSTM, only f"].get_ydata()[-1] == pytest.approx(max(forget_gates, 1e-10), rel=1e-9)
    columns = [(lstm.forward(x, c0=e).c[-1] - lstm.forward(x, c0=-e).c[-1]) / 2e-5 for e in 1e-5 * np.eye(8)]
    exact = np.sqrt(np.square(columns).sum() / 8)
    assert lines["LSTM, all paths"].get_ydata()[-1] == pytest.approx(exact, rel=1e-3, abs=1e-8)


def check_pulse(explorer):
    """Each pulse is at the step of the player's moment, and as high as the product of the factors up to it."""
    v, picture = explorer.state, explorer.picture
    T, back = v["T"], math.ceil(v["pulse"] * v["T"] / 50) if v["pulse"] else v["T"]
    x, rnn = explorer._x[:T], explorer.layer("RNN", v["w"])
    factors = [np.diag(1 - h_t**2) @ rnn.W_h[:, :8] for h_t in rnn.forward(x).h[::-1]]
    f = explorer.layer("LSTM", v["w"], v["b_f"]).forward(x).f
    products = {
        "RNN": np.linalg.multi_dot([np.eye(8), *factors[:back], np.eye(8)]),
        "LSTM, only f": np.diag(f[T - back :].prod(axis=0)),
    }
    assert set(picture.pulses) == set(products)
    for label, product in products.items():
        left = np.sqrt((product**2).sum() / 8)
        low, high = picture.pulses[label].get_ydata()
        assert high - low == pytest.approx(min(left, 1.3), rel=1e-9)
        trail = picture.trails[label].get_xy()
        assert (trail[:, 0].min(), trail[:, 0].max()) == (0, back)
        assert np.ptp(trail[trail[:, 0] == back, 1]) == pytest.approx(high - low)
        assert (picture.ahead[label].get_xy()[:, 0].min(), picture.ahead[label].get_xy()[:, 0].max()) == (back, T)
        assert picture.amounts[label].get_text() == magnitude(left) and magnitude(left) in explorer.sentence
        assert picture.pulses[label].get_visible() == picture.column.get_visible() == (v["pulse"] > 0)
        assert list(picture.pulses[label].get_xdata()) == [back] * 2
    assert picture.column.get_x() == back - 0.5 and explorer.sentence.startswith(f"{back} step")
    at, marked = picture.dots.get_data()
    assert list(at) == [back] * len(picture.lines)
    assert [line.get_ydata()[back] for line in picture.lines.values()] == pytest.approx(np.maximum(marked, 1e-10))


CHECKS = {
    MemoryUnitExplorer: check_memory,
    PointwiseExplorer: check_pointwise,
    CellExplorer: check_cell,
    ForgettingExplorer: check_forgetting,
    GateExplorer: check_gate,
    ScheduleExplorer: check_schedule,
    GradientExplorer: check_gradient,
    LearningExplorer: check_learning,
    OpenedModelExplorer: check_opened,
    TextExplorer: check_text,
    UnrolledExplorer: check_unrolled,
    VariantExplorer: check_variant,
}


def numbers_of(thing, seen=None):
    """Every array and number that an object of ours holds, however deep; matplotlib's and ipywidgets' own left out."""
    seen = {} if seen is None else seen
    if id(thing) in seen:
        return
    seen[id(thing)] = thing
    if isinstance(thing, np.ndarray):
        yield thing.tobytes()
    elif isinstance(thing, (bool, int, float, str)):
        yield thing
    elif isinstance(thing, (list, tuple, set)):
        for part in thing:
            yield from numbers_of(part, seen)
    elif isinstance(thing, dict):
        yield from numbers_of(list(thing.items()), seen)
    elif type(thing).__module__.startswith("lstm_helpers") and not isinstance(thing, Buffers):
        yield from numbers_of(vars(thing), seen)


def everywhere(explorer):
    """The state where the explorer opens, at every preset, and with each of its controls moved."""
    here = explorer.state
    yield here
    for preset in explorer.presets:
        explorer.choose(preset)
        yield explorer.state
    for name, value in moves(explorer):
        yield explorer.after_move(here, name, value)


def moves(explorer):
    """A move of each control: its name, and another value than the one it shows."""
    for control in explorer.controls.values():
        if hasattr(control, "handle"):
            yield control.name, control.handle.min if control.shown == control.handle.max else control.handle.max
        elif hasattr(control, "play"):
            yield control.name, control.play.max if control.shown < control.play.max else 1
        elif hasattr(control, "buttons"):
            yield control.name, next(value for _, value in control.buttons.options if value != control.shown)
        else:
            yield control.name, "A B"


@pytest.fixture(scope="module")
def kept():
    return Kept()


@pytest.fixture
def explorer(make, kept):
    return kept(make)


@pytest.mark.parametrize("make", MAKERS)
class TestEveryExplorer:
    def test_what_is_shown_depends_on_the_state_alone_and_nothing_is_changed(self, explorer):
        states = list(everywhere(explorer))
        kept, here = list(numbers_of(vars(explorer))), explorer.show(**states[0])
        for state in states:
            explorer.show(**state)
            np.testing.assert_equal(explorer.show(**states[0]), here)
        assert list(numbers_of(vars(explorer))) == kept

    def test_lines_that_cross_lie_over_one_another_as_in_the_stored_picture(self, explorer):
        moving = explorer._live.moving
        for axes in explorer.picture.figure.axes:
            stored = sorted(axes.lines, key=lambda line: line.get_zorder())
            assert [line for line in moving if line in stored] == [line for line in stored if line in moving]

    def test_a_control_stands_where_it_was_moved_and_the_state_before_is_left_as_it_was(self, explorer):
        here, before = explorer.state, list(numbers_of(explorer.state))
        assert explorer.positions(here) == {name: control.shown for name, control in explorer.controls.items()}
        for name, value in moves(explorer):
            there = explorer.after_move(here, name, value)
            assert explorer.positions(there)[name] == value and there.keys() == here.keys()
            assert list(numbers_of(here)) == before

    def test_a_report_that_a_control_is_where_it_was_is_no_move(self, explorer, monkeypatch):
        drawn = []
        state, draw = explorer.state, explorer.show
        monkeypatch.setattr(explorer, "show", lambda **state: drawn.append(state) or draw(**state))
        for control in explorer.controls.values():
            for part in ("handle", "buttons", "box", "play"):
                if hasattr(control, part):
                    getattr(control, part).notify_change(
                        Bunch(name="value", type="change", owner=None, old=None, new=getattr(control, part).value)
                    )
        assert drawn == [] and explorer.state is state

    def test_is_right_where_it_opens(self, make):
        explorer = make()
        CHECKS[type(explorer)](explorer)

    @pytest.mark.parametrize("place", ["low", "middle", "high"])
    def test_is_right_at_the_ends_and_the_middle_of_every_slider(self, explorer, place):
        for slider in sliders(explorer):
            low, high = slider.handle.min, slider.handle.max
            part = slider.handle if slider.shown is not None else slider.box  # one that is mixed rests in the middle
            part.value = {"low": low, "middle": (low + high) / 2, "high": high}[place]
            assert slider.shown == pytest.approx(slider.handle.value, abs=1e-9)
            CHECKS[type(explorer)](explorer)

    def test_is_right_at_every_preset_and_back(self, explorer):
        first = shown(explorer)
        for name in explorer.presets:
            explorer.choose(name)
            CHECKS[type(explorer)](explorer)
        explorer.choose(next(iter(explorer.presets)))
        assert shown(explorer) == first

    def test_is_right_wherever_one_wanders(self, explorer, rng):
        for _ in range(15):
            control = rng.choice(list(explorer.controls.values()))
            if hasattr(control, "handle"):
                control.handle.value = rng.uniform(control.handle.min, control.handle.max)
            elif hasattr(control, "buttons"):
                control.buttons.index = int(rng.integers(len(control.buttons.options)))
            elif hasattr(control, "play"):
                control.play.value = int(rng.integers(control.play.max + 1))
            else:
                control.box.value = "".join(rng.choice(list("AB -"), size=rng.integers(60)))
            CHECKS[type(explorer)](explorer)

    def test_the_layer_is_what_a_fresh_drawing_would_be(self, explorer, rng):
        for slider in sliders(explorer):
            slider.handle.value = rng.uniform(slider.handle.min, slider.handle.max)
        drawn = explorer._layer.value
        explorer._live._drawn.clear()
        explorer._draw()
        assert explorer._layer.value == drawn

    def test_a_button_is_pressed_as_a_hand_would(self, explorer):
        buttons = list(explorer.chips.values())
        assert [button.description for button in buttons] == list(explorer.chips) == list(explorer.presets)
        buttons[-1].click()
        pressed = shown(explorer)
        explorer.choose(next(iter(explorer.presets)))
        explorer.choose(buttons[-1].description)
        assert shown(explorer) == pressed

    def test_typing_a_number_is_a_move_and_keeps_every_digit(self, explorer):
        slider = sliders(explorer)[0]
        slider.box.value = 0.1234567
        assert slider.shown == slider.handle.value == 0.1234567
        CHECKS[type(explorer)](explorer)

    def test_the_browsers_rounding_to_steps_is_not_a_move(self, explorer):
        before, values = shown(explorer), explorer.state
        for slider in sliders(explorer):
            low, value = slider.handle.min, slider.shown
            if value is not None:
                slider.handle.value = low + round((value - low) / 0.01) * 0.01
            assert slider.shown == value
        assert shown(explorer) == before
        np.testing.assert_equal(explorer.state, values)

    def test_what_is_stored_is_one_line_and_a_picture(self, explorer):
        data, metadata = explorer._repr_mimebundle_()
        assert set(data) == {"text/plain", "image/png", "application/vnd.jupyter.widget-view+json"}
        assert data["text/plain"] == f"{explorer.title}. {explorer.sentence}"
        assert "\n" not in data["text/plain"]
        assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
        assert metadata["image/png"]["alt"] == data["text/plain"]

    def test_an_error_while_drawing_is_shown_and_raised(self, explorer, monkeypatch):

        def fail(data):
            raise RuntimeError("<no ink>")

        monkeypatch.setattr(explorer.picture, "update", fail)
        slider = sliders(explorer)[0]
        with pytest.raises(RuntimeError, match="<no ink>"):
            slider.handle.value = 0.63 * slider.handle.min + 0.37 * slider.handle.max
        assert "This could not be drawn. RuntimeError: &lt;no ink&gt;" in explorer._words.value
        monkeypatch.undo()
        slider.handle.value = slider.handle.min
        assert "could not" not in explorer._words.value

    def test_what_does_not_change_is_not_drawn_again(self, explorer, monkeypatch):
        drawn = []
        for slider in sliders(explorer):
            for value in (slider.handle.min, slider.handle.max, slider.handle.max - slider.handle.step):
                explorer.move(**{slider.name: value})
        monkeypatch.setattr(live.LiveFigure, "_svg", lambda self, artist: drawn.append(artist) or "")
        explorer._draw()
        assert drawn == []

    def test_moves_from_another_thread_are_drawn_once_on_the_main_thread(self, explorer, monkeypatch):
        slider, before, queue = sliders(explorer)[0], shown(explorer), []

        class Shell:
            class kernel:  # noqa: N801
                class io_loop:  # noqa: N801
                    add_callback = queue.append

        monkeypatch.setattr(live, "get_ipython", lambda: Shell)

        def drag():
            for step in range(1, 20):
                slider.handle.value = slider.handle.min + slider.handle.step * step

        thread = threading.Thread(target=drag)
        thread.start()
        thread.join()
        assert shown(explorer) == before
        assert len(queue) == 1
        queue.pop()()
        assert slider.shown == pytest.approx(slider.handle.min + 19 * slider.handle.step)
        CHECKS[type(explorer)](explorer)


def test_gates_open_on_the_documents_numbers():
    assert forget_explorer().sentence == ("Unit 1: z = 0.85, so f = σ(z) = 0.70. The gate keeps 70% of 0.80: 0.56.")
    assert input_explorer().sentence == "Unit 1: z = 0.00, so i = σ(z) = 0.50. The gate writes 50% of 0.30: 0.15."
    assert output_explorer().sentence == "Unit 1: z = 0.41, so o = σ(z) = 0.60. The gate shows 60% of 0.60: 0.36."


def test_a_gates_sentence_is_about_the_chosen_unit():
    sentence = "Unit 2: z = −1.39, so f = σ(z) = 0.20. The gate keeps 20% of 0.30: 0.06."
    assert moved(forget_explorer(), unit=1).sentence == sentence


def test_the_cells_sentence_in_words():
    explorer = CellExplorer(f=0.2, c_prev=0.3, i=0.7, g=-0.2, o=0.4)
    assert explorer.sentence == (
        "Keep 20% of 0.30, write 70% of −0.20: the memory is now 0.06 + (−0.14) = −0.08. "
        "Show 40% of tanh(−0.08) = −0.08: h = −0.03."
    )


def test_the_cells_sum_and_its_tanh_are_right_as_printed():
    explorer, rng = CellExplorer(), np.random.default_rng(0)
    shapes = set()
    for f, i, o, g, c_prev in rng.integers([0, 0, 0, -100, -200], [101, 101, 101, 101, 201], size=(1000, 5)) / 100:
        data, sentence = explorer.show(f=f, c_prev=c_prev, i=i, g=g, o=o)
        pattern = r"now (.+) \+ (.+) = (.+)\. Show .+ tanh\((.+)\) = (.+): h"
        kept, written, c, of, tanh_c = re.search(pattern, sentence).groups()
        printed = {"kept": kept, "written": written, "c": c, "tanh_c": tanh_c}
        assert all(is_rounded(data[name], number) for name, number in printed.items()), sentence
        assert is_rounded(read(kept) + read(written), c) and c == of, sentence
        assert is_rounded(math.tanh(read(c)), tanh_c), sentence
        shapes.add(len(c.partition(".")[2]))
    assert shapes == {2, 3, 4}
    assert "0.560 + 0.005 = 0.565." in explorer.show(f=0.7, c_prev=0.8, i=0.5, g=0.01, o=0.6)[1]


def test_start_returns_a_cell_to_its_opening_values():
    explorer = CellExplorer(f=0.25, c_prev=-1)
    before = shown(explorer)
    explorer.choose("document, unit 2")
    assert shown(explorer) != before
    explorer.choose("start")
    assert shown(explorer) == before


def test_the_sliders_of_a_cell_are_in_the_order_of_its_diagram():
    explorer = CellExplorer()
    first, *gates = explorer.controls
    x = [explorer.picture.dials[name].center[0] for name in gates]
    assert first == "c_prev" and x == sorted(x) and len(x) == 4


def test_the_column_of_a_cell_leads_to_all_four_gates_and_h_leads_back_to_it():
    """Follow the wires from the column to the gates, and from h to the column."""
    picture = CellExplorer(f=0, i=1, g=-1, inputs=True).picture
    (axes,) = picture.figure.axes
    wires = [line.get_xydata().tolist() for line in axes.lines if line not in picture.wires.values()]
    candidate = picture.dials["g"]
    boxes = [box for box in axes.patches if box.__class__.__name__ == "Rectangle"]
    boxes = [box for box in boxes if box not in (candidate.filled, *candidate.still)]
    (h_prev,) = [box for box in boxes if box.get_y() == -22]
    x_t = [box for box in boxes if box is not h_prev]
    right, middle = h_prev.get_x() + h_prev.get_width(), h_prev.get_y()
    assert [box.get_y() + box.get_height() for box in x_t] == [middle]  # x is under h
    (bus,) = [wire for wire in wires if wire[0] == [right, middle]]
    for dial in picture.dials.values():
        x, y = dial.center[0], dial.center[1] - dial.radius
        (branch,) = [wire for wire in wires if wire[0][0] == wire[-1][0] == x]
        assert bus[0][0] <= x <= bus[-1][0] and branch[0][1] <= bus[0][1] and y - 12 <= branch[-1][1] <= y
    back, h = picture.wires["h_back"], picture.wires["h"]
    (x_0, y_0), *_, (x_1, y_1) = back.get_xydata()
    (left, y), (end, _) = h.get_xydata()
    assert left < x_0 < end and y_0 == y  # it leaves the wire of h
    assert h_prev.get_x() - 12 <= x_1 <= h_prev.get_x() and 0 < y_1 - h_prev.get_y() < h_prev.get_height()
    assert back.get_linewidth() == h.get_linewidth() and back.get_linestyle() == h.get_linestyle() == "--"
    texts = [text.get_text() for text in axes.texts]
    assert sum(text in texts for text in ("$W_f$", "$W_i$", "$W_g$", "$W_o$", "$h_{t-1}$", "$x_t$")) == 6
    assert "h_back" not in CellExplorer().picture.wires


def test_the_sliders_show_the_numbers_of_the_chosen_unit_and_input():
    explorer = forget_explorer()
    start = explorer.state
    explorer.controls["unit"].buttons.value = 1
    explorer.controls["input"].buttons.value = 3
    assert [explorer.controls[name].shown for name in "uwb"] == [0.9, start["W"][1, 3], start["b"][1]]
    explorer.controls["w"].handle.value = -3.0
    explorer.controls["unit"].buttons.value = 0
    assert explorer.controls["w"].shown == start["W"][0, 3]
    explorer.controls["unit"].buttons.value = 1
    assert explorer.controls["w"].shown == -3.0
    changed = explorer.state["W"] != start["W"]
    assert changed.sum() == 1 and changed[1, 3]


def test_a_weight_moves_one_gate_and_an_input_moves_all():
    def gates(explorer):
        return np.array([bar.get_height() for bar in explorer.picture.passed_bars])

    explorer = forget_explorer()
    explorer.move(input=3)
    before = gates(explorer)
    explorer.move(w=2.0)
    assert (gates(explorer) != before).tolist() == [True, False, False]
    before = gates(explorer)
    explorer.move(u=-1.0)
    assert (gates(explorer) != before).all()


@pytest.mark.parametrize(
    ("symbol", "example", "gates", "products"),
    [
        ("f", EXAMPLES["forget_gate"], EXAMPLES["forget_gate"].stated, [0.56, 0.06, 0.3]),
        ("i", EXAMPLES["input_gate"], EXAMPLES["input_gate"].on_the_way["i"], EXAMPLES["input_gate"].computed),
        ("o", EXAMPLES["output_gate"], EXAMPLES["output_gate"].on_the_way["o"], EXAMPLES["output_gate"].computed),
    ],
)
def test_a_symbol_alone_opens_the_documents_gate(symbol, example, gates, products):
    explorer = GateExplorer(symbol)
    data, _ = explorer.show(**explorer.state)
    np.testing.assert_allclose(data["gate"], gates)
    np.testing.assert_allclose(data["passed"], products)
    assert list(explorer.state["u"]) == [*EXAMPLES["output_gate"].stated, *example.inputs["x"]]


def test_a_gate_opens_with_a_given_bias_and_the_documents_weights():
    explorer = GateExplorer("f", b=[-6, 0, 6])
    data, _ = explorer.show(**explorer.state)
    assert (explorer.state["W"] == GateExplorer("f").state["W"]).all()
    assert data["gate"][0] < 0.01 and data["gate"][2] > 0.99 and explorer.positions(explorer.state)["b"] == -6


def test_large_weights_get_longer_sliders():
    explorer = GateExplorer("f", [[7.3]], [-11.0], {"x": [0.5]}, works_on="x")
    assert (explorer.controls["w"].handle.max, explorer.controls["b"].handle.min) == (8, -11)
    check_gate(explorer)


@pytest.mark.parametrize("part", ["pointwise", "forget", "input", "output"])
def test_cell_map_highlights_a_part_and_describes_it(part):
    picture = cell_map(part)
    assert picture.sentence.startswith("The LSTM cell as a diagram. What stands out is")
    words = {t.get_text() for t in picture.figure.axes[0].texts if t.get_visible() and t.get_alpha() != GHOST}
    assert {"pointwise": "0.71", "forget": "0.56", "input": "0.15", "output": "0.36"}[part] in words


def test_a_gradient_opens_with_the_given_number_of_steps():
    assert gradient_explorer(T=100).sentence.startswith("100 steps back")


def always(*values):
    return {name: list(values) for name in "figo"}


def test_all_changes_every_step_and_one_step_changes_alone():
    explorer = ScheduleExplorer()
    explorer.move(f=0.5)
    assert explorer.state["f"].tolist() == [0.5] * 12
    explorer.move(step=4)
    explorer.move(f=0.25, g=-1)
    assert explorer.state["f"].tolist() == [0.5] * 4 + [0.25] + [0.5] * 7
    explorer.controls["step"].buttons.value = 0
    assert (explorer.controls["f"].shown, explorer.controls["g"].shown) == (0.5, 0.5)


def test_a_schedule_opens_at_a_name_and_a_step_as_its_buttons_do():
    opened, pressed = ScheduleExplorer("leak", step=3), ScheduleExplorer()
    pressed.choose("leak")
    pressed.move(step=2)
    assert opened.sentence == pressed.sentence and opened.positions(opened.state) == pressed.positions(pressed.state)
    opened.choose("start")
    assert opened.sentence == pressed.sentence


@pytest.mark.parametrize("make", [ScheduleExplorer, word_explorer])
def test_play_moves_the_column_to_every_step_and_ends(make):
    explorer, columns = make(), []
    player, steps = explorer.controls["t"], len(explorer.state["f"])
    while player.play.value < player.play.max:
        player.play.value += 1  # as the browser counts
        check_schedule(explorer)
        columns.append(explorer.picture.column.get_x() + 0.5)
    assert columns == list(range(1, steps + 1)) and explorer.state["step"] == steps - 1
    player.back.click()
    assert explorer.state["step"] == "all" and not explorer.picture.column.get_visible()


def test_the_column_covers_the_gates_the_lines_and_the_word_of_a_step():
    explorer = moved(word_explorer(), step=3)
    picture, (word,) = explorer.picture, [
        t for t in explorer.picture.lines["c"].axes.get_xticklabels() if t.get_text() == "on"
    ]  # fmt: skip
    picture.figure.canvas.draw()
    column = picture.column.get_window_extent()
    for part in (*(row[3] for row in picture.bars.values()), word):
        box = part.get_window_extent()
        assert column.x0 <= box.x0 and box.x1 <= column.x1 and column.y0 <= box.y0 and box.y1 <= column.y1
    x, _ = picture.dots.get_transform().transform(picture.dots.get_xydata())[0]
    assert x == pytest.approx((column.x0 + column.x1) / 2)


def test_a_gate_that_differs_among_the_steps_is_mixed_until_all_are_set():
    explorer = ScheduleExplorer()
    assert {name: explorer.controls[name].shown for name in "figo"} == {"f": 1, "i": None, "g": None, "o": None}
    explorer.move(i=0)  # step 1 is at 0, and step 2 is not
    assert explorer.state["i"].tolist() == [0] * 12 and explorer.controls["i"].shown == 0
    explorer.move(step=4)
    explorer.move(f=0.25)
    explorer.move(step="all")
    assert explorer.controls["f"].shown is None
    check_schedule(explorer)


@pytest.mark.parametrize("make", [ScheduleExplorer, gradient_explorer])
def test_a_preset_does_not_depend_on_the_state_before(make):
    """It sets all but the step or the pulse; "start" sets these, too."""
    explorer = make()
    shown_at = {}
    for order in (list(explorer.presets), list(explorer.presets)[::-1]):
        for name in order:
            for control in sliders(explorer):
                explorer.move(**{control.name: control.handle.max})
            explorer.choose(name)
            now = shown(explorer)
            assert shown_at.setdefault(name, now) == now
    assert len({sentence for _, sentence in shown_at.values()}) >= len(shown_at) - 2
    moments = {"step", "pulse"} & set(explorer.state)
    assert all(set(preset) >= set(explorer.state) - moments for preset in explorer.presets.values())


@pytest.mark.parametrize("make", [ScheduleExplorer, word_explorer, gradient_explorer])
def test_axes_hold_still_over_the_whole_range_of_every_slider(make):
    explorer = make()
    still = explorer._still.value
    for slider in sliders(explorer):
        for value in np.linspace(slider.handle.min, slider.handle.max, 9):
            slider.handle.value = value
            assert explorer._still.value == still


def test_a_memory_beyond_the_axis_is_an_arrow_at_its_edge():
    explorer = ScheduleExplorer()
    explorer.move(f=1, i=1, g=1)
    above = ~np.isnan(explorer.picture.beyond["above"].get_ydata())
    assert above.tolist() == [False] * 3 + [True] * 10
    explorer.move(g=-1, c_0=-2)
    assert (~np.isnan(explorer.picture.beyond["below"].get_ydata())).tolist() == [False] + [True] * 12
    check_schedule(explorer)


@pytest.mark.parametrize("schedule", [always(1, 1, 1, 1, 1), always(1, 1, -1, -1, -1) | {"f": [1] * 5, "i": [1] * 5}])
def test_the_axis_fits_the_given_schedule(schedule):
    explorer = ScheduleExplorer(schedule | {"o": [1] * 5})
    assert all(np.isnan(line.get_ydata()).all() for line in explorer.picture.beyond.values())


@pytest.mark.parametrize("T", [10, 50, 100])
def test_the_pulse_runs_from_the_last_step_to_the_first_and_fades(T):
    explorer = gradient_explorer()
    explorer.move(T=T, w=0.8)
    player, places, widths = explorer.controls["pulse"], [], []
    while player.play.value < player.play.max:
        player.play.value += 1
        check_pulse(explorer)
        places.append(explorer.picture.pulses["RNN"].get_xdata()[0])
        widths.append(np.ptp(explorer.picture.pulses["RNN"].get_ydata()))
    assert places[0] == math.ceil(T / 50) and places[-1] == T and places == sorted(places)
    assert set(places) >= set(range(2, T + 1, 2))
    assert widths == sorted(widths, reverse=True) and widths[-1] < 0.11
    right, left = (explorer.picture.pulses["RNN"].axes.transData.transform((k, 0))[0] for k in (0, T))
    assert left < right  # back in time is to the left


def test_a_pulse_that_grows_beyond_its_cell_stays_in_its_row():
    explorer = gradient_explorer(w=1.5)
    rows = sorted(float(np.mean(pulse.get_ydata())) for pulse in explorer.picture.pulses.values())
    assert np.diff(rows) > [1.3] and explorer.picture.amounts["RNN"].get_text() != "1.3"


def test_names_at_the_ends_of_lines_do_not_overlap():
    explorer = gradient_explorer()
    for w, b_f in ((0, 3), (0, -2), (2, 6), (1, 1)):
        explorer.move(w=w, b_f=b_f, T=100)
        boxes = [name.get_window_extent() for name in explorer.picture.ends.values()]
        boxes = sorted(boxes, key=lambda box: box.y0)
        assert all(lower.y1 <= upper.y0 + 3 for lower, upper in itertools.pairwise(boxes))
    assert not explorer.picture.figure.legends


def test_the_chain_of_cells_agrees_with_the_equations():
    chain = CellChain()
    c, h = 0.0, 0.0
    for c_wire, h_wire, dials, (_, v) in zip(
        chain.memories, chain.shown, [None, *chain.dials], [(None, None), *_STEPS], strict=True
    ):
        if dials is not None:
            c = v["f"] * c + v["i"] * v["g"]
            h = v["o"] * math.tanh(c)
            for name, dial in dials.items():
                check_dial(dial, name, v[name])
        for wire, value in ((c_wire, c), (h_wire, h)):
            assert wire.get_linewidth() == pytest.approx(1.5 + 8 * abs(value))
    assert cell_chain().sentence == (
        "Three steps of an LSTM, the same cell each time. The memory c runs straight through them along the highway: "
        "0.00, 0.80, 0.80, 0.80. What a cell shows, h, loops into the gates of the next: 0.00, 0.00, 0.00, 0.66. "
        "The gates write, hold, show."
    )


def test_the_memory_of_the_chain_is_unbroken_and_each_h_leads_into_the_next_cell():
    chain = CellChain()
    ends = [wire.get_xydata()[[0, -1]] for wire in chain.memories]
    for before, after in itertools.pairwise(ends):
        assert before[1].tolist() == after[0].tolist()  # at the sum of each cell
    cells = [[dial.center[0] for dial in dials.values()] for dials in chain.dials]
    for h, cell, inside in zip(chain.shown[1:], cells, cells[1:], strict=False):
        corners = h.get_xydata()
        assert min(cell) < corners[0, 0] and max(inside) == corners[-1, 0] and corners[-1, 1] < corners[0, 1]


def test_the_named_schedules():
    explorer = ScheduleExplorer()

    def memories(name):
        explorer.choose(name)
        return np.round(explorer.picture.lines["c"].get_ydata(), 3).tolist(), explorer.picture.lines["h"].get_ydata()

    assert ["start", *schedules(12)] == list(explorer.presets)
    assert memories("write, hold, read")[0] == [0, 0] + [0.8] * 11
    assert np.flatnonzero(memories("write, hold, read")[1]).tolist() == [10]
    assert memories("leak")[0][2:5] == [0.8, 0.64, 0.512]
    assert memories("overwrite")[0][6:8] == [0.8, -0.6] and memories("overwrite")[0][-1] == -0.6
    assert memories("reset")[0][6:] == [0.8] + [0] * 6
    assert memories("hidden store")[0] == [0, 0] + [0.8] * 11
    assert np.flatnonzero(memories("hidden store")[1]).tolist() == list(range(6, 12))


def test_without_recurrent_weights_the_highway_is_all_there_is():
    lines = moved(gradient_explorer(), w=0.0, b_f=3.0).picture.lines
    np.testing.assert_allclose(lines["LSTM, all paths"].get_ydata(), lines["LSTM, only f"].get_ydata(), rtol=1e-12)


@pytest.mark.parametrize("bias, half_life", [(0.0, "1.0"), (1.0, "2.2"), (3.0, "14.3")])
def test_the_half_life_that_goes_with_a_bias(bias, half_life):
    sentence = gradient_explorer(b_f=bias).sentence
    assert f"With a bias of {bias:.2f} a gate has a half-life of {half_life} steps" in sentence


def moved(explorer, **values):
    explorer.move(**values)
    return explorer


def test_a_word_for_every_step():
    labels = [t.get_text() for t in word_explorer().picture.lines["c"].axes.get_xticklabels()]
    assert labels == ["The", "cat", "sat", "on", "the", "mat"]


def test_characters_on_a_ground_that_is_the_darker_the_larger_their_value():
    values = [np.array([-1.0, 0.5]), np.array([2.0])]
    picture = colored_text(["A ", "B"], values, "Three characters.", label="memory c")
    axes = picture.figure.axes[0]
    assert [t.get_text() for t in axes.texts] == ["A", "␣", "B", "memory c", "−2.00", "0", "2.00"]
    below, above, most = (np.array(box.get_facecolor()[:3]) for box in axes.patches[:3])
    assert below[2] < 0.7 and below[0] > 0.95  # yellow
    assert above[0] < 0.95 and above[2] > 0.95 and 1 - above[0] == pytest.approx((1 - most[0]) / 4, abs=0.01)  # blue
    (underlined,) = axes.collections  # what is below 0, in gray too: in the key, and the A
    assert [segment[:, 0].tolist() for segment in underlined.get_segments()] == [[12, 17], [0, 1]]


@pytest.mark.parametrize("values", [[0.0, 0.5], [0.0, -3.0], [0.0, 0.0]])
def test_no_color_means_zero_on_whatever_side_the_values_lie(values):
    picture = colored_text(["AB"], [np.array(values)], "Two characters.", label="memory c")
    assert picture.figure.axes[0].patches[0].get_facecolor()[:3] == pytest.approx((1, 1, 1), abs=0.01)


REFUSALS = {
    "a schedule of f": (lambda: ScheduleExplorer({"f": [1, 1]}), ValueError,
                        "schedule must be a mapping with f, i, g and o, got {'f': [1, 1]}"),
    "a schedule that has no such name": (lambda: ScheduleExplorer("hold"), ValueError,
                                         f"schedule must be one of {list(schedules(12))}, got 'hold'"),
    "a step beyond the last": (lambda: ScheduleExplorer(step=13), ValueError, "step must lie from 1 to 12, got 13"),
    "a length to open with that is not offered": (lambda: gradient_explorer(T=30), ValueError,
                                                  "T must be one of [10, 20, 50, 100], got 30"),
    "a schedule of one step": (lambda: ScheduleExplorer(always(1)), ValueError,
                               "schedule must have from 2 to 16 steps, got 1"),
    "gates of different lengths": (lambda: ScheduleExplorer(always(1, 1) | {"o": [1]}), ValueError,
                                   "f, i, g and o must have the same shape, got f (2,), i (2,), g (2,), o (1,)"),
    "a gate of 3 in a schedule": (lambda: ScheduleExplorer(always(1, 1) | {"f": [1, 3]}), ValueError,
                                  "f must lie from 0 to 1, got 3.0 at index 1"),
    "too few words": (lambda: ScheduleExplorer(words=["a"]), ValueError,
                      "words must be a list of 12 words, one for each step, got ['a']"),
    "c0 too far": (lambda: ScheduleExplorer(c0=3), ValueError, "c0 must lie from -2 to 2, got 3.0"),
    "a length that is not offered": (lambda: gradient_explorer().move(T=30), ValueError,
                                     "T must be one of [10, 20, 50, 100], got 30"),
    "a seed in place of a generator": (lambda: GradientExplorer(rng=3), TypeError,
                                       "rng must be a numpy.random.Generator, such as default_rng(seed), got 3"),
    "text of other characters": (lambda: TextExplorer(*letters_and_model("AB\n"), "AC", rng=np.random.default_rng(0)),
                                 ValueError, "beginning must consist of characters that the model knows, A B; not C"),
    "an empty text, and nothing before it": (
        lambda: TextExplorer(*letters_and_model("AB"), "", before="", rng=np.random.default_rng(0)),
        ValueError, "beginning must hold at least one character"),
    "something unknown before it": (
        lambda: TextExplorer(*letters_and_model("AB"), "A", rng=np.random.default_rng(0)),
        ValueError, "before must consist of characters in the vocabulary, got '\\n'"),
    "a number for a text": (lambda: text_explorer().move(beginning=3), TypeError, "beginning must be a text, got 3"),
    "a vocabulary of words": (
        lambda: TextExplorer(letters_and_model("AB")[0], Vocabulary(["cat", "dog"]), rng=np.random.default_rng(0)),
        ValueError, "vocabulary must hold single characters: the model reads text character by character"),
    "another vocabulary": (
        lambda: TextExplorer(letters_and_model("AB")[0], Vocabulary("ABC"), rng=np.random.default_rng(0)),
        ValueError, "model must have an input and an output for each of the 3 characters, got 2 and 2"),
    "a temperature of 0": (lambda: text_explorer().move(temperature=0), ValueError,
                           "temperature must lie from 0.1 to 2, got 0.0"),
    "unequal lengths": (lambda: PointwiseExplorer([0.1, 0.2], [0.1]), ValueError,
                        "x and y must have the same shape, got x (2,), y (1,)"),
    "a word": (lambda: PointwiseExplorer("abc", [0.1]), TypeError, "x must hold real numbers, got 'abc'"),
    "nan": (lambda: PointwiseExplorer([0.1], [math.nan]), ValueError, "y must be finite, got nan at index 0"),
    "2-D": (lambda: PointwiseExplorer([[0.1]], [0.1]), ValueError, "x must be a vector (one axis), got shape (1, 1)"),
    "empty": (lambda: PointwiseExplorer([], []), ValueError, "x must hold at least one number, got shape (0,)"),
    "too long": (lambda: PointwiseExplorer([0.1] * 7, [0.1] * 7), ValueError,
                 "x and y must have at most 6 elements, got 7"),
    "too large": (lambda: PointwiseExplorer([0.1], [3]), ValueError, "y must lie from -1 to 1, got 3.0 at index 0"),
    "a gate of 2": (lambda: CellExplorer(f=2), ValueError, "f must lie from 0 to 1, got 2.0"),
    "a vector": (lambda: CellExplorer(c_prev=[0.8, 0.3]), ValueError, "c_prev must be a single number, got shape (2,)"),
    "no such gate": (lambda: GateExplorer("q", [[1]], [1], {"x": [1]}, "x"), ValueError,
                     "symbol must be one of ['f', 'i', 'o'], got 'q'"),
    "weights that do not fit": (lambda: GateExplorer("f", [[1, 2]], [1], {"x": [1]}, "x"), ValueError,
                                "W must have shape (1, 1): a row for each element of b, a column for each element of "
                                "the stacked inputs; got shape (1, 2)"),
    "nothing to work on": (lambda: GateExplorer("f", [[1]], [1], {"x": [1]}, "y"), ValueError,
                           "works_on must name an input (x), be a vector or a function, got 'y'"),
    "no such unit to open on": (lambda: GateExplorer("f", [[1]], [1], {"x": [1]}, "x", opens_on=2), ValueError,
                                "opens_on must lie from 1 to 1, got 2"),
    "too much to work on": (lambda: GateExplorer("f", [[1]], [1], {"x": [1]}, [0.1, 0.2]), ValueError,
                            "b and works_on must have the same shape, got b (1,), works_on (2,)"),
    "inputs without names": (lambda: GateExplorer("f", [[1]], [1], [1], "x"), TypeError,
                             "inputs must be a mapping from names to values, got [1]"),
    "no such control": (lambda: CellExplorer().move(q=1), ValueError,
                        "there is no control 'q'; there are c_prev, f, i, g, o"),
    "beyond the end": (lambda: CellExplorer().move(f=1.5), ValueError, "f must lie from 0 to 1, got 1.5"),
    "no such unit": (lambda: forget_explorer().move(unit=3), ValueError, "unit must be one of [0, 1, 2], got 3"),
    "no such preset": (lambda: input_explorer().choose("x"), ValueError,
                       "there is no preset 'x'; there are start, weights and bias 0, only a bias of 4, "
                       "only a bias of −4"),
    "no such part": (lambda: cell_map("x"), ValueError,
                     "part must be one of ['pointwise', 'forget', 'input', 'output'], got 'x'"),
}  # fmt: skip


@pytest.mark.parametrize("call, kind, sentence", REFUSALS.values(), ids=REFUSALS)
def test_bad_input_gets_one_sentence_and_one_frame_of_ours(call, kind, sentence):
    assert_refused(call, kind, sentence)


def test_a_refused_move_moves_nothing():
    explorer = CellExplorer()
    before, values = shown(explorer), explorer.state
    with pytest.raises(ValueError, match="g must lie"):
        explorer.move(f=0.1, g=-3)
    assert shown(explorer) == before and explorer.state == values


@pytest.mark.long
def test_nothing_piles_up_over_2000_moves():
    """Every move makes thousands of objects; 2,000 moves must not leave one behind for every second of them."""
    explorer = CellExplorer()
    handle = explorer.controls["f"].handle

    def drag(moves):
        for step in range(moves):
            handle.value = (step % 100 + 1) / 101
        gc.collect()
        return sys.getallocatedblocks()

    before = drag(500)  # by then matplotlib's caches are full
    assert drag(2000) - before < 1000


def test_explorers_are_all_tried(kept):
    public = {name for name, kind in vars(explorers).items() if isinstance(kind, type) and issubclass(kind, Panel)}
    assert public == {kind.__name__ for kind in CHECKS} >= {type(kept(make)).__name__ for make in MAKERS}
