"""One unit of an LSTM over time, with gates set by hand at every step."""

from collections.abc import Mapping

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from lstm_helpers._arguments import brief, one_of, real_array, refuse, same_shape, short_traceback, whole_number
from lstm_helpers._arguments import words as listed
from lstm_helpers.equations import cell_state, hidden_state
from lstm_helpers.explorers._asked import Asked
from lstm_helpers.explorers._state import with_element
from lstm_helpers.explorers._unit import GATES, gate_sliders
from lstm_helpers.view.controls import Choice, Player, Slider
from lstm_helpers.view.live import put, whole_limits
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.prediction import Prediction, as_typed, marker_path, prediction_labels, read_prediction
from lstm_helpers.view.style import COLORS, INK, MATH, QUIET, WIDTH, new_figure, number, percent, styled

_ALL_STEPS = "all"  # the choice in which a slider moves every step at once
_C_END = 2  # The initial memory is from -2 to 2.


class ScheduleExplorer(Panel):
    """One unit of an LSTM over time, with its gates and its candidate set by hand at every step.

    Args:
        schedule: a name in `schedules(12)`, which are then the presets; or a mapping with vectors `f i g o` of T
            values, T from 2 to 16: gates from 0 to 1, candidates from -1 to 1.
        c0: the memory before step 1, from -2 to 2.
        words: a word for each step, to name the steps by.
        step: the first chosen step, counted from 1 as on the buttons. Default: all steps.
        prediction: the predicted memory after the last step, a number; or after every step, a list of T; or a mapping
            with "c", "h" or both, each a number or a list; `...` for no prediction yet.
        question: name of the question, if the class's predictions are counted.

    The state has the schedule `f i g o`, the initial memory `c_0`, and the chosen `step`: counted from 0, or "all". The
    player's 0 is "all". A preset sets everything but the step.
    """

    title = "Schedule explorer"

    @short_traceback
    def __init__(self, schedule="write, hold, read", c0=0.0, words=None, *, step=None, prediction=..., question=""):
        presets = schedules(12) if isinstance(schedule, str) else {}
        schedule = presets[one_of("schedule", schedule, presets)] if presets else _checked(schedule)
        steps = len(schedule["f"])
        step = _ALL_STEPS if step is None else whole_number("step", step, 1, steps) - 1
        if words is not None:
            words = listed("words", words)
            if len(words) != steps:
                refuse(ValueError, f"words must be a list of {steps} words, one for each step, got {words!r}")
        c0 = float(real_array("c0", c0, ndim=0, within=(-_C_END, _C_END)))
        state = {**schedule, "c_0": c0, "step": step}
        presets = {name: {**gates, "c_0": c0} for name, gates in presets.items()}
        asked = Asked(question, prediction, lambda value: read_prediction(value, dict.fromkeys("ch", ((), (steps,)))))
        numbers = map(str, range(1, steps + 1))
        names = numbers if words is None else [f"{k} {word}" for k, word in zip(numbers, words, strict=True)]
        controls = [
            Choice("step", {"all": _ALL_STEPS} | {name: k for k, name in enumerate(names)}, "step"),
            Player("t", steps, interval=600),
            Slider("c_0", -_C_END, _C_END, words="at the start"),
            *gate_sliders(),
        ]
        limits = whole_limits(np.append(_cell_states(**schedule, c_0=c0), [-_C_END, _C_END]))
        picture, labels = SchedulePicture(steps, limits, words), prediction_labels(asked.given)
        predictions = [_prediction(picture.lines[name], name, v, labels[name]) for name, v in asked.given.items()]
        super().__init__(picture, controls, state, presets, predictions, asked)

    def show(self, f, i, g, o, c_0, step):
        """Return the gates with c and h at every step, and a sentence."""
        c = _cell_states(f, i, g, o, c_0)
        h = hidden_state(o, c[1:])
        data = {"f": f, "i": i, "g": g, "o": o, "c": c, "h": h, "step": None if step == _ALL_STEPS else step}
        end = f"After {len(f)} steps the memory is {number(c[-1])}."
        if step == _ALL_STEPS:
            return data, f"The memory starts at {number(c_0)}. {end}"
        return data, (
            f"Step {step + 1}: keep {percent(f[step])} of {number(c[step])}, write {percent(i[step])} of "
            f"{number(g[step])}: the memory is {number(c[step + 1])}, what is shown {number(h[step])}. {end}"
        )

    def positions(self, state):
        """The chosen step and its gates; None for a gate that differs among the chosen steps."""
        gates = {symbol: _if_equal(state[symbol][_chosen(state)]) for symbol in GATES}
        t = 0 if state["step"] == _ALL_STEPS else state["step"] + 1
        return {**gates, "step": state["step"], "t": t, "c_0": state["c_0"]}

    def after_move(self, state, name, value):
        """Choose another step, or change the initial memory or a gate at the chosen step or steps."""
        if name == "t":
            return state | {"step": value - 1 if value else _ALL_STEPS}
        return with_element(state, name, _chosen(state), value) if name in GATES else state | {name: value}


