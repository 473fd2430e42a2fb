"""Run the benchmarks: python -m benchmarks [NAME ...]."""

import argparse
import importlib
import os

# One thread. The libraries read these when they load, so they are set before any import.
os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

NAMES = ["importing", "layers", "training", "opening", "running", "sliders"]
ON_REQUEST = ["reading"]  # takes long: it first builds all live pictures of the site


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"{', '.join(NAMES)} (default: all of these), or {ON_REQUEST[0]}"
    )
    names = parser.parse_args().names
    if unknown := set(names) - {*NAMES, *ON_REQUEST}:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    for name in names or NAMES:
        importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()
