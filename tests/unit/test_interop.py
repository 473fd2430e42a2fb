"""Weights to and from other libraries as plain arrays; these tests need none of the libraries."""

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_helpers import GRU, LSTM, RNN
from lstm_helpers.interop import (
    OnnxNode,
    from_keras,
    from_onnx,
    from_torch,
    keras_weights,
    onnx_node,
    to_keras,
    to_onnx,
    to_torch,
    torch_state,
)
from tests.support.kept import KEPT, identical
from tests.support.layer_cases import LAYERS, random_layer
from tests.support.refusals import assert_refused

CASES = [(name, case) for name, (_, _, cases) in KEPT.items() for case in cases]


@pytest.mark.parametrize("name, case", CASES, ids=lambda value: value)
@given(
    D=st.integers(1, 6), H=st.integers(1, 6), dtype=st.sampled_from([np.float32, np.float64]), seed=st.integers(0, 999)
)
@settings(max_examples=15, deadline=None)
def test_a_round_trip_changes_no_bit(name, case, D, H, dtype, seed):
    there, back, _ = KEPT[name]
    kind, options = LAYERS[case]
    layer = random_layer(kind, D, H, np.random.default_rng(seed), dtype, **options)
    layer.W[layer.W > 1] = 0
    layer.W[layer.W < -1] *= -0.0
    assert identical(layer, back(there(layer)))


def numbered(kind, H=2, D=1, **options):
    """A layer in which the weights of every gate hold its number: f 1, i 2, g 3, o 4; r 5, z 6, n 7; h 8."""
    layer = kind(D, H, **options)
    for gate, number in zip("figorznh", range(1, 9), strict=True):
        for letter, sign in (("W", 10), ("b", 1), ("p", 100)):
            if f"{letter}_{gate}" in layer.parts:
                setattr(layer, f"{letter}_{gate}", sign * number)
        if f"W_{gate}" in layer.parts:
            getattr(layer, f"W_{gate}")[:, H:] += 0.5  # the columns for x
    if "b_hn" in layer.parts:
        layer.b_hn = 7.25
    return layer


class TestLayouts:
    """The layouts as the three libraries document them, typed by hand."""

    @pytest.mark.parametrize("kind, order", [(RNN, [8]), (LSTM, [2, 1, 3, 4]), (GRU, [5, 6, 7])])
    def test_pytorch(self, kind, order):
        state, rows = torch_state(numbered(kind)), np.repeat(order, 2)
        assert list(state) == ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]
        np.testing.assert_array_equal(state["weight_ih_l0"], 10 * rows[:, None] + 0.5)
        np.testing.assert_array_equal(state["weight_hh_l0"], 10 * np.stack([rows, rows], axis=1))
        np.testing.assert_array_equal(state["bias_ih_l0"], rows)
        np.testing.assert_array_equal(state["bias_hh_l0"], np.where(rows == 7, 7.25, 0))

    @pytest.mark.parametrize(
        "kind, options, order",
        [(RNN, {}, [8]), (LSTM, {}, [2, 1, 3, 4]), (GRU, {}, [6, 5, 7]), (GRU, {"reset_after": False}, [6, 5, 7])],
    )
    def test_keras(self, kind, options, order):
        (kernel, recurrent, bias), columns = keras_weights(numbered(kind, **options)), np.repeat(order, 2)
        np.testing.assert_array_equal(kernel, 10 * columns[None] + 0.5)
        np.testing.assert_array_equal(recurrent, 10 * np.stack([columns, columns]))
        second = np.where(columns == 7, 7.25, 0)
        two = kind is GRU and not options
        np.testing.assert_array_equal(bias, np.stack([columns, second]) if two else columns)

    @pytest.mark.parametrize("kind, order", [(RNN, [8]), (LSTM, [2, 4, 1, 3]), (GRU, [6, 5, 7])])
    def test_onnx(self, kind, order):
        (op_type, attributes, tensors), rows = onnx_node(numbered(kind)), np.repeat(order, 2)
        assert op_type == kind.__name__
        assert attributes == {"hidden_size": 2} | ({"linear_before_reset": 1} if kind is GRU else {})
        np.testing.assert_array_equal(tensors["W"], 10 * rows[None, :, None] + 0.5)
        np.testing.assert_array_equal(tensors["R"], 10 * np.stack([rows, rows], axis=1)[None])
        second = np.where(rows == 7, 7.25, 0)
        np.testing.assert_array_equal(tensors["B"], np.concatenate([rows, second])[None])
        assert set(tensors) == {"W", "R", "B"}

    def test_onnx_peepholes_and_coupled_gates(self):
        np.testing.assert_array_equal(onnx_node(numbered(LSTM, 1, peepholes=True)).tensors["P"], [[200, 400, 100]])
        _, attributes, tensors = onnx_node(numbered(LSTM, 1, peepholes=True, coupled=True))
        assert attributes["input_forget"] == 1
        np.testing.assert_array_equal(tensors["W"][0, :, 0], [-10.5, 40.5, 10.5, 30.5])
        np.testing.assert_array_equal(tensors["P"], [[-100, 400, 100]])

    def test_onnx_gru_that_resets_before_the_product(self):
        node = onnx_node(numbered(GRU, reset_after=False))
        assert node.attributes["linear_before_reset"] == 0 and not node.tensors["B"][0, 6:].any()


