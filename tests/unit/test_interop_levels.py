"""Conversion of a Stack to levels in one direction or two, and back."""

import numpy as np
import pytest

from lstm_helpers import GRU, LSTM
from lstm_helpers.interop import orders
from lstm_helpers.layers import MinGRU, Reversed, Stack


def lstm(D, H=3, **options):
    return LSTM.initialize(D, H, rng=np.random.default_rng(0), **options)


def test_a_round_trip_keeps_the_layers():
    a, b, c, d = lstm(2), lstm(2), lstm(6), lstm(3)
    stack = Stack([[a, Reversed(b)], Reversed(c), d])
    levels = orders.levels_of(stack, "PyTorch")
    assert levels == [("bidirectional", [a, b]), ("reverse", [c]), ("forward", [d])]
    again = orders.stack_of(levels)
    assert orders.levels_of(again, "PyTorch") == levels
    assert isinstance(again.layers[1], Reversed) and isinstance(again.layers[2], Reversed)


def test_a_single_forward_layer_is_not_a_stack():
    layer = lstm(2)
    assert orders.levels_of(layer, "Keras") == [("forward", [layer])]
    assert orders.stack_of([("forward", [layer])]) is layer
    assert orders.levels_of(Reversed(layer), "Keras") == [("reverse", [layer])]
    assert isinstance(orders.stack_of([("reverse", [layer])]), Stack)


REFUSED = {
    "three": ([[lstm(2), lstm(2), Reversed(lstm(2))]], ValueError, "one layer, or one and beside it a Reversed one"),
    "both forward": ([[lstm(2), lstm(2)]], ValueError, "one layer, or one and beside it a Reversed one"),
    "reversed first": ([[Reversed(lstm(2)), lstm(2)]], ValueError, "one layer, or one and beside it a Reversed one"),
    "two sizes": ([[lstm(2), Reversed(lstm(2, 4))]], ValueError, "of one size, with the same options"),
    "two kinds": ([[lstm(2), Reversed(lstm(2, coupled=True))]], ValueError, "of one size, with the same options"),
    "minimal": ([MinGRU.initialize(2, 3, rng=np.random.default_rng(0))], TypeError, "an RNN, LSTM or GRU"),
}


@pytest.mark.parametrize("levels, kind, sentence", REFUSED.values(), ids=REFUSED)
def test_levels_that_the_library_does_not_have(levels, kind, sentence):
    with pytest.raises(kind, match=sentence):
        orders.levels_of(Stack(levels), "ONNX")


@pytest.mark.parametrize("value", ["lstm", GRU])
def test_not_a_layer(value):
    with pytest.raises(TypeError, match="an RNN, LSTM or GRU"):
        orders.levels_of(value, "ONNX")
