"""A panel leaves nothing behind when its cell runs again, and no other panel goes with it.

`make test-all` runs the cell of each explorer twenty times, `RERUNS=100 python -m pytest tests/unit/test_lifetime.py` a
hundred times. A panel that stays takes 6 to 11 MB.
"""

import gc
import json
import os
import tracemalloc
import weakref
from pathlib import Path

import pytest
from ipywidgets.widgets import widget
from jupyter_client.manager import start_new_kernel
from matplotlib.backends.backend_agg import RendererAgg

from lstm_helpers import explorers
from lstm_helpers.explorers import CellExplorer

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
RERUNS = int(os.environ.get("RERUNS", "20"))
MAKERS = {
    "CellExplorer": "CellExplorer()",
    "ForgettingExplorer": "ForgettingExplorer()",
    "LearningExplorer": "LearningExplorer()",
    "PointwiseExplorer": "PointwiseExplorer()",
    "ScheduleExplorer": "ScheduleExplorer()",
    "UnrolledExplorer": "UnrolledExplorer()",
    "VariantExplorer": "VariantExplorer()",
    "GateExplorer": "GateExplorer('f', np.ones((1, 2)), [0], {'x': np.ones(2)}, works_on=np.ones(1))",
    "GradientExplorer": "GradientExplorer(rng=np.random.default_rng(3))",
    "MemoryUnitExplorer": "MemoryUnitExplorer(model, words, list('abab'), 0, ('a', 'c'), word='b')",
    "OpenedModelExplorer": "open_lstm(model, np.eye(4)[[0, 1] * 20])",
    "TextExplorer": "TextExplorer(model, words, 'ab', rng=np.random.default_rng(5))",
}
SETUP = """
import gc, json, psutil
import numpy as np
from ipywidgets.widgets.widget import _instances
from lstm_helpers import LSTM
from lstm_helpers.explorers import *
from lstm_helpers.tasks import Vocabulary
from lstm_helpers.training import Model
rng, words = np.random.default_rng(0), Vocabulary("abc\\n")
model = Model.initialize(LSTM.initialize(4, 3, rng=rng), 4, rng=rng)
"""
LOOK = """
_ = gc.collect()
print(json.dumps([psutil.Process().memory_info().rss / 2**20, len(_instances)]))
"""