class TestTheTwoBiases:
    @pytest.mark.parametrize("kind", [RNN, LSTM, GRU])
    def test_they_are_added_except_in_the_candidate_of_a_gru(self, kind, rng):
        layer = random_layer(kind, 3, 2, rng)
        state = torch_state(layer)
        second = rng.normal(size=state["bias_hh_l0"].shape)
        back = from_torch(state | {"bias_hh_l0": second})
        total = torch_state(back)
        apart = 4 if kind is GRU else len(second)
        expected = state["bias_ih_l0"][:apart] + second[:apart]
        np.testing.assert_array_equal(total["bias_ih_l0"][:apart], expected)
        if kind is GRU:
            np.testing.assert_array_equal(back.b_n, layer.b_n)
            np.testing.assert_array_equal(back.b_hn, second[4:])

    def test_the_three_libraries_agree(self, rng):
        first, second = rng.normal(size=(2, 6))
        W_x, W_h, = rng.normal(size=(6, 3)), rng.normal(size=(6, 2))  # fmt: skip
        names = "weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"
        theirs = from_torch(dict(zip(names, (W_x, W_h, first, second), strict=True)))
        zrn = [2, 3, 0, 1, 4, 5]
        keras = from_keras([W_x[zrn].T, W_h[zrn].T, np.stack([first[zrn], second[zrn]])])
        B = np.concatenate([first[zrn], second[zrn]])
        tensors = {"W": W_x[zrn][None], "R": W_h[zrn][None], "B": B[None]}
        onnx = from_onnx(OnnxNode("GRU", {"linear_before_reset": 1}, tensors))
        assert identical(theirs, keras) and identical(theirs, onnx)
        before = from_onnx(OnnxNode("GRU", {}, tensors))  # no r between them: there they are one
        np.testing.assert_array_equal(before.b_n, (first + second)[4:])

    def test_onnx_without_b_has_no_biases(self, rng):
        layer = random_layer(LSTM, 3, 2, rng)
        kind, attributes, tensors = onnx_node(layer)
        del tensors["B"]
        back = from_onnx((kind, attributes, tensors))
        assert not any(getattr(back, f"b_{gate}").any() for gate in "figo")
        np.testing.assert_array_equal(back.W_f, layer.W_f)


class TestInputsAreNotChanged:
    @pytest.mark.parametrize("name", KEPT)
    def test_the_arrays_are_copies(self, name, rng):
        there, back, _ = KEPT[name]
        layer = random_layer(GRU, 3, 2, rng)
        before, kept = layer.W.copy(), there(layer)
        arrays = {"PyTorch": lambda: kept.values(), "Keras": lambda: kept, "ONNX": lambda: kept.tensors.values()}
        other = back(kept)
        for array in arrays[name]():
            array[...] = 9
        np.testing.assert_array_equal(layer.W, before)
        np.testing.assert_array_equal(other.W, before)

    def test_lists_and_whole_numbers_are_accepted(self):
        layer = from_keras([[[1, 2]], [[1, 0], [0, 1]], [3, 4]])
        assert type(layer) is RNN and layer.dtype == np.float64
        np.testing.assert_array_equal(layer.W_h, [[1, 0, 1], [0, 1, 2]])
        np.testing.assert_array_equal(layer.b_h, [3, 4])


