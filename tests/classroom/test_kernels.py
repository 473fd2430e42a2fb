"""The spare kernel for a student's first notebook, and the limit on kernels.

Each scenario runs in a separate process, as in a student's server, because Jupyter leaves sockets and tasks open.
"""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from jupyter_client.session import Session

from classroom import student_ready
from classroom.student_ready import get_ready

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = {}  # sentence -> (coroutine function, start with a spare kernel, settings of the manager)

pytestmark = pytest.mark.long


def scenario(sentence, waits=True, **settings):
    def add(task):
        SCENARIOS[sentence] = task, waits, settings
        return task

    return add


def asked(notebook, path=""):
    """Return the arguments with which Jupyter's server starts a kernel for a notebook."""
    return {"path": path, "kernel_name": "python3", "env": os.environ | {"JPY_SESSION_NAME": notebook}}


def listed(kernels):
    return {kernel["id"] for kernel in kernels.list_kernels()}


@scenario("the first notebook takes the kernel that waits, warm, and as if it were new")
async def takes(kernels):
    first = await kernels.start_kernel(**asked("/work/00.ipynb"))
    assert len(kernels) == 1 and listed(kernels) == {first}
    await becomes_true(kernels, first, "'lstm_helpers.explorers' in __import__('sys').modules")
    formulas = "__import__('lstm_helpers.view.live').view.live.text_to_path.mathtext_parser._parse_cached.cache_info()"
    assert await value(kernels, first, f"{formulas}.misses > 0")  # a panel has been drawn, and is gone
    assert await value(kernels, first, "not __import__('comm').get_comm_manager().comms")
    await becomes_true(
        kernels, first, "__session__ == __import__('os').environ['JPY_SESSION_NAME'] == '/work/00.ipynb'"
    )
    assert await value(kernels, first, "__import__('os').getcwd()") == kernels.root_dir
    new = await kernels.start_kernel(**asked("/work/02.ipynb"))
    assert not await value(kernels, new, "'lstm_helpers' in __import__('sys').modules")
    names = "sorted(globals()), In, _ih, __import__('sys').path, sorted(__import__('os').environ)"
    assert await value(kernels, first, names) == await value(kernels, new, names)


@scenario("the kernel that waits is on no list, and takes nobody's last place", most=2)
async def does_not_count(kernels):
    await kernels._spare_started
    assert len(kernels) == 1 and listed(kernels) == set()
    elsewhere = await kernels.start_kernel(**asked("/work/inner/00.ipynb", path="inner"))
    assert len(kernels) == 2 and listed(kernels) == {elsewhere}
    second = await kernels.start_kernel(**asked("/work/02.ipynb"))
    assert len(kernels) == 2 and listed(kernels) == {elsewhere, second}
    with pytest.raises(Exception, match="2 notebooks are running"):
        await kernels.start_kernel(**asked("/work/07.ipynb"))


@scenario("two notebooks opened at once do not get the same kernel")
async def at_once(kernels):
    both = await asyncio.gather(*(kernels.start_kernel(**asked(f"/work/{k}.ipynb")) for k in range(2)))
    assert len(set(both)) == len(kernels) == 2 and listed(kernels) == set(both)


@scenario(
    "the kernel that waits is shut down after an hour, and one that is taken an hour later", cull_idle_timeout=3600
)
async def ends(kernels):
    await kernels._spare_started
    taken = kernels._spare
    await cull_after(kernels, taken, 3500)
    assert await kernels.start_kernel(**asked("/work/00.ipynb")) == taken
    await cull_after(kernels, taken, 3500)
    assert taken in kernels
    kernels.start_spare()
    await kernels._spare_started
    waiting = kernels._spare
    await cull_after(kernels, waiting, 3700)
    assert waiting not in kernels
    assert await kernels.start_kernel(**asked("/work/02.ipynb")) not in (taken, waiting)


@scenario("without a kernel that waits, because it could not start, a notebook gets another")
async def fails(kernels):
    kernels._spare_started.cancel()
    kernels._spare_started = asyncio.create_task(asyncio.wait_for(asyncio.sleep(9), 0.01))
    first = await kernels.start_kernel(**asked("/work/00.ipynb"))
    assert listed(kernels) == {first}


@scenario("what a widget sends counts as use, and is not read for that")
async def counts(kernels):
    first = await kernels.start_kernel(**asked("/work/00.ipynb"))
    kernel = kernels.get_kernel(first)
    await becomes_true(kernels, first, "True")
    before, read, deserialize = kernel.last_activity, [], Session.deserialize
    Session.deserialize = lambda self, message, **how: (
        read.append(bytes(message[1])) or deserialize(self, message, **how)
    )
    heard, comms = [], []
    watch = kernel.connect_iopub()
    watch.on_recv(lambda message: heard.append((message, kernel.last_activity)))
    try:
        while not heard:  # a subscription takes a moment, and what was sent before is lost
            await value(kernels, first, "1")
        await value(kernels, first, "[__import__('comm').create_comm(target_name='x').send({}) for _ in range(3)]")
        while len(comms) < 6:
            await asyncio.sleep(0.1)
            comms = [(message, when) for message, when in heard if message[0].startswith(b"comm-")]
        assert not [header for header in read if b'"comm_' in header.partition(b'"msg_type"')[2][:20]], read
        assert [header for header in read if b'"status"' in header]
        kernel._activity_stream._recv_callback(comms[0][0])  # nothing else has come since
        assert kernel.last_activity > before and kernels.last_kernel_activity == kernel.last_activity
    finally:
        watch.close()


