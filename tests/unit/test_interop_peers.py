"""Weights to and from PyTorch, Keras and ONNX themselves, and evidence that no other order of the gates is right."""

import importlib.util
import os
import subprocess
import sys
import warnings
from itertools import combinations

import numpy as np
import pytest

from lstm_helpers import GRU, LSTM, RNN
from lstm_helpers.interop import ORDERS, from_keras, from_onnx, from_torch, orders, to_keras, to_onnx, to_torch
from tests.support.kept import KEPT, identical
from tests.support.layer_cases import LAYERS, random_layer
from tests.support.peers import close, reference, runtime
from tests.support.refusals import assert_refused

pytestmark = pytest.mark.slow

ON_JAX = """
import numpy as np
from lstm_helpers import LSTM
from lstm_helpers.interop import from_keras, to_keras
layer = LSTM.initialize(3, 4, rng=np.random.default_rng(0), dtype="{}")
try:
    back = from_keras(to_keras(layer))
    print(back.dtype, np.array_equal(back.W, layer.W))
except ValueError as error:
    print(error)
"""

FLOATS = [np.float32, np.float64]
KINDS = {"RNN": RNN, "LSTM": LSTM, "GRU": GRU}
LIVE = {"PyTorch": (to_torch, from_torch), "Keras": (to_keras, from_keras), "ONNX": (to_onnx, from_onnx)}


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


@pytest.fixture
def onnx():
    return pytest.importorskip("onnx")


FIXTURES = {"PyTorch": "torch", "Keras": "keras", "ONNX": "onnx"}


def outputs(name, theirs, x):
    """The h (T, N, H) of a layer of any of the three libraries for x (T, N, D)."""
    if name == "ONNX":
        return np.asarray(reference(theirs, X=x)[0])[:, 0]
    if name == "Keras":
        return theirs(x.swapaxes(0, 1)).detach().numpy().swapaxes(0, 1)
    import torch

    return theirs(torch.from_numpy(x))[0].detach().numpy()


def random_foreign_layer(name, kind, D, H, rng):
    """A layer made by the library itself in float32, with every weight random, including both biases."""
    if name == "PyTorch":
        import torch

        theirs = getattr(torch.nn, kind)(D, H)
        drawn = {k: torch.from_numpy(rng.normal(size=v.shape)) for k, v in theirs.state_dict().items()}
        theirs.load_state_dict(drawn)
        return theirs
    if name == "Keras":
        import keras

        theirs = getattr(keras.layers, {"RNN": "SimpleRNN"}.get(kind, kind))(H, return_sequences=True)
        theirs.build((None, None, D))
        theirs.set_weights([rng.normal(size=w.shape) for w in theirs.weights])
        return theirs
    from onnx import helper, numpy_helper

    G, options = {"RNN": (1, {}), "LSTM": (4, {}), "GRU": (3, {"linear_before_reset": 1})}[kind]
    shapes = {"W": (1, G * H, D), "R": (1, G * H, H), "B": (1, 2 * G * H)}
    fixed = [numpy_helper.from_array(rng.normal(size=s).astype(np.float32), f"my_{n}") for n, s in shapes.items()]
    value = helper.make_tensor_value_info
    step = helper.make_node(kind, ["X", *(f.name for f in fixed)], ["Y"], name="mine", hidden_size=H, **options)
    graph = helper.make_graph([step], "g", [value("X", 1, ["T", "N", D])], [value("Y", 1, None)], fixed)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name, case", [(n, c) for n, (_, _, cases) in KEPT.items() for c in cases])
def test_a_round_trip_changes_no_bit(name, case, dtype, rng, request):
    request.getfixturevalue(FIXTURES[name])
    kind, options = LAYERS[case]
    there, back = LIVE[name]
    for D, H in [(1, 1), (3, 2), (5, 7)]:
        layer = random_layer(kind, D, H, rng, dtype, **options)
        layer.W[layer.W > 1] = -0.0
        before = layer.W.copy()
        assert identical(layer, back(there(layer)))
        np.testing.assert_array_equal(layer.W, before)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", FIXTURES)
