"""An environment with the versions that Colab has, and with the JupyterLab of their time."""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from tools import own_wheel

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = Path(__file__).with_suffix(".txt")
NEWEST_PYTHON = (3, 12)  # Colab's; for newer ones its NumPy was never built


def colab_python(folder=ROOT / "build" / "colab"):
    """The Python of that environment, with this package installed in it as README says: without what it depends on.

    It is made once, from the package index, which takes a minute; a later call only renews the package.

    Raises:
        subprocess.CalledProcessError: pip cannot install it, or not without a network.
    """
    python, made = folder / "bin" / "python", folder / "made-of.txt"
    wanted = f"# Python {sys.version}\n{VERSIONS.read_text(encoding='utf-8')}"
    if not made.exists() or made.read_text(encoding="utf-8") != wanted:
        venv.create(folder, clear=True, with_pip=True)
        _pip(python, "install", "--no-deps", "--no-compile", "--requirement", VERSIONS)
        made.write_text(wanted, encoding="utf-8")
    with tempfile.TemporaryDirectory() as place:
        _pip(python, "install", "--no-deps", "--no-index", "--force-reinstall", own_wheel.build(place))
    return python


def _pip(python, *arguments):
    command = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    subprocess.run(command, check=True, capture_output=True, text=True)
