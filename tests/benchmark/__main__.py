"""`python -m tests.benchmark [name] [--json FILE]`: every comparison, or the one of that name."""

import argparse
import importlib
import json
import os
from pathlib import Path

# One thread each. The libraries read this when they are loaded, so it comes before any of them.
os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

MODULES = ("layers",)


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark", description=__doc__)
    parser.add_argument("name", nargs="?", choices=MODULES, help="run this one only")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there too")
    arguments = parser.parse_args()
    results = {}
    for name in [arguments.name] if arguments.name else MODULES:
        results[name] = importlib.import_module(f"tests.benchmark.{name}").main()
        if arguments.json:
            arguments.json.write_text(json.dumps(results, indent=1) + "\n")


main()
