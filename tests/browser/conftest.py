import os
import shutil
from pathlib import Path

import pytest

from tests.browser.lab import browser_path, chromium, jupyterlab

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def browser():
    if browser_path() is None:
        if os.environ.get("BROWSER_TESTS") == "required":
            pytest.fail("the browser tests are required, and there is no Chromium here")
        pytest.skip("the browser tests are left out: there is no Chromium here")
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def lab_folder(tmp_path_factory):
    """A copy of the notebooks, so that nothing a test does is saved into them."""
    folder = tmp_path_factory.mktemp("lab") / "notebooks"
    return shutil.copytree(ROOT / "notebooks", folder, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))


@pytest.fixture(scope="session")
def lab(lab_folder):
    """JupyterLab on that folder: the URL of a notebook by its name."""
    with jupyterlab(lab_folder, lab_folder.parent / "lab.log") as url:
        yield url
