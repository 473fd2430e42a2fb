"""A network that a reader brings along, opened: the gates and the state of every unit at every step."""

import re
from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from lstm_helpers._arguments import instance, kind_of, refuse, short_traceback, whole_number
from lstm_helpers._arguments import words as listed
from lstm_helpers.equations import sigmoid
from lstm_helpers.explorers._asked import Asked
from lstm_helpers.interop import OnnxNode, from_keras, from_onnx, from_torch
from lstm_helpers.layers import GRU, LSTM, RNN, MinGRU, Reversed, Stack
from lstm_helpers.layers._layer import checked_x
from lstm_helpers.measures import effects, half_lives, movement, saturation
from lstm_helpers.training import Model
from lstm_helpers.view.controls import Choice, Player, Slider
from lstm_helpers.view.drawing import Drawing
from lstm_helpers.view.live import put
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.prediction import Prediction, predicted, spoken
from lstm_helpers.view.prediction import labels as beside_diamonds
from lstm_helpers.view.style import (
    COLORS,
    FAINT,
    GRAY,
    INK,
    MATH,
    PAPER,
    QUIET,
    number,
    percent,
    styled,
)
from lstm_helpers.view.text import beginning_of, characters, end_of, first_of, visible, width_of

_OURS = LSTM, GRU, RNN, MinGRU, Reversed, Stack
# Of each kind of layer: what lies from 0 to 1, and what lies about 0, in the order of the rows; what is kept by which
# gate; the states.
_ROWS = {LSTM: "figo", GRU: "zrn", MinGRU: "zn", RNN: ""}
_KEEPS = {LSTM: "f", GRU: "z", MinGRU: "z"}
_STATES = {LSTM: "ch", GRU: "h", MinGRU: "h", RNN: "h"}
_SHUT, _OPEN = 0.1, 0.9
_PATIENCE = 20_000  # steps of layers that are run at once to see which units matter: half a second or so
_MOST_QUOTED = 12  # characters of a label in the sentence


@short_traceback
def open_lstm(
    source, x, *, labels=None, name=None, sequence=0, layer=None, unit=None, step=None, prediction=..., question=""
):
    """Open a network, ours or another library's, on a sequence of yours: an `OpenedModelExplorer`.

        open_lstm(torch_lstm, x)                          the gates of every unit while it reads x
        open_lstm(keras_model, x, name="lstm_1", labels=text)

    Args:
        source: a layer, a `Stack` or a `Model`; or what `from_torch`, `from_keras` or `from_onnx` takes: an
            `nn.LSTM`, a Keras layer, an ONNX model, a state dict, a list of weights.
        x: what the layers at the bottom see: (T, D) or (T, N, D), an array or a tensor.
        labels: what each of the T steps is: a list of words, or a text of T characters.
        name: which of several recurrent layers of another library's model is opened: the `prefix` of `from_torch`, the
            `name` of `from_keras`, the `node` of `from_onnx`. Where there are several, and no name, they are listed.
        sequence: which of N sequences is read.
        layer, unit, step: where it opens, indexes from 0; if not given, at the unit that moves most, and where it does.
        prediction, question: as for `OpenedModelExplorer`.
    """
    x = x.detach().cpu().numpy() if hasattr(x, "detach") and hasattr(x, "cpu") else x
    at = {"labels": labels, "sequence": sequence, "layer": layer, "unit": unit, "step": step}
    return OpenedModelExplorer(_ours(source, name), x, **at, prediction=prediction, question=question)


def _ours(source, name):
    """The layer or `Stack` that a source holds."""
    source = source.layer if isinstance(source, Model) else source
    if isinstance(source, _OURS):
        if name is not None:
            refuse(ValueError, f"name must be left out: {kind_of(source)} of ours is opened as a whole, got {name!r}")
        return source
    read, option = _reader_of(source)
    try:
        return read(source) if name is None else read(source, **{option: name})
    except (TypeError, ValueError) as error:
        if not getattr(error, "is_refusal", False):
            raise
        return refuse(type(error), re.sub(rf"^{option}(?= must)|(?<=; give ){option}$", "name", str(error)))


