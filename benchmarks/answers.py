"""A class predicts and answers ten questions while its teacher looks at the board.

How soon is an answer there? Is each counted, and once, whatever breaks? And what does it cost a learner who waits for a
reply?
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
EVERY = 1  # seconds between two looks of the teacher's page, as in classroom/board/page/board.js
PREPARE = "from lstm_helpers.checks import check\nfrom lstm_helpers.room import report, share"
PREDICT, CHECK = "report({0!r}, 'prediction', {1!r})", "check({0!r}, {1!r})"
# In a loop of its own: the kernel works on while the proxy is down. Each report is one of its own, so that one that is
# counted twice is one row too many.
ANSWER_ALL = """import random, time
sent = []
for name in {questions!r}:
    report(name, "prediction", random.random())
    check(name, random.random())
    time.sleep(random.uniform(0.5, 1.5) * {seconds} / len({questions!r}))
"""
# In turns, and at a pace that the board takes.
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
    """The teacher's page, looked at once a second: when did it show how many answers?"""

    def __init__(self, board):
        self.board, self.counts, self.over = board, {}, threading.Event()
        self.failures = 0
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def _look(self):
        while not self.over.wait(EVERY):
            try:
                shown = counts(self.board.state())
            except Exception:  # the page says that it is not connected, and tries again
                self.failures += 1
                continue
            for key, count in shown.items():
                self.counts.setdefault(key, []).append((time.monotonic(), count))

    def end(self):
        self.over.set()
        self._thread.join()

    def waits(self, answered):
        """The seconds from each answer to the look that showed it; of answers to one question, the k-th is the k-th.

        Args:
            answered: (question, kind) -> the moments of its answers.
        """
        return [
            next((seen for seen, count in self.counts.get(key, ()) if count > k), float("inf")) - moment
            for key, moments in answered.items()
            for k, moment in enumerate(sorted(moments))
        ]


def counts(state):
    """What the page shows: (question, kind) -> how many have answered."""
    found = {}
    for question in state["questions"]:
        for kind, part in zip(KINDS, (question["predicted"], question["checks"]), strict=True):
            if part:
                found[question["name"], kind] = part[-1]["answered"]
    return found


def answer(student, notebook, answered, rng):
    """Predict and answer each question in a cell of its own, with a pause for thought before."""
    with student.open(notebook) as kernel:
        list(kernel.execute(PREPARE))
        for name in QUESTIONS:
            for kind, cell in zip(KINDS, (PREDICT, CHECK), strict=True):
                time.sleep(rng.uniform(0, 2))
                moment = time.monotonic()
                list(kernel.execute(cell.format(name, round(rng.random(), 2))))
                answered.setdefault((name, kind), []).append(moment)


def begin_to_answer(student, notebook, seconds):
    """Start a cell that predicts and answers all questions in about so many seconds, and do not wait for it."""
    with student.open(notebook) as kernel:
        list(kernel.execute(PREPARE))
        kernel.begin(ANSWER_ALL.format(questions=QUESTIONS, seconds=seconds))


def cost(student, notebook, turns=100):
    """The seconds that `check` takes, in turns: a list with reporting, and one without."""
    with student.open(notebook) as kernel:
        list(kernel.execute(PREPARE))
        text = [said["text"] for kind, said in kernel.execute(COST.format(turns=turns)) if kind == "stream"]
    return json.loads("".join(text))


def rows(folder):
    """(question, kind) -> how many answers the board has stored, and of how many learners."""
    with sqlite3.connect(f"file:{folder / 'board' / 'board.sqlite'}?mode=ro", uri=True) as database:
        found = database.execute("SELECT question, kind, count(*), count(DISTINCT learner) FROM answer GROUP BY 1, 2")
        return {(question, kind): tuple(numbers) for question, kind, *numbers in found}
