"""Measures against their definitions, written as plain loops."""

import math

import numpy as np
import pytest

from lstm_helpers import GRU, LSTM, RNN, MinGRU, Reversed, Stack, half_life
from lstm_helpers.interventions import intervene
from lstm_helpers.measures import effects, forget_bias, half_lives, held_at_0, movement, saturation
from tests.support.refusals import assert_refused

KINDS = [(LSTM, {}), (LSTM, {"peepholes": True}), (LSTM, {"coupled": True}), (GRU, {}), (GRU, {"reset_after": False}),
         (RNN, {}), (MinGRU, {})]  # fmt: skip


def random_layer(kind, D, H, rng, **options):
    layer = kind(D, H, **options)
    layer.W = rng.normal(size=layer.W.shape)
    return layer


def test_saturation_counts_the_steps_of_each_unit(rng):
    f = rng.uniform(size=(7, 3, 4))
    f[2, 1, 0], f[3, 1, 0] = 0.1, 0.9  # neither below nor above
    for lengths in (None, [7, 2, 5]):
        found = saturation(f, lengths=lengths)
        for unit in range(4):
            seen = [f[t, n, unit] for n in range(3) for t in range((lengths or [7] * 3)[n])]
            assert found.below[unit] == pytest.approx(sum(v < 0.1 for v in seen) / len(seen))
            assert found.above[unit] == pytest.approx(sum(v > 0.9 for v in seen) / len(seen))
    one = saturation(2 * f[:, 0] - 1, low=-0.8, high=0.8)
    same = saturation(f[:, 0])
    assert (one.below == same.below).all() and (one.above == same.above).all()
    assert saturation(f[:, 0], lengths=2).below.tolist() == saturation(f[:2, 0]).below.tolist()


def test_a_half_life_is_that_of_a_constant_gate_that_keeps_as_much(rng):
    f = rng.uniform(0.5, 1, size=(9, 3))
    even = [math.prod(f[:, unit]) ** (1 / 9) for unit in range(3)]
    np.testing.assert_allclose(half_lives(f), half_life(even))
    np.testing.assert_allclose(half_lives(np.full((5, 2), 0.9)), math.log(0.5) / math.log(0.9))
    almost_open = np.full((9, 1), 1 - 1e-6, np.float32)
    np.testing.assert_allclose(half_lives(almost_open), half_life(almost_open[0]), rtol=1e-5)
    assert half_lives(almost_open).dtype == np.float32
    with np.errstate(all="raise"):
        assert half_lives([[1, 0.5, 0], [1, 0.5, 1]]).tolist() == [np.inf, pytest.approx(1), 0]


def test_movement_is_a_standard_deviation(rng):
    h = rng.normal(size=(6, 2, 3))
    np.testing.assert_allclose(movement(h), [np.std(h[..., unit]) for unit in range(3)])
    np.testing.assert_allclose(movement(h, lengths=[1, 6]), [np.std([h[0, 0, k], *h[:, 1, k]]) for k in range(3)])


def test_the_forget_bias_as_a_gate_and_as_a_half_life(rng):
    layer = LSTM.initialize(2, 3, rng=rng)
    layer.b_f = [0, 3, -1]
    found = forget_bias(layer)
    np.testing.assert_allclose(found.f, [0.5, 1 / (1 + math.exp(-3)), 1 / (1 + math.exp(1))])
    np.testing.assert_allclose(found.half_life, [1, 14.27, half_life(found.f[2])], rtol=1e-3)
    assert forget_bias(Reversed(layer)).b_f.tolist() == [0, 3, -1]
    found.b_f[:] = 7
    assert layer.b_f.tolist() == [0, 3, -1]


