"""The hub's private folder, its ports, and the secrets in the folder."""

import fcntl
import os
import secrets
from pathlib import Path

BELL = "bell_token"  # the file with the token of classroom/bell.py


def folder():
    """Return the private folder with class.txt."""
    return Path(os.environ.get("CLASSROOM", "/var/lib/lstm-classroom"))


def claim(path):
    """Lock the private folder until this process ends, or refuse: a second hub would kill the proxy of the first.

    Returns the descriptor that holds the lock. No file is left behind that could outlive a crash.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise ValueError(f"A hub is already running for {path}: stop it first") from None
    return handle


def port():
    """Return the port to which the web server forwards requests; the next one is the API of JupyterHub's proxy."""
    return int(os.environ.get("CLASSROOM_PORT", "8000"))


def hub_port():
    """Return the hub's port."""
    return port() + 2


def secret(name):
    """Return the secret in a file of the folder, making the file first if necessary; only its owner can read it."""
    path = folder() / name
    found = path.read_text().strip("\0\n ") if path.exists() else ""
    if not found:  # a power cut can leave a new file empty or full of zeros
        found = secrets.token_hex(32)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
            stream.write(found)
    return found
