"""The wheel: it has every file of the package, and its questions can be asked where there is nothing but the wheel."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from lstm_helpers.checks import QUESTIONS
from tools import own_wheel

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow

ASK = """
import sys
from lstm_helpers import checks
assert checks.__file__.startswith(sys.argv[1]), checks.__file__
for name, question in checks.QUESTIONS.items():
    assert checks.check(name, ...).right is None and checks.hint(name, 1).text
    assert checks.answer(name).code or question.kind == "prediction"
print(*checks.QUESTIONS)
"""


OPEN_RUNS = """
import sys
from lstm_helpers import runs
assert runs.__file__.startswith(sys.argv[1]), runs.__file__
print(*(len(runs.run.recorded(name).moments) for name in runs.NAMES))
"""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """The folder of the unpacked wheel, built from this tree."""
    folder = tmp_path_factory.mktemp("wheel")
    with zipfile.ZipFile(own_wheel.build(folder)) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def test_it_has_every_file_of_the_package(unpacked):
    listed = subprocess.run(["git", "ls-files", "lstm_helpers"], cwd=ROOT, check=True, capture_output=True, text=True)
    tracked = {name for name in listed.stdout.splitlines() if (ROOT / name).exists()}
    assert {name for name in tracked if not (unpacked / name).is_file()} == set()
    assert any(name.endswith(".toml") for name in tracked)


def run_with(unpacked, code):
    """What a program prints that finds nothing but the wheel and what it depends on."""
    command = [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, sys.argv[1])\n{code}", str(unpacked)]
    return subprocess.run(command, cwd=unpacked, check=True, capture_output=True, text=True).stdout.split()


def test_every_question_can_be_asked_from_it(unpacked):
    assert sorted(run_with(unpacked, ASK)) == sorted(QUESTIONS)


def test_every_run_can_be_opened_from_it(unpacked):
    moments = run_with(unpacked, OPEN_RUNS)
    assert len(moments) == 12 and int(min(moments)) > 35
