"""A small LSTM that lives: its inputs and weights are set by hand, and every gate of every step answers."""

from types import SimpleNamespace

import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle

from lstm_helpers._arguments import brief, real_array, refuse, short_traceback
from lstm_helpers._arguments import words as listed
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
from lstm_helpers.view.style import COLORS, INK, MATH, QUIET, number, percent, styled
from lstm_helpers.view.style import subscript as sub

GATES = "figo"
MOST_UNITS, MOST_INPUTS, MOST_STEPS = 3, 4, 12
MOST_WORDS, MOST_LETTERS = 8, 4  # each word stands under its column
_WEIGHT_END, _INPUT_END = 20, 1  # of the sliders; that of a weight goes as far as the largest weight does


class UnrolledExplorer(Panel):
    """A small LSTM over some steps: move an input, a weight or a bias, and the gates, c and h of all steps answer.

    Args:
        layer: an `LSTM` without options, of up to 3 units and 4 inputs; or the name of a program: "remember the first
            pulse", "count pulses" or "toggle", of one unit and one input; "remember the animal", of one unit, which
            reads words; or "document", of three units.
        x: the inputs, (T, D), up to 12 steps, each from -1 to 1. Needed with a layer; the program's own if not given.
        h0, c0: the states before step 1, (H,) each; zeros if not given.
        words: in place of `x`, up to 8 of the `names`: at each step the input of that name is 1, the others are 0.
        names: a name for each input, of at most 4 letters if they are words; x₁ and so on if not given.
        prediction: what the memory of unit 1 will be after the last step, a number; `...` if nothing is predicted yet.
        question: the name of what is predicted, if the prediction is to be counted in a class.

    The state has the weights by gate, `W` (4, H, H + D) and `b` (4, H), in the order f i g o; `x`, `h0`, `c0`; and what
    is looked at: the `step`, the `unit`, the `gate`, the `source` of [h_prev; x] whose weight is shown, and the `input`
    whose value is, all counted from 0. Where there is one input, a pulse at the chosen step is on or off; where the
    inputs are words, the chosen step has a word.
    """

    title = "Unrolled explorer"

    @short_traceback
    def __init__(
        self, layer="count pulses", x=None, h0=None, c0=None, *, words=None, names=None, prediction=..., question=""
    ):
        program, names, spoken = _opening(layer, x, h0, c0, words, names)
        presets = programs() if isinstance(layer, str) and layer in programs() else {}
        (T, D), H = program["x"].shape, len(program["h0"])
        self._vocabulary = names if spoken else []
        self._sources = [*(f"h{sub(k)}" for k in range(1, H + 1)), *names]
        end = max(_WEIGHT_END, *(np.ceil(np.abs(p[n]).max()) for p in (program, *presets.values()) for n in "Wb"))
        entered = Slider("x", -_INPUT_END, _INPUT_END, words="input")
        rows = [
            [Player("t", T - 1, words="time step", interval=400)],
            [] if spoken else [entered],
            [Slider("w", -end, end, words="weight"), Slider("b", -end, end, words="bias")],
            [Choice("step", {str(k + 1): k for k in range(T)}, "step")],
            [Choice("word", {word: word for word in names}, "word")] if spoken else [],
            [Choice("pulse", {"off": 0, "on": 1}, "pulse")] if D == 1 and not spoken else [],
            [Choice("unit", {str(k + 1): k for k in range(H)}, "unit")] if H > 1 else [],
            [Choice("gate", {gate: k for k, gate in enumerate(GATES)}, "weights of")],
            [Choice("source", {name: k for k, name in enumerate(self._sources)}, "on")],
        ]
        asked = Asked(question, prediction, lambda one: read_prediction(one, {"c": ((),)}))
        picture = UnrolledPicture(self._sources, H, T, words=spoken)
        predictions = [_at_the_end(picture.axes, T, float(value)) for value in asked.given.values()]
        first = int(np.argmax(np.abs(program["x"]).max(axis=1)))  # the first step at which something comes in
        looked_at = {"step": first, "unit": 0, "gate": 0, "source": H, "input": 0}
        super().__init__(picture, rows, program | looked_at, presets, predictions, asked)

    def show(self, W, b, x, h0, c0, step, unit, gate, source, input):
        """Every gate, c and h of every step, and the four z of the chosen unit."""
        layer = SimpleNamespace(**{f"W_{k}": W[n] for n, k in enumerate(GATES)})
        vars(layer).update({f"b_{k}": b[n] for n, k in enumerate(GATES)})
        trace = reference.forward(layer, x[:, None], h0[None], c0[None])
        run = {k: getattr(trace, k)[:, 0, unit] for k in "figoch"}
        h_prev, c_prev = (trace.h[step - 1, 0], trace.c[step - 1, 0]) if step else (h0, c0)
        u = np.concatenate([h_prev, x[step]])
        data = {"u": u, "z": W[:, unit] @ u + b[:, unit], "weights": W[gate, unit], "bias": b[gate, unit], "x": x}
        data |= {"run": run, "c_prev": c_prev[unit], "start": c0[unit], "words": self._words_of(x)}
        data |= {"step": step, "gate": gate, "source": source, "unit": unit}
        f, i, g, o, c, h = (run[k][step] for k in "figoch")
        letter, z = GATES[gate], data["z"][gate]
        squashed = f"tanh({number(z)})" if letter == "g" else f"σ({number(z)})"
        place = f"Step {step + 1}, “{data['words'][step]}”" if data["words"] else f"Step {step + 1}"
        return data, (
            f"{place}: {letter} = {squashed} = {number(run[letter][step])}. Keep {percent(f)} of "
            f"{number(data['c_prev'])}, write {percent(i)} of {number(g)}: c = {number(c)}. "
            f"Show {percent(o)} of its tanh: h = {number(h)}. After {len(x)} steps c = {number(run['c'][-1])}."
        )

    def _words_of(self, x):
        """The word of each step; none where the inputs are no words."""
        return [self._vocabulary[k] for k in x.argmax(axis=1)] if self._vocabulary else []

    def positions(self, state):
        """What is looked at, and the input, weight and bias there."""
        step, unit, gate = state["step"], state["unit"], state["gate"]
        x, (word,) = state["x"][step, state["input"]], self._words_of(state["x"][[step]]) or [None]
        stands = {name: state[name] for name in ("step", "unit", "gate", "source")}
        stands |= {"t": step, "x": x, "w": state["W"][gate, unit, state["source"]], "b": state["b"][gate, unit]}
        stands |= {"word": word, "pulse": x if x in (0, 1) else None}
        return {name: stands[name] for name in self.controls}

    def after_move(self, state, name, value):
        """Another place to look at, or another number there."""
        step, unit, gate = state["step"], state["unit"], state["gate"]
        H = state["b"].shape[1]
        places = {
            "x": ("x", (step, state["input"])),
            "pulse": ("x", (step, 0)),
            "word": ("x", step),
            "w": ("W", (gate, unit, state["source"])),
            "b": ("b", (gate, unit)),
        }
        if name in places:
            value = _one_hot([value], self._vocabulary)[0] if name == "word" else value
            return with_element(state, *places[name], value)
        entered = {"input": value - H} if name == "source" and value >= H else {}
        return state | {"step" if name == "t" else name: value} | entered


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
    rows, x = np.array(rows, dtype=float), x.reshape(len(x), -1)
    return {"W": rows[:, None, :-1], "b": rows[:, -1:], "x": x, "h0": np.zeros(1), "c0": np.zeros(1)}


