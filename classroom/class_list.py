"""Who may come in: the names in a file, each with a password of its own that is made here and handed out on paper.

Passwords are kept and checked by NativeAuthenticator (bcrypt, a pause after failures, a page to change one's own).
With system accounts (PAM) a teacher would first have to make one for each student; with one password for all, each
student could open the work of every other.
"""

import os
import re
import secrets
import stat

import bcrypt
from nativeauthenticator import NativeAuthenticator
from nativeauthenticator.orm import UserInfo
from traitlets import Unicode

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read as another on paper
NAME = re.compile(r"[a-z][a-z0-9-]{0,23}")  # it becomes part of a folder's name and of a systemd unit's


def read(path):
    """The students and the teachers in a class list, as two sets: a line is a name, or a name and `teacher`."""
    students, teachers = set(), set()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        name, *role = line.partition("#")[0].split() or [None]
        if name is None:
            continue
        if not NAME.fullmatch(name):
            raise ValueError(
                f"{path.name}, line {number}: {name!r} should begin with a letter and have at most 24 of a-z, 0-9 and -"
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


class ClassListAuthenticator(NativeAuthenticator):
    """NativeAuthenticator without a sign-up: the accounts are those of the class list."""

    passwords = Unicode(config=True, help="The file to which first passwords are added, to be handed out")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        names = sorted(self.allowed_users | self.admin_users)
        made = {name: new_password() for name in names if not self.user_exists(name)}
        if not made:
            return
        # On paper before in force: whatever happens in between, no account has a password that nobody knows.
        with open(os.open(self.passwords, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w") as stream:
            stream.writelines(f"{name}  {password}\n" for name, password in made.items())
        for name, password in made.items():
            hashed = bcrypt.hashpw(password.encode(), bcrypt.gensalt())
            self.db.add(UserInfo(username=name, password=hashed, is_authorized=True))
        self.db.commit()
