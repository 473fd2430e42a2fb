"""Date of a file's last change, for the pages of the site: the same in every build of the same commit."""

import datetime
import os
import subprocess


def changed(path):
    """Return the date, in UTC, of the last commit that changed a file.

    Without a history (an archive, a shallow clone, no git) return the date in SOURCE_DATE_EPOCH, the convention of
    reproducible builds, or None; the page then shows no date.
    """
    seconds = _committed(path) or os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.datetime.fromtimestamp(int(seconds), datetime.UTC).date() if seconds else None


def _committed(path):
    """Return the time of the last commit that changed a file, in seconds, as text; "" if git does not know it."""
    try:
        if _git(path, "rev-parse", "--is-shallow-repository") != "false":
            return ""  # git would attribute every file to the oldest commit in the clone
        return _git(path, "log", "-1", "--format=%ct", "--", path.name)
    except FileNotFoundError:
        return ""


def _git(path, *arguments):
    run = subprocess.run(["git", *arguments], cwd=path.parent, capture_output=True, text=True)
    return run.stdout.strip()