_ANIMAL = "remember the animal"
_VOCABULARY = ["cat", "dog", "sat", "mat"]
_SENTENCE = ["cat", "sat", "mat", "sat", "mat", "sat"]


def _animal():
    """A unit that keeps which animal came last, as a sign: a cat is 0.9, a dog −0.9. All it gets are the words."""
    cat, sat, mat = np.arctanh([0.9, -0.4, 0.7])
    # Rows: f, i, g, o. Columns: h_prev, cat, dog, sat, mat, bias. An animal shuts f and opens i.
    rows = [[0, -20, -20, 0, 0, 10], [0, 20, 20, 0, 0, -10], [0, cat, -cat, sat, mat, 0], [0, 0, 0, 0, 0, 10]]
    return _program(rows, _one_hot(_SENTENCE, _VOCABULARY))


def _one_hot(words, vocabulary):
    return np.eye(len(vocabulary))[[vocabulary.index(word) for word in words]]


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


def _opening(layer, x, h0, c0, words, names):
    """Where the panel opens: weights, inputs and first states; the names of the inputs; and whether they are words."""
    opening, animal = _weights_of(layer), isinstance(layer, str) and layer == _ANIMAL
    H, K = opening["W"].shape[1:]
    if names is None:
        names = _VOCABULARY if animal else [f"x{sub(k)}" for k in range(1, K - H + 1)]
    names = listed("names", names)
    if len(names) != K - H or len(set(names)) != K - H:
        refuse(ValueError, f"names must be {K - H} different ones, one for each input, got {brief(names)}")
    if animal and x is None and words is None:
        words = _SENTENCE
    if words is not None:
        if x is not None:
            refuse(TypeError, "words must stand in place of x, got both")
        x = _spoken_inputs(words, names)
    if x is not None:
        x = real_array("x", x, ndim=2, within=(-_INPUT_END, _INPUT_END))
        if x.shape[1] != K - H or len(x) > MOST_STEPS:
            refuse(ValueError, f"x must have shape (T, {K - H}) with at most {MOST_STEPS} steps, got shape {x.shape}")
        opening["x"] = x.astype(float)
    if "x" not in opening:
        refuse(TypeError, "x must be given with a layer: its inputs, of shape (T, D)")
    for name, value in {"h0": h0, "c0": c0}.items():
        if value is not None:
            opening[name] = real_array(name, value, shape={"H": H}).astype(float)
    return opening, names, words is not None


