"""Sequences of different lengths in one batch: each gives the same results as alone, and nothing after its end."""

import numpy as np
import pytest

from lstm_helpers import GRU, LSTM, RNN, check_gradients
from lstm_helpers.interop import to_torch
from lstm_helpers.layers import reference
from tests.support.layer_cases import LAYERS, random_layer, states
from tests.support.peers import close, packed_pass
from tests.support.refusals import assert_refused

pytestmark = pytest.mark.slow

each_layer = pytest.mark.parametrize("kind, options", LAYERS.values(), ids=LAYERS)
LENGTHS = [4, 9, 1, 7, 9]


def setting(kind, options, rng, lengths=LENGTHS, D=3, H=4):
    """A layer, x, dh, the states before the first step, and the gradients into the last states."""
    layer, T, N = random_layer(kind, D, H, rng, **options), 9, len(lengths)
    start, into = ([rng.normal(size=(N, H)) for _ in states(layer)] for _ in range(2))
    return layer, rng.normal(size=(T, N, D)), rng.normal(size=(T, N, H)), start, into


def over_time(trace):
    """The names of the fields over time."""
    arrays = {name for name, field in vars(trace).items() if isinstance(field, np.ndarray)}
    return sorted(arrays - {"h0", "c0", "lengths"})


def same(ours, expected):
    np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-13 * max(1, np.abs(expected).max()))


@each_layer
class TestLengths:
    def test_each_sequence_equals_a_run_alone(self, kind, options, rng):
        layer, x, dh, start, into = setting(kind, options, rng)
        trace = layer.forward(x, *start, lengths=LENGTHS)
        back, dW = layer.backward(trace, dh, *into), 0
        for n, L in enumerate(LENGTHS):
            alone = layer.forward(x[:L, n], *[s[n] for s in start])
            for name in over_time(alone):
                same(getattr(trace, name)[:L, n], getattr(alone, name))
            of_one = layer.backward(alone, dh[:L, n], *[d[n] for d in into])
            for name in ("x", "h", *(["c"] if kind is LSTM else [])):
                same(getattr(back, name)[:L, n], getattr(of_one, name))
            for name in states(layer):
                same(getattr(back, name)[n], getattr(of_one, name))
                same(getattr(trace, f"{name[0]}_T")[n], getattr(alone, name[0])[-1])
            dW = dW + of_one.W
        same(back.W, dW)

    def test_states_rest_after_the_end(self, kind, options, rng):
        layer, x, dh, start, into = setting(kind, options, rng)
        trace = layer.forward(x, *start, lengths=LENGTHS)
        back = layer.backward(trace, dh, *into)
        for n, L in enumerate(LENGTHS):
            for name in set(over_time(trace)) - {"x", "c"}:
                assert (getattr(trace, name)[L:, n] == (name == "f")).all(), name
            assert not back.x[L:, n].any() and not back.h[L:, n].any()
            if kind is LSTM:
                assert (trace.c[L:, n] == trace.c[L - 1, n]).all() and (back.c[L:, n] == into[1][n]).all()
        np.testing.assert_array_equal(trace.x, x)

    def test_padding_has_no_effect(self, kind, options, rng):
        layer, x, dh, start, into = setting(kind, options, rng)
        over, results = np.arange(9)[:, None] >= LENGTHS, []
        for padding in (0, 1e6):
            x[over], dh[over] = padding, padding
            trace = layer.forward(x, *start, lengths=LENGTHS)
            back = layer.backward(trace, dh, *into)
            results.append([getattr(trace, name) for name in set(over_time(trace)) - {"x"}])
            results[-1] += [getattr(back, name) for name in ("W", "x", *states(layer))]
        for without, with_padding in zip(*results, strict=True):
            np.testing.assert_array_equal(with_padding, without)

    def test_full_lengths_equal_no_lengths(self, kind, options, rng):
        layer, x, dh, start, into = setting(kind, options, rng)
        traces = layer.forward(x, *start), layer.forward(x, *start, lengths=[9] * 5)
        for name in (*over_time(traces[0]), "h_T"):
            np.testing.assert_array_equal(getattr(traces[1], name), getattr(traces[0], name))
        backs = [layer.backward(trace, dh, *into) for trace in traces]
        for name in ("W", "x", "h", *states(layer)):
            np.testing.assert_array_equal(getattr(backs[1], name), getattr(backs[0], name))

    def test_one_sequence_has_one_length(self, kind, options, rng):
        layer, x, dh, start, into = setting(kind, options, rng, lengths=[4])
        several = layer.forward(x, *start, lengths=[4])
        one = layer.forward(x[:, 0], *[s[0] for s in start], lengths=4)
        assert one.lengths == 4 and one.h_T.shape == (4,)
        for name in (*over_time(one), "h_T"):
            np.testing.assert_array_equal(getattr(one, name), np.take(getattr(several, name), 0, axis=-2))
        of_several = layer.backward(several, dh, *into)
        of_one = layer.backward(one, dh[:, 0], *[d[0] for d in into])
        np.testing.assert_array_equal(of_one.W, of_several.W)
        np.testing.assert_array_equal(of_one.x, of_several.x[:, 0])

    def test_gradients_match_finite_differences(self, kind, options, rng):
        layer = random_layer(kind, 2, 3, rng, **options)
        check = check_gradients(layer, rng.normal(size=(5, 3, 2)), rng=rng, lengths=[2, 5, 1])
        assert check.passed, check

    def test_in_float32_too(self, kind, options, rng):
        layer = random_layer(kind, 3, 4, rng, np.float32, **options)
        trace = layer.forward(rng.normal(size=(9, 5, 3)), lengths=LENGTHS)
        assert trace.h.dtype == layer.backward(trace, trace.h).W.dtype == np.float32


