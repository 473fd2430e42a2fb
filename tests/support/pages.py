"""A folder served on loopback, and what a page did when it was opened."""

import contextlib
import functools
import http.server
import threading


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


class _Kept(_Quiet):
    """A server that lets browsers keep everything for a day."""

    def end_headers(self):
        self.send_header("Cache-Control", "max-age=86400")
        super().end_headers()


@contextlib.contextmanager
def served(folder, kept=False):
    """Serve a folder on a free port of loopback, to be kept in a browser's cache or not; yields the address."""
    handler = functools.partial(_Kept if kept else _Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@contextlib.contextmanager
def watched(browser, **options):
    """A page; yields it with what it complained of and what it asked for, two lists that grow."""
    context = browser.new_context(**options)
    page, complaints, requests = context.new_page(), [], []
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else 0)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    context.on("request", lambda request: requests.append(request.url))
    try:
        yield page, complaints, requests
    finally:
        context.close()
