"""Weights of TensorFlow 1, Keras 1 and cuDNN, read or refused, compared with loops over those programs' formulas."""

import re
import warnings

import numpy as np
import pytest

from lstm_helpers import GRU, LSTM, RNN
from lstm_helpers.interop import from_keras, from_torch
from tests.support.refusals import assert_refused

T, N, D, H = 6, 3, 4, 5
SAID = (
    "forget_bias is not among the weights of TensorFlow 1: it is taken to be 1, the default, and is in b_f now; "
    "if yours was another, add the difference to b_f"
)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def loop(step, x, *states):
    """h at every step: `step` takes x_t and the states, and returns the states, h first."""
    found = []
    for x_t in x:
        states = step(x_t, *states)
        found.append(states[0])
    return np.array(found)


def from_zeros(step, x, states=1):
    return loop(step, x, *[np.zeros((x.shape[1], H))] * states)


def basic_lstm(kernel, bias, forget_bias):
    """As `BasicLSTMCell.call` in rnn_cell_impl.py."""

    def step(x, h, c):
        i, j, f, o = np.split(np.concatenate([x, h], axis=1) @ kernel + bias, 4, axis=1)
        c = c * sigmoid(f + forget_bias) + sigmoid(i) * np.tanh(j)
        return np.tanh(c) * sigmoid(o), c

    return step


@pytest.fixture
def x(rng):
    return rng.normal(size=(T, N, D))


