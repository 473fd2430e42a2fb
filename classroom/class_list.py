"""Who may come in: the names in a file, each with a password of its own that is made here and handed out on paper.

Nobody chooses a password, so none is weak or used elsewhere, and none can be guessed by trying; they stand in a file
that only the hub may read, so that a lost slip can be printed again. With system accounts (PAM) a teacher would first
have to make one for each student; with one password for all, each student could open the work of every other.
"""

import hmac
import os
import re
import secrets
import stat
from pathlib import Path

from jupyterhub.auth import Authenticator
from traitlets import Unicode

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read as another on paper
NAME = re.compile(r"[a-z][a-z0-9-]{0,19}")  # it becomes part of a folder's name and of a systemd unit's


def read(path):
    """The students and the teachers in a class list, as two sets: a line is a name, or a name and `teacher`."""
    students, teachers = set(), set()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        name, *role = line.partition("#")[0].split() or [None]
        if name is None:
            continue
        if not NAME.fullmatch(name):
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


def require_private(path):
    """Refuse a folder that others can look into, or that belongs to another user."""
    status = os.stat(path)
    if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077:
        raise PermissionError(f"{path} holds passwords and should be yours alone: chmod 700 {path}")


def new_password():
    """Three groups of four out of 31 signs: some 59 bits, and it can be read aloud."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


def read_passwords(path):
    """Name -> password, from lines with both."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return dict(line.split() for line in lines if line.strip())


def add_passwords(path, names):
    """Give each name that has no password yet one, at the end of a file that is private from its first byte."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w", encoding="utf-8") as stream:
        for name in sorted(set(names) - set(read_passwords(path))):
            stream.write(f"{name}  {new_password()}\n")


class ClassListAuthenticator(Authenticator):
    """JupyterHub's own login page, and the passwords of the file, read anew at each login."""

    passwords = Unicode(config=True, help="The file with the passwords")

    async def authenticate(self, handler, data):
        """The name if the password is its own, else None."""
        name = self.normalize_username(data["username"])
        known = read_passwords(Path(self.passwords)).get(name)
        right = hmac.compare_digest((known or new_password()).encode(), data["password"].encode())
        return name if right and known else None
