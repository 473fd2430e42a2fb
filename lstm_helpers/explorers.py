"""The slider panels that the notebooks show: the equations and the pictures put together."""

from collections.abc import Mapping

import numpy as np

from lstm_helpers._arguments import one_frame, real_array, refuse, same_shape
from lstm_helpers.equations import cell_state, gate, hidden_state
from lstm_helpers.examples import EXAMPLES
from lstm_helpers.view.controls import Choice, Slider
from lstm_helpers.view.diagram import CellDiagram
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.pictures import GatePicture, PointwisePicture
from lstm_helpers.view.plots import Picture
from lstm_helpers.view.style import number, percent, vector


class PointwiseExplorer(Panel):
    """Two vectors, their product and their sum.

    Args:
        x, y: vectors of one length, up to 6, every element from -1 to 1. The document's product if not given.
    """

    title = "Pointwise explorer"

    @one_frame
    def __init__(self, x=None, y=None):
        product, update = EXAMPLES["pointwise_product"].inputs, EXAMPLES["context_update"].inputs
        x = real_array("x", product["x"] if x is None else x, ndim=1, within=(-1, 1))
        y = real_array("y", product["y"] if y is None else y, ndim=1, within=(-1, 1))
        same_shape(x=x, y=y)
        if len(x) > 6:
            refuse(ValueError, f"x and y must have at most 6 elements, got {len(x)}")
        self._size = size = len(x)
        presets = {"as given": self._named(x, y)}
        if size == 3:
            presets |= {
                "document: product": self._named(product["x"], product["y"]),
                "document: sum": self._named(update["c_prev"], update["new"]),
            }
        presets |= {
            "y = 1": self._named(x, np.ones(size)),
            "y = 0": self._named(x, np.zeros(size)),
            "y = −x": self._named(x, -x),
        }
        if size == 3 and np.array_equal(x, product["x"]) and np.array_equal(y, product["y"]):
            del presets["as given"]
        start = self._named(x, y)
        controls = [
            Slider(name, value, -1, 1, label=name[0] + _SUBSCRIPTS[int(name[2]) - 1], label_width=30)
            for name, value in start.items()
        ]
        super().__init__(PointwisePicture(size), [controls[:size], controls[size:]], presets)

    def show(self, **values):
        """The vectors, their product and their sum, element by element."""
        x = np.array([values[f"x_{k + 1}"] for k in range(self._size)])
        y = np.array([values[f"y_{k + 1}"] for k in range(self._size)])
        data = {"x": x, "y": y, "product": x * y, "sum": x + y}
        sentence = f"Multiplied: {vector(x)} × {vector(y)} = {vector(x * y)}. Added: {vector(x + y)}."
        return data, sentence

    @staticmethod
    def _named(x, y):
        return {f"{name}_{k}": float(v) for name, vec in (("x", x), ("y", y)) for k, v in enumerate(vec, 1)}


