"""A small class at the real hub: it works, is closed, has limits, and loses no saved work when everything is killed."""

import contextlib
import json
import re
import socket
import stat
import statistics
from types import SimpleNamespace

import psutil
import pytest
import requests

pytest.importorskip("jupyterhub", reason="the classroom needs jupyterhub: EXTRAS=test,classroom")

from benchmarks import answers
from benchmarks.lesson import CUT_OFF, FIRST, MB, calamity
from classroom import place
from tests.support.board import awaited_until
from tests.support.hub import log_in
from tests.support.student import Student, StudentError
from tools.student import edition

pytestmark = pytest.mark.long


def test_every_student_runs_a_notebook_to_its_end(lesson):
    assert lesson.failures == []
    assert len(lesson.times["end 02"]) == 2
    assert lesson.acknowledged == {"anna": 1, "bo": 1}


def test_students_arrive_at_different_moments_the_same_in_every_run(monkeypatch):
    """If all students started at the same moment, the load test would not measure what it says."""
    from benchmarks import lesson

    pauses = []
    monkeypatch.setattr(lesson, "time", SimpleNamespace(sleep=pauses.append))
    names = [f"student-{k}" for k in range(6)]
    hub = SimpleNamespace(url="http://127.0.0.1", passwords=lambda: dict.fromkeys([*names, lesson.TEACHER], "secret"))
    for _ in range(2):
        lesson.Lesson(hub, names).all(lambda student: None, within=60)
    first, second = sorted(pauses[:6]), sorted(pauses[6:])
    assert first == second
    assert len(set(first)) == 6 and 0 <= first[0] < first[-1] <= 60


def test_the_bell_starts_all_servers_and_the_first_notebook_takes_the_kernel_that_waits(lesson):
    started = re.findall(r"^([\w-]+): started in \d+ s$", lesson.bell, re.MULTILINE)
    assert sorted(started) == ["anna", "bo", "cleo", "ms-lee"]  # reported as they start, two at a time
    assert lesson.bell.splitlines()[-1].startswith("4 of 4 servers are running")
    assert [len(kernels) for kernels in lesson.kernels_before.values()] == [1, 1, 1, 1]
    assert lesson.kernels_after == lesson.kernels_before


@pytest.fixture
def cleos_kernel_waits(lesson):
    """Cleo's server has a kernel that nobody has used; where the test's first attempt has used it, a new one."""
    cleo = Student(lesson.hub.url, "cleo", lesson.hub.passwords()["cleo"])
    cleo.log_in()
    cleo.enter()
    if cleo.api("GET", "api/sessions"):
        cleo.stop()
        lesson.hub.ring_bell()
        assert awaited_until(lambda: "cleo" in lesson.hub.kernels(), 60)


@pytest.mark.usefixtures("cleos_kernel_waits")
def test_jupyterlab_in_a_browser_takes_the_kernel_that_waits_and_leaves_it_a_new_one(lesson, browser):
    """The hub opens 00, whose first cell is a panel."""
    before = lesson.hub.kernels()["cleo"]
    page = browser.new_page()
    try:
        log_in(page, lesson.hub, "cleo")
        page.get_by_text("| Idle").wait_for(timeout=120_000)  # before that JupyterLab runs no cell
        cell = page.locator(".jp-Notebook .jp-CodeCell").first
        cell.locator(".cm-content").click()
        page.keyboard.press("Shift+Enter")
        cell.locator(".lstm-panel .lstm-layer svg").wait_for(timeout=180_000)
        assert cell.locator(".jp-InputPrompt").inner_text() == "[1]:"
    finally:
        page.close()
    assert lesson.hub.kernels()["cleo"] == before


def test_all_drag_a_slider_and_every_move_has_its_picture(lesson):
    rates = lesson.times["pictures a second"]
    assert len(rates) == 2 and min(rates) > 1
    assert len(lesson.times["slider to picture"]) >= 2 * sum(rates)  # all drag for two seconds, and wait for the last


def test_the_teachers_page_shows_every_answer_soon(lesson):
    waits = lesson.times["answer to the board"]
    assert len(waits) == 2 * 2 * len(answers.QUESTIONS) and 0 < min(waits) < max(waits) < 30


