"""The panels of the reading edition in a real browser, opened as files: they show what the explorers show."""

import re
from urllib.parse import urlsplit

import numpy as np
import pytest

from lstm_helpers.view.controls import Choice, Player, Slider, Text
from tests.support.flipbooks import MOVING, built, opened
from tests.support.pages import watched
from tests.support.tiers import later
from tools.site import flipbook

pytestmark = pytest.mark.slow

pytest.importorskip("latex2mathml", reason="left out: `make test EXTRAS=test,site` installs what builds the site")
pytest.importorskip("axe_playwright_python", reason="left out: axe-playwright-python is not installed")

QUICK = "02_pointwise_operations"
BETWEEN = 10  # places of a slider that are tried, in addition to its ends
KINDS = {Slider: "slider", Player: "player", Choice: "button"}
MOVED_TO = {
    "slider": lambda slider, place: place,
    "player": lambda player, place: int(place),
    "button": lambda choice, label: choice.options[label],
}

# Move controls and press buttons as a user would; return the differences from what the page should show.
WALK = """([name, wanted]) => {
    const panel = panels.get(name), {figure, controls, chips} = panel, wrong = [], kept = {}, opening = panel.setting;
    const markup = text => { const box = document.createElement('div'); box.innerHTML = text; return box.innerHTML; };
    for (const {kind, control, value, ...should} of wanted) {
        const moved = controls.get(control);
        if (!panel.setting.moves[control] || panel.setting !== opening) panel.open('start', []);
        if (kind === 'slider') {
            moved.track.value = moved.places.indexOf(value);
            moved.track.dispatchEvent(new Event('input'));
        } else if (kind === 'player') {
            moved.jump(value);
        } else {
            (moved?.buttons ?? chips).find(button => button.textContent === value).click();
        }
        const sliders = [...controls].filter(([, slider]) => slider.track), svg = figure.querySelector('svg[role=img]');
        const is = {
            sentence: figure.querySelector('.sentence').textContent,
            name: svg.getAttribute('aria-label'),
            still: figure.querySelector('.lstm-picture > :first-child').innerHTML,
            parts: `<svg>${svg.innerHTML}</svg>`,
            boxes: Object.fromEntries(sliders.map(([key, {box}]) => [key, box.value])),
            spoken: Object.fromEntries(sliders.map(([key, {track}]) => [key, track.ariaValueText])),
            marked: chips.filter(chip => chip.ariaPressed === 'true').map(chip => chip.textContent),
        };
        for (const part of ['still', 'parts']) should[part] = kept[should[part]] ??= markup(should[part]);
        for (const [part, text] of Object.entries(should))
            if (JSON.stringify(is[part]) !== JSON.stringify(text)) wrong.push([control, value, part, is[part], text]);
    }
    return wrong;
}"""
# The chips that are marked if "y = 0" was pressed last and these presets hold.
MARKED = """holds => {
    const panel = panels.values().next().value;
    panel.choose('y = 0');
    panel.show({...panel.setting, holds});
    return panel.chips.filter(chip => chip.ariaPressed === 'true').map(chip => chip.textContent);
}"""
RING = """slider => {
    const {outlineWidth, outlineOffset} = getComputedStyle(slider);
    return [outlineWidth, outlineOffset].map(parseFloat);
}"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    return built(tmp_path_factory.mktemp("quick"), [QUICK])


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Every page, with fewer places than on the site: a frame does not depend on the other places."""
    with pytest.MonkeyPatch.context() as few:
        few.setattr(flipbook, "FRAMES", 0)
        few.setattr(flipbook, "_FINE", BETWEEN + 4)
        few.setattr(flipbook, "_COARSE", (0, 1))  # for settings two buttons away, which these tests do not visit
        return built(tmp_path_factory.mktemp("whole"), MOVING)


