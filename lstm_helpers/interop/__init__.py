"""Conversion of layers to and from PyTorch, Keras 3 and ONNX.

`to_torch`, `to_keras` and `to_onnx` make a layer or model of the library from a layer or `Stack` of ours;
`torch_state`, `keras_weights` and `onnx_node` return the same weights as NumPy arrays, without the library.
`from_torch`, `from_keras` and `from_onnx` read both. A round trip changes no bit. A layer that the other side does not
have, and weights that are not finite or do not fit together, raise `ValueError` or `TypeError`.

To see how the weights of a PyTorch LSTM become ours, read the top of `orders.py`, which has the order of the gates in
each library, `ORDERS`. No library is imported before it is used.
"""

from lstm_helpers.interop._keras import from_keras, keras_weights, to_keras
from lstm_helpers.interop._onnx import OnnxNode, from_onnx, onnx_node, to_onnx
from lstm_helpers.interop._torch import from_torch, to_torch, torch_state
from lstm_helpers.interop.orders import LETTERS, ORDERS

__all__ = [
    "LETTERS",
    "ORDERS",
    "OnnxNode",
    "from_keras",
    "from_onnx",
    "from_torch",
    "keras_weights",
    "onnx_node",
    "to_keras",
    "to_onnx",
    "to_torch",
    "torch_state",
]