def _chosen(state):
    """The index of the chosen step or steps in each vector of the schedule."""
    return slice(None) if state["step"] == _ALL_STEPS else slice(state["step"], state["step"] + 1)


def _if_equal(values):
    """The common value of all elements, or None."""
    return float(values[0]) if (values == values[0]).all() else None


def _cell_states(f, i, g, o, c_0):
    """The initial memory, and the memory after every step. `o` has no effect."""
    c = [c_0]
    for f_t, i_t, g_t in zip(f, i, g, strict=True):
        c.append(float(cell_state(f_t, c[-1], i_t, g_t)))
    return np.array(c)


@short_traceback
def schedules(steps):
    """The named schedules: uses of a memory that one unit writes at step 2.

    Returns:
        name -> {"f", "i", "g", "o"}, vectors of length `steps`. There is a candidate at every step, so the input gate
        decides when it is written.
    """
    t = np.arange(1, whole_number("steps", steps, 2) + 1)
    middle = steps // 2 + 1
    g = np.where(t % 2, 0.5, -0.4)
    g[1] = 0.8
    hold = {"f": np.ones(steps), "i": 1.0 * (t == 2), "g": g, "o": np.ones(steps)}
    return {
        "leak": {**hold, "f": np.full(steps, 0.8)},
        "reset": {**hold, "f": 1.0 * (t != middle)},
        "write, hold, read": {**hold, "o": 1.0 * (t == steps - 1)},
        "overwrite": {
            **hold,
            "f": 1.0 * (t != middle),
            "i": 1.0 * ((t == 2) | (t == middle)),
            "g": np.where(t == middle, -0.6, g),
        },
        "hidden store": {**hold, "o": 1.0 * (t >= middle)},
        "all gates half open": {**hold, **dict.fromkeys("fio", np.full(steps, 0.5))},
    }


def _prediction(line, name, values, label):
    """A prediction of c or h, after the last step or after every step."""
    steps, n = line.get_xdata()[-values.size :], values.size
    when = "step by step" if values.ndim else f"after step {steps[-1]}"

    def exact(data):
        return data[name][-n:] if values.ndim else data[name][-1]

    words = f"{as_typed(values)} for {name} {when}"
    return Prediction(line.axes, (steps, values), words, exact, label=label, side="away")


def _checked(schedule):
    if not isinstance(schedule, Mapping) or set(schedule) != set(GATES):
        refuse(ValueError, f"schedule must be a mapping with f, i, g and o, got {brief(schedule)}")
    arrays = {
        name: real_array(name, schedule[name], ndim=1, within=(low, high)).astype(float)
        for name, (low, high, _) in GATES.items()
    }
    same_shape(**arrays)
    if not 2 <= len(arrays["f"]) <= 16:
        refuse(ValueError, f"schedule must have from 2 to 16 steps, got {len(arrays['f'])}")
    return arrays


# Layout in units of the SVG, y up. The gates and the plot share the time axis.
_HEIGHT = 365
_LEFT, _RIGHT = 60, 790
_GATES_BOTTOM, _GATES_TOP = 245, 363
_LINES_BOTTOM, _LINES_TOP = 28, 216
# Rows and columns of the gates' cells are 1 apart. The cell of a gate fills from the bottom, that of the candidate from
# the middle, up or down.
_CELL_WIDTH, _CELL_HEIGHT = 0.68, 0.84