@scenario("a server can end while a kernel that has died is being started again")
async def ends_while_restarting(kernels):
    await kernels._spare_started
    kernel = kernels.get_kernel(kernels._spare)
    os.kill(kernel.provisioner.pid, signal.SIGKILL)
    while await kernel.is_alive():
        await asyncio.sleep(0.01)
    restarting = asyncio.create_task(kernel._restarter.poll())
    while kernel.ready.done():
        await asyncio.sleep(0)
    await kernels.shutdown_all()
    await restarting
    assert len(kernels) == 0 and not await kernel.is_alive()


class Server:
    """The parts of a server that `get_ready` uses."""

    def __init__(self, kernels):
        self.kernel_manager, self.contents_manager, self.root_dir = kernels, self, kernels.root_dir
        self.read, self.log = [], logging.getLogger("server")
        for name in ("02.ipynb", "00.ipynb"):
            Path(self.root_dir, name).touch()

    async def get(self, path):
        self.read.append(path)


@scenario("a server that nobody uses gets a kernel, reads a notebook and finds the formats before anyone comes", False)
async def ready(kernels):
    server = Server(kernels)
    student_ready.PAUSE = 0.1
    await get_ready(server)
    assert kernels._spare_started.done() and server.read == ["00.ipynb"] and gc.get_freeze_count() > 10_000
    from nbconvert.exporters import base

    assert "html" in base.get_export_names()
    assert base.entry_points.cache_info().misses == 1
    assert await value(kernels, kernels._spare, "__import__('gc').get_freeze_count() > 10_000")


@scenario("a server whose student has just logged in starts the student's kernel and no other", False)
async def not_alone(kernels):
    server = Server(kernels)
    student_ready.PAUSE = 0.1
    starting = asyncio.create_task(kernels.start_kernel(**asked("/work/00.ipynb")))
    await get_ready(server)
    first = await starting  # only then is it on the list
    assert listed(kernels) == {first} and len(kernels) == 1
    await get_ready(server)
    assert len(kernels) == 1 and server.read == [] and gc.get_freeze_count() == 0


@scenario("a server whose student comes while its kernel starts does nothing else first", False)
async def not_ready(kernels):
    server = Server(kernels)
    student_ready.PAUSE = 0
    waiting = asyncio.create_task(get_ready(server))
    while not kernels._spare:
        await asyncio.sleep(0)
    taken = kernels._spare
    assert await kernels.start_kernel(**asked("/work/00.ipynb")) == taken
    await waiting
    assert server.read == [] and gc.get_freeze_count() == 0


async def cull_after(kernels, kernel_id, seconds):
    """Cull idle kernels as if this one had been idle for `seconds`."""
    kernels.get_kernel(kernel_id).last_activity -= timedelta(seconds=seconds)
    await kernels.cull_kernels()


async def value(kernels, kernel_id, expression):
    """Return the value of an expression in a kernel."""
    client = kernels.get_kernel(kernel_id).client()
    client.start_channels()
    reply = await client.execute("", user_expressions={"it": expression}, reply=True, timeout=60)
    return eval(reply["content"]["user_expressions"]["it"]["data"]["text/plain"])


async def becomes_true(kernels, kernel_id, expression):
    """Wait until an expression is true: the manager's own code may run after a notebook's."""
    for _ in range(200):
        with contextlib.suppress(KeyError):  # an error has no data
            if await value(kernels, kernel_id, expression):
                return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{expression} does not become true")


@pytest.mark.parametrize("sentence", SCENARIOS)
def test_kernels(sentence, tmp_path):
    folders = {"JUPYTER_RUNTIME_DIR": "run", "IPYTHONDIR": "ipython", "WORK": "work"}
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "classroom")])}
    environment |= {name: str(tmp_path / folder) for name, folder in folders.items()}
    (tmp_path / "work" / "inner").mkdir(parents=True)
    (tmp_path / "run").mkdir()
    run = subprocess.run([sys.executable, __file__, sentence], env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


async def main(sentence):
    from student_limits import FewKernels

    task, waits, settings = SCENARIOS[sentence]
    kernels = FewKernels(root_dir=os.environ["WORK"], connection_dir=os.environ["JUPYTER_RUNTIME_DIR"], **settings)
    if waits:
        kernels.start_spare()
    try:
        await task(kernels)
    finally:
        await kernels.shutdown_all(now=True)


if __name__ == "__main__":
    try:
        asyncio.run(main(sys.argv[1]))
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)  # not waiting for what is still open
