"""Copy the notebooks to a student's folder, without touching those the student has changed.

This runs as the student before the student's server starts. The hub, which may be root, never writes where a student
could have placed a link.
"""

import contextlib
import hashlib
import json
import os
import stat
import tempfile
from pathlib import Path

RECORD = ".course.json"  # file name -> SHA-256 of what was last copied under that name
MAX_RECORD = 2**20  # bytes; fifteen notebooks take about 2,000
MAX_NOTEBOOK = 2**24  # bytes; the course's notebooks are smaller
PATTERNS = ("[0-9]*.ipynb", "[0-9]*.pt", "worksheet.html")  # not the guide or the key


def bring(course, folder):
    """Copy the course's files to a student's folder; return the names of the files written.

    A missing file is copied. A file that the student has not changed is replaced by a newer version. A file that the
    student has changed stays; once it is renamed or deleted, the course's version is copied.
    """
    folder.mkdir(parents=True, exist_ok=True)
    record = _read_record(folder)
    written = []
    for source in sorted(path for pattern in PATTERNS for path in Path(course).glob(pattern)):
        new = source.read_bytes()
        target, old = folder / source.name, None
        if os.path.lexists(target):
            if target.is_symlink() or not target.is_file():
                continue  # the student put it there
            known = record.get(source.name), _digest(new)
            old = _digest_of(target, known)
            if old not in known:
                continue
        if old != _digest(new):
            _write(target, new, replace=old is not None)
            written.append(source.name)
        record[source.name] = _digest(new)
    # Written last: after an interruption, copied files count as the student's own, and nothing is lost.
    with contextlib.suppress(IsADirectoryError):  # the student made a folder of that name
        _write(folder / RECORD, json.dumps(record, indent=1).encode(), replace=True)
    return written


def _digest(content):
    return hashlib.sha256(content).hexdigest()


def _digest_of(target, known):
    """Return a file's digest; of a notebook that is not `known`, the digest that it had before it was opened."""
    with open(target, "rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()  # reads in chunks: it may be of any size
    if digest in known or target.suffix != ".ipynb" or target.stat().st_size > MAX_NOTEBOOK:
        return digest
    return _digest(_before_opening(target.read_bytes()))


def _before_opening(content):
    """Undo what JupyterLab does to a notebook that is only looked at: it adds the kernel's language, and saves it."""
    try:
        notebook = json.loads(content)
        language = notebook["metadata"]["language_info"]
        notebook["metadata"]["language_info"] = {"name": language["name"]}
        return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()
    except (ValueError, TypeError, KeyError, RecursionError):  # the student may have written anything
        return content


def _read_record(folder):
    """Return the record of copies; {} if the student has replaced the file with something else."""
    try:
        # Opening a pipe must not block, and a link must not be followed.
        handle = os.open(folder / RECORD, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        with open(handle, "rb") as stream:
            content = stream.read(MAX_RECORD + 1) if stat.S_ISREG(os.fstat(handle).st_mode) else b""
        record = json.loads(content) if len(content) <= MAX_RECORD else {}
    except (OSError, ValueError, RecursionError):
        return {}
    known = record.items() if isinstance(record, dict) else ()
    return {name: digest for name, digest in known if isinstance(digest, str)}


def _write(target, content, replace):
    """Write the whole file or nothing, by way of a temporary file in the same folder."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".bringing-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
            os.fchmod(stream.fileno(), 0o644)
        if replace:
            os.replace(name, target)
        else:
            os.link(name, target)  # unlike a move, this fails if the target exists by now
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
