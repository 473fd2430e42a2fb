"""A cell that trains shows a progress bar while it runs; the stored notebook has no trace of it, and nbval agrees."""

import re

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel

from tests.support.nbval import nbval
from tools.notebooks import METADATA, execute, normalize

pytestmark = pytest.mark.slow

TRAINS = """\
import numpy as np
from lstm_helpers import LSTM
from lstm_helpers.tasks import adding_problem
from lstm_helpers.training import Adam, Model, fit, squared_error

rng = np.random.default_rng(0)
model = Model.initialize(LSTM.initialize(2, 4, rng=rng), 1, rng=rng)
for steps in (10, 20):
    print("training for", steps, "steps")
    history = fit(model, lambda: adding_problem(5, 4, rng=rng), squared_error, Adam(0.01), steps=steps)
    print("trained for", len(history), "steps")
{last}"""


@pytest.fixture(params=["history", "None"], ids=["and shows a result", "and shows none"])
def notebook(request, tmp_path):
    cell = nbformat.v4.new_code_cell(TRAINS.format(last=request.param))
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata=METADATA)
    execute(notebook, str(tmp_path))
    return notebook


def test_a_bar_is_shown_and_goes_away(notebook):
    assert sum(o.output_type == "display_data" and o.data == {} for o in notebook.cells[0].outputs) == 2


def test_what_is_stored_holds_what_was_printed_and_shown_and_nothing_else(notebook):
    normalize(notebook)
    printed, *result = notebook.cells[0].outputs
    assert printed.text == "".join(f"training for {n} steps\ntrained for {n} steps\n" for n in (10, 20))
    shows = "history" in notebook.cells[0].source.splitlines()[-1]
    assert [o.data for o in result] == [{"text/plain": "History of 20 steps"}] * shows
    assert set(notebook.metadata) == {"kernelspec", "language_info"}


@pytest.mark.long
def test_nbval_accepts_it_and_still_sees_a_changed_number(notebook, tmp_path):
    normalize(notebook)
    nbformat.write(notebook, tmp_path / "trains.ipynb")
    status, report = nbval(tmp_path / "trains.ipynb", tmp_path)
    assert status == 0, report
    notebook.cells[0].outputs[0].text = notebook.cells[0].outputs[0].text.replace("20", "21")
    nbformat.write(notebook, tmp_path / "trains.ipynb")
    status, report = nbval(tmp_path / "trains.ipynb", tmp_path)
    assert status == 1 and re.search(r"\b1 failed\b", report), report


ENDLESS = """\
import numpy as np
from lstm_helpers import LSTM
from lstm_helpers.tasks import adding_problem
from lstm_helpers.training import Adam, Model, fit, squared_error

rng = np.random.default_rng(0)
model = Model.initialize(LSTM.initialize(2, 4, rng=rng), 1, rng=rng)
before = model.layer.W.copy()
say = lambda step: print("under way") if step == 20 else None
history = fit(model, lambda: adding_problem(5, 4, rng=rng), squared_error, Adam(), steps=10**7, watch=say)
"""
NEXT = "print(history.interrupted, len(history) == len(history.recent()) > 20, (model.layer.W != before).mean() > 0.9)"


@pytest.fixture
def kernel():
    manager, client = start_new_kernel(kernel_name="python3")
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_the_stop_button_ends_a_training_and_the_cells_below_go_on(kernel):
    """As "Run All Cells" does it, both cells are on their way before the first one is interrupted."""
    manager, client = kernel
    client.execute(ENDLESS)
    last, printed, bars = client.execute(NEXT), "", []
    while True:
        said = client.get_iopub_msg(timeout=60)
        content, kind = said["content"], said["msg_type"]
        assert kind != "error", content["traceback"]
        if kind == "stream":
            printed += content["text"]
            if content["text"].startswith("under way"):
                manager.interrupt_kernel()
        if kind.startswith("comm"):
            bars.append(str(content["data"].get("state", {}).get("value", "")))
        if kind == "status" and content["execution_state"] == "idle" and said["parent_header"]["msg_id"] == last:
            break
    _, stopped, below = printed.splitlines()
    assert re.fullmatch(r"Interrupted after step \d+ of 10000000\. The model keeps what it has learned\.", stopped)
    assert below == "True True True"
    told = r"step \d+ of 10000000, loss [\d.e-]+, \d+ s left; ■ stops it and keeps what is learned"
    assert any(re.search(told, " ".join(bar.split())) for bar in bars), bars[-3:]
