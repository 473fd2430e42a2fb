"""The class list: who may log in, each with a password that is made here and handed out on paper.

Nobody chooses a password, so none is weak, used elsewhere, or easy to guess. They are kept in a file that only the hub
may read, so that a lost slip can be printed again. With system accounts (PAM) a teacher would first
have to make one for each student; with one password for all, each student could open the work of every other.
"""

import codecs
import os
import re
import secrets
import stat
import tempfile
import time
from pathlib import Path

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another on paper
NAME = re.compile(r"[a-z][a-z0-9-]{0,19}\Z")  # it becomes part of a folder's name and of a systemd unit's


def read(path):
    """The students and the teachers in a class list, as two sets: a line is a name, or a name and `teacher`."""
    students, teachers = set(), set()
    for number, (name, *role) in _lines(path):
        if not NAME.match(name):
            raise ValueError(
                f"{path.name}, line {number}: {name!r} should begin with a letter and have at most 20 of a-z, 0-9 and -"
            )
        if role not in ([], ["teacher"]):
            raise ValueError(f"{path.name}, line {number}: after a name comes nothing or teacher, not {' '.join(role)}")
        if name in students | teachers:
            raise ValueError(f"{path.name}, line {number}: {name} is there already")
        (teachers if role else students).add(name)
    if not students | teachers:
        raise ValueError(f"{path.name} has no name in it: one on each line, and teacher after your own")
    return students, teachers


def read_passwords(path):
    """The passwords by name. An error names the line but never repeats it: passwords do not belong in a log."""
    passwords = {}
    for number, words in _lines(path) if path.exists() else []:
        if len(words) != 2 or words[0] in passwords:
            raise ValueError(
                f"{path.name}, line {number}: should be a name that is not there yet, and its password. "
                "Delete the line: whoever has none gets a new one at the next start"
            )
        passwords[words[0]] = words[1]
    return passwords


def add_passwords(path, names):
    """Give a password to each name that has none, at the end of a file that is private and never half written."""
    new = sorted(set(names) - read_passwords(path).keys())
    if not new:
        return
    text = _text(path) if path.exists() else ""
    text += "\n" if text and not text.endswith(("\n", "\r")) else ""
    text += "".join(f"{name}  {new_password()}\n" for name in new)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".passwords-")  # private from its first byte
    try:
        with open(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(beside, path)
    finally:
        Path(beside).unlink(missing_ok=True)


def new_password():
    """Three groups of four characters out of 31: some 59 bits, and easy to read aloud."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


def require_private(path):
    """Refuse a folder that others can look into, or that belongs to another user."""
    status = os.stat(path)
    if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077:
        raise PermissionError(f"{path} holds passwords and should be yours alone: chmod 700 {path}")


class Kept:
    """The value of a file, or its last valid one while it has a mistake in it: a teacher may be typing."""

    def __init__(self, path, read, log):
        self.path, self.read, self.log = path, read, log
        self.value = self.mistake = self.stamp = None

    def now(self):
        """The value of the file; a mistake is logged once. A file that has not changed for a second is read once."""
        try:
            status = self.path.stat()
            stamp = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
            if stamp != self.stamp:
                self.value, self.mistake, self.stamp = self.read(self.path), None, None
                if time.time() - status.st_ctime > 1:  # a change right after another may have the same times
                    self.stamp = stamp
        except (OSError, ValueError) as error:
            if self.value is None:
                raise
            if str(error) != self.mistake:
                self.mistake = str(error)
                self.log.error("%s. Until that is mended, the hub goes by what stood there before", error)
        return self.value


def _lines(path):
    """The number and the words of each line that has any. A comment begins with # at the start or after a blank."""
    for number, line in enumerate(re.split(r"\r\n|\r|\n", _text(path)), start=1):
        if words := re.sub(r"(^|\s)#.*", "", line).split():
            yield number, words


def _text(path):
    """The text of a file as editors write it: UTF-8, UTF-16 with a byte order mark, or Latin-1."""
    content = path.read_bytes()
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")