def test_check_replies_as_soon_with_reporting_as_without(lesson):
    told, silent = map(statistics.median, answers.cost(lesson.students[0], FIRST, turns=10))
    assert 0 < told < silent + 0.1


def test_the_token_of_the_bell_starts_servers_and_nothing_more(lesson):
    token = {"Authorization": f"token {(lesson.hub.folder / place.BELL).read_text()}"}

    def asked(method, path):
        return requests.request(method, f"{lesson.hub.url}{path}", headers=token, allow_redirects=False).status_code

    assert asked("POST", "/hub/api/users/anna/server") == 400  # it is already running
    assert asked("DELETE", "/hub/api/users/anna/server") == 403
    assert asked("GET", "/hub/api/users/anna") == 200
    assert asked("GET", "/hub/api/users") == 403
    assert asked("POST", "/hub/api/users/anna/tokens") == 403
    assert asked("GET", f"/user/anna/api/contents/{FIRST}") == 403


def test_students_find_the_edition_that_answers_no_prediction(lesson):
    anna, name = lesson.students[0], "03_forget_gate.ipynb"
    found = anna.browser.get(f"{anna.base}api/contents/{name}").json()["content"]
    expected = json.loads(edition()[name])
    shows = [[bool(cell.get("outputs")) for cell in book["cells"]] for book in (found, expected)]
    assert shows[0] == shows[1] and any(shows[0])


def test_a_student_takes_less_than_200_mb(lesson):
    """Measured with two students; thirty share more."""
    assert {"anna", "bo"} <= set(lesson.peak)
    assert 50 * MB < max(lesson.peak.values()) < 215 * MB


def test_it_lets_nobody_else_in_and_nobody_into_anothers_work(lesson):
    hub = lesson.hub
    for name, password in [("anna", "wrong"), ("anna", hub.passwords()["bo"]), ("zoe", hub.passwords()["bo"])]:
        with pytest.raises(StudentError, match="could not log in"):
            Student(hub.url, name, password).log_in()
    stranger = Student(hub.url, "anna", "")
    assert stranger.browser.get(f"{stranger.base}api/contents/{FIRST}").status_code == 403
    anna = lesson.students[0]
    answer = anna.browser.get(f"{hub.url}/user/bo/api/contents/{FIRST}")
    assert answer.status_code == 403 and "cells" not in answer.text
    assert anna.browser.get(f"{hub.url}/hub/admin").status_code == 403
    assert anna.browser.get(f"{hub.url}/hub/signup").status_code == 404


def test_a_page_from_elsewhere_reads_nothing(lesson):
    anna = lesson.students[0]
    for address in (f"{anna.base}api/contents/{FIRST}", f"{lesson.hub.url}/hub/home"):
        answer = anna.browser.get(address, headers={"Origin": "https://elsewhere.example"})
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_behind_a_web_server_with_a_certificate_a_login_travels_by_https_only(lesson, scheme):
    """The web server tells the hub, as Caddy does. (The cross-site token admits nobody.)"""
    anna = Student(lesson.hub.url, "anna", lesson.hub.passwords()["anna"])
    anna.browser.headers["X-Forwarded-Proto"] = scheme
    with contextlib.suppress(StudentError):  # the client does not send a secure cookie over this test's HTTP
        anna.log_in()
    secure = {cookie.name: cookie.secure for cookie in anna.browser.cookies if cookie.name != "_xsrf"}
    assert "jupyterhub-hub-login" in secure
    assert set(secure.values()) == {scheme == "https"}, secure


def test_it_listens_on_loopback_only(lesson):
    listening = {}
    for process, _ in lesson.hub.processes():
        with contextlib.suppress(psutil.Error):
            for c in process.net_connections("inet"):
                if c.status == psutil.CONN_LISTEN:
                    listening.setdefault(process.pid, set()).add(c.laddr.ip)
    assert len(listening) >= 2  # the hub and the proxy
    assert set().union(*listening.values()) == {"127.0.0.1"}


