"""Change one line at a time in a copy of the project, and see whether the tests notice.

Each change is a table in tools/mutants.toml: the place, the old and the new text, what a user would see, and the tests
that should turn red. The results go to tools/mutants_results.txt.

Usage: python tools/mutants.py [WHICH ...] [--results FILE]

WHICH is the name of a change or of an area (`layers`), or a file or folder of the project; without it, all changes are
tried. The exit status is 0 if every change was noticed, or could not be tried because its tests are skipped here.
"""

import argparse
import ast
import datetime
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = Path(__file__).with_suffix(".toml")
RESULTS = LIST.with_name("mutants_results.txt")
# What `make check`, `make test` and `make test-all` run; each includes the one before it.
TIERS = {"check": ["-m", "not slow and not long"], "test": ["-m", "not long"], "test-all": []}

# `test_mutants.py` is about the list itself: any change of the source would turn it red.
PYTEST = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--ignore=tests/unit/test_mutants.py"]
WITHOUT_NBVAL = ["-p", "no:nbval"]  # it takes five seconds to load
ALL_PASSED, NOTHING_COLLECTED, USAGE = 0, 5, 4  # pytest's exit codes
LONGEST = 900  # seconds for tests without a change
ENDLESS = 60, 5  # after a change a loop may never end: at most so many seconds, and so many times as long as without it

RED, GREEN, SKIPPED, STALE, BROKEN = "red", "GREEN", "skipped", "STALE", "BROKEN"
TOLD = {
    RED: "noticed",
    GREEN: "not noticed: a test is missing",
    SKIPPED: "not tried: its tests are skipped here",
    STALE: "the list is out of date",
    BROKEN: "its tests fail without the change",
}


class StaleError(ValueError):
    """A change in the list that can no longer be made."""


@dataclass(frozen=True)
class Mutant:
    """One change of one line.

    Attributes:
        name: "area.name".
        file: the path from the project's root.
        old, new: the text to replace, which occurs in the file exactly once, and its replacement.
        meets: what a user would see.
        tests: arguments of pytest: files, tests, `--nbval` and a notebook.
        tier: the quickest command whose share of these tests finds the change. See `TIERS`.
    """

    name: str
    file: str
    old: str
    new: str
    meets: str
    tests: tuple
    tier: str

    def changed(self, root):
        """The text of the file after the change.

        Raises:
            StaleError: the file or the text is not there, or the text is there more than once.
        """
        path = root / self.file
        if not path.is_file():
            raise StaleError(f"{self.file} is not there")
        text = path.read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise StaleError(f"{self.file} has {text.count(self.old)} times: {self.old!r}")
        text = text.replace(self.old, self.new)
        if path.suffix == ".py":
            ast.parse(text)  # a file that does not parse would turn any test red
        if path.suffix in (".json", ".ipynb"):
            json.loads(text)
        return text


@dataclass(frozen=True)
class Outcome:
    """The outcome of one change: one of the keys of `TOLD`, the seconds it took, and what to look at."""

    what: str
    seconds: float
    detail: str


def mutants(path=LIST):
    """The changes in a list, by name."""
    areas = tomllib.loads(path.read_text(encoding="utf-8"))
    found = {}
    for area, members in areas.items():
        for name, fields in members.items():
            fields["tests"] = tuple(fields["tests"])
            found[f"{area}.{name}"] = Mutant(name=f"{area}.{name}", **fields)
    return found


def chosen(known, names):
    """The changes with these names or areas, or in files below these paths; a name without any is refused."""
    picked = {}
    for name in names or [""]:
        path = name.removeprefix("./").rstrip("/")
        some = {
            key: mutant
            for key, mutant in known.items()
            if not name or name in (key, key.partition(".")[0]) or f"{mutant.file}/".startswith(f"{path}/")
        }
        if not some:
            raise SystemExit(f"{name} is no change, area, file or folder in {LIST.name}")
        picked |= some
    return picked


