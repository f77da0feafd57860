"""Who lets themselves in by a visitor code is inside too: the doors' own log begins and ends their stay (B1, B9).

A way in at any door begins a stay, unless one of that code goes on; a way out at a gate ends it. An entry counts once,
in whatever order the logs of the doors come in, and however late.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gatecore.clock import DAY_MS, MINUTE_MS
from gatecore.records import ACCESS, CODE, Entry
from gatehost.model.grant import CONTRACTOR as OF_A_CONTRACTOR
from gatehost.model.grant import Grant
from gatehost.model.place import OUTWARD
from gatehost.model.visit import AGAIN, CLOSED, CONTRACTOR, INSIDE, LATE, LEFT, SAID, VISITOR, Visit
from gatehost.service import ruling
from gatehost.service.context import Context
from gatehost.service.door import conflict
from gatehost.service.evidence.visits import marks_of
from gatehost.service.gate.departure import UNSEEN
from gatehost.service.gate.stay import begun, keep_until, tell
from gatehost.store import accesslog, devices, grants, places, visits
from gatehost.store.accesslog import EntryLine, EntryRow
from gatehost.store.codes import CodeRow
from gatehost.store.store import Tx
from gatehost.store.table.log import SEQ_BITS

SAME_COMING_MS = 60 * MINUTE_MS  # a building's door may tell of somebody before the gate they came by does


@dataclass(frozen=True, slots=True)
class Opened:
    """A door was opened by a code: `gate` is the gate's id if it is one of a gate."""

    code: CodeRow
    at: int
    out: bool
    door: str
    gate: str | None


async def take(ctx: Context, rows: Sequence[EntryRow]) -> None:
    """Takes what a batch of a door's log tells."""
    homes = conflict.homes_in(rows)
    numbers = [row[0] for row in rows if homes and row[4] == ACCESS and row[5] and row[6] == CODE and row[9]]
    if numbers:
        async with ctx.store.read() as tx:
            lines = await accesslog.by_ids(tx, numbers)
        await _take(ctx, lines)


async def take_all(ctx: Context) -> None:
    """The same for the last day: what a crash of this host left untaken."""
    async with ctx.store.read() as tx:
        lines = await accesslog.opened_by(tx, CODE, ctx.clock() - DAY_MS)
    await _take(ctx, lines)


async def is_inside(ctx: Context, code: int) -> bool:
    """Whether the one person of a code is inside, so that they can say when they leave."""
    async with ctx.store.read() as tx:
        return len([stay for stay in await visits.of_code(tx, code) if stay.state == INSIDE]) == 1


async def says_leaving(ctx: Context, code: int) -> None:
    """A visitor says on their own page that they leave. Nobody saw it: the muster keeps them as possible for a day."""
    async with ctx.store.write() as tx:
        held = [stay for stay in await visits.of_code(tx, code) if stay.state == INSIDE]
        if len(held) != 1:
            return
        await _unseen(ctx, tx, held[0], ctx.clock(), SAID)
        found = await visits.get(tx, held[0].id)
    if found is not None:
        tell(ctx, found)


async def _take(ctx: Context, lines: Sequence[EntryLine]) -> None:
    changed: list[Visit] = []
    async with ctx.store.read() as tx:
        found = await _opened(ctx, tx, lines)
    if not found:
        return
    async with ctx.store.write() as tx:
        for one in found:
            number = await (_went if one.out else _came)(ctx, tx, one)
            stay = None if number is None else await visits.get(tx, number)
            changed += [] if stay is None else [stay]
    for stay in changed:
        tell(ctx, stay)


async def _opened(ctx: Context, tx: Tx, lines: Sequence[EntryLine]) -> list[Opened]:
    """These openings with their codes, in the order they happened."""
    by_no = {device.no: device for device in await devices.in_states(tx)}
    gates = {gate.id for gate in await places.gates(tx)}
    found = []
    for home in {line.home for line in lines}:
        theirs = [line for line in lines if line.home == home]
        marks = await marks_of(ctx, tx, theirs, by_no, min(line.at for line in theirs) - DAY_MS)
        for line in theirs:
            door = by_no[line.id >> SEQ_BITS]
            code = marks.get((door.no, line.mark or b""))
            if code is not None:
                out = Entry.from_wire(line.entry).pub[0] == OUTWARD
                gate = door.place if door.place in gates else None
                found.append(Opened(code, min(line.at, ctx.clock()), out, door.name, gate))
    return sorted(found, key=lambda one: one.at)


