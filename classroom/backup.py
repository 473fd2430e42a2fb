"""A backup of a class into a restic repository: python3 backup.py STATE HOMES. RUNNING.md says when and where.

STATE is the hub's private folder, HOMES the folder with the students' folders, each named student-NAME and mounted
from a disk in STATE once the hub has started. restic takes the repository and its password from RESTIC_REPOSITORY and
RESTIC_PASSWORD_FILE. It needs only Python itself.
"""

import contextlib
import sqlite3
import subprocess
import sys
from pathlib import Path

KEEP = ["--keep-daily=14", "--keep-weekly=20"]
DATABASE = "jupyterhub.sqlite"
COPY = f"{DATABASE}.copy"  # the hub may write to the original while it is read
# The contents of the disks are stored, not the disks themselves; and answers are deleted with their lesson.
NOT_STORED = ["disks", "kept-room", "board", *(f"{DATABASE}{end}" for end in ("", "-journal", "-wal", "-shm"))]


def main(state, homes):
    """Copy the database at one moment, and store the copy, the rest of the state and the students' folders."""
    _copy_database(state)
    missing = [homes / disk.stem for disk in (state / "disks").glob("*.img") if not (homes / disk.stem).is_mount()]
    students = sorted(set(homes.glob("student-*")) - set(missing))
    leave_out = [f"--exclude={state / name}" for name in NOT_STORED]
    restic("backup", "--tag=class", *leave_out, "--", state, *students)
    if missing:  # only their empty folders are here: keep every older backup, which has more than this one
        names = ", ".join(sorted(home.name for home in missing))
        raise SystemExit(
            f"stored without {names}: not mounted. Start the hub, which mounts all disks, and look in its log"
        )
    restic("forget", "--tag=class", "--group-by=tags", *KEEP, "--prune")
    restic("check")
    print(f"stored: {state} and the folders of {len(students)} students")


def restic(*arguments):
    """Run restic; its own error message is enough."""
    if subprocess.run(["restic", "--quiet", *map(str, arguments)]).returncode:
        raise SystemExit(f"restic {arguments[0]} failed: no backup was made, or it cannot be read")


def _copy_database(state):
    (state / COPY).unlink(missing_ok=True)
    with (
        contextlib.closing(sqlite3.connect(f"file:{state / DATABASE}?mode=ro", uri=True)) as source,
        contextlib.closing(sqlite3.connect(state / COPY)) as copy,
    ):
        (state / COPY).chmod(0o600)
        source.backup(copy)


if __name__ == "__main__":
    if len(sys.argv) != 3 or not Path(sys.argv[1], DATABASE).is_file():
        raise SystemExit("usage: backup.py STATE HOMES, where STATE is the hub's folder, with jupyterhub.sqlite in it")
    main(*(Path(argument).absolute() for argument in sys.argv[1:]))