class TestGateOrders:
    def test_both_compute_the_same(self, name, kind, rng, request):
        request.getfixturevalue(FIXTURES[name])
        theirs = random_foreign_layer(name, kind, 3, 4, rng)
        x = rng.normal(size=(6, 2, 3)).astype(np.float32)
        layer = LIVE[name][1](theirs)
        assert type(layer) is KINDS[kind] and layer.dtype == np.float32
        close(layer.forward(x).h, outputs(name, theirs, x), 1e-5)

    def test_swapping_any_two_gates_changes_the_result_in_both_directions(self, name, kind, rng, request, monkeypatch):
        request.getfixturevalue(FIXTURES[name])
        there, back = LIVE[name]
        layer, theirs = random_layer(KINDS[kind], 3, 4, rng, np.float32), random_foreign_layer(name, kind, 3, 4, rng)
        x = rng.normal(size=(6, 2, 3)).astype(np.float32)
        right = ORDERS[name][kind]
        for a, b in combinations(right, 2):
            swapped = right.translate(str.maketrans(a + b, b + a))
            monkeypatch.setitem(ORDERS[name], kind, swapped)
            assert np.abs(outputs(name, there(layer), x) - layer.forward(x).h).max() > 0.01, swapped
            assert np.abs(outputs(name, theirs, x) - back(theirs).forward(x).h).max() > 0.01, swapped


@pytest.mark.parametrize("a, b", list(combinations("iof", 2)))
def test_swapping_any_two_peepholes_changes_the_result(a, b, onnx, rng, monkeypatch):
    layer, x = random_layer(LSTM, 3, 4, rng, np.float32, peepholes=True), rng.normal(size=(6, 2, 3)).astype(np.float32)
    close(outputs("ONNX", to_onnx(layer), x), layer.forward(x).h, 1e-5)
    monkeypatch.setitem(orders.PEEPHOLES, "ONNX", "iof".translate(str.maketrans(a + b, b + a)))
    assert np.abs(outputs("ONNX", to_onnx(layer), x) - layer.forward(x).h).max() > 0.01


@pytest.mark.parametrize("name", FIXTURES)
def test_swapping_the_two_biases_changes_a_gru_in_both_directions(name, rng, request, monkeypatch):
    """Only the candidate tells them apart, where r multiplies one of them."""
    request.getfixturevalue(FIXTURES[name])
    there, back = LIVE[name]
    layer, theirs = random_layer(GRU, 3, 4, rng, np.float32), random_foreign_layer(name, "GRU", 3, 4, rng)
    x = rng.normal(size=(6, 2, 3)).astype(np.float32)
    apart, together = orders.to_arrays, orders.from_arrays

    def swapped(*given):
        W_x, W_h, b_x, b_h = apart(*given)
        return W_x, W_h, b_h, b_x

    monkeypatch.setattr(orders, "to_arrays", swapped)
    assert np.abs(outputs(name, there(layer), x) - layer.forward(x).h).max() > 0.01
    monkeypatch.setattr(
        orders, "from_arrays", lambda n, k, W_x, W_h, b_x, b_h, *p, **o: together(n, k, W_x, W_h, b_h, b_x, *p, **o)
    )
    assert np.abs(outputs(name, theirs, x) - back(theirs).forward(x).h).max() > 0.01


