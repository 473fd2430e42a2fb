"""A real JupyterLab on loopback, and a real browser for it."""

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
# The browser must not contact its vendor's services. Root also needs --no-sandbox (see `chromium`).
FLAGS = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def browser_path():
    """The path of an installed Chromium, or None."""
    return next((path for name in CHROMIUM if (path := shutil.which(name))), None)


@contextlib.contextmanager
def jupyterlab(folder, log, *options, python=sys.executable):
    """Run JupyterLab with a token on a free port of loopback; yield a function from a notebook's name to its URL.

    Args:
        folder, log: the folder that it serves, and the file for its messages.
        options: more command-line options.
        python: the Python of JupyterLab's environment.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    command = [
        python, "-m", "jupyter", "lab", "--no-browser", "--ip=127.0.0.1", f"--port={port}",
        f"--ServerApp.root_dir={folder}", f"--IdentityProvider.token={token}",
        "--LabApp.expose_app_in_browser=True",  # for window.jupyterapp, which run_all uses
        *options,
    ]  # fmt: skip
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    # By default these are in the home folder: a reloaded page would also open the notebooks of another server.
    folders = {f"JUPYTERLAB_{kind}_DIR": str(Path(log).parent / kind.lower()) for kind in ("WORKSPACES", "SETTINGS")}
    with open(log, "w") as stream:
        server = subprocess.Popen(command, stdout=stream, stderr=subprocess.STDOUT, env=os.environ | folders)
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
    """Run a headless Chromium; yield Playwright's browser."""
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
    """Open a page with a notebook whose kernel is ready; `scale` is the number of device pixels per CSS pixel."""
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
    """Scroll to the cell that contains `part`: JupyterLab does not render cells that are far away."""
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
