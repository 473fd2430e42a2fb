"""Opened model explorer: networks of any library, and the time that the first picture of a large one takes."""

import re
from time import process_time

import numpy as np
import pytest

from benchmarks import opening
from lstm_helpers import LSTM, Reversed, Stack, interop
from lstm_helpers._arguments import refuse
from lstm_helpers.explorers import OpenedModelExplorer, open_lstm
from lstm_helpers.interop import source
from lstm_helpers.measures import half_lives, movement
from lstm_helpers.training import Model
from lstm_helpers.view.style import number, percent
from tests.support.opened import opened_both_ways, opened_explorer, opened_gru
from tests.support.refusals import assert_refused
from tools.site import flipbook

pytestmark = pytest.mark.slow


@pytest.fixture
def lstm(rng):
    return LSTM.initialize(2, 3, rng=rng)


@pytest.fixture
def x(rng):
    return rng.normal(size=(9, 4, 2))


SOURCES = {
    "layer": lambda lstm: lstm,
    "stack": lambda lstm: Stack([lstm]),
    "model": lambda lstm: Model.initialize(lstm, 2, rng=np.random.default_rng(0)),
    "state dict": interop.torch_state,
    "list of weights": interop.keras_weights,
    "node": interop.onnx_node,
}


@pytest.mark.parametrize("make", SOURCES.values(), ids=SOURCES)
def test_every_source_of_the_same_weights_shows_the_same(make, lstm, x):
    panel, expected = open_lstm(make(lstm), x), open_lstm(lstm, x)
    assert isinstance(panel, OpenedModelExplorer) and panel.sentence == expected.sentence


@pytest.mark.parametrize("module, reader, option", [
    ("torch.nn.modules.rnn", "from_torch", "prefix"), ("keras.src.layers.rnn.lstm", "from_keras", "name"),
    ("tensorflow.python.keras", "from_keras", "name"), ("onnx.onnx_ml_pb2", "from_onnx", "node"),
])  # fmt: skip
def test_an_object_of_a_library_or_of_a_subclass_goes_to_its_reader(module, reader, option, lstm, x, monkeypatch):
    library_class = type("LSTM", (), {"__module__": module})
    asked = []
    for name in ("from_torch", "from_keras", "from_onnx"):
        monkeypatch.setattr(source, name, lambda _, reader=name, **given: asked.append((reader, given)) or lstm)
    for kind in (library_class, type("Mine", (library_class,), {"__module__": "__main__"})):
        open_lstm(kind(), x)
        open_lstm(kind(), x, name="lstm_1")
    assert asked == [(reader, {}), (reader, {option: "lstm_1"})] * 2


@pytest.mark.parametrize("message, expected", [
    ("source must have one RNN, LSTM or GRU; it has 'a', 'b'; give node",
     "source must have one RNN, LSTM or GRU; it has 'a', 'b'; give name"),
    ("node must fit exactly one of 'a', 'b', got 'c'", "name must fit exactly one of 'a', 'b', got 'c'"),
    ("source must hold W as an initializer; 'node' is not", "source must hold W as an initializer; 'node' is not"),
])  # fmt: skip
def test_a_readers_message_names_the_argument_of_open_lstm(message, expected, lstm, x, monkeypatch):
    monkeypatch.setattr(source, "from_onnx", lambda _, **given: refuse(ValueError, message))
    assert_refused(lambda: open_lstm(interop.onnx_node(lstm), x), ValueError, expected)


def test_a_model_of_pytorch_from_its_state_dict_to_its_gates(x):
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    model = torch.nn.ModuleDict({"up": torch.nn.LSTM(2, 3, 2, bidirectional=True), "down": torch.nn.GRU(6, 4)})
    panel = open_lstm(model.state_dict(), x, name="up", layer=3, unit=2, step=5)
    whole, _ = model["up"](torch.from_numpy(x[:, 0]).float())
    assert panel.sentence.startswith("Layer 3 reversed, unit 2 at step 5: ")
    assert f" h is {number(whole[5, 5].item())}." in panel.sentence
    with pytest.raises(ValueError, match=r"it has 'up', 'down'; give name$"):
        open_lstm(model, x)


