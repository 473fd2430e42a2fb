"""Fonts for text of any language: matplotlib's own has Latin, Greek, Cyrillic and more, but no Chinese.

A picture on the page is drawn by the browser, with the reader's fonts; the one that is saved, by matplotlib. So where a
text has characters that its font lacks, a font that has them is looked for on this machine.
"""

import contextlib
import functools
import sys
import warnings

from matplotlib.font_manager import fontManager, get_font
from matplotlib.text import Text

OWN = "DejaVu Sans"
_lacking = set()  # characters that no font here has, and that the reader has been told of


def give_fonts(artist):
    """Give every text of an artist the fonts that it needs."""
    for text in artist.findobj(Text):
        families = families_for(text.get_text())
        if families != text.get_fontfamily():
            text.set_fontfamily(families)


def families_for(text):
    """The font families to draw a text in: matplotlib's own, then one for each character that it lacks."""
    if text.isascii():
        return [OWN]
    found = {character: _family(character) for character in dict.fromkeys(text) if character.isprintable()}
    _tell_once({character for character, family in found.items() if family is None} - _lacking)
    return list(dict.fromkeys([OWN, *filter(None, found.values())]))


@contextlib.contextmanager
def quietly():
    """A context in which matplotlib does not repeat what has been said of characters that no font here has."""
    if not _lacking:
        yield
        return
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def _tell_once(characters):
    if characters:
        _lacking.update(characters)
        shown = " ".join(sorted(characters)[:20]) + (" ..." if len(characters) > 20 else "")
        print(f"No font on this machine has {shown}: a saved picture shows boxes in their place.", file=sys.stderr)


@functools.cache
def _family(character):
    """The family of a font that has this character: matplotlib's own if it does, None if there is none."""
    for entry in _fonts():
        try:
            font = get_font(entry.fname)
        except (OSError, RuntimeError):  # gone since matplotlib has listed it, or of a kind that it cannot read
            continue
        if font.scalable and font.get_char_index(ord(character)):
            return entry.name
    return None


@functools.cache
def _fonts():
    """All fonts of this machine: matplotlib's own first, then upright and regular ones without serifs, then others.

    But for the "last resort", which has a box for every character and a letter for none.
    """

    def rank(entry):
        regular = entry.style == "normal" and str(entry.weight) in ("400", "normal", "regular")
        return entry.name != OWN, not regular, "Sans" not in entry.name, "Mono" in entry.name, entry.name

    return sorted((entry for entry in fontManager.ttflist if not entry.name.startswith("Last Resort")), key=rank)
