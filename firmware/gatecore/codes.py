"""Visitor codes VC1, resident PINs and cancel codes: docs/visitor-codes.md says why, this module says what.

A code is seven digits of HMAC-SHA-256 and a Damm check digit over home number and code; a PIN is seven digits given by
the host. Checking is pure: it reads state, memory and the instant, and returns a Verdict; the door spends and writes.
"""

from gatecore.clock import BATTERY, DAY_MS, local_ms
from gatecore.compat import TYPE_CHECKING
from gatecore.schedule import EARLY, ENDED, on_weekday, window
from gatecore.sign import equal, hmac_sha256
from gatecore.wire import encode

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from typing import Any

    from gatecore.clock import Now
    from gatecore.state import State
    from gatecore.throttle import Memory

SLOTS = 2
CANCEL = 128
DEFAULT_USES = 3
GRACE_MS = 2 * 3_600_000
EPOCH_DAYS = 30
CODE_DIGITS, PIN_DIGITS = 8, 7
MAX_WINDOW_S = 31 * 86_400 + GRACE_MS // 1000

# Why a typed number did or did not open. These numbers are in the log; texts are in feedback.
OK, WRONG, EXPIRED, EARLY_CODE, REVOKED, USED_UP, MISTYPED, CLOSED, PAUSED, NO_TIME = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
CANCELLED, CANCELS = 15, 16

_DAMM = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
)  # fmt: skip


def damm(digits: str) -> str:
    """The Damm check digit of a string of digits: catches every single wrong digit and every swap of neighbours."""
    return str(_damm_row(0, digits))


def _damm_row(row: int, digits: str) -> int:
    for n in range(len(digits)):  # by number: an iterator takes memory
        row = int(_DAMM[row][int(digits[n])])
    return row


def is_digits(text: str) -> bool:
    """Whether a text is ASCII digits only, and at least one."""
    for n in range(len(text)):
        if text[n] not in "0123456789":
            return False
    return text != ""


def zone_key(master: bytes, zone: str, epoch: int) -> bytes:
    """The key of one zone for one 30-day epoch; only the host holds `master`."""
    return hmac_sha256(master, encode(["VC1-zone", zone, epoch]))


def derive(key: bytes, home: str, day: int, slot: int) -> str:
    """The seven digits of a home's slot on a day under its zone key."""
    tag = hmac_sha256(key, encode(["VC1", home, day, slot]))
    return f"{int.from_bytes(tag[:8], 'big') % 10_000_000:07}"


def with_check(home: str, seven: str) -> str:
    """The eight digits a visitor types: seven and the check digit over home and code."""
    return seven + damm(home + seven)


def digest(list_key: bytes, home: str, digits: str) -> bytes:
    """What a door's state holds of a code or a PIN: 16 bytes under the door's own list key."""
    return hmac_sha256(list_key, encode(["VC1-list", home, digits]))[:16]


class Verdict:
    """What a typed number is worth: `reason` OK or why not; `costs`: it was a guess and is to be paid for."""

    def __init__(self, reason: int, costs: bool = False) -> None:
        self.reason = reason
        if costs:
            self.costs = costs

    # What most verdicts never set stands here, once for all of them.
    costs = False
    derived = False
    id = b""  # the issued code's or PIN's id; of a derived code its digest
    mark = b""  # the digest under which uses are counted; of a cancel code that of the code it ends
    person: "bytes | None" = None
    duress = False
    until = 0


def live_days(now: "Now", state: "State") -> "list[int]":
    """The days whose codes hold now: today, and yesterday's during the grace after midnight."""
    if now.utc is None:
        return []
    local = local_ms(now.utc, state.offsets)
    today = local // DAY_MS
    return [today, today - 1] if local % DAY_MS < GRACE_MS else [today]


