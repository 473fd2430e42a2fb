"""The listener in a learner's kernel: it sends what is answered to the board, beside the work and never in its way.

`lstm_helpers.room` loads this file where the class's server names it; so it needs nothing but Python's own library. A
report waits here until the board has taken it: one thread sends what waits, keeps it while the board is down, and sends
it again under the same id, by which the board counts it once. Nothing of this prints, raises or waits in a cell.

Environment variables: CLASSROOM_BOARD, the board's address, http://HOST:PORT or http+unix:// and the path of a socket;
and JUPYTERHUB_API_TOKEN, the token of the learner's own server.
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
MOST = 500  # reports that wait; then the oldest goes
BATCH, BATCH_BYTES = 100, 100_000  # of a request
KEPT = 900  # seconds for which a report is worth sending
LOOK = 10  # seconds between two looks whether a lesson is open
SOON = 0.05  # seconds before a report is sent: with what comes close behind it
PAUSES = 0.5, 5  # seconds after a failure: the first, and the longest
TIMEOUT = 10  # seconds, of a request
AT_THE_END = 1  # second for what still waits when the kernel ends
_LARGEST = 2**21  # bytes of a reply

_Waiting = namedtuple("_Waiting", "id question kind text since")


class Sender:
    """A listener for `lstm_helpers.room` that sends to the board.

    Args:
        address: the board's.
        token: of the learner's server.

    Attributes:
        said: why the last list of predictions was empty, a sentence; "" if nobody has answered.
    """

    def __init__(self, address, token):
        self._address, self._token, self.said = address, token, ""
        self._attempts = {}  # (question, kind) -> how often
        self._chance = random.Random()  # of its own: a learner may have seeded Python's
        self._begin()
        os.register_at_fork(after_in_child=self._begin)
        atexit.register(self.flush)

    def _begin(self):
        """Begin with nothing: what waits at a fork is the parent's to send, and its thread is not in the child."""
        self._waiting, self._changed, self._thread = deque(maxlen=MOST), threading.Condition(), None
        self._open, self._look_at, self._send_at, self._pause, self._most = False, 0, 0, PAUSES[0], BATCH

    @property
    def notice(self):
        """The sentence that a learner reads while a lesson is known to be open: known already, nobody is asked."""
        return NOTICE if self._open else ""

    def heard(self, report):
        """Take a report, a dictionary, to be sent soon."""
        question, kind = report["question"], report["kind"]
        with self._changed:
            attempt = self._attempts[question, kind] = self._attempts.get((question, kind), 0) + 1
            if kind == "truth":  # where the panel stands now; where it stood is no longer of interest
                for old in [one for one in self._waiting if (one.question, one.kind) == (question, kind)]:
                    self._waiting.remove(old)
            if not self._waiting:
                self._send_at = max(self._send_at, time.monotonic() + SOON)
                self._changed.notify_all()
            id = uuid.uuid4().hex
            text = json.dumps({"id": id, **report, "attempt": attempt})
            self._waiting.append(_Waiting(id, question, kind, text, time.monotonic()))
        self.start()

    def predictions(self, question):
        """What the class has predicted, a list: for a teacher; to a learner the board says nothing."""
        status, _, reply = self._request("GET", f"predictions?question={quote(question, safe='')}")
        if status not in (200, 403, 404):
            raise OSError(f"the board answers {status}")
        self.said = {403: TEACHERS, 404: "The board knows no such question."}.get(status, "")
        return reply["predictions"] if status == 200 else []

    def start(self):
        """Start the thread, if it does not run."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="answers to the board", daemon=True)
            self._thread.start()

    def flush(self, seconds=AT_THE_END):
        """Send what waits now, but wait for it no longer than that."""
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
                elif now >= self._look_at:
                    self._look()
            except Exception:  # the board is down, or has a defect; a learner's cell is not the place to say so
                self._put_off()
            with self._changed:
                self._changed.notify_all()
                due = min(self._look_at, self._send_at if self._waiting else math.inf)
                self._changed.wait(max(0, due - time.monotonic()))

    def _put_off(self):
        """Try again in a while, a longer one each time, and not at the moment at which all the others do."""
        self._send_at = self._look_at = time.monotonic() + self._pause * self._chance.uniform(0.5, 1)
        self._pause = min(2 * self._pause, PAUSES[1])

    def _look(self):
        """Look whether a lesson is open."""
        status, _, reply = self._request("GET", "lesson")
        if status not in (200, 403):
            raise OSError(f"the board answers {status}")
        self._now_open(status == 200 and reply["open"] is True)

    def _now_open(self, is_open):
        self._open, self._look_at, self._pause = is_open, time.monotonic() + LOOK, PAUSES[0]

    def _send(self):
        """Send a batch of what waits, and forget what need not be sent again."""
        batch = self._batch()
        if not batch:
            return
        status, headers, reply = self._request("POST", "reports", f"[{','.join(one.text for one in batch)}]")
        if status == 200:
            self._now_open(True)
            self._most = BATCH
            done = {*reply["taken"], *reply.get("refused", ())}
            if not done:
                raise OSError("the board takes nothing")
            self._forget(done)
        elif status == 409:  # no lesson is open: nobody counts
            self._now_open(False)
            self._forget({one.id for one in tuple(self._waiting)})
        elif status == 429:
            self._send_at = time.monotonic() + min(int(headers.get("Retry-After") or 1), 60)
        elif status in (400, 411, 413) and len(batch) > 1:  # one of them: which?
            self._most = len(batch) // 2
        elif status in (400, 411, 413):
            self._forget({batch[0].id})
        else:
            raise OSError(f"the board answers {status}")

    def _batch(self):
        """What to send now, the oldest first; what has waited for too long is forgotten."""
        batch, size = [], 0
        with self._changed:
            while self._waiting and time.monotonic() - self._waiting[0].since > KEPT:
                self._waiting.popleft()
            for one in self._waiting:
                size += len(one.text) + 1
                if batch and (len(batch) >= self._most or size > BATCH_BYTES):
                    break
                batch.append(one)
        return batch

    def _forget(self, ids):
        with self._changed:
            self._waiting = deque((one for one in self._waiting if one.id not in ids), maxlen=MOST)

    def _request(self, method, what, body=None):
        """The board's reply: status, headers and what it says in JSON."""
        connection = _connection(self._address)
        try:
            headers = {"Authorization": f"token {self._token}", "Content-Type": "application/json"}
            connection.request(method, API + what, body, headers)
            reply = connection.getresponse()
            text = reply.read(_LARGEST)
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
    """Connect to a socket in the file system in place of a port."""
    connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.sock.settimeout(TIMEOUT)
    connection.sock.connect(path)


def listener():
    """The listener of this kernel; a `KeyError` where there is no board."""
    sender = Sender(os.environ["CLASSROOM_BOARD"], os.environ["JUPYTERHUB_API_TOKEN"])
    sender.start()  # so that a lesson is known to be open before the first answer
    return sender
