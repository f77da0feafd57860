"""What guards wrote down at a gate's unit while the host was away, taken once, with its own time (docs/adr/0095).

A deed is an entry of the unit's log: stored, verified and acknowledged like every entry. Here it becomes what it says
of a stay, in one transaction with the mark of how far the log was read. What it contradicts is kept beside it and told;
neither the deed nor what was known before is lost.
"""

from dataclasses import dataclass

from gatecore import gatecopy as g
from gatecore import records
from gatecore.clock import MINUTE_MS
from gatecore.errors import GateError
from gatecore.gatecopy import CAME, DECIDED, ENTRIES, FETCHED, OUT, SAFE, Deed
from gatecore.records import Entry, Private
from gatehost.model.account import DESK, GUARD, Actor
from gatehost.model.errors import NotFound
from gatehost.model.visit import CLOSED, COURIER, EXPECTED, INSIDE, LEFT, VISIT_KINDS, VISITOR, WAITING, Visit
from gatehost.service import ruling
from gatehost.service.context import Context
from gatehost.service.gate.stay import NOTICE, keep_until, tell
from gatehost.service.home import rights
from gatehost.service.paper import form
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import accounts, devices, gatecopies, people, places, visits
from gatehost.store.accesslog import entry_id, seq_of
from gatehost.store.gatecopies import DeedRow
from gatehost.store.store import Tx

AT_ONCE = 50
SURE = 2  # quality of a unit's time that counts
SAME_MS = 120_000  # two accounts of one exit within this do not contradict each other
LOOK_BACK_MS = 7 * 86_400_000


@dataclass(frozen=True, slots=True)
class Happened:
    """A deed with its place and time: `gate` is the unit's, `sure` whether the unit knew the time."""

    deed: Deed
    entry: int
    at: int
    sure: bool
    gate: str
    guard: str


async def take(ctx: Context, dev: str) -> int:
    """Takes every deed of a device's stored log that was not taken yet; how many."""
    taken = 0
    while True:
        async with ctx.store.write() as tx:
            row = await devices.by_dev(tx, dev)
            held = None if row is None else await gatecopies.sent(tx, row.no)
            if row is None or held is None:
                return taken
            found = await gatecopies.unread(tx, row.no, records.GATE, held.read, AT_ONCE)
            slot = await places.get_slot(tx, row.slot)
            gate = "" if slot is None else slot.place
            stays = [await _take_one(ctx, tx, row.no, gate, *one) for one in found]
            await gatecopies.read_to(tx, row.no, seq_of(found[-1][0]) if found else row.seq)
        taken += len(found)
        for stay in stays:
            if stay is not None:
                tell(ctx, stay)
        if len(found) < AT_ONCE:
            return taken


async def take_all(ctx: Context) -> None:
    """The same for every device with a copy: what a crash of this host left untaken."""
    async with ctx.store.read() as tx:
        keepers = await gatecopies.keepers(tx)
    for dev in keepers:
        await take(ctx, dev)


async def _take_one(
    ctx: Context, tx: Tx, no: int, gate: str, id_: int, data: bytes, hidden: bytes | None
) -> Visit | None:
    entry: Entry = Entry.from_wire(data)
    private = ctx.store.halves.show(hidden) if ctx.store.halves is not None else hidden
    try:
        made = g.deed(entry.pub, None if private is None else Private.from_wire(private).detail)
    except GateError:
        await note(ctx, tx, _NOBODY, "gate.wrote", about=str(seq_of(id_)), detail="unreadable")
        return None
    if await gatecopies.known(tx, made.id.hex()):
        return None
    at, sure = await _when(ctx, tx, no, id_, entry)
    account = await accounts.by_id(tx, made.by)
    known = account is not None and account.role in (GUARD, DESK) and (account.closed_at or at) >= at
    person = await people.get(tx, account.party) if account is not None and known else None
    happened = Happened(made, id_, at, sure, gate, "" if person is None else person.name)
    number, told = await _apply(ctx, tx, happened)
    told = "guard_unknown" if not known else told or ("" if sure else "time_unsure")
    await gatecopies.put_deed(
        tx, made.id.hex(), entry=id_, act=made.act, at=at, visit=number, who=happened.guard, told=told, note=made.note
    )
    who = Actor(made.by, account.party if account else "", happened.guard, GUARD, (), "zh_CN", False)
    found = None if number is None else await visits.get(tx, number)
    home = "" if found is None else found.home or ""
    await note(ctx, tx, who, "gate.wrote", home, "" if number is None else str(number), f"{made.act} {told}".strip())
    return found


