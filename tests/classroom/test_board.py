"""The board's web server: permissions, limits, and log lines."""

import json
import logging
import re
import socket
import threading
import time

import pytest

pytest.importorskip("jupyterhub", reason="the classroom needs jupyterhub: EXTRAS=test,classroom")

from tornado.web import create_signed_value

from classroom.board import SCOPE, reports, service
from classroom.board.rates import Rates
from classroom.board.store import NAME, UnavailableError
from tests.support.board import PREFIX, RunningBoard, awaited_until, model, report


@pytest.fixture
def board(tmp_path):
    board = RunningBoard(tmp_path)
    board.act("open")
    yield board
    board.end()


@pytest.fixture
def said(caplog):
    """The lines in the log so far."""
    caplog.set_level(logging.INFO)
    return lambda: [record.getMessage() for record in caplog.records]


def test_an_answer_is_taken_and_shown(board):
    sent = report(right=False, diagnosis=["complement"])
    assert board.send("anna", sent) == (200, {"taken": [sent["id"]], "refused": {}})
    (counted,) = board.shown()["checks"]
    assert (counted["answered"], counted["now"]) == (1, 0)
    assert counted["mistakes"][0]["keys"] == ["complement"]


def test_an_answer_that_is_sent_again_is_taken_and_counts_once(board):
    sent = report(right=False)
    assert board.send("anna", sent) == board.send("anna", sent)
    assert board.send("anna", sent, sent, report())[0] == 200
    assert board.board.store.changes and board.shown()["checks"][0]["answered"] == 1
    board.end()
    assert len(board.store.answers()) == 2


# --- who


@pytest.mark.parametrize("path", ["api/reports", "api/lesson", "api/predictions?question=cell.shown"])
@pytest.mark.parametrize("token", [None, "", "forged", "service", "page", "struck"])
def test_a_token_that_is_not_a_students_servers_gets_nothing(board, said, path, token):
    """Nor does it help that a teacher has a page open in the same browser."""
    board.auth.models |= {
        "service": model("board", SCOPE, kind="service"),
        "page": model("anna", "access:services!service=board"),
        "struck": model("dora", SCOPE),
    }
    method = "POST" if path == "api/reports" else "GET"
    assert board.call(method, path, [report()] if method == "POST" else None, token)[0] == 403
    assert board.state()["questions"] == []
    assert any(line.startswith(f"refused: {method} {PREFIX}{path.partition('?')[0]}: ") for line in said())


@pytest.mark.parametrize("path", ["api/reports", "api/lesson", "api/predictions?question=cell.shown"])
@pytest.mark.parametrize("name", ["anna", "ms-lee"])
def test_a_token_in_a_cookie_is_none(board, path, name):
    """Any page sends the cookie along; the board itself has signed it."""
    cookie = board.auth.cookie_name
    signed = create_signed_value("secret", cookie, name).decode()
    method, body = ("POST", [report()]) if path == "api/reports" else ("GET", None)
    assert board.call(method, path, body, Cookie=f"{cookie}={signed}") == (403, {"message": "a token is needed"})


def test_who_is_taken_off_the_list_is_out_at_once(board):
    assert board.send("bo", report())[0] == 200
    board.class_file.write_text("anna\nms-lee teacher\n")
    assert board.send("bo", report())[0] == 403
    assert board.send("anna", report())[0] == 200


def test_who_teaches_no_longer_sees_no_page_and_no_predictions(board):
    ask = ("GET", "api/predictions?question=cell.shown")
    assert board.call("GET", "")[0] == board.call("GET", "api/board")[0] == board.call(*ask, token="ms-lee")[0] == 200
    board.class_file.write_text("anna\nbo\nms-lee\n")
    for method, path, body in (("GET", "", None), ("GET", "api/board", None), ("POST", "api/board", {"do": "close"})):
        assert board.call(method, path, body)[0] == 403
    assert board.call(*ask, token="ms-lee")[0] == 403
    assert board.call("GET", "api/lesson", token="anna") == (200, {"open": True})


