"""A panel says so when its kernel has ended, but not when the connection is interrupted for a moment.

test_panels.py tests a restarted kernel.
"""

import nbformat
import pytest

from tests.support.lab import open_notebook, run_all, wait_for_kernel
from tools.notebooks import METADATA

pytestmark = pytest.mark.long

SOURCE = "from lstm_helpers.explorers import CellExplorer\nCellExplorer()"
LOST = ".lstm-panel.lstm-lost:has-text('Not connected: run this cell again.')"
ALIVE = ".lstm-panel[role=group]:not(.lstm-lost)"
MOVED = "was => document.querySelector('.lstm-sentence').textContent !== was"
KERNEL = "window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel"
# End the kernel through the server's API, as culling does, without JupyterLab's knowledge.
END = f"""async () => {{
    const {{ baseUrl, token }} = JSON.parse(document.getElementById("jupyter-config-data").textContent);
    const headers = {{Authorization: "token " + token}};
    await fetch(baseUrl + "api/kernels/" + {KERNEL}.id, {{method: "DELETE", headers}});
}}"""
NO_SESSION = "() => !window.jupyterapp.shell.currentWidget.context.sessionContext.session"
START = "window.jupyterapp.shell.currentWidget.context.sessionContext.changeKernel({name: 'python3'})"
# Run a cell, and wait until page and server both know that it is running. While it runs, a page that reconnects cannot
# tell the kernel from a dead one. A server that does not know would ask the kernel, and tell the page.
BEGIN = f"""async code => {{
    const future = {KERNEL}.requestExecute({{code}});
    await new Promise(begun => future.onIOPub = message => message.header.msg_type === 'execute_input' && begun());
    const {{ baseUrl, token }} = JSON.parse(document.getElementById("jupyter-config-data").textContent);
    const asked = () => fetch(baseUrl + "api/kernels/" + {KERNEL}.id, {{headers: {{Authorization: "token " + token}}}});
    while ((await (await asked()).json()).execution_state !== 'busy') await new Promise(later => setTimeout(later, 50));
}}"""
UNTIL = "import pathlib, time\nwhile not pathlib.Path({!r}).exists(): time.sleep(0.1)"
STATUS = "() => document.querySelector('.jp-NotebookPanel-toolbar [data-status]').dataset.status"


@pytest.fixture
def page(browser, lab_folder, lab):
    cells = [nbformat.v4.new_code_cell(SOURCE)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=METADATA), lab_folder / "gone.ipynb")
    page = open_notebook(browser, lab("gone.ipynb"))
    run_all(page)
    page.locator(ALIVE).wait_for()
    yield page
    page.close()


def assert_alive(page):
    page.locator(ALIVE).wait_for()
    sentence = page.locator(".lstm-sentence").text_content()
    page.locator(".noUi-handle").first.focus()
    page.keyboard.press("End")
    page.wait_for_function(MOVED, arg=sentence)


def test_a_kernel_that_has_ended(page):
    page.evaluate(END)
    page.locator(LOST).wait_for(timeout=60_000)  # JupyterLab looks every ten seconds
    assert page.locator(".lstm-panel > :not([inert])").count() == 1
    page.wait_for_function(NO_SESSION)
    page.evaluate(START)
    wait_for_kernel(page)
    assert page.locator(LOST).count() == 1  # it is another kernel
    run_all(page)
    assert_alive(page)


@pytest.mark.parametrize("network", ["gone", "back"])
def test_a_kernel_that_is_out_of_reach_for_a_moment(page, network, tmp_path):
    """The network is gone while the panel asks, or already back."""
    seen = tmp_path / "seen"
    page.evaluate(BEGIN, UNTIL.format(str(seen)))
    address = f"**/api/kernels/{page.evaluate(KERNEL + '.id')}"
    page.route(address, lambda route: route.abort() if network == "gone" else route.continue_())
    with page.expect_request(address):  # the panel asks after its kernel
        page.evaluate(f"{KERNEL}.reconnect()")
        page.wait_for_function(f"({STATUS})() === 'unknown'")
    page.wait_for_timeout(1000)
    assert page.locator(ALIVE).count() == 1
    page.unroute(address)
    seen.touch()
    wait_for_kernel(page)
    assert_alive(page)
