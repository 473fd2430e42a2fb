"""The LSTM in NumPy: its equations, the document's worked examples, and live pictures of both.

`import lstm_helpers` loads NumPy and nothing else. Import the rest by name: `lstm_helpers.tasks`, `training`,
`interventions` and `measures` for training and experiments, `runs` for recorded trainings, `checks` for the exercises,
`room` for what a class answers, `interop` for PyTorch, Keras and ONNX. The pictures are in `view` and `explorers`,
which load matplotlib and ipywidgets.
"""

from lstm_helpers import equations, examples, gradients, layers
from lstm_helpers.equations import candidate, cell_state, gate, hidden_state, logit, sigmoid, weights_for
from lstm_helpers.examples import EXAMPLES
from lstm_helpers.gradients import cell_jacobian, check_gradients, half_life, hidden_jacobian
from lstm_helpers.layers import GRU, LSTM, RNN, MinGRU, Reversed, Stack

__all__ = [
    "EXAMPLES",
    "GRU",
    "LSTM",
    "RNN",
    "MinGRU",
    "Reversed",
    "Stack",
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
