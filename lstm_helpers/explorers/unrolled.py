"""A small LSTM that lives: its inputs and weights are set by hand, and every gate of every step answers."""

from types import SimpleNamespace

import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.patches import Circle, FancyBboxPatch, Polygon, Rectangle, Wedge

from lstm_helpers._arguments import brief, real_array, refuse, short_traceback, words
from lstm_helpers.equations import sigmoid, weights_for
from lstm_helpers.examples import EXAMPLES
from lstm_helpers.layers import LSTM, reference
from lstm_helpers.view.controls import Choice, Player, Slider
from lstm_helpers.view.live import put
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.prediction import Prediction, predicted, spoken
from lstm_helpers.view.style import COLORS, FAINT, INK, MATH, QUIET, WIDTH, new_figure, number, percent, styled
from lstm_helpers.view.style import subscript as sub

GATES = "figo"
MOST_UNITS, MOST_INPUTS, MOST_STEPS = 3, 4, 12
_WEIGHT_END, _INPUT_END = 20, 1  # of the sliders; that of a weight goes as far as the largest weight does


class UnrolledExplorer(Panel):
    """A small LSTM over some steps: move an input, a weight or a bias, and the gates, c and h of all steps answer.

    Args:
        layer: an `LSTM` without options, of up to 3 units and 4 inputs; or the name of a program: "remember the first
            pulse", "count pulses" or "toggle", of one unit and one input, or "document", of three.
        x: the inputs, (T, D), up to 12 steps, each from -1 to 1. Needed with a layer; the program's own if not given.
        h0, c0: the states before step 1, (H,) each; zeros if not given.
        names: a name for each input; x₁ and so on if not given.
        prediction: what the memory of unit 1 will be after the last step, a number; `...` if nothing is predicted yet.

    The state has the weights by gate, `W` (4, H, H + D) and `b` (4, H), in the order f i g o; `x`, `h0`, `c0`; and what
    is looked at: the `step`, the `unit`, the `gate`, the `source` of [h_prev; x] whose weight is shown, and the `input`
    whose value is, all counted from 0.
    """

    title = "Unrolled explorer"

    @short_traceback
    def __init__(self, layer="count pulses", x=None, h0=None, c0=None, *, names=None, prediction=...):
        program = _opening(layer, x, h0, c0)
        presets = programs() if isinstance(layer, str) and layer in programs() else {}
        (T, D), H = program["x"].shape, len(program["h0"])
        names = [f"x{sub(k)}" for k in range(1, D + 1)] if names is None else words("names", names)
        if len(names) != D:
            refuse(ValueError, f"names must be {D}, one for each input, got {brief(names)}")
        self._sources = [*(f"h{sub(k)}" for k in range(1, H + 1)), *names]
        end = max(_WEIGHT_END, *(np.ceil(np.abs(p[n]).max()) for p in (program, *presets.values()) for n in "Wb"))
        rows = [
            [Player("step", T - 1, label="t", words="time step", interval=400)],
            [Choice("unit", {str(k + 1): k for k in range(H)}, "unit")] if H > 1 else [],
            [Choice("gate", {gate: k for k, gate in enumerate(GATES)}, "weights of")],
            [Choice("source", {name: k for k, name in enumerate(self._sources)}, "on")],
            [
                Slider("x", -_INPUT_END, _INPUT_END, words="input"),
                Slider("w", -end, end, words="weight"),
                Slider("b", -end, end, words="bias"),
            ],
        ]
        foreseen = predicted(prediction, {"c": ((),)})
        picture = UnrolledPicture(self._sources, H, T)
        predictions = [_at_the_end(picture.axes, T, float(value)) for value in foreseen.values()]
        first = int(np.argmax(np.abs(program["x"]).max(axis=1)))  # the first step at which something comes in
        looked_at = {"step": first, "unit": 0, "gate": 0, "source": H, "input": 0}
        super().__init__(picture, [row for row in rows if row], program | looked_at, presets, predictions)

    def show(self, W, b, x, h0, c0, step, unit, gate, source, input):
        """Every gate, c and h of every step, and the four z of the chosen unit."""
        layer = SimpleNamespace(**{f"W_{k}": W[n] for n, k in enumerate(GATES)})
        vars(layer).update({f"b_{k}": b[n] for n, k in enumerate(GATES)})
        trace = reference.forward(layer, x[:, None], h0[None], c0[None])
        run = {k: getattr(trace, k)[:, 0, unit] for k in "figoch"}
        h_prev, c_prev = (trace.h[step - 1, 0], trace.c[step - 1, 0]) if step else (h0, c0)
        u = np.concatenate([h_prev, x[step]])
        data = {"u": u, "z": W[:, unit] @ u + b[:, unit], "weights": W[gate, unit], "bias": b[gate, unit], "x": x}
        data |= {
            "run": run,
            "c_prev": c_prev[unit],
            "start": c0[unit],
            "step": step,
            "gate": gate,
            "source": source,
            "unit": unit,
        }
        f, i, g, o, c, h = (run[k][step] for k in "figoch")
        letter, z = GATES[gate], data["z"][gate]
        squashed = f"tanh({number(z)})" if letter == "g" else f"σ({number(z)})"
        return data, (
            f"Step {step + 1}: {letter} = {squashed} = {number(run[letter][step])}. Keep {percent(f)} of "
            f"{number(data['c_prev'])}, write {percent(i)} of {number(g)}: c = {number(c)}. "
            f"Show {percent(o)} of its tanh: h = {number(h)}. After {len(x)} steps c = {number(run['c'][-1])}."
        )

    def positions(self, state):
        """What is looked at, and the input, weight and bias there."""
        step, unit, gate = state["step"], state["unit"], state["gate"]
        numbers = {"x": state["x"][step, state["input"]], "w": state["W"][gate, unit, state["source"]]}
        looked_at = {name: state[name] for name in ("step", "unit", "gate", "source") if name in self.controls}
        return {**looked_at, **numbers, "b": state["b"][gate, unit]}

    def after_move(self, state, name, value):
        """Another place to look at, or another number there."""
        step, unit, gate = state["step"], state["unit"], state["gate"]
        H = state["b"].shape[1]
        places = {
            "x": ("x", (step, state["input"])),
            "w": ("W", (gate, unit, state["source"])),
            "b": ("b", (gate, unit)),
        }
        if name in places:
            array, index = places[name]
            changed = state[array].copy()
            changed[index] = value
            return state | {array: changed}
        entered = {"input": value - H} if name == "source" and value >= H else {}
        return state | {name: value} | entered


