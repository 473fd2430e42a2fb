"""Hub settings for the board: how to start it, and who may call it."""

import sys
from pathlib import Path

from classroom.board import SCOPE
from classroom.sockets import BOARD, address, path_of

ROOT = Path(__file__).resolve().parents[2]


def choose(c, state, port):
    """Add the board to the hub's services, open to teachers; let students' servers report to it, and nothing else.

    Args:
        state: the hub's private folder.
        port: the port on loopback, for the proxy. Students' servers have no network and use a socket next to the hub's.
    """
    sockets = path_of(c.Spawner.hub_connect_url).parent
    c.JupyterHub.services.append(
        {
            "name": "board",
            "url": f"http://127.0.0.1:{port}",
            "command": [sys.executable, "-m", "classroom.board"],
            "cwd": str(ROOT),
            "oauth_no_confirm": True,  # part of the hub: no page has to ask for consent
            "environment": {
                "CLASSROOM": str(state),
                "BOARD_PORT": str(port),
                "BOARD_SOCKET": str(sockets / BOARD),
                "BOARD_KEY": str(sockets / "board.key"),  # on a server below /run, so in memory
                "OPENBLAS_NUM_THREADS": "1",
            },
        }
    )
    # The board's page requires access:services!service=board, which teachers have as the hub's administrators. The
    # tokens of students' servers get a custom scope, which opens nothing else. The board itself needs no scope.
    c.JupyterHub.custom_scopes = {SCOPE: {"description": "Report answers to the board, without a name."}}
    c.JupyterHub.load_roles.append({"name": "user", "scopes": ["self", SCOPE]})
    c.Spawner.server_token_scopes = ["users:activity!user", "access:servers!server", SCOPE]
    c.Spawner.environment["CLASSROOM_BOARD"] = address(sockets / BOARD)
