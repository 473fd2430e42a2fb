"""The same layer elsewhere: weights to and from PyTorch, Keras 3 and ONNX.

A layer of ours becomes a live one there with `to_torch`, `to_keras` and `to_onnx`, or plain NumPy arrays as they are
kept there with `torch_state`, `keras_weights` and `onnx_node`. `from_torch`, `from_keras` and `from_onnx` take either.
There and back every bit is the same. What cannot be had there is refused by name, and so is what we do not have.

None of the libraries is imported before it is used. The order of the gates stands in one table, `ORDERS`.
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
