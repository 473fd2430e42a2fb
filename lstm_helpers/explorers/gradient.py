"""How far back a gradient reaches."""

import numpy as np

from lstm_helpers._arguments import generator, refuse, short_traceback, words
from lstm_helpers.equations import sigmoid
from lstm_helpers.gradients import cell_jacobian, half_life, hidden_jacobian
from lstm_helpers.layers import LSTM, RNN
from lstm_helpers.view.controls import Slider
from lstm_helpers.view.live import put
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.prediction import Prediction, labels, predicted, spoken
from lstm_helpers.view.style import COLORS, MATH, QUIET, magnitude, new_figure, number, styled

_UNITS, _LONGEST = 8, 100
_KINDS = {"RNN": RNN, "LSTM": LSTM}
_LINES = {  # layer -> label -> color and dashes of its lines
    "RNN": {"RNN": (COLORS["h"], "-.")},
    "LSTM": {"LSTM, all paths": (COLORS["c"], "-"), "LSTM, only f": (COLORS["f"], "--")},
}


class GradientExplorer(Panel):
    """What is left of a gradient on its way back through time: exact, in an RNN and an LSTM of 8 units.

    What is drawn is the size of dc_T/dc_t (of dh_T/dh_t for the RNN): the root mean square by which it stretches a
    vector. The input is faint noise; the recurrent weights are orthogonal, times the recurrent weight.

    Args:
        layers: of "RNN" and "LSTM", one or both.
        w, b_f: where it opens: the recurrent weight from 0 to 2, and the forget bias from −2 to 6.
        rng: the `numpy.random.Generator` from which weights and input are drawn, once.
        prediction: what is left after all the steps, a number from 0; in the LSTM if there is one (by all paths), else
            in the RNN. Or a mapping with "RNN", "LSTM" or both. `...` if nothing is predicted yet.

    The state has the numbers of the sliders: `w`, the number of steps `T`, and `b_f` if there is an LSTM.
    """

    title = "Gradient explorer"

    @short_traceback
    def __init__(self, layers=("RNN", "LSTM"), *, w=1.0, b_f=1.0, rng, prediction=...):
        layers = words("layers", layers, at_least=1)
        if not set(layers) <= set(_KINDS):
            refuse(ValueError, f"layers must be one or both of {list(_KINDS)}, got {layers!r}")
        given = predicted(prediction, {name: ((),) for name in ("LSTM", "RNN") if name in layers}, within=(0, np.inf))
        rng = generator(rng)
        sliders = [
            Slider("w", 0, 2, words="recurrent weight"),
            Slider("T", 10, _LONGEST, step=1, words="steps"),
        ]
        presets = {f"w = {value:g}": {"w": value} for value in (0.0, 0.9, 1.0, 1.5)}
        if "LSTM" in layers:
            sliders.insert(1, Slider("b_f", -2, 6, words="forget bias"))
            presets |= {f"forget bias {bias:g}": {"b_f": bias} for bias in (0.0, 1.0, 3.0, 5.0)}
        opens_at = {"w": w, "b_f": b_f, "T": 50}
        state = {slider.name: slider.checked(opens_at[slider.name]) for slider in sliders}
        # Drawn only now that every argument is right.
        self._weights = {name: kind.initialize(1, _UNITS, rng=rng).W for name, kind in _KINDS.items() if name in layers}
        self._x = 0.1 * rng.normal(size=(_LONGEST, 1))
        lines = {label: look for name in self._weights for label, look in _LINES[name].items()}
        picture, beside = GradientPicture(lines), labels(given)
        predictions = [_at_the_end(picture, name, left, beside[name]) for name, left in given.items()]
        super().__init__(picture, [sliders], state, {"start": state} | presets, predictions)

    def layer(self, name, w, b_f=None):
        """The RNN or the LSTM with this recurrent weight, and this forget bias if it has one."""
        layer = _KINDS[name](1, _UNITS)
        layer.W = self._weights[name]
        layer.W[:, :_UNITS] *= w  # the columns that read h_prev
        if name == "LSTM":
            layer.b_f = b_f
        return layer

    def show(self, w, T, b_f=None):
        """What is left after 0, 1, 2 ... steps back, for every line."""
        steps, data, parts = round(T), {}, []
        x = self._x[:steps]
        if "RNN" in self._weights:
            rnn = self.layer("RNN", w)
            data["RNN"] = _stretch(hidden_jacobian(rnn, rnn.forward(x)))
            parts.append(f"in the RNN {magnitude(data['RNN'][-1])}")
        if "LSTM" in self._weights:
            lstm = self.layer("LSTM", w, b_f)
            exact, forget_gates = cell_jacobian(lstm, lstm.forward(x))
            data["LSTM, all paths"] = _stretch(exact)
            data["LSTM, only f"] = _stretch(forget_gates[..., None, :] * np.eye(_UNITS))
            all_paths, only_f = (magnitude(data[label][-1]) for label in _LINES["LSTM"])
            parts.append(f"in the LSTM {all_paths}, {only_f} by the forget gates alone")
        sentence = f"{steps} steps back, this is left of a gradient of 1: {'; '.join(parts)}."
        if b_f is not None:
            half = number(half_life(sigmoid(b_f)), 1)
            sentence += f" With a bias of {number(b_f)} a gate has a half-life of {half} steps."
        return data, sentence


def _at_the_end(picture, name, left, label):
    """A prediction of what is left after all the steps."""
    line = next(iter(_LINES[name]))
    said = f"{spoken(left)} for the {name}"
    return Prediction(
        picture.lines[line].axes,
        lambda data: (len(data[line]) - 1, left),
        said,
        lambda data: magnitude(data[line][-1]),
        label=label,
        side=lambda data: "above" if left > data[line][-1] else "below",  # not over the line
    )


def _stretch(jacobians):
    """The root mean square by which each matrix stretches a vector, the last time first."""
    return np.sqrt((jacobians**2).sum(axis=(-2, -1)) / jacobians.shape[-1])[::-1]


class GradientPicture:
    """How much of a gradient is left the further back it goes, on a logarithmic scale.

    Args:
        lines: label -> (color, dashes) of each line.

    Attributes:
        figure, moving: for the live picture.
        lines: label -> its line.
    """

    FLOOR, CEILING = 1e-9, 1e7

    def __init__(self, lines):
        with styled():
            self.figure = new_figure(360)
            axes = self._axes = self.figure.add_axes((0.1, 0.16, 0.62, 0.78), yscale="log")  # the legend beside it
            axes.set(ylim=(self.FLOOR, self.CEILING), xlabel="steps back in time", ylabel="gradient left")
            axes.set_yticks([1e-9, 1e-6, 1e-3, 1, 1e3, 1e6])
            for label in axes.get_yticklabels():  # powers of ten
                label.set(**MATH)
            axes.minorticks_off()
            axes.axhline(1, color=QUIET, linewidth=1)
            self.lines = {
                label: axes.plot([], [], color=color, linestyle=dashes, label=label)[0]
                for label, (color, dashes) in lines.items()
            }
            axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, fontsize=14, handlelength=3)
        self.moving = list(self.lines.values())

    def update(self, data):
        """Show `data`: label -> what is left after 0, 1, 2 ... steps back."""
        for label, left in data.items():
            put(self.lines[label], data=(np.arange(len(left)), np.maximum(left, self.FLOOR / 10)))
        return put(self._axes, xlim=(0, len(left) - 1))
