"""Start the class's servers before the bell: python -m classroom.bell, on the machine where the hub runs.

A few start at a time, so that none keeps the others waiting, nor somebody who logs in meanwhile. Each then warms up a
kernel for the first notebook that is opened (student_ready.py). The hub is asked with a token of its own, which can
start servers and nothing else: it opens none and stops none.
"""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from classroom import class_list, place
from classroom.student_ready import PAUSE

PATIENCE = 300  # seconds for one server
WARMING = 4  # seconds that a kernel takes to warm up; as long the next server waits, so that kernels keep up
_HERE = build_opener(ProxyHandler({}))  # the hub is on this machine, whatever the environment says


class NotStartedError(Exception):
    """A server that has not started, and why."""


def ring(names, call, at_once):
    """Start the servers of these names, some at once; return those that have failed."""

    def begin(name):
        try:
            said, good = _start(name, call), True
        except NotStartedError as error:
            said, good = f"not started: {error}", False
        print(f"{name}: {said}", flush=True)
        return good

    with ThreadPoolExecutor(at_once) as pool:
        return [name for name, good in zip(names, pool.map(begin, names), strict=True) if not good]


def _start(name, call):
    """Start one server; return, once it answers and a kernel would have had time to warm up, how it went."""
    began = time.monotonic()
    try:
        call("POST", f"users/{name}/server")
    except NotStartedError as error:
        if str(error).endswith("already running"):
            return "running already"
        raise
    while not (server := call("GET", f"users/{name}/server"))["ready"]:
        if not server["pending"]:
            raise NotStartedError("it ended at once; see the hub's log")
        if time.monotonic() - began > PATIENCE:
            raise NotStartedError(f"no answer after {PATIENCE} s; see the hub's log")
        time.sleep(0.5)
    took = time.monotonic() - began
    time.sleep(WARMING)
    return f"started in {took:.0f} s"


def hub_api(url, token):
    """A function that calls the hub's API."""

    def call(method, path):
        asked = Request(f"{url}/hub/api/{path}", method=method, headers={"Authorization": f"token {token}"})
        try:
            with _HERE.open(asked, timeout=PATIENCE) as answer:
                content = answer.read()
        except HTTPError as error:
            raise NotStartedError(_message(error)) from None
        except (OSError, HTTPException) as error:  # also a hub that ends before it has answered
            raise NotStartedError(f"the hub does not answer at {url}: {getattr(error, 'reason', error)}") from None
        return json.loads(content) if content else None

    return call


def _message(error):
    """The hub's own words for an error: its API answers in JSON."""
    try:
        return json.loads(error.read())["message"]
    except (ValueError, KeyError):
        return f"the hub answers {error.code}"


def main():
    """Start all servers on the class list, the teachers' too."""
    try:
        names = sorted(set().union(*class_list.read(place.folder() / "class.txt")))
        token = (place.folder() / place.BELL).read_text()
    except (OSError, ValueError) as error:
        sys.exit(f"{error}. Run it as the account that runs the hub, once the hub has started; see classroom/README.md")
    failed = ring(names, hub_api(f"http://127.0.0.1:{place.hub_port()}", token), os.cpu_count())
    time.sleep(PAUSE)  # the last ones warm up once they see that nobody has come
    print(f"{len(names) - len(failed)} of {len(names)} servers are running; each starts a kernel by itself")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
