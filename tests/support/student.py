"""Simulated student, who logs in over HTTP, runs a notebook over a websocket, and saves it."""

import contextlib
import itertools
import json
import socket
import time
import uuid

import requests
import websocket

TIMEOUT = 200  # seconds for a page, a kernel or a cell
PROTOCOL = "v1.kernel.websocket.jupyter.org"


_getaddrinfo = socket.getaddrinfo


def _getaddrinfo_with_localhost(host, *arguments, **options):
    """Resolve all names below .localhost to this machine (RFC 6761), which not every system does."""
    local = isinstance(host, str) and host.endswith(".localhost")
    return _getaddrinfo("127.0.0.1" if local else host, *arguments, **options)


socket.getaddrinfo = _getaddrinfo_with_localhost


class StudentError(Exception):
    """A failure that a real student would notice."""


class Student:
    """A student with a browser's cookies at the hub `url`; a name below .localhost means subdomains."""

    def __init__(self, url, name, password):
        self.url, self.name, self.password = url, name, password
        self.base = f"{url.replace('://', f'://{name}.') if '.localhost' in url else url}/user/{name}/"
        self.browser = requests.Session()
        self.browser.headers["Connection"] = "close"  # the proxy closes idle connections, and requests does not retry
        self.browser.trust_env = False  # ignores proxies in the environment

    def log_in(self):
        """Log in: send the form as the page would."""
        self.browser.cookies.clear()
        self.browser.get(f"{self.url}/hub/login", timeout=TIMEOUT).raise_for_status()
        form = {"username": self.name, "password": self.password, "_xsrf": self.browser.cookies["_xsrf"]}
        answer = self.browser.post(f"{self.url}/hub/login", data=form, timeout=TIMEOUT)
        if "/hub/login" in answer.url:
            raise StudentError(f"{self.name} could not log in")

    def enter(self):
        """Wait, like the page with the progress bar, until the student's own JupyterLab is up."""
        until = time.monotonic() + TIMEOUT
        while time.monotonic() < until:
            with contextlib.suppress(requests.ConnectionError):  # while hub and proxy are down
                answer = self.browser.get(f"{self.url}/hub/spawn", timeout=TIMEOUT)
                if answer.status_code == 200 and answer.url.startswith(f"{self.base}lab"):
                    self.api("GET", "lab/api/settings/")  # the page requests this before it shows anything
                    return
            time.sleep(1)
        raise StudentError(f"{self.name} has no server after {TIMEOUT} s")

    def api(self, method, path, body=None, ok=(200, 201, 204)):
        """Call the student's own server, with the cross-site token that its page would send."""
        tokens = [
            cookie.value for cookie in self.browser.cookies if cookie.name == "_xsrf" and self.name in cookie.path
        ]
        headers = {"X-XSRFToken": tokens[0], "Referer": f"{self.base}lab"} if tokens else {}
        answer = self.browser.request(method, f"{self.base}{path}", json=body, headers=headers, timeout=TIMEOUT)
        if answer.status_code not in ok:
            raise StudentError(f"{self.name}: {method} {path} gives {answer.status_code}")
        return answer.json() if answer.content else None

    def ask_hub(self, method, path, body=None):
        """Call the hub's API as its pages do; return the reply."""
        page = self.browser.get(f"{self.url}/hub/home", timeout=TIMEOUT).text
        token = page.partition('xsrf_token: "')[2].partition('"')[0]
        headers = {"X-XSRFToken": token, "Referer": f"{self.url}/hub/home", "Sec-Fetch-Site": "same-origin"}
        address = f"{self.url}/hub/api/{path}"
        return self.browser.request(method, address, json=body, headers=headers, timeout=TIMEOUT)

    def stop(self):
        """Stop the student's own server, as the control panel does."""
        self.ask_hub("DELETE", f"users/{self.name}/server").raise_for_status()

    def read(self, notebook):
        """Return the saved content of a notebook."""
        return self.api("GET", f"api/contents/{notebook}?type=notebook&content=1")["content"]

    def code(self, notebook):
        """Return the sources of a notebook's code cells."""
        return [cell["source"] for cell in self.read(notebook)["cells"] if cell["cell_type"] == "code"]

    def save(self, notebook, content):
        """Save a notebook through the server, as Ctrl-S does."""
        self.api("PUT", f"api/contents/{notebook}", {"type": "notebook", "format": "json", "content": content})

    def run(self, notebook, cells=None):
        """Run the first `cells` of a notebook, by default all; return the seconds to its first picture and its end."""
        start = time.monotonic()
        sources, first = self.code(notebook)[:cells], None
        with self.open(notebook) as kernel:
            for number, source in enumerate(sources, start=1):
                for kind, content in kernel.execute(source):
                    if kind == "error":
                        raise StudentError(f"{self.name}, {notebook}, code cell {number}: {content['evalue']}")
                    if first is None and _is_picture(kind, content):
                        first = time.monotonic() - start
        if first is None:
            raise StudentError(f"{self.name}, {notebook}: no picture")
        return {"first": first, "end": time.monotonic() - start, "cells": len(sources)}

    def open(self, notebook):
        """Open the websocket of a notebook's kernel, starting a kernel if none is running."""
        body = {"path": notebook, "name": notebook, "type": "notebook", "kernel": {"name": "python3"}}
        return self.kernel(self.api("POST", "api/sessions", body)["kernel"]["id"])

    def close(self, notebook):
        """Shut down a notebook's kernel, as closing the tab with "Shut down kernel" does."""
        for session in self.api("GET", "api/sessions"):
            if session["path"] == notebook:
                self.api("DELETE", f"api/sessions/{session['id']}")

    @contextlib.contextmanager
    def kernel(self, kernel):
        """Open the websocket of a running kernel."""
        cookies = "; ".join(
            f"{cookie.name}={cookie.value}"
            for cookie in self.browser.cookies
            if f"/user/{self.name}/".startswith(cookie.path)
        )
        session = uuid.uuid4().hex
        address = f"{self.base}api/kernels/{kernel}/channels?session_id={session}".replace("http", "ws", 1)
        socket = websocket.create_connection(
            address,
            cookie=cookies,
            timeout=TIMEOUT,
            http_no_proxy=["127.0.0.1", ".localhost"],
            subprotocols=[PROTOCOL],
        )
        try:
            yield Kernel(socket, session)
        finally:
            socket.close()


