"""How far back a gradient reaches."""

import numpy as np

from lstm_helpers._arguments import generator, refuse, short_traceback, words
from lstm_helpers.equations import sigmoid
from lstm_helpers.gradients import cell_jacobian, half_life, hidden_jacobian
from lstm_helpers.layers import LSTM, RNN
from lstm_helpers.view.controls import Slider
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.prediction import Prediction, labels, predicted, spoken
from lstm_helpers.view.style import COLORS, magnitude, number
from lstm_helpers.view.timeline import GradientPicture

_UNITS, _LONGEST = 8, 100
_LINES = {
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
    """

    title = "Gradient explorer"

    @short_traceback
    def __init__(self, layers=("RNN", "LSTM"), *, w=1.0, b_f=1.0, rng, prediction=...):
        layers = words("layers", layers, at_least=1)
        if not set(layers) <= set(_LINES):
            refuse(ValueError, f"layers must be one or both of {list(_LINES)}, got {layers!r}")
        given = predicted(prediction, {name: ((),) for name in ("LSTM", "RNN") if name in layers}, within=(0, np.inf))
        rng = generator(rng)
        kinds = {"RNN": RNN, "LSTM": LSTM}
        controls = [
            Slider("w", w, 0, 2, words="recurrent weight", label_width=150),
            Slider("T", 50, 10, _LONGEST, step=1, words="steps", label_width=80),
        ]
        presets = {"w = 0": {"w": 0.0}, "w = 0.9": {"w": 0.9}, "w = 1": {"w": 1.0}, "w = 1.5": {"w": 1.5}}
        if "LSTM" in layers:
            controls.insert(1, Slider("b_f", b_f, -2, 6, words="forget bias"))
            presets |= {f"forget bias {bias}": {"b_f": float(bias)} for bias in (0, 1, 3, 5)}
        self._layers = {name: kinds[name].initialize(1, _UNITS, rng=rng) for name in _LINES if name in layers}
        self._weights = {name: layer.W.copy() for name, layer in self._layers.items()}
        self._x = 0.1 * rng.normal(size=(_LONGEST, 1))
        presets = {"start": {control.name: control.value for control in controls}} | presets
        lines = {label: look for name in self._layers for label, look in _LINES[name].items()}
        picture, names = GradientPicture(lines), labels(given)
        predictions = [_at_the_end(picture, name, left, names[name]) for name, left in given.items()]
        super().__init__(picture, [controls], presets, predictions)

    def show(self, w, T, b_f=None):
        """What is left after 0, 1, 2 ... steps back, for every line."""
        x, data = self._x[: round(T)], {}
        for name, layer in self._layers.items():
            layer.W = self._weights[name]
            layer.W[:, :_UNITS] *= w  # the columns that read h_prev
            if name == "RNN":
                data["RNN"] = _stretch(hidden_jacobian(layer, layer.forward(x)))
                continue
            layer.b_f = b_f
            exact, forget_gates = cell_jacobian(layer, layer.forward(x))
            data["LSTM, all paths"] = _stretch(exact)
            data["LSTM, only f"] = _stretch(forget_gates[..., None, :] * np.eye(_UNITS))
        end = {label: magnitude(values[-1]) for label, values in data.items()}
        parts = [f"in the RNN {end['RNN']}"] if "RNN" in end else []
        if "LSTM" in self._layers:
            parts.append(f"in the LSTM {end['LSTM, all paths']}, {end['LSTM, only f']} by the forget gates alone")
        sentence = f"{round(T)} steps back, this is left of a gradient of 1: {'; '.join(parts)}."
        if b_f is not None:
            sentence += (
                f" With a bias of {number(b_f)} a gate has a half-life of {number(half_life(sigmoid(b_f)), 1)} steps."
            )
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
