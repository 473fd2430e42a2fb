"""Diagram of one unit of an LSTM cell: as a slider panel, and as a still picture with one part highlighted."""

import numpy as np
from matplotlib.patches import Rectangle

from lstm_helpers._arguments import one_of, short_traceback, switch
from lstm_helpers.equations import cell_state, hidden_state
from lstm_helpers.examples import EXAMPLES
from lstm_helpers.explorers._asked import Asked
from lstm_helpers.explorers._unit import draw_arrowhead, gate_sliders, set_wire
from lstm_helpers.view.controls import Slider, checked_values
from lstm_helpers.view.dials import draw_dial
from lstm_helpers.view.drawing import FRAME, Drawing
from lstm_helpers.view.live import put
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.plots import Picture
from lstm_helpers.view.prediction import Prediction, as_typed, read_prediction
from lstm_helpers.view.style import COLORS, GHOST, INK, MATH, QUIET, calculated, in_sum, number, percent, styled


class CellExplorer(Panel):
    """One unit of an LSTM cell, with a slider for each gate, the candidate and the old memory.

    Args:
        f, c_prev, i, g, o: opening values: gates from 0 to 1, the candidate from -1 to 1, the memory from -2 to 2.
            Default: the first unit of the document's forget, input and output examples.
        prediction: the predicted new memory, a number; or a mapping with "c", "h" or both; `...` for no prediction yet.
            It is drawn beside their numbers.
        question: name of the question, if the class's predictions are counted.
        inputs: draw the column [h_{t-1}; x_t] that the four gates read, under the gates. The sliders still set the
            gates directly.
    """

    title = "Cell explorer"

    @short_traceback
    def __init__(self, f=None, c_prev=None, i=None, g=None, o=None, *, prediction=..., question="", inputs=False):
        switch("inputs", inputs)
        units = _document_units()
        given = {"f": f, "c_prev": c_prev, "i": i, "g": g, "o": o}
        asked = Asked(question, prediction, lambda value: read_prediction(value, {"c": ((),), "h": ((),)}))
        sliders = [Slider("c_prev", -2, 2, words="memory"), *gate_sliders()]  # in the order of the diagram
        state = checked_values(sliders, units[0] | {name: value for name, value in given.items() if value is not None})
        presets = {f"document, unit {k}": unit for k, unit in enumerate(units, 1)} | {
            "keep": {"f": 1.0, "i": 0.0},
            "overwrite": {"f": 0.0, "i": 1.0},
            "add up": {"f": 1.0, "i": 1.0},
            "forget": {"f": 0.0, "i": 0.0},
            "output shut": {"o": 0.0},
        }
        diagram = CellDiagram(inputs)
        predictions = [_prediction(diagram, name, value) for name, value in asked.given.items()]
        super().__init__(diagram, sliders, state, presets, predictions, asked)

    def show(self, f, c_prev, i, g, o):
        """Return the numbers on the cell's wires, and a sentence."""
        data = _wires(f, c_prev, i, g, o)
        kept, written, c, tanh_c = calculated(
            [data[name] for name in ("kept", "written", "c", "tanh_c")],
            lambda kept, written, c, tanh_c: [(kept + written, c), (np.tanh(c), tanh_c)],
        )
        sentence = (
            f"Keep {percent(f)} of {number(c_prev)}, write {percent(i)} of {number(g)}: "
            f"the memory is now {kept} + {in_sum(written)} = {c}. "
            f"Show {percent(o)} of tanh({c}) = {tanh_c}: h = {number(data['h'])}."
        )
        return data, sentence


def _prediction(diagram, name, value):
    """A prediction of c or h, beside its number."""
    value = as_typed(value)
    label = {"label": f"you {value}", "side": "right"}
    return Prediction(diagram.page, _PREDICTIONS[name], f"{value} for {name}", lambda data: data[name], **label)


