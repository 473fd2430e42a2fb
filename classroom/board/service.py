"""The board's web server: receives reports from students' servers, and serves the teacher's page.

A request never names its sender: the hub knows whose token it is, and the class list knows who is a teacher now.
"""

import asyncio
import hashlib
import hmac
import json
import logging
import os
import resource
import socket
import struct
import sys
import time
from pathlib import Path

from jupyterhub.services.auth import HubOAuth, HubOAuthCallbackHandler, HubOAuthenticated
from tornado.httpserver import HTTPServer
from tornado.ioloop import PeriodicCallback
from tornado.log import app_log, enable_pretty_logging
from tornado.netutil import bind_unix_socket
from tornado.web import Application, HTTPError, RequestHandler, StaticFileHandler, stream_request_body

from classroom import class_list
from classroom.board import SCOPE, reports, summary
from classroom.board.questions import Questions
from classroom.board.rates import Rates
from classroom.board.store import Store, UnavailableError

PAGE = Path(__file__).with_name("page")
TOKEN_LIFETIME = 60  # seconds for which the hub's reply about a token is cached; the class list is never cached
MAX_REQUEST = 2**21  # bytes; above reports.MAX_BYTES a request is read only so that its sender gets a reply
BURST, RATE = 200, 10  # a student's reports, at once and per second
LOOKUPS, LOOKUP_RATE = 100, 20  # an account's unknown tokens that are looked up at the hub, at once and per second
LOG_INTERVAL = 10  # seconds between two log lines of the same kind
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Board:
    """Shared state of the request handlers.

    Args:
        store: a `Store`.
        questions: a `Questions`.
        class_file: the class list.
        own: the folder with the class's own question files.
        auth: a `HubOAuth`.
    """

    def __init__(self, store, questions, class_file, own, auth):
        self.store, self.questions, self.own, self.auth = store, questions, own, auth
        self._class = class_list.WatchedFile(class_file, class_list.read, app_log)
        self.rates, self.lookups = Rates(BURST, RATE), Rates(LOOKUPS, LOOKUP_RATE)
        self._tokens = {}  # digest -> (name, expiry)
        self._logged = {}  # kind of line -> (number suppressed since, time)
        self._state = (None, None)  # (key, content) of the last page
        self.trouble = ""
        self.load_own_questions()

    @property
    def students(self):
        return self._listed()[0]

    @property
    def teachers(self):
        return self._listed()[1]

    def _listed(self):
        """Return students and teachers; refuse if the class list has been invalid since the board started."""
        try:
            return self._class.now()
        except (OSError, ValueError) as error:
            self.log_refused("list", f"everybody, because the class list cannot be read: {error}")
            raise HTTPError(503, "the class list cannot be read now") from None

    async def name_of(self, token, account):
        """Return the name of a token's owner, as the hub knows it, or refuse.

        Lookups are limited for each sending `account`, so that one that makes up tokens does not block the others.
        """
        digest, now = hashlib.sha256(token.encode()).digest(), time.monotonic()
        name, until = self._tokens.get(digest, ("", 0))
        if now > until:
            if not self.lookups.take(account):
                self.log_refused("lookups", f"new tokens: more than {LOOKUP_RATE} a second from one account")
                raise HTTPError(429, "too many new tokens")
            model = await self.auth.user_for_token(token, use_cache=False, sync=False) or {}
            is_user = model.get("kind", "user") == "user" and SCOPE in model.get("scopes", ())
            name = model["name"] if is_user else ""
            if len(self._tokens) > 4096:
                self._tokens.clear()
            self._tokens[digest] = (name, now + TOKEN_LIFETIME)
        if name not in self.students | self.teachers:
            raise HTTPError(403, "this token may not report")
        return name

    def load_own_questions(self):
        """Load the class's own questions, and log the files that have a mistake."""
        for mistake in self.questions.load_own(self.own):
            app_log.error("a question file is skipped: %s", mistake)

    def log_refused(self, kind, sentence):
        """Log a refusal; if one of its kind was logged a moment ago, only count it."""
        count, when = self._logged.get(kind, (0, -LOG_INTERVAL))
        if time.monotonic() - when < LOG_INTERVAL:
            self._logged[kind] = (count + 1, when)
            return
        more = f" (and {count} more like it before)" if count else ""
        app_log.warning("refused: %s%s", sentence, more)
        self._logged[kind] = (0, time.monotonic())

    def set_unavailable(self, error):
        """Show on the page and in the log that the store cannot be used."""
        self.trouble = "Answers cannot be stored now. Is the disk full? Notebooks keep them and send them again."
        self.log_refused("store", f"answers, because the store does not take them: {error}. Is the disk full?")

    def state(self):
        """Return the content of the page, computed once for each change."""
        try:
            lesson = self.store.lesson
            key = (self.store.changes, self.trouble, len(self.students), lesson)
            if self._state[0] != key:
                states, answers = (self.store.questions(), self.store.answers()) if lesson else ({}, [])
                questions = summary.summarize(self.questions, states, answers)
                version = hashlib.sha256(repr(key).encode()).hexdigest()[:16]
                content = {"version": version, "lesson": lesson, "class": len(self.students), "questions": questions}
                self._state = (key, content | {"trouble": self.trouble})
        except UnavailableError as error:
            self.set_unavailable(error)
            return {"version": "", "lesson": None, "class": 0, "questions": [], "trouble": self.trouble}
        return self._state[1]


