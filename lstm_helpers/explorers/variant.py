"""The LSTM and its relatives side by side: one unit of each, the same weights where they have them, the same input."""

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
from lstm_helpers.view.prediction import Prediction, predicted, spoken
from lstm_helpers.view.style import COLORS, GRAY, INK, QUIET, new_figure, number, styled

_STEPS = 12
_MOST = 0.95  # that can be offered
_SAME = 0.05  # memories that are nearer than this are about the same
NOTHING, WRITE, FORGET = 0, 1, 2  # the signals


class VariantExplorer(Panel):
    """One unit of an LSTM and of its relatives, each with the same input: 12 steps.

    At every step a value is offered, the same for all: the candidate g of the LSTMs, n of the GRU. A signal says
    "write" or "forget", or nothing. The weights are set by hand:

        input gate      shut, opened by "write"
        forget gate     sigmoid(b_f + u m), shut by "forget"; m is h_prev in the LSTM, c_prev in document's cell,
                        h_prev + c_prev with peepholes
        coupled, GRU    the forget (update) gate is shut by "write" too, for that is how they write
        output gate     o at every step
        plain RNN       h = tanh(h_prev + x), where tanh(x) is the value offered; it knows no signal

    Args:
        prediction: the memory after the last step, of the LSTM, a number; or a mapping from the names above the panels
            to such numbers; `...` if nothing is predicted yet.
        question: the name of what is predicted, if the prediction is to be counted in a class.

    The state has what is offered, `g`, and the `signal` at every step; the weights `b_f`, `u` and `o`; and the chosen
    `step`, from 0.
    """

    title = "Variant explorer"

    @short_traceback
    def __init__(self, *, prediction=..., question=""):
        asked = Asked(question, prediction, lambda one: predicted(one, dict.fromkeys(_LAYERS, ((),))))
        presets = variants(_STEPS)
        rows = [
            [Choice("step", {f"{k}": k - 1 for k in range(1, _STEPS + 1)}, "step")],
            [
                Choice("signal", {"nothing": NOTHING, "write": WRITE, "forget": FORGET}, "signal"),
                Slider("g", -_MOST, _MOST, words="offered"),
            ],
            [
                Slider("b_f", -4, 8, words="forget bias"),
                Slider("u", -10, 10, words="reads memory"),
                Slider("o", 0.01, 0.99, words="output gate"),
            ],
        ]
        picture = MultiplesPicture({name: memory for name, (memory, _) in _LAYERS.items()}, _STEPS)
        predictions = [_at_the_end(picture.lines[name], name, value) for name, value in asked.given.items()]
        super().__init__(picture, rows, {**next(iter(presets.values())), "step": 1}, presets, predictions, asked)

    def show(self, g, signal, b_f, u, o, step):
        """Every memory over the steps."""
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
        """The chosen step, what happens there, and the weights."""
        step = state["step"]
        return state | {"signal": int(state["signal"][step]), "g": float(state["g"][step])}

    def after_move(self, state, name, value):
        """Another step, another weight, or something else at the chosen step."""
        at_a_step = name in ("g", "signal")
        return with_element(state, name, state["step"], value) if at_a_step else state | {name: value}


# The columns of the weights: what reads h_prev, what is offered, "write", "forget".
_SHUT, _TURN = -10.0, 20.0  # the bias of a gate that stays shut without a signal, and what a signal adds to it


def _lstm(b_f, u, o, *, reads="h", **options):
    """An LSTM whose forget gate reads h_prev, or c_prev through a peephole, or both."""
    layer = LSTM(3, 1, peepholes="c" in reads, **options)
    layer.W_g = [[0, 1, 0, 0]]
    layer.b_o = logit(o)
    if not layer.coupled:
        layer.W_i, layer.b_i = [[0, 0, _TURN, 0]], _SHUT
    if layer.forget_gate:
        layer.W_f, layer.b_f = [[u if "h" in reads else 0, 0, -_TURN * layer.coupled, -_TURN]], b_f
    if layer.peepholes:
        layer.p_f = u
    return layer


def _gru(b_f, u, o):
    layer = GRU(3, 1)
    layer.W_n = [[0, 1, 0, 0]]
    layer.W_z, layer.b_z = [[u, 0, -_TURN, -_TURN]], b_f
    return layer


