"""The recorded runs: they follow from their recipes, and damaged files are refused."""

import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from lstm_helpers.runs import NAMES, RECIPES, Exam, Recipe, open_run, record
from lstm_helpers.runs import run as files
from lstm_helpers.runs.run import recorded
from lstm_helpers.training import Model, cross_entropy
from tests.support.refusals import assert_refused

pytestmark = pytest.mark.slow

FEW = 20  # steps: after so few, processors that round differently still agree
CATS = [name for name in NAMES if name.startswith("cat")]
SMALL = Recipe("cat", 2, 1.0, reads_h=False, nouns=("cat", "dog"), steps=7)


@pytest.mark.parametrize("name", NAMES)
def test_training_the_first_steps_again_reproduces_the_recording(name):
    run = recorded(name)
    again = record(replace(run.recipe, steps=FEW), bar=False)
    np.testing.assert_allclose(again.loss, run.loss[:FEW], rtol=1e-5)
    assert again.moments[-1] == FEW
    for ours, theirs in zip(again.weights, run.weights, strict=True):
        np.testing.assert_allclose(ours, theirs[: len(ours)], rtol=2e-3, atol=1e-6)


@pytest.mark.parametrize(
    "until", [pytest.param(300, marks=pytest.mark.slow), pytest.param(None, marks=pytest.mark.long)]
)
@pytest.mark.parametrize("name", NAMES)
def test_the_model_of_each_moment_has_the_recorded_loss(name, until):
    """On the batch of that step, since the batches depend on the seed alone."""
    run = recorded(name)
    moments, (_, batch) = run.moments[:-1], run.recipe.begin()
    moments = moments[moments <= (until or moments[-1])]
    batches = [batch() for _ in range(moments[-1] + 1)]
    for k, moment in enumerate(moments):
        x, target, weight = batches[moment]
        assert run.model(k).gradients(x, target, cross_entropy, weight)[0] == pytest.approx(run.loss[moment], rel=5e-3)


def test_the_recipes_cover_all_gates_biases_and_delays():
    recipes = [recorded(name).recipe for name in NAMES]
    cats = {(r.reads_h, r.forget_bias, r.units, r.nouns) for r in recipes if r.task == "cat"}
    assert cats == {(reads_h, bias, 16, ("cat", "dog")) for reads_h in (False, True) for bias in (0, 1, 3)}
    first = [(r.forget_bias, r.delay) for r in recipes if r.task == "first"]
    delays = {delay for _, delay in first}
    assert len(delays) == 2 and sorted(first) == [(bias, delay) for bias in (0, 1, 3) for delay in sorted(delays)]
    assert sum(files.file_of(name).stat().st_size for name in NAMES) < 2.5e6


@pytest.mark.parametrize("name", NAMES)
def test_attributes_of_a_run(name):
    run = recorded(name)
    assert (run.name, run.recipe) == (name, RECIPES[name])
    assert run.loss.shape == (run.recipe.steps,)
    assert (run.moments[0], run.moments[-1]) == (0, run.recipe.steps) and 35 <= len(run.moments) <= 45
    gaps = np.diff(run.moments)
    assert (gaps > 0).all() and gaps[0] < gaps[-1]
    first, last = run.model(0), run.model(-1)
    assert isinstance(last, Model) and last is not run.model(-1)
    np.testing.assert_array_equal(first.layer.b_f, run.recipe.forget_bias)
    assert not np.array_equal(first.layer.W, last.layer.W)


@pytest.mark.parametrize("name", CATS)
def test_the_documents_gates_never_read_h(name):
    run = recorded(name)
    for k in range(len(run.moments)):
        layer = run.model(k).layer
        reads = {gate: np.abs(getattr(layer, f"W_{gate}")[:, :16]).max() > 0 for gate in "figo"}
        assert reads == {"f": True, "i": run.recipe.reads_h, "g": run.recipe.reads_h, "o": True}


def test_the_documents_model_has_gradient_0_for_weights_on_h():
    """All other gradients equal those of a plain model with the same weights."""
    model, batch = SMALL.begin()
    x, target, weight = batch()
    _, (dW, _) = model.gradients(x, target, cross_entropy, weight)
    _, (plain, _) = Model(model.layer, model.readout).gradients(x, target, cross_entropy, weight)
    kept = np.ones_like(dW)
    for name in ("W_i", "W_g"):
        kept[model.layer.parts[name]][:, : model.layer.hidden_size] = 0
    assert (kept == 0).sum() == 8
    np.testing.assert_array_equal(dW, kept * plain)


