"""The stored notebooks: their paths, code, outputs and prose."""

import ast
import re
import symtable
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[2]
PATHS = sorted(ROOT.glob("notebooks/*.ipynb"))
NAMES = [path.stem for path in PATHS]


def code(notebook):
    """Return the code cells of a notebook."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(notebook):
    """Return every output of a notebook, with its cell."""
    return [(cell, output) for cell in code(notebook) for output in cell.outputs]


def text_of(output):
    """Return the text of an output, printed or shown."""
    return output.get("text", "") + output.get("data", {}).get("text/plain", "")


def prose_of(name):
    """Return a notebook's prose as one line, folds included."""
    book = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    return " ".join(" ".join(cell.source for cell in book.cells if cell.cell_type == "markdown").split())


def needed(cells, wanted):
    """Return the cells for which `wanted(cell)` holds, and those above that define a name they use, in order."""
    kept, missing = [], set()
    for cell in reversed(cells):
        uses, makes = names_of(cell.source)
        if wanted(cell) or makes & missing:
            kept.append(cell)
            missing = (missing - makes) | uses
    return kept[::-1]


def names_of(source):
    """Return the names that a cell uses, and those that it defines, without the local names of its functions."""
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
    """Return a notebook's functions, and the tables with these names, without running the rest of its cells."""
    book, names = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4), {}
    kept = (ast.FunctionDef, ast.Import, ast.ImportFrom)
    for cell in code(book):
        body = [node for node in ast.parse(cell.source).body if isinstance(node, kept) or writes_to(node, tables)]
        exec(compile(ast.Module(body, []), name, "exec"), names)
    return names


def writes_to(node, tables):
    """Return true for a statement `table = ...` or `table[key] = ...`."""
    targets = node.targets if isinstance(node, ast.Assign) else []
    roots = (target.value if isinstance(target, ast.Subscript) else target for target in targets)
    return any(isinstance(root, ast.Name) and root.id in tables for root in roots)


def main_line(notebook):
    """Return the main line's prose: no folds, and no sections whose heading begins with "More"."""
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
    """Return the words of a Markdown text; an inline formula counts as a word, a displayed one does not count."""
    prose = re.sub(r"\$\$.*?\$\$", "", prose, flags=re.DOTALL)
    prose = re.sub(r"\$[^$\n]+\$|`[^`\n]+`", "formula", prose)
    prose = re.sub(r"\]\([^)]*\)", "]", prose)
    return re.findall(r"[^\s|]*[^\W_][^\s|]*", prose)
