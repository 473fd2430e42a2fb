"""Write the website: the reading edition, and the live edition, which runs in the browser.

Usage: python -m tools.site [TARGET]; by default the folder site/. The new site replaces an earlier one there when it is
complete. If the environment variable PYODIDE names a folder with Pyodide and its packages, the site includes them, and
then needs no other server.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from tools.site import flipbook, lite, reading

ROOT = Path(__file__).resolve().parents[2]


def main(target, pyodide=None):
    if target.exists() and any(target.iterdir()) and not (target / "pictures").is_dir():
        sys.exit(f"{target} contains something other than a site; name another folder")
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder, "site")
        write(site, pyodide)
        if target.exists():
            shutil.rmtree(target)
        shutil.move(site, target)
    print(f"the site is in {target}")


def write(site, pyodide):
    """Write both editions, first the live one, which may refuse the folder in PYODIDE."""
    packages = lite.build(ROOT / "notebooks", site / reading.LIVE, pyodide)
    print("live edition, with", ", ".join(f"{name} {version}" for name, version in packages.items()))
    print(f"{_megabytes(site)} MB; Pyodide and its packages:", _pyodide(site / reading.LIVE / lite.PYODIDE))
    print("drawing the reading edition's panels, which takes minutes")
    flipbooks = flipbook.of_pages(sorted((ROOT / "notebooks").glob("*.ipynb")))
    pages = reading.build(ROOT / "notebooks", site, flipbooks, own_pyodide=pyodide is not None)
    print(f"reading edition: {len(pages)} pages, {len(flipbooks)} panels that move; {_megabytes(site)} MB in all")


def _pyodide(folder):
    return f"{_megabytes(folder)} MB" if folder.is_dir() else "from Pyodide's own server"


def _megabytes(folder):
    return round(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "site", os.environ.get("PYODIDE") or None)
    except ValueError as error:  # a defect of a notebook or of the Pyodide folder
        sys.exit(str(error))
