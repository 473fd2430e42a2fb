"""One memory over time: its gates set by hand at every step."""

from collections.abc import Mapping

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from lstm_helpers._arguments import brief, one_of, real_array, refuse, same_shape, short_traceback, whole_number
from lstm_helpers._arguments import words as listed
from lstm_helpers.equations import cell_state, hidden_state
from lstm_helpers.explorers._asked import Asked
from lstm_helpers.explorers._state import with_element
from lstm_helpers.view.controls import Choice, Player, Slider
from lstm_helpers.view.live import put, whole_limits
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.prediction import Prediction, labels, marker_path, predicted, spoken
from lstm_helpers.view.style import COLORS, INK, MATH, QUIET, WIDTH, new_figure, number, percent, styled

_ENDS = {"f": (0, 1), "i": (0, 1), "g": (-1, 1), "o": (0, 1)}
_ALL_STEPS = "all"  # what is chosen when a slider moves every step at once
_FARTHEST = 2  # the memory at the start lies within ±2


class ScheduleExplorer(Panel):
    """One unit of an LSTM over time, its gates and its candidate set by hand at every step.

    Args:
        schedule: the name of one of `schedules(12)`: then they are the presets. Or a mapping with vectors `f i g o`, T
            values each, T from 2 to 16: gates from 0 to 1, candidates from -1 to 1.
        c0: the memory before step 1, from -2 to 2.
        words: a word for each step, if the steps are words.
        step: which step is chosen at first, counted from 1 as on the buttons; all of them if not given.
        prediction: what the memory will be after the last step, a number; or after every step, a list of T; or a
            mapping with "c", "h" or both, each one or the other; `...` if nothing is predicted yet.
        question: the name of what is predicted, if the prediction is to be counted in a class.

    The state has the schedule, `f i g o`, the memory at the start, `c_0`, and the chosen `step`, from 0, or "all".
    The player goes through the steps: at 0 it is at all of them, at t at step t. A schedule sets all but the step.
    """

    title = "Schedule explorer"

    @short_traceback
    def __init__(self, schedule="write, hold, read", c0=0.0, words=None, *, step=None, prediction=..., question=""):
        presets = schedules(12) if isinstance(schedule, str) else {}
        schedule = presets[one_of("schedule", schedule, presets)] if presets else _checked(schedule)
        steps = len(schedule["f"])
        at = _ALL_STEPS if step is None else whole_number("step", step, 1, steps) - 1
        if words is not None:
            words = listed("words", words)
            if len(words) != steps:
                refuse(ValueError, f"words must be a list of {steps} words, one for each step, got {words!r}")
        c0 = float(real_array("c0", c0, ndim=0, within=(-_FARTHEST, _FARTHEST)))
        state = {**schedule, "c_0": c0, "step": at}
        presets = {name: {**gates, "c_0": c0} for name, gates in presets.items()}
        asked = Asked(question, prediction, lambda one: predicted(one, dict.fromkeys("ch", ((), (steps,)))))
        numbers = map(str, range(1, steps + 1))
        names = numbers if words is None else [f"{k} {word}" for k, word in zip(numbers, words, strict=True)]
        rows = [
            [Choice("step", {"all": _ALL_STEPS} | {name: k for k, name in enumerate(names)}, "step")],
            [Player("t", steps, interval=600)],
            [
                Slider("c_0", -_FARTHEST, _FARTHEST, words="at the start"),
                Slider("f", *_ENDS["f"], words="forget gate"),
                Slider("i", *_ENDS["i"], words="input gate"),
            ],
            [Slider("g", *_ENDS["g"], words="candidate"), Slider("o", *_ENDS["o"], words="output gate")],
        ]
        limits = whole_limits(np.append(_memories(**schedule, c_0=c0), [-_FARTHEST, _FARTHEST]))
        picture, beside = SchedulePicture(steps, limits, words), labels(asked.given)
        predictions = [_on(picture.lines[name], name, values, beside[name]) for name, values in asked.given.items()]
        super().__init__(picture, rows, state, presets, predictions, asked)

    def show(self, f, i, g, o, c_0, step):
        """The memory and what is shown of it at every step."""
        c = _memories(f, i, g, o, c_0)
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
        """The chosen step and its gates; of a gate that differs among the chosen steps, None."""
        at = _chosen(state)
        gates = {symbol: _if_equal(state[symbol][at]) for symbol in _ENDS}
        t = 0 if state["step"] == _ALL_STEPS else state["step"] + 1
        return {**gates, "step": state["step"], "t": t, "c_0": state["c_0"]}

    def after_move(self, state, name, value):
        """Another step, another start, or another gate at the chosen step, or at all of them."""
        if name == "t":
            return state | {"step": value - 1 if value else _ALL_STEPS}
        return with_element(state, name, _chosen(state), value) if name in _ENDS else state | {name: value}


