"""The layers that each library supports, and a comparison of layers bit by bit."""

from lstm_helpers.interop import from_keras, from_onnx, from_torch, keras_weights, onnx_node, torch_state
from tests.support.layer_cases import LAYERS

KEPT = {
    "PyTorch": (torch_state, from_torch, ["RNN", "GRU", "LSTM"]),
    "Keras": (keras_weights, from_keras, ["RNN", "GRU", "GRU, reset before", "LSTM"]),
    "ONNX": (onnx_node, from_onnx, [name for name in LAYERS if "no forget gate" not in name and "MinGRU" not in name]),
}


def identical(layer, other):
    """Return true if two layers have the same type and are equal to the last bit, including the sign of a 0."""
    about = [{k: v for k, v in vars(one).items() if k not in ("W", "_buffers")} for one in (layer, other)]
    return type(layer) is type(other) and about[0] == about[1] and layer.W.tobytes() == other.W.tobytes()