def wanted(panel, book):
    """Yield moves from the opening with the content that the page should show: every slider, player and button."""
    start, setting = panel.state, book["settings"][book["opens"]]
    for name, control in panel.controls.items():
        if isinstance(control, Text):
            continue
        kind = KINDS[type(control)]
        places = setting["moves"][name]["at"] if name in setting["moves"] else list(setting["choices"][name])
        if kind != "button":
            places = [float(places[round(k)]) for k in np.linspace(0, len(places) - 1, BETWEEN + 2)]
        for place in dict.fromkeys(places):
            panel.go_to(start)
            if place != setting["positions"][name]:
                panel.move(**{name: MOVED_TO[kind](control, place)})
            yield {"kind": kind, "control": name, "value": place, **seen(panel)}
    for preset in panel.presets:
        panel.go_to(start)
        panel.choose(preset)
        yield {"kind": "button", "control": "", "value": preset, **seen(panel)}
    panel.go_to(start)


def seen(panel):
    """Return the content that a page should show: sentence, picture, number boxes, and the marked preset."""
    still, parts, sentence = panel.frame()
    boxes = {name: control.shown for name, control in panel.controls.items() if isinstance(control, Slider)}
    written = {name: None if value is None else f"{round(value, 2) + 0.0:g}" for name, value in boxes.items()}
    return {
        "sentence": sentence,
        "name": f"{panel.title}. {sentence}",
        "still": still,
        "parts": f"<svg>{''.join(parts)}</svg>",
        "boxes": {name: text or "" for name, text in written.items()},
        "spoken": {name: text or "mixed" for name, text in written.items()},
        "marked": [name for name, chip in panel.chips.items() if "lstm-marked" in chip._dom_classes],
    }


def assert_as_the_explorers(name, site, browser):
    """Check that all panels of a page show what their explorers show, and request only their own files."""
    with watched(browser) as (page, complaints, requests):
        figures = opened(page, site, name)
        names = figures.evaluate_all("figures => figures.map(figure => [figure.dataset.panel, figure.dataset.book])")
        assert [book for _, book in names] == list(site.panels[name])
        for panel, book in names:
            looked_at = list(wanted(site.panels[name][book], site.books[book]))
            assert len(looked_at) > BETWEEN
            wrong = page.evaluate(WALK, [panel, looked_at])
            assert wrong == [], f"{panel}: {len(wrong)} of {len(looked_at)}, such as {str(wrong[0])[:2000]}"
        assert complaints == []
        assert all(url.startswith((site.folder.as_uri(), "data:")) for url in requests)


def test_a_panel_shows_what_its_explorer_shows(quick, browser):
    assert_as_the_explorers(QUICK, quick, browser)


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in MOVING if name != QUICK])
def test_every_panel_shows_what_its_explorer_shows(name, whole, browser):
    assert_as_the_explorers(name, whole, browser)


@pytest.mark.parametrize(
    "holds, marked",
    [(["y = 1", "y = 0", "start"], ["y = 0"]), (["y = 1", "start"], ["y = 1"]), (["start"], ["start"]), ([], [])],
)
def test_at_most_one_preset_is_marked_as_in_the_explorers(holds, marked, quick, browser):
    with watched(browser) as (page, _, _):
        opened(page, quick, QUICK)
        assert page.evaluate(MARKED, holds) == marked


def test_a_panel_opens_as_the_stored_picture(quick, browser):
    with watched(browser, java_script_enabled=False) as (page, _, _):
        page.goto(f"{(quick.folder / QUICK).as_uri()}.html")
        stored = page.locator("[data-book] img").get_attribute("alt")
        assert page.locator(".lstm-rail, .lstm-picture").count() == 0, "without a script the picture stands as it was"
    with watched(browser) as (page, _, _):
        figure = opened(page, quick, QUICK)
        assert figure.get_by_role("img").get_attribute("aria-label") == stored
        assert figure.get_by_role("button", name="start", exact=True).get_attribute("aria-pressed") == "true"


