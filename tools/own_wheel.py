"""The wheel of the package, built from this tree without a network by what `pip` would build it with."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def build(folder):
    """Build the wheel into a folder; returns its path."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (path,) = Path(folder).glob("lstm_helpers-*.whl")
    return path
