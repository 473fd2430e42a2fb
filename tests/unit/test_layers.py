"""The layers by themselves; test_layers_peers.py compares them with other implementations."""

import copy
import gc
import pickle
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

from lstm_helpers import GRU, LSTM, RNN, MinGRU
from lstm_helpers.layers import _loops
from lstm_helpers.layers.min_gru import scan
from tests.support.layer_cases import LAYERS, random_layer, states
from tests.support.refusals import assert_refused

FLOATS = [np.float32, np.float64]
each_layer = pytest.mark.parametrize("kind, options", LAYERS.values(), ids=LAYERS)


def by_steps(layer, x, *state):
    """The states of one sequence, computed with `step` alone."""
    history = []
    for x_t in x:
        state = layer.step(x_t, *state)
        state = state if isinstance(state, tuple) else (state,)
        history.append(state)
    return [np.array(of_a_kind) for of_a_kind in zip(*history, strict=True)]


@each_layer
class TestForward:
    @pytest.mark.parametrize("T, N, D, H", [(1, 1, 1, 1), (1, 3, 2, 4), (7, 1, 3, 2), (6, 2, 1, 3), (5, 4, 2, 1)])
    def test_equals_repeated_steps(self, kind, options, T, N, D, H, rng):
        layer = random_layer(kind, D, H, rng, **options)
        x, start = rng.normal(size=(T, N, D)), [rng.normal(size=(N, H)) for _ in states(layer)]
        trace = layer.forward(x, *start)
        for n in range(N):
            for name, expected in zip("hc", by_steps(layer, x[:, n], *[s[n] for s in start]), strict=False):
                np.testing.assert_allclose(getattr(trace, name)[:, n], expected, rtol=0, atol=1e-14)

    def test_a_step_of_several_sequences(self, kind, options, rng):
        layer = random_layer(kind, 3, 4, rng, **options)
        x, start = rng.normal(size=(5, 2, 3)), [rng.normal(size=(2, 4)) for _ in states(layer)]
        together = by_steps(layer, x, *start)
        for n in range(2):
            for several, one in zip(together, by_steps(layer, x[:, n], *[s[n] for s in start]), strict=True):
                np.testing.assert_allclose(several[:, n], one, rtol=0, atol=1e-14)

    def test_one_sequence_is_a_batch_of_one(self, kind, options, rng):
        layer = random_layer(kind, 3, 4, rng, **options)
        x, dh, state = rng.normal(size=(5, 3)), rng.normal(size=(5, 4)), rng.normal(size=4)
        alone, batch = layer.forward(x, state), layer.forward(x[:, None], state[None])
        assert alone.h.shape == (5, 4)
        np.testing.assert_array_equal(alone.h, batch.h[:, 0])
        of_one, of_batch = layer.backward(alone, dh, dh[0]), layer.backward(batch, dh[:, None], dh[:1])
        assert of_one.x.shape == (5, 3) and of_one.h0.shape == (4,)
        np.testing.assert_array_equal(of_one.x, of_batch.x[:, 0])
        np.testing.assert_array_equal(of_one.W, of_batch.W)

    def test_a_sequence_can_be_run_in_two_parts(self, kind, options, rng):
        layer = random_layer(kind, 2, 3, rng, **options)
        x, dh = rng.normal(size=(9, 2, 2)), rng.normal(size=(9, 2, 3))
        whole = layer.forward(x)
        first = layer.forward(x[:4])
        second = layer.forward(x[4:], *[getattr(first, name[0])[-1] for name in states(layer)])
        np.testing.assert_allclose(np.concatenate([first.h, second.h]), whole.h, rtol=0, atol=1e-14)
        back = layer.backward(second, dh[4:])
        earlier = layer.backward(first, dh[:4], *[getattr(back, name) for name in states(layer)])
        expected = layer.backward(whole, dh)
        np.testing.assert_allclose(np.concatenate([earlier.x, back.x]), expected.x, rtol=0, atol=1e-13)
        np.testing.assert_allclose(earlier.W + back.W, expected.W, rtol=0, atol=1e-13)

    @pytest.mark.parametrize("dtype", FLOATS)
    def test_the_layer_decides_the_dtype(self, kind, options, dtype, rng):
        layer = random_layer(kind, 3, 2, rng, dtype, **options)
        for given in FLOATS:
            x = rng.normal(size=(4, 3)).astype(given)
            trace = layer.forward(x)
            assert trace.h.dtype == layer.backward(trace, trace.h).W.dtype == dtype
            np.testing.assert_array_equal(trace.h, layer.forward(x.astype(dtype)).h)
            before = [rng.normal(size=2).astype(given) for _ in states(layer)]
            after = layer.step(x[0], *before)
            dtypes = [state.dtype for state in (after if isinstance(after, tuple) else [after])]
            assert dtypes == [dtype] * len(before)
        assert layer.forward([[1, 2, 3]]).h.dtype == dtype

    def test_extreme_inputs_raise_no_warning(self, kind, options, rng):
        layer = random_layer(kind, 2, 3, rng, **options)
        layer.W *= 1e4
        with np.errstate(all="raise", under="ignore"):
            trace = layer.forward(rng.normal(size=(5, 2)))
            gradients = layer.backward(trace, np.ones((5, 3)))
        assert np.isfinite(trace.h).all() and np.isfinite(gradients.W).all()

    @pytest.mark.slow
    def test_ten_thousand_steps(self, kind, options, rng):
        layer = random_layer(kind, 1, 2, rng, **options)
        x, dh = rng.normal(size=(10_000, 1)), rng.normal(size=(10_000, 2))
        tracemalloc.start()
        trace = layer.forward(x)
        gradients = layer.backward(trace, dh)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 10_000 * 100 * 8  # a hundred values a step: nothing quadratic
        h = layer.forward(x[-200:], *[getattr(trace, name[0])[-201] for name in states(layer)]).h
        np.testing.assert_allclose(h, trace.h[-200:], rtol=0, atol=1e-14)
        assert np.isfinite(gradients.W).all()


