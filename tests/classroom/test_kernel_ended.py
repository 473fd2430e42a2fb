"""On the class's hub, a panel says so when its kernel has ended, as after an idle hour."""

import tempfile

import pytest

from tests.support.hub import Hub, log_in, require_hub

pytestmark = pytest.mark.long

LOST = ".lstm-panel.lstm-lost:has-text('Not connected: run this cell again.')"
# End all kernels through the server's API, as culling does.
END = """async () => {
    const base = JSON.parse(document.getElementById("jupyter-config-data").textContent).baseUrl + "api/kernels";
    const headers = {"X-XSRFToken": document.cookie.match(/_xsrf=([^;]+)/)[1]};
    for (const { id } of await (await fetch(base, {headers})).json())
        await fetch(`${base}/${id}`, {method: "DELETE", headers});
}"""


@pytest.mark.parametrize("subdomains", [True, False], ids=["addresses of their own", "one address"])
def test_a_kernel_that_has_ended(browser, subdomains):
    require_hub()
    with tempfile.TemporaryDirectory(prefix="class-") as folder:
        hub = Hub(folder, ["anna", "ms-lee teacher"], subdomains=subdomains)
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        try:
            hub.start()
            log_in(page, hub, "anna")
            first = page.locator(".jp-CodeCell").first
            first.locator(".cm-content").click(timeout=120_000)
            page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(timeout=60_000)
            page.keyboard.press("Shift+Enter")
            first.locator(".lstm-panel[role=group]:not(.lstm-lost)").wait_for(timeout=60_000)
            page.evaluate(END)
            first.locator(LOST).wait_for(timeout=60_000)  # JupyterLab looks every ten seconds
        finally:
            page.close()
            hub.end()