async def _when(ctx: Context, tx: Tx, no: int, id_: int, entry: Entry) -> tuple[int, bool]:
    """When it happened, by the unit's own clock; if that was not set yet, counted back from when it was."""
    now = ctx.clock()
    if entry.utc is not None and entry.tq >= SURE and entry.utc <= now:
        return entry.utc, True
    for later in await gatecopies.timed_after(tx, id_, entry_id(no + 1, 0)):
        timed: Entry = Entry.from_wire(later)
        if timed.boot == entry.boot and timed.utc is not None and timed.mono >= entry.mono:
            return min(now, timed.utc - (timed.mono - entry.mono)), True
    return now, False


async def _apply(ctx: Context, tx: Tx, one: Happened) -> tuple[int | None, str]:
    """(the stay, what the deed contradicts)."""
    made = one.deed
    if made.act == CAME:
        return None, ""
    if made.about is None:
        return await _new(tx, one)
    about = await gatecopies.stay_of(tx, made.about.hex()) if isinstance(made.about, bytes) else made.about
    held = None if about is None else await visits.get(tx, about)
    if held is None:
        return (await _new(tx, one))[0] if made.act in ENTRIES else None, "visit_unknown"
    if made.act in ENTRIES:
        return await _came(tx, one, held)
    if made.act == OUT:
        return held.id, await _left(ctx, tx, one, held)
    values = {"safe_at": one.at, "safe_by": one.guard} if made.act == SAFE else {"safe_at": None, "safe_by": ""}
    await visits.move(tx, held.id, (held.state,), **values)
    return held.id, ""


async def _new(tx: Tx, one: Happened) -> tuple[int, str]:
    """Somebody came in whom the copy did not name. Somebody awaited whom it names by phone or plate is that one."""
    made, home = one.deed, await places.home(tx, one.deed.home) if one.deed.home else None
    told = "home_unknown" if made.home and home is None else ""
    living = await visits.living(tx, home=made.home) if home is not None else ()
    plate = form.plate(made.plate)
    same = [v for v in living if (made.phone and v.phone == made.phone) or (plate and v.plate == plate)]
    awaited = next((v for v in same if v.state in (EXPECTED, WAITING)), None)
    if awaited is not None:
        return await _came(tx, one, awaited)
    told = told or await _alone(tx, made, made.kind, None if home is None else home.id)
    twice = any(v.state == INSIDE for v in same)
    return await visits.put(tx, await _stay(tx, one, home.id if home else None)), "inside_already" if twice else told


async def _stay(tx: Tx, one: Happened, home: str | None) -> Visit:
    made, building = one.deed, None if home is None else await places.building_of(tx, home)
    kept: dict[str, object] = dict.fromkeys(Visit.__slots__)
    rule = "overstay.courier" if made.kind == COURIER else "overstay.visitor"
    kept |= {"planned_until": one.at + await ruling.number(tx, rule, home or "estate") * MINUTE_MS}
    kept |= dict.fromkeys(("company", "service", "purpose", "evidence", "out_by", "out_how", "safe_by"), "")
    kept |= {
        "id": 0, "version": 0, "kind": made.kind if made.kind in VISIT_KINDS else VISITOR, "state": INSIDE,
        "name": made.name, "phone": made.phone, "plate": form.plate(made.plate), "heads": made.heads, "home": home,
        "building": None if building is None else building.id, "id_seen": 0,
        "notice": NOTICE, "asked_at": one.at, "in_at": one.at, "in_gate": one.gate, "in_by": one.guard,
    } | _answered(made)  # fmt: skip
    return Visit(**kept)  # type: ignore[arg-type]


