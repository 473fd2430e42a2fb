"""Claims of the notebooks about untrained networks, for the seeds they name."""

from functools import cache

import numpy as np
import pytest

from lstm_helpers.explorers import GradientExplorer

pytestmark = pytest.mark.slow

SEEDS = range(12)


@cache
def explorer(seed, *layers):
    return GradientExplorer(layers, rng=np.random.default_rng(seed))


def left_in_an_rnn(seed, w):
    """The rest of a gradient after 100 steps, in the RNN of notebook 01 from another seed."""
    data, _ = explorer(seed, "RNN").show(w=w, T=100)
    return data["left"]["RNN"][-1]


def left_in_both(seed, **setting):
    """The rest of a gradient after 50 steps, in the RNN and the LSTM of notebook 08 from another seed."""
    data, _ = explorer(seed, "RNN", "LSTM").show(T=50, **setting)
    return {line: values[-1] for line, values in data["left"].items()}


def stays(seed, ws):
    """Whether 0.1 to 10 is left, for each w."""
    return np.array([0.1 <= left_in_an_rnn(seed, w) <= 10 for w in ws])


@pytest.mark.parametrize("seed", SEEDS)
def test_below_1_a_gradient_fades_and_at_one_and_a_half_it_does_not_explode(seed):
    """Notebook 01: below 1 less than 0.1 is left; at 1.5, where w^100 is 4e17, it is 0.65 to 900."""
    assert left_in_an_rnn(seed, 0.99) < 0.1
    assert 0.65 <= left_in_an_rnn(seed, 1.5) <= 900


def test_how_wide_the_range_above_1_is_depends_on_the_network():
    """Notebook 01: up to 1.08 in the network that it shows, and in most of the others over a wider stretch."""
    ws = np.arange(100, 151, 2) / 100
    wide = [stays(seed, ws) for seed in SEEDS]
    assert ws[wide[1]].max() == 1.08
    assert sum(row.sum() > wide[1].sum() for row in wide) >= 9


@pytest.mark.parametrize("seed", SEEDS)
def test_the_lstm_keeps_more_than_the_rnn_at_bias_3_and_far_less_at_bias_0(seed):
    """Notebook 08, on the document's last sentence; at its opening setting, and at bias 0."""
    open_gates = left_in_both(seed, w=0.9, b_f=3.0)
    assert open_gates["RNN"] < 0.005
    assert open_gates["LSTM, only f"] > 10 * open_gates["RNN"]
    assert open_gates["LSTM, all paths"] > 1

    half_open = left_in_both(seed, w=0.9, b_f=0.0)
    assert half_open["LSTM, all paths"] < half_open["RNN"] / 1000


def test_the_side_roads_of_notebook_08_bring_175():
    both = left_in_both(1, w=1.0, b_f=5.0)
    assert f"{both['LSTM, all paths']:.0f}" == "175"
