"""The start of a student's server."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import subprocess, sys
from classroom.student_server import leave_out
leave_out()
subprocess.Popen = None  # nothing starts a process
from lstm_helpers.jupyter.saved import keep_pictures
assert callable(keep_pictures)
import jupyterhub.singleuser, jupyterlab.labapp
print(*sorted({"numpy", "matplotlib", "ipywidgets", "alembic", "sqlalchemy.engine"} & sys.modules.keys()))
"""


def test_the_server_saves_pictures_for_panels_and_loads_neither_numpy_nor_the_hubs_database():
    """The kernel does the computing, and the hub keeps the users."""
    pytest.importorskip("jupyterhub", reason="the classroom needs JupyterHub: EXTRAS=test,classroom")
    path = {"PYTHONPATH": f"{ROOT}:{ROOT / 'classroom'}"}
    run = subprocess.run([sys.executable, "-c", PROGRAM], env=path, capture_output=True, text=True, check=True)
    assert run.stdout == "\n"
