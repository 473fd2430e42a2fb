"""The LSTM cell as a diagram: numbers ride on the wires, a wire is as wide as the number it carries."""

from matplotlib.patches import Circle, FancyBboxPatch, Polygon, Wedge

from lstm_helpers.view.live import put
from lstm_helpers.view.style import COLORS, FAINT, INK, MATH, QUIET, new_figure, number, styled

WIDTH, HEIGHT = 800, 366  # the diagram's own units, which are those of the SVG
HIGHWAY, MIDDLE, GATES = 286, 182, 92  # heights of the three rows
DIAL, OPERATOR = 42, 15  # radii

# Where each wire runs, and the corner of its number. The names are those of `CellDiagram.update`.
WIRES = {
    "c_prev": ("c", [(24, HIGHWAY), (181, HIGHWAY)]),
    "f": ("f", [(205, GATES + DIAL), (205, HIGHWAY - 24)]),
    "kept": ("c", [(220, HIGHWAY), (376, HIGHWAY)]),
    "i": ("i", [(340, GATES + DIAL), (340, MIDDLE), (376, MIDDLE)]),
    "g": ("g", [(460, GATES + DIAL), (460, MIDDLE), (424, MIDDLE)]),
    "written": ("c", [(400, MIDDLE + 15), (400, HIGHWAY - 24)]),
    "c": ("c", [(415, HIGHWAY), (770, HIGHWAY)]),
    "into_tanh": ("c", [(600, HIGHWAY), (600, 266)]),
    "tanh_c": ("c", [(600, 238), (600, MIDDLE + 24)]),
    "o": ("o", [(600, GATES + DIAL), (600, MIDDLE - 24)]),
    "h": ("h", [(615, MIDDLE), (770, MIDDLE)]),
}
ARROWS = {  # tip and direction of a wire's arrowhead
    "c_prev": ((190, HIGHWAY), (1, 0)),
    "f": ((205, HIGHWAY - 15), (0, 1)),
    "kept": ((385, HIGHWAY), (1, 0)),
    "i": ((385, MIDDLE), (1, 0)),
    "g": ((415, MIDDLE), (-1, 0)),
    "written": ((400, HIGHWAY - 15), (0, 1)),
    "c": ((785, HIGHWAY), (1, 0)),
    "tanh_c": ((600, MIDDLE + 15), (0, -1)),
    "o": ((600, MIDDLE - 15), (0, 1)),
    "h": ((785, MIDDLE), (1, 0)),
}
OPERATORS = {  # the circle that a wire comes out of
    "kept": ((205, HIGHWAY), "×"),
    "c": ((400, HIGHWAY), "+"),
    "written": ((400, MIDDLE), "×"),
    "h": ((600, MIDDLE), "×"),
}
NUMBERS = {  # where a wire's number stands, what stands above it, and on which side of the wire it hangs
    "c_prev": ((100, HIGHWAY + 16), "old memory  $c_{t-1}$", "center"),
    "kept": ((300, HIGHWAY + 16), r"kept  $f \times c_{t-1}$", "center"),
    "written": ((416, 216), r"written  $i \times g$", "left"),
    "c": ((500, HIGHWAY + 16), "new memory  $c_t$", "center"),
    "tanh_c": ((562, 204), r"$\tanh(c_t)$", "right"),
    "h": ((705, MIDDLE + 16), "shown  $h_t$", "center"),
}
LEGEND = "A wire widens with\nits number, up to 1.5.\nDashed: negative.\nThe ring of g: −1 to 1,\nhalf a turn each way."
DIALS = {
    "f": (205, "forget gate"),
    "i": (340, "input gate"),
    "g": (460, "candidate"),
    "o": (600, "output gate"),
}


class CellDiagram:
    """One unit of an LSTM cell, drawn once; `update` puts numbers on it.

    Attributes:
        figure: the matplotlib figure.
        moving: the artists that `update` changes.
        wires, labels, dials: what `update` changes, by name.
        parts: everything that belongs to a wire, by its name.
    """

    def __init__(self):
        with styled():
            self.figure = new_figure(WIDTH / 72, HEIGHT / 72)
            self._axes = self.figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(0, HEIGHT))
            self._axes.set_axis_off()
            self.parts = {name: [] for name in WIRES}
            self._draw_operators()
            self.wires = {name: self._wire(name, *wire) for name, wire in WIRES.items()}
            self.labels = {name: self._number(name, *place) for name, place in NUMBERS.items()}
            self.dials = {name: self._dial(name, *dial) for name, dial in DIALS.items()}
        self.moving = [*self.wires.values(), *self.dials.values(), *self.labels.values()]

    def light(self, numbers):
        """Show these numbers and let their wires stand out; the other wires step back and carry none."""
        if "tanh_c" in numbers:
            numbers = {**numbers, "into_tanh": numbers["c"]}
        self.update({**dict.fromkeys(WIRES, 0), **numbers})
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
        for name, dial in self.dials.items():
            turn = 180 if name == "g" else 360  # the candidate goes from -1 to 1: half a turn either way
            end = 90 - turn * numbers[name]
            if {dial.theta1, dial.theta2} != {90, end}:
                dial.set_theta1(min(90, end))
                dial.set_theta2(max(90, end))

    def _draw_operators(self):
        self._legend = self._text(14, GATES, LEGEND, "left", size=12, va="center", linespacing=1.4)
        for name, place in ARROWS.items():
            self.parts[name].append(self._axes.add_patch(_arrowhead(*place)))
        for name, (center, sign) in OPERATORS.items():
            circle = Circle(center, OPERATOR, facecolor="white", edgecolor=QUIET, linewidth=1.5)
            words = self._text(*center, sign, "center", size=19, va="center_baseline", color="black")
            self.parts[name] += [self._axes.add_patch(circle), words]
        box = FancyBboxPatch((570, 238), 60, 28, "round,pad=0,rounding_size=6", fc="white", ec=QUIET, lw=1.5)
        words = self._text(600, 251, "tanh", "center", size=14, va="center_baseline", color="black")
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

    def _dial(self, name, x, caption):
        ring = {"width": 10, "linewidth": 0}
        rest = self._axes.add_patch(Wedge((x, GATES), DIAL, 0, 360, facecolor=FAINT, **ring))
        turned = self._axes.add_patch(Wedge((x, GATES), DIAL, 90, 90, facecolor=COLORS[name], **ring))
        bold = {"color": INK[name], "weight": "bold"}
        self.labels[name] = self._text(x, GATES - 1, "", "center", size=16, va="center_baseline", **bold)
        words = [
            self._text(x, 28, caption, "center"),
            self._text(x, 8, f"${name}$", "center", size=16, color=INK[name]),
        ]
        self.parts[name] += [rest, turned, self.labels[name], *words]
        return turned

    def _text(self, x, y, words, side, size=13, va="baseline", color=QUIET, **look):
        return self._axes.text(x, y, words, ha=side, va=va, fontsize=size, color=color, **look, **MATH)


def _arrowhead(tip, direction):
    (x, y), (dx, dy) = tip, direction
    base_x, base_y = x - 9 * dx, y - 9 * dy
    corners = [tip, (base_x - 7 * dy, base_y + 7 * dx), (base_x + 7 * dy, base_y - 7 * dx)]
    return Polygon(corners, facecolor=QUIET, linewidth=0)
