"""Helper that fills a disk."""

import contextlib

MB = 2**20


def fill(path):
    """Write to a file until the disk is full."""
    with contextlib.suppress(OSError), open(path, "wb", buffering=0) as stream:
        for size in (MB, 4096, 1):
            with contextlib.suppress(OSError):
                while stream.write(bytes(size)):
                    pass
