"""What the notebooks on training claim, for more seeds than they show; with the functions that stand in their cells."""

import ast

import nbformat
import numpy as np
import pytest

from lstm_helpers import LSTM, RNN
from lstm_helpers.tasks import adding_problem
from lstm_helpers.training import Adam, Model, fit, squared_error
from tests.notebooks.test_stored import ROOT, code


def functions_of(name, tables=()):
    """The functions that a notebook defines, and the named tables, without running what else stands in its cells."""
    book, names = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4), {}
    kept = (ast.FunctionDef, ast.Import, ast.ImportFrom)
    for cell in code(book):
        body = [node for node in ast.parse(cell.source).body if isinstance(node, kept) or writes_to(node, tables)]
        exec(compile(ast.Module(body, []), name, "exec"), names)
    return names


def writes_to(node, tables):
    """Whether a statement is `table = ...` or `table[key] = ...`."""
    targets = node.targets if isinstance(node, ast.Assign) else []
    roots = (target.value if isinstance(target, ast.Subscript) else target for target in targets)
    return any(isinstance(root, ast.Name) and root.id in tables for root in roots)


@pytest.fixture(scope="module")
def inside():
    return functions_of("10_inside_a_trained_lstm")


@pytest.mark.parametrize("seed", range(5))
def test_one_unit_remembers_the_noun(seed, inside):
    """Notebook 10: right on all unseen sentences; one unit stands out; rewriting it rewrites the answer."""
    nouns = ("cat", "dog")
    model, vocabulary, unseen, _ = inside["train"](nouns, np.random.default_rng(seed))
    x, sat, asked, right = inside["exam"](unseen, vocabulary)
    answers = inside["answers"]
    assert (answers(model, model.layer.forward(x).h, asked).argmax(-1) == right).all()

    cost = inside["cost_of_forgetting"](model, x, sat, asked, right)
    first, second = np.argsort(cost)[::-1][:2]
    assert cost[first] >= 5 * cost[second]

    other = {"cat": "dog", "dog": "cat"}
    x_twin, _, _, wrong = inside["exam"]([[other.get(w, w) for w in s] for s in unseen], vocabulary)
    twin, each = model.layer.forward(x_twin), np.arange(len(sat))
    flipped = {}
    for unit in (first, second):
        c = twin.c[sat, each, unit]
        p = answers(model, inside["intervene"](model.layer, x, sat, int(unit), c=c).h, asked)
        flipped[unit] = np.mean(p.argmax(-1) == wrong)
    assert flipped[first] >= 0.95 and flipped[second] < 0.05


@pytest.mark.parametrize("seed", range(5))
def test_an_lstm_learns_to_add_over_100_steps_and_an_rnn_does_not_in_the_same_time(seed):
    """32 units each. To guess the mean costs 0.167. The time is the LSTM's own, so a slow machine gives both more."""

    def train(kind, **limits):
        rng = np.random.default_rng(seed)
        model = Model.initialize(kind.initialize(2, 32, rng=rng, dtype=np.float32), 1, rng=rng)
        history = fit(model, lambda: adding_problem(100, 32, rng=rng), squared_error, Adam(0.01), bar=False, **limits)
        x, target, weight = adding_problem(100, 1000, rng=rng)
        return history, squared_error(model.forward(x)[0], target, weight)[0]

    history, loss = train(LSTM, steps=1500, target=0.004)
    assert history.reached and loss < 0.005
    _, loss = train(RNN, steps=10**6, seconds=history.seconds[-1])
    assert loss > 0.1


@pytest.fixture(scope="module")
def ablated():
    return functions_of("12_gru_and_variants", ["tasks", "variants", "relatives"])


@pytest.mark.parametrize("seed", [5, 6, 7])
@pytest.mark.parametrize(
    "task, name, solves",
    [
        ("add", "LSTM", True),
        ("add", "no input gate", False),
        ("add", "coupled gates", True),
        ("add", "GRU", True),
        ("add", "minimal GRU", True),
        ("add", "plain RNN", False),
        ("keep_the_till", "LSTM", True),
        ("keep_the_till", "no forget gate", False),
        ("keep_the_till", "no input gate", True),
        ("keep_the_till", "coupled gates", True),
        ("switch", "GRU", True),
        ("switch", "minimal GRU", False),
        ("switch", "plain RNN", True),
    ],
)
def test_what_each_gate_is_for(task, name, solves, seed, ablated):
    """Notebook 12, with other seeds than it shows."""
    variant = {**ablated["variants"], **ablated["relatives"]}[name]
    task = ablated[task]
    assert (ablated["score"](task, ablated["train"](task, *variant, seed)) < 1 / 6) == solves
