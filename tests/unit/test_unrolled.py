"""The Unrolled explorer against plain loops: every number on it, what its programs do, what its sliders move."""

import functools

import numpy as np
import pytest

from lstm_helpers import EXAMPLES, LSTM
from lstm_helpers.explorers.unrolled import UnrolledExplorer, programs
from tests.support.expected import two
from tests.support.refusals import assert_refused
from tests.support.unrolled import check_unrolled

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", range(1, 7))
def test_every_number_is_the_equations_at_random_weights_and_inputs(seed):
    rng = np.random.default_rng(seed)
    H, D, T = (int(rng.integers(1, most + 1)) for most in (3, 4, 12))
    layer = LSTM(D, H)
    layer.W = rng.normal(0, 2, layer.W.shape)
    explorer = UnrolledExplorer(layer, rng.uniform(-1, 1, (T, D)), rng.normal(size=H) / 2, rng.normal(size=H))
    for _ in range(4):
        chosen = {"step": int(rng.integers(T)), "gate": int(rng.integers(4)), "source": int(rng.integers(H + D))}
        explorer.move(**chosen, **({"unit": int(rng.integers(H))} if H > 1 else {}))
        check_unrolled(explorer)
        explorer.move(x=rng.uniform(-1, 1), w=rng.uniform(-9, 9), b=rng.uniform(-9, 9))
        check_unrolled(explorer)


def test_one_step_is_a_step():
    layer = LSTM(1, 1)
    assert "After 1 step c = " in UnrolledExplorer(layer, [[0.5]]).sentence
    assert "After 2 steps c = " in UnrolledExplorer(layer, [[0.5], [0.5]]).sentence


def test_a_slider_moves_the_chosen_number_and_no_other():
    explorer = UnrolledExplorer("document")
    explorer.move(step=2, unit=1, gate=3, source=4)  # W_o of unit 2 on the second input
    before = explorer.state
    explorer.move(x=0.25, w=-3.0, b=1.5)
    changed = {name: np.argwhere(explorer.state[name] != before[name]).tolist() for name in "Wbx"}
    assert changed == {"W": [[3, 1, 4]], "b": [[3, 1]], "x": [[2, 1]]}
    explorer.move(source=0)  # a unit's h: the slider keeps the last input
    explorer.move(x=-0.5)
    assert explorer.state["x"][2].tolist() == [before["x"][2, 0], -0.5, before["x"][2, 2]]


def test_a_pulse_is_on_or_off_at_the_chosen_step_alone():
    explorer = UnrolledExplorer("count pulses")
    before = explorer.state["x"][:, 0].tolist()
    explorer.move(step=2, pulse=1)
    assert explorer.state["x"][:, 0].tolist() == [*before[:2], 1.0, *before[3:]]
    check_unrolled(explorer)
    explorer.move(x=0.4)  # neither on nor off
    assert explorer.controls["pulse"].buttons.value is None
    explorer.controls["pulse"].buttons.value = 0  # as a click does
    assert explorer.state["x"][2, 0] == 0 and explorer.controls["x"].handle.value == 0
    assert "pulse" not in UnrolledExplorer("document").controls


@pytest.mark.parametrize("seed", range(3))
def test_every_number_is_the_equations_at_random_weights_and_words(seed):
    rng = np.random.default_rng(seed)
    names = ["one", "two", "fox", "four"][: rng.integers(1, 5)]
    layer = LSTM(len(names), int(rng.integers(1, 4)))
    layer.W = rng.normal(0, 2, layer.W.shape)
    words = list(rng.choice(names, rng.integers(1, 9)))
    explorer = UnrolledExplorer(layer, words=words, names=names)
    for _ in range(3):
        step, word = int(rng.integers(len(words))), str(rng.choice(names))
        explorer.move(step=step, gate=int(rng.integers(4)), source=int(rng.integers(layer.hidden_size + len(names))))
        explorer.move(word=word, w=rng.uniform(-9, 9))
        words[step] = word
        assert [text.get_text() for text in explorer.picture.words] == words
        assert explorer.sentence.startswith(f"Step {step + 1}, “{word}”: ")
        check_unrolled(explorer)


