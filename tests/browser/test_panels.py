"""Every explorer on one page, used with a keyboard, a screen reader, a dark theme and magnification."""

import matplotlib.colors
import pytest

from benchmarks import panels
from lstm_helpers.view.access import accessibility
from lstm_helpers.view.style import INK, INK_ON_DARK
from tests.support.every_panel import run_every_panel
from tests.support.panels import FACTS, assert_shown

pytestmark = pytest.mark.slow

NUMBERED = [(2 * k, name) for k, name in enumerate(panels.EXPLORERS)]  # odd numbers: with a prediction
EVERY_KIND = ("Gate", "Cell", "Schedule", "Text")  # have every kind of control
# The focused element: whether the cell's output has room for the outline; its name; the outline; whether it is seen.
FOCUSED = """() => {
    const element = document.activeElement, look = getComputedStyle(element), box = element.getBoundingClientRect();
    const room = element.closest('.jp-OutputArea-output')?.getBoundingClientRect();
    const around = parseFloat(look.outlineWidth) + parseFloat(look.outlineOffset);
    return {
        whole: room && box.left - around >= room.left && box.right + around <= room.right
            && box.top - around >= room.top && box.bottom + around <= room.bottom,
        inside: element.closest('.lstm-panel') !== null,
        name: element.getAttribute('aria-label') ?? element.textContent.trim(),
        outline: [look.outlineStyle, parseFloat(look.outlineWidth)],
        seen: box.width > 0 && box.top >= 0 && box.bottom <= innerHeight && box.right <= innerWidth,
    };
}"""
# Mark the panels without a prediction: for axe, those with one are the same.
MARK_PLAIN = """() => document.querySelectorAll('.lstm-panel').forEach(
    (panel, k) => panel.classList.toggle('lstm-plain', k % 2 === 0)
)"""
CONTROLS = """panel => [...panel.querySelectorAll('.lstm-control')].map(control => ({
    words: control.querySelector('.lstm-name').textContent.trim(),
    handle: control.querySelector('.noUi-handle')?.getAttribute('aria-label'),
    spoken: control.querySelector('.noUi-handle')?.getAttribute('aria-valuetext'),
    box: control.querySelector('input')?.getAttribute('aria-label'),
    number: control.querySelector('input')?.value,
    group: control.closest('[role=group]:not(.lstm-panel)')?.getAttribute('aria-label')
        ?? control.querySelector('[role=group]')?.getAttribute('aria-label'),
    pressed: [...control.querySelectorAll('.widget-toggle-button')].map(button => [button.getAttribute('aria-pressed'),
                                                                    button.classList.contains('mod-active')]),
}))"""
# Record from now on everything that each panel's live region announces.
LISTEN = """() => {
    window.lstmLive = [...document.querySelectorAll('.lstm-panel [aria-live=polite]')].map(live => {
        const said = [];
        new MutationObserver(() => said.push(live.textContent))
            .observe(live, {childList: true, characterData: true, subtree: true});
        return {live, said};
    });
}"""
# Wait for these sentences in the panels without a prediction; null: no change expected.
SPOKEN = "lines => lines.every((line, k) => line === null || window.lstmLive[2 * k].said.at(-1) === line)"
SAID = "() => [window.lstmLive.map(({said}) => said), window.lstmLive.map(({live}) => live.isConnected)]"
# Of every slider: its ink, and the colors of its name and its handle.
INKS = """() => [...document.querySelectorAll('.lstm-panel .lstm-slider:not(.lstm-mixed)')].map(control => {
    const rgb = text => text.match(/[0-9]+/g).slice(0, 3).map(Number);
    const ink = [...control.classList].find(name => name.startsWith('lstm-ink-')).slice('lstm-ink-'.length);
    return [ink, rgb(getComputedStyle(control.querySelector('.lstm-name')).color),
            rgb(getComputedStyle(control.querySelector('.noUi-handle')).backgroundColor)];
})"""
SHOWS_NUMBER = "([handle, number]) => handle.getAttribute('aria-valuetext') === number"
STEP_BY_STEP = """async ([pause, sentences]) => {
    const sentence = document.querySelector('.lstm-panel .lstm-sentence');
    const shown = sentence.innerHTML, rest = () => new Promise(resolve => setTimeout(resolve, pause));
    for (const text of sentences) {
        sentence.textContent = text;
        await rest();
    }
    setTimeout(() => { sentence.innerHTML = shown; }, 1000);
}"""
HUNG_LATE = """async html => {
    const panel = document.createElement('div'), home = document.createElement('div');
    panel.className = 'lstm-panel';
    home.innerHTML = html;
    const rest = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));
    for (const image = home.querySelector('img'); !image.complete;) await rest(20);
    await rest(200);
    panel.append(home);
    for (let tries = 0; tries < 100 && !panel.getAttribute('role'); tries += 1) await rest(20);
    return [panel.getAttribute('role'), panel.getAttribute('aria-label')];
}"""
CUT_OFF = """() => [...document.querySelectorAll('.lstm-panel, .lstm-control *, .lstm-panel button')].filter(part =>
    part.getBoundingClientRect().width && !part.matches('.slider-container *') &&
    part.getBoundingClientRect().right > part.closest('.jp-OutputArea-output').getBoundingClientRect().right + 1
    || part.matches('.lstm-name') && part.scrollWidth > part.clientWidth + 1
).map(part => part.outerHTML.slice(0, 120))"""

