"""Access to panels on a page: move them, and compare the page with the kernel's picture and sentence."""

import json

import playwright.sync_api

# In the kernel: the panels that cells have shown, in order, and the expected content of one of them. `preset` is chosen
# once more; `afresh` clears the caches and draws the picture again.
_KERNEL = """
import json
from lstm_helpers.view import lifetime
def shown_panels():
    return [panel for cell in lifetime._shells[get_ipython()]._panels.values() for panel in cell]
def wanted(k, preset, afresh):
    panel = shown_panels()[k]
    before = panel._still.value, panel._layer.value
    if preset not in (None, "another sample"):
        panel.choose(preset)
    if afresh:
        panel._live._drawn.clear()
        panel._live._stills.clear()
        panel._draw(redraw=True)
    still, layer = panel._still.value, panel._layer.value
    sliders = [control.shown for control in panel.controls.values() if hasattr(control, "handle")]
    print(json.dumps({"still": still, "layer": layer, "sentence": panel.sentence, "title": panel.title,
                      "sliders": sliders, "kept": (still, layer) == before}))
"""
_EXECUTE = """async code => {
    const kernel = window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel;
    const future = kernel.requestExecute({code, store_history: false, allow_stdin: false});
    let printed = "";
    future.onIOPub = message => {
        if (message.header.msg_type === "stream") printed += message.content.text;
        if (message.header.msg_type === "error") printed += message.content.traceback.join("\\n");
    };
    await future.done;
    return printed;
}"""
# True if the page shows the kernel's elements, however the browser serializes them, and its values.
_SHOWS = """([number, wanted]) => {
    const panel = document.querySelectorAll('.lstm-panel')[number];
    const same = (widget, text) => {
        const other = document.createElement('div'), now = widget.querySelector('.widget-html-content').cloneNode(true);
        other.innerHTML = text;
        now.querySelector('.lstm-light')?.remove();  // the glow, which only the page has, for a moment
        return now.innerHTML === other.innerHTML;
    };
    const layer = panel.querySelector('.lstm-layer');
    const shown = [...panel.querySelectorAll('.lstm-control:has([role=slider])')].map(control => [
        control.querySelector('input').value,
        control.querySelector('[role=slider]').getAttribute('aria-valuetext'),
    ]);
    return shown.length === wanted.sliders.length
        && shown.every(([box, handle], k) => wanted.sliders[k] === null
            ? box === '' && handle === 'mixed'
            : box !== '' && [box, handle].every(text => Math.abs(Number(text) - wanted.sliders[k]) < 0.0051))
        && same(layer, wanted.layer) && same(layer.parentElement.firstElementChild, wanted.still)
        && panel.querySelector('.lstm-sentence').textContent.trim() === wanted.sentence
        && layer.querySelector('svg').getAttribute('aria-label') === wanted.title + '. ' + wanted.sentence;
}"""
FACTS = """() => [...document.querySelectorAll('.lstm-panel')].map(panel => ({
    sliders: [...panel.querySelectorAll('.lstm-control:has([role=slider])')].map(control => ({
        value: Number(control.querySelector('input').value),
        spoken: Number(control.querySelector('[role=slider]').getAttribute('aria-valuetext')),
    })),
    name: panel.querySelector('.lstm-layer svg')?.getAttribute('aria-label'),
    sentence: panel.querySelector('.lstm-sentence').textContent.trim(),
    overflow: panel.scrollWidth > panel.clientWidth + 1,
}))"""
# Record, at every frame from now on, the distinct boxes of the two parts of the picture.
WATCH = """number => {
    const panel = document.querySelectorAll('.lstm-panel')[number];
    const frames = window.lstmFrames = {count: 0, boxes: new Set()};
    const look = () => {
        if (window.lstmFrames !== frames) return;
        frames.count += 1;
        const home = panel.getBoundingClientRect();
        const boxes = [...panel.querySelectorAll('.widget-gridbox svg')].map(svg => {
            const box = svg.getBoundingClientRect();
            return [svg.childElementCount > 0, box.x - home.x, box.y - home.y, box.width, box.height];
        });
        frames.boxes.add(JSON.stringify(boxes));
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""
UNWATCH = """async () => {
    const frames = window.lstmFrames;
    const [seen, frame] = [frames.count, () => new Promise(requestAnimationFrame)];
    while (frames.count < seen + 2) await frame();  // a fast move may be over before it has been painted
    window.lstmFrames = null;
    return [...frames.boxes].map(box => JSON.parse(box));
}"""


def execute(page, code):
    """Run code in the kernel of the page's notebook; return its printed output."""
    return page.evaluate(_EXECUTE, code)


