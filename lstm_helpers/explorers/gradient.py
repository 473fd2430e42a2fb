"""How far back a gradient reaches."""

import numpy as np
from matplotlib.patches import Polygon, Rectangle

from lstm_helpers._arguments import generator, short_traceback, whole_number
from lstm_helpers.equations import sigmoid
from lstm_helpers.explorers._asked import Asked
from lstm_helpers.gradients import cell_jacobian, half_life, hidden_jacobian
from lstm_helpers.layers import LSTM, RNN
from lstm_helpers.view.controls import Choice, Player, Slider
from lstm_helpers.view.labels import apart
from lstm_helpers.view.live import put
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.prediction import Prediction, labels, predicted, spoken
from lstm_helpers.view.style import COLORS, FAINT, INK, QUIET, WIDTH, magnitude, new_figure, number, styled

_UNITS = 8
_LENGTHS = (10, 20, 50, 100)  # of the sequence, in steps
_BEATS = 50  # of the player: so many take the pulse from the last step to the first, however long that is
_KINDS = {"RNN": RNN, "LSTM": LSTM}
_LINES = {"RNN": ("h", "-."), "LSTM, all paths": ("c", "-"), "LSTM, only f": ("f", "--")}  # label -> color and dashes
_EXACT = {"LSTM": "LSTM, all paths", "RNN": "RNN"}  # layer -> the line of what is left in it
_CHAINED = ("RNN", "LSTM, only f")  # a product of one factor for each step: it travels along a chain, from below
_PRESETS = [{"w": 0.0, "b_f": 3.0, "T": 100}, {"w": 0.9, "b_f": 0.0, "T": 50}, {"w": 1.0, "b_f": 5.0, "T": 50}]