class SchedulePicture:
    """The gates and the candidate at every time step, and below them a plot of c and h.

    Args:
        steps: the number of time steps.
        limits: the ends of the value axis. An arrow at its edge stands for a memory beyond it.
        words: a word for each step, or None for its number.

    Attributes:
        figure, moving: for the live picture.
        bars: symbol -> the fills of its cells.
        lines: symbol -> its line.
        beyond: "above", "below" -> the arrows at that edge.
        column, dots: the mark of the chosen step, and c and h at that step.
    """

    def __init__(self, steps, limits, words=None):
        self._steps = steps
        with styled():
            self.figure = new_figure(_HEIGHT)
            self._draw_gates()
            self._draw_lines(limits, words)
            self.column = self._draw_column()
        bars = [bar for row in self.bars.values() for bar in row]
        self.moving = [self.column, *bars, *self.lines.values(), *self.beyond.values(), self.dots]

    def update(self, data):
        """Show vectors `f i g o h` of T values, `c` of T + 1, and the chosen `step`: from 0, or None for all."""
        for symbol, bars in self.bars.items():
            full = _CELL_HEIGHT / 2 if symbol == "g" else _CELL_HEIGHT
            for bar, value in zip(bars, data[symbol], strict=True):
                put(bar, height=full * value)
        for symbol, line in self.lines.items():
            put(line, ydata=data[symbol])
        low, high = self.lines["c"].axes.get_ylim()
        put(self.beyond["above"], ydata=np.where(data["c"] > high, high, np.nan))
        put(self.beyond["below"], ydata=np.where(data["c"] < low, low, np.nan))
        is_chosen = data["step"] is not None
        step = data["step"] if is_chosen else 0
        put(self.column, x=step + 0.5, visible=is_chosen)
        put(self.dots, data=([step + 1] * 2, [data["c"][step + 1], data["h"][step]]), visible=is_chosen)

    def _add_axes(self, bottom, top, **style):
        place = (_LEFT / WIDTH, bottom / _HEIGHT, (_RIGHT - _LEFT) / WIDTH, (top - bottom) / _HEIGHT)
        return self.figure.add_axes(place, xlim=(-0.4, self._steps + 0.5), **style)

    def _draw_gates(self):
        axes = self._add_axes(_GATES_BOTTOM, _GATES_TOP, ylim=(0, 3 + _CELL_HEIGHT))
        axes.set_axis_off()
        self.bars = {}
        frame = {"facecolor": "none", "edgecolor": QUIET, "linewidth": 0.8, "clip_on": False}
        lefts = np.arange(1, self._steps + 1) - _CELL_WIDTH / 2
        for row, symbol in enumerate("ogif"):  # from the lowest
            middle = row + _CELL_HEIGHT / 2
            for left in lefts:
                axes.add_patch(Rectangle((left, row), _CELL_WIDTH, _CELL_HEIGHT, **frame))
            base = middle if symbol == "g" else row
            fills = [Rectangle((left, base), _CELL_WIDTH, 0, facecolor=COLORS[symbol]) for left in lefts]
            self.bars[symbol] = [axes.add_patch(fill) for fill in fills]
            axes.text(0.2, middle, f"${symbol}$", ha="center", va="center", fontsize=20, color=INK[symbol], **MATH)

    def _draw_lines(self, limits, words):
        low, high = limits
        margin = 0.06 * (high - low)  # for the markers
        axes = self._add_axes(_LINES_BOTTOM, _LINES_TOP, ylim=(low - margin, high + margin))
        axes.axhline(0, color=QUIET, linewidth=1)
        axes.patch.set_visible(False)  # so that the column behind it shows
        axes.set_yticks([tick for tick in MaxNLocator(5, integer=True).tick_values(low, high) if low <= tick <= high])
        axes.yaxis.set_major_formatter(lambda value, _: number(value, 0))
        t, zeros = np.arange(self._steps + 1), np.zeros(self._steps + 1)
        style = {"marker": "s", "linestyle": "--", "markersize": 7}
        (c,) = axes.plot(t, zeros, color=COLORS["c"], marker="o", markersize=7, label="memory $c$")
        (h,) = axes.plot(t[1:], zeros[1:], color=COLORS["h"], label="shown $h$", **style)
        self.lines = {"c": c, "h": h}
        arrows = {"above": marker_path("^", 0.5), "below": marker_path("v", -0.5)}  # with their tips at the edge
        # Matplotlib draws a marker that is a path at half the size.
        style = {"color": COLORS["c"], "linestyle": "", "markersize": 26, "clip_on": False}
        self.beyond = {edge: axes.plot(t, zeros, marker=arrow, **style)[0] for edge, arrow in arrows.items()}
        (self.dots,) = axes.plot([], [], "o", markersize=15, markerfacecolor="none", color=INK["c"], markeredgewidth=2)
        axes.set_xticks(t[1:], words or [str(k) for k in t[1:]])
        axes.tick_params(axis="x", length=0, labelsize=16, labelcolor="black")
        axes.spines["bottom"].set_visible(False)
        legend = axes.legend(handles=[c, h], loc="lower left", bbox_to_anchor=(0, 0.97), ncols=2, frameon=False)
        for label in legend.get_texts():
            label.set(**MATH)

    def _draw_column(self):
        """A column from the top of the gates to the words under the plot."""
        axes = self._add_axes(0, _HEIGHT, ylim=(0, _HEIGHT), zorder=-1)
        axes.set_axis_off()
        style = {"facecolor": QUIET, "alpha": 0.18, "linewidth": 0, "zorder": 0}
        return axes.add_patch(Rectangle((0, 1), 1, _HEIGHT - 2, **style))