class TestAdviceInRefusals:
    """Substitutes for layers that a library does not have."""

    def test_a_forget_gate_that_is_always_open_equals_none(self, rng):
        layer = random_layer(LSTM, 3, 4, rng, forget_gate=False)
        other = LSTM(3, 4)
        for name in layer.parts:
            setattr(other, name, getattr(layer, name))
        other.b_f = 100
        x, dh = rng.normal(size=(9, 2, 3)), rng.normal(size=(9, 2, 4))
        ours, theirs = (one.backward(one.forward(x), dh) for one in (layer, other))
        np.testing.assert_array_equal(other.forward(x).h, layer.forward(x).h)
        np.testing.assert_array_equal(theirs.x, ours.x)
        assert not theirs.b_f.any() and not theirs.W_f.any()  # training leaves it where it is

    def test_coupled_gates_equal_two_gates_with_opposite_weights(self, rng):
        layer = random_layer(LSTM, 3, 4, rng, coupled=True)
        other = LSTM(3, 4)
        for name in layer.parts:
            setattr(other, name, getattr(layer, name))
        other.W_i, other.b_i = -layer.W_f, -layer.b_f
        x = rng.normal(size=(9, 2, 3))
        np.testing.assert_allclose(other.forward(x).h, layer.forward(x).h, rtol=0, atol=1e-15)


MODULES = {"torch": "PyTorch", "keras": "Keras", "onnx": "ONNX"}
LIVE = {"torch": to_torch, "keras": to_keras, "onnx": to_onnx}


class TestWithoutTheLibraries:
    @pytest.mark.parametrize("module", MODULES)
    def test_one_sentence_says_what_to_install(self, module, monkeypatch):
        for name in [name for name in sys.modules if name.partition(".")[0] == module]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setitem(sys.modules, module, None)
        sentence = f"{MODULES[module]} is not installed; install it with: pip install {module}"
        assert_refused(lambda: LIVE[module](LSTM(3, 2)), ModuleNotFoundError, sentence)

    @pytest.mark.slow
    def test_keras_without_a_backend(self):
        pytest.importorskip("keras")
        code = "from lstm_helpers import RNN; from lstm_helpers.interop import to_keras; to_keras(RNN(1, 1))"
        program = f"import sys; sys.modules['tensorflow'] = None; {code}"
        environment = {**os.environ, "KERAS_BACKEND": "tensorflow"}
        run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
        last = run.stderr.strip().splitlines()[-1]
        assert last == (
            "ModuleNotFoundError: Keras has no backend: tensorflow is not installed; install it, or set the "
            "environment variable KERAS_BACKEND to one that is (torch, jax) before importing Keras"
        )

    def test_conversion_to_arrays_imports_no_library(self):
        code = (
            "import sys; from lstm_helpers import GRU; from lstm_helpers.interop import *; layer = GRU(1, 1); "
            "from_torch(torch_state(layer)); from_keras(keras_weights(layer)); from_onnx(onnx_node(layer)); "
            "print(*{name.split('.')[0] for name in sys.modules})"
        )
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert not set(run.stdout.split()) & {"torch", "keras", "onnx", "onnxruntime", "matplotlib", "tqdm"}


NO_PEEPHOLES = "layer must have no peepholes: an LSTM of {} has none"
NO_COUPLED = (
    "layer must not have coupled gates: an LSTM of {} has separate ones; "
    "one with W_i = -W_f and b_i = -b_f computes the same, until it is trained"
)
NO_FORGET_GATE = (
    "layer must have a forget gate, as every LSTM of {} has; one with W_f = 0 and b_f = 100 keeps everything, too"
)
P, C, F = LSTM(3, 2, peepholes=True), LSTM(3, 2, coupled=True), LSTM(3, 2, forget_gate=False)
WITH_NAN = LSTM(3, 2)
WITH_NAN.W_o[1, 0] = np.nan
S, K, N = torch_state(LSTM(3, 2)), keras_weights(GRU(3, 2)), onnx_node(LSTM(3, 2))
NO_LAYERS = (
    "source must hold kernel (D, G H), recurrent_kernel (H, G H) and bias of layers on top of one another or side by "
    "side, G = 1, 3 or 4 (SimpleRNN, GRU, LSTM); source[{}:] does not fit: {}"
)
TWO_READINGS = "source must be readable in one way; it may be {}, or {}: give the model"
HALF = S["bias_ih_l0"].astype(np.float16)


