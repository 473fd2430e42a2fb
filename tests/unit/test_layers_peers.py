"""The layers beside PyTorch, Keras, ONNX's reference in NumPy, and onnxruntime: random shapes, weights, states."""

import numpy as np
import pytest

from lstm_helpers import GRU, LSTM, RNN
from lstm_helpers.interop import to_keras, to_onnx, to_torch
from tests.unit.layer_cases import random_layer, states
from tests.unit.peers import agree, close, pass_through_keras, pass_through_torch, reference, runtime

SHAPES = [(1, 1, 1, 1), (5, 3, 2, 4), (40, 2, 7, 3), (12, 5, 24, 32), (300, 2, 1, 2)]  # T, N, D, H
FLOATS = [(np.float64, 1e-12), (np.float32, 3e-5)]
BEFORE = {"reset_after": False}
each_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)


def setting(kind, shape, rng, dtype, **options):
    """A layer; x, dh, the states before the first step, and the gradients into the last ones."""
    T, N, D, H = shape
    layer = random_layer(kind, D, H, rng, dtype, **options)
    x, dh = rng.normal(size=(T, N, D)).astype(dtype), rng.normal(size=(T, N, H)).astype(dtype)
    start, into = ([rng.normal(size=(N, H)).astype(dtype) for _ in states(layer)] for _ in range(2))
    return layer, (x, dh, start, into)


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("dtype, tolerance", FLOATS)
@each_shape
@pytest.mark.parametrize("kind", [LSTM, GRU, RNN])
def test_pytorch(kind, shape, dtype, tolerance, batch_first, rng):
    pytest.importorskip("torch")
    layer, data = setting(kind, shape, rng, dtype)
    agree(layer, pass_through_torch(to_torch(layer, batch_first=batch_first), *data), *data, tolerance)


@pytest.mark.parametrize("dtype, tolerance", FLOATS)
@each_shape
@pytest.mark.parametrize("kind, options", [(LSTM, {}), (GRU, {}), (GRU, BEFORE), (RNN, {})])
def test_keras(kind, options, shape, dtype, tolerance, rng, keras, monkeypatch):
    """Where Keras has no fast path it multiplies in float32, whatever the dtype; here it is told not to."""
    from keras.src.backend.common import dtypes

    monkeypatch.setitem(dtypes.BIT64_TO_BIT32_DTYPE, "float64", "float64")
    layer, data = setting(kind, shape, rng, dtype, **options)
    agree(layer, pass_through_keras(to_keras(layer, return_state=True), *data), *data, tolerance)


@pytest.mark.parametrize("kind, options, tolerance", [(LSTM, {}, 1e-12), (GRU, {}, 1e-12), (GRU, BEFORE, 1e-5),
                                                      (RNN, {}, 1e-5)])  # fmt: skip
def test_keras_as_it_comes(kind, options, tolerance, rng, keras):
    layer, data = setting(kind, SHAPES[1], rng, np.float64, **options)
    agree(layer, pass_through_keras(to_keras(layer, return_state=True), *data), *data, tolerance)


@pytest.mark.parametrize("run, dtype, tolerance", [(reference, np.float32, 1e-5), (reference, np.float64, 1e-12),
                                                   (runtime, np.float32, 1e-5)])  # fmt: skip
@pytest.mark.parametrize("shape", SHAPES[:4], ids=str)
@pytest.mark.parametrize(
    "kind, options",
    [
        (LSTM, {}),
        (LSTM, {"peepholes": True}),
        (LSTM, {"coupled": True}),
        (LSTM, {"coupled": True, "peepholes": True}),
        (GRU, {}),
        (GRU, BEFORE),
        (RNN, {}),
    ],
)
def test_onnx(kind, options, shape, run, dtype, tolerance, rng):
    pytest.importorskip("onnx" if run is reference else "onnxruntime")
    T, N, _, H = shape
    layer, (x, _, start, _) = setting(kind, shape, rng, dtype, **options)
    trace = layer.forward(x, *start)
    begin = {f"initial_{name[0]}": s[None] for name, s in zip(states(layer), start, strict=True)}
    Y, *lasts = run(to_onnx(layer, initial_states=True), X=x, **begin)
    close(trace.h, np.asarray(Y).reshape(T, N, H), tolerance)
    for name, last in zip(states(layer), lasts, strict=True):
        close(getattr(trace, name[0])[-1], np.asarray(last).reshape(N, H), tolerance)


def test_what_the_benchmark_compares_with_is_the_same_computation(rng):
    from tests.benchmark import layers as benchmark

    case = 5, 2, 3, 4, "float64"
    layer, x, dh = benchmark.setting(*case)
    ours = layer.backward(layer.forward(x), dh)
    dW, db, dx = benchmark.per_step(*case)[1]()
    np.testing.assert_allclose(dx, ours.x, rtol=0, atol=1e-14)
    for gate in "figo":
        np.testing.assert_allclose(dW[gate].T, getattr(ours, f"W_{gate}"), rtol=0, atol=1e-14)
        np.testing.assert_allclose(db[gate], getattr(ours, f"b_{gate}"), rtol=0, atol=1e-14)