def _chosen(state):
    """Where the chosen steps stand in each vector of the schedule."""
    return slice(None) if state["step"] == _ALL_STEPS else slice(state["step"], state["step"] + 1)


def _if_equal(values):
    """The one value that all of them have, or None."""
    return float(values[0]) if (values == values[0]).all() else None


def _memories(f, i, g, o, c_0):
    """The memory at the start and after every step, whatever the output gates do."""
    c = [c_0]
    for f_t, i_t, g_t in zip(f, i, g, strict=True):
        c.append(float(cell_state(f_t, c[-1], i_t, g_t)))
    return np.array(c)


@short_traceback
def schedules(steps):
    """The named schedules: what one unit can do with a memory in `steps` steps, written at step 2.

    Returns:
        name -> {"f", "i", "g", "o"} with vectors of that length. There is a candidate at every step, so that it is the
        input gate that decides what is written.
    """
    at = np.arange(1, whole_number("steps", steps, 2) + 1)
    middle = steps // 2 + 1
    g = np.where(at % 2, 0.5, -0.4)
    g[1] = 0.8
    quiet = {"f": np.ones(steps), "i": 1.0 * (at == 2), "g": g, "o": np.ones(steps)}
    return {
        "leak": {**quiet, "f": np.full(steps, 0.8)},
        "reset": {**quiet, "f": 1.0 * (at != middle)},
        "write, hold, read": {**quiet, "o": 1.0 * (at == steps - 1)},
        "overwrite": {
            **quiet,
            "f": 1.0 * (at != middle),
            "i": 1.0 * ((at == 2) | (at == middle)),
            "g": np.where(at == middle, -0.6, g),
        },
        "hidden store": {**quiet, "o": 1.0 * (at >= middle)},
        "all gates half open": {**quiet, **dict.fromkeys("fio", np.full(steps, 0.5))},
    }


def _on(line, name, values, label):
    """A prediction of the memory, or of what is shown of it: after the last step, or after every step."""
    steps, n = line.get_xdata()[-values.size :], values.size
    when = "step by step" if values.ndim else f"after step {steps[-1]}"

    def exact(data):
        return data[name][-n:] if values.ndim else data[name][-1]

    said = f"{spoken(values)} for {name} {when}"
    return Prediction(line.axes, (steps, values), said, exact, label=label, side="away")


def _checked(schedule):
    if not isinstance(schedule, Mapping) or set(schedule) != set(_ENDS):
        refuse(ValueError, f"schedule must be a mapping with f, i, g and o, got {brief(schedule)}")
    arrays = {name: real_array(name, schedule[name], ndim=1, within=ends).astype(float) for name, ends in _ENDS.items()}
    same_shape(**arrays)
    if not 2 <= len(arrays["f"]) <= 16:
        refuse(ValueError, f"schedule must have from 2 to 16 steps, got {len(arrays['f'])}")
    return arrays


# The picture's own units are those of the SVG. Both parts stand in one column of time.
_HEIGHT = 365
_LEFT, _RIGHT = 60, 790
_GATES_BOTTOM, _GATES_TOP = 245, 363
_LINES_BOTTOM, _LINES_TOP = 28, 216
# A gate is a cell that fills from its lower edge, the candidate one that fills from its middle both ways. The cells of
# a row are 1 apart, and the rows as well.
_CELL_WIDTH, _CELL_HEIGHT = 0.68, 0.84


