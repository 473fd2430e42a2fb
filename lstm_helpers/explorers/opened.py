"""Opened model explorer: the gates and states of every unit of a network, step by step."""

from functools import partial

import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from lstm_helpers._arguments import instance, refuse, short_traceback, whole_number, words
from lstm_helpers.equations import sigmoid
from lstm_helpers.explorers._asked import Asked
from lstm_helpers.interop.source import read_layer
from lstm_helpers.layers import GRU, LSTM, RNN, MinGRU, Reversed, Stack
from lstm_helpers.layers._layer import checked_x
from lstm_helpers.measures import effects, half_lives, movement, saturation
from lstm_helpers.training import Model
from lstm_helpers.view.controls import Choice, Player, Slider
from lstm_helpers.view.drawing import Drawing
from lstm_helpers.view.live import put
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.prediction import Prediction, as_typed, prediction_labels, read_prediction
from lstm_helpers.view.style import COLORS, FAINT, GRAY, INK, MATH, PAPER, QUIET, number, percent, styled
from lstm_helpers.view.text import beginning_of, characters, end_of, first_of, visible, width_of

_GATES = {LSTM: "figo", GRU: "zrn", MinGRU: "zn", RNN: ""}  # and candidates, in the order of their rows
_CANDIDATES = "gn"  # drawn up and down from a line in the middle of their row
_KEEP_GATE = {LSTM: "f", GRU: "z", MinGRU: "z"}
_STATES = {LSTM: "ch", GRU: "h", MinGRU: "h", RNN: "h"}  # first the one that the layer carries to the next step
_SHUT, _OPEN = 0.1, 0.9
_MAX_EXPERIMENT = 20_000  # steps of layers that `effects` may take, half a second or so
_MAX_QUOTED = 12  # characters of a label in the sentence


@short_traceback
def open_lstm(
    source, x, *, labels=None, name=None, sequence=0, layer=None, unit=None, step=None, prediction=..., question=""
):
    """Open a network of this package or of another library while it reads a sequence: an `OpenedModelExplorer`.

        open_lstm(torch_lstm, x)                          the gates of every unit while it reads x
        open_lstm(keras_model, x, name="lstm_1", labels=text)

    Args:
        source: a layer, a `Stack` or a `Model`; or what `from_torch`, `from_keras` or `from_onnx` reads: an
            `nn.LSTM`, a Keras layer, an ONNX model, a state dict, a list of weights.
        x: the inputs of the bottom layer, (T, D) or (T, N, D), an array or a tensor.
        labels: the name of each step: a list of T words, or a text of T characters.
        name: the recurrent layer to open if another library's model has several: the `prefix` of `from_torch`, the
            `name` of `from_keras`, the `node` of `from_onnx`. The error for a missing name lists them.
        sequence: the index of the sequence to read, of N.
        layer, unit, step: indexes from 0 to open at; if None, the unit that moves most, and the step where it does.
        prediction, question: as for `OpenedModelExplorer`.
    """
    x = x.detach().cpu().numpy() if hasattr(x, "detach") and hasattr(x, "cpu") else x
    network = read_layer(source.layer if isinstance(source, Model) else source, name)
    place = {"sequence": sequence, "layer": layer, "unit": unit, "step": step}
    return OpenedModelExplorer(network, x, labels=labels, **place, prediction=prediction, question=question)


