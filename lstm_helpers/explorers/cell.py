"""One unit of an LSTM cell, live and as a map."""

import numpy as np
from matplotlib.patches import Circle, FancyBboxPatch, Polygon, Wedge

from lstm_helpers._arguments import one_of, short_traceback
from lstm_helpers.equations import cell_state, hidden_state
from lstm_helpers.examples import EXAMPLES
from lstm_helpers.view.controls import Slider
from lstm_helpers.view.live import put
from lstm_helpers.view.panel import Panel
from lstm_helpers.view.plots import Picture
from lstm_helpers.view.prediction import Prediction, predicted, spoken
from lstm_helpers.view.style import COLORS, FAINT, INK, MATH, QUIET, WIDTH, new_figure, number, percent, styled


class CellExplorer(Panel):
    """One unit of an LSTM cell, its gates set by hand.

    Args:
        f, c_prev, i, g, o: where it opens: gates from 0 to 1, the candidate from -1 to 1, the memory from -2 to 2.
            If not given: the first unit of the document's forget, input and output examples.
        prediction: what the new memory will be, a number; or a mapping with "c", "h" or both; `...` if nothing is
            predicted yet. It is drawn beside their numbers.
    """

    title = "Cell explorer"

    @short_traceback
    def __init__(self, f=None, c_prev=None, i=None, g=None, o=None, *, prediction=...):
        units = _document_units()
        given = {"f": f, "c_prev": c_prev, "i": i, "g": g, "o": o}
        foreseen = predicted(prediction, {"c": ((),), "h": ((),)})
        rows = [
            [
                Slider("f", 0, 1, words="forget gate"),
                Slider("i", 0, 1, words="input gate"),
                Slider("o", 0, 1, words="output gate"),
            ],
            [Slider("g", -1, 1, words="candidate"), Slider("c_prev", -2, 2, words="memory")],
        ]
        sliders = [slider for row in rows for slider in row]
        opens_at = units[0] | {name: value for name, value in given.items() if value is not None}
        state = {slider.name: slider.checked(opens_at[slider.name]) for slider in sliders}
        presets = {} if state == units[0] else {"as given": state}
        presets |= {f"document, unit {k}": unit for k, unit in enumerate(units, 1)} | {
            "keep": {"f": 1.0, "i": 0.0},
            "overwrite": {"f": 0.0, "i": 1.0},
            "add up": {"f": 1.0, "i": 1.0},
            "forget": {"f": 0.0, "i": 0.0},
            "output shut": {"o": 0.0},
        }
        diagram = CellDiagram()
        predictions = [_beside(diagram, name, value) for name, value in foreseen.items()]
        super().__init__(diagram, rows, state, presets, predictions)

    def show(self, f, c_prev, i, g, o):
        """Every number on the wires of the cell."""
        data = _wires(f, c_prev, i, g, o)
        c = data["c"]
        sentence = (
            f"Keep {percent(f)} of {number(c_prev)}, write {percent(i)} of {number(g)}: "
            f"the memory is now {number(data['kept'])} + {_in_sum(data['written'])} = {number(c)}. "
            f"Show {percent(o)} of tanh({number(c)}) = {number(data['tanh_c'])}: h = {number(data['h'])}."
        )
        return data, sentence


def _beside(diagram, name, value):
    """A prediction of c or h, beside its number."""
    label = f"you {spoken(value)}"
    said = f"{spoken(value)} for {name}"
    axes = diagram.labels[name].axes
    return Prediction(axes, _PREDICTIONS[name], said, lambda data: number(data[name]), label=label, side="right")


