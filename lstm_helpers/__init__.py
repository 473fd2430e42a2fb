"""The LSTM in NumPy: its equations, the document's worked examples, and live pictures of both.

`import lstm_helpers` loads NumPy and nothing else. The pictures come with `lstm_helpers.view` and
`lstm_helpers.explorers`, which load matplotlib and ipywidgets.
"""

from lstm_helpers import equations, examples
from lstm_helpers.equations import candidate, cell_state, gate, hidden_state, logit, sigmoid, weights_for
from lstm_helpers.examples import EXAMPLES

__all__ = [
    "EXAMPLES",
    "candidate",
    "cell_state",
    "equations",
    "examples",
    "gate",
    "hidden_state",
    "logit",
    "sigmoid",
    "weights_for",
]
