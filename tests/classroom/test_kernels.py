"""The kernel that waits for a student's first notebook, and the number of kernels."""

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from tornado.web import HTTPError

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "classroom"))  # as student_server.py does
from student_limits import SESSION, FewKernels

pytestmark = pytest.mark.slow


@pytest.fixture
def manager(tmp_path, monkeypatch):
    """A function that runs a coroutine of a manager in a folder of its own, and then ends its kernels."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    (tmp_path / "run").mkdir()
    (tmp_path / "work" / "inner").mkdir(parents=True)

    def run(task, **settings):
        async def all_of_it():
            kernels = FewKernels(root_dir=str(tmp_path / "work"), connection_dir=str(tmp_path / "run"), **settings)
            try:
                kernels.warm()
                await task(kernels)
            finally:
                await kernels.shutdown_all(now=True)

        asyncio.run(all_of_it())

    return run


def asked(name, path=""):
    """What Jupyter's server asks for when a notebook is opened."""
    return {"path": path, "kernel_name": "python3", "env": os.environ | {SESSION: name}}


async def value(kernels, kernel_id, expression):
    """What an expression is in a kernel."""
    client = kernels.get_kernel(kernel_id).client()
    client.start_channels()
    try:
        reply = await client.execute("", user_expressions={"it": expression}, reply=True, timeout=60)
        return eval(reply["content"]["user_expressions"]["it"]["data"]["text/plain"])
    finally:
        client.stop_channels()


def test_the_first_notebook_takes_the_kernel_that_waits_warm_and_as_if_it_were_new(manager):
    async def task(kernels):
        first = await kernels.start_kernel(**asked("/work/00.ipynb"))
        assert first in kernels and len(kernels) == 1
        assert [kernel["id"] for kernel in kernels.list_kernels()] == [first]
        assert await value(kernels, first, "'lstm_helpers.explorers' in __import__('sys').modules")
        assert await value(kernels, first, "__import__('os').getcwd()") == kernels.root_dir
        assert await value(kernels, first, "__session__, __import__('os').environ['JPY_SESSION_NAME']") == (
            "/work/00.ipynb",
            "/work/00.ipynb",
        )
        new = await kernels.start_kernel(**asked("/work/02.ipynb"))
        assert not await value(kernels, new, "'lstm_helpers' in __import__('sys').modules")
        names = "sorted(globals()), In, _ih"
        assert await value(kernels, first, names) == await value(kernels, new, names)

    manager(task)


def test_a_kernel_that_waits_is_on_no_list_and_takes_nobodys_last_place(manager):
    async def task(kernels):
        await kernels._started
        assert len(kernels) == 1 and kernels.list_kernels() == []
        first = await kernels.start_kernel(**asked("/work/inner/00.ipynb", path="inner"))
        assert len(kernels) == 2  # the other one has started elsewhere
        second = await kernels.start_kernel(**asked("/work/02.ipynb"))
        assert len(kernels) == 2 and {kernel["id"] for kernel in kernels.list_kernels()} == {first, second}
        with pytest.raises(HTTPError, match="2 notebooks are running"):
            await kernels.start_kernel(**asked("/work/07.ipynb"))

    manager(task, most=2)


def test_a_kernel_that_waits_is_shut_down_after_an_hour_unless_it_is_taken(manager):
    async def task(kernels):
        await kernels._started
        waiting = kernels._waiting
        kernels.get_kernel(waiting).last_activity -= timedelta(seconds=3500)
        await kernels.cull_kernels()
        assert waiting in kernels
        first = await kernels.start_kernel(**asked("/work/00.ipynb"))
        kernels.get_kernel(first).last_activity -= timedelta(seconds=3500)
        await kernels.cull_kernels()
        assert first in kernels  # its hour begins when it is taken
        kernels.warm()
        await kernels._started
        waiting = kernels._waiting
        kernels.get_kernel(waiting).last_activity -= timedelta(seconds=3700)
        await kernels.cull_kernels()
        assert waiting not in kernels
        assert await kernels.start_kernel(**asked("/work/02.ipynb")) not in (first, waiting)

    manager(task, cull_idle_timeout=3600)