@short_traceback
def cell_map(part):
    """The cell as a diagram in which one part stands out, with the first numbers of the document's example of it.

    Args:
        part: `"cell"` for all of it, or `"pointwise"`, `"forget"`, `"input"`, `"output"`.
    """
    cell = _wires(**_document_units()[0])
    example = EXAMPLES["output_gate"]
    output = _shown(example.on_the_way["o"][0], example.inputs["c"][0])
    parts = {
        "cell": (cell, "all of it", ("kept", "written", "c", "h")),
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


def _in_sum(value):
    """A term as it stands behind a plus sign: in brackets when negative."""
    text = number(value)
    return f"({text})" if text.startswith("−") else text


# The diagram's own units are those of the SVG.
_HEIGHT = 366
_HIGHWAY, _MIDDLE, _GATES = 286, 182, 92  # heights of the three rows
_FORGET, _INPUT, _CANDIDATE, _OUTPUT = 205, 340, 460, 600  # where the four gates stand
_SUM = 400  # where what is kept and what is written meet
_GATE, _OPERATOR = 42, 15  # radii
_HEAD = 9, 7  # of an arrow: its length, and half its width
_TO_OPERATOR = _OPERATOR + _HEAD[0]  # from its middle to where a wire into it ends
_TANH = (570, 238, 60, 28)  # left, bottom, width and height of its box

# Where each wire runs, and the corner of its number. The names are those of `CellDiagram.update`.
_WIRES = {
    "c_prev": ("c", [(24, _HIGHWAY), (_FORGET - _TO_OPERATOR, _HIGHWAY)]),
    "f": ("f", [(_FORGET, _GATES + _GATE), (_FORGET, _HIGHWAY - _TO_OPERATOR)]),
    "kept": ("c", [(_FORGET + _OPERATOR, _HIGHWAY), (_SUM - _TO_OPERATOR, _HIGHWAY)]),
    "i": ("i", [(_INPUT, _GATES + _GATE), (_INPUT, _MIDDLE), (_SUM - _TO_OPERATOR, _MIDDLE)]),
    "g": ("g", [(_CANDIDATE, _GATES + _GATE), (_CANDIDATE, _MIDDLE), (_SUM + _TO_OPERATOR, _MIDDLE)]),
    "written": ("c", [(_SUM, _MIDDLE + _OPERATOR), (_SUM, _HIGHWAY - _TO_OPERATOR)]),
    "c": ("c", [(_SUM + _OPERATOR, _HIGHWAY), (770, _HIGHWAY)]),
    "into_tanh": ("c", [(_OUTPUT, _HIGHWAY), (_OUTPUT, 266)]),
    "tanh_c": ("c", [(_OUTPUT, 238), (_OUTPUT, _MIDDLE + _TO_OPERATOR)]),
    "o": ("o", [(_OUTPUT, _GATES + _GATE), (_OUTPUT, _MIDDLE - _TO_OPERATOR)]),
    "h": ("h", [(_OUTPUT + _OPERATOR, _MIDDLE), (770, _MIDDLE)]),
}
_RIGHT, _LEFT, _UP, _DOWN = (1, 0), (-1, 0), (0, 1), (0, -1)
_ARROWS = {  # tip and direction of a wire's arrowhead
    "c_prev": ((_FORGET - _OPERATOR, _HIGHWAY), _RIGHT),
    "f": ((_FORGET, _HIGHWAY - _OPERATOR), _UP),
    "kept": ((_SUM - _OPERATOR, _HIGHWAY), _RIGHT),
    "i": ((_SUM - _OPERATOR, _MIDDLE), _RIGHT),
    "g": ((_SUM + _OPERATOR, _MIDDLE), _LEFT),
    "written": ((_SUM, _HIGHWAY - _OPERATOR), _UP),
    "c": ((785, _HIGHWAY), _RIGHT),
    "tanh_c": ((_OUTPUT, _MIDDLE + _OPERATOR), _DOWN),
    "o": ((_OUTPUT, _MIDDLE - _OPERATOR), _UP),
    "h": ((785, _MIDDLE), _RIGHT),
}
_OPERATORS = {  # the circle that a wire comes out of
    "kept": ((_FORGET, _HIGHWAY), "×"),
    "c": ((_SUM, _HIGHWAY), "+"),
    "written": ((_SUM, _MIDDLE), "×"),
    "h": ((_OUTPUT, _MIDDLE), "×"),
}
_NUMBERS = {  # where a wire's number stands, what stands above it, and on which side of the wire it hangs
    "c_prev": ((100, _HIGHWAY + 16), "old memory  $c_{t-1}$", "center"),
    "kept": ((300, _HIGHWAY + 16), r"kept  $f \times c_{t-1}$", "center"),
    "written": ((416, 216), r"written  $i \times g$", "left"),
    "c": ((500, _HIGHWAY + 16), "new memory  $c_t$", "center"),
    "tanh_c": ((562, 204), r"$\tanh(c_t)$", "right"),
    "h": ((705, _MIDDLE + 16), "shown  $h_t$", "center"),
}
_PREDICTIONS = {"c": (560, 308), "h": (672, 156)}  # where a prediction stands, beside that number
_LEGEND = """A wire widens with
its number, up to 1.5.
Dashed: negative.
The ring of g: −1 to 1,
half a turn each way."""
_RINGS = {
    "f": (_FORGET, "forget gate"),
    "i": (_INPUT, "input gate"),
    "g": (_CANDIDATE, "candidate"),
    "o": (_OUTPUT, "output gate"),
}
_TOP = 90  # degrees: where a ring begins to fill


class CellDiagram:
    """One unit of an LSTM cell: numbers ride on the wires, and a wire is as wide as its number.

    Attributes:
        figure: the matplotlib figure.
        moving: the artists that `update` changes.
        wires, labels, rings: what `update` changes, by name.
        parts: everything that belongs to a wire, by its name.
    """

    def __init__(self):
        with styled():
            self.figure = new_figure(_HEIGHT)
            self._axes = self.figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(0, _HEIGHT))
            self._axes.set_axis_off()
            self.parts = {name: [] for name in _WIRES}
            self._draw_operators()
            self.wires = {name: self._wire(name, *wire) for name, wire in _WIRES.items()}
            self.labels = {name: self._number(name, *place) for name, place in _NUMBERS.items()}
            self.rings = {name: self._ring(name, *ring) for name, ring in _RINGS.items()}
        self.moving = [*self.wires.values(), *self.rings.values(), *self.labels.values()]

    def light(self, numbers):
        """Show these numbers and let their wires stand out; the other wires step back and carry none."""
        if "tanh_c" in numbers:
            numbers = {**numbers, "into_tanh": numbers["c"]}
        self.update({**dict.fromkeys(_WIRES, 0), **numbers})
        self._legend.set_visible(False)
        for name in self.parts.keys() - numbers.keys():
            for artist in self.parts[name]:
                artist.set_alpha(0.13)
            if name in self.labels:
                self.labels[name].set_visible(False)

    def update(self, numbers):
        """Show these numbers.

        Args:
            numbers: a mapping with `c_prev f kept i g written c tanh_c o h`, each a single number.
        """
        numbers = {"into_tanh": numbers["c"], **numbers}
        for name, wire in self.wires.items():
            value = numbers[name]
            put(wire, linewidth=1.5 + 8 * min(abs(value), 1.5))
            if (value < 0) == (wire.get_linestyle() == "-"):
                wire.set_linestyle((0, (1, 0.5)) if value < 0 else "-")
        for name, label in self.labels.items():
            put(label, text=number(numbers[name]))
        for name, ring in self.rings.items():
            full_turn = 180 if name == "g" else 360  # the candidate goes from -1 to 1: half a turn either way
            end = _TOP - full_turn * numbers[name]
            if {ring.theta1, ring.theta2} != {_TOP, end}:
                ring.set_theta1(min(_TOP, end))
                ring.set_theta2(max(_TOP, end))

    def _draw_operators(self):
        self._legend = self._text(14, _GATES, _LEGEND, "left", size=12, va="center", linespacing=1.4)
        for name, place in _ARROWS.items():
            self.parts[name].append(self._axes.add_patch(_arrowhead(*place)))
        sign = {"side": "center", "va": "center_baseline", "color": "black"}
        for name, (center, symbol) in _OPERATORS.items():
            circle = Circle(center, _OPERATOR, facecolor="white", edgecolor=QUIET, linewidth=1.5)
            words = self._text(*center, symbol, size=19, **sign)
            self.parts[name] += [self._axes.add_patch(circle), words]
        left, bottom, width, height = _TANH
        frame = {"boxstyle": "round,pad=0,rounding_size=6", "facecolor": "white", "edgecolor": QUIET, "linewidth": 1.5}
        box = FancyBboxPatch((left, bottom), width, height, **frame)
        words = self._text(_OUTPUT, bottom + 13, "tanh", size=14, **sign)
        self.parts["tanh_c"] += [self._axes.add_patch(box), words]

    def _wire(self, name, symbol, points):
        (line,) = self._axes.plot(*zip(*points, strict=True), color=COLORS[symbol], solid_capstyle="butt")
        line.set_dash_capstyle("butt")
        self.parts[name].append(line)
        return line

    def _number(self, name, place, caption, side):
        x, y = place
        words = self._text(x, y + 23, caption, side)
        value = self._text(x, y, "", side, size=17, color="black", weight="bold")
        self.parts[name] += [words, value]
        return value

    def _ring(self, name, x, caption):
        """A gate: its number, in a ring that fills as far as it is open."""
        look = {"width": 10, "linewidth": 0}
        rest = self._axes.add_patch(Wedge((x, _GATES), _GATE, 0, 360, facecolor=FAINT, **look))
        filled = self._axes.add_patch(Wedge((x, _GATES), _GATE, _TOP, _TOP, facecolor=COLORS[name], **look))
        bold = {"color": INK[name], "weight": "bold"}
        self.labels[name] = self._text(x, _GATES - 1, "", "center", size=16, va="center_baseline", **bold)
        words = [
            self._text(x, 28, caption, "center"),
            self._text(x, 8, f"${name}$", "center", size=16, color=INK[name]),
        ]
        self.parts[name] += [rest, filled, self.labels[name], *words]
        return filled

    def _text(self, x, y, words, side, size=13, va="baseline", color=QUIET, **look):
        return self._axes.text(x, y, words, ha=side, va=va, fontsize=size, color=color, **look, **MATH)


def _arrowhead(tip, direction):
    (x, y), (dx, dy), (length, half) = tip, direction, _HEAD
    base_x, base_y = x - length * dx, y - length * dy
    corners = [tip, (base_x - half * dy, base_y + half * dx), (base_x + half * dy, base_y - half * dx)]
    return Polygon(corners, facecolor=QUIET, linewidth=0)