def _weights_of(layer):
    """The weights and first states of a program, and its inputs; or those of a layer, where the states are 0."""
    if isinstance(layer, str):
        known = {"document": _document(), **programs(), _ANIMAL: _animal()}
        if layer not in known:
            refuse(ValueError, f"layer must be an LSTM or one of {', '.join(known)}, got {layer!r}")
        return known[layer]
    if not isinstance(layer, LSTM) or layer.peepholes or layer.coupled or not layer.forget_gate:
        refuse(TypeError, f"layer must be an LSTM without options, got {brief(layer)}")
    H, D = layer.hidden_size, layer.input_size
    if H > MOST_UNITS or D > MOST_INPUTS:
        refuse(ValueError, f"layer must have at most {MOST_UNITS} units and {MOST_INPUTS} inputs, got {H} and {D}")
    W, b = (np.stack([getattr(layer, f"{part}_{k}") for k in GATES]).astype(float) for part in "Wb")
    return {"W": W, "b": b, "h0": np.zeros(H), "c0": np.zeros(H)}


def _spoken_inputs(words, names):
    """The inputs (T, D) that are these words, each one of the names."""
    words = listed("words", words)
    if long := [name for name in names if len(name) > MOST_LETTERS]:
        refuse(ValueError, f"names must have at most {MOST_LETTERS} letters if they are words, got {brief(long[0])}")
    if not 1 <= len(words) <= MOST_WORDS:
        refuse(ValueError, f"words must be a list of 1 to {MOST_WORDS} words, got {len(words)}")
    if strange := [word for word in words if word not in names]:
        refuse(ValueError, f"words must be from {', '.join(names)}, got {brief(strange[0])}")
    return _one_hot(words, names)


def _at_the_end(axes, T, value):
    said = f"{as_typed(value)} for c after step {T}"
    return Prediction(axes, (T, value), said, lambda data: data["run"]["c"][-1], side="away")


# The picture, in units of the SVG. On the left the cell at one step: [h_prev; x] enters four gates, the highway runs
# above them, and h comes back. On the right all steps.
_HEIGHT = 365
_HIGHWAY, _MIDDLE, _GATES, _BUS, _LOOP = 306, 238, 152, 92, 8  # heights
_AT = {"f": 196, "i": 262, "g": 328, "o": 422}  # where the gates stand
_SUM, _OUT = 295, 467  # where i x g joins the highway, and where the cell ends
_RADIUS, _OPERATOR = 27, 13
_STACK, _ROW, _TOP_ROW = 14, 21, 170  # the stacked column: its left edge, the height of a row, the middle of the first
_VALUE, _WEIGHT, _BRACKET = 92, 156, 162  # right edges of its columns, and the line that gathers them
_STEPS = (498, 791)  # from the axis of the plot to the right edge of the last step
_LANES, _LANE, _ALL_LANES = 350, 32, 192  # the upper end of the lanes, the most from one to the next, and for all
_BETWEEN = 6  # from one lane to the next
_PLOT = 32  # lower end of the plot of c and h
_LEGEND = 24  # from its upper end to the lanes
_HEAD = 8  # the length of an arrowhead
_LEVEL = 1.3  # where its axis ends; what lies beyond is an arrow whose tip is at the edge


