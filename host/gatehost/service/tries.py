"""Wrong passwords: how often in a row for a name, and how long the name then rests.

Counted in memory alone: nobody outside starts the host again, and a try costs the host the same, in time and in writes,
whether the name is somebody's or nobody's. A browser from which somebody signed in before counts by itself, so that
whoever knows a name cannot keep its owner out by wrong passwords (device cookies, as OWASP names them).
"""

import hmac
import re
from dataclasses import dataclass, field
from typing import TypeVar

from gatehost.keys import Keyring
from gatehost.model.errors import TooMany

FREE_TRIES = 5
FIRST_WAIT_MS, LONGEST_WAIT_MS = 30_000, 15 * 60_000
MOST_NAMES = 10_000  # remembered of each kind
MOST_ACCOUNTS = 8  # that share one browser, as guards do
INSIDE = "inside"  # in place of a browser: who is signed in and says the old password
NOBODY = 0
_NONCE = re.compile(r"[0-9a-f]{32}")

Name = TypeVar("Name", str, tuple[int, str])
Row = tuple[int, int]  # wrong in a row, resting until (ms UTC)


@dataclass(slots=True)
class Tries:
    """Tries by (account, browser), and by names nobody has."""

    own: dict[tuple[int, str], Row] = field(default_factory=dict)
    strangers: dict[str, Row] = field(default_factory=dict)

    def spend(self, account: int, browser: str, login: str, now: int) -> None:
        """Counts a try before the password is looked at, so that many at once gain nothing. TooMany("tries", until=ms)
        while it rests."""
        if account == NOBODY:
            _count(self.strangers, login[:100], now)
        else:
            _count(self.own, (account, browser), now)

    def right(self, account: int, browser: str) -> None:
        """The right password was said there."""
        self.own.pop((account, browser), None)

    def forget(self, account: int) -> None:
        """The account has begun again: nothing wrong was ever said."""
        for key in [key for key in self.own if key[0] == account]:
            del self.own[key]

    def wrong(self) -> dict[int, Row]:
        """Accounts with no free try left somewhere: the most wrong in a row, and until when that rests."""
        found: dict[int, Row] = {}
        for (account, _), row in self.own.items():
            if row[0] >= FREE_TRIES:
                found[account] = max(row, found.get(account, row))
        return found


def _count(held: dict[Name, Row], name: Name, now: int) -> None:
    wrong, until = held.get(name, (0, 0))
    if now < until:
        raise TooMany("tries", until=until)
    wrong += 1
    held.pop(name, None)  # the newest stand last: the longest untouched go first
    held[name] = wrong, now + _wait(wrong) if wrong >= FREE_TRIES else 0
    if len(held) > MOST_NAMES:
        del held[next(iter(held))]


def _wait(wrong: int) -> int:
    return min(FIRST_WAIT_MS << min(wrong - FREE_TRIES, 20), LONGEST_WAIT_MS)


def browser_of(keys: Keyring, cookie: str, account: int) -> str:
    """The browser's own name, if this account has signed in from it; "" for any other."""
    nonce, *marks = cookie.split(".")[: MOST_ACCOUNTS + 1]
    if not _NONCE.fullmatch(nonce):
        return ""
    wanted = _mark(keys, nonce, account).encode()
    known = [hmac.compare_digest(wanted, mark.encode(errors="replace")) for mark in marks]
    return nonce if any(known) else ""


def known_to(keys: Keyring, cookie: str, account: int, fresh: bytes) -> str:
    """The cookie after this account has signed in; `fresh` are 16 bytes to name the browser by."""
    nonce, *marks = cookie.split(".")[: MOST_ACCOUNTS + 1]
    if not _NONCE.fullmatch(nonce):
        nonce, marks = fresh.hex(), []
    mark = _mark(keys, nonce, account)
    return ".".join([nonce, mark, *[one for one in marks if one != mark][: MOST_ACCOUNTS - 1]])


def _mark(keys: Keyring, nonce: str, account: int) -> str:
    return keys.mark("gate-browser/1", f"{account}/{nonce}")[:16].hex()
