"""Fonts for text in any language. Matplotlib's own font has Latin, Greek, Cyrillic and more, but no Chinese.

The browser draws a live picture with the reader's fonts, but matplotlib draws the saved one. So for characters that its
font lacks, this module looks for another font on this machine.
"""

import contextlib
import functools
import sys
import warnings

from matplotlib.font_manager import fontManager, get_font
from matplotlib.text import Text

OWN = "DejaVu Sans"
_missing = set()  # characters that no font here has, already reported


def set_fonts(artist):
    """Give every text of an artist the fonts that it needs."""
    for text in artist.findobj(Text):
        families = families_for(text.get_text())
        if families != text.get_fontfamily():
            text.set_fontfamily(families)


def families_for(text):
    """Return the font families for a text: matplotlib's own, then one for each character that it lacks."""
    if text.isascii():
        return [OWN]
    families = {character: _family(character) for character in dict.fromkeys(text) if character.isprintable()}
    _report_once({character for character, family in families.items() if family is None} - _missing)
    return list(dict.fromkeys([OWN, *filter(None, families.values())]))


@contextlib.contextmanager
def ignore_missing_glyphs():
    """Suppress matplotlib's warnings about characters that `families_for` has reported."""
    if not _missing:
        yield
        return
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def _report_once(characters):
    if characters:
        _missing.update(characters)
        shown = " ".join(sorted(characters)[:20]) + (" ..." if len(characters) > 20 else "")
        print(f"No font on this machine has {shown}: a saved picture shows boxes in their place.", file=sys.stderr)


@functools.cache
def _family(character):
    """Return the family of the first font that has a character, or None."""
    for entry in _fonts():
        try:
            font = get_font(entry.fname)
        except (OSError, RuntimeError):  # deleted since matplotlib listed it, or in a format it cannot read
            continue
        if font.scalable and font.get_char_index(ord(character)):
            return entry.name
    return None


@functools.cache
def _fonts():
    """Return the fonts of this machine: matplotlib's own, then regular sans-serif ones, then the others.

    The "Last Resort" font is left out: it has a box for every character.
    """

    def rank(entry):
        regular = entry.style == "normal" and str(entry.weight) in ("400", "normal", "regular")
        return entry.name != OWN, not regular, "Sans" not in entry.name, "Mono" in entry.name, entry.name

    return sorted((entry for entry in fontManager.ttflist if not entry.name.startswith("Last Resort")), key=rank)
