"""A backup of a class into a restic repository: python3 backup.py STATE HOMES. RUNNING.md says when and where to.

STATE is the hub's private folder, HOMES the folder with the learners' own, each named student-NAME. restic takes the
repository and its password from RESTIC_REPOSITORY and RESTIC_PASSWORD_FILE. Nothing but Python itself is needed.
"""

import contextlib
import sqlite3
import subprocess
import sys
from pathlib import Path

KEEP = ["--keep-daily=14", "--keep-weekly=20"]
COPY = "jupyterhub.sqlite.copy"  # of the hub's database, which may change while it is read


def main(state, homes):
    """Copy the database as of one moment, and store that, the rest of the state and the learners' folders."""
    _copy_database(state)
    learners = sorted(homes.glob("student-*"))
    leave_out = [f"--exclude={state / 'jupyterhub.sqlite'}{end}" for end in ("", "-journal", "-wal", "-shm")]
    restic("backup", "--tag=class", *leave_out, "--", state, *learners)
    restic("forget", "--tag=class", "--group-by=tags", *KEEP, "--prune")
    restic("check")
    print(f"stored: {state} and the folders of {len(learners)} learners")


def restic(*arguments):
    """Run restic; what it says of a mistake is enough."""
    if subprocess.run(["restic", "--quiet", *map(str, arguments)]).returncode:
        raise SystemExit(f"restic {arguments[0]} failed: no backup was made, or it cannot be read")


def _copy_database(state):
    (state / COPY).unlink(missing_ok=True)
    with (
        contextlib.closing(sqlite3.connect(f"file:{state / 'jupyterhub.sqlite'}?mode=ro", uri=True)) as source,
        contextlib.closing(sqlite3.connect(state / COPY)) as copy,
    ):
        (state / COPY).chmod(0o600)
        source.backup(copy)


if __name__ == "__main__":
    if len(sys.argv) != 3 or not Path(sys.argv[1], "jupyterhub.sqlite").is_file():
        raise SystemExit("usage: backup.py STATE HOMES, where STATE is the hub's folder, with jupyterhub.sqlite in it")
    main(*(Path(argument).absolute() for argument in sys.argv[1:]))
