"""A class predicts and answers ten questions while its teacher watches the board; used by `benchmarks.lesson`.

It measures how soon an answer appears on the board, whether each is counted exactly once while servers are killed, and
how much longer a learner waits for a reply because of the reporting.
"""

import json
import sqlite3
import threading
import time

QUESTIONS = (
    "cell.new_memory", "cell.shown", "cell.hide", "fading.left", "fading.steps", "fading.step", "pointwise.kept",
    "pointwise.update", "forget_gate.kept", "input_gate.written",
)  # fmt: skip
KINDS = ("prediction", "check")
POLL_INTERVAL = 1  # seconds, as in classroom/board/page/board.js
PREPARE = "from lstm_helpers.checks import check\nfrom lstm_helpers.room import report, share"
PREDICT, CHECK = "report({0!r}, 'prediction', {1!r})", "check({0!r}, {1!r})"
# A single cell, because the kernel keeps running while the proxy is down. Every value is different, so that a report
# that is counted twice shows as an extra row.
ANSWER_ALL = """import random, time
sent = []
for name in {questions!r}:
    report(name, "prediction", random.random())
    check(name, random.random())
    time.sleep(random.uniform(0.5, 1.5) * {seconds} / len({questions!r}))
"""
# Checks with and without reporting, in turns, slowly enough for the board.
COST = """import json, time
took = {{True: [], False: []}}
for turn in range(2 * {turns}):
    share(turn % 2 == 0)
    begin = time.perf_counter()
    check("cell.new_memory", 0.5)
    took[turn % 2 == 0].append(time.perf_counter() - begin)
    time.sleep(0.06)
share(True)
print(json.dumps([took[True], took[False]]))
"""


class Watch:
    """A thread that polls the board like the teacher's page, and records how many answers it shows, and when."""

    def __init__(self, board):
        self._board, self._counts, self._over = board, {}, threading.Event()
        self._thread = threading.Thread(target=self._poll)
        self._thread.start()

    def _poll(self):
        while not self._over.wait(POLL_INTERVAL):
            try:
                shown = counts(self._board.state())
            except Exception:  # like the page, try again
                continue
            for key, count in shown.items():
                self._counts.setdefault(key, []).append((time.monotonic(), count))

    def end(self):
        self._over.set()
        self._thread.join()

    def waits(self, answered):
        """The seconds from each answer to the poll that showed it.

        Args:
            answered: (question, kind) -> the times of its answers. The k-th of them counts as shown when k are.
        """
        return [
            next((seen for seen, count in self._counts.get(key, ()) if count > k), float("inf")) - sent
            for key, times in answered.items()
            for k, sent in enumerate(sorted(times))
        ]


def counts(state):
    """The numbers on the board: (question, kind) -> how many learners have answered."""
    shown = {}
    for question in state["questions"]:
        for kind, part in zip(KINDS, (question["predicted"], question["checks"]), strict=True):
            if part:
                shown[question["name"], kind] = part[-1]["answered"]
    return shown


def answer(student, notebook, answered, rng):
    """Predict and answer each question, each in its own cell and after a pause; add the times to `answered`."""
    with student.open(notebook) as kernel:
        list(kernel.execute(PREPARE))
        for name in QUESTIONS:
            for kind, cell in zip(KINDS, (PREDICT, CHECK), strict=True):
                time.sleep(rng.uniform(0, 2))
                sent = time.monotonic()
                list(kernel.execute(cell.format(name, round(rng.random(), 2))))
                answered.setdefault((name, kind), []).append(sent)


def begin_to_answer(student, notebook, seconds):
    """Start a cell that predicts and answers all questions in about `seconds` seconds, without waiting for it."""
    with student.open(notebook) as kernel:
        list(kernel.execute(PREPARE))
        kernel.begin(ANSWER_ALL.format(questions=QUESTIONS, seconds=seconds))


def cost(student, notebook, turns=100):
    """The seconds that `check` takes: a list with reporting and a list without, measured in turns."""
    with student.open(notebook) as kernel:
        list(kernel.execute(PREPARE))
        output = [part["text"] for kind, part in kernel.execute(COST.format(turns=turns)) if kind == "stream"]
    return json.loads("".join(output))


def rows(folder):
    """The board's database: (question, kind) -> the number of answers, and of learners."""
    with sqlite3.connect(f"file:{folder / 'board' / 'board.sqlite'}?mode=ro", uri=True) as database:
        found = database.execute("SELECT question, kind, count(*), count(DISTINCT learner) FROM answer GROUP BY 1, 2")
        return {(question, kind): tuple(numbers) for question, kind, *numbers in found}
