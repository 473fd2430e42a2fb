"""Write the exercises into the notebooks, execute them, and normalize the stored outputs.

An exercise and the folded answer below it come from the question file in lstm_helpers/checks/questions/. Outputs are
stored in order, with pictures in place of widgets.

A part of one cell's picture goes to notebooks/images/, for the README. The cell's metadata name the part:
"thumbnail": [left, top, width], in units of the picture.

Code that JupyterLab folds away ("jupyter": {"source_hidden": true}) stays folded. HTML pages and GitHub show it.

The output of a cell that calls `fold_answer` is stored hidden ("outputs_hidden"): until the notebook is run, JupyterLab
does not trust it, and removes the style that folds the answer. Running the cell shows its output.

Usage: python tools/notebooks.py [NOTEBOOK ...]; by default all of them.
"""

import base64
import io
import re
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from PIL import Image

from lstm_helpers.checks import QUESTIONS
from lstm_helpers.jupyter.cells import missing
from lstm_helpers.view.style import WIDTH

ROOT = Path(__file__).resolve().parent.parent
WIDGET = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
TALL = 0.7  # height of a thumbnail, relative to its width

CHECK = re.compile(r'^check\("([^"]+)"', re.MULTILINE)
IMPORT = re.compile(r"\A(?:from lstm_helpers\.checks import [^\n]+\n+)?")
PANEL = re.compile(r"Explorer\(|\bopen_lstm\(")
FOLDS = re.compile(r"^\s*fold_answer\(", re.MULTILINE)
FOLD = re.compile(r"<details><summary>Answer</summary>.*?</details>", re.DOTALL)


def opens_a_panel(source):
    """Return true if a cell's source opens an explorer."""
    return PANEL.search(source) is not None


def exercises(notebook):
    """Yield each cell that checks an answer, the cell below it (or None), and its question."""
    for cell, below in zip(notebook.cells, [*notebook.cells[1:], None], strict=True):
        if cell.cell_type == "code" and (name := CHECK.search(cell.source)):
            yield cell, below, QUESTIONS[name[1]]


def as_in_its_file(cell, below, question):
    """Return the sources of an exercise and of the cell below it, as the question file gives them."""
    source = IMPORT.match(cell.source)[0] + question.cell
    if question.kind == "choice":
        return source, below and below.source
    if below is None or not FOLD.match(below.source):
        raise ValueError(f"{question.name}: the cell below it must begin with <details><summary>Answer</summary>")
    return source, FOLD.sub(lambda _: question.answer_fold, below.source, count=1)


def write_exercises(notebook):
    """Write the exercises and answers of the question files into the cells of a notebook."""
    for cell, below, question in exercises(notebook):
        cell.source, answer = as_in_its_file(cell, below, question)
        if below is not None:
            below.source = answer


def execute(notebook, folder):
    """Run every cell in a fresh kernel. A cell that raises stops the run and shows its source and traceback."""
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": folder}}).execute()


def normalize(notebook):
    """Keep everything that a reader sees and nbval compares; drop everything that changes from run to run.

    Raises:
        ValueError: a cell wrote to stderr, or shows a widget without a picture.
    """
    notebook.metadata = nbformat.from_dict(METADATA)
    for number, cell in enumerate(notebook.cells, 1):
        kept = {name: cell.metadata[name] for name in ("tags", "thumbnail") if cell.metadata.get(name)}
        hidden = {"outputs_hidden": folds_its_answer(cell), "source_hidden": is_folded(cell)}
        if any(hidden.values()):
            kept["jupyter"] = {name: True for name in hidden if hidden[name]}
        cell.metadata = nbformat.from_dict(kept | {"slideshow": {"slide_type": _slide(cell)}})
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                raise ValueError(f"cell {number} wrote to stderr: {output.text}")
            data = output.get("data", {})
            if data.pop(WIDGET, None) is not None and "image/png" not in data:
                raise ValueError(f"cell {number} shows a widget for which no picture is stored")
        if cell.cell_type == "code":
            cell.outputs = _tidy(cell.outputs)


def is_folded(cell):
    """Return true if JupyterLab folds a cell's code away."""
    return cell.cell_type == "code" and bool(cell.metadata.get("jupyter", {}).get("source_hidden"))


def folds_its_answer(cell):
    """Return true if a cell folds its output with `fold_answer`."""
    return cell.cell_type == "code" and FOLDS.search(cell.source) is not None


def _slide(cell):
    """Return a cell's place in a slide show: a heading begins a column, and the cells after it go below it."""
    heads = cell.cell_type == "markdown" and any(line.startswith("#") for line in cell.source.splitlines())
    return "slide" if heads else "subslide"


def _tidy(outputs):
    """Drop the empty output that a progress bar leaves, and join the text before and after it."""
    tidy = []
    for output in outputs:
        if output.output_type == "display_data" and not output.data:
            continue
        if tidy and output.output_type == "stream" == tidy[-1].output_type and output.name == tidy[-1].name:
            tidy[-1].text += output.text
        else:
            tidy.append(output)
    return tidy


def thumbnail(notebook):
    """Return the part of a picture that represents its notebook in the README, as an image."""
    (cell,) = (cell for cell in notebook.cells if "thumbnail" in cell.metadata)
    data = next(o.data["image/png"] for o in cell.outputs if "image/png" in o.get("data", {}))
    picture = Image.open(io.BytesIO(base64.b64decode(data)))
    left, top, width = cell.metadata.thumbnail
    unit = picture.width / WIDTH
    part = [round(unit * edge) for edge in (left, top, left + width, top + width * TALL)]
    return picture.convert("RGB").crop(part)


def main(names):
    paths = [Path(name) for name in names] or sorted(ROOT.glob("notebooks/*.ipynb"))
    for path in paths:
        notebook = nbformat.read(path, as_version=4)
        write_exercises(notebook)
        if names := {name for cell in notebook.cells for name in missing(cell.source)}:
            print(f"{path.name}: unchanged, because it needs {' and '.join(sorted(names))}, not installed here")
            continue
        execute(notebook, str(path.parent))
        normalize(notebook)
        nbformat.write(notebook, path)
        thumbnail(notebook).save(ROOT / "notebooks" / "images" / f"{path.stem}.png", optimize=True)
        print(f"{path.name}: {len(notebook.cells)} cells")


if __name__ == "__main__":
    main(sys.argv[1:])
