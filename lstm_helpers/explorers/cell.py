"""One unit of an LSTM cell, live and as a map."""

import numpy as np
from matplotlib.patches import Rectangle

from lstm_helpers._arguments import one_of, short_traceback, switch
from lstm_helpers.equations import cell_state, hidden_state
from lstm_helpers.examples import EXAMPLES
from lstm_helpers.explorers._asked import Asked
from lstm_helpers.view.controls import Slider
from lstm_helpers.view.dials import draw_dial
from lstm_helpers.view.drawing import FRAME, Drawing
from lstm_helpers.view.live import put
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.plots import Picture
from lstm_helpers.view.prediction import Prediction, predicted, spoken
from lstm_helpers.view.style import COLORS, GHOST, INK, MATH, QUIET, in_sum, number, percent, styled


class CellExplorer(Panel):
    """One unit of an LSTM cell, its gates set by hand.

    Args:
        f, c_prev, i, g, o: where it opens: gates from 0 to 1, the candidate from -1 to 1, the memory from -2 to 2.
            If not given: the first unit of the document's forget, input and output examples.
        prediction: what the new memory will be, a number; or a mapping with "c", "h" or both; `...` if nothing is
            predicted yet. It is drawn beside their numbers.
        question: the name of what is predicted, if the prediction is to be counted in a class.
        inputs: whether the column that the four gates read is drawn under them. The sliders set the gates in its place.
    """

    title = "Cell explorer"

    @short_traceback
    def __init__(self, f=None, c_prev=None, i=None, g=None, o=None, *, prediction=..., question="", inputs=False):
        switch("inputs", inputs)
        units = _document_units()
        given = {"f": f, "c_prev": c_prev, "i": i, "g": g, "o": o}
        asked = Asked(question, prediction, lambda one: predicted(one, {"c": ((),), "h": ((),)}))
        sliders = [  # in the order of the picture
            Slider("c_prev", -2, 2, words="memory"),
            Slider("f", 0, 1, words="forget gate"),
            Slider("i", 0, 1, words="input gate"),
            Slider("g", -1, 1, words="candidate"),
            Slider("o", 0, 1, words="output gate"),
        ]
        opens_at = units[0] | {name: value for name, value in given.items() if value is not None}
        state = {slider.name: slider.checked(opens_at[slider.name]) for slider in sliders}
        presets = {f"document, unit {k}": unit for k, unit in enumerate(units, 1)} | {
            "keep": {"f": 1.0, "i": 0.0},
            "overwrite": {"f": 0.0, "i": 1.0},
            "add up": {"f": 1.0, "i": 1.0},
            "forget": {"f": 0.0, "i": 0.0},
            "output shut": {"o": 0.0},
        }
        diagram = CellDiagram(inputs)
        predictions = [_beside(diagram, name, value) for name, value in asked.given.items()]
        super().__init__(diagram, [sliders], state, presets, predictions, asked)

    def show(self, f, c_prev, i, g, o):
        """Every number on the wires of the cell."""
        data = _wires(f, c_prev, i, g, o)
        c = data["c"]
        sentence = (
            f"Keep {percent(f)} of {number(c_prev)}, write {percent(i)} of {number(g)}: "
            f"the memory is now {number(data['kept'])} + {in_sum(data['written'])} = {number(c)}. "
            f"Show {percent(o)} of tanh({number(c)}) = {number(data['tanh_c'])}: h = {number(data['h'])}."
        )
        return data, sentence


def _beside(diagram, name, value):
    """A prediction of c or h, beside its number."""
    said, look = f"{spoken(value)} for {name}", {"label": f"you {spoken(value)}", "side": "right"}
    return Prediction(diagram.labels[name].axes, _PREDICTIONS[name], said, lambda data: data[name], **look)


@short_traceback
def cell_map(part):
    """The cell as a diagram in which one part stands out, with the first numbers of the document's example of it.

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
    numbers, words, told = parts[part]
    diagram = CellDiagram()
    diagram.light(numbers)
    listing = ", ".join(f"{_WORDS[name]} {number(numbers[name])}" for name in told)
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
    """The three units of the document's forget, input and output examples, as one thread: f c_prev i g o of each."""
    forget, write, show = (EXAMPLES[f"{name}_gate"] for name in ("forget", "input", "output"))
    vectors = {"f": forget.stated, "c_prev": forget.inputs["c_prev"], **write.on_the_way, "o": show.on_the_way["o"]}
    return [{name: float(vector[k]) for name, vector in vectors.items()} for k in range(len(forget.stated))]


def _wires(f, c_prev, i, g, o):
    """Every number on the wires of the cell, by the name of its wire."""
    c = float(cell_state(f, c_prev, i, g))
    return {"f": f, "c_prev": c_prev, "kept": f * c_prev, "i": i, "g": g, "written": i * g, **_shown(o, c)}