class GradientExplorer(Panel):
    """What is left of a gradient on its way back through time: exact, in an RNN and an LSTM of 8 units.

    What is drawn is the size of dc_T/dc_t (of dh_T/dh_t for the RNN): the root mean square by which it stretches a
    vector. The input is faint noise; the recurrent weights are orthogonal, times the recurrent weight.

    Args:
        w, b_f, T: where it opens: the recurrent weight from 0 to 2, the forget bias from −2 to 6, and the number of
            steps: 10, 20, 50 or 100.
        rng: the `numpy.random.Generator` from which weights and input are drawn, once.
        prediction: what is left in the LSTM after all the steps (by all paths), a number from 0; or a mapping with
            "RNN", "LSTM" or both. `...` if nothing is predicted yet.
        question: the name of what is predicted, if the prediction is to be counted in a class.

    The state has the numbers of the sliders, `w` and `b_f`; the number of steps, `T`; and `pulse`, the beat of the
    player: at 0 all of the way is shown. A preset sets what its name says, and leaves the pulse.
    """

    title = "Gradient explorer"

    @short_traceback
    def __init__(self, *, w=0.9, b_f=3.0, T=50, rng, prediction=..., question=""):
        shapes = dict.fromkeys(_EXACT, ((),))
        asked = Asked(question, prediction, lambda one: predicted(one, shapes, within=(0, np.inf)))
        rng = generator(rng)
        sliders = [Slider("w", 0, 2, words="recurrent weight"), Slider("b_f", -2, 6, words="forget bias")]
        lengths = Choice("T", {str(steps): steps for steps in _LENGTHS}, "steps")
        rows = [
            sliders,
            [lengths],
            [Player("pulse", _BEATS, words="on its way back", interval=100)],
        ]
        opens_at = {"w": w, "b_f": b_f}
        state = {slider.name: slider.checked(opens_at[slider.name]) for slider in sliders}
        state |= {"T": lengths.checked(whole_number("T", T, 1)), "pulse": 0}
        presets = {_spelled(**preset): preset for preset in _PRESETS}
        # Drawn only now that every argument is right.
        self._weights = {name: kind.initialize(1, _UNITS, rng=rng).W for name, kind in _KINDS.items()}
        self._x = 0.1 * rng.normal(size=(max(_LENGTHS), 1))
        picture, beside = GradientPicture(), labels(asked.given)
        predictions = [_at_the_end(picture, name, left, beside[name]) for name, left in asked.given.items()]
        super().__init__(picture, rows, state, presets, predictions, asked)

    def layer(self, name, w, b_f=None):
        """The RNN or the LSTM with this recurrent weight, and this forget bias if it has one."""
        layer = _KINDS[name](1, _UNITS)
        layer.W = self._weights[name]
        layer.W[:, :_UNITS] *= w  # the columns that read h_prev
        if name == "LSTM":
            layer.b_f = b_f
        return layer

    def show(self, w, b_f, T, pulse=0):
        """What is left after 0, 1, 2 ... steps back, for every line, and how far back the pulse is."""
        back = None if pulse == 0 else -(-pulse * T // _BEATS)  # the first beat takes it off the last step
        at, x = T if back is None else back, self._x[:T]
        rnn, lstm = self.layer("RNN", w), self.layer("LSTM", w, b_f)
        exact, forget_gates = cell_jacobian(lstm, lstm.forward(x))
        left = {
            "RNN": _stretch(hidden_jacobian(rnn, rnn.forward(x))),
            "LSTM, all paths": _stretch(exact),
            "LSTM, only f": _stretch(forget_gates[..., None, :] * np.eye(_UNITS)),
        }
        in_rnn, all_paths, only_f = (magnitude(left[label][at]) for label in _LINES)
        steps = "1 step" if at == 1 else f"{at} steps"
        sentence = (
            f"{steps} back, this is left of a gradient of 1: in the RNN {in_rnn}; in the LSTM {all_paths}, {only_f} by "
            f"the forget gates alone. With a bias of {number(b_f)} a gate has a half-life of "
            f"{number(half_life(sigmoid(b_f)), 1)} steps."
        )
        return {"left": left, "back": back}, sentence


def _spelled(w, b_f, T):
    """The name of a preset: all that it sets."""
    return f"w = {w:g}, bias {b_f:g}, {T} steps"


def _at_the_end(picture, name, left, label):
    """A prediction of what is left after all the steps."""
    line, said = _EXACT[name], f"{spoken(left)} for the {name} after all steps"

    def exact(data):
        return data["left"][line][-1]

    return Prediction(
        picture.lines[line].axes,
        lambda data: (len(data["left"][line]) - 1, left),
        said,
        exact,
        lambda data: magnitude(exact(data)),
        label=label,
        side="away",
        log=True,
    )


def _stretch(jacobians):
    """The root mean square by which each matrix stretches a vector, the last time first."""
    return np.sqrt((jacobians**2).sum(axis=(-2, -1)) / jacobians.shape[-1])[::-1]


# The picture's own units are those of the SVG. Time goes from left to right in all of it, so what goes back in time
# goes to the left.
_LEFT, _RIGHT = 172, 738
_PLOT_BOTTOM, _PLOT_TOP = 50, 270
_CHAIN_BOTTOM, _ROW, _CAPTION = 295, 46, 24
_CHAIN_TOP = _CHAIN_BOTTOM + _ROW * len(_CHAINED)
_APART = 1.4  # from chain to chain; a cell is 1 high
_WIDEST = 1.3  # a pulse that is more than it was at the start does not fit into its cell


class GradientPicture:
    """How much of a gradient is left the further back it goes: as a pulse along a chain of steps, and as a plot.

    Attributes:
        figure, moving: for the live picture.
        lines: label -> its line in the plot; ends: label -> its name.
        trails, ahead: label -> the way on its chain that the pulse has gone, and the way before it; each is as wide as
            what is left. pulses: label -> the pulse; amounts: label -> what is left of it, in digits.
        column, dots: what marks the place of the pulse in the plot.
    """

    FLOOR, CEILING = 1e-9, 1e7

    def __init__(self):
        self._height = _CHAIN_TOP + _CAPTION
        with styled():
            self.figure = new_figure(self._height)
            self._draw_plot()
            self._draw_chains()
            marks = self._add_axes(0, self._height, ylim=(0, 1), zorder=-1)
            marks.set_axis_off()
            self.column = marks.add_patch(Rectangle((0, 0), 1, 1, facecolor=QUIET, alpha=0.18, linewidth=0, zorder=0))
        parts = (self.ahead, self.trails, self.lines, self.pulses, self.amounts, self.ends)
        self.moving = [self.column, *(artist for part in parts for artist in part.values()), self.dots]

    def update(self, data):
        """Show `data`: `left`, label -> what is left after 0, 1, 2 ... steps back; and `back`, where the pulse is."""
        left, back = data["left"], data["back"]
        last = len(next(iter(left.values()))) - 1
        moves, at = back is not None, last if back is None else back
        for label, values in left.items():
            put(self.lines[label], data=(np.arange(last + 1), np.maximum(values, self.FLOOR / 10)))
        for row, label in enumerate(_CHAINED):
            half = np.minimum(left[label], _WIDEST) / 2
            put(self.trails[label], xy=_band(half, 0, at, row * _APART))
            put(self.ahead[label], xy=_band(half, at, last, row * _APART))
            middle = row * _APART
            put(self.pulses[label], data=([at, at], [middle - half[at], middle + half[at]]), visible=moves)
            put(self.amounts[label], text=magnitude(left[label][at]))
        put(self.column, x=at - 0.5, visible=moves)
        put(self.dots, data=([at] * len(left), [values[at] for values in left.values()]), visible=moves)
        self._put_names(left)
        return self._reach_back(last)

    def _reach_back(self, steps):
        """Have room for so many steps; true if there was room for more or fewer."""
        across = (steps + 0.5, -0.5)
        if not put(self._plot, xlim=across):
            return False
        for axes in self.figure.axes:
            axes.set_xlim(across)
        self._plot.set_xticks(range(0, steps + 1, steps // 5))
        return True

    def _add_axes(self, bottom, top, **look):
        place = (_LEFT / WIDTH, bottom / self._height, (_RIGHT - _LEFT) / WIDTH, (top - bottom) / self._height)
        return self.figure.add_axes(place, **look)

    def _draw_plot(self):
        limits = {"yscale": "log", "ylim": (self.FLOOR, self.CEILING)}
        axes = self._plot = self._add_axes(_PLOT_BOTTOM, _PLOT_TOP, **limits)
        axes.patch.set_visible(False)  # the column stands behind
        axes.set_xlabel("← steps back in time", labelpad=2)
        axes.yaxis.tick_right()
        axes.spines["left"].set_visible(False)
        axes.spines["right"].set_visible(True)
        ticks = {1e-9: "10⁻⁹", 1e-6: "10⁻⁶", 1e-3: "10⁻³", 1: "1", 1e3: "10³", 1e6: "10⁶"}
        axes.set_yticks(list(ticks), ticks.values())
        axes.minorticks_off()
        axes.axhline(1, color=QUIET, linewidth=1)
        above = {"transform": axes.transAxes, "color": QUIET, "ha": "right", "va": "top"}
        axes.text(0.99, 1, "gradient left", **above)
        self.lines, self.ends = {}, {}
        for label, (symbol, dashes) in _LINES.items():
            (self.lines[label],) = axes.plot([], [], color=COLORS[symbol], linestyle=dashes, linewidth=3)
            beside = {"transform": axes.get_yaxis_transform(), "ha": "right", "va": "center", "color": INK[symbol]}
            self.ends[label] = axes.text(-0.03, 1, label, **beside)
        (self.dots,) = axes.plot([], [], "o", markersize=11, color=INK["c"], markerfacecolor="none", markeredgewidth=2)

    def _draw_chains(self):
        axes = self._add_axes(_CHAIN_BOTTOM, _CHAIN_TOP, ylim=(-_APART / 2, (len(_CHAINED) - 0.5) * _APART))
        axes.set_axis_off()
        self.trails, self.ahead, self.pulses, self.amounts = {}, {}, {}, {}
        for row, label in enumerate(_CHAINED):
            middle, (symbol, _) = row * _APART, _LINES[label]
            axes.axhline(middle, color=FAINT, linewidth=2, zorder=0)
            for step in range(max(_LENGTHS) + 1):  # those beyond the first step are out of the picture
                cell = {"facecolor": "white", "edgecolor": QUIET, "linewidth": 0.8, "zorder": 0}
                axes.add_patch(Rectangle((step - 0.35, middle - 0.5), 0.7, 1, **cell))
            for bands, alpha in ((self.ahead, 0.3), (self.trails, 1)):
                bands[label] = axes.add_patch(
                    Polygon(np.zeros((1, 2)), facecolor=COLORS[symbol], alpha=alpha, linewidth=0)
                )
            (self.pulses[label],) = axes.plot([], [], color=INK[symbol], linewidth=9, solid_capstyle="butt")
            beside = {"transform": axes.get_yaxis_transform(), "ha": "right", "color": INK[symbol]}
            axes.text(-0.03, middle + 0.04, label, va="bottom", **beside)
            self.amounts[label] = axes.text(-0.03, middle - 0.04, "", va="top", weight="bold", **beside)
        caption = {"transform": axes.transAxes, "color": QUIET, "va": "bottom"}
        axes.text(0, 1, "first step", ha="left", **caption)
        axes.text(1, 1, "last step: the error", ha="right", **caption)

    def _put_names(self, left):
        """Each line's name at the height of its end, or as near to that as the other names let it be."""
        low, high = np.log10([self.FLOOR, self.CEILING])
        gap = 20 * (high - low) / (_PLOT_TOP - _PLOT_BOTTOM)  # the height of a name
        lowest_first = sorted(left, key=lambda label: left[label][-1])  # those beyond an end of the axis, too
        heights = [np.log10(np.clip(left[label][-1], self.FLOOR, self.CEILING)) for label in lowest_first]
        places = apart(heights, [gap] * len(heights), low - gap / 2, high + gap / 2)
        for label, height in zip(lowest_first, places, strict=True):
            put(self.ends[label], position=(-0.03, 10**height))


def _band(half, start, end, middle):
    """The corners of a band along the steps from start to end, twice as wide as `half`."""
    steps = np.arange(start, end + 1)
    upper, lower = middle + half[steps], middle - half[steps]
    return np.column_stack([[*steps, *steps[::-1], start], [*upper, *lower[::-1], upper[0]]])