def _reader_of(source):
    """The function that reads a source, and the name it has for the name of a layer."""
    readers = {"keras": (from_keras, "name"), "onnx": (from_onnx, "node"), "torch": (from_torch, "prefix")}
    if isinstance(source, Mapping):
        return readers["torch"]
    if isinstance(source, OnnxNode):
        return readers["onnx"]
    if isinstance(source, (list, tuple)):
        return readers["keras"]
    homes = {kind.__module__.partition(".")[0] for kind in type(source).__mro__}
    for library, reader in readers.items():  # a layer of Keras may be one of PyTorch's, too
        if library in homes or (library == "keras" and homes & {"tensorflow", "tf_keras"}):
            return reader
    theirs = "what from_torch, from_keras or from_onnx takes"
    return refuse(TypeError, f"source must be a layer, a Stack or a Model, or {theirs}, got {kind_of(source)}")


class OpenedModelExplorer(Panel):
    """Every unit of a network while it reads one sequence: its gates and its state, step by step.

    All numbers are indexes from 0: unit 17 of layer 1 has, at step 12, `stack.forward(x).layers[1].c[12, 17]`. So the
    two sides of a bidirectional level are two layers, of which the second is reversed.

    Args:
        network: an `LSTM`, `GRU`, `RNN` or `MinGRU`, one of them `Reversed`, or a `Stack`.
        x: (T, D) or (T, N, D).
        labels: what each step is: a list of T words, or a text of T characters.
        sequence: which of N sequences is read.
        layer: where it opens, as in `stack.layers`.
        unit, step: the unit and the step where it opens; if not given, the unit that moves most, and the step where it
            moves most.
        prediction: what the state of that unit will be at that step: the cell of an LSTM, h of others, a number; or a
            mapping with "c", "h" or both; `...` if nothing is predicted yet.
        question: the name of what is predicted, if the prediction is to be counted in a class.

    The state has the `layer`, the `unit`, the `step`, and the `gate` whose openness is compared among all units. The
    presets choose units of the layer: "matters most" is the one without which the h of the top changes most (see
    `measures.effects`); of a large network, that is not worked out.
    """

    title = "Opened model explorer"

    @short_traceback
    def __init__(
        self, network, x, *, labels=None, sequence=0, layer=None, unit=None, step=None, prediction=..., question=""
    ):
        instance("network", network, _OURS, "an LSTM, GRU, RNN or MinGRU, one Reversed, or a Stack")
        x = checked_x(network, x)
        sequence = whole_number("sequence", sequence, 0, x.shape[1] - 1 if x.ndim == 3 else 0)
        x = x[:, sequence] if x.ndim == 3 else x
        self._last = len(x) - 1
        self._labels = None if labels is None else _checked_labels(labels, len(x))
        self._layers = _opened_layers(network, x)
        kind, last = self._layers[0].kind, self._last
        state = {"layer": 0 if layer is None else whole_number("layer", layer, 0, len(self._layers) - 1)}
        opened = self._layers[state["layer"]]
        unit = int(opened.order[0]) if unit is None else whole_number("unit", unit, 0, opened.units - 1)
        step = self._liveliest(state["layer"], unit) if step is None else whole_number("step", step, 0, last)
        gates = [name for name in _ROWS[kind] if name not in "gn"]
        state |= {"unit": float(unit), "step": float(step), "gate": gates[0] if gates else "h"}
        asked = Asked(question, prediction, lambda one: predicted(one, dict.fromkeys(_STATES[kind], ((),))))
        rows = [
            [Choice("layer", {one.name: k for k, one in enumerate(self._layers)}, "layer")]
            if len(self._layers) > 1
            else [],
            [Slider("step", 0, max(last, 1), step=1, words=f"of {last + 1}")],
            [Player("play", last, label="time", interval=300 if last < 60 else 100)],
            [Slider("unit", 0, opened.end, step=1, words=f"of {opened.units}")],
            [Choice("gate", {name: name for name in gates}, "gate")] if len(gates) > 1 else [],
        ]
        presets = {"moves most": self._most_moved, "where it moves most": self._where_it_moves}
        self._effects = _effects(network, x)
        if self._effects is not None:
            presets |= {"matters most": self._by_experiment}
        if kind in _KEEPS:
            presets |= {"longest memory": partial(self._by_half_life, np.argmax)}
            presets |= {"shortest memory": partial(self._by_half_life, np.argmin)}
        top = min(_TOP, max(one.units for one in self._layers))
        picture = OpenedPicture(kind, len(x), top, self._labels and [*map(visible, self._labels)])
        beside = beside_diamonds(asked.given)
        predictions = [
            _on(picture.lines[name], name, float(value), step, beside[name]) for name, value in asked.given.items()
        ]
        super().__init__(picture, rows, state, presets, predictions, asked)

    def show(self, layer, unit, step, gate):
        """The gates and states of a unit over time, its numbers at a step, and a gate of all units."""
        one, t = self._layers[layer], min(round(step), self._last)
        k = min(round(unit), one.units - 1)
        data = {
            "layer": one,
            "unit": k,
            "step": t,
            "gate": gate,
            "heading": f"unit {k}" if len(self._layers) == 1 else f"layer {one.name}, unit {k}",
            "facts": one.facts(k),
        }
        where = data["heading"] + f" at step {t}{self._quoted(t)}"
        return data, f"{where[0].upper()}{where[1:]}: {one.said(k, t)} {one.compared(k, gate)}"

    def positions(self, state):
        """What is chosen; the player stands at the step."""
        own = state | {"play": min(round(state["step"]), self._last)}
        return {name: own[name] for name in self.controls}

    def after_move(self, state, name, value):
        """Another step, or another unit, layer or gate at the same step. Of a smaller layer, its last unit at most."""
        state = state | ({"step": float(value)} if name == "play" else {name: value})
        return state | {"unit": min(state["unit"], self._layers[state["layer"]].end)}

    def _set_state(self, state, names=()):
        """The slider of the units goes as far as the layer does; on the way it holds the old unit and the new one."""
        before, now = (self._layers[where["layer"]] for where in (self.state, state))
        slider = self.controls["unit"]
        if now.units > before.units:
            slider.end_at(now.end, f"of {now.units}")
        super()._set_state(state, names)
        if now.units < before.units:
            slider.end_at(now.end, f"of {now.units}")

    def _most_moved(self, state):
        unit = int(self._layers[state["layer"]].order[0])
        return {"unit": float(unit), "step": float(self._liveliest(state["layer"], unit))}

    def _where_it_moves(self, state):
        unit = min(round(state["unit"]), self._layers[state["layer"]].units - 1)
        return {"step": float(self._liveliest(state["layer"], unit))}

    def _by_experiment(self, state):
        return {"unit": float(np.argmax(self._effects[state["layer"]]))}

    def _by_half_life(self, which, state):
        return {"unit": float(which(self._layers[state["layer"]].half_lives))}

    def _liveliest(self, layer, unit):
        """The step at which the state of a unit changes most."""
        one = self._layers[layer]
        return int(np.argmax(np.abs(one.states[one.main][:, unit] - one.before[one.main][:, unit])))

    def _quoted(self, t):
        if self._labels is None:
            return ""
        return f", “{first_of(visible(self._labels[t]), _MOST_QUOTED)}”"


