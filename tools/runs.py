"""Train the runs that the pages open, and write them into the package.

Usage: python tools/runs.py [NAME ...]; without one, all of them, in some minutes.

Another processor rounds differently, and training amplifies that: its files are not the same to the last digit.
"""

import sys

from lstm_helpers.runs import NAMES, RECIPES, record
from lstm_helpers.runs.run import store

if __name__ == "__main__":
    for name in sys.argv[1:] or NAMES:
        print(name)
        store(name, record(RECIPES[name]))
