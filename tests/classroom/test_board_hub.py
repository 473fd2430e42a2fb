"""The board at a real hub: what each token can do, and what remains after everything was killed."""

import contextlib
import itertools
import re
import tempfile
import threading
import time
from urllib.parse import urljoin

import psutil
import pytest

pytest.importorskip("jupyterhub", reason="the classroom needs jupyterhub: EXTRAS=test,classroom")

from tests.support.board import PREFIX, BoardOfHub, awaited_until, report
from tests.support.disks import fill, hub_on_small_disk
from tests.support.hub import Hub, require_hub
from tests.support.student import Student

pytestmark = pytest.mark.long

NAMES = ["konstantina", "bartholomew", "ms-lee teacher"]
ANNA, BO = "konstantina", "bartholomew"  # long enough to be searched for in files and logs
START = "00_start_here.ipynb"
TIMEOUT = 60  # seconds for killed processes to be back


def class_with_a_board(hub):
    """Two students with a server each, and a teacher who has opened a lesson."""
    hub.start()
    hub.people = {}
    for name in (ANNA, BO, "ms-lee"):
        hub.people[name] = student = Student(hub.url, name, hub.passwords()[name])
        student.log_in()
        student.enter()
    board = BoardOfHub(hub, hub.people["ms-lee"])
    board.act("open")
    return board


@pytest.fixture(scope="module", params=[False, True], ids=["one address", "addresses of their own"])
def running(request):
    require_hub()
    with tempfile.TemporaryDirectory(prefix="class-") as folder:
        hub = Hub(folder, NAMES, subdomains=request.param)
        try:
            yield class_with_a_board(hub)
        finally:
            hub.end()


@pytest.fixture
def board(running):
    """The board at the beginning of a lesson, so that no test depends on another, or on its own first attempt."""
    for action in ("close", "delete", "open"):
        running.act(action)
    return running


def answered(board, question):
    """Return how many have answered a question, or predicted, in its last vote."""
    for found in board.state()["questions"]:
        if found["name"] == question:
            return (found["checks"] or found["predicted"])[-1]["answered"]
    return 0


def run_first_notebook(student, steps):
    """Run 00 with a prediction in it, as a student does; return the sentences of panels and replies."""
    cells = [cell["source"] for cell in student.read(START)["cells"] if cell["cell_type"] == "code"]
    (asked,) = (cell for cell in cells if cell.startswith("my_steps = ..."))
    body = {"path": START, "name": START, "type": "notebook", "kernel": {"name": "python3"}}
    kernel = student.api("POST", "api/sessions", body)["kernel"]["id"]
    said = []
    with student.kernel(kernel) as kernel:
        for cell in cells[: cells.index(asked) + 2]:
            for _, content in kernel.execute(f"my_steps = {steps}" if cell == asked else cell):
                said.append(str(content))
    return "".join(said)


def test_from_a_notebook_to_a_second_vote(board):
    """As in README.md: a prediction typed in 00 appears on the board, is revealed, and is asked for again."""
    anna = board.hub.people[ANNA]
    run_first_notebook(anna, 10)
    assert awaited_until(lambda: answered(board, "start.half") == 1, TIMEOUT)
    board.act("ask again", "start.half")
    assert "without your name" in run_first_notebook(anna, 13)
    assert awaited_until(lambda: answered(board, "start.half") == 1, TIMEOUT)
    board.act("reveal", "start.half")
    (found,) = (question for question in board.state()["questions"] if question["name"] == "start.half")
    assert found["spread"][0]["median"] == [10, 13] and found["spread"][0]["truth"] == pytest.approx(13.51, abs=0.01)


def test_the_hubs_pages_have_a_link_to_the_board_for_teachers_only(board):
    links = {}
    for name in ("ms-lee", ANNA):
        student = board.hub.people[name]
        page = student.browser.get(f"{student.url}/hub/home")
        found = re.findall('class="dropdown-item" href="([^"]*)"', page.text)
        links[name] = [urljoin(page.url, link) for link in found]
    assert links == {"ms-lee": [board.page], ANNA: []}


def test_a_students_server_reports_with_its_own_token_and_the_teacher_sees_it(board):
    sent = report("fading.left", right=False)
    assert board.send(ANNA, sent) == (200, {"taken": [sent["id"]], "refused": {}})
    assert board.call("GET", "api/lesson", token=board.token(BO), name=BO) == (200, {"open": True})
    assert answered(board, "fading.left") == 1


def test_a_name_in_a_report_is_nobodys(board):
    """The token alone determines whose answer it is."""
    for name in (BO, "ms-lee"):
        board.send(ANNA, report("fading.steps", name=name, user=name, learner=name))
    assert answered(board, "fading.steps") == 1


