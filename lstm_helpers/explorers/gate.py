"""Where a gate value comes from."""

import numpy as np

from lstm_helpers._arguments import mapping, one_of, real_array, refuse, same_shape, short_traceback, whole_number
from lstm_helpers.equations import gate, logit, sigmoid
from lstm_helpers.view.controls import Choice, Slider
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.pictures import GatePicture
from lstm_helpers.view.prediction import Prediction, over_bars, predicted, spoken
from lstm_helpers.view.style import number, percent, subscript, vector

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
        opens_on: the unit it opens on, counted from 1 as on the buttons.
        prediction: what the gate of the chosen unit will be, a number; or what is let through, a list of H; or a
            mapping with both, for example `{"f": 0.5, "kept": [0.4, 0.2, -0.5]}`; `...` if nothing is predicted yet.
            The gate is drawn on the curve, what is let through over the filled bars.
    """

    title = "Gate explorer"

    @short_traceback
    def __init__(self, symbol, W, b, inputs, works_on, opens_on=1, *, prediction=...):
        one_of("symbol", symbol, _GATES)
        inputs = mapping("inputs", inputs)
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
        opens_on = whole_number("opens_on", opens_on, 1, size)
        result = _GATES[symbol][1]
        foreseen = predicted(prediction, {symbol: ((),), result: ((size,),)})
        self.state, first = given, opens_on - 1
        names = [
            f"{name.removesuffix('_prev')}{subscript(k + 1)}" for name, v in vectors.items() for k in range(len(v))
        ]
        steep, far = (max(least, np.ceil(np.abs(given[name]).max())) for name, least in (("W", 4), ("b", 6)))
        controls = [
            Choice("unit", {str(k + 1): k for k in range(size)}, "unit", value=first),
            Choice("input", {name: k for k, name in enumerate(names)}, "input"),
            Slider("u", given["u"][0], -1, 1, words="the input"),
            Slider("w", given["W"][first, 0], -steep, steep, words="its weight"),
            Slider("b", given["b"][first], -far, far, words="unit's bias"),
        ]
        blank = {**given, "W": np.zeros_like(given["W"]), "b": np.zeros_like(given["b"])}
        presets = {
            "as given": given,
            "weights and bias 0": blank,
            "only a bias of 4": {**blank, "b": blank["b"] + 4},
            "only a bias of −4": {**blank, "b": blank["b"] - 4},
        }
        picture = GatePicture(symbol, names, *_GATES[symbol][:2], size, sigmoid)
        predictions = [_in(picture, name, value) for name, value in foreseen.items()]
        super().__init__(picture, [controls[:2], controls[2:]], presets, predictions)

    @property
    def values(self):
        """The weights, biases and inputs as they stand, and which unit and input are chosen."""
        chosen = super().values
        return {**self.state, "unit": chosen["unit"], "input": chosen["input"]}

    def show(self, W, b, u, unit, input):
        """The terms of the chosen unit's z, and for every unit the gate and what it lets through."""
        gates, offered = gate(W, b, u), self._offered(u)
        passed = gates * offered
        z = W[unit] @ u + b[unit]
        data = {"weights": W[unit], "inputs": u, "bias": b[unit], "z": z, "input": input, "unit": unit}
        data |= {"gate": gates, "offered": offered, "passed": passed}
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


def _in(picture, name, value):
    """A prediction of the gate, on the curve at that height; or of what is let through, at the bars that show it."""
    said = f"{spoken(value)} for {name if value.ndim == 0 else f'what is {name}'}"
    if value.ndim == 0:
        z = float(logit(np.clip(value, *sigmoid(np.array([-picture.EDGE, picture.EDGE])))))
        axes = picture.dot.axes
        return Prediction(axes, (z, value), said, lambda data: number(data["gate"][data["unit"]]), side="left")
    return over_bars(picture.passed_bars, value, said, lambda data: vector(data["passed"]))
