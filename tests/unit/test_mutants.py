"""The list of changes that the tests must notice is up to date, and the tool tells red from green."""

import re
import subprocess

import pytest

from tools import mutants as tool
from tools.mutants import BROKEN, GREEN, RED, SKIPPED, STALE, Mutant, Outcome, Trials, chosen

MUTANTS = tool.mutants()
AREAS = {"layers", "equations", "gradients", "checks", "explorers", "training", "interop", "tasks", "notebooks"}
AREAS |= {"panel_js", "saved"}


def test_the_list_is_long_enough_and_every_area_is_in_it():
    areas = [name.partition(".")[0] for name in MUTANTS]
    assert len(MUTANTS) >= 100
    assert all(areas.count(area) >= 3 for area in AREAS)


@pytest.mark.parametrize("name", MUTANTS)
def test_a_change_can_still_be_made_and_its_tests_are_there(name):
    mutant = MUTANTS[name]
    assert mutant.changed(tool.ROOT) != (tool.ROOT / mutant.file).read_text(encoding="utf-8")
    assert mutant.tier in tool.TIERS and mutant.meets
    paths = [test.partition("::")[0] for test in mutant.tests if "/" in test]
    assert paths and all((tool.ROOT / path).is_file() for path in paths)
    assert mutant.tier != "check" or all(path.startswith(("tests/unit/", "tests/notebooks/")) for path in paths)
    assert ("--nbval" in mutant.tests) == any(path.endswith(".ipynb") for path in paths)
    wanted = mutant.tests[mutant.tests.index("-k") + 1] if "-k" in mutant.tests else ""
    texts = "".join(path + (tool.ROOT / path).read_text(encoding="utf-8") for path in paths)
    assert [word for word in set(re.findall(r"\w+", wanted)) - {"and", "or", "not"} if word not in texts] == []


@pytest.mark.long
@pytest.mark.parametrize("tier", ["check", "test"])
def test_its_tests_are_in_its_tier(tier):
    """Where a whole file has moved to another tier, the changes that its tests find move with it."""
    paths = {name: [t for t in m.tests if "/" in t] for name, m in MUTANTS.items() if m.tier == tier}
    every = sorted({path for of_one in paths.values() for path in of_one})
    command = [*tool.PYTEST, "--nbval", "--collect-only", *tool.TIERS[tier], *every]
    listed = subprocess.run(command, cwd=tool.ROOT, capture_output=True, text=True).stdout
    there = {path for path in every if re.search(rf"^{re.escape(path)}(::|\[|$)", listed, re.MULTILINE)}
    assert [name for name, of_one in paths.items() if not there & {*of_one}] == []


def test_nothing_in_the_stored_results_went_unnoticed():
    rows = [re.split(r"\s{2,}", line) for line in tool.RESULTS.read_text(encoding="utf-8").splitlines()[1:]]
    assert rows and {row[0] for row in rows} <= set(MUTANTS)
    assert {row[2] for row in rows} == {RED}


SOURCE = "def double(x):\n    return 2 * x\n"
TEST = """import pytest
from code_of_ours import double

def test_double():
    assert double(3) == 6

def test_missing():
    pytest.importorskip("no_such_library")

@pytest.mark.slow
def test_slow():
    assert double(4) == 8
"""


@pytest.fixture(scope="module")
def trials(tmp_path_factory):
    """A project of two files, and its copy."""
    root = tmp_path_factory.mktemp("project")
    (root / "code_of_ours.py").write_text(SOURCE)
    (root / "test_ours.py").write_text(TEST)
    (root / ".gitignore").write_text("secret\n")
    (root / "secret").write_text("")
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    folder = tool.copied(root, tmp_path_factory.mktemp("copy"))
    assert not (folder / "secret").exists()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # pytest starts four times as fast
        yield Trials(folder)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "tests", "result", "detail"),
    [
        ("2 * x", "x", "test_ours.py", RED, "test_ours.py::test_double"),
        ("2 * x", "x + x", "test_ours.py", GREEN, ""),
        ("3 * x", "x", "test_ours.py", STALE, "code_of_ours.py: occurs 0 times"),
        ("x", "y", "test_ours.py", STALE, "code_of_ours.py: occurs 2 times"),
        ("2 * x", "2 *", "test_ours.py", STALE, "invalid syntax"),
        ("2 * x", "x", "test_theirs.py", STALE, "test_theirs.py"),
        ("2 * x", "x", "test_ours.py::test_slow", STALE, "1 deselected"),  # that is another tier
        ("2 * x", "x", "test_ours.py::test_missing", SKIPPED, "skipped"),
    ],
)
def test_the_outcome_of_a_change(old, new, tests, result, detail, trials):
    mutant = Mutant("some.change", "code_of_ours.py", old, new, "nothing", (tests,), "check")
    outcome = trials.outcome(mutant)
    assert outcome.result == result and detail in outcome.detail
    assert (trials.folder / "code_of_ours.py").read_text() == SOURCE  # it is taken back


def test_tests_that_fail_without_the_change_say_nothing(trials):
    (trials.folder / "test_red.py").write_text("def test_red():\n    assert False\n")
    change = Mutant("some.change", "code_of_ours.py", "2 * x", "x", "nothing", ("test_red.py",), "test")
    outcome = trials.outcome(change)
    assert outcome.result == BROKEN and outcome.detail == "test_red.py::test_red"


def test_changes_are_chosen_by_name_area_file_and_folder():
    assert chosen(MUTANTS, []) == MUTANTS
    name = next(iter(MUTANTS))
    assert list(chosen(MUTANTS, [name])) == [name]
    assert {n.partition(".")[0] for n in chosen(MUTANTS, ["tasks", "training"])} == {"tasks", "training"}
    file = MUTANTS[name].file
    assert {m.file for m in chosen(MUTANTS, [f"./{file}"]).values()} == {file}
    assert {m.file.split("/")[0] for m in chosen(MUTANTS, ["notebooks/"]).values()} >= {"notebooks"}
    with pytest.raises(SystemExit, match="nothing_of_the_kind is not a change"):
        chosen(MUTANTS, ["nothing_of_the_kind"])


def test_results_of_some_changes_leave_the_others_as_they_were(tmp_path):
    known = {name: Mutant(name, "a.py", "1", "2", "nothing", ("test_a.py",), "check") for name in ("a.one", "a.two")}
    path = tmp_path / "results.txt"
    tool.write_results(path, {"a.two": Outcome(GREEN, 1.2, "")}, known)
    tool.write_results(path, {"a.one": Outcome(RED, 3.4, "test_a.py::test_[1 - 2]")}, known)
    rows = [line.split()[:4] for line in path.read_text().splitlines()[1:]]
    assert rows == [["a.one", "check", RED, "3"], ["a.two", "check", GREEN, "1"]]
