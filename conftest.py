"""For nbval, whatever part of the tests is run: which cells it leaves out, and a closing line on what it compared."""

import re
from collections import Counter

import pytest

from lstm_helpers.view.cells import missing

NUMBER = re.compile(r"(?<![\w.])[-−]?\d+(?:\.\d*)?(?:e[-+]?\d+)?")
_compared = pytest.StashKey[Counter]()


def numbers_in(cell):
    """The numbers in what a cell has stored as text: what strict nbval compares."""
    texts = (part for o in cell.get("outputs", []) for part in (o.get("text"), o.get("data", {}).get("text/plain")))
    return sum(len(NUMBER.findall(text)) for text in texts if text)


def pytest_configure(config):
    config.stash[_compared] = Counter()


def pytest_collection_modifyitems(items):
    """Cells whose library is missing are left out: what is stored comes from a machine that has it."""
    for item in items:
        if hasattr(item, "cell") and (names := missing(item.cell.source)):
            item.add_marker(pytest.mark.skip(reason=f"needs {' and '.join(names)}, not installed here"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if call.when == "call" and report.passed and hasattr(item, "cell"):
        item.config.stash[_compared][item.path] += numbers_in(item.cell)
    return report


def pytest_terminal_summary(terminalreporter, config):
    counts = config.stash[_compared]
    if counts:
        line = f"nbval compared {counts.total()} numbers in {len(counts)} notebooks"
        terminalreporter.write_line(line)
