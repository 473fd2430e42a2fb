"""Pictures of text: what may come next and what is written, live; and characters colored by a value, still."""

import unicodedata

import matplotlib.colors
import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.textpath import text_to_path

from lstm_helpers._arguments import refuse, short_traceback
from lstm_helpers.view.fonts import families_for, quietly
from lstm_helpers.view.live import put
from lstm_helpers.view.plots import Picture
from lstm_helpers.view.style import FAINT, GRAY, QUIET, new_figure, number, percent, styled

LOW, HIGH = "#FFFFFF", "#56B4E9"  # Okabe & Ito's sky blue, which stands for no symbol; black reads well on it
_MARKS = str.maketrans({" ": "␣", "\n": "↵", "\t": "⇥"})
_TEXT_SIZE = 15


_JOINER = "\N{ZERO WIDTH JOINER}"


def characters(text):
    """A text as the characters that a reader sees, each one code point or more: é may be e with an accent behind it.

    Marks, modifiers and what a joiner joins stay together, and the two letters of a flag. (Unicode's own rules, in
    Standard Annex 29, know more cases; those of Hangul and Indic syllables are not here.)
    """
    clusters = []
    for point in text:
        before = clusters[-1] if clusters else ""
        belongs = unicodedata.category(point)[0] == "M" or point == _JOINER or "🏻" <= point <= "🏿"
        flag = _is_flag_letter(point) and len(before) == 1 and _is_flag_letter(before)
        if before and before != "\n" and (belongs or flag or before[-1] == _JOINER):
            clusters[-1] += point
        else:
            clusters.append(point)
    return clusters


def _is_flag_letter(point):
    return "🇦" <= point <= "🇿"


def visible(text):
    """Text with signs for what one does not see: ␣ for a space, ↵ for the end of a line."""
    return text.translate(_MARKS)


class TextPicture:
    """What may come next, as bars, and under them texts that go on from the same beginning.

    Args:
        bars: the number of bars.
        rows: the number of texts.

    Attributes:
        figure, moving: for the live picture.
        bars, plain: the fills, and the outlines beside which they stand.
        names, amounts: what stands under and over each bar.
        typed, written: the beginning and what follows it, for each row.
    """

    LEFT, WIDTH = 20, 760  # of the rows of text, in units of the picture

    def __init__(self, bars, rows):
        height = 285 + 25 * rows
        with styled():
            self.figure = new_figure(800 / 72, height / 72)
            self._draw_bars(bars, height)
            self._draw_text(rows, height)
        self.moving = [*self.bars, *self.plain, *self.names, *self.amounts, *self.typed, *self.written]

    def update(self, data):
        """Show `data`: `names`, `p` and `plain`, one for each bar; `typed`, a text; `written`, a text for each row."""
        for k, (name, p, plain) in enumerate(zip(data["names"], data["p"], data["plain"], strict=True)):
            # In steps too small to be seen: what moves by less need not be drawn again.
            put(self.bars[k], height=round(p, 3))
            put(self.plain[k], height=round(plain, 3))
            put(self.names[k], text=name)
            put(self.amounts[k], text=percent(p) if p >= 0.005 else "", position=(k, round(max(p, plain), 2) + 0.03))
        typed = _kept(data["typed"])
        if _width(typed) > self.WIDTH / 2:
            shown = characters(typed)
            while _width("…" + "".join(shown)) > self.WIDTH / 2:
                shown.pop(0)
            typed = "…" + "".join(shown)
        # Beginning and continuation meet at this place, whatever font a reader has.
        at = self.LEFT + _width(typed)
        for beginning, artist, written in zip(self.typed, self.written, data["written"], strict=True):
            place = at, artist.get_position()[1]
            put(beginning, text=typed, position=place)
            put(artist, text=_shortened(_kept(written), self.LEFT + self.WIDTH - at), position=place)

    def _draw_bars(self, number_of_bars, height):
        place = (0.075, (height - 220) / height, 0.915, 180 / height)
        axes = self.figure.add_axes(place, xlim=(-0.6, number_of_bars - 0.4), ylim=(0, 1), xticks=[])
        axes.set_yticks([0, 0.5, 1], ["0", "50%", "100%"])
        at, zeros = np.arange(number_of_bars), np.zeros(number_of_bars)
        outline = {"facecolor": "none", "edgecolor": QUIET, "linestyle": "--", "linewidth": 1.3, "zorder": 3}
        self.bars = axes.bar(at, zeros, 0.74, facecolor=GRAY, linewidth=0).patches
        self.plain = axes.bar(at, zeros, 0.74, **outline).patches
        below = {"transform": axes.get_xaxis_transform(), "ha": "center", "va": "top"}
        self.names = [axes.text(x, -0.06, "", fontsize=16, **below) for x in at]
        self.amounts = [axes.text(x, 0, "", ha="center", va="bottom", fontsize=12, color=QUIET) for x in at]
        axes.set_title("what may come next (dashed: at temperature 1)", fontsize=14, color=QUIET, pad=16)

    def _draw_text(self, rows, height):
        axes = self.figure.add_axes((0, 0, 1, 1), xlim=(0, 800), ylim=(0, height))
        axes.set_axis_off()
        says = "what it writes (gray: what you typed)"
        axes.text(self.LEFT, height - 265, says, fontsize=13, color=QUIET)
        look = {"fontsize": _TEXT_SIZE, "va": "center"}
        heights = [height - 289 - 25 * row for row in range(rows)]
        self.typed = [axes.text(0, y, "", ha="right", color=QUIET, **look) for y in heights]
        self.written = [axes.text(0, y, "", color="black", **look) for y in heights]


