"""What ended lately, as short lines apart from the database: so that a restored backup does not bring it back.

kaimen-gone/1
key NAME REASON AT        a key of private halves or of a document that was destroyed
row TABLE ID AT           a right, tie, PIN, code, consent or account that ended
way ID STATE              a card or plate that was lost or revoked
device DEV                a device that was revoked
home MARK AT              a home of which everything was erased, as a keyed hash
sha256 HEX                of all lines before

Numbers only: a row's number is the same in the backup, or the row is younger than it and is not there.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Column, or_, select, true, update

from gatehost.model.errors import StoreError
from gatehost.store.halves import NAME
from gatehost.store.store import Tx
from gatehost.store.table.account import account, audit, session
from gatehost.store.table.door import device
from gatehost.store.table.estate import tie
from gatehost.store.table.face import consent
from gatehost.store.table.right import code, credential, grant, pin

FORMAT = "kaimen-gone/1"
KEPT_MS = 90 * 86_400_000  # what time itself has ended since, too, is told no longer than this
ENDS: dict[str, Column[int]] = {
    "grant": grant.c.ended_at,
    "tie": tie.c.until,
    "pin": pin.c.ended_at,
    "code": code.c.revoked_at,
    "consent": consent.c.withdrawn_at,
    "account": account.c.closed_at,
}
LASTS: dict[str, Column[int]] = {"grant": grant.c.until, "code": code.c.until}  # when they had ended by themselves
HOME = "gate-gone-home"  # the purpose of a home's keyed hash
DEAD = ("lost", "revoked")
_LINE = re.compile(
    rf"key [0-9a-f]{{{2 * NAME}}} \d+ \d+|row ({'|'.join(ENDS)}) \d+ \d+|way \d+ ({'|'.join(DEAD)})|"
    r"device [0-9a-f]{32}|home [0-9a-f]{64} \d+"
)


@dataclass(slots=True)
class Gone:
    """Everything that ended: keys by name with (reason, ms UTC), rows with when, ways in with their state, devices,
    marks of homes with when."""

    keys: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    rows: dict[tuple[str, int], int] = field(default_factory=dict)
    ways: dict[int, str] = field(default_factory=dict)
    devices: list[str] = field(default_factory=list)
    homes: dict[bytes, int] = field(default_factory=dict)

    def to_text(self) -> bytes:
        """The file as it is written."""
        body = "\n".join([FORMAT, *self._lines(), ""]).encode()
        return body + f"sha256 {hashlib.sha256(body).hexdigest()}\n".encode()

    def _lines(self) -> Iterator[str]:
        yield from (f"key {name.hex()} {why} {at}" for name, (why, at) in sorted(self.keys.items()))
        yield from (f"row {table} {number} {at}" for (table, number), at in sorted(self.rows.items()))
        yield from (f"way {number} {state}" for number, state in sorted(self.ways.items()))
        yield from (f"device {dev}" for dev in sorted(self.devices))
        yield from (f"home {mark.hex()} {at}" for mark, at in sorted(self.homes.items()))


def read(text: bytes) -> Gone:
    """What a file says; StoreError("gone") if it is altered or cut off."""
    body, found, total = text.rpartition(b"sha256 ")
    if not found or hashlib.sha256(body).hexdigest().encode() + b"\n" != total:
        raise StoreError("gone")
    first, *lines = body.decode().splitlines()
    if first != FORMAT or not all(_LINE.fullmatch(line) for line in lines):
        raise StoreError("gone")
    made = Gone()
    for kind, *words in (line.split() for line in lines):
        _READ[kind](made, words)
    return made


def _key(made: Gone, words: list[str]) -> None:
    made.keys[bytes.fromhex(words[0])] = int(words[1]), int(words[2])


def _row(made: Gone, words: list[str]) -> None:
    made.rows[words[0], int(words[1])] = int(words[2])


def _way(made: Gone, words: list[str]) -> None:
    made.ways[int(words[0])] = words[1]


def _device(made: Gone, words: list[str]) -> None:
    made.devices.append(words[0])


def _home(made: Gone, words: list[str]) -> None:
    made.homes[bytes.fromhex(words[0])] = int(words[1])


_READ = {"key": _key, "row": _row, "way": _way, "device": _device, "home": _home}


async def ended(tx: Tx, now: int) -> Gone:
    """What ended in this database within KEPT_MS, and whatever an older backup would bring back to life: all that has
    no end of its own or would not have reached it yet, and every card and plate that is dead."""
    made = Gone()
    for name, at in ENDS.items():
        lives_on = LASTS[name] > now if name in LASTS else true()
        rows = await tx.execute(select(at.table.c.id, at).where(at <= now, or_(at > now - KEPT_MS, lives_on)))
        made.rows |= {(name, number): when for number, when in rows}
    dead = select(credential.c.id, credential.c.state)
    dead = dead.where(credential.c.kind.in_(("card", "plate")), credential.c.state.in_(DEAD))
    made.ways = {number: state for number, state in await tx.execute(dead)}
    made.devices = list((await tx.execute(select(device.c.dev).where(device.c.state == "revoked"))).scalars())
    return made


async def end_row(tx: Tx, table: str, number: int, at: int) -> None:
    """The row ends when it did."""
    column = ENDS[table]
    later = or_(column.is_(None), column > at)
    why = {"end_why": "ended before the restore"} if table == "grant" else {}
    await tx.execute(update(column.table).where(column.table.c.id == number, later).values({column.name: at} | why))


async def end_way(tx: Tx, number: int, state: str) -> None:
    """The card or plate is dead again."""
    living = credential.c.state.not_in(DEAD)
    await tx.execute(update(credential).where(credential.c.id == number, living).values(state=state))


async def living_consents(tx: Tx, numbers: list[int]) -> list[str]:
    """Of these consents, the people of those that live."""
    query = select(consent.c.id, consent.c.party).where(consent.c.withdrawn_at.is_(None))
    wanted = set(numbers)
    return [person for number, person in await tx.execute(query) if number in wanted]


async def forget_looks(tx: Tx, home: str, until: int) -> None:
    """Takes a home's name out of the lines of who looked and did what up to an instant."""
    values = {"home": "", "about": "", "detail": ""}
    await tx.execute(update(audit).where(audit.c.home == home, audit.c.at <= until).values(values))


async def sign_out(tx: Tx) -> None:
    """Nobody is signed in: a session that was ended must not come back."""
    await tx.execute(session.delete())
