"""Train the runs that notebooks open, and write them into the package.

Usage: python -m tools.runs [NAME ...]; all of them without a name, in a few minutes. A name is one of
`lstm_helpers.runs.NAMES`, or that of a notebook that recalls its own training, such as 11_generating_text.

The files differ in their last digits from one type of processor to another: training amplifies differences in rounding.
"""

import sys

import nbformat

from lstm_helpers.runs import NAMES, RECIPES, record
from lstm_helpers.runs.run import store
from tools.notebooks import ROOT, execute

PAGES = "11_generating_text", "12_gru_and_variants"
RECORD = "from lstm_helpers.runs import recalled\nrecalled.RECORDING = True"


def record_page(name):
    """Run a notebook so that it trains and writes the results. The stored notebook does not change."""
    folder = ROOT / "notebooks"
    book = nbformat.read(folder / f"{name}.ipynb", as_version=4)
    book.cells.insert(0, nbformat.v4.new_code_cell(RECORD))
    execute(book, str(folder))


if __name__ == "__main__":
    for name in sys.argv[1:] or [*NAMES, *PAGES]:
        print(name)
        if name in PAGES:
            record_page(name)
        else:
            store(name, record(RECIPES[name]))
