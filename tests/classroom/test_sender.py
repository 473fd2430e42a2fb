"""The sender in a student's kernel: every answer reaches the board once, despite failures, and no cell is delayed."""

import os
import random
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from jupyter_client.manager import start_new_kernel

from classroom.board import sender as sending
from classroom.board.sender import MAX_WAITING, NOTICE, TEACHERS, Sender
from lstm_helpers import room
from lstm_helpers.checks import check
from tests.support.calls import calls_while
from tests.support.stub_board import TOKEN, StubBoard
from tests.support.tiers import later

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Pauses that a test can wait for; and no listener when it is over."""
    monkeypatch.setattr(sending, "PAUSES", (0.02, 0.1))
    monkeypatch.setattr(sending, "POLL_INTERVAL", 0.1)
    yield
    room.listen(None)
    room.share(True)


@pytest.fixture(params=later(["a socket", "a port"], now=["a socket"]))
def board(request, tmp_path):
    stub = StubBoard(tmp_path / "b" if request.param == "a socket" else None).start()
    yield stub
    stub.kill()


def report(value=0, question="start.memory", kind="prediction"):
    return {"question": question, "kind": kind, "value": value, "right": None, "diagnosis": []}


def wait_until(true, seconds=60):
    """Wait until something is true; a minute is too long for anything here."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it has not come true in a minute"
        time.sleep(0.01)


def test_a_report_arrives_with_an_id_and_the_number_of_the_attempt(board):
    sender = Sender(board.address, TOKEN)
    for value, question in ((0.5, "start.memory"), (0.6, "start.memory"), (7, "start.half")):
        sender.heard(report(value, question))
    wait_until(lambda: len(board.reports) == 3)
    assert [(one["value"], one["attempt"]) for one in board.reports.values()] == [(0.5, 1), (0.6, 2), (7, 1)]
    assert all(re.fullmatch("[0-9a-f]{32}", id) for id in board.reports)
    assert set(next(iter(board.reports.values()))) == {*report(), "id", "attempt"}


def test_what_comes_at_once_is_sent_in_batches(board):
    sender = Sender(board.address, TOKEN)
    board.status = 503
    sender.heard(report(-1))
    wait_until(lambda: board.requests >= 2)
    for value in range(250):
        sender.heard(report(value))
    board.status = None
    before = board.requests
    wait_until(lambda: len(board.reports) == 251)
    assert board.requests - before < 30 and board.values() == [-1, *range(250)]


def test_nothing_is_lost_and_nothing_counted_twice_while_the_board_is_killed_and_started_again(board):
    sender = Sender(board.address, TOKEN)
    for value in range(60):
        sender.heard(report(value))
        if value % 20 == 5:
            board.kill()
        if value % 20 == 10:
            board.loses_replies = True
            board.start()
        if value % 20 == 15:
            wait_until(lambda: max(board.times.values(), default=0) > 1)  # sent again, for no reply has come
            board.loses_replies = False
    wait_until(lambda: not sender._waiting)
    assert sorted(board.values()) == list(range(60))
    assert max(board.times.values()) > 1 and len(board.times) == 60  # each under one id


def test_while_no_lesson_is_open_what_is_there_is_dropped(board):
    board.open = False
    sender = Sender(board.address, TOKEN)
    sender.heard(report(1))
    wait_until(lambda: not sender._waiting)
    assert sender.notice == "" and board.reports == {}
    board.open = True
    wait_until(lambda: sender.notice == NOTICE)
    sender.heard(report(2))
    wait_until(lambda: board.reports)
    board.open = False
    wait_until(lambda: sender.notice == "")
    assert board.values() == [2]


def test_what_is_refused_is_not_sent_again(board):
    board.refuses = lambda one: one["value"] == "bad"
    sender = Sender(board.address, TOKEN)
    for value in (1, "bad", 2):
        sender.heard(report(value))
    wait_until(lambda: not sender._waiting)
    assert board.values() == [1, 2]


def test_a_request_that_is_too_large_is_sent_in_parts(board):
    board.status = 413
    sender = Sender(board.address, TOKEN)
    sender.heard(report("too large by itself"))
    wait_until(lambda: not sender._waiting)
    board.status, board.largest = None, 3
    for value in range(20):
        sender.heard(report(value))
    wait_until(lambda: not sender._waiting)
    assert board.values() == list(range(20))


