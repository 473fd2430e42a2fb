"""The board's page in Chromium: its content, its accessibility, and that no text from the class runs as code."""

import random

import pytest

pytest.importorskip("jupyterhub", reason="the classroom needs jupyterhub: EXTRAS=test,classroom")

from lstm_helpers.checks import QUESTIONS, check
from tests.support.board import RunningBoard, fill_with_a_class, report
from tests.support.tiers import later

pytestmark = pytest.mark.slow

PROJECTOR = {"width": 1366, "height": 768}
# The lines on which the name of a question stands in the list.
PARTS = """[...new Set([...one.childNodes].filter(node => node.nodeType === 3).flatMap(node => {
    const range = document.createRange(); range.selectNodeContents(node);
    return [...range.getClientRects()].map(box => Math.round(box.top)); }))]"""
SCRIPT = "<img src=x onerror=window.stolen=1><script>window.stolen=1</script>"


@pytest.fixture
def board(tmp_path):
    board = RunningBoard(tmp_path, [f"s{k}" for k in range(30)])
    yield board
    board.end()


@pytest.fixture
def opened(board, browser):
    """The page, as a teacher opens it."""
    context = browser.new_context(viewport=PROJECTOR)
    page = context.new_page()
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("console", lambda line: page.errors.append(line.text) if "Content Security" in line.text else None)
    page.goto(board.url)
    yield page
    assert page.errors == []
    context.close()


def open_lesson(page):
    """Press the button, and wait until the board has opened the lesson: until then it takes no answers."""
    page.click("#open")
    page.wait_for_selector("#close")


def wait_for(page, text):
    page.get_by_text(text).first.wait_for(timeout=20_000)


def test_from_nothing_to_a_second_vote(board, opened):
    """By keyboard alone."""
    wait_for(opened, "No lesson. Nothing is counted.")
    opened.focus("#open")
    opened.keyboard.press("Enter")
    wait_for(opened, "No answers yet.")
    for name, value in (("s0", 0.63), ("s1", 0.63), ("s2", 0.07)):
        board.send(name, report("cell.shown", "prediction", value=value))
    wait_for(opened, "3 of 30")
    assert "Hidden until you press Reveal" in opened.inner_text("main") and not opened.query_selector("main svg")
    opened.focus("#reveal")
    opened.keyboard.press("Enter")
    opened.wait_for_selector("main svg")
    assert opened.get_attribute("main svg", "aria-label") == "3 predictions, median 0.63. The truth is 0.5439."
    assert opened.evaluate("document.activeElement.id") == "again"
    opened.keyboard.press("Enter")
    wait_for(opened, "0 of 30")
    board.send("s0", report("cell.shown", "prediction", value=0.54))
    wait_for(opened, "1 of 30")
    opened.focus("#reveal")
    opened.keyboard.press("Enter")
    opened.wait_for_selector("main svg")
    label = opened.get_attribute("main svg", "aria-label")
    assert label.startswith("First vote: 3 predictions") and "Second vote: 1 prediction, median 0.54." in label
    opened.focus("#close")
    opened.keyboard.press("Enter")
    wait_for(opened, "Lesson closed")
    assert opened.evaluate("document.activeElement.id") == "lesson"  # not the button that deletes
    opened.on("dialog", lambda dialog: dialog.accept())
    opened.click("#delete")
    wait_for(opened, "No lesson. Nothing is counted.")


def test_it_is_live_and_goes_on_after_the_board_was_killed(board, opened, tmp_path):
    open_lesson(opened)
    board.send("s0", report(right=False, diagnosis=["complement"]))
    wait_for(opened, "1 of 30")
    assert "which keeps 1 - f of the old memory" in opened.inner_text("main")
    port = board.port
    board.end()
    wait_for(opened, "Not connected. Trying again.")
    again = RunningBoard(tmp_path, [f"s{k}" for k in range(30)], port=port)
    try:
        again.send("s1", report())
        wait_for(opened, "2 of 30")
        opened.wait_for_selector("#trouble", state="hidden")
        assert opened.inner_text("#announcement") in (
            "1 of 30 have answered, 0 are right by now.",
            "2 of 30 have answered, 1 are right by now.",
        )
    finally:
        again.end()


def test_the_question_that_a_teacher_looks_at_stays(board, opened):
    open_lesson(opened)
    board.send("s0", report())
    wait_for(opened, "Work out the new memory")
    board.send("s0", report("cell.shown", "prediction", value=0.5))
    wait_for(opened, "The memory is now 0.7")  # the newest, as long as nobody has chosen
    opened.click("nav button >> text=cell.new_memory")
    board.send("s0", report("forget_gate.kept"))
    wait_for(opened, "forget_gate.kept")
    assert "Work out the new memory" in opened.inner_text("h2")
    assert opened.eval_on_selector("nav [aria-current=true]", "button => button.dataset.name") == "cell.new_memory"


