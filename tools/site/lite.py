"""Live edition: JupyterLite, which is JupyterLab with a Python that runs in the browser (Pyodide).

The site contains the notebooks, our wheel and every pure-Python package that Pyodide does not have. Pyodide itself and
its compiled packages come from Pyodide's server when a notebook is opened, or from the site if it includes them (see
`pyodide`). Pyodide's lock file, with our packages added, tells the browser where each package is, so that
`import lstm_helpers` fetches its requirements and no cell installs anything.

JupyterLite stores a changed notebook in the browser, and shows that copy forever after. Our extension, edition.js,
merges the visitor's changes into the newest notebooks instead.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from jupyterlite_pyodide_kernel.constants import PYODIDE_CDN_URL, PYODIDE_KERNEL_PLUGIN_ID

from tools.site import pyodide, wheels

HERE = Path(__file__).resolve().parent
KERNEL = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
LOCK = "static/pyodide-lock"
PYODIDE = "static/pyodide"
SETTINGS = HERE.parents[1] / "lstm_helpers" / "jupyter" / "lab_settings.json"
EXTENSION = "lstm-edition"
# Seconds between autosaves; with JupyterLab's default, a reload could lose two minutes of typing.
AUTOSAVE = {"@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": 2}}


def build(notebooks, target, pyodide_folder=None):
    """Write the live edition.

    Args:
        notebooks: the folder of the notebooks.
        target: the folder to write to.
        pyodide_folder: a folder with Pyodide and its packages to include in the site; None: the browser fetches them
            from Pyodide's server.

    Returns:
        Canonical name -> version of the packages in the site, without Pyodide's.

    Raises:
        ValueError: a package is missing or has the wrong version; see `wheels.gathered` and `pyodide.check`.
    """
    target, own = Path(target).resolve(), pyodide_folder is not None
    with tempfile.TemporaryDirectory() as folder:
        names = ("lite", "contents", "extensions", "wheels")
        lite, contents, extensions, made = (Path(folder, name) for name in names)
        lite.mkdir(), made.mkdir()
        lock, brought = wheels.locked(made)
        wanted = pyodide.packages(lock, brought)
        if own:
            pyodide.check(Path(pyodide_folder), wanted)
        lock = placed(lock, brought, own)
        write_contents(notebooks, contents)
        edition = edition_of(lock, [HERE / "edition.js", *sorted(contents.iterdir())])
        write_extension(extensions / EXTENSION, edition)
        overrides = json.loads(SETTINGS.read_text(encoding="utf-8")) | AUTOSAVE
        for name, content in (("overrides.json", overrides), ("jupyter-lite.json", settings(edition, own))):
            (lite / name).write_text(json.dumps(content), encoding="utf-8")
        _jupyter_lite(lite, contents, extensions, target)
        for name, wheel in brought.items():
            path = target / LOCK / lock["packages"][name]["file_name"]
            path.parent.mkdir(parents=True)
            shutil.copy(wheel, path)
        (target / LOCK / "pyodide-lock.json").write_text(json.dumps(lock), encoding="utf-8")
        if own:
            pyodide.copy(Path(pyodide_folder), target / PYODIDE, wanted)
        return {name: lock["packages"][name]["version"] for name in brought}


def edition_of(lock, files):
    """Return a name for the site's content, which changes with it: a hash of the lock file and the files."""
    content = json.dumps(lock).encode() + b"".join(path.read_bytes() for path in files)
    return hashlib.sha256(content).hexdigest()[:12]


def placed(lock, brought, own_pyodide):
    """Return the lock file with the URLs of Pyodide's packages, on Pyodide's server or in the site.

    With `own_pyodide`, it lists only the needed ones, because the site contains no others.
    """
    ours = {name: lock["packages"][name] for name in brought}
    theirs = {name: entry for name, entry in lock["packages"].items() if name not in brought}
    if own_pyodide:
        theirs = {name: theirs[name] for name in sorted(wheels.needed(lock) - set(brought))}
    base = f"../{Path(PYODIDE).name}" if own_pyodide else PYODIDE_CDN_URL
    theirs = {name: entry | {"file_name": f"{base}/{entry['file_name']}"} for name, entry in theirs.items()}
    return lock | {"packages": theirs | ours}


def settings(edition, own_pyodide):
    """Return the content of jupyter-lite.json: the URLs of Pyodide and its lock file, and the packages to load first.

    With `own_pyodide`, %pip does not fall back to PyPI.
    """
    lock = f"./{LOCK}/pyodide-lock.json?{edition}"
    kernel = {
        "pyodideUrl": f"./{PYODIDE}/pyodide.mjs" if own_pyodide else f"{PYODIDE_CDN_URL}/pyodide.mjs",
        "loadPyodideOptions": {"lockFileURL": lock, "packages": [*wheels.KERNEL_PACKAGES, wheels.OWN]},
        "disablePyPIFallback": own_pyodide,
    }
    name = "The LSTM, number by number"
    config = {"appName": name, "edition": edition, "litePluginSettings": {PYODIDE_KERNEL_PLUGIN_ID: kernel}}
    return {"jupyter-lite-schema-version": 0, "jupyter-config-data": config}


def write_contents(notebooks, folder):
    """Write what students get: the worksheet without its key, and the notebooks.

    `metadata.shipped` holds the sources of a notebook's cells, so that edition.js can detect changes.
    """
    folder.mkdir(parents=True)
    for path in sorted(notebooks.glob("*.ipynb")):
        book = nbformat.read(path, as_version=4)
        book.metadata.kernelspec = nbformat.from_dict(KERNEL)
        book.metadata.shipped = nbformat.from_dict({cell.id: cell.source for cell in book.cells})
        nbformat.write(book, folder / path.name)
    shutil.copy(notebooks / "worksheet.html", folder)


def write_extension(folder, edition):
    """Write edition.js as an extension of JupyterLite. Browsers cache it, so its file name contains the edition."""
    load = f"static/edition.{edition}.js"
    (folder / "static").mkdir(parents=True)
    shutil.copy(HERE / "edition.js", folder / load)
    package = {
        "name": EXTENSION,
        "version": "0.1.0",
        "jupyterlab": {"_build": {"load": load, "extension": "./edition"}},
    }
    (folder / "package.json").write_text(json.dumps(package), encoding="utf-8")


def _jupyter_lite(lite, contents, extensions, target):
    command = [
        sys.executable, "-m", "jupyter", "lite", "build", "--apps=lab", "--no-sourcemaps",
        "--no-unused-shared-packages", f"--lite-dir={lite}", f"--contents={contents}", f"--output-dir={target}",
        f"--FederatedExtensionAddon.extra_labextensions_path={extensions}",
    ]  # fmt: skip
    run = subprocess.run(command, cwd=lite.parent, capture_output=True, text=True)
    if run.returncode:
        raise RuntimeError(f"JupyterLite was not built:\n{run.stdout}{run.stderr}")
