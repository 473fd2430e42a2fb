"""Where a gate value comes from."""

from typing import NamedTuple

import numpy as np

from lstm_helpers._arguments import mapping, one_of, real_array, refuse, same_shape, short_traceback, whole_number
from lstm_helpers.equations import gate, logit, sigmoid
from lstm_helpers.view.controls import Choice, Slider
from lstm_helpers.view.live import put, whole_limits
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.prediction import Prediction, over_bars, predicted, spoken
from lstm_helpers.view.style import (
    COLORS,
    FAINT,
    INK,
    MATH,
    QUIET,
    new_figure,
    number,
    percent,
    styled,
    subscript,
    vector,
)


class _Words(NamedTuple):
    product: str  # what the gate scales, as a label
    result: str  # what comes out
    verb: str  # what the gate does


_WORDS = {
    "f": _Words(r"$f \times c_{t-1}$", "kept", "keeps"),
    "i": _Words(r"$i \times g$", "written", "writes"),
    "o": _Words(r"$o \times \tanh(c)$", "shown", "shows"),
}
_LEAST_ENDS = {"W": 4, "b": 6}  # of the sliders, which go as far as the largest weight or bias does


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

    The state has the weights `W`, the biases `b` and the stacked inputs `u`, and which `unit` and `input` are chosen,
    both counted from 0. The sliders stand at the numbers of these.
    """

    title = "Gate explorer"

    @short_traceback
    def __init__(self, symbol, W, b, inputs, works_on, opens_on=1, *, prediction=...):
        one_of("symbol", symbol, _WORDS)
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
        words = _WORDS[symbol]
        foreseen = predicted(prediction, {symbol: ((),), words.result: ((size,),)})
        names = [
            f"{name.removesuffix('_prev')}{subscript(k)}" for name, v in vectors.items() for k in range(1, len(v) + 1)
        ]
        w_end, b_end = (max(least, np.ceil(np.abs(given[name]).max())) for name, least in _LEAST_ENDS.items())
        rows = [
            [
                Choice("unit", {str(k + 1): k for k in range(size)}, "unit"),
                Choice("input", {name: k for k, name in enumerate(names)}, "input"),
            ],
            [
                Slider("u", -1, 1, words="the input"),
                Slider("w", -w_end, w_end, words="its weight"),
                Slider("b", -b_end, b_end, words="unit's bias"),
            ],
        ]
        blank = {**given, "W": np.zeros_like(given["W"]), "b": np.zeros_like(given["b"])}
        presets = {
            "as given": given,
            "weights and bias 0": blank,
            "only a bias of 4": {**blank, "b": blank["b"] + 4},
            "only a bias of −4": {**blank, "b": blank["b"] - 4},
        }
        picture = GatePicture(symbol, names, words.product, words.result, size)
        predictions = [_in(picture, name, value) for name, value in foreseen.items()]
        super().__init__(picture, rows, {**given, "unit": opens_on - 1, "input": 0}, presets, predictions)

    def show(self, W, b, u, unit, input):
        """The terms of the chosen unit's z, and for every unit the gate and what it lets through."""
        gates, offered = gate(W, b, u), self._offered(u)
        passed = gates * offered
        z = W[unit] @ u + b[unit]
        data = {"weights": W[unit], "inputs": u, "bias": b[unit], "z": z, "input": input, "unit": unit}
        data |= {"gate": gates, "offered": offered, "passed": passed}
        sentence = (
            f"Unit {unit + 1}: z = {number(z)}, so {self.symbol} = σ(z) = {number(gates[unit])}. The gate "
            f"{_WORDS[self.symbol].verb} {percent(gates[unit])} of {number(offered[unit])}: {number(passed[unit])}."
        )
        return data, sentence

    def positions(self, state):
        """The chosen unit and input, and their numbers."""
        unit, k = state["unit"], state["input"]
        return {"unit": unit, "input": k, "u": state["u"][k], "w": state["W"][unit, k], "b": state["b"][unit]}

    def after_move(self, state, name, value):
        """Another unit or input, or another number of the chosen ones."""
        unit, k = state["unit"], state["input"]
        elements = {"u": ("u", k), "w": ("W", (unit, k)), "b": ("b", unit)}
        if name not in elements:
            return state | {name: value}
        array, index = elements[name]
        changed = state[array].copy()
        changed[index] = value
        return state | {array: changed}

    def _offered(self, u):
        """What the gate scales, at these inputs."""
        inputs = dict(zip(self._input_names, np.split(u, self._splits), strict=True))
        if callable(self._works_on):
            return self._works_on(**inputs)
        return inputs[self._works_on] if isinstance(self._works_on, str) else self._works_on


