"""How far back in time a gradient reaches, in an RNN and in an LSTM."""

import numpy as np
from matplotlib.patches import Polygon, Rectangle

from lstm_helpers._arguments import generator, short_traceback, whole_number
from lstm_helpers.equations import sigmoid
from lstm_helpers.explorers._asked import Asked
from lstm_helpers.gradients import cell_jacobian, half_life, hidden_jacobian
from lstm_helpers.layers import LSTM, RNN
from lstm_helpers.view.controls import Choice, Player, Slider, checked_values
from lstm_helpers.view.labels import spread
from lstm_helpers.view.live import put
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.prediction import Prediction, as_typed, prediction_labels, read_prediction
from lstm_helpers.view.style import COLORS, FAINT, INK, QUIET, WIDTH, magnitude, new_figure, number, styled

_UNITS = 8
_LENGTHS = (10, 20, 50, 100)  # of the sequence, in steps
_BEATS = 50  # moments of the player from the last step to the first, for every length
_KINDS = {"RNN": RNN, "LSTM": LSTM}
_LINES = {"RNN": ("h", "-."), "LSTM, all paths": ("c", "-"), "LSTM, only f": ("f", "--")}  # label -> color and dashes
_EXACT = {"LSTM": "LSTM, all paths", "RNN": "RNN"}  # layer -> the line of its gradient
_CHAINED = ("RNN", "LSTM, only f")  # drawn as chains too, from below: each is a product of one factor per step
_PRESETS = [{"w": 0.0, "b_f": 3.0, "T": 100}, {"w": 0.9, "b_f": 0.0, "T": 50}, {"w": 1.0, "b_f": 5.0, "T": 50}]