def test_another_slider_brings_the_first_back_and_says_so_once(quick, browser):
    with watched(browser) as (page, _, _):
        figure = opened(page, quick, QUICK)
        first, second = (figure.get_by_label(name, exact=True) for name in ("x₁", "y₂"))
        box = "x₁, as a number"
        home, said = figure.get_by_label(box).input_value(), figure.locator(".together strong")
        first.press("End")
        assert figure.get_by_label(box).input_value() == "1" and said.text_content() == ""
        second.press("ArrowRight")
        assert figure.get_by_label(box).input_value() == home
        assert said.text_content().strip() == f"x₁ is back at {home}."
        page.wait_for_function("document.querySelector('.lstm-voice').textContent.startsWith('x₁ is back')")
        second.press("ArrowRight")
        sentence = figure.locator(".sentence").text_content()
        page.wait_for_function("said => document.querySelector('.lstm-voice').textContent === said", arg=sentence)
        link = figure.get_by_role("link", name="run this page").get_attribute("href")
        assert link.startswith(f"live/lab/index.html?path={QUICK}.ipynb")


def test_a_drag_is_not_read_out_step_by_step(quick, browser):
    with watched(browser) as (page, _, _):
        page.clock.install(time="2026-01-01")
        figure = opened(page, quick, QUICK)
        page.clock.pause_at("2026-01-02")
        voice = figure.locator(".lstm-voice")
        assert voice.text_content() == "", "nothing is said before something moves"
        for _ in range(4):
            figure.get_by_label("x₁", exact=True).press("ArrowRight")
            page.clock.run_for(400)
            assert voice.text_content() == ""
        page.clock.run_for(200)
        assert voice.text_content() == figure.locator(".sentence").text_content()


def test_the_keyboard_moves_all(quick, browser):
    with watched(browser) as (page, _, _):
        figure = opened(page, quick, QUICK)
        track, box = figure.get_by_label("x₁", exact=True), figure.get_by_label("x₁, as a number")
        track.press("Home")
        assert box.input_value() == "-1" and track.get_attribute("aria-valuetext") == "-1"
        box.fill("0.5")
        box.press("Enter")
        assert box.input_value() == "0.5" and track.get_attribute("aria-valuetext") == "0.5"
        box.press("Control+a")
        page.keyboard.type("-0,5")
        box.press("Enter")
        assert box.input_value() == "-0.5" and track.get_attribute("aria-valuetext") == "-0.5"
        box.press("ArrowUp")
        assert float(box.input_value()) > -0.5
        box.fill("0.123")
        box.press("Enter")
        assert box.input_value() in ("0.1", "0.12", "0.15") and "no picture at 0.123" in figure.text_content()
        track.press("ArrowRight")
        assert "no picture" not in figure.text_content()
        before = box.input_value()
        box.fill("")
        box.press("Enter")
        assert box.input_value() == before, "what is no number changes nothing"
        figure.get_by_role("button", name="y = 0").press(" ")
        assert figure.get_by_label("y₁, as a number").input_value() == "0"
        assert figure.get_by_role("button", name="y = 0").get_attribute("aria-pressed") == "true"


def test_the_ring_around_a_focused_slider_leaves_its_label_legible(quick, browser):
    with watched(browser) as (page, _, _):
        slider = opened(page, quick, QUICK).get_by_label("x₁", exact=True)
        slider.press("End")
        width, offset = slider.evaluate(RING)
        assert width >= 2 and width + offset <= 1, "the label is right above"


def test_a_finger_moves_a_slider(quick, browser):
    with watched(browser, has_touch=True, viewport={"width": 390, "height": 800}) as (page, _, _):
        figure = opened(page, quick, QUICK)
        track = figure.get_by_label("x₁", exact=True)
        track.scroll_into_view_if_needed()
        box = track.bounding_box()
        page.touchscreen.tap(box["x"] + 0.9 * box["width"], box["y"] + box["height"] / 2)
        assert 0.6 < float(figure.get_by_label("x₁, as a number").input_value()) <= 1


