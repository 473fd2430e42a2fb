"""Variant explorer: one unit of an LSTM and of each of its relatives, with the same weights and the same input."""

from functools import lru_cache, partial

import numpy as np
from matplotlib.patches import Rectangle

from lstm_helpers._arguments import short_traceback, whole_number
from lstm_helpers.equations import logit
from lstm_helpers.explorers._asked import Asked
from lstm_helpers.explorers._state import with_element
from lstm_helpers.layers import GRU, LSTM, RNN
from lstm_helpers.view.controls import Choice, Slider
from lstm_helpers.view.live import put, whole_limits
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.prediction import Prediction, as_typed, read_prediction
from lstm_helpers.view.style import COLORS, GRAY, INK, QUIET, listed, new_figure, number, styled

_STEPS = 12
_MAX_OFFER = 0.95
_TOLERANCE = 0.05  # memories within this of each other count as about the same
NOTHING, WRITE, FORGET = 0, 1, 2  # the signals


class VariantExplorer(Panel):
    """One unit of an LSTM and of its relatives over 12 steps of the same input.

    Every step offers the same value to all: the candidate g of the LSTMs, n of the GRU. A signal says "write", "forget"
    or nothing. The weights are set by hand:

        input gate      shut, opened by "write"
        forget gate     sigmoid(b_f + u m), shut by "forget"; m is h_prev in the LSTM, c_prev in document's cell,
                        h_prev + c_prev with peepholes
        coupled, GRU    "write" shuts the forget (update) gate too, because that is how they write
        output gate     o at every step
        plain RNN       h = tanh(h_prev + x), where tanh(x) is the value offered; it gets no signal

    Args:
        prediction: the LSTM's memory after the last step, a number; or a mapping from the titles of the plots to
            numbers; `...` for no prediction yet.
        question: name of the question, if the class's predictions are counted.

    The state has the offers `g` and the `signal` of every step; the weights `b_f`, `u` and `o`; and the chosen `step`,
    from 0.
    """

    title = "Variant explorer"

    @short_traceback
    def __init__(self, *, prediction=..., question=""):
        asked = Asked(question, prediction, lambda value: read_prediction(value, dict.fromkeys(_LAYERS, ((),))))
        presets = variants(_STEPS)
        controls = [
            Choice("step", {f"{k}": k - 1 for k in range(1, _STEPS + 1)}, "step"),
            Choice("signal", {"nothing": NOTHING, "write": WRITE, "forget": FORGET}, "signal"),
            Slider("g", -_MAX_OFFER, _MAX_OFFER, words="offered"),
            Slider("b_f", -4, 8, words="forget bias"),
            Slider("u", -10, 10, words="reads memory"),
            Slider("o", 0.01, 0.99, words="output gate"),
        ]
        picture = MultiplesPicture({name: memory for name, (memory, _) in _LAYERS.items()}, _STEPS)
        predictions = [_prediction(picture.lines[name], name, value) for name, value in asked.given.items()]
        state = {**next(iter(presets.values())), "step": 1}
        super().__init__(picture, controls, state, presets, predictions, asked)

    def show(self, g, signal, b_f, u, o, step):
        """The memory of each layer over the steps."""
        x = np.stack([np.arctanh(g), signal == WRITE, signal == FORGET], axis=1)
        memories = {}
        for name, layer in _layers(b_f, u, o).items():
            memory, _ = _LAYERS[name]
            memories[name] = np.append(0.0, getattr(layer.forward(x), memory))
        written, forgotten = np.flatnonzero(signal == WRITE), np.flatnonzero(signal == FORGET)
        data = {"offered": g, "memories": memories, "step": step, "write": written, "forget": forgotten}
        data["limits"] = _limits(g[written[written != step]], step in written)
        return data, (
            f"Write at {_listed(written)}, forget at {_listed(forgotten)}. "
            f"After step {len(g)}, {_compared({name: memory[-1] for name, memory in memories.items()})}."
        )

    def positions(self, state):
        """The state, with the signal and the offer of the chosen step."""
        step = state["step"]
        return state | {"signal": int(state["signal"][step]), "g": float(state["g"][step])}

    def after_move(self, state, name, value):
        """Set the signal or the offer of the chosen step, or the value of another control."""
        if name in ("g", "signal"):
            return with_element(state, name, state["step"], value)
        return state | {name: value}


# The columns of each weight matrix: h_prev, arctanh of the offer, "write", "forget".
_SHUT, _SIGNAL = -10.0, 20.0  # the bias of a gate that is shut, and the weight of a signal that opens it


def _lstm(b_f, u, o, *, reads="h", **options):
    """An LSTM whose forget gate reads h_prev ("h"), c_prev through a peephole ("c"), or both ("hc")."""
    layer = LSTM(3, 1, peepholes="c" in reads, **options)
    layer.W_g = [[0, 1, 0, 0]]
    layer.b_o = logit(o)
    if not layer.coupled:
        layer.W_i, layer.b_i = [[0, 0, _SIGNAL, 0]], _SHUT
    if layer.forget_gate:
        layer.W_f, layer.b_f = [[u if "h" in reads else 0, 0, -_SIGNAL * layer.coupled, -_SIGNAL]], b_f
    if layer.peepholes:
        layer.p_f = u
    return layer


