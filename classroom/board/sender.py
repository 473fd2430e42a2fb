"""Listener in a student's kernel that sends answers to the board, in the background.

`lstm_helpers.room` loads this file by its path, so it imports only the standard library. Reports wait in a queue. One
thread sends them in batches, and again under the same ids after a failure, so that the board counts each once. None of
this prints or raises anything in a cell, or delays it.

Environment variables: CLASSROOM_BOARD, the board's address, http://HOST:PORT or http+unix:// and the path of a socket;
and JUPYTERHUB_API_TOKEN, the token of the student's own server.
"""

import atexit
import http.client
import json
import math
import os
import random
import socket
import threading
import time
import uuid
from collections import deque, namedtuple
from urllib.parse import quote, unquote, urlsplit

API = "/services/board/api/"
NOTICE = (
    "Your answer is counted for the class, without your name. To stop that, run this:\n"
    "from lstm_helpers.room import share; share(False)"
)
TEACHERS = "The class's predictions are for the teacher."
MAX_WAITING = 500  # reports in the queue; beyond that the oldest is dropped
BATCH, BATCH_BYTES = 100, 100_000  # maximum of a request
MAX_AGE = 900  # seconds after which an unsent report is dropped
POLL_INTERVAL = 10  # seconds between two requests whether a lesson is open
DELAY = 0.05  # seconds in which further reports join a batch
PAUSES = 0.5, 5  # seconds after a failure: the first pause, and the longest
TIMEOUT = 10  # seconds, for a request
EXIT_TIMEOUT = 1  # second, for the rest of the queue when the kernel ends
_MAX_REPLY = 2**21  # bytes

_Waiting = namedtuple("_Waiting", "id question kind text since")


