"""Parts that the panels of a single unit share: sliders for its gates, and wires for its diagrams."""

import numpy as np

from lstm_helpers.view.controls import Slider
from lstm_helpers.view.live import put

GATES = {  # symbol -> the ends of its range, and its name; the candidate is set like the gates
    "f": (0, 1, "forget gate"),
    "i": (0, 1, "input gate"),
    "g": (-1, 1, "candidate"),
    "o": (0, 1, "output gate"),
}


def gate_sliders():
    """The sliders of f, i, g and o, in this order."""
    return [Slider(symbol, low, high, words=name) for symbol, (low, high, name) in GATES.items()]


def wire_width(value, scale=8):
    """The width of a wire that carries `value`: it grows up to a magnitude of 1.5."""
    return 1.5 + scale * min(abs(value), 1.5)


def set_wire(wire, value, scale=8):
    """Show a value on a wire: by its width, and by dashes if it is negative."""
    put(wire, linewidth=wire_width(value, scale))
    if (value < 0) == (wire.get_linestyle() == "-"):
        wire.set_linestyle((0, (1, 0.5)) if value < 0 else "-")


def draw_arrowhead(drawing, corners, *, length, half):
    """Draw an arrowhead that continues the last segment of a wire; return it."""
    direction = np.sign(np.subtract(corners[-1], corners[-2]))
    return drawing.arrowhead(corners[-1] + length * direction, direction, length=length, half=half)