class OpenedModelExplorer(Panel):
    """Every unit of a network while it reads one sequence: its gates and its state, step by step.

    All numbers are indexes from 0: `stack.forward(x).layers[1].c[12, 17]` is unit 17 of layer 1 at step 12. The two
    sides of a bidirectional level are two layers, the second of them reversed.

    Args:
        network: an `LSTM`, `GRU`, `RNN` or `MinGRU`, one of them `Reversed`, or a `Stack`.
        x: (T, D) or (T, N, D).
        labels: the name of each step: a list of T words, or a text of T characters.
        sequence: the index of the sequence to read, of N.
        layer: the layer to open at, as in `stack.layers`.
        unit, step: the unit and step to open at; if None, the unit that moves most, and the step where it does.
        prediction: the state of that unit at that step, a number: the cell of an LSTM, h of others; or a mapping with
            "c", "h" or both; `...` for no prediction yet.
        question: name of the question, if the class's predictions are counted.

    The state has the `layer`, the `unit`, the `step`, and the `gate` whose openness the picture compares among all
    units. The preset "matters most" is the unit without which the h of the top layer changes most (`measures.effects`);
    a large network has no such preset, because the experiment would take too long.
    """

    title = "Opened model explorer"

    @short_traceback
    def __init__(
        self, network, x, *, labels=None, sequence=0, layer=None, unit=None, step=None, prediction=..., question=""
    ):
        wanted = "an LSTM, GRU, RNN or MinGRU, one Reversed, or a Stack"
        instance("network", network, (LSTM, GRU, RNN, MinGRU, Reversed, Stack), wanted)
        x = checked_x(network, x)
        sequence = whole_number("sequence", sequence, 0, x.shape[1] - 1 if x.ndim == 3 else 0)
        x = x[:, sequence] if x.ndim == 3 else x
        self._last = len(x) - 1
        self._labels = None if labels is None else _checked_labels(labels, len(x))
        stack = network if isinstance(network, Stack) else Stack([network])
        traces = stack.forward(x).layers
        self._layers = [_Layer(k, *pair) for k, pair in enumerate(zip(stack.layers, traces, strict=True))]
        layer = 0 if layer is None else whole_number("layer", layer, 0, len(self._layers) - 1)
        opened = self._layers[layer]
        unit = int(opened.order[0]) if unit is None else whole_number("unit", unit, 0, opened.units - 1)
        step = opened.liveliest_step(unit) if step is None else whole_number("step", step, 0, self._last)
        kind = opened.kind
        gates = [letter for letter in _GATES[kind] if letter not in _CANDIDATES]
        state = {"layer": layer, "unit": float(unit), "step": float(step), "gate": gates[0] if gates else "h"}
        asked = Asked(question, prediction, lambda value: read_prediction(value, dict.fromkeys(_STATES[kind], ((),))))
        longest = max(layer.units for layer in self._layers)
        picture = OpenedPicture(kind, len(x), min(_LISTED, longest), self._labels and [*map(visible, self._labels)])
        names = prediction_labels(asked.given)
        predictions = [
            _prediction(picture.lines[letter], letter, float(value), step, names[letter])
            for letter, value in asked.given.items()
        ]
        super().__init__(picture, self._controls(opened, gates), state, self._presets(stack, x), predictions, asked)

    def _controls(self, opened, gates):
        last = self._last
        controls = [
            Slider("step", 0, max(last, 1), step=1, words=f"of {last + 1}"),
            Player("play", last, label="time", interval=300 if last < 60 else 100),
            Slider("unit", 0, opened.end, step=1, words=f"of {opened.units}"),
        ]
        if len(self._layers) > 1:
            controls.append(Choice("layer", {layer.name: k for k, layer in enumerate(self._layers)}, "layer"))
        if len(gates) > 1:
            controls.append(Choice("gate", {letter: letter for letter in gates}, "gate"))
        return controls

    def _presets(self, stack, x):
        presets = {"moves most": self._most_moved, "where it moves most": self._where_it_moves}
        count, T = len(stack.layers), len(x)
        if sum(layer.hidden_size * (count - k) * T for k, layer in enumerate(stack.layers)) <= _MAX_EXPERIMENT:
            most = [float(np.argmax(effects(stack, x, which=k))) for k in range(count)]
            presets |= {"matters most": lambda state: {"unit": most[state["layer"]]}}
        if self._layers[0].half_lives is not None:
            presets |= {"longest memory": partial(self._by_half_life, np.argmax)}
            presets |= {"shortest memory": partial(self._by_half_life, np.argmin)}
        return presets

    def show(self, layer, unit, step, gate):
        """The gates and states of a unit over time, its numbers at a step, and one gate of all units."""
        layer, t = self._layers[layer], min(round(step), self._last)
        k = min(round(unit), layer.units - 1)
        data = {
            "layer": layer,
            "unit": k,
            "step": t,
            "gate": gate,
            "heading": f"unit {k}" if len(self._layers) == 1 else f"layer {layer.name}, unit {k}",
        }
        label = "" if self._labels is None else f", “{first_of(visible(self._labels[t]), _MAX_QUOTED)}”"
        heading = data["heading"][0].upper() + data["heading"][1:]
        return data, f"{heading} at step {t}{label}: {layer.step_in_words(k, t)} {layer.gate_in_words(k, gate)}"

    def positions(self, state):
        """The state itself; the player is at the step."""
        positions = state | {"play": min(round(state["step"]), self._last)}
        return {name: positions[name] for name in self.controls}

    def after_move(self, state, name, value):
        """Set one value; the player sets the step. In a smaller layer the unit is the last one at most."""
        state = state | ({"step": float(value)} if name == "play" else {name: value})
        return state | {"unit": min(state["unit"], self._layers[state["layer"]].end)}

    def _set_state(self, state, names=()):
        """Set the state, and end the unit slider at the last unit; it never ends below its value."""
        before, now = (self._layers[state["layer"]] for state in (self.state, state))
        slider = self.controls["unit"]
        if now.units > before.units:
            slider.end_at(now.end, f"of {now.units}")
        super()._set_state(state, names)
        if now.units < before.units:
            slider.end_at(now.end, f"of {now.units}")

    def _most_moved(self, state):
        layer = self._layers[state["layer"]]
        unit = int(layer.order[0])
        return {"unit": float(unit), "step": float(layer.liveliest_step(unit))}

    def _where_it_moves(self, state):
        layer = self._layers[state["layer"]]
        return {"step": float(layer.liveliest_step(min(round(state["unit"]), layer.units - 1)))}

    def _by_half_life(self, choose, state):
        return {"unit": float(choose(self._layers[state["layer"]].half_lives))}


