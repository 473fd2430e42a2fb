"""Picture of three LSTM cells in a row, with the c and h that one step passes to the next."""

from lstm_helpers._arguments import short_traceback
from lstm_helpers.equations import cell_state, hidden_state
from lstm_helpers.explorers._unit import draw_arrowhead, wire_width
from lstm_helpers.view.dials import draw_dial
from lstm_helpers.view.drawing import Drawing
from lstm_helpers.view.plots import Picture
from lstm_helpers.view.style import COLORS, INK, WIDTH, number, styled, subscript

# A memory is written at the first step, held at the second and shown at the third.
_STEPS = [
    ("write", {"f": 1.0, "i": 1.0, "g": 0.8, "o": 0.0}),
    ("hold", {"f": 1.0, "i": 0.0, "g": 0.3, "o": 0.0}),
    ("show", {"f": 1.0, "i": 0.0, "g": 0.5, "o": 1.0}),
]


@short_traceback
def cell_chain():
    """Picture of three cells in a row: c runs straight through them, and each h loops into the next cell's gates."""
    chain = CellChain()
    sentence = (
        "Three steps of an LSTM, the same cell each time. The memory c runs straight through them along the highway: "
        f"{', '.join(map(number, chain.c))}. What a cell shows, h, loops into the gates of the next: "
        f"{', '.join(map(number, chain.h))}. The gates {', '.join(verb for verb, _ in _STEPS)}."
    )
    return Picture(chain.figure, sentence)


# Layout in units of the SVG, y up.
_HEIGHT = 312
_CELL, _GAP, _FIRST = 165, 70, 65  # width of a cell, width of the gap to the next, left edge of the first
_BOX_BOTTOM, _BOX_TOP = 66, 276
_HIGHWAY, _MIDDLE, _GATES, _BUS = 226, 172, 122, 90  # y of the rows of a cell; all gates read from the bus
_X = {"f": 28, "i": 62, "sum": 81, "g": 100, "o": 140}  # from the left edge of a cell
_GATE, _OPERATOR = 16, 9  # radii
_TURN = 14  # from the right edge of a cell to where its h turns down
_END = WIDTH - 20  # x of the last c and h, before their arrowheads


