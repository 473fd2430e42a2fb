"""How long a memory lasts: one unit of an LSTM over twenty steps with the same gates."""

import numpy as np

from lstm_helpers._arguments import real_array, refuse, short_traceback
from lstm_helpers.equations import cell_state, hidden_state
from lstm_helpers.explorers._asked import Asked
from lstm_helpers.explorers._unit import draw_arrowhead, gate_sliders, set_wire
from lstm_helpers.gradients import half_life
from lstm_helpers.view.controls import Player, Slider, checked_values
from lstm_helpers.view.dials import draw_dial
from lstm_helpers.view.drawing import Drawing
from lstm_helpers.view.live import put
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.prediction import Prediction, as_typed, prediction_labels, read_prediction, steps_as_typed
from lstm_helpers.view.style import COLORS, FAINT, INK, MATH, QUIET, calculated, in_sum, number, percent, styled

STEPS = 20
# The places of the memory within a step, in order. A moment of the player is one place at one step.
PLACES = ("old", "kept", "new", "back")


class ForgettingExplorer(Panel):
    """One unit of an LSTM over twenty steps, with the same gates at each step.

    Args:
        f, i, g, o: opening values: gates from 0 to 1, the candidate from -1 to 1.
        c0: the memory before step 1, from -1 to 1.
        prediction: the predicted memory after step 20, a number; or a mapping with "c", or with "half", the number of
            steps until half of the memory is gone, or both; `...` for no prediction yet.
        question: name of the question, if the class's predictions are counted.

    The state has `f i g o`, the initial memory `c_0`, and the `moment`: 4 times the step, from 0, plus the index of the
    place in `PLACES`.
    """

    title = "Forgetting explorer"

    @short_traceback
    def __init__(self, f=0.9, i=0.0, g=1.0, o=1.0, c0=1.0, *, prediction=..., question=""):
        asked = Asked(question, prediction, _read_prediction)
        sliders = [Slider("c_0", -1, 1, words="at the start"), *gate_sliders()]
        c0 = real_array("c0", c0, ndim=0, within=(-1, 1))
        state = checked_values(sliders, {"c_0": c0, "f": f, "i": i, "g": g, "o": o})
        state["moment"] = PLACES.index("new")  # of step 1
        player = Player("moment", len(PLACES) * STEPS - 1, label="time", stride=len(PLACES))
        picture, labels = ForgettingPicture(), prediction_labels(asked.given)
        predictions = [
            _prediction(picture.axes, name, float(value), labels[name]) for name, value in asked.given.items()
        ]
        super().__init__(picture, [*sliders, player], state, _presets(), predictions, asked)

    def show(self, f, i, g, o, c_0, moment):
        """Return c and h over twenty steps, with the numbers on the wires at one step, and a sentence."""
        c = [c_0]
        for _ in range(STEPS):
            c.append(float(cell_state(f, c[-1], i, g)))
        c, written = np.array(c), i * g
        step, place = divmod(moment, len(PLACES))
        old, new = float(c[step]), float(c[step + 1])
        wires = {"old": old, "kept": f * old, "written": written, "new": new, "tanh": float(np.tanh(new))}
        data = {"f": f, "i": i, "g": g, "o": o, **wires, "c": c, "h": hidden_state(o, c[1:])}
        data |= {"step": step + 1, "place": PLACES[place], "half": None if written or not c_0 else half_life(f)}
        now = f"Step {step + 1}: {_one_step(f, old, written, new)}."
        return data, f"{_over_time(f, written, c)} {now}"


def _presets():
    still = {"c_0": 1.0, "i": 0.0, "g": 1.0, "o": 1.0}
    return {
        "hold": {**still, "f": 1.0},
        "leak": {**still, "f": 0.9},
        "half": {**still, "f": 0.5},
        "leak and refill": {**still, "f": 0.9, "i": 0.05},
        "overwrite": {**still, "f": 0.0, "i": 1.0, "g": -0.6},
    }


def _read_prediction(prediction):
    given = read_prediction(prediction, {"c": ((),), "half": ((),)})
    if given.get("half", 0) < 0:
        refuse(ValueError, f"prediction['half'] must be at least 0, got {given['half']}")
    return given