@pytest.mark.parametrize(
    "visitor",
    [
        model("anna", "access:services!service=board"),
        model("ms-lee"),
        model("ms-lee", "access:services!service=other"),
        model("ms-lee", "access:services!service=board", kind="service"),
    ],
)
def test_a_page_is_for_those_who_teach_and_whom_the_hub_has_sent(board, visitor):
    board.auth.at_the_browser = visitor
    for method, path, body in (("GET", "", None), ("GET", "api/board", None), ("POST", "api/board", {"do": "delete"})):
        assert board.call(method, path, body)[0] == 403
    assert board.store.changes


def test_who_has_not_logged_in_is_sent_to_the_hub(board):
    board.auth.at_the_browser = None
    for path in ("api/board", "api/board?since=1"):
        assert board.call("GET", path) == (403, {"message": "log in again"})
    with socket.create_connection(("127.0.0.1", board.port)) as connection:
        connection.sendall(f"GET {PREFIX} HTTP/1.0\r\n\r\n".encode())
        answer = connection.recv(2**16).decode()
    assert answer.startswith("HTTP/1.1 302") and "/hub/api/oauth2/authorize?client_id=service-board" in answer


def test_the_predictions_are_for_teachers_only(board):
    board.send("anna", report("cell.shown", "prediction", value=0.63), report("cell.shown", "prediction", value=0.54))
    board.send("bo", report("cell.shown", "prediction", value=[0.1, 0.2]), report("cell.shown", "check"))
    ask = ("GET", "api/predictions?question=cell.shown")
    assert board.call(*ask, token="anna") == (403, {"message": "the predictions are for teachers only"})
    status, found = board.call(*ask, token="ms-lee")
    assert (status, found) == (200, {"question": "cell.shown", "vote": 1, "predictions": [0.63, [0.1, 0.2]]})
    board.act("ask again", "cell.shown")
    board.send("bo", report("cell.shown", "prediction", value=0.54))
    assert board.call(*ask, token="ms-lee")[1] == {"question": "cell.shown", "vote": 2, "predictions": [0.54]}
    assert board.call("GET", "api/predictions?question=forged", token="ms-lee")[0] == 404


def test_a_teacher_is_not_counted_and_alone_tells_the_truth(board):
    assert board.send("ms-lee", report())[0] == 200
    assert board.state()["questions"] == []
    forged = report("cell.hide", "truth", value=9)
    assert board.send("anna", forged)[1] == {
        "taken": [], "refused": {forged["id"]: "only a teacher can report the truth about cell.hide"}
    }  # fmt: skip
    board.send("ms-lee", report("cell.hide", "truth", value=0.25))
    board.send("anna", report("cell.hide", "prediction", value=0.5))
    board.act("reveal", "cell.hide")
    assert board.shown("cell.hide")["spread"][0]["truth"] == 0.25


# --- when


def test_nothing_is_counted_before_a_lesson_and_after_it(tmp_path):
    board = RunningBoard(tmp_path)
    try:
        assert board.call("GET", "api/lesson", token="anna") == (200, {"open": False})
        assert board.send("anna", report()) == (409, {"message": "no lesson is open"})
        assert not (tmp_path / "board").exists()
        assert board.act("open")[1]["lesson"]["closed"] is None
        assert board.call("GET", "api/lesson", token="anna") == (200, {"open": True})
        assert board.send("anna", report())[0] == 200
        assert board.act("close")[1]["lesson"]["closed"]
        assert board.send("anna", report())[0] == 409
        assert board.shown()["checks"][0]["answered"] == 1
        assert board.act("delete")[1]["lesson"] is None and not list((tmp_path / "board").iterdir())
    finally:
        board.end()


def test_a_board_that_was_killed_goes_on_where_it_was(board, tmp_path):
    first = report(right=False)
    board.send("anna", first)
    version = board.state()["version"]
    board.end()
    board = RunningBoard(tmp_path)
    try:
        assert board.call("GET", f"api/board?since={version}")[0] == 200  # not: nothing has changed
        board.send("anna", first, report())
        (counted,) = board.shown()["checks"]
        assert (counted["answered"], counted["first"], counted["now"]) == (1, 0, 1)
    finally:
        board.end()