class BoardHandler(HubOAuthenticated, RequestHandler):
    """Base class of the handlers; an error is one sentence in JSON."""

    @property
    def board(self):
        return self.settings["board"]

    @property
    def hub_auth(self):
        return self.board.auth

    def set_default_headers(self):
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("Cache-Control", "no-store")
        self.clear_header("Server")

    def write_error(self, status_code, **details):
        error = details.get("exc_info", (None, None))[1]
        message = (isinstance(error, HTTPError) and error.log_message) or self._reason
        self.finish({"message": message})

    def log_exception(self, kind, value, trace):
        """Log a traceback only for defects, and one line for a refusal."""
        if isinstance(value, HTTPError) and value.status_code < 500:
            if value.status_code not in (409, 429):  # 409, no lesson, is normal; 429 has been logged with its sender
                path = reports.plain(self.request.path)
                self.board.log_refused(value.status_code, f"{self.request.method} {path}: {value.log_message}")
        elif isinstance(value, UnavailableError):
            self.board.set_unavailable(value)
        else:
            super().log_exception(kind, value, trace)

    def send_error(self, status_code=500, **details):
        if isinstance(details.get("exc_info", (None, None))[1], UnavailableError):
            status_code = 503
        super().send_error(status_code, **details)


class NotFound(BoardHandler):
    """Handler of all other addresses."""

    def prepare(self):
        raise HTTPError(404, "there is no such page")


class TokenHandler(BoardHandler):
    """Base class of the handlers for students' and teachers' servers, which accept tokens and ignore cookies."""

    async def prepare(self):
        token = self.hub_auth.get_token(self, in_cookie=False)
        if not token:
            raise HTTPError(403, "a token is needed")
        self.name = await self.board.name_of(token, account_of(self.request))
        self.current_user = {"name": self.name}

    def limit_rate(self, amount):
        """Refuse the request if its sender exceeds the rate limit."""
        if not self.board.rates.take(self.name, amount):
            self.set_header("Retry-After", str(1 + int(self.board.rates.wait(self.name, amount))))
            self.board.log_refused(f"rate {self.name}", f"{self.name} sends more than {RATE} reports a second")
            raise HTTPError(429, f"more than {RATE} reports a second")


class Lesson(TokenHandler):
    def get(self):
        self.limit_rate(1)
        self.finish({"open": self.board.store.is_open})


@stream_request_body
class Reports(TokenHandler):
    """Handler for answers. It reads and discards a refused request, so that its sender gets a reply."""

    async def prepare(self):
        self.body, self.refusal = bytearray(), None
        try:
            await super().prepare()
            self.limit_rate(1)
            if "Content-Length" not in self.request.headers:
                raise HTTPError(411, "a request needs a Content-Length")
            if int(self.request.headers["Content-Length"]) > reports.MAX_BYTES:
                raise HTTPError(413, f"a request has at most {reports.MAX_BYTES} bytes")
        except HTTPError as error:
            self.refusal = error

    def data_received(self, chunk):
        if not self.refusal:
            self.body += chunk

    def post(self):
        if self.refusal:
            raise self.refusal
        if not self.board.store.is_open:
            raise HTTPError(409, "no lesson is open")
        try:
            found = reports.parse(bytes(self.body))
            ids = [reports.id_of(given) for given in found]
        except reports.RefusedError as error:
            raise HTTPError(400, str(error)) from None
        if len(found) > 1:
            self.limit_rate(len(found) - 1)
        valid, refused = self._validate(found)
        if self.name in self.board.teachers:
            for report in valid:  # a teacher's own answers do not count
                if report.kind == "truth":
                    self.board.store.set_truth(report.question, report.value)
        elif skipped := self.board.store.add(self.name, valid):
            self.board.log_refused("most", f"{skipped} reports of one student, who has sent too many in this lesson")
        self.board.trouble = ""
        self.finish({"taken": [id for id in ids if id not in refused], "refused": refused})

    def _validate(self, found):
        """Return the valid reports, and id -> reason of the others, which need not be sent again."""
        valid, refused = [], {}
        for given in found:
            try:
                report = reports.read(given, self.board.questions)
                if report.kind == "truth" and self.name not in self.board.teachers:
                    raise reports.RefusedError(f"only a teacher can report the truth about {report.question}")
                valid.append(report)
            except reports.RefusedError as error:
                refused[given["id"]] = str(error)
                self.board.log_refused("report", str(error))
        return valid, refused