def _one_step(f, old, written, new):
    """The change of the memory at one step, in words."""

    def claims(old, kept, written, new):
        return (f * old, kept), (kept + written, new)

    old, kept, written_there, new = calculated([old, f * old, written, new], claims)
    return f"{percent(f)} of {old} is {kept}" + (f"; plus {in_sum(written_there)} is {new}" if written else "")


def _over_time(f, written, c):
    """The change of the memory over all steps, in a sentence."""
    if written:
        return _over_time_with_writing(f, written, c)
    if c[0] == 0:
        return "There is nothing to forget: the memory is 0 from the start."
    if f == 1:
        return f"Keep all of it at each step: after {STEPS} steps all of it is left; nothing is forgotten."
    if f == 0:
        return "Keep nothing: after 1 step all of it is gone."
    gone = f"half is gone after {_steps(half_life(f))}" if f >= 0.5 else "more than half is gone after 1"
    return f"Keep {percent(f)} of it at each step: after {STEPS} steps {percent(f**STEPS)} is left; {gone}."


def _over_time_with_writing(f, written, c):
    if f == 0:
        return f"Keep nothing and write {_added(written)}: after 1 step none of the old memory is left."
    end = number(c[-1])
    then = f"Keep {'all' if f == 1 else percent(f)} of it and add {_added(written)} at each step: after {STEPS} steps "
    if f == 1:
        return f"{then}it is {end}, and nothing bounds it."
    rest = number(written / (1 - f))
    return f"{then}it is {end}, {'where it stays' if rest == end else f'on its way to {rest}'}."


def _added(written):
    """A number that each step adds, in digits: 0.25, 0.05; 0.0042, because 0.00 would be nothing."""
    is_small = abs(written) < 0.1 and abs(written - round(written, 2)) > 1e-9
    return as_typed(float(f"{written:.2g}")) if is_small else number(written)


def _steps(half):
    """A half-life in digits: 6.6, 1, 6,931."""
    return f"{half:,.1f}".removesuffix(".0") if half < 1000 else f"{half:,.0f}"


def _prediction(axes, name, value, label):
    """A prediction of the memory after the last step, or of its half-life."""
    if name == "half":
        return _HalfLifePrediction(axes, value, label)
    words = f"{as_typed(value)} after step {STEPS}"
    return Prediction(axes, (STEPS, value), words, lambda data: data["c"][-1], label=label, side="right")


class _HalfLifePrediction(Prediction):
    """A predicted half-life: a diamond at half of the initial memory, its label where it covers nothing."""

    def __init__(self, axes, value, label):
        def place(data):
            return min(value, STEPS), data["c"][0] / 2

        self._clear = [(0, 0, "center")]
        words = f"{steps_as_typed(value)} until half is gone"
        super().__init__(axes, place, words, lambda data: data["half"], _until_half, label=label, near=1)

    def update(self, data):
        """Move the diamond and the label; return whether either has moved."""
        moved = super().update(data)
        left, _, right, _ = self.label_box()
        self._clear = _clear_places(*self.points[-1], (right - left) / _STEP, data)
        return self.put_label() or moved

    def put_label(self, side=None):
        """Put the label at the first clear place; at another one if a side is named, to avoid another prediction."""
        choice = (None, "above", "below", "left", "right").index(side)
        x, y, alignment = self._clear[min(choice, len(self._clear) - 1)]
        return put(self.label, position=(x, y), horizontalalignment=alignment)


