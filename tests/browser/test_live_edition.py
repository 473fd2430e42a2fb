"""The live edition: complete on disk, and opened in a real browser as far as possible without a network.

If PYODIDE names a folder with Pyodide, as for `make site`, a notebook is run with it. If that folder lacks packages, as
Pyodide's npm package does, stand-ins replace them, and the kernel must start and import our package up to NumPy. With
NETWORK=yes a notebook is run with Pyodide from its own server.
"""

import ast
import hashlib
import json
import os
import re
import shutil
import sys
import zipfile
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement

from tests.support.notebooks import PATHS, ROOT, code, text_of
from tests.support.pages import served, watched
from tools import own_wheel

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


@pytest.fixture(scope="module")
def beside(tmp_path_factory):
    """A site that includes Pyodide, and the packages that stand-ins replace in it."""
    from tools.site import lite, wheels

    site, pyodide = (tmp_path_factory.mktemp("beside") / name for name in ("site", "pyodide"))
    pyodide.mkdir()
    lock = wheels.read_lock(constants.PYODIDE_VERSION)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wheels, "read_lock", lambda version: json.loads(json.dumps(lock)))
        stand_ins = _fill(pyodide, lock)
        lite.build(ROOT / "notebooks", site, pyodide)
    return site, stand_ins