@each_layer
class TestTrace:
    def test_later_passes_do_not_change_it(self, kind, options, rng):
        """Buffers are reused when no reference is left, so keep everything that a caller may keep."""
        layer = random_layer(kind, 16, 32, rng, **options)

        def passes():
            trace = layer.forward(rng.normal(size=(64, 8, 16)), rng.normal(size=(8, 32)))
            return trace, layer.backward(trace, rng.normal(size=(64, 8, 32)))

        def arrays(*owners):
            return {n: a for o in owners for n, a in vars(o).items() if isinstance(a, np.ndarray)}

        kept = [arrays(*passes()) for _ in range(3)]  # only the arrays: no Trace and no Gradients is alive
        a_view_of_a_view = passes()[0].h[1:][::2].T[0]
        before, view_before = [{n: a.copy() for n, a in k.items()} for k in kept], a_view_of_a_view.copy()
        for _ in range(10):
            passes()
        for held, expected in zip(kept, before, strict=True):
            for name in held:
                np.testing.assert_array_equal(held[name], expected[name], err_msg=name)
        np.testing.assert_array_equal(a_view_of_a_view, view_before)

    @pytest.mark.slow
    def test_memory_is_reused_when_no_reference_is_left(self, kind, options, rng):
        layer = random_layer(kind, 16, 32, rng, **options)
        x = rng.normal(size=(64, 8, 16))
        address = layer.forward(x).h.ctypes.data
        gc.collect()
        in_its_place = np.ones(layer.forward(x).nbytes)  # not the allocator's doing
        assert layer.forward(x).h.ctypes.data == address
        assert in_its_place.all()

    def test_gradients_are_those_at_the_weights_of_the_forward_pass(self, kind, options, rng):
        layer = random_layer(kind, 3, 2, rng, **options)
        trace, dh = layer.forward(rng.normal(size=(5, 3))), rng.normal(size=(5, 2))
        expected = layer.backward(trace, dh)
        layer.W += 1
        again = layer.backward(trace, dh)
        np.testing.assert_array_equal(again.x, expected.x)
        np.testing.assert_array_equal(again.W, expected.W)

    def test_it_is_read_only(self, kind, options, rng):
        layer = random_layer(kind, 3, 2, rng, **options)
        trace = layer.forward(rng.normal(size=(5, 3)))
        with pytest.raises(ValueError, match="read-only"):
            trace.h[0] = 0

    def test_it_holds_the_inputs(self, kind, options, rng):
        layer = random_layer(kind, 3, 2, rng, **options)
        x, start = rng.normal(size=(5, 4, 3)), {name: rng.normal(size=(4, 2)) for name in states(layer)}
        trace = layer.forward(x, **start)
        np.testing.assert_array_equal(trace.x, x)
        for name in start:
            np.testing.assert_array_equal(getattr(trace, name), start[name])
        assert repr(trace).startswith(f"Trace of {kind.__name__}: x (5, 4, 3), ")