def test_kernels_are_spoken_to_over_files_that_only_the_student_may_open(lesson):
    run = lesson.hub.folder / "run" / "anna"
    assert stat.S_IMODE(run.stat().st_mode) & 0o777 == 0o700
    connections = [json.loads(path.read_text()) for path in run.glob("kernel-*.json")]
    assert connections and {connection["transport"] for connection in connections} == {"ipc"}


def test_its_secrets_are_private(lesson):
    for name in ("passwords.txt", "cookie_secret", "proxy_token", place.BELL):
        assert stat.S_IMODE((lesson.hub.folder / name).stat().st_mode) == 0o600
    for password in lesson.hub.passwords().values():
        assert password not in lesson.hub.log()


def test_students_get_one_thread_and_the_setting_that_keeps_slider_messages_on_the_main_thread(lesson):
    anna = lesson.students[0]
    settings = anna.api("GET", "lab/api/settings/@jupyterlab/apputils-extension:kernels-settings")
    assert settings["schema"]["properties"]["commsOverSubshells"]["default"] == "disabled"
    for _, environment in lesson.hub.processes():
        if "/homes/" in environment.get("HOME", ""):
            assert environment["OPENBLAS_NUM_THREADS"] == "1"


def outputs(student, source):
    """Run one cell in a new kernel."""
    body = {"path": "scratch", "name": "", "type": "console", "kernel": {"name": "python3"}}
    session = student.api("POST", "api/sessions", body)
    try:
        with student.kernel(session["kernel"]["id"]) as kernel:
            return list(kernel.execute(source))
    finally:
        student.api("DELETE", f"api/sessions/{session['id']}")


def test_who_takes_too_much_memory_is_refused_it_and_stays(lesson):
    kinds = outputs(lesson.students[0], "block = bytearray(900 * 2**20)")
    assert [content["ename"] for kind, content in kinds if kind == "error"] == ["MemoryError"] * 2
    assert not any(kind == "error" for kind, _ in outputs(lesson.students[0], "block = bytearray(100 * 2**20)"))


def test_the_culler_may_end_servers_and_nothing_more(lesson):
    log = lesson.hub.log()
    assert re.search(r"200 GET /hub/api/users\?\S* \(idle-culler@", log)
    assert not re.search(r"40[13] \w+ /hub/api\S* \(idle-culler@", log)


def test_nothing_saved_is_lost_when_kernels_proxy_and_hub_are_killed(lesson):
    for student in lesson.students:
        lesson.save(student, FIRST)
    failures_before = len(lesson.failures)
    marks = {name: f"{name} {len(lesson.attempts[name]) - 1}" for name in ("anna", "bo")}
    before = {name: (lesson.hub.home(name) / "lstm" / FIRST).read_bytes() for name in marks}
    servers = lesson.hub.servers()
    assert before.keys() <= servers.keys()
    calamity(lesson, share=1)
    with pytest.raises(CUT_OFF):
        outputs(Student(lesson.hub.url, "anna", "wrong"), "1")
    lesson.all(lesson.come_back)
    assert lesson.failures[failures_before:] == []
    after = lesson.hub.servers()
    assert {name: servers[name] for name in before} == {name: after[name] for name in before}  # the same processes
    for name, content in before.items():
        assert marks[name] in json.loads(content)["cells"][-1]["source"]
        assert (lesson.hub.home(name) / "lstm" / FIRST).read_bytes() != content  # come_back has saved it again


def test_every_answer_counts_once_when_board_proxy_and_hub_are_killed(lesson):
    failures_before = len(lesson.failures)
    lesson.board.act("delete")
    lesson.board.act("open")
    assert lesson.answer_through_all(lesson.board, seconds=6, notebook=FIRST) == 2 * 2 * len(answers.QUESTIONS)
    assert lesson.failures[failures_before:] == []


def test_the_proxy_is_closed_to_those_without_its_token(lesson):
    with socket.create_connection(("127.0.0.1", lesson.hub.port + 1), timeout=10) as connection:
        connection.sendall(b"GET /api/routes HTTP/1.0\r\n\r\n")
        assert b" 403 " in connection.recv(100)
