"""Run the benchmarks: python -m tests.benchmark [NAME ...] [--json FILE]."""

import argparse
import importlib
import json
from pathlib import Path

NAMES = ["sliders"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "names", nargs="*", default=NAMES, metavar="NAME", help=f"of {', '.join(NAMES)}; all if not given"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(NAMES):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    figures = {name: importlib.import_module(f"tests.benchmark.{name}").main() for name in arguments.names}
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
