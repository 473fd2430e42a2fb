"""Write what a class is handed out: the notebooks without what answers a prediction, the model that one
of them opens, and the worksheet.

A cell with the tag `answers-a-prediction` shows what the student has been asked to predict. It comes without its
output: the student's own run fills it in. All other pictures and numbers stay. The key, the final test and the guide
are not part of it.

This needs nothing but Python, so that it also runs where an image is built (classroom/README.md).

Usage: python tools/student.py [FOLDER]; without one, build/student. An archive, FOLDER.zip, is written beside it.
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
    """The files of the students' edition: name -> content."""
    files = {path.name: without_answers(path.read_bytes()) for path in sorted(notebooks.glob("[0-9]*.ipynb"))}
    as_they_are = [*sorted(notebooks.glob("[0-9]*.pt")), notebooks / "worksheet.html"]
    return files | {path.name: path.read_bytes() for path in as_they_are}


def without_answers(content):
    """A notebook whose tagged cells look as if they had not been run; the rest is the same, byte for byte."""
    notebook = json.loads(content)
    for cell in notebook["cells"]:
        if TAG in cell["metadata"].get("tags", []):
            cell |= {"outputs": [], "execution_count": None}
            _show_outputs(cell["metadata"])
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def _show_outputs(metadata):
    """Without outputs there is nothing to keep out of sight, and JupyterLab would show three dots that open nothing."""
    if metadata.get("jupyter", {}).pop("outputs_hidden", None) and not metadata["jupyter"]:
        del metadata["jupyter"]


def write(files, folder):
    """Write them to a folder, each whole or not at all: a student's server may be reading there."""
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
        os.chmod(name, 0o644)  # whatever the umask: the class reads it
        os.replace(name, target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)


def others(files, folder):
    """What else is in the folder, by name; not what another process is writing."""
    return sorted({path.name for path in folder.glob("[!.]*")} - files.keys())


def archive(files, path):
    """Write them as a ZIP archive, in a folder of its name: the same bytes for the same files, on every machine.

    An entry made by name has no date of today, and is not compressed: what compression gives depends on zlib's version.
    """
    with zipfile.ZipFile(path, "w") as target:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{path.stem}/{name}")
            entry.create_system, entry.external_attr = 3, 0o100644 << 16  # as on Unix, with the rights of a file
            target.writestr(entry, files[name])


def main(names):
    folder = Path(names[0] if names else ROOT / "build" / "student")
    files = edition()
    if left := others(files, folder):
        raise SystemExit(f"{folder} has {left[0]}, which is not part of the edition: name another folder, or empty it")
    write(files, folder)
    archive(files, folder.with_suffix(".zip"))
    print(f"{folder}, {folder.with_suffix('.zip')}: {len(files)} files, without what answers a prediction")


if __name__ == "__main__":
    main(sys.argv[1:])
