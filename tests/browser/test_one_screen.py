"""Every panel fits on one screen, its text can be read from the last row of a classroom, and nothing in it jumps."""

import json

import pytest

from benchmarks import panels
from tests.support.panels import execute
from tests.support.tiers import later

pytestmark = pytest.mark.slow

NAMES = list(panels.EXPLORERS)
LATER = {"Gradient", "Learning", "Memory unit", "Text", "Variant", "Opened model"}  # notebooks 08 to 14
# Maximum heights: a notebook's share of a window of 768 pixels, with or without 143 of them for the browser's bars.
HEIGHTS = {name: 600 if name in LATER else 504 for name in NAMES}
WINDOWS = [(1366, 768), (1366, 625), (1920, 1080)]
ZOOM = 1.5

THEME = "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})"
# Of every panel: heights, in CSS pixels; the smallest font size, where an index counts with its symbol; and cut-off
# texts.
MEASURE = """() => [...document.querySelectorAll('.lstm-panel')].map(panel => {
    const height = part => panel.querySelector(part).getBoundingClientRect().height;
    const sizes = [...panel.querySelectorAll('*')].filter(part =>
        !part.closest('style, [aria-live]') && part.getBoundingClientRect().width && !part.matches('tspan')
        && (part.matches('input, text') || [...part.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
    ).map(part => {
        const svg = part.closest('svg'), spans = [...part.querySelectorAll('tspan')];
        const scale = svg ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1;
        const sizes = (spans.length ? spans : [part]).map(one => parseFloat(getComputedStyle(one).fontSize));
        return [scale * Math.max(...sizes), part.value ?? part.textContent.trim()];
    });
    const cut = [...panel.querySelectorAll('input, button, .lstm-name, .widget-label')]
        .filter(part => part.scrollWidth > part.clientWidth + 1).map(part => part.value || part.textContent);
    const least = sizes.reduce((one, other) => other[0] < one[0] ? other : one);
    const picture = panel.querySelector('.lstm-picture').getBoundingClientRect();
    const output = panel.closest('.jp-OutputArea-output');
    return {panel: panel.getBoundingClientRect().height, shown: height('.lstm-picture') + height('.lstm-sentence'),
            floor: picture.height / picture.width * 640 + height('.lstm-sentence'), least, cut, width: picture.width,
            beyond: output.scrollHeight - output.clientHeight,
            room: panel.closest('.jp-WindowedPanel-outer').clientHeight};
})"""
# Record from now on how far any part of a panel moves from its present place.
STAND_STILL = """number => {
    const panel = document.querySelectorAll('.lstm-panel')[number];
    const parts = () => [panel, ...panel.querySelectorAll('*')].filter(part =>  // ipywidgets makes some of them anew
        !part.parentElement.closest('.widget-html-content, svg, .slider-container') && part.tagName !== 'BR');
    const box = part => {
        const home = panel.getBoundingClientRect(), {left, top, width, height} = part.getBoundingClientRect();
        return [left - home.left, top - home.top, width, height];
    };
    const first = parts().map(box), seen = window.lstmSeen = {compared: 0, moved: {}};
    window.lstmObserver?.disconnect();
    window.lstmObserver = new MutationObserver(() => {
        const now = parts();
        if (now.length !== first.length) return;  // while ipywidgets is making them
        seen.compared += 1;
        now.forEach((part, k) => {
            const far = Math.max(...box(part).map((edge, e) => Math.abs(edge - first[k][e])));
            const name = [...part.classList].filter(name => !/^(lm-|jupyter-|widget-)/.test(name)).join(' ');
            const what = `${name} “${part.textContent.slice(0, 30)}”`;
            if (far > 1) seen.moved[what] = Math.max(far, seen.moved[what] ?? 0);
        });
    });
    window.lstmObserver.observe(panel, {subtree: true, childList: true, characterData: true, attributes: true});
}"""
# In the kernel: everything that a user can do to a panel, step by step.
_WANDER = """
import time
def wander(k):
    panel = shown[k]
    for preset in panel.presets:
        panel.choose(preset)
        time.sleep(0.01)
    for control in panel.controls.values():
        if hasattr(control, "handle"):
            low, high = control.handle.min, control.handle.max
            for part in (0, 0.37, 1):
                panel.move(**{control.name: low + part * (high - low)})
                time.sleep(0.01)
        elif hasattr(control, "buttons"):
            for _, value in control.buttons.options:
                panel.move(**{control.name: value})
        elif hasattr(control, "play"):
            for value in (0, control.play.max // 2, control.play.max):
                panel.move(**{control.name: value})
        else:
            for text in ("", "A", "THE LONGEST BEGINNING OF A LINE THAT ANYBODY IS LIKELY TO TYPE", "1", "ñ☃", "A"):
                control.box.value = text
                time.sleep(0.01)
    panel.choose("start")
"""


@pytest.fixture(scope="module")
def page(every_panel):
    """Each explorer twice: as it opens, and with a prediction."""
    assert execute(every_panel, _WANDER) == ""
    size = every_panel.viewport_size
    yield every_panel
    every_panel.set_viewport_size(size)


def measured(page, window, zoom=1):
    """Measure all panels in a window of this size; return name -> [as it opens, with a prediction]."""
    width, height = (round(side / zoom) for side in window)
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function("width => innerWidth === width && new Promise(requestAnimationFrame)", arg=width)
    page.wait_for_timeout(300)
    found = page.evaluate(MEASURE)
    return {name: found[2 * k : 2 * k + 2] for k, name in enumerate(NAMES)}


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(("JupyterLab Light", WINDOWS), id="light"),
        pytest.param(("JupyterLab Dark", WINDOWS), id="dark", marks=pytest.mark.long),
    ],
)
def sizes(page, request):
    """window -> measurements at 100 % and at 150 %."""
    theme, windows = request.param
    page.evaluate(THEME, theme)
    page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)
    yield {window: (measured(page, window), measured(page, window, ZOOM)) for window in windows}
    page.evaluate(THEME, "JupyterLab Light")