class TestTensorFlow1:
    @pytest.mark.parametrize("read", [from_keras, from_torch])
    @pytest.mark.parametrize(
        "scope", ["basic_lstm_cell", "rnn/basic_lstm_cell", "a/rnn/multi_rnn_cell/cell_0/lstm_cell", "lstm_cell_2"]
    )
    def test_an_lstm(self, scope, read, x, rng):
        kernel, bias = rng.normal(size=(D + H, 4 * H)), rng.normal(size=4 * H)
        with pytest.warns(UserWarning, match="^forget_bias") as caught:
            layer = read({f"{scope}/kernel": kernel, f"{scope}/bias": bias})
        assert [(str(one.message), one.filename) for one in caught] == [(SAID, __file__)]
        assert type(layer) is LSTM and layer.input_size == D
        np.testing.assert_allclose(
            layer.forward(x).h, from_zeros(basic_lstm(kernel, bias, 1), x, 2), rtol=0, atol=1e-14
        )

    @pytest.mark.parametrize("kernel_name, bias_name", [("kernel:0", "bias:0"), ("weights", "biases")])
    def test_older_names_and_variables_of_an_optimizer(self, kernel_name, bias_name, x, rng):
        kernel, bias = rng.normal(size=(D + H, 4 * H)), rng.normal(size=4 * H)
        held = {f"rnn/lstm_cell/{kernel_name}": kernel, f"rnn/lstm_cell/{bias_name}": bias}
        bare = kernel_name.removesuffix(":0")
        held |= {f"rnn/lstm_cell/{bare}/Adam": kernel * 2, f"rnn/lstm_cell/{bare}/Adam_1": kernel * 3}
        held |= {"embedding": np.ones((9, D)), "global_step": np.array(7), "dense/kernel": np.ones((H, 2))}
        with pytest.warns(UserWarning, match="forget_bias"):
            layer = from_keras(held)
        np.testing.assert_allclose(
            layer.forward(x).h, from_zeros(basic_lstm(kernel, bias, 1), x, 2), rtol=0, atol=1e-14
        )

    def test_a_stack_of_cells(self, x, rng):
        shapes = [(D + H, 4 * H), (H + H, 4 * H)]
        cells = [(rng.normal(size=shape), rng.normal(size=4 * H)) for shape in shapes]
        held = {}
        for k, arrays in enumerate(cells):
            scope = f"rnn/multi_rnn_cell/cell_{k}/basic_lstm_cell"
            held |= {f"{scope}/{name}": array for name, array in zip(("kernel", "bias"), arrays, strict=True)}
        with pytest.warns(UserWarning, match="^forget_bias") as caught:
            stack, top = from_keras(held, ["cell_0", "cell_1"]), from_keras(held, "cell_1")
        assert len(caught) == 2
        below = from_zeros(basic_lstm(*cells[0], 1), x, 2)
        above = from_zeros(basic_lstm(*cells[1], 1), below, 2)
        np.testing.assert_allclose(stack.forward(x).h, above, rtol=0, atol=1e-14)
        np.testing.assert_allclose(top.forward(below).h, above, rtol=0, atol=1e-14)

    def test_a_cudnn_cell_has_a_forget_bias_of_0(self, x, rng):
        scope = "cudnn_lstm/rnn/multi_rnn_cell/cell_0/cudnn_compatible_lstm_cell"
        kernel, bias = rng.normal(size=(D + H, 4 * H)), rng.normal(size=4 * H)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            layer = from_keras({f"{scope}/kernel": kernel, f"{scope}/bias": bias})
        np.testing.assert_allclose(
            layer.forward(x).h, from_zeros(basic_lstm(kernel, bias, 0), x, 2), rtol=0, atol=1e-14
        )

    def test_a_gru(self, x, rng):
        gates, of_gates = rng.normal(size=(D + H, 2 * H)), rng.normal(size=2 * H)
        candidate, of_candidate = rng.normal(size=(D + H, H)), rng.normal(size=H)

        def step(x, h):
            r, u = np.split(sigmoid(np.concatenate([x, h], axis=1) @ gates + of_gates), 2, axis=1)
            c = np.tanh(np.concatenate([x, r * h], axis=1) @ candidate + of_candidate)
            return (u * h + (1 - u) * c,)

        arrays = {"gates/kernel": gates, "gates/bias": of_gates, "candidate/kernel": candidate}
        arrays |= {"candidate/bias": of_candidate}
        layer = from_keras({f"rnn/gru_cell/{name}": array for name, array in arrays.items()})
        assert type(layer) is GRU
        np.testing.assert_allclose(layer.forward(x).h, from_zeros(step, x), rtol=0, atol=1e-14)

    def test_an_rnn_in_its_own_dtype(self, x, rng):
        kernel, bias = rng.normal(size=(D + H, H)).astype(np.float32), rng.normal(size=H).astype(np.float32)
        layer = from_keras({"rnn/basic_rnn_cell/kernel": kernel, "rnn/basic_rnn_cell/bias": bias})
        assert type(layer) is RNN and layer.dtype == np.float32
        expected = from_zeros(lambda x, h: (np.tanh(np.concatenate([x, h], axis=1) @ kernel + bias),), x)
        np.testing.assert_allclose(layer.forward(x).h, expected, rtol=0, atol=1e-5)

    def test_refusals(self, rng):
        one = {"a/lstm_cell/kernel": np.ones((D + H, 4 * H)), "a/lstm_cell/bias": np.ones(4 * H)}
        two = one | {name.replace("a/", "b/"): array for name, array in one.items()}
        sentence = "source must have one RNN, LSTM or GRU; it has 'a/lstm_cell', 'b/lstm_cell'; give"
        assert_refused(lambda: from_keras(two), ValueError, f"{sentence} name")
        assert_refused(lambda: from_torch(two), ValueError, f"{sentence} prefix")
        sentence = "name must fit exactly one of 'a/lstm_cell', 'b/lstm_cell', got 'c'"
        assert_refused(lambda: from_keras(two, "c"), ValueError, sentence)
        peepholes = one | {"a/lstm_cell/w_f_diag": np.ones(H)}
        sentence = "source must hold kernel and bias of 'a/lstm_cell' and no more, got kernel, bias, w_f_diag"
        assert_refused(lambda: from_keras(peepholes), ValueError, sentence)
        sentence = "source must hold kernel and bias of 'a/lstm_cell' and no more, got bias"
        assert_refused(lambda: from_keras({"a/lstm_cell/bias": np.ones(4 * H)}), ValueError, sentence)
        got = f"({D + H}, {3 * H}) and ({4 * H},)"
        sentence = f"a/lstm_cell/kernel must have shape (D + H, 4 H), and its bias (4 H,), got {got}"
        other = one | {"a/lstm_cell/kernel": np.ones((D + H, 3 * H))}
        assert_refused(lambda: from_keras(other), ValueError, sentence)

    def test_gates_of_two_sizes(self):
        arrays = {"gates/kernel": np.ones((9, 10)), "gates/bias": np.ones(10)}
        arrays |= {"candidate/kernel": np.ones((9, 4)), "candidate/bias": np.ones(4)}
        sentence = "source must hold gates of one shape in 'gru_cell', got [(9, 5), (9, 5), (9, 4)]"
        assert_refused(lambda: from_keras({f"gru_cell/{k}": v for k, v in arrays.items()}), ValueError, sentence)

    def test_two_arrays_without_names_are_ambiguous(self):
        sentence = (
            "source may be the kernel and the bias of TensorFlow 1's BasicLSTMCell, (D + H, 4 H) and (4 H,); if so, "
            "pass them with their names, {'basic_lstm_cell/kernel': kernel, 'basic_lstm_cell/bias': bias}"
        )
        assert_refused(lambda: from_keras([np.ones((D + H, 4 * H)), np.ones(4 * H)]), ValueError, sentence)

    def test_names_of_keras_are_not_read_as_tensorflow_1(self):
        held = {"lstm/lstm_cell/kernel": 1, "lstm/lstm_cell/recurrent_kernel": 1, "lstm/lstm_cell/bias": 1}
        with pytest.raises((TypeError, ValueError), match=r"^source must (?!.*TensorFlow)"):
            from_torch(held)


