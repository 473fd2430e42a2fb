"""The LSTM and its relatives side by side: one unit of each, the same weights where they have them, the same input."""

import numpy as np

from lstm_helpers._arguments import short_traceback, whole_number
from lstm_helpers.equations import logit
from lstm_helpers.layers import GRU, LSTM, RNN
from lstm_helpers.view.controls import Choice, Slider
from lstm_helpers.view.multiples import MultiplesPicture
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.prediction import Prediction, predicted, spoken
from lstm_helpers.view.style import number

NOTHING, WRITE, FORGET = 0, 1, 2  # the signals
_SHUT, _TURN = -10.0, 20.0  # the bias of a gate that stays shut without a signal, and what a signal adds to it
_LAYERS = {
    "LSTM": lambda: LSTM(3, 1),
    "document's cell": lambda: LSTM(3, 1, peepholes=True),
    "LSTM with peepholes": lambda: LSTM(3, 1, peepholes=True),
    "LSTM without a forget gate": lambda: LSTM(3, 1, forget_gate=False),
    "LSTM with coupled gates": lambda: LSTM(3, 1, coupled=True),
    "GRU": lambda: GRU(3, 1),
    "plain RNN": lambda: RNN(3, 1),
}


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
    """

    title = "Variant explorer"
    steps = 12

    @short_traceback
    def __init__(self, *, prediction=...):
        given = predicted(prediction, dict.fromkeys(_LAYERS, ((),)))
        self._layers = {name: make() for name, make in _LAYERS.items()}
        for layer in self._layers.values():
            _wire(layer)
        presets = variants(self.steps)
        self.state = next(iter(presets.values()))
        buttons = {f"{k}": k - 1 for k in range(1, self.steps + 1)}
        signals = {"nothing": NOTHING, "write": WRITE, "forget": FORGET}
        rows = [
            [Choice("step", buttons, "step", value=1)],
            [
                Choice("signal", signals, "signal", value=int(self.state["signal"][1])),
                Slider("g", self.state["g"][1], -0.95, 0.95, words="offered"),
            ],
            [
                Slider("b_f", self.state["b_f"], -4, 8, words="forget bias"),
                Slider("u", self.state["u"], -10, 10, words="reads memory"),
                Slider("o", self.state["o"], 0.01, 0.99, words="output gate"),
            ],
        ]
        symbols = {name: "c" if isinstance(layer, LSTM) else "h" for name, layer in self._layers.items()}
        picture = MultiplesPicture(symbols, self.steps)
        predictions = [_at_the_end(picture.lines[name], name, value) for name, value in given.items()]
        super().__init__(picture, rows, presets, predictions)

    @property
    def values(self):
        """What is offered and signaled at every step, the chosen step, and the numbers that hold for all steps."""
        chosen = super().values
        return {**self.state, **{name: chosen[name] for name in ("b_f", "u", "o", "step")}}

    def show(self, g, signal, b_f, u, o, step):
        """Every memory over the steps."""
        x = np.stack([np.arctanh(g), signal == WRITE, signal == FORGET], axis=1)
        memories = {}
        for name, layer in self._layers.items():
            _set(layer, b_f, u, o, reads_c=name != "LSTM", reads_h=name != "document's cell")
            trace = layer.forward(x)
            memories[name] = np.append(0.0, trace.c if isinstance(layer, LSTM) else trace.h)
        at = {"write": np.flatnonzero(signal == WRITE), "forget": np.flatnonzero(signal == FORGET)}
        data = {"offered": g, "memories": memories, "step": step, **at}
        ends = ", ".join(f"{name} {number(memory[-1])}" for name, memory in memories.items())
        return data, (
            f"Write at {_listed(at['write'])}, forget at {_listed(at['forget'])}; step {step + 1} offers "
            f"{number(g[step])}. The memories after step {len(g)}: {ends}."
        )

    def follow(self, name, value):
        """Another step is chosen: the controls go to it. A control of the step moves: the step follows."""
        step = self.controls["step"].value
        if name == "step":
            self.controls["signal"].put(int(self.state["signal"][step]))
            self.controls["g"].put(float(self.state["g"][step]))
        elif name in ("signal", "g"):
            changed = self.state[name].copy()
            changed[step] = value
            self.state = {**self.state, name: changed}

    def apply(self, preset):
        """Take a preset's sequence and numbers, and put the controls where they are."""
        self.state = preset
        for name in ("b_f", "u", "o"):
            self.controls[name].put(preset[name])
        self.follow("step", None)


def _at_the_end(line, name, value):
    """A prediction of the memory after the last step, in its own panel."""
    steps, said = len(line.get_xdata()) - 1, f"{spoken(value)} for the {name}"

    def at_the_end(data):
        return data["memories"][name][-1]

    return Prediction(
        line.axes,
        (steps, value),
        said,
        lambda data: number(at_the_end(data)),
        side=lambda data: "above" if value >= at_the_end(data) else "below",  # so that the label hides no line
    )


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


def _wire(layer):
    """The weights that no slider moves. The columns of x: what is offered, "write", "forget"; h comes before them."""
    if isinstance(layer, RNN):
        layer.W_h = [[1, 1, 0, 0]]
    elif isinstance(layer, GRU):
        layer.W_n = [[0, 1, 0, 0]]
    else:
        layer.W_g = [[0, 1, 0, 0]]
        if not layer.coupled:
            layer.W_i, layer.b_i = [[0, 0, _TURN, 0]], _SHUT


def _set(layer, b_f, u, o, reads_c, reads_h):
    """The weights that the sliders move."""
    if isinstance(layer, GRU):
        layer.W_z, layer.b_z = [[u, 0, -_TURN, -_TURN]], b_f
    elif isinstance(layer, LSTM):
        layer.b_o = logit(o)
        if layer.forget_gate:
            layer.W_f, layer.b_f = [[u * reads_h, 0, -_TURN * layer.coupled, -_TURN]], b_f
        if layer.peepholes:
            layer.p_f = u * reads_c


def _listed(steps):
    """Steps 2 and 6; no step."""
    words = [str(k + 1) for k in steps]
    if not words:
        return "no step"
    if len(words) == 1:
        return f"step {words[0]}"
    return f"steps {', '.join(words[:-1])} and {words[-1]}"
