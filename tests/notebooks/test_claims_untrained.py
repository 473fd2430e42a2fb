"""What notebooks 01 and 08 say of networks that nobody has trained."""

import numpy as np

from lstm_helpers.explorers import GradientExplorer

NETWORKS = range(1, 13)
WEIGHTS = np.round(np.arange(1.0, 1.5001, 0.02), 2)


def left(explorer, w, T=100, **more):
    data, _ = explorer.show(w=w, T=T, **more)
    return next(iter(data.values()))[-1]


def test_above_1_it_depends_on_the_network_how_far_a_gradient_lasts():
    """01: "here from 1.00 to 1.08 ... only one other is as narrow. In six it reaches beyond 1.4.\""""
    ranges = []
    for seed in NETWORKS:
        explorer = GradientExplorer(["RNN"], rng=np.random.default_rng(seed))
        assert left(explorer, 0.98) < 0.1  # below 1 it fades in every one
        ranges.append([w for w in WEIGHTS if 0.1 <= left(explorer, w) <= 10])
    assert (ranges[0][0], ranges[0][-1]) == (1.0, 1.08)
    assert sum(len(kept) <= len(ranges[0]) for kept in ranges) == 2
    assert sum(kept[-1] > 1.4 for kept in ranges) == 6


def test_an_lstm_gains_gradient_by_the_side_roads():
    """08: "here it is 175 after 50 steps and 416 after 100.\""""
    explorer = GradientExplorer(rng=np.random.default_rng(1))
    for T, said in ((50, 175), (100, 416)):
        data, _ = explorer.show(w=1.0, T=T, b_f=5.0)
        assert round(data["LSTM, all paths"][-1]) == said