class GradientExplorer(Panel):
    """The exact gradient that is left after each step back through time, in an RNN and an LSTM of 8 units.

    The picture shows the size of dc_T/dc_t (dh_T/dh_t in the RNN): the root mean square by which it stretches a vector.
    The input is weak noise; the recurrent weights are orthogonal matrices times `w`.

    Args:
        w, b_f, T: opening values: the recurrent weight from 0 to 2, the forget bias from −2 to 6, and the number of
            steps: 10, 20, 50 or 100.
        rng: the `numpy.random.Generator` that draws the weights and the input, once.
        prediction: the predicted gradient left in the LSTM after all steps (by all paths), a number from 0; or a
            mapping with "RNN", "LSTM" or both; `...` for no prediction yet.
        question: name of the question, if the class's predictions are counted.

    The state has `w`, `b_f`, `T` and `pulse`, the player's moment; 0 shows the whole way. A preset sets all but the
    pulse.
    """

    title = "Gradient explorer"

    @short_traceback
    def __init__(self, *, w=0.9, b_f=3.0, T=50, rng, prediction=..., question=""):
        shapes = dict.fromkeys(_EXACT, ((),))
        asked = Asked(question, prediction, lambda value: read_prediction(value, shapes, within=(0, np.inf)))
        rng = generator(rng)
        sliders = [Slider("w", 0, 2, words="recurrent weight"), Slider("b_f", -2, 6, words="forget bias")]
        lengths = Choice("T", {str(steps): steps for steps in _LENGTHS}, "steps")
        player = Player("pulse", _BEATS, words="on its way back", interval=100)
        state = checked_values([*sliders, lengths], {"w": w, "b_f": b_f, "T": whole_number("T", T, 1)}) | {"pulse": 0}
        presets = {f"w = {p['w']:g}, bias {p['b_f']:g}, {p['T']} steps": p for p in _PRESETS}
        # Draw from `rng` only after every argument is checked.
        self._weights = {name: kind.initialize(1, _UNITS, rng=rng).W for name, kind in _KINDS.items()}
        self._x = 0.1 * rng.normal(size=(max(_LENGTHS), 1))
        picture, labels = GradientPicture(), prediction_labels(asked.given)
        predictions = [_prediction(picture, name, value, labels[name]) for name, value in asked.given.items()]
        super().__init__(picture, [*sliders, lengths, player], state, presets, predictions, asked)

    def layer(self, name, w, b_f=None):
        """Return the RNN or the LSTM with this recurrent weight; the LSTM with this forget bias."""
        layer = _KINDS[name](1, _UNITS)
        layer.W = self._weights[name]
        layer.W[:, :_UNITS] *= w  # the columns that read h_prev
        if name == "LSTM":
            layer.b_f = b_f
        return layer

    def show(self, w, b_f, T, pulse=0):
        """Return the gradient left after 0, 1, 2, ... steps back, and the place of the pulse; and a sentence."""
        back = None if pulse == 0 else -(-pulse * T // _BEATS)  # rounded up: moment 1 is at least one step back
        steps, x = T if back is None else back, self._x[:T]
        rnn, lstm = self.layer("RNN", w), self.layer("LSTM", w, b_f)
        exact, forget_gates = cell_jacobian(lstm, lstm.forward(x))
        left = {
            "RNN": _stretch(hidden_jacobian(rnn, rnn.forward(x))),
            "LSTM, all paths": _stretch(exact),
            "LSTM, only f": _stretch(forget_gates[..., None, :] * np.eye(_UNITS)),
        }
        in_rnn, all_paths, only_f = (magnitude(left[label][steps]) for label in _LINES)
        ago = "1 step back" if steps == 1 else f"{steps} steps back"
        sentence = (
            f"{ago}, this is left of a gradient of 1: in the RNN {in_rnn}; in the LSTM {all_paths}, {only_f} by "
            f"the forget gates alone. With a bias of {number(b_f)} a gate has a half-life of "
            f"{number(half_life(sigmoid(b_f)), 1)} steps."
        )
        return {"left": left, "back": back}, sentence


def _prediction(picture, name, value, label):
    """A prediction of the gradient that is left after all steps."""
    line, words = _EXACT[name], f"{as_typed(value)} for the {name} after all steps"

    def exact(data):
        return data["left"][line][-1]

    return Prediction(
        picture.lines[line].axes,
        lambda data: (len(data["left"][line]) - 1, value),
        words,
        exact,
        lambda data: magnitude(exact(data)),
        label=label,
        side="away",
        log=True,
    )


def _stretch(jacobians):
    """The root mean square by which each matrix stretches a vector, in reverse order: the last time step first."""
    return np.sqrt((jacobians**2).sum(axis=(-2, -1)) / jacobians.shape[-1])[::-1]


# Layout in units of the SVG, y up. Time runs from left to right, so the gradient travels to the left.
_LEFT, _RIGHT = 172, 738
_PLOT_BOTTOM, _PLOT_TOP = 50, 270
_CHAIN_BOTTOM, _ROW, _CAPTION = 295, 46, 24
_CHAIN_TOP = _CHAIN_BOTTOM + _ROW * len(_CHAINED)
_PITCH = 1.4  # from chain to chain; a cell is 1 high
_MAX_HEIGHT = 1.3  # of a pulse: one that has grown sticks out of its cell


class GradientPicture:
    """The gradient left after each step back: as a pulse along a chain of steps, and as a plot.

    Attributes:
        figure, moving: for the live picture.
        lines, ends: label -> its line in the plot, and its name.
        trails, ahead: label -> the bands on its chain behind the pulse and ahead of it, as high as the gradient there.
        pulses, amounts: label -> the pulse on its chain, and its size in digits.
        column, dots: the place of the pulse, and the values there in the plot.
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
        """Show `left`: label -> the gradient after 0, 1, 2, ... steps back; and the pulse at `back`, None for no pulse.

        Returns:
            True if the number of steps has changed.
        """
        left, back = data["left"], data["back"]
        last = len(next(iter(left.values()))) - 1
        has_pulse = back is not None
        step = back if has_pulse else last
        for label, values in left.items():
            put(self.lines[label], data=(np.arange(last + 1), np.maximum(values, self.FLOOR / 10)))
        for row, label in enumerate(_CHAINED):
            half, middle = np.minimum(left[label], _MAX_HEIGHT) / 2, row * _PITCH
            put(self.trails[label], xy=_band(half, 0, step, middle))
            put(self.ahead[label], xy=_band(half, step, last, middle))
            put(self.pulses[label], data=([step] * 2, [middle - half[step], middle + half[step]]), visible=has_pulse)
            put(self.amounts[label], text=magnitude(left[label][step]))
        put(self.column, x=step - 0.5, visible=has_pulse)
        put(self.dots, data=([step] * len(left), [values[step] for values in left.values()]), visible=has_pulse)
        self._put_names(left)
        return self._set_steps(last)

    def _set_steps(self, steps):
        """Let all axes run back by this number of steps; return whether that is a change."""
        xlim = (steps + 0.5, -0.5)
        if not put(self._plot, xlim=xlim):
            return False
        for axes in self.figure.axes:
            axes.set_xlim(xlim)
        self._plot.set_xticks(range(0, steps + 1, steps // 5))
        return True

    def _add_axes(self, bottom, top, **style):
        place = (_LEFT / WIDTH, bottom / self._height, (_RIGHT - _LEFT) / WIDTH, (top - bottom) / self._height)
        return self.figure.add_axes(place, **style)

    def _draw_plot(self):
        limits = {"yscale": "log", "ylim": (self.FLOOR, self.CEILING)}
        axes = self._plot = self._add_axes(_PLOT_BOTTOM, _PLOT_TOP, **limits)
        axes.patch.set_visible(False)  # so that the column behind it shows
        axes.set_xlabel("← steps back in time", labelpad=2)
        axes.yaxis.tick_right()
        axes.spines["left"].set_visible(False)
        axes.spines["right"].set_visible(True)
        ticks = {1e-9: "10⁻⁹", 1e-6: "10⁻⁶", 1e-3: "10⁻³", 1: "1", 1e3: "10³", 1e6: "10⁶"}
        axes.set_yticks(list(ticks), ticks.values())
        axes.minorticks_off()
        axes.axhline(1, color=QUIET, linewidth=1)
        axes.text(0.99, 1, "gradient left", transform=axes.transAxes, color=QUIET, ha="right", va="top")
        self.lines, self.ends = {}, {}
        for label, (symbol, dashes) in _LINES.items():
            (self.lines[label],) = axes.plot([], [], color=COLORS[symbol], linestyle=dashes, linewidth=3)
            style = {"transform": axes.get_yaxis_transform(), "ha": "right", "va": "center", "color": INK[symbol]}
            self.ends[label] = axes.text(-0.03, 1, label, **style)
        (self.dots,) = axes.plot([], [], "o", markersize=11, color=INK["c"], markerfacecolor="none", markeredgewidth=2)

    def _draw_chains(self):
        axes = self._add_axes(_CHAIN_BOTTOM, _CHAIN_TOP, ylim=(-_PITCH / 2, (len(_CHAINED) - 0.5) * _PITCH))
        axes.set_axis_off()
        self.trails, self.ahead, self.pulses, self.amounts = {}, {}, {}, {}
        for row, label in enumerate(_CHAINED):
            middle, (symbol, _) = row * _PITCH, _LINES[label]
            axes.axhline(middle, color=FAINT, linewidth=2, zorder=0)
            for step in range(max(_LENGTHS) + 1):  # those before the first step are outside the axes
                cell = {"facecolor": "white", "edgecolor": QUIET, "linewidth": 0.8, "zorder": 0}
                axes.add_patch(Rectangle((step - 0.35, middle - 0.5), 0.7, 1, **cell))
            for bands, alpha in ((self.ahead, 0.3), (self.trails, 1)):
                bands[label] = axes.add_patch(
                    Polygon(np.zeros((1, 2)), facecolor=COLORS[symbol], alpha=alpha, linewidth=0)
                )
            (self.pulses[label],) = axes.plot([], [], color=INK[symbol], linewidth=9, solid_capstyle="butt")
            style = {"transform": axes.get_yaxis_transform(), "ha": "right", "color": INK[symbol]}
            axes.text(-0.03, middle + 0.04, label, va="bottom", **style)
            self.amounts[label] = axes.text(-0.03, middle - 0.04, "", va="top", weight="bold", **style)
        caption = {"transform": axes.transAxes, "color": QUIET, "va": "bottom"}
        axes.text(0, 1, "first step", ha="left", **caption)
        axes.text(1, 1, "last step: the error", ha="right", **caption)

    def _put_names(self, left):
        """Put each line's name at the height of its end, or as near to that as the other names allow."""
        low, high = np.log10([self.FLOOR, self.CEILING])
        gap = 20 * (high - low) / (_PLOT_TOP - _PLOT_BOTTOM)  # the height of a name
        lowest_first = sorted(left, key=lambda label: left[label][-1])  # also among those that left the axis
        heights = [np.log10(np.clip(left[label][-1], self.FLOOR, self.CEILING)) for label in lowest_first]
        places = spread(heights, [gap] * len(heights), low - gap / 2, high + gap / 2)
        for label, height in zip(lowest_first, places, strict=True):
            put(self.ends[label], position=(-0.03, 10**height))


def _band(half, start, end, middle):
    """The corners of a band along the steps from start to end, twice as wide as `half`."""
    steps = np.arange(start, end + 1)
    upper, lower = middle + half[steps], middle - half[steps]
    return np.column_stack([[*steps, *steps[::-1], start], [*upper, *lower[::-1], upper[0]]])
