"""Where a gate value comes from: weigh and add, squash, scale."""

from typing import NamedTuple

import numpy as np
from matplotlib.patches import Rectangle

from lstm_helpers._arguments import mapping, one_of, real_array, refuse, same_shape, short_traceback, whole_number
from lstm_helpers.equations import candidate, gate, logit, sigmoid, weights_for
from lstm_helpers.examples import EXAMPLES
from lstm_helpers.explorers._asked import Asked
from lstm_helpers.explorers._state import with_element
from lstm_helpers.view.controls import Choice, Slider
from lstm_helpers.view.drawing import Drawing
from lstm_helpers.view.live import put, whole_limits
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.prediction import Prediction, as_typed, over_bars, read_prediction
from lstm_helpers.view.style import COLORS, FAINT, INK, MATH, QUIET, number, percent, styled, subscript


class _Words(NamedTuple):
    offered: str  # the vector that the gate scales, in mathtext
    color_of: str  # the symbol that gives its color
    result: str  # name of the product
    verb: str  # the gate's action, in the sentence


_WORDS = {
    "f": _Words("c_{t-1}", "c", "kept", "keeps"),
    "i": _Words("g", "g", "written", "writes"),
    "o": _Words(r"\tanh(c)", "c", "shown", "shows"),
}
_W_END, _B_END = 4, 6  # ends of the sliders, at least; they include the largest weight and bias


class GateExplorer(Panel):
    """Where a gate value comes from: inputs, weights and bias -> z -> sigmoid -> gate value times the vector it scales.

    Args:
        symbol: `"f"`, `"i"` or `"o"`. The next four arguments default to the document's example of this gate.
        W: shape (H, n), the gate's weights; n is the length of the stacked inputs.
        b: shape (H,), its biases.
        inputs: name -> vector, in stacking order, for example `{"c_prev": c_prev, "x": x}`.
        works_on: the vector that the gate scales, with elements from -1 to 1: the name of an input, an array of shape
            (H,), or a function of the inputs, as keyword arguments, that returns one.
        opens_on: the first chosen unit, counted from 1 as on the buttons.
        prediction: the predicted gate value of the chosen unit, a number; or the H products, a list; or a mapping with
            both, for example `{"f": 0.5, "kept": [0.4, 0.2, -0.5]}`; `...` for no prediction yet. A gate value is drawn
            on the curve, products over the filled bars.
        question: name of the question, if the class's predictions are counted.

    The state has the weights `W`, the biases `b`, the stacked inputs `u`, and the chosen `unit` and `input`, both
    counted from 0. The sliders show the chosen input, its weight and the unit's bias.
    """

    title = "Gate explorer"

    @short_traceback
    def __init__(self, symbol, W=None, b=None, inputs=None, works_on=None, opens_on=1, *, prediction=..., question=""):
        one_of("symbol", symbol, _WORDS)
        given = (W, b, inputs, works_on)
        W, b, inputs, works_on = (d if g is None else g for g, d in zip(given, _document(symbol), strict=True))
        inputs = mapping("inputs", inputs)
        if isinstance(works_on, str) and works_on not in inputs:
            names = ", ".join(inputs)
            refuse(ValueError, f"works_on must name an input ({names}), be a vector or a function, got {works_on!r}")
        vectors = {name: real_array(name, v, ndim=1, within=(-1, 1)) for name, v in inputs.items()}
        size = len(gate(W, b, *vectors.values()))  # refuses weights that do not fit
        self.symbol, self._works_on, self._input_names = symbol, works_on, list(vectors)
        self._splits = np.cumsum([len(v) for v in vectors.values()])[:-1]
        W, b, u = (np.array(v, dtype=float) for v in (W, b, np.concatenate(list(vectors.values()))))
        offered = real_array("works_on", self._offered(u), ndim=1, within=(-1, 1))
        same_shape(b=b, works_on=offered)
        opens_on = whole_number("opens_on", opens_on, 1, size)
        shapes = {symbol: ((),), _WORDS[symbol].result: ((size,),)}
        asked = Asked(question, prediction, lambda value: read_prediction(value, shapes))
        names = [
            f"{name.removesuffix('_prev')}{subscript(k)}" for name, v in vectors.items() for k in range(1, len(v) + 1)
        ]
        is_fixed = not callable(works_on) and not isinstance(works_on, str)
        low = 0 if is_fixed and offered.min() >= 0 else -1
        sums = np.cumsum(np.column_stack([W * u, b]), axis=1)
        picture = GatePicture(symbol, names, size, low, reach=np.abs(sums).max())
        predictions = [_prediction(picture, name, value) for name, value in asked.given.items()]
        state = {"W": W, "b": b, "u": u, "unit": opens_on - 1, "input": 0}
        super().__init__(picture, _controls(names, W, b), state, _presets(W, b, u), predictions, asked)

    def show(self, W, b, u, unit, input):
        """Return the terms of the chosen unit's z and the gate values and products of all units, and a sentence."""
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
        """The chosen unit and input, the input's value, its weight and the unit's bias."""
        unit, k = state["unit"], state["input"]
        return {"unit": unit, "input": k, "u": state["u"][k], "w": state["W"][unit, k], "b": state["b"][unit]}

    def after_move(self, state, name, value):
        """Choose another unit or input, or change a number of the chosen ones."""
        unit, k = state["unit"], state["input"]
        elements = {"u": ("u", k), "w": ("W", (unit, k)), "b": ("b", unit)}
        return with_element(state, *elements[name], value) if name in elements else state | {name: value}

    def _offered(self, u):
        """The vector that the gate scales at these inputs."""
        inputs = dict(zip(self._input_names, np.split(u, self._splits), strict=True))
        if callable(self._works_on):
            return self._works_on(**inputs)
        return inputs[self._works_on] if isinstance(self._works_on, str) else self._works_on


