"""Write constraints.txt: the newest versions that pyproject.toml allows and that install side by side.

Usage: python tools/constraints.py                 the newest versions, to constraints.txt
       python tools/constraints.py --oldest FILE   the same, but with the package's oldest dependencies, to FILE

JupyterLab 4 cannot show the oldest ipywidgets that the package accepts. So --oldest uses the minimum versions of
`make lab`; tests/browser/test_colab.py tests the panels with older ones, in a JupyterLab of their time.
"""

import re
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLATFORM = ("nvidia-", "cuda-", "triton")  # PyTorch installs these on some systems, and pins them itself
OLD_PYTHON = ("soupsieve<3",)  # newer versions refuse Python 3.11.0 to 3.11.4, and Debian 12 has 3.11.2
OLD_MATPLOTLIB = {"pyparsing": "3.2.5"}  # newer versions deprecate names that the oldest matplotlib uses
HEADER = "# The versions a class gets. Refresh with `make constraints`, then run `make test`.\n"


def newest():
    """Return the lines of constraints.txt, from a fresh environment with everything installed."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder, "Scripts" if sys.platform == "win32" else "bin", "python")
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", f"{ROOT}[lab,test,peers,site,classroom]", *OLD_PYTHON],
            check=True,
        )
        freeze = [python, "-m", "pip", "freeze", "--exclude", "lstm-helpers", "--exclude", "pip"]
        listing = subprocess.run(freeze, check=True, capture_output=True, text=True).stdout
    pins = [line for line in listing.splitlines() if "==" in line and not line.startswith(PLATFORM)]
    return sorted((line.partition("+")[0] for line in pins), key=str.lower)


def oldest(pins, dependencies):
    """Replace the pins of `dependencies`, such as "numpy>=2.0", by their minimum versions."""
    floors = dict(re.match(r"([\w-]+)>=([\d.]+)", dependency).groups() for dependency in dependencies) | OLD_MATPLOTLIB
    return [f"{name}=={floors.get(name, version)}" for name, version in (pin.split("==") for pin in pins)]


def main(arguments):
    target = ROOT / "constraints.txt"
    if arguments[:1] == ["--oldest"]:
        pins = [line for line in target.read_text(encoding="utf-8").splitlines() if "==" in line]
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        floors = project["dependencies"] + project["optional-dependencies"]["lab"]  # the later one wins
        pins, target = oldest(pins, floors), Path(arguments[1])
        target.parent.mkdir(parents=True, exist_ok=True)
    else:
        pins = newest()
    target.write_text(HEADER + "\n".join(pins) + "\n", encoding="utf-8")
    print(f"{target.name}: {len(pins)} versions")


if __name__ == "__main__":
    main(sys.argv[1:])
