"""The start of a student's server."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
from classroom.student_server import _without_numpy
_without_numpy("lstm_helpers")
from lstm_helpers.jupyter.saved import keep_pictures
assert callable(keep_pictures)
print(*sorted({"numpy", "matplotlib", "ipywidgets"} & sys.modules.keys()))
"""


def test_the_server_saves_pictures_for_panels_and_loads_no_numpy():
    """The kernel does the computing."""
    path = {"PYTHONPATH": f"{ROOT}:{ROOT / 'classroom'}"}
    run = subprocess.run([sys.executable, "-c", PROGRAM], env=path, capture_output=True, text=True, check=True)
    assert run.stdout == "\n"
