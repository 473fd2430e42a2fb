"""When a file was last changed, as a page of the site says it: the same for the same commit, whoever builds it."""

import datetime
import os
import subprocess


def changed(path):
    """The day of the last commit that changed a file, in UTC.

    Without a history (an archive, a shallow clone, no git) it is the day that SOURCE_DATE_EPOCH names, as reproducible
    builds do, and without that None: the page then names no day.
    """
    seconds = _committed(path) or os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.datetime.fromtimestamp(int(seconds), datetime.UTC).date() if seconds else None


def _committed(path):
    """The time of the last commit that changed a file, in seconds, as text; "" where git does not know it."""
    try:
        if _git(path, "rev-parse", "--is-shallow-repository") != "false":
            return ""  # every file would seem to have come with the oldest commit that is there
        return _git(path, "log", "-1", "--format=%ct", "--", path.name)
    except FileNotFoundError:
        return ""


def _git(path, *arguments):
    run = subprocess.run(["git", *arguments], cwd=path.parent, capture_output=True, text=True)
    return run.stdout.strip()
