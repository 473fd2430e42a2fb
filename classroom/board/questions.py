"""Questions that the board knows: the package's and the class's own, with what the teaching guide says about them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lstm_helpers.checks import QUESTIONS, load
from lstm_helpers.checks._formula import Formula
from lstm_helpers.checks._judge import COARSE, GENERAL, ROUNDED

GUIDE = Path(__file__).resolve().parents[2] / "notebooks" / "README.md"


@dataclass(frozen=True)
class Asked:
    """A question as the board shows it.

    Attributes:
        page: number and title, such as "03 · The forget gate".
        diagnoses: key of a mistake -> its sentence.
        truth: the right answer, a number, a list, a text or a dictionary of these; None if no formula gives it.
        guide: rows of the page's table in the guide: what you hear, what it reveals, and what to do then.
    """

    name: str
    page: str
    todo: str
    diagnoses: dict
    truth: object
    guide: tuple


class Questions(Mapping):
    """Mapping from names to `Asked`, which are made when first used."""

    def __init__(self, known=QUESTIONS, guide=GUIDE):
        self._known, self._pages, self._read = known, pages(guide), {}

    def __getitem__(self, name):
        if name not in self._read:
            self._read[name] = _asked(self._known[name], self._pages)
        return self._read[name]

    def __contains__(self, name):
        return name in self._known

    def __iter__(self):
        return iter(self._known)

    def __len__(self):
        return len(self._known)

    def load_own(self, folder):
        """Load the class's own question files from a folder, without running their code; return the errors.

        A file that was loaded before is read again.
        """
        failed = []
        for path in sorted(folder.glob("*.toml")):
            try:
                names = load(path, run_answers=False)
            except (ValueError, TypeError, OSError) as error:
                failed.append(str(error))
                continue
            for name in names:
                self._read.pop(name, None)
        return failed


def pages(guide):
    """Return the sections of a teaching guide: page number, such as "03" -> (title, rows of its table)."""
    try:
        text = guide.read_text(encoding="utf-8")
    except OSError:  # the board works without it
        return {}
    found = {}
    for number, title, section in re.findall(r"^### (\d\d) · ([^\n]*?) \([^\n]*\)\n(.*?)(?=^##|\Z)", text, re.M | re.S):
        _, _, table = section.partition("| You hear | It reveals | Then |")
        rows = re.findall(r"^\| *(.*?) *\| *(.*?) *\| *(.*?) *\|$", table, re.M)
        found[number] = (title, tuple(tuple(map(_plain, row)) for row in rows if set(row[0]) != {"-"}))
    return found


def _plain(markdown):
    """Return the text of a Markdown table cell without the marks of emphasis, code and links."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown).replace("*", "").replace("`", "")


def _asked(question, pages):
    number = question.notebook[:2]
    title, guide = pages.get(number, ("", ()))
    choices = {option: sentence for option, sentence in question.choices.items() if option != question.right}
    general = {key: sentence for key, (sentence, _) in GENERAL.items()} | {"coarse": COARSE, "rounded": ROUNDED}
    general = {} if choices else general
    own = {key: re.sub(r"\{[^}]*\}", "…", mistake.sentence) for key, mistake in question.mistakes.items()}
    page = f"{number} · {title}" if title else question.notebook
    return Asked(question.name, page, question.todo, general | choices | own, _truth(question), guide)


def _truth(question):
    """Return the value of the question's formula for its inputs."""
    if not isinstance(question.right, Formula):
        return question.right
    try:
        value = question.value(question.right, question.inputs)
    except (ValueError, IndexError, TypeError):
        return None
    if len(question.results) > 1:
        return {name: _number_or_list(part) for name, part in zip(question.results, value, strict=True)}
    return _number_or_list(value)


def _number_or_list(value):
    return np.asarray(value, dtype=float).reshape(-1 if np.ndim(value) else ()).tolist()