def test_a_link_carries_the_state(quick, browser):
    with watched(browser) as (page, complaints, _):
        figure = opened(page, quick, QUICK)
        figure.get_by_role("button", name="y = −x").click()
        figure.get_by_label("x₂", exact=True).press("End")
        state = page.evaluate("document.querySelector('.together a:last-child').hash")
        sentence = figure.locator(".sentence")
        told = sentence.text_content()
        assert state == "#pointwise=y-minus-x&x_2=1"
        page.goto("about:blank")
        opened(page, quick, QUICK, state)
        page.wait_for_function("told => document.querySelector('.sentence').textContent === told", arg=told)
        assert -2 < figure.bounding_box()["y"] < 100, "the page has scrolled to it"
        page.evaluate("location.hash = '#pointwise=y-0'")
        page.wait_for_function("document.querySelector('[aria-pressed=true]').textContent === 'y = 0'")
        told = sentence.text_content()
        for nothing in ("", "#", "#nothing=start", "#nothing"):
            page.evaluate("hash => { location.hash = hash; }", nothing)
            assert sentence.text_content() == told
        start = figure.get_by_role("button", name="start", exact=True)
        for part in ("nothing", "", "start&x_9=1", "start&x_1=?", "start"):
            page.evaluate("hash => { location.hash = hash; }", f"#pointwise={part}")
            page.wait_for_function("document.querySelector('[aria-pressed=true]').textContent === 'start'")
            assert start.get_attribute("aria-pressed") == "true" and sentence.text_content() != told
        assert complaints == []


@pytest.mark.long
def test_every_name_in_a_link_is_one_of_its_own(whole):
    """No two presets of a panel have the same name in a link."""
    for picture, book in whole.books.items():
        names = [re.sub(r"\W+", "-", name.lower().replace("−", "minus ")) for name in book["presets"]]
        assert len(set(names)) == len(names), picture


@pytest.mark.long
def test_each_link_of_the_guide_opens_a_panel_that_says_what_is_quoted(whole, browser):
    links = re.findall(r'<a href="([^"]+)#([^"=]+=[^"]+)">(.*?)</a>(?:\s+says\s+“(.*?)”)?', guide(whole), re.DOTALL)
    assert len(links) > 20 and {urlsplit(page).path.removesuffix(".html") for page, *_ in links} == set(MOVING)
    with watched(browser) as (page, complaints, _):
        for name, state, words, quoted in links:
            page.goto("about:blank")
            opened(page, whole, name.removesuffix(".html"), f"#{state}".replace("&amp;", "&"))
            panel, *moves = re.split("&amp;|&", state)
            figure = page.locator(f"[data-panel={panel.partition('=')[0]}]")
            assert figure.count() == 1, state
            page.wait_for_function(
                "panel => location.hash.startsWith(`#${panel}`) && Math.abs("
                "document.querySelector(`[data-panel=${panel.split('=')[0]}]`).getBoundingClientRect().top) < 100",
                arg=panel,
            )
            link = page.evaluate("name => panels.get(name).address().toString()", panel.partition("=")[0])
            assert link.replace("%2B", "+").startswith(panel), f"{state} opens {link}"
            assert len(link.split("&")) == 1 + len(moves), f"{state} opens {link}"
            assert " ".join(quoted.split()) in figure.locator(".sentence").text_content(), f"{words}: {state}"
        assert complaints == []


def guide(site):
    return (site.folder / "guide.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("theme", later(["light", "dark"], now=["dark"]))
@pytest.mark.parametrize("width", later([1366, 320], now=[320]))
def test_axe_finds_nothing(width, theme, quick, browser):
    assert_accessible(QUICK, width, theme, quick, browser)


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in MOVING if name != QUICK])
def test_axe_finds_nothing_anywhere(name, whole, browser):
    assert_accessible(name, 1366, "light", whole, browser)