@short_traceback
def cell_map(part):
    """Diagram of the cell with one part highlighted; the numbers are those of unit 1 in the document's example of it.

    Args:
        part: `"pointwise"`, `"forget"`, `"input"` or `"output"`.
    """
    cell = _wires(**_document_units()[0])
    example = EXAMPLES["output_gate"]
    output = _shown(example.on_the_way["o"][0], example.inputs["c"][0])
    parts = {
        "pointwise": (_only(cell, "c_prev f kept i g written c"), "two products and a sum", ("kept", "written", "c")),
        "forget": (_only(cell, "c_prev f kept"), "the old memory times the forget gate", ("c_prev", "f", "kept")),
        "input": (_only(cell, "i g written"), "the candidate times the input gate", ("i", "g", "written")),
        "output": (output, "tanh of the memory times the output gate", ("c", "tanh_c", "o", "h")),
    }
    one_of("part", part, parts)
    numbers, words, listed = parts[part]
    diagram = CellDiagram()
    diagram.highlight(numbers)
    listing = ", ".join(f"{_WORDS[name]} {number(numbers[name])}" for name in listed)
    return Picture(diagram.figure, f"The LSTM cell as a diagram. What stands out is {words}: {listing}.")


_WORDS = {
    "c_prev": "old memory",
    "f": "forget gate",
    "kept": "kept",
    "i": "input gate",
    "g": "candidate",
    "written": "written",
    "c": "memory",
    "tanh_c": "its tanh",
    "o": "output gate",
    "h": "shown",
}


def _document_units():
    """The `f c_prev i g o` of three units, from the document's forget, input and output examples."""
    forget, write, show = (EXAMPLES[f"{name}_gate"] for name in ("forget", "input", "output"))
    vectors = {"f": forget.stated, "c_prev": forget.inputs["c_prev"], **write.on_the_way, "o": show.on_the_way["o"]}
    return [{name: float(vector[k]) for name, vector in vectors.items()} for k in range(len(forget.stated))]


def _wires(f, c_prev, i, g, o):
    """The number on each wire of the cell, by the name of the wire."""
    c = float(cell_state(f, c_prev, i, g))
    return {"f": f, "c_prev": c_prev, "kept": f * c_prev, "i": i, "g": g, "written": i * g, **_shown(o, c)}


def _shown(o, c):
    return {"c": c, "tanh_c": float(np.tanh(c)), "o": o, "h": float(hidden_state(o, c))}


def _only(numbers, names):
    return {name: numbers[name] for name in names.split()}


# Layout of the diagram in units of the SVG, y up. The column that the gates read is below 0.
_TOP, _BOTTOM = 294, -70
_HIGHWAY, _MIDDLE, _GATES, _BUS, _BACK = 240, 146, 50, -22, -62  # y of the rows
_FORGET, _INPUT, _CANDIDATE, _OUTPUT = 200, 330, 470, 640  # x of the gates
_SUM = 400  # x of the sum
_GATE, _OPERATOR = 42, 15  # radii
_HEAD = {"length": 9, "half": 7}  # of an arrow
_TO_OPERATOR = _OPERATOR + _HEAD["length"]  # from the middle of an operator to the end of a wire into it
_TANH = (_OUTPUT - 30, _HIGHWAY - 46, 60, 28)  # left, bottom, width and height of the box of tanh
_COLUMN = (64, _BUS, 64, 28)  # of [h_{t-1}; x_t]: left, middle, width, and the height of each half
_OUT, _LOOP = 773, 34  # x where h turns down, and where it turns up again
_END = 785  # x of the end of c and h, before their arrowheads

