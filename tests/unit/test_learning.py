"""The Learning explorer: at every moment of every run what the page of the LSTM computes; what its presets show."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from lstm_helpers.explorers import LearningExplorer, learning
from lstm_helpers.explorers.learning import EXAM, film
from lstm_helpers.interventions import intervene
from lstm_helpers.runs import NAMES, RECIPES, open_run, record
from lstm_helpers.runs import run as files
from lstm_helpers.training import softmax
from tests.support.learning import by_the_page, check_learning
from tests.support.refusals import assert_refused
from tests.support.tiers import later

pytestmark = pytest.mark.slow

OPENING = "cat: document gates, bias 3"
LEARNED = [OPENING, "cat: standard gates, bias 1", "cat: standard gates, bias 3", "first: delay 10, bias 0",
           "first: delay 10, bias 1", "first: delay 10, bias 3", "first: delay 40, bias 3"]  # fmt: skip
AT_ONCE = [OPENING, "first: delay 10, bias 0"]  # the others come with `make test`
EVERY = [name if name in AT_ONCE else pytest.param(name, marks=pytest.mark.slow) for name in NAMES]


@pytest.fixture(scope="module")
def explorer():
    return LearningExplorer()


@pytest.mark.parametrize("name", EVERY)
def test_at_every_moment_every_number_is_what_the_page_of_the_lstm_computes(name):
    """Of the film, at each of its moments; and of the panel, at a few, to every digit that is shown."""
    of, seen = film(name), by_the_page(name)
    assert len(of.moments) == len(seen) and of.moments[0] == 0 and of.moments[-1] == RECIPES[name].steps
    for k, now in enumerate(seen):
        for ours, theirs in (("f", "f"), ("i", "i"), ("o", "o"), ("c", "c"), ("c_twin", "twin"), ("p", "p")):
            np.testing.assert_allclose(getattr(of, ours)[k], now[theirs], rtol=1e-9, atol=1e-12)
        assert of.loss[k] == pytest.approx(now["loss"], rel=1e-9) and of.passed[k] == now["passed"]
        assert of.kept[k] == pytest.approx(np.prod(now["f"][of.exam.first + 1 :]), rel=1e-9, abs=1e-300)
    explorer = LearningExplorer(name, moment=-1)
    for k in (0, 7, 20, len(seen) - 1):
        explorer.move(moment=k)
        check_learning(explorer)


PLAYED = [OPENING, "first: delay 40, bias 0"]  # one of each task; of the others `make test` looks at a few moments


@pytest.mark.slow
@pytest.mark.parametrize("name", later(NAMES, now=PLAYED))
def test_the_panel_shows_every_moment_as_it_plays(name):
    explorer, player = LearningExplorer(name), None
    player = explorer.controls["play"].play
    check_learning(explorer)
    while player.value < player.max:
        player.value += 1  # as the browser counts
        check_learning(explorer)
    assert explorer.controls["moment"].shown == len(film(name).moments) - 1
    explorer.controls["play"].back.click()
    assert explorer.state["moment"] == 0 == explorer.controls["moment"].shown


@pytest.mark.parametrize("name", EVERY)
def test_who_learns(name):
    of = film(name)
    assert (of.got is not None) == (name in LEARNED)
    if of.got is None:
        assert (of.loss > 0.9 * of.guessing).all() and of.kept[-1] < 0.2
    else:
        assert (of.loss[of.got :] < of.guessing / 2).all() and of.loss[of.got - 1] >= of.guessing / 2
        assert of.passed[-1] == EXAM


@pytest.mark.parametrize("name", EVERY)
def test_the_questions_are_new_to_the_network_and_twins_differ_in_what_counts_alone(name):
    run, exam = open_run(name), film(name).exam
    differ = exam.x[:, :EXAM] != exam.x[:, EXAM:]
    assert differ[exam.first].any(axis=-1).all() and not differ[: exam.first].any()
    between = np.arange(len(exam.x))[:, None] > exam.first
    assert not differ[between[:, 0] & (np.arange(len(exam.x)) < exam.asked.min())].any()
    assert (exam.right[:EXAM] != exam.right[EXAM:]).all()
    assert (exam.x[exam.first].argmax(axis=-1) == exam.classes[exam.right]).all()
    if run.recipe.task == "first":
        assert (exam.asked == run.recipe.delay).all() and set(exam.right[:EXAM]) == {0, 1, 2, 3}
        return
    said = [[run.vocabulary.tokens[k] for k in x.argmax(axis=-1)] for x in exam.x[:, :EXAM].swapaxes(0, 1)]
    unseen = {" ".join(sentence[:-1]) for sentence in run.unseen}
    whole = [" ".join(words[: asked + 4]) for words, asked in zip(said, exam.asked[:EXAM], strict=True)]
    assert set(whole) <= unseen and len(set(whole)) == EXAM and np.bincount(exam.right[:EXAM]).tolist() == [16, 16]
    assert said[0][: len(exam.steps)] == exam.steps and exam.steps[-2:] == ["because", "the"]


@pytest.mark.parametrize("name", [OPENING, *(pytest.param(n, marks=pytest.mark.slow) for n in LEARNED[1:])])
def test_the_unit_that_is_shown_is_the_one_that_turns_the_answer(name):
    """Its twin's memory, written into it at a word in the middle, upsets the answer more than any other unit's."""
    run, of = open_run(name), film(name)
    model, exam = run.model(-1), of.exam
    half = (exam.first + exam.asked.min() + 1) // 2
    twin = np.concatenate([np.arange(EXAM, 2 * EXAM), np.arange(EXAM)])
    c = model.layer.forward(exam.x).c[half, twin]
    each, losses = np.arange(2 * EXAM), []
    for unit in range(run.recipe.units):
        h = intervene(model.layer, exam.x, half, unit, c=c[:, unit]).h
        p = softmax(model.readout.forward(h[exam.asked, each]))[each, exam.classes[exam.right]]
        losses.append(float(-np.log(p).mean()))
    assert int(np.argmax(losses)) == of.unit
    assert max(losses) > 10 * of.loss[-1], "it carries something"


def test_the_forget_gate_opens_as_the_plateau_breaks_and_with_bias_0_never():
    of, never = film("first: delay 10, bias 0"), film("first: delay 40, bias 0")
    plateau = np.flatnonzero(of.loss > 0.9 * of.guessing)[-1]
    assert 0 < plateau < of.got and (of.loss[: plateau + 1] > 0.9 * of.guessing).all()
    assert of.kept[: plateau + 1].max() < 0.01 and of.kept[of.got : of.got + 5].min() > 0.1
    assert never.kept.max() < 1e-3
    of, never = film(OPENING), film("cat: document gates, bias 0")
    assert of.kept[of.got :].min() > 0.9 > of.kept[0] and never.kept.max() < 0.2


def test_presets_are_moments_of_the_run_where_it_opens_whatever_was_chosen(explorer):
    of = film(OPENING)
    plateau = int(np.flatnonzero(of.loss[: of.got] > 0.9 * of.guessing)[-1])
    assert list(explorer.presets) == ["start", "the plateau", "it gets it", "the end", "bias 0, the end"]
    at = {"start": 0, "the plateau": plateau, "it gets it": of.got, "the end": of.last, "bias 0, the end": of.last}
    for name, moment in at.items():
        explorer.move(forget_bias=1)
        explorer.choose(name)
        bias = {"the end": 1, "bias 0, the end": 0}.get(name, 3)
        assert explorer.state == {"moment": moment, "forget_bias": bias, "reads_h": False}
        check_learning(explorer)
    explorer.choose("start")


def test_presets_of_a_run_that_never_learns_are_its_ends():
    explorer = LearningExplorer("first: delay 40, bias 1")
    assert list(explorer.presets) == ["start", "the end", "bias 0, the end"]


def test_another_run_is_shown_at_the_same_moment(explorer):
    explorer.move(moment=12)
    for gates in (True, False):
        for bias in (0, 1, 3):
            explorer.move(reads_h=gates, forget_bias=bias)
            assert explorer.controls["moment"].shown == 12
            check_learning(explorer)
    explorer.choose("start")


def test_a_prediction_is_compared_with_the_step_from_which_on_it_is_got():
    explorer = LearningExplorer(prediction=500)
    of = film(OPENING)
    for k, truth in ((0, "not yet"), (of.got - 1, "not yet"), (of.got, f"{of.moments[of.got]}"), (of.last, "55")):
        explorer.move(moment=k)
        assert explorer.sentence.endswith(f" You predicted 500 steps; here it is {truth}.")
    explorer.choose("bias 0, the end")
    assert explorer.sentence.endswith("here it is never.")
    (prediction,) = explorer._predictions
    ((x, y),) = prediction.points
    assert of.moments[int(x)] == 500 and y == pytest.approx(np.log(2))


def test_no_network_is_evaluated_when_the_slider_moves(explorer, monkeypatch):
    explorer.move(moment=3)
    monkeypatch.setattr(learning, "Film", None)
    monkeypatch.setattr(learning, "recorded", None)
    for k in range(0, 40, 5):
        explorer.move(moment=k)
    explorer.choose("start")


REFUSALS = {
    "no such run": (lambda: LearningExplorer("cat"), ValueError,
                    "run must be the name of a recorded run, such as 'cat: document gates, bias 0', got 'cat'"),
    "a moment too late": (lambda: LearningExplorer(moment=40), ValueError, "moment must lie from -40 to 39, got 40"),
    "half a moment": (lambda: LearningExplorer(moment=1.5), TypeError, "moment must be a whole number, got 1.5"),
    "less than no steps": (lambda: LearningExplorer(prediction=-1), ValueError,
                           "prediction must lie from 0 to inf, got -1.0"),
    "a bias that was not tried": (lambda: LearningExplorer().move(forget_bias=2), ValueError,
                                  "forget_bias must be one of [0, 1, 3], got 2"),
}  # fmt: skip


@pytest.mark.parametrize("call, kind, sentence", REFUSALS.values(), ids=REFUSALS)
def test_bad_input_gets_one_sentence(call, kind, sentence):
    assert_refused(call, kind, sentence)


class TestDamagedFiles:
    """A folder in which one run is intact, short, so that it is soon trained again, and that of bias 1 is damaged."""

    @pytest.fixture(autouse=True)
    def short(self, tmp_path, monkeypatch):
        monkeypatch.setattr(files, "FOLDER", tmp_path)
        monkeypatch.setattr(files, "_TRAINED", {})
        monkeypatch.setattr(learning, "film", cache(film.__wrapped__))
        for bias in (1, 3):
            name = f"cat: document gates, bias {bias}"
            monkeypatch.setitem(RECIPES, name, replace(RECIPES[name], steps=10))
        files.store(OPENING, record(RECIPES[OPENING], bar=False))
        files.file_of("cat: document gates, bias 1").write_bytes(b"damaged")

    def test_a_choice_is_one_sentence_and_the_panel_goes_on(self, capsys):
        """What was open stays open; the panel says what is wrong, and shows another run as soon as it is chosen."""
        explorer = LearningExplorer()
        with pytest.raises(ValueError, match=r"bias-1\.npz is damaged or something else"):
            explorer.move(forget_bias=1)
        assert "This could not be drawn. ValueError: name must be an intact run" in explorer._words.value
        assert capsys.readouterr().err == ""  # half a minute of training, behind a button, looks like a dead panel
        explorer.move(forget_bias=3)
        assert explorer.sentence.startswith("After 0 training steps")

    def test_a_page_opens_its_panel_and_from_then_on_it_may_be_chosen(self, capsys):
        opened = LearningExplorer("cat: document gates, bias 1")
        assert "bias-1.npz is missing or not intact, so the run is trained again" in capsys.readouterr().err
        assert opened.sentence.startswith("After 0 training steps")
        explorer = LearningExplorer()
        explorer.move(forget_bias=1, moment=2)
        assert explorer.sentence.startswith("After 10 training steps") and capsys.readouterr().err == ""
