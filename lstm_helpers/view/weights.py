"""Weight matrices as blocks, to show in which order they hold the gates."""

from matplotlib.patches import Rectangle

from lstm_helpers.view.plots import Picture
from lstm_helpers.view.style import COLORS, QUIET, new_figure, styled

# The gates of a GRU have the colors of what does their job in an LSTM: z keeps like f, n is the candidate like g.
_FILLS = COLORS | {"z": COLORS["f"], "n": COLORS["g"], "r": "#56B4E9"}  # r, sky blue, has no such relative
_LIGHT = {"g", "n", "r", "h"}  # on these the letter is black


def gate_blocks(rows, sentence):
    """Matrices side by side, each as one block of a color for each gate, in its order.

    Args:
        rows: name of the row -> for each matrix (title, letters of the gates in our order, the letters written on them,
            what stands below, whether the gates lie side by side in place of below each other).
        sentence: what the picture shows.
    """
    with styled():
        figure = new_figure(800 / 72, 475 / 72)
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, 800), ylim=(475, 0))
        axes.set_axis_off()
        for r, (name, matrices) in enumerate(rows.items()):
            middle = 138 + 222 * r
            axes.text(24, middle, name, fontsize=20, weight="bold", va="center")
            for m, (title, gates, letters, below, lying) in enumerate(matrices):
                center = 245 + 215 * m
                if r == 0:
                    axes.text(center, 30, title, fontsize=18, weight="bold", ha="center", va="center")
                _matrix(axes, center, middle, gates, letters, lying)
                axes.text(center, middle + 96, below, fontsize=13, color=QUIET, ha="center", va="center")
    return Picture(figure, sentence)


def _matrix(axes, x, y, gates, letters, lying, long=152, short=96):
    """The blocks of one matrix, centered at x, y."""
    size = long / len(gates)
    for k, (gate, letter) in enumerate(zip(gates, letters, strict=True)):
        along = k * size - long / 2
        left, top, width, height = (
            (x + along, y - short / 2, size, short) if lying else (x - short / 2, y + along, short, size)
        )
        axes.add_patch(Rectangle((left, top), width, height, facecolor=_FILLS[gate], edgecolor="white", linewidth=2))
        color = "black" if gate in _LIGHT else "white"
        place = left + width / 2, top + height / 2
        axes.text(*place, letter, fontsize=20, weight="bold", color=color, ha="center", va="center")