LOST = "Not connected: run this cell again."
# Of each panel: the message about the lost kernel, its height, and the number of controls that can be reached.
LOST_PANELS = """() => [...document.querySelectorAll('.lstm-panel')].map(panel => {
    const line = [...panel.querySelectorAll('*')].find(part => part.childElementCount === 0
        && part.textContent.trim() === 'Not connected: run this cell again.' && part.checkVisibility());
    const free = [...panel.querySelectorAll('button, input, .noUi-handle')].filter(part => !part.closest('[inert]'));
    return [line?.textContent.trim(), line?.getBoundingClientRect().height, free.length];
})"""
RESTART = """async () => {
    await window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.restart();
}"""
RUN_FIRST = """async cells => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    for (const cell of cells) {
        notebook.activeCellIndex = cell;
        await window.jupyterapp.commands.execute('notebook:run-cell');
    }
}"""


@pytest.fixture(scope="module")
def page(every_panel):
    return every_panel


def facts(page):
    """Return the facts of the panels without a prediction."""
    return page.evaluate(FACTS)[::2]


@pytest.fixture(scope="module", params=["JupyterLab Dark", "JupyterLab Light"])
def theme(page, request):
    page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", request.param)
    page.wait_for_function("t => document.body.dataset.jpThemeName === t", arg=request.param)
    yield request.param
    page.evaluate("window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Light'})")


def test_every_name_and_handle_has_its_symbols_color_for_this_page(page, theme):
    """tests/unit/test_access.py checks the contrast of these colors; axe does not see all backgrounds."""
    wanted = {ink: matplotlib.colors.to_hex(color) for ink, color in (INK_ON_DARK if "Dark" in theme else INK).items()}
    seen = page.evaluate(INKS)
    assert {ink for ink, *_ in seen} >= {"f", "i", "g", "o", "c"}
    for ink, *colors in seen:
        assert {"#{:02x}{:02x}{:02x}".format(*color) for color in colors} == {wanted[ink]}, ink