class Predictions(TokenHandler):
    """Handler that gives a teacher's panel the class's predictions."""

    def get(self):
        if self.name not in self.board.teachers:
            raise HTTPError(403, "the predictions are for teachers only")
        self.limit_rate(1)
        name = self.get_query_argument("question", "")
        if name not in self.board.questions:
            raise HTTPError(404, "there is no such question")
        vote, first = 1, {}
        if self.board.store.lesson:
            vote = self.board.store.questions().get(name, {"vote": 1})["vote"]
            for _, answered_in, student, kind, _, _, value in self.board.store.answers(name):
                if answered_in == vote and kind == "prediction":
                    first.setdefault(student, value)
        self.finish({"question": name, "vote": vote, "predictions": list(first.values())})


class TeacherHandler(BoardHandler):
    """Base class of the handlers for visitors who logged in at the hub and are teachers on the class list now."""

    async def prepare(self):
        model = await self.hub_auth.get_user(self, sync=False)
        self.current_user = model
        if not model:
            self.refuse_anonymous()
            return
        allowed = self.hub_auth.check_scopes(self.hub_auth.access_scopes, model)
        if not allowed or model.get("kind") != "user" or model["name"] not in self.board.teachers:
            raise HTTPError(403, "the board is for teachers only")

    def refuse_anonymous(self):
        raise HTTPError(403, "log in again")


class Page(TeacherHandler):
    def refuse_anonymous(self):
        self.redirect(self.get_login_url())

    def get(self):
        self.render("board.html", prefix=self.hub_auth.base_url, token=self.xsrf_token)


class State(TeacherHandler):
    """Handler for the page's content, requested once a second, and for the teacher's actions."""

    def get(self):
        state = self.board.state()
        if state["version"] and self.get_query_argument("since", "") == state["version"]:
            self.set_status(204)
            return
        self.finish(state)

    def post(self):
        try:
            request = json.loads(self.request.body)
            action, name = request["do"], request.get("question", "")
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise HTTPError(400, "the board has no such action") from None
        store = self.board.store
        of_lesson = {"open": store.open, "close": store.close, "delete": store.delete}
        of_question = {"reveal": store.reveal, "ask again": store.ask_again}
        if not isinstance(action, str) or not isinstance(name, str):
            action = None
        if action in of_lesson:
            if action == "open":
                self.board.load_own_questions()
            of_lesson[action]()
            app_log.info("%s: %s the lesson", self.current_user["name"], action)
        elif action in of_question and name in self.board.questions:
            of_question[action](name)
        else:
            raise HTTPError(400, "the board has no such action")
        self.board.trouble = ""
        self.finish(self.board.state())


def account_of(request):
    """Return the sender of a request: the user id at the other end of the socket, or "proxy"."""
    connection = request.connection.stream.socket
    if connection.family != socket.AF_UNIX:
        return "proxy"
    return struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[1]


def application(board, cookie_secret):
    """Make the Tornado application."""
    prefix = board.auth.base_url
    return Application(
        [
            (prefix, Page),
            (f"{prefix}oauth_callback", HubOAuthCallbackHandler),
            (f"{prefix}static/(board.(?:css|js))", StaticFileHandler, {"path": PAGE}),
            (f"{prefix}api/board", State),
            (f"{prefix}api/lesson", Lesson),
            (f"{prefix}api/reports", Reports),
            (f"{prefix}api/predictions", Predictions),
        ],
        default_handler_class=NotFound,
        board=board,
        cookie_secret=cookie_secret,
        template_path=PAGE,
        log_function=lambda handler: None,  # thirty students would fill the log; log_refused logs the refusals
    )


def server(app):
    """Make the HTTP server of the application."""
    return HTTPServer(
        app, max_body_size=MAX_REQUEST, idle_connection_timeout=75, body_timeout=30, trusted_downstream=[]
    )


async def main():
    """Serve at the port for the proxy and at the socket for students' servers, until the hub is gone."""
    enable_pretty_logging()
    logging.getLogger().setLevel(logging.INFO)
    _, limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))  # idle connections must not use up all descriptors
    state, hub = Path(os.environ["CLASSROOM"]), os.getppid()
    secret = hmac.digest((state / "cookie_secret").read_bytes(), b"board", "sha256").hex()
    store = Store(state / "board", os.environ["BOARD_KEY"])
    board = Board(store, Questions(), state / "class.txt", state / "questions", HubOAuth.instance())
    http = server(application(board, secret))
    await _bind(http, int(os.environ["BOARD_PORT"]))
    http.add_socket(bind_unix_socket(os.environ["BOARD_SOCKET"], mode=0o666))

    def tidy():
        try:
            if message := store.tidy():
                app_log.info(message)
        except UnavailableError as error:
            board.set_unavailable(error)

    tidy()
    PeriodicCallback(tidy, 60_000).start()
    while os.getppid() == hub:  # after a kill, the new hub starts another board
        await asyncio.sleep(0.5)
    sys.exit(0)


async def _bind(http, port):
    """Listen for the proxy, waiting up to 10 s for the board of a killed hub to release the port."""
    until = time.monotonic() + 10
    while True:
        try:
            http.listen(port, "127.0.0.1")
            return
        except OSError:
            if time.monotonic() > until:
                raise
        await asyncio.sleep(0.5)
