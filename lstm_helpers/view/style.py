"""The style of all pictures: colors of symbols, type sizes, and number formats."""

import matplotlib.style
from matplotlib.figure import Figure

# Okabe & Ito's colors, which readers with any of the three color blindnesses can tell apart.
COLORS = {
    "f": "#D55E00",  # vermillion
    "i": "#009E73",  # bluish green
    "g": "#E69F00",  # orange
    "o": "#0072B2",  # blue
    "c": "#000000",
    "h": "#CC79A7",  # reddish purple
    "x": "#707070",  # everything else: x, y, u, w, b, the temperature
}
# The same hues, dark enough for text on white (contrast at least 4.5 to 1).
INK = {
    "f": "#A84A00", "i": "#00714F", "g": "#8A5F00", "o": "#005E93", "c": "#000000", "h": "#9B3F74", "x": "#595959",
}  # fmt: skip
# The same hues, light enough for text on a dark page.
INK_ON_DARK = {
    "f": "#E8701A", "i": "#00B586", "g": "#E69F00", "o": "#56B4E9", "c": "#FFFFFF", "h": "#CC79A7", "x": "#BDBDBD",
}  # fmt: skip
QUIET = "#595959"  # axis labels, captions
FAINT = "#BDBDBD"  # backgrounds: the empty part of a ring, the old value behind the new one
GRAY = "#9A9A9A"  # bars beside the chosen one
PAPER = "#FFFFFF"  # on a page, its own background
# The colors of live pictures and controls: name -> on a light page, on a dark page.
THEMES = {
    **{symbol: (color, INK_ON_DARK[symbol]) for symbol, color in COLORS.items()},
    **{f"ink-{symbol}": (ink, INK_ON_DARK[symbol]) for symbol, ink in INK.items()},
    "quiet": (QUIET, "#BDBDBD"),
    "faint": (FAINT, "#525252"),
    "gray": (GRAY, "#7D7D7D"),
    "glow": ("#FFB000", "#6B4A00"),  # behind text, which must stay readable during a drag
}
GHOST = 0.28  # opacity of faded parts: a projector still shows them

WIDTH = 800  # of every picture, in units of the SVG
WIDTH_ON_PAGE = 920  # of a stored picture, in pixels: as wide as a live one beside its rail, at 1366 x 768
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
    "text.parse_math": False,  # a learner's text may contain a dollar sign; our own formulas use MATH
    "lines.linewidth": 2.5,
}

MATH = {"parse_math": True}  # for a text in mathtext


def variables(dark):
    """Return the colors of live pictures as CSS variables, for a light page or a dark one."""
    return " ".join(f"--lstm-{name}: {color[dark]};" for name, color in THEMES.items())


def inks():
    """Return CSS rules: the class `lstm-ink-f` gives text the color of the forget gate, and so on."""
    return "\n".join(f".lstm-ink-{name} {{ --lstm-ink: var(--lstm-ink-{name}); }}" for name in INK)


def styled():
    """Return a context in which matplotlib has our style and ignores the reader's settings."""
    return matplotlib.style.context(["default", STYLE])


def new_figure(height, width=WIDTH):
    """Return an empty figure of a size in units of the SVG.

    pyplot does not know a figure made by `Figure()`. So it cannot leak, and no cell can draw into it by accident.
    """
    with styled():
        dpi = STYLE["figure.dpi"]
        return Figure(figsize=(width / dpi, height / dpi), dpi=dpi)


def number(value, decimals=2):
    """Format a number: 0.70, −0.14 (with a real minus sign), never −0.00."""
    text = f"{value:.{decimals}f}"
    return text if not text.startswith("-") else text[1:] if float(text) == 0 else "−" + text[1:]


def calculated(values, claims):
    """Format the numbers of a calculation with the fewest decimals, from 2 to 4, with which it is right as printed.

    0.56 + 0.005 is 0.565, but with two decimals it would read 0.56 + 0.01 = 0.56. If 4 are not enough, there are 2.

    Args:
        values: the numbers.
        claims: a function from the rounded numbers to pairs: a result that the reader gets from them, and the printed
            one.
    """
    for decimals in (2, 3, 4):
        half_a_unit = 0.5000001 * 10**-decimals
        rounded = [float(f"{value:.{decimals}f}") for value in values]
        if all(abs(result - printed) < half_a_unit for result, printed in claims(*rounded)):
            return [number(value, decimals) for value in values]
    return [number(value) for value in values]


def in_sum(text):
    """Return a formatted number as it reads after a plus sign: in parentheses if negative."""
    return f"({text})" if text.startswith("−") else text


def percent(fraction):
    """Format a fraction as a percentage: 70%, 0.5%. Only an exact 0 or 1 is 0% or 100%."""
    shown = 100 * fraction
    decimals = 0 if shown in (0, 100) or 0.95 <= shown <= 99.05 else 1  # 1%, not 1.0%
    text = f"{shown:.{decimals}f}"
    if float(text) in (0, 100) and shown not in (0, 100):
        return "under 0.1%" if shown < 50 else "over 99.9%"
    return f"{text}%"


def vector(values):
    """Format a vector: [0.15, −0.14, 0.40]."""
    return "[" + ", ".join(map(number, values)) + "]"


def listed(words):
    """Join words as in a sentence: "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def subscript(index):
    """Format a whole number as a subscript: ₁₂."""
    return "".join("₀₁₂₃₄₅₆₇₈₉"[int(digit)] for digit in str(index))


def magnitude(value):
    """Format a positive number of any size: 0.37, 12.5, 3 × 10⁻⁷."""
    if value == 0 or 0.001 <= value < 999.5:
        return f"{value:.3g}"
    return powers(f"{value:.0e}")


def powers(text):
    """Rewrite a number in Python's notation with a power of ten: 3 × 10⁻⁷ for 3e-07."""
    digits, e, exponent = text.partition("e")
    up = "".join("⁻" if d == "-" else "⁰¹²³⁴⁵⁶⁷⁸⁹"[int(d)] for d in str(int(exponent or 0)))
    return f"{digits} × 10{up}" if e else digits
