"""Sliders moved while a cell draws spoil no picture: a real kernel, a real second thread, and messages as a page sends.

JupyterLab may hand slider messages to a subshell, a second thread of the kernel, while a cell is running; it depends on
ipykernel's version whether they are met there. So the sliders are moved in every way: by messages to the main thread,
by messages to a subshell, and by a loop that runs on one. The cell draws figures, over and over. Each of them, and
every picture that the explorers send to the page, is compared byte for byte with the same drawn in peace.
`DRAG_SECONDS=20 python -m pytest tests/unit/test_threads.py` does so for 20 seconds each, with 50 figures.
"""

import json
import os
import threading
import time

import pytest
from jupyter_client.manager import start_new_kernel

SECONDS = float(os.environ.get("DRAG_SECONDS", "2"))
FIGURES = 50 if SECONDS >= 20 else 20
SETUP = """
import hashlib, io, json, threading, time
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
from lstm_helpers.explorers import CellExplorer, PointwiseExplorer

def draw(k):
    figure, axes = plt.subplots()
    axes.plot([(k * j) % 7 for j in range(9)], "o--", label=f"line $x_{{{k}}}$")
    axes.bar(range(5), [(k + j) % 4 for j in range(5)])
    axes.set_title(f"figure {k}")
    axes.legend()
    stream = io.BytesIO()
    figure.savefig(stream, format=("png", "svg")[k % 2], metadata={"Date": None} if k % 2 else None)
    plt.close(figure)
    return hashlib.sha256(stream.getvalue()).hexdigest()

plt.rcParams["svg.hashsalt"] = "the same ids every time"
sliders, drawn_on = {}, set()
for explorer, name in ((CellExplorer(), "f"), (PointwiseExplorer(), "x_1")):
    def noted(data, update=explorer.picture.update):
        drawn_on.add(threading.current_thread() is threading.main_thread())
        return update(data)
    explorer.picture.update = noted
    sliders[explorer.title] = explorer, explorer.controls[name]
in_peace = [draw(k) for k in range(FIGURES)]
print(json.dumps({title: [control.handle.model_id, explorer._still.model_id, explorer._layer.model_id]
                  for title, (explorer, control) in sliders.items()}))
"""


