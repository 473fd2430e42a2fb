"""Back up a class into a restic repository: python3 backup.py STATE HOMES. RUNNING.md says when and where.

STATE is the hub's private folder. HOMES contains the students' folders, named student-NAME; the hub mounts each from a
disk in STATE when it starts. restic reads the repository and its password from RESTIC_REPOSITORY and
RESTIC_PASSWORD_FILE. The script uses only the standard library.
"""

import contextlib
import sqlite3
import subprocess
import sys
from pathlib import Path

KEEP = ["--keep-daily=14", "--keep-weekly=20"]
DATABASE = "jupyterhub.sqlite"
COPY = f"{DATABASE}.copy"  # the hub may be writing to the original
# The files on the disks are stored instead of the disk images. Answers must not outlive their lesson.
NOT_STORED = ["disks", "kept-room", "board", *(f"{DATABASE}{end}" for end in ("", "-journal", "-wal", "-shm"))]


def main(state, homes):
    """Store a consistent copy of the database, the rest of the state, and the students' folders."""
    _copy_database(state)
    restic("unlock")  # removes only the locks of processes that have ended, such as a backup that a reboot has cut off
    missing = [homes / disk.stem for disk in (state / "disks").glob("*.img") if not (homes / disk.stem).is_mount()]
    students = sorted(set(homes.glob("student-*")) - set(missing))
    leave_out = [f"--exclude={state / name}" for name in NOT_STORED]
    restic("backup", "--tag=class", *leave_out, "--", state, *students)
    if missing:  # older backups contain these students' files, and this one does not: remove none
        names = ", ".join(sorted(home.name for home in missing))
        raise SystemExit(
            f"stored without {names}: not mounted. Start the hub, which mounts all disks, and read its log"
        )
    restic("forget", "--tag=class", "--group-by=tags", *KEEP, "--prune")
    restic("check")
    print(f"stored: {state} and the folders of {len(students)} students")


def restic(*arguments):
    """Run restic, which prints its own errors."""
    if subprocess.run(["restic", "--quiet", *map(str, arguments)]).returncode:
        raise SystemExit(f"restic {arguments[0]} failed: see its message above")


def _copy_database(state):
    """Copy the database. "rw", which creates nothing, also takes back the half-written changes of a killed hub."""
    (state / COPY).unlink(missing_ok=True)
    with (
        contextlib.closing(sqlite3.connect(f"file:{state / DATABASE}?mode=rw", uri=True)) as source,
        contextlib.closing(sqlite3.connect(state / COPY)) as copy,
    ):
        (state / COPY).chmod(0o600)
        source.backup(copy)


if __name__ == "__main__":
    if len(sys.argv) != 3 or not Path(sys.argv[1], DATABASE).is_file():
        raise SystemExit("usage: backup.py STATE HOMES, where STATE is the hub's folder, with jupyterhub.sqlite in it")
    main(*(Path(argument).absolute() for argument in sys.argv[1:]))
