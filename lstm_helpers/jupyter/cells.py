"""Cells that need what is not there: left out, with one line that says so, and *Run All Cells* goes on.

A cell that needs a library which not everybody has says so itself, in its first line: `# Needs torch.` or
`# Needs torch and keras.` What stands below is plain code. Where the library is there, nothing happens. The tests leave
these cells out by the same line.

A cell that opens a file which is missing or damaged meets `NotIntactError`. It ends there, and so does every later cell
that uses a value which this one was to make; each of them says the same sentence.
"""

import importlib.util
import re
import symtable
import sys

_LINE = re.compile(r"# Needs (\w+(?: and \w+)*)\.")


def missing(source):
    """The libraries that the first line of a cell names and that are not installed here."""
    line = _LINE.fullmatch(source.partition("\n")[0].strip())
    return [name for name in line[1].split(" and ") if not _is_there(name)] if line else []


class NotIntactError(Exception):
    """A file that comes with the package is missing, damaged or another one; its sentence says which."""


def leave_out_what_is_missing():
    """From now on a cell prints one line where its library is missing, or a file that it needs is not intact."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None and _left_out not in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.append(_left_out)
        _Unmade(shell)


def _left_out(lines):
    """The lines of a cell, or the one line that stands for them."""
    names = missing("".join(lines))
    if not names:
        return lines
    told = f"Left out: {' and '.join(names)} not installed here. To run this cell: pip install {' '.join(names)}"
    return [f"print({told!r})\n"]


class _Unmade:
    """The names that cells did not make, because a file was not intact."""

    def __init__(self, shell):
        self._shell, self._told = shell, {}  # name -> the sentence of the cell that was to make it
        shell.set_custom_exc((NotIntactError, NameError), self._show)
        shell.events.register("post_run_cell", self._let_go_on)

    def _sentence(self, error):
        """What a cell says that this error ended; nothing if the error is one of its own."""
        if isinstance(error, NotIntactError):
            return str(error)
        return self._told.get(error.name) if isinstance(error, NameError) else None

    def _show(self, shell, kind, error, traceback, tb_offset=None):
        if sentence := self._sentence(error):
            print(sentence)
        else:
            shell.showtraceback(running_compiled_code=True)

    def _let_go_on(self, result):
        """Count the cell as run, for an error would end *Run All Cells*; and forget values that may be half made."""
        if result is not None and (sentence := self._sentence(result.error_in_exec)):
            names = _made_by(self._shell.transform_cell(result.info.raw_cell))
            for name in names["values"]:
                self._shell.user_ns.pop(name, None)
            self._told |= dict.fromkeys(set().union(*names.values()) - self._shell.user_ns.keys(), sentence)
            result.error_in_exec = None


def _made_by(source):
    """The names that a cell makes: of values, and of what is there at once or not at all, functions and modules."""
    names = symtable.symtable(source, "a cell", "exec").get_symbols()
    whole = {name.get_name() for name in names if name.is_namespace() or name.is_imported()}
    return {"values": {name.get_name() for name in names if name.is_assigned()} - whole, "whole": whole}


def _is_there(name):
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False