FRESH_PAGES = """
import resource
import numpy as np
from lstm_helpers import RNN

layer, x, dh = RNN(32, 32), np.ones((25, 16, 32)), np.ones((25, 16, 32))
for call in range(30):
    if call == 10:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    layer.backward(layer.forward(x), dh)
print((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / 20)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="counts page faults as Linux does")
def test_a_pass_reuses_the_memory_of_the_last_one():
    """In a separate process: the allocator's page faults depend on everything that was freed before."""
    done = subprocess.run([sys.executable, "-c", FRESH_PAGES], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 15, "each pass takes fresh pages from the system"


class TestGates:
    @pytest.mark.parametrize("dtype", FLOATS)
    @pytest.mark.parametrize("peepholes", [False, True])
    def test_a_nearly_shut_gate_keeps_its_relative_accuracy(self, dtype, peepholes, rng):
        layer = random_layer(LSTM, 2, 3, rng, dtype, peepholes=peepholes)
        bias = np.array([-80, -30, -3], dtype)
        for name in [name for name in layer.parts if name[-1] in "fio"]:
            setattr(layer, name, 0 if name[0] != "b" else bias)
        trace = layer.forward(rng.normal(size=(4, 2)))
        exact = np.exp(bias.astype(float)) / (1 + np.exp(bias.astype(float)))
        for gate in (trace.f, trace.i, trace.o):
            np.testing.assert_allclose(gate, np.broadcast_to(exact, (4, 3)), rtol=4 * np.finfo(dtype).eps)

    def test_the_fields_obey_the_equations(self, rng):
        layer = random_layer(LSTM, 2, 3, rng)
        t = layer.forward(rng.normal(size=(5, 2, 2)), c0=rng.normal(size=(2, 3)))
        c_prev = np.concatenate([t.c0[None], t.c[:-1]])
        np.testing.assert_array_equal(t.c, t.f * c_prev + t.i * t.g)
        np.testing.assert_array_equal(t.h, t.o * np.tanh(t.c))

    def test_coupled_gates_and_no_forget_gate(self, rng):
        t = random_layer(LSTM, 2, 3, rng, coupled=True).forward(rng.normal(size=(5, 2)))
        np.testing.assert_array_equal(t.i, 1 - t.f)
        t = random_layer(LSTM, 2, 3, rng, forget_gate=False).forward(rng.normal(size=(5, 2)))
        np.testing.assert_array_equal(t.f, np.ones((5, 3)))


class TestMinGRU:
    @pytest.mark.parametrize("T", [1, 2, 3, 4, 7, 8, 9, 100])
    @pytest.mark.parametrize("N", [1, 3])
    def test_scan_and_loop_agree(self, T, N, rng):
        by_scan = random_layer(MinGRU, 3, 4, rng)
        by_loop = MinGRU(3, 4, scan=False)
        by_loop.W = by_scan.W
        x, h0, dh = rng.normal(size=(T, N, 3)), rng.normal(size=(N, 4)), rng.normal(size=(T, N, 4))
        one, other = by_scan.forward(x, h0), by_loop.forward(x, h0)
        np.testing.assert_allclose(one.h, other.h, rtol=0, atol=1e-14)
        one, other = by_scan.backward(one, dh, dh[0]), by_loop.backward(other, dh, dh[0])
        for name in ("W", "x", "h", "h0"):
            np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=0, atol=1e-12)

    def test_scan_by_hand_and_leaves_its_arguments_alone(self):
        keep, add, start = np.array([0.5, 0.0, 2.0]), np.array([1.0, 3.0, -1.0]), np.array(4.0)
        before = keep.copy(), add.copy(), start.copy()
        assert scan(keep, add, start).tolist() == [3.0, 3.0, 5.0]
        for array, copied in zip((keep, add, start), before, strict=True):
            np.testing.assert_array_equal(array, copied)

    def test_h_is_linear_in_the_state_before(self, rng):
        layer, x = random_layer(MinGRU, 2, 3, rng), rng.normal(size=(6, 2))
        a, b = rng.normal(size=(2, 3))
        ends = [layer.forward(x, start).h for start in (a, b, 0.3 * a + 0.7 * b)]
        np.testing.assert_allclose(ends[2], 0.3 * ends[0] + 0.7 * ends[1], rtol=0, atol=1e-14)

    def test_keep_bias_sets_the_initial_gate(self, rng):
        assert MinGRU.initialize(2, 3, keep_bias=2.5, rng=rng).b_z.tolist() == [2.5] * 3


