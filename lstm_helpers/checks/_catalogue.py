"""All questions, by name."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from lstm_helpers._arguments import refuse

FILES = sorted(Path(__file__).resolve().with_name("questions").glob("*.toml"))
_HEADING = re.compile(r"^\[(\w+\.\w+)\]$", re.MULTILINE)


class Catalogue(Mapping):
    """Questions by name: the package's own, and those of files that were loaded.

    A file of the package is read when one of its questions is asked for first.
    """

    def __init__(self):
        self._homes = {name: path for path in FILES for name in _HEADING.findall(path.read_text(encoding="utf-8"))}
        self._loaded = {}

    def __getitem__(self, name):
        return self._loaded[name] if name in self._loaded else _questions_of(self._homes[name])[name]

    def __iter__(self):
        return iter(self._homes)

    def __len__(self):
        return len(self._homes)

    def add(self, path, questions):
        """Add the questions of a file, in place of those that it had before; refuse names that are taken."""
        path = Path(path).resolve()
        for name in questions:
            if self._homes.get(name, path) != path:
                refuse(ValueError, f"{path.name}: [{name}] is taken, by {self._homes[name].name}; choose another name")
        for name in [name for name, home in self._homes.items() if home == path]:
            del self._homes[name]
            self._loaded.pop(name, None)
        self._homes |= dict.fromkeys(questions, path)
        self._loaded |= questions


@cache
def _questions_of(path):
    from lstm_helpers.checks._load import read  # some 10 ms, and not before a question is asked

    return read(path)


QUESTIONS = Catalogue()
