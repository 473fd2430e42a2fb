"""The cell three times over: what one step hands to the next."""

from lstm_helpers._arguments import short_traceback
from lstm_helpers.equations import cell_state, hidden_state
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
    """Three cells in a row, joined by the highway of c, each with its h looping into the next: a picture."""
    chain = CellChain()
    sentence = (
        "Three steps of an LSTM, the same cell each time. The memory c runs straight through them along the highway: "
        f"{', '.join(map(number, chain.c))}. What a cell shows, h, loops into the gates of the next: "
        f"{', '.join(map(number, chain.h))}. The gates {', '.join(did for did, _ in _STEPS)}."
    )
    return Picture(chain.figure, sentence)


# The drawing's own units are those of the SVG.
_HEIGHT = 312
_CELL, _GAP, _FIRST = 165, 70, 65  # the width of a cell, the way to the next, and the left edge of the first
_BOX_BOTTOM, _BOX_TOP = 66, 276
_HIGHWAY, _MIDDLE, _GATES, _RAIL = 226, 172, 122, 90  # heights of what is in a cell
_FORGET, _INPUT, _SUM, _CANDIDATE, _OUTPUT = 28, 62, 81, 100, 140  # where it stands, from the cell's left edge
_GATE, _OPERATOR = 16, 9  # radii
_TURN = 14  # from a cell's right edge to where its h turns down


class CellChain(Drawing):
    """The drawing of three steps. A wire is as wide as its number.

    Attributes:
        c, h: the memory, and what is shown, before the first step and after each.
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
            edges = [_FIRST - _GAP, *(_FIRST + k * (_CELL + _GAP) for k in range(len(_STEPS)))]
            for k, (did, _) in enumerate(_STEPS):
                self._draw_box(edges[k + 1], f"step {k + 1}: {did}")
            handed = [(edge + _CELL if k else 0, k) for k, edge in enumerate(edges)]
            self.memories = [self._draw_memory(start, k, self.c[k]) for start, k in handed]
            self.shown = [self._draw_shown(start, k, self.h[k]) for start, k in handed]
            self.dials = [self._draw_cell(edges[k + 1], k + 1, gates) for k, (_, gates) in enumerate(_STEPS)]

    def _draw_box(self, left, caption):
        self.box(left, _BOX_BOTTOM, _CELL, _BOX_TOP - _BOX_BOTTOM, rounding=12, facecolor="none", zorder=1)
        self._text(left + _CELL / 2, _BOX_TOP + 12, caption)

    def _draw_memory(self, start, k, value):
        """The highway from where this memory comes about to where the next one does."""
        begins, last = start - _CELL + _SUM if k else start, k == len(_STEPS)
        ends = WIDTH - 20 if last else start + _GAP + _SUM
        if not k:
            ends = _FIRST + _SUM
        wire = self._wire("c", [(begins, _HIGHWAY), (ends, _HIGHWAY)], _width(value))
        if last:
            self.arrowhead((ends + 12, _HIGHWAY), (1, 0), length=12, half=8)
        middle = start + _GAP / 2 if k else _FIRST / 2
        self._number(middle, _HIGHWAY + 14, "c", k, value)
        return wire

    def _draw_shown(self, start, k, value):
        """From its cell into the rail under the gates of the next; the last one leaves the picture."""
        if k == len(_STEPS):
            way = [(start - _CELL + _OUTPUT + _OPERATOR, _MIDDLE), (WIDTH - 20, _MIDDLE)]
            self.arrowhead((WIDTH - 8, _MIDDLE), (1, 0), length=12, half=8)
        else:
            entry = start + _GAP if k else _FIRST
            way = [(entry + _OUTPUT, _RAIL)]
            if k:
                turn = start + _TURN
                way = [(start - _CELL + _OUTPUT + _OPERATOR, _MIDDLE), (turn, _MIDDLE), (turn, _RAIL), *way]
            else:
                way = [(0, _RAIL), *way]
        wire = self._wire("h", way, _width(value))
        if k == len(_STEPS):
            self._number(start + _GAP / 2, _MIDDLE - 50, "h", k, value)
        else:
            self._number(start + _TURN + 30 if k else _FIRST / 2, _RAIL + 14, "h", k, value)
        return wire

    def _draw_cell(self, left, k, gates):
        """The gates, what feeds them and what they work on."""
        self._wire("x", [(left + 12, 30), (left + 12, _RAIL)], 2)
        self._symbol(left + 12, 14, "x", k)
        for at in (_FORGET, _INPUT, _CANDIDATE, _OUTPUT):
            self._wire("x", [(left + at, _RAIL), (left + at, _GATES - _GATE)], 2)
        top, up = _GATES + _GATE, _MIDDLE
        self._wire("f", [(left + _FORGET, top), (left + _FORGET, _HIGHWAY)], _width(gates["f"]))
        self._wire("i", [(left + _INPUT, top), (left + _INPUT, up), (left + _SUM, up)], _width(gates["i"]))
        self._wire("g", [(left + _CANDIDATE, top), (left + _CANDIDATE, up), (left + _SUM, up)], _width(gates["g"]))
        self._wire("o", [(left + _OUTPUT, top), (left + _OUTPUT, up)], _width(gates["o"]))
        self._wire("c", [(left + _SUM, up), (left + _SUM, _HIGHWAY)], _width(gates["i"] * gates["g"]))
        self._wire("c", [(left + _OUTPUT, _HIGHWAY), (left + _OUTPUT, up)], 2)
        operators = (_FORGET, _HIGHWAY, "×"), (_SUM, up, "×"), (_SUM, _HIGHWAY, "+"), (_OUTPUT, up, "×")
        for at, height, sign in operators:
            self.operator(left + at, height, sign, radius=_OPERATOR, size=16)
        self.box(left + _OUTPUT - 21, 192, 42, 20, linewidth=1)
        self._text(left + _OUTPUT, 196, "tanh", color="black", size=14, zorder=4)
        places = {"f": _FORGET, "i": _INPUT, "g": _CANDIDATE, "o": _OUTPUT}
        return {symbol: self._dial(left + at, symbol, gates[symbol]) for symbol, at in places.items()}

    def _dial(self, x, symbol, value):
        """A gate, its symbol in its ring; or the candidate, its symbol beside its bar."""
        drawn = draw_dial(self.page, symbol, (x, _GATES), _GATE, width=5)
        drawn.show(value)
        at = drawn.right + 7 if symbol == "g" else x
        self._text(at, _GATES, symbol, color=INK[symbol], va="center_baseline", style="italic")
        return drawn

    def _wire(self, symbol, points, width):
        return self.polyline(points, COLORS[symbol], linewidth=width, solid_capstyle="butt")

    def _number(self, x, y, symbol, k, value):
        self._symbol(x, y + 22, symbol, k)
        self._text(x, y, number(value), color=INK[symbol], weight="bold")

    def _symbol(self, x, y, symbol, k):
        self._text(x, y, symbol + subscript(k), color=INK[symbol], style="italic")

    def _text(self, x, y, words, *, size=16, va="baseline", **look):
        self.text(x, y, words, size=size, va=va, **look)


def _width(value):
    return 1.5 + 8 * abs(value)