def test_without_a_token_or_with_a_forged_one_nothing_is_taken(board):
    for token in (None, "0" * 32, board.token(ANNA)[:-1] + "x"):
        assert board.call("POST", "api/reports", [report("fading.step")], token, ANNA)[0] == 403
    assert answered(board, "fading.step") == 0


def test_a_students_cookies_are_no_token_and_open_no_page(board):
    anna = board.hub.people[ANNA]
    for path in ("", "api/board", "api/lesson", "api/predictions?question=cell.shown"):
        assert anna.browser.get(board.page + path).status_code == 403
    assert anna.browser.post(f"{board.page}api/board", json={"do": "delete"}).status_code == 403
    assert anna.browser.post(f"{board.page}api/reports", json=[report("fading.step")]).status_code == 403
    assert board.state()["lesson"]["closed"] is None and answered(board, "fading.step") == 0


def test_a_students_token_opens_no_page_and_nothing_else_at_the_hub(board):
    token = board.token(ANNA)
    for path in ("", "api/board", "api/predictions?question=cell.shown"):
        assert board.call("GET", path, token=token, name=ANNA)[0] in (302, 403)
    assert board.call("POST", "api/board", {"do": "delete"}, token, ANNA)[0] == 403
    headers = {"Authorization": f"token {token}"}
    nobody = Student(board.hub.url, "", "").browser
    for path in ("users", f"users/{BO}", "services", "services/board", "proxy", "groups"):
        assert nobody.get(f"{board.hub.url}/hub/api/{path}", headers=headers).status_code in (403, 404)
    scopes = nobody.get(f"{board.hub.url}/hub/api/user", headers=headers).json()["scopes"]
    identify = {f"read:users:{what}!user={ANNA}" for what in ("name", "groups", "activity")}
    assert set(scopes) - identify == {
        f"access:servers!server={ANNA}/", f"users:activity!user={ANNA}", "custom:board:report",
    }  # fmt: skip


def test_the_boards_own_token_can_do_nothing_for_the_hub(board):
    headers = {"Authorization": f"token {board.hub.board().environ()['JUPYTERHUB_API_TOKEN']}"}
    nobody = Student(board.hub.url, "", "").browser
    for path in ("users", f"users/{ANNA}", "services", "proxy"):
        assert nobody.get(f"{board.hub.url}/hub/api/{path}", headers=headers).status_code in (403, 404)


def test_a_teachers_notebook_gets_the_predictions_with_its_servers_token(board):
    board.send(ANNA, report("cell.shown", "prediction", value=0.63))
    ask = ("GET", "api/predictions?question=cell.shown")
    assert board.call(*ask, token=board.token("ms-lee"), name="ms-lee")[1]["predictions"] == [0.63]
    assert board.call(*ask, token=board.token(ANNA), name=ANNA)[0] == 403


def test_the_list_decides_now_who_sees_the_page(board):
    path = board.hub.folder / "class.txt"
    before = path.read_text()
    path.write_text(before.replace("ms-lee teacher", "ms-lee"))
    try:
        assert board.teacher.browser.get(f"{board.page}api/board").status_code == 403
        assert board.open_page(board.teacher).status_code == 403
    finally:
        path.write_text(before)
    assert board.open_page(board.teacher).status_code == 200


def test_a_post_from_another_page_is_refused_although_the_browser_sends_the_cookie(board):
    answer = board.teacher.browser.post(f"{board.page}api/board", json={"do": "delete"})
    assert answer.status_code == 403 and board.state()["lesson"]["closed"] is None


def test_what_is_forged_or_too_large_is_refused_and_the_rest_is_taken(board):
    script, good = "<script>alert(1)</script>", report("fading.step")
    assert board.send(ANNA, report(script), report("cell.forged"), good)[1]["taken"] == [good["id"]]
    assert board.send(ANNA, report("cell.hide", "prediction", value="x" * 2**20))[0] == 413
    for value in (script, "=1+1", "$$x$$"):
        assert board.send(ANNA, report("cell.hide", "prediction", value=value))[0] == 200
    board.act("reveal", "cell.hide")
    assert answered(board, "cell.hide") == 1 and script not in board.open_page(board.teacher).text
    assert "refused: there is no question" in board.hub.log()