class UnrolledPicture(Drawing):
    """The cell at one step, and its gates, c and h at all of them.

    Args:
        sources: the names of [h_prev; x], in stacking order.
        units: how many of them are units' h.
        steps: the number of steps.
        words: whether the inputs are words. Then each step has its word in place of a number and of its inputs' lanes.

    Attributes:
        figure, moving: for the live picture.
        axes: of c and h over time.
        values, weights, z, dials, numbers, lanes, words, lines: what `update` changes.
        beyond: 1, -1 -> the arrows of the memories that leave the axis above, below.
        heading, path, frames: which weights are shown, the way to their gate, and what is around the chosen step.
        lane_height: how high a gate of 1 is in its lane; an input or a candidate of 1 is half as high.
    """

    def __init__(self, sources, units, steps, words=False):
        self._units, self._steps = units, steps
        self._column = (_STEPS[1] - _STEPS[0]) / (steps + 1)
        self._first = _STEPS[0] + 1.5 * self._column  # the middle of step 1; the memory before it has a place as well
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
        """Show what `UnrolledExplorer.show` returns. Nothing that stands still changes."""
        run, step, gate = data["run"], data["step"], data["gate"]
        ink = INK[GATES[gate]]
        for text, value in zip(self.values, data["u"], strict=True):
            put(text, text=number(value))
        for text, weight in zip(self.weights, data["weights"], strict=True):
            put(text, text=f"×{_short(weight)}", color=ink)
        put(self.bias, text=f"+ b  {_short(data['bias'])}", color=ink)
        put(self.heading, text=f"$W_{GATES[gate]}$", color=ink)
        put(self._chosen, y=_row(data["source"]) - _ROW / 2 + 1, edgecolor=to_rgba(ink))
        at = _AT[GATES[gate]]
        put(self.path, data=([_BRACKET, at, at], [_BUS, _BUS, _GATES - _RADIUS - _HEAD]), color=ink)
        for text, value in zip(self.z, data["z"], strict=True):
            put(text, text=_short(value))
        for letter in GATES:
            put(self.gate_numbers[letter], text=number(run[letter][step]))
        for letter, dial in self.dials.items():
            dial.show(run[letter][step])
        f, i, g, c, h = (run[k][step] for k in "figch")
        told = {"c_prev": data["c_prev"], "kept": f * data["c_prev"], "written": i * g, "c": c, "h": h}
        for name, value in told.items():
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
        drawn = {"c": np.concatenate([[data["start"]], run["c"]]), "h": run["h"]}
        for name, line in self.lines.items():
            put(line, ydata=drawn[name])
        for way, arrows in self.beyond.items():
            put(arrows, ydata=np.where(way * drawn["c"] > _LEVEL, way * _LEVEL, np.nan))
        return False

    def _draw_stack(self, sources):
        """The column [h_prev; x], and beside it the weights of one gate on it."""
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
        ends = min(last - _ROW / 2, _BUS), _row(0) + _ROW / 2
        self.polyline([(_BRACKET, y) for y in ends], QUIET, linewidth=1.5)

    def _draw_wires(self):
        """Everything that stands still between the stack and the two ways out."""
        self.polyline([(_BRACKET, _BUS), (_AT["o"], _BUS)], QUIET, linewidth=1.8, zorder=1)
        (self.path,) = self.page.plot([], [], linewidth=4.5, solid_capstyle="butt", zorder=1.5)
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
            self.operator(*place, sign, radius=_OPERATOR, size=17)
        self.box(_AT["o"] - 24, 263, 48, 22)
        self.text(_AT["o"], 273, "tanh", color="black", va="center_baseline", zorder=4)

    def _draw_gates(self):
        self.dials, self.gate_numbers, self.z, self.numbers = {}, {}, [], {}
        for letter, x in _AT.items():
            drawn = self.dials[letter] = draw_dial(self.page, letter, (x, _GATES), _RADIUS, width=8)
            beside = drawn.right + (8 if letter == "g" else 2)
            at, side = (beside, "left") if letter == "g" else (x, "center")
            self.text(beside, _GATES + 22, letter, "left", size=17, color=INK[letter], weight="bold")
            self.gate_numbers[letter] = self.text(at, _GATES - 1, "", side, color=INK[letter])
            self.z.append(self.text(x + 5, _BUS + 14, "", "left", color=INK[letter]))
        self.text(_BRACKET + 6, _BUS + 14, "z", "left")
        self.text((_STACK + _VALUE) / 2, _TOP_ROW + 20, "$[h_{t-1}; x_t]$", **MATH)
        for name, (x, y) in {
            "c_prev": (152, _HIGHWAY + 18), "kept": (250, _HIGHWAY + 18), "c": (372, _HIGHWAY + 18),
            "written": (_SUM + 8, 274), "h": (_AT["o"] + 17, _MIDDLE + 14),
        }.items():  # fmt: skip
            side = {"written": "left", "h": "left"}.get(name, "center")
            self.numbers[name] = self.text(x, y, "", side, size=16, color="black", weight="bold")
        for x, y, caption in (
            (152, 345, "$c_{t-1}$"),
            (250, 345, "kept"),
            (372, 345, "$c_t$"),
            (_OUT + 3, _MIDDLE + 38, "$h_t$"),
        ):
            self.text(x, y, caption, **MATH)

    def _draw_lanes(self, inputs):
        """A row for each input and each gate, a place for each step; and where the last row ends.

        A gate is a box that is filled as far as it is open. An input and a candidate go up or down from a line.
        """
        self.lanes = {}
        lanes = [(k, name, "x") for k, name in enumerate(inputs)] + [(letter, letter, letter) for letter in GATES]
        pitch = min(_LANE, _ALL_LANES / len(lanes))
        height = self.lane_height = pitch - _BETWEEN
        width = min(0.8 * self._column, _LANE)
        lefts = self._first + self._column * np.arange(self._steps) - width / 2
        for row, (key, name, symbol) in enumerate(lanes):
            low = _LANES - pitch * row - height
            base, gate = low, symbol in tuple("fio")
            if gate:
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
        ends = {"xlim": (-0.5, self._steps + 0.5), "ylim": (-_LEVEL, _LEVEL)}
        axes = self.axes = self.plot(left, _PLOT, right - left, top - _PLOT, **ends)
        axes.patch.set_visible(False)  # the frame stands behind
        axes.axhline(0, color=QUIET, linewidth=1)
        axes.set(xticks=[], yticks=(-1, 0, 1), yticklabels=("−1", "0", "1"))
        axes.tick_params(axis="y", length=0)
        axes.spines["bottom"].set_visible(False)
        at, zeros = np.arange(self._steps + 1), np.zeros(self._steps + 1)
        (c,) = axes.plot(at, zeros, color=COLORS["c"], marker="o", markersize=6)
        (h,) = axes.plot(at[1:], zeros[1:], color=COLORS["h"], marker="s", markersize=4, linestyle="--", clip_on=False)
        # Of a marker that is a path, matplotlib draws half the size.
        edge = {"color": COLORS["c"], "linestyle": "", "markersize": 22, "clip_on": False}
        tips = {1: marker_path("^", 0.5), -1: marker_path("v", -0.5)}
        self.beyond = {way: axes.plot(at, zeros, marker=tip, **edge)[0] for way, tip in tips.items()}
        self.lines = {"c": c, "h": h}
        for symbol, name, x in (("c", "● memory c", left + 8), ("h", "■ shown h", left + 140)):
            self.text(x, top + _LEGEND / 2, name, "left", color=INK[symbol])

    def _draw_steps(self, low, words):
        """The number or the word of each step, and the frames around the one that is chosen: its gates, c and h."""
        middles = self._first + self._column * np.arange(self._steps)
        below = [self.text(x, 13, color="black") for x in middles]
        self.words = below if words else []
        if not words:
            for k, text in enumerate(below, 1):
                text.set_text(str(k))
        frame = {"facecolor": "none", "edgecolor": "black", "linewidth": 2}
        rooms = ((low - 3, _LANES + 3), (2, low - _LEGEND))
        self.frames = [Rectangle((0, bottom), self._column, top - bottom, **frame) for bottom, top in rooms]
        for room in self.frames:
            self.page.add_patch(room)

    def _arrow(self, points, color, linewidth=1.8, linestyle="-"):
        """A line through the points, with its head at the last one."""
        (x, y), (x0, y0) = points[-1], points[-2]
        dx, dy = np.sign(x - x0), np.sign(y - y0)
        way = [*points[:-1], (x - _HEAD * dx, y - _HEAD * dy)]
        self.polyline(way, color, linewidth=linewidth, linestyle=linestyle, zorder=1)
        self.arrowhead((x, y), (dx, dy), length=_HEAD, half=5, facecolor=color, zorder=2)


def _short(value):
    """A number of at most four digits and a sign."""
    return number(value, 2 if abs(value) < 9.995 else 1)


def _row(k):
    """The middle of the k-th row of the stacked column."""
    return _TOP_ROW - _ROW * k
