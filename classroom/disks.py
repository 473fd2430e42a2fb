"""Students' disks: each is a file of fixed size that contains a file system, mounted on the student's folder.

The file is preallocated, so a student who fills the disk takes space from nobody else. The machine's file system only
has to support that (ext4, XFS and Btrfs do); quotas would have to be enabled when it is mounted.
"""

import os
import shutil
import subprocess
import sys

SIZE = "1G"
RESERVE = 2**26  # bytes that the hub reserves for itself; it writes less in a term
MIN_FREE = 2**24  # bytes; with less free, the hub releases its reserve


class NoRoomError(Exception):
    """The machine's disk is too full; JupyterHub shows the message to the student."""

    @property
    def jupyterhub_message(self):
        return str(self)


def free(folder):
    return shutil.disk_usage(folder).free


def mount(image, home, size):
    """Mount a student's disk, making it first if the image does not exist, and bind its home folder to `home`.

    The root of the disk belongs to the hub and is mounted next to the image. A student sees only the home and the two
    folders for temporary files, and so cannot replace one of the three with a link.
    """
    if home.is_mount():
        return
    new, root, making = not image.exists(), image.with_suffix(""), image.with_suffix(".making")
    try:
        if new:
            _discard(making, root)
            _make(making, size)
        root.mkdir(exist_ok=True)
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not root.is_mount():
            _run("mount", "-o", "loop,nosuid,nodev,noatime", making if new else image, root)
        for name in ("home", "tmp", "var-tmp"):
            (root / name).mkdir(exist_ok=True)
            (root / name).chmod(0o700 if name == "home" else 0o1777)
        if new:
            _run("cp", "--archive", f"{home}/.", root / "home")  # files from before there were disks
            _run("sync", "--file-system", root)
            os.replace(making, image)  # last, so that after a crash the disk is made again, not used without its files
        _run("mount", "--bind", root / "home", home)
    except (OSError, subprocess.CalledProcessError):
        _discard(making, root)
        raise


def mount_all(folder, homes):
    """Mount all disks, so that a backup finds them after a restart of the machine."""
    for image in sorted(folder.glob("*.img")):
        try:
            mount(image, homes / image.stem, 0)
        except (OSError, subprocess.CalledProcessError) as error:  # a damaged disk must not stop the others
            print(f"{image} cannot be mounted: {error}. Try e2fsck -f {image}", file=sys.stderr)


def _run(*command):
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def _discard(making, root):
    """Unmount a disk; remove it if it is half-made, so that its space is free again."""
    if root.is_mount():
        _run("umount", root)
    making.unlink(missing_ok=True)


def _make(image, size):
    if free(image.parent) < size + RESERVE:
        raise NoRoomError(
            "The disk of the class is too full for one more student. Please tell your teacher; "
            "nothing that was saved is lost."
        )
    with open(os.open(image, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.truncate(size)
        # -m 0: reserve no blocks for root, which writes nothing there.
        _run("mkfs.ext4", "-q", "-m", "0", "-E", "nodiscard,root_owner=0:0", image)
        os.posix_fallocate(stream.fileno(), 0, size)  # after mkfs, which leaves holes


def keep_room(state):
    """Reserve space for the hub in a file; release it when the disk is full, so that the hub keeps running.

    Returns a message for the log if the reserve was released, else None.
    """
    reserve = state / "kept-room"
    if free(state) >= MIN_FREE:
        if not reserve.exists() and free(state) > 2 * RESERVE:
            with open(os.open(reserve, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as stream:
                os.posix_fallocate(stream.fileno(), 0, RESERVE)
        return None
    reserve.unlink(missing_ok=True)
    if free(state) < MIN_FREE:
        raise NoRoomError(
            f"The disk of {state} is full: {free(state) >> 20} MB are left, and the hub needs {MIN_FREE >> 20}."
        )
    return f"The disk of {state} is full. The hub runs on the {RESERVE >> 20} MB that it had reserved: make room now."


def in_bytes(text):
    """Convert a size such as 1G, 500M or 1000000 to bytes."""
    units = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
    number, unit = (text[:-1], units[text[-1]]) if text[-1] in units else (text, 1)
    return int(float(number) * unit)