def _checked_labels(labels, T):
    labels = list(labels) if isinstance(labels, str) else words("labels", labels)
    if len(labels) != T:
        refuse(ValueError, f"labels must have one for each of the {T} steps, got {len(labels)}")
    return labels


class _Layer:
    """A layer that has read the sequence: its numbers, its measures, and sentences about one unit.

    Attributes:
        name, kind, units: "1" or "1 reversed", its class, H.
        end: the upper end of the unit slider, which may not be 0.
        gates, states: letter -> (T, H).
        previous: (T, H), the carried state of the step before.
        saturation: letter of a gate, or "h" of a layer without gates -> its `Saturation`.
        half_lives, bias: (H,), of the gate that keeps; None if there is no such gate, or it has no bias.
        movement, order: (H,), how much each unit moves, and the units in that order, most first.
    """

    def __init__(self, number, layer, trace):
        backward = isinstance(layer, Reversed)
        cell = layer.layer if backward else layer
        kind = self.kind = type(cell)
        self.name = f"{number} reversed" if backward else str(number)
        self.units, self.end = cell.hidden_size, max(cell.hidden_size - 1.0, 1.0)
        self.gates = {letter: getattr(trace, letter) for letter in _GATES[kind]}
        self.states = {letter: getattr(trace, letter) for letter in _STATES[kind]}
        carried = _STATES[kind][0]
        state, start = self.states[carried], getattr(trace, f"{carried}0")[None]
        self.previous = np.concatenate([state[1:], start] if backward else [start, state[:-1]])
        self._change = state - self.previous
        self.saturation = {
            letter: saturation(gate) for letter, gate in self.gates.items() if letter not in _CANDIDATES
        } or {"h": saturation(self.states["h"], low=-_OPEN, high=_OPEN)}
        keep = _KEEP_GATE.get(kind)
        self.half_lives = half_lives(self.gates[keep]) if keep else None
        self.bias = getattr(cell, f"b_{keep}").copy() if f"b_{keep}" in cell.parts else None
        self.movement = movement(self.states["h"])
        self.order = np.argsort(-self.movement, kind="stable")

    def liveliest_step(self, unit):
        """The step at which the carried state of a unit changes most."""
        return int(np.argmax(np.abs(self._change[:, unit])))

    def bias_in_words(self, k):
        """The bias of the gate that keeps, and how far it alone would open the gate, as mathtext."""
        if self.bias is None:
            return ""
        return f"$b_{_KEEP_GATE[self.kind]}$ = {number(self.bias[k])} (σ: {number(sigmoid(self.bias[k]))})"

    def step_in_words(self, k, t):
        """One step of a unit as a sentence: what it keeps, what it writes, its new state."""
        now = {letter: number(values[t, k]) for letter, values in (self.gates | self.states).items()}
        previous = number(self.previous[t, k])
        if self.kind is RNN:
            return f"h goes from {previous} to {now['h']}."
        kept = percent(self.gates[_KEEP_GATE[self.kind]][t, k])
        if self.kind is LSTM:
            written = percent(self.gates["i"][t, k])
            change = f"{kept} of {previous} is kept, {written} of {now['g']} written"
            return f"{change}: the memory is {now['c']}, h is {now['h']}."
        taken = percent(1 - self.gates["z"][t, k])
        return f"{kept} of {previous} is kept, {taken} of {now['n']} taken: h is {now['h']}."

    def gate_in_words(self, k, gate):
        """How often a gate of a unit is open and shut, and how long the unit remembers, as sentences."""
        below, above = (percent(fractions[k]) for fractions in self.saturation[gate])
        low = _SHUT if gate in self.gates else -_OPEN
        limits = f"above {_OPEN} at {above} of all steps, below {number(low, 1)} at {below}"
        life = "" if self.half_lives is None else f" Half-life of the memory: {_in_steps(self.half_lives[k])}."
        return f"{gate} is {limits}.{life}"


