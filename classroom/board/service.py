"""The board's web server: learners' servers report here, and the teacher's page shows what they come to.

It trusts nobody with a name: whose token it is, the hub says, and who teaches, the class list says now.
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
TRUSTED = 60  # seconds for which the hub's word about a token is taken; the class list is read at each request
REQUEST = 2**21  # bytes that are read, and thrown away, so that whoever sends too much learns it
BURST, RATE = 200, 10  # reports of one learner, at once and a second
LOOKUPS, LOOKUP_RATE = 100, 20  # tokens of one account that the hub is asked about, at once and a second
SAY = 10  # seconds between two log lines about the same thing
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Board:
    """What the handlers share.

    Args:
        store: a `Store`.
        questions: a `Questions`.
        class_file: the class list.
        own: the folder with the class's own files of questions.
        auth: a `HubOAuth`.
    """

    def __init__(self, store, questions, class_file, own, auth):
        self.store, self.questions, self.own, self.auth = store, questions, own, auth
        self._class = class_list.Kept(class_file, class_list.read, app_log)
        self.rates, self.lookups = Rates(BURST, RATE), Rates(LOOKUPS, LOOKUP_RATE)
        self._tokens, self._said, self._shown = {}, {}, (None, None)
        self.trouble = ""
        self.read_own()

    @property
    def students(self):
        return self._listed()[0]

    @property
    def teachers(self):
        return self._listed()[1]

    def _listed(self):
        """Who is on the class list; a refusal as long as it has had a mistake ever since the board started."""
        try:
            return self._class.now()
        except (OSError, ValueError) as error:
            self.say("list", f"everybody, because the class list cannot be read: {error}")
            raise HTTPError(503, "the class list cannot be read now") from None

    async def who(self, token, account):
        """The name that the hub knows a token's owner by, or a refusal.

        `account` is what sent the token: whoever makes up tokens keeps nobody else from being looked up.
        """
        digest, now = hashlib.sha256(token.encode()).digest(), time.monotonic()
        name, until = self._tokens.get(digest, ("", 0))
        if now > until:
            if not self.lookups.take(account):
                self.say("lookups", f"new tokens: more than {LOOKUP_RATE} a second from one account")
                raise HTTPError(429, "too many new tokens")
            model = await self.auth.user_for_token(token, use_cache=False, sync=False) or {}
            is_user = model.get("kind", "user") == "user" and SCOPE in model.get("scopes", ())
            name = model["name"] if is_user else ""
            if len(self._tokens) > 4096:
                self._tokens.clear()
            self._tokens[digest] = (name, now + TRUSTED)
        if name not in self.students | self.teachers:
            raise HTTPError(403, "this token may not report")
        return name

    def read_own(self):
        """Read the class's own questions; what is wrong with a file is a line in the log."""
        for mistake in self.questions.load_own(self.own):
            app_log.error("a file of questions is left out: %s", mistake)

    def say(self, kind, sentence):
        """Log it, unless the same kind of thing was logged just before; then only count it."""
        count, when = self._said.get(kind, (0, -SAY))
        if time.monotonic() - when < SAY:
            self._said[kind] = (count + 1, when)
            return
        more = f" (and {count} more like it before)" if count else ""
        app_log.warning("refused: %s%s", sentence, more)
        self._said[kind] = (0, time.monotonic())

    def unavailable(self, error):
        """Note that the store cannot be used; the page says it as well."""
        self.trouble = "Answers cannot be kept now: is the disk full? They are sent again once they can."
        self.say("store", f"answers, because the store does not take them: {error}. Is the disk full?")

    def shown(self):
        """What the page shows. It is put together once for each change."""
        try:
            lesson = self.store.lesson
            key = (self.store.changes, self.trouble, len(self.students), lesson)
            if self._shown[0] != key:
                states, answers = (self.store.questions(), self.store.answers()) if lesson else ({}, [])
                found = summary.summarize(self.questions, states, answers)
                version = hashlib.sha256(repr(key).encode()).hexdigest()[:16]
                content = {"version": version, "lesson": lesson, "class": len(self.students), "questions": found}
                self._shown = (key, content | {"trouble": self.trouble})
        except UnavailableError as error:
            self.unavailable(error)
            return {"version": "", "lesson": None, "class": 0, "questions": [], "trouble": self.trouble}
        return self._shown[1]


