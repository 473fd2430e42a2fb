"""What the board keeps: one lesson, its answers without names, in SQLite in a private folder.

In place of a name there is a hash of it, keyed by a file that exists while the lesson is open. The key has to survive
the board and the hub, which may be killed in mid-lesson: a learner who answers again must not be counted twice. So it
is no variable but a file, and on a server it is in memory all the same, below /run. It is deleted when the lesson is
closed; from then on nobody can tell whose answers these are, nor try the names of a class list against the hashes.
"""

import contextlib
import hmac
import json
import os
import secrets
import sqlite3
import time
from collections import Counter
from pathlib import Path

PAGES = 2**14  # of 4096 bytes: the database has 64 MB at most
MOST = 2000  # answers of one learner in a lesson
OPEN = 12 * 3600  # seconds after which a lesson is closed by itself
KEPT = 30 * 24 * 3600  # seconds after which a closed one is deleted by itself
NAME = "board.sqlite"
FILES = (NAME, f"{NAME}-wal", f"{NAME}-shm", f"{NAME}-journal")
TABLES = """
    CREATE TABLE IF NOT EXISTS lesson (opened REAL NOT NULL, closed REAL);
    CREATE TABLE IF NOT EXISTS question (
        name TEXT PRIMARY KEY, vote INTEGER NOT NULL, revealed INTEGER NOT NULL, truth TEXT
    );
    CREATE TABLE IF NOT EXISTS answer (
        place INTEGER PRIMARY KEY, learner BLOB NOT NULL, id BLOB NOT NULL, question TEXT NOT NULL,
        vote INTEGER NOT NULL, kind TEXT NOT NULL, right INTEGER, diagnosis TEXT NOT NULL, value TEXT NOT NULL,
        UNIQUE (learner, id)
    );
"""


class UnavailableError(Exception):
    """The store cannot be read or written now, most likely because the disk is full."""


