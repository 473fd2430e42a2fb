"""Fixtures, and a closing line that says how much nbval compared."""

import re
from collections import Counter

import numpy as np
import pytest

NUMBER = re.compile(r"(?<![\w.])[-−]?\d+(?:\.\d*)?(?:e[-+]?\d+)?")
_compared = pytest.StashKey[Counter]()


@pytest.fixture
def rng():
    return np.random.default_rng(20261122)


def numbers_in(cell):
    """The numbers in what a cell has stored as text: what strict nbval compares."""
    texts = []
    for output in cell.get("outputs", []):
        texts.append(output.get("text", ""))
        texts.append(output.get("data", {}).get("text/plain", ""))
    return sum(len(NUMBER.findall(text)) for text in texts)


def pytest_configure(config):
    config.stash[_compared] = Counter()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if call.when == "call" and report.passed and hasattr(item, "cell"):
        counts = item.config.stash[_compared]
        counts["cells"] += 1
        counts["numbers"] += numbers_in(item.cell)
        counts[item.parent.name] += 1
    return report


def pytest_terminal_summary(terminalreporter, config):
    counts = config.stash[_compared]
    if counts["cells"]:
        notebooks = len(counts) - 2
        terminalreporter.write_line(
            f"nbval compared {counts['numbers']} numbers in {counts['cells']} cells of {notebooks} notebooks"
        )