class BoardHandler(HubOAuthenticated, RequestHandler):
    """A handler of the board's; its errors are one sentence in JSON."""

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
        """A traceback only for defects: what was refused is said in `Board.say`."""
        if isinstance(value, HTTPError) and value.status_code < 500:
            if value.status_code not in (409, 429):  # no lesson is no mistake, and who sends too much was named
                path = reports.plain(self.request.path)
                self.board.say(value.status_code, f"{self.request.method} {path}: {value.log_message}")
        elif isinstance(value, UnavailableError):
            self.board.unavailable(value)
        else:
            super().log_exception(kind, value, trace)

    def send_error(self, status_code=500, **details):
        if isinstance(details.get("exc_info", (None, None))[1], UnavailableError):
            status_code = 503
        super().send_error(status_code, **details)


class Nothing(BoardHandler):
    """A handler for every other address."""

    def prepare(self):
        raise HTTPError(404, "there is no such page")


class TokenHandler(BoardHandler):
    """A handler for learners' servers and the teacher's: their token says who they are, and a cookie says nothing."""

    async def prepare(self):
        token = self.hub_auth.get_token(self, in_cookie=False)
        if not token:
            raise HTTPError(403, "a token is needed")
        self.name = await self.board.who(token, account_of(self.request))
        self.current_user = {"name": self.name}

    def require_share(self, amount):
        """Refuse what is above the learner's share."""
        if not self.board.rates.take(self.name, amount):
            self.set_header("Retry-After", str(1 + int(self.board.rates.wait(self.name, amount))))
            self.board.say(f"rate {self.name}", f"what {self.name} sends: more than {RATE} reports a second")
            raise HTTPError(429, f"more than {RATE} reports a second")


class Lesson(TokenHandler):
    def get(self):
        self.require_share(1)
        self.finish({"open": self.board.store.is_open})


@stream_request_body
class Reports(TokenHandler):
    """Answers. What is refused is not kept while it is read; and it is read, so that its sender gets the answer."""

    async def prepare(self):
        self.body, self.refusal = bytearray(), None
        try:
            await super().prepare()
            self.require_share(1)
            if "Content-Length" not in self.request.headers:
                raise HTTPError(411, "the length of the request is needed")
            if int(self.request.headers["Content-Length"]) > reports.LARGEST:
                raise HTTPError(413, f"a request has at most {reports.LARGEST} bytes")
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
            self.require_share(len(found) - 1)
        good, refused = self._read(found)
        if self.name in self.board.teachers:
            for report in good:  # a teacher is none of the class, but the teacher's panel knows the truth
                if report.kind == "truth":
                    self.board.store.tell(report.question, report.value)
        elif left_out := self.board.store.add(self.name, good):
            self.board.say("most", f"{left_out} reports of one learner, who has sent too many in this lesson")
        self.board.trouble = ""
        self.finish({"taken": [id for id in ids if id not in refused], "refused": refused})

    def _read(self, found):
        """The good reports, and id -> sentence of the others, which need not be sent again."""
        good, refused = [], {}
        for given in found:
            try:
                report = reports.read(given, self.board.questions)
                if report.kind == "truth" and self.name not in self.board.teachers:
                    raise reports.RefusedError(f"the truth about {report.question} is the teacher's to tell")
                good.append(report)
            except reports.RefusedError as error:
                refused[given["id"]] = str(error)
                self.board.say("report", str(error))
        return good, refused


class Predictions(TokenHandler):
    """The class's predictions, for the panel of a teacher's notebook."""

    def get(self):
        if self.name not in self.board.teachers:
            raise HTTPError(403, "the predictions are for teachers only")
        self.require_share(1)
        name = self.get_query_argument("question", "")
        if name not in self.board.questions:
            raise HTTPError(404, "there is no such question")
        vote = self.board.store.questions().get(name, {"vote": 1})["vote"] if self.board.store.lesson else 1
        first = {}
        if self.board.store.lesson:
            for _, of, learner, kind, _, _, value in self.board.store.answers(name):
                if of == vote and kind == "prediction":
                    first.setdefault(learner, value)
        self.finish({"question": name, "vote": vote, "predictions": list(first.values())})


