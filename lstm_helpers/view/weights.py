"""Weight matrices as blocks, to show in which order they hold the gates."""

from matplotlib.patches import Rectangle

from lstm_helpers.view.drawing import Drawing
from lstm_helpers.view.plots import Picture
from lstm_helpers.view.style import COLORS, styled

# The gates of a GRU have the colors of what does their job in an LSTM: z keeps like f, n is the candidate like g.
_FILLS = COLORS | {"z": COLORS["f"], "n": COLORS["g"], "r": "#56B4E9"}  # r, sky blue, has no such relative
_LIGHT = {"g", "n", "r", "h"}  # on these the letter is black
_BOLD = {"weight": "bold", "color": "black"}
_LONG, _SHORT = 152, 96  # sides of a matrix
# The matrix that acts on x: its name, and whether the gates lie side by side in it.
_MATRICES = {"PyTorch": ("weight_ih", False), "Keras": ("kernel", True), "ONNX": ("W", False)}


def gate_blocks(orders, letters):
    """The matrix that acts on x, of each kind of layer in each library: a block of a color for each gate, in its order.

    Args:
        orders: library -> kind -> the gates in our letters.
        letters: library -> the letters that it writes otherwise.
    """
    told = []
    with styled():
        drawing = Drawing(475, down=True)
        for m, library in enumerate(orders):
            x, (name, lying) = 245 + 215 * m, _MATRICES[library]
            drawing.text(x, 30, library, size=18, **_BOLD)
            for r, kind in enumerate(("LSTM", "GRU")):
                y, gates = 138 + 222 * r, orders[library][kind]
                drawing.text(24, y, kind, "left", size=20, **_BOLD)
                written = [letters[library].get(gate, gate) for gate in gates]
                _matrix(drawing, x, y, gates, written, lying)
                shape = f"(D, {len(gates)}H)" if lying else f"({len(gates)}H, D)"
                drawing.text(x, y + 96, f"{name} {shape}", size=16)
                told.append(f"{library}'s {kind} {' '.join(written)}")
    return Picture(
        drawing.figure, f"The order of the gates in the weight matrices: {', '.join(told)}. Keras has columns."
    )


def _matrix(drawing, x, y, gates, letters, lying):
    """The blocks of one matrix, centered at x, y."""
    size = _LONG / len(gates)
    for k, (gate, letter) in enumerate(zip(gates, letters, strict=True)):
        along = (k + 0.5) * size - _LONG / 2
        (x_k, y_k), (width, height) = ((x + along, y), (size, _SHORT)) if lying else ((x, y + along), (_SHORT, size))
        block = Rectangle((x_k - width / 2, y_k - height / 2), width, height, facecolor=_FILLS[gate])
        block.set(edgecolor="white", linewidth=2)
        drawing.page.add_patch(block)
        drawing.text(x_k, y_k, letter, size=20, **_BOLD | {"color": "black" if gate in _LIGHT else "white"})
