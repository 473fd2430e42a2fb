"""What each framework can keep of our layers, and whether what comes back is the same."""

from lstm_helpers.interop import from_keras, from_onnx, from_torch, keras_weights, onnx_node, torch_state
from tests.support.layer_cases import LAYERS

KEPT = {  # what each of them can keep
    "PyTorch": (torch_state, from_torch, ["RNN", "GRU", "LSTM"]),
    "Keras": (keras_weights, from_keras, ["RNN", "GRU", "GRU, reset before", "LSTM"]),
    "ONNX": (onnx_node, from_onnx, [name for name in LAYERS if "no forget gate" not in name and "MinGRU" not in name]),
}


def identical(layer, other):
    """The same kind of layer, and the same down to the last bit, the sign of a 0 included."""
    about = [{k: v for k, v in vars(one).items() if k not in ("W", "_buffers")} for one in (layer, other)]
    return type(layer) is type(other) and about[0] == about[1] and layer.W.tobytes() == other.W.tobytes()