def _clear_places(x, y, width, data):
    """Places for the label of the diamond at (x, y) that are clear of all lines, each with an alignment.

    They are across the line at 0, beyond the diamond, beside it, and at the edges of the plot.
    """
    up = 1 if (y or data["written"]) >= 0 else -1  # from the line at 0 to the diamond
    side = "left" if x < 1 else "right" if x > STEPS - 1 else "center"
    beside = (x + 0.8, "left") if x < STEPS - 3 else (x - 0.8, "right")
    near = [(x, -up * 0.25, side), (x, y + up * 0.26, side)]
    far = [(beside[0], height, beside[1]) for height in (y, up * 1.02, -up * 1.02)]
    kept = data["f"] * data["c"][:-1]  # half a step on, where the player shows the memory
    lines = [(0, data["c"]), (1, data["h"]), (0.5, kept)]

    def is_clear(place):
        left = place[0] - width * {"left": 0, "center": 0.5, "right": 1}[place[2]]
        steps = np.linspace(left - 0.2, left + width + 0.2, 50)
        heights = [np.interp(steps, start + np.arange(len(values)), values) for start, values in lines]
        heights = np.clip(heights, -_LIMIT, _LIMIT)  # beyond the axis there are marks at its edge
        return np.abs(heights - place[1]).min() > 0.24  # half of a label's height, and of the largest mark's

    return [*filter(is_clear, [*near, *far])] or far[1:2]


def _until_half(data):
    """The true half-life in words, or the reason why there is none."""
    half = data["half"]
    if half is None:
        return f"there is no half-life ({'each step also writes' if data['written'] else 'the memory is 0'})"
    return "infinitely many" if half == np.inf else "less than 1" if half < 1 else _steps(half)


# Layout in units of the SVG, y up. Above, the cell: the memory enters on the left, is multiplied by f, has i times g
# added to it, and returns over the top for the next step. Below, a plot of c and h over time.
_HEIGHT = 365
_BACK, _HIGHWAY, _MIDDLE, _GATES = 350, 307, 257, 205  # y of the four rows
_HALFWAY = (_BACK + _HIGHWAY) / 2  # where the new memory of a step becomes the old memory of the next
_LEFT, _TIMES, _PLUS, _OUT, _RIGHT = 22, 190, 402, 610, 778  # x of the turns, the two operators and the branch to h
_GATE, _OPERATOR, _HEAD = 22, 12, 9  # radii, and the length of an arrowhead
_DIALS = {"f": (_TIMES, "forget gate"), "i": (335, "input gate"), "g": (464, "candidate"), "o": (_OUT, "output gate")}
_INTO = _OPERATOR + _HEAD  # from the middle of an operator to the end of a wire into it
_WIRES = {  # name -> the symbol that gives its color, and its corners
    "old": ("c", [(_LEFT, _HALFWAY + 1), (_LEFT, _HIGHWAY), (_TIMES - _INTO, _HIGHWAY)]),
    "f": ("f", [(_TIMES, _GATES + _GATE), (_TIMES, _HIGHWAY - _INTO)]),
    "kept": ("c", [(_TIMES + _OPERATOR, _HIGHWAY), (_PLUS - _INTO, _HIGHWAY)]),
    "i": ("i", [(335, _GATES + _GATE), (335, _MIDDLE), (_PLUS - _INTO, _MIDDLE)]),
    "g": ("g", [(464, _GATES + _GATE), (464, _MIDDLE), (_PLUS + _INTO, _MIDDLE)]),
    "written": ("c", [(_PLUS, _MIDDLE + _OPERATOR), (_PLUS, _HIGHWAY - _INTO)]),
    "new": (
        "c",
        [(_PLUS + _OPERATOR, _HIGHWAY), (_RIGHT, _HIGHWAY), (_RIGHT, _BACK), (_LEFT, _BACK), (_LEFT, _HALFWAY)],
    ),
    "tanh": ("c", [(_OUT, _HIGHWAY), (_OUT, _MIDDLE + _INTO)]),
    "o": ("o", [(_OUT, _GATES + _GATE), (_OUT, _MIDDLE - _INTO)]),
    "shown": ("h", [(_OUT + _OPERATOR, _MIDDLE), (_RIGHT, _MIDDLE)]),
}
_OPERATORS = [(_TIMES, _HIGHWAY, "×"), (_PLUS, _HIGHWAY, "+"), (_PLUS, _MIDDLE, "×"), (_OUT, _MIDDLE, "×")]
_BOXES = {  # place of the memory, and "shown" -> the middle of its number's box, and the caption
    "old": ((102, _HIGHWAY), "old memory  $c_{t-1}$"),
    "kept": ((298, _HIGHWAY), r"kept  $f \times c_{t-1}$"),
    "new": ((512, _HIGHWAY), "new memory  $c_t$"),
    "back": ((400, _BACK), ""),
    "shown": ((708, _MIDDLE), "shown  $h_t$"),
}
_BOX = 64, 26  # width and height
_AXES = (48, 28, 678, 134)  # of the plot: left, bottom, width, height
_STEP = _AXES[2] / (STEPS + 0.7)  # the width of a step
_END_X = STEPS + 0.35  # left end of the last number, in steps
_LIMIT = 1.15  # the value axis runs from -1.15 to 1.15