def _effects(network, x):
    """Of each layer how much each unit matters, by experiment; None where that would keep a reader waiting."""
    stack = network if isinstance(network, Stack) else Stack([network])
    count = len(stack.layers)
    if sum(layer.hidden_size * (count - k) for k, layer in enumerate(stack.layers)) * len(x) > _PATIENCE:
        return None
    return [effects(stack, x, which=k) for k in range(count)]


def _checked_labels(labels, T):
    labels = list(labels) if isinstance(labels, str) else listed("labels", labels)
    if len(labels) != T:
        refuse(ValueError, f"labels must be one for each of the {T} steps, got {len(labels)}")
    return labels


class _Layer(NamedTuple):
    """What is shown of a layer.

    Attributes:
        name: "1", or "1 reversed".
        kind: its class.
        gates, states: by their letters, (T, H) each; before: of each state, what it was at the step before.
        saturation: by letter of a gate, or "h" where there is none.
        half_lives: (H,), or None; bias: that of the gate that keeps, (H,), or None.
        movement: (H,); order: the units, the one that moves most first.
    """

    name: str
    kind: type
    gates: dict
    states: dict
    before: dict
    saturation: dict
    half_lives: np.ndarray | None
    bias: np.ndarray | None
    movement: np.ndarray
    order: np.ndarray

    @property
    def units(self):
        """How many there are."""
        return self.movement.size

    @property
    def end(self):
        """The upper end of a slider of the units; one that goes nowhere would be no slider."""
        return max(self.units - 1.0, 1.0)

    @property
    def main(self):
        """The letter of the state that is kept from step to step."""
        return _STATES[self.kind][0]

    def facts(self, k):
        """The bias of the gate by which a unit keeps, and how open that alone would leave it."""
        if self.bias is None:
            return ""
        return f"$b_{_KEEPS[self.kind]}$ = {number(self.bias[k])} (σ: {number(sigmoid(self.bias[k]))})"

    def said(self, k, t):
        """What a unit does at a step, in a sentence."""
        now = {name: number(values[t, k]) for name, values in (self.gates | self.states).items()}
        was = number(self.before[self.main][t, k])
        if self.kind is RNN:
            return f"h goes from {was} to {now['h']}."
        kept = percent(self.gates[_KEEPS[self.kind]][t, k])
        if self.kind is LSTM:
            written = percent(self.gates["i"][t, k])
            both = f"{kept} of {was} is kept, {written} of {now['g']} written"
            return f"{both}: the memory is {now['c']}, h is {now['h']}."
        taken = percent(1 - self.gates["z"][t, k])
        return f"{kept} of {was} is kept, {taken} of {now['n']} taken: h is {now['h']}."

    def compared(self, k, gate):
        """How far a gate of a unit goes over all steps, and how long the unit remembers, in a sentence."""
        below, above = (percent(part[k]) for part in self.saturation[gate])
        low = _SHUT if gate in self.gates else -_OPEN
        limits = f"above {_OPEN} at {above} of all steps, below {number(low, 1)} at {below}"
        life = "" if self.half_lives is None else f" Half-life of the memory: {_steps(self.half_lives[k])}."
        return f"{gate} is {limits}.{life}"


