"""Download Pyodide and its packages to a folder, for a live edition that needs no other server.

Usage: python -m tools.site.pyodide FOLDER downloads the missing files: Python itself as the npm package pyodide, which
npm verifies, and the packages from Pyodide's server, each verified against the lock file next to this module.
"""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from pathlib import Path

from jupyterlite_pyodide_kernel.constants import PYODIDE_CDN_URL, PYODIDE_VERSION

from tools.site import wheels

CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")


def packages(lock, brought):
    """Return the packages of Pyodide that the notebooks need: file name -> SHA-256."""
    entries = [lock["packages"][name] for name in sorted(wheels.needed(lock) - set(brought))]
    return {entry["file_name"]: entry["sha256"] for entry in entries}


def check(folder, wanted):
    """Refuse a folder with missing files or wrong versions.

    Args:
        folder: the folder with Pyodide.
        wanted: file name -> SHA-256, from `packages`.

    Raises:
        ValueError: files of Pyodide or its packages are missing or have the wrong version.
    """
    wrong = [name for name in CORE if not (folder / name).is_file()]
    if not wrong and PYODIDE_VERSION not in (folder / CORE[0]).read_text(encoding="utf-8"):
        wrong = [CORE[0]]
    wrong += [name for name, digest in wanted.items() if not intact(folder / name, digest)]
    if wrong:
        raise ValueError(
            f"PYODIDE={folder} must contain Pyodide {PYODIDE_VERSION} and its packages, but these are missing or have "
            f"the wrong version: {', '.join(wrong)}; `make pyodide PYODIDE={folder}` downloads them"
        )


def copy(folder, target, wanted):
    """Copy Python and the wanted packages to a folder of the site."""
    target.mkdir(parents=True)
    for name in [*CORE, *wanted]:
        shutil.copy(folder / name, target)


def intact(path, digest):
    """Return true if a file exists and has this SHA-256."""
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest


def download(folder):
    """Download the files missing from a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    if not all((folder / name).is_file() for name in CORE):
        _download_core(folder)
    with tempfile.TemporaryDirectory() as made:
        wanted = packages(*wheels.locked(Path(made)))
    for name, digest in wanted.items():
        if not intact(folder / name, digest):
            (folder / name).write_bytes(_fetched(f"{PYODIDE_CDN_URL}/{name}"))
            if not intact(folder / name, digest):
                sys.exit(f"{name} is not the file that Pyodide's lock file names")
    size = sum((folder / name).stat().st_size for name in [*CORE, *wanted])
    print(f"Pyodide {PYODIDE_VERSION} with {len(wanted)} packages, {size / 1e6:.0f} MB, in {folder}")


def _fetched(url):
    try:
        with urllib.request.urlopen(url, timeout=60) as response:
            return response.read()
    except OSError as error:
        sys.exit(f"{url} cannot be downloaded: {error}")


def _download_core(folder):
    with tempfile.TemporaryDirectory() as packed:
        command = ["npm", "pack", "--silent", f"pyodide@{PYODIDE_VERSION}"]
        subprocess.run(command, cwd=packed, check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(packed).glob("*.tgz")
        with tarfile.open(archive) as files:
            for name in CORE:
                (folder / name).write_bytes(files.extractfile(f"package/{name}").read())


if __name__ == "__main__":
    if not sys.argv[1:]:
        sys.exit("name the folder to download to: make pyodide PYODIDE=FOLDER")
    download(Path(sys.argv[1]))
