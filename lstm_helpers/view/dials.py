"""A ring that fills as a gate opens, and a bar for the candidate, which is not a gate and may be negative."""

from matplotlib.patches import Rectangle, Wedge

from lstm_helpers.view.live import put
from lstm_helpers.view.style import COLORS, FAINT, QUIET

_TOP = 90  # degrees: where a ring begins to fill
_BAR_WIDTH = 0.75  # in radii of a ring
_STUB = 6  # length of the zero line outside a bar


class Ring:
    """A ring for a value from 0 to 1. It fills from the top, clockwise.

    Args:
        axes: axes in the picture's units.
        symbol: the symbol that gives the color.
        center, radius: place and size.
        width: thickness of the ring.

    Attributes:
        center, radius: as given.
        right: its right edge.
        filled: the artist that `show` changes.
        still: the other artists.
    """

    def __init__(self, axes, symbol, center, radius, width):
        self.center, self.radius, self.right = center, radius, center[0] + radius
        style = {"width": width, "linewidth": 0}
        self.still = [axes.add_patch(Wedge(center, radius, 0, 360, facecolor=FAINT, zorder=3, **style))]
        filled = Wedge(center, radius, _TOP, _TOP, facecolor=COLORS[symbol], zorder=4, **style)
        self.filled = axes.add_patch(filled)

    def show(self, value):
        """Fill the ring to a value."""
        end = _TOP - 360 * value
        if self.filled.theta1 != end:  # not `put`: a wedge has no `get_theta1`
            self.filled.set_theta1(end)


class Bar:
    """A bar for a value from -1 to 1, up or down from a line at 0. It is as high as a ring of the same radius.

    The line sticks out only on the left; on the right, beside a number, it would look like a minus sign.
    Arguments and attributes are as for a `Ring`.
    """

    def __init__(self, axes, symbol, center, radius):
        self.center, self.radius, width = center, radius, _BAR_WIDTH * radius
        (x, zero), self.right = center, center[0] + width / 2
        left = x - width / 2
        track = Rectangle((left, zero - radius), width, 2 * radius, zorder=3)
        track.set(facecolor="white", edgecolor=QUIET, linewidth=1)
        line = axes.plot([left - _STUB, left + width], [zero, zero], color="black", linewidth=1.5, zorder=3.5)
        self.still = [axes.add_patch(track), *line]
        self.filled = axes.add_patch(Rectangle((left, zero), width, 0, facecolor=COLORS[symbol], linewidth=0, zorder=4))

    def show(self, value):
        """Extend the bar to a value."""
        put(self.filled, height=self.radius * value)


def draw_dial(axes, symbol, center, radius, width):
    """Draw and return a ring for a gate, or a bar for the candidate."""
    return Bar(axes, symbol, center, radius) if symbol == "g" else Ring(axes, symbol, center, radius, width)
