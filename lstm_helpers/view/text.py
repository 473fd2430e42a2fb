"""Text in pictures: characters as a reader counts them, signs for whitespace, and text on colored backgrounds."""

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

# Backgrounds for values below, at and above 0: Okabe & Ito's yellow and sky blue, which no symbol has. Black text is
# readable on both.
SHADES = matplotlib.colors.LinearSegmentedColormap.from_list("value", ["#F0E442", "#FFFFFF", "#56B4E9"])
SIZE = 16  # font size of the lines that `width_of` measures
_MARKS = str.maketrans({" ": "␣", "\n": "↵", "\t": "⇥"})
_JOINER = "\N{ZERO WIDTH JOINER}"


def characters(text):
    """Split a text into the characters that a reader sees. Each has one code point or more: é may be e and an accent.

    Marks, modifiers, joined characters and the two letters of a flag stay together. (Unicode Standard Annex 29 has more
    rules, such as those for Hangul and Indic syllables; they are not implemented.)
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
    """Return the text with signs for whitespace: ␣ for a space, ↵ for a line break, ⇥ for a tab."""
    return text.translate(_MARKS)


def beginning_of(text, room):
    """Return the text, or as much of its beginning as fits."""
    if width_of(text) <= room:
        return text
    shown = characters(text)
    while width_of("".join(shown)) + width_of("…") > room:
        shown.pop()
    return "".join(shown) + "…"


def end_of(text, room):
    """Return the text, or as much of its end as fits."""
    if width_of(text) <= room:
        return text
    shown = characters(text)
    while width_of("…" + "".join(shown)) > room:
        shown.pop(0)
    return "…" + "".join(shown)


def first_of(text, limit):
    """Return the text, or its first characters and an ellipsis, `limit` in all."""
    shown = characters(text)
    return text if len(shown) <= limit else "".join(shown[: limit - 1]) + "…"


def last_of(text, limit):
    """Return the text, or an ellipsis and its last characters, `limit` in all."""
    shown = characters(text)
    return text if len(shown) <= limit else "…" + "".join(shown[1 - limit :])


def width_of(text):
    """Return the width of a text at `SIZE`, as the sum over its characters."""
    return sum(map(_character_width, text))


@cache
def _character_width(character):
    return _measure(f"|{character}|") - _measure("||")


def _measure(text):
    with styled(), ignore_missing_glyphs():
        font = FontProperties(family=families_for(text), size=SIZE)
        return text_to_path.get_text_width_height_descent(text, font, False)[0]


def _means(line, values):
    """Return the mean of the values of each character's code points."""
    lengths = [len(character) for character in line]
    if len(values) != sum(lengths):
        refuse(
            ValueError, f"values must have one for each of the {sum(lengths)} code points of a line, got {len(values)}"
        )
    return [np.mean(part) for part in np.split(np.asarray(values), np.cumsum(lengths)[:-1])]


@short_traceback
def colored_text(lines, values, sentence, *, label):
    """Draw lines of text, with each character on a background that gets stronger with the distance of its value from 0.

    Characters with a value below 0 are underlined, to show in gray print as well.

    Args:
        lines: texts of at most 60 characters.
        values: for each line, a value for each code point. A character of several code points has their mean.
        sentence: the description of the picture.
        label: the name of the values.
    """
    largest = np.abs(np.concatenate(values)).max() or 1.0
    scale = matplotlib.colors.Normalize(-largest, largest)
    rows = [characters(line) for line in lines]
    columns, height = max(42, *map(len, rows)), 30 * len(lines) + 70
    with styled():
        figure = new_figure(height)
        axes = figure.add_axes((0.02, 0, 0.96, 1), xlim=(0, columns), ylim=(height, 0))
        axes.set_axis_off()
        underlines = [(height - 19.5, 12, 17)]  # y, left, right; this one is under half of the key
        for row, (line, line_values) in enumerate(zip(rows, values, strict=True)):
            for k, (character, value) in enumerate(zip(line, _means(line, line_values), strict=True)):
                box = {"facecolor": SHADES(scale(value)), "edgecolor": FAINT, "linewidth": 0.5}
                axes.add_patch(Rectangle((k, 12 + 30 * row), 1, 25, **box))
                if value < 0:
                    underlines.append((35.5 + 30 * row, k, k + 1))
                place = {"ha": "center", "va": "center", "fontsize": 14}
                axes.text(k + 0.5, 25 + 30 * row, visible(character), **place)
        for k in range(100):
            axes.add_patch(Rectangle((12 + k / 10, height - 38), 0.1, 20, facecolor=SHADES(k / 99), linewidth=0))
        axes.hlines(*zip(*underlines, strict=True), color=QUIET, linewidth=3)
        key = (
            (0, "left", label),
            (11.7, "right", number(-largest)),
            (17, "center", "0"),
            (22.3, "left", number(largest)),
        )
        for x, ha, words in key:
            axes.text(x, height - 28, words, ha=ha, va="center", fontsize=14, color=QUIET)
    return Picture(figure, sentence)
