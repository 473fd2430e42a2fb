"""Mutation testing: change one line at a time in a copy of the project, and see whether the tests notice.

Each change is a table in tools/mutants.toml: the file, the old and the new text, what a user would see, and the tests
that should fail. The results go to tools/mutants_results.txt.

Usage: python tools/mutants.py [WHICH ...] [--results FILE]

WHICH is the name of a change or of an area (`layers`), or a file or folder of the project; by default all changes are
tried. The exit status is 0 if every change was noticed, or its tests are skipped here.
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
# pytest's options for `make check`, `make test` and `make test-all`; each tier includes the one before it.
TIERS = {"check": ["-m", "not slow and not long"], "test": ["-m", "not long"], "test-all": []}

# test_mutants.py checks the list against the source, so any change would make it fail.
PYTEST = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--ignore=tests/unit/test_mutants.py"]
WITHOUT_NBVAL = ["-p", "no:nbval"]  # nbval takes five seconds to load
ALL_PASSED, NOTHING_COLLECTED, USAGE = 0, 5, 4  # pytest's exit codes
TIMEOUT = 900  # seconds for tests without a change
# A change may cause an endless loop: allow these seconds, plus this multiple of the time without the change.
EXTRA_TIME, TIME_FACTOR = 60, 5

RED, GREEN, SKIPPED, STALE, BROKEN = "red", "GREEN", "skipped", "STALE", "BROKEN"
MEANINGS = {
    RED: "noticed",
    GREEN: "not noticed: a test is missing",
    SKIPPED: "not tried: its tests are skipped here",
    STALE: "the list is out of date",
    BROKEN: "its tests fail without the change",
}


class StaleError(ValueError):
    """A change in the list no longer applies to the source."""


@dataclass(frozen=True)
class Mutant:
    """One change of one line.

    Attributes:
        name: "area.name".
        file: the path from the project's root.
        old, new: the text to replace, which occurs in the file exactly once, and its replacement.
        meets: the consequence for a user.
        tests: arguments of pytest: files, tests, `--nbval` and a notebook.
        tier: the fastest of the `TIERS` that finds the change.
    """

    name: str
    file: str
    old: str
    new: str
    meets: str
    tests: tuple
    tier: str

    def changed(self, root):
        """Return the file's text after the change.

        Raises:
            StaleError: the file does not exist, or does not contain the old text exactly once.
        """
        path = root / self.file
        if not path.is_file():
            raise StaleError(f"{self.file} does not exist")
        text = path.read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise StaleError(f"{self.file}: occurs {text.count(self.old)} times, must occur once: {self.old!r}")
        text = text.replace(self.old, self.new)
        if path.suffix == ".py":
            ast.parse(text)  # a syntax error would make any test fail
        if path.suffix in (".json", ".ipynb"):
            json.loads(text)
        return text


@dataclass(frozen=True)
class Outcome:
    """Outcome of one change: a key of `MEANINGS`, the seconds it took, and the failed test or the problem."""

    result: str
    seconds: float
    detail: str


def mutants(path=LIST):
    """Return the changes in a list, by name."""
    areas = tomllib.loads(path.read_text(encoding="utf-8"))
    found = {}
    for area, members in areas.items():
        for name, fields in members.items():
            fields["tests"] = tuple(fields["tests"])
            found[f"{area}.{name}"] = Mutant(name=f"{area}.{name}", **fields)
    return found


def chosen(known, names):
    """Return the changes with these names or areas, or in files below these paths; refuse a name without any."""
    picked = {}
    for name in names or [""]:
        path = name.removeprefix("./").rstrip("/")
        matches = {
            key: mutant
            for key, mutant in known.items()
            if not name or name in (key, key.partition(".")[0]) or f"{mutant.file}/".startswith(f"{path}/")
        }
        if not matches:
            raise SystemExit(f"{name} is not a change, area, file or folder in {LIST.name}")
        picked |= matches
    return picked


def copied(root, folder):
    """Copy the working tree, without ignored files, into a git repository, which some tests need; return `folder`."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=root, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in filter(None, names):
        if (root / name).is_file():  # a deleted file may still be in the index
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, folder / name)
    for command in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *command], cwd=folder, check=True, capture_output=True)
    return folder


