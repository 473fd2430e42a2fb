import asyncio
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

ANOTHER = 61999  # a user without an account: who may become root may become nobody in particular


def awaited(coroutine):
    """The result of a coroutine, run in a new thread: the browser's driver may run a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def as_another(attack, folder="/"):
    """The name of the error that another account gets when it tries `attack`, or nothing. We must be root.

    The account works in `folder`, as a student's unit does, whatever is closed above it.
    """
    if os.geteuid() != 0:
        pytest.skip("only root can try it in another account")
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
