"""Storage of the board: one lesson with its answers, without names, in SQLite in a private folder.

In place of a name, it stores a keyed hash of it. The key exists while the lesson is open. It is a file, because board
and hub may be killed in mid-lesson, and a student who answers again must not be counted twice; on a server the file is
in memory, below /run. It is deleted when the lesson is closed; from then on nobody can tell whose answers these are,
not even by hashing the names of the class list.
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

MAX_PAGES = 2**14  # of 4096 bytes: the database takes at most 64 MB
MAX_ANSWERS = 2000  # of one student in a lesson
MAX_OPEN = 12 * 3600  # seconds after which the board closes a lesson
MAX_AGE = 30 * 24 * 3600  # seconds after which the board deletes a closed lesson
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
def _unavailable_on_error():
    """Turn errors of SQLite and the system into `UnavailableError`."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise UnavailableError(f"{type(error).__name__}: {error}") from error


class Store:
    """The store: holds one lesson, or none.

    Args:
        folder: the private folder for the database.
        key: the file for the key of the hashes.

    Attributes:
        changes: a number that grows with every change.
    """

    def __init__(self, folder, key, clock=time.time):
        self._folder, self._key, self._clock = Path(folder), Path(key), clock
        self._connection = self._counts = None
        self.changes = secrets.randbits(32)  # random, so that the page notices a restart

    @property
    def lesson(self):
        """When the lesson was `opened` and `closed`, in seconds since 1970; `closed` may be None. None: no lesson."""
        if not (self._folder / NAME).exists():
            return None
        with _unavailable_on_error():
            found = self._database().execute("SELECT opened, closed FROM lesson").fetchone()
        return found and {"opened": found[0], "closed": found[1]}

    @property
    def is_open(self):
        lesson = self.lesson
        return bool(lesson) and lesson["closed"] is None and self._key.exists()

    def open(self):
        """Begin a lesson, unless there is one: the last must be deleted first, lest its answers count for this one."""
        if self.lesson:
            return
        self.delete()
        with _unavailable_on_error():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(os.open(self._key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
                stream.write(secrets.token_bytes(32))
            with self._database() as database:
                database.execute("INSERT INTO lesson VALUES (?, NULL)", [self._clock()])
        self.changes += 1

    def close(self):
        """End the lesson: stop counting, and destroy the key of the hashes."""
        with _unavailable_on_error():
            if self._key.exists():
                with open(self._key, "r+b", buffering=0) as stream:
                    self._key.unlink()  # first: a lesson must not go on with a key of zeros after a crash
                    _overwrite(stream)
            with self._database() as database:
                database.execute("UPDATE lesson SET closed = ? WHERE closed IS NULL", [self._clock()])
        self.changes += 1

    def delete(self):
        """Delete the lesson: overwrite its files and remove them. This works on a full disk, too."""
        with _unavailable_on_error():
            paths = [path for path in (self._key, *(self._folder / name for name in FILES)) if path.exists()]
            with contextlib.ExitStack() as stack:  # opened first: SQLite removes some of them when it disconnects
                streams = [stack.enter_context(open(path, "r+b", buffering=0)) for path in paths]
                self.disconnect()
                for stream in streams:
                    _overwrite(stream)
            for path in paths:
                path.unlink(missing_ok=True)
        self.changes += 1

    def disconnect(self):
        """Close the database; the next access opens it again."""
        if self._connection:
            self._connection.close()
        self._connection = self._counts = None

    def tidy(self):
        """Close a lesson left open and delete an old one; return a message for the log, or "".

        Called at the start and once a minute.
        """
        lesson, now = self.lesson, self._clock()
        if not lesson:
            return ""
        if max(lesson["opened"], lesson["closed"] or 0) > now:  # the clock was wrong, and has been set back since
            self._change("UPDATE lesson SET opened = min(opened, ?), closed = min(closed, ?)", now, now)
            lesson = self.lesson
        if lesson["closed"] is None and now - lesson["opened"] > MAX_OPEN:
            self.close()
            return f"The lesson was open for {MAX_OPEN // 3600} hours, and is closed now."
        if lesson["closed"] is None and not self._key.exists():
            self.close()
            return "The lesson is closed: its key is gone, as after a restart of the machine."
        if lesson["closed"] is not None and now - lesson["closed"] > MAX_AGE:
            self.delete()
            return f"The lesson was closed for {MAX_AGE // 24 // 3600} days, and is deleted now."
        return ""

    def add(self, name, reports):
        """Store a student's reports, all or none, skipping those already stored.

        Returns the number skipped because the student has sent too many.
        """
        with _unavailable_on_error():
            student = hmac.digest(self._key.read_bytes(), name.encode(), "sha256")[:16]
            with self._database() as database:
                counts = self._answer_counts(database)
                before, skipped = counts[student], 0
                try:
                    for report in reports:
                        if counts[student] >= MAX_ANSWERS:
                            skipped += 1
                        else:
                            counts[student] += self._insert(database, student, report)
                except sqlite3.Error:
                    counts[student] = before
                    raise
        self.changes += 1
        return skipped

    def _insert(self, database, student, report):
        """Insert one report, but no prediction made after the reveal; return the number of rows inserted, 0 or 1."""
        database.execute("INSERT OR IGNORE INTO question VALUES (?, 1, 0, NULL)", [report.question])
        return database.execute(
            "INSERT OR IGNORE INTO answer (learner, id, question, vote, kind, right, diagnosis, value) "
            "SELECT ?, ?, name, vote, ?, ?, ?, ? FROM question "
            "WHERE name = ? AND NOT (revealed AND ? = 'prediction')",
            [
                student, bytes.fromhex(report.id), report.kind, report.right, json.dumps(report.diagnosis),
                json.dumps(report.value), report.question, report.kind,
            ],
        ).rowcount  # fmt: skip

    def _answer_counts(self, database):
        if self._counts is None:
            self._counts = Counter(dict(database.execute("SELECT learner, count(*) FROM answer GROUP BY learner")))
        return self._counts

    def reveal(self, question):
        """Show the predictions and the truth; later predictions do not count until `ask_again`."""
        self._change("UPDATE question SET revealed = 1 WHERE name = ?", question)

    def ask_again(self, question):
        """Begin another vote on a question."""
        self._change("UPDATE question SET vote = vote + 1, revealed = 0 WHERE name = ?", question)

    def set_truth(self, question, truth):
        """Store the truth of a question that no formula gives, only the teacher's panel."""
        self._change("INSERT OR IGNORE INTO question VALUES (?, 1, 0, NULL)", question)
        self._change("UPDATE question SET truth = ? WHERE name = ?", json.dumps(truth), question)

    def _change(self, statement, *values):
        with _unavailable_on_error(), self._database() as database:
            database.execute(statement, values)
        self.changes += 1

    def questions(self):
        """Return name -> vote, revealed and truth of the questions with reports, in the order of their first report."""
        with _unavailable_on_error():
            found = self._database().execute("SELECT name, vote, revealed, truth FROM question ORDER BY rowid")
            return {
                name: {"vote": vote, "revealed": bool(revealed), "truth": truth and json.loads(truth)}
                for name, vote, revealed, truth in found
            }

    def answers(self, question=None):
        """Return the answers in order: question, vote, student's hash, kind, right, diagnosis and value of each."""
        where, values = ("WHERE question = ? ", [question]) if question else ("", [])
        with _unavailable_on_error():
            found = self._database().execute(
                f"SELECT question, vote, learner, kind, right, diagnosis, value FROM answer {where}ORDER BY place",
                values,
            )
            return [
                (name, vote, student, kind, right, json.loads(diagnosis), json.loads(value))
                for name, vote, student, kind, right, diagnosis, value in found
            ]

    def _database(self):
        """Return the connection, made at the first use, so that a disk that was full at the start is tried again."""
        if self._connection is None:
            connection = sqlite3.connect(self._folder / NAME)
            try:
                (self._folder / NAME).chmod(0o600)
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")  # a kill loses nothing, a power cut the last second
                connection.execute("PRAGMA secure_delete = ON")
                connection.execute(f"PRAGMA max_page_count = {MAX_PAGES}")
                connection.executescript(TABLES)
            except sqlite3.Error:
                connection.close()
                raise
            self._connection = connection
        return self._connection


def _overwrite(stream):
    """Overwrite a file's content in place, which takes no disk space."""
    left = os.fstat(stream.fileno()).st_size
    while left > 0:
        left -= stream.write(bytes(min(left, 2**20)))
    os.fsync(stream.fileno())