class TestBackward:
    def test_a_gradient_into_the_last_state_reaches_the_first_input(self, rng):
        """One unit, three steps, a gradient into h_3 only, and the derivative written out by hand."""
        layer = random_layer(LSTM, 1, 1, rng)
        x = rng.normal(size=(3, 1))
        trace = layer.forward(x)
        dx_1 = layer.backward(trace, dh_T=[1.0]).x[0, 0]

        f, i, g, o, c = (getattr(trace, k)[:, 0] for k in "figoc")
        w = {k: getattr(layer, f"W_{k}")[0] for k in "figo"}
        slope = {"f": f * (1 - f), "i": i * (1 - i), "g": 1 - g**2, "o": o * (1 - o)}
        dh, dc = 0.0, 0.0  # of the state before the step, with respect to x_1
        for t, column in [(0, 1), (1, 0), (2, 0)]:
            by = {k: slope[k][t] * w[k][column] * (1.0 if t == 0 else dh) for k in "figo"}
            dc = by["f"] * (c[t - 1] if t else 0) + f[t] * dc + by["i"] * g[t] + i[t] * by["g"]
            dh = by["o"] * np.tanh(c[t]) + o[t] * (1 - np.tanh(c[t]) ** 2) * dc
        assert dx_1 == pytest.approx(dh, rel=1e-13)

    @each_layer
    def test_gradients_add_up(self, kind, options, rng):
        """Backward is linear: the gradients of each argument alone add up to those of all together."""
        layer = random_layer(kind, 3, 2, rng, **options)
        trace = layer.forward(rng.normal(size=(6, 4, 3)))
        arguments = {"dh": rng.normal(size=(6, 4, 2)), "dh_T": rng.normal(size=(4, 2))}
        if kind is LSTM:
            arguments["dc_T"] = rng.normal(size=(4, 2))
        alone = [layer.backward(trace, **{name: d}) for name, d in arguments.items()]
        together = layer.backward(trace, **arguments)
        for name in [*layer.parts, "x", "h", *states(layer)]:
            total = sum(getattr(gradients, name) for gradients in alone)
            np.testing.assert_allclose(getattr(together, name), total, rtol=0, atol=1e-14)

    @each_layer
    @pytest.mark.parametrize("N", [5, 64])  # 64 columns are cut in two
    def test_bands_change_nothing_but_rounding(self, N, kind, options, rng, monkeypatch):
        layer = random_layer(kind, 24, 32, rng, **options)
        x, dh = rng.normal(size=(21, N, 24)), rng.normal(size=(21, N, 32))
        results = []
        for kernels, band in [("Haswell", 0), ("SkylakeX", 8 * 128 * min(N, 32)), ("SkylakeX", 10**9)]:
            monkeypatch.setattr(_loops, "BAND_SIZE", band)
            monkeypatch.setattr(_loops, "blas_kernels", lambda kernels=kernels: kernels)
            results.append(layer.backward(layer.forward(x), dh, dh[0]))
        for other in results[1:]:
            np.testing.assert_allclose(other.W, results[0].W, rtol=0, atol=1e-11)
            np.testing.assert_allclose(other.x, results[0].x, rtol=0, atol=1e-12)

    @each_layer
    def test_skipping_the_gradient_of_x_changes_no_other(self, kind, options, rng):
        layer = random_layer(kind, 3, 4, rng, **options)
        trace = layer.forward(rng.normal(size=(6, 2, 3)))
        dh, dh_T = rng.normal(size=(6, 2, 4)), rng.normal(size=(2, 4))
        whole, less = layer.backward(trace, dh, dh_T), layer.backward(trace, dh, dh_T, to_x=False)
        assert not hasattr(less, "x")
        for name in [*layer.parts, "h", *states(layer)]:
            np.testing.assert_allclose(getattr(less, name), getattr(whole, name), rtol=1e-12, atol=1e-14)

    def test_memory_matches_the_docstring(self, rng):
        T, N, D, H = 100, 32, 64, 128
        layer = LSTM.initialize(D, H, rng=rng)
        x, dh = rng.normal(size=(T, N, D)), rng.normal(size=(T, N, H))
        tracemalloc.start()
        trace = layer.forward(x)
        held = trace.nbytes / 8
        layer.backward(trace, dh)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        weights, block = layer.W.size, 2 * H * (10 * H + D + 1)
        assert held == (6 * H + D + 1) * N * (T + 1) + weights
        assert peak / 8 == pytest.approx((9 * H + 2 * D + 1) * N * T + block + 4 * weights, rel=0.01)
        assert peak / 8 < 12 * T * N * H