def test_the_question_that_is_shown_is_in_view_in_a_long_list_of_whole_words(board, opened):
    open_lesson(opened)
    names = [name for name, question in QUESTIONS.items() if question.kind == "prediction"][:15]
    board.send("s0", *(report(name, "prediction", value=0.5) for name in names))
    opened.wait_for_function(
        "name => document.querySelector('nav [aria-current=true]')?.dataset.name === name", arg=names[-1]
    )
    in_view = """button => { const box = button.getBoundingClientRect();
        return box.top >= 0 && box.bottom <= innerHeight && document.documentElement.scrollTop === 0; }"""
    assert opened.eval_on_selector("nav [aria-current=true]", in_view)
    opened.click(f"nav button >> text={names[0]}")
    assert opened.eval_on_selector("nav [aria-current=true]", in_view)
    lines = opened.eval_on_selector_all("nav button", "found => found.map(one => [one.dataset.name, one.innerText])")
    for name, text in lines:
        assert text.splitlines()[0] == name, text
    heights = opened.eval_on_selector_all(
        "nav button", "found => found.map(one => [one.dataset.name, parts(one).length]);".replace("parts(one)", PARTS)
    )
    assert [name for name, count in heights if count > 1 + name.count(".")] == []


def test_an_answer_that_two_mistakes_give_is_one_row_with_both_sentences(board, opened):
    open_lesson(opened)
    reply = check("cell.new_memory", 0.6)
    for name in ("s0", "s1"):
        board.send(name, report(right=False, diagnosis=list(reply.diagnosis)))
    wait_for(opened, "2 of 30")
    (row,) = opened.query_selector_all(".mistakes > li")
    assert row.inner_text().split("\n\n")[:2] == ["2", "One of these; the numbers do not tell which:"]
    assert [one.inner_text()[:18] for one in row.query_selector_all("li")] == [
        "This is (1 - f) * ",
        "This is tanh(f * c",
    ]


@pytest.mark.parametrize(
    "text", later([SCRIPT, '=HYPERLINK("http://x")', "$$\\frac{1}{0}$$", "{{ 7 * 7 }}", "<b>bold</b>"], now=[SCRIPT])
)
def test_nothing_that_the_class_writes_runs_or_is_typeset(board, opened, text):
    open_lesson(opened)
    for name in ("s0", "s1"):
        board.send(
            name, report("cell.hide", "prediction", value=text), report("cell.hide", "prediction", value={text: 1})
        )
    for name in ("s2", "s3"):
        board.send(name, report("cell.hide", "prediction", value={text[:20]: 1}))
    wait_for(opened, "4 of 30")
    opened.click("#reveal")
    wait_for(opened, text[:20])
    assert text[:60] in opened.inner_text("#figures")
    assert opened.evaluate("window.stolen") is None
    assert (
        opened.eval_on_selector_all("main img, main script, main b:not(.number b, .bar b)", "found => found.length")
        == 0
    )


@pytest.mark.parametrize("theme", later(["light", "dark"], now=["light"]))
@pytest.mark.parametrize("students", later([0, 1, 30], now=[30]))
def test_axe_finds_nothing(board, browser, students, theme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="left out: axe is not installed")
    board.act("open")
    fill_with_a_class(board, students, random.Random(1))
    page = browser.new_page(viewport=PROJECTOR, color_scheme=theme)
    page.goto(board.url)
    wait_for(page, "Lesson open since")
    looked = [axe.Axe().run(page, None, {"resultTypes": ["violations"]}).response]
    if students:
        page.click("#reveal")
        page.click("summary")
        page.wait_for_selector("main svg")
        looked.append(axe.Axe().run(page, None, {"resultTypes": ["violations"]}).response)
        page.click("nav button >> nth=0")
        looked.append(axe.Axe().run(page, None, {"resultTypes": ["violations"]}).response)
    for found in looked:
        assert len(found["passes"]) >= 8, "axe has not looked at much"
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]] == []
    page.close()


@pytest.mark.parametrize("students", later([1, 30], now=[30]))
def test_all_of_it_can_be_read_from_the_last_row(board, opened, students):
    """No text is smaller than 18 px on a projector, numbers are large, and nothing runs out of the page."""
    board.act("open")
    fill_with_a_class(board, students, random.Random(1))
    wait_for(opened, f"{students} of 30")
    opened.click("#reveal")
    opened.click("summary")
    opened.wait_for_selector("main svg")
    sizes = opened.evaluate(
        """() => [...document.querySelectorAll("body *")].filter((one) => one.id !== "announcement"
             && [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
             .map((one) => { const svg = one.closest("svg");
               const scale = svg ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1;
               return [scale * parseFloat(getComputedStyle(one).fontSize), one.textContent.trim().slice(0, 40)]; })"""
    )
    assert len(sizes) > 20 and [text for size, text in sizes if size < 18] == []
    assert opened.eval_on_selector(".number b", "number => parseFloat(getComputedStyle(number).fontSize)") >= 60
    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert opened.eval_on_selector("main svg", "svg => svg.getBoundingClientRect().bottom") <= PROJECTOR["height"]
