"""Cells that need a library which not everybody has: left out where it is missing, with one line that says so.

Such a cell says so itself, in its first line: `# Needs torch.` or `# Needs torch and keras.` What stands below is plain
code. Where the library is there, nothing happens. The tests leave these cells out by the same line.
"""

import importlib.util
import re
import sys

_LINE = re.compile(r"# Needs (\w+(?: and \w+)*)\.")


def missing(source):
    """The libraries that the first line of a cell names and that are not installed here."""
    line = _LINE.fullmatch(source.partition("\n")[0].strip())
    return [name for name in line[1].split(" and ") if not _is_there(name)] if line else []


def leave_out_what_is_missing():
    """From now on a cell whose library is missing prints one line in place of running."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None and _left_out not in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.append(_left_out)


def _left_out(lines):
    """The lines of a cell, or the one line that stands for them."""
    names = missing("".join(lines))
    if not names:
        return lines
    told = f"Left out: {' and '.join(names)} not installed here. To run this cell: pip install {' '.join(names)}"
    return [f"print({told!r})\n"]


def _is_there(name):
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False
