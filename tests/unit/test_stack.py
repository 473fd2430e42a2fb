"""Stacks compared with plain loops over their layers. `test_read_torch.py` compares them with PyTorch."""

import copy
import pickle

import numpy as np
import pytest

from lstm_helpers import GRU, LSTM
from lstm_helpers.layers import Reversed, Stack, reference
from tests.support.layer_cases import LAYERS, random_layer, random_level, random_stack, states
from tests.support.refusals import assert_refused

pytestmark = pytest.mark.slow

T, N, D, H = 7, 4, 3, 4
LENGTHS = [3, 7, 1, 6]
each_layer = pytest.mark.parametrize("kind, options", LAYERS.values(), ids=LAYERS)
with_and_without_lengths = pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["full", "lengths"])


def stack_of(kind, depth, both_ways, rng, **options):
    return random_stack(kind, D, H, depth, both_ways, rng, **options)


def data(stack, rng):
    """x, dh, and for each layer the states before the first step and the gradients into the last states."""
    names = states(getattr(stack.layers[0], "layer", stack.layers[0]))
    start, into = ([rng.normal(size=(len(stack.layers), N, H)) for _ in names] for _ in range(2))
    return rng.normal(size=(T, N, D)), rng.normal(size=(T, N, stack.hidden_size)), start, into


def same(ours, expected):
    np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-13 * max(1, np.abs(expected).max()))


def alone(stack, x, dh, start, into):
    """Both passes of a Stack on one sequence, x (T, D), layer by layer; reversed layers get flipped arrays.

    Returns the traces and the gradients of the layers, their directions (1 or -1), the h of the top, and dL/dx.
    """
    turns = [-1 if isinstance(layer, Reversed) else 1 for layer in stack.layers]
    cells = [getattr(layer, "layer", layer) for layer in stack.layers]
    traces, below, k = [], x, 0
    for level in stack.levels:
        for _ in level:
            traces.append(cells[k].forward(below[:: turns[k]], *[s[k] for s in start]))
            k += 1
        below = np.concatenate([traces[j].h[:: turns[j]] for j in range(k - len(level), k)], axis=1)
    backs, above = [None] * k, dh
    for level in reversed(stack.levels):
        into_level, above = above, 0
        for side in reversed(range(len(level))):
            k -= 1
            part = into_level[:, side * H : (side + 1) * H]
            backs[k] = cells[k].backward(traces[k], part[:: turns[k]], *[d[k] for d in into])
            above = above + backs[k].x[:: turns[k]]
    return traces, backs, turns, below, above


