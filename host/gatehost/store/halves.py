"""Private halves at rest: each under the key of its subject and month, the keys in a file of their own.

To erase is to forget a key: whatever copy of the database is left, nobody reads those halves again. The key file is
backed up apart and kept for seven days only. It also remembers which keys were forgotten, so that a restored database
can be told (gatehost.service.evidence.erasure).

In the database a half is 02, the key's 8-byte name, 12 bytes of nonce, ciphertext and tag (AES-256-GCM). A half
without a subject names nobody but who of the staff did something, and stays as it is; it begins with 83, as every
`private` does.
"""

import os
import sqlite3
import struct
import threading
from calendar import monthrange
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import repeat
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gatehost.store.direct import insert_rows

HIDDEN = b"\x02"
NAME, NONCE = 8, 12
MOST_KEPT = 20_000  # keys in memory
DOCUMENTS = 1 << 40  # to 1 << 41: the "months" of documents' keys, beyond every month of an entry
_LAST = 253402300799999  # ms: the year 9999 ends
_PLAIN = 0x83  # how a `private` begins
_SALT_END = 18  # of 83 50 salt
_PERSON, _PERSON_END = 0x50, 35  # a subject of 16 bytes, and where it ends
Encrypt = Callable[[bytes, bytes, None], bytes]
Mark = tuple[bytes, int]  # subject and month
Keys = dict[Mark, tuple[bytes, Encrypt]]

_TABLES = """
CREATE TABLE IF NOT EXISTS held (
    name BLOB PRIMARY KEY, subject BLOB NOT NULL, month INTEGER NOT NULL, key BLOB NOT NULL, UNIQUE (subject, month)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS forgotten (
    name BLOB PRIMARY KEY, reason INTEGER NOT NULL, at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS asked (mark BLOB PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
"""


def subject_of(half: bytes | None) -> bytes:
    """The subject of a private half, empty if it has none, is none or is hidden already."""
    if not half or half[0] != _PLAIN:
        return b""
    if half[_SALT_END] == _PERSON:
        return half[_SALT_END + 1 : _PERSON_END]
    size, at = half[_SALT_END] & 0x1F, _SALT_END + 1
    if size > 23:
        more = 1 << size - 24
        size, at = int.from_bytes(half[at : at + more], "big"), at + more
    return half[at : at + size]


def _subjects(halves: Sequence[bytes | None]) -> list[bytes]:
    """The subjects of many, nearly all of them people."""
    return [
        half[_SALT_END + 1 : _PERSON_END]
        if half and half[0] == _PLAIN and half[_SALT_END] == _PERSON
        else subject_of(half)
        for half in halves
    ]


def _closed(halves: Sequence[bytes | None], marks: Sequence[Mark], keys: Keys) -> list[bytes | None]:
    """The halves under the keys of their subjects and months; those without a subject as they are. KeyError if a key is
    missing."""
    found, nonces = list[bytes | None](), struct.unpack("12s" * len(halves), os.urandom(NONCE * len(halves)))
    add = found.append
    for half, mark, nonce in zip(halves, marks, nonces, strict=True):
        if mark[0] and half:
            name, encrypt = keys[mark]
            add(name + nonce + encrypt(nonce, half, None))
        else:
            add(half)
    return found


class Months:
    """The month of an instant as year * 12 + month, quick for instants of one month."""

    def __init__(self) -> None:
        self._first = self._after = self._number = 0

    def of(self, at: int) -> int:
        """The month (UTC) of `at` ms; that of the last representable instant for one beyond it."""
        if not self._first <= at < self._after:
            day = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=min(max(at, 0), _LAST))
            first = day.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
            length = timedelta(days=monthrange(day.year, day.month)[1])
            self._first = int(first.timestamp()) * 1000
            self._after = self._first + int(length.total_seconds()) * 1000
            self._number = day.year * 12 + day.month
        return self._number


def names_in(table: bytes) -> set[bytes]:
    """The names of all keys, living and forgotten, of a key file's bytes. ValueError if it is none."""
    if not table.startswith(b"SQLite format 3\0"):
        raise ValueError("no key table")
    try:
        with closing(sqlite3.connect(":memory:")) as held:
            held.deserialize(table)
            return {row[0] for row in held.execute("SELECT name FROM held UNION ALL SELECT name FROM forgotten")}
    except sqlite3.Error as wrong:
        raise ValueError("no key table") from wrong


def name_in(sealed: bytes) -> bytes:
    """The name of the key that a document lies under."""
    return sealed[len(HIDDEN) : len(HIDDEN) + NAME]


