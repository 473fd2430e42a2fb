"""A class at the hub: python -m benchmarks.lesson [--students 30] [--within 60].

All students log in, drag a slider, answer questions and run notebooks; then processes of the hub are killed while they
work, and everything that was saved must still be there. It uses loopback only. Every wait has a limit, and so has the
whole run (--at-most seconds).
"""

import argparse
import contextlib
import math
import os
import random
import signal
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import psutil
import requests
import websocket

from benchmarks import answers
from tests.support.board import BoardOfHub
from tests.support.hub import Hub
from tests.support.student import TIMEOUT, Student, StudentError

TEACHER = "ms-lee"
START = "00_start_here.ipynb"  # opened by the hub; its first cell is a panel
FIRST, SECOND = "02_pointwise_operations.ipynb", "07_memory_over_time.ipynb"
COLD, WARM = "cold", "started before the bell"
WAITS = {"lab": "JupyterLab", "first": "first picture"}
MB = 2**20
CUT_OFF = (requests.RequestException, websocket.WebSocketException, ConnectionError, StudentError)  # the hub is down


class Lesson:
    """A class at a hub: its students, the times they waited, what they saved, and what failed."""

    def __init__(self, hub, names, notebooks=(FIRST, SECOND)):
        passwords = hub.passwords()
        self.hub, self.notebooks = hub, notebooks
        self.students = [Student(hub.url, name, passwords[name]) for name in names]
        self.teacher = Student(hub.url, TEACHER, passwords[TEACHER])
        self.failures, self.times, self.peak = [], {}, {}
        self.attempts = {name: [] for name in names}  # contents sent to the server, in order
        self.acknowledged = dict.fromkeys(names, 0)  # how many of them it has confirmed
        self.over = threading.Event()

    def all(self, task, within=0.0):
        """Run `task` for every student, each starting at a random time within `within` seconds; record failures."""
        rng = random.Random(7)
        pauses = sorted(rng.uniform(0, within) for _ in self.students)

        def begin(student, pause):
            time.sleep(pause)
            try:
                task(student)
            except Exception as error:
                self.failures.append(f"{student.name}: {type(error).__name__}: {error}")

        with ThreadPoolExecutor(len(self.students)) as pool:
            list(pool.map(begin, self.students, pauses))

    def come_in(self, student, when=COLD):
        """Log in, and run the first cell of the start page; note the times to JupyterLab and to the first picture."""
        start = time.monotonic()
        student.log_in()
        student.enter()
        self.note(f"lab, {when}", time.monotonic() - start)
        entered = time.monotonic()
        took = student.run(START, cells=1)
        self.note(f"first, {when}", entered - start + took["first"])

    def run_notebooks(self, student):
        """Run each notebook to its last cell, and save it."""
        for notebook in self.notebooks:
            took = student.run(notebook)
            self.note(f"first {notebook[:2]}", took["first"])
            self.note(f"end {notebook[:2]}", took["end"])
            self.save(student, notebook)
            if notebook != self.notebooks[-1]:
                student.close(notebook)

    def drag(self, student, together, seconds):
        """Open the panel, wait for the class, then drag its slider up and down like a page.

        A hand moves it 60 times a second; the page sends the newest value when the kernel has finished the last one.
        """
        (panel, *_) = student.code(START)
        with student.open(START) as kernel:
            list(kernel.execute(panel))
            control = kernel.models[kernel.widget(_dom_classes=["lstm-control", "lstm-slider", "lstm-ink-f"])]
            _, slider, _ = (child.removeprefix("IPY_MODEL_") for child in control["children"])
            picture = kernel.widget(_dom_classes=["lstm-layer"])
            together.wait(TIMEOUT)
            begin, took = time.monotonic(), []
            while (moved := time.monotonic()) < begin + seconds:
                for _, content in kernel.move(slider, _slider_value(moved - begin)):
                    if content.get("comm_id") == picture:
                        took.append(time.monotonic() - moved)
                time.sleep(max(0, moved + 1 / 60 - time.monotonic()))
        self.times.setdefault("slider to picture", []).extend(took)
        self.note("pictures a second", len(took) / (time.monotonic() - begin))

    def all_drag(self, seconds):
        """Let all drag at once. Returns the fraction of the processors' time that the measuring itself took."""
        starts = [time.process_time()]
        together = threading.Barrier(len(self.students), action=lambda: starts.append(time.process_time()))

        def drag(student):
            try:
                self.drag(student, together, seconds)
            except BaseException:
                together.abort()  # the others must not wait
                raise

        self.all(drag)
        return (time.process_time() - starts[-1]) / seconds / os.cpu_count()

    def all_answer(self, board, notebook=START):
        """Let all predict and answer while the board is open; note how long each answer took to appear on it."""
        watch, answered, rng = answers.Watch(board), {}, random.Random(7)
        self.all(lambda student: answers.answer(student, notebook, answered, rng))
        time.sleep(3 * answers.POLL_INTERVAL)
        watch.end()
        self.times["answer to the board"] = watch.waits(answered)

    def answer_through_all(self, board, seconds, notebook=START):
        """Let all answer while the board, the proxy and the hub are killed. Returns the number of answers stored."""
        self.all(lambda student: answers.begin_to_answer(student, notebook, seconds))
        time.sleep(seconds / 6)
        self.hub.board().kill()
        time.sleep(seconds / 3)
        self.hub.proxy().kill()
        self.hub.kill()
        time.sleep(2)
        self.hub.start()
        N = len(self.students)
        expected = {(name, kind): (N, N) for name in answers.QUESTIONS for kind in answers.KINDS}
        deadline = time.monotonic() + seconds + 60
        while (stored := answers.rows(self.hub.folder)) != expected and time.monotonic() < deadline:
            time.sleep(1)
        shown = answers.counts(board.state())
        if stored != expected or shown != dict.fromkeys(expected, N):
            self.failures.append(f"answers are lost or counted twice: {stored}, shown as {shown}")
        return sum(count for count, _ in stored.values())

    def end_servers(self):
        """Stop all servers, like the students' control panels, and wait until they are gone."""
        self.all(Student.stop)
        deadline = time.monotonic() + TIMEOUT
        while self.hub.of_students():
            if time.monotonic() > deadline:
                raise StudentError(f"servers that do not stop: {', '.join(self.hub.of_students())}")
            time.sleep(0.5)

    def save(self, student, notebook=SECOND):
        """Save the notebook with a new mark in its last cell; record the attempt and the confirmation."""
        attempts = self.attempts[student.name]
        content = student.read(notebook)
        mark = {"cell_type": "markdown", "id": "mark", "metadata": {}, "source": f"{student.name} {len(attempts)}"}
        content["cells"] = [cell for cell in content["cells"] if cell.get("id") != "mark"] + [mark]
        attempts.append((notebook, content))
        student.save(notebook, content)
        self.acknowledged[student.name] = len(attempts)

    def work_until_over(self, student):
        """Run and save repeatedly, ignoring broken connections."""
        while not self.over.is_set():
            with contextlib.suppress(*CUT_OFF):
                student.run(self.notebooks[-1])
                self.save(student, self.notebooks[-1])
            with contextlib.suppress(*CUT_OFF):
                self.save(student, self.notebooks[-1])
            time.sleep(0.2)

    def come_back(self, student):
        """After the restart: check the notebooks that the server returns, then run and save again."""
        student.enter()
        self.check_server(student)
        student.close(self.notebooks[-1])
        student.run(self.notebooks[-1])
        self.save(student, self.notebooks[-1])

    def check_server(self, student):
        """Check that the server returns each notebook as last confirmed, or as sent later."""
        for notebook, possible in self.check_disk(student.name).items():
            marks = [content["cells"][-1]["source"] for content in possible]
            if "".join(student.read(notebook)["cells"][-1]["source"]) not in marks:
                raise StudentError(f"{notebook} from the server is not what was saved")

    def check_disk(self, name):
        """Check that each notebook on the disk is, byte for byte, the last one confirmed or one sent later.

        Returns those contents for each notebook.
        """
        sent, possible = self.attempts[name], {}
        for notebook in self.notebooks:
            confirmed = [k for k, (book, _) in enumerate(sent[: self.acknowledged[name]]) if book == notebook]
            possible[notebook] = [content for book, content in sent[confirmed[-1] :] if book == notebook]
            on_disk = (self.hub.home(name) / "lstm" / notebook).read_bytes()
            if on_disk not in map(as_file, possible[notebook]):
                raise StudentError(f"{name}: {notebook} on the disk is not what was saved")
        return possible

    def note(self, what, seconds):
        self.times.setdefault(what, []).append(seconds)

    def watch_memory(self):
        """Record the peak memory of each student's processes until the lesson is over."""
        while not self.over.wait(3):
            for name, size in self.hub.memory().items():
                self.peak[name] = max(size, self.peak.get(name, 0))