# Corners of each wire, and the symbol that gives its color. The names are those of `CellDiagram.update`.
_WIRES = {
    "c_prev": ("c", [(24, _HIGHWAY), (_FORGET - _TO_OPERATOR, _HIGHWAY)]),
    "f": ("f", [(_FORGET, _GATES + _GATE), (_FORGET, _HIGHWAY - _TO_OPERATOR)]),
    "kept": ("c", [(_FORGET + _OPERATOR, _HIGHWAY), (_SUM - _TO_OPERATOR, _HIGHWAY)]),
    "i": ("i", [(_INPUT, _GATES + _GATE), (_INPUT, _MIDDLE), (_SUM - _TO_OPERATOR, _MIDDLE)]),
    "g": ("g", [(_CANDIDATE, _GATES + _GATE), (_CANDIDATE, _MIDDLE), (_SUM + _TO_OPERATOR, _MIDDLE)]),
    "written": ("c", [(_SUM, _MIDDLE + _OPERATOR), (_SUM, _HIGHWAY - _TO_OPERATOR)]),
    "c": ("c", [(_SUM + _OPERATOR, _HIGHWAY), (_END, _HIGHWAY)]),
    "into_tanh": ("c", [(_OUTPUT, _HIGHWAY), (_OUTPUT, _HIGHWAY - 18)]),
    "tanh_c": ("c", [(_OUTPUT, _HIGHWAY - 46), (_OUTPUT, _MIDDLE + _TO_OPERATOR)]),
    "o": ("o", [(_OUTPUT, _GATES + _GATE), (_OUTPUT, _MIDDLE - _TO_OPERATOR)]),
    "h": ("h", [(_OUTPUT + _OPERATOR, _MIDDLE), (_END, _MIDDLE)]),
}
_INTO_COLUMN = _COLUMN[0] - _HEAD["length"]
_H_BACK = [(_OUT, _MIDDLE), (_OUT, _BACK), (_LOOP, _BACK), (_LOOP, _BUS + 14), (_INTO_COLUMN, _BUS + 14)]
_PART_OF = {"into_tanh": "tanh_c", "h_back": "h"}  # wires without a number of their own
_OPERATORS = {  # name of the wire that leaves an operator -> its place and sign
    "kept": ((_FORGET, _HIGHWAY), "×"),
    "c": ((_SUM, _HIGHWAY), "+"),
    "written": ((_SUM, _MIDDLE), "×"),
    "h": ((_OUTPUT, _MIDDLE), "×"),
}
_NUMBERS = {  # place of a wire's number, the caption above it, and their alignment
    "c_prev": ((98, _HIGHWAY + 14), "old memory  $c_{t-1}$", "center"),
    "kept": ((300, _HIGHWAY + 14), r"kept  $f \times c_{t-1}$", "center"),
    "written": ((_SUM + 14, _MIDDLE + 34), r"written  $i \times g$", "left"),
    "c": ((490, _HIGHWAY + 14), "new memory  $c_t$", "center"),
    "tanh_c": ((_OUTPUT - 34, _MIDDLE + 26), r"$\tanh(c_t)$", "right"),
    "h": ((728, _MIDDLE + 14), "shown  $h_t$", "center"),
}
_PREDICTIONS = {"c": (575, _HIGHWAY + 22), "h": (676, _MIDDLE - 21)}  # place of a prediction, near its number
_LEGEND = """A wire widens with
its number, up to 1.5.
Dashed: negative."""
_DIALS = {
    "f": (_FORGET, "forget gate"),
    "i": (_INPUT, "input gate"),
    "g": (_CANDIDATE, "candidate"),
    "o": (_OUTPUT, "output gate"),
}


