"""Text in pictures: characters as a reader counts them, signs for those not seen, and grounds colored by a value."""

import unicodedata
from functools import cache

import matplotlib.colors
import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.textpath import text_to_path

from lstm_helpers._arguments import refuse, short_traceback
from lstm_helpers.view.fonts import families_for, ignore_missing_glyphs
from lstm_helpers.view.plots import Picture
from lstm_helpers.view.style import FAINT, QUIET, new_figure, number, styled

# Grounds for values below, at and above 0: Okabe & Ito's yellow and sky blue, which stand for no symbol; black reads
# well on both.
SHADES = matplotlib.colors.LinearSegmentedColormap.from_list("value", ["#F0E442", "#FFFFFF", "#56B4E9"])
SIZE = 16  # of a line of text whose width counts
_MARKS = str.maketrans({" ": "␣", "\n": "↵", "\t": "⇥"})
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


def beginning_of(text, room):
    """The text, or as much of its beginning as there is room for."""
    if width_of(text) <= room:
        return text
    shown = characters(text)
    while width_of("".join(shown)) + width_of("…") > room:
        shown.pop()
    return "".join(shown) + "…"


def end_of(text, room):
    """The text, or as much of its end as there is room for."""
    if width_of(text) <= room:
        return text
    shown = characters(text)
    while width_of("…" + "".join(shown)) > room:
        shown.pop(0)
    return "…" + "".join(shown)


def first_of(text, most):
    """The text, or its first characters with a sign that more follow: `most` in all."""
    shown = characters(text)
    return text if len(shown) <= most else "".join(shown[: most - 1]) + "…"


def last_of(text, most):
    """The text, or its last characters with a sign that others come before: `most` in all."""
    shown = characters(text)
    return text if len(shown) <= most else "…" + "".join(shown[1 - most :])


def width_of(text):
    """How wide a text of `SIZE` is, as the sum of its characters."""
    return sum(map(_width_of_one, text))


@cache
def _width_of_one(character):
    return _measured(f"|{character}|") - _measured("||")


def _measured(text):
    with styled(), ignore_missing_glyphs():
        font = FontProperties(family=families_for(text), size=SIZE)
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
    """Lines of text, each character on a ground that is the stronger the farther its value is from 0; what is below 0
    is underlined, so that it can be told in gray, too.

    Args:
        lines: texts of at most 60 characters.
        values: for each line a value for each of its code points; what a reader sees as one character has their mean.
        sentence: what the picture shows.
        label: what the values are.
    """
    most = np.abs(np.concatenate(values)).max() or 1.0
    scale = matplotlib.colors.Normalize(-most, most)
    seen = [characters(line) for line in lines]
    columns, height = max(42, *map(len, seen)), 30 * len(lines) + 70
    with styled():
        figure = new_figure(height)
        axes = figure.add_axes((0.02, 0, 0.96, 1), xlim=(0, columns), ylim=(height, 0))
        axes.set_axis_off()
        underlined = [(height - 19.5, 12, 17)]  # that half of the key, too
        for row, (line, of_line) in enumerate(zip(seen, values, strict=True)):
            for k, (character, value) in enumerate(zip(line, _means(line, of_line), strict=True)):
                box = {"facecolor": SHADES(scale(value)), "edgecolor": FAINT, "linewidth": 0.5}
                axes.add_patch(Rectangle((k, 12 + 30 * row), 1, 25, **box))
                if value < 0:
                    underlined.append((35.5 + 30 * row, k, k + 1))
                place = {"ha": "center", "va": "center", "fontsize": 14}
                axes.text(k + 0.5, 25 + 30 * row, visible(character), **place)
        for k in range(100):
            axes.add_patch(Rectangle((12 + k / 10, height - 38), 0.1, 20, facecolor=SHADES(k / 99), linewidth=0))
        axes.hlines(*zip(*underlined, strict=True), color=QUIET, linewidth=3)
        key = (0, "left", label), (11.7, "right", number(-most)), (17, "center", "0"), (22.3, "left", number(most))
        for x, ha, words in key:
            axes.text(x, height - 28, words, ha=ha, va="center", fontsize=14, color=QUIET)
    return Picture(figure, sentence)
