"""The classroom runs on Linux; its tests need JupyterHub and its proxy, and CI fails rather than leave them out."""

import importlib.util
import os
import sys
import tempfile

import pytest

collect_ignore_glob = [] if sys.platform == "linux" else ["*"]


def require_hub():
    """Leave a test out where JupyterHub or its proxy is missing, or fail where they are required."""
    missing = [name for name in ("jupyterhub", "systemdspawner") if importlib.util.find_spec(name) is None]
    from tests.classroom.hub import PROXY

    if not PROXY.exists():
        missing.append("the proxy")
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        words = f"{' and '.join(missing)} {verb} missing: make test EXTRAS=test,classroom, after make proxy"
        if os.environ.get("CLASSROOM_TESTS") == "required":
            pytest.fail(f"the classroom's tests are required, and {words}")
        pytest.skip(f"the classroom's tests are left out: {words}")


@pytest.fixture(scope="session")
def lesson():
    """Two students and a teacher who are let in to the hub that a teacher starts; what they did and how it went."""
    require_hub()
    from tests.classroom.hub import Hub
    from tests.classroom.load import FIRST, Lesson

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