def test_it_equals_the_reference_on_each_sequence(rng):
    layer, x, dh, start, into = setting(LSTM, {}, rng)
    trace = layer.forward(x, *start, lengths=LENGTHS)
    back, total = layer.backward(trace, dh, *into), dict.fromkeys(layer.parts, 0)
    for n, L in enumerate(LENGTHS):
        one = slice(n, n + 1)
        page = reference.forward(layer, x[:L, one], *[s[one] for s in start])
        gradients = reference.backward(page, dh[:L, one], *[d[one] for d in into])
        same(trace.h[:L, one], page.h)
        same(back.x[:L, one], gradients["x"])
        total = {name: total[name] + gradients[name] for name in total}
    for name, expected in total.items():
        same(getattr(back, name), expected)


@pytest.mark.parametrize("kind", [LSTM, GRU, RNN])
def test_pytorchs_packed_sequences(kind, rng):
    pytest.importorskip("torch")
    layer, x, dh, start, into = setting(kind, {}, rng, D=5, H=6)
    theirs = packed_pass(to_torch(layer), x, dh, LENGTHS, [s[None] for s in start], [d[None] for d in into])
    trace = layer.forward(x, *start, lengths=LENGTHS)
    back = layer.backward(trace, dh, *into)
    close(trace.h, theirs.h, 1e-12)
    for name, last in zip(states(layer), theirs.last, strict=True):
        close(getattr(trace, f"{name[0]}_T"), last[0], 1e-12)
        close(getattr(back, name), theirs.gradients[name][0], 1e-12)
    close(back.x, theirs.gradients["x"], 1e-12)
    for name in layer.parts:
        close(getattr(back, name), theirs.gradients["layers"][0][name], 1e-12)


L, X = LSTM(3, 2), np.zeros((5, 4, 3))
REFUSALS = {
    "one too few": ([5, 5, 5], ValueError, "lengths must have shape (N,) = (4,), got shape (3,)"),
    "one for all": (3, ValueError, "lengths must be a vector (one axis), got shape ()"),
    "0": ([5, 0, 3, 1], ValueError, "lengths must lie from 1 to T = 5, got from 0 to 5"),
    "beyond the end": ([5, 6, 3, 1], ValueError, "lengths must lie from 1 to T = 5, got from 1 to 6"),
    "floats": ([5.0, 4.0, 3.0, 2.0], TypeError, "lengths must be whole numbers, got [5.0, 4.0, 3.0, 2.0]"),
    "nan": ([5, np.nan, 3, 2], TypeError, "lengths must be whole numbers, got [5, nan, 3, 2]"),
    "a mask": ([True] * 4, TypeError, "lengths must be whole numbers, got [True, True, True, True]"),
    "none": ([], ValueError, "lengths must have shape (N,) = (4,), got shape (0,)"),
}


@pytest.mark.parametrize("kind", [RNN, LSTM])
@pytest.mark.parametrize("lengths, error, sentence", REFUSALS.values(), ids=REFUSALS)
def test_bad_lengths_are_refused(kind, lengths, error, sentence):
    assert_refused(lambda: kind(3, 2).forward(X, lengths=lengths), error, sentence, frames=2)


def test_a_list_for_one_sequence():
    sentence = "lengths must be a single number, got shape (1,)"
    assert_refused(lambda: L.forward(X[:, 0], lengths=[3]), ValueError, sentence, frames=2)