def prepare(page):
    """Define the functions in the kernel that `assert_shown` uses."""
    assert execute(page, _KERNEL) == ""


def assert_shown(page, number, preset=None, afresh=False):
    """Check that a panel shows its kernel's picture, sentence and values; return its facts.

    With a preset, check also that choosing it again changes nothing; with `afresh`, that drawing anew changes nothing.
    """
    for tries in range(40, -1, -1):
        printed = execute(page, f"wanted({number}, {preset!r}, {afresh})")
        assert printed.startswith("{"), f"the kernel printed {printed!r}"
        wanted = json.loads(printed)
        assert wanted["kept"], "the kernel's cached picture differs from the picture it draws now"
        try:
            page.wait_for_function(_SHOWS, arg=[number, wanted], timeout=10_000 if not tries else 250, polling=50)
            break
        except playwright.sync_api.TimeoutError:  # the kernel has not received all moves yet
            if not tries:
                raise
    facts = page.evaluate(FACTS)[number]
    assert "could not be drawn" not in facts["sentence"]
    assert len(facts["sliders"]) >= 1 and not facts["overflow"]
    return facts


def assert_right(page, number, preset=None):
    """Check that a panel shows a freshly drawn picture of its values; return its facts."""
    return assert_shown(page, number, preset, afresh=True)


class Watched:
    """Context manager that checks every frame of a panel's picture: it is never empty, and its box never changes."""

    def __init__(self, page, number):
        self._page, self._number = page, number

    def __enter__(self):
        self._page.evaluate(WATCH, self._number)
        return self

    def __exit__(self, kind, *_):
        boxes = self._page.evaluate(UNWATCH)
        if kind is None:
            assert len(boxes) == 1, f"the picture's box changed: {boxes[:3]}"
            (still, layer) = boxes[0]
            assert still[0] and layer[0] and still[1:] == layer[1:] and layer[3] > 300


def drag(page, handle, to, steps=8):
    """Drag a handle with the mouse to a fraction of its track; values outside 0 to 1 are beyond its ends.

    The mouse moves 60 times a second, as often as a browser reports it.
    """
    start = handle.bounding_box()
    x, y = start["x"] + start["width"] / 2, start["y"] + start["height"] / 2
    track = handle.locator("xpath=ancestor::*[contains(@class, 'noUi-base') or contains(@class, 'ui-slider')]")
    track = track.bounding_box()
    end = track["x"] + to * track["width"]
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, steps + 1):
        page.mouse.move(x + (end - x) * step / steps, y)
        page.wait_for_timeout(1000 / 60)
    page.mouse.up()


def by_key(handle, end):
    """Move a handle to an end of its track, 0 or 1, with the keyboard."""
    handle.focus()
    handle.press("End" if end else "Home")


def assert_sliders_go(page, number, move, places, first_only=False):
    """Move each slider of a panel to each place; check that the picture follows, and that no frame is empty or moves.

    Args:
        page, number: the page, and the panel's number on it.
        move: a function that moves a handle to a place.
        places: fractions of a track; values outside 0 to 1 are beyond its ends.
        first_only: move only the panel's first slider.
    """
    panel = page.locator(".lstm-panel").nth(number)
    picture = panel.locator(".lstm-layer")
    for control in panel.locator(".lstm-control:has([role=slider])").all()[: 1 if first_only else None]:
        handle, box = control.locator("[role=slider]"), control.locator("input")
        box.scroll_into_view_if_needed()
        low, high = (float(box.get_attribute(end)) for end in ("min", "max"))
        for place in places:
            before, value_before = picture.inner_html(), box.input_value()
            wanted = min(max(low, low + place * (high - low)), high)
            near = 0 if wanted in (low, high) else 0.03 * (high - low) + 0.5 * float(box.get_attribute("step"))
            with Watched(page, number):
                move(handle, place)
                arrived = "([box, wanted, near]) => Math.abs(Number(box.value) - wanted) <= near"
                page.wait_for_function(arrived, arg=[box.element_handle(), wanted, near], timeout=10_000)
            assert_shown(page, number)
            assert box.input_value() == value_before or picture.inner_html() != before
    assert_right(page, number)
