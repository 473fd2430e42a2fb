"""Weight matrices as blocks, to show the order of the gates in each library."""

from matplotlib.patches import Rectangle

from lstm_helpers.view.drawing import Drawing
from lstm_helpers.view.plots import Picture
from lstm_helpers.view.style import COLORS, styled

# A gate of the GRU has the color of its counterpart in an LSTM: z keeps like f, n is the candidate like g.
_FILLS = COLORS | {"z": COLORS["f"], "n": COLORS["g"], "r": "#56B4E9"}  # r, sky blue, has no counterpart
_LIGHT = {"g", "n", "r", "h"}  # these have black letters
_BOLD = {"weight": "bold", "color": "black"}
_LONG, _SHORT = 152, 96  # sides of a matrix
# The matrix that acts on x: its name, and whether its gates are side by side.
_MATRICES = {"PyTorch": ("weight_ih", False), "Keras": ("kernel", True), "ONNX": ("W", False)}


def gate_blocks(orders, letters):
    """Draw the matrix that acts on x for each library and kind of layer: a colored block for each gate, in order.

    Args:
        orders: library -> kind -> the gates in our letters.
        letters: library -> our letter -> its own letter, where they differ.
    """
    descriptions = []
    with styled():
        drawing = Drawing(475, down=True)
        for m, library in enumerate(orders):
            x, (name, side_by_side) = 245 + 215 * m, _MATRICES[library]
            drawing.text(x, 30, library, size=18, **_BOLD)
            for r, kind in enumerate(("LSTM", "GRU")):
                y, gates = 138 + 222 * r, orders[library][kind]
                drawing.text(24, y, kind, "left", size=20, **_BOLD)
                written = [letters[library].get(gate, gate) for gate in gates]
                _draw_matrix(drawing, x, y, gates, written, side_by_side)
                shape = f"(D, {len(gates)}H)" if side_by_side else f"({len(gates)}H, D)"
                drawing.text(x, y + 96, f"{name} {shape}", size=16)
                descriptions.append(f"{library}'s {kind} {' '.join(written)}")
    return Picture(
        drawing.figure, f"The order of the gates in the weight matrices: {', '.join(descriptions)}. Keras has columns."
    )


def _draw_matrix(drawing, x, y, gates, letters, side_by_side):
    """Draw the blocks of a matrix, centered at x, y."""
    size = _LONG / len(gates)
    for k, (gate, letter) in enumerate(zip(gates, letters, strict=True)):
        along = (k + 0.5) * size - _LONG / 2
        if side_by_side:
            x_k, y_k, width, height = x + along, y, size, _SHORT
        else:
            x_k, y_k, width, height = x, y + along, _SHORT, size
        block = Rectangle((x_k - width / 2, y_k - height / 2), width, height, facecolor=_FILLS[gate])
        block.set(edgecolor="white", linewidth=2)
        drawing.page.add_patch(block)
        drawing.text(x_k, y_k, letter, size=20, **_BOLD | {"color": "black" if gate in _LIGHT else "white"})