class CellDiagram(Drawing):
    """Diagram of one unit of an LSTM cell: each wire has a number, and is as wide as the number.

    Args:
        inputs: draw the column [h_{t-1}; x_t] under the gates, and the loop of h back to it.

    Attributes:
        figure: the matplotlib figure.
        moving: the artists that `update` changes.
        wires, labels, dials: the same by name.
        parts: name of a number -> all artists that belong to it.
    """

    def __init__(self, inputs=False):
        bottom = _BOTTOM if inputs else 0
        with styled():
            super().__init__(_TOP - bottom, bottom=bottom)
            self.parts = {name: [] for name in _WIRES if name not in _PART_OF}
            self._draw_operators()
            wires = _WIRES | ({"h_back": ("h", _H_BACK)} if inputs else {})
            self.wires = {name: self._wire(name, *wire) for name, wire in wires.items()}
            self.labels = {name: self._number(name, *place) for name, place in _NUMBERS.items()}
            self.dials = {name: self._dial(name, *place) for name, place in _DIALS.items()}
            if inputs:
                self._draw_inputs()
        filled = [dial.filled for dial in self.dials.values()]
        self.moving = [*self.wires.values(), *filled, *self.labels.values()]

    def highlight(self, numbers):
        """Show these numbers; fade all other wires and hide their numbers."""
        self.update({**dict.fromkeys(self.parts, 0), **numbers})
        self._legend.set_visible(False)
        for name in self.parts.keys() - numbers.keys():
            for artist in self.parts[name]:
                artist.set_alpha(GHOST)
            if name in self.labels:
                self.labels[name].set_visible(False)

    def update(self, numbers):
        """Show these numbers.

        Args:
            numbers: a mapping with `c_prev f kept i g written c tanh_c o h`, each a single number.
        """
        numbers = {"into_tanh": numbers["c"], "h_back": numbers["h"], **numbers}
        for name, wire in self.wires.items():
            set_wire(wire, numbers[name])
        for name, label in self.labels.items():
            put(label, text=number(numbers[name]))
        for name, dial in self.dials.items():
            dial.show(numbers[name])

    def _draw_operators(self):
        self._legend = self.text(14, _MIDDLE + 20, _LEGEND, "left", linespacing=1.3)
        for name in self.parts:
            _, corners = _WIRES[name]
            self.parts[name].append(draw_arrowhead(self, corners, **_HEAD))
        for name, (center, symbol) in _OPERATORS.items():
            self.parts[name] += self.operator(*center, symbol, radius=_OPERATOR, size=19, zorder=1)
        words = self.text(_OUTPUT, _TANH[1] + 13, "tanh", size=16, va="center_baseline", color="black")
        self.parts["tanh_c"] += [self.box(*_TANH, rounding=6, zorder=1), words]

    def _draw_inputs(self):
        """The column [h_{t-1}; x_t], the wires into it, and those from it to the gates."""
        left, middle, width, half = _COLUMN
        place = {"side": "center", "va": "center_baseline"}
        for bottom, symbol, ink in ((middle, "$h_{t-1}$", INK["h"]), (middle - half, "$x_t$", QUIET)):
            self.page.add_patch(Rectangle((left, bottom), width, half, **FRAME))
            self._text(left + width / 2, bottom + half / 2 - 1, symbol, color=ink, **place)
        x_in, style = middle - half / 2, {"linewidth": 2, "solid_capstyle": "butt"}
        self.polyline([(0, x_in), (_LOOP - 10, x_in)], QUIET, **style)  # with a gap for the loop of h
        self.polyline([(left + width, _BUS), (_OUTPUT, _BUS)], QUIET, **style)
        draw_arrowhead(self, _H_BACK, **_HEAD)
        to_gates = {name: [(x, _BUS - 1), (x, _GATES - _GATE - _HEAD["length"])] for name, (x, _) in _DIALS.items()}
        for corners in ([(_LOOP + 10, x_in), (_INTO_COLUMN, x_in)], *to_gates.values()):
            self.polyline(corners, QUIET, **style)
            draw_arrowhead(self, corners, **_HEAD)
        for name, (x, _) in _DIALS.items():
            self._text(x + 10, _BUS + 7, f"$W_{name}$", "left", size=15)
        y = (_BUS + _BACK) / 2 - 5
        self._text(left + width + 12, y, "all four read the same column", "left", size=15)
        self._text(_OUT - 12, y, "$h_t$ is $h_{t-1}$ at the next step", "right", size=15, color=INK["h"])

    def _wire(self, name, symbol, points):
        line = self.polyline(points, COLORS[symbol], solid_capstyle="butt", dash_capstyle="butt")
        self.parts[_PART_OF.get(name, name)].append(line)
        return line

    def _number(self, name, place, caption, side):
        x, y = place
        words = self._text(x, y + 24, caption, side)
        value = self._text(x, y, "", side, size=19, color="black", weight="bold")
        self.parts[name] += [words, value]
        return value

    def _dial(self, name, x, caption):
        """A gate with its number in the ring; or the candidate, with its number beside the bar."""
        dial = draw_dial(self.page, name, (x, _GATES), _GATE, width=10)
        label_x, side = (dial.right + 10, "left") if name == "g" else (x, "center")
        ink = {"color": INK[name]}
        self.labels[name] = self._text(label_x, _GATES - 1, "", side, va="center_baseline", weight="bold", **ink)
        words = self._text(x + 12, _GATES + _GATE + 9, f"{caption} ${name}$", "left", **ink)
        self.parts[name] += [*dial.still, dial.filled, self.labels[name], words]
        return dial

    def _text(self, x, y, words, side, size=16, va="baseline", **style):
        return self.text(x, y, words, side, size=size, va=va, **style, **MATH)
