"""The document's worked examples: its inputs, its stated results, and the results in full precision.

The document is "Understanding LSTM Networks", the short text that the notebooks work through number by number. This is
the only place where its numbers are stored.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from lstm_helpers._arguments import real_array, short_traceback
from lstm_helpers.equations import candidate, gate, weights_for


@dataclass(frozen=True, eq=False)
class WorkedExample:
    """One worked example of the document.

    Attributes:
        name: its key in `EXAMPLES`.
        equation: the computation, in the symbols of the notebooks.
        inputs: the vectors the document starts from, by symbol.
        written: the result as the document writes it.
        on_the_way: the intermediate vectors that the document states, by symbol.
        fitted: whether the weights are fitted to the stated result, because the document gives none. Such an example
            always agrees.
        formula: `formula(example, rounded)` computes the result; it calls `rounded(value, decimals)` on every
            intermediate value that the document rounds.
    """

    name: str
    equation: str
    inputs: Mapping[str, np.ndarray]
    written: str
    formula: Callable = field(repr=False)
    on_the_way: Mapping[str, np.ndarray] = field(default_factory=dict)
    fitted: bool = False

    def __post_init__(self):
        object.__setattr__(self, "inputs", _read_only(self.inputs))
        object.__setattr__(self, "on_the_way", _read_only(self.on_the_way))

    @property
    def stated(self):
        """The result as the document states it, as an array."""
        return np.array([float(text) for text in self._texts])

    @property
    def decimals(self):
        """The number of decimals the document keeps in the result."""
        return max(self._decimals)

    @property
    def computed(self):
        """The result in full precision, without intermediate rounding."""
        return self.formula(self, lambda value, decimals: value)

    @property
    def computed_as_stated(self):
        """The result computed like the document's: rounded at the same points, to the same number of decimals."""
        return np.round(self.formula(self, np.round), self.decimals)

    @short_traceback
    def as_written(self, values):
        """Values in the document's format: each element with as many decimals as in its result."""
        values = real_array("values", values, shape={"n": len(self._texts)})
        return "[" + ", ".join(f"{v:.{d}f}" for v, d in zip(values, self._decimals, strict=True)) + "]"

    def agrees(self):
        """True if the result, rounded like the document's, equals the stated result."""
        return np.array_equal(self.computed_as_stated, self.stated)

    @property
    def _texts(self):
        return self.written.strip("[]").split(", ")

    @property
    def _decimals(self):
        return [len(text.partition(".")[2]) for text in self._texts]


def _read_only(vectors):
    """The vectors as read-only arrays in a read-only mapping."""
    arrays = {name: np.array(values, dtype=float) for name, values in vectors.items()}
    for array in arrays.values():
        array.flags.writeable = False
    return MappingProxyType(arrays)


def _gate_with_weights_for(target, *inputs):
    return gate(*weights_for(target, *inputs), *inputs)


def _forget_gate(example, rounded):
    return _gate_with_weights_for(example.stated, example.inputs["c_prev"], example.inputs["x"])


def _input_gate(example, rounded):
    x = example.inputs["x"]
    i = _gate_with_weights_for(example.on_the_way["i"], x)
    g = candidate(*weights_for(example.on_the_way["g"], x, activation=np.tanh), x)
    return rounded(i, 1) * rounded(g, 1)


def _output_gate(example, rounded):
    o = _gate_with_weights_for(example.on_the_way["o"], example.inputs["x"])
    return rounded(o, 1) * rounded(np.tanh(example.inputs["c"]), 2)


_EXAMPLES = (
    WorkedExample(
        "pointwise_product",
        "z = x * y",
        inputs={"x": [0.2, 0.8, 0.5], "y": [0.3, 0.7, 0.4]},
        written="[0.06, 0.56, 0.20]",
        formula=lambda example, rounded: example.inputs["x"] * example.inputs["y"],
    ),
    WorkedExample(
        "context_update",
        "c = c_prev + new",
        inputs={"c_prev": [0.5, 0.1, 0.3], "new": [0.4, 0.7, 0.2]},
        written="[0.9, 0.8, 0.5]",
        formula=lambda example, rounded: example.inputs["c_prev"] + example.inputs["new"],
    ),
    WorkedExample(
        "forget_gate",
        "f = sigmoid(W_f [c_prev, x] + b_f)",
        inputs={"c_prev": [0.8, 0.3, 0.5], "x": [0.9, 0.4, 0.7]},
        written="[0.7, 0.2, 0.6]",
        formula=_forget_gate,
        fitted=True,
    ),
    WorkedExample(
        "input_gate",
        "i * g, with i = sigmoid(W_i x + b_i) and g = tanh(W_g x + b_g)",
        inputs={"x": [0.8, 0.6, 0.9]},
        on_the_way={"i": [0.5, 0.7, 0.8], "g": [0.3, -0.2, 0.5]},
        written="[0.15, -0.14, 0.4]",
        formula=_input_gate,
    ),
    WorkedExample(
        "output_gate",
        "h = o * tanh(c), with o = sigmoid(W_o x + b_o)",
        inputs={"c": [0.7, 0.1, 0.5], "x": [0.8, 0.6, 0.9]},
        on_the_way={"o": [0.6, 0.4, 0.9], "tanh_c": [0.6, 0.1, 0.46]},
        written="[0.36, 0.04, 0.414]",
        formula=_output_gate,
    ),
)
EXAMPLES = MappingProxyType({example.name: example for example in _EXAMPLES})