def _fill(folder, lock):
    """Fill a folder with Pyodide's files, from PYODIDE if it has them; return the packages with a stand-in.

    A wheel of the same name from a package index is a stand-in, too, because Pyodide builds its own.
    """
    from tools.site import pyodide, wheels

    for name in pyodide.CORE:
        if PYODIDE:
            shutil.copy(Path(PYODIDE) / name, folder)
        else:
            (folder / name).write_text(constants.PYODIDE_VERSION, encoding="utf-8")
    ours, brought = wheels.locked(folder)
    stand_ins = set()
    for name in wheels.needed(ours) - set(brought):
        entry = lock["packages"][name]
        path, given = folder / entry["file_name"], Path(PYODIDE or "", entry["file_name"])
        if PYODIDE and pyodide.intact(given, entry["sha256"]):
            shutil.copy(given, path)
        else:
            stand_ins.add(name)
            shutil.copy(given, path) if given.is_file() else shutil.move(_stand_in(name, folder), path)
            entry["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    return stand_ins


def _stand_in(name, folder):
    """Make a wheel of the installed package if it is pure Python, else an empty one."""
    from tools.site import wheels

    try:
        return wheels.repacked(name, folder)
    except (ValueError, PackageNotFoundError):
        path, info = folder / "empty.whl", f"{name.replace('-', '_')}-0.dist-info"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 0\n")
            archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            archive.writestr(f"{info}/RECORD", "")
        return path


def needed(lock):
    from tools.site import wheels

    return wheels.needed(lock)


def settings(folder):
    config = json.loads((folder / "jupyter-lite.json").read_text(encoding="utf-8"))["jupyter-config-data"]
    return config["litePluginSettings"][constants.PYODIDE_KERNEL_PLUGIN_ID]


def test_students_get_the_worksheet_and_no_key(folder):
    assert [path.name for path in (folder / "files").glob("*.html")] == ["worksheet.html"]


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
    assert f"v{constants.PYODIDE_VERSION}/" in settings(folder)["pyodideUrl"]


def test_with_pyodide_in_a_folder_everything_is_on_the_page_and_nothing_elsewhere(beside):
    site, _ = beside
    lock = json.loads((site / LOCK / "pyodide-lock.json").read_text(encoding="utf-8"))
    assert set(lock["packages"]) == needed(lock) and {"numpy", "matplotlib", "micropip"} <= needed(lock)
    for entry in lock["packages"].values():
        wheel = site / LOCK / entry["file_name"]
        assert hashlib.sha256(wheel.read_bytes()).hexdigest() == entry["sha256"]
    assert settings(site)["pyodideUrl"] == "./static/pyodide/pyodide.mjs" and settings(site)["disablePyPIFallback"]
    assert (site / "static/pyodide/pyodide.asm.wasm").is_file()
    for path in (site / "jupyter-lite.json", site / LOCK / "pyodide-lock.json"):
        assert "://" not in path.read_text(encoding="utf-8").replace("https://jupyterlite.rtfd.io", "")


def test_a_folder_that_lacks_a_package_or_has_another_version_is_refused(tmp_path):
    from tools.site import pyodide

    wanted = {"numpy-1.whl": hashlib.sha256(b"numpy").hexdigest()}
    for name in pyodide.CORE:
        (tmp_path / name).write_text(f"Pyodide {constants.PYODIDE_VERSION}", encoding="utf-8")
    with pytest.raises(ValueError, match=r"missing or have the wrong version: numpy-1\.whl; `make pyodide PYODIDE="):
        pyodide.check(tmp_path, wanted)
    (tmp_path / "numpy-1.whl").write_bytes(b"numpy")
    pyodide.check(tmp_path, wanted)
    (tmp_path / "pyodide.mjs").write_text("Pyodide 0.1", encoding="utf-8")
    with pytest.raises(ValueError, match=r"wrong version: pyodide\.mjs;"):
        pyodide.check(tmp_path, wanted)
    (tmp_path / "python_stdlib.zip").unlink()
    with pytest.raises(ValueError, match=r"wrong version: python_stdlib\.zip;"):
        pyodide.check(tmp_path, wanted)


def test_the_download_takes_each_package_from_pyodides_server_and_checks_it(tmp_path, monkeypatch):
    """A local server replaces Pyodide's. Python itself, which comes from npm, is already in the folder."""
    from tools.site import pyodide

    server, folder = tmp_path / "server", tmp_path / "pyodide"
    server.mkdir(), folder.mkdir()
    wanted = {name: hashlib.sha256(name.encode()).hexdigest() for name in ("numpy-1.whl", "matplotlib-1.whl")}
    for name in (*pyodide.CORE, *wanted):
        (folder if name in pyodide.CORE else server).joinpath(name).write_bytes(name.encode())
    monkeypatch.setattr(pyodide, "packages", lambda lock, brought: wanted)
    with served(server) as address:
        monkeypatch.setattr(pyodide, "PYODIDE_CDN_URL", address)
        pyodide.download(folder)
        assert all((folder / name).read_bytes() == name.encode() for name in wanted)
        (folder / "numpy-1.whl").unlink()
        (server / "numpy-1.whl").write_bytes(b"something else")
        with pytest.raises(SystemExit, match=r"numpy-1\.whl is not the file that Pyodide's lock file names"):
            pyodide.download(folder)


def test_every_version_is_one_that_is_asked_for(folder, lock):
    from tools.site import wheels

    version = lock["info"]["python"]
    python = {"python_version": version.rpartition(".")[0], "python_full_version": version}
    asked = 0
    for wheel in (folder / LOCK).glob("*/*.whl"):
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
    given = {wheels.OWN: own_wheel.build(tmp_path)}
    with pytest.raises(ValueError, match=r"numpy>=2.0 is required, but the browser has 1\.26\.4"):
        wheels.gathered(wheels.OWN, old, given, tmp_path)
    with pytest.raises(ValueError, match="numpy is not pure Python"):
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


# Optional packages that ours works without.
PEERS = {"torch", "keras", "onnx", "onnxruntime", "tensorflow", "jax"}


def test_the_notebooks_are_there_as_they_are_stored(folder):
    assert sorted(path.name for path in (folder / "files").glob("*.ipynb")) == [path.name for path in PATHS]
    for path in PATHS:
        there, stored = (nbformat.read(p, as_version=4) for p in (folder / "files" / path.name, path))
        assert there.cells == stored.cells and there.metadata.kernelspec.name == "python"
        assert there.metadata.shipped == {cell.id: cell.source for cell in stored.cells}


def test_our_extensions_are_there(folder):
    config = json.loads((folder / "jupyter-lite.json").read_text(encoding="utf-8"))["jupyter-config-data"]
    files = {each["name"]: each["load"] for each in config["federated_extensions"]}
    for name in ("lstm-edition", "lstm-helpers"):
        assert (folder / "extensions" / name / files[name]).is_file()


def test_it_opens_and_shows_the_stored_pictures_without_a_network(folder, browser):
    path = PATHS[0]
    with served(folder) as address, watched(browser, service_workers="block") as (page, _, requests):
        page.route(lambda url: not url.startswith(address), lambda route: route.abort())
        page.goto(f"{address}/lab/index.html?path={path.name}")
        page.locator(".jp-Notebook .jp-RenderedImage img").first.wait_for(timeout=60_000)
        page.wait_for_function("() => document.querySelector('.jp-RenderedImage img').naturalWidth > 1000")
        away = {url for url in requests if not url.startswith((address, "data:", "blob:"))}
        assert all(url.startswith(constants.PYODIDE_CDN_URL) for url in away), away


@pytest.fixture(scope="module")
def newer(tmp_path_factory, folder):
    """The next edition: 01 says something new; in 00 a heading has changed, an exercise, and a cell is gone."""
    from tools.site import lite

    notebooks, site = (tmp_path_factory.mktemp("newer") / name for name in ("notebooks", "site"))
    shutil.copytree(ROOT / "notebooks", notebooks, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    start, fading = (nbformat.read(notebooks / f"{name}.ipynb", as_version=4) for name in (START, FADING))
    fading.cells[0].source = "# A new edition\n" + fading.cells[0].source
    start.cells[0].source = "# A new edition\n" + start.cells[0].source
    cell_with(start, "cell.shown").source += "  # a new edition"
    start.cells.remove(cell_with(start, "cell.hide"))
    for name, book in ((START, start), (FADING, fading)):
        nbformat.write(book, notebooks / f"{name}.ipynb")
    lite.build(notebooks, site)
    return site


def cell_with(book, name):
    """Return the cell that checks the answer to a question."""
    return next(cell for cell in book.cells if f'check("{name}"' in cell.source)


START, FADING = "00_start_here", "01_why_memory_fades"
SOURCES = """async path => (await window.jupyterapp.serviceManager.contents.get(path, {content: true}))
    .content.cells.map(cell => [cell.source].flat().join(''))"""
SHOWN = """() => window.jupyterapp.shell.currentWidget.content.widgets.map(cell => cell.model.sharedModel.source)"""
TYPE = """async typed => {
    const {contents} = window.jupyterapp.serviceManager;
    const model = await contents.get('00_start_here.ipynb', {content: true});
    for (const [name, source] of Object.entries(typed)) {
        const cell = model.content.cells.find(cell => [cell.source].flat().join('').includes(`check("${name}"`));
        cell.source = source;
    }
    const k = model.content.cells.findIndex(cell => [cell.source].flat().join('').includes('check("cell.new_memory"'));
    const data = {'application/vnd.jupyter.widget-view+json': {model_id: 'gone'}, 'text/plain': 'a panel of mine'};
    const outputs = [{output_type: 'display_data', metadata: {}, data}];
    const mine = {cell_type: 'code', id: 'mine', source: 'a cell of mine', metadata: {}, outputs};
    model.content.cells.splice(k + 1, 0, mine);
    await contents.save('00_start_here.ipynb', model);
}"""
IN_FRONT = """path => {
    const {context, node} = window.jupyterapp?.shell.currentWidget ?? {};
    return context?.path === path && context.isReady && node.querySelector('.jp-Cell') !== null;
}"""
CLEAN = "() => !window.jupyterapp.shell.currentWidget.context.model.dirty"


def test_what_was_typed_stays_and_a_newer_edition_arrives(folder, newer, browser, tmp_path):
    """Even though the server lets the browser cache every file for a day."""
    site, book = tmp_path / "site", nbformat.read(ROOT / "notebooks" / f"{START}.ipynb", as_version=4)
    shutil.copytree(folder, site)
    _expose(site)
    place = cell_with(book, "cell.new_memory").id
    with served(site, cached=True) as address, watched(browser) as (page, _, _):
        # The link opens the notebook at its cell.
        _open(page, f"{address}/lab/index.html?path={START}.ipynb#cell-id={place}", START)
        active = page.locator(".jp-Notebook .jp-Cell.jp-mod-active")
        active.get_by_text("cell.new_memory").first.wait_for()
        page.wait_for_function(
            "document.querySelectorAll('.jp-Notebook .jp-Cell').length === " + str(len(book.cells)), timeout=120_000
        )
        assert 0 <= active.bounding_box()["y"] < page.viewport_size["height"] / 2
        # What is typed is there after a reload.
        active.locator(".cm-content").click()
        page.keyboard.press("Control+End")
        page.keyboard.type("  # typed by a visitor")
        page.wait_for_function(CLEAN, timeout=120_000)
        page.reload()
        _wait(page, START)
        assert any("# typed by a visitor" in source for source in page.evaluate(SHOWN))
        # Other cells are changed, too; then there is a newer edition.
        page.evaluate(TYPE, {"cell.shown": 'check("cell.shown", 1)', "cell.hide": 'check("cell.hide", 2)'})
        _open(page, f"{address}/lab/index.html?path={FADING}.ipynb", FADING)
        shutil.rmtree(site)
        shutil.copytree(newer, site)
        _expose(site)
        _open(page, f"{address}/lab/index.html?path={START}.ipynb", START)
        shown = page.evaluate(SHOWN)
        assert shown[0].startswith("# A new edition")
        typed = [k for k, source in enumerate(shown) if "# typed by a visitor" in source]
        assert len(typed) == 1 and shown[typed[0] + 1] == "a cell of mine"
        new = next(k for k, source in enumerate(shown) if source.endswith("# a new edition"))
        assert shown[new + 1] == 'check("cell.shown", 1)', "the visitor's answer stands below the new exercise"
        assert shown.count('check("cell.hide", 2)') == 1, "the exercise is gone, and what was typed in it is not"
        assert len(shown) == len(book.cells) - 1 + 3
        assert page.locator("text=model not found").count() == 0
        # So it stays, and a page that nobody has changed is the new one.
        page.reload()
        _wait(page, START)
        assert page.evaluate(SHOWN) == shown
        assert page.evaluate(SOURCES, f"{FADING}.ipynb")[0].startswith("# A new edition")


def _open(page, url, name):
    page.goto("about:blank")
    page.goto(url)
    _wait(page, name)


def _wait(page, name):
    """Wait until this notebook is in front: JupyterLab also opens those that were open before."""
    page.wait_for_function(IN_FRONT, arg=f"{name}.ipynb", timeout=120_000)


@pytest.mark.skipif(not PYODIDE, reason="PYODIDE is not set: the kernel of the live edition is not started")
def test_the_kernel_starts_with_pyodide_from_the_page_and_asks_nobody_else(beside, browser, tmp_path):
    site, stand_ins = beside
    requests = _runs_a_notebook(site, browser, tmp_path, whole=not stand_ins)
    assert [url for url in requests if "/static/pyodide/pyodide.asm.wasm" in url]


@pytest.mark.skipif(not os.environ.get("NETWORK"), reason="NETWORK is not set: Pyodide's own server is not asked")
def test_the_kernel_starts_with_pyodide_from_its_own_server(folder, browser, tmp_path):
    _runs_a_notebook(folder, browser, tmp_path, whole=True, elsewhere=constants.PYODIDE_CDN_URL)


def _runs_a_notebook(built, browser, tmp_path, whole, elsewhere="data:"):
    """Run a notebook, or, without NumPy, two cells; return the browser's requests."""
    site, path = tmp_path / "site", ROOT / "notebooks" / "02_pointwise_operations.ipynb"
    shutil.copytree(built, site)
    book = nbformat.read(path, as_version=4)
    if not whole:
        tries = "try:\n    import lstm_helpers\nexcept ImportError as error:\n    print(error)"
        live = "from ipywidgets import FloatSlider\nFloatSlider(description='moves')"
        book.cells = [nbformat.v4.new_code_cell(source) for source in (tries, live)]
        nbformat.write(book, site / "files" / path.name)
    _expose(site)
    with served(site) as address, watched(browser) as (page, _, requests):
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
    assert [url for url in requests if not url.startswith((address, "data:", "blob:", elsewhere))] == []
    return requests


def _expose(site):
    """Make the page accept a request to run its cells."""
    path = site / "jupyter-lite.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["jupyter-config-data"]["exposeAppInBrowser"] = True
    path.write_text(json.dumps(config), encoding="utf-8")