@contextlib.contextmanager
def _told():
    """SQLite's and the system's errors as one of ours."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise UnavailableError(f"{type(error).__name__}: {error}") from error


class Store:
    """One lesson, or none.

    Args:
        folder: where the database is, for the hub's own account only.
        key: the file with the key.

    Attributes:
        changes: a number that grows with every change.
    """

    def __init__(self, folder, key, clock=time.time):
        self._folder, self._key, self._clock = Path(folder), Path(key), clock
        self._connection = self._counts = None
        self.changes = secrets.randbits(32)  # after a restart the page must not take old for new

    @property
    def lesson(self):
        """When it was opened and closed, seconds since 1970; `closed` is None while it is open. None without one."""
        if not (self._folder / NAME).exists():
            return None
        with _told():
            found = self._database().execute("SELECT opened, closed FROM lesson").fetchone()
        return found and {"opened": found[0], "closed": found[1]}

    @property
    def is_open(self):
        lesson = self.lesson
        return bool(lesson) and lesson["closed"] is None and self._key.exists()

    def open(self):
        """Begin a lesson. The last one must have been deleted: its answers would be taken for this one's."""
        if self.lesson:
            return
        self.delete()
        with _told():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(os.open(self._key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
                stream.write(secrets.token_bytes(32))
            with self._database() as database:
                database.execute("INSERT INTO lesson VALUES (?, NULL)", [self._clock()])
        self.changes += 1

    def close(self):
        """End the lesson: nobody is counted any more, and the hashes lose their key."""
        with _told():
            if self._key.exists():
                with open(self._key, "r+b", buffering=0) as stream:
                    _overwrite(stream)
                self._key.unlink()
            with self._database() as database:
                database.execute("UPDATE lesson SET closed = ? WHERE closed IS NULL", [self._clock()])
        self.changes += 1

    def delete(self):
        """Delete the lesson: overwrite its files and remove them. That works on a full disk as well."""
        with _told():
            paths = [path for path in (self._key, *(self._folder / name for name in FILES)) if path.exists()]
            with contextlib.ExitStack() as stack:  # SQLite removes some of them itself, as they are
                streams = [stack.enter_context(open(path, "r+b", buffering=0)) for path in paths]
                self.disconnect()
                for stream in streams:
                    _overwrite(stream)
            for path in paths:
                path.unlink(missing_ok=True)
        self.changes += 1

    def disconnect(self):
        """Close the database; it is opened again when it is needed."""
        if self._connection:
            self._connection.close()
        self._connection = self._counts = None

    def tidy(self):
        """Close what nobody closed, and delete what nobody deleted; say so. Called now and then, and at the start."""
        lesson, now = self.lesson, self._clock()
        if lesson and lesson["closed"] is None and now - lesson["opened"] > OPEN:
            self.close()
            return f"The lesson was open for {OPEN // 3600} hours, and is closed now."
        if lesson and lesson["closed"] is None and not self._key.exists():
            self.close()
            return "The lesson is closed: its key is gone, as after a restart of the machine."
        if lesson and lesson["closed"] is not None and now - lesson["closed"] > KEPT:
            self.delete()
            return f"The lesson was closed for {KEPT // 24 // 3600} days, and is deleted now."
        return ""

    def add(self, name, reports):
        """Keep the reports of a learner, all or none; one that was kept before is not kept twice.

        Returns the number that was left out because the learner has sent too many.
        """
        with _told():
            learner = hmac.digest(self._key.read_bytes(), name.encode(), "sha256")[:16]
            with self._database() as database:
                kept = self._counts_of(database)
                before, left_out = kept[learner], 0
                try:
                    for report in reports:
                        if kept[learner] >= MOST:
                            left_out += 1
                        else:
                            kept[learner] += self._insert(database, learner, report)
                except sqlite3.Error:
                    kept[learner] = before
                    raise
        self.changes += 1
        return left_out

    def _insert(self, database, learner, report):
        """Keep one report; how many rows that gave. A prediction that comes after the truth is none, and gives none."""
        database.execute("INSERT OR IGNORE INTO question VALUES (?, 1, 0, NULL)", [report.question])
        return database.execute(
            "INSERT OR IGNORE INTO answer (learner, id, question, vote, kind, right, diagnosis, value) "
            "SELECT ?, ?, name, vote, ?, ?, ?, ? FROM question "
            "WHERE name = ? AND NOT (revealed AND ? = 'prediction')",
            [
                learner, bytes.fromhex(report.id), report.kind, report.right, json.dumps(report.diagnosis),
                json.dumps(report.value), report.question, report.kind,
            ],
        ).rowcount  # fmt: skip

    def _counts_of(self, database):
        if self._counts is None:
            self._counts = Counter(dict(database.execute("SELECT learner, count(*) FROM answer GROUP BY learner")))
        return self._counts

    def reveal(self, question):
        """Show the predictions and the truth; what is predicted from now on counts for nothing until `ask_again`."""
        self._change("UPDATE question SET revealed = 1 WHERE name = ?", question)

    def ask_again(self, question):
        """Begin another vote on a question."""
        self._change("UPDATE question SET vote = vote + 1, revealed = 0 WHERE name = ?", question)

    def tell(self, question, truth):
        """Keep the truth about a question, where only a panel can tell it."""
        self._change("INSERT OR IGNORE INTO question VALUES (?, 1, 0, NULL)", question)
        self._change("UPDATE question SET truth = ? WHERE name = ?", json.dumps(truth), question)

    def _change(self, statement, *values):
        with _told(), self._database() as database:
            database.execute(statement, values)
        self.changes += 1

    def questions(self):
        """The questions with an answer or a truth, by name, in the order in which the first answer came."""
        with _told():
            found = self._database().execute("SELECT name, vote, revealed, truth FROM question ORDER BY rowid")
            return {
                name: {"vote": vote, "revealed": bool(revealed), "truth": truth and json.loads(truth)}
                for name, vote, revealed, truth in found
            }

    def answers(self, question=None):
        """The answers as they came: question, vote, learner's hash, kind, right, diagnosis and value of each."""
        where, values = ("WHERE question = ? ", [question]) if question else ("", [])
        with _told():
            found = self._database().execute(
                f"SELECT question, vote, learner, kind, right, diagnosis, value FROM answer {where}ORDER BY place",
                values,
            )
            return [
                (name, vote, learner, kind, right, json.loads(diagnosis), json.loads(value))
                for name, vote, learner, kind, right, diagnosis, value in found
            ]

    def _database(self):
        """The connection; made when it is needed, so that a disk that was full at the start is tried again."""
        if self._connection is None:
            connection = sqlite3.connect(self._folder / NAME)
            try:
                (self._folder / NAME).chmod(0o600)
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")  # what is killed loses nothing; a power cut a second
                connection.execute("PRAGMA secure_delete = ON")
                connection.execute(f"PRAGMA max_page_count = {PAGES}")
                connection.executescript(TABLES)
            except sqlite3.Error:
                connection.close()
                raise
            self._connection = connection
        return self._connection


def _overwrite(stream):
    """Overwrite what a file holds, which takes no room."""
    left = os.fstat(stream.fileno()).st_size
    while left > 0:
        left -= stream.write(bytes(min(left, 2**20)))
    os.fsync(stream.fileno())