class CellExplorer(Panel):
    """One unit of an LSTM cell, its gates set by hand.

    Args:
        f, c_prev, i, g, o: where it opens: gates from 0 to 1, the candidate from -1 to 1, the memory from -2 to 2.
            If not given: the first unit of the document's forget, input and output examples.
    """

    title = "Cell explorer"

    @one_frame
    def __init__(self, f=None, c_prev=None, i=None, g=None, o=None):
        forget, write, show = (EXAMPLES[name] for name in ("forget_gate", "input_gate", "output_gate"))
        document = {
            "f": forget.stated,
            "c_prev": forget.inputs["c_prev"],
            "i": write.on_the_way["i"],
            "g": write.on_the_way["g"],
            "o": show.on_the_way["o"],
        }
        units = [{name: float(vec[k]) for name, vec in document.items()} for k in range(len(forget.stated))]
        given = {"f": f, "c_prev": c_prev, "i": i, "g": g, "o": o}
        start = {name: units[0][name] if value is None else value for name, value in given.items()}
        controls = [
            Slider("f", start["f"], 0, 1, words="forget gate"),
            Slider("i", start["i"], 0, 1, words="input gate"),
            Slider("o", start["o"], 0, 1, words="output gate"),
            Slider("g", start["g"], -1, 1, words="candidate"),
            Slider("c_prev", start["c_prev"], -2, 2, words="memory"),
        ]
        presets = {f"document, unit {k}": unit for k, unit in enumerate(units, 1)} | {
            "keep": {"f": 1.0, "i": 0.0},
            "overwrite": {"f": 0.0, "i": 1.0},
            "add up": {"f": 1.0, "i": 1.0},
            "forget": {"f": 0.0, "i": 0.0},
            "keep it to yourself": {"o": 0.0},
        }
        super().__init__(CellDiagram(), [controls[:3], controls[3:]], presets)

    def show(self, f, c_prev, i, g, o):
        """Every number on the wires of the cell."""
        c = float(cell_state(f, c_prev, i, g))
        data = {"f": f, "c_prev": c_prev, "kept": f * c_prev, "i": i, "g": g, "written": i * g}
        data |= {"c": c, "tanh_c": float(np.tanh(c)), "o": o, "h": float(hidden_state(o, c))}
        sentence = (
            f"Keep {percent(f)} of {number(c_prev)}, write {percent(i)} of {number(g)}: "
            f"the memory is now {number(data['kept'])} + {_in_sum(data['written'])} = {number(c)}. "
            f"Show {percent(o)} of tanh({number(c)}) = {number(data['tanh_c'])}: h = {number(data['h'])}."
        )
        return data, sentence


# What each gate works on, as a label; what comes out, in a word; what the gate does.
_GATES = {
    "f": (r"$f \times c_{t-1}$", "kept", "keeps"),
    "i": (r"$i \times g$", "written", "writes"),
    "o": (r"$o \times \tanh(c)$", "shown", "shows"),
}


class GateExplorer(Panel):
    """Where a gate value comes from: inputs, weights and bias -> z -> sigmoid -> what is let through.

    Args:
        symbol: `"f"`, `"i"` or `"o"`.
        W: shape (H, n): the gate's weights, n the length of the inputs stacked.
        b: shape (H,): its biases.
        inputs: name -> vector, in stacking order, for example `{"c_prev": c_prev, "x": x}`.
        works_on: what the gate scales: the name of an input, a vector of shape (H,), or a function of the inputs
            (called by their names) that returns one. Every element from -1 to 1.
    """

    title = "Gate explorer"

    @one_frame
    def __init__(self, symbol, W, b, inputs, works_on):
        if symbol not in _GATES:
            refuse(ValueError, f"symbol must be one of {list(_GATES)}, got {symbol!r}")
        if not isinstance(inputs, Mapping):
            refuse(TypeError, f"inputs must be a mapping from names to vectors, got {inputs!r}")
        if isinstance(works_on, str) and works_on not in inputs:
            names = ", ".join(inputs)
            refuse(ValueError, f"works_on must name an input ({names}), be a vector or a function, got {works_on!r}")
        vectors = {name: real_array(name, v, ndim=1, within=(-1, 1)) for name, v in inputs.items()}
        size = len(gate(W, b, *vectors.values()))  # refuses weights that do not fit
        self.symbol, self._works_on, self._input_names = symbol, works_on, list(vectors)
        self._splits = np.cumsum([len(v) for v in vectors.values()])[:-1]
        stacked = np.concatenate(list(vectors.values()))
        given = {"W": np.array(W, dtype=float), "b": np.array(b, dtype=float), "u": stacked.astype(float)}
        offered = real_array("works_on", self._offered(given["u"]), ndim=1, within=(-1, 1))
        same_shape(b=given["b"], works_on=offered)
        self.state = given
        names = [f"{name.removesuffix('_prev')}{_SUBSCRIPTS[k]}" for name, v in vectors.items() for k in range(len(v))]
        steep, far = (max(least, np.ceil(np.abs(given[name]).max())) for name, least in (("W", 4), ("b", 6)))
        controls = [
            Choice("unit", {str(k + 1): k for k in range(size)}, "unit"),
            Choice("input", {name: k for k, name in enumerate(names)}, "input"),
            Slider("u", given["u"][0], -1, 1, words="the input"),
            Slider("w", given["W"][0, 0], -steep, steep, words="its weight"),
            Slider("b", given["b"][0], -far, far, words="unit's bias"),
        ]
        blank = {**given, "W": np.zeros_like(given["W"]), "b": np.zeros_like(given["b"])}
        presets = {
            "as given": given,
            "weights and bias 0": blank,
            "only a bias of 4": {**blank, "b": blank["b"] + 4},
            "only a bias of −4": {**blank, "b": blank["b"] - 4},
        }
        picture = GatePicture(symbol, names, *_GATES[symbol][:2], size)
        super().__init__(picture, [controls[:2], controls[2:]], presets)

    @property
    def values(self):
        """The weights, biases and inputs as they stand, and which unit and input are chosen."""
        chosen = super().values
        return {**self.state, "unit": chosen["unit"], "input": chosen["input"]}

    def show(self, W, b, u, unit, input):
        """The terms of the chosen unit's z, and for every unit the gate and what it lets through."""
        gates, offered = gate(W, b, u), self._offered(u)
        passed = gates * offered
        data = {"weights": W[unit], "inputs": u, "bias": b[unit], "input": input, "unit": unit}
        data |= {"gate": gates, "offered": offered, "passed": passed}
        z = W[unit] @ u + b[unit]
        sentence = (
            f"Unit {unit + 1}: z = {number(z)}, so {self.symbol} = σ(z) = {number(gates[unit])}. The gate "
            f"{_GATES[self.symbol][2]} {percent(gates[unit])} of {number(offered[unit])}: {number(passed[unit])}."
        )
        return data, sentence

    def follow(self, name, value):
        """Another unit or input is chosen: the sliders go to its numbers. A slider moves: its number follows."""
        unit, k = self.controls["unit"].value, self.controls["input"].value
        if name in ("unit", "input"):
            self.controls["u"].put(self.state["u"][k])
            self.controls["w"].put(self.state["W"][unit, k])
            self.controls["b"].put(self.state["b"][unit])
            return
        array, index = {"u": ("u", k), "w": ("W", (unit, k)), "b": ("b", unit)}[name]
        changed = self.state[array].copy()
        changed[index] = value
        self.state = {**self.state, array: changed}

    def apply(self, preset):
        """Take a preset's weights, biases and inputs, and put the sliders where they are."""
        self.state = preset
        self.follow("unit", None)

    def _offered(self, u):
        inputs = dict(zip(self._input_names, np.split(u, self._splits), strict=True))
        if callable(self._works_on):
            return self._works_on(**inputs)
        return inputs[self._works_on] if isinstance(self._works_on, str) else self._works_on