def _gru(b_f, u, o):
    layer = GRU(3, 1)
    layer.W_n = [[0, 1, 0, 0]]
    layer.W_z, layer.b_z = [[u, 0, -_SIGNAL, -_SIGNAL]], b_f
    return layer


def _rnn(b_f, u, o):
    layer = RNN(3, 1)
    layer.W_h = [[1, 1, 0, 0]]
    return layer


_LAYERS = {  # name -> the state that is its memory, and a function from (b_f, u, o) to the layer
    "LSTM": ("c", _lstm),
    "document's cell": ("c", partial(_lstm, reads="c")),
    "LSTM with peepholes": ("c", partial(_lstm, reads="hc")),
    "LSTM without a forget gate": ("c", partial(_lstm, forget_gate=False)),
    "LSTM with coupled gates": ("c", partial(_lstm, coupled=True)),
    "GRU": ("h", _gru),
    "plain RNN": ("h", _rnn),
}


@lru_cache(maxsize=1)
def _layers(b_f, u, o):
    """All layers by name. Cached, because most moves change no weight."""
    return {name: layer(b_f, u, o) for name, (_, layer) in _LAYERS.items()}


def _prediction(line, name, value):
    """The prediction of a memory after the last step, in the plot of that memory."""
    place, words = (len(line.get_xdata()) - 1, value), f"{as_typed(value)} for the {name}"
    return Prediction(line.axes, place, words, lambda data: data["memories"][name][-1], side="away")


@short_traceback
def variants(steps):
    """The presets: the offers, the signals and the weights.

    Returns:
        name -> {"g", "signal", "b_f", "u", "o"}; "g" and "signal" are vectors of length `steps`.
    """
    step = np.arange(1, whole_number("steps", steps, 2) + 1)
    g = np.where(step % 2, 0.5, -0.4)
    g[1] = 0.8
    open_gates = {"b_f": 6.0, "u": 0.0, "o": 0.98}
    once = {"g": g, "signal": np.where(step == 2, WRITE, NOTHING), **open_gates}
    twice = {"g": np.where(step == 6, 0.6, g), "signal": np.where((step == 2) | (step == 6), WRITE, NOTHING)}
    reads = {**once, "b_f": -3.0, "u": 10.0}
    return {
        "write, keep, forget": {**once, "signal": np.where(step == 8, FORGET, once["signal"])},
        "write twice": {**once, **twice},
        "write at every step": {**once, "g": np.full(steps, 0.5), "signal": np.full(steps, WRITE)},
        "forget bias 1": {**once, "b_f": 1.0},
        "the gate reads, output open": reads,
        "the gate reads, output shut": {**reads, "o": 0.02},
    }


def _limits(others, writes):
    """Whole-number limits that hold every memory wherever the sliders go, so the axis holds still in a drag.

    No memory exceeds the sum of the positive values written, or falls below the sum of the negative ones.

    Args:
        others: the values written at the steps that are not chosen.
        writes: whether the chosen step writes; its value may then be any offer.
    """
    chosen = _MAX_OFFER * writes
    return whole_limits([-1, others[others < 0].sum() - chosen, others[others > 0].sum() + chosen])


def _compared(ends):
    """The layers whose memory ends where the LSTM's does; or those whose does not, if they are fewer."""
    distances = {f"the {name}": abs(end - ends["LSTM"]) for name, end in ends.items() if name != "LSTM"}
    same = [name for name, distance in distances.items() if distance < _TOLERANCE]
    different = [name for name in distances if name not in same]
    if not different:
        return "all hold about the same"
    if len(different) < len(same):
        return f"all but {listed(different)} hold about what the LSTM holds"
    if not same:
        return "none of the others holds what the LSTM holds"
    return f"{listed(same)} {'holds' if len(same) == 1 else 'hold'} about what the LSTM holds"


def _listed(steps):
    """Steps as text, counted from 1: "steps 2 and 6", "steps 1 to 12", "no step"."""
    numbers = [str(k + 1) for k in steps]
    if len(numbers) < 2:
        return f"step {numbers[0]}" if numbers else "no step"
    if len(numbers) > 2 and steps[-1] - steps[0] == len(steps) - 1:
        return f"steps {numbers[0]} to {numbers[-1]}"
    return f"steps {listed(numbers)}"


_SIGNALS = {"write": ("i", "-"), "forget": ("f", ":")}  # signal -> the symbol whose color it has, and its dashes
_COLUMNS = 2
_ROW, _AXES, _BOTTOM_MARGIN = 98, 66, 44  # heights in units of the SVG: a row of plots, the axes in it, the time axis
_MARGIN = 1.15  # limits of an axis over the limits of its values


