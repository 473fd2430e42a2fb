"""A real JupyterLab on loopback, and a real browser that opens it."""

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

CHROMIUM = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
# Without a network of its own the browser must not look for one; root may not use its sandbox.
FLAGS = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def browser_path():
    """The path of an installed Chromium, or None."""
    return next((path for name in CHROMIUM if (path := shutil.which(name))), None)


@contextlib.contextmanager
def jupyterlab(folder, log, *options, python=sys.executable):
    """JupyterLab on a folder, with a token, on a free port of loopback; yields the URL of a notebook by its name.

    Args:
        folder, log: what it serves, and the file that it writes its messages to.
        options: more of its command line.
        python: the Python of the environment whose JupyterLab it is.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    command = [
        python, "-m", "jupyter", "lab", "--no-browser", "--ip=127.0.0.1", f"--port={port}",
        f"--ServerApp.root_dir={folder}", f"--IdentityProvider.token={token}",
        "--LabApp.expose_app_in_browser=True",  # so that run_all can ask the page itself when it is done
        *options,
    ]  # fmt: skip
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    # Which pages were open is kept in the home otherwise: a page that is loaded again would open another server's too.
    apart = {f"JUPYTERLAB_{what}_DIR": str(Path(log).parent / what.lower()) for what in ("WORKSPACES", "SETTINGS")}
    with open(log, "w") as stream:
        server = subprocess.Popen(command, stdout=stream, stderr=subprocess.STDOUT, env=os.environ | apart)
        try:
            _wait_for(f"http://127.0.0.1:{port}/api", server)
            yield lambda name: f"http://127.0.0.1:{port}/lab/tree/{name}?token={token}&reset"
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait_for(url, server):
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            urllib.request.urlopen(url).close()
            return
        if server.poll() is not None:
            raise RuntimeError(f"JupyterLab stopped with status {server.returncode}")
        time.sleep(0.1)
    raise RuntimeError("JupyterLab did not answer within 60 s")


@contextlib.contextmanager
def chromium():
    """A headless Chromium; yields Playwright's browser."""
    from playwright.sync_api import sync_playwright

    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        flags = [*FLAGS, "--no-sandbox"] if root else FLAGS
        browser = playwright.chromium.launch(executable_path=browser_path(), args=flags)
        try:
            yield browser
        finally:
            browser.close()


def open_notebook(browser, url, scale=1):
    """A page with the notebook open and its kernel ready; `scale` device pixels to a pixel."""
    page = browser.new_page(viewport={"width": 1280, "height": 1600}, device_scale_factor=scale)
    page.goto(url)
    wait_for_kernel(page)
    return page


def wait_for_kernel(page):
    """Wait until the notebook is on the page and its kernel is idle."""
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
    page.wait_for_function(_KERNEL_READY, timeout=60_000)


def run_all(page):
    """Clear all outputs, run all cells, and wait until the last one is done."""
    page.evaluate(_RUN_ALL)


def scroll_to(part):
    """Bring the cell with this part of a notebook onto the page: JupyterLab does not display what is far away."""
    part.evaluate(_SCROLL_TO)
    part.wait_for()


_KERNEL_READY = """() => {
    const kernel = window.jupyterapp?.shell.currentWidget?.context?.sessionContext?.session?.kernel;
    return kernel?.connectionStatus === 'connected' && kernel.status === 'idle';
}"""
_RUN_ALL = """async () => {
    await window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs');
    await window.jupyterapp.commands.execute('notebook:run-all-cells');
}"""
_SCROLL_TO = """async part => {
    const cell = Number(part.closest('.jp-Cell').dataset.windowedListIndex);
    await window.jupyterapp.shell.currentWidget.content.scrollToItem(cell);
}"""
