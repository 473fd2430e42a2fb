"""The layers compared with PyTorch, Keras, ONNX's NumPy reference and onnxruntime: random shapes, weights, states."""

import numpy as np
import pytest

from lstm_helpers import GRU, LSTM, RNN, MinGRU
from lstm_helpers.interop import to_keras, to_onnx, to_torch
from lstm_helpers.layers._loops import blas_kernels
from tests.support.layer_cases import random_layer, states
from tests.support.peers import agree, close, pass_through_keras, pass_through_torch, reference, runtime

pytestmark = pytest.mark.slow

SHAPES = [(1, 1, 1, 1), (5, 3, 2, 4), (40, 2, 7, 3), (12, 5, 24, 32), (300, 2, 1, 2)]  # T, N, D, H
FLOATS = [(np.float64, 1e-12), (np.float32, 3e-5)]
BEFORE = {"reset_after": False}
each_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)


def setting(kind, shape, rng, dtype, **options):
    """A layer, x, dh, the states before the first step, and the gradients into the last states."""
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


@pytest.mark.long
@pytest.mark.parametrize("dtype, tolerance", FLOATS)
@each_shape
@pytest.mark.parametrize("kind, options", [(LSTM, {}), (GRU, {}), (GRU, BEFORE), (RNN, {})])
def test_keras(kind, options, shape, dtype, tolerance, rng, keras, monkeypatch):
    """Where Keras has no fast path it multiplies in float32, whatever the dtype; here that conversion is disabled."""
    from keras.src.backend.common import dtypes

    monkeypatch.setitem(dtypes.BIT64_TO_BIT32_DTYPE, "float64", "float64")
    layer, data = setting(kind, shape, rng, dtype, **options)
    agree(layer, pass_through_keras(to_keras(layer, return_state=True), *data), *data, tolerance)


@pytest.mark.parametrize("kind, options, tolerance", [(LSTM, {}, 1e-12), (GRU, {}, 1e-12), (GRU, BEFORE, 1e-5),
                                                      (RNN, {}, 1e-5)])  # fmt: skip
def test_keras_with_default_settings(kind, options, tolerance, rng, keras):
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
    pytest.importorskip("onnx")
    if run is runtime:
        pytest.importorskip("onnxruntime")
    T, N, _, H = shape
    layer, (x, _, start, _) = setting(kind, shape, rng, dtype, **options)
    trace = layer.forward(x, *start)
    begin = {f"initial_{name[0]}": s[None] for name, s in zip(states(layer), start, strict=True)}
    Y, *lasts = run(to_onnx(layer, initial_states=True), X=x, **begin)
    close(trace.h, np.asarray(Y).reshape(T, N, H), tolerance)
    for name, last in zip(states(layer), lasts, strict=True):
        close(getattr(trace, name[0])[-1], np.asarray(last).reshape(N, H), tolerance)


def test_the_benchmark_names_the_kernels_that_ran(monkeypatch, capsys):
    from benchmarks import layers as benchmark

    monkeypatch.setattr(benchmark, "CASES", [])
    benchmark.main()
    assert f"with {blas_kernels()} kernels" in capsys.readouterr().out or not blas_kernels()


def test_the_plain_version_of_the_benchmark_computes_the_same(rng):
    from benchmarks import layers as benchmark

    case = 5, 2, 3, 4, "float64"
    layer, x, dh = benchmark.setting(*case)
    ours = layer.backward(layer.forward(x), dh)
    dW, db, dx = benchmark.per_step(*case)[1]()
    np.testing.assert_allclose(dx, ours.x, rtol=0, atol=1e-14)
    for gate in "figo":
        np.testing.assert_allclose(dW[gate].T, getattr(ours, f"W_{gate}"), rtol=0, atol=1e-14)
        np.testing.assert_allclose(db[gate], getattr(ours, f"b_{gate}"), rtol=0, atol=1e-14)


@pytest.mark.parametrize("scan", [True, False])
@pytest.mark.parametrize("dtype, tolerance", [(np.float64, 1e-12), (np.float32, 5e-6)])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_minimal_gru_and_pytorchs_autograd(shape, dtype, tolerance, scan, rng):
    """The equations and letters of the paper, in PyTorch; there z is the fraction that is new."""
    torch = pytest.importorskip("torch")
    T, N, D, H = shape
    layer = random_layer(MinGRU, D, H, rng, dtype, scan=scan)
    x, start, dh = (rng.normal(size=s).astype(dtype) for s in ((T, N, D), (N, H), (T, N, H)))
    trace = layer.forward(x, start)
    gradients = layer.backward(trace, dh, start)

    given = {"x": x, "h0": start, **{name: getattr(layer, name) for name in layer.parts}}
    leaves = {name: torch.tensor(a, requires_grad=True) for name, a in given.items()}
    linear = torch.nn.functional.linear
    z = torch.sigmoid(linear(leaves["x"], -leaves["W_z"], -leaves["b_z"]))
    candidate = linear(leaves["x"], leaves["W_n"], leaves["b_n"])
    h, states_over_time = leaves["h0"], []
    for z_t, candidate_t in zip(z, candidate, strict=True):
        h = (1 - z_t) * h + z_t * candidate_t
        states_over_time.append(h)
    theirs = torch.stack(states_over_time)
    ((theirs * torch.from_numpy(dh)).sum() + (h * torch.from_numpy(start)).sum()).backward()
    close(trace.h, theirs.detach().numpy(), tolerance)
    for name, leaf in leaves.items():
        close(getattr(gradients, name), leaf.grad.numpy(), tolerance)
