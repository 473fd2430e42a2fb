"""The reading edition in a real browser: it says everything that the notebooks say, and contacts no other host."""

import re
import tomllib
from urllib.parse import parse_qs, unquote, urlsplit

import nbformat
import pytest

from tests.support.notebooks import NAMES, PATHS, ROOT, code, outputs
from tests.support.pages import served, watched
from tests.support.tiers import later
from tools.notebooks import CHECK
from tools.site.dates import changed

pytestmark = pytest.mark.slow

pytest.importorskip("latex2mathml", reason="left out: `make test EXTRAS=test,site` installs what builds the site")
pytest.importorskip("axe_playwright_python", reason="left out: axe-playwright-python is not installed")

PAGES = ["index", "guide", *NAMES]
FEW = ["index", "guide", NAMES[0], NAMES[6]]  # axe takes seconds for each; `make test-all` checks the others, too
# Open all folds of a page.
OPEN = "document.querySelectorAll('details').forEach(fold => { fold.open = true; })"
TEXTS = "selector => [...document.querySelectorAll(selector)].map(element => element.textContent)"
NARROWEST = 320
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
FACTS = """() => ({
    language: document.documentElement.lang,
    title: document.title,
    levels: [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(heading => Number(heading.tagName[1])),
    ids: [...document.querySelectorAll('[id]')].map(element => element.id),
    links: [...document.querySelectorAll('a[href]')].map(link => link.href),
    broken: [...document.images].filter(image => image.complete && !image.naturalWidth).map(image => image.src),
    unseen: [...document.querySelectorAll('math')].filter(math => math.getBoundingClientRect().width < 3).length,
    next: [...document.querySelectorAll('a[rel=next]')].map(link => link.href),
    previous: [...document.querySelectorAll('a[rel=prev]')].map(link => link.href),
    byline: document.querySelector('main h1 + .byline')?.textContent,
    days: [...document.querySelectorAll('.byline time')].map(time => time.dateTime),
    contents: [...document.querySelectorAll('nav.sections li')].map(item => item.textContent),
    sections: [...document.querySelectorAll('main h2')].map(heading => heading.textContent),
    headings: [...document.querySelectorAll('main :is(h2, h3, h4)')].map(heading => heading.id),
    permalinks: [...document.querySelectorAll('.permalink')].map(link => [link.hash.slice(1), link.ariaLabel]),
    exercises: [...document.querySelectorAll('.exercise')].map(at => [at.id, at.nextElementSibling.textContent]),
})"""
SCROLLS = """() => [...document.querySelectorAll('*')].filter(box =>
    box.scrollWidth > box.clientWidth + 1 && ['auto', 'scroll'].includes(getComputedStyle(box).overflowX)
).map(box => [box.tabIndex, box.getAttribute('aria-label')])"""
# The distinct pairs of text and background colors, each with an example.
COLORS = """() => {
    const found = {}, texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const words = texts.currentNode.data.trim(), parent = texts.currentNode.parentElement;
        if (!words || parent.closest('script, figure .wide, .flipbook')) continue;
        let box = parent;
        while (box && getComputedStyle(box).backgroundColor === 'rgba(0, 0, 0, 0)') box = box.parentElement;
        const pair = [getComputedStyle(parent).color, getComputedStyle(box ?? document.body).backgroundColor];
        found[pair] = [...pair, words.slice(0, 60)];
    }
    return Object.values(found);
}"""
FOCUS = """() => {
    const look = getComputedStyle(document.activeElement);
    return [document.activeElement.textContent, look.outlineStyle, parseFloat(look.outlineWidth)];
}"""


