import numpy as np
import pytest

from lstm_helpers import LSTM, RNN
from lstm_helpers.equations import sigmoid
from lstm_helpers.interventions import intervene
from tests.support.refusals import assert_refused


@pytest.fixture
def layer(rng):
    return LSTM.initialize(2, 4, rng=rng)


def by_hand(layer, x, t, unit, f=None, i=None, c=None):
    """Step by step with the readable equations; at step t the unit has what is given."""
    h, cell = np.zeros(layer.hidden_size), np.zeros(layer.hidden_size)
    hs, cs = [], []
    for step, x_t in enumerate(x):
        c_prev, column = cell[unit], np.concatenate([h, x_t])
        h, cell = layer.step(x_t, h, cell)
        if step == t:
            own = {k: (getattr(layer, f"W_{k}") @ column + getattr(layer, f"b_{k}"))[unit] for k in "figo"}
            keep, write = (sigmoid(own[k]) if given is None else given for k, given in (("f", f), ("i", i)))
            cell[unit] = keep * c_prev + write * np.tanh(own["g"]) if c is None else c
            h[unit] = sigmoid(own["o"]) * np.tanh(cell[unit])
        hs.append(h)
        cs.append(cell)
    return np.array(hs), np.array(cs)


@pytest.mark.parametrize("t", [0, 3, 5, 6])
@pytest.mark.parametrize("given", [{"f": 0.25}, {"i": 0.75}, {"f": 0.0, "i": 0.0}, {"f": 1.0, "i": 0.5}, {"c": -1.5}])
def test_gates_and_a_cell_as_by_hand(t, given, layer, rng):
    x = rng.normal(size=(7, 2))
    altered = intervene(layer, x, t, 2, **given)
    h, c = by_hand(layer, x, t, 2, **given)
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
    for gates in ("f", "i", "fi"):
        altered = intervene(layer, x, 2, 0, **{gate: getattr(trace, gate)[2, :, 0] for gate in gates})
        np.testing.assert_allclose(altered.h, trace.h, rtol=1e-12, atol=1e-14)


def test_shut_gates_leave_nothing_in_any_unit(layer, rng):
    altered = intervene(layer, rng.normal(size=(6, 3, 2)), 2, range(4), f=0, i=0)
    assert not altered.c[2].any() and not altered.h[2].any() and altered.c[3].any()


def test_refusals(layer, rng):
    x = rng.normal(size=(6, 3, 2))
    for call, kind, sentence in [
        (lambda: intervene(layer, x, 2, 0), TypeError, "either c must be given, or f, i or both"),
        (lambda: intervene(layer, x, 2, 0, f=0, c=0), TypeError, "either c must be given, or f, i or both"),
        (lambda: intervene(layer, x, 2, 0, i=0, c=0), TypeError, "either c must be given, or f, i or both"),
        (lambda: intervene(layer, x, 2, 0, i=-0.5), ValueError, "i must lie from 0 to 1, got -0.5"),
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
