"""A closing line that says how much nbval compared, whatever part of the tests is run, and by how many processes."""

import re
from collections import Counter

import pytest

NUMBER = re.compile(r"(?<![\w.])[-−]?\d+(?:\.\d*)?(?:e[-+]?\d+)?")
COMPARED = "numbers compared"


def numbers_in(cell):
    """The numbers in what a cell has stored as text: what strict nbval compares."""
    texts = (part for o in cell.get("outputs", []) for part in (o.get("text"), o.get("data", {}).get("text/plain")))
    return sum(len(NUMBER.findall(text)) for text in texts if text)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if call.when == "call" and report.passed and hasattr(item, "cell"):
        report.user_properties.append((COMPARED, numbers_in(item.cell)))  # it travels with the report
    return report


def pytest_terminal_summary(terminalreporter):
    counts = Counter()
    for report in terminalreporter.stats.get("passed", []):
        counts[report.fspath] += dict(report.user_properties).get(COMPARED, 0)
    books = [path for path in counts if path.endswith(".ipynb")]
    if books:
        terminalreporter.write_line(f"nbval compared {counts.total()} numbers in {len(books)} notebooks")