def _in_steps(half_life):
    """A half-life as text: 0.6 steps, 1 step, 6,931 steps."""
    if not np.isfinite(half_life) or half_life >= 1e6:
        return "over 1,000,000 steps" if np.isfinite(half_life) else "infinite"
    text = f"{half_life:,.1f}".removesuffix(".0") if half_life < 100 else f"{half_life:,.0f}"
    return f"{text} step" + ("" if text == "1" else "s")


def _prediction(line, letter, value, step, label):
    """The prediction of a state at the step where the panel opens."""

    def exact(data):
        return data["layer"].states[letter][step, data["unit"]]

    return Prediction(line.axes, (step, value), f"{as_typed(value)} for {letter} at step {step}", exact, label=label)


# Layout of the picture, in units of the SVG. Left, one unit over time: its gates in rows, and its states under them.
# Right, all units: how often the chosen gate is open and shut, and which of them move most.
_HEIGHT = 440
_LEFT, _WIDTH = 52, 430
_VALUES_X = _LEFT + _WIDTH + 10  # of the numbers at the chosen step
_HEADING_Y = 424
_ROWS_TOP, _ROWS_HEIGHT = 402, 144
_STATES_BOTTOM, _STATES_HEIGHT = 66, 160  # higher in a layer without rows
_LABELS_Y = 18
_BOLD = 1.15  # width of bold type over that of plain type, at most
_SQUARE = (624, 258, 144)  # left, bottom, side
_LIST_LEFT, _LIST_TOP, _LIST_STEP = 650, 178, 26
_LONGEST_BAR = 136
_LISTED = 6  # units
_ROW_FILL = 0.82  # height of an open gate, in rows
_MAX_POINTS = 240  # of a line; of more steps, the lowest and the highest of several in a row
_MAX_NEIGHBORS = 40  # labels on each side of the chosen one
_SYMBOL = {"z": "f", "r": "x", "n": "g"}  # the symbol whose color a gate has, if not its own