def as_file(content):
    """The bytes of a notebook as Jupyter writes them."""
    import nbformat

    return (nbformat.writes(nbformat.from_dict(content), version=nbformat.NO_CONVERT) + "\n").encode()


def percentile(values, percent):
    """The smallest value that this percentage of the values does not exceed."""
    values = sorted(values)
    return values[max(0, -(-len(values) * percent // 100) - 1)]


def _slider_value(seconds):
    """The value of a slider from 0 to 1 that a hand moves up and down again in two seconds, in steps of 0.01."""
    return round(0.5 - 0.5 * math.cos(math.pi * seconds), 2)


def report(lesson):
    """Print the percentiles of all recorded times."""
    rows = {f"{what}, {when}": f"login to {words}, {when}" for when in (COLD, WARM) for what, words in WAITS.items()}
    rows |= {f"first {n[:2]}": f"opening {n[:2]} to first picture" for n in lesson.notebooks}
    rows |= {f"end {n[:2]}": f"opening {n[:2]} to its end" for n in lesson.notebooks}
    rows |= {"slider to picture": "slider to picture, all drag", "answer to the board": "answer to the teacher's page"}
    for key, words in rows.items():
        if values := lesson.times.get(key):
            print(f"{words:50} p50 {percentile(values, 50):6.2f} s   p95 {percentile(values, 95):6.2f} s")
    if rates := lesson.times.get("pictures a second"):
        print(f"{'pictures a second, all drag':50} p50 {percentile(rates, 50):6.1f}     least {min(rates):4.1f}")
    if sizes := list(lesson.peak.values()):
        peaks = f"p50 {percentile(sizes, 50) / MB:6.0f} MB  max {max(sizes) / MB:6.0f} MB"
        print(f"{'memory of a student (PSS), peak':50} {peaks}")


def calamity(lesson, share=3):
    """Kill one kernel in `share`, the proxy and the hub, with pauses in between; check the disk; restart the hub."""
    victims = [kernels[0] for kernels in lesson.hub.kernels().values()][::share]
    for kernel in victims:
        with contextlib.suppress(psutil.Error):
            kernel.kill()
    time.sleep(2)
    lesson.hub.proxy().kill()
    time.sleep(2)
    lesson.hub.kill()
    time.sleep(2)
    for student in lesson.students:  # while the hub is down and nothing overwrites it
        lesson.check_disk(student.name)
    lesson.hub.start()
    print(f"killed: {len(victims)} kernels, the proxy, the hub; started again")


def end_in_calamity(lesson):
    try:
        calamity(lesson)
    except Exception as error:
        lesson.failures.append(f"the hub did not come back: {error}")
    finally:
        lesson.over.set()


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lesson", description=__doc__)
    parser.add_argument("--students", type=int, default=30)
    parser.add_argument("--within", type=float, default=60, help="seconds within which all students arrive")
    parser.add_argument("--drag", type=float, default=10, help="seconds of dragging")
    parser.add_argument("--at-most", type=int, default=2400, help="seconds until the run gives up")
    arguments = parser.parse_args()
    signal.signal(signal.SIGALRM, lambda *_: sys.exit(f"not done after {arguments.at_most} s"))
    signal.alarm(arguments.at_most)
    names = [f"student-{k:02}" for k in range(1, arguments.students + 1)]
    print(f"{len(names)} students, {os.cpu_count()} processors, load before {os.getloadavg()[0]:.1f}", flush=True)
    with tempfile.TemporaryDirectory(prefix="class-") as folder:
        hub = Hub(folder, [*names, f"{TEACHER} teacher"])
        try:
            sys.exit(lesson(hub, names, arguments))
        finally:
            signal.alarm(0)
            hub.end()


def lesson(hub, names, arguments):
    hub.start()
    lesson = Lesson(hub, names)
    lesson.all(lesson.come_in, within=arguments.within)
    lesson.end_servers()
    begin = time.monotonic()
    hub.ring_bell()
    print(f"all servers started before the bell in {time.monotonic() - begin:.0f} s", flush=True)
    lesson.all(partial(lesson.come_in, when=WARM), within=arguments.within)
    measuring = lesson.all_drag(arguments.drag)
    print(f"all dragged for {arguments.drag:g} s; the measuring took {measuring:.0%} of the processors", flush=True)
    measure_answers(lesson)
    lesson.all(lambda student: student.close(START))
    watch = threading.Thread(target=lesson.watch_memory)
    watch.start()
    lesson.all(lesson.run_notebooks, within=arguments.within)
    lesson.over.set()
    watch.join()
    report(lesson)
    print(f"{len(lesson.failures)} failures in the lesson", *lesson.failures, sep="\n  ", flush=True)
    lesson.over.clear()
    timer = threading.Timer(10, end_in_calamity, [lesson])
    timer.start()
    lesson.all(lesson.work_until_over)
    timer.join()
    lesson.all(lesson.come_back)
    sent, confirmed = sum(map(len, lesson.attempts.values())), sum(lesson.acknowledged.values())
    print(f"{sent} saves sent, {confirmed} of them confirmed; all of these were checked")
    print(f"{len(lesson.failures)} failures in all", *lesson.failures, sep="\n  ", flush=True)
    return bool(lesson.failures)


def measure_answers(lesson):
    """Let all predict and answer, then again while servers are killed; then measure the cost of reporting."""
    lesson.teacher.log_in()
    board = BoardOfHub(lesson.hub, lesson.teacher)
    board.act("open")
    lesson.all_answer(board)
    board.act("delete")
    board.act("open")
    counted = lesson.answer_through_all(board, seconds=20)
    print(f"the board, the proxy and the hub were killed meanwhile: {counted} answers counted", flush=True)
    for when, seconds in zip(("with", "without"), answers.cost(lesson.students[0], START), strict=True):
        lower, middle, upper = (1e3 * percentile(seconds, percent) for percent in (25, 50, 75))
        print(f"check {when} reporting, in turns: {middle:.2f} ms ({lower:.2f} to {upper:.2f}, quartiles)", flush=True)


if __name__ == "__main__":
    main()
