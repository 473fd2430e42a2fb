"""A gate as a ring that fills as far as it is open; the candidate, which is no gate, as a bar about a line at 0."""

from matplotlib.patches import Rectangle, Wedge

from lstm_helpers.view.live import put
from lstm_helpers.view.style import COLORS, FAINT, QUIET

_NOON = 90  # degrees: where a ring begins to fill
_BAR = 0.75  # the width of a bar, in radii of a ring: it is as high as a ring
_STUB = 6  # how far the line at 0 sticks out of a bar


class Ring:
    """A ring for a value from 0 to 1: it fills from the top, clockwise.

    Args:
        axes: where it is drawn, in the picture's own units.
        symbol: whose color it has.
        center, radius: where it stands, and how large.
        width: of the ring itself.

    Attributes:
        center, radius: as given.
        right: its right edge.
        filled, still: what `show` changes, and what stands still.
    """

    def __init__(self, axes, symbol, center, radius, width):
        self.center, self.radius, self.right = center, radius, center[0] + radius
        look = {"width": width, "linewidth": 0}
        self.still = [axes.add_patch(Wedge(center, radius, 0, 360, facecolor=FAINT, zorder=3, **look))]
        filled = Wedge(center, radius, _NOON, _NOON, facecolor=COLORS[symbol], zorder=4, **look)
        self.filled = axes.add_patch(filled)

    def show(self, value):
        """Fill it as far as a gate is open."""
        end = _NOON - 360 * value
        if self.filled.theta1 != end:  # a wedge has no `get_theta1`, which `put` would ask
            self.filled.set_theta1(end)


class Bar:
    """A bar for a value from -1 to 1: it goes up or down from a line at 0. As high as a ring of the same radius.

    The line sticks out on the left alone: beside a number it would read as a minus.
    Its arguments and attributes are those of a `Ring`.
    """

    def __init__(self, axes, symbol, center, radius):
        self.center, self.radius, width = center, radius, _BAR * radius
        (x, zero), self.right = center, center[0] + width / 2
        left = x - width / 2
        track = Rectangle((left, zero - radius), width, 2 * radius, zorder=3)
        track.set(facecolor="white", edgecolor=QUIET, linewidth=1)
        line = axes.plot([left - _STUB, left + width], [zero, zero], color="black", linewidth=1.5, zorder=3.5)
        self.still = [axes.add_patch(track), *line]
        self.filled = axes.add_patch(Rectangle((left, zero), width, 0, facecolor=COLORS[symbol], linewidth=0, zorder=4))

    def show(self, value):
        """Let it go up to 1 or down to -1."""
        put(self.filled, height=self.radius * value)


def draw_dial(axes, symbol, center, radius, width):
    """Draw a ring for a gate, a bar for the candidate."""
    return Bar(axes, symbol, center, radius) if symbol == "g" else Ring(axes, symbol, center, radius, width)
