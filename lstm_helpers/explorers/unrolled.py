"""Unrolled explorer: a small LSTM over some steps, its inputs and weights set by hand."""

from types import SimpleNamespace

import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle

from lstm_helpers._arguments import brief, real_array, refuse, short_traceback
from lstm_helpers._arguments import words as checked_words
from lstm_helpers.equations import sigmoid, weights_for
from lstm_helpers.examples import EXAMPLES
from lstm_helpers.explorers._asked import Asked
from lstm_helpers.explorers._state import with_element
from lstm_helpers.layers import LSTM, reference
from lstm_helpers.view.controls import Choice, Player, Slider
from lstm_helpers.view.dials import draw_dial
from lstm_helpers.view.drawing import Drawing
from lstm_helpers.view.live import put
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.prediction import Prediction, as_typed, marker_path, read_prediction
from lstm_helpers.view.style import COLORS, INK, MATH, QUIET, number, percent, styled, subscript

GATES = "figo"
MAX_UNITS, MAX_INPUTS, MAX_STEPS = 3, 4, 12
MAX_WORDS, MAX_LETTERS = 8, 4  # so that each word fits under its column
_MAX_WEIGHT, _MAX_INPUT = 20, 1  # ends of the sliders; larger weights extend theirs


class UnrolledExplorer(Panel):
    """A small LSTM over some steps: move an input, a weight or a bias, and see the gates, c and h of all steps change.

    Args:
        layer: an `LSTM` without options, of up to 3 units and 4 inputs; or the name of a program: "remember the first
            pulse", "count pulses" or "toggle", with one unit and one input; "remember the animal", with one unit that
            reads words; or "document", with three units.
        x: the inputs, (T, D), up to 12 steps, each from -1 to 1. Required with a layer; a program has its own.
        h0, c0: the states before step 1, (H,) each; if None, 0 or the program's.
        words: up to 8 of the `names`, instead of `x`: at each step the input of that name is 1, the others are 0.
        names: a name for each input, of at most 4 letters if `words` are given; if None, x₁ and so on.
        prediction: the memory of unit 1 after the last step, a number; `...` for no prediction yet.
        question: name of the question, if the class's predictions are counted.

    The state has the weights by gate, `W` (4, H, H + D) and `b` (4, H), in the order f i g o; `x`, `h0`, `c0`; and the
    chosen `step`, `unit` and `gate`, the `source` in [h_prev; x] whose weight the slider shows, and the `input` whose
    value it shows, all counted from 0. With one input the chosen step has a pulse, on or off; with words, a word.
    """

    title = "Unrolled explorer"

    @short_traceback
    def __init__(
        self, layer="count pulses", x=None, h0=None, c0=None, *, words=None, names=None, prediction=..., question=""
    ):
        program, names, has_words = _opening(layer, x, h0, c0, words, names)
        presets = programs() if isinstance(layer, str) and layer in programs() else {}
        (T, D), H = program["x"].shape, len(program["h0"])
        self._vocabulary = names if has_words else []
        self._sources = [*(f"h{subscript(k)}" for k in range(1, H + 1)), *names]
        end = max(_MAX_WEIGHT, *(np.ceil(np.abs(p[n]).max()) for p in (program, *presets.values()) for n in "Wb"))
        controls = [
            Player("t", T - 1, words="time step", interval=400),
            *([] if has_words else [Slider("x", -_MAX_INPUT, _MAX_INPUT, words="input")]),
            Slider("w", -end, end, words="weight"),
            Slider("b", -end, end, words="bias"),
            Choice("step", {str(k + 1): k for k in range(T)}, "step"),
            *([Choice("word", {word: word for word in names}, "word")] if has_words else []),
            *([Choice("pulse", {"off": 0, "on": 1}, "pulse")] if D == 1 and not has_words else []),
            *([Choice("unit", {str(k + 1): k for k in range(H)}, "unit")] if H > 1 else []),
            Choice("gate", {gate: k for k, gate in enumerate(GATES)}, "weights of"),
            Choice("source", {name: k for k, name in enumerate(self._sources)}, "on"),
        ]
        asked = Asked(question, prediction, lambda value: read_prediction(value, {"c": ((),)}))
        picture = UnrolledPicture(self._sources, H, T, words=has_words)
        predictions = [_prediction(picture.axes, T, float(value)) for value in asked.given.values()]
        largest = int(np.argmax(np.abs(program["x"]).max(axis=1)))  # the step with the largest input
        chosen = {"step": largest, "unit": 0, "gate": 0, "source": H, "input": 0}
        super().__init__(picture, controls, program | chosen, presets, predictions, asked)

    def show(self, W, b, x, h0, c0, step, unit, gate, source, input):
        """Every gate, c and h of the chosen unit over time, and its four z at the chosen step."""
        weights = {f"W_{letter}": W[k] for k, letter in enumerate(GATES)}
        biases = {f"b_{letter}": b[k] for k, letter in enumerate(GATES)}
        trace = reference.forward(SimpleNamespace(**weights, **biases), x[:, None], h0[None], c0[None])
        run = {letter: getattr(trace, letter)[:, 0, unit] for letter in "figoch"}
        h_prev, c_prev = (trace.h[step - 1, 0], trace.c[step - 1, 0]) if step else (h0, c0)
        u = np.concatenate([h_prev, x[step]])
        data = {"u": u, "z": W[:, unit] @ u + b[:, unit], "weights": W[gate, unit], "bias": b[gate, unit], "x": x}
        data |= {"run": run, "c_prev": c_prev[unit], "start": c0[unit], "words": self._step_words(x)}
        data |= {"step": step, "gate": gate, "source": source}
        f, i, g, o, c, h = (run[letter][step] for letter in "figoch")
        letter, z = GATES[gate], data["z"][gate]
        squashed = f"tanh({number(z)})" if letter == "g" else f"σ({number(z)})"
        place = f"Step {step + 1}, “{data['words'][step]}”" if data["words"] else f"Step {step + 1}"
        return data, (
            f"{place}: {letter} = {squashed} = {number(run[letter][step])}. Keep {percent(f)} of "
            f"{number(data['c_prev'])}, write {percent(i)} of {number(g)}: c = {number(c)}. "
            f"Show {percent(o)} of its tanh: h = {number(h)}. "
            f"After {len(x)} step{'s' if len(x) > 1 else ''} c = {number(run['c'][-1])}."
        )

    def _step_words(self, x):
        """The word of each step; an empty list if the inputs are not words."""
        return [self._vocabulary[k] for k in x.argmax(axis=1)] if self._vocabulary else []

    def positions(self, state):
        """The choices, and the input, weight and bias at them."""
        step, unit, gate = state["step"], state["unit"], state["gate"]
        x, (word,) = state["x"][step, state["input"]], self._step_words(state["x"][[step]]) or [None]
        w, b = state["W"][gate, unit, state["source"]], state["b"][gate, unit]
        values = state | {"t": step, "x": x, "w": w, "b": b, "word": word, "pulse": x if x in (0, 1) else None}
        return {name: values[name] for name in self.controls}

    def after_move(self, state, name, value):
        """Set a choice, or the input, weight or bias at the choices. Choosing an input's weight chooses the input."""
        step, unit, gate = state["step"], state["unit"], state["gate"]
        H = state["b"].shape[1]
        elements = {
            "x": ("x", (step, state["input"])),
            "pulse": ("x", (step, 0)),
            "word": ("x", step),
            "w": ("W", (gate, unit, state["source"])),
            "b": ("b", (gate, unit)),
        }
        if name in elements:
            value = _one_hot([value], self._vocabulary)[0] if name == "word" else value
            return with_element(state, *elements[name], value)
        if name == "source" and value >= H:
            state = state | {"input": value - H}
        return state | {"step" if name == "t" else name: value}


