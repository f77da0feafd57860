"""Wrong codes at a gate's unit: how many each guard, and each browser they are known in, has left.

A bucket of tries refills with powered-on time and is written down with each wrong one, so that pulling the plug buys
nothing: 6 at once, then 3 an hour. What strangers try at a guard's number empties that number's own bucket and no
other; a browser from which the guard signed in before has one of its own, which no stranger empties (docs/adr/0192).
Numbers no guard of the copy has share one.
"""

import hashlib
import hmac

from gatecore.errors import GateError
from gatecore.records import BYTES, UINT, fits
from gatecore.wire import decode, encode
from gateunit.errors import StorageError
from gateunit.ledger import Ledger
from gateunit.ports import Clock, Random, Store

RECORD, SECRET_RECORD = "gate-tries", "gate-browsers"
BURST, AN_HOUR, TRY, HOUR_MS = 6, 3, 1000, 3_600_000
NOBODY, STRANGER = 0, b""
NONCE, MARK, SECRET = 16, 16, 32
MOST_ACCOUNTS = 8  # that share one browser, as guards do
Who = tuple[int, bytes]  # a guard's account, and the browser's name where it knows the guard


class Tries:
    """Buckets by account and browser; a spoilt record counts as all of them empty."""

    def __init__(self, store: Store, ledger: Ledger, clock: Clock) -> None:
        self._ledger, self._clock = ledger, clock
        self._rest, levels = _saved(store)
        self._levels = {who: (level, clock.mono()) for who, level in levels.items()}
        self._since = clock.mono()

    def wait_ms(self, who: Who) -> int:
        """Powered-on ms until a try is free; 0 when one is."""
        missing = max(0, TRY - self._level(who))
        return -(-missing * HOUR_MS // (AN_HOUR * TRY))

    async def spend(self, who: Who) -> None:
        """A wrong code; durable when this returns."""
        self._levels[who] = max(0, self._level(who) - TRY), self._at(who)
        self._levels = {one: held for one, held in self._levels.items() if self._level(one) < BURST * TRY}
        rows = [[account, browser, self._level((account, browser))] for account, browser in sorted(self._levels)]
        await self._ledger.note(RECORD, encode(rows)).settled.wait()

    def give_back(self, who: Who) -> None:
        """The right code was said in a browser that knows the guard."""
        if who[1] != STRANGER:
            self._levels.pop(who, None)

    def _at(self, who: Who) -> int:
        return self._levels.get(who, (0, self._clock.mono()))[1]

    def _level(self, who: Who) -> int:
        level, at = self._levels.get(who, (self._rest, self._since))
        now = self._clock.mono()
        gained = (now - at) * AN_HOUR * TRY // HOUR_MS
        level = min(BURST * TRY, level + gained)
        if gained and who in self._levels:
            self._levels[who] = level, now
        return level


class Browsers:
    """Names browsers by a cookie: a random name, and a keyed mark for each guard who signed in there."""

    def __init__(self, store: Store, ledger: Ledger, random: Random) -> None:
        self._ledger, self._random = ledger, random
        try:
            held = store.load(SECRET_RECORD)
        except StorageError:
            held = None
        self._kept = held is not None and len(held) == SECRET
        self._secret = held if held is not None and self._kept else random(SECRET)

    def name(self, cookie: str, account: int) -> bytes:
        """The browser's name, if this guard has signed in there; STRANGER for any other."""
        nonce, marks = _parts(cookie)
        wanted = self._mark(nonce, account)
        return nonce if any([hmac.compare_digest(wanted, mark) for mark in marks]) else STRANGER

    def known_to(self, cookie: str, account: int) -> str:
        """The cookie after this guard has signed in there."""
        if not self._kept:
            self._ledger.note(SECRET_RECORD, self._secret)
            self._kept = True
        nonce, marks = _parts(cookie)
        if not nonce:
            nonce = self._random(NONCE)
        mark = self._mark(nonce, account)
        others = [one for one in marks if one != mark][: MOST_ACCOUNTS - 1]
        return ".".join(part.hex() for part in (nonce, mark, *others))

    def _mark(self, nonce: bytes, account: int) -> bytes:
        return hmac.digest(self._secret, b"gate-browser/1" + nonce + account.to_bytes(8, "big"), hashlib.sha256)[:MARK]


def _parts(cookie: str) -> tuple[bytes, list[bytes]]:
    """(name, marks) of a cookie; empty for anything we did not make."""
    try:
        nonce, *marks = [bytes.fromhex(part) for part in cookie.split(".")[: MOST_ACCOUNTS + 1]]
    except ValueError:
        return b"", []
    fine = len(nonce) == NONCE and all(len(mark) == MARK for mark in marks)
    return (nonce, marks) if fine else (b"", [])


def _saved(store: Store) -> tuple[int, dict[Who, int]]:
    """(what is left to whoever has no row, rows)."""
    try:
        data = store.load(RECORD)
        rows = [] if data is None else decode(data)
    except (StorageError, GateError):
        return 0, {}
    shape = (UINT, BYTES, UINT)
    if not isinstance(rows, list) or not all(_is(row, shape) for row in rows):
        return 0, {}
    return BURST * TRY, {(row[0], row[1]): min(row[2], BURST * TRY) for row in rows}


def _is(row: object, shape: tuple[int, ...]) -> bool:
    return isinstance(row, list) and len(row) == len(shape) and all(map(fits, row, shape))
