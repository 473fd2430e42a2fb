"""All questions, by name."""

import re
from collections.abc import Mapping
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
        self._questions = {}  # path -> the questions of the file, once it is read

    def __getitem__(self, name):
        path = self._homes[name]
        if path not in self._questions:
            from lstm_helpers.checks._load import read  # some 10 ms, and not before a question is asked

            self._questions[path] = read(path)
        return self._questions[path][name]

    def __iter__(self):
        return iter(self._homes)

    def __len__(self):
        return len(self._homes)

    def add(self, path, questions):
        """Add the questions of a file, in place of those that it had before; refuse names that are taken."""
        path = path.resolve()
        for name in questions:
            if self._homes.get(name, path) != path:
                refuse(ValueError, f"{path.name}: [{name}] is taken, by {self._homes[name].name}; choose another name")
        kept = {name: home for name, home in self._homes.items() if home != path}
        self._homes = kept | dict.fromkeys(questions, path)
        self._questions[path] = questions


QUESTIONS = Catalogue()