def node(op_type="LSTM", tensors=(), without=(), **attributes):
    """The node of an LSTM, with these changes."""
    changed = {name: array for name, array in (N.tensors | dict(tensors)).items() if name not in without}
    return OnnxNode(op_type, attributes, changed)


REFUSALS = {
    "no layer": (lambda: to_torch([1]), TypeError, "layer must be an RNN, LSTM or GRU of lstm_helpers, got a list"),
    "nan": (lambda: torch_state(WITH_NAN), ValueError, "W must be finite, got nan at index (1, 0)"),
    "peepholes, PyTorch": (lambda: to_torch(P), ValueError, NO_PEEPHOLES.format("PyTorch")),
    "peepholes, Keras": (lambda: to_keras(P), ValueError, NO_PEEPHOLES.format("Keras")),
    "coupled, PyTorch": (lambda: torch_state(C), ValueError, NO_COUPLED.format("PyTorch")),
    "coupled, Keras": (lambda: keras_weights(C), ValueError, NO_COUPLED.format("Keras")),
    "no forget gate, PyTorch": (lambda: to_torch(F), ValueError, NO_FORGET_GATE.format("PyTorch")),
    "no forget gate, Keras": (lambda: to_keras(F), ValueError, NO_FORGET_GATE.format("Keras")),
    "no forget gate, ONNX": (lambda: to_onnx(F), ValueError, NO_FORGET_GATE.format("ONNX")),
    "resets before, PyTorch": (lambda: to_torch(GRU(3, 2, reset_after=False)), ValueError,
                               "layer must reset after the product: a GRU of PyTorch does not reset before it"),
    "two gates": (lambda: from_torch(S | {"weight_hh_l0": np.zeros((4, 2))}), ValueError,
                  "weight_hh_l0 must have H, 3 H or 4 H rows (RNN, GRU, LSTM) for H = 2, got shape (4, 2)"),
    "no matrix": (lambda: from_torch(S | {"weight_hh_l0": np.zeros(4)}), ValueError,
                  "weight_hh_l0 must be a matrix (two axes), got shape (4,)"),
    "other rows for x": (lambda: from_torch(S | {"weight_ih_l0": np.zeros((6, 3))}), ValueError,
                         "weight_ih_l0 must have shape (8, D), got shape (6, 3)"),
    "a short bias": (lambda: from_torch(S | {"bias_hh_l0": np.zeros(2)}), ValueError,
                     "bias_hh_l0 must have shape (G H,) = (8,), got shape (2,)"),
    "float16": (lambda: from_torch(S | {"bias_ih_l0": HALF}), TypeError,
                "bias_ih_l0 must be float32 or float64, got float16"),
    "two dtypes": (lambda: from_torch(S | {"weight_hh_l0": S["weight_hh_l0"].astype(np.float32)}), TypeError,
                   "source must be of one dtype, got weight_ih_l0 float64, weight_hh_l0 float32, bias_ih_l0 float64, "
                   "bias_hh_l0 float64"),
    "nan in a state": (lambda: from_torch(S | {"bias_ih_l0": np.full(8, np.nan)}), ValueError,
                       "bias_ih_l0 must be finite, got nan at index 0"),
    "no list": (lambda: from_keras({}), TypeError,
                "source must be a layer, a cell or a model of Keras, or a list of weights, got a dict"),
    "no arrays, Keras": (lambda: from_keras([]), ValueError, NO_LAYERS.format(0, "no arrays")),
    "no bias of a GRU": (lambda: from_keras(K[:2]), ValueError,
                         "source must hold the bias of a GRU; without it, it may reset before the product or after it: "
                         "give the layer"),
    "two gates, Keras": (lambda: from_keras([K[0], K[1][:, :4], K[2]]), ValueError,
                         NO_LAYERS.format(0, "(3, 6), (2, 4), (2, 6)")),
    "no matrix, Keras": (lambda: from_keras([K[0], K[1][0], K[2]]), ValueError,
                         NO_LAYERS.format(0, "(3, 6), (6,), (2, 6)")),
    "other columns for x": (lambda: from_keras([K[0][:, :4], *K[1:]]), ValueError,
                            NO_LAYERS.format(0, "(3, 4), (2, 6), (2, 6)")),
    "three biases, Keras": (lambda: from_keras([*K, *K[:2], np.zeros((3, 6))]), ValueError,
                            NO_LAYERS.format(5, "(3, 6)")),
    "layers that do not fit, Keras": (lambda: from_keras([*K, *keras_weights(GRU(4, 2))]), ValueError,
                                      NO_LAYERS.format(3, "(4, 6), (2, 6), (2, 6)")),
    "two readings, Keras": (lambda: from_keras(2 * keras_weights(LSTM(2, 2))), ValueError,
                            TWO_READINGS.format("LSTM 2 to 2, then LSTM 2 to 2", "LSTM 2 to 2 beside LSTM 2 to 2")),
    "two GRUs or three, Keras": (lambda: from_keras([*K, *keras_weights(GRU(2, 2))]), ValueError,
                                 TWO_READINGS.format("GRU 3 to 2, then GRU 2 to 2", ", then ".join(
                                     f"GRU {D} to 2 without bias" for D in (3, 2, 2)))),
    "a GRU both ways without biases, Keras": (lambda: from_keras(2 * keras_weights(GRU(2, 7))[:2]), ValueError,
                                               "source must hold the bias of a GRU; without it, it may reset before "
                                               "the product or after it: give the layer"),
    "a name of a list": (lambda: from_keras(K, "lstm"), ValueError,
                         "name must be left out: it chooses among the layers of a model, got 'lstm'"),
    "no node": (lambda: from_onnx("model.onnx"), TypeError,
                "source must be an onnx.ModelProto or an OnnxNode, got a str; onnx.load reads a file"),
    "another operator": (lambda: from_onnx(node("Conv")), ValueError, "source must be an RNN, LSTM or GRU, got 'Conv'"),
    "sideways": (lambda: from_onnx(node(direction=b"up")), ValueError,
                 "direction must be one of ['forward', 'reverse', 'bidirectional'], got 'up'"),
    "an attribute of another operator": (lambda: from_onnx(node(linear_before_reset=1)), ValueError,
                                         "source must be a plain LSTM without linear_before_reset, "
                                         "got linear_before_reset=1"),
    "a third layout": (lambda: from_onnx(node(layout=2)), ValueError, "layout must be 0 or 1, got 2"),
    "other activations": (lambda: from_onnx(node(activations=[b"HardSigmoid", b"Tanh", b"Tanh"])), ValueError,
                          "source must be a plain LSTM with activations=['Sigmoid', 'Tanh', 'Tanh'], "
                          "got activations=['HardSigmoid', 'Tanh', 'Tanh']"),
    "clipped": (lambda: from_onnx(node(clip=3.0)), ValueError,
                "source must be a plain LSTM without clip, got clip=3.0"),
    "no R": (lambda: from_onnx(node(without=["R"])), ValueError,
             "source must hold W and R, and may hold B and P, got W, B"),
    "peepholes of an RNN": (lambda: from_onnx(node("RNN", {"P": np.zeros((1, 6))})), ValueError,
                            "source must hold W and R, and may hold B, got W, R, B, P"),
    "two directions in one": (lambda: from_onnx(node(tensors={"R": np.zeros((2, 8, 2))})), ValueError,
                       "R must have shape (1, 8, 2), got shape (2, 8, 2)"),
    "R as a number": (lambda: from_onnx(node(tensors={"R": 1.0})), ValueError,
                      "R must have shape (1, 0, 0), got shape ()"),
    "one bias, ONNX": (lambda: from_onnx(node(tensors={"B": np.zeros((1, 8))})), ValueError,
                       "B must have shape (1, 16), got shape (1, 8)"),
    "another hidden_size": (lambda: from_onnx(node(hidden_size=3)), ValueError,
                            "hidden_size must be 2, as R has it, got 3"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSALS)
def test_refusals(case):
    call, kind, sentence = REFUSALS[case]
    assert_refused(call, kind, sentence)