def copied(root, folder):
    """A copy of the working tree without what git ignores, under git because some tests expect it."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=root, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in filter(None, names):
        if (root / name).is_file():  # it may have been deleted since git listed it
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, folder / name)
    for command in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *command], cwd=folder, check=True, capture_output=True)
    return folder


class Trials:
    """A copy of the project in which changes are tried, one after the other."""

    def __init__(self, folder):
        self.folder = folder
        self._unchanged = {}  # arguments of pytest -> their outcome without any change

    def outcome(self, mutant):
        """The outcome of a change: make it, run its tests, and undo it."""
        try:
            text = mutant.changed(self.folder)
        except (StaleError, SyntaxError, json.JSONDecodeError) as problem:
            return Outcome(STALE, 0.0, str(problem))
        tests = (*TIERS[mutant.tier], *mutant.tests)
        if tests not in self._unchanged:
            self._unchanged[tests] = self._without_change(tests)
        if (before := self._unchanged[tests]).what != GREEN:
            return before
        path = self.folder / mutant.file
        original = path.read_bytes()
        path.write_text(text, encoding="utf-8")
        try:
            status, report, seconds = self._run(tests, ENDLESS[0] + ENDLESS[1] * before.seconds)
        finally:
            path.write_bytes(original)
        return Outcome(GREEN if status == ALL_PASSED else RED, seconds, _first_red(report))

    def _without_change(self, tests):
        status, report, seconds = self._run(tests, LONGEST)
        if status == USAGE or (status == NOTHING_COLLECTED and "deselected" in report):  # gone, or in another tier
            return Outcome(STALE, seconds, _first_red(report))
        if status == NOTHING_COLLECTED or (status == ALL_PASSED and not re.search(r"\b\d+ passed", report)):
            return Outcome(SKIPPED, seconds, _last_line(report))
        if status != ALL_PASSED:
            return Outcome(BROKEN, seconds, _first_red(report))
        return Outcome(GREEN, seconds, "")

    def _run(self, tests, longest):
        """Pytest's exit code, what it printed, and how long it took."""
        environment = os.environ | {
            "PYTHONPATH": str(self.folder),
            "PYTHONDONTWRITEBYTECODE": "1",  # compiled code is dated to the second, and two changes may fall in one
        }
        start = time.monotonic()
        process = subprocess.Popen(
            [*PYTEST, *([] if "--nbval" in tests else WITHOUT_NBVAL), *tests],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            report, _ = process.communicate(timeout=longest)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # with its kernels and browsers
            report, _ = process.communicate()
            report += f"\nFAILED not done after {longest:.0f} seconds\n"
        return process.returncode, report, time.monotonic() - start


def _first_red(report):
    """The first test that failed, by its id."""
    found = re.search(r"^(?:FAILED|ERROR:?) (.+?)(?: - .*)?$", report, re.MULTILINE)
    return found[1] if found else _last_line(report)


def _last_line(report):
    return next((line.strip() for line in reversed(report.splitlines()) if line.strip()), "")


HEADER = ("name", "tier", "result", "seconds", "date", "went red first, or what is wrong")


def write_results(path, outcomes, known):
    """Write a table of results. Changes that were not tried this time keep their old line if they are still listed."""
    rows = {}
    if path.exists():
        rows = {line.split()[0]: tuple(re.split(r"\s{2,}", line.strip())) for line in _table_lines(path)}
    today = datetime.date.today().isoformat()
    for name, outcome in outcomes.items():
        detail = re.sub(r"\s+", " ", outcome.detail) or "-"
        rows[name] = (name, known[name].tier, outcome.what, f"{outcome.seconds:.0f}", today, detail)
    rows = [HEADER, *(rows[name] for name in known if name in rows)]
    widths = [max(len(row[k]) for row in rows) for k in range(len(HEADER) - 1)]
    lines = ["  ".join([*map(str.ljust, row, widths), row[-1]]) + "\n" for row in rows]
    path.write_text("".join(lines), encoding="utf-8")


def _table_lines(path):
    return [line for line in path.read_text(encoding="utf-8").splitlines()[1:] if line.strip()]


def main(arguments):
    parser = argparse.ArgumentParser(description="See whether the tests notice changes of one line.")
    parser.add_argument("which", nargs="*", help="names or areas of changes, files or folders; all if none is given")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the table goes")
    options = parser.parse_args(arguments)
    known = mutants()
    picked, outcomes = chosen(known, options.which), {}
    with tempfile.TemporaryDirectory() as folder:
        trials = Trials(copied(ROOT, Path(folder)))
        for number, (name, mutant) in enumerate(picked.items(), 1):
            outcome = outcomes[name] = trials.outcome(mutant)
            told = f"{TOLD[outcome.what]}, {outcome.seconds:.0f} s: {outcome.detail}"
            print(f"[{number}/{len(picked)}] {outcome.what:<8}{name}: {told}", flush=True)
            write_results(options.results, outcomes, known)  # each time: a long run may be interrupted
    for what, meaning in TOLD.items():
        if names := [name for name, outcome in outcomes.items() if outcome.what == what]:
            print(f"{len(names):4} {meaning}" + ("" if what == RED else f": {', '.join(names)}"))
    return 0 if all(outcome.what in (RED, SKIPPED) for outcome in outcomes.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
