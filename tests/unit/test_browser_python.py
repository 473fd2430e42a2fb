"""The limits of Python in a browser, imposed here too: no second thread, and integers of 32 bits by default."""

import math
import sys
import threading
import types

import numpy as np
import pytest

from lstm_helpers.tasks import CountModel, text
from lstm_helpers.training._progress import progress
from lstm_helpers.view import live


@pytest.fixture
def no_threads(monkeypatch):
    def refuse(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    monkeypatch.setattr(sys, "platform", "emscripten")


def test_a_picture_is_drawn_at_once_by_a_kernel_that_has_no_loop_of_its_own(no_threads, monkeypatch):
    kernel = types.SimpleNamespace()  # as Pyodide's: no io_loop to leave a request with
    monkeypatch.setattr(live, "get_ipython", lambda: types.SimpleNamespace(kernel=kernel))
    calls = []
    live.on_main_thread(lambda: calls.append(threading.current_thread()))
    assert calls == [threading.main_thread()]


@pytest.mark.parametrize("notebook", [False, True])
def test_a_progress_bar_says_nothing_of_threads(notebook, no_threads, monkeypatch, capsys):
    tqdm = pytest.importorskip("tqdm").tqdm  # whose settings its kind for notebooks inherits
    monkeypatch.setattr(tqdm, "monitor", None)
    monkeypatch.setattr(tqdm, "monitor_interval", 10)
    monkeypatch.setattr("lstm_helpers.training._progress._in_a_notebook", lambda: notebook)
    place = types.SimpleNamespace(update=lambda *data, **options: None)
    monkeypatch.setattr("IPython.display.display", lambda *data, **options: place)
    with progress(2, True) as show:  # a warning of tqdm's would be an error here
        show(0.5)
        show(0.25)
    assert "thread" not in capsys.readouterr().err


def test_long_histories_are_counted_as_on_64_bits(monkeypatch):
    """39 characters and order 7, as in notebook 11: 39^7 is above 2^31, and the answer is the same as with 64 bits."""
    numbers = np.random.default_rng(0).integers(39, size=500)
    expected = CountModel(numbers, 39, 7).probabilities(numbers[40:46])

    def arange(*ends, dtype=np.int32):
        return np.arange(*ends, dtype=dtype)

    def ravel(index, shape):
        if math.prod(shape) >= 2**31:
            raise ValueError("invalid dims: array size defined by dims is larger than the maximum possible size.")
        return np.ravel_multi_index(index, shape)

    small = types.SimpleNamespace(**{**vars(np), "arange": arange, "ravel_multi_index": ravel})
    monkeypatch.setattr(text, "np", small)
    given = CountModel(numbers.astype(np.int32), 39, 7).probabilities(numbers[40:46].astype(np.int32))
    np.testing.assert_array_equal(given, expected)
    assert expected.argmax() == numbers[46]


def test_a_history_of_unknown_tokens_is_refused():
    with pytest.raises(ValueError, match="before must lie from 0 to 4, got from 1 to 5"):
        CountModel([0, 1, 2, 3, 4, 0], 5, 3).probabilities([1, 5])
