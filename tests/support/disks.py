"""Small disks in memory, a hub on one, and a helper that fills a disk."""

import contextlib
import os
import subprocess

import pytest

from tests.support.hub import Hub

MB = 2**20


def mount_memory(folder, options):
    """Mount a small disk in memory; skip the test unless we are root and the machine allows it."""
    command = ["mount", "-t", "tmpfs", "-o", options, "none", folder]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("only root can mount a small disk")


@contextlib.contextmanager
def hub_on_small_disk(folder, journal, names):
    """Yield a hub for `names` whose folder is a disk of 300 MB; its log is in `journal`, as systemd's may be."""
    mount_memory(folder, "size=300m,mode=700")
    try:
        hub = Hub(folder, names)
        hub.log_file = journal / "hub.log"
        try:
            yield hub
        finally:
            hub.end()
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(path):
    """Write to a file until the disk is full."""
    with contextlib.suppress(OSError), open(path, "wb", buffering=0) as stream:
        for size in (MB, 4096, 1):
            with contextlib.suppress(OSError):
                while stream.write(bytes(size)):
                    pass