def _answered(made: Deed) -> dict[str, object]:
    """Who answered for somebody who was let in, or that the guard decided."""
    decided = made.act == DECIDED
    said, why = ("", made.note) if decided else (made.note, "")
    return {"confirmed_by": said, "reason": why, "discretion": int(decided)}


async def _alone(tx: Tx, made: Deed, kind: str, home: str | None) -> str:
    """What is told of a visitor who came in without the home though the rule says so (docs/adr/0118)."""
    free = kind != VISITOR or home is None or made.act in (FETCHED, DECIDED)
    return "" if free or not await rights.escorted(tx, home or "") else "escort"


async def _came(tx: Tx, one: Happened, held: Visit) -> tuple[int, str]:
    """Somebody expected came in. One who meanwhile was cancelled or turned away came in all the same: a stay of their
    own says so, for a muster must not lose them."""
    values = {"in_at": one.at, "in_gate": one.gate, "in_by": one.guard}
    values |= {name: told for name, told in _answered(one.deed).items() if told}
    if await visits.move(tx, held.id, (EXPECTED, WAITING), state=INSIDE, **values):
        return held.id, await _alone(tx, one.deed, held.kind, held.home)
    if held.state in (INSIDE, LEFT, CLOSED):
        if held.in_at is not None and one.at < held.in_at:
            await visits.move(tx, held.id, (held.state,), in_at=one.at, in_gate=one.gate, in_by=one.guard)
        return held.id, "inside_already" if held.state == INSIDE else "left_already"
    return await visits.put(tx, await _again(tx, one, held)), "not_awaited"


async def _again(tx: Tx, one: Happened, held: Visit) -> Visit:
    made = await _stay(tx, one, held.home)
    named = {name: getattr(held, name) for name in ("kind", "name", "phone", "plate", "company", "service", "heads")}
    return Visit(**({name: getattr(made, name) for name in Visit.__slots__} | named))


async def _left(ctx: Context, tx: Tx, one: Happened, held: Visit) -> str:
    """Somebody left; what it contradicts."""
    at, told = one.at, ""
    if held.in_at is not None and at < held.in_at:
        at, told = held.in_at, "out_before_in"
    gone: dict[str, object] = {"out_at": at, "out_gate": one.gate, "out_by": one.guard, "out_how": "guard"}
    gone |= {"keep_until": await keep_until(ctx, tx, held.home)}
    if await visits.move(tx, held.id, (INSIDE, CLOSED), state=LEFT, **gone):
        return told
    if held.state == LEFT:
        return "" if abs((held.out_at or 0) - one.at) <= SAME_MS else "left_already"
    return "never_in"


async def written(ctx: Context, actor: Actor, since: int | None = None) -> tuple[DeedRow, ...]:
    """What guards wrote at units, newest first: a guard's since their shift began, the office's of a week."""
    require(actor, "gate.away")
    async with ctx.store.read() as tx:
        return await gatecopies.deeds(tx, ctx.clock() - LOOK_BACK_MS if since is None else since)


async def unsettled(ctx: Context, actor: Actor) -> int:
    """How many contradictions nobody of the office has looked at."""
    require(actor, "gate.away")
    async with ctx.store.read() as tx:
        return await gatecopies.open_told(tx)


async def settle(ctx: Context, actor: Actor, deed: str) -> None:
    """Somebody of the office has looked at a contradiction. NotFound("deed")."""
    require(actor, "gate.settle")
    async with ctx.store.write() as tx:
        if not await gatecopies.see(tx, deed, actor.name, ctx.clock()):
            raise NotFound("deed")
        await note(ctx, tx, actor, "gate.settle", about=deed)


_NOBODY = Actor(0, "", "", GUARD, (), "zh_CN", False)