def day_codes(state: "State", home: str, now: "Now", made: "list[Any]") -> "Generator[None, None, None]":
    """Puts into `made` what the home's number alone decides, a code a step, from when it has been typed: today, then
    the codes derived for today and for yesterday, each followed by the one that cancels it, b"" where this door has no
    key. Nothing without time. Eight steps: one with the number, one with each digit but the last of a code.

    An unknown home takes the same hashes, under another key: how long the door is at it tells nobody which homes exist.
    """
    if now.quality < BATTERY:
        return
    assert state.door is not None
    row, days = state.home(home), live_days(now, state)
    zone = "" if row is None else row[1]
    made.append(days[0])
    for day in (days[0], days[0] - 1):
        key = state.zone_key(zone, day // EPOCH_DAYS)
        for slot in (0, CANCEL, 1, 1 + CANCEL):
            if slot < CANCEL or day in days:  # a code that has ended cannot be cancelled: it stands there twice
                digits = derive(key or state.door.list_key, home, day, slot)
            made.append(b"" if key is None else digits.encode())
            yield


def check_code(
    state: "State", memory: "Memory", home: str, eight: str, now: "Now", connected: bool, made: "Sequence[Any]" = ()
) -> Verdict:
    """The worth of eight digits typed for `home`. Nothing is spent; MISTYPED has not looked at any key.

    `made` is what all steps of day_codes said since the home was typed; it is worked out here if there is nothing."""
    seven = eight[:7]
    if not is_digits(home) or _damm_row(_damm_row(0, home), eight):  # a check digit brings the sum back to 0
        return Verdict(MISTYPED)
    if now.quality < BATTERY or state.door is None:
        return Verdict(NO_TIME)
    mark = digest(state.door.list_key, home, seven)
    if mark in memory.cancelled:
        return Verdict(CANCELLED, True)
    if state.revoked(home, mark):
        return Verdict(REVOKED, True)
    row = state.code(home, mark)
    if row is not None:
        return _issued(state, memory, mark, row, now)
    if not made:
        fresh: "list[Any]" = []
        for _ in day_codes(state, home, now, fresh):
            pass
        made = fresh
    days = live_days(now, state)
    typed = seven.encode()
    for n in range(4 * SLOTS):
        if equal(made[n + 1], typed):
            day = made[0] - n // (2 * SLOTS)
            if not n & 1:
                return _day_code(memory, mark, day, day in days, connected)
            if day in days:
                verdict = Verdict(CANCELS)
                verdict.mark = digest(state.door.list_key, home, made[n].decode())
                verdict.until = _end_of(day)
                return verdict
    return Verdict(WRONG, True)


def _issued(state: "State", memory: "Memory", mark: bytes, row: "list[Any]", now: "Now") -> Verdict:
    since, until, uses = row[3], row[4], row[5]
    weekdays, first = row[6], row[7]  # not all five at once: that would be a tuple
    used = memory.uses.get(mark)
    if until - since > MAX_WINDOW_S:
        until = since + MAX_WINDOW_S
    held = window(now, since, until)
    if held == ENDED:
        return Verdict(EXPIRED, True)
    if held == EARLY or not on_weekday(now, weekdays, state.offsets):
        return Verdict(EARLY_CODE, True)
    if used is not None and first and now.utc is not None and now.utc // 1000 >= used[1] + first:
        return Verdict(EXPIRED, True)
    if used is not None and uses and used[0] >= uses:
        return Verdict(USED_UP, True)
    verdict = Verdict(OK)
    verdict.id, verdict.mark, verdict.until = row[2], mark, until
    return verdict


def _day_code(memory: "Memory", mark: bytes, day: int, live: bool, connected: bool) -> Verdict:
    if not live:
        return Verdict(EXPIRED, True)
    if connected:  # the host would have told us of an issued one
        return Verdict(WRONG, True)
    used = memory.uses.get(mark)
    if used is not None and used[0] >= DEFAULT_USES:
        return Verdict(USED_UP, True)
    verdict = Verdict(OK)
    verdict.derived = True
    verdict.id, verdict.mark, verdict.until = mark, mark, _end_of(day)
    return verdict


def _end_of(day: int) -> int:
    """A second safely after the day code of `day` has ended anywhere on earth: when its marks may be forgotten."""
    return (day + 2) * 86_400 + GRACE_MS // 1000


def check_pin(state: "State", home: str, seven: str, now: "Now") -> Verdict:
    """The worth of seven digits typed for `home` as a resident's PIN."""
    if state.door is None:
        return Verdict(NO_TIME)
    row = state.pin(home, digest(state.door.list_key, home, seven))
    if row is None:
        return Verdict(WRONG, True)
    if window(now, 0, row[3]) == ENDED:
        return Verdict(EXPIRED, True)
    verdict = Verdict(OK)
    verdict.id, verdict.person, verdict.duress = row[1], row[2], row[4] == 1
    return verdict
