"""Sliders moved while a cell draws spoil no picture: a real kernel, a real second thread, and messages as a page sends.

JupyterLab may hand slider messages to a subshell, a second thread of the kernel, while a cell is running; it depends on
ipykernel's version whether they are met there. So the sliders are moved in every way: by messages to the main thread,
by messages to a subshell, and by a loop that runs on one. The cell draws figures, over and over. Each of them, and
every picture that the explorers send to the page, is compared byte for byte with the same drawn in peace.
`DRAG_SECONDS=20 python -m pytest tests/unit/test_threads.py` does so for 20 seconds each, with 50 figures.
"""

import itertools
import json
import os
import threading
import time

import pytest
from jupyter_client.manager import start_new_kernel

pytestmark = pytest.mark.long

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
        self.pictures, self.done, self.last, self.turn = [], set(), {}, threading.Lock()

    def start(self, code, subshell=None):
        content = {"code": code, "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": True}
        message = self.client.session.msg("execute_request", content)
        message["header"]["subshell_id"] = subshell
        return self.send(message)

    def send(self, message):
        """Two threads send, one at a time."""
        with self.turn:
            self.client.shell_channel.send(message)
        return message["header"]["msg_id"]

    def finish(self, message_id):
        """The text that a running cell prints, once it is done."""
        printed = ""
        while message_id not in self.done:
            printed += self.hear(message_id)
        return printed

    def hear(self, message_id=None):
        """The next thing that the kernel says: what a cell prints; `pictures` has what is for the page."""
        message = self.client.get_iopub_msg(timeout=60)
        kind, content, parent = message["msg_type"], message["content"], message["parent_header"].get("msg_id")
        assert kind != "error", "\n".join(content["traceback"])
        if kind == "comm_msg":
            self.pictures.append((content["comm_id"], content["data"].get("state", {}).get("value")))
        if kind == "status" and content["execution_state"] == "idle":
            self.done.add(parent)
        return content["text"] if kind == "stream" and parent == message_id else ""

    def slide(self, comm_id, value, subshell):
        """What a page sends when a handle is moved."""
        self.last[comm_id] = value
        data = {"method": "update", "state": {"value": value}, "buffer_paths": []}
        message = self.client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
        message["header"]["subshell_id"] = subshell
        return self.send(message)

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
        moved_meanwhile |= {{(title, control.shown) for title, (_, control) in sliders.items()}}
"""
AFTER = """
print(json.dumps({
    "rounds": len(hurried), "spoiled": sum(a != b for r in hurried for a, b in zip(r, in_peace)),
    "moved": len(moved_meanwhile), "main": drawn_on == {True},
    "ends": {title: control.shown for title, (_, control) in sliders.items()},
    "layers": {title: explorer._layer.value for title, (explorer, _) in sliders.items()},
}))
"""
# Every picture that a drag can show, drawn in peace, and from nothing.
AFRESH = """
def drawn_afresh(explorer, control, value):
    explorer.move(**{control.name: value})
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


def messages(kernel, subshell, stop):
    """Move all sliders 60 times a second, as a page does: the last value waits until the one before has been met."""
    sent, waiting = {}, {}
    for k in itertools.count():
        for handle, *_ in kernel.widgets.values():
            if not stop.is_set():
                waiting[handle] = (74 * k % 100) / 100
            if handle in waiting and (handle not in sent or sent[handle] in kernel.done):
                sent[handle] = kernel.slide(handle, waiting.pop(handle), subshell)
        if stop.is_set() and not waiting and kernel.done.issuperset(sent.values()):
            return
        time.sleep(1 / 60)


@pytest.mark.parametrize("way", ["a loop on a second thread", "messages to a second thread", "messages"])
def test_sliders_moved_while_a_cell_draws_spoil_no_picture(kernel, way):
    if "kernel subshells" not in kernel.client.kernel_info(reply=True, timeout=30)["content"]["supported_features"]:
        pytest.skip("this ipykernel has no subshells, so nothing runs beside a cell")
    kernel.run("for explorer, control in sliders.values(): explorer.move(**{control.name: 0.5})")
    kernel.pictures.clear()
    subshell = kernel.subshell() if "second" in way else None
    stop = threading.Event()
    if "loop" in way:
        kernel.start(LOOP.format(seconds=SECONDS), subshell=subshell)
        hand, last = threading.Timer(0, lambda: None), (74 * (int(60 * SECONDS) - 1) % 100) / 100
        kernel.last = {handle: last for handle, *_ in kernel.widgets.values()}
    else:
        hand = threading.Thread(target=messages, args=(kernel, subshell, stop))
    hand.start()
    kernel.finish(kernel.start(CELL.format(seconds=SECONDS)))
    threading.Timer(1, stop.set).start()  # the hand goes on for a second when the cell is done
    while hand.is_alive():
        kernel.run("pass")
    hand.join()
    kernel.finish(kernel.start("pass", subshell))  # what was sent is done
    kernel.run("pass")  # and what that has left for the main thread
    found, sent = json.loads(kernel.run(AFTER)), list(kernel.pictures)
    assert found["rounds"] >= 1 and found["spoiled"] == 0, "a figure of the cell was spoiled"
    assert found["main"], "a picture was drawn on another thread"
    if "loop" in way:
        assert found["moved"] > 5, "no move arrived while the cell was drawing"
    for title, afresh in kernel.in_peace.items():
        handle, *parts = kernel.widgets[title]
        assert found["ends"][title] == kernel.last[handle]
        for part, drawn in zip(parts, zip(*afresh, strict=True), strict=True):
            shown = [value for comm, value in sent if comm == part]
            assert set(shown) <= set(drawn), "a picture is not what is drawn in peace"
        assert shown and shown[-1] == found["layers"][title] == afresh[round(50 * found["ends"][title])][1]
    print(f"{way}: {FIGURES * found['rounds']} figures of the cell, {len(sent)} messages to the page")
