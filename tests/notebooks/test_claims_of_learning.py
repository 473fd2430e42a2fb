"""What notebook 09 says of networks beyond those of its films: over ten seeds."""

from dataclasses import replace

import numpy as np
import pytest

from lstm_helpers import GRU, LSTM, RNN
from lstm_helpers.runs import RECIPES, record
from lstm_helpers.tasks import adding_problem
from lstm_helpers.training import Adam, Model, fit, squared_error

pytestmark = pytest.mark.long

SEEDS = range(1, 11)


@pytest.mark.parametrize("bias, learned", [(0, 0), (1, 3), (3, 9)])
def test_how_many_get_it_from_each_forget_bias(bias, learned):
    """After 200 steps, with a delay of 40. Other processors round differently, which may turn two of the ten."""
    runs = [record(replace(RECIPES[f"first: delay 40, bias {bias}"], seed=s, steps=200), bar=False) for s in SEEDS]
    got = sum(run.loss[-20:].mean() < np.log(4) / 2 for run in runs)
    assert abs(got - learned) <= 2 * (learned > 0)


@pytest.mark.parametrize("kind, units, learns", [(LSTM, 16, True), (GRU, 19, True), (RNN, 33, False)])
def test_who_adds_over_30_steps(kind, units, learns):
    """With as many weights, some 1,250, after 500 batches; guessing costs 1/6."""
    for seed in range(10):
        rng = np.random.default_rng(seed)
        model = Model.initialize(kind.initialize(2, units, rng=rng, dtype=np.float32), 1, rng=rng)
        assert 1200 < model.size < 1300

        def batch(rng=rng):
            return adding_problem(30, 32, rng=rng)

        last = fit(model, batch, squared_error, Adam(0.01), steps=500, bar=False).recent()[-1]
        assert last < 0.05 if learns else last > 0.15, seed
