"""A board in this process: its web server runs in a thread, and a dictionary of tokens replaces the hub."""

import asyncio
import contextlib
import http.client
import json
import re
import socket
import threading
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

from jupyterhub.services.auth import HubOAuth
from tornado.netutil import bind_sockets

from classroom.board import SCOPE, service
from classroom.board.questions import Questions
from classroom.board.store import Store
from classroom.sockets import path_of

PREFIX = "/services/board/"
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # ignores proxies in the environment


class KnownTokens(HubOAuth):
    """The hub's replies about tokens, from a dictionary: token -> model.

    `at_the_browser` is the model of the page's visitor; None: not logged in. `asked` counts the lookups.
    """

    def __init__(self, models):
        super().__init__(api_token="own", oauth_client_id="service-board", base_url=PREFIX)
        self.access_scopes = {"access:services!service=board"}
        self.models, self.at_the_browser, self.asked = models, None, 0

    async def _check_hub_authorization(self, url, api_token, cache_key=None, use_cache=True):
        self.asked += 1
        return self.models.get(api_token)

    async def _get_user_cookie(self, handler):
        return self.at_the_browser


def model(name, *scopes, kind="user"):
    return {"name": name, "kind": kind, "scopes": list(scopes)}


def report(question="cell.new_memory", kind="check", **rest):
    """Make a report as a sender would."""
    common = {"id": uuid.uuid4().hex, "question": question, "kind": kind, "value": None, "attempt": 1}
    return common | {"right": True if kind == "check" else None, "diagnosis": []} | rest


class RunningBoard:
    """A board for `students`, with the teacher ms-lee; each name is also that person's token."""

    def __init__(self, folder, students=("anna", "bo"), port=0):
        self.folder = Path(folder)
        self.class_file = self.folder / "class.txt"
        self.class_file.write_text("\n".join([*students, "ms-lee teacher"]) + "\n")
        self.auth = KnownTokens({name: model(name, SCOPE) for name in [*students, "ms-lee"]})
        self.teacher = model("ms-lee", "access:services!service=board")
        self.auth.at_the_browser = self.teacher
        self.store = Store(self.folder / "board", self.folder / "key")
        self._started, self.port = threading.Event(), port
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._started.wait(20)
        self.url = f"http://127.0.0.1:{self.port}{PREFIX}"

    async def _serve(self):
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        own = self.folder / "questions"
        self.board = service.Board(self.store, Questions(), self.class_file, own, self.auth)
        server = service.server(service.application(self.board, "secret"))
        sockets = bind_sockets(self.port, "127.0.0.1")
        self.port = sockets[0].getsockname()[1]
        server.add_sockets(sockets)
        self._started.set()
        await self._end.wait()
        server.stop()
        await server.close_all_connections()
        self.store.disconnect()

    def end(self):
        """Stop the board; its folder stays."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join(20)

    def call(self, method, path, body=None, token=None, **headers):
        """Send a request; return the status and the content of the reply, parsed if it is JSON."""
        headers = {key.replace("_", "-"): value for key, value in headers.items()}
        headers |= {"Authorization": f"token {token}"} if token else {}
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            reply = DIRECT.open(request, timeout=20)
        except urllib.error.HTTPError as error:
            reply = error
        with reply:
            content, status = reply.read(), reply.status
        with contextlib.suppress(ValueError):
            return status, json.loads(content)
        return status, content.decode()

    def send(self, name, *reports):
        return self.call("POST", "api/reports", list(reports), token=name)

    def act(self, do, question=""):
        return self.call("POST", "api/board", {"do": do, "question": question})

    def state(self):
        """Return the page's content."""
        return self.call("GET", "api/board")[1]

    def shown(self, question="cell.new_memory"):
        return next(found for found in self.state()["questions"] if found["name"] == question)


class BoardOfHub:
    """The board of a running hub, accessed like a teacher's browser and like students' servers."""

    def __init__(self, hub, teacher):
        self.hub, self.teacher = hub, teacher
        self.page = hub.url.replace("://class.", "://board--service.class.") + PREFIX

    def open_page(self, visitor):
        """Return the reply to a visitor who opens the page in a browser."""
        return visitor.browser.get(self.page)

    def act(self, do, question=""):
        return self._ask("POST", "api/board", json={"do": do, "question": question})

    def state(self):
        return self._ask("GET", "api/board")

    def _ask(self, method, path, **options):
        if not hasattr(self, "_token"):
            self._token = re.search('data-token="([^"]+)"', self.open_page(self.teacher).text)[1]
        headers = {"X-XSRFToken": self._token}
        answer = self.teacher.browser.request(method, self.page + path, headers=headers, timeout=20, **options)
        answer.raise_for_status()
        return answer.json()

    def token(self, name):
        """Return the token of a student's server."""
        return self._environment(name)["JUPYTERHUB_API_TOKEN"]

    def _environment(self, name):
        return self.hub.of_students()[name][0].environ()

    def call(self, method, path, body=None, token=None, name="anna"):
        """Send a request over the socket of `name`'s server; return the status and the content."""
        headers = {"Authorization": f"token {token}"} if token else {}
        data = None if body is None else json.dumps(body)
        with contextlib.closing(http.client.HTTPConnection("board", timeout=20)) as connection:
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.settimeout(20)
            connection.sock.connect(str(path_of(self._environment(name)["CLASSROOM_BOARD"])))
            connection.request(method, PREFIX + path, data, headers)
            with connection.getresponse() as answer:
                content = answer.read()
        with contextlib.suppress(ValueError):
            content = json.loads(content)
        return answer.status, content

    def send(self, name, *reports, token=None):
        return self.call("POST", "api/reports", list(reports), token or self.token(name), name)


def fill_with_a_class(board, students, rng):
    """Send a class's answers: a question with mistakes, and two votes on a prediction."""
    mistakes = ["complement", "only kept", "all kept", "sign", None]
    for place in range(students):
        name = f"s{place}"
        wrong = rng.random() < 0.6
        diagnosis = [] if not wrong else [key for key in [rng.choice(mistakes)] if key]
        reports = [report(right=not wrong, diagnosis=diagnosis)]
        reports += [report(right=True)] if wrong and rng.random() < 0.5 else []
        reports += [report("cell.shown", "prediction", value=float(rng.choice([0.63, 0.54, 0.6, 0.9, 0.07, 0.5])))]
        board.send(name, *reports)
    board.act("ask again", "cell.shown")
    for place in range(students):
        board.send(f"s{place}", report("cell.shown", "prediction", value=float(rng.choice([0.54, 0.54, 0.54, 0.6]))))


def awaited_until(true, seconds=10):
    """Wait until `true()` holds; return false if it does not within `seconds`."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.05)
    return False