def light(color):
    """Return WCAG's relative luminance of a color, as in CSS: "rgb(1, 2, 3)"."""
    parts = (int(part) / 255 for part in re.findall(r"\d+", color)[:3])
    linear = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return sum(share * p for share, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(*colors):
    """Return WCAG's contrast ratio of two colors."""
    darker, brighter = sorted(map(light, colors))
    return (brighter + 0.05) / (darker + 0.05)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    from tools.site import reading

    folder = tmp_path_factory.mktemp("site")
    built = reading.build(ROOT / "notebooks", folder)
    assert [path.stem for path in built] == PAGES
    return folder


@pytest.fixture(scope="module")
def address(folder):
    with served(folder) as address:
        yield address


@pytest.fixture(scope="module")
def facts(address, browser):
    """The facts of each page, by name; each page is opened once, with a narrow window and open folds."""
    known = {}
    with watched(browser) as (page, complaints, requests):
        for name in PAGES:
            page.set_viewport_size({"width": 1280, "height": 720})
            page.goto(f"{address}/{name}.html", wait_until="load")
            known[name] = page.evaluate(FACTS)
            page.set_viewport_size({"width": NARROWEST, "height": 600})
            page.evaluate(OPEN)
            known[name]["overflow"] = page.evaluate(OVERFLOW)
    assert complaints == [] and all(url.startswith((address, "data:")) for url in requests)
    return known


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_a_language_a_title_and_headings_in_order(name, facts):
    page = facts[name]
    assert page["language"] == "en" and page["broken"] == [] and page["unseen"] == 0
    assert len({other["title"] for other in facts.values()}) == len(PAGES)
    assert page["levels"][0] == 1 and page["levels"].count(1) == 1
    assert all(after <= before + 1 for before, after in zip(page["levels"], page["levels"][1:], strict=False))
    assert len(page["ids"]) == len(set(page["ids"]))


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name, facts, folder, address):
    for link in facts[name]["links"]:
        assert link.startswith(address), "no page leads away from the site"
        parts = urlsplit(link)
        path = unquote(parts.path).lstrip("/")
        if path == "live/lab/index.html":
            (opened,) = [p for p in PATHS if p.name == parse_qs(parts.query)["path"][0]]
            cells = [cell.id for cell in nbformat.read(opened, as_version=4).cells]
            assert parts.fragment.removeprefix("cell-id=") in ["", *cells]
            continue
        assert (folder / path).is_file(), link
        if parts.fragment and "=" not in parts.fragment:  # test_flipbook.py tests links to a panel's state
            assert unquote(parts.fragment) in facts[path.removesuffix(".html")]["ids"], link


def test_a_walk_by_next_leads_through_all_notebooks_and_back(address, facts):
    at = [f"{address}/{name}.html" for name in NAMES]
    for name, after in zip(NAMES, at[1:], strict=False):
        assert facts[name]["next"] and set(facts[name]["next"]) == {after}
    for name, before in zip(NAMES[1:], at, strict=False):
        assert before in facts[name]["previous"]
    assert facts[NAMES[-1]]["next"] == []


def code_shown(book):
    """Return the code of all cells and of the text outside of folds."""
    for cell in book.cells:
        text = re.sub(r"<details>.*?</details>", "", cell.source, flags=re.DOTALL)
        blocks = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
        yield from (one.strip("\n") for one in ([cell.source] if cell.cell_type == "code" else blocks) if one.strip())


@pytest.mark.parametrize("path", PATHS, ids=NAMES)
def test_a_page_says_what_the_notebook_says(path, address, browser):
    """Even without scripts: every picture with its stored words, every cell, every printed line."""
    book = nbformat.read(path, as_version=4)
    with watched(browser, java_script_enabled=False) as (page, _, _):
        page.goto(f"{address}/{path.stem}.html")
        alts = page.locator("img").evaluate_all("images => images.map(image => image.getAttribute('alt'))")
        assert alts == [o.metadata["image/png"]["alt"] for _, o in outputs(book) if "image/png" in o.get("data", {})]
        sources = [text.strip("\n") for text in page.locator("main > .code").all_text_contents()]
        assert sources == list(code_shown(book))
        printed = "".join(page.locator("main > .printed").all_text_contents())
        for _, output in outputs(book):
            assert output.get("text", "").strip() in printed
        shown = page.locator("main").text_content()
        assert page.locator("main details").count() == sum(c.source.count("<details>") for c in book.cells)
        assert "$" not in shown.replace(printed, ""), "an equation was left as it is typed"
        header = page.locator("header").text_content()
        assert "reading edition" in header and "live edition" in header and "on your own machine" in header


@pytest.mark.parametrize("width", later([1280, 390], now=[390]))
@pytest.mark.parametrize("name", later(PAGES, now=FEW))
def test_axe_finds_nothing_serious(name, width, address, browser):
    """On a narrow screen, only rules that depend on the width. The colors of code and equations are measured below."""
    from axe_playwright_python.sync_playwright import Axe

    where, how = {"exclude": [[".line"], ["math"]]}, {"resultTypes": ["violations"]}
    if width < 1280:
        how["runOnly"] = ["scrollable-region-focusable", "target-size", "meta-viewport", "aria-hidden-focus"]
    with watched(browser, viewport={"width": width, "height": 900}) as (page, complaints, _):
        page.goto(f"{address}/{name}.html", wait_until="load")
        page.evaluate(OPEN)
        page.evaluate("dispatchEvent(new Event('resize'))")
        found = Axe().run(page, where, how).response["violations"]
        serious = [v for v in found if v["impact"] in ("serious", "critical")]
        assert serious == [], "; ".join(f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in serious)
        # A box wider than the screen scrolls, also with the keyboard, and has a name; the page does not scroll.
        assert page.evaluate(OVERFLOW) <= 0
        assert all(tab == 0 and label for tab, label in page.evaluate(SCROLLS))
        assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", later(FEW, now=["index", NAMES[6]]))  # of these two, one has code