def test_tensors_are_read(lstm, x):
    torch = pytest.importorskip("torch")
    tensor = torch.from_numpy(x).requires_grad_()
    assert open_lstm(lstm, tensor).sentence == open_lstm(lstm, x).sentence


def test_it_opens_at_the_unit_that_moves_most_and_where_it_does(rng, x, lstm):
    stack = Stack([lstm, LSTM.initialize(3, 5, rng=rng)])
    trace = stack.forward(x[:, 2])
    for layer in (0, 1):
        panel = open_lstm(stack, x, sequence=2, layer=layer)
        c = trace.layers[layer].c
        unit = int(np.argmax(movement(trace.layers[layer].h)))
        step = int(np.argmax(np.abs(np.diff(c[:, unit], prepend=0))))
        assert panel.state == {"layer": layer, "unit": unit, "step": step, "gate": "f"}
        panel.move(unit=0, step=0)
        panel.choose("longest memory")
        assert panel.state["unit"] == np.argmax(half_lives(trace.layers[layer].f)) and panel.state["step"] == 0
        panel.choose("moves most")
        assert (panel.state["unit"], panel.state["step"]) == (unit, step)
    given = open_lstm(stack, x, layer=1, unit=4, step=8)
    assert given.state == {"layer": 1, "unit": 4, "step": 8, "gate": "f"}


def test_in_a_reversed_layer_the_previous_step_is_the_next_in_time(rng, x):
    layer = LSTM.initialize(2, 3, rng=rng)
    c = Reversed(layer).forward(x[:, 0]).c
    panel = open_lstm(Reversed(layer), x, unit=1, step=4)
    kept = f" of {c[5, 1]:.2f} is kept".replace("-", "−")
    assert kept in panel.sentence and "of 0.00 is kept" in open_lstm(Reversed(layer), x, unit=1, step=8).sentence


def test_the_unit_slider_ends_where_the_layer_does():
    panel = opened_both_ways(layer=0, unit=8)
    unit, ends = panel.controls["unit"], []
    unit.handle.observe(lambda change: ends.append(change.new), "value")

    def shown():
        parts = unit.handle.max, unit.box.max, unit.handle.value, unit.box.value
        return *parts, re.sub("<.*?>", "", unit.facts()["label"])

    assert shown() == (8, 8, 8, 8, "unit of 9")
    panel.move(layer=2)
    assert shown() == (3, 3, 3, 3, "unit of 4") and panel.state["unit"] == 3
    assert panel.sentence.startswith("Layer 2, unit 3 at step ")
    with pytest.raises(ValueError, match="unit must lie from 0 to 3, got 8"):
        panel.move(unit=8)
    panel.choose("start")  # to another layer and a unit that only that one has, at once
    assert shown() == (8, 8, 8, 8, "unit of 9") and panel.state["unit"] == 8
    assert ends == [3, 8]  # and to no third place on the way


def test_a_gru_takes_what_it_does_not_keep():
    panel = opened_gru(unit=2, step=5)
    network, x, _ = panel.made_of
    trace = network.forward(x)
    z, n, h = (getattr(trace, letter)[5, 2] for letter in "znh")
    assert f"{percent(z)} of {number(trace.h[4, 2])} is kept, {percent(1 - z)} of {number(n)} taken" in panel.sentence
    assert f": h is {number(h)}." in panel.sentence


def test_many_steps_are_thinned_to_their_highest_and_lowest_in_order():
    panel = opened_both_ways(layer=0, unit=4)
    network, x, _ = panel.made_of
    c = network.forward(x).layers[0].c[:, 4]
    drawn = panel.picture.lines["c"].get_ydata()
    steps = [int(np.flatnonzero(c == value)[0]) for value in drawn]
    assert len(drawn) < len(c) and steps == sorted(steps)
    assert {c.argmin(), c.argmax()} <= set(steps)