class TeacherHandler(BoardHandler):
    """A handler for the pages: for those who have logged in at the hub and teach, as the class list has it now."""

    async def prepare(self):
        model = await self.hub_auth.get_user(self, sync=False)
        self.current_user = model
        if not model:
            self.nobody()
            return
        allowed = self.hub_auth.check_scopes(self.hub_auth.access_scopes, model)
        if not allowed or model.get("kind") != "user" or model["name"] not in self.board.teachers:
            raise HTTPError(403, "the board is for teachers only")

    def nobody(self):
        raise HTTPError(403, "log in again")


class Page(TeacherHandler):
    def nobody(self):
        self.redirect(self.get_login_url())

    def get(self):
        self.render("board.html", prefix=self.hub_auth.base_url, token=self.xsrf_token)


class State(TeacherHandler):
    """What the page shows, once a second; and what the teacher does about it."""

    def get(self):
        shown = self.board.shown()
        if shown["version"] and self.get_query_argument("since", "") == shown["version"]:
            self.set_status(204)
            return
        self.finish(shown)

    def post(self):
        try:
            asked = json.loads(self.request.body)
            act, name = asked["do"], asked.get("question", "")
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise HTTPError(400, "nothing that the board can do") from None
        store = self.board.store
        of_lesson = {"open": store.open, "close": store.close, "delete": store.delete}
        of_question = {"reveal": store.reveal, "ask again": store.ask_again}
        if not isinstance(act, str) or not isinstance(name, str):
            act = None
        if act in of_lesson:
            if act == "open":
                self.board.read_own()
            of_lesson[act]()
            app_log.info("%s: %s the lesson", self.current_user["name"], act)
        elif act in of_question and name in self.board.questions:
            of_question[act](name)
        else:
            raise HTTPError(400, "nothing that the board can do")
        self.board.trouble = ""
        self.finish(self.board.shown())


def account_of(request):
    """What sent a request: the account at the other end of the socket, or the proxy."""
    connection = request.connection.stream.socket
    if connection.family != socket.AF_UNIX:
        return "proxy"
    return struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[1]


def application(board, cookie_secret):
    """The tornado application."""
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
        default_handler_class=Nothing,
        board=board,
        cookie_secret=cookie_secret,
        template_path=PAGE,
        log_function=lambda handler: None,  # thirty learners would fill the log; what is refused is said
    )


def server(app):
    """Its HTTP server."""
    return HTTPServer(app, max_body_size=REQUEST, idle_connection_timeout=75, body_timeout=30, trusted_downstream=[])


async def main():
    """Serve at the port for the proxy and at the socket for learners' servers, until the hub is gone."""
    enable_pretty_logging()
    logging.getLogger().setLevel(logging.INFO)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # for those who hold connections and say nothing
    state, hub = Path(os.environ["CLASSROOM"]), os.getppid()
    secret = hmac.digest((state / "cookie_secret").read_bytes(), b"board", "sha256").hex()
    store = Store(state / "board", os.environ["BOARD_KEY"])
    board = Board(store, Questions(), state / "class.txt", state / "questions", HubOAuth.instance())
    http = server(application(board, secret))
    await _bind(http, int(os.environ["BOARD_PORT"]))
    http.add_socket(bind_unix_socket(os.environ["BOARD_SOCKET"], mode=0o666))

    def tidy():
        try:
            if said := store.tidy():
                app_log.info(said)
        except UnavailableError as error:
            board.unavailable(error)

    tidy()
    PeriodicCallback(tidy, 60_000).start()
    while os.getppid() == hub:  # a hub that was killed starts another board
        await asyncio.sleep(0.5)
    sys.exit(0)


async def _bind(http, port):
    """Listen for the proxy; wait a little for a board that a killed hub has left behind."""
    until = time.monotonic() + 10
    while True:
        try:
            http.listen(port, "127.0.0.1")
            break
        except OSError:
            if time.monotonic() > until:
                raise
        await asyncio.sleep(0.5)
