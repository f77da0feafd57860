"""Signing in at a gate's unit with the code a guard was given when they came on duty.

The copy holds a salted slow hash of each code. A code has 8 digits and each try names one guard: all the guessing of a
day finds a given guard's code with a chance below 1 in 1,000,000 (78 tries; `gatetries` counts them).
"""

import asyncio
import hashlib
import hmac
from dataclasses import dataclass

from gatecore.gatecopy import BLOCK, HASH, LANES, ROUNDS, SALT, parted
from gateunit.gatecopy import GateCopy
from gateunit.gatetries import NOBODY, STRANGER, Browsers, Tries, Who
from gateunit.ledger import Ledger
from gateunit.ports import Clock, Random, Store

MEMORY = 64 << 20


@dataclass(frozen=True, slots=True)
class Guard:
    """Somebody who signed in; `until` in s."""

    account: int
    name: str
    until: int


class Passes:
    """`sign_in` is a Guard, or None for a wrong code; `wait_ms` tells how long it cannot be tried. `cookie` is what the
    browser has of us, `known_to` what it is given once somebody signed in."""

    def __init__(self, store: Store, ledger: Ledger, copy: GateCopy, clock: Clock, random: Random) -> None:
        self._copy = copy
        self._tries = Tries(store, ledger, clock)
        self._browsers = Browsers(store, ledger, random)
        self._hashing = asyncio.Semaphore(1)

    def wait_ms(self, typed: str, cookie: str = "") -> int:
        """Powered-on ms until this guard's code can be tried in this browser; 0 when it can."""
        return self._tries.wait_ms(self._who(typed, cookie))

    def known_to(self, cookie: str, guard: Guard) -> str:
        """The cookie of a browser this guard signed in from."""
        return self._browsers.known_to(cookie, guard.account)

    async def sign_in(self, typed: str, now_s: int | None, cookie: str = "") -> Guard | None:
        """Whose code was typed. Asks `wait_ms` itself: with no try left nothing is looked at."""
        account, code = parted(typed) or (NOBODY, "")
        async with self._hashing:  # one at a time: what was tried counts before the next is looked at
            who = self._who(typed, cookie)
            if self._tries.wait_ms(who):
                return None
            row = next((one for one in self._copy.guards if one[0] == account), None)
            salt, wanted, until = (bytes(SALT), bytes(HASH), 0) if row is None else (row[2], row[3], row[4])
            found = await asyncio.to_thread(slow_hash, code, salt)
            if row is not None and hmac.compare_digest(found, wanted) and not (now_s is not None and now_s >= until):
                self._tries.give_back(who)
                return Guard(account, row[1], until)
            await self._tries.spend(who)
            return None

    def _who(self, typed: str, cookie: str) -> Who:
        account = (parted(typed) or (NOBODY, ""))[0]
        if not any(one[0] == account for one in self._copy.guards):
            return NOBODY, STRANGER
        return account, self._browsers.name(cookie, account)


def slow_hash(code: str, salt: bytes) -> bytes:
    """scrypt of a code (RFC 7914), as the host makes it."""
    return hashlib.scrypt(code.encode(), salt=salt, n=ROUNDS, r=BLOCK, p=LANES, maxmem=MEMORY, dklen=HASH)