@pytest.mark.parametrize("name", CATS)
def test_sentences_and_vocabulary_of_the_cat_runs(name):
    run = recorded(name)
    learn, unseen = run.recipe.sentences()
    assert run.unseen == unseen and not {tuple(s) for s in learn} & {tuple(s) for s in unseen}
    assert len(run.vocabulary) == run.model(0).layer.input_size == 32
    exam = run.exam()
    for k, sentence in enumerate(unseen[:50]):
        assert sentence[exam.asked[k] + 1] == sentence[1] == run.vocabulary.decode([exam.right[k]])[0]


def test_a_long_lag_has_no_sentences():
    run = recorded(next(name for name in NAMES if name not in CATS))
    sentence = 'sentences belong to the task "cat"; this is "first"'
    for ask in (lambda: run.unseen, lambda: run.vocabulary, run.recipe.sentences):
        assert_refused(ask, ValueError, sentence)
    x, _, weight = run.recipe.begin()[1]()
    assert x.shape == (run.recipe.delay + 1, 32, 8) and (weight[-1] == 1).all()


def test_a_recipe_must_fit_its_task():
    for wrong in ({"delay": 3, "nouns": ("cat", "dog")}, {}):
        for task in ("cat", "first"):
            with pytest.raises(ValueError, match="a recipe has nouns"):
                Recipe(task, 2, 1.0, **wrong)
    assert_refused(lambda: Recipe("dog", 2, 1.0), ValueError, "task must be one of ['cat', 'first'], got 'dog'")


class TestFiles:
    """A run of seven steps in a temporary folder, under the first name."""

    @pytest.fixture
    def path(self, tmp_path, monkeypatch):
        monkeypatch.setattr(files, "FOLDER", tmp_path)
        monkeypatch.setattr(files, "_TRAINED", {})
        monkeypatch.setitem(RECIPES, NAMES[0], SMALL)
        files.store(NAMES[0], record(SMALL, bar=False))
        return files.file_of(NAMES[0])

    @staticmethod
    def arrays(path):
        with np.load(path) as file:
            return dict(file)

    def test_a_round_trip(self, path):
        run, again = record(SMALL, bar=False), recorded(NAMES[0])
        assert again.recipe == SMALL
        kept = [(one.loss, one.moments, *one.weights) for one in (run, again)]
        for ours, theirs in zip(*kept, strict=True):
            np.testing.assert_array_equal(ours, theirs)
            assert ours.dtype == theirs.dtype

    @pytest.mark.parametrize("run", [lambda: recorded(NAMES[0]), lambda: record(SMALL, bar=False)])
    def test_arrays_are_read_only(self, run, path):
        for array in (run().loss, run().moments, *run().weights):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0

    @pytest.mark.parametrize("part", ["loss", "moments", "layer", "readout"])
    def test_a_wrong_array_is_refused(self, part, path):
        good = self.arrays(path)
        nan = np.full_like(good[part], np.nan) if good[part].dtype.kind == "f" else good[part] + 1
        without = {name: array for name, array in good.items() if name != part}
        for bad in (good[part][1:], good[part].astype(np.float64), good[part][None], nan, None):
            np.savez(path, **without, **({} if bad is None else {part: bad}))
            self.is_refused(path)

    def test_a_different_recipe_is_refused(self, path, monkeypatch):
        monkeypatch.setitem(RECIPES, NAMES[0], replace(SMALL, seed=2))
        self.is_refused(path)

    def test_an_extra_array_is_refused(self, path):
        np.savez(path, **self.arrays(path), more=np.ones(2))
        self.is_refused(path)

    @pytest.mark.parametrize("content", [b"", b"not a run", b"half"])
    def test_a_damaged_file_is_refused(self, content, path):
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2] if content == b"half" else content)
        self.is_refused(path)

    def test_a_missing_file_is_refused(self, path):
        path.unlink()
        sentence = f"name must be a run made by `make runs`; there is no file {path}"
        assert_refused(lambda: recorded(NAMES[0]), FileNotFoundError, sentence)

    @staticmethod
    def is_refused(path):
        sentence = f"name must be an intact run made by `make runs`; {path} is damaged or something else"
        assert_refused(lambda: recorded(NAMES[0]), ValueError, sentence)

    @pytest.mark.parametrize("content", [None, b"not a run", "another's"])
    def test_open_run_trains_again_if_the_file_is_not_intact(self, content, path, monkeypatch, capsys):
        """It prints one sentence once; the new run equals the recorded one."""
        before = open_run(NAMES[0])
        assert capsys.readouterr().err == ""
        if content == "another's":
            monkeypatch.setitem(RECIPES, NAMES[0], replace(SMALL, seed=2))
            files.store(NAMES[0], record(RECIPES[NAMES[0]], bar=False))
            monkeypatch.setitem(RECIPES, NAMES[0], SMALL)
        else:
            path.unlink()
            if content:
                path.write_bytes(content)
        run = open_run(NAMES[0])
        said = f"{path} is missing or not intact, so the run is trained again, in half a minute or more."
        assert [line for line in capsys.readouterr().err.splitlines() if "\r" not in line and line] == [said]
        assert (run.name, run.recipe) == (NAMES[0], SMALL)
        for ours, theirs in zip((run.loss, *run.weights), (before.loss, *before.weights), strict=True):
            np.testing.assert_array_equal(ours, theirs)
        assert open_run(NAMES[0]) is recorded(NAMES[0]) is run and capsys.readouterr().err == ""

    def test_an_interrupt_of_that_training_is_raised(self, path, interruptible, monkeypatch):
        """Explorers need the whole run. The next call trains from the start."""
        path.unlink()
        stopped = replace(record(SMALL, bar=False), recipe=replace(SMALL, steps=4))
        monkeypatch.setattr(files, "record", lambda recipe: stopped)
        with pytest.raises(KeyboardInterrupt):
            open_run(NAMES[0])
        monkeypatch.undo()
        assert NAMES[0] not in files._TRAINED

    def test_no_such_run(self):
        sentence = 'name must be one of the 12 in lstm_helpers.runs.NAMES, such as "first: delay 40, bias 3", got '
        for wrong in ("cat", "cat-document-gates-bias-3", "../run", None):
            assert_refused(lambda wrong=wrong: open_run(wrong), ValueError, f"{sentence}{wrong!r}")