def programs():
    """What one unit does with pulses, as weights: name -> `W` (4, 1, 2), `b` (4, 1), the inputs and the first states.

    Each is a rule that one could say in words: what f, i, g and o are at a pulse (x near 1) and without one (x = 0).
    """
    pulses = np.array([0, 1, 0, 0, 1, 0, 1, 1, 0, 0, 1, 0.0])
    heights = np.array([0, 0.8, 0, 0, 0.5, 0, 1, 0, 0, 0.6, 0, 0.0])
    return {
        # Rows: f, i, g, o. Columns: h_prev, x, bias. Keep all; write what comes in, while nothing is shown yet.
        "remember the first pulse": _program([[0, 0, 10], [-80, 30, -10], [0, 1, 0], [0, 0, 10]], heights),
        # Keep all; a pulse opens the input gate for 0.1.
        "count pulses": _program([[0, 0, 10], [0, 20, -10], [0, 0, np.arctanh(0.1)], [0, 0, 10]], pulses),
        # A pulse shuts f and opens i; what is written is the opposite of what is shown.
        "toggle": _program([[0, -20, 10], [0, 20, -10], [-20, 0, 3], [0, 0, 10]], pulses),
    }


def _program(rows, x):
    rows = np.array(rows, dtype=float)
    return {"W": rows[:, None, :2], "b": rows[:, 2:], "x": x[:, None], "h0": np.zeros(1), "c0": np.zeros(1)}


def _document():
    """The document's gates and candidate as one layer, over twelve steps with the same input.

    Its weights give these gates at step 1, from the h that its output example states and the x of its input example.
    """
    forget, write, show = (EXAMPLES[f"{name}_gate"] for name in ("forget", "input", "output"))
    x, h0 = write.inputs["x"], show.stated
    targets = {"f": forget.stated, **{k: write.on_the_way[k] for k in "ig"}, "o": show.on_the_way["o"]}
    solved = [weights_for(targets[k], h0, x, activation=np.tanh if k == "g" else sigmoid) for k in GATES]
    W, b = (np.stack(parts) for parts in zip(*solved, strict=True))
    return {"W": W, "b": b, "x": np.tile(x, (MOST_STEPS, 1)), "h0": h0, "c0": np.array(forget.inputs["c_prev"])}