def _opened_layers(network, x):
    """Every layer of a network, as it read x."""
    stack, found = network if isinstance(network, Stack) else Stack([network]), []
    for k, (layer, trace) in enumerate(zip(stack.layers, stack.forward(x).layers, strict=True)):
        back = isinstance(layer, Reversed)
        name = f"{k} reversed" if back else str(k)
        found.append(_opened(layer.layer if back else layer, trace, back, name))
    return found


def _opened(cell, trace, back, name):
    kind = type(cell)
    gates = {letter: getattr(trace, letter) for letter in _ROWS[kind]}
    states = {letter: getattr(trace, letter) for letter in _STATES[kind]}
    starts = {letter: getattr(trace, f"{letter}0")[None] for letter in states}
    before = {
        letter: np.concatenate([h[1:], starts[letter]] if back else [starts[letter], h[:-1]])
        for letter, h in states.items()
    }
    compared = {letter: saturation(gates[letter]) for letter in gates if letter not in "gn"}
    compared = compared or {"h": saturation(states["h"], low=-_OPEN, high=_OPEN)}
    keeps = _KEEPS.get(kind)
    moves = movement(states["h"])
    order = np.argsort(-moves, kind="stable")
    bias = getattr(cell, f"b_{keeps}").copy() if keeps and f"b_{keeps}" in cell.parts else None
    life = half_lives(gates[keeps]) if keeps else None
    return _Layer(name, kind, gates, states, before, compared, life, bias, moves, order)


def _steps(half):
    """A half-life as a reader wants it: 0.6 steps, 1 step, 6,931 steps."""
    if not np.isfinite(half) or half >= 1e6:
        return "over 1,000,000 steps" if np.isfinite(half) else "infinite"
    told = f"{half:,.1f}".removesuffix(".0") if half < 100 else f"{half:,.0f}"
    return f"{told} step" + ("" if told == "1" else "s")


def _on(line, name, value, step, label):
    """A prediction of a state at the step where the panel opens."""

    def exact(data):
        return data["layer"].states[name][step, data["unit"]]

    return Prediction(line.axes, (step, value), f"{spoken(value)} for {name} at step {step}", exact, label=label)


# The picture, in units of the SVG. On the left the unit over time: its gates in rows, and its states under them. On the
# right all units: how far the chosen gate opens, and which of them move most.
_HEIGHT = 440
_LEFT, _WIDE = 52, 430
_VALUES = _LEFT + _WIDE + 10  # the numbers at the chosen step, beside the rows
_HEAD = 424
_ROWS_TOP, _ROWS_HIGH = 402, 144
_STATE = 66, 160  # the lower end and the height of the states under the rows; where there are none they go up
_LABELS = 18  # of the steps
_BOLD = 1.15  # how much wider bold type is, at most
_SQUARE = (624, 258, 144)  # the left and lower end of the square, and its side
_LIST = (650, 178, 26)  # of the units that move most: where the bars begin, the upper end, and from one to the next
_BAR = 136  # the longest bar
_TOP = 6  # units in the list
_FULL = 0.82  # the height of a gate that is open, in rows
_MOST = 240  # values that are drawn over time; of more, the lowest and the highest of several steps in a row
_NEAR = 40  # labels on either side of the chosen one, at most
_LOOKS = {
    "f": "f", "i": "i", "g": "g", "o": "o", "z": "f", "r": "x", "n": "g", "c": "c", "h": "h",
}  # fmt: skip