@one_frame
def cell_map(part):
    """The cell as a diagram in which one part stands out, with the first numbers of the document's example of it.

    Args:
        part: `"pointwise"`, `"forget"`, `"input"` or `"output"`.
    """
    keep, write, say = (EXAMPLES[f"{name}_gate"] for name in ("forget", "input", "output"))
    c_prev, f = keep.inputs["c_prev"][0], keep.stated[0]
    i, g = (write.on_the_way[name][0] for name in "ig")
    c, o = say.inputs["c"][0], say.on_the_way["o"][0]
    forget = {"c_prev": c_prev, "f": f, "kept": f * c_prev}
    written = {"i": i, "g": g, "written": i * g}
    shown = {"c": c, "tanh_c": np.tanh(c), "o": o, "h": o * np.tanh(c)}
    parts = {
        "pointwise": (
            {**forget, **written, "c": f * c_prev + i * g},
            "multiplying twice and adding once turns the old memory into the new one",
        ),
        "forget": (forget, "the forget gate multiplies the old memory"),
        "input": (written, "the input gate multiplies the candidate"),
        "output": (shown, "the memory goes through tanh and is multiplied by the output gate"),
    }
    if part not in parts:
        refuse(ValueError, f"part must be one of {list(parts)}, got {part!r}")
    numbers, words = parts[part]
    diagram = CellDiagram()
    diagram.light(numbers)
    return Picture(diagram.figure, f"The LSTM cell as a diagram. What stands out: {words}.")


_SUBSCRIPTS = "₁₂₃₄₅₆₇₈₉"


def _in_sum(value):
    """A term as it stands behind a plus sign: in brackets when negative."""
    text = number(value)
    return f"({text})" if text.startswith("−") else text