@pytest.mark.parametrize("kind, options", KINDS, ids=str)
def test_a_held_unit_stays_0_and_the_others_run_on(kind, options, rng):
    layer, x = random_layer(kind, 2, 4, rng, **options), rng.normal(size=(6, 3, 2))
    before = layer.W.copy()
    for one, way in ((layer, 1), (Reversed(layer), -1)):
        h = held_at_0(one, 2).forward(x).h
        assert not h[:, :, 2].any() and (before == layer.W).all()
        step, state = np.zeros((3, 4)), [np.zeros((3, 4))] * (2 if kind is LSTM else 1)
        for t in range(6)[::way]:  # set to 0 by hand after every step
            new = layer.step(x[t], *state)
            state = [np.where(np.arange(4) == 2, 0, part) for part in (new if kind is LSTM else [new])]
            step = state[0]
            np.testing.assert_allclose(h[t], step, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind, options", KINDS, ids=str)
def test_effects_are_the_changes_at_the_top(kind, options, rng):
    one = [random_layer(kind, 2, 3, rng, **options), Reversed(random_layer(kind, 2, 3, rng, **options))]
    stack, x = Stack([one, random_layer(kind, 6, 2, rng, **options)]), rng.normal(size=(5, 4, 2))
    top = stack.forward(x).h
    for which, units in ((0, 3), (1, 3), (2, 2)):
        found = effects(stack, x, which=which)
        assert found.shape == (units,)
        for unit in range(units):
            layers = list(stack.layers)
            layers[which] = held_at_0(layers[which], unit)
            changed = Stack([layers[:2], layers[2]]).forward(x).h
            assert found[unit] == pytest.approx(np.abs(changed - top).mean())
        np.testing.assert_allclose(effects(stack, x, which=which, output=lambda h: 3 * h), 3 * found)
    np.testing.assert_allclose(effects(one[1], x), effects(Stack([one[1]]), x))


def test_a_unit_that_does_not_move_may_matter(rng):
    """It holds the first input: it moves least, and the experiment shows that everything depends on it."""
    layer = LSTM(2, 2)
    layer.b_f, layer.b_i, layer.b_o = [9, 0], [-9, 0], [9, -2]
    layer.W_i[0, 2], layer.W_g[0, 2] = 20, 9  # unit 0 writes where x_0 is 1
    layer.W_g[1, 3] = 1  # unit 1 follows x_1, and shows little of it
    x = np.zeros((30, 2))
    x[0, 0], x[:, 1] = 1, rng.normal(size=30)
    h = layer.forward(x).h
    assert movement(h[1:])[0] < movement(h[1:])[1] and effects(layer, x)[0] > 5 * effects(layer, x)[1]
    held = intervene(layer, x, 0, 0, c=0.0)
    assert np.abs(held.h[-1, 0]) < 0.01 < h[-1, 0]


def test_refusals(rng):
    layer, x = LSTM.initialize(2, 3, rng=rng), np.ones((4, 2))
    stack = Stack([layer, LSTM.initialize(3, 3, rng=rng)])
    for call, kind, sentence in [
        (lambda: saturation(np.ones(3)), ValueError, "gates must have shape (T, H) or (T, N, H), got shape (3,)"),
        (lambda: saturation(np.ones((3, 2)), low=0.9), ValueError, "high must be above low, 0.9, got 0.9"),
        (lambda: saturation(np.ones((3, 2)), low="0.1"), TypeError, "low must be a number, got '0.1'"),
        (lambda: saturation(np.ones((3, 2)), low=np.nan), ValueError, "low must be finite, got nan"),
        (lambda: half_lives([[1.5]]), ValueError, "f must lie from 0 to 1, got 1.5 at index (0, 0)"),
        (lambda: movement(np.ones((3, 2)), lengths=4), ValueError, "lengths must lie from 1 to T = 3, got from 4 to 4"),
        (lambda: forget_bias(GRU.initialize(2, 3, rng=rng)), TypeError,
         "layer must be an LSTM with a forget gate, got a GRU"),
        (lambda: forget_bias(Reversed(GRU(2, 3))), TypeError, "layer must be an LSTM with a forget gate, got a GRU"),
        (lambda: forget_bias(LSTM(2, 3, forget_gate=False)), TypeError,
         "layer must be an LSTM with a forget gate, got one without"),
        (lambda: effects(stack, x), TypeError,
         "which must be the number of a layer, from 0 to 1: this Stack has several"),
        (lambda: effects(layer, x, which=0), ValueError, "which must be None for a single layer, got 0"),
        (lambda: held_at_0(layer, 3), ValueError, "unit must lie from 0 to 2, got 3"),
    ]:  # fmt: skip
        assert_refused(call, kind, sentence)
