"""The gates' register, a day at a time (row B24): sealed at the early close, and shown with what was changed since.

A sealed day's entries and exits are written down as marks, and one digest over them goes into the host's own chain,
which the doors witness. What is put in afterwards (a paper form typed in late, a gate that was away) is an added line;
what the retention emptied still proves its times and gate; anything else that differs is shown as changed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from gatecore.clock import day_of
from gatecore.records import DONE, Entry
from gatecore.witness import numbers
from gatehost.model.account import Actor
from gatehost.model.visit import INSIDE, Visit
from gatehost.service import trail
from gatehost.service.calendar import Offsets, start_of_day
from gatehost.service.context import Context
from gatehost.service.permissions import require
from gatehost.store import accesslog, audits, places, register
from gatehost.store.register import RegisterLine
from gatehost.store.store import Tx

SEAL = "register.seal"
IN, OUT = "in", "out"
SAME, CHANGED, EMPTIED, GONE, ADDED = "same", "changed", "emptied", "gone", "added"
MOST_DAYS = 7  # sealed at once after the host was away
HALF = 16
_STABLE = {
    IN: ("kind", "heads", "in_at", "in_gate", "in_by", "id_seen", "discretion", "keyed_at"),
    OUT: ("kind", "heads", "out_at", "out_gate", "out_by", "out_how"),
}
_PERSONAL = ("name", "phone", "plate", "company", "purpose", "evidence", "confirmed_by", "home", "building", "service")


@dataclass(frozen=True, slots=True)
class Written:
    """A line of a day: which stay came or went when and where, and whether it is as it was sealed; no names."""

    visit: int
    way: str
    at: int
    kind: str
    home: str
    gate: str
    state: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the register. `sealed_at` None: not sealed yet. `whole`: its lines are those of the chain's digest."""

    day: int
    sealed_at: int | None
    digest: str
    whole: bool
    lines: tuple[Written, ...]

    @property
    def untouched(self) -> bool:
        """Whether everything is as it was sealed, added lines and emptied names aside."""
        return self.whole and not any(line.state in (CHANGED, GONE) for line in self.lines)


async def seal(ctx: Context, tx: Tx, actor: Actor) -> tuple[int, ...]:
    """Seals yesterday, and the days before it that were not; each once. The days."""
    offsets = await _offsets(tx)
    today = day_of(ctx.clock(), offsets)
    held = [int(line.about) for line in await audits.of_action(tx, SEAL, 1)]
    first = max(held[0] + 1, today - MOST_DAYS) if held else today - 1
    for day in range(first, today):
        lines = [RegisterLine(day, one.id, way, _mark(ctx, one, way)) for one, way in await _day(tx, day, offsets)]
        await register.put(tx, lines)
        digest = _digest(lines)
        pub = [day, len(lines), *numbers(digest)]
        await trail.note(ctx, tx, actor, SEAL, about=str(day), detail=f"{len(lines)} {digest.hex()}", pub=pub)
    return tuple(range(first, today))


async def _offsets(tx: Tx) -> Offsets:
    estate = await places.the_estate(tx)
    return () if estate is None else estate.offsets


async def _day(tx: Tx, day: int, offsets: Offsets, also: Iterable[int] = ()) -> list[tuple[Visit, str]]:
    """(stay, way) of each entry and exit of a day."""
    start, end = start_of_day(day, offsets), start_of_day(day + 1, offsets)
    found = await register.stays(tx, start, end, also)
    moments = [(one, way, one.in_at if way == IN else one.out_at) for one in found for way in (IN, OUT)]
    return [(one, way) for one, way, at in moments if at is not None and start <= at < end]


def _mark(ctx: Context, one: Visit, way: str) -> bytes:
    """What a stay says of its entry or exit: a half that outlives its names, and one over everything."""
    stable = repr((one.id, way, *[getattr(one, name) for name in _STABLE[way]]))
    whole = stable + repr(tuple(getattr(one, name) for name in _PERSONAL))
    return ctx.keys.mark("register/1", stable)[:HALF] + ctx.keys.mark("register/1", whole)[:HALF]


def _digest(lines: Iterable[RegisterLine]) -> bytes:
    rows = sorted((line.visit, line.way, line.mark.hex()) for line in lines)
    return sha256("".join(f"{number} {way} {mark}\n" for number, way, mark in rows).encode()).digest()


async def of_day(ctx: Context, actor: Actor, day: int) -> Day:
    """A day with what became of its lines since it was sealed. Written down."""
    require(actor, "register.see")
    async with ctx.store.read() as tx:
        held = await register.of_day(tx, day)
        now = await _day(tx, day, await _offsets(tx), {line.visit for line in held})
        sealed_at, digest = await _sealed(tx, day, await _offsets(tx))
    await trail.looked(ctx, actor, "register.see", about=str(date(1970, 1, 1) + timedelta(days=day)))
    lines = _written(ctx, held, now, sealed=sealed_at is not None)
    return Day(day, sealed_at, digest.hex(), sealed_at is not None and digest == _digest(held), lines)


async def _sealed(tx: Tx, day: int, offsets: Offsets) -> tuple[int | None, bytes]:
    """(when, digest) of a day's first seal, read from the chain itself: no list beside it can hide or replace it."""
    for begin, end in ((day + 1, day + 2), (day + 2, day + 2 + MOST_DAYS)):
        window = start_of_day(begin, offsets), start_of_day(end, offsets)
        for at, data in await accesslog.of_type(tx, DONE, *window):
            pub = Entry.from_wire(data).pub
            if len(pub) == 2 + 4 and pub[0] == day:
                return at, b"".join(number.to_bytes(8, "big") for number in pub[2:])
    return None, b""


def _written(
    ctx: Context, held: Sequence[RegisterLine], now: Sequence[tuple[Visit, str]], *, sealed: bool
) -> tuple[Written, ...]:
    marks, found = {(line.visit, line.way): line.mark for line in held}, list[Written]()
    for one, way in now:
        mark = marks.pop((one.id, way), None)
        at, gate = (one.in_at, one.in_gate) if way == IN else (one.out_at, one.out_gate)
        state = SAME if not sealed else ADDED if mark is None else _state(one, mark, _mark(ctx, one, way))
        found.append(Written(one.id, way, at or 0, one.kind, one.home or "", gate or "", state))
    gone = [Written(number, way, 0, "", "", "", GONE) for number, way in marks]
    return (*sorted(found, key=lambda line: (line.at, line.visit)), *gone)


def _state(one: Visit, mark: bytes, now: bytes) -> str:
    if mark == now:
        return SAME
    emptied = one.state != INSIDE and one.keep_until is None and one.home is None and not (one.name or one.phone)
    return EMPTIED if emptied and mark[:HALF] == now[:HALF] else CHANGED
