"""Claims of notebook 14 about its model: the prose against the file, its two files, and other seeds of the recipe."""

import nbformat
import numpy as np
import pytest

from lstm_helpers import half_life, logit, sigmoid
from lstm_helpers.interop import from_torch
from lstm_helpers.interventions import intervene
from lstm_helpers.measures import effects, movement, saturation
from lstm_helpers.runs import calls_state
from lstm_helpers.tasks import Vocabulary, nested_calls, one_hot, sentences_batch
from lstm_helpers.training import Readout, softmax
from tests.support.notebooks import ROOT, prose_of, text_of
from tools.notebooks import execute

PAGE = "14_open_your_own_lstm"
VOCABULARY = Vocabulary('\n"(),abcdefgh')


def test_numbers_in_the_prose():
    prose, state = prose_of(PAGE), calls_state()
    f = sigmoid(from_torch(state).layers[1].b_f[3])
    assert f"f = σ({logit(f):.2f}) = {f:.2f}" in prose and f"After {half_life(f):.1f}." in prose
    assert f"one number of {sum(array.size for array in state.values()):,}" in prose
    assert "two layers of 8 units" in prose and state["lstm.weight_hh_l1"].shape == (32, 8)


def test_claims_about_the_gates():
    prose, lines = prose_of(PAGE), nested_calls(200, rng=np.random.default_rng(14))
    lengths = [len(line) - 1 for line in lines]
    assert "a third of the lines have 20 characters or more" in prose
    assert np.mean(np.array(lengths) >= 20) == pytest.approx(1 / 3, abs=0.02)
    upper = from_torch(calls_state()).forward(sentences_batch(lines, VOCABULARY).x, lengths=lengths).layers[1]
    below, above = saturation(upper.f, lengths=lengths)
    assert "units 3 to 6 stand at the left" in prose and (below[3:7] < 0.01).all() and (above[3:7] > 0.3).all()
    assert "Units 0, 1 and 2, at the lower right, forget at most steps" in prose and (below[:3] > 0.5).all()
    assert "Unit 7 lies between, and is never open" in prose and 0.1 < below[7] < 0.4 and above[7] == 0
    text = np.array([list(line[:-1].ljust(len(upper.f))) for line in lines]).T
    closing = text == ")"
    assert "only about three quarters open" in prose and upper.f[closing][:, 3].mean() == pytest.approx(0.75, abs=0.03)
    closing &= np.cumsum(text == '"', axis=0) % 2 == 0  # outside of strings, where it counts
    before = np.concatenate([np.zeros_like(upper.c[:1]), upper.c[:-1]])
    lost, written = (values[closing][:, 3].mean() for values in ((1 - upper.f) * before, upper.i * upper.g))
    assert "about −1 there, takes off still more" in prose and written < -0.9 and 0 < lost < -written


def test_claims_about_single_lines():
    prose, stack = prose_of(PAGE), from_torch(calls_state())
    line, string = 'b(f,g("a(,h",c(d)))\n', 'a("bcdefgh")'
    seen = [stack.forward(one_hot(VOCABULARY.encode(text), len(VOCABULARY))).layers[1] for text in (line, string)]
    moved = np.diff(seen[0].c[:, 3], prepend=0)
    outside = [t for t in range(len(line)) if not 6 < t < 11]
    assert "goes up at each `(`" in prose and all(moved[t] > 0.3 for t in outside if line[t] == "(")
    assert "down at each `)`" in prose and all(moved[t] < -1 for t in outside if line[t] == ")")
    assert "At the `(` inside the string it stands still" in prose and abs(moved[8]) < 0.05
    assert "at every letter of the string after the first: f is 0" in prose and (seen[1].f[4:10, 0] < 0.02).all()
    order = np.argsort(-movement(seen[0].h))
    assert "only fifth among the units that move most" in prose and order[4] == 3
    matters = effects(stack, one_hot(VOCABULARY.encode(line), len(VOCABULARY)), which=1)
    assert "even *matters most* chooses another" in prose and matters.argmax() != 3
    assert "almost 1 once two are open" in prose and np.tanh(seen[0].c[5, 3]) > 0.95


def test_its_two_files_have_the_same_weights():
    torch = pytest.importorskip("torch")
    file = torch.load(ROOT / "notebooks" / "14_calls.pt", weights_only=True)
    state = calls_state()
    assert list(file) == list(state)
    for name, weight in file.items():
        np.testing.assert_array_equal(weight.numpy(), state[name])


@pytest.mark.slow
def test_it_runs_without_its_file(tmp_path):
    """As on Colab, which has PyTorch but only the notebook."""
    pytest.importorskip("torch")
    book = nbformat.read(ROOT / "notebooks" / f"{PAGE}.ipynb", as_version=4)
    (last,) = [k for k, cell in enumerate(book.cells) if "torch.load(" in cell.source and cell.cell_type == "code"]
    book.cells = book.cells[: last + 1]
    execute(book, str(tmp_path))
    assert "the same, to 1e-5" in text_of(book.cells[-1].outputs[-1])


@pytest.mark.slow
def test_its_recipe_makes_arrays_of_these_shapes(monkeypatch):
    pytest.importorskip("torch")
    from tools import calls

    monkeypatch.setattr(calls, "STEPS", 2)
    made = calls.arrays_of(calls.train(calls.SEED))
    assert {name: array.shape for name, array in made.items()} == {n: a.shape for n, a in calls_state().items()}


def drops(state):
    """The drop in the probability of a line break after the last parenthesis if one unit alone is set: (2, H).

    It is set to its mean after parentheses that leave two open, over 150 lines.
    """
    stack, readout = from_torch(state), Readout(8, len(VOCABULARY), dtype=np.float32)
    readout.W_y, readout.b_y = state["readout.weight"], state["readout.bias"]
    lines = [line for line in nested_calls(400, rng=np.random.default_rng(99)) if 8 < len(line) < 60][:150]
    x = sentences_batch(lines, VOCABULARY).x
    text = np.array([list(line[:-1].ljust(len(x))) for line in lines]).T
    outside = np.cumsum(text == '"', axis=0) % 2 == 0
    depth = np.cumsum(((text == "(") & outside) * 1 - ((text == ")") & outside), axis=0)
    two, last = (text == ")") & outside & (depth == 2), np.array([len(line) - 2 for line in lines])
    each, trace = np.arange(len(lines)), stack.forward(x)

    def line_ends(h):
        return softmax(readout.forward(h[last, each]))[:, VOCABULARY.encode("\n")[0]].mean()

    def changed(k, unit):
        c = float(trace.layers[k].c[two][:, unit].mean())
        return line_ends(intervene(stack, x, last, unit, which=k, c=c).h)

    return line_ends(trace.h) - np.array([[changed(k, unit) for unit in range(8)] for k in range(2)])


@pytest.mark.slow
def test_unit_3_of_layer_1_is_the_only_unit_that_matters():
    found = drops(calls_state())
    assert np.unravel_index(found.argmax(), found.shape) == (1, 3) and found[1, 3] > 0.8
    found[1, 3] = 0
    assert np.abs(found).max() < 0.1


@pytest.mark.long
def test_in_nine_of_ten_trainings_one_unit_decides_whether_a_line_is_finished():
    """Setting it takes away half of the probability of a line break."""
    pytest.importorskip("torch")
    from tools.calls import arrays_of, train

    assert sum(drops(arrays_of(train(seed))).max() > 0.5 for seed in range(1, 11)) >= 9
