"""The live edition: complete on disk, and opened in a real browser as far as that is possible without a network.

Python itself and its compiled packages come from Pyodide's own server. `PYODIDE=network` has the last test run a
notebook with them; PYODIDE=FOLDER takes them from a folder with that version of Pyodide; if it has no wheel of
NumPy, as in Pyodide's npm package, the kernel must start and import our package as far as NumPy.
"""

import ast
import hashlib
import json
import os
import re
import shutil
import sys
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement

from tests.support.notebooks import PATHS, ROOT, code, text_of
from tests.support.pages import served, watched

pytestmark = pytest.mark.long

constants = pytest.importorskip(
    "jupyterlite_pyodide_kernel.constants", reason="left out: `make test EXTRAS=test,site` installs JupyterLite"
)

LOCK = "static/pyodide-lock"
PYODIDE = os.environ.get("PYODIDE")
RUN_ALL = "() => window.jupyterapp.commands.execute('notebook:run-all-cells')"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    from tools.site import lite

    folder = tmp_path_factory.mktemp("live") / "site"
    lite.build(ROOT / "notebooks", folder)
    return folder


@pytest.fixture(scope="module")
def lock(folder):
    return json.loads((folder / LOCK / "pyodide-lock.json").read_text(encoding="utf-8"))


def needed(lock):
    """The packages that a notebook needs, with all their requirements."""
    names, open_ = set(), ["lstm-helpers", *settings()["loadPyodideOptions"]["packages"]]
    while open_:
        name = re.sub(r"[-_.]+", "-", open_.pop().lower())
        if name not in names:
            names.add(name)
            open_ += lock["packages"][name]["depends"]
    return names


def settings():
    from tools.site import lite

    return lite.settings()["jupyter-config-data"]["litePluginSettings"][constants.PYODIDE_KERNEL_PLUGIN_ID]


def test_every_package_is_on_the_page_or_in_the_lock_file_of_the_pyodide_it_names(folder, lock):
    from tools.site import wheels

    theirs = wheels.read_lock(constants.PYODIDE_VERSION)["packages"]
    ours = set()
    for name in needed(lock):
        place = lock["packages"][name]["file_name"]
        if name in theirs:
            assert place == f"{constants.PYODIDE_CDN_URL}/{theirs[name]['file_name']}"
        else:
            wheel = folder / LOCK / place
            assert hashlib.sha256(wheel.read_bytes()).hexdigest() == lock["packages"][name]["sha256"]
            ours.add(name)
    assert {"lstm-helpers", "ipywidgets", "jupyterlab-widgets", "comm"} <= ours
    assert {"numpy", "matplotlib", "ipython", "tqdm"} <= needed(lock) - ours
    assert f"v{constants.PYODIDE_VERSION}/" in settings()["pyodideUrl"]


def test_every_version_is_one_that_is_asked_for(folder, lock):
    from tools.site import wheels

    version = lock["info"]["python"]
    python = {"python_version": version.rpartition(".")[0], "python_full_version": version}
    asked = 0
    for wheel in (folder / LOCK).glob("*.whl"):
        for wanted in map(Requirement, wheels.requires(wheel)):
            if wanted.marker is None or wanted.marker.evaluate(wheels.BROWSER | python):
                found = lock["packages"][re.sub(r"[-_.]+", "-", wanted.name.lower())]["version"]
                assert wanted.specifier.contains(found, prereleases=True), f"{wheel.name}: {wanted}, and it is {found}"
                asked += 1
    assert asked >= 8


def test_another_version_or_a_package_that_is_not_pure_python_is_refused(tmp_path):
    from tools.site import wheels

    old = wheels.read_lock(constants.PYODIDE_VERSION)
    old["packages"]["numpy"]["version"] = "1.26.4"
    given = {wheels.OWN: wheels.own_wheel(tmp_path)}
    with pytest.raises(ValueError, match=r"numpy>=2.0 is asked for, and in the browser there is 1\.26\.4"):
        wheels.gathered(wheels.OWN, old, given, tmp_path)
    with pytest.raises(ValueError, match="numpy is no pure Python"):
        wheels.repacked("numpy", tmp_path)
    with pytest.raises(ValueError, match=r"pyodide-lock-1\.0\.json is missing"):
        wheels.read_lock("1.0")


