"""Weight matrices as blocks, to show in which order they hold the gates."""

from matplotlib.patches import Rectangle

from lstm_helpers.view.plots import Picture
from lstm_helpers.view.style import COLORS, QUIET, new_figure, styled

# The gates of a GRU have the colors of what does their job in an LSTM: z keeps like f, n is the candidate like g.
_FILLS = COLORS | {"z": COLORS["f"], "n": COLORS["g"], "r": "#56B4E9"}  # r, sky blue, has no such relative
_LIGHT = {"g", "n", "r", "h"}  # on these the letter is black


# The matrix that acts on x: its name, and whether the gates lie side by side in it.
_MATRICES = {"PyTorch": ("weight_ih", False), "Keras": ("kernel", True), "ONNX": ("W", False)}


def gate_blocks(orders, letters, kinds=("LSTM", "GRU")):
    """The matrix that acts on x, of each kind of layer in each library: a block of a color for each gate, in its order.

    Args:
        orders: library -> kind -> the gates in our letters.
        letters: library -> the letters that it writes otherwise.
        kinds: what the rows of the picture are.
    """
    told = []
    with styled():
        figure = new_figure(475)
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, 800), ylim=(475, 0))
        axes.set_axis_off()
        for m, library in enumerate(orders):
            x, (name, lying) = 245 + 215 * m, _MATRICES[library]
            axes.text(x, 30, library, fontsize=18, weight="bold", ha="center", va="center")
            for r, kind in enumerate(kinds):
                y, gates = 138 + 222 * r, orders[library][kind]
                axes.text(24, y, kind, fontsize=20, weight="bold", va="center")
                written = [letters[library].get(gate, gate) for gate in gates]
                _matrix(axes, x, y, gates, written, lying)
                shape = f"(D, {len(gates)}H)" if lying else f"({len(gates)}H, D)"
                axes.text(x, y + 96, f"{name} {shape}", color=QUIET, ha="center", va="center")
                told.append(f"{library}'s {kind} {' '.join(written)}")
    return Picture(figure, f"The order of the gates in the weight matrices: {', '.join(told)}. Keras has columns.")


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
