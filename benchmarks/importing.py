"""Time of `import lstm_helpers` relative to `import numpy`, which it needs: both in one fresh process.

The ratio is the median over the rounds of (the seconds that ours adds / NumPy's seconds). It should stay below 1.
"""

import subprocess
import sys
from statistics import median

ROUNDS = 11
TIMED = """
from time import perf_counter
start = perf_counter()
import numpy
numpy_done = perf_counter()
import lstm_helpers
print(numpy_done - start, perf_counter() - numpy_done)
"""


def main():
    """Print the figures."""
    command = [sys.executable, "-c", TIMED]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(ROUNDS)]
    times = [[float(seconds) for seconds in run.stdout.split()] for run in runs]
    numpy_ms, ours_ms = (1000 * median(seconds) for seconds in zip(*times, strict=True))
    ratio = median(ours / numpy for numpy, ours in times)
    print(f"import lstm_helpers, after import numpy, medians of {ROUNDS} processes")
    print(f"NumPy: {numpy_ms:.0f} ms  ours: {ours_ms:.0f} ms  ratio: {ratio:.2f}")