def _opening(layer, x, h0, c0):
    """The weights, inputs and first states where the panel opens."""
    if isinstance(layer, str):
        known = {"document": _document(), **programs()}
        if layer not in known:
            refuse(ValueError, f"layer must be an LSTM or one of {', '.join(known)}, got {layer!r}")
        opening = known[layer]
    else:
        opening = _weights_of(layer)
        if x is None:
            refuse(TypeError, "x must be given with a layer: its inputs, of shape (T, D)")
    H, K = opening["W"].shape[1:]
    if x is not None:
        x = real_array("x", x, ndim=2, within=(-_INPUT_END, _INPUT_END))
        if x.shape[1] != K - H or len(x) > MOST_STEPS:
            refuse(ValueError, f"x must have shape (T, {K - H}) with at most {MOST_STEPS} steps, got shape {x.shape}")
        opening["x"] = x.astype(float)
    for name, value in {"h0": h0, "c0": c0}.items():
        if value is not None:
            opening[name] = real_array(name, value, shape={"H": H}).astype(float)
    return opening


def _weights_of(layer):
    """The weights of an LSTM without options that is small enough to be drawn, and states of 0."""
    if not isinstance(layer, LSTM) or layer.peepholes or layer.coupled or not layer.forget_gate:
        refuse(TypeError, f"layer must be an LSTM without options, got {brief(layer)}")
    H, D = layer.hidden_size, layer.input_size
    if H > MOST_UNITS or D > MOST_INPUTS:
        refuse(ValueError, f"layer must have at most {MOST_UNITS} units and {MOST_INPUTS} inputs, got {H} and {D}")
    W, b = (np.stack([getattr(layer, f"{part}_{k}") for k in GATES]).astype(float) for part in "Wb")
    return {"W": W, "b": b, "h0": np.zeros(H), "c0": np.zeros(H)}


def _at_the_end(axes, T, value):
    said = f"{spoken(value)} for c after step {T}"

    def not_over_the_line(data):
        return "above" if value >= data["run"]["c"][-1] else "below"

    return Prediction(axes, (T, value), said, lambda data: number(data["run"]["c"][-1]), side=not_over_the_line)


# The picture, in units of the SVG. On the left the cell at one step: [h_prev; x] enters four gates, the highway runs
# above them, and h comes back. On the right all steps.
_HEIGHT = 365
_HIGHWAY, _MIDDLE, _GATES, _BUS, _LOOP = 306, 238, 152, 92, 8  # heights
_AT = {"f": 196, "i": 268, "g": 342, "o": 412}  # where the gates stand
_SUM, _OUT = 305, 465  # where i x g joins the highway, and where the cell ends
_RADIUS, _OPERATOR = 27, 13
_STACK, _ROW, _TOP_ROW = 14, 21, 170  # the stacked column: its left edge, the height of a row, the middle of the first
_VALUE, _WEIGHT, _BRACKET = 92, 156, 162  # right edges of its columns, and the line that gathers them
_FIRST, _LAST = 532, 780  # the middle of the first step, and of the twelfth
_LANES, _LANE, _CELL = 350, 24, 18  # the upper end of the lanes, from one to the next, and the height of their cells
_PLOT = (40, 96)  # lower end and height of the plot of c and h
_LEVEL = 1.3  # where its axis ends; what lies beyond is an arrow at the edge


