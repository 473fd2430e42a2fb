"""The claims of notebook 13 and its question about when a GPU pays follow from the measured times."""

import pytest

from lstm_helpers import LSTM
from lstm_helpers.checks import QUESTIONS
from lstm_helpers.interop.gpu_times import COMPARED, TIMINGS
from tests.support.notebooks import prose_of


def loses(t):
    """Whether the GPU takes clearly longer than one thread, with this package or with PyTorch."""
    return t.gpu > 1.05 * min(t.numpy, t.cpu)


def test_the_gpu_loses_at_the_smallest_size_alone():
    assert [loses(t) for t in COMPARED] == [True, *[False] * (len(COMPARED) - 1)]
    assert QUESTIONS["frameworks.gpu"].right == "at the smallest"
    work = [t.multiplications for t in TIMINGS]
    assert work == sorted(work)


def test_what_the_page_says_in_words_is_what_was_measured():
    prose = prose_of("13_from_numpy_to_frameworks")
    small, level, billion, *_, largest = COMPARED
    assert "five times as long as NumPy" in prose and small.gpu / small.numpy == pytest.approx(5, abs=0.5)
    assert "four thousand multiplications" in prose and round(small.multiplications, -3) == 4000
    flat = [t.gpu for t in (small, level, billion)]
    assert "stays near a millisecond" in prose and min(flat) > 0.9 and max(flat) < 1.3
    assert "At 20 million multiplications" in prose and round(level.multiplications / 1e6) == 20
    assert level.cpu / level.gpu == pytest.approx(1, abs=0.05)
    assert "At 20 million multiplications it ties with PyTorch on one thread" in prose
    assert "at nearly a billion it is 20 times as fast" in prose
    assert billion.multiplications / 1e9 == pytest.approx(1, abs=0.1)
    assert billion.cpu / billion.gpu == pytest.approx(20, abs=0.5)
    assert "some 400 times" in prose and min(largest.cpu, largest.numpy) / largest.gpu == pytest.approx(400, abs=20)


@pytest.mark.parametrize(("T", "N", "D", "H"), [(20, 1, 3, 3), (7, 4, 5, 6)])
def test_the_multiplications_are_those_of_the_layers_matrices(T, N, D, H):
    """Forward, one for each weight at each step of each sequence; twice as many on the way back."""
    layer = LSTM(D, H)
    weights = sum(getattr(layer, name).size for name in layer.parts if name.startswith("W_"))
    (t,) = [t for t in TIMINGS if (t.T, t.N, t.D, t.H) == (T, N, D, H)] or [type(TIMINGS[0])(T, N, D, H, None, None, 1)]
    assert t.multiplications == 3 * T * N * weights
