"""Environment with Colab's versions, and with a JupyterLab of their time."""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from tools import own_wheel

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = Path(__file__).with_suffix(".txt")
NEWEST_PYTHON = (3, 12)  # Colab's; its NumPy has no wheels for newer ones


def colab_python(folder=ROOT / "build" / "colab"):
    """Return the Python of that environment, with this package installed as README.md says, without dependencies.

    The first call installs everything from the package index, which takes a minute; later calls only renew the package.

    Raises:
        subprocess.CalledProcessError: pip fails, for example without a network.
    """
    python, record = folder / "bin" / "python", folder / "made-of.txt"
    content = f"# Python {sys.version}\n{VERSIONS.read_text(encoding='utf-8')}"
    if not record.exists() or record.read_text(encoding="utf-8") != content:
        venv.create(folder, clear=True, with_pip=True)
        _pip(python, "install", "--no-deps", "--no-compile", "--requirement", VERSIONS)
        record.write_text(content, encoding="utf-8")
    with tempfile.TemporaryDirectory() as wheels:
        _pip(python, "install", "--no-deps", "--no-index", "--force-reinstall", own_wheel.build(wheels))
    return python


def _pip(python, *arguments):
    command = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    subprocess.run(command, check=True, capture_output=True, text=True)