def programs():
    """Programs of one unit that reads pulses: name -> `W` (4, 1, 2), `b` (4, 1), `x`, `h0`, `c0`.

    Each follows a rule: the values of f, i, g and o at a pulse (x near 1) and without one (x = 0).
    """
    pulses = np.array([0, 1, 0, 0, 1, 0, 1, 1, 0, 0, 1, 0.0])
    heights = np.array([0, 0.8, 0, 0, 0.5, 0, 1, 0, 0, 0.6, 0, 0.0])
    return {
        # Rows: f, i, g, o. Columns: h_prev, x, bias. Keep all; write the pulse, unless h shows an earlier one.
        "remember the first pulse": _program([[0, 0, 10], [-80, 30, -10], [0, 1, 0], [0, 0, 10]], heights),
        # Keep all; a pulse opens i, and g is 0.1.
        "count pulses": _program([[0, 0, 10], [0, 20, -10], [0, 0, np.arctanh(0.1)], [0, 0, 10]], pulses),
        # A pulse shuts f and opens i; g is −1 if h is positive, else 1.
        "toggle": _program([[0, -20, 10], [0, 20, -10], [-20, 0, 3], [0, 0, 10]], pulses),
    }


def _program(rows, x):
    rows, x = np.array(rows, dtype=float), x.reshape(len(x), -1)
    return {"W": rows[:, None, :-1], "b": rows[:, -1:], "x": x, "h0": np.zeros(1), "c0": np.zeros(1)}


