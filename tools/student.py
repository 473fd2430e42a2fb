"""Write the students' edition: the notebooks, the model that one of them opens, and the worksheet.

A cell with the tag `answers-a-prediction` shows the answer to a prediction, so it comes without its output: the
student's own run fills it in. All other pictures and numbers stay. The key, the final test and the guide are not part
of the edition.

The script uses only the standard library, so that it also runs where an image is built (classroom/README.md).

Usage: python tools/student.py [FOLDER]; by default build/student. It also writes an archive, FOLDER.zip.
"""

import contextlib
import json
import os
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
TAG = "answers-a-prediction"


def edition(notebooks=NOTEBOOKS):
    """Return the files of the students' edition: name -> content."""
    files = {path.name: without_answers(path.read_bytes()) for path in sorted(notebooks.glob("[0-9]*.ipynb"))}
    unchanged = [*sorted(notebooks.glob("[0-9]*.pt")), notebooks / "worksheet.html"]
    return files | {path.name: path.read_bytes() for path in unchanged}


def without_answers(content):
    """Reset a notebook's tagged cells to cells that have not been run; the rest stays the same, byte for byte."""
    notebook = json.loads(content)
    for cell in notebook["cells"]:
        if TAG in cell["metadata"].get("tags", []):
            cell |= {"outputs": [], "execution_count": None}
            _show_outputs(cell["metadata"])
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def _show_outputs(metadata):
    """Remove the mark that hides a cell's outputs: without outputs JupyterLab would show dots that open nothing."""
    if metadata.get("jupyter", {}).pop("outputs_hidden", None) and not metadata["jupyter"]:
        del metadata["jupyter"]


def write(files, folder):
    """Write the files to a folder, each whole or not at all: a student's server may be reading there."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        target = folder / name
        if not target.is_file() or target.read_bytes() != content:
            _write_whole(target, content)


def _write_whole(target, content):
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.chmod(name, 0o644)  # despite the umask: students must be able to read it
        os.replace(name, target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)


def others(files, folder):
    """Return the names of all other files in the folder, except those that another process is writing."""
    return sorted({path.name for path in folder.glob("[!.]*")} - files.keys())


def archive(files, path):
    """Write the files to a ZIP archive, in a folder named like it: the same bytes on every machine.

    So the entries have no date, and are not compressed: compressed bytes depend on zlib's version.
    """
    with zipfile.ZipFile(path, "w") as target:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{path.stem}/{name}")
            entry.create_system, entry.external_attr = 3, 0o100644 << 16  # a regular file on Unix
            target.writestr(entry, files[name])


def main(names):
    folder = Path(names[0] if names else ROOT / "build" / "student")
    files = edition()
    if foreign := others(files, folder):
        raise SystemExit(
            f"{folder} has {foreign[0]}, which is not part of the edition: name another folder or empty it"
        )
    write(files, folder)
    beside = folder.with_name(f"{folder.name}.zip")
    archive(files, beside)
    print(f"{folder}, {beside}: {len(files)} files, without outputs that answer a prediction")


if __name__ == "__main__":
    main(sys.argv[1:])
