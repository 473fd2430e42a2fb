import numpy as np
import pytest

from lstm_helpers import LSTM, RNN
from lstm_helpers.interventions import intervene
from tests.support.refusals import assert_refused


@pytest.fixture
def layer(rng):
    return LSTM.initialize(2, 4, rng=rng)


def by_hand(layer, x, t, unit, change):
    """Step by step with the readable equations; `change(c_prev, c)` gives the cell of the unit at step t."""
    h = c = np.zeros(layer.hidden_size)
    hs, cs = [], []
    for step, x_t in enumerate(x):
        c_prev, (h, c) = c, layer.step(x_t, h, c)
        if step == t:
            o = h[unit] / np.tanh(c[unit])
            c[unit] = change(c_prev[unit], c[unit], layer.forward(x).f[t, unit])
            h[unit] = o * np.tanh(c[unit])
        hs.append(h)
        cs.append(c)
    return np.array(hs), np.array(cs)


@pytest.mark.parametrize("t", [0, 3, 5, 6])
def test_a_forget_gate_and_a_cell_as_by_hand(t, layer, rng):
    x = rng.normal(size=(7, 2))
    for options, change in [
        ({"f": 0.25}, lambda c_prev, c, f: c + (0.25 - f) * c_prev),
        ({"c": -1.5}, lambda c_prev, c, f: -1.5),
    ]:
        altered = intervene(layer, x, t, 2, **options)
        h, c = by_hand(layer, x, t, 2, change)
        np.testing.assert_allclose(altered.h, h, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(altered.c, c, rtol=1e-10, atol=1e-12)


def test_every_sequence_at_its_own_step_with_its_own_value(layer, rng):
    x, t, c = rng.normal(size=(6, 5, 2)), np.array([0, 3, 5, 3, 1]), rng.normal(size=5)
    together = intervene(layer, x, t, 1, c=c)
    for n in range(5):
        alone = intervene(layer, x[:, n], int(t[n]), 1, c=c[n])
        np.testing.assert_allclose(together.h[:, n], alone.h, rtol=1e-10, atol=1e-14)
        np.testing.assert_allclose(together.c[:, n], alone.c, rtol=1e-10, atol=1e-14)
        assert together.c[t[n], n, 1] == c[n]


def test_several_units_at_once(layer, rng):
    """All units of one step set to those of another sequence: the run continues as that sequence would."""
    x, other, t = rng.normal(size=(6, 3, 2)), rng.normal(size=(6, 3, 2)), 2
    other[t:] = x[t:]
    trace, twin = layer.forward(x), layer.forward(other)
    altered = intervene(layer, x, t, [0, 1, 2, 3], c=twin.c[t])
    h = trace.o[t] * np.tanh(twin.c[t])
    later = layer.forward(x[t + 1 :], h, twin.c[t])
    np.testing.assert_allclose(altered.h[t + 1 :], later.h, rtol=1e-12, atol=1e-14)
    np.testing.assert_array_equal(altered.c[t], twin.c[t])
    both = intervene(layer, x, t, [1, 3], f=0.0)
    expected = trace.c[t].copy()
    expected[:, [1, 3]] = (trace.i[t] * trace.g[t])[:, [1, 3]]
    np.testing.assert_allclose(both.c[t], expected, rtol=1e-12)


def test_the_gates_own_value_changes_nothing(layer, rng):
    x = rng.normal(size=(6, 3, 2))
    trace = layer.forward(x)
    altered = intervene(layer, x, 2, 0, f=trace.f[2, :, 0])
    np.testing.assert_allclose(altered.h, trace.h, rtol=1e-12, atol=1e-14)


def test_refusals(layer, rng):
    x = rng.normal(size=(6, 3, 2))
    for call, kind, sentence in [
        (lambda: intervene(layer, x, 2, 0), TypeError, "either f or c must be given, not both"),
        (lambda: intervene(layer, x, 2, 0, f=0, c=0), TypeError, "either f or c must be given, not both"),
        (lambda: intervene(layer, x, 6, 0, f=0), ValueError, "t must lie from 0 to 5, got from 6 to 6"),
        (lambda: intervene(layer, x, 2, 4, f=0), ValueError, "unit must lie from 0 to 3, got from 4 to 4"),
        (lambda: intervene(layer, x, 2, 0, f=1.5), ValueError, "f must lie from 0 to 1, got 1.5"),
        (
            lambda: intervene(layer, x, [1, 2], 0, f=0),
            ValueError,
            "t must be one number, or one for each of the 3 sequences, got shape (2,)",
        ),
        (
            lambda: intervene(RNN.initialize(2, 4, rng=rng), x, 2, 0, f=0),
            TypeError,
            "layer must be an LSTM without peepholes, got an RNN",
        ),
        (
            lambda: intervene(LSTM.initialize(2, 4, rng=rng, peepholes=True), x, 2, 0, f=0),
            TypeError,
            "layer must be an LSTM without peepholes, got one with peepholes",
        ),
    ]:
        assert_refused(call, kind, sentence)
