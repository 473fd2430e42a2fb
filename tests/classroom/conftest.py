"""Fixtures of the classroom tests. They need Linux, JupyterHub and its proxy; without them CI fails."""

import sys
import tempfile

import pytest

from tests.support.hub import Hub, require_hub

collect_ignore_glob = [] if sys.platform == "linux" else ["*"]


@pytest.fixture(scope="session")
def lesson():
    """Two students and a teacher at the hub as a teacher starts it: what they did and how it went."""
    require_hub()
    from benchmarks.lesson import FIRST, Lesson

    with tempfile.TemporaryDirectory(prefix="class-") as folder:  # a short path: see RUN in classroom/student_server.py
        hub = Hub(folder, ["anna", "bo", "cleo", "ms-lee teacher"], CLASSROOM_MEMORY="800M")
        try:
            hub.start()
            lesson = Lesson(hub, ["anna", "bo"], notebooks=(FIRST,))
            lesson.all(lesson.come_in_and_run, within=1)
            lesson.peak = hub.memory()
            yield lesson
        finally:
            hub.end()
