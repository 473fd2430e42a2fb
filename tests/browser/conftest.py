import shutil
from pathlib import Path

import pytest

from tests.support.every_panel import open_every_panel
from tests.support.lab import jupyterlab

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def lab_folder(tmp_path_factory):
    """A copy of the notebooks, so that tests save nothing into the originals."""
    folder = tmp_path_factory.mktemp("lab") / "notebooks"
    return shutil.copytree(ROOT / "notebooks", folder, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))


@pytest.fixture(scope="session")
def lab(lab_folder):
    """JupyterLab on that folder: the URL of a notebook by its name."""
    with jupyterlab(lab_folder, lab_folder.parent / "lab.log") as url:
        yield url


@pytest.fixture(scope="session")
def every_panel(browser, lab_folder, lab):
    """Page with each explorer twice, as it opens and with a prediction; its kernel has them in page order in `shown`.

    A test that moves a panel or the page puts it back.
    """
    page = open_every_panel(browser, lab_folder, lab)
    yield page
    page.close()