_ANIMAL = "remember the animal"
_VOCABULARY = ["cat", "dog", "sat", "mat"]
_SENTENCE = ["cat", "sat", "mat", "sat", "mat", "sat"]


def _animal():
    """A program that remembers the last animal among the words: 0.9 for a cat, −0.9 for a dog."""
    cat, sat, mat = np.arctanh([0.9, -0.4, 0.7])
    # Rows: f, i, g, o. Columns: h_prev, cat, dog, sat, mat, bias. An animal shuts f and opens i.
    rows = [[0, -20, -20, 0, 0, 10], [0, 20, 20, 0, 0, -10], [0, cat, -cat, sat, mat, 0], [0, 0, 0, 0, 0, 10]]
    return _program(rows, _one_hot(_SENTENCE, _VOCABULARY))


def _one_hot(words, vocabulary):
    return np.eye(len(vocabulary))[[vocabulary.index(word) for word in words]]


def _document():
    """The document's gates and candidate as one layer, over twelve steps with the same input.

    Step 1 has the gates of the document's examples, from the h of its output example and the x of its input example.
    """
    forget, write, show = (EXAMPLES[f"{name}_gate"] for name in ("forget", "input", "output"))
    x, h0 = write.inputs["x"], show.stated
    gates = {"f": forget.stated, **write.on_the_way, **show.on_the_way}
    solved = [weights_for(gates[k], h0, x, activation=np.tanh if k == "g" else sigmoid) for k in GATES]
    W, b = (np.stack(parts) for parts in zip(*solved, strict=True))
    return {"W": W, "b": b, "x": np.tile(x, (MAX_STEPS, 1)), "h0": h0, "c0": np.array(forget.inputs["c_prev"])}


def _opening(layer, x, h0, c0, words, names):
    """The program to open with, the names of its inputs, and whether they are words."""
    program, animal = _program_of(layer), isinstance(layer, str) and layer == _ANIMAL
    H, sources = program["W"].shape[1:]
    D = sources - H
    if names is None:
        names = _VOCABULARY if animal else [f"x{subscript(k)}" for k in range(1, D + 1)]
    names = checked_words("names", names)
    if len(names) != D or len(set(names)) != D:
        refuse(ValueError, f"names must be {D} different words, one for each input, got {brief(names)}")
    if animal and x is None and words is None:
        words = _SENTENCE
    if words is not None:
        if x is not None:
            refuse(TypeError, "words must be given instead of x, got both")
        x = _word_inputs(words, names)
    if x is not None:
        x = real_array("x", x, ndim=2, within=(-_MAX_INPUT, _MAX_INPUT))
        if x.shape[1] != D or len(x) > MAX_STEPS:
            refuse(ValueError, f"x must have shape (T, {D}) with at most {MAX_STEPS} steps, got shape {x.shape}")
        program["x"] = x.astype(float)
    if "x" not in program:
        refuse(TypeError, "x must be given with a layer: its inputs, of shape (T, D)")
    for name, value in {"h0": h0, "c0": c0}.items():
        if value is not None:
            program[name] = real_array(name, value, shape={"H": H}).astype(float)
    return program, names, words is not None


