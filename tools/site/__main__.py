"""Write the site: the reading edition, and the live one that runs in the browser.

Usage: python -m tools.site [TARGET]; by default the folder site/. An earlier site there is replaced once the new one is
complete. If PYODIDE names a folder with Pyodide and its packages, they go into the site, which then asks no other
server.
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
        sys.exit(f"{target} holds something that is no site; name another folder")
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder, "site")
        write(site, pyodide)
        if target.exists():
            shutil.rmtree(target)
        shutil.move(site, target)
    print(f"the site is in {target}")


def write(site, pyodide):
    """Write both editions; the live one first, for it is the one that may refuse what PYODIDE names."""
    packages = lite.build(ROOT / "notebooks", site / reading.LIVE, pyodide)
    print("live edition, with", ", ".join(f"{name} {version}" for name, version in packages.items()))
    print(f"{_megabytes(site)} MB; Pyodide and its packages:", _pyodide(site / reading.LIVE / lite.PYODIDE))
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
    except ValueError as error:  # what a page, or the folder of Pyodide, lacks
        sys.exit(str(error))
