import asyncio
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

ANOTHER = 61999  # a user id that no account has


def awaited(coroutine):
    """Run a coroutine in a new thread, because Playwright may run a loop in this one; return its result."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def as_another(attack, folder="/"):
    """Call `attack` in another account; return the name of its error, or "". Needs root.

    The account works in `folder` even if it cannot enter the folders above, as in a student's unit.
    """
    if os.geteuid() != 0:
        pytest.skip("only root can switch to another account")
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        try:
            os.chdir(folder)
            os.setgroups([])
            os.setgid(ANOTHER)
            os.setuid(ANOTHER)
            attack()
        except BaseException as error:
            os.write(writer, type(error).__name__.encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as stream:
        return stream.read()