class TestStack:
    @with_and_without_lengths
    @pytest.mark.parametrize("depth, both_ways", [(1, True), (2, False), (3, True)])
    @each_layer
    def test_it_equals_its_layers_on_each_sequence_alone(self, kind, options, depth, both_ways, lengths, rng):
        stack = stack_of(kind, depth, both_ways, rng, **options)
        x, dh, start, into = data(stack, rng)
        trace = stack.forward(x, *start, lengths=lengths)
        back = stack.backward(trace, dh, *into)
        dW = [0] * len(stack.layers)
        for n, L in enumerate(lengths or [T] * N):
            traces, backs, turns, h, dx = alone(
                stack, x[:L, n], dh[:L, n], *[[s[:, n] for s in ss] for ss in (start, into)]
            )
            same(trace.h[:L, n], h)
            same(back.x[:L, n], dx)
            assert not trace.h[L:, n].any() and not back.x[L:, n].any()
            for k, (one, of_one, turn) in enumerate(zip(traces, backs, turns, strict=True)):
                for name in set(vars(one)) & set("rznfigoch"):
                    same(getattr(trace.layers[k], name)[:L, n], getattr(one, name)[::turn])
                for name in "hc"[: len(start)]:
                    same(getattr(trace, f"{name}_T")[k][n], getattr(one, name)[-1])
                    same(getattr(back, f"{name}0")[k][n], getattr(of_one, f"{name}0"))
                    same(getattr(back.layers[k], name)[:L, n], getattr(of_one, name)[::turn])
                dW[k] = dW[k] + of_one.W
        for gradients, expected in zip(back.layers, dW, strict=True):
            same(gradients.W, expected)

    def test_two_layers_equal_the_reference_twice(self, rng):
        stack = stack_of(LSTM, 2, False, rng)
        x, dh, (h0, c0), (dh_T, dc_T) = data(stack, rng)
        bottom = reference.forward(stack.layers[0], x, h0[0], c0[0])
        top = reference.forward(stack.layers[1], bottom.h, h0[1], c0[1])
        of_top = reference.backward(top, dh, dh_T[1], dc_T[1])
        of_bottom = reference.backward(bottom, of_top["x"], dh_T[0], dc_T[0])
        trace = stack.forward(x, h0, c0)
        back = stack.backward(trace, dh, dh_T, dc_T)
        same(trace.h, top.h)
        for gradients, page in zip(back.layers, (of_bottom, of_top), strict=True):
            for name, expected in page.items():
                same(getattr(gradients, name), expected)
        np.testing.assert_array_equal(back.x, back.layers[0].x)

    @each_layer
    def test_one_sequence_is_a_batch_of_one(self, kind, options, rng):
        stack = stack_of(kind, 2, True, rng, **options)
        x, dh, start, into = data(stack, rng)
        one = stack.forward(x[:, 0], *[s[:, 0] for s in start], lengths=3)
        batch = stack.forward(x[:, :1], *[s[:, :1] for s in start], lengths=[3])
        assert one.h.shape == (T, 2 * H) and one.h_T[0].shape == (H,)
        np.testing.assert_array_equal(one.h, batch.h[:, 0])
        np.testing.assert_array_equal(one.h_T, np.array(batch.h_T)[:, 0])
        of_one = stack.backward(one, dh[:, 0], *[d[:, 0] for d in into])
        of_batch = stack.backward(batch, dh[:, :1], *[d[:, :1] for d in into])
        np.testing.assert_array_equal(of_one.x, of_batch.x[:, 0])
        for ours, theirs in zip(of_one.layers, of_batch.layers, strict=True):
            np.testing.assert_array_equal(ours.W, theirs.W)

    @each_layer
    def test_forward_equals_repeated_steps(self, kind, options, rng):
        stack = stack_of(kind, 3, False, rng, **options)
        x, _, start, _ = data(stack, rng)
        trace, state = stack.forward(x, *start), start
        for t in range(T):
            state = stack.step(x[t], *state)
            state = state if len(start) == 2 else (state,)
            same(trace.h[t], state[0][-1])
        same(np.array(trace.h_T), np.array(state[0]))

    @each_layer
    def test_it_continues_from_its_last_states(self, kind, options, rng):
        stack = stack_of(kind, 2, False, rng, **options)
        x, _, start, _ = data(stack, rng)
        whole, first = stack.forward(x, *start), stack.forward(x[:4], *start)
        second = stack.forward(x[4:], *[getattr(first, f"{name}_T") for name in "hc"[: len(start)]])
        same(np.concatenate([first.h, second.h]), whole.h)

    def test_a_directional_derivative_matches_finite_differences(self, rng):
        """Along a random direction in all inputs: weights, x and states."""
        stack = stack_of(LSTM, 2, True, rng)
        x, dh, start, into = data(stack, rng)
        given = [layer.W for layer in stack.layers] + [x, *start]
        way = [rng.normal(size=array.shape) for array in given]

        def loss(far):
            for array, direction in zip(given, way, strict=True):
                array += far * direction
            trace = stack.forward(x, *start, lengths=LENGTHS)
            total = (trace.h * dh).sum() + (np.array([trace.h_T, trace.c_T]) * into).sum()
            for array, direction in zip(given, way, strict=True):
                array -= far * direction
            return total

        numeric = (loss(1e-6) - loss(-1e-6)) / 2e-6
        back = stack.backward(stack.forward(x, *start, lengths=LENGTHS), dh, *into)
        gradients = [*(one.W for one in back.layers), back.x, np.array(back.h0), np.array(back.c0)]
        assert numeric == pytest.approx(sum((g * d).sum() for g, d in zip(gradients, way, strict=True)), rel=1e-6)

    def test_gradients_add_up(self, rng):
        stack = stack_of(GRU, 2, True, rng)
        x, dh, _, (dh_T,) = data(stack, rng)
        trace = stack.forward(x)
        one, other, both = stack.backward(trace, dh), stack.backward(trace, dh_T=dh_T), stack.backward(trace, dh, dh_T)
        same(one.x + other.x, both.x)
        for k in range(4):
            same(one.layers[k].W + other.layers[k].W, both.layers[k].W)

    def test_skipping_the_gradient_of_x_changes_no_other(self, rng):
        stack = stack_of(LSTM, 2, True, rng)
        x, dh, _, _ = data(stack, rng)
        trace = stack.forward(x)
        whole, less = stack.backward(trace, dh), stack.backward(trace, dh, to_x=False)
        assert less.x is None
        for one, other in zip(whole.layers, less.layers, strict=True):
            same(one.W, other.W)

    def test_levels_may_differ_in_size_and_direction(self, rng):
        stack = Stack([random_level(LSTM, 3, 5, True, rng), random_layer(LSTM, 10, 2, rng), Reversed(LSTM(2, 6))])
        trace = stack.forward(rng.normal(size=(T, N, 3)))
        assert (stack.input_size, stack.hidden_size, trace.h.shape) == (3, 6, (T, N, 6))
        assert [one.h.shape[-1] for one in trace.layers] == [5, 5, 2, 6]
        assert [len(one.h_T[0]) for one in trace.layers] == [5, 5, 2, 6]
        assert stack.backward(trace, trace.h).x.shape == (T, N, 3)

    def test_the_trace_belongs_to_its_caller(self, rng):
        stack = stack_of(LSTM, 2, True, rng)
        x, dh, _, _ = data(stack, rng)
        trace = stack.forward(x)
        h, expected = trace.h.copy(), stack.backward(trace, dh)
        for layer in stack.layers:
            layer.W += 1
        stack.forward(x + 1)
        np.testing.assert_array_equal(trace.h, h)
        np.testing.assert_array_equal(stack.backward(trace, dh).x, expected.x)
        for array in (trace.h, trace.layers[1].h, stack.forward(x, lengths=LENGTHS).layers[1].h):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_the_layers_decide_the_dtype(self, dtype, rng):
        stack = stack_of(LSTM, 2, True, rng, dtype=dtype)
        x, dh, start, into = data(stack, rng)
        trace = stack.forward(x, *start)
        back = stack.backward(trace, dh, *into)
        assert trace.h.dtype == trace.h_T[1].dtype == back.x.dtype == back.layers[3].W.dtype == dtype

    @pytest.mark.parametrize("copied", [copy.deepcopy, lambda stack: pickle.loads(pickle.dumps(stack))])
    def test_a_copy_is_independent(self, copied, rng):
        stack = stack_of(LSTM, 2, True, rng)
        x, *_ = data(stack, rng)
        h, twin = stack.forward(x).h, copied(stack)
        np.testing.assert_array_equal(twin.forward(x).h, h)
        twin.layers[1].b_f = 5.0
        assert not np.array_equal(twin.forward(x).h, h)
        np.testing.assert_array_equal(stack.forward(x).h, h)

    def test_initialize(self):
        stack = Stack.initialize(
            LSTM, 3, 5, depth=2, bidirectional=True, forget_bias=2.0, rng=np.random.default_rng(0), dtype=np.float32
        )
        assert [layer.W.shape for layer in stack.layers] == [(20, 9), (20, 9), (20, 16), (20, 16)]
        assert [isinstance(layer, Reversed) for layer in stack.layers] == [False, True] * 2
        assert all((layer.b_f == 2).all() and layer.dtype == np.float32 for layer in stack.layers)
        assert len({layer.W[0, 0] for layer in stack.layers}) == 4
        assert len(Stack.initialize(GRU, 3, 5, depth=3, rng=np.random.default_rng(0)).layers) == 3

    def test_a_reversed_layer_exposes_the_weights_of_its_layer(self, rng):
        layer = random_layer(LSTM, 3, 4, rng)
        back = Reversed(layer)
        back.b_f = 3
        assert (layer.b_f == 3).all() and back.W is layer.W and back.hidden_size == 4
        assert repr(back.forward(np.zeros((5, 3)))).startswith("Trace of Reversed: x (5, 3), f (5, 4), ")


