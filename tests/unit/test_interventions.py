import numpy as np
import pytest

from lstm_helpers import GRU, LSTM, RNN, Reversed, Stack
from lstm_helpers.equations import sigmoid
from lstm_helpers.interventions import intervene
from tests.support.refusals import assert_refused


@pytest.fixture
def layer(rng):
    return LSTM.initialize(2, 4, rng=rng)


def by_hand(layer, x, t, unit, f=None, i=None, c=None):
    """A plain loop over the equations, with the given values of the unit at step t."""
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
def test_gates_and_a_cell_against_a_plain_loop(t, given, layer, rng):
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


def test_shut_gates_empty_every_unit(layer, rng):
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
            "t must be one number, or have shape (3,), got shape (2,)",
        ),
        (
            lambda: intervene(layer, x, 1, [0, 1], f=[0, 1]),
            ValueError,
            "f must be one number, or have shape (3,) or (3, 2), got shape (2,)",
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


def cell_of(layer):
    return layer.layer if isinstance(layer, Reversed) else layer


def stack_by_hand(stack, x, which, t, unit, **given):
    """A plain loop over levels and steps, each layer in its own direction: h and c of every layer in the order of x."""
    below, states, number = x, [], 0
    for level in stack.levels:
        sides = []
        for layer in level:
            way = -1 if isinstance(layer, Reversed) else 1
            own = t if way == 1 else len(x) - 1 - t
            change = (own, unit, given) if number == which else (None, 0, {})
            h, c = by_hand(cell_of(layer), below[::way], change[0], change[1], **change[2])
            sides.append((h[::way], c[::way]))
            number += 1
        states += sides
        below = np.concatenate([h for h, _ in sides], axis=1)
    return states, below


def random_stack(rng, depth, directions):
    levels, sees = [], 2
    for _ in range(depth):
        level = []
        for back in directions:
            layer = LSTM.initialize(sees, 3, rng=rng)
            layer.W = rng.normal(size=layer.W.shape)
            level.append(Reversed(layer) if back else layer)
        levels.append(level)
        sees = 3 * len(level)
    return Stack(levels)


@pytest.mark.parametrize("given", [{"f": 0.25}, {"f": 0.0, "i": 0.5}, {"c": -1.5}], ids=str)
@pytest.mark.parametrize("directions", [[False], [True], [False, True], [True, False, True]], ids=str)
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_stack_against_a_plain_loop(depth, directions, given, rng):
    stack, x = random_stack(rng, depth, directions), rng.normal(size=(6, 2))
    for which in range(len(stack.layers)):
        for t in (0, 2, 5):
            unit = int(rng.integers(3))
            altered = intervene(stack, x, t, unit, which=which, **given)
            states, top = stack_by_hand(stack, x, which, t, unit, **given)
            for layer, (h, c) in zip(altered.layers, states, strict=True):
                np.testing.assert_allclose(layer.h, h, rtol=1e-10, atol=1e-12)
                np.testing.assert_allclose(layer.c, c, rtol=1e-10, atol=1e-12)
            np.testing.assert_allclose(altered.h, top, rtol=1e-10, atol=1e-12)


def test_in_a_stack_only_the_layers_above_respond(rng):
    stack, x = random_stack(rng, 3, [False, True]), rng.normal(size=(6, 4, 2))
    trace, altered = stack.forward(x), intervene(stack, x, 3, 1, which=3, f=0, i=0)
    for k in (0, 1, 2):
        assert (altered.layers[k].h == trace.layers[k].h).all() and (altered.layers[k].c == trace.layers[k].c).all()
    back = altered.layers[3]  # it runs from the last step to the first
    assert (back.c[4:] == trace.layers[3].c[4:]).all() and not back.c[3, :, 1].any()
    assert (back.c[0] != trace.layers[3].c[0]).any()
    for k in (4, 5):
        assert (altered.layers[k].h[3] != trace.layers[k].h[3]).all()


def test_in_a_stack_every_sequence_has_its_own_step(rng):
    stack, x, t = random_stack(rng, 2, [False, True]), rng.normal(size=(6, 3, 2)), np.array([5, 0, 2])
    for which in range(4):
        together = intervene(stack, x, t, [0, 2], which=which, c=[[1, -1]] * 3)
        for n in range(3):
            alone = intervene(stack, x[:, n], int(t[n]), [0, 2], which=which, c=[[1, -1]])
            np.testing.assert_allclose(together.h[:, n], alone.h, rtol=1e-10, atol=1e-13)


def test_a_stack_of_one_layer_equals_the_layer(layer, rng):
    x = rng.normal(size=(6, 3, 2))
    for one in (layer, Reversed(layer)):
        alone, stacked = intervene(one, x, 2, 1, f=0.5), intervene(Stack([one]), x, 2, 1, f=0.5)
        assert (stacked.h == alone.h).all() and (stacked.layers[0].c == alone.c).all()


def test_refusals_of_a_stack(rng):
    stack, x = random_stack(rng, 2, [False, True]), rng.normal(size=(6, 3, 2))
    of_grus = Stack([GRU.initialize(2, 3, rng=rng), GRU.initialize(3, 3, rng=rng)])
    for call, kind, sentence in [
        (lambda: intervene(stack, x, 2, 0, f=0), TypeError,
         "which must be the number of a layer, from 0 to 3: this Stack has several"),
        (lambda: intervene(stack, x, 2, 0, which=4, f=0), ValueError, "which must lie from 0 to 3, got 4"),
        (lambda: intervene(stack, x, 6, 0, which=1, f=0), ValueError, "t must lie from 0 to 5, got from 6 to 6"),
        (lambda: intervene(stack.layers[0], x, 2, 0, which=0, f=0), ValueError,
         "which must be None for a single layer, got 0"),
        (lambda: intervene(of_grus, x, 2, 0, which=1, f=0), TypeError,
         "layer must be an LSTM without peepholes, got a GRU"),
    ]:  # fmt: skip
        assert_refused(call, kind, sentence)