def _kept(text):
    """A line of which a browser shows every space: those at its end by a sign, the others as spaces that stay."""
    end = len(text.rstrip(" "))
    return visible(text[:end].replace(" ", "\N{NO-BREAK SPACE}")) + visible(text[end:])


def _shortened(text, width):
    """The text, or as much of it as there is room for."""
    if _width(text) <= width:
        return text
    shown = characters(text)
    while _width("".join(shown)) + _width("…") > width:
        shown.pop()
    return "".join(shown) + "…"


_widths = {}


def _width(text):
    """How wide a text is, as the sum of its characters."""
    for character in set(text) - _widths.keys():
        _widths[character] = _measured(f"|{character}|") - _measured("||")
    return sum(_widths[character] for character in text)


def _measured(text):
    with styled(), quietly():
        font = FontProperties(family=families_for(text), size=_TEXT_SIZE)
        return text_to_path.get_text_width_height_descent(text, font, False)[0]


def _means(line, values):
    """The mean over the code points of each character."""
    lengths = [len(character) for character in line]
    if len(values) != sum(lengths):
        refuse(
            ValueError, f"values must have one for each of the {sum(lengths)} code points of a line, got {len(values)}"
        )
    return [np.mean(part) for part in np.split(np.asarray(values), np.cumsum(lengths)[:-1])]


@short_traceback
def colored_text(lines, values, sentence, *, label):
    """Lines of text, each character on a ground that is the darker the larger its value.

    Args:
        lines: texts of at most 60 characters.
        values: for each line a value for each of its code points; what a reader sees as one character has their mean.
        sentence: what the picture shows.
        label: what the values are.
    """
    flat = np.concatenate(values)
    scale = matplotlib.colors.Normalize(flat.min(), flat.max())
    shade = matplotlib.colors.LinearSegmentedColormap.from_list("value", [LOW, HIGH])
    seen = [characters(line) for line in lines]
    columns, height = max(42, *map(len, seen)), 30 * len(lines) + 70
    with styled():
        figure = new_figure(800 / 72, height / 72)
        axes = figure.add_axes((0.02, 0, 0.96, 1), xlim=(0, columns), ylim=(height, 0))
        axes.set_axis_off()
        for row, (line, of_line) in enumerate(zip(seen, values, strict=True)):
            for k, (character, value) in enumerate(zip(line, _means(line, of_line), strict=True)):
                box = {"facecolor": shade(scale(value)), "edgecolor": FAINT, "linewidth": 0.5}
                axes.add_patch(Rectangle((k, 12 + 30 * row), 1, 25, **box))
                place = {"ha": "center", "va": "center", "fontsize": 14}
                axes.text(k + 0.5, 25 + 30 * row, visible(character), **place)
        for k in range(100):
            axes.add_patch(Rectangle((12 + k / 10, height - 38), 0.1, 20, facecolor=shade(k / 99), linewidth=0))
        ends = number(flat.min()), number(flat.max())
        for x, ha, words in ((0, "left", label), (11.7, "right", ends[0]), (22.3, "left", ends[1])):
            axes.text(x, height - 28, words, ha=ha, va="center", fontsize=14, color=QUIET)
    return Picture(figure, sentence)