def _shown(o, c):
    return {"c": c, "tanh_c": float(np.tanh(c)), "o": o, "h": float(hidden_state(o, c))}


def _only(numbers, names):
    return {name: numbers[name] for name in names.split()}


# The diagram's own units are those of the SVG. What the gates read stands below 0.
_TOP, _BOTTOM = 294, -70
_HIGHWAY, _MIDDLE, _GATES, _BUS, _BACK = 240, 146, 50, -22, -62  # heights of the rows
_FORGET, _INPUT, _CANDIDATE, _OUTPUT = 200, 330, 470, 640  # where the four gates stand
_SUM = 400  # where what is kept and what is written meet
_GATE, _OPERATOR = 42, 15  # radii
_HEAD = {"length": 9, "half": 7}  # of an arrow
_TO_OPERATOR = _OPERATOR + _HEAD["length"]  # from its middle to where a wire into it ends
_TANH = (_OUTPUT - 30, _HIGHWAY - 46, 60, 28)  # left, bottom, width and height of its box
_COLUMN = (64, _BUS, 64, 28)  # left, middle, width, and height of each half of what the gates read
_OUT, _LOOP = 773, 34  # where h turns back, and where it turns up again

# Where each wire runs. The names are those of `CellDiagram.update`.
_WIRES = {
    "c_prev": ("c", [(24, _HIGHWAY), (_FORGET - _TO_OPERATOR, _HIGHWAY)]),
    "f": ("f", [(_FORGET, _GATES + _GATE), (_FORGET, _HIGHWAY - _TO_OPERATOR)]),
    "kept": ("c", [(_FORGET + _OPERATOR, _HIGHWAY), (_SUM - _TO_OPERATOR, _HIGHWAY)]),
    "i": ("i", [(_INPUT, _GATES + _GATE), (_INPUT, _MIDDLE), (_SUM - _TO_OPERATOR, _MIDDLE)]),
    "g": ("g", [(_CANDIDATE, _GATES + _GATE), (_CANDIDATE, _MIDDLE), (_SUM + _TO_OPERATOR, _MIDDLE)]),
    "written": ("c", [(_SUM, _MIDDLE + _OPERATOR), (_SUM, _HIGHWAY - _TO_OPERATOR)]),
    "c": ("c", [(_SUM + _OPERATOR, _HIGHWAY), (781, _HIGHWAY)]),
    "into_tanh": ("c", [(_OUTPUT, _HIGHWAY), (_OUTPUT, _HIGHWAY - 18)]),
    "tanh_c": ("c", [(_OUTPUT, _HIGHWAY - 46), (_OUTPUT, _MIDDLE + _TO_OPERATOR)]),
    "o": ("o", [(_OUTPUT, _GATES + _GATE), (_OUTPUT, _MIDDLE - _TO_OPERATOR)]),
    "h": ("h", [(_OUTPUT + _OPERATOR, _MIDDLE), (781, _MIDDLE)]),
}
_INTO_COLUMN = _COLUMN[0] - _HEAD["length"]
_H_BACK = [(_OUT, _MIDDLE), (_OUT, _BACK), (_LOOP, _BACK), (_LOOP, _BUS + 14), (_INTO_COLUMN, _BUS + 14)]
_PART_OF = {"into_tanh": "tanh_c", "h_back": "h"}  # the wires that have no number of their own
_RIGHT, _LEFT, _UP, _DOWN = (1, 0), (-1, 0), (0, 1), (0, -1)
_ARROWS = {  # tip and direction of a wire's arrowhead
    "c_prev": ((_FORGET - _OPERATOR, _HIGHWAY), _RIGHT),
    "f": ((_FORGET, _HIGHWAY - _OPERATOR), _UP),
    "kept": ((_SUM - _OPERATOR, _HIGHWAY), _RIGHT),
    "i": ((_SUM - _OPERATOR, _MIDDLE), _RIGHT),
    "g": ((_SUM + _OPERATOR, _MIDDLE), _LEFT),
    "written": ((_SUM, _HIGHWAY - _OPERATOR), _UP),
    "c": ((794, _HIGHWAY), _RIGHT),
    "tanh_c": ((_OUTPUT, _MIDDLE + _OPERATOR), _DOWN),
    "o": ((_OUTPUT, _MIDDLE - _OPERATOR), _UP),
    "h": ((794, _MIDDLE), _RIGHT),
}
_OPERATORS = {  # the circle that a wire comes out of
    "kept": ((_FORGET, _HIGHWAY), "×"),
    "c": ((_SUM, _HIGHWAY), "+"),
    "written": ((_SUM, _MIDDLE), "×"),
    "h": ((_OUTPUT, _MIDDLE), "×"),
}
_NUMBERS = {  # where a wire's number stands, what stands above it, and on which side of the wire it hangs
    "c_prev": ((98, _HIGHWAY + 14), "old memory  $c_{t-1}$", "center"),
    "kept": ((300, _HIGHWAY + 14), r"kept  $f \times c_{t-1}$", "center"),
    "written": ((_SUM + 14, _MIDDLE + 34), r"written  $i \times g$", "left"),
    "c": ((490, _HIGHWAY + 14), "new memory  $c_t$", "center"),
    "tanh_c": ((_OUTPUT - 34, _MIDDLE + 26), r"$\tanh(c_t)$", "right"),
    "h": ((728, _MIDDLE + 14), "shown  $h_t$", "center"),
}
_PREDICTIONS = {"c": (575, _HIGHWAY + 22), "h": (676, _MIDDLE - 21)}  # where a prediction stands, near that number
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
    """One unit of an LSTM cell: numbers ride on the wires, and a wire is as wide as its number.

    Args:
        inputs: whether the column [h_{t-1}; x_t] that the four gates read stands under them, and h loops back to it.

    Attributes:
        figure: the matplotlib figure.
        moving: the artists that `update` changes.
        wires, labels, dials: what `update` changes, by name.
        parts: everything that belongs to a number, by its name.
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

    def light(self, numbers):
        """Show these numbers and let their wires stand out; the other wires step back and carry none."""
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
            value = numbers[name]
            put(wire, linewidth=1.5 + 8 * min(abs(value), 1.5))
            if (value < 0) == (wire.get_linestyle() == "-"):
                wire.set_linestyle((0, (1, 0.5)) if value < 0 else "-")
        for name, label in self.labels.items():
            put(label, text=number(numbers[name]))
        for name, dial in self.dials.items():
            dial.show(numbers[name])

    def _draw_operators(self):
        self._legend = self.text(14, _MIDDLE + 20, _LEGEND, "left", linespacing=1.3)
        for name, place in _ARROWS.items():
            self.parts[name].append(self.arrowhead(*place, **_HEAD))
        for name, (center, symbol) in _OPERATORS.items():
            self.parts[name] += self.operator(*center, symbol, radius=_OPERATOR, size=19, zorder=1)
        words = self.text(_OUTPUT, _TANH[1] + 13, "tanh", size=16, va="center_baseline", color="black")
        self.parts["tanh_c"] += [self.box(*_TANH, rounding=6, zorder=1), words]

    def _draw_inputs(self):
        """The column of h, one step before, and x; what leads from it to the gates; and where its halves come from."""
        left, middle, width, half = _COLUMN
        place = {"side": "center", "va": "center_baseline"}
        for bottom, symbol, ink in ((middle, "$h_{t-1}$", INK["h"]), (middle - half, "$x_t$", QUIET)):
            self.page.add_patch(Rectangle((left, bottom), width, half, **FRAME))
            self._text(left + width / 2, bottom + half / 2 - 1, symbol, color=ink, **place)
        x_in, look = middle - half / 2, {"linewidth": 2, "solid_capstyle": "butt"}
        self.polyline([(0, x_in), (_LOOP - 10, x_in)], QUIET, **look)  # under the loop
        self.polyline([(_LOOP + 10, x_in), (_INTO_COLUMN, x_in)], QUIET, **look)
        self.polyline([(left + width, _BUS), (_OUTPUT, _BUS)], QUIET, **look)
        for tip in ((left, x_in), (left, middle + half / 2)):
            self.arrowhead(tip, _RIGHT, **_HEAD)
        gate = _GATES - _GATE
        for name, (x, _) in _DIALS.items():
            self.polyline([(x, _BUS - 1), (x, gate - _HEAD["length"])], QUIET, **look)
            self.arrowhead((x, gate), _UP, **_HEAD)
            self._text(x + 10, _BUS + 7, f"$W_{name}$", "left", size=15)
        said = (_BUS + _BACK) / 2 - 5
        self._text(left + width + 12, said, "all four read the same column", "left", size=15)
        self._text(_OUT - 12, said, "$h_t$ is $h_{t-1}$ at the next step", "right", size=15, color=INK["h"])

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
        """A gate, its number in its ring; or the candidate, its number beside its bar."""
        drawn = draw_dial(self.page, name, (x, _GATES), _GATE, width=10)
        at, side = (drawn.right + 10, "left") if name == "g" else (x, "center")
        ink = {"color": INK[name]}
        self.labels[name] = self._text(at, _GATES - 1, "", side, va="center_baseline", weight="bold", **ink)
        words = self._text(x + 12, _GATES + _GATE + 9, f"{caption} ${name}$", "left", **ink)
        self.parts[name] += [*drawn.still, drawn.filled, self.labels[name], words]
        return drawn

    def _text(self, x, y, words, side, size=16, va="baseline", **look):
        return self.text(x, y, words, side, size=size, va=va, **look, **MATH)
