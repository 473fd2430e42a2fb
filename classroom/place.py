"""Where the class's hub is on this machine: its private folder, its ports, and the secrets in that folder."""

import os
import secrets
from pathlib import Path

BELL = "bell_token"  # the file with the token of classroom/bell.py


def folder():
    """The private folder with class.txt."""
    return Path(os.environ.get("CLASSROOM", "/var/lib/lstm-classroom"))


def port():
    """The port to which the web server passes requests on; the next one is the proxy's own."""
    return int(os.environ.get("CLASSROOM_PORT", "8000"))


def hub_port():
    """The port of the hub."""
    return port() + 2


def secret(name):
    """The secret in a file of the folder; it is made when it is first asked for, and nobody else can read it."""
    path = folder() / name
    if not path.exists():
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(secrets.token_hex(32))
    return path.read_text()