def test_every_color_of_text_stands_out_from_its_ground(name, scheme, address, browser):
    """At least 7:1, which is AAA in WCAG, code included, and in the theme that the reader's system asks for."""

    with watched(browser, color_scheme=scheme) as (page, _, _):
        page.goto(f"{address}/{name}.html")
        page.evaluate(OPEN)
        pairs = page.evaluate(COLORS)
        assert (light(page.evaluate("getComputedStyle(document.body).backgroundColor")) < 0.1) == (scheme == "dark")
    assert len(pairs) >= 3
    for ink, ground, words in pairs:
        assert contrast(ink, ground) >= 7, f"{ink} on {ground}: {words}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_thumb_of_a_scrollbar_stands_out_from_its_track(scheme, address, browser):
    with watched(browser, color_scheme=scheme, viewport={"width": 390, "height": 844}) as (page, _, _):
        page.goto(f"{address}/{NAMES[0]}.html")
        colors = page.locator(".wide").first.evaluate("box => getComputedStyle(box).scrollbarColor")
        assert contrast(*re.findall(r"rgb\([^)]+\)", colors)) >= 3


def test_nothing_is_cut_off_at_the_narrowest_screen_and_the_largest_type(facts):
    """320 pixels is a screen of 1280 at 400 %, as WCAG requires."""
    assert [name for name, page in facts.items() if page["overflow"] > 0] == []


def test_the_keyboard_reaches_everything_and_shows_where_it_is(address, browser):
    with watched(browser) as (page, _, _):
        page.goto(f"{address}/{NAMES[0]}.html")
        page.keyboard.press("Tab")
        words, style, width = page.evaluate(FOCUS)
        assert (words, style) == ("Skip to the text", "solid") and width >= 2
        assert page.locator(".skip").bounding_box()["x"] >= 0
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"
        fold = page.locator("main details").first
        fold.locator("summary").focus()
        page.keyboard.press("Enter")
        assert fold.get_attribute("open") is not None
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS)[2] >= 2


@pytest.mark.parametrize("name", ["guide", *NAMES])
def test_a_page_says_who_wrote_it_and_when_and_lists_what_is_on_it(name, facts):
    page, day = facts[name], changed(ROOT / "notebooks" / (f"{name}.ipynb" if name != "guide" else "README.md"))
    (author,) = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["authors"]
    assert author["name"] in page["byline"]
    assert author["name"] in (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert page["days"] == ([str(day)] if day else [])
    assert page["contents"] == page["sections"] != []


@pytest.mark.parametrize("name", ["guide", *NAMES])
def test_each_heading_and_each_exercise_has_a_link_to_itself(name, facts):
    page = facts[name]
    targets, names = zip(*page["permalinks"], strict=True)
    assert len(set(targets)) == len(targets)
    assert all(re.fullmatch("Link to .{3,}", words) for words in names), "a screen reader says where each leads"
    if name == "guide":
        asked = []
    else:
        cells = code(nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4))
        asked = [match[1] for cell in cells if (match := CHECK.search(cell.source))]
        assert asked
    assert [place for place, _ in page["exercises"]] == asked
    assert all(f'check("{place}"' in source for place, source in page["exercises"])
    assert {unquote(target) for target in targets} == {*page["headings"], *asked}


def test_a_permanent_link_shows_when_one_points_at_it_or_comes_to_it_with_the_keyboard(address, browser):
    opacity = "link => getComputedStyle(link).opacity"
    with watched(browser) as (page, _, _):
        page.goto(f"{address}/{NAMES[3]}.html")
        for place in ("h2#predict-then-move", '[id="forget_gate.kept"] + .code'):
            beside = page.locator(place)
            link = page.locator(".permalink[href='#predict-then-move'], .permalink[href='#forget_gate.kept']")
            link = link.nth(0 if place.startswith("h2") else 1)
            assert link.evaluate(opacity) == "0"
            beside.hover()
            assert link.evaluate(opacity) == "1"
            page.mouse.move(0, 0)
            assert link.evaluate(opacity) == "0"
            link.focus()
            assert link.evaluate(opacity) == "1"


@pytest.mark.parametrize("name", PAGES[1:])
def test_on_a_phone_the_list_of_sections_leaves_room_for_the_page(name, address, browser):
    with watched(browser, viewport={"width": 390, "height": 844}) as (page, _, _):
        page.goto(f"{address}/{name}.html")
        links = [link.bounding_box() for link in page.locator("nav.sections a").all()]
        rows = {round(box["y"]) for box in links}
        assert len(rows) < len(links) and page.evaluate(OVERFLOW) <= 0


@pytest.mark.parametrize("name", NAMES)
def test_a_page_that_asks_for_run_all_cells_says_first_that_it_has_no_menu(name, address, browser):
    with watched(browser) as (page, _, _):
        page.goto(f"{address}/{name}.html")
        assert "no menu, so skip Run All Cells. " in page.locator(".edition").inner_text()


