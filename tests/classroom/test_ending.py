"""Stopping the hub by Ctrl-C or by systemd leaves no process and no traceback in the log."""

import signal
import tempfile

import pytest

pytest.importorskip("jupyterhub", reason="the classroom needs jupyterhub: EXTRAS=test,classroom")

from tests.support.board import awaited_until
from tests.support.hub import Hub, require_hub
from tests.support.student import Student

pytestmark = pytest.mark.long

TIMEOUT = 60  # seconds for the services to start


def services_are_up(hub):
    """Both services have finished their imports; interrupting these would leave a traceback."""
    board = Student(hub.url, "", "").browser.get(f"{hub.url}/services/board/", allow_redirects=False)
    return board.status_code == 302 and "(idle-culler@127.0.0.1)" in hub.log()


@pytest.fixture
def hub():
    require_hub()
    with tempfile.TemporaryDirectory(prefix="class-") as folder:
        hub = Hub(folder, ["anna", "ms-lee teacher"])
        try:
            hub.start()
            assert awaited_until(lambda: services_are_up(hub), TIMEOUT)
            yield hub
        finally:
            hub.end()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "systemd"])
def test_a_hub_that_is_stopped_leaves_nothing_behind(hub, sent):
    hub.process.send_signal(sent)
    hub.process.wait(timeout=TIMEOUT)
    left, log = [" ".join(process.cmdline()) for process, _ in hub.processes()], hub.log()
    assert not left
    assert "Traceback" not in log, log
    assert log.count("Starting service 'board'") == log.count("Starting service 'idle-culler'") == 1, log


def test_a_hub_that_is_killed_takes_its_services_along(hub):
    """As when the window with a trial is closed. A culler left behind would go on, with the settings of that trial."""
    assert len(hub.services()) == 2
    hub.process.kill()  # not SIGHUP, which a test run under nohup ignores
    hub.process.wait(timeout=TIMEOUT)
    assert awaited_until(lambda: not hub.services(), TIMEOUT)