def test_steps_are_labeled_with_words_or_characters(x, lstm):
    words = open_lstm(lstm, x, labels="the cat sat on a mat and it purred".split(), step=1)
    assert "at step 1, “cat”: " in words.sentence
    around = ["the\xa0", "cat", "\xa0sat\xa0on\xa0a\xa0mat\xa0and\xa0it\xa0purred"]
    assert [text.get_text() for text in words.picture.labels] == around
    letters = open_lstm(lstm, x, labels="a cat\nsat", step=1)
    assert "at step 1, “␣”: " in letters.sentence
    assert "".join(text.get_text() for text in letters.picture.labels) == "a␣cat↵sat"
    at = [text.get_position()[0] for text in letters.picture.labels]
    cursor = letters.picture.cursor
    for step in (1, 7):
        letters.move(step=step)
        assert cursor.get_x() + cursor.get_width() / 2 == pytest.approx(at[step])
        assert [text.get_fontweight() for text in letters.picture.labels].index("bold") == step
    assert "at step 1: " in open_lstm(lstm, x, step=1).sentence
    long = open_lstm(lstm, x, labels=["incomprehensibility"] * 9, step=1)
    assert "at step 1, “incomprehen…”: " in long.sentence


def test_the_axis_holds_the_largest_memory_of_the_unit_and_stays_for_that_unit(lstm):
    lstm.b_f[:], lstm.b_i[:], lstm.b_g[:] = [9, 0, 0], 9, 9
    panel = open_lstm(lstm, np.zeros((30, 2)), unit=0)
    still = panel._still.value
    assert panel.picture.now.axes.get_ylim()[1] == pytest.approx(1.04 * 30)
    panel.move(step=3, gate="o")
    assert panel._still.value == still
    panel.move(unit=1)
    assert panel.picture.now.axes.get_ylim()[1] == pytest.approx(1.04 * 2)


def test_opening_a_large_network_costs_little_more_than_its_pass_and_a_panel():
    """Minimum processor times of one run, as a ratio: a busy machine slows all of them."""
    least = {name: min(times) for name, times in opening.timed(3, process_time).items()}
    assert least["opening"] < 3 * (least["pass"] + least["panel"])


def test_a_move_of_a_large_network_sends_a_small_layer():
    stack, x = opening.network(64, 1000)
    panel = open_lstm(stack, x)
    assert len(panel._layer.value) < 120_000


@pytest.mark.long
@pytest.mark.parametrize("make", [opened_explorer, opened_gru])
def test_the_flip_book_is_small(make):
    panel = make()
    packed = flipbook.packed("book", flipbook.book(panel))
    assert len(packed) * 3 // 4 < 300_000


def test_refusals(lstm, x):
    for call, kind, sentence in [
        (lambda: open_lstm(7, x), TypeError,
         "source must be a layer, a Stack or a Model, or input for from_torch, from_keras or from_onnx, got an int"),
        (lambda: open_lstm(lstm, x, name="rnn"), ValueError,
         "name must be left out for an LSTM, which is opened as a whole, got 'rnn'"),
        (lambda: open_lstm(lstm, x[..., :1]), ValueError,
         "x must have shape (T, N, D) or (T, D) with D = 2, got shape (9, 4, 1)"),
        (lambda: open_lstm(lstm, x, sequence=4), ValueError, "sequence must lie from 0 to 3, got 4"),
        (lambda: open_lstm(lstm, x[:, 0], sequence=1), ValueError, "sequence must lie from 0 to 0, got 1"),
        (lambda: open_lstm(lstm, x, labels="too short"[:-1]), ValueError,
         "labels must have one for each of the 9 steps, got 8"),
        (lambda: open_lstm(lstm, x, layer=1), ValueError, "layer must lie from 0 to 0, got 1"),
        (lambda: open_lstm(lstm, x, unit=3), ValueError, "unit must lie from 0 to 2, got 3"),
        (lambda: open_lstm(lstm, x, step=9), ValueError, "step must lie from 0 to 8, got 9"),
    ]:  # fmt: skip
        assert_refused(call, kind, sentence)
