"""Write the site: the reading edition, and the live one that runs in the browser.

Usage: python -m tools.site [TARGET]; by default the folder site/. An earlier site there is replaced. If PYODIDE names a
folder with Pyodide and its packages, they go into the site, which then asks no other server.
"""

import os
import shutil
import sys
from pathlib import Path

from tools.site import flipbook, lite, reading

ROOT = Path(__file__).resolve().parents[2]


def main(target, pyodide=None):
    if target.exists() and any(target.iterdir()):
        if not (target / "pictures").is_dir():
            sys.exit(f"{target} holds something that is no site; name another folder")
        shutil.rmtree(target)
    target.mkdir(parents=True, exist_ok=True)
    flipbooks = flipbook.of_pages(sorted((ROOT / "notebooks").glob("*.ipynb")))
    pages = reading.build(ROOT / "notebooks", target, flipbooks, own_pyodide=pyodide is not None)
    print(f"reading edition: {len(pages)} pages in {target}, {len(flipbooks)} panels that move")
    packages = lite.build(ROOT / "notebooks", target / reading.LIVE, pyodide)
    print("live edition, with", ", ".join(f"{name} {version}" for name, version in packages.items()))
    print(f"{_megabytes(target)} MB in all; Pyodide and its packages:", _pyodide(target / reading.LIVE / lite.PYODIDE))


def _pyodide(folder):
    return f"{_megabytes(folder)} MB" if folder.is_dir() else "from Pyodide's own server"


def _megabytes(folder):
    return round(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "site", os.environ.get("PYODIDE") or None)
    except ValueError as error:  # what a page, or the folder of Pyodide, lacks
        sys.exit(str(error))