def _in(picture, name, value):
    """A prediction of the gate, on the curve at that height; or of what is let through, at the bars that show it."""
    said = f"{spoken(value)} for {name if value.ndim == 0 else f'what is {name}'}"
    if value.ndim == 0:
        z = float(logit(np.clip(value, *sigmoid(np.array([-_Z_END, _Z_END])))))
        axes = picture.dot.axes
        return Prediction(axes, (z, value), said, lambda data: number(data["gate"][data["unit"]]), side="left")
    return over_bars(picture.passed_bars, value, said, lambda data: vector(data["passed"]))


# Where the three pictures stand: left, bottom, width and height, as fractions of the figure.
_TERMS_PLACE = (0.235, 0.14, 0.185, 0.7)
_CURVE_PLACE = (0.475, 0.14, 0.18, 0.7)
_UNITS_PLACE = (0.745, 0.36, 0.25, 0.46)
_TERM_ENDS = (2.5, 5, 10, 20, 40)  # that the axis of the terms may have: few, so that a drag seldom changes them
_Z_END = 8  # of the axis of the curve
# Under the bars of the units, as fractions of the height of their axes: the units' names, the gates, the results.
_UNIT_ROW, _GATE_ROW, _RESULT_ROW = -0.11, -0.27, -0.43


class GatePicture:
    """Where a gate value comes from: the terms of z, the sigmoid, and what the gate lets through.

    Args:
        symbol: the gate: `f`, `i` or `o`.
        inputs: the name of each input, in stacking order.
        product: the gate times what it works on, as a label.
        result: what comes out, in a word.
        size: the number of units.

    Attributes:
        figure, moving: for the live picture.
        term_bars, total_bar, guide, dot, offered_bars, passed_bars: what is drawn, in the order of the inputs or units.
        term_words, total_words, gate_words, gate_labels, passed_labels: the numbers beside them.
    """

    def __init__(self, symbol, inputs, product, result, size):
        self._inputs, self._color, self._ink = [*inputs, "bias"], COLORS[symbol], INK[symbol]
        with styled():
            self.figure = new_figure(400)
            self._draw_terms()
            self._draw_curve()
            self._draw_units(symbol, product, result, size)
        self.moving = [
            *self.term_bars, *self.term_words, self.total_bar, self.total_words, self.chosen_row,
            self.guide, self.dot, self.gate_words,
            *self.offered_bars, *self.passed_bars, *self.gate_labels, *self.passed_labels, self.chosen_unit,
        ]  # fmt: skip

    def update(self, data):
        """Show `data`.

        Args:
            data: a mapping with `weights` and `inputs` (n values each), `bias` and `z` of the chosen unit, `input`
                (which row is chosen) and `unit` (which unit), and for all units `gate`, `offered` and `passed`.
        """
        terms = np.append(data["weights"] * data["inputs"], data["bias"])
        self._update_terms(data, terms)
        self._update_dot(data)
        self._update_units(data)
        longest = np.abs(np.cumsum(terms)).max()
        end = min((end for end in _TERM_ENDS if end >= longest), default=longest)
        changed = [put(self._terms, xlim=(-end, end)), put(self._units, ylim=whole_limits(data["offered"]))]
        return any(changed)

    def _draw_terms(self):
        rows = len(self._inputs)
        axes = self._terms = self.figure.add_axes(_TERMS_PLACE)
        axes.set_title("weigh and add: z", fontsize=15, pad=18)
        axes.set_ylim(rows + 0.6, -0.6)
        axes.set_yticks(range(rows + 1), [*self._inputs, "z"])
        axes.tick_params(axis="y", length=0, pad=118, labelsize=13, labelcolor="black")
        axes.spines["left"].set_visible(False)
        axes.axvline(0, color=QUIET, linewidth=1)
        axes.axhline(rows - 0.5, color=QUIET, linewidth=1)
        zeros = np.zeros(rows)
        self.term_bars = axes.barh(range(rows), zeros, 0.56, facecolor=FAINT, edgecolor=QUIET, linewidth=1).patches
        (self.total_bar,) = axes.barh([rows], [0], 0.62, facecolor=self._color, linewidth=0).patches
        (self.chosen_row,) = axes.barh([0], [0], 0.56, facecolor="none", edgecolor="black", linewidth=2.5).patches
        beside = {"transform": axes.get_yaxis_transform(), "ha": "right", "va": "center"}
        self.term_words = [axes.text(-0.03, k, "", fontsize=12, **beside) for k in range(rows)]
        self.total_words = axes.text(-0.03, rows, "", fontsize=15, weight="bold", color=self._ink, **beside)

    def _update_terms(self, data, terms):
        ends = np.cumsum(terms)
        for bar, term, end in zip(self.term_bars, terms, ends, strict=True):
            put(bar, x=end - term, width=term)
        for words, weight, value in zip(self.term_words, data["weights"], data["inputs"], strict=False):
            put(words, text=f"{number(weight)} × {number(value)}")
        put(self.term_words[-1], text=number(data["bias"]))
        chosen = self.term_bars[data["input"]]
        put(self.chosen_row, x=chosen.get_x(), y=chosen.get_y(), width=chosen.get_width(), height=chosen.get_height())
        put(self.total_bar, width=data["z"])
        put(self.total_words, text=number(data["z"]))

    def _draw_curve(self):
        axes = self.figure.add_axes(_CURVE_PLACE)
        axes.set_title("squash: σ(z)", fontsize=15, pad=18)
        z = np.linspace(-_Z_END, _Z_END, 161)
        axes.plot(z, sigmoid(z), color=QUIET, linewidth=2)
        axes.set(xlim=(-_Z_END, _Z_END), ylim=(0, 1.0), xticks=(-6, 0, 6), yticks=(0, 0.5, 1), xlabel="z")
        (self.guide,) = axes.plot([], [], color=self._color, linewidth=1.8, linestyle="--", clip_on=False)
        (self.dot,) = axes.plot([], [], "o", color=self._color, markersize=12, clip_on=False, zorder=5)
        self.gate_words = axes.text(0, 0, "", ha="center", va="center", fontsize=16, weight="bold", color=self._ink)

    def _update_dot(self, data):
        z, value = float(np.clip(data["z"], -_Z_END, _Z_END)), float(data["gate"][data["unit"]])
        put(self.guide, data=([z, z, -_Z_END], [0, value, value]))
        put(self.dot, data=([z], [value]))
        beside = 3.4 if z < 3 else -3.4  # to the right of the dot, as long as there is room
        put(self.gate_words, text=number(value), position=(z + beside, value - 0.07 if value > 0.5 else value + 0.07))

    def _draw_units(self, symbol, product, result, size):
        axes = self._units = self.figure.add_axes(_UNITS_PLACE)
        axes.set_title(f"scale: {product}", fontsize=15, pad=22, **MATH)
        axes.set(xlim=(-0.5, size - 0.5), xticks=[], yticks=(-1, 0, 1))
        axes.spines["bottom"].set_visible(False)
        axes.axhline(0, color=QUIET, linewidth=1)
        at, zeros = np.arange(size), np.zeros(size)
        outline = {"facecolor": "white", "edgecolor": QUIET, "linewidth": 1.5, "linestyle": "--"}
        self.offered_bars = axes.bar(at, zeros, 0.6, **outline).patches
        self.passed_bars = axes.bar(at, zeros, 0.6, facecolor=self._color, linewidth=0).patches
        under_axes = axes.get_xaxis_transform()
        text = {"transform": under_axes, "va": "center"}
        gate_look, result_look = {"color": self._ink, **text}, {"weight": "bold", **text}
        for x in at:
            axes.text(x, _UNIT_ROW, f"{x + 1}", ha="center", fontsize=13, color=QUIET, **text)
        axes.text(-0.6, _UNIT_ROW, "unit", ha="right", fontsize=13, color=QUIET, **text)
        self.gate_labels = [axes.text(x, _GATE_ROW, "", ha="center", fontsize=15, **gate_look) for x in at]
        self.passed_labels = [axes.text(x, _RESULT_ROW, "", ha="center", fontsize=15, **result_look) for x in at]
        axes.text(-0.6, _GATE_ROW, symbol, ha="right", fontsize=13, **gate_look)
        axes.text(-0.6, _RESULT_ROW, result, ha="right", fontsize=13, **result_look)
        mark = {"color": "black", "markersize": 9, "clip_on": False, "transform": under_axes}
        (self.chosen_unit,) = axes.plot([0], [1.03], "v", **mark)

    def _update_units(self, data):
        for k, (offered, passed) in enumerate(zip(data["offered"], data["passed"], strict=True)):
            put(self.offered_bars[k], height=offered)
            put(self.passed_bars[k], height=passed)
            put(self.gate_labels[k], text=number(data["gate"][k]))
            put(self.passed_labels[k], text=number(passed))
        put(self.chosen_unit, xdata=[data["unit"]])