class TestPyTorch:
    def test_its_random_generator_is_not_advanced(self, torch, rng):
        before = torch.get_rng_state()
        module = to_torch(random_layer(GRU, 3, 2, rng))
        assert torch.equal(torch.get_rng_state(), before)
        assert all(parameter.requires_grad for parameter in module.parameters())

    def test_a_state_dict_is_accepted_and_batch_first_ignored(self, torch, rng):
        module = torch.nn.LSTM(3, 2, batch_first=True)
        assert identical(from_torch(module), from_torch(module.state_dict()))

    def test_training_continues_in_pytorch(self, torch, rng):
        """Autograd works on the result: a step of SGD moves its weights like ours."""
        layer, x, dh = random_layer(LSTM, 3, 2, rng), rng.normal(size=(5, 4, 3)), rng.normal(size=(5, 4, 2))
        module = to_torch(layer)
        (module(torch.from_numpy(x))[0] * torch.from_numpy(dh)).sum().backward()
        torch.optim.SGD([module.weight_ih_l0, module.weight_hh_l0, module.bias_ih_l0], lr=0.1).step()
        layer.W -= 0.1 * layer.backward(layer.forward(x), dh).W
        np.testing.assert_allclose(from_torch(module).W, layer.W, rtol=0, atol=1e-13)

    def test_a_tensor_that_requires_a_gradient_is_refused(self, torch):
        """PyTorch's own error mentions numpy(), which the caller has not called."""
        layer, x = LSTM.initialize(3, 2, rng=np.random.default_rng(0)), torch.ones(5, 4, 3, requires_grad=True)
        given = "must be an array, got a tensor that requires a gradient: pass"
        assert_refused(lambda: layer.forward(x), TypeError, f"x {given} x.detach()")
        h0 = torch.ones(4, 2, requires_grad=True)
        assert_refused(lambda: layer.forward(x.detach(), h0), TypeError, f"h0 {given} h0.detach()")
        np.testing.assert_array_equal(layer.forward(x.detach()).h, layer.forward(np.ones((5, 4, 3))).h)


class TestKeras:
    def test_a_list_of_weights_is_accepted(self, keras, rng):
        layer = keras.layers.GRU(2, reset_after=False)
        layer.build((None, None, 3))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # get_weights' own, with PyTorch and NumPy 2
            weights = layer.get_weights()
        assert identical(from_keras(layer), from_keras(weights))
        assert not from_keras(layer).reset_after

    def test_the_last_step_only(self, keras, rng):
        layer, x = random_layer(LSTM, 3, 2, rng, np.float32), rng.normal(size=(5, 4, 3)).astype(np.float32)
        last = to_keras(layer, return_sequences=False)(x.swapaxes(0, 1)).detach().numpy()
        close(layer.forward(x).h[-1], last, 1e-5)

    @pytest.mark.parametrize(
        "kind, options, sentence",
        [
            ("SimpleRNN", {"activation": "relu"}, "activation='tanh', got activation='relu'"),
            ("GRU", {"recurrent_activation": "hard_sigmoid"},
             "recurrent_activation='sigmoid', got recurrent_activation='hard_sigmoid'"),
        ],
    )  # fmt: skip
    def test_unsupported_activations_are_refused(self, kind, options, sentence, keras):
        layer = getattr(keras.layers, kind)(2, **options)
        assert_refused(lambda: from_keras(layer), ValueError, f"source must be a plain {kind} with {sentence}")

    def test_other_layers_are_refused(self, keras):
        made_of = "source must be made of Keras's own SimpleRNN, LSTM and GRU, their cells, RNN and Bidirectional"
        other = keras.layers.ConvLSTM1D(2, 3)
        assert_refused(lambda: from_keras(other), TypeError, f"{made_of}, got a ConvLSTM1D, keras.ConvLSTM1D")
        sentence = "source must have one RNN, LSTM or GRU; it has none"
        assert_refused(lambda: from_keras(keras.layers.Dense(2)), ValueError, sentence)

    def test_without_weights_or_in_two_dtypes_it_is_refused(self, keras):
        sentence = "source must be built: call the LSTM once, so that it has weights"
        assert_refused(lambda: from_keras(keras.layers.LSTM(2)), ValueError, sentence)
        mixed = keras.layers.LSTM(2, dtype="mixed_bfloat16")
        mixed.build((None, None, 3))
        sentence = "source must compute in the dtype of its weights, float32, got bfloat16"
        assert_refused(lambda: from_keras(mixed), ValueError, sentence)

    @pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="needs jax")
    @pytest.mark.parametrize(
        "dtype, x64, said",
        [
            ("float32", "0", "float32 True"),
            ("float64", "1", "float64 True"),
            ("float64", "0",
             "layer must be float32: Keras on jax stores it in float32 although it reports float64; for JAX, set the "
             "environment variable JAX_ENABLE_X64=1 before importing it"),
        ],
    )  # fmt: skip
    def test_on_jax_float32_is_not_reported_as_float64(self, dtype, x64, said):
        """In a new process, because Keras keeps its first backend, and JAX its first precision."""
        environment = {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "JAX_ENABLE_X64": x64}
        command = [sys.executable, "-c", ON_JAX.format(dtype)]
        run = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})
        assert run.stdout == said + "\n", run.stderr