class SchedulePicture:
    """Four gates at every time step, and under them the memory and what is shown of it.

    Args:
        steps: the number of time steps.
        limits: the ends of the value axis. A memory that leaves it is an arrow at its edge.
        words: a word for each step, or None for its number.

    Attributes:
        figure, moving: for the live picture.
        bars: symbol -> the fill of its cells; lines: symbol -> its line.
        beyond: "above", "below" -> the arrows of the memories that leave the axis.
        column, dots: what marks the chosen step, from the gates to the value axis; the two values there.
    """

    def __init__(self, steps, limits, words=None):
        self._steps, self._across = steps, (-0.4, steps + 0.5)
        with styled():
            self.figure = new_figure(_HEIGHT)
            self._draw_gates()
            self._draw_lines(limits, words)
            self.column = self._draw_column()
        bars = [bar for row in self.bars.values() for bar in row]
        self.moving = [self.column, *bars, *self.lines.values(), *self.beyond.values(), self.dots]

    def update(self, data):
        """Show `data`: vectors `f i g o h` of T values, `c` of T + 1, and `step`, counted from 0, or None for all."""
        for symbol, bars in self.bars.items():
            full = _CELL_HEIGHT / 2 if symbol == "g" else _CELL_HEIGHT
            for bar, value in zip(bars, data[symbol], strict=True):
                put(bar, height=full * value)
        for symbol, line in self.lines.items():
            put(line, ydata=data[symbol])
        low, high = self.lines["c"].axes.get_ylim()
        put(self.beyond["above"], ydata=np.where(data["c"] > high, high, np.nan))
        put(self.beyond["below"], ydata=np.where(data["c"] < low, low, np.nan))
        chosen = data["step"] is not None
        at = data["step"] if chosen else 0
        put(self.column, x=at + 0.5, visible=chosen)
        put(self.dots, data=([at + 1] * 2, [data["c"][at + 1], data["h"][at]]), visible=chosen)

    def _add_axes(self, bottom, top, **look):
        place = (_LEFT / WIDTH, bottom / _HEIGHT, (_RIGHT - _LEFT) / WIDTH, (top - bottom) / _HEIGHT)
        return self.figure.add_axes(place, xlim=self._across, **look)

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
        axes.patch.set_visible(False)  # the column stands behind
        axes.set_yticks([at for at in MaxNLocator(5, integer=True).tick_values(low, high) if low <= at <= high])
        axes.yaxis.set_major_formatter(lambda value, _: number(value, 0))
        at, zeros = np.arange(self._steps + 1), np.zeros(self._steps + 1)
        look = {
            "c": {"color": COLORS["c"], "marker": "o", "label": "memory $c$"},
            "h": {"color": COLORS["h"], "marker": "s", "linestyle": "--", "label": "shown $h$"},
        }
        (c,) = axes.plot(at, zeros, markersize=7, **look["c"])
        (h,) = axes.plot(at[1:], zeros[1:], markersize=7, **look["h"])
        self.lines = {"c": c, "h": h}
        arrows = {"above": marker_path("^", 0.5), "below": marker_path("v", -0.5)}  # their tips are at the edge
        # Of a marker that is a path, matplotlib draws half the size.
        edge = {"color": COLORS["c"], "linestyle": "", "markersize": 26, "clip_on": False}
        self.beyond = {where: axes.plot(at, zeros, marker=arrow, **edge)[0] for where, arrow in arrows.items()}
        (self.dots,) = axes.plot([], [], "o", markersize=15, markerfacecolor="none", color=INK["c"], markeredgewidth=2)
        axes.set_xticks(at[1:], words or [str(k) for k in at[1:]])
        axes.tick_params(axis="x", length=0, labelsize=16, labelcolor="black")
        axes.spines["bottom"].set_visible(False)
        legend = axes.legend(handles=[c, h], loc="lower left", bbox_to_anchor=(0, 0.97), ncols=2, frameon=False)
        for label in legend.get_texts():
            label.set(**MATH)

    def _draw_column(self):
        """One column through both parts and the words under them."""
        axes = self._add_axes(0, _HEIGHT, ylim=(0, _HEIGHT), zorder=-1)
        axes.set_axis_off()
        look = {"facecolor": QUIET, "alpha": 0.18, "linewidth": 0, "zorder": 0}  # words beneath it stay dark
        return axes.add_patch(Rectangle((0, 1), 1, _HEIGHT - 2, **look))