class Kernel:
    def __init__(self):
        self.manager, self.client = start_new_kernel(kernel_name="python3")
        self.pictures = []

    def start(self, code, subshell=None):
        content = {"code": code, "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False}
        message = self.client.session.msg("execute_request", content)
        message["header"]["subshell_id"] = subshell
        self.client.shell_channel.send(message)
        return message["header"]["msg_id"]

    def finish(self, message_id):
        """The text that a running cell prints, once it is done; and what comes for the page goes to `pictures`."""
        printed = ""
        while True:
            message = self.client.get_iopub_msg(timeout=60)
            kind, content = message["msg_type"], message["content"]
            if kind == "comm_msg":
                value = content["data"].get("state", {}).get("value")
                self.pictures.append((content["comm_id"], value))
            assert kind != "error", "\n".join(content["traceback"])
            if message["parent_header"].get("msg_id") != message_id:
                continue
            printed += content.get("text", "") if kind == "stream" else ""
            if kind == "status" and content["execution_state"] == "idle":
                return printed

    def slide(self, comm_id, value, subshell):
        """What a page sends when a handle is moved."""
        data = {"method": "update", "state": {"value": value}, "buffer_paths": []}
        message = self.client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
        message["header"]["subshell_id"] = subshell
        self.client.shell_channel.send(message)

    def run(self, code):
        return self.finish(self.start(code))

    def subshell(self):
        message = self.client.session.msg("create_subshell_request")
        self.client.control_channel.send(message)
        return self.client.get_control_msg(timeout=10)["content"]["subshell_id"]

    def stop(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def kernel():
    kernel = Kernel()
    kernel.widgets = json.loads(kernel.run(f"FIGURES = {FIGURES}\n" + SETUP))
    kernel.in_peace = json.loads(kernel.run(AFRESH))
    yield kernel
    kernel.stop()


CELL = """
until, hurried, moved_meanwhile = time.monotonic() + {seconds}, [], set()
while not hurried or time.monotonic() < until:
    hurried.append([])
    for k in range(FIGURES):
        hurried[-1].append(draw(k))
        moved_meanwhile |= {{(title, control.value) for title, (_, control) in sliders.items()}}
"""
AFTER = """
print(json.dumps({
    "rounds": len(hurried), "spoiled": sum(a != b for r in hurried for a, b in zip(r, in_peace)),
    "moved": len(moved_meanwhile), "main": drawn_on == {True},
    "ends": {title: control.value for title, (_, control) in sliders.items()},
    "layers": {title: explorer._layer.value for title, (explorer, _) in sliders.items()},
}))
"""
# Every picture that a drag can show, drawn in peace, and from nothing.
AFRESH = """
def drawn_afresh(explorer, control, value):
    control.put(value)
    explorer.follow(control.name, value)
    explorer._live._drawn.clear()
    explorer._live._stills.clear()
    explorer._draw(redraw=True)
    return explorer._still.value, explorer._layer.value

print(json.dumps({title: [drawn_afresh(*slider, value / 100) for value in range(0, 100, 2)]
                  for title, slider in sliders.items()}))
"""


# The same moves, made by a second thread of the kernel itself.
LOOP = """
for k in range(int(60 * {seconds})):
    for _, control in sliders.values():
        control.handle.value = (74 * k % 100) / 100
    time.sleep(1 / 60)
"""


def messages(kernel, subshell):
    """Move all sliders 60 times a second, as a page does."""
    for k in range(int(60 * SECONDS)):
        for handle, *_ in kernel.widgets.values():
            kernel.slide(handle, (74 * k % 100) / 100, subshell)
        time.sleep(1 / 60)


@pytest.mark.parametrize("way", ["a loop on a second thread", "messages to a second thread", "messages"])
def test_sliders_moved_while_a_cell_draws_spoil_no_picture(kernel, way):
    if "kernel subshells" not in kernel.client.kernel_info(reply=True, timeout=30)["content"]["supported_features"]:
        pytest.skip("this ipykernel has no subshells, so nothing runs beside a cell")
    kernel.run("for explorer, control in sliders.values(): explorer.move(**{control.name: 0.5})")
    kernel.pictures.clear()
    subshell = kernel.subshell() if "second" in way else None
    if "loop" in way:
        kernel.start(LOOP.format(seconds=SECONDS), subshell=subshell)
    cell = kernel.start(CELL.format(seconds=SECONDS))
    hand = threading.Thread(target=messages, args=(kernel, subshell))
    if "loop" not in way:
        hand.start()
    kernel.finish(cell)
    if "loop" not in way:
        hand.join()
    kernel.finish(kernel.start("pass", subshell))  # what was sent is done
    kernel.run("pass")  # and what that has left for the main thread
    found, sent = json.loads(kernel.run(AFTER)), list(kernel.pictures)
    assert found["rounds"] >= 1 and found["spoiled"] == 0, "a figure of the cell was spoiled"
    assert found["main"], "a picture was drawn on another thread"
    if "loop" in way:
        assert found["moved"] > 20, "no move arrived while the cell was drawing"
    last = (74 * (int(60 * SECONDS) - 1) % 100) / 100
    for title, afresh in kernel.in_peace.items():
        _, *parts = kernel.widgets[title]
        for part, drawn in zip(parts, zip(*afresh, strict=True), strict=True):
            shown = [value for comm, value in sent if comm == part]
            assert set(shown) <= set(drawn), "a picture is not what is drawn in peace"
        assert found["ends"][title] == last
        assert shown and shown[-1] == found["layers"][title] == afresh[round(50 * last)][1]
    print(f"{way}: {FIGURES * found['rounds']} figures of the cell, {len(sent)} messages to the page")
