"""Separate addresses for students, so that a page served by one student cannot act on behalf of another."""

import ipaddress
import os
import re
import sys
from urllib.parse import urlsplit

from jupyterhub.services.service import Service
from tornado import web

SHARED_ADDRESS = (
    "All students share one address here, so they can attack each other: a page that one student serves can act on "
    "behalf of anyone who opens it, read that visitor's files, and, if a teacher opens it, make its author an "
    "administrator. With CLASSROOM_URL each student gets a separate address: classroom/README.md says how."
)


def choose(c, trial):
    """Give students addresses below CLASSROOM_URL. Without that variable, warn in a trial, else refuse to start.

    CLASSROOM_ONE_ADDRESS=yes turns the refusal into a warning.
    """
    if url := os.environ.get("CLASSROOM_URL", "").rstrip("/"):
        _require_address(url)
        c.JupyterHub.subdomain_host = url
        # JupyterHub leaves the port out of its link to a service.
        Service.href = property(lambda service: service.host + service.prefix)
        # A student's page can set cookies for the hub's address, but none whose name begins with __Host-.
        c.JupyterHub.cookie_host_prefix_enabled = url.startswith("https:")
    elif trial or os.environ.get("CLASSROOM_ONE_ADDRESS") == "yes":
        print(f"Warning. {SHARED_ADDRESS}", file=sys.stderr, flush=True)
    else:
        raise SystemExit(f"{SHARED_ADDRESS} To start a class on one address anyway, set CLASSROOM_ONE_ADDRESS=yes")


def require_own_address(handler):
    """Refuse a login at any address but the hub's: at a student's address, that student's page could use it."""
    url = handler.settings.get("subdomain_host", "")
    if url and handler.request.host.lower() != urlsplit(url).netloc:
        raise web.HTTPError(403, f"Log in at {url}")


def _require_address(url):
    """Refuse a URL whose host cannot have subdomains, or that would send passwords unencrypted."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not re.fullmatch(r"https?://[a-z0-9.-]+\.[a-z0-9-]+(:\d+)?", url) or _is_ip_address(host):
        raise SystemExit(f"CLASSROOM_URL should be a name, such as https://class.example.org, got {url}")
    if parts.scheme == "http" and not host.endswith(".localhost"):
        raise SystemExit(f"CLASSROOM_URL should begin with https://, got {url}: passwords would travel unencrypted")


def _is_ip_address(host):
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