class OpenedPicture(Drawing):
    """One unit over time, and all units of its layer beside it.

    Args:
        kind: the class of the layers.
        steps: T.
        top: how many units are listed.
        labels: what each step is, or None.

    Attributes:
        figure, moving: for the live picture.
        rows, lines: letter -> what is filled of a gate; the line of a state.
        values: letter -> the number at the chosen step.
        labels: what each step is; where there is no room for all, the chosen one between those around it.
        dots, chosen: the saturation of all units, and of the chosen one; bars, names: of the units that move most.
    """

    def __init__(self, kind, steps, top, labels):
        self._kind, self._steps, self._labels, self._drawn = kind, steps, labels, None
        size = -(-2 * steps // _MOST) if steps > _MOST else 1
        self._count = steps if size == 1 else 2 * -(-steps // size)
        self._edges = np.linspace(-0.5, -(-steps // size) * size - 0.5, self._count + 1)
        self.rows, self.values = {}, {}
        with styled():
            super().__init__(_HEIGHT)
            self.heading = self.text(_LEFT - 40, _HEAD, "", "left", size=16, color="black", weight="bold")
            self.facts = self.text(_LEFT + _WIDE + 62, _HEAD, "", "right", **MATH)
            self._draw_rows(_ROWS[kind])
            self._draw_states(_STATES[kind])
            self._draw_labels()
            self._draw_square("h" if kind is RNN else None)
            self._draw_list(top)
        wide = max(_WIDE / steps, 4)
        look = {"facecolor": QUIET, "alpha": 0.25, "linewidth": 0, "zorder": 0}
        bottom = _STATE[0]
        self.cursor = self.page.add_patch(Rectangle((0, bottom), wide, _ROWS_TOP - bottom, **look))
        self.moving = [
            self.cursor, self.heading, self.facts, *self._frames, *self.rows.values(), *self.lines.values(), self.now,
            *self.values.values(), *self.labels, self.title, self.dots, self.chosen, *self.bars, *self.names,
        ]  # fmt: skip

    def update(self, data):
        """Show what `OpenedModelExplorer.show` returns; true if the axis of the states has changed."""
        one, k, t = data["layer"], data["unit"], data["step"]
        put(self.heading, text=data["heading"])
        put(self.facts, text=data["facts"])
        put(self.cursor, x=_LEFT + (t + 0.5) / self._steps * _WIDE - self.cursor.get_width() / 2)
        for base, (letter, row) in zip(self._bases, self.rows.items(), strict=True):
            middle = letter in "gn"
            zero = base + _FULL / 2 if middle else base
            filled = zero + _thinned(one.gates[letter][:, k], self._count) * (_FULL / 2 if middle else _FULL)
            if not np.array_equal(row.get_data().values, filled):
                row.set_data(filled, self._edges, zero)
        for letter, line in self.lines.items():
            put(line, ydata=_thinned(one.states[letter][:, k], self._count))
        values = {letter: array[t, k] for letter, array in (one.gates | one.states).items()}
        for letter, text_ in self.values.items():
            put(text_, text=number(values[letter]))
        put(self.now, data=([t] * len(self.lines), [values[letter] for letter in self.lines]))
        for letter, frame in zip(self.rows, self._frames, strict=True):
            put(frame, visible=letter == data["gate"])
        self._show_labels(t)
        self._show_all(one, k, data["gate"])
        return self._stretch(one, k)

    def _stretch(self, one, k):
        """Let the axis of the states hold all that the unit ever has."""
        most = max(np.abs(values[:, k]).max() for values in one.states.values())
        limit = max(1.0, float(np.ceil(most - 1e-9)))
        axes = self.now.axes
        if not put(axes, ylim=(-1.04 * limit, 1.04 * limit)):
            return False
        axes.set_yticks([-limit, 0, limit], [f"−{limit:g}", "0", f"{limit:g}"])
        return True

    def _show_labels(self, t):
        if self._have_room:
            for step, artist in enumerate(self.labels):
                put(artist, color="black" if step == t else QUIET, fontweight="bold" if step == t else "normal")
        elif self.labels:
            before, now, after = self._near(t)
            middle, now = _LEFT + _WIDE / 2, beginning_of(now, 150)
            half = _BOLD * width_of(now) / 2 + 1
            room = _WIDE / 2 + 30 - half
            texts = end_of(before, room), now, beginning_of(after, room)
            for artist, shown, x in zip(self.labels, texts, (middle - half, middle, middle + half), strict=True):
                put(artist, text=_unbroken(shown), position=(x, _LABELS))

    def _near(self, t):
        """The labels before a step, at it, and after it, each as one text."""
        between = "" if all(len(characters(label)) == 1 for label in self._labels) else " "
        parts = self._labels[max(0, t - _NEAR) : t], self._labels[t + 1 : t + 1 + _NEAR]
        before, after = (between.join(part) for part in parts)
        return before + between, self._labels[t], between + after

    def _show_all(self, one, k, gate):
        below, above = one.saturation[gate]
        put(self.dots, data=(below, above))
        put(self.chosen, data=([below[k]], [above[k]]))
        put(self.title, text=f"{gate} of all {one.units} units")
        most = one.movement[one.order[0]] or 1.0
        for place, (bar, name) in enumerate(zip(self.bars, self.names, strict=True)):
            there = place < one.units
            unit = one.order[place] if there else 0
            put(bar, width=_BAR * one.movement[unit] / most if there else 0)
            put(bar, facecolor=to_rgba(QUIET if unit == k else GRAY))
            put(name, text=str(unit) if there else "", fontweight="bold" if unit == k else "normal")

    def _draw_rows(self, letters):
        self._bases = [len(letters) - 1.0 - k for k in range(len(letters))]
        self._frames = []
        if not letters:
            return
        bottom, high = _ROWS_TOP - _ROWS_HIGH, _ROWS_HIGH / len(letters)
        axes = self.plot(_LEFT, bottom, _WIDE, _ROWS_HIGH, xlim=(-0.5, self._steps - 0.5), ylim=(0, len(letters)))
        axes.set_axis_off()
        for base, letter in zip(self._bases, letters, strict=True):
            lines = (base, base + _FULL / 2, base + _FULL) if letter in "gn" else (base, base + _FULL)
            for y in lines:
                axes.axhline(y, color=FAINT, linewidth=1)
            look = {"fill": True, "facecolor": COLORS[_LOOKS[letter]], "linewidth": 0}
            self.rows[letter] = axes.stairs(np.full(self._count, base), self._edges, baseline=base, **look)
            y = bottom + (base + _FULL / 2) * high
            ink = INK[_LOOKS[letter]]
            frame = Rectangle((_LEFT - 38, y - 13), 28, 26, facecolor="none", edgecolor=QUIET, linewidth=2.5)
            self._frames.append(self.page.add_patch(frame))
            self.text(_LEFT - 24, y, letter, "center", size=18, color=ink, weight="bold")
            self.values[letter] = self.text(_VALUES, y, "", "left", size=16, color=ink, weight="bold")

    def _draw_states(self, letters):
        bottom, height = _STATE
        height = height if self.rows else _ROWS_TOP - bottom - 20
        axes = self.plot(_LEFT, bottom, _WIDE, height, xlim=(-0.5, self._steps - 0.5), ylim=(-1, 1))
        axes.patch.set_visible(False)  # the cursor stands behind
        axes.axhline(0, color=QUIET, linewidth=1)
        centers = np.minimum((self._edges[1:] + self._edges[:-1]) / 2, self._steps - 1)
        marks = {"c": ("o", "-"), "h": ("s", "--")}
        few = self._steps <= 40
        self.lines = {}
        for letter in letters:
            marker, line = marks[letter]
            look = {"linestyle": line, "color": COLORS[letter], "clip_on": False}
            look |= {"marker": marker, "markersize": 5} if few else {"linewidth": 2}
            (self.lines[letter],) = axes.plot(centers, np.zeros(self._count), **look)
        look = {"markerfacecolor": PAPER, "color": INK["c"], "markeredgewidth": 2, "markersize": 10, "zorder": 4}
        (self.now,) = axes.plot([], [], "o", clip_on=False, **look)
        ticks = MaxNLocator(6, integer=True, steps=[1, 2, 5, 10]).tick_values(0, self._steps - 1)
        axes.set_xticks([tick for tick in ticks if 0 <= tick < self._steps])
        axes.tick_params(axis="x", length=4, labelsize=14)
        axes.spines["bottom"].set_visible(False)
        named = {"c": (_LEFT, "● memory c"), "h": (_LEFT + 126 * (len(letters) - 1), "■ hidden state h")}
        for k, letter in enumerate(letters):
            x, words = named[letter]
            self.text(x, bottom + height + 16, words, "left", color=INK[letter])
            y = bottom + height - 44 - 76 * k if len(letters) > 1 else bottom + height / 2
            self.text(_VALUES, y + 18, letter, "left", size=16, color=INK[letter], weight="bold")
            self.values[letter] = self.text(_VALUES, y - 4, "", "left", size=16, color=INK[letter], weight="bold")

    def _draw_labels(self):
        """Each label under its step if all have room there; else those around the chosen one, in a row."""
        self.labels, each = [], _WIDE / self._steps
        self._have_room = bool(self._labels) and max(map(width_of, self._labels)) * _BOLD + 2 <= each
        if self._have_room:
            places = _LEFT + (np.arange(self._steps) + 0.5) * each
            texts = map(_unbroken, self._labels)
            self.labels = [
                self.text(x, _LABELS, text, "center", size=16) for x, text in zip(places, texts, strict=True)
            ]
        elif self._labels:
            before = self.text(0, _LABELS, "", "right", size=16)
            now = self.text(0, _LABELS, "", "center", size=16, color="black", weight="bold")
            self.labels = [before, now, self.text(0, _LABELS, "", "left", size=16)]
        else:
            self.text(_LEFT + _WIDE / 2, _LABELS, "step", "center")

    def _draw_square(self, states):
        left, bottom, side = _SQUARE
        axes = self.plot(left, bottom, side, side, xlim=(-0.04, 1.04), ylim=(-0.04, 1.04))
        axes.patch.set_visible(False)
        axes.set_xticks([0, 1], ["0", "1"])
        axes.set_yticks([0, 1], ["0", "1"])
        axes.tick_params(length=4, labelsize=14, pad=2)
        axes.plot([0, 1], [1, 0], color=FAINT, linewidth=1.5, zorder=0)
        self.title = self.text(left + side / 2, _HEAD, "", "center", size=16, color="black")
        low, high = ("below −0.9", "above 0.9") if states else ("shut: below 0.1", "open: above 0.9")
        self.text(left + side / 2, bottom - 34, low, "center")
        self.text(left - 34, bottom + side / 2, high, "center", rotation=90)
        look = {"linestyle": "", "marker": "o", "clip_on": False}
        rim = {"markeredgecolor": PAPER, "markeredgewidth": 1}  # tells dots apart that overlap
        (self.dots,) = axes.plot([], [], color=QUIET, markersize=10, **rim, **look)
        ring = {"markerfacecolor": "none", "linewidth": 3, "markeredgewidth": 3, "markersize": 14, "zorder": 4}
        (self.chosen,) = axes.plot([], [], color=INK["c"], **ring, **look)

    def _draw_list(self, top):
        left, upper, apart = _LIST
        self.text(left - 64, upper + 16, "units that move most", "left", size=16, color="black")
        self.bars, self.names = [], []
        for place in range(top):
            y = upper - (place + 0.5) * apart
            bar = Rectangle((left, y - 9), 0, 18, facecolor=GRAY, linewidth=0)
            self.bars.append(self.page.add_patch(bar))
            self.names.append(self.text(left - 8, y, "", "right", size=16, color="black"))


def _unbroken(text):
    return text.replace(" ", "\N{NO-BREAK SPACE}")  # SVG drops spaces at the ends


def _thinned(values, count):
    """The values as so many, in their order: all of them, or of several steps in a row the lowest and the highest."""
    if len(values) <= count:
        return values
    size = -(-2 * len(values) // _MOST)
    rows = np.pad(values, (0, -len(values) % size), mode="edge").reshape(-1, size)
    low, high = rows.argmin(axis=1), rows.argmax(axis=1)
    both = np.column_stack([np.minimum(low, high), np.maximum(low, high)])
    return np.take_along_axis(rows, both, axis=1).ravel()