def _controls(inputs, W, b):
    w_end, b_end = max(_W_END, np.ceil(np.abs(W).max())), max(_B_END, np.ceil(np.abs(b).max()))
    return [
        Choice("unit", {str(k + 1): k for k in range(len(b))}, "unit"),
        Choice("input", {name: k for k, name in enumerate(inputs)}, "input"),
        Slider("u", -1, 1, words="the input"),
        Slider("w", -w_end, w_end, words="its weight"),
        Slider("b", -b_end, b_end, words="unit's bias"),
    ]


def _presets(W, b, u):
    zeros = {"W": np.zeros_like(W), "b": np.zeros_like(b), "u": u}
    return {
        "weights and bias 0": zeros,
        "only a bias of 4": zeros | {"b": np.full_like(b, 4)},
        "only a bias of −4": zeros | {"b": np.full_like(b, -4)},
    }


def _document(symbol):
    """W, b, inputs and works_on of the document's example; the gate reads [h_prev; x], as in the standard cell."""
    example = EXAMPLES[{"f": "forget_gate", "i": "input_gate", "o": "output_gate"}[symbol]]
    inputs = {"h_prev": EXAMPLES["output_gate"].stated, "x": example.inputs["x"]}
    target = example.stated if symbol == "f" else example.on_the_way[symbol]
    W, b = weights_for(target, *inputs.values())
    if symbol != "i":
        return W, b, inputs, example.inputs["c_prev"] if symbol == "f" else np.tanh(example.inputs["c"])
    W_g, b_g = weights_for(example.on_the_way["g"], *inputs.values(), activation=np.tanh)
    return W, b, inputs, lambda h_prev, x: candidate(W_g, b_g, h_prev, x)


