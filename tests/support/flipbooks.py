"""Panels of the reading edition, and a Python reader for flip books, the counterpart of tools/site/flipbook.js."""

import base64
import json
import re
import zlib
from itertools import accumulate
from types import SimpleNamespace

import nbformat

from tests.support.notebooks import NAMES, ROOT
from tools.site.fold import written

MOVING = [name for name in NAMES if name[:2] not in ("01", "13")]  # notebooks with panels


def read(name):
    """Read a notebook."""
    return nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)


def built(folder, names):
    """Build the site with flip books on these pages; return its folder, and panels and books by picture name."""
    from tools.site import flipbook, reading

    panels = {name: flipbook.panels(name, read(name)) for name in names}
    books = {picture: book for of_page in panels.values() for picture, book in flipbook.books(of_page).items()}
    reading.build(ROOT / "notebooks", folder, books)
    return SimpleNamespace(folder=folder, panels=panels, books=books)


def opened(page, site, name, state=""):
    """Open a page as a file and wait for its panels; return their locator."""
    page.goto(f"{(site.folder / name).as_uri()}.html{state}")
    page.wait_for_function("document.querySelectorAll('[data-book]').length === panels.size")
    return page.locator(".lstm-panel")


def unpacked(text):
    """Return the name and the book in a book's file."""
    name, data = re.fullmatch(r'flipbook\("([^"]+)", "([^"]+)"\);\n', text).groups()
    return name, json.loads(zlib.decompress(base64.b64decode(data), wbits=-15))


class Pages:
    """Frames of a book, a sequence of (still picture, groups of the layer, sentence)."""

    def __init__(self, book):
        self._pools = [unfolded(pool) for pool in (book["stills"], book["sentences"], *book["parts"])]
        self._columns = [list(accumulate(column)) for column in book["frames"]]

    def __len__(self):
        return len(self._columns[0])

    def __getitem__(self, frame):
        still, sentence, *groups = (
            pool[column[frame]] for pool, column in zip(self._pools, self._columns, strict=True)
        )
        return still, groups, sentence


def unfolded(templates):
    """Return the texts that templates generate."""
    return [text for template in templates for text in _texts(template)]


def _texts(template):
    columns = [[written(number, decimals) for number in accumulate(steps)] for decimals, steps in template["columns"]]
    for k in range(template["count"]):
        filled = [columns[hole][k] for hole in template["holes"]]
        yield template["pieces"][0] + "".join(
            number + piece for number, piece in zip(filled, template["pieces"][1:], strict=True)
        )