def test_an_interrupted_training_is_a_shorter_run(interruptible, monkeypatch):
    """Its steps equal those of the whole training."""
    draw, drawn = files.Recipe.begin, []

    def begin(recipe):
        model, batch = draw(recipe)

        def interrupted():
            drawn.append(1)
            if len(drawn) == 4:
                signal.raise_signal(signal.SIGINT)
            return batch()

        return model, interrupted

    whole = record(SMALL, bar=False)
    monkeypatch.setattr(files.Recipe, "begin", begin)
    run = record(SMALL, bar=False)
    assert run.recipe == replace(SMALL, steps=4)
    assert run.moments.tolist() == [0, 4]
    np.testing.assert_array_equal(run.loss, whole.loss[:4])
    monkeypatch.undo()
    np.testing.assert_array_equal(run.model(-1).layer.W, record(run.recipe, bar=False).model(-1).layer.W)


def test_importing_the_package_does_not_import_runs():
    code = "import sys, lstm_helpers; print(*(name for name in sys.modules if 'runs' in name or 'training' in name))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"


class TestClaimsOfTheNotebooks:
    """Claims about these runs, on a part of the unseen sentences; for ten seeds see test_claims.py."""

    @staticmethod
    def exam(name, k=-1):
        run = recorded(name)
        return Exam(run.model(k), run.unseen[::8], run.vocabulary)

    @pytest.mark.parametrize("name", CATS)
    def test_which_networks_learn_the_noun(self, name):
        run = recorded(name)
        learns = run.recipe.forget_bias == 3 or (run.recipe.forget_bias == 1 and run.recipe.reads_h)
        at_150 = int(np.flatnonzero(run.moments == 150)[0])
        accuracy = [self.exam(name, k).accuracy() for k in (at_150, -1)]
        assert min(accuracy) > 0.99 if learns else max(accuracy) < 0.6

    @pytest.mark.parametrize("name", sorted(set(NAMES) - set(CATS)))
    def test_which_networks_remember_the_first_symbol(self, name):
        run = recorded(name)
        learns = run.recipe.delay == 10 or run.recipe.forget_bias == 3
        assert run.loss[-100:].mean() < 0.05 if learns else run.loss[-100:].mean() > 1.3

    def test_whether_the_forget_gate_or_rewriting_keeps_the_noun(self):
        """After forgetting, the document's network has lost the noun; the standard one writes it again."""
        holds, rewrites = (self.exam(f"cat: {gates} gates, bias 3") for gates in ("document", "standard"))
        for word in ("sat", "on", "because"):
            assert 0.45 < holds.accuracy(holds.forgetting(word)) < 0.55
        assert rewrites.accuracy(rewrites.forgetting("because")) > 0.99
        costs = holds.costs("sat")
        unit, second = (int(unit) for unit in np.argsort(costs)[:-3:-1])
        assert 0.45 < costs[unit] < 0.51 and abs(costs[second]) < 0.01
        layer = holds.model.layer
        f = layer.forward(holds.x).f[holds.at("on"), np.arange(len(holds.asked)), unit]
        assert f.min() > 0.98