class Halves:
    """An open key file; usable from any thread. `close` it."""

    def __init__(self, path: Path) -> None:
        path.touch(mode=0o600)
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=DELETE", "synchronous=FULL", "secure_delete=ON"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.executescript(_TABLES)
        self._lock, self._months = threading.Lock(), Months()
        self._writing: Keys = {}
        self._reading: dict[bytes, AESGCM | None] = {}

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

    def hide(self, rows: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Entry rows (time second, private half last) with their halves hidden; new keys are on storage before."""
        hidden = self.hidden([row[1] for row in rows], [row[-1] for row in rows])
        return [(*row[:-1], half) for row, half in zip(rows, hidden, strict=True)]

    def hidden(self, times: Sequence[int], halves: Sequence[bytes | None]) -> list[bytes | None]:
        """The same for the private halves alone, of entries at these times (ms)."""
        marks = list(zip(_subjects(halves), self._months_of(times), strict=True))
        try:
            return _closed(halves, marks, self._writing)
        except KeyError:  # of a subject that is new in its month, or whose keys are being forgotten this moment
            if len(self._writing) > MOST_KEPT:
                self._writing.clear()
            return _closed(halves, marks, self._taken({mark for mark in marks if mark[0]}))

    def _months_of(self, times: Sequence[int]) -> Iterable[int]:
        """The month of each time; nearly always one."""
        month = self._months.of
        first, last = month(min(times)), month(max(times))
        return repeat(first, len(times)) if first == last else list(map(month, times))

    def seal(self, subject: bytes, salt: bytes, data: bytes) -> bytes:
        """A document under a key of its own that belongs to its subject: forgetting the subject's keys forgets it, the
        end of a month's keys does not. `salt` is 8 fresh random bytes."""
        nonce, mark = os.urandom(NONCE), (subject, DOCUMENTS + int.from_bytes(salt, "big") % DOCUMENTS)
        name, encrypt = self._taken({mark})[mark]
        self._writing.pop(mark, None)
        return name + nonce + encrypt(nonce, data, None)

    def show(self, stored: bytes | None) -> bytes | None:
        """The private half behind what the database holds; None if its key is forgotten, or there is none."""
        if stored is None or stored[:1] != HIDDEN:
            return stored
        name = stored[1 : 1 + NAME]
        with self._lock:
            if name not in self._reading:
                row = self._connection.execute("SELECT key FROM held WHERE name = ?", (name,)).fetchone()
                if len(self._reading) >= MOST_KEPT:
                    self._reading.clear()
                self._reading[name] = None if row is None else AESGCM(row[0])
            cipher = self._reading[name]
        try:
            after = 1 + NAME + NONCE
            return None if cipher is None else cipher.decrypt(stored[1 + NAME : after], stored[after:], None)
        except InvalidTag:
            return stored  # altered: let the commitment say so

    def names(self, subjects: Iterable[bytes], before: int | None = None) -> list[bytes]:
        """The names of these subjects' keys, or of those of months that ended before `before` ms."""
        month = 1 << 62 if before is None else Months().of(before)
        query = "SELECT name FROM held WHERE subject = ? AND month < ? ORDER BY name"
        with self._lock:
            return [row[0] for one in subjects for row in self._connection.execute(query, (one, month))]

    def old(self, before: int) -> list[bytes]:
        """The names of all keys of months that ended before `before` ms."""
        with self._lock:
            rows = self._connection.execute("SELECT name FROM held WHERE month < ?", (Months().of(before),))
            return [row[0] for row in rows]

    def forget(self, names: Sequence[bytes], reason: int, at: int) -> None:
        """Destroys keys for good and remembers that they are."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._connection.executemany("DELETE FROM held WHERE name = ?", [(name,) for name in names])
                rows = [(name, reason, at) for name in names]
                self._connection.executemany("INSERT OR IGNORE INTO forgotten VALUES (?, ?, ?)", rows)
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.rollback()
                raise
            self._writing.clear()
            self._reading.clear()

    def forgotten(self) -> dict[bytes, int]:
        """Every key that was destroyed, and why."""
        with self._lock:
            return dict(self._connection.execute("SELECT name, reason FROM forgotten"))

    def ended(self, since: int) -> dict[bytes, tuple[int, int]]:
        """Every key that was destroyed after `since`, why and when (ms UTC)."""
        with self._lock:
            rows = self._connection.execute("SELECT name, reason, at FROM forgotten WHERE at > ?", (since,))
            return {name: (reason, at) for name, reason, at in rows}

    def ask(self, marks: Sequence[bytes], at: int) -> None:
        """Remembers homes, by a keyed hash, of which everything up to `at` was to be erased."""
        with self._lock:
            self._connection.executemany("INSERT OR REPLACE INTO asked VALUES (?, ?)", [(mark, at) for mark in marks])

    def asked(self) -> dict[bytes, int]:
        """Every such home and when."""
        with self._lock:
            return dict(self._connection.execute("SELECT mark, at FROM asked"))

    def _taken(self, marks: set[Mark]) -> Keys:
        """The keys of these subjects and months, new ones made in one transaction; while nobody can forget any."""
        with self._lock:
            made = {mark: self._writing[mark] for mark in marks if mark in self._writing}
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                made |= self._held([mark for mark in marks if mark not in made])
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.rollback()
                raise
            self._writing |= made
        return made

    def _held(self, marks: Sequence[Mark]) -> Keys:
        """The keys of these as they are in the file, those that are new there made."""
        rows = [(os.urandom(NAME), *mark, os.urandom(32)) for mark in marks]
        before = self._connection.total_changes
        insert_rows(self._connection, "INSERT OR IGNORE INTO held VALUES (?,?,?,?)", rows)
        if self._connection.total_changes - before < len(rows):  # some are there already
            query = "SELECT name, subject, month, key FROM held WHERE subject = ? AND month = ?"
            rows = [self._connection.execute(query, mark).fetchone() for mark in marks]
        return {(subject, month): (HIDDEN + name, AESGCM(key).encrypt) for name, subject, month, key in rows}
