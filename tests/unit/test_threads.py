"""A slider moved while a cell draws spoils neither picture: a real kernel, a real second thread, no browser.

JupyterLab may hand slider messages to a subshell, a second thread of the kernel, while a cell is running. Here
the moves are made on a subshell whatever its version does.
"""

import pytest
from jupyter_client.manager import start_new_kernel

SETUP = """
import hashlib, io, threading, time
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
from lstm_helpers.explorers import CellExplorer

def draw(k):
    figure, axes = plt.subplots()
    axes.plot([(k * j) % 7 for j in range(9)], label=f"line {k}")
    axes.set_title(f"figure {k}")
    axes.legend()
    stream = io.BytesIO()
    figure.savefig(stream, format="png")
    plt.close(figure)
    return hashlib.sha256(stream.getvalue()).hexdigest()

explorer = CellExplorer()
handle = explorer.controls["f"].handle
drawn_on, update = set(), explorer.picture.update
def noted(data):
    drawn_on.add(threading.current_thread() is threading.main_thread())
    return update(data)
explorer.picture.update = noted
in_peace = [draw(k) for k in range(40)]
"""


class Kernel:
    def __init__(self):
        self.manager, self.client = start_new_kernel(kernel_name="python3")

    def start(self, code, subshell=None):
        content = {"code": code, "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False}
        message = self.client.session.msg("execute_request", content)
        message["header"]["subshell_id"] = subshell
        self.client.shell_channel.send(message)
        return message["header"]["msg_id"]

    def finish(self, message_id):
        """The text that a running cell prints, once it is done."""
        printed = ""
        while True:
            message = self.client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != message_id:
                continue
            kind, content = message["msg_type"], message["content"]
            assert kind != "error", "\n".join(content["traceback"])
            printed += content.get("text", "") if kind == "stream" else ""
            if kind == "status" and content["execution_state"] == "idle":
                return printed

    def run(self, code):
        return self.finish(self.start(code))

    def subshell(self):
        message = self.client.session.msg("create_subshell_request")
        self.client.control_channel.send(message)
        return self.client.get_control_msg(timeout=10)["content"]["subshell_id"]

    def stop(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel():
    kernel = Kernel()
    yield kernel
    kernel.stop()


CELL = """
before = handle.value
hurried = [draw(k) for k in range(40)]
moved, running = handle.value != before, False
"""
DRAG = """
running = True
while running:
    handle.value = round((handle.value + 0.01) % 1, 2)
    time.sleep(1 / 60)
"""
AFTER = """
layer, last = explorer._layer.value, round(handle.value, 2)
explorer._live._drawn.clear()
explorer._draw()
print(moved, hurried == in_peace, drawn_on == {True}, layer == explorer._layer.value, explorer.values["f"] == last)
"""


def test_a_slider_moved_while_a_cell_draws_spoils_neither_picture(kernel):
    if "kernel subshells" not in kernel.client.kernel_info(reply=True, timeout=30)["content"]["supported_features"]:
        pytest.skip("this ipykernel has no subshells, so nothing runs beside a cell")
    kernel.run(SETUP)
    kernel.start(DRAG, subshell=kernel.subshell())
    kernel.finish(kernel.start(CELL))
    arrived, cells_own, on_main_thread, explorers_own, last = (word == "True" for word in kernel.run(AFTER).split())
    assert arrived, "no move arrived while the cell was drawing"
    assert cells_own, "a figure of the cell was spoiled"
    assert on_main_thread, "a picture was drawn on another thread"
    assert explorers_own and last, "the explorer's picture is not that of its last value"
