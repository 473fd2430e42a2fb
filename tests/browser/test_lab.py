"""Every notebook in a real JupyterLab in a real browser: opened unrun, run, and its sliders moved by keyboard."""

import nbformat
import pytest

from tests.browser.lab import open_notebook, run_all
from tests.notebooks.test_stored import NAMES, PATHS, code

PANELS = """() => [...document.querySelectorAll('.lstm-layer')].map(layer => {
    const panel = layer.closest('.jp-OutputArea-output');
    return {
        sliders: panel.querySelectorAll('.noUi-handle').length,
        name: layer.querySelector('svg')?.getAttribute('aria-label'),
        sentence: panel.querySelector('[aria-live]').textContent,
        overflow: panel.scrollWidth > panel.clientWidth + 1,
    };
})"""
PICTURE = """([panel]) => {
    const layer = document.querySelectorAll('.lstm-layer')[panel];
    const output = layer.closest('.jp-OutputArea-output');
    return layer.innerHTML + output.querySelector('[aria-live]').textContent;
}"""
AGREES = """([panel]) => {
    const layer = document.querySelectorAll('.lstm-layer')[panel];
    const sentence = layer.closest('.jp-OutputArea-output').querySelector('[aria-live]').textContent;
    return layer.querySelector('svg').getAttribute('aria-label').endsWith(sentence);
}"""
# The picture and the sentence come in two messages: wait until both have changed and agree.
CHANGED = "([panel, before]) => (" + PICTURE + ")([panel]) !== before && (" + AGREES + ")([panel])"


@pytest.fixture
def page(path, browser, lab):
    errors = []
    page = open_notebook(browser, lab(path.name))
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.close()
    assert errors == []


@pytest.mark.parametrize("path", PATHS, ids=NAMES)
def test_pictures_show_before_anything_is_run_and_panels_live_after(path, page):
    cells = page.locator(".jp-Notebook .jp-CodeCell")
    page.wait_for_function("() => document.querySelectorAll('.jp-RenderedImage img').length > 0")
    widths = page.eval_on_selector_all(".jp-RenderedImage img", "images => images.map(image => image.naturalWidth)")
    assert widths and all(width >= 1500 for width in widths)
    shown = page.locator(".jp-Notebook").inner_text()
    assert "Model not found" not in shown and "Error displaying widget" not in shown

    run_all(page)
    assert page.locator('[data-mime-type="application/vnd.jupyter.error"]').count() == 0
    assert page.locator('[data-mime-type="application/vnd.jupyter.stderr"]').count() == 0
    assert cells.count() > 2
    panels = page.evaluate(PANELS)
    assert len(panels) == sum("Explorer(" in cell.source for cell in code(nbformat.read(path, as_version=4)))
    for number, panel in enumerate(panels):
        assert panel["sliders"] >= 2 and not panel["overflow"]
        assert panel["name"].endswith(panel["sentence"])
        move_every_slider(page, number)


def move_every_slider(page, panel):
    """To both ends by keyboard: the picture changes each time, and says what it shows."""
    output = page.locator(".jp-OutputArea-output", has=page.locator(".lstm-layer")).nth(panel)
    for handle in output.locator(".noUi-handle").all():
        ends = []
        for key in ("Home", "End"):
            before = page.evaluate(PICTURE, [panel])
            at = handle.get_attribute("aria-valuenow")
            handle.focus()
            handle.press(key)
            ends.append(handle.get_attribute("aria-valuenow"))
            if handle.get_attribute("aria-valuenow") == at:
                continue  # it stood at this end already
            page.wait_for_function(CHANGED, arg=[panel, before], timeout=10_000)
            assert "could not be drawn" not in page.evaluate(PANELS)[panel]["sentence"]
        assert ends == [handle.get_attribute("aria-valuemin"), handle.get_attribute("aria-valuemax")]