def test_one_that_is_too_large_for_any_request_does_not_keep_the_others(board):
    sender = Sender(board.address, TOKEN)
    sender.heard(report("x" * 2 * sending.BATCH_BYTES))
    sender.heard(report(1))
    wait_until(lambda: not sender._waiting)
    assert board.values() == ["x" * 2 * sending.BATCH_BYTES, 1]


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_what_the_board_cannot_take_now_is_kept(board, status):
    board.status = status
    sender = Sender(board.address, TOKEN)
    sender.heard(report(1))
    wait_until(lambda: board.requests >= 2)
    board.status = None
    wait_until(lambda: board.reports)
    assert board.values() == [1]


def test_what_waits_is_bounded_and_not_kept_for_ever(tmp_path, monkeypatch):
    sender = Sender(StubBoard(tmp_path / "none").address, TOKEN)
    for value in range(3 * MAX_WAITING):
        sender.heard(report(value))
    assert len(sender._waiting) == MAX_WAITING and f'"value": {3 * MAX_WAITING - 1}' in sender._waiting[-1].text
    monkeypatch.setattr(sending, "MAX_AGE", 0)
    wait_until(lambda: not sender._waiting)


def test_where_the_panel_stands_now_takes_the_place_of_where_it_stood(tmp_path, monkeypatch):
    monkeypatch.setattr(sending, "DELAY", 3600)
    board = StubBoard(tmp_path / "b")
    sender = Sender(board.address, TOKEN)
    for value in range(20):
        sender.heard(report(value, kind="truth"))
    sender.heard(report(20))
    assert len(sender._waiting) == 2
    board.start()
    sender.flush(60)
    wait_until(lambda: not sender._waiting)
    board.kill()
    assert board.values() == [19, 20]


def test_a_teacher_gets_the_predictions_and_a_student_a_sentence(board):
    room.listen(sender := Sender(board.address, TOKEN))
    board.predictions = [0.5, {"c": 1}, "<script>"]
    assert sender.predictions("start.memory & more") == [] and sender.reason == TEACHERS
    assert room.room("start.memory").ask() == ([], TEACHERS)
    board.teacher = True
    assert sender.predictions("start.memory") == board.predictions and sender.reason == ""
    assert room.room("start.memory").ask() == (board.predictions, "")
    board.predictions = []
    assert room.room("start.memory").ask() == ([], "Nobody has answered “start.memory” yet.")
    board.kill()
    assert room.room("start.memory").ask()[1].startswith("The class's board does not answer")


def test_a_strangers_token_gets_nothing(board):
    sender = Sender(board.address, "another's")
    sender.heard(report(1))
    wait_until(lambda: board.requests >= 3)
    assert sender.notice == "" and board.reports == {} and sender.predictions("x") == []


def test_a_students_random_numbers_are_what_they_would_be(board):
    random.seed(1)
    wanted = [random.random() for _ in range(3)]
    board.status = 503
    sender = Sender(board.address, TOKEN)
    random.seed(1)
    found = [random.random()]
    sender.heard(report(1))
    wait_until(lambda: board.requests > 3)
    assert [*found, random.random(), random.random()] == wanted


def test_what_is_heard_is_sent_later(board, monkeypatch):
    monkeypatch.setattr(sending, "DELAY", 3600)
    board.delay = 5
    sender = Sender(board.address, TOKEN)
    for value in range(5):
        sender.heard(report(value))
    assert board.reports == {} and len(sender._waiting) == 5


def test_a_check_asks_the_sender_for_nothing_but_the_sentence_that_it_has_at_hand(board):
    """So it is as quick whatever the board does; nothing here measures a time."""
    room.listen(sender := Sender(board.address, TOKEN))
    check("forget_gate.kept", [0.5, 0.1, 0.2])  # and the judge is imported
    room.flush(60)
    wait_until(lambda: len(board.reports) == 1)
    board.delay = 1
    calls = calls_while(lambda: check("forget_gate.kept", [0.5, 0.1, 0.3]))
    assert [call for call in calls if call[0] == "sender.py"] == [("sender.py", "notice")]
    assert not {"lock", "Condition", "threading.py", "socket.py", "encoder.py"} & {owner for owner, _ in calls}
    board.delay = 0
    sender.flush(60)
    wait_until(lambda: len(board.reports) == 2)