class Sender:
    """Listener for `lstm_helpers.room` that sends reports to the board.

    Args:
        address: the board's address.
        token: the token of the student's server.

    Attributes:
        reason: why `predictions` last returned an empty list, a sentence; "" if only because nobody has answered.
    """

    def __init__(self, address, token):
        self._address, self._token, self.reason = address, token, ""
        self._attempts = {}  # (question, kind) -> number of reports
        self._random = random.Random()  # leaves Python's generator alone, which a student may have seeded
        self._reset()
        os.register_at_fork(after_in_child=self._reset)
        atexit.register(self.flush)

    def _reset(self):
        """Start with an empty queue and no thread, also after a fork: the parent sends the reports in its queue."""
        self._waiting, self._changed, self._thread = deque(maxlen=MAX_WAITING), threading.Condition(), None
        self._open, self._poll_at, self._send_at, self._pause, self._batch_size = False, 0, 0, PAUSES[0], BATCH

    @property
    def notice(self):
        """The sentence for students while a lesson is open, "" otherwise, as known from the last reply of the board."""
        return NOTICE if self._open else ""

    def heard(self, report):
        """Put a report, a dictionary, into the queue."""
        question, kind = report["question"], report["kind"]
        with self._changed:
            attempt = self._attempts[question, kind] = self._attempts.get((question, kind), 0) + 1
            if kind == "truth":  # only the panel's latest position counts
                for old in [entry for entry in self._waiting if (entry.question, entry.kind) == (question, kind)]:
                    self._waiting.remove(old)
            if not self._waiting:
                self._send_at = max(self._send_at, time.monotonic() + DELAY)
                self._changed.notify_all()
            id = uuid.uuid4().hex
            text = json.dumps({"id": id, **report, "attempt": attempt})
            self._waiting.append(_Waiting(id, question, kind, text, time.monotonic()))
        self.start()

    def predictions(self, question):
        """Return the class's predictions, a list; for a student it is empty, and `reason` says why."""
        status, _, reply = self._request("GET", f"predictions?question={quote(question, safe='')}")
        if status not in (200, 403, 404):
            raise OSError(f"the board answers {status}")
        self.reason = {403: TEACHERS, 404: "The board knows no such question."}.get(status, "")
        return reply["predictions"] if status == 200 else []

    def start(self):
        """Start the thread unless it is running."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="answers to the board", daemon=True)
            self._thread.start()

    def flush(self, seconds=EXIT_TIMEOUT):
        """Send the queue now, waiting at most `seconds` for that."""
        until = time.monotonic() + seconds
        with self._changed:
            self._send_at = 0
            self._changed.notify_all()
            while self._waiting and self._thread and self._thread.is_alive() and time.monotonic() < until:
                self._changed.wait(until - time.monotonic())

    def _run(self):
        while True:
            now = time.monotonic()
            try:
                if self._waiting and now >= self._send_at:
                    self._send()
                elif now >= self._poll_at:
                    self._poll()
            except Exception:  # the board is down or has a defect; a student's cell must not show it
                self._back_off()
            with self._changed:
                self._changed.notify_all()
                due = min(self._poll_at, self._send_at if self._waiting else math.inf)
                self._changed.wait(max(0, due - time.monotonic()))

    def _back_off(self):
        """Schedule the next attempt after a growing pause, a random one, so that senders do not all return at once."""
        self._send_at = self._poll_at = time.monotonic() + self._pause * self._random.uniform(0.5, 1)
        self._pause = min(2 * self._pause, PAUSES[1])

    def _poll(self):
        """Ask the board whether a lesson is open."""
        status, _, reply = self._request("GET", "lesson")
        if status not in (200, 403):
            raise OSError(f"the board answers {status}")
        self._set_open(status == 200 and reply["open"] is True)

    def _set_open(self, is_open):
        self._open, self._poll_at, self._pause = is_open, time.monotonic() + POLL_INTERVAL, PAUSES[0]

    def _send(self):
        """Send a batch, and drop the reports that need not be sent again."""
        batch = self._batch()
        if not batch:
            return
        status, headers, reply = self._request("POST", "reports", f"[{','.join(entry.text for entry in batch)}]")
        if status == 200:
            self._set_open(True)
            self._batch_size = BATCH
            done = {*reply["taken"], *reply.get("refused", ())}
            if not done:
                raise OSError("the board takes nothing")
            self._drop(done)
        elif status == 409:  # no lesson is open
            self._set_open(False)
            self._drop({entry.id for entry in tuple(self._waiting)})
        elif status == 429:
            self._send_at = time.monotonic() + min(int(headers.get("Retry-After") or 1), 60)
        elif status in (400, 411, 413) and len(batch) > 1:  # halve the batch to find the bad report
            self._batch_size = len(batch) // 2
        elif status in (400, 411, 413):
            self._drop({batch[0].id})
        else:
            raise OSError(f"the board answers {status}")

    def _batch(self):
        """Drop expired reports, and return the oldest of the others, as many as one request takes."""
        batch, size = [], 0
        with self._changed:
            while self._waiting and time.monotonic() - self._waiting[0].since > MAX_AGE:
                self._waiting.popleft()
            for entry in self._waiting:
                size += len(entry.text) + 1
                if batch and (len(batch) >= self._batch_size or size > BATCH_BYTES):
                    break
                batch.append(entry)
        return batch

    def _drop(self, ids):
        with self._changed:
            self._waiting = deque((entry for entry in self._waiting if entry.id not in ids), maxlen=MAX_WAITING)

    def _request(self, method, path, body=None):
        """Return the status, the headers and the JSON of the board's reply."""
        connection = _connection(self._address)
        try:
            headers = {"Authorization": f"token {self._token}", "Content-Type": "application/json"}
            connection.request(method, API + path, body, headers)
            reply = connection.getresponse()
            text = reply.read(_MAX_REPLY)
            return reply.status, reply.headers, json.loads(text) if reply.status == 200 else {}
        finally:
            connection.close()


def _connection(address):
    if not address.startswith("http+unix://"):
        return http.client.HTTPConnection(urlsplit(address).netloc, timeout=TIMEOUT)
    connection = http.client.HTTPConnection("board", timeout=TIMEOUT)
    connection.connect = lambda: _connect(connection, unquote(address.removeprefix("http+unix://").split("/")[0]))
    return connection


def _connect(connection, path):
    """Connect to a UNIX socket."""
    connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.sock.settimeout(TIMEOUT)
    connection.sock.connect(path)


def listener():
    """Return this kernel's listener; raise `KeyError` without a board."""
    sender = Sender(os.environ["CLASSROOM_BOARD"], os.environ["JUPYTERHUB_API_TOKEN"])
    sender.start()  # now, to learn whether a lesson is open before the first answer
    return sender