class CellChain(Drawing):
    """The drawing of three steps. A wire is as wide as its number.

    Attributes:
        c, h: the memory and the hidden state, before the first step and after each.
        figure: the matplotlib figure.
        memories, shown: the wires of `c` and of `h`, one for each number.
        dials: for each step, symbol -> the ring of a gate, the bar of the candidate.
    """

    def __init__(self):
        self.c, self.h = [0.0], [0.0]
        for _, gates in _STEPS:
            self.c.append(float(cell_state(gates["f"], self.c[-1], gates["i"], gates["g"])))
            self.h.append(float(hidden_state(gates["o"], self.c[-1])))
        with styled():
            super().__init__(_HEIGHT)
            for k, (verb, _) in enumerate(_STEPS, 1):
                self._draw_box(k, f"step {k}: {verb}")
            self.memories = [self._draw_c(k) for k in range(len(_STEPS) + 1)]
            self.shown = [self._draw_h(k) for k in range(len(_STEPS) + 1)]
            self.dials = [self._draw_cell(k, gates) for k, (_, gates) in enumerate(_STEPS, 1)]

    def _draw_box(self, k, caption):
        left = _left(k)
        self.box(left, _BOX_BOTTOM, _CELL, _BOX_TOP - _BOX_BOTTOM, rounding=12, facecolor="none", zorder=1)
        self._text(left + _CELL / 2, _BOX_TOP + 12, caption)

    def _draw_c(self, k):
        """c_k: from the sum of cell k to that of the next cell, or out of the picture; c_0 from the left edge."""
        start = _left(k) + _X["sum"] if k else 0
        end = _END if k == len(_STEPS) else _left(k + 1) + _X["sum"]
        corners = [(start, _HIGHWAY), (end, _HIGHWAY)]
        if k == len(_STEPS):
            draw_arrowhead(self, corners, length=12, half=8)
        self._number(_left(k + 1) - _GAP / 2 if k else _FIRST / 2, _HIGHWAY + 14, "c", k, self.c[k])
        return self._wire("c", corners, wire_width(self.c[k]))

    def _draw_h(self, k):
        """h_k: from cell k down to the bus of the next cell, or out of the picture; h_0 from the left edge."""
        start, turn = _left(k) + _X["o"] + _OPERATOR, _left(k) + _CELL + _TURN
        if k == len(_STEPS):
            corners = [(start, _MIDDLE), (_END, _MIDDLE)]
            draw_arrowhead(self, corners, length=12, half=8)
            self._number(_left(k + 1) - _GAP / 2, _MIDDLE - 50, "h", k, self.h[k])
        else:
            corners = [(start, _MIDDLE), (turn, _MIDDLE), (turn, _BUS)] if k else [(0, _BUS)]
            corners.append((_left(k + 1) + _X["o"], _BUS))
            self._number(turn + 30 if k else _FIRST / 2, _BUS + 14, "h", k, self.h[k])
        return self._wire("h", corners, wire_width(self.h[k]))

    def _draw_cell(self, k, gates):
        """The gates, their inputs and their operators; returns the dials."""
        left = _left(k)
        x = {name: left + offset for name, offset in _X.items()}
        self._wire("x", [(left + 12, 30), (left + 12, _BUS)], 2)
        self._symbol(left + 12, 14, "x", k)
        for name in gates:
            self._wire("x", [(x[name], _BUS), (x[name], _GATES - _GATE)], 2)
        top = _GATES + _GATE
        corners = {
            "f": [(x["f"], top), (x["f"], _HIGHWAY)],
            "i": [(x["i"], top), (x["i"], _MIDDLE), (x["sum"], _MIDDLE)],
            "g": [(x["g"], top), (x["g"], _MIDDLE), (x["sum"], _MIDDLE)],
            "o": [(x["o"], top), (x["o"], _MIDDLE)],
        }
        for name, points in corners.items():
            self._wire(name, points, wire_width(gates[name]))
        self._wire("c", [(x["sum"], _MIDDLE), (x["sum"], _HIGHWAY)], wire_width(gates["i"] * gates["g"]))
        self._wire("c", [(x["o"], _HIGHWAY), (x["o"], _MIDDLE)], 2)
        operators = ("f", _HIGHWAY, "×"), ("sum", _MIDDLE, "×"), ("sum", _HIGHWAY, "+"), ("o", _MIDDLE, "×")
        for name, y, sign in operators:
            self.operator(x[name], y, sign, radius=_OPERATOR, size=16)
        self.box(x["o"] - 21, 192, 42, 20, linewidth=1)
        self._text(x["o"], 196, "tanh", color="black", size=14, zorder=4)
        return {name: self._dial(x[name], name, gates[name]) for name in gates}

    def _dial(self, x, symbol, value):
        """A gate with its symbol in the ring; or the candidate, with its symbol beside the bar."""
        dial = draw_dial(self.page, symbol, (x, _GATES), _GATE, width=5)
        dial.show(value)
        label_x = dial.right + 7 if symbol == "g" else x
        self._text(label_x, _GATES, symbol, color=INK[symbol], va="center_baseline", style="italic")
        return dial

    def _wire(self, symbol, points, width):
        return self.polyline(points, COLORS[symbol], linewidth=width, solid_capstyle="butt")

    def _number(self, x, y, symbol, k, value):
        self._symbol(x, y + 22, symbol, k)
        self._text(x, y, number(value), color=INK[symbol], weight="bold")

    def _symbol(self, x, y, symbol, k):
        self._text(x, y, symbol + subscript(k), color=INK[symbol], style="italic")

    def _text(self, x, y, words, *, size=16, va="baseline", **style):
        self.text(x, y, words, size=size, va=va, **style)


def _left(k):
    """The left edge of cell k, counted from 1."""
    return _FIRST + (k - 1) * (_CELL + _GAP)
