"""Fixtures of the classroom tests. They need Linux, JupyterHub and its proxy; without them CI fails."""

import sys
import tempfile
from functools import partial

import pytest

from tests.support.hub import Hub, require_hub

collect_ignore_glob = [] if sys.platform == "linux" else ["*"]


@pytest.fixture(scope="session")
def lesson():
    """A small load test with two students and a teacher; yields the `Lesson` with its measurements.

    The steps are those of `make loadtest`: log in cold, log in after the bell, drag, answer, run a notebook.
    """
    require_hub()
    from benchmarks.lesson import FIRST, START, WARM, Lesson
    from tests.support.board import BoardOfHub, awaited_until

    with tempfile.TemporaryDirectory(prefix="class-") as folder:  # a short path: see RUN in classroom/student_server.py
        hub = Hub(folder, ["anna", "bo", "cleo", "ms-lee teacher"], CLASSROOM_MEMORY="800M")
        try:
            hub.start()
            lesson = Lesson(hub, ["anna", "bo"], notebooks=(FIRST,))
            lesson.all(lesson.come_in, within=1)
            lesson.end_servers()
            lesson.bell = hub.ring_bell()
            awaited_until(lambda: len(hub.kernels()) == 4, 60)  # the bell's own pause may be too short
            lesson.kernels_before = hub.kernels()
            lesson.all(partial(lesson.come_in, when=WARM), within=1)
            lesson.kernels_after = hub.kernels()
            lesson.all_drag(seconds=2)
            lesson.teacher.log_in()
            lesson.board = BoardOfHub(hub, lesson.teacher)
            lesson.board.act("open")
            lesson.all_answer(lesson.board)
            lesson.all(lambda student: student.close(START))
            lesson.all(lesson.run_notebooks, within=1)
            lesson.peak = hub.memory()
            yield lesson
        finally:
            hub.end()
