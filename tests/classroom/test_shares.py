"""Fair shares at the real hub: nobody can exhaust its memory, kernels are limited, and unused servers are stopped."""

import contextlib
import tempfile
import threading
import time

import psutil
import pytest
import requests

pytest.importorskip("jupyterhub", reason="the classroom needs jupyterhub: EXTRAS=test,classroom")

from benchmarks.lesson import MB
from tests.support.hub import Hub
from tests.support.student import Student, StudentError

pytestmark = pytest.mark.long


def test_six_large_uploads_to_the_login_page_do_not_fill_the_hub(lesson):
    """Large requests once raised it from 0.1 to 1.2 GB; now the hub limits their size."""
    hub = psutil.Process(lesson.hub.process.pid)
    before, answers = hub.memory_info().rss, []

    def upload():
        try:
            body = b"username=" + bytes(95 * MB)
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = requests.post(f"{lesson.hub.url}/hub/login", data=body, headers=kind, timeout=100)
            answers.append(answer.status_code)
        except requests.ConnectionError:
            answers.append("cut off")

    threads = [threading.Thread(target=upload) for _ in range(6)]
    for thread in threads:
        thread.start()
    most = before
    while any(thread.is_alive() for thread in threads):
        most = max(most, hub.memory_info().rss)
        time.sleep(0.02)
    assert len(answers) == 6 and set(answers) <= {400, 413, 503, "cut off"}
    assert most - before < 30 * MB
    Student(lesson.hub.url, "anna", lesson.hub.passwords()["anna"]).log_in()


def test_one_kernel_too_many_is_refused_in_words_and_the_others_run_on(lesson):
    """Without the limit, the fifteenth was killed and restarted over and over, while the server called it running."""
    bo = Student(lesson.hub.url, "bo", lesson.hub.passwords()["bo"])
    bo.log_in()
    bo.enter()
    running, started = len(bo.api("GET", "api/kernels")), []
    try:
        with pytest.raises(StudentError, match="gives 409"):
            for _ in range(9):
                started.append(bo.api("POST", "api/kernels", {"name": "python3"})["id"])
        assert running + len(started) == 8
        processes = lesson.hub.of_students()["bo"]
        assert sum(process.num_threads() for process in processes) < 150  # of 200 that a unit may have
        for kernel in started[-1:]:
            with bo.kernel(kernel) as kernel:
                assert [content["text"] for kind, content in kernel.execute("print(6 * 7)") if kind == "stream"] == [
                    "42\n"
                ]
    finally:
        for kernel in started:
            bo.api("DELETE", f"api/kernels/{kernel}")


def test_a_loop_without_end_is_ended_while_its_tab_is_open_and_then_the_server(lesson):
    """The polling of an open tab does not count as use."""
    with tempfile.TemporaryDirectory(prefix="idle-") as folder:
        hub = Hub(folder, ["anna"], CLASSROOM_IDLE="12")
        try:
            hub.start()
            anna = Student(hub.url, "anna", hub.passwords()["anna"])
            anna.log_in()
            anna.enter()
            kernel = anna.api("POST", "api/kernels", {"name": "python3"})["id"]
            with anna.kernel(kernel) as socket:
                socket.begin("while True: pass")
                work = {"type": "file", "format": "text", "content": ""}
                until = time.monotonic() + 60
                while kernel in {running["id"] for running in anna.api("GET", "api/kernels")}:
                    assert time.monotonic() < until, "the loop runs on"
                    anna.api("PUT", "api/contents/notes.txt", work)  # use of the server, not of the kernel
                    time.sleep(1)
                until = time.monotonic() + 60
                while hub.of_students() and time.monotonic() < until:
                    with contextlib.suppress(StudentError, requests.ConnectionError):
                        anna.api("GET", "api/kernels")
                    time.sleep(1)
            assert hub.of_students() == {}
            assert "Culling server anna" in hub.log()
            commands = [service.cmdline() for service in hub.services()]
            assert sum("--max-age=43200" in command for command in commands) == 1  # also with a short idle time
        finally:
            hub.end()