async def _came(ctx: Context, tx: Tx, one: Opened) -> int | None:
    """The stay that begins, or whose beginning is now known better; None when nothing is new."""
    held, given = await visits.of_code(tx, one.code.id), await grants.by_code(tx, one.code.id)
    if any(stay.in_at == one.at for stay in held):
        return None
    after = next((stay for stay in held if (stay.in_at or 0) > one.at), None)
    if after is not None and (after.in_at or 0) - one.at <= SAME_COMING_MS and after.in_gate is None:
        change = {"in_at": one.at, "in_gate": one.gate, "in_by": one.door}
        return after.id if await visits.move(tx, after.id, (after.state,), **change) else None
    for stay in await _around(tx, one, given):
        same = one.gate is None or one.at - (stay.in_at or 0) <= MINUTE_MS  # further in, or the same door once more
        if same or (stay.state == LEFT and (stay.out_at or 0) > one.at):
            return None
        await _unseen(ctx, tx, stay, one.at)
    late = after is not None or one.at <= ctx.clock() - DAY_MS
    number = await visits.put(tx, await _stay(tx, one, given))
    if late:
        made = await visits.get(tx, number)
        assert made is not None
        await _unseen(ctx, tx, made, one.at, LATE)
    return number


async def _around(tx: Tx, one: Opened, given: Grant | None) -> list[Visit]:
    """The stays by this code, or of who showed it to a guard, that go on at that instant, ended since or not."""
    found = await visits.between(tx, one.at, one.at + 1, home=one.code.home)
    return [stay for stay in found if _theirs(stay, one.code, given)]


def _theirs(stay: Visit, code: CodeRow, given: Grant | None) -> bool:
    by_guard = stay.code is None and (stay.grant == given.id if given else stay.name == code.visitor != "")
    return stay.code == code.id or by_guard


async def _unseen(ctx: Context, tx: Tx, held: Visit, at: int, why: str = AGAIN) -> None:
    """Nobody saw this stay end: the muster keeps it as possible for a day."""
    end = {"out_at": max(at, held.in_at or 0), "out_by": held.in_by, "out_how": UNSEEN, "reason": held.reason or why}
    await visits.move(tx, held.id, (INSIDE,), state=CLOSED, keep_until=await keep_until(ctx, tx, held.home), **end)


async def _went(ctx: Context, tx: Tx, one: Opened) -> int | None:
    """The stay that a way out at a gate ends."""
    if one.gate is None and await places.gates(tx):
        return None
    held = [stay for stay in await visits.of_code(tx, one.code.id) if (stay.in_at or 0) <= one.at]
    if any(stay.state == LEFT and stay.out_at == one.at for stay in held):
        return None
    given = await grants.by_code(tx, one.code.id)
    present = [stay for stay in await _around(tx, one, given) if stay.state == INSIDE]
    unseen = [stay for stay in held if stay.state == CLOSED and stay.out_how == UNSEEN]
    for stay in (*present, *reversed(unseen)):
        gone = {"out_at": one.at, "out_gate": one.gate, "out_by": one.door, "out_how": "code"}
        gone |= {"keep_until": await keep_until(ctx, tx, stay.home)}
        if (stay.in_at or 0) <= one.at and await visits.move(tx, stay.id, (INSIDE, CLOSED), state=LEFT, **gone):
            return stay.id
    return None


async def _stay(tx: Tx, one: Opened, given: Grant | None) -> Visit:
    """The stay of who typed the code; the home that made the code answers for them."""
    code = one.code
    planned = one.at + await ruling.number(tx, "overstay.visitor", code.home) * MINUTE_MS
    return await begun(
        tx, code.home, one.at, one.gate, one.door, max(one.at, min(planned, code.until)), name=code.visitor,
        kind=CONTRACTOR if given is not None and given.kind == OF_A_CONTRACTOR else VISITOR, code=code.id,
        heads=given.heads if given else 1, confirmed_by=code.made_by,
        grant=given.id if given else None, case=given.case if given else None,
    )  # fmt: skip
