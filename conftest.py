"""Hooks for pytest-xdist and nbval: keep browser tests together, skip cells, and count the numbers compared."""

import re

import pytest

from lstm_helpers.jupyter.cells import missing

NUMBER = re.compile(r"(?<![\w.])[-−]?\d+(?:\.\d*)?(?:e[-+]?\d+)?")
COMPARED = "numbers compared"
BROWSER = "tests/browser/"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """With --dist=loadfile, send all files in BROWSER to one process, because they share a JupyterLab."""
    from xdist.scheduler import LoadFileScheduling

    class TogetherScheduling(LoadFileScheduling):
        def _split_scope(self, nodeid):
            file = super()._split_scope(nodeid)
            return BROWSER if file.startswith(BROWSER) else file

    return TogetherScheduling(config, log) if config.getvalue("dist") == "loadfile" else None


def numbers_in(cell):
    """Count the numbers in a cell's stored text, which strict nbval compares."""
    texts = (part for o in cell.get("outputs", []) for part in (o.get("text"), o.get("data", {}).get("text/plain")))
    return sum(len(NUMBER.findall(text)) for text in texts if text)


def pytest_collection_modifyitems(items):
    """Skip cells whose library is missing here: their stored outputs come from a machine that has it."""
    for item in items:
        if hasattr(item, "cell") and (names := missing(item.cell.source)):
            item.add_marker(pytest.mark.skip(reason=f"needs {' and '.join(names)}, not installed here"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    # options["check"] is false with --nbval-lax, and for cells tagged to be run but not compared.
    if call.when == "call" and report.passed and hasattr(item, "cell") and item.options["check"]:
        report.user_properties.append((COMPARED, numbers_in(item.cell)))  # xdist sends it along with the report
    return report


def pytest_terminal_summary(terminalreporter):
    passed = [report for report in terminalreporter.stats.get("passed", []) if report.fspath.endswith(".ipynb")]
    compared = [dict(report.user_properties).get(COMPARED) for report in passed]  # None: the cell was only run
    if passed:
        books = _counted(len({report.fspath for report in passed}), "notebook")
        if compared.count(None) == len(compared):
            terminalreporter.write_line(f"nbval ran the cells of {books} and compared nothing")
        else:
            total = _counted(sum(filter(None, compared)), "number")
            terminalreporter.write_line(f"nbval compared {total} in {books}")


def _counted(count, noun):
    return f"{count} {noun}" + ("" if count == 1 else "s")