def test_a_flood_holds_up_nobody_else(board):
    token, until, found = board.token(ANNA), time.monotonic() + 5, []

    def flood():
        for size in itertools.cycle((50, 1)):  # after an earlier flood, too few are allowed for fifty
            if time.monotonic() > until:
                return
            found.append(board.call("POST", "api/reports", [report() for _ in range(size)], token, BO)[0])

    threads = [threading.Thread(target=flood, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    taken = [board.send(BO, report("pointwise.kept"))[0] for _ in range(10)]
    for thread in threads:
        thread.join()
    assert taken == [200] * 10 and set(found) == {200, 429}
    assert answered(board, "pointwise.kept") == 1
    assert f"{ANNA} sends more than" in board.hub.log()
    assert awaited_until(lambda: board.send(ANNA, report())[0] == 200, TIMEOUT)


def is_there(board):
    with contextlib.suppress(Exception):
        return bool(board.state()["lesson"])
    return False


def sent_at_last(board, name, sent):
    with contextlib.suppress(OSError, psutil.Error):
        return board.send(name, sent)[0] == 200
    return False


def test_nothing_is_lost_or_counted_twice_when_board_hub_and_proxy_are_killed(board):
    """The teacher's page stays logged in, too."""
    hub, sent = board.hub, report("pointwise.update", right=False)
    board.send(ANNA, sent)
    for kill in (
        lambda: hub.board().kill(),
        lambda: hub.proxy().kill(),
        lambda: restart(hub),
        lambda: restart(hub, True),
    ):
        kill()
        assert awaited_until(lambda: sent_at_last(board, ANNA, sent), TIMEOUT)
        assert awaited_until(lambda: is_there(board), TIMEOUT)
        assert answered(board, "pointwise.update") == 1
    assert sent_at_last(board, BO, report("pointwise.update")) and answered(board, "pointwise.update") == 2
    boards = [process for process, _ in hub.processes() if "classroom.board" in process.cmdline()]
    assert len(boards) == 1


def restart(hub, alone=False):
    """Kill the hub with its services, as systemd does, or `alone`; and start it again."""
    if alone:
        hub.process.kill()
        hub.process.wait()
    else:
        hub.kill()
    hub.start()


def test_after_a_lesson_no_name_is_left(board):
    folder, key = board.hub.folder / "board", board.hub.folder / "board.key"
    sent = report("cell.hide")
    board.send(ANNA, report("cell.forged"))  # for a line in the log
    assert key.exists() and awaited_until(lambda: board.send(ANNA, sent)[0] == 200, TIMEOUT)  # not 429, after a flood
    for left in (True, False):  # while the board has it open, and after it was closed
        found = b"".join(path.read_bytes() for path in folder.iterdir())
        assert b"cell.hide" in found and not any(name.encode() in found for name in (ANNA, BO, "ms-lee"))
        if left:
            board.act("close")
    assert not key.exists()
    assert awaited_until(lambda: board.send(ANNA, report())[0] == 409, TIMEOUT)
    board.act("delete")
    assert not list(folder.iterdir())
    lines = [line for line in board.hub.log().splitlines() if "refused" in line]
    assert lines and not any(name in line for name in (ANNA, BO) for line in lines if " sends more than " not in line)
    assert board.hub.errors() == []


@pytest.fixture
def small(tmp_path, tmp_path_factory):
    require_hub()
    with hub_on_small_disk(tmp_path, tmp_path_factory.mktemp("journal"), NAMES) as hub:
        yield hub


def test_on_a_full_disk_the_lesson_goes_on_and_what_was_kept_back_comes_later(small):
    board = class_with_a_board(small)
    board.send(ANNA, report("fading.left"))
    statuses = []

    def refused():
        fill(small.folder / f"all-{len(statuses)}")  # including the hub's reserve
        tokens = [board.token(name) for name in (ANNA, BO)]
        for token in tokens:
            statuses.append(board.call("POST", "api/reports", [report() for _ in range(50)], token, ANNA)[0])
        return 503 in statuses

    assert awaited_until(refused, TIMEOUT)
    assert answered(board, "fading.left") == 1 and "disk full" in board.state()["trouble"]
    assert "the store does not take them" in small.log()
    notebook = small.people[ANNA].api("GET", "api/contents/00_start_here.ipynb?content=0")
    assert notebook["name"] == "00_start_here.ipynb"
    late = report("fading.steps")
    assert board.send(BO, late)[0] in (429, 503)
    small.board().kill()
    assert awaited_until(lambda: is_there(board), TIMEOUT)
    assert answered(board, "fading.left") == 1
    for path in small.folder.glob("all-*"):
        path.unlink()
    assert awaited_until(lambda: sent_at_last(board, BO, late), TIMEOUT)
    assert answered(board, "fading.steps") == 1 and board.state()["trouble"] == ""
    assert PREFIX in board.page and not [error for error in small.errors() if "classroom/board" in error]
