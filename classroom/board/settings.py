"""How the hub starts the board, and who may call it."""

import sys
from pathlib import Path

from classroom.board import SCOPE
from classroom.sockets import BOARD, address, path_of

ROOT = Path(__file__).resolve().parents[2]


def choose(c, state, port):
    """Add the board to the hub's services, for teachers; and let learners' servers report, and no more than that.

    Args:
        state: the hub's private folder.
        port: on loopback, for the proxy. Learners' servers, which have no network, find a socket beside the hub's.
    """
    sockets = path_of(c.Spawner.hub_connect_url).parent
    c.JupyterHub.services.append(
        {
            "name": "board",
            "url": f"http://127.0.0.1:{port}",
            "command": [sys.executable, "-m", "classroom.board"],
            "cwd": str(ROOT),
            "oauth_no_confirm": True,  # it is the hub's own
            "environment": {
                "CLASSROOM": str(state),
                "BOARD_PORT": str(port),
                "BOARD_SOCKET": str(sockets / BOARD),
                "BOARD_KEY": str(sockets / "board.key"),  # on a server below /run, in memory
                "OPENBLAS_NUM_THREADS": "1",
            },
        }
    )
    # A page of the board needs access:services!service=board, which teachers have as the hub's administrators. Learners
    # have a scope of their own, in the token of their server, which opens nothing else. The board itself has none.
    c.JupyterHub.custom_scopes = {SCOPE: {"description": "Report answers to the board, without a name."}}
    c.JupyterHub.load_roles.append({"name": "user", "scopes": ["self", SCOPE]})
    c.Spawner.server_token_scopes = ["users:activity!user", "access:servers!server", SCOPE]
    c.Spawner.environment["CLASSROOM_BOARD"] = address(sockets / BOARD)