def pulses(seed, low=0.0):
    rng = np.random.default_rng(seed)
    return (rng.uniform(0.5, 1, 12) if low else np.ones(12)) * (rng.random(12) < 0.4)


@pytest.mark.parametrize("seed", range(8))
def test_each_program_does_what_its_name_says_on_fresh_sequences(seed):
    x = pulses(seed)
    assert memory("count pulses", x) == pytest.approx(0.1 * np.cumsum(x), abs=0.01)
    toggled = memory("toggle", x)
    assert np.sign(np.round(toggled, 2)).tolist() == [0 if n == 0 else 1 if n % 2 else -1 for n in np.cumsum(x)]
    heights = pulses(seed, low=0.5)
    remembered = memory("remember the first pulse", heights)
    first = np.flatnonzero(heights)
    if len(first):
        assert remembered[first[0] :] == pytest.approx(np.tanh(heights[first[0]]), abs=0.03)
    assert remembered[: first[0] if len(first) else None] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("seed", range(8))
def test_the_animal_is_the_last_one_in_fresh_sentences(seed):
    rng, c = np.random.default_rng(seed), 0.0
    words = list(rng.choice(["cat", "dog", "sat", "mat"], 8))
    remembered = memories(UnrolledExplorer("remember the animal", words=words))
    for word, value in zip(words, remembered, strict=True):
        c = {"cat": 0.9, "dog": -0.9}.get(word, c)
        assert value == pytest.approx(c, abs=0.001)


def memory(program, x):
    """The memory after each step, as the panel computes it."""
    explorer = panel()
    return explorer.show(**{**explorer.state, **programs()[program], "x": x[:, None]})[0]["run"]["c"]


@functools.cache
def panel():
    return UnrolledExplorer()


def test_the_presets_are_the_programs():
    explorer = UnrolledExplorer("toggle")
    for name, program in programs().items():
        explorer.choose(name)
        assert all(np.array_equal(explorer.state[key], program[key]) for key in program)
        check_unrolled(explorer)


def test_the_documents_gates_and_candidate_are_those_of_its_layer_at_step_1():
    explorer = UnrolledExplorer("document")
    stated = {"f": EXAMPLES["forget_gate"].stated, **EXAMPLES["input_gate"].on_the_way}
    stated["o"] = EXAMPLES["output_gate"].on_the_way["o"]
    for unit in range(3):
        explorer.move(unit=unit, step=0)
        for letter, values in stated.items():
            assert explorer.picture.gate_numbers[letter].get_text() == two(values[unit])


def test_what_notebook_06_says_of_the_first_input():
    explorer = UnrolledExplorer("document")

    def first_and_last():
        c = explorer.picture.lines["c"].get_ydata()
        return two(c[1]), two(c[-1])

    assert first_and_last() == ("0.71", "0.53")
    explorer.move(source=3)
    explorer.move(x=-1.0)
    assert first_and_last() == ("0.57", "0.52")
    explorer.choose("start")
    explorer.move(step=11)
    explorer.move(x=-1.0)
    assert first_and_last() == ("0.71", "0.41")
    explorer.choose("start")
    f = explorer.show(**explorer.state | {"unit": 1})[0]["run"]["f"]
    assert (two(f[0]), two(f[-1])) == ("0.20", "0.19")
    explorer.move(b=10.0)
    rises = np.diff(memories(explorer))
    assert rises.min() > 0.95 * rises.max()  # in a straight line
    explorer.choose("start")
    before = explorer.show(**explorer.state)[0]["run"]["f"]
    explorer.move(source=0, w=2.0)
    assert (explorer.show(**explorer.state)[0]["run"]["f"] > before + 0.01).all()