def _program_of(layer):
    """The program of a name; or a layer as one, without inputs and with states of 0."""
    if isinstance(layer, str):
        known = {"document": _document(), **programs(), _ANIMAL: _animal()}
        if layer not in known:
            refuse(ValueError, f"layer must be an LSTM or one of {', '.join(known)}, got {layer!r}")
        return known[layer]
    if not isinstance(layer, LSTM) or layer.peepholes or layer.coupled or not layer.forget_gate:
        refuse(TypeError, f"layer must be an LSTM without options, got {brief(layer)}")
    H, D = layer.hidden_size, layer.input_size
    if H > MAX_UNITS or D > MAX_INPUTS:
        refuse(ValueError, f"layer must have at most {MAX_UNITS} units and {MAX_INPUTS} inputs, got {H} and {D}")
    W, b = (np.stack([getattr(layer, f"{part}_{k}") for k in GATES]).astype(float) for part in "Wb")
    return {"W": W, "b": b, "h0": np.zeros(H), "c0": np.zeros(H)}


def _word_inputs(words, names):
    """The one-hot inputs (T, D) of these words."""
    words = checked_words("words", words)
    if long := [name for name in names if len(name) > MAX_LETTERS]:
        refuse(ValueError, f"names must have at most {MAX_LETTERS} letters if they are words, got {brief(long[0])}")
    if not 1 <= len(words) <= MAX_WORDS:
        refuse(ValueError, f"words must be a list of 1 to {MAX_WORDS} words, got {len(words)}")
    if unknown := [word for word in words if word not in names]:
        refuse(ValueError, f"words must be from {', '.join(names)}, got {brief(unknown[0])}")
    return _one_hot(words, names)


def _prediction(axes, T, value):
    words = f"{as_typed(value)} for c after step {T}"
    return Prediction(axes, (T, value), words, lambda data: data["run"]["c"][-1], side="away")


# Layout of the picture, in units of the SVG. Left, the cell at one step: [h_prev; x] enters four gates, the memory runs
# above them, and h comes back. Right, all steps.
_HEIGHT = 365
_MEMORY_Y, _PRODUCT_Y, _GATES_Y, _BUS_Y, _LOOP_Y = 306, 238, 152, 92, 8
_GATE_X = {"f": 196, "i": 262, "g": 328, "o": 422}
_SUM_X, _OUT_X = 295, 467  # where i x g joins the memory, and where the cell ends
_RADIUS, _OPERATOR = 27, 13  # of a dial, of an operator
_STACK, _ROW, _TOP_ROW = 14, 21, 170  # [h_prev; x]: its left edge, the height of a row, the middle of the first one
_VALUE, _WEIGHT, _BRACKET = 92, 156, 162  # right edges of its columns, and the line beside them
_STEPS = (498, 791)  # from the axis of the plot to the right edge of the last step
_LANES_TOP, _MAX_PITCH, _LANES_HEIGHT = 350, 32, 192
_LANE_GAP = 6
_PLOT_BOTTOM = 32  # of c and h
_LEGEND = 24  # from the top of the plot to the lanes
_HEAD = 8  # length of an arrowhead
_LIMIT = 1.3  # of the axis of the plot; a memory beyond it is an arrow at the edge