class TestWeights:
    @each_layer
    def test_the_parts_are_views_of_one_matrix(self, kind, options, rng):
        layer = kind(3, 2, **options)
        for name in layer.parts:
            getattr(layer, name)[...] = rng.normal(size=getattr(layer, name).shape)
        assert np.count_nonzero(layer.W) == sum(getattr(layer, name).size for name in layer.parts)
        for name in layer.parts:  # no two parts overlap
            setattr(layer, name, 0.0)
            assert not getattr(layer, name).any()
        assert not layer.W.any()

    def test_assigning_writes_into_the_matrix(self):
        layer = LSTM(3, 2)
        layer.b_f = [1, 2]
        layer.b_f += 1
        layer.W_i = np.full((2, 5), 0.5)
        assert layer.W.sum() == 5 + 5
        layer.W *= 2
        np.testing.assert_array_equal(layer.b_f, [4, 6])

    @each_layer
    def test_initialize(self, kind, options, rng):
        layer = kind.initialize(3, 8, rng=np.random.default_rng(1), **options)
        again = kind.initialize(3, 8, rng=np.random.default_rng(1), dtype=np.float32, **options)
        np.testing.assert_allclose(again.W, layer.W, rtol=1e-6, atol=1e-9)
        for name in layer.parts:
            part = getattr(layer, name)
            if kind is MinGRU and name.startswith("W_"):  # it has no columns for h_prev
                assert 0 < np.abs(part).max() <= np.sqrt(6 / 11)
            elif name.startswith("W_"):
                np.testing.assert_allclose(part[:, :8] @ part[:, :8].T, np.eye(8), atol=1e-14)
                assert part[:, 8:].any(axis=1).all()
            else:
                assert (part == (1 if name == "b_f" else 0)).all()

    @each_layer
    def test_no_direction_is_favored(self, kind, options):
        """With one unit the recurrent weight is 1 or -1, and both occur. QR alone gives only one of them."""
        layers = [kind.initialize(1, 1, rng=np.random.default_rng(seed), **options) for seed in range(20)]
        matrices = [name for name in layers[0].parts if name.startswith("W_")]
        assert matrices
        for name in matrices:
            assert {np.sign(getattr(layer, name)[0, 0]) for layer in layers} == {-1, 1}, name

    def test_the_forget_bias(self, rng):
        np.testing.assert_array_equal(LSTM.initialize(3, 2, forget_bias=2.5, rng=rng).b_f, [2.5, 2.5])
        assert not hasattr(LSTM.initialize(3, 2, forget_gate=False, rng=rng), "b_f")

    @each_layer
    @pytest.mark.parametrize("copied", [copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer))])
    def test_a_copy_is_independent(self, kind, options, copied, rng):
        layer = random_layer(kind, 3, 2, rng, **options)
        x = rng.normal(size=(4, 3))
        h = layer.forward(x).h
        twin = copied(layer)
        np.testing.assert_array_equal(twin.forward(x).h, h)
        setattr(twin, next(iter(twin.parts)), 0.0)
        assert not np.array_equal(twin.forward(x).h, h)
        np.testing.assert_array_equal(layer.forward(x).h, h)


L, X = LSTM(3, 2), np.zeros((5, 4, 3))
LAYER_WITH_NAN = LSTM(3, 2)
LAYER_WITH_NAN.W_f[1, 1] = np.nan
TRACE = L.forward(X)