def test_the_page_is_told_when_nothing_has_changed(board):
    version = board.state()["version"]
    assert board.call("GET", f"api/board?since={version}")[0] == 204
    board.send("anna", report())
    status, state = board.call("GET", f"api/board?since={version}")
    assert status == 200 and state["version"] != version


@pytest.mark.parametrize(
    "body", [b"", b"[", b"[" * 50_000, b"null", b"[1]", b'{"do": "drop"}', b'{"do": ["open"]}', b'{"do": "reveal"}',
             b'{"do": "reveal", "question": "forged"}', b'{"do": "reveal", "question": {}}'],
)  # fmt: skip
def test_what_a_page_cannot_ask_for_is_refused(board, body):
    assert board.call("POST", "api/board", body) == (400, {"message": "the board has no such action"})


# --- how much


def test_a_request_of_a_megabyte_is_refused_and_said(board, said):
    sent = report("cell.shown", "prediction", value="x" * 2**20)
    assert board.send("anna", sent)[0] == 413
    assert awaited_until(lambda: any("413" in line or "at most" in line for line in said()))
    assert board.send("anna", report())[0] == 200


def test_a_request_without_an_end_is_refused(board):
    with socket.create_connection(("127.0.0.1", board.port), timeout=10) as connection:
        head = ["Host: x", "Authorization: token anna", "Transfer-Encoding: chunked"]
        connection.sendall("\r\n".join([f"POST {PREFIX}api/reports HTTP/1.1", *head, "", "0", "", ""]).encode())
        assert connection.recv(2**16).startswith(b"HTTP/1.1 411")


@pytest.mark.parametrize("body", [b"no json", b"{}", b"[]", b"[7]", b'[{"id": "short"}]', b"[" * 100_000])
def test_a_request_that_is_no_list_of_reports_is_refused(board, body):
    assert board.call("POST", "api/reports", body, "anna")[0] == 400


def test_a_forged_question_is_refused_by_name_and_the_others_are_taken(board, said):
    forged, good = report("cell.forged"), report()
    status, answer = board.send("anna", forged, good)
    assert status == 200 and answer["taken"] == [good["id"]]
    assert answer["refused"] == {forged["id"]: "there is no question 'cell.forged'"}
    assert "refused: there is no question 'cell.forged'" in said()


def test_no_log_line_has_a_name_beside_an_answer(board, said):
    board.send("anna", report("x" * 1000), report("cell.shown", "prediction", value={"a": "secret"}))
    board.send("anna", report("cell.shown", "prediction", value="secret"))
    lines = "\n".join(said())
    assert "refused" in lines and "secret" not in lines and "anna" not in lines
    assert max(map(len, said())) < 200


def flood(board, name, until):
    statuses = []
    while time.monotonic() < until:
        statuses.append(board.send(name, *[report() for _ in range(10)])[0])
    return statuses


