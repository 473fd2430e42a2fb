"""A disk for each student: a file of a fixed size with a file system in it, mounted where the student works.

The whole size of the file is reserved on the machine's disk when it is made, so a student who fills it takes room from
nobody. The machine's file system only has to support that (ext4, XFS and Btrfs do); quotas would need one that was
mounted with them.
"""

import contextlib
import os
import shutil
import subprocess
import sys

SIZE = "1G"
KEPT = 2**26  # bytes that the hub keeps for itself; it writes less in a term
LEAST = 2**24  # bytes; with less free, the hub uses what it kept


class NoRoomError(Exception):
    """The machine's disk is too full; JupyterHub shows the sentence to the student."""

    @property
    def jupyterhub_message(self):
        return str(self)


def free(folder):
    return shutil.disk_usage(folder).free


def mount(image, place, size):
    """Mount the student's disk, and its home at `place`; make it first where there is none.

    The root of the disk belongs to the hub and is mounted beside the file. A student sees only the home and the two
    folders for temporary files, and cannot put a link in their place.
    """
    if place.is_mount():
        return
    new, root = not image.exists(), image.with_suffix("")
    if new:
        _make(image, size)
    try:
        root.mkdir(exist_ok=True)
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not root.is_mount():
            _run("mount", "-o", "loop,nosuid,nodev,noatime", image, root)
        for name in ("home", "tmp", "var-tmp"):
            (root / name).mkdir(exist_ok=True)
            (root / name).chmod(0o700 if name == "home" else 0o1777)
        if new:
            _run("cp", "--archive", f"{place}/.", root / "home")  # what a student had before there were disks
        _run("mount", "--bind", root / "home", place)
    except subprocess.CalledProcessError:
        if root.is_mount():
            _run("umount", root)
        if new:
            image.unlink()
        raise


def mount_all(folder, homes):
    """Mount all disks, as after a restart of the machine, so that a backup finds them."""
    for image in sorted(folder.glob("*.img")):
        try:
            mount(image, homes / image.stem, 0)
        except (OSError, subprocess.CalledProcessError) as error:  # a damaged disk must not stop the others
            print(f"{image} cannot be mounted: {error}. Try e2fsck -f {image}", file=sys.stderr)


def _run(*command):
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def _make(image, size):
    if free(image.parent) < size + KEPT:
        raise NoRoomError(
            "The disk of the class is too full for one more student. Please tell your teacher; "
            "nothing that was saved is lost."
        )
    making = image.with_suffix(".making")
    with open(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.truncate(size)
        # No blocks reserved for root, which does not write there.
        _run("mkfs.ext4", "-q", "-m", "0", "-E", "nodiscard,root_owner=0:0", making)
        os.posix_fallocate(stream.fileno(), 0, size)  # now, because mkfs leaves holes where it need not write
    os.replace(making, image)


def keep_room(state):
    """Reserve room for the hub while there is some; release it when the disk is full, so that the hub keeps running.

    Returns a sentence for the log if the room was needed.
    """
    room = state / "kept-room"
    if free(state) >= LEAST:
        if not room.exists() and free(state) > 2 * KEPT:
            with open(os.open(room, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as stream:
                os.posix_fallocate(stream.fileno(), 0, KEPT)
        return None
    with contextlib.suppress(FileNotFoundError):
        room.unlink()
    if free(state) < LEAST:
        raise NoRoomError(
            f"The disk of {state} is full: {free(state) >> 20} MB are left, and the hub needs some {LEAST >> 20}."
        )
    return f"The disk of {state} is full. The hub runs on the {KEPT >> 20} MB that it had kept: make room now."


def in_bytes(text):
    """1G, 500M or a number."""
    units = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
    number, unit = (text[:-1], units[text[-1]]) if text[-1] in units else (text, 1)
    return int(float(number) * unit)
