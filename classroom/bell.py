"""Start the class's servers before the bell: python -m classroom.bell, on the machine where the hub runs.

It starts one server per processor at a time, which leaves room for a student who logs in meanwhile. Each server then
warms up a kernel for the first notebook (student_ready.py). The token that it uses can start servers, but neither open
nor stop them.
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

TIMEOUT = 300  # seconds, for one server
WARM_UP = 4  # seconds that a kernel takes; the next server starts only after them, so that kernels keep up
_OPENER = build_opener(ProxyHandler({}))  # ignores proxies in the environment: the hub is on this machine


class NotStartedError(Exception):
    """A server did not start; the message says why."""


def ring(names, call, at_once):
    """Start the servers of `names`, `at_once` at a time; return the names whose server failed to start."""

    def start(name):
        try:
            outcome, started = _start(name, call), True
        except NotStartedError as error:
            outcome, started = f"not started: {error}", False
        print(f"{name}: {outcome}", flush=True)
        return started

    with ThreadPoolExecutor(at_once) as pool:
        return [name for name, started in zip(names, pool.map(start, names), strict=True) if not started]


def _start(name, call):
    """Start one server, wait until it answers and its kernel has had time to warm up, and return the outcome."""
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
        if time.monotonic() - began > TIMEOUT:
            raise NotStartedError(f"no answer after {TIMEOUT} s; see the hub's log")
        time.sleep(0.5)
    took = time.monotonic() - began
    time.sleep(WARM_UP)
    return f"started in {took:.0f} s"


def hub_api(url, token):
    """Return a function `call(method, path)` that calls the hub's API."""

    def call(method, path):
        request = Request(f"{url}/hub/api/{path}", method=method, headers={"Authorization": f"token {token}"})
        try:
            with _OPENER.open(request, timeout=TIMEOUT) as response:
                content = response.read()
        except HTTPError as error:
            raise NotStartedError(_message(error)) from None
        except (OSError, HTTPException) as error:  # HTTPException: the hub ended in mid-response
            raise NotStartedError(f"the hub does not answer at {url}: {getattr(error, 'reason', error)}") from None
        return json.loads(content) if content else None

    return call


def _message(error):
    """The message in the hub's JSON reply."""
    try:
        return json.loads(error.read())["message"]
    except (ValueError, KeyError):
        return f"the hub answers {error.code}"


def main():
    """Start the servers of everyone on the class list, teachers included."""
    try:
        names = sorted(set().union(*class_list.read(place.folder() / "class.txt")))
        token = (place.folder() / place.BELL).read_text()
    except (OSError, ValueError) as error:
        sys.exit(f"{error}. Run it as the account that runs the hub, once the hub has started; see classroom/README.md")
    failed = ring(names, hub_api(f"http://127.0.0.1:{place.hub_port()}", token), os.cpu_count())
    time.sleep(PAUSE)  # the last ones start their kernels only after this pause
    print(f"{len(names) - len(failed)} of {len(names)} servers are running; each that is not in use starts a kernel")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