def test_who_floods_it_is_held_back_and_said_and_the_others_are_not(board, said):
    """As fast as this machine sends. The others come through, and what they wait is theirs alone."""
    found, begun = [], time.monotonic()
    until = begun + 3
    threads = [
        threading.Thread(target=lambda: found.extend(flood(board, "anna", until)), daemon=True) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for _ in range(20):
        assert board.send("bo", report())[0] == 200
    for thread in threads:
        thread.join()
    most = service.BURST + service.RATE * (time.monotonic() - begun)
    assert set(found) == {200, 429} and 10 * found.count(200) <= most
    assert [line for line in said() if line.startswith("refused: anna sends more than 10 reports a second")]
    assert len([line for line in said() if "anna" in line]) <= 2


def test_made_up_tokens_are_not_all_asked_about(board):
    board.send("bo", report())
    board.board.lookups = Rates(5, 0.001)
    assert [board.send(f"made up {k}", report())[0] for k in range(10)] == [403] * 5 + [429] * 5
    assert [board.send(f"made up {k}", report())[0] for k in range(5)] == [403] * 5  # these are known by now
    assert board.auth.asked == 6
    assert board.send("bo", report())[0] == 200


def test_the_hub_is_asked_about_a_token_once_a_minute(board):
    for _ in range(20):
        board.send("anna", report())
    assert board.auth.asked == 1


def test_a_full_disk_is_said_and_the_lesson_goes_on(board, said, monkeypatch):
    kept = report()
    board.send("anna", kept)

    def full(*_):
        raise UnavailableError("OperationalError: database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(board.store, "add", full)
        lost = report("cell.shown", "prediction", value=0.5)
        assert board.send("anna", lost)[0] == 503
        assert "disk full" in board.state()["trouble"]
        assert board.shown()["checks"][0]["answered"] == 1
    assert [line for line in said() if "the store does not take them" in line and "disk is full" in line]
    assert not [line for line in said() if "Traceback" in line or "Uncaught" in line]
    assert board.send("anna", lost)[0] == 200
    assert board.state()["trouble"] == "" and board.shown("cell.shown")["predicted"][0]["answered"] == 1


def test_a_hub_that_does_not_answer_is_no_refusal(board):
    async def gone(*_, **__):
        raise service.HTTPError(500, "Failed to connect to Hub API")

    board.send("bo", report())
    board.auth._check_hub_authorization = gone
    assert board.send("anna", report())[0] == 500  # the sender keeps it and tries again
    assert board.send("bo", report())[0] == 200  # whom the hub has vouched for just now


# --- what is shown


def test_no_page_may_run_what_is_not_the_boards(board):
    status, page = board.call("GET", "")
    assert status == 200 and not re.search(r"<script>|\son\w+=|style=|javascript:|https?://", page)
    with socket.create_connection(("127.0.0.1", board.port)) as connection:
        connection.sendall(f"GET {PREFIX} HTTP/1.0\r\n\r\n".encode())
        head = connection.recv(2**16).decode().partition("\r\n\r\n")[0].lower()
    policy = re.search("content-security-policy: (.*)", head)[1]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert "x-content-type-options: nosniff" in head and "cache-control: no-store" in head


def test_what_the_class_writes_is_one_short_line(board):
    for name in ("anna", "bo"):
        board.send(name, report("cell.shown", "prediction", value="<script>alert(1)</script>\n" + "x" * 150))
    board.act("reveal", "cell.shown")
    (part,) = board.shown("cell.shown")["spread"]
    assert part["words"] == [("<script>alert(1)</script> " + "x" * 150)[: reports.MAX_TEXT]]
    assert json.dumps(part)  # it goes to textContent: test_board_page.py


def test_addresses_that_are_made_up_do_not_fill_the_log(board, said):
    for k in range(20):
        assert board.call("GET", f"nothing/{k}{'x' * 5000}")[0] == 404
    (line,) = [line for line in said() if "no such page" in line]
    assert len(line) < 200


def test_a_class_list_with_a_mistake_since_the_board_started_is_a_refusal_until_it_is_mended(board, said, tmp_path):
    board.end()
    again = RunningBoard(tmp_path)
    names = again.class_file.read_text()
    again.class_file.write_text("Bo Miller\n")
    try:
        assert again.send("anna", report())[0] == 503  # whoever sends it keeps it, and sends it again
        assert len([line for line in said() if "class.txt, line 1" in line]) == 1
        again.class_file.write_text(names)
        assert again.send("anna", report())[0] == 200
    finally:
        again.end()


def test_a_database_that_cannot_be_read_can_be_deleted(board, tmp_path):
    board.end()
    (tmp_path / "board" / NAME).write_bytes(b"no database " * 1000)
    again = RunningBoard(tmp_path)
    try:
        assert again.state()["trouble"] and again.send("anna", report())[0] == 503
        assert again.act("delete")[0] == again.act("open")[0] == again.send("anna", report())[0] == 200
    finally:
        again.end()


@pytest.mark.parametrize("path", ["static/board.html", "static/../service.py", "static/%2e%2e/service.py", "static/"])
def test_only_the_pages_own_files_are_served(board, path):
    assert board.call("GET", path)[0] in (403, 404)
