"""A canvas for diagrams: lines, text, symbols and small plots at places in units of the SVG."""

from matplotlib.patches import Circle, FancyBboxPatch, Polygon

from lstm_helpers.view.style import QUIET, WIDTH, new_figure

FRAME = {"facecolor": "white", "edgecolor": QUIET, "linewidth": 1.5}  # of symbols and boxes on top of wires


class Drawing:
    """A figure with axes over all of it in units of the SVG: x to the right, y up from `bottom`, or down from 0.

    Args:
        height: of the figure.
        bottom: the lowest y.
        down: true if y increases downward, from 0 at the upper edge.

    Attributes:
        figure: the matplotlib figure.
        page: the axes.
    """

    def __init__(self, height, *, bottom=0, down=False):
        self.figure = new_figure(height)
        ends = (height, 0) if down else (bottom, bottom + height)
        self.page = self.figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=ends)
        self.page.set_axis_off()

    def plot(self, left, bottom, width, height, **style):
        """Add a small plot at a place of the drawing; return its axes."""
        low, high = self.page.get_ylim()
        place = (left / WIDTH, (bottom - low) / (high - low), width / WIDTH, height / abs(high - low))
        return self.figure.add_axes(place, **style)

    def text(self, x, y, words="", side="center", *, size=14, color=QUIET, va="center", **style):
        """Add words that begin at a place (`side` is "left"), end there ("right"), or are centered there."""
        return self.page.text(x, y, words, ha=side, va=va, fontsize=size, color=color, **style)

    def polyline(self, points, color, **style):
        """Add a line through points."""
        return self.page.plot(*zip(*points, strict=True), color=color, **style)[0]

    def arrowhead(self, tip, direction, *, length, half, **style):
        """Add an arrowhead, `half` wide on each side. Its direction is (1, 0) to the right, (0, 1) toward higher y."""
        (x, y), (dx, dy) = tip, direction
        base_x, base_y = x - length * dx, y - length * dy
        corners = [tip, (base_x - half * dy, base_y + half * dx), (base_x + half * dy, base_y - half * dx)]
        return self.page.add_patch(Polygon(corners, linewidth=0, **{"facecolor": QUIET, **style}))

    def operator(self, x, y, sign, *, radius, size, zorder=3):
        """Add a sign in a circle, such as the × of a gate; return the circle and the sign."""
        circle = self.page.add_patch(Circle((x, y), radius, **FRAME, zorder=zorder))
        return circle, self.text(x, y, sign, size=size, va="center_baseline", color="black", zorder=zorder + 1)

    def box(self, left, bottom, width, height, *, rounding=5, **style):
        """Add a box with round corners on top of the wires."""
        shape = f"round,pad=0,rounding_size={rounding}"
        return self.page.add_patch(
            FancyBboxPatch((left, bottom), width, height, shape, **{**FRAME, "zorder": 3, **style})
        )
