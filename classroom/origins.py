"""A separate address for each learner, so that a page served by one of them can do nothing to the others."""

import ipaddress
import os
import re
import sys
from urllib.parse import urlsplit

from tornado import web

TOGETHER = (
    "All students share one address here, so they can attack each other: a page that one of them serves can act for "
    "whoever opens it, read their files, and, if a teacher opens it, make its author an administrator. With "
    "CLASSROOM_URL each student gets an address of their own: classroom/README.md says how."
)


def choose(c, trial):
    """Give learners addresses below CLASSROOM_URL. Without it, warn in a trial, and refuse a class unless told yes."""
    if url := os.environ.get("CLASSROOM_URL", "").rstrip("/"):
        _require_address(url)
        c.JupyterHub.subdomain_host = url
        # A learner's page can set cookies for the hub's address too, but none whose name begins with __Host-.
        c.JupyterHub.cookie_host_prefix_enabled = url.startswith("https:")
    elif trial or os.environ.get("CLASSROOM_ONE_ADDRESS") == "yes":
        print(f"Warning. {TOGETHER}", file=sys.stderr, flush=True)
    else:
        raise SystemExit(f"{TOGETHER} To start a class without that all the same: CLASSROOM_ONE_ADDRESS=yes")


def require_own_address(handler):
    """Refuse a login at any address but the hub's: a learner's page could use one at its own."""
    url = handler.settings.get("subdomain_host", "")
    if url and handler.request.host.lower() != urlsplit(url).netloc:
        raise web.HTTPError(403, f"Log in at {url}")


def _require_address(url):
    """Refuse a URL that cannot take a learner's name in front, or that would send passwords unencrypted."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    local = host.endswith(".localhost")
    if not re.fullmatch(r"https?://[a-z0-9.-]+\.[a-z0-9-]+(:\d+)?", url) or _is_number(host):
        raise SystemExit(f"CLASSROOM_URL should be a name, such as https://class.example.org, and not {url}")
    if parts.scheme == "http" and not local:
        raise SystemExit(f"CLASSROOM_URL should begin with https://, and not be {url}: passwords travel there")


def _is_number(host):
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