def test_what_notebook_07_says_of_the_animal():
    explorer = UnrolledExplorer("remember the animal")
    assert two(memories(explorer)[-1]) == "0.90" and explorer.state["step"] == 0
    cat = {letter: explorer.picture.gate_numbers[letter].get_text() for letter in "fio"}
    explorer.move(word="dog")
    assert cat == {letter: explorer.picture.gate_numbers[letter].get_text() for letter in "fio"}
    assert [two(c) for c in memories(explorer)] == ["−0.90"] * 6
    explorer.move(step=2, gate=1, source=4)  # at "mat": its weight in i
    assert explorer.picture.gate_numbers["g"].get_text() == "0.70"
    assert (explorer.controls["w"].shown, explorer.picture.z[1].get_text()) == (0, "−10.0")
    explorer.move(step=3, word="cat", gate=0, source=1)
    assert explorer.controls["w"].shown == -20 and two(memories(explorer)[-1]) == "0.90"
    explorer.move(w=0)
    assert two(memories(explorer)[-1]) == "0.00"


def test_what_notebook_07_says_of_counting_with_weights():
    explorer = UnrolledExplorer("count pulses")
    assert explorer.state["x"].sum() == 5 and two(memories(explorer)[-1]) == "0.50"
    explorer.choose("toggle")
    assert explorer.state["W"][2, 0, 0] == -20
    explorer.choose("remember the first pulse")
    assert explorer.state["W"][1, 0, 0] == -80
    of_h, of_x, bias = *explorer.state["W"][1, 0], explorer.state["b"][1, 0]
    assert 1 / (1 + np.exp(-(of_h * 0.3 + of_x + bias))) < 0.02  # the input gate at a pulse, once h is 0.3


def memories(explorer):
    """The memory of unit 1 after each step."""
    return explorer.show(**explorer.state)[0]["run"]["c"]


def test_refusals():
    assert_refused(
        lambda: UnrolledExplorer("count"),
        ValueError,
        "layer must be an LSTM or one of document, remember the first pulse, count pulses, toggle, "
        "remember the animal, got 'count'",
    )
    assert_refused(
        lambda: UnrolledExplorer(LSTM(5, 1), np.zeros((3, 5))),
        ValueError,
        "layer must have at most 3 units and 4 inputs, got 1 and 5",
    )
    assert_refused(
        lambda: UnrolledExplorer(LSTM(1, 1, peepholes=True), np.zeros((3, 1))),
        TypeError,
        "layer must be an LSTM without options, got <lstm_helpers.layers.lstm.LSTM object...",
    )
    assert_refused(
        lambda: UnrolledExplorer(LSTM(1, 1)), TypeError, "x must be given with a layer: its inputs, of shape (T, D)"
    )
    assert_refused(
        lambda: UnrolledExplorer(LSTM(1, 1), np.zeros((13, 1))),
        ValueError,
        "x must have shape (T, 1) with at most 12 steps, got shape (13, 1)",
    )


@pytest.mark.parametrize(
    "given, kind, message",
    [
        ({"words": ["cow"]}, ValueError, "words must be from cat, dog, sat, mat, got 'cow'"),
        ({"words": ["cat"] * 9}, ValueError, "words must be a list of 1 to 8 words, got 9"),
        ({"words": []}, ValueError, "words must be a list of 1 to 8 words, got 0"),
        ({"words": "cat"}, TypeError, "words must be a list of words, got 'cat'"),
        ({"words": ["cat"], "x": np.zeros((1, 4))}, TypeError, "words must be given instead of x, got both"),
        (
            {"names": ["cat", "dog"]},
            ValueError,
            "names must be 4 different words, one for each input, got ['cat', 'dog']",
        ),
        (
            {"names": ["a", "b", "a", "c"]},
            ValueError,
            "names must be 4 different words, one for each input, got ['a', 'b', 'a', 'c']",
        ),
        (
            {"words": ["a"], "names": ["a", "b", "c", "mouse"]},
            ValueError,
            "names must have at most 4 letters if they are words, got 'mouse'",
        ),
    ],
)
def test_refusals_of_words(given, kind, message):
    assert_refused(lambda: UnrolledExplorer("remember the animal", **given), kind, message)