class UnrolledPicture:
    """The cell at one step, and its gates, c and h at all of them.

    Args:
        sources: the names of [h_prev; x], in stacking order.
        units: how many of them are units' h.
        steps: the number of steps.

    Attributes:
        figure, moving: for the live picture.
        axes: of c and h over time.
        values, weights, z, rings, numbers, lanes, lines: what `update` changes.
    """

    def __init__(self, sources, units, steps):
        self._units, self._steps = units, steps
        self._column = (_LAST - _FIRST) / (MOST_STEPS - 1)
        with styled():
            self.figure = new_figure(_HEIGHT)
            self._cell = self.figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(0, _HEIGHT))
            self._cell.set_axis_off()
            self._draw_stack(sources)
            self._draw_wires()
            self._draw_gates()
            self._draw_lanes(sources[units:])
            self._draw_plot()
        self.moving = [
            self._frame, self._chosen, *self.values, *self.weights, self.bias, *self.z,
            *self.rings.values(), *self.gate_numbers.values(), *self.numbers.values(),
            *(bar for lane in self.lanes.values() for bar in lane), *self.lines.values(), self.beyond,
        ]  # fmt: skip

    def update(self, data):
        """Show what `UnrolledExplorer.show` returns. Nothing that stands still changes."""
        run, step, gate = data["run"], data["step"], data["gate"]
        ink = INK[GATES[gate]]
        for text, value in zip(self.values, data["u"], strict=True):
            put(text, text=number(value))
        for text, weight in zip(self.weights, data["weights"], strict=True):
            put(text, text=f"× {_short(weight)}", color=ink)
        put(self.bias, text=f"+ b  {_short(data['bias'])}", color=ink)
        put(self._chosen, y=_row(data["source"]) - _ROW / 2 + 1, edgecolor=to_rgba(ink))
        for text, value in zip(self.z, data["z"], strict=True):
            put(text, text=_short(value))
        for letter in GATES:
            _fill(self.rings[letter], run[letter][step], both_ways=letter == "g")
            put(self.gate_numbers[letter], text=number(run[letter][step]))
        f, i, g, c, h = (run[k][step] for k in "figch")
        told = {"c_prev": data["c_prev"], "kept": f * data["c_prev"], "written": i * g, "c": c, "h": h}
        for name, value in told.items():
            put(self.numbers[name], text=number(value))
        for name, bars in self.lanes.items():
            values = data["x"][:, name] if isinstance(name, int) else run[name]
            full = _CELL if name in tuple("fio") else _CELL / 2
            for bar, value in zip(bars, values, strict=True):
                put(bar, height=full * value)
        x = _FIRST + self._column * step - self._column / 2
        put(self._frame, x=x)
        drawn = {"c": np.concatenate([[data["start"]], run["c"]]), "h": run["h"]}
        for name, line in self.lines.items():
            put(line, ydata=np.clip(drawn[name], -_LEVEL, _LEVEL))
        over = np.abs(run["c"]) > _LEVEL
        at = np.flatnonzero(over) + 1
        put(self.beyond, data=(at, np.sign(run["c"][over]) * _LEVEL), visible=bool(at.size))
        return False

    def _draw_stack(self, sources):
        """The column [h_prev; x], and beside it the weights of one gate on it."""
        self.values, self.weights = [], []
        for k, name in enumerate(sources):
            y, symbol = _row(k), "h" if k < self._units else "x"
            box = Rectangle((_STACK, y - _ROW / 2 + 1), _VALUE - _STACK + 4, _ROW - 2, facecolor="white")
            box.set(edgecolor=COLORS[symbol], linewidth=1.5)
            self._cell.add_patch(box)
            self._text(_STACK + 5, y, name, "left", size=14, color=INK[symbol])
            self.values.append(self._text(_VALUE, y, "", "right", size=14, color="black"))
            self.weights.append(self._text(_WEIGHT, y, "", "right", size=14))
        last = _row(len(sources))
        self.bias = self._text(_WEIGHT, last, "", "right", size=14)
        self._chosen = Rectangle((_VALUE + 6, 0), _WEIGHT - _VALUE - 2, _ROW - 2, facecolor="none", linewidth=2)
        self._cell.add_patch(self._chosen)
        self._cell.plot(
            [_BRACKET, _BRACKET], [min(last - _ROW / 2, _BUS), _row(0) + _ROW / 2], color=QUIET, linewidth=1.5
        )

    def _draw_wires(self):
        """Everything that stands still between the stack and the two ways out."""
        self._line([(_BRACKET, _BUS), (_AT["o"], _BUS)], QUIET)
        for x in _AT.values():
            self._arrow([(x, _BUS), (x, _GATES - _RADIUS)], QUIET)
        self._arrow([(_AT["f"] - 66, _HIGHWAY), (_AT["f"] - _OPERATOR, _HIGHWAY)], COLORS["c"], 3)
        self._arrow([(_AT["f"] + _OPERATOR, _HIGHWAY), (_SUM - _OPERATOR, _HIGHWAY)], COLORS["c"], 3)
        self._arrow([(_SUM + _OPERATOR, _HIGHWAY), (_OUT + 12, _HIGHWAY)], COLORS["c"], 3)
        self._arrow([(_AT["f"], _GATES + _RADIUS), (_AT["f"], _HIGHWAY - _OPERATOR)], COLORS["f"])
        for letter, end in (("i", _SUM - _OPERATOR), ("g", _SUM + _OPERATOR)):
            self._arrow([(_AT[letter], _GATES + _RADIUS), (_AT[letter], _MIDDLE), (end, _MIDDLE)], COLORS[letter])
        self._arrow([(_SUM, _MIDDLE + _OPERATOR), (_SUM, _HIGHWAY - _OPERATOR)], COLORS["c"])
        self._arrow([(_AT["o"], _GATES + _RADIUS), (_AT["o"], _MIDDLE - _OPERATOR)], COLORS["o"])
        self._arrow([(_AT["o"], _HIGHWAY), (_AT["o"], _MIDDLE + _OPERATOR)], COLORS["c"])
        loop = [
            (_AT["o"] + _OPERATOR, _MIDDLE),
            (_OUT, _MIDDLE),
            (_OUT, _LOOP),
            (5, _LOOP),
            (5, _row(0)),
            (_STACK, _row(0)),
        ]
        self._arrow(loop, COLORS["h"], linestyle="--")
        places = {(_AT["f"], _HIGHWAY): "×", (_SUM, _HIGHWAY): "+", (_SUM, _MIDDLE): "×", (_AT["o"], _MIDDLE): "×"}
        for place, sign in places.items():
            self._cell.add_patch(Circle(place, _OPERATOR, facecolor="white", edgecolor=QUIET, linewidth=1.5, zorder=3))
            self._text(*place, sign, "center", size=17, color="black", va="center_baseline", zorder=4)
        box = FancyBboxPatch((_AT["o"] - 24, 263), 48, 22, boxstyle="round,pad=0,rounding_size=5", zorder=3)
        box.set(facecolor="white", edgecolor=QUIET, linewidth=1.5)
        self._cell.add_patch(box)
        self._text(_AT["o"], 273, "tanh", "center", size=14, color="black", va="center_baseline", zorder=4)

    def _draw_gates(self):
        self.rings, self.gate_numbers, self.z, self.numbers = {}, {}, [], {}
        for letter, x in _AT.items():
            look = {"width": 8, "linewidth": 0}
            self._cell.add_patch(Wedge((x, _GATES), _RADIUS, 0, 360, facecolor=FAINT, zorder=3, **look))
            self.rings[letter] = Wedge((x, _GATES), _RADIUS, 90, 90, facecolor=COLORS[letter], zorder=4, **look)
            self._cell.add_patch(self.rings[letter])
            bold = {"color": INK[letter], "weight": "bold"}
            self.gate_numbers[letter] = self._text(x, _GATES - 1, "", "center", size=14, zorder=5, color=INK[letter])
            self._text(x + _RADIUS + 2, _GATES + 22, letter, "left", size=17, **bold)
            self.z.append(self._text(x + 5, _BUS + 14, "", "left", size=14, color=INK[letter]))
        self._text(_BRACKET + 6, _BUS + 14, "z", "left", size=14)
        self._text((_STACK + _VALUE) / 2, _TOP_ROW + 20, "$[h_{t-1}; x_t]$", "center", size=14, **MATH)
        for name, (x, y) in {
            "c_prev": (152, _HIGHWAY + 18), "kept": (250, _HIGHWAY + 18), "c": (372, _HIGHWAY + 18),
            "written": (_SUM + 8, 274), "h": (_OUT - 26, _MIDDLE + 23),
        }.items():  # fmt: skip
            side = {"written": "left", "h": "left"}.get(name, "center")
            self.numbers[name] = self._text(x, y, "", side, size=16, color="black", weight="bold")
        for x, y, caption in (
            (152, 345, "$c_{t-1}$"),
            (250, 345, "kept"),
            (372, 345, "$c_t$"),
            (_OUT - 2, _MIDDLE + 46, "$h_t$"),
        ):
            self._text(x, y, caption, "center", size=14, **MATH)

    def _draw_lanes(self, inputs):
        """A row for each input and each gate, a cell for each step."""
        self.lanes = {}
        lanes = [(k, name, "x") for k, name in enumerate(inputs)] + [(letter, letter, letter) for letter in GATES]
        lefts = _FIRST + self._column * np.arange(self._steps) - _CELL / 2
        for row, (key, name, symbol) in enumerate(lanes):
            low = _LANES - _LANE * row - _CELL
            base = low if symbol in tuple("fio") else low + _CELL / 2
            for left in lefts:
                self._cell.add_patch(Rectangle((left, low), _CELL, _CELL, facecolor="white", edgecolor=QUIET, lw=0.8))
            bars = [Rectangle((left, base), _CELL, 0, facecolor=COLORS[symbol]) for left in lefts]
            self.lanes[key] = [self._cell.add_patch(bar) for bar in bars]
            self._text(_FIRST - 18, low + _CELL / 2, name, "right", size=14, color=INK[symbol])
        frame = {"facecolor": "none", "edgecolor": "black", "linewidth": 2}  # around the step, down to the plot's edge
        self._frame = Rectangle((0, _PLOT[0]), self._column, _LANES - _PLOT[0] + 3, **frame)
        self._cell.add_patch(self._frame)

    def _draw_plot(self):
        bottom, height = _PLOT
        width = self._column * (self._steps + 1)
        left = _FIRST - 1.5 * self._column  # so that step t stands under its column
        place = (left / WIDTH, bottom / _HEIGHT, width / WIDTH, height / _HEIGHT)
        axes = self.axes = self.figure.add_axes(place, xlim=(-0.5, self._steps + 0.5), ylim=(-_LEVEL, _LEVEL))
        axes.patch.set_visible(False)  # the frame stands behind
        axes.axhline(0, color=QUIET, linewidth=1)
        axes.set(xticks=range(1, self._steps + 1), yticks=(-1, 0, 1), yticklabels=("−1", "0", "1"))
        axes.tick_params(axis="x", length=0, labelcolor="black")
        axes.spines["bottom"].set_visible(False)
        at, zeros = np.arange(self._steps + 1), np.zeros(self._steps + 1)
        (c,) = axes.plot(at, zeros, color=COLORS["c"], marker="o", markersize=5, clip_on=False)
        (h,) = axes.plot(at[1:], zeros[1:], color=COLORS["h"], marker="s", markersize=5, linestyle="--", clip_on=False)
        (self.beyond,) = axes.plot([], [], "k", marker="D", markersize=9, linestyle="", clip_on=False)
        self.lines = {"c": c, "h": h}
        for symbol, name, x in (("c", "● memory c", 0.02), ("h", "■ shown h", 0.48)):
            axes.text(x, 1.02, name, transform=axes.transAxes, va="bottom", fontsize=14, color=INK[symbol])

    def _line(self, points, color, linewidth=1.8, linestyle="-"):
        self._cell.plot(*zip(*points, strict=True), color=color, linewidth=linewidth, linestyle=linestyle, zorder=1)

    def _arrow(self, points, color, linewidth=1.8, linestyle="-"):
        """A line through the points, with its head at the last one."""
        (x, y), (x0, y0) = points[-1], points[-2]
        length, half = 8, 5
        dx, dy = np.sign(x - x0), np.sign(y - y0)
        base = (x - length * dx, y - length * dy)
        self._line([*points[:-1], base], color, linewidth, linestyle)
        corners = [(x, y), (base[0] - half * dy, base[1] + half * dx), (base[0] + half * dy, base[1] - half * dx)]
        self._cell.add_patch(Polygon(corners, facecolor=color, linewidth=0, zorder=2))

    def _text(self, x, y, words, side, size=16, color=QUIET, va="center", **look):
        return self._cell.text(x, y, words, ha=side, va=va, fontsize=size, color=color, **look)


def _short(value):
    """A number of at most four digits and a sign."""
    return number(value, 2 if abs(value) < 9.995 else 1)


def _row(k):
    """The middle of the k-th row of the stacked column."""
    return _TOP_ROW - _ROW * k


def _fill(ring, value, both_ways):
    """Fill a ring as far as a gate is open; that of the candidate half a turn either way."""
    end = 90 - (180 if both_ways else 360) * value
    if (ring.theta1, ring.theta2) != (min(90, end), max(90, end)):
        ring.set_theta1(min(90, end))
        ring.set_theta2(max(90, end))