def test_the_landing_page_shows_a_panel_then_the_core_and_the_electives(address, browser):
    guide = (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8")
    lessons = re.findall(r"^### \d\. (.+) \((.+)\)$", guide, re.MULTILINE)
    with watched(browser, viewport={"width": 1366, "height": 768}) as (page, _, _):
        page.goto(f"{address}/index.html")
        opening = page.locator("main figure").first
        assert opening.bounding_box()["y"] < 300, "it is the first thing that one sees"
        stored = [output for _, output in outputs(nbformat.read(PATHS[0], as_version=4))]
        words = [o.metadata["image/png"]["alt"] for o in stored if "image/png" in o.get("data", {})]
        assert opening.locator("img").first.get_attribute("alt") == words[0], "the panel with which 00 begins"
        shown = page.locator(".lessons > li").evaluate_all(
            """lessons => lessons.map(lesson => [
                lesson.querySelector('h3').textContent,
                [...lesson.querySelectorAll('.cards a')].map(link => link.getAttribute('href').slice(0, 2)).join(', '),
            ])"""
        )
        assert shown == [list(lesson) for lesson in lessons] and len(lessons) == 4
        links = page.locator(".cards a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
        assert sorted(links) == [f"{name}.html" for name in NAMES], "each notebook is there, once"


def test_an_equation_that_cannot_be_read_is_refused():
    from tools.site.mathml import mathml

    for tex in (r"\nosuchthing", r"\frac{a", "a & b"):
        with pytest.raises(ValueError, match="mathematics that latex2mathml reads, got " + re.escape(tex)):
            mathml(tex)


def test_equations_are_drawn_and_spoken_as_tex_means_them():
    from tools.site.mathml import mathml

    bare = re.compile(r"<semantics>(.*)<annotation", re.DOTALL)
    apply, thin = "<mo>\u2061</mo>", '<mspace width="0.167em" />'
    assert f"<mi>ln</mi>{apply}{thin}<mn>0.5</mn>" in mathml(r"\ln 0.5")
    assert f"<msup><mi>tanh</mi><mn>2</mn></msup>{apply}<mo" in mathml(r"\tanh^2(c)")
    assert f"<mi>softmax</mi>{apply}" in mathml(r"\mathrm{softmax}(y)")
    assert "<mo>;</mo>" in mathml("[h; x]")
    assert bare.search(mathml(r"\tanh"))[1].count("<mo>") == 0
    table = mathml(r"\begin{aligned} a &= b \\ c &= d \end{aligned}", "block")
    assert table.count("<mtr>") == 2 and "<mi />" not in table and "&amp;= b" in table  # the TeX it carries


def test_a_formula_is_not_parted_from_its_comma():
    from tools.site.reading import Words

    page = Words({}).html("Of $a$, ($b$) and $c$ and $d$ **e**.")
    assert len(re.findall(r'<span class="tied"><math.*?</math>,</span>', page)) == 1
    assert len(re.findall(r'<span class="tied">\(<math.*?</math>\)</span>', page)) == 1
    assert page.count("tied") == 2 and page.count("<math") == 4


def test_what_a_page_cannot_show_stops_the_build(tmp_path):
    from tools.site import reading

    for cell, message in (
        (nbformat.v4.new_markdown_cell("[away](no_such_page.ipynb)"), "a link leads to no_such_page.ipynb"),
        (_showing({"application/x-new": "?"}), "has no form that a page can show: application/x-new"),
        (_showing({"image/png": "iVBORw0KGgo="}), "a picture has no words"),
        (nbformat.v4.new_code_cell("1/0", outputs=[nbformat.v4.new_output("error")]), "stores an error"),
    ):
        book = nbformat.v4.new_notebook(cells=[cell])
        exporter = reading.ReadingExporter("page", tmp_path, {})
        with pytest.raises(ValueError, match=message):
            exporter.from_notebook_node(book, {"page": {"name": "p", "title": "t", "question": "q"}, "live": "live"})


def test_a_page_that_is_read_shows_an_answer_without_a_fold(tmp_path):
    from lstm_helpers.jupyter.fold import _FOLD
    from tools.site.reading import Pictures

    cell = _showing({"text/plain": "Predict first.", "text/html": _FOLD})
    cell.outputs.append(nbformat.v4.new_output("stream", text="the answer"))
    book, _ = Pictures("page", tmp_path, {}).preprocess(nbformat.v4.new_notebook(cells=[cell]), {})
    assert [output.output_type for output in book.cells[0].outputs] == ["stream"]


def _showing(data):
    return nbformat.v4.new_code_cell("show()", outputs=[nbformat.v4.new_output("display_data", data=data)])