class TestONNX:
    @pytest.mark.parametrize("case", KEPT["ONNX"][2])
    def test_its_checker_finds_nothing(self, case, onnx, rng):
        kind, options = LAYERS[case]
        for initial_states in (False, True):
            model = to_onnx(random_layer(kind, 3, 2, rng, **options), initial_states=initial_states)
            onnx.checker.check_model(model, full_check=True)

    @pytest.mark.parametrize("kind", KINDS.values())
    def test_a_float64_layer_runs_in_onnxruntime_once_it_is_written_as_float32(self, kind, onnx, rng):
        pytest.importorskip("onnxruntime")
        layer, x = random_layer(kind, 3, 8, rng), rng.normal(size=(30, 4, 3))
        (Y, *_) = runtime(to_onnx(layer, dtype=np.float32), X=x.astype(np.float32))
        np.testing.assert_allclose(Y[:, 0], layer.forward(x).h, rtol=0, atol=1e-5)

    def test_coupled_gates_are_coupled_in_onnxruntime(self, onnx, rng):
        """With input_forget, f = 1 - i for any rows of f."""
        pytest.importorskip("onnxruntime")
        layer, x = random_layer(LSTM, 3, 2, rng, np.float32, coupled=True), rng.normal(size=(5, 4, 3))
        model = to_onnx(layer)
        W = onnx.numpy_helper.to_array(model.graph.initializer[0]).copy()
        W[:, 4:6] = 9
        model.graph.initializer[0].CopyFrom(onnx.numpy_helper.from_array(W, "W"))
        np.testing.assert_allclose(runtime(model, X=x.astype(np.float32))[0][:, 0], layer.forward(x).h, atol=1e-5)
        assert identical(from_onnx(model), layer)

    def test_a_constant_node_counts_as_an_initializer(self, onnx, rng):
        layer = random_layer(LSTM, 3, 2, rng)
        model = to_onnx(layer)
        tensor = model.graph.initializer.pop(0)
        model.graph.node.insert(0, onnx.helper.make_node("Constant", [], ["W"], value=tensor))
        assert identical(from_onnx(model), layer)

    def test_one_of_several_nodes_by_its_name(self, onnx, rng):
        layers = {name: random_layer(KINDS[name], 3, 2, rng) for name in ("GRU", "LSTM")}
        model = to_onnx(layers["GRU"])
        other = to_onnx(layers["LSTM"])
        for tensor in other.graph.initializer:
            tensor.name = f"{tensor.name}2"
        second = other.graph.node[0]
        second.input[1:4] = ["W2", "R2", "B2"]
        model.graph.node.append(second)
        model.graph.initializer.extend(other.graph.initializer)
        for name, layer in layers.items():
            assert identical(from_onnx(model, name), layer)
        how = "(a list from the bottom to the top is a Stack); give node"
        sentence = f"source must have one RNN, LSTM or GRU, or one on top of the other; it has 'GRU', 'LSTM' {how}"
        assert_refused(lambda: from_onnx(model), ValueError, sentence)
        sentence = "source must have one RNN, LSTM or GRU called 'RNN'; it has 'GRU', 'LSTM'"
        assert_refused(lambda: from_onnx(model, "RNN"), ValueError, sentence)

    def test_two_nodes_without_names_are_chosen_by_their_outputs(self, onnx, rng):
        """`onnx.helper.make_node` makes nodes without names by default."""
        first, second = (random_layer(LSTM, 3, 2, rng, np.float32) for _ in range(2))
        model, other = to_onnx(first), to_onnx(second)
        for tensor in other.graph.initializer:
            tensor.name = f"{tensor.name}2"
        model.graph.initializer.extend(other.graph.initializer)
        model.graph.node.append(onnx.helper.make_node("LSTM", ["X", "W2", "R2", "B2"], ["", "Y_h2"], hidden_size=2))
        model.graph.node[0].name = ""
        for name, layer in {"Y": first, "Y_c": first, "Y_h2": second}.items():
            assert identical(from_onnx(model, name), layer)
        both = "it has 'Y' or 'Y_h' or 'Y_c', 'Y_h2'"
        how = "(a list from the bottom to the top is a Stack); give node"
        sentence = f"source must have one RNN, LSTM or GRU, or one on top of the other; {both} {how}"
        assert_refused(lambda: from_onnx(model), ValueError, sentence)
        sentence = f"source must have one RNN, LSTM or GRU called 'Y1'; {both}"
        assert_refused(lambda: from_onnx(model, "Y1"), ValueError, sentence)

    @pytest.mark.parametrize("kind, state", [(RNN, "h"), (GRU, "h"), (LSTM, "h"), (LSTM, "c")])
    def test_states_in_the_model_are_refused_unless_they_are_0(self, kind, state, onnx, rng):
        layer = random_layer(kind, 3, 4, rng, np.float32)
        model, role = to_onnx(layer, initial_states=True), f"initial_{state}"
        assert identical(from_onnx(model), layer)  # inputs: they are for `forward`
        constant = onnx.numpy_helper.from_array(np.zeros((1, 2, 4), np.float32), role)
        model.graph.initializer.append(constant)
        assert identical(from_onnx(model), layer)
        learned = onnx.numpy_helper.from_array(rng.normal(size=(1, 2, 4)).astype(np.float32), role)
        what = f"no constant {role} other than 0, got {role!r}"
        sentence = f"source must have {what}: remove it from the node and pass it to forward, as {state}0"
        model.graph.initializer[-1].CopyFrom(learned)
        assert_refused(lambda: from_onnx(model), ValueError, sentence)
        model.graph.initializer.pop()
        model.graph.node.insert(0, onnx.helper.make_node("Constant", [], [role], value=learned))
        assert_refused(lambda: from_onnx(model), ValueError, sentence)

    def test_missing_weights_and_nodes_are_refused(self, onnx, rng):
        model = to_onnx(random_layer(RNN, 3, 2, rng))
        del model.graph.initializer[1]
        sentence = "source must hold the numbers of R; 'R' comes from an input, 'R'"
        assert_refused(lambda: from_onnx(model), ValueError, sentence)
        del model.graph.node[0]
        assert_refused(
            lambda: from_onnx(model),
            ValueError,
            "source must have one RNN, LSTM or GRU, or one on top of the other; it has none",
        )

    def test_other_dtypes_are_refused(self, onnx, rng):
        layer = LSTM(3, 2)
        sentence = "dtype must be float32 or float64, got 'float16'"
        assert_refused(lambda: to_onnx(layer, dtype="float16"), TypeError, sentence)
        layer.b_f = 1e300
        sentence = "B must be finite in float32, got 1e+300 at index (0, 4)"
        assert_refused(lambda: to_onnx(layer, dtype="float32"), ValueError, sentence)
