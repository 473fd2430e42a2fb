"""Class list: who may log in, each with a generated password that the teacher hands out on paper.

Nobody chooses a password, so none is weak or used elsewhere. A file that only the hub can read stores them in plain
text, so that the teacher can print a lost slip again. System accounts (PAM) would have to be made for each student;
with one password for all, students could open each other's work.
"""

import codecs
import os
import re
import secrets
import stat
import tempfile
import time
from pathlib import Path

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # no two look alike on paper
NAME = re.compile(r"[a-z][a-z0-9-]{0,19}\Z")  # it becomes part of the names of a folder and a systemd unit


def read(path):
    """Return the students and the teachers in a class list, two sets. A line is a name, or a name and `teacher`."""
    students, teachers = set(), set()
    for number, (name, *role) in _lines(path):
        if not NAME.match(name):
            raise ValueError(
                f"{path.name}, line {number}: {name!r} should begin with a letter and have at most 20 of a-z, 0-9 and -"
            )
        if role not in ([], ["teacher"]):
            raise ValueError(f"{path.name}, line {number}: after a name comes nothing or teacher, not {' '.join(role)}")
        if name in students | teachers:
            raise ValueError(f"{path.name}, line {number}: {name} is already on the list")
        (teachers if role else students).add(name)
    if not students | teachers:
        raise ValueError(f"{path.name} has no names: write one on each line, and teacher after your own")
    return students, teachers


def read_passwords(path):
    """Return name -> password. An error gives the line's number, not its text: passwords do not belong in a log."""
    passwords = {}
    for number, words in _lines(path) if path.exists() else []:
        if len(words) != 2 or words[0] in passwords:
            raise ValueError(
                f"{path.name}, line {number}: should be a new name and its password. "
                "Delete the line: a name without a password gets a new one at the next start"
            )
        passwords[words[0]] = words[1]
    return passwords


def add_passwords(path, names):
    """Append a password for each name that has none. The file is private, and is replaced whole or not at all."""
    new = sorted(set(names) - read_passwords(path).keys())
    if not new:
        return
    text = _text(path) if path.exists() else ""
    text += "\n" if text and not text.endswith(("\n", "\r")) else ""
    text += "".join(f"{name}  {new_password()}\n" for name in new)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".passwords-")  # private from its first byte
    try:
        with open(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def new_password():
    """Return three groups of four characters out of 31: about 59 bits, and easy to read aloud."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


def require_private(path):
    """Refuse a folder that other accounts can open, or that belongs to one."""
    status = os.stat(path)
    if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077:
        raise PermissionError(f"{path} holds passwords and should be yours alone: chmod 700 {path}")


class WatchedFile:
    """The parsed content of a file; while the file has a mistake, its last valid content. A teacher may be typing."""

    def __init__(self, path, read, log):
        self.path, self.read, self.log = path, read, log
        self.value = self.mistake = self.stamp = None

    def now(self):
        """Return the content, reading the file only if it has changed. A mistake is logged once."""
        try:
            status = self.path.stat()
            stamp = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
            if stamp != self.stamp:
                self.value, self.mistake, self.stamp = self.read(self.path), None, None
                if time.time() - status.st_ctime > 1:  # two changes in quick succession may have the same stamp
                    self.stamp = stamp
        except (OSError, ValueError) as error:
            if self.value is None:
                raise
            if str(error) != self.mistake:
                self.mistake = str(error)
                self.log.error("%s. Until you fix that, the hub uses the last version that it could read", error)
        return self.value


def _lines(path):
    """Yield the number and the words of each line that has any. A # at the start or after a space begins a comment."""
    for number, line in enumerate(re.split(r"\r\n|\r|\n", _text(path)), start=1):
        if words := re.sub(r"(^|\s)#.*", "", line).split():
            yield number, words


def _text(path):
    """Return the text of a file as editors save it: UTF-8, UTF-16 with a byte order mark, or Latin-1."""
    content = path.read_bytes()
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")
