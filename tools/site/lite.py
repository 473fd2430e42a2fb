"""The live edition: JupyterLite, which is JupyterLab with a Python that runs in the browser (Pyodide).

The page brings the notebooks, our wheel and every pure-Python package that Pyodide does not have. Pyodide itself and
its compiled packages come from Pyodide's own server when a notebook is opened: its lock file, with our packages added,
tells the browser where each of them is, so that `import lstm_helpers` fetches what it needs and no cell installs
anything.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from jupyterlite_pyodide_kernel.constants import PYODIDE_CDN_URL, PYODIDE_KERNEL_PLUGIN_ID, PYODIDE_VERSION
from packaging.utils import parse_wheel_filename

from tools.site import wheels

KERNEL = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
BRINGS = Path(sys.prefix, "share/jupyter/labextensions/@jupyterlite/pyodide-kernel-extension/static/pypi")
# The kernel's own packages. Named here, they come with the lock file instead of from a package index.
KERNEL_PACKAGES = ["piplite", "ipykernel", "pyodide-kernel", "comm", "jedi", "ipython"]
PLACE = "static/pyodide-lock"
SETTINGS = Path(__file__).resolve().parents[2] / "lstm_helpers" / "jupyter" / "lab_settings.json"


def build(notebooks, target):
    """Write the live edition.

    Args:
        notebooks: the folder of the notebooks.
        target: the folder to write to.

    Returns:
        Canonical name -> version of the packages that the page brings.

    Raises:
        ValueError: a package or its version is not there; see `wheels.gathered`.
    """
    with tempfile.TemporaryDirectory() as folder:
        lite, contents, made = (Path(folder, name) for name in ("lite", "contents", "wheels"))
        for path in (lite, contents, made):
            path.mkdir()
        for path in sorted(notebooks.glob("*.ipynb")):
            book = nbformat.read(path, as_version=4)
            book.metadata.kernelspec = nbformat.from_dict(KERNEL)
            nbformat.write(book, contents / path.name)
        for path in notebooks.glob("*.html"):
            shutil.copy(path, contents)
        shutil.copy(SETTINGS, lite / "overrides.json")
        (lite / "jupyter-lite.json").write_text(json.dumps(settings()), encoding="utf-8")
        command = [
            sys.executable, "-m", "jupyter", "lite", "build", "--apps=lab", "--no-sourcemaps",
            "--no-unused-shared-packages", f"--lite-dir={lite}", f"--contents={contents}",
            f"--output-dir={Path(target).resolve()}",
        ]  # fmt: skip
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        if run.returncode:
            raise RuntimeError(f"JupyterLite was not built:\n{run.stdout}{run.stderr}")
        return _bring(Path(target), made)


def settings():
    """The content of jupyter-lite.json: where Pyodide is, its lock file with our packages, what to load first."""
    options = {"lockFileURL": f"./{PLACE}/pyodide-lock.json", "packages": [*KERNEL_PACKAGES, wheels.OWN]}
    kernel = {"pyodideUrl": f"{PYODIDE_CDN_URL}/pyodide.mjs", "loadPyodideOptions": options}
    name = "The LSTM, number by number"
    config = {"appName": name, "litePluginSettings": {PYODIDE_KERNEL_PLUGIN_ID: kernel}}
    return {"jupyter-lite-schema-version": 0, "jupyter-config-data": config}


def _bring(target, made):
    """Put the wheels beside the lock file, and write the lock file."""
    lock = wheels.read_lock(PYODIDE_VERSION)
    given = {parse_wheel_filename(path.name)[0]: path for path in sorted(BRINGS.glob("*.whl"))}
    given[wheels.OWN] = wheels.own_wheel(made)
    brought, needs = {}, {}
    for name in [*KERNEL_PACKAGES, wheels.OWN]:
        more, more_needs = wheels.gathered(name, lock, given, made)
        brought, needs = brought | more, needs | more_needs
    for package in lock["packages"].values():
        package["file_name"] = f"{PYODIDE_CDN_URL}/{package['file_name']}"
    (target / PLACE).mkdir(parents=True)
    for name, wheel in brought.items():
        shutil.copy(wheel, target / PLACE)
        lock["packages"][name] = wheels.entry(wheel, needs[name], wheel.name)
    (target / PLACE / "pyodide-lock.json").write_text(json.dumps(lock), encoding="utf-8")
    return {name: lock["packages"][name]["version"] for name in brought}