def test_axe_finds_nothing_serious(page, theme):
    """In the dark theme, check only contrast."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="left out: axe is not installed")
    how = {"resultTypes": ["violations"]} | ({"runOnly": ["color-contrast"]} if "Dark" in theme else {})
    page.evaluate(MARK_PLAIN)
    found = axe.Axe().run(page, {"include": [[".lstm-panel.lstm-plain"]]}, how).response
    assert len(found["passes"]) >= (1 if "Dark" in theme else 8), "axe has not looked at much"
    serious = [v for v in found["violations"] if v["impact"] in ("serious", "critical")]
    assert serious == [], "; ".join(f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in serious)


@pytest.mark.parametrize(
    "number, name",
    [pytest.param(*pair, id=pair[1], marks=[pytest.mark.long] * (pair[1] not in EVERY_KIND)) for pair in NUMBERED],
)
def test_the_keyboard_reaches_every_control_and_shows_where_it_is(page, number, name):
    panel = page.locator(".lstm-panel").nth(number)
    every = panel.locator("button, .noUi-handle, input")
    every.first.focus()
    page.locator(".jp-cell-toolbar:visible").first.wait_for()  # JupyterLab adds it to the focused cell
    page.keyboard.press("Shift+Tab")  # an outline appears only for keyboard focus
    for _ in range(every.count()):
        page.keyboard.press("Tab")
        page.wait_for_function(f"({FOCUSED})().seen")  # the page may have to scroll
        at = page.evaluate(FOCUSED)
        assert at["inside"] and at["name"], at
        assert at["outline"][0] == "solid" and at["outline"][1] >= 2 and at["whole"], at
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.lstm-panel') === null") or page.evaluate(
        "number => document.activeElement.closest('.lstm-panel') !== document.querySelectorAll('.lstm-panel')[number]",
        number,
    )


@pytest.mark.parametrize("number, name", NUMBERED, ids=panels.EXPLORERS)
def test_every_control_has_the_name_that_stands_in_front_of_it(page, number, name):
    panel = page.locator(".lstm-panel").nth(number)
    assert panel.get_attribute("aria-label").endswith(" explorer")
    for control in panel.evaluate(CONTROLS):
        if control["handle"] is not None:
            assert control["handle"] == control["words"]
            assert control["box"] == control["words"] + ", as a number"
            if control["spoken"] == "mixed":
                assert control["number"] == ""
                continue
            assert abs(float(control["spoken"]) - float(control["number"])) <= 0.0101
            assert len(control["spoken"]) <= 6
        else:
            assert control["words"] in (control["box"], control["group"])
        wrong = [pressed for pressed, active in control["pressed"] if pressed != str(active).lower()]
        assert not (control["group"] and wrong), control["words"]


def test_a_typed_decimal_comma_is_a_point(page):
    """Chromium drops a comma where the decimal sign is a point: 0,35 became 35, and was moved to the upper end."""
    slider = page.locator(".lstm-panel").first.locator(".lstm-slider").nth(1)
    handle, box = slider.locator(".noUi-handle").element_handle(), slider.locator("input")
    before = box.input_value()
    for typed, number in (("0,35", "0.35"), (before.replace(".", ","), before)):
        box.click()
        page.keyboard.press("Control+a")
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
        page.wait_for_function(SHOWS_NUMBER, arg=[handle, number])


def test_what_changes_is_said_once_by_an_element_that_stays(page):
    before = facts(page)
    page.evaluate(LISTEN)
    for number, _ in NUMBERED:
        page.locator(".lstm-panel").nth(number).locator(".noUi-handle").first.focus()
        for key in ("End", *["ArrowLeft"] * 4):
            page.keyboard.press(key)
    after = [assert_shown(page, number) for number, _ in NUMBERED]
    same = [name for name, was, now in zip(panels.EXPLORERS, before, after, strict=True) if was["name"] == now["name"]]
    assert len(same) <= 2, same  # their first slider does not change the sentence
    changed = [
        now["sentence"] if now["sentence"] != was["sentence"] else None for was, now in zip(before, after, strict=True)
    ]
    page.wait_for_function(SPOKEN, arg=changed)
    page.wait_for_timeout(900)  # and nothing more
    heard = [heard[::2] for heard in page.evaluate(SAID)]
    for name, now, line, said, stays in zip(panels.EXPLORERS, after, changed, *heard, strict=True):
        assert stays and now["name"].endswith(now["sentence"])
        assert said[-1:] == ([] if line is None else [line]), name
        assert len(said) == len(set(said)), name


def test_what_changes_step_by_step_is_said_when_it_has_come_to_rest(page):
    """As in a drag: each sentence is shown for 40 ms."""
    page.evaluate(LISTEN)
    page.evaluate(STEP_BY_STEP, [40, ["one", "two", "three", "four"]])
    page.wait_for_timeout(1200)
    said, _ = page.evaluate(SAID)
    assert said[0][0] == "four"  # and none of those before it


def test_a_voice_that_is_loaded_before_it_hangs_in_its_panel_finds_it(page):
    assert page.evaluate(HUNG_LATE, accessibility("Some explorer").value) == ["group", "Some explorer"]


def test_nothing_is_cut_off_when_the_page_is_magnified_twice(page):
    """1280 pixels at 200 % leave 640 for the notebook, with JupyterLab's sidebar collapsed."""
    assert page.evaluate(CUT_OFF) == []
    page.set_viewport_size({"width": 640, "height": 800})
    page.wait_for_timeout(500)
    assert page.evaluate(CUT_OFF) == []
    assert not any(panel["overflow"] for panel in page.evaluate(FACTS))
    page.set_viewport_size({"width": 1280, "height": 1600})


@pytest.fixture
def page_to_restart(page):
    """The page, for a test that restarts its kernel; afterwards the panels are made again for the tests that follow."""
    yield page
    run_every_panel(page)


def test_a_panel_without_its_kernel_says_so_and_stands_still(page_to_restart):
    page = page_to_restart
    panels_before = page.locator(".lstm-panel").count()
    assert page.get_by_text(LOST).count() == 0
    page.evaluate(RESTART)
    page.wait_for_function("n => document.querySelectorAll('.lstm-panel.lstm-lost').length === n", arg=panels_before)
    for name, (line, height, free) in zip(panels.EXPLORERS, page.evaluate(LOST_PANELS)[::2], strict=True):
        assert line == LOST and height > 16 and free == 0, name
    for panel in (page.locator(".lstm-panel").first, page.locator(".lstm-panel").last):
        before = panel.locator(".noUi-handle").first.get_attribute("aria-valuetext")
        panel.locator(".noUi-handle").first.focus(timeout=1000)
        page.keyboard.press("End")
        panel.locator(".noUi-base").first.click(force=True, position={"x": 5, "y": 2})
        assert panel.locator(".noUi-handle").first.get_attribute("aria-valuetext") == before
    page.evaluate(RUN_FIRST, [0, 1])
    page.wait_for_function(
        "n => document.querySelectorAll('.lstm-panel.lstm-lost').length === n", arg=panels_before - 1
    )
    panel = page.locator(".lstm-panel:not(.lstm-lost)")
    sentence = panel.locator(".lstm-sentence").text_content()
    panel.locator(".noUi-handle").first.focus()
    page.keyboard.press("Home")
    page.wait_for_function("s => document.querySelector('.lstm-panel:not(.lstm-lost) .lstm-sentence')"
                           ".textContent !== s", arg=sentence)  # fmt: skip