class Trials:
    """Runner that tries changes, one at a time, in a copy of the project."""

    def __init__(self, folder):
        self.folder = folder
        self._unchanged = {}  # arguments of pytest -> outcome without a change

    def outcome(self, mutant):
        """Make a change, run its tests, undo it, and return the outcome."""
        try:
            text = mutant.changed(self.folder)
        except (StaleError, SyntaxError, json.JSONDecodeError) as problem:
            return Outcome(STALE, 0.0, str(problem))
        tests = (*TIERS[mutant.tier], *mutant.tests)
        if tests not in self._unchanged:
            self._unchanged[tests] = self._without_change(tests)
        if (before := self._unchanged[tests]).result != GREEN:
            return before
        path = self.folder / mutant.file
        original = path.read_bytes()
        path.write_text(text, encoding="utf-8")
        try:
            status, report, seconds = self._run(tests, EXTRA_TIME + TIME_FACTOR * before.seconds)
        finally:
            path.write_bytes(original)
        return Outcome(GREEN if status == ALL_PASSED else RED, seconds, _first_red(report))

    def _without_change(self, tests):
        status, report, seconds = self._run(tests, TIMEOUT)
        if status == USAGE or (status == NOTHING_COLLECTED and "deselected" in report):  # deleted, or in another tier
            return Outcome(STALE, seconds, _first_red(report))
        if status == NOTHING_COLLECTED or (status == ALL_PASSED and not re.search(r"\b\d+ passed", report)):
            return Outcome(SKIPPED, seconds, _last_line(report))
        if status != ALL_PASSED:
            return Outcome(BROKEN, seconds, _first_red(report))
        return Outcome(GREEN, seconds, "")

    def _run(self, tests, timeout):
        """Run pytest; return its exit code, its output, and the seconds it took."""
        environment = os.environ | {
            "PYTHONPATH": str(self.folder),
            "PYTHONDONTWRITEBYTECODE": "1",  # its time stamps have seconds: two changes may fall into the same one
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
            report, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # its kernels and browsers, too
            report, _ = process.communicate()
            report += f"\nFAILED not done after {timeout:.0f} seconds\n"
        return process.returncode, report, time.monotonic() - start


def _first_red(report):
    """Return the id of the first failed test."""
    found = re.search(r"^(?:FAILED|ERROR:?) (.+?)(?: - .*)?$", report, re.MULTILINE)
    return found[1] if found else _last_line(report)


def _last_line(report):
    return next((line.strip() for line in reversed(report.splitlines()) if line.strip()), "")


HEADER = ("name", "tier", "result", "seconds", "date", "went red first, or what is wrong")


def write_results(path, outcomes, known):
    """Write a table of results; listed changes that were not tried this time keep their old line."""
    rows = {}
    if path.exists():
        rows = {line.split()[0]: tuple(re.split(r"\s{2,}", line.strip())) for line in _table_lines(path)}
    today = datetime.date.today().isoformat()
    for name, outcome in outcomes.items():
        detail = re.sub(r"\s+", " ", outcome.detail) or "-"
        rows[name] = (name, known[name].tier, outcome.result, f"{outcome.seconds:.0f}", today, detail)
    rows = [HEADER, *(rows[name] for name in known if name in rows)]
    widths = [max(len(row[k]) for row in rows) for k in range(len(HEADER) - 1)]
    lines = ["  ".join([*map(str.ljust, row, widths), row[-1]]) + "\n" for row in rows]
    path.write_text("".join(lines), encoding="utf-8")


def _table_lines(path):
    return [line for line in path.read_text(encoding="utf-8").splitlines()[1:] if line.strip()]


def main(arguments):
    parser = argparse.ArgumentParser(description="See whether the tests notice changes of one line.")
    parser.add_argument("which", nargs="*", help="names or areas of changes, files or folders; by default all changes")
    parser.add_argument("--results", type=Path, default=RESULTS, help="file for the table")
    options = parser.parse_args(arguments)
    known = mutants()
    picked, outcomes = chosen(known, options.which), {}
    with tempfile.TemporaryDirectory() as folder:
        trials = Trials(copied(ROOT, Path(folder)))
        for number, (name, mutant) in enumerate(picked.items(), 1):
            outcome = outcomes[name] = trials.outcome(mutant)
            details = f"{MEANINGS[outcome.result]}, {outcome.seconds:.0f} s: {outcome.detail}"
            print(f"[{number}/{len(picked)}] {outcome.result:<8}{name}: {details}", flush=True)
            write_results(options.results, outcomes, known)  # each time: a long run may be interrupted
    for result, meaning in MEANINGS.items():
        if names := [name for name, outcome in outcomes.items() if outcome.result == result]:
            print(f"{len(names):4} {meaning}" + ("" if result == RED else f": {', '.join(names)}"))
    return 0 if all(outcome.result in (RED, SKIPPED) for outcome in outcomes.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
