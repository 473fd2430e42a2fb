"""Web server for a folder on loopback, and a page whose complaints and requests are recorded."""

import contextlib
import functools
import http.server
import threading


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


class _Cached(_Quiet):
    """Handler that lets browsers cache everything for a day."""

    def end_headers(self):
        self.send_header("Cache-Control", "max-age=86400")
        super().end_headers()


@contextlib.contextmanager
def served(folder, cached=False):
    """Serve a folder on a free port of loopback, to be cached by browsers for a day or not; yield the URL."""
    handler = functools.partial(_Cached if cached else _Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@contextlib.contextmanager
def watched(browser, **options):
    """Yield a page with two growing lists: its error messages and warnings, and the URLs that it requests."""
    context = browser.new_context(**options)
    page, complaints, requests = context.new_page(), [], []
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else 0)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    context.on("request", lambda request: requests.append(request.url))
    try:
        yield page, complaints, requests
    finally:
        context.close()