class MultiplesPicture:
    """Small multiples: a plot of the offers, and one of each memory, the memories on the same scale.

    Args:
        names: name of each memory -> the symbol whose color its line has.
        steps: the number of time steps.

    Attributes:
        figure, moving: for `LiveFigure`.
        bars, chosen: the offers, and the frame around the chosen one.
        lines, ends: name -> the line of a memory, and the number that it ends on.
        signals: signal -> its marks in every plot.
    """

    def __init__(self, names, steps):
        self._steps = steps
        self._rows = -(-(len(names) + 1) // _COLUMNS)
        self._height = self._rows * _ROW + _BOTTOM_MARGIN
        self.lines, self.ends, self.signals = {}, {}, {signal: [] for signal in _SIGNALS}
        with styled():
            self.figure = new_figure(self._height)
            places = [(column, row) for column in range(_COLUMNS) for row in range(self._rows)]
            self._draw_offers(self._plot(*places[0], "offered at each step, and the signals", QUIET))
            self._axes = [
                self._draw_memory(self._plot(*place, name, INK[symbol]), name, symbol)
                for place, (name, symbol) in zip(places[1:], names.items(), strict=False)
            ]
        marks = [line for lines in self.signals.values() for line in lines]
        self.moving = [*marks, *self.bars, self.chosen, *self.lines.values(), *self.ends.values()]

    def update(self, data):
        """Show the data of `VariantExplorer.show`; true if the axes of the memories have changed."""
        for bar, value in zip(self.bars, data["offered"], strict=True):
            put(bar, height=value)
        put(self.chosen, x=data["step"] + 0.6)
        for signal, lines in self.signals.items():
            x = np.repeat(np.asarray(data[signal], float) + 1, 3)
            y = np.tile([0, 1, np.nan], len(data[signal]))
            for line in lines:
                put(line, data=(x, y))
        for name, memory in data["memories"].items():
            put(self.lines[name], ydata=np.round(memory, 3))  # so that a change too small to see draws nothing
            put(self.ends[name], text=number(memory[-1]))
        low, high = data["limits"]
        changed = [put(axes, ylim=(_MARGIN * low, _MARGIN * high)) for axes in self._axes]
        if any(changed):
            ticks = [end for end in (low, 0, high) if end == 0 or abs(end) > (high - low) / 5]
            for axes in self._axes:
                axes.set_yticks(ticks)
        return any(changed)

    def _plot(self, column, row, title, ink):
        lowest = row == self._rows - 1
        bottom = _BOTTOM_MARGIN + (self._rows - 1 - row) * _ROW
        place = (0.045 + column / _COLUMNS, bottom / self._height, 0.375, _AXES / self._height)
        axes = self.figure.add_axes(place, xlim=(-0.2, self._steps + 0.5), xticks=range(1, self._steps + 1))
        axes.set_title(title, loc="left", fontsize=16, color=ink, pad=5, weight="bold")
        axes.tick_params(axis="x", length=0, labelbottom=lowest, labelsize=14)
        axes.tick_params(axis="y", length=3, labelsize=14)
        axes.spines["bottom"].set_visible(False)
        axes.axhline(0, color=QUIET, linewidth=1)
        if lowest:
            axes.set_xlabel("time step t", fontsize=16, labelpad=2)
        for signal, (symbol, dashes) in _SIGNALS.items():
            style = {"color": COLORS[symbol], "linestyle": dashes, "linewidth": 3, "alpha": 0.55, "zorder": 0}
            self.signals[signal] += axes.plot([], [], transform=axes.get_xaxis_transform(), **style)
        return axes

    def _draw_offers(self, axes):
        axes.set(ylim=(-_MARGIN, _MARGIN), yticks=(-1, 0, 1))
        self.bars = axes.bar(
            np.arange(1, self._steps + 1), np.zeros(self._steps), 0.5, facecolor=GRAY, linewidth=0
        ).patches
        frame = {"facecolor": "none", "edgecolor": QUIET, "linewidth": 2, "clip_on": False}
        self.chosen = axes.add_patch(Rectangle((0.6, -_MARGIN), 0.8, 2 * _MARGIN, **frame))
        # The legend of the signals, beside the axes, in fractions of their size.
        for (signal, (symbol, dashes)), y in zip(_SIGNALS.items(), (0.7, 0.3), strict=True):
            style = {"color": COLORS[symbol], "linestyle": dashes, "linewidth": 3, "clip_on": False}
            axes.plot([1.02, 1.075], [y, y], transform=axes.transAxes, **style)
            axes.text(1.09, y, signal, color=INK[symbol], va="center", fontsize=14, transform=axes.transAxes)

    def _draw_memory(self, axes, name, symbol):
        style = {"color": COLORS[symbol], "marker": {"c": "o", "h": "s"}[symbol], "markersize": 5, "clip_on": False}
        (self.lines[name],) = axes.plot(np.arange(self._steps + 1), np.zeros(self._steps + 1), **style)
        text = {"transform": axes.transAxes, "va": "center", "fontsize": 17, "weight": "bold", "color": INK[symbol]}
        self.ends[name] = axes.text(1.02, 0.5, "", **text)
        return axes
