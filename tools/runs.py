"""Train the runs that the pages open, and write them into the package.

Usage: python -m tools.runs [NAME ...]; without one, all of them, in some minutes. A name is one of
`lstm_helpers.runs.NAMES`, or that of a notebook whose own training is recalled, such as 11_generating_text.

Another processor rounds differently, and training amplifies that: its files are not the same to the last digit.
"""

import sys

import nbformat

from lstm_helpers.runs import NAMES, RECIPES, record
from lstm_helpers.runs.run import store
from tools.notebooks import ROOT, execute

PAGES = "11_generating_text", "12_gru_and_variants"
RECORD = "from lstm_helpers.runs import recalled\nrecalled.RECORDING = True"


def record_page(name):
    """Run a notebook that trains and writes what it trained. The notebook itself stays as it is stored."""
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