class OpenedPicture(Drawing):
    """One unit over time, and all units of its layer beside it.

    Args:
        kind: the class of the layers.
        steps: T.
        listed: the number of units in the list.
        labels: the name of each step, or None.

    Attributes:
        figure, moving: for `LiveFigure`.
        rows, lines: letter -> the filled area of a gate; the line of a state.
        values: letter -> the number at the chosen step.
        labels: one for each step; if they do not fit, the chosen one between those around it.
        dots, chosen: the saturation of all units, and of the chosen one.
        bars, names: of the units that move most.
    """

    def __init__(self, kind, steps, listed, labels):
        self._steps, self._labels = steps, labels
        self._pooled = 1 if steps <= _MAX_POINTS else -(-2 * steps // _MAX_POINTS)
        points = len(_thinned(np.zeros(steps), self._pooled))
        pools = -(-steps // self._pooled)
        self._edges = np.linspace(-0.5, pools * self._pooled - 0.5, points + 1)
        self.rows, self.values = {}, {}
        with styled():
            super().__init__(_HEIGHT)
            self.heading = self.text(_LEFT - 40, _HEADING_Y, "", "left", size=16, color="black", weight="bold")
            self.facts = self.text(_LEFT + _WIDTH + 62, _HEADING_Y, "", "right", **MATH)
            self._draw_rows(_GATES[kind])
            self._draw_states(_STATES[kind])
            self._draw_labels()
            self._draw_square(of_state=kind is RNN)
            self._draw_list(listed)
        style = {"facecolor": QUIET, "alpha": 0.25, "linewidth": 0, "zorder": 0}
        place = (0, _STATES_BOTTOM), max(_WIDTH / steps, 4), _ROWS_TOP - _STATES_BOTTOM
        self.cursor = self.page.add_patch(Rectangle(*place, **style))
        self.moving = [
            self.cursor, self.heading, self.facts, *self._frames, *self.rows.values(), *self.lines.values(), self.now,
            *self.values.values(), *self.labels, self.title, self.dots, self.chosen, *self.bars, *self.names,
        ]  # fmt: skip

    def update(self, data):
        """Show the data of `OpenedModelExplorer.show`; true if the axis of the states has changed."""
        layer, k, t = data["layer"], data["unit"], data["step"]
        put(self.heading, text=data["heading"])
        put(self.facts, text=layer.bias_in_words(k))
        put(self.cursor, x=_LEFT + (t + 0.5) / self._steps * _WIDTH - self.cursor.get_width() / 2)
        for letter, row in self.rows.items():
            zero, one = self._scales[letter]
            heights = zero + one * _thinned(layer.gates[letter][:, k], self._pooled)
            if not np.array_equal(row.get_data().values, heights):
                row.set_data(heights, self._edges, zero)
        for letter, line in self.lines.items():
            put(line, ydata=_thinned(layer.states[letter][:, k], self._pooled))
        values = {letter: array[t, k] for letter, array in (layer.gates | layer.states).items()}
        for letter, text in self.values.items():
            put(text, text=number(values[letter]))
        put(self.now, data=([t] * len(self.lines), [values[letter] for letter in self.lines]))
        for letter, frame in zip(self.rows, self._frames, strict=True):
            put(frame, visible=letter == data["gate"])
        self._show_labels(t)
        self._show_all_units(layer, k, data["gate"])
        return self._fit_states(layer, k)

    def _fit_states(self, layer, k):
        """Let the axis of the states hold every value of the unit; true if it has changed."""
        largest = max(np.abs(values[:, k]).max() for values in layer.states.values())
        limit = max(1.0, float(np.ceil(largest - 1e-9)))
        axes = self.now.axes
        if not put(axes, ylim=(-1.04 * limit, 1.04 * limit)):
            return False
        axes.set_yticks([-limit, 0, limit], [f"−{limit:g}", "0", f"{limit:g}"])
        return True

    def _show_labels(self, t):
        if self._labels_fit:
            for step, artist in enumerate(self.labels):
                put(artist, color="black" if step == t else QUIET, fontweight="bold" if step == t else "normal")
        elif self.labels:
            before, now, after = self._labels_around(t)
            middle, now = _LEFT + _WIDTH / 2, beginning_of(now, 150)
            half = _BOLD * width_of(now) / 2 + 1
            room = _WIDTH / 2 + 30 - half
            texts = end_of(before, room), now, beginning_of(after, room)
            for artist, text, x in zip(self.labels, texts, (middle - half, middle, middle + half), strict=True):
                put(artist, text=_unbroken(text), position=(x, _LABELS_Y))

    def _labels_around(self, t):
        """The labels before a step, at it, and after it, each as one text."""
        space = "" if all(len(characters(label)) == 1 for label in self._labels) else " "
        before = space.join(self._labels[max(0, t - _MAX_NEIGHBORS) : t])
        after = space.join(self._labels[t + 1 : t + 1 + _MAX_NEIGHBORS])
        return before + space, self._labels[t], space + after

    def _show_all_units(self, layer, k, gate):
        below, above = layer.saturation[gate]
        put(self.dots, data=(below, above))
        put(self.chosen, data=([below[k]], [above[k]]))
        put(self.title, text=f"{gate} of all {layer.units} units")
        most = layer.movement[layer.order[0]] or 1.0
        for place, (bar, name) in enumerate(zip(self.bars, self.names, strict=True)):
            used = place < layer.units
            unit = layer.order[place] if used else 0
            put(bar, width=_LONGEST_BAR * layer.movement[unit] / most if used else 0)
            put(bar, facecolor=to_rgba(QUIET if unit == k else GRAY))
            put(name, text=str(unit) if used else "", fontweight="bold" if unit == k else "normal")

    def _draw_rows(self, letters):
        """Draw a row for each gate and candidate; `_scales`: letter -> the height of 0, and of 1 above it, in rows."""
        self._frames, self._scales = [], {}
        if not letters:
            return
        bottom, pitch = _ROWS_TOP - _ROWS_HEIGHT, _ROWS_HEIGHT / len(letters)
        axes = self.plot(_LEFT, bottom, _WIDTH, _ROWS_HEIGHT, xlim=(-0.5, self._steps - 0.5), ylim=(0, len(letters)))
        axes.set_axis_off()
        for base, letter in zip(reversed(range(len(letters))), letters, strict=True):
            middle, symbol = base + _ROW_FILL / 2, _SYMBOL.get(letter, letter)
            zero, one = (middle, _ROW_FILL / 2) if letter in _CANDIDATES else (base, _ROW_FILL)
            self._scales[letter] = zero, one
            for height in sorted({base, zero, base + _ROW_FILL}):
                axes.axhline(height, color=FAINT, linewidth=1)
            style = {"fill": True, "facecolor": COLORS[symbol], "linewidth": 0}
            heights = np.full(len(self._edges) - 1, zero)
            self.rows[letter] = axes.stairs(heights, self._edges, baseline=zero, **style)
            y = bottom + middle * pitch
            frame = Rectangle((_LEFT - 38, y - 13), 28, 26, facecolor="none", edgecolor=QUIET, linewidth=2.5)
            self._frames.append(self.page.add_patch(frame))
            style = {"color": INK[symbol], "weight": "bold"}
            self.text(_LEFT - 24, y, letter, "center", size=18, **style)
            self.values[letter] = self.text(_VALUES_X, y, "", "left", size=16, **style)

    def _draw_states(self, letters):
        bottom = _STATES_BOTTOM
        height = _STATES_HEIGHT if self.rows else _ROWS_TOP - bottom - 20
        axes = self.plot(_LEFT, bottom, _WIDTH, height, xlim=(-0.5, self._steps - 0.5), ylim=(-1, 1))
        axes.patch.set_visible(False)  # it would hide the cursor
        axes.axhline(0, color=QUIET, linewidth=1)
        centers = np.minimum((self._edges[1:] + self._edges[:-1]) / 2, self._steps - 1)
        styles = {"c": ("o", "-"), "h": ("s", "--")}
        self.lines = {}
        for letter in letters:
            marker, dashes = styles[letter]
            style = {"linestyle": dashes, "color": COLORS[letter], "clip_on": False}
            style |= {"marker": marker, "markersize": 5} if self._steps <= 40 else {"linewidth": 2}
            (self.lines[letter],) = axes.plot(centers, np.zeros(len(centers)), **style)
        style = {"markerfacecolor": PAPER, "color": INK["c"], "markeredgewidth": 2, "markersize": 10, "zorder": 4}
        (self.now,) = axes.plot([], [], "o", clip_on=False, **style)
        ticks = MaxNLocator(6, integer=True, steps=[1, 2, 5, 10]).tick_values(0, self._steps - 1)
        axes.set_xticks([tick for tick in ticks if 0 <= tick < self._steps])
        axes.tick_params(axis="x", length=4, labelsize=14)
        axes.spines["bottom"].set_visible(False)
        legend = {"c": (_LEFT, "● memory c"), "h": (_LEFT + 126 * (len(letters) - 1), "■ hidden state h")}
        for k, letter in enumerate(letters):
            x, name = legend[letter]
            self.text(x, bottom + height + 16, name, "left", color=INK[letter])
            y = bottom + height - 44 - 76 * k if len(letters) > 1 else bottom + height / 2
            style = {"size": 16, "color": INK[letter], "weight": "bold"}
            self.text(_VALUES_X, y + 18, letter, "left", **style)
            self.values[letter] = self.text(_VALUES_X, y - 4, "", "left", **style)

    def _draw_labels(self):
        """Draw each label under its step if all fit there; else those around the chosen one, in a row."""
        width = _WIDTH / self._steps
        self.labels = []
        self._labels_fit = bool(self._labels) and max(map(width_of, self._labels)) * _BOLD + 2 <= width
        if self._labels_fit:
            for k, label in enumerate(self._labels):
                self.labels.append(self.text(_LEFT + (k + 0.5) * width, _LABELS_Y, _unbroken(label), size=16))
        elif self._labels:
            before = self.text(0, _LABELS_Y, "", "right", size=16)
            now = self.text(0, _LABELS_Y, "", size=16, color="black", weight="bold")
            self.labels = [before, now, self.text(0, _LABELS_Y, "", "left", size=16)]
        else:
            self.text(_LEFT + _WIDTH / 2, _LABELS_Y, "step", "center")

    def _draw_square(self, of_state):
        left, bottom, side = _SQUARE
        axes = self.plot(left, bottom, side, side, xlim=(-0.04, 1.04), ylim=(-0.04, 1.04))
        axes.patch.set_visible(False)
        axes.set_xticks([0, 1], ["0", "1"])
        axes.set_yticks([0, 1], ["0", "1"])
        axes.tick_params(length=4, labelsize=14, pad=2)
        axes.plot([0, 1], [1, 0], color=FAINT, linewidth=1.5, zorder=0)
        self.title = self.text(left + side / 2, _HEADING_Y, "", "center", size=16, color="black")
        low, high = ("below −0.9", "above 0.9") if of_state else ("shut: below 0.1", "open: above 0.9")
        self.text(left + side / 2, bottom - 34, low, "center")
        self.text(left - 34, bottom + side / 2, high, "center", rotation=90)
        style = {"linestyle": "", "marker": "o", "clip_on": False}
        rim = {"markeredgecolor": PAPER, "markeredgewidth": 1}  # tells dots apart that overlap
        (self.dots,) = axes.plot([], [], color=QUIET, markersize=10, **rim, **style)
        ring = {"markerfacecolor": "none", "linewidth": 3, "markeredgewidth": 3, "markersize": 14, "zorder": 4}
        (self.chosen,) = axes.plot([], [], color=INK["c"], **ring, **style)

    def _draw_list(self, listed):
        self.text(_LIST_LEFT - 64, _LIST_TOP + 16, "units that move most", "left", size=16, color="black")
        self.bars, self.names = [], []
        for place in range(listed):
            y = _LIST_TOP - (place + 0.5) * _LIST_STEP
            bar = Rectangle((_LIST_LEFT, y - 9), 0, 18, facecolor=GRAY, linewidth=0)
            self.bars.append(self.page.add_patch(bar))
            self.names.append(self.text(_LIST_LEFT - 8, y, "", "right", size=16, color="black"))


def _unbroken(text):
    return text.replace(" ", "\N{NO-BREAK SPACE}")  # SVG drops spaces at the ends


def _thinned(values, size):
    """The values; or of each `size` in a row the lowest and the highest, in their order."""
    if size == 1:
        return values
    pools = np.pad(values, (0, -len(values) % size), mode="edge").reshape(-1, size)
    low, high = pools.argmin(axis=1), pools.argmax(axis=1)
    both = np.column_stack([np.minimum(low, high), np.maximum(low, high)])
    return np.take_along_axis(pools, both, axis=1).ravel()
