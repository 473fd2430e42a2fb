"""A student as the hub sees one, who logs in over HTTP, runs a notebook over a websocket, and saves it."""

import contextlib
import json
import socket
import time
import uuid

import requests
import websocket

PATIENCE = 200  # seconds for a page, a kernel or a cell


_look_up = socket.getaddrinfo


def _look_up_here(host, *arguments, **options):
    """Look up a name. All names below .localhost are this machine (RFC 6761), which not every library knows."""
    here = isinstance(host, str) and host.endswith(".localhost")
    return _look_up("127.0.0.1" if here else host, *arguments, **options)


socket.getaddrinfo = _look_up_here


class StudentError(Exception):
    """An error for which a student would raise a hand."""


class Student:
    """A student with a browser's cookies, at the hub `url`; with subdomains, if that is a name of this machine."""

    def __init__(self, url, name, password):
        self.url, self.name, self.password = url, name, password
        self.base = f"{url.replace('://', f'://{name}.') if '.localhost' in url else url}/user/{name}/"
        self.browser = requests.Session()
        self.browser.headers["Connection"] = "close"  # the proxy ends idle ones; a page tries again, requests does not
        self.browser.trust_env = False  # loopback needs no proxy, whatever the environment says

    def log_in(self):
        """Log in: send the form as the page would."""
        self.browser.cookies.clear()
        self.browser.get(f"{self.url}/hub/login", timeout=PATIENCE).raise_for_status()
        form = {"username": self.name, "password": self.password, "_xsrf": self.browser.cookies["_xsrf"]}
        answer = self.browser.post(f"{self.url}/hub/login", data=form, timeout=PATIENCE)
        if "/hub/login" in answer.url:
            raise StudentError(f"{self.name} was not let in")

    def enter(self):
        """Wait, like the page with the progress bar, until the student's own JupyterLab is up."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with contextlib.suppress(requests.ConnectionError):  # while hub and proxy are down
                answer = self.browser.get(f"{self.url}/hub/spawn", timeout=PATIENCE)
                if answer.status_code == 200 and answer.url.startswith(f"{self.base}lab"):
                    self.api("GET", "lab/api/settings/")  # what the page asks for before it shows anything
                    return
            time.sleep(1)
        raise StudentError(f"{self.name} has no server after {PATIENCE} s")

    def api(self, method, path, body=None, ok=(200, 201, 204)):
        """Call the student's own server, with the cross-site token that its page would send."""
        tokens = [
            cookie.value for cookie in self.browser.cookies if cookie.name == "_xsrf" and self.name in cookie.path
        ]
        headers = {"X-XSRFToken": tokens[0], "Referer": f"{self.base}lab"} if tokens else {}
        answer = self.browser.request(method, f"{self.base}{path}", json=body, headers=headers, timeout=PATIENCE)
        if answer.status_code not in ok:
            raise StudentError(f"{self.name}: {method} {path} gives {answer.status_code}")
        return answer.json() if answer.content else None

    def read(self, notebook):
        """The saved content of a notebook."""
        return self.api("GET", f"api/contents/{notebook}?type=notebook&content=1")["content"]

    def save(self, notebook, content):
        """Save a notebook through the server, as Ctrl-S does."""
        self.api("PUT", f"api/contents/{notebook}", {"type": "notebook", "format": "json", "content": content})

    def run(self, notebook):
        """Open a notebook and run all its cells; the seconds until the first picture and until the end."""
        start = time.monotonic()
        cells = [cell["source"] for cell in self.read(notebook)["cells"] if cell["cell_type"] == "code"]
        body = {"path": notebook, "name": notebook, "type": "notebook", "kernel": {"name": "python3"}}
        kernel = self.api("POST", "api/sessions", body)["kernel"]["id"]
        first = None
        with self.kernel(kernel) as kernel:
            for number, source in enumerate(cells, start=1):
                for kind, content in kernel.execute(source):
                    if kind == "error":
                        raise StudentError(f"{self.name}, {notebook}, code cell {number}: {content['evalue']}")
                    if first is None and _is_picture(kind, content):
                        first = time.monotonic() - start
        if first is None:
            raise StudentError(f"{self.name}, {notebook}: no picture")
        return {"first": first, "end": time.monotonic() - start, "cells": len(cells)}

    def close(self, notebook):
        """Shut its kernel down, as closing the tab with "Shut down kernel" does."""
        for session in self.api("GET", "api/sessions"):
            if session["path"] == notebook:
                self.api("DELETE", f"api/sessions/{session['id']}")

    @contextlib.contextmanager
    def kernel(self, kernel):
        """The websocket of a running kernel."""
        cookies = "; ".join(
            f"{cookie.name}={cookie.value}"
            for cookie in self.browser.cookies
            if f"/user/{self.name}/".startswith(cookie.path)
        )
        session = uuid.uuid4().hex
        address = f"{self.base}api/kernels/{kernel}/channels?session_id={session}".replace("http", "ws", 1)
        socket = websocket.create_connection(
            address, cookie=cookies, timeout=PATIENCE, http_no_proxy=["127.0.0.1", ".localhost"]
        )
        try:
            yield Kernel(socket, session)
        finally:
            socket.close()


class Kernel:
    """Jupyter's protocol over a websocket."""

    def __init__(self, socket, session):
        self.socket, self.session = socket, session

    def execute(self, source):
        """Run a cell; yield the kind and the content of each output until the kernel is idle and has replied."""
        sent = self.begin(source)
        left = {"idle", "reply"}
        while left:
            message = json.loads(self.socket.recv())
            if message["parent_header"].get("msg_id") != sent:
                if message["content"].get("execution_state") in ("restarting", "dead"):
                    raise StudentError("the kernel died")
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                left.discard("idle")
            elif kind == "execute_reply":
                left.discard("reply")
                if content["status"] != "ok":
                    yield "error", content
            else:
                yield kind, content

    def begin(self, source):
        """Start a cell without waiting for it."""
        return self._send("execute_request", {
            "code": source, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": True,
            "stop_on_error": True,
        })  # fmt: skip

    def _send(self, kind, content):
        header = {
            "msg_id": uuid.uuid4().hex, "msg_type": kind, "username": "", "session": self.session,
            "date": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime()), "version": "5.4",
        }  # fmt: skip
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
        self.socket.send(json.dumps(message | {"buffers": []}))
        return header["msg_id"]


def _is_picture(kind, content):
    """A picture, or a panel with sliders, which JupyterLab shows at once."""
    kinds = content.get("data", {}) if kind in ("display_data", "execute_result") else {}
    return any(k.startswith("image/") or k == "application/vnd.jupyter.widget-view+json" for k in kinds)
