"""Learning explorer: its numbers at every moment of every run are those of the reference LSTM; its presets."""

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
from tests.support.learning import by_the_reference, check_learning
from tests.support.refusals import assert_refused
from tests.support.tiers import later

pytestmark = pytest.mark.slow

OPENING = "cat: document gates, bias 3"
LEARNED = [OPENING, "cat: standard gates, bias 1", "cat: standard gates, bias 3", "first: delay 10, bias 0",
           "first: delay 10, bias 1", "first: delay 10, bias 3", "first: delay 40, bias 3"]  # fmt: skip


@pytest.fixture(scope="module")
def explorer():
    return LearningExplorer()


@pytest.mark.parametrize("name", NAMES)
def test_every_number_of_every_moment_agrees_with_the_reference(name):
    """All moments of the film; a few of the panel, to every digit that it shows."""
    shown, seen = film(name), by_the_reference(name)
    assert len(shown.moments) == len(seen) and shown.moments[0] == 0 and shown.moments[-1] == RECIPES[name].steps
    for k, now in enumerate(seen):
        for part in ("f", "i", "o", "c", "c_twin", "p"):
            np.testing.assert_allclose(getattr(shown, part)[k], now[part], rtol=1e-9, atol=1e-12)
        assert shown.loss[k] == pytest.approx(now["loss"], rel=1e-9) and shown.passed[k] == now["passed"]
        assert shown.kept[k] == pytest.approx(np.prod(now["f"][shown.exam.first + 1 :]), rel=1e-9, abs=1e-300)
    explorer = LearningExplorer(name, moment=-1)
    for k in (0, 7, 20, len(seen) - 1):
        explorer.move(moment=k)
        check_learning(explorer)


PLAYED = [OPENING, "first: delay 40, bias 0"]  # one of each task; the others play in `make test-all`


@pytest.mark.parametrize("name", later(NAMES, now=PLAYED))
def test_the_panel_shows_every_moment_as_it_plays(name):
    explorer = LearningExplorer(name)
    player = explorer.controls["play"].play
    check_learning(explorer)
    while player.value < player.max:
        player.value += 1  # as the browser counts
        check_learning(explorer)
    assert explorer.controls["moment"].shown == len(film(name).moments) - 1
    explorer.controls["play"].back.click()
    assert explorer.state["moment"] == 0 == explorer.controls["moment"].shown


@pytest.mark.parametrize("name", NAMES)
def test_which_runs_learn(name):
    shown = film(name)
    assert (shown.got is not None) == (name in LEARNED)
    if shown.got is None:
        assert (shown.loss > 0.9 * shown.guessing).all() and shown.kept[-1] < 0.2
    else:
        assert (shown.loss[shown.got :] < shown.guessing / 2).all() and shown.loss[shown.got - 1] >= shown.guessing / 2
        assert shown.passed[-1] == EXAM


@pytest.mark.parametrize("name", NAMES)
def test_the_questions_are_unseen_and_twins_differ_only_in_what_to_remember(name):
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


@pytest.mark.parametrize("name", LEARNED)
def test_the_shown_unit_is_the_one_that_turns_the_answer(name):
    """Writing the twin's memory into it halfway costs more than doing so to any other unit."""
    run, shown = open_run(name), film(name)
    model, exam = run.model(-1), shown.exam
    half = (exam.first + exam.asked.min() + 1) // 2
    twin = np.concatenate([np.arange(EXAM, 2 * EXAM), np.arange(EXAM)])
    c = model.layer.forward(exam.x).c[half, twin]
    each, losses = np.arange(2 * EXAM), []
    for unit in range(run.recipe.units):
        h = intervene(model.layer, exam.x, half, unit, c=c[:, unit]).h
        p = softmax(model.readout.forward(h[exam.asked, each]))[each, exam.classes[exam.right]]
        losses.append(float(-np.log(p).mean()))
    assert int(np.argmax(losses)) == shown.unit
    assert max(losses) > 10 * shown.loss[-1], "it carries something"


def test_the_forget_gate_opens_as_the_plateau_breaks_and_with_bias_0_never():
    shown, never = film("first: delay 10, bias 0"), film("first: delay 40, bias 0")
    plateau = np.flatnonzero(shown.loss > 0.9 * shown.guessing)[-1]
    assert 0 < plateau < shown.got and (shown.loss[: plateau + 1] > 0.9 * shown.guessing).all()
    assert shown.kept[: plateau + 1].max() < 0.01 and shown.kept[shown.got : shown.got + 5].min() > 0.1
    assert never.kept.max() < 1e-3
    shown, never = film(OPENING), film("cat: document gates, bias 0")
    assert shown.kept[shown.got :].min() > 0.9 > shown.kept[0] and never.kept.max() < 0.2


def test_presets_are_moments_of_the_opening_run_from_any_state(explorer):
    shown = film(OPENING)
    plateau = int(np.flatnonzero(shown.loss[: shown.got] > 0.9 * shown.guessing)[-1])
    assert list(explorer.presets) == ["start", "the plateau", "it gets it", "the end", "bias 0, the end"]
    end = shown.last
    moments = {"start": 0, "the plateau": plateau, "it gets it": shown.got, "the end": end, "bias 0, the end": end}
    for name, moment in moments.items():
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


def test_a_prediction_is_compared_with_the_step_at_which_the_network_gets_it():
    explorer = LearningExplorer(prediction=500)
    shown = film(OPENING)
    got = shown.got
    not_yet = "it has not got it yet"
    for k, truth in ((0, not_yet), (got - 1, not_yet), (got, f"it is {shown.moments[got]}"), (shown.last, "it is 55")):
        explorer.move(moment=k)
        assert explorer.sentence.endswith(f" You predicted 500 steps; here {truth}.")
    explorer.choose("bias 0, the end")
    assert explorer.sentence.endswith("here it never gets it.")
    (prediction,) = explorer._predictions
    ((x, y),) = prediction.points
    assert shown.moments[int(x)] == 500 and y == pytest.approx(np.log(2))


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
                           "prediction must be at least 0, got -1.0"),
    "a bias that was not tried": (lambda: LearningExplorer().move(forget_bias=2), ValueError,
                                  "forget_bias must be one of [0, 1, 3], got 2"),
}  # fmt: skip


@pytest.mark.parametrize("call, kind, sentence", REFUSALS.values(), ids=REFUSALS)
def test_bad_input_gets_one_sentence(call, kind, sentence):
    assert_refused(call, kind, sentence)


class TestDamagedFiles:
    """Short runs, quick to train again: that of bias 3 is intact, that of bias 1 is damaged."""

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

    def test_choosing_a_damaged_run_says_so_and_the_panel_still_works(self, capsys):
        explorer = LearningExplorer()
        with pytest.raises(ValueError, match=r"bias-1\.npz is damaged or something else"):
            explorer.move(forget_bias=1)
        assert "This could not be drawn. ValueError: name must be an intact run" in explorer._words.value
        assert capsys.readouterr().err == ""  # no training: half a minute of it would look like a dead panel
        explorer.move(forget_bias=3)
        assert explorer.sentence.startswith("After 0 training steps")

    def test_opening_with_a_damaged_run_trains_it_and_then_it_may_be_chosen(self, capsys):
        opened = LearningExplorer("cat: document gates, bias 1")
        assert "bias-1.npz is missing or not intact, so the run is trained again" in capsys.readouterr().err
        assert opened.sentence.startswith("After 0 training steps")
        explorer = LearningExplorer()
        explorer.move(forget_bias=1, moment=2)
        assert explorer.sentence.startswith("After 10 training steps") and capsys.readouterr().err == ""