def assert_accessible(name, width, theme, site, browser):
    from axe_playwright_python.sync_playwright import Axe

    viewport = {"width": width, "height": 768}
    with watched(browser, viewport=viewport, color_scheme=theme) as (page, complaints, _):
        figures = opened(page, site, name)
        page.evaluate("dispatchEvent(new Event('resize'))")
        for figure in figures.all():
            sliders = figure.locator("input[type=range]:enabled")
            if sliders.count():
                sliders.first.press("ArrowRight")
        assert complaints == [] and page.evaluate(OVERFLOW) <= 0
        found = Axe().run(page, {"include": [[".lstm-panel"]]}, {"resultTypes": ["violations"]}).response["violations"]
        assert found == [], "; ".join(f"{v['id']}: {v['nodes'][0]['html'][:300]}" for v in found)


def test_a_narrow_screen_has_its_controls_over_the_picture_and_both_in_sight(quick, browser):
    with watched(browser, viewport={"width": 320, "height": 640}) as (page, _, _):
        figure = opened(page, quick, QUICK)
        for control in figure.locator("input, button").all():
            box = control.bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= 320 and box["height"] >= 24
        page.evaluate("() => { document.querySelector('.lstm-panel').scrollIntoView(); scrollBy(0, -100); }")
        rail, picture = figure.locator(".lstm-rail").bounding_box(), figure.locator(".wide").bounding_box()
        assert 0 < rail["y"] < picture["y"] - 200 and picture["y"] + picture["height"] <= 640
        last = figure.get_by_role("button", name="y = −x")
        last.focus()
        assert last.bounding_box()["y"] + 24 < figure.locator(".wide").bounding_box()["y"], "the picture hides nothing"


def test_a_wide_screen_has_its_controls_beside_the_picture_and_all_in_sight(quick, browser):
    with watched(browser, viewport={"width": 1366, "height": 768}) as (page, _, _):
        figure = opened(page, quick, QUICK)
        rail, picture = figure.locator(".lstm-rail").bounding_box(), figure.locator(".wide").bounding_box()
        assert rail["x"] + rail["width"] <= picture["x"] and picture["width"] >= 800
        assert figure.bounding_box()["height"] < 700


@pytest.mark.parametrize(("width", "height"), [(911, 512), (844, 390)], ids=["projector at 150 %", "phone on its side"])
def test_a_low_screen_has_a_slider_and_the_whole_picture_in_sight(width, height, quick, browser):
    with watched(browser, viewport={"width": width, "height": height}) as (page, _, _):
        figure = opened(page, quick, QUICK)
        figure.evaluate("figure => figure.scrollIntoView()")
        slider, picture = (figure.locator(part).first.bounding_box() for part in ("input[type=range]", ".wide"))
        assert slider["x"] + slider["width"] <= picture["x"] and slider["y"] >= 0
        assert picture["y"] >= 0 and picture["y"] + picture["height"] <= height
        assert page.evaluate(OVERFLOW) <= 0


def test_printing_prints_the_picture_as_it_is(quick, browser):
    with watched(browser) as (page, _, _):
        figure = opened(page, quick, QUICK)
        figure.get_by_label("x₁", exact=True).press("End")
        page.emulate_media(media="print")
        assert not figure.locator(".lstm-rail").is_visible() and not figure.locator(".together").is_visible()
        assert figure.locator(".lstm-picture").is_visible() and "[1.00," in figure.locator(".sentence").text_content()


def test_a_strict_page_has_its_panels(quick, browser):
    """No handler and no code in an attribute, no eval: only scripts from files."""
    address = "http://strict.test"
    with watched(browser) as (page, complaints, _):

        def answer(route):
            path = quick.folder / urlsplit(route.request.url).path.lstrip("/")
            policy = "default-src 'self' data:; style-src 'self' 'unsafe-inline'"
            route.fulfill(path=path, headers={"Content-Security-Policy": policy})

        page.route(f"{address}/**", answer)
        page.goto(f"{address}/{QUICK}.html")
        page.locator(".lstm-panel").wait_for()
        page.locator(".lstm-panel").get_by_role("button", name="y = 0").click()
        assert "× [0.00" in page.locator(".lstm-panel .sentence").text_content()
        assert complaints == []