def test_whatever_the_notebooks_import_is_there(lock):
    names = needed(lock)
    there = {module.partition(".")[0] for name in names for module in lock["packages"][name]["imports"]}
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "lstm_helpers").rglob("*.py")]
    optional = set()
    for path in PATHS:
        sources += [cell.source for cell in code(nbformat.read(path, as_version=4))]
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module] if isinstance(node, ast.ImportFrom) else []
            optional |= {module.partition(".")[0] for module in modules}
    missing = optional - there - set(sys.stdlib_module_names)
    assert missing <= PEERS, missing


# What a reader may have beside, and what the package does without.
PEERS = {"torch", "keras", "onnx", "onnxruntime", "tensorflow", "jax"}


def test_the_notebooks_are_there_as_they_are_stored(folder):
    assert sorted(path.name for path in (folder / "files").glob("*.ipynb")) == [path.name for path in PATHS]
    for path in PATHS:
        there, stored = (nbformat.read(p, as_version=4) for p in (folder / "files" / path.name, path))
        assert there.cells == stored.cells and there.metadata.kernelspec.name == "python"


def test_it_opens_and_shows_the_stored_pictures_without_a_network(folder, browser):
    path = PATHS[0]
    with served(folder) as address, watched(browser, service_workers="block") as (page, _, requests):
        page.route(lambda url: not url.startswith(address), lambda route: route.abort())
        page.goto(f"{address}/lab/index.html?path={path.name}")
        page.locator(".jp-Notebook .jp-RenderedImage img").first.wait_for(timeout=60_000)
        page.wait_for_function("() => document.querySelector('.jp-RenderedImage img').naturalWidth > 1000")
        away = {url for url in requests if not url.startswith((address, "data:", "blob:"))}
        assert all(url.startswith(constants.PYODIDE_CDN_URL) for url in away), away


@pytest.mark.skipif(not PYODIDE, reason="PYODIDE is not set: the kernel of the live edition is not started")
def test_the_kernel_starts_and_runs_a_notebook(folder, browser, tmp_path):
    site, path = tmp_path / "site", ROOT / "notebooks" / "02_pointwise_operations.ipynb"
    shutil.copytree(folder, site)
    whole = PYODIDE == "network" or bool(list(Path(PYODIDE).glob("numpy-*.whl")))
    if PYODIDE != "network":
        _take_pyodide_from(Path(PYODIDE), site)
    book = nbformat.read(path, as_version=4)
    if not whole:
        tries = "try:\n    import lstm_helpers\nexcept ImportError as error:\n    print(error)"
        live = "from ipywidgets import FloatSlider\nFloatSlider(description='moves')"
        book.cells = [nbformat.v4.new_code_cell(source) for source in (tries, live)]
        nbformat.write(book, site / "files" / path.name)
    _expose(site)
    with served(site) as address, watched(browser) as (page, _, _):
        page.goto(f"{address}/lab/index.html?path={path.name}")
        page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
        page.wait_for_function("() => window.jupyterapp?.shell.currentWidget?.context?.sessionContext?.session?.kernel")
        page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
        page.evaluate(RUN_ALL)
        page.locator(".noUi-handle").first.wait_for(timeout=300_000)
        shown = page.locator(".jp-Notebook").inner_text()
    expected = ["No module named 'numpy'"]
    if whole:
        printed = [
            output for cell in code(book) for output in cell.outputs if "image/png" not in output.get("data", {})
        ]
        expected = [text_of(output).strip() for output in printed]
    assert expected and [text for text in expected if text not in shown] == []


def _expose(site):
    """Make the page accept a request to run its cells."""
    path = site / "jupyter-lite.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["jupyter-config-data"]["exposeAppInBrowser"] = True
    path.write_text(json.dumps(config), encoding="utf-8")


def _take_pyodide_from(folder, site):
    """Serve Pyodide from the site itself. A file of the same name in a folder may be a different build."""
    shutil.copytree(folder, site / "pyodide")
    config = site / "jupyter-lite.json"
    config.write_text(config.read_text(encoding="utf-8").replace(f"{constants.PYODIDE_CDN_URL}/", "/pyodide/"))
    path = site / LOCK / "pyodide-lock.json"
    lock = json.loads(path.read_text(encoding="utf-8"))
    for package in lock["packages"].values():
        name = package["file_name"].rpartition("/")[2]
        if package["file_name"].startswith("https:"):
            package["file_name"] = f"../../pyodide/{name}"
        if (folder / name).exists():
            package["sha256"] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    path.write_text(json.dumps(lock), encoding="utf-8")