class TestKeras2WithCudnn:
    """cuDNN reads the kernel of each gate as a flat buffer of H rows with D numbers each."""

    def buffers(self, rng, gates):
        kernel, recurrent = rng.normal(size=(D, gates * H)), rng.normal(size=(H, gates * H))
        of_gate = [slice(k * H, (k + 1) * H) for k in range(gates)]
        W = [np.ascontiguousarray(kernel[:, one]).ravel().reshape(H, D) for one in of_gate]
        R = [np.ascontiguousarray(recurrent[:, one]).ravel().reshape(H, H) for one in of_gate]
        return kernel, recurrent, rng.normal(size=2 * gates * H), W, R

    def test_an_lstm(self, x, rng):
        kernel, recurrent, bias, W, R = self.buffers(rng, 4)
        b = np.split(bias, 8)

        def step(x, h, c):
            i, f, g, o = (x @ W[k].T + h @ R[k].T + b[k] + b[4 + k] for k in range(4))
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            return sigmoid(o) * np.tanh(c), c

        layer = from_keras([kernel, recurrent, bias])
        assert type(layer) is LSTM
        np.testing.assert_allclose(layer.forward(x).h, from_zeros(step, x, 2), rtol=0, atol=1e-14)

    def test_a_gru(self, x, rng):
        kernel, recurrent, bias, W, R = self.buffers(rng, 3)
        b = np.split(bias, 6)

        def step(x, h):
            z, r = (sigmoid(x @ W[k].T + h @ R[k].T + b[k] + b[3 + k]) for k in range(2))
            n = np.tanh(x @ W[2].T + b[2] + r * (h @ R[2].T + b[5]))
            return ((1 - z) * n + z * h,)

        layer = from_keras([kernel, recurrent, bias])
        assert type(layer) is GRU and layer.reset_after
        np.testing.assert_allclose(layer.forward(x).h, from_zeros(step, x), rtol=0, atol=1e-14)

    @pytest.mark.parametrize("source, what", [
        ([np.ones(4 * H * (D + H + 2))], "its only array"),
        ({"cudnn_lstm/opaque_kernel": np.ones(99)}, "cudnn_lstm/opaque_kernel"),
    ], ids=["a list", "by name"])  # fmt: skip
    @pytest.mark.parametrize("read", [from_keras, from_torch])
    def test_a_cudnn_buffer_is_refused(self, read, source, what):
        sentence = (
            f"source must hold the weights of each gate, but {what} is the buffer of a cuDNN layer, which does not "
            "tell their sizes; save the layer as a Keras or PyTorch layer on the machine where it runs, and pass that"
        )
        assert_refused(lambda: read(source), ValueError, sentence)


KERAS_1 = {"an LSTM": "icfo", "a GRU": "zrh"}


class TestKeras1:
    """Its gates are hard sigmoids by default. The refusal says how to pass weights of a layer with sigmoids."""

    def lstm(self, w):
        def step(x, h, c):
            i, f, o = (sigmoid(x @ w[f"W_{k}"] + h @ w[f"U_{k}"] + w[f"b_{k}"]) for k in "ifo")
            c = f * c + i * np.tanh(x @ w["W_c"] + h @ w["U_c"] + w["b_c"])
            return o * np.tanh(c), c

        return step

    def gru(self, w):
        def step(x, h):
            z, r = (sigmoid(x @ w[f"W_{k}"] + h @ w[f"U_{k}"] + w[f"b_{k}"]) for k in "zr")
            return (z * h + (1 - z) * np.tanh(x @ w["W_h"] + (r * h) @ w["U_h"] + w["b_h"]),)

        return step

    @pytest.mark.parametrize("named", [False, True], ids=["a list", "by name"])
    @pytest.mark.parametrize("kind", KERAS_1)
    def test_the_advice_in_the_refusal_works(self, kind, named, x, rng):
        shapes = {"W": (D, H), "U": (H, H), "b": (H,)}
        w = {f"{part}_{k}": rng.normal(size=shapes[part]) for k in KERAS_1[kind] for part in "WUb"}
        source = {f"my_layer_1_{name}": array for name, array in w.items()} if named else list(w.values())
        with pytest.raises(
            ValueError, match=f"^source must not be {kind} of Keras 1: its gates are hard sigmoids"
        ) as caught:
            from_keras(source)
        (advice,) = re.findall(r"pass to from_keras (.*)$", str(caught.value))
        layer = from_keras(eval(advice, {"np": np, "source": source, "range": range}))
        step, states = (self.lstm(w), 2) if kind == "an LSTM" else (self.gru(w), 1)
        np.testing.assert_allclose(layer.forward(x).h, from_zeros(step, x, states), rtol=0, atol=1e-14)