# Processes of their own: the end of a kernel, a fork, and a kernel as the class's server starts it.

ANSWERS = "from lstm_helpers.checks import check; check('forget_gate.kept', [1, 2, 3])"


def environment_for(board):
    own = {"CLASSROOM_BOARD": board.address, "JUPYTERHUB_API_TOKEN": TOKEN, "PYTHONPATH": str(ROOT)}
    return os.environ | own | {room.LISTENER: str(ROOT / "classroom" / "board" / "sender.py")}


def run(code, board):
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment_for(board), capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_kernel_that_ends_sends_what_waits(board):
    assert run(ANSWERS, board) == ""
    assert board.values() == [[1, 2, 3]]


def test_a_kernel_ends_without_the_board_too(board):
    board.kill()
    run(ANSWERS, board)
    board.start().delay = 60  # it accepts, and says nothing
    run(ANSWERS, board)
    assert board.reports == {}


FORKS = """
import os, sys, time
sys.path.insert(0, {root!r})
from classroom.board import sender
sender.PAUSES = 0.02, 0.1
def report(value): return dict(question="q", kind="prediction", value=value, right=None, diagnosis=[])
one = sender.Sender({address!r}, {token!r})
for value in range(3): one.heard(report(value))
time.sleep(0.2)
child = os.fork()
if not child:
    one.heard(report("child"))
    assert len(one._waiting) == 1
open({go!r} + ("" if child else ".child"), "w").close()
while one._waiting: time.sleep(0.01)
if child: os.waitpid(child, 0)
"""


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_after_a_fork_each_process_sends_its_own(tmp_path):
    board = StubBoard(tmp_path / "b")
    go = tmp_path / "go"
    code = FORKS.format(root=str(ROOT), address=board.address, token=TOKEN, go=str(go))
    process = subprocess.Popen([sys.executable, "-W", "ignore", "-c", code])
    wait_until(lambda: go.exists() and (tmp_path / "go.child").exists())
    board.start()
    assert process.wait(120) == 0
    board.kill()
    assert sorted(map(str, board.values())) == ["0", "1", "2", "child"] and set(board.times.values()) == {1}


def test_a_kernel_reports_also_after_reset_and_its_cells_show_nothing_of_it(board):
    manager, client = start_new_kernel(kernel_name="python3", env=environment_for(board))
    said = []
    try:
        for code in (ANSWERS, "%reset -f", ANSWERS, "print(check('forget_gate.kept', [1, 2, 3]))"):
            client.execute_interactive(code, output_hook=said.append, timeout=120)
        wait_until(lambda: len(board.reports) == 3)
    finally:
        client.stop_channels()
        manager.shutdown_kernel()
    outputs = [one for one in said if one["msg_type"] not in ("status", "execute_input")]
    assert [one["msg_type"] for one in outputs] == ["execute_result", "execute_result", "stream"]
    assert outputs[-1]["content"]["name"] == "stdout"
    assert outputs[-1]["content"]["text"].rstrip().endswith(NOTICE)
    assert [one["attempt"] for one in board.reports.values()] == [1, 2, 3]


def test_it_is_loaded_with_pythons_own_library_alone():
    code = (
        "import sys; known = set(sys.modules); sys.path.insert(0, sys.argv[1]); import sender; "
        "print(*{name.split('.')[0] for name in set(sys.modules) - known} - set(sys.stdlib_module_names) - {'sender'})"
    )
    alone = [sys.executable, "-I", "-c", code, str(ROOT / "classroom" / "board")]
    assert subprocess.run(alone, capture_output=True, text=True, check=True).stdout.split() == []


def test_a_thread_runs_only_where_something_is_to_be_sent():
    before = threading.active_count()
    Sender("http://127.0.0.1:9", TOKEN)
    assert threading.active_count() == before