@pytest.fixture(scope="module")
def beside_the_file_browser(page):
    """Measurements in the smallest window, with the file browser open, as JupyterLab starts."""
    page.evaluate("window.jupyterapp.shell.expandLeft()")
    found = measured(page, WINDOWS[0])
    page.evaluate("window.jupyterapp.shell.collapseLeft()")
    return found


@pytest.mark.parametrize("name", NAMES)
def test_all_is_on_one_screen_beside_the_file_browser_too(beside_the_file_browser, name):
    for panel in beside_the_file_browser[name]:
        assert panel["panel"] <= HEIGHTS[name] and panel["width"] >= 640 and not panel["cut"], panel


@pytest.mark.parametrize("name", NAMES)
class TestOneScreen:
    def test_controls_picture_and_sentence_are_on_one_screen(self, sizes, name):
        for window, (found, _) in sizes.items():
            assert [f for f in found[name] if f["panel"] > HEIGHTS[name]] == [], window

    def test_picture_and_sentence_are_on_one_screen_of_a_page_at_150_percent(self, sizes, name):
        """Unless the picture would be narrower than 640 pixels, at which its text is as large as at 100 percent."""
        for window, (_, found) in sizes.items():
            for panel in found[name]:
                assert panel["shown"] <= max(panel["room"], panel["floor"] + 1), window

    def test_no_type_is_too_small_for_the_last_row(self, sizes, name):
        for window, (found, zoomed) in sizes.items():
            for panel, larger in zip(found[name], zoomed[name], strict=True):
                assert panel["least"][0] >= 15.99, (window, panel["least"])
                assert larger["least"][0] * ZOOM >= panel["least"][0] - 0.01, (window, larger["least"], panel["least"])

    def test_a_prediction_takes_no_room(self, sizes, name):
        for window, (found, _) in sizes.items():
            without, predicted = found[name]
            assert abs(without["panel"] - predicted["panel"]) <= 1, window

    def test_no_scrollbar_stands_beside_it(self, sizes, name):
        """Where a browser gives scrollbars a width, one pixel too much is enough for one."""
        assert {panel["beyond"] for found in sizes.values() for one in found for panel in one[name]} == {0}

    def test_no_digit_is_cut_off(self, sizes, name):
        assert [panel["cut"] for found in sizes.values() for one in found for panel in one[name] if panel["cut"]] == []


@pytest.mark.parametrize("name", later(NAMES, now=["Cell", "Schedule"]))
@pytest.mark.parametrize("predicted", later([False, True], now=[True]))
def test_nothing_in_a_panel_jumps(page, name, predicted):
    """Not over the range of a slider, not at a preset, and not when a text is refused."""
    assert_nothing_jumps(page, 2 * NAMES.index(name) + predicted)


@pytest.mark.parametrize("name", later(NAMES, now=["Pointwise"]))
def test_nothing_in_a_panel_jumps_beside_the_file_browser_either(page, name):
    """There, lines are shorter, so a sentence and its prediction take four."""
    page.evaluate("window.jupyterapp.shell.expandLeft()")
    try:
        assert_nothing_jumps(page, 2 * NAMES.index(name) + 1)
    finally:
        page.evaluate("window.jupyterapp.shell.collapseLeft()")


def assert_nothing_jumps(page, number):
    width, height = WINDOWS[0]
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_timeout(300)
    page.evaluate(STAND_STILL, number)
    assert execute(page, f"wander({number})") == ""
    page.wait_for_timeout(200)
    seen = page.evaluate("window.lstmSeen")
    assert seen["compared"] > 10 and seen["moved"] == {}, json.dumps(seen["moved"])


# Record from now on the text of each glowing part of a picture, and how many parts the picture has.
GLOWING = """number => {
    const picture = document.querySelectorAll('.lstm-panel')[number].querySelector('.lstm-picture');
    window.lstmLit = [];
    new MutationObserver(() => {
        const [parts, all] = ['.lstm-light > g', '.lstm-layer svg > g'].map(which => picture.querySelectorAll(which));
        window.lstmLit.push(...[...parts].map(part => [part.textContent.trim(), all.length]));
    }).observe(picture, {subtree: true, childList: true});
}"""


def test_what_a_move_changes_glows_and_nothing_else(page):
    """With reduced motion, nothing glows."""
    number = 2 * NAMES.index("Cell")
    page.evaluate(GLOWING, number)
    assert execute(page, f"shown[{number}].move(o=0.23)") == ""
    page.wait_for_function("window.lstmLit.length > 0")
    lit = page.evaluate("window.lstmLit")
    assert any("0.23" in text for text, _ in lit) and len(lit) < lit[0][1] / 2
    page.wait_for_function("!document.querySelector('.lstm-light')")  # it is over soon
    page.emulate_media(reduced_motion="reduce")
    page.evaluate("window.lstmLit = []")
    assert execute(page, f"shown[{number}].move(o=0.87)") == ""
    page.wait_for_function("number => document.querySelectorAll('.lstm-panel')[number].textContent.includes('0.87')",
                           arg=number)  # fmt: skip
    assert page.evaluate("window.lstmLit") == []
    page.emulate_media(reduced_motion="no-preference")