DEEP, BOTH = Stack([LSTM(3, 2), LSTM(2, 2)]), Stack([[GRU(3, 2), Reversed(GRU(3, 2))]])
ONE = LSTM(3, 2)
X = np.zeros((5, 4, 3))
TRACE = DEEP.forward(X)
REFUSALS = {
    "no list": (lambda: Stack(LSTM(3, 2)), TypeError, "levels must be a list of layers, got an LSTM"),
    "no layers": (lambda: Stack([LSTM(3, 2), []]), ValueError,
                  "levels must hold at least one layer each, got an empty one"),
    "no layer": (lambda: Stack([LSTM(3, 2), 5]), TypeError,
                 "levels must be a list of LSTM, GRU, RNN or MinGRU layers, or such layers Reversed, "
                 "got an int among them"),
    "one twice": (lambda: Stack([[ONE, Reversed(ONE)]]), ValueError,
                  "levels must hold each layer once, got one of them twice"),
    "two kinds": (lambda: Stack([LSTM(3, 2), GRU(2, 2)]), ValueError,
                  "levels must be like the first, an LSTM in float64, got a GRU in float64"),
    "two dtypes": (lambda: Stack([LSTM(3, 2), LSTM(2, 2, dtype="float32")]), ValueError,
                   "levels must be like the first, an LSTM in float64, got an LSTM in float32"),
    "what does not fit": (lambda: Stack([[LSTM(3, 2), Reversed(LSTM(3, 2))], LSTM(2, 2)]), ValueError,
                          "levels[1] must have 4 inputs, the units below it, got 2"),
    "two inputs": (lambda: Stack([[LSTM(3, 2), Reversed(LSTM(4, 2))]]), ValueError,
                   "levels[0] must have 3 inputs, like the first layer, got 4"),
    "reversed twice": (lambda: Reversed(Reversed(LSTM(3, 2))), TypeError,
                       "layer must be an LSTM, GRU, RNN or MinGRU, got a Reversed"),
    "a kind by its name": (lambda: Stack.initialize("LSTM", 3, 2, rng=np.random.default_rng(0)), TypeError,
                           "kind must be LSTM, GRU, RNN or MinGRU, got 'LSTM'"),
    "x": (lambda: DEEP.forward(X[..., :2]), ValueError,
          "x must have shape (T, N, D) or (T, D) with D = 3, got shape (5, 4, 2)"),
    "h0 for one": (lambda: DEEP.forward(X, [np.zeros((4, 2))]), ValueError,
                   "h0 must hold one array for each of the 2 layers, got 1"),
    "c0 of a GRU": (lambda: BOTH.forward(X, c0=np.zeros((2, 4, 2))), ValueError,
                    "c0 must be left out: a GRU has no cell state"),
    "lengths": (lambda: BOTH.forward(X, lengths=[5, 5, 5, 6]), ValueError,
                "lengths must lie from 1 to T = 5, got from 5 to 6"),
    "a trace of another": (lambda: BOTH.backward(TRACE), ValueError,
                           "trace must be a StackTrace that this layer's forward returned, "
                           "got Trace of Stack: x (5, 4, 3), h (5, 4,..."),
    "dh of another shape": (lambda: DEEP.backward(TRACE, X), ValueError,
                            "dh must have shape (T, N, H) = (5, 4, 2), got shape (5, 4, 3)"),
    "dh_T of one": (lambda: DEEP.backward(TRACE, dh_T=np.zeros((1, 4, 2))), ValueError,
                    "dh_T must hold one array for each of the 2 layers, got 1"),
    "a step both ways": (lambda: BOTH.step([0, 0, 0], np.zeros((2, 2))), TypeError,
                         "step must run forward in time: this Stack has a Reversed layer, so call forward"),
    "a step without c": (lambda: DEEP.step([0, 0, 0], np.zeros((2, 2))), TypeError,
                         "h and c must be given: step continues from a state"),
}  # fmt: skip


@pytest.mark.parametrize("call, kind, sentence", REFUSALS.values(), ids=REFUSALS)
def test_bad_input_gets_one_sentence(call, kind, sentence):
    assert_refused(call, kind, sentence, frames=3)
