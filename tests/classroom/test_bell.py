"""The bell reports in one line for each server what went wrong, even if the hub ends meanwhile."""

import socket
import threading

import pytest

from classroom.bell import hub_api, ring


@pytest.mark.parametrize("hub", ["is not there", "ends before it answers"])
def test_a_hub_that_is_gone_is_a_line_for_each_name(hub, capsys):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if hub == "ends before it answers":
            listener.listen()
            threading.Thread(target=hang_up, args=(listener, 2), daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        assert ring(["anna", "bo"], hub_api(url, "0" * 32), 1) == ["anna", "bo"]
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 and all(f": not started: the hub does not answer at {url}: " in line for line in lines)


def hang_up(listener, times):
    for _ in range(times):
        visitor, _ = listener.accept()
        visitor.recv(4096)
        visitor.close()