def _prediction(picture, name, value):
    """A prediction of a gate value, on the curve at that height; or of the products, over their bars."""
    words = f"{as_typed(value)} for {name if value.ndim == 0 else f'what is {name}'}"
    if value.ndim == 0:
        z = float(logit(np.clip(value, *sigmoid(np.array([-_Z_END, _Z_END])))))
        axes = picture.dot.axes
        return Prediction(axes, (z, value), words, lambda data: data["gate"][data["unit"]], side="left")
    return over_bars(picture.passed_bars, value, words, lambda data: data["passed"])


# Layout in units of the SVG, y down.
_HEIGHT = 364
_TITLES = 15  # y of the titles' middle
_TOP, _BASE = 32, 140  # y of 1 and of 0, for the curve, the glass and the bars of the units alike
_NAMES, _PRODUCTS, _TERMS = 8, 188, 250  # left end of the names, right ends of the products and of the terms
_CURVE, _GLASS = 276, 36  # left end of the curve, width of the glass
_TO_GLASS, _TO_UNITS = 56, 66  # from the curve to the glass, and on to the units, with room for labels
_UNITS, _COLUMN, _MAX_COLUMNS = 797, 50, 5  # right end of the units, width of a column, most columns of that width
_ROWS, _ROWS_END = 170, 340  # y of the upper edge of the terms, and their lowest lower edge
_MAX_ROW = 26  # height of a row
# Below the bars of the units: their numbers, the gate values, the vector that they scale, a rule, the products.
_UNIT_ROWS, _RULE, _ALL_ROWS = (15, 36, 57, 80), 68, 92
_Z_END = 6  # The curve's axis runs from -6 to 6, as far as the slider of a bias usually goes.
_MAX_CLOSE_UP = 3  # the largest end for the terms' axis as a close-up
_SMALL = 14