class Kernel:
    """Jupyter's messaging protocol over a websocket, in the binary form that JupyterLab uses.

    Attributes:
        models: id -> state of each widget that the kernel has on the page.
    """

    def __init__(self, socket, session):
        self.socket, self.session, self.models = socket, session, {}

    def execute(self, source):
        """Run a cell; yield the kind and the content of each output until the kernel is idle and has replied."""
        return self._answers(self.begin(source), {"idle", "reply"})

    def begin(self, source):
        """Start a cell without waiting for it."""
        return self._send("execute_request", {
            "code": source, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": True,
            "stop_on_error": True,
        })  # fmt: skip

    def move(self, widget, value):
        """Move a widget, and yield the kernel's outputs until it is idle again."""
        update = {"method": "update", "state": {"value": value}, "buffer_paths": []}
        return self._answers(self._send("comm_msg", {"comm_id": widget, "data": update}), {"idle"})

    def widget(self, **state):
        """Return the id of the newest widget with this state."""
        return [known for known, model in self.models.items() if state.items() <= model.items()][-1]

    def _answers(self, sent, left):
        while left:
            kind, parent, content = self._receive()
            if kind in ("comm_open", "comm_msg"):
                self.models.setdefault(content["comm_id"], {}).update(content["data"].get("state", {}))
            if parent != sent:
                if content.get("execution_state") in ("restarting", "dead"):
                    raise StudentError("the kernel died")
            elif kind == "status" and content["execution_state"] == "idle":
                left.discard("idle")
            elif kind == "execute_reply":
                left.discard("reply")
                if content["status"] != "ok":
                    yield "error", content
            else:
                yield kind, content

    def _receive(self):
        """Return a message's type, the id of the message that it answers, and its content."""
        message = self.socket.recv()
        if not message:
            raise ConnectionError("the websocket is closed")
        count = int.from_bytes(message[:8], "little")
        places = [int.from_bytes(message[8 * k : 8 * k + 8], "little") for k in range(1, count + 1)]
        header, parent, _, content = (json.loads(message[places[k] : places[k + 1]]) for k in range(1, 5))
        return header["msg_type"], parent.get("msg_id"), content

    def _send(self, kind, content):
        header = {
            "msg_id": uuid.uuid4().hex, "msg_type": kind, "username": "", "session": self.session,
            "date": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime()), "version": "5.4",
        }  # fmt: skip
        parts = [b"shell", *(json.dumps(part).encode() for part in (header, {}, {}, content))]
        places = list(itertools.accumulate(map(len, parts), initial=8 * (len(parts) + 2)))
        numbers = (number.to_bytes(8, "little") for number in (len(places), *places))
        self.socket.send_binary(b"".join([*numbers, *parts]))
        return header["msg_id"]


def _is_picture(kind, content):
    """Return true for a picture or a panel, which JupyterLab shows at once."""
    kinds = content.get("data", {}) if kind in ("display_data", "execute_result") else {}
    return any(k.startswith("image/") or k == "application/vnd.jupyter.widget-view+json" for k in kinds)
