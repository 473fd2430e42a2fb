"""Write the site: the reading edition, and the live one that runs in the browser.

Usage: python -m tools.site [TARGET]; by default the folder site/. An earlier site there is replaced.
"""

import shutil
import sys
from pathlib import Path

from tools.site import lite, reading

ROOT = Path(__file__).resolve().parents[2]


def main(target):
    if target.exists() and any(target.iterdir()):
        if not (target / "pictures").is_dir():
            sys.exit(f"{target} holds something that is no site; name another folder")
        shutil.rmtree(target)
    target.mkdir(parents=True, exist_ok=True)
    pages = reading.build(ROOT / "notebooks", target)
    print(f"reading edition: {len(pages)} pages in {target}")
    packages = lite.build(ROOT / "notebooks", target / reading.LIVE)
    print("live edition, with", ", ".join(f"{name} {version}" for name, version in packages.items()))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "site")
