"""Predictions in a notebook, each with the cells and texts that follow it."""

import re
from dataclasses import dataclass, field

from tests.support.notebooks import text_of
from tools.notebooks import CHECK
from tools.student import TAG

COMMIT = re.compile(r"^(my_\w+) = (.*\.\.\..*)  # for example .+$")
_ON_PAPER = re.compile(r"\*\*Predict\b")
_HEADING = re.compile(r"^#+ ", re.MULTILINE)


@dataclass
class Asked:
    """A prediction, with the cells and texts below it, up to the next heading or the next prediction.

    Attributes:
        question: the text that asks, with `my_name = ...` or the check of a choice, if any.
        kind: "paper", "cell" or "choice".
        below: code cells and texts, in order.
    """

    question: str
    kind: str
    below: list = field(default_factory=list)

    @property
    def shown(self):
        """The cells below that have an output."""
        return [part for part in self.below if not isinstance(part, str) and part.outputs]

    @property
    def before_the_fold(self):
        """The cells in `shown` above the fold with the answer; all of them if there is no fold."""
        folds = [k for k, part in enumerate(self.below) if isinstance(part, str) and "<details>" in part]
        above = self.below[: folds[0]] if folds else self.below
        return [cell for cell in self.shown if any(cell is part for part in above)]

    @property
    def prose(self):
        """The text below."""
        return "\n\n".join(part for part in self.below if isinstance(part, str))


def asked(book, choices):
    """Return the predictions of a notebook, in order; `choices` are the names of the multiple-choice questions."""
    found, now = [], None
    for cell in book.cells:
        if cell.cell_type == "markdown":
            for ends_here, text in _pieces(cell.source):
                now = None if ends_here else now
                if _ON_PAPER.search(text):
                    now = Asked(text, "paper")
                    found.append(now)
                elif now and text.strip():
                    now.below.append(text)
        elif kind := _kind(cell, choices):
            if not (now and now.kind == "paper" and not now.below):  # otherwise the text above asks for it
                now = Asked("", kind)
                found.append(now)
            now.kind, now.question = kind, f"{now.question}\n{cell.source}"
        elif now:
            now.below.append(cell)
    return found


def _kind(cell, choices):
    name = CHECK.search(cell.source)
    return "cell" if COMMIT.match(cell.source) else "choice" if name and name[1] in choices else None


def _pieces(source):
    """Cut a text before each heading and each "Predict"; yield (begins with a heading, piece)."""
    cuts = sorted(
        {0, *(m.start() for m in _HEADING.finditer(source)), *(m.start() for m in _ON_PAPER.finditer(source))}
    )
    for start, end in zip(cuts, [*cuts[1:], len(source)], strict=True):
        yield bool(_HEADING.match(source, start)), source[start:end]


def is_tagged(cell):
    """Return true if the students' edition omits a cell's output."""
    return TAG in cell.metadata.get("tags", [])


def printed(cell):
    """Return a cell's printed text and the text of its pictures."""
    return "\n".join(map(text_of, cell.outputs))