class ForgettingPicture(Drawing):
    """The cell at one step, and a plot of c and h over all steps.

    Attributes:
        figure, moving: for the live picture.
        axes: of the plot.
        wires, dials, labels, lines: moving artists by name.
        token: the black box behind the number at the memory's current place.
        now: the large dot at the same moment in the plot.
    """

    def __init__(self):
        with styled():
            super().__init__(_HEIGHT)
            square = {"solid_capstyle": "butt", "dash_capstyle": "butt"}
            self.wires = {
                name: self.polyline(corners, COLORS[symbol], **square) for name, (symbol, corners) in _WIRES.items()
            }
            self._draw_operators()
            dial = {"radius": _GATE, "width": 9}
            self.dials = {name: draw_dial(self.page, name, (x, _GATES), **dial) for name, (x, _) in _DIALS.items()}
            self.labels = self._draw_numbers()
            self.labels |= {name: self._label_dial(name, words) for name, (_, words) in _DIALS.items()}
            self._draw_plot()
        # Still artists that cover a wire are listed too: every moving artist is drawn over all the others.
        filled = [dial.filled for dial in self.dials.values()]
        self.moving = [*self.wires.values(), *self._over_wires, *filled, self.token]
        self.moving += [*self.labels.values(), *self._plotted]

    def update(self, data):
        """Show the data that `ForgettingExplorer.show` returns."""
        numbers = {**data, "shown": float(data["h"][data["step"] - 1])}
        for name, wire in self.wires.items():
            scale = 6 if name in _DIALS else 8  # the memory's path stands out, in gray too
            set_wire(wire, numbers[name], scale)
        for name, dial in self.dials.items():
            dial.show(data[name])
            put(self.labels[name], text=f"{name} = {number(data[name])}")
        for name in ("old", "kept", "new", "shown", "written"):
            put(self.labels[name], text=number(numbers[name]))
        put(self.labels["back"], text=number(data["new"]))
        put(self.labels["step"], text=f"step {data['step']} of {STEPS}")
        for place in PLACES:
            put(self.labels[place], color="white" if place == data["place"] else "black")
        (x, y), _ = _BOXES[data["place"]]
        put(self.token, x=x - _BOX[0] / 2, y=y - _BOX[1] / 2)
        self._update_plot(data)

    def _update_plot(self, data):
        c, half = data["c"], data["half"]
        put(self.lines["c"], ydata=c)
        put(self.lines["h"], ydata=data["h"])
        # From the old to the new memory is one step; on its way back the memory is already the new one.
        x = data["step"] - {"old": 1, "kept": 0.5}.get(data["place"], 0)
        put(self._column, x=x - 0.35)
        y = data["new" if data["place"] == "back" else data["place"]]
        put(self.now, xdata=[x], ydata=[float(np.clip(y, -_LIMIT, _LIMIT))])
        for sign, arrows in self._beyond.items():
            steps = np.flatnonzero(sign * c > _LIMIT)
            put(arrows, xdata=steps, ydata=np.full(len(steps), sign * (_LIMIT - 0.08)))
        put(self._end, text=number(c[-1]), position=(_END_X, float(np.clip(c[-1], -1, 1))))
        on_axis = half is not None and 1 <= half <= STEPS
        for artist in (self._half, self._half_words):
            put(artist, visible=on_axis)
        if on_axis:
            up = 1 if c[0] > 0 else -1
            put(self._half, xdata=[half, half], ydata=[0, 0.8 * up])
            put(self._half_words, position=(half, 0.95 * up), text=f"half gone: {_steps(half)}")
            put(self._half_words, horizontalalignment="left" if half < STEPS - 4 else "right")

    def _draw_operators(self):
        for name, (_, corners) in _WIRES.items():
            if name != "new":  # it continues as the old memory
                draw_arrowhead(self, corners, length=_HEAD, half=6)
        for operator in _OPERATORS:
            self.operator(*operator, radius=_OPERATOR, size=18)
        background = {"facecolor": "white", "linewidth": 0, "pad": 3}
        self._over_wires = [
            self.box(_OUT - 24, 278, 48, 20),
            self._text(_OUT, 288, "tanh", color="black", va="center_baseline"),
            self._text(560, _BACK, "←  in again at the next step", va="center", bbox=background),
        ]

    def _label_dial(self, name, words):
        """Write the name of a dial beside it; return the text for its number."""
        x = self.dials[name].right + 7
        self._text(x, _GATES - 17, words, side="left")
        return self._text(x, _GATES + 4, "", side="left", size=16, color=INK[name], weight="bold")

    def _draw_numbers(self):
        """Draw a box for each number on the memory's path, and the token; return the texts by name."""
        width, height = _BOX
        bold = {"size": 16, "weight": "bold", "color": "black"}
        labels = {}
        for name, ((x, y), words) in _BOXES.items():
            self._over_wires.append(self.box(x - width / 2, y - height / 2, width, height))
            if words:
                self._text(x, y + height / 2 + 6, words)
            labels[name] = self._text(x, y, "", va="center_baseline", **bold)
        self.token = self.box(0, 0, width, height, facecolor=COLORS["c"], zorder=4)
        labels["written"] = self._text(_PLUS + 14, 273, "", side="left", **bold)
        self._text(_PLUS + 72, 273, r"written  $i \times g$", side="left")
        labels["step"] = self._text(14, _GATES + 16, "", side="left", **bold)
        return labels

    def _draw_plot(self):
        axes = self.axes = self.plot(*_AXES, xlim=(-0.5, STEPS + 0.2), ylim=(-_LIMIT, _LIMIT))
        axes.axhline(0, color=QUIET, linewidth=1)
        steps = np.arange(STEPS + 1)
        (c,) = axes.plot(steps, 0 * steps, color=COLORS["c"], marker="o", markersize=6)
        (h,) = axes.plot(steps[1:], 0 * steps[1:], color=COLORS["h"], marker="s", markersize=5, linestyle="--")
        self.lines = {"c": c, "h": h}
        self._column = axes.axvspan(0, 0.7, color=FAINT, linewidth=0, zorder=0)
        (self.now,) = axes.plot([0], [0], color=COLORS["c"], marker="o", markersize=13, zorder=4, clip_on=False)
        arrow = {"color": COLORS["c"], "markersize": 8, "linestyle": "none"}
        self._beyond = {sign: axes.plot([], [], marker, **arrow)[0] for sign, marker in ((-1, "v"), (1, "^"))}
        (self._half,) = axes.plot([0, 0], [0, 0], color=INK["f"], linewidth=1.5, linestyle=":")
        style = {"va": "center", "clip_on": False}
        self._half_words = axes.text(0, 0, "", color=INK["f"], size=14, **style)
        self._end = axes.text(_END_X, 0, "", color="black", weight="bold", size=16, **style)
        axes.set_xticks([0, 5, 10, 15, 20], ["start", "5", "10", "15", "20 steps"])
        axes.set_yticks([-1, 0, 1], ["−1", "0", "1"])
        axes.tick_params(length=0, labelsize=14)
        axes.tick_params(axis="x", pad=9)
        axes.spines["bottom"].set_visible(False)
        self._key(_GATES - 4, "o", COLORS["c"], INK["c"], "memory $c$")
        self._key(_GATES - 24, "s", COLORS["h"], INK["h"], "shown $h$")
        self._plotted = [self._column, c, h, *self._beyond.values(), self._half, self.now, self._half_words, self._end]

    def _key(self, y, marker, color, ink, words):
        self.polyline([(20, y + 5)], color, marker=marker, markersize=7)
        self._text(32, y, words, side="left", color=ink)

    def _text(self, x, y, words, side="center", va="baseline", **style):
        return self.text(x, y, words, side, va=va, zorder=5, **style, **MATH)
