"""The notebooks as they are stored: where they are, their code, what it has printed."""

import ast
import re
import symtable
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[2]
PATHS = sorted(ROOT.glob("notebooks/*.ipynb"))
NAMES = [path.stem for path in PATHS]


def code(notebook):
    """The code cells of a notebook."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(notebook):
    """Every output of a notebook, with its cell."""
    return [(cell, output) for cell in code(notebook) for output in cell.outputs]


def text_of(output):
    """What an output has printed, or shows as text."""
    return output.get("text", "") + output.get("data", {}).get("text/plain", "")


def prose_of(name):
    """A notebook's prose as one line, its folds included."""
    book = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    return " ".join(" ".join(cell.source for cell in book.cells if cell.cell_type == "markdown").split())


def needed(cells, wanted):
    """The cells that are wanted, and those above them that make a name which they use, in order."""
    kept, missing = [], set()
    for cell in reversed(cells):
        uses, makes = names_of(cell.source)
        if wanted(cell) or makes & missing:
            kept.append(cell)
            missing = (missing - makes) | uses
    return kept[::-1]


def names_of(source):
    """The names that a cell uses, and those that it makes; what is local to its functions does not count."""
    uses, makes = set(), set()
    tables = [symtable.symtable(source, "a cell", "exec")]
    for table in tables:
        tables.extend(table.get_children())
        outside = table.get_type() == "module"
        for name in table.get_symbols():
            if name.is_referenced() and (outside or name.is_global()):
                uses.add(name.get_name())
            if outside and (name.is_assigned() or name.is_imported()):
                makes.add(name.get_name())
    return uses, makes


def functions_of(name, tables=()):
    """The functions that a notebook defines, and the named tables, without running what else stands in its cells."""
    book, names = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4), {}
    kept = (ast.FunctionDef, ast.Import, ast.ImportFrom)
    for cell in code(book):
        body = [node for node in ast.parse(cell.source).body if isinstance(node, kept) or writes_to(node, tables)]
        exec(compile(ast.Module(body, []), name, "exec"), names)
    return names


def writes_to(node, tables):
    """Whether a statement is `table = ...` or `table[key] = ...`."""
    targets = node.targets if isinstance(node, ast.Assign) else []
    roots = (target.value if isinstance(target, ast.Subscript) else target for target in targets)
    return any(isinstance(root, ast.Name) and root.id in tables for root in roots)


def main_line(notebook):
    """The prose that everybody reads: without folds, and without the sections whose heading begins with "More"."""
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    text = re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL)
    kept, more = [], None
    for line in text.splitlines():
        if heading := re.match(r"(#+) (.*)", line):
            level = len(heading[1])
            if more is None or level <= more:
                more = level if re.match(r"More\b", heading[2]) else None
        if more is None:
            kept.append(line)
    return "\n".join(kept)


def words(prose):
    """The words of a text in Markdown: a formula between words is one of them, one in a line of its own is none."""
    prose = re.sub(r"\$\$.*?\$\$", "", prose, flags=re.DOTALL)
    prose = re.sub(r"\$[^$\n]+\$|`[^`\n]+`", "formula", prose)
    prose = re.sub(r"\]\([^)]*\)", "]", prose)
    return re.findall(r"[^\s|]*[^\W_][^\s|]*", prose)