class UnrolledPicture(Drawing):
    """The cell at one step, and its gates, c and h at all steps.

    Args:
        sources: the names of [h_prev; x], in stacking order.
        units: the number of units, H.
        steps: the number of steps.
        words: true if the inputs are words. Each step is then labeled with its word, and the inputs have no lanes.

    Attributes:
        figure, moving: for `LiveFigure`.
        axes: of c and h over time.
        values, weights, bias, z, dials, gate_numbers, numbers, lanes, words, lines: the parts that `update` changes.
        beyond: 1, -1 -> arrows for a memory above, below the axis.
        heading, path, frames: the name of the weights, the wire to their gate, the frames around the chosen step.
        lane_height: the height of a gate of 1 in its lane; an input or a candidate of 1 is half as high.
    """

    def __init__(self, sources, units, steps, words=False):
        self._units, self._steps = units, steps
        self._column = (_STEPS[1] - _STEPS[0]) / (steps + 1)
        self._first = _STEPS[0] + 1.5 * self._column  # the middle of step 1; before it there is a column for c0
        with styled():
            super().__init__(_HEIGHT)
            self._draw_stack(sources)
            self._draw_wires()
            self._draw_gates()
            low = self._draw_lanes([] if words else sources[units:])
            self._draw_plot(low - _LEGEND)
            self._draw_steps(low, words)
        self.moving = [
            *self.frames, self.path, self._chosen, *self.values, self.heading, *self.weights, self.bias, *self.z,
            *(dial.filled for dial in self.dials.values()), *self.gate_numbers.values(), *self.numbers.values(),
            *self.words, *(bar for lane in self.lanes.values() for bar in lane), *self.lines.values(),
            *self.beyond.values(),
        ]  # fmt: skip

    def update(self, data):
        """Show the data of `UnrolledExplorer.show`; false, because no axis ever changes."""
        run, step, gate = data["run"], data["step"], data["gate"]
        ink = INK[GATES[gate]]
        for text, value in zip(self.values, data["u"], strict=True):
            put(text, text=number(value))
        for text, weight in zip(self.weights, data["weights"], strict=True):
            put(text, text=f"×{_short(weight)}", color=ink)
        put(self.bias, text=f"+ b  {_short(data['bias'])}", color=ink)
        put(self.heading, text=f"$W_{GATES[gate]}$", color=ink)
        put(self._chosen, y=_row(data["source"]) - _ROW / 2 + 1, edgecolor=to_rgba(ink))
        x = _GATE_X[GATES[gate]]
        put(self.path, data=([_BRACKET, x, x], [_BUS_Y, _BUS_Y, _GATES_Y - _RADIUS - _HEAD]), color=ink)
        for text, value in zip(self.z, data["z"], strict=True):
            put(text, text=_short(value))
        for letter in GATES:
            put(self.gate_numbers[letter], text=number(run[letter][step]))
        for letter, dial in self.dials.items():
            dial.show(run[letter][step])
        f, i, g, c, h = (run[k][step] for k in "figch")
        numbers = {"c_prev": data["c_prev"], "kept": f * data["c_prev"], "written": i * g, "c": c, "h": h}
        for name, value in numbers.items():
            put(self.numbers[name], text=number(value))
        for name, bars in self.lanes.items():
            values = data["x"][:, name] if isinstance(name, int) else run[name]
            full = self.lane_height / (1 if name in tuple("fio") else 2)
            for bar, value in zip(bars, values, strict=True):
                put(bar, height=full * value)
        for frame in self.frames:
            put(frame, x=self._first + self._column * (step - 0.5))
        for text, word in zip(self.words, data["words"], strict=True):
            put(text, text=word)
        c = np.concatenate([[data["start"]], run["c"]])
        put(self.lines["c"], ydata=c)
        put(self.lines["h"], ydata=run["h"])
        for sign, arrows in self.beyond.items():
            put(arrows, ydata=np.where(sign * c > _LIMIT, sign * _LIMIT, np.nan))
        return False

    def _draw_stack(self, sources):
        """Draw the column [h_prev; x], and beside it the weights of one gate."""
        self.values, self.weights = [], []
        for k, name in enumerate(sources):
            y, symbol = _row(k), "h" if k < self._units else "x"
            box = Rectangle((_STACK, y - _ROW / 2 + 1), _VALUE - _STACK + 4, _ROW - 2, facecolor="white")
            box.set(edgecolor=COLORS[symbol], linewidth=1.5)
            self.page.add_patch(box)
            self.text(_STACK + 5, y, name, "left", color=INK[symbol])
            self.values.append(self.text(_VALUE, y, "", "right", color="black"))
            self.weights.append(self.text(_WEIGHT, y, "", "right"))
        self.heading = self.text(_WEIGHT, _TOP_ROW + 20, "", "right", **MATH)
        last = _row(len(sources))
        self.bias = self.text(_WEIGHT, last, "", "right")
        self._chosen = Rectangle((_VALUE + 6, 0), _WEIGHT - _VALUE - 2, _ROW - 2, facecolor="none", linewidth=2)
        self.page.add_patch(self._chosen)
        ends = min(last - _ROW / 2, _BUS_Y), _row(0) + _ROW / 2
        self.polyline([(_BRACKET, y) for y in ends], QUIET, linewidth=1.5)

    def _draw_wires(self):
        """Draw the wires and operators of the cell."""
        f, o = _GATE_X["f"], _GATE_X["o"]
        self.polyline([(_BRACKET, _BUS_Y), (o, _BUS_Y)], QUIET, linewidth=1.8, zorder=1)
        (self.path,) = self.page.plot([], [], linewidth=4.5, solid_capstyle="butt", zorder=1.5)
        for x in _GATE_X.values():
            self._arrow([(x, _BUS_Y), (x, _GATES_Y - _RADIUS)], QUIET)
        self._arrow([(f - 66, _MEMORY_Y), (f - _OPERATOR, _MEMORY_Y)], COLORS["c"], 3)
        self._arrow([(f + _OPERATOR, _MEMORY_Y), (_SUM_X - _OPERATOR, _MEMORY_Y)], COLORS["c"], 3)
        self._arrow([(_SUM_X + _OPERATOR, _MEMORY_Y), (_OUT_X + 12, _MEMORY_Y)], COLORS["c"], 3)
        self._arrow([(f, _GATES_Y + _RADIUS), (f, _MEMORY_Y - _OPERATOR)], COLORS["f"])
        for letter, end in (("i", _SUM_X - _OPERATOR), ("g", _SUM_X + _OPERATOR)):
            x = _GATE_X[letter]
            self._arrow([(x, _GATES_Y + _RADIUS), (x, _PRODUCT_Y), (end, _PRODUCT_Y)], COLORS[letter])
        self._arrow([(_SUM_X, _PRODUCT_Y + _OPERATOR), (_SUM_X, _MEMORY_Y - _OPERATOR)], COLORS["c"])
        self._arrow([(o, _GATES_Y + _RADIUS), (o, _PRODUCT_Y - _OPERATOR)], COLORS["o"])
        self._arrow([(o, _MEMORY_Y), (o, _PRODUCT_Y + _OPERATOR)], COLORS["c"])
        out = [(o + _OPERATOR, _PRODUCT_Y), (_OUT_X, _PRODUCT_Y), (_OUT_X, _LOOP_Y)]
        back = [(5, _LOOP_Y), (5, _row(0)), (_STACK, _row(0))]
        self._arrow([*out, *back], COLORS["h"], linestyle="--")
        operators = [(f, _MEMORY_Y, "×"), (_SUM_X, _MEMORY_Y, "+"), (_SUM_X, _PRODUCT_Y, "×"), (o, _PRODUCT_Y, "×")]
        for x, y, sign in operators:
            self.operator(x, y, sign, radius=_OPERATOR, size=17)
        self.box(o - 24, 263, 48, 22)
        self.text(o, 273, "tanh", color="black", va="center_baseline", zorder=4)

    def _draw_gates(self):
        self.dials, self.gate_numbers, self.z, self.numbers = {}, {}, [], {}
        for letter, x in _GATE_X.items():
            drawn = self.dials[letter] = draw_dial(self.page, letter, (x, _GATES_Y), _RADIUS, width=8)
            beside = drawn.right + (8 if letter == "g" else 2)
            at, side = (beside, "left") if letter == "g" else (x, "center")
            self.text(beside, _GATES_Y + 22, letter, "left", size=17, color=INK[letter], weight="bold")
            self.gate_numbers[letter] = self.text(at, _GATES_Y - 1, "", side, color=INK[letter])
            self.z.append(self.text(x + 5, _BUS_Y + 14, "", "left", color=INK[letter]))
        self.text(_BRACKET + 6, _BUS_Y + 14, "z", "left")
        self.text((_STACK + _VALUE) / 2, _TOP_ROW + 20, "$[h_{t-1}; x_t]$", **MATH)
        for name, (x, y) in {
            "c_prev": (152, _MEMORY_Y + 18), "kept": (250, _MEMORY_Y + 18), "c": (372, _MEMORY_Y + 18),
            "written": (_SUM_X + 8, 274), "h": (_GATE_X["o"] + 17, _PRODUCT_Y + 14),
        }.items():  # fmt: skip
            side = {"written": "left", "h": "left"}.get(name, "center")
            self.numbers[name] = self.text(x, y, "", side, size=16, color="black", weight="bold")
        for x, y, caption in (
            (152, 345, "$c_{t-1}$"),
            (250, 345, "kept"),
            (372, 345, "$c_t$"),
            (_OUT_X + 3, _PRODUCT_Y + 38, "$h_t$"),
        ):
            self.text(x, y, caption, **MATH)

    def _draw_lanes(self, inputs):
        """Draw a lane for each input and gate with a bar for each step; return the bottom of the last lane.

        A gate fills its box from below; an input or a candidate goes up or down from a line.
        """
        self.lanes = {}
        lanes = [(k, name, "x") for k, name in enumerate(inputs)] + [(letter, letter, letter) for letter in GATES]
        pitch = min(_MAX_PITCH, _LANES_HEIGHT / len(lanes))
        height = self.lane_height = pitch - _LANE_GAP
        width = min(0.8 * self._column, _MAX_PITCH)
        lefts = self._first + self._column * np.arange(self._steps) - width / 2
        for row, (key, name, symbol) in enumerate(lanes):
            low = base = _LANES_TOP - pitch * row - height
            if symbol in tuple("fio"):
                for left in lefts:
                    frame = Rectangle((left, low), width, height, facecolor="white", edgecolor=QUIET, linewidth=0.8)
                    self.page.add_patch(frame)
            else:
                base = low + height / 2
                ends = (lefts[0] - 2, lefts[-1] + width + 2)
                self.page.plot(ends, [base, base], color=QUIET, linewidth=1, zorder=1)
            bars = [Rectangle((left, base), width, 0, facecolor=COLORS[symbol]) for left in lefts]
            self.lanes[key] = [self.page.add_patch(bar) for bar in bars]
            self.text(self._first - self._column / 2 - 7, low + height / 2, name, "right", color=INK[symbol])
        return low

    def _draw_plot(self, top):
        left, right = _STEPS
        limits = {"xlim": (-0.5, self._steps + 0.5), "ylim": (-_LIMIT, _LIMIT)}
        axes = self.axes = self.plot(left, _PLOT_BOTTOM, right - left, top - _PLOT_BOTTOM, **limits)
        axes.patch.set_visible(False)  # it would hide the frame
        axes.axhline(0, color=QUIET, linewidth=1)
        axes.set(xticks=[], yticks=(-1, 0, 1), yticklabels=("−1", "0", "1"))
        axes.tick_params(axis="y", length=0)
        axes.spines["bottom"].set_visible(False)
        steps, zeros = np.arange(self._steps + 1), np.zeros(self._steps + 1)
        h_style = {"marker": "s", "markersize": 4, "linestyle": "--", "clip_on": False}
        (c,) = axes.plot(steps, zeros, color=COLORS["c"], marker="o", markersize=6)
        (h,) = axes.plot(steps[1:], zeros[1:], color=COLORS["h"], **h_style)
        # Matplotlib draws a marker that is a path at half its size.
        style = {"color": COLORS["c"], "linestyle": "", "markersize": 22, "clip_on": False}
        arrows = {1: marker_path("^", 0.5), -1: marker_path("v", -0.5)}
        self.beyond = {sign: axes.plot(steps, zeros, marker=arrow, **style)[0] for sign, arrow in arrows.items()}
        self.lines = {"c": c, "h": h}
        for symbol, name, x in (("c", "● memory c", left + 8), ("h", "■ shown h", left + 140)):
            self.text(x, top + _LEGEND / 2, name, "left", color=INK[symbol])

    def _draw_steps(self, low, words):
        """Draw the number or the word of each step, and frames for the chosen one around its lanes and its c and h."""
        middles = self._first + self._column * np.arange(self._steps)
        labels = [self.text(x, 13, "" if words else str(k), color="black") for k, x in enumerate(middles, 1)]
        self.words = labels if words else []
        style = {"facecolor": "none", "edgecolor": "black", "linewidth": 2}
        heights = ((low - 3, _LANES_TOP + 3), (2, low - _LEGEND))
        frames = (Rectangle((0, bottom), self._column, top - bottom, **style) for bottom, top in heights)
        self.frames = [self.page.add_patch(frame) for frame in frames]

    def _arrow(self, points, color, linewidth=1.8, linestyle="-"):
        """Draw a line through the points, with an arrowhead at the last one."""
        (x, y), (x0, y0) = points[-1], points[-2]
        dx, dy = np.sign(x - x0), np.sign(y - y0)
        line = [*points[:-1], (x - _HEAD * dx, y - _HEAD * dy)]
        self.polyline(line, color, linewidth=linewidth, linestyle=linestyle, zorder=1)
        self.arrowhead((x, y), (dx, dy), length=_HEAD, half=5, facecolor=color, zorder=2)


def _short(value):
    """A number as text of at most four digits and a sign."""
    return number(value, 2 if abs(value) < 9.995 else 1)


def _row(k):
    """The height of the middle of the k-th row of [h_prev; x]."""
    return _TOP_ROW - _ROW * k