REFUSALS = {
    "x with the wrong inputs": (lambda: L.forward(np.zeros((5, 4))), ValueError,
                                "x must have shape (T, N, D) or (T, D) with D = 3, got shape (5, 4)"),
    "x as a vector": (lambda: RNN(3, 2).forward([1, 2, 3]), ValueError,
                      "x must have shape (T, N, D) or (T, D) with D = 3, got shape (3,)"),
    "an empty sequence": (lambda: L.forward(np.zeros((0, 3))), ValueError,
                          "x must hold at least one number, got shape (0, 3)"),
    "nan in x": (lambda: GRU(1, 2).forward([[0], [np.nan]]), ValueError, "x must be finite, got nan at index (1, 0)"),
    "beyond float32": (lambda: LSTM(1, 1, dtype=np.float32).forward([[1e300]]), ValueError,
                       "x must be finite in float32, got 1e+300 at index (0, 0)"),
    "nan in the weights": (lambda: LAYER_WITH_NAN.forward(X), ValueError,
                           "W must be finite, got nan at index (5, 1)"),
    "words": (lambda: L.forward([["a"] * 3]), TypeError, "x must hold real numbers, got [['a', 'a', 'a']]"),
    "h0 without a batch": (lambda: L.forward(X, [0, 0]), ValueError,
                           "h0 must have shape (N, H) = (4, 2), got shape (2,)"),
    "c0 with a batch": (lambda: L.forward(X[:, 0], c0=np.zeros((1, 2))), ValueError,
                        "c0 must have shape (H,) = (2,), got shape (1, 2)"),
    "dh of another shape": (lambda: L.backward(TRACE, np.zeros((5, 4, 3))), ValueError,
                            "dh must have shape (T, N, H) = (5, 4, 2), got shape (5, 4, 3)"),
    "dh_T of another shape": (lambda: L.backward(TRACE, dh_T=np.zeros(2)), ValueError,
                              "dh_T must have shape (N, H) = (4, 2), got shape (2,)"),
    "nan in dc_T": (lambda: L.backward(TRACE, dc_T=np.full((4, 2), np.nan)), ValueError,
                    "dc_T must be finite, got nan at index (0, 0)"),
    "a trace of another layer": (lambda: LSTM(3, 2).backward(TRACE), ValueError,
                                 "trace must be a Trace that this layer's forward returned, "
                                 "got Trace of LSTM: x (5, 4, 3), f (5, 4, ..."),
    "step": (lambda: L.step([1, 2, 3], [0, 0], [0, 0, 0]), ValueError,
             "c must have shape (H,) = (2,), got shape (3,)"),
    "a step of several": (lambda: L.step(np.zeros((4, 3)), np.zeros((4, 2)), np.zeros((3, 2))), ValueError,
                          "c must have shape (N, H) = (4, 2), got shape (3, 2)"),
    "a step of a batch of batches": (lambda: L.step(np.zeros((1, 4, 3)), [0, 0], [0, 0]), ValueError,
                                     "x must have shape (D,) = (3,), got shape (1, 4, 3)"),
    "no units": (lambda: RNN(3, 0), ValueError, "hidden_size must be at least 1, got 0"),
    "half an input": (lambda: GRU(2.5, 2), TypeError, "input_size must be a whole number, got 2.5"),
    "float16": (lambda: LSTM(3, 2, dtype="float16"), TypeError, "dtype must be float32 or float64, got 'float16'"),
    "a seed": (lambda: LSTM.initialize(3, 2, rng=1), TypeError,
               "rng must be a numpy.random.Generator, such as default_rng(seed), got 1"),
    "forget_bias": (lambda: LSTM.initialize(3, 2, forget_bias=[1, 2], rng=np.random.default_rng(0)), ValueError,
                    "forget_bias must be a single number, got shape (2,)"),
    "coupled to nothing": (lambda: LSTM(3, 2, coupled=True, forget_gate=False), ValueError,
                           "coupled needs forget_gate=True: it couples the input gate to the forget gate"),
    "weights of another shape": (lambda: setattr(L, "W_f", np.zeros((2, 4))), ValueError,
                                 "W_f must have shape (2, 5), got shape (2, 4)"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("scan", [True, False])
def test_an_h_that_overflows_is_refused_except_after_the_end(scan, rng):
    layer, x = random_layer(MinGRU, 2, 3, rng, scan=scan), rng.normal(size=(5, 2, 2))
    layer.W_n, x[3:, 1] = 100, 1e308
    assert np.isfinite(layer.forward(x, lengths=[5, 3]).h).all()
    sentence = "x, the states and W must be small enough for float64, got an h that is not finite"
    assert_refused(lambda: layer.forward(x), ValueError, sentence)


@pytest.mark.parametrize("call, kind, sentence", REFUSALS.values(), ids=REFUSALS)
def test_bad_input_gets_one_sentence(call, kind, sentence):
    assert_refused(call, kind, sentence, frames=2)
    assert not L.W.any()  # nothing is changed before the error


def test_an_unknown_weight_lists_the_known_ones():
    layer = LSTM(3, 2, coupled=True)
    with pytest.raises(AttributeError, match="LSTM has no W_i; its weights are W_f, W_g, W_o, b_f, b_g, b_o"):
        _ = layer.W_i
    with pytest.raises(AttributeError, match="LSTM has no W_i to write to"):
        layer.W_i = 0
