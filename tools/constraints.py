"""Write constraints.txt: the newest versions that pyproject.toml admits, installed side by side and written down."""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLATFORM = ("nvidia-", "cuda-", "triton")  # what PyTorch brings along on some systems; it pins them itself
OLD_PYTHON = ("soupsieve<3",)  # newer ones refuse Python 3.11.0 to 3.11.4, and Debian 12 has 3.11.2
HEADER = "# The versions a class gets. Refresh with `make constraints`, then run `make test`.\n"


def main():
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder, "Scripts" if sys.platform == "win32" else "bin", "python")
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", f"{ROOT}[test,peers,site,classroom]", *OLD_PYTHON], check=True
        )
        freeze = [python, "-m", "pip", "freeze", "--exclude", "lstm-helpers", "--exclude", "pip"]
        listing = subprocess.run(freeze, check=True, capture_output=True, text=True).stdout
    pins = [line for line in listing.splitlines() if "==" in line and not line.startswith(PLATFORM)]
    pins = sorted((line.partition("+")[0] for line in pins), key=str.lower)
    Path(ROOT, "constraints.txt").write_text(HEADER + "\n".join(pins) + "\n", encoding="utf-8")
    print(f"constraints.txt: {len(pins)} versions")


if __name__ == "__main__":
    main()
