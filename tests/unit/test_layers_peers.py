"""The layers beside PyTorch, ONNX's reference in NumPy, and onnxruntime: random shapes, weights, states, gradients."""

import warnings

import numpy as np
import pytest

from lstm_helpers import GRU, LSTM, RNN, MinGRU
from tests.unit.layer_cases import random_layer, states

SHAPES = [(1, 1, 1, 1), (5, 3, 2, 4), (40, 2, 7, 3), (12, 5, 24, 32), (300, 2, 1, 2)]  # T, N, D, H


def close(ours, theirs, tolerance):
    """Relative to the largest element, as rounding in a sum is."""
    scale = max(np.abs(theirs).max(), np.finfo(theirs.dtype).tiny)
    np.testing.assert_allclose(ours / scale, theirs / scale, rtol=0, atol=tolerance)


ORDER = {LSTM: "ifgo", GRU: "rzn", RNN: "h"}  # of the row blocks in PyTorch's matrices


class TestPyTorch:
    @pytest.mark.parametrize("dtype, tolerance", [(np.float64, 1e-12), (np.float32, 5e-6)])
    @pytest.mark.parametrize("shape", SHAPES, ids=str)
    @pytest.mark.parametrize("kind", [LSTM, GRU, RNN])
    def test_every_output_and_every_gradient(self, kind, shape, dtype, tolerance, rng):
        torch = pytest.importorskip("torch")
        T, N, D, H = shape
        layer = random_layer(kind, D, H, rng, dtype)
        x, dh = rng.normal(size=(T, N, D)).astype(dtype), rng.normal(size=(T, N, H)).astype(dtype)
        start, into = ([rng.normal(size=(N, H)).astype(dtype) for _ in states(layer)] for _ in range(2))
        trace = layer.forward(x, *start)
        gradients = layer.backward(trace, dh, *into)

        theirs = getattr(torch.nn, kind.__name__)(D, H, dtype=torch.from_numpy(x).dtype)
        stacked = {"weight_ih_l0": [], "weight_hh_l0": [], "bias_ih_l0": [], "bias_hh_l0": []}
        for gate in ORDER[kind]:
            W, b = getattr(layer, f"W_{gate}"), getattr(layer, f"b_{gate}")
            parts = W[:, H:], W[:, :H], b, layer.b_hn if gate == "n" else np.zeros_like(b)
            for name, part in zip(stacked, parts, strict=True):
                stacked[name].append(part)
        theirs.load_state_dict({name: torch.from_numpy(np.concatenate(parts)) for name, parts in stacked.items()})
        leaves = [torch.tensor(a, requires_grad=True) for a in (x, *[s[None] for s in start])]
        state = tuple(leaves[1:]) if kind is LSTM else leaves[1]
        h, last = theirs(leaves[0], state)
        lasts = last if kind is LSTM else (last,)
        loss = (h * torch.from_numpy(dh)).sum()
        loss = loss + sum((a[0] * torch.from_numpy(d)).sum() for a, d in zip(lasts, into, strict=True))
        loss.backward()

        close(trace.h, h.detach().numpy(), tolerance)
        if kind is LSTM:
            close(trace.c[-1], last[1].detach().numpy()[0], tolerance)
        for name, leaf in zip(["x", *states(layer)], leaves, strict=True):
            close(getattr(gradients, name), leaf.grad.numpy().reshape(getattr(gradients, name).shape), tolerance)
        for name, parameter in theirs.named_parameters():  # as PyTorch stacks them, the gates below each other
            if name.startswith("weight"):
                columns = slice(0, H) if name == "weight_hh_l0" else slice(H, H + D)
                ours = [getattr(gradients, f"W_{gate}")[:, columns] for gate in ORDER[kind]]
            else:
                twice = kind is GRU and name == "bias_hh_l0"  # b_n and b_hn are two; elsewhere the two biases are one
                ours = [getattr(gradients, "b_hn" if twice and k == "n" else f"b_{k}") for k in ORDER[kind]]
            close(np.concatenate(ours), parameter.grad.numpy(), tolerance)


@pytest.mark.parametrize("scan", [True, False])
@pytest.mark.parametrize("dtype, tolerance", [(np.float64, 1e-12), (np.float32, 5e-6)])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_minimal_gru_and_pytorchs_autograd(shape, dtype, tolerance, scan, rng):
    """The equations of the paper, in its own letters, on PyTorch's tensors; there z is how much is new."""
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


def onnx_node(layer, x, *start):
    """The layer as an ONNX model, and its inputs: float32, initial states, and biases for W and for R."""
    onnx = pytest.importorskip("onnx")
    H = layer.hidden_size
    kind = type(layer).__name__
    order, options = {"LSTM": ("iofg", {}), "RNN": ("h", {}), "GRU": ("zrn", {})}[kind]
    if kind == "GRU":
        options = {"linear_before_reset": int(layer.reset_after)}
    W = np.concatenate([getattr(layer, f"W_{gate}") for gate in order])[None]
    b = [getattr(layer, f"b_{gate}") for gate in order]
    recurrent = [layer.b_hn if gate == "n" and "b_hn" in layer.parts else np.zeros(H) for gate in order]
    feeds = {"X": x, "W": W[..., H:], "R": W[..., :H], "B": np.concatenate(b + recurrent)[None]}
    names = [*feeds, "", *[f"initial_{name[0]}" for name in states(layer)]]
    feeds |= {f"initial_{name[0]}": s[None] for name, s in zip(states(layer), start, strict=True)}
    if "p_f" in layer.parts:
        names.append("P")
        feeds["P"] = np.concatenate([layer.p_i, layer.p_o, layer.p_f])[None]
    feeds = {name: np.ascontiguousarray(value, np.float32) for name, value in feeds.items()}
    outputs = ["Y", "Y_h", "Y_c"] if kind == "LSTM" else ["Y", "Y_h"]
    node = onnx.helper.make_node(kind, names, outputs, hidden_size=H, **options)
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [node],
        "one layer",
        [value(name, onnx.TensorProto.FLOAT, feed.shape) for name, feed in feeds.items()],
        [value(name, onnx.TensorProto.FLOAT, None) for name in outputs],
    )
    opset = [onnx.helper.make_opsetid("", 14)]
    return onnx.helper.make_model(graph, opset_imports=opset, ir_version=8), feeds


def reference(model, feeds):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the reference's own
        return pytest.importorskip("onnx.reference").ReferenceEvaluator(model).run(None, feeds)


def runtime(model, feeds):
    onnxruntime = pytest.importorskip("onnxruntime")
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, feeds)


@pytest.mark.parametrize("run", [reference, runtime])
@pytest.mark.parametrize("shape", SHAPES[:4], ids=str)
@pytest.mark.parametrize(
    "kind, options",
    [
        (LSTM, {}),
        (LSTM, {"peepholes": True}),
        (GRU, {"reset_after": True}),
        (GRU, {"reset_after": False}),
        (RNN, {}),
    ],
)
def test_onnx(kind, options, shape, run, rng):
    T, N, D, H = shape
    layer = random_layer(kind, D, H, rng, np.float32, **options)
    x, start = rng.normal(size=(T, N, D)), [rng.normal(size=(N, H)) for _ in states(layer)]
    trace = layer.forward(x, *start)
    Y, *lasts = run(*onnx_node(layer, x, *start))
    close(trace.h, np.asarray(Y).reshape(T, N, H), 1e-6)
    for name, last in zip(states(layer), lasts, strict=True):
        close(getattr(trace, name[0])[-1], np.asarray(last).reshape(N, H), 1e-6)


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
