"""How everything looks: the colors of the symbols, the sizes of the type, how a number is written."""

import matplotlib.style
from matplotlib.figure import Figure

# Okabe & Ito's set, which readers with any of the three color blindnesses can tell apart.
COLORS = {
    "f": "#D55E00",  # vermillion
    "i": "#009E73",  # bluish green
    "g": "#E69F00",  # orange
    "o": "#0072B2",  # blue
    "c": "#000000",
    "h": "#CC79A7",  # reddish purple
    "x": "#707070",  # no gate and no state: x, y, u, w, b, the temperature
}
# The same hues, dark enough to be read as text on white (contrast at least 4.5 to 1).
INK = {
    "f": "#A84A00", "i": "#00714F", "g": "#8A5F00", "o": "#005E93", "c": "#000000", "h": "#9B3F74", "x": "#595959",
}  # fmt: skip
# And light enough to be read on the black of a dark page.
INK_ON_DARK = {
    "f": "#E8701A", "i": "#00B586", "g": "#E69F00", "o": "#56B4E9", "c": "#FFFFFF", "h": "#CC79A7", "x": "#BDBDBD",
}  # fmt: skip
QUIET = "#595959"  # what is said in passing: axis labels, captions
FAINT = "#BDBDBD"  # what is there to be filled: the rest of a ring, the old value behind the new one
GRAY = "#9A9A9A"  # what is there without being in front: bars beside the chosen one
PAPER = "#FFFFFF"  # on a page, the ground that it has itself
# Every color of a live picture and its controls, as a page knows it: name -> on a light page, and on a dark one.
THEMES = {
    **{symbol: (color, INK_ON_DARK[symbol]) for symbol, color in COLORS.items()},
    **{f"ink-{symbol}": (ink, INK_ON_DARK[symbol]) for symbol, ink in INK.items()},
    "quiet": (QUIET, "#BDBDBD"),
    "faint": (FAINT, "#525252"),
    "gray": (GRAY, "#7D7D7D"),
    "glow": ("#FFB000", "#6B4A00"),  # lies under words: on a dark page it is dark, so that they can be read in a drag
}
GHOST = 0.28  # the opacity of what steps back, or lies behind a line: a projector still shows it

WIDTH = 800  # of every picture, in units of the SVG
WIDTH_ON_PAGE = 920  # in pixels, of a stored one: as wide as a live one beside its rail, at 1366 x 768
STYLE = {
    "figure.dpi": 72,  # one unit of the SVG is one point, so that a picture and its layers need no scaling
    "font.family": "DejaVu Sans",
    "font.size": 16,
    "axes.titlesize": 16,
    "axes.labelsize": 16,
    "xtick.labelsize": 14,
    "ytick.labelsize": 14,
    "axes.labelcolor": QUIET,
    "axes.edgecolor": QUIET,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "mathtext.fontset": "dejavusans",
    "text.parse_math": False,  # a dollar sign in what a reader brings along is a dollar sign; ours say MATH
    "lines.linewidth": 2.5,
}

MATH = {"parse_math": True}  # for a text that is written for mathtext


def variables(dark):
    """The colors of live pictures as CSS variables, for a light page or for a dark one."""
    return " ".join(f"--lstm-{name}: {color[dark]};" for name, color in THEMES.items())


def inks():
    """Rules of CSS: what has the class `lstm-ink-f` has the color of the forget gate as text."""
    return "\n".join(f".lstm-ink-{name} {{ --lstm-ink: var(--lstm-ink-{name}); }}" for name in INK)


def styled():
    """A context in which matplotlib has our style and nothing of the reader's own settings."""
    return matplotlib.style.context(["default", STYLE])


def new_figure(height, width=WIDTH):
    """An empty figure, its size in units of the SVG, that pyplot knows nothing of.

    A figure made by `Figure()` belongs to its owner alone: it cannot leak, and no cell that draws with pyplot
    can get hold of it.
    """
    with styled():
        dpi = STYLE["figure.dpi"]
        return Figure(figsize=(width / dpi, height / dpi), dpi=dpi)


def number(value, decimals=2):
    """A number as a reader wants it: 0.70, −0.14 (with a real minus sign), never −0.00."""
    text = f"{value:.{decimals}f}"
    return text if not text.startswith("-") else text[1:] if float(text) == 0 else "−" + text[1:]


def in_sum(value):
    """A number as it stands behind a plus sign: in brackets when negative."""
    text = number(value)
    return f"({text})" if text.startswith("−") else text


def percent(fraction):
    """A fraction as a percentage: 70%, 0.5%; never rounded to 0% or 100% unless it is."""
    shown = 100 * fraction
    decimals = 0 if shown in (0, 100) or 0.95 <= shown <= 99.05 else 1  # 1%, not 1.0%
    text = f"{shown:.{decimals}f}"
    if float(text) in (0, 100) and shown not in (0, 100):
        return "under 0.1%" if shown < 50 else "over 99.9%"
    return f"{text}%"


def vector(values):
    """A vector as a reader wants it: [0.15, −0.14, 0.40]."""
    return "[" + ", ".join(map(number, values)) + "]"


def subscript(index):
    """A whole number as a subscript: ₁₂."""
    return "".join("₀₁₂₃₄₅₆₇₈₉"[int(digit)] for digit in str(index))


def magnitude(value):
    """A positive number of any size as a reader wants it: 0.37, 12.5, 3 × 10⁻⁷."""
    if value == 0 or 0.001 <= value < 1000:
        return f"{value:.3g}"
    return powers(f"{value:.0e}")


def powers(text):
    """A number as Python writes it, with a power of ten instead of an e: 3 × 10⁻⁷ for 3e-07."""
    digits, e, exponent = text.partition("e")
    up = "".join("⁻" if d == "-" else "⁰¹²³⁴⁵⁶⁷⁸⁹"[int(d)] for d in str(int(exponent or 0)))
    return f"{digits} × 10{up}" if e else digits
