"""Cells that need a library or a file that is missing: each prints one line, and *Run All Cells* continues.

A cell that needs an optional library names it in its first line: `# Needs torch.` or `# Needs torch and keras.` If the
library is missing, the cell is skipped. The tests skip these cells by the same line.

A cell that opens a missing or damaged file raises `NotIntactError` and ends. So does every later cell that uses a value
that this cell would have made. All of them print the same sentence.
"""

import importlib.util
import re
import symtable
import sys

_LINE = re.compile(r"# Needs (\w+(?: and \w+)*)\.")


def missing(source):
    """Return the libraries that the first line of a cell names and that are not installed."""
    line = _LINE.fullmatch(source.partition("\n")[0].strip())
    names = line[1].split(" and ") if line else []
    return [name for name in names if importlib.util.find_spec(name) is None]


class NotIntactError(Exception):
    """A file of the package is missing, damaged or replaced; the message says which."""


def leave_out_what_is_missing():
    """Let later cells print one line if a library that they need is missing, or a file is not intact."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None and _skip_if_missing not in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.append(_skip_if_missing)
        _MissingNames(shell)


def _skip_if_missing(lines):
    """Return the lines of a cell; or, if a library is missing, a line that prints which."""
    names = missing("".join(lines))
    if not names:
        return lines
    notice = f"Left out: {' and '.join(names)} not installed here. To run this cell: pip install {' '.join(names)}"
    return [f"print({notice!r})\n"]


class _MissingNames:
    """The names that cells did not define, because a file was not intact."""

    def __init__(self, shell):
        self._shell, self._sentences = shell, {}  # name -> the sentence of the cell that should have defined it
        shell.set_custom_exc((NotIntactError, NameError), self._show)
        shell.events.register("post_run_cell", self._count_as_run)

    def _sentence(self, error):
        """Return the sentence that a cell prints for an error; None if no missing file has caused it."""
        if isinstance(error, NotIntactError):
            return str(error)
        return self._sentences.get(error.name) if isinstance(error, NameError) else None

    def _show(self, shell, kind, error, traceback, tb_offset=None):
        if sentence := self._sentence(error):
            print(sentence)
        else:
            shell.showtraceback(running_compiled_code=True)

    def _count_as_run(self, result):
        """Clear the cell's error, which would end *Run All Cells*, and delete its values, which may be incomplete."""
        if result is not None and (sentence := self._sentence(result.error_in_exec)):
            values, definitions = _names_in(self._shell.transform_cell(result.info.raw_cell))
            for name in values:
                self._shell.user_ns.pop(name, None)
            self._sentences |= dict.fromkeys((values | definitions) - self._shell.user_ns.keys(), sentence)
            result.error_in_exec = None


def _names_in(source):
    """Return the names that a cell assigns, which may be incomplete, and those of its functions and imports."""
    symbols = symtable.symtable(source, "a cell", "exec").get_symbols()
    definitions = {symbol.get_name() for symbol in symbols if symbol.is_namespace() or symbol.is_imported()}
    return {symbol.get_name() for symbol in symbols if symbol.is_assigned()} - definitions, definitions
