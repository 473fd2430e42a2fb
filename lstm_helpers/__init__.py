"""The LSTM in NumPy: its equations, the document's worked examples, and live pictures of both.

`import lstm_helpers` loads NumPy and nothing else. What is trained comes with `lstm_helpers.tasks`,
`lstm_helpers.training` and `lstm_helpers.interventions`, the exercises with `lstm_helpers.checks`, the way to PyTorch,
Keras and ONNX and back with `lstm_helpers.interop`; the pictures come with `lstm_helpers.view` and
`lstm_helpers.explorers`, which load matplotlib and ipywidgets.
"""

from lstm_helpers import equations, examples, gradients, layers
from lstm_helpers.equations import candidate, cell_state, gate, hidden_state, logit, sigmoid, weights_for
from lstm_helpers.examples import EXAMPLES
from lstm_helpers.gradients import cell_jacobian, check_gradients, half_life, hidden_jacobian
from lstm_helpers.layers import GRU, LSTM, RNN, MinGRU

__all__ = [
    "EXAMPLES",
    "GRU",
    "LSTM",
    "RNN",
    "MinGRU",
    "candidate",
    "cell_jacobian",
    "cell_state",
    "check_gradients",
    "equations",
    "examples",
    "gate",
    "gradients",
    "half_life",
    "hidden_jacobian",
    "hidden_state",
    "layers",
    "logit",
    "sigmoid",
    "weights_for",
]
