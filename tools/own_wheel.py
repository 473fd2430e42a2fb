"""Build the package's wheel from this tree with its build backend, without a network."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def build(folder):
    """Build the wheel in `folder`; return its path."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (path,) = Path(folder).glob("lstm_helpers-*.whl")
    return path
