"""The reference implementation is right, and the fast layer computes the same."""

import inspect
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest

from lstm_helpers import LSTM, check_gradients
from lstm_helpers.layers import reference
from tests.support.layer_cases import random_layer
from tests.support.notebooks import ROOT, outputs, text_of

SHAPES = [(1, 1, 1, 1), (7, 1, 3, 2), (6, 2, 1, 3), (9, 33, 5, 40), (40, 16, 24, 32)]  # T, N, D, H


def both_passes(layer, x, h0, c0, dh, dh_T, dc_T):
    trace = reference.forward(layer, x, h0, c0)
    return trace, reference.backward(trace, dh, dh_T, dc_T)


def data(T, N, D, H, rng):
    shapes = (T, N, D), (N, H), (N, H), (T, N, H), (N, H), (N, H)
    return [rng.normal(size=shape) for shape in shapes]


def assert_same(name, ours, page):
    np.testing.assert_allclose(ours, page, rtol=0, atol=1e-13 * max(1, np.abs(page).max()), err_msg=name)


def test_gradients_match_finite_differences(rng):
    layer = random_layer(LSTM, 3, 4, rng)
    check = check_gradients(layer, rng.normal(size=(6, 2, 3)), rng=rng, backward=reference.backward)
    assert check.passed, check


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_fast_layer_computes_the_same(shape, rng):
    layer = random_layer(LSTM, *shape[2:], rng)
    x, h0, c0, *arriving = data(*shape, rng)
    trace, gradients = both_passes(layer, x, h0, c0, *arriving)
    fast = layer.forward(x, h0, c0)
    for name in ("f", "i", "g", "o", "c", "h", "h0", "c0"):
        assert_same(name, getattr(fast, name), getattr(trace, name))
    back = layer.backward(fast, *arriving)
    for name, page in gradients.items():
        assert_same(name, getattr(back, name), page)


def test_notebook_08_shows_the_current_source():
    book = nbformat.read(ROOT / "notebooks" / "08_backprop_through_time.ipynb", as_version=4)
    shown = "".join(text_of(output) for _, output in outputs(book))
    for function in (reference.step_back, reference.backward):
        assert inspect.getsource(function) in shown


def test_coupled_gates_equal_the_reference_with_opposite_weights(rng):
    """1 - sigmoid(z) is sigmoid(-z), so W_i = -W_f; and W_f reaches the loss through both gates."""
    layer = random_layer(LSTM, 3, 4, rng, coupled=True)
    page = SimpleNamespace(**{name: getattr(layer, name) for name in layer.parts}, W_i=-layer.W_f, b_i=-layer.b_f)
    x, h0, c0, *arriving = data(9, 2, 3, 4, rng)
    _, gradients = both_passes(page, x, h0, c0, *arriving)
    gradients["W_f"] -= gradients.pop("W_i")
    gradients["b_f"] -= gradients.pop("b_i")
    back = layer.backward(layer.forward(x, h0, c0), *arriving)
    for name, expected in gradients.items():
        assert_same(name, getattr(back, name), expected)


def test_no_forget_gate_equals_the_reference_with_an_open_gate(rng):
    layer = random_layer(LSTM, 3, 4, rng, forget_gate=False)
    wide_open = {"W_f": np.zeros((4, 7)), "b_f": np.full(4, 100.0)}
    page = SimpleNamespace(**{name: getattr(layer, name) for name in layer.parts}, **wide_open)
    x, h0, c0, *arriving = data(9, 2, 3, 4, rng)
    _, gradients = both_passes(page, x, h0, c0, *arriving)
    back = layer.backward(layer.forward(x, h0, c0), *arriving)
    for name in [*layer.parts, "x", "h0", "c0"]:
        assert_same(name, getattr(back, name), gradients[name])