class GatePicture(Drawing):
    """Where a gate value comes from, as one line through the terms of z, the sigmoid and a glass, to the products.

    The terms are laid head to tail. From their sum a line goes up to the curve and, at that height, on into a glass as
    tall as the curve, which is filled to the gate value.

    The axis of the terms is a close-up of the curve's axis: dashed lines lead from the ends of the close-up to their
    places under the curve. Terms that do not fit are drawn on the whole axis instead, from -6 to 6.

    Args:
        symbol: the gate: `f`, `i` or `o`.
        inputs: the name of each input, in stacking order.
        size: the number of units.
        low: the least value of the vector that the gate scales: 0 or -1.
        reach: the largest distance from 0 that a close-up has to show.

    Attributes:
        figure, moving: for the live picture.
        term_bars, joints: the terms, and the thin line from the end of each to the next.
        beyond: -1 or 1 -> arrows at that end of the axis, for rows that leave it.
        line, dot, fill: the line from the sum to the glass, its point on the curve, and the contents of the glass.
        offered_bars, passed_bars: of all units, the vector that the gate scales and the products.
        product_words, term_words, total_words, gate_words, unit_words: numbers of the chosen unit, and its own.
        gate_labels, offered_labels, passed_labels: numbers of all units.
    """

    def __init__(self, symbol, inputs, size, low=-1, reach=_Z_END):
        self._words, self._color, self._ink = _WORDS[symbol], COLORS[symbol], INK[symbol]
        self._symbol, self._inputs, self._rows = symbol, [*inputs, "bias"], len(inputs) + 1
        _, end = whole_limits(reach)
        self._close_up = end if end <= _MAX_CLOSE_UP else _Z_END
        self._row = min(_MAX_ROW, (_ROWS_END - _ROWS) / (self._rows + 1))
        self._units = _UNITS - _COLUMN * min(max(size, 3.3), _MAX_COLUMNS), _UNITS
        self._glass = self._units[0] - _TO_UNITS - _GLASS, self._units[0] - _TO_UNITS
        self._curve = _CURVE, self._glass[0] - _TO_GLASS
        with styled():
            super().__init__(_HEIGHT, down=True)
            self._draw_table()
            self._draw_terms()
            self._draw_curve()
            self._draw_glass()
            self._draw_units(size, low)
        self.moving = [
            self.chosen_row, *self.names, *self.product_words, *self.term_words, self.total_words,
            self.joints, *self.term_bars, *self.beyond.values(),
            self.fill, self.line, self.dot, self.gate_words, self.unit_words,
            self.chosen_unit, *self.unit_names, *self.offered_bars, *self.passed_bars,
            *self.gate_labels, *self.offered_labels, *self.passed_labels,
        ]  # fmt: skip

    def update(self, data):
        """Show `data`.

        Args:
            data: a mapping with the chosen `unit` and `input`, `weights`, `bias` and `z` of that unit, all `inputs`,
                and for all units `gate`, `offered` (the vector that the gate scales) and `passed` (the products).

        Returns:
            True if the axis of the terms has changed.
        """
        terms = np.append(data["weights"] * data["inputs"], data["bias"])
        self._update_table(data, terms)
        zoomed = self._update_terms(terms)
        self._update_line(data)
        self._update_units(data)
        return zoomed

    def _middle(self, row):
        """The y of a row of the terms; the sum is in the row after the last of them."""
        return _ROWS + (row + 0.5) * self._row

    def _text(self, x, y, words="", side="right", *, size=16, color="black", **style):
        return self.text(x, y, words, side, size=size, color=color, **style)

    def _plot(self, left, right, top, bottom):
        return self.plot(left, bottom, right - left, bottom - top, facecolor="none")

    def _draw_table(self):
        """The name, product and term of each row, and the sum under a rule."""
        rows, above = range(self._rows), self._middle(-1)
        bold = {"color": self._ink, "weight": "bold"}
        self._text(_NAMES, above - 27, "weigh and add: z", "left")
        self.text(_PRODUCTS - 18, above, "weight × input", "right")
        self.text(_TERMS, above, "term", "right")
        rule = _ROWS + self._rows * self._row
        self.polyline([(_TERMS - 50, rule), (_TERMS, rule)], QUIET, linewidth=1.5)
        self._text(_NAMES, self._middle(self._rows), "z", "left", **bold)
        self.names = [self._text(_NAMES, self._middle(k), name, "left") for k, name in enumerate(self._inputs)]
        self.product_words = [self._text(_PRODUCTS, self._middle(k)) for k in rows[:-1]]
        self.term_words = [self._text(_TERMS, self._middle(k)) for k in rows]
        self.total_words = self._text(_TERMS, self._middle(self._rows), **bold)
        self.chosen_row = self._band(_NAMES - 6, 0, self._curve[1] - _NAMES + 6, self._row)

    def _update_table(self, data, terms):
        for words, weight, value in zip(self.product_words, data["weights"], data["inputs"], strict=True):
            put(words, text=f"{number(weight)} × {number(value)} =")
        for words, term in zip(self.term_words, terms, strict=True):
            put(words, text=number(term))
        put(self.total_words, text=number(data["z"]))
        put(self.chosen_row, y=self._middle(data["input"] - 0.5))

    def _band(self, x, y, width, height):
        """A gray background for a chosen row or column."""
        band = Rectangle((x, y), width, height, facecolor=FAINT, alpha=0.3, linewidth=0, zorder=0)
        return self.page.add_patch(band)

    def _draw_terms(self):
        """The terms head to tail, under the curve."""
        bottom = self._middle(self._rows + 0.5)
        axes = self._plot(*self._curve, _ROWS, bottom)
        axes.set(ylim=(self._rows + 0.5, -0.5), yticks=[])
        axes.tick_params(labelsize=_SMALL)
        axes.spines["left"].set_visible(False)
        axes.axvline(0, color=QUIET, linewidth=1)
        (self.joints,) = axes.plot([], [], color=QUIET, linewidth=1.5, zorder=2)
        rows = range(self._rows)
        style = {"facecolor": COLORS["x"], "edgecolor": QUIET, "linewidth": 1.2, "zorder": 3}
        self.term_bars = axes.barh(rows, np.zeros(self._rows), 0.62, **style).patches
        arrow = {"color": QUIET, "markersize": 10, "linestyle": "none", "clip_on": False, "zorder": 4}
        self.beyond = {sign: axes.plot([], [], marker, **arrow)[0] for sign, marker in ((-1, "<"), (1, ">"))}
        dashes = {"linewidth": 1, "linestyle": (0, (3, 2))}
        self._rays = [self.polyline([(x, _ROWS), (x, _BASE)], QUIET, **dashes) for x in self._curve]

    def _update_terms(self, terms):
        ends = np.cumsum(terms)
        for bar, term, end in zip(self.term_bars, terms, ends, strict=True):
            put(bar, x=end - term, width=term)
        corners, rows = np.repeat([0, *ends], 2)[1:], np.repeat(np.arange(self._rows + 1), 2)[:-1]
        put(self.joints, data=(corners, rows))
        reached = np.array([[0, *ends[:-1], 0], [*ends, ends[-1]]])
        for sign, arrows in self.beyond.items():
            rows = np.flatnonzero((sign * reached).max(axis=0) > _Z_END)
            put(arrows, data=(np.full(len(rows), sign * _Z_END), rows))
        _, reach = whole_limits(np.abs(reached))
        return self._zoom(self._close_up if reach <= self._close_up else _Z_END)

    def _zoom(self, end):
        """Let the axis of the terms run from -end to end; return whether that is a change."""
        if not put(self.joints.axes, xlim=(-end, end)):
            return False
        whole = end == _Z_END
        self.joints.axes.set_xticks([-4, 0, 4] if whole else [-end, 0, end])
        for words in self._z_ends:
            words.set_visible(not whole)
        middle = sum(self._curve) / 2
        for ray, x in zip(self._rays, self._curve, strict=True):
            ray.set(xdata=[x, middle + (x - middle) * end / _Z_END], visible=not whole)
        return True

    def _draw_curve(self):
        """The curve, and the line: from the sum up to the curve, and on to the glass."""
        axes = self._plot(*self._curve, _TOP, _BASE)
        self._text(sum(self._curve) / 2, _TITLES, "squash: σ(z)", "center")
        z = np.linspace(-_Z_END, _Z_END, 161)
        axes.plot(z, sigmoid(z), color=QUIET, linewidth=2.5)
        axes.set(xlim=(-_Z_END, _Z_END), ylim=(0, 1), xticks=[], yticks=(0, 1))
        left, right = self._curve
        places = (left + 5, f"−{_Z_END}", "right"), (right - 5, f"{_Z_END}", "left")
        self._z_ends = [self.text(x, _BASE + 9, words, side, va="top") for x, words, side in places]
        axes.tick_params(labelsize=_SMALL)
        style = {"color": self._color, "clip_on": False}
        corners = {"solid_joinstyle": "miter", "solid_capstyle": "butt"}
        (self.line,) = axes.plot([], [], linewidth=3.5, zorder=3, **corners, **style)
        (self.dot,) = axes.plot([], [], "o", markersize=13, zorder=5, **style)
        heights = np.array([self._middle(self._rows), _ROWS])  # y of the sum, and of the upper edge of the terms
        self._sum_y, self._rows_y = (_BASE - heights) / (_BASE - _TOP)

    def _draw_glass(self):
        """The glass, beside the curve and on the same axes, since it has the same height."""
        axes, per_unit = self.dot.axes, 2 * _Z_END / (self._curve[1] - self._curve[0])
        left, right = (-_Z_END + (x - self._curve[0]) * per_unit for x in self._glass)
        style = {"facecolor": self._color, "linewidth": 0, "clip_on": False, "zorder": 1}
        self.fill = axes.add_patch(Rectangle((left, 0), right - left, 0, **style))
        walls = {"color": QUIET, "linewidth": 3, "clip_on": False, "zorder": 5, "solid_joinstyle": "miter"}
        axes.plot([left, left, right, right], [1, 0, 0, 1], solid_capstyle="butt", **walls)
        self._far_wall, middle = right, sum(self._glass) / 2
        self.gate_words = self._text(middle, _BASE + 18, "", "center", weight="bold", color=self._ink)
        self.unit_words = self._text(middle, _TITLES, "", "center", color=QUIET)

    def _update_line(self, data):
        z, value = float(np.clip(data["z"], -_Z_END, _Z_END)), float(data["gate"][data["unit"]])
        _, end = self.joints.axes.get_xlim()
        under = z * _Z_END / end  # the place under the curve of z on the axis of the terms
        x = [0, under, under, z, z, self._far_wall]
        put(self.line, data=(x, [self._sum_y, self._sum_y, self._rows_y, 0, value, value]))
        put(self.dot, data=([z], [value]))
        put(self.fill, height=value)
        put(self.gate_words, text=f"{self._symbol} = {number(value)}")
        put(self.unit_words, text=f"unit {data['unit'] + 1}")

    def _draw_units(self, size, low):
        """For each unit, the element that its gate scales as an outline, and the product as the fill."""
        (left, right), bottom = self._units, _BASE - low * (_BASE - _TOP)
        axes = self._plot(left, right, _TOP, bottom)
        axes.set(xlim=(-0.5, size - 0.5), ylim=(low, 1), xticks=[], yticks=[])
        axes.spines[["left", "bottom"]].set_visible(False)
        axes.axhline(0, color=QUIET, linewidth=1)
        units, zeros, column = np.arange(size), np.zeros(size), (right - left) / size
        outline = {"facecolor": "none", "edgecolor": INK[self._words.color_of], "linewidth": 2, "zorder": 4}
        self.passed_bars = axes.bar(units, zeros, 0.6, facecolor=self._color, linewidth=0, zorder=3).patches
        self.offered_bars = axes.bar(units, zeros, 0.6, **outline).patches
        title = rf"scale: ${self._symbol} \times {self._words.offered}$"
        self._text((left + right) / 2, _TITLES, title, "center", **MATH)
        self.chosen_unit = self._band(0, _TOP - 4, 0.9 * column, bottom + _ALL_ROWS - _TOP)
        self._draw_numbers(bottom, [left + column * (k + 0.5) for k in units])

    def _draw_numbers(self, top, middles):
        """Rows of numbers below the bars: unit, gate value, the element it scales, product."""
        left, right = self._units
        quiet, gate, offered = ({"color": color} for color in (QUIET, self._ink, INK[self._words.color_of]))
        names = "unit", self._symbol, f"× ${self._words.offered}$", self._words.result
        for y, name, style in zip(_UNIT_ROWS, names, (quiet, gate, offered, {}), strict=True):
            self._text(left - 6, top + y, name, size=_SMALL, **style, **MATH)
        size = 16 if len(middles) <= 3 else _SMALL
        styles = {"size": _SMALL, **quiet}, gate, offered, {"weight": "bold"}
        self.unit_names, self.gate_labels, self.offered_labels, self.passed_labels = (
            [self._text(x, top + y, "", "center", **{"size": size} | style) for x in middles]
            for y, style in zip(_UNIT_ROWS, styles, strict=True)
        )
        for k, text in enumerate(self.unit_names, 1):
            text.set_text(k)
        self.polyline([(left, top + _RULE), (right, top + _RULE)], QUIET, linewidth=1.5)

    def _update_units(self, data):
        for k, (value, offered, passed) in enumerate(zip(data["gate"], data["offered"], data["passed"], strict=True)):
            put(self.offered_bars[k], height=offered)
            put(self.passed_bars[k], height=passed)
            put(self.gate_labels[k], text=number(value))
            put(self.offered_labels[k], text=number(offered))
            put(self.passed_labels[k], text=number(passed))
        column = (self._units[1] - self._units[0]) / len(data["gate"])
        put(self.chosen_unit, x=self._units[0] + column * (data["unit"] + 0.05))
