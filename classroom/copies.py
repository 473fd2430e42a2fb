"""The notebooks in a student's folder: missing ones are copied, and those the student has changed are never touched.

This runs as the student, in the student's folder, before the student's server starts: the hub, which may be root,
never writes where a student could have placed a link.
"""

import contextlib
import hashlib
import json
import os
import stat
import tempfile
from pathlib import Path

RECORD = ".course.json"  # file name -> SHA-256 of what was last copied under that name
LARGEST_RECORD = 2**20  # bytes; fifteen notebooks take some 2,000
PATTERNS = ("[0-9]*.ipynb", "[0-9]*.pt", "worksheet.html")  # the guide and the key stay with the teacher


def bring(course, folder):
    """Copy the course's files to where a student works; return the names of those that were written.

    A missing file is copied. A file that is still as it was copied is replaced by the course's newer one. A file that
    the student has changed stays; once it is renamed or deleted, the course's takes its place.
    """
    folder.mkdir(parents=True, exist_ok=True)
    record = _read_record(folder)
    written = []
    for source in sorted(path for pattern in PATTERNS for path in Path(course).glob(pattern)):
        new = source.read_bytes()
        target, old = folder / source.name, None
        if os.path.lexists(target):
            if target.is_symlink() or not target.is_file():
                continue  # whatever it is, the student made it
            with open(target, "rb") as stream:
                old = hashlib.file_digest(stream, "sha256").hexdigest()  # in pieces: it may be of any size
            if old not in (record.get(source.name), _digest(new)):
                continue
        if old != _digest(new):
            _write(target, new, replace=old is not None)
            written.append(source.name)
        record[source.name] = _digest(new)
    # Last: after an interruption, a copied file counts as the student's own, and nothing is lost.
    with contextlib.suppress(IsADirectoryError):  # the student made that
        _write(folder / RECORD, json.dumps(record, indent=1).encode(), replace=True)
    return written


def _digest(content):
    return hashlib.sha256(content).hexdigest()


def _read_record(folder):
    """The record of what was copied. The student may have replaced the file with anything: then there is none."""
    try:
        # A pipe that nobody writes to opens anyway, and a link does not.
        handle = os.open(folder / RECORD, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        with open(handle, "rb") as stream:
            content = stream.read(LARGEST_RECORD + 1) if stat.S_ISREG(os.fstat(handle).st_mode) else b""
        record = json.loads(content) if len(content) <= LARGEST_RECORD else {}
    except (OSError, ValueError, RecursionError):
        return {}
    known = record.items() if isinstance(record, dict) else ()
    return {name: digest for name, digest in known if isinstance(digest, str)}


def _write(target, content, replace):
    """Write all of it or nothing: first beside its place, then moved there."""
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
            os.link(name, target)  # unlike a move, this fails if something has appeared in the meantime
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