class Kernel:
    def __init__(self):
        self.manager, self.client = start_new_kernel(kernel_name="python3", cwd=str(ROOT))
        self.run(SETUP)

    def run(self, code, cell=None, asks=True):
        """Run a cell like a front end that names its cells and can ask its user; return the printed text."""
        message = self.client.session.msg("execute_request", {
            "code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": asks,
        }, metadata={"cellId": cell} if cell else {})  # fmt: skip
        self.client.shell_channel.send(message)
        printed = []
        while True:
            said = self.client.get_iopub_msg(timeout=60)
            if said["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                continue
            if said["msg_type"] == "error":
                raise AssertionError("\n".join(said["content"]["traceback"]))
            if said["msg_type"] == "stream":
                printed.append(said["content"]["text"])
            if said["msg_type"] == "status" and said["content"]["execution_state"] == "idle":
                return "".join(printed)

    def look(self):
        """Return the memory in MB, and the number of widgets."""
        return json.loads(self.run(LOOK))


@pytest.fixture(scope="module")
def kernel():
    pytest.importorskip("psutil")
    kernel = Kernel()
    yield kernel
    kernel.client.stop_channels()
    kernel.manager.shutdown_kernel(now=True)


def widgets_of(kernel, code, cell):
    before = kernel.look()[1]
    kernel.run(code, cell)
    return kernel.look()[1] - before


@pytest.mark.parametrize(
    "name, times",
    [("TextExplorer", 2), *(pytest.param(name, RERUNS, marks=pytest.mark.long) for name in MAKERS)],
)
def test_a_cell_that_is_run_again_leaves_nothing_behind(name, times, kernel):
    for _ in range(2):
        kernel.run(MAKERS[name], name)
    memory, widgets = kernel.look()
    for _ in range(times):
        kernel.run(MAKERS[name], name)
    now, those_now = kernel.look()
    assert those_now == widgets
    assert now - memory < 20, f"{now - memory:.0f} MB in {times} runs"


PICTURES = """
kept = getattr(get_ipython().history_manager, "outputs", {})  # in IPython 9 and later
print(sum("image/png" in output.bundle for outputs in kept.values() for output in outputs))
"""


@pytest.mark.parametrize("code", ["CellExplorer()", "from IPython.display import display\ndisplay(CellExplorer())"])
def test_ipython_keeps_no_picture_of_the_run_before(code, kernel):
    before, cell = kernel.run(PICTURES), f"a cell with {code}"
    kernel.run(code, cell)
    pictures = kernel.run(PICTURES)  # IPython keeps the values of cells, not what they display
    kernel.run(code, cell)
    assert kernel.run(PICTURES) == pictures
    kernel.run("1 + 1", cell)
    assert kernel.run(PICTURES) == before


def test_a_name_that_is_assigned_to_another_panel_frees_the_first(kernel):
    kernel.run("panel = CellExplorer()\npanel", "named")
    widgets = kernel.look()[1]
    for _ in range(3):
        kernel.run("panel = CellExplorer()\npanel", "named")
        assert kernel.look()[1] == widgets
    assert widgets_of(kernel, "other = CellExplorer()", "not shown") > 0
    assert widgets_of(kernel, "other = 1", "not shown either") < 0


def test_front_ends_that_do_not_name_their_cells(kernel):
    kernel.run("CellExplorer()")
    widgets = kernel.look()[1]
    kernel.run("CellExplorer()")
    assert kernel.look()[1] == widgets
    kernel.run("CellExplorer(f=0.5)")  # in another cell, so the page shows both
    assert kernel.look()[1] > widgets


def test_a_panel_that_another_cell_shows_or_that_has_a_name_stays(kernel):
    one = widgets_of(kernel, "panel = CellExplorer()\npanel", "A")
    assert widgets_of(kernel, "panel", "B") == 0
    assert widgets_of(kernel, "1 + 1", "A") == 0  # B shows it
    assert widgets_of(kernel, "1 + 1", "B") == 0  # the panel has a name
    assert widgets_of(kernel, "panel", "B") == 0
    kernel.run("panel.move(f=0.25)", "C")
    assert kernel.run("print(panel._layer.comm is not None, panel.state['f'])", "C") == "True 0.25\n"
    assert widgets_of(kernel, "panel = 1", "C") == 0  # B shows it
    assert widgets_of(kernel, "1 + 1", "B") == -one


def test_two_panels_of_a_cell_stay_and_go_together(kernel):
    two = widgets_of(kernel, "from IPython.display import display\ndisplay(CellExplorer())\nCellExplorer()", "two")
    assert two > 0
    assert widgets_of(kernel, "1 + 1", "two") == -two


def test_without_a_kernel_a_panel_goes_with_its_name():
    gc.collect()
    widgets = len(widget._instances)
    panel = CellExplorer()
    panel._repr_mimebundle_()
    gone = weakref.ref(panel)
    assert len(widget._instances) > widgets
    del panel
    gc.collect()
    assert gone() is None
    assert len(widget._instances) == widgets


@pytest.mark.long
@pytest.mark.parametrize("name", ["CellExplorer", "PointwiseExplorer", "VariantExplorer"])
def test_a_displayed_panel_does_not_keep_the_pixels_of_its_picture(name):
    panel = getattr(explorers, name)()
    gc.collect()
    tracemalloc.start()
    try:
        panel._repr_mimebundle_()
        panel._repr_mimebundle_()
        gc.collect()
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 2e6, f"{kept / 1e6:.1f} MB"
    assert not any(issubclass(type(thing), RendererAgg) for thing in gc.get_objects())


def test_without_a_user_a_cell_shows_only_a_picture_except_in_voila(kernel):
    look = "from IPython import get_ipython\nprint(*sorted(get_ipython().display_formatter.format(CellExplorer())[0]))"
    assert kernel.run(look, "asks").split() == ["application/vnd.jupyter.widget-view+json", "image/png", "text/plain"]
    assert kernel.run(look, "asks", asks=False).split() == ["image/png", "text/plain"]
    kernel.run("import os\nos.environ['VOILA_BASE_URL'] = '/'")
    assert "application/vnd.jupyter.widget-view+json" in kernel.run(look, "asks", asks=False)
    kernel.run("del os.environ['VOILA_BASE_URL']")