def _rnn(b_f, u, o):
    layer = RNN(3, 1)
    layer.W_h = [[1, 1, 0, 0]]
    return layer


_LAYERS = {  # name -> which of its states is its memory, and a function from (b_f, u, o) to the layer
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
    """All layers by name, kept as long as the weights are: what is offered moves more often than they do."""
    return {name: layer(b_f, u, o) for name, (_, layer) in _LAYERS.items()}


def _at_the_end(line, name, value):
    """A prediction of the memory after the last step, in its own panel."""
    steps, said = len(line.get_xdata()) - 1, f"{spoken(value)} for the {name}"
    return Prediction(line.axes, (steps, value), said, lambda data: data["memories"][name][-1], side="away")


@short_traceback
def variants(steps):
    """The named settings: what is offered, which signals come, and the weights.

    Returns:
        name -> {"g", "signal", "b_f", "u", "o"}, the first two vectors of that length.
    """
    at = np.arange(1, whole_number("steps", steps, 2) + 1)
    g = np.where(at % 2, 0.5, -0.4)
    g[1] = 0.8
    twice = np.where(at == 6, 0.6, g)
    wide = {"b_f": 6.0, "u": 0.0, "o": 0.98}
    once = {"g": g, "signal": np.where(at == 2, WRITE, NOTHING), **wide}
    reads = {**once, "b_f": -3.0, "u": 10.0}
    return {
        "write, keep, forget": {**once, "signal": np.where(at == 8, FORGET, once["signal"])},
        "write twice": {**once, "g": twice, "signal": np.where((at == 2) | (at == 6), WRITE, NOTHING)},
        "write at every step": {**once, "g": np.full(steps, 0.5), "signal": np.full(steps, WRITE)},
        "forget bias 1": {**once, "b_f": 1.0},
        "the gate reads, output open": reads,
        "the gate reads, output shut": {**reads, "o": 0.02},
    }


def _limits(others, writes):
    """The whole numbers between which no memory leaves its axis, whatever the sliders do: so it holds still in a drag.

    A memory is never above the sum of what is written above 0, and never below that of what is written below.

    Args:
        others: what is written at the steps that are not chosen.
        writes: whether the chosen step writes, which may be anything that can be offered.
    """
    chosen = _MOST * writes
    return whole_limits([-1, others[others < 0].sum() - chosen, others[others > 0].sum() + chosen])


def _compared(ends):
    """Which of the others end where the LSTM does; or which do not, if those are fewer."""
    others = {f"the {name}": abs(end - ends["LSTM"]) for name, end in ends.items() if name != "LSTM"}
    same = [name for name, away in others.items() if away < _SAME]
    different = [name for name in others if name not in same]
    if not different:
        return "all hold about the same"
    if len(different) < len(same):
        return f"all but {_and(different)} hold about what the LSTM holds"
    if not same:
        return "none of the others holds what the LSTM holds"
    return f"{_and(same)} {'holds' if len(same) == 1 else 'hold'} about what the LSTM holds"


def _listed(steps):
    """Steps 2 and 6; steps 1 to 12; no step."""
    words = [str(k + 1) for k in steps]
    if len(words) < 2:
        return f"step {words[0]}" if words else "no step"
    if len(words) > 2 and steps[-1] - steps[0] == len(steps) - 1:
        return f"steps {words[0]} to {words[-1]}"
    return f"steps {_and(words)}"


def _and(words):
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


_SIGNALS = {"write": ("i", "-"), "forget": ("f", ":")}  # whose color a signal has, and its dashes
_COLUMNS = 2  # panels side by side
_ROW, _AXES, _BELOW = 98, 66, 44  # heights: of a row of panels, of the axes in it, of what stands under the last row
_END = 1.15  # of the axis, where the values go to 1


class MultiplesPicture:
    """Small multiples: a panel with what is offered at each step, and one for each memory, all on the same scale.

    Args:
        names: name of each memory -> the symbol whose color its line has.
        steps: the number of time steps.

    Attributes:
        figure, moving: for the live picture.
        bars: what is offered; chosen: what marks the chosen step; lines: name -> the memory;
        signals: signal -> its marks in every panel; ends: name -> the number that it ends on.
    """

    def __init__(self, names, steps):
        self._steps = steps
        self._rows = -(-(len(names) + 1) // _COLUMNS)
        self._height = self._rows * _ROW + _BELOW
        self.lines, self.ends, self.signals = {}, {}, {signal: [] for signal in _SIGNALS}
        with styled():
            self.figure = new_figure(self._height)
            places = [(column, row) for column in range(_COLUMNS) for row in range(self._rows)]
            self._draw_offer(self._panel(*places[0], "offered at each step, and the signals", QUIET))
            self._axes = [
                self._draw_memory(self._panel(*place, name, INK[symbol]), name, symbol)
                for place, (name, symbol) in zip(places[1:], names.items(), strict=False)
            ]
        marks = [line for lines in self.signals.values() for line in lines]
        self.moving = [*marks, *self.bars, self.chosen, *self.lines.values(), *self.ends.values()]

    def update(self, data):
        """Show `data`: `offered` (T values), `write` and `forget` (the steps, from 0), `step`, `memories` and `limits`.

        `step` is the chosen one, from 0; `memories` maps each name to T + 1 values, the one before step 1 first;
        `limits` are the ends of their axis.
        """
        for bar, value in zip(self.bars, data["offered"], strict=True):
            put(bar, height=value)
        put(self.chosen, x=data["step"] + 0.6)
        for signal, lines in self.signals.items():
            at = np.repeat(np.asarray(data[signal], float) + 1, 3)
            height = np.tile([0, 1, np.nan], len(data[signal]))
            for line in lines:
                put(line, data=(at, height))
        for name, memory in data["memories"].items():
            put(self.lines[name], ydata=np.round(memory, 3))  # what moves by less is not seen, and need not glow
            put(self.ends[name], text=number(memory[-1]))
        low, high = data["limits"]
        changed = [put(axes, ylim=(_END * low, _END * high)) for axes in self._axes]
        if any(changed):
            ticks = [end for end in (low, 0, high) if end == 0 or abs(end) > (high - low) / 5]
            for axes in self._axes:
                axes.set_yticks(ticks)
        return any(changed)

    def _panel(self, column, row, title, ink):
        lowest = row == self._rows - 1
        bottom = _BELOW + (self._rows - 1 - row) * _ROW
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
            look = {"color": COLORS[symbol], "linestyle": dashes, "linewidth": 3, "alpha": 0.55, "zorder": 0}
            self.signals[signal].append(axes.plot([], [], transform=axes.get_xaxis_transform(), **look)[0])
        return axes

    def _draw_offer(self, axes):
        axes.set(ylim=(-_END, _END), yticks=(-1, 0, 1))
        at = np.arange(1, self._steps + 1)
        self.bars = axes.bar(at, np.zeros(self._steps), 0.5, facecolor=GRAY, linewidth=0).patches
        frame = {"facecolor": "none", "edgecolor": QUIET, "linewidth": 2, "clip_on": False}
        self.chosen = axes.add_patch(Rectangle((0.6, -_END), 0.8, 2 * _END, **frame))
        # Beside the axes, as fractions of their width and height: how a signal looks, and its name.
        for (signal, (symbol, dashes)), y in zip(_SIGNALS.items(), (0.7, 0.3), strict=True):
            look = {"color": COLORS[symbol], "linestyle": dashes, "linewidth": 3, "clip_on": False}
            axes.plot([1.02, 1.075], [y, y], transform=axes.transAxes, **look)
            axes.text(1.09, y, signal, color=INK[symbol], va="center", fontsize=14, transform=axes.transAxes)

    def _draw_memory(self, axes, name, symbol):
        look = {"color": COLORS[symbol], "marker": {"c": "o", "h": "s"}[symbol], "markersize": 5, "clip_on": False}
        (self.lines[name],) = axes.plot(np.arange(self._steps + 1), np.zeros(self._steps + 1), **look)
        text = {"transform": axes.transAxes, "va": "center", "fontsize": 17, "weight": "bold", "color": INK[symbol]}
        self.ends[name] = axes.text(1.02, 0.5, "", **text)
        return axes
