"""Signing in at a gate's unit with the code a guard was given when they came on duty.

The copy holds a salted slow hash of each code. A bucket of tries refills with powered-on time and is written down with
each wrong one, so that pulling the plug buys nothing: 10 at once, then 6 an hour. A code has 8 digits and each try
names one guard, so all the guessing of a day finds a code with a chance below 2 in 1,000,000.
"""

import asyncio
import hashlib
import hmac
from dataclasses import dataclass

from gatecore.errors import GateError
from gatecore.gatecopy import BLOCK, HASH, LANES, ROUNDS, SALT, parted
from gatecore.records import UINT, fits
from gatecore.wire import decode, encode
from gateunit.errors import StorageError
from gateunit.gatecopy import GateCopy
from gateunit.ledger import Ledger
from gateunit.ports import Clock, Store

RECORD = "gate-tries"
BURST, AN_HOUR, TRY, HOUR_MS = 10, 6, 1000, 3_600_000
MEMORY = 64 << 20


@dataclass(frozen=True, slots=True)
class Guard:
    """Somebody who signed in; `until` in s."""

    account: int
    name: str
    until: int


class Passes:
    """`sign_in` is a Guard, or None for a wrong code; `wait_ms` tells how long nobody can try."""

    def __init__(self, store: Store, ledger: Ledger, copy: GateCopy, clock: Clock) -> None:
        self._ledger, self._copy, self._clock = ledger, copy, clock
        self._level, self._at = _saved(store), clock.mono()
        self._hashing = asyncio.Semaphore(1)

    def wait_ms(self) -> int:
        """Powered-on ms until a try is free; 0 when one is."""
        self._refill()
        missing = max(0, TRY - self._level)
        return -(-missing * HOUR_MS // (AN_HOUR * TRY))

    async def sign_in(self, typed: str, now_s: int | None) -> Guard | None:
        """Whose code was typed. Asks `wait_ms` itself: with no try left nothing is looked at."""
        told = parted(typed)
        async with self._hashing:  # one at a time: what was tried counts before the next is looked at
            if self.wait_ms():
                return None
            account, code = told or (0, "")
            row = next((one for one in self._copy.guards if one[0] == account), None)
            salt, wanted, until = (bytes(SALT), bytes(HASH), 0) if row is None else (row[2], row[3], row[4])
            found = await asyncio.to_thread(slow_hash, code, salt)
            if row is not None and hmac.compare_digest(found, wanted) and not (now_s is not None and now_s >= until):
                return Guard(account, row[1], until)
            await self._spend()
            return None

    async def _spend(self) -> None:
        self._level = max(0, self._level - TRY)
        await self._ledger.note(RECORD, encode([self._level])).settled.wait()

    def _refill(self) -> None:
        now = self._clock.mono()
        gained = (now - self._at) * AN_HOUR * TRY // HOUR_MS
        if gained:
            self._level, self._at = min(BURST * TRY, self._level + gained), now


def slow_hash(code: str, salt: bytes) -> bytes:
    """scrypt of a code (RFC 7914), as the host makes it."""
    return hashlib.scrypt(code.encode(), salt=salt, n=ROUNDS, r=BLOCK, p=LANES, maxmem=MEMORY, dklen=HASH)


def _saved(store: Store) -> int:
    """What is left of the bucket; a spoilt record is an empty one."""
    try:
        data = store.load(RECORD)
        value = [BURST * TRY] if data is None else decode(data)
    except (StorageError, GateError):
        return 0
    return min(value[0], BURST * TRY) if isinstance(value, list) and len(value) == 1 and fits(value[0], UINT) else 0
