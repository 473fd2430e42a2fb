"""Stand-in for the board that counts reports by id, and can be slow, closed, killed and restarted."""

import http.server
import json
import socketserver
import threading
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

TOKEN = "anna's"


class StubBoard:
    """A board on a socket or a port of this machine.

    Attributes:
        times: id -> number of reports received with it.
        reports: id -> the report.
        requests: number of requests.
        open: true during a lesson.
        teacher: true if the token is a teacher's.
        predictions: the reply to a teacher.
        status: status of the reply to reports, which are then not taken; None to take them.
        loses_replies: true to take reports without a reply.
        delay: seconds before each reply.
        refuses: predicate for the reports to refuse.
        largest: maximum number of reports in a request.
    """

    def __init__(self, path=None):
        self.path, self.port = path, 0
        self.times, self.reports, self.requests = {}, {}, 0
        self.open, self.teacher, self.predictions = True, False, []
        self.status, self.loses_replies, self.delay, self.largest = None, False, 0, 100
        self.refuses = lambda report: False
        self.server = None

    @property
    def address(self):
        """The board's address for a sender."""
        if self.path:
            return "http+unix://" + "".join(f"%{byte:02x}" for byte in str(self.path).encode())
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        """Start the board, at the same address as before."""
        handler = type("Handler", (_Handler,), {"board": self})
        if self.path:
            Path(self.path).unlink(missing_ok=True)
            self.server = _UnixServer(str(self.path), handler)
        else:
            self.server = _Server(("127.0.0.1", self.port), handler)
            self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def kill(self):
        """Stop the board as if it were killed; the counts stay."""
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def take(self, reports):
        for report in reports:
            self.times[report["id"]] = self.times.get(report["id"], 0) + 1
            self.reports[report["id"]] = report

    def values(self):
        """Return the values of all reports, each id once."""
        return [report["value"] for report in self.reports.values()]


class _Handler(http.server.BaseHTTPRequestHandler):
    board = None

    def do_GET(self):
        if not self._known():
            return
        url, board = urlsplit(self.path), self.board
        if url.path == "/services/board/api/lesson":
            self._answer(200, {"open": board.open})
        elif url.path == "/services/board/api/predictions" and board.teacher:
            self._answer(200, {"question": parse_qs(url.query)["question"][0], "predictions": board.predictions})
        else:
            self._answer(403 if url.path.endswith("predictions") else 404, {"message": "no"})

    def do_POST(self):
        board, body = self.board, self.rfile.read(int(self.headers["Content-Length"]))
        if not self._known():
            return
        reports = json.loads(body)
        if board.status:
            self._answer(board.status, {"message": "no"})
        elif not board.open:
            self._answer(409, {"message": "no lesson"})
        elif len(reports) > board.largest:
            self._answer(413, {"message": "too much"})
        else:
            good = [report for report in reports if not board.refuses(report)]
            board.take(good)
            if board.loses_replies:
                self.close_connection = True
                return
            refused = {report["id"]: "no" for report in reports if board.refuses(report)}
            self._answer(200, {"taken": [report["id"] for report in good], "refused": refused})

    def _known(self):
        self.board.requests += 1
        time.sleep(self.board.delay)
        if self.headers["Authorization"] == f"token {TOKEN}":
            return True
        self._answer(403, {"message": "who?"})
        return False

    def _answer(self, status, content):
        text = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass

    def address_string(self):
        return "a socket"


class _Quiet:
    daemon_threads, allow_reuse_address, block_on_close = True, True, False

    def handle_error(self, request, client_address):
        """Print nothing: in some tests the sender hangs up."""


class _Server(_Quiet, http.server.ThreadingHTTPServer):
    pass


class _UnixServer(_Quiet, socketserver.ThreadingUnixStreamServer):
    pass
