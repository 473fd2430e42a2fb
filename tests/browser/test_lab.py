"""Every notebook in a real JupyterLab and browser: opened, run, every slider and button moved, reloaded."""

from functools import partial

import nbformat
import pytest

from tests.support.lab import open_notebook, run_all, scroll_to, wait_for_kernel
from tests.support.notebooks import PATHS, code
from tests.support.panels import assert_right, assert_shown, assert_sliders_go, by_key, drag, prepare
from tools.notebooks import opens_a_panel

pytestmark = pytest.mark.slow

FEW = "00"  # the notebook in `make test`; `make test-all` opens all of them
WRONG = ("Model not found", "Error displaying widget", "model not found", "Loading widget")


class Opened:
    """A notebook on a page that all tests share; it is run when the first test calls `panels`."""

    def __init__(self, path, browser, lab):
        self.errors, self.has_run = [], False
        self.page = open_notebook(browser, lab(path.name))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        cells = code(nbformat.read(path, as_version=4))
        self.explorers = sum(opens_a_panel(cell.source) for cell in cells)
        self.pictures = sum("image/png" in output.get("data", {}) for cell in cells for output in cell.outputs)

    def panels(self):
        """Run all cells, once; return the panels on the page."""
        if not self.has_run:
            run_all(self.page)
            self.has_run = True
            prepare(self.page)
        return self.page.locator(".lstm-panel")


def every_notebook():
    return [
        pytest.param(path, marks=[] if path.name.startswith(FEW) else pytest.mark.long, id=path.stem) for path in PATHS
    ]


@pytest.fixture(scope="module", params=every_notebook())
def opened(request, browser, lab):
    opened = Opened(request.param, browser, lab)
    yield opened
    errors = list(opened.errors)  # before the shutdown, at which JupyterLab reports its pending requests
    opened.page.evaluate("window.jupyterapp.shell.currentWidget.context.sessionContext.shutdown()")
    opened.page.close()
    assert errors == []


def assert_nothing_wrong(page):
    shown = page.locator(".jp-Notebook").inner_text()
    assert not [words for words in WRONG if words in shown]


def test_pictures_show_before_anything_is_run(opened):
    page = opened.page
    page.wait_for_function("() => document.querySelectorAll('.jp-RenderedImage img').length > 0")
    widths = page.eval_on_selector_all(".jp-RenderedImage img", "images => images.map(image => image.naturalWidth)")
    assert widths and all(width >= 1500 for width in widths)
    assert_nothing_wrong(page)


def test_all_cells_run_and_the_panels_live(opened):
    panels, page = opened.panels(), opened.page
    assert page.locator('[data-mime-type="application/vnd.jupyter.error"]').count() == 0
    assert page.locator('[data-mime-type="application/vnd.jupyter.stderr"]').all_inner_texts() == []
    assert page.locator(".jp-Notebook .jp-CodeCell").count() > 2
    assert panels.count() == opened.explorers
    for number in range(opened.explorers):
        assert_right(page, number)


def test_every_slider_goes_to_both_ends_by_keyboard(opened):
    every_slider_goes(opened, by_key, (0, 1))


def test_each_panels_first_slider_goes_by_drag_beyond_its_ends(opened):
    every_slider_goes(opened, partial(drag, opened.page), (-0.1, 1.1), first_only=True)


@pytest.mark.long
def test_every_slider_goes_by_drag_to_its_middle(opened):
    every_slider_goes(opened, partial(drag, opened.page), (0.45,), once=False)


def every_slider_goes(opened, move, places, first_only=False, once=True):
    """Move sliders of all panels, or with `once` of the first panel of each kind, as in `assert_sliders_go`."""
    page, kinds = opened.page, set()
    for number, panel in enumerate(opened.panels().all()):
        kind = panel.get_attribute("aria-label")
        if once and kind in kinds:
            continue
        kinds.add(kind)
        scroll_to(panel)
        assert_sliders_go(page, number, move, places, first_only)


def test_every_preset(opened):
    for number, panel in enumerate(opened.panels().all()):
        buttons = panel.locator(".lstm-chip")
        assert buttons.count() >= 1
        scroll_to(panel)
        for button in buttons.all():
            button.click()
            assert_shown(opened.page, number, preset=button.inner_text())
        assert_right(opened.page, number)


@pytest.mark.parametrize("opened", every_notebook(), indirect=True)
def test_after_a_save_and_a_reload_the_pictures_show(opened):
    """JupyterLab cannot show a panel without its kernel, so pictures are saved in place of panels."""
    page, _ = opened.page, opened.panels()
    page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    page.reload()
    wait_for_kernel(page)
    pictures = page.locator(".jp-RenderedImage img")
    pictures.nth(opened.pictures - 1).wait_for(state="attached")
    assert pictures.count() == opened.pictures and page.locator(".lstm-panel").count() == 0
    assert_nothing_wrong(page)
