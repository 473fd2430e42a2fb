"""The same layer elsewhere: weights to and from PyTorch, Keras 3 and ONNX.

`to_torch`, `to_keras` and `to_onnx` turn a layer or a `Stack` of ours into theirs; `torch_state`, `keras_weights` and
`onnx_node` give the same weights as plain NumPy arrays, and need none of the libraries. `from_torch`, `from_keras` and
`from_onnx` take both. A round trip changes no bit. A layer that the other side does not have is refused by name.
Weights that are not finite, or that do not fit together, are refused with a `ValueError` or `TypeError`.

No library is imported before it is used. `ORDERS` is the one table of gate orders.
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
