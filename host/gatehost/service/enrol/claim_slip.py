"""Enrolment at the resident's own building door: a slip of ten digits, good once, for seven days, at one named door.

Consent is signed and recorded before a slip can be made. What the door takes is sealed to the vault alone; the host
keeps those bytes until the vault has them.
"""

from gatecore import frames, intake
from gatehost.model.account import Actor
from gatehost.model.errors import DeviceRefused, NotFound, Refused
from gatehost.model.place import GATE, Slot
from gatehost.model.promise import MadeSlip
from gatehost.service.context import Context
from gatehost.service.enrol import enrolment
from gatehost.service.face import credential, twice
from gatehost.service.permissions import require
from gatehost.service.ports import Audience, News
from gatehost.service.trail import note
from gatehost.store import devices, people, places, slips
from gatehost.store import faces as rows
from gatehost.store.slips import SlipRow
from gatehost.store.store import Tx

GOOD_MS = 7 * 86_400_000
LATE_MS = 3_600_000  # so long after a slip's end a door may still say what it took: it was begun in time
WINDOW_MS, MOST_WRONG = 600_000, 5
MOST_SEALED = 64 * 1024
PURPOSE = "face-slip"
OFFICE = ("admin", "desk")
MENDED = (intake.TAKEN_DOOR, intake.NOT_SAVED)  # somebody sees to it: the box is kept and offered again
REFUSALS = (*MENDED, intake.FEW_PHOTOS, intake.TAKEN_MODEL, intake.TAKEN_BROKEN, intake.TAKEN_BEFORE)


async def doors(ctx: Context, actor: Actor, home: str) -> tuple[Slot, ...]:
    """The doors of the home's own building a slip can name: units in service, no gates."""
    require(actor, "face.enrol")
    async with ctx.store.read() as tx:
        return await _doors(tx, home)


async def _doors(tx: Tx, home: str) -> tuple[Slot, ...]:
    filled = {row.slot for row in await devices.in_states(tx, "active") if row.kind == "door" and row.box is not None}
    found = []
    for slot in await places.slots_on_path(tx, home):
        at = await places.get(tx, slot.place)
        if slot.id in filled and at is not None and at.kind != GATE:
            found.append(slot)
    return tuple(found)


async def make(ctx: Context, actor: Actor, party: str, home: str, slot: str) -> MadeSlip:
    """A fresh slip; the person's older unused one ends. Refused("no_consent" | "no_paper"), NotFound("person" |
    "slot")."""
    require(actor, "face.enrol")
    now = ctx.clock()
    digits = f"{int.from_bytes(ctx.random(8), 'big') % 10**intake.SLIP_DIGITS:0{intake.SLIP_DIGITS}}"
    async with ctx.store.write() as tx:
        person, consent = await people.get(tx, party), await rows.consent_of(tx, party)
        if person is None or not await people.tied(tx, party, home, now):
            raise NotFound("person")
        if consent is None:
            raise Refused("no_consent")
        await enrolment.demand(tx, party, home)
        door = next((one for one in await _doors(tx, home) if one.id == slot), None)
        if door is None:
            raise NotFound("slot")
        await credential.begin(ctx, tx, party, consent)
        values = {"party": party, "home": home, "consent": consent.id, "slot": slot, "made_at": now}
        await slips.put(tx, values | {"mark": ctx.keys.mark(PURPOSE, digits), "until": now + GOOD_MS})
        await note(ctx, tx, actor, "face.slip", home, party, slot)
    return MadeSlip(digits, person.name, home, door.name, now + GOOD_MS)


async def typed(ctx: Context, dev: str, ticket: str, digits: str) -> None:
    """Somebody typed a slip before a door: it sits, or hears why not and what to do."""
    reason, frame = intake.SLIP_TRIES, None
    if not _too_many(ctx, dev):
        async with ctx.store.write() as tx:
            reason, frame = await _judged(ctx, tx, dev, ticket, digits)
    if frame is None:
        ctx.doors.send(dev, frames.SLIP_NEWS, bytes.fromhex(ticket), reason)
    else:
        ctx.doors.send(dev, frames.SIT, *frame)


async def _judged(ctx: Context, tx: Tx, dev: str, ticket: str, digits: str) -> tuple[int, tuple[object, ...] | None]:
    """(why not, None), or (0, the fields of SIT) with the ticket written into the slip."""
    slip, door = await slips.by_mark(tx, ctx.keys.mark(PURPOSE, digits)), await devices.by_dev(tx, dev)
    if slip is None or door is None or door.kind == "desk":
        ctx.live.wrong_slips.setdefault(dev, []).append(ctx.clock())
        return intake.SLIP_WRONG, None
    consent = await rows.consent_of(tx, slip.party)
    if slip.used_at is not None:
        return intake.SLIP_USED, None
    if slip.ended_at is not None or ctx.clock() >= slip.until or consent is None or consent.id != slip.consent:
        return intake.SLIP_ENDED, None
    if slip.slot != door.slot:
        return intake.SLIP_ELSEWHERE, None
    desk = next((unit for unit in await devices.vaults(tx) if unit.cert is not None and unit.box is not None), None)
    if desk is None or desk.cert is None:
        return intake.SLIP_NO_VAULT, None
    await slips.change(tx, slip.id, task=ticket, vault=desk.dev)
    ids = (bytes.fromhex(ticket), bytes.fromhex(slip.party))
    return 0, (*ids, slip.home, desk.cert)


def _too_many(ctx: Context, dev: str) -> bool:
    """Whether this door has heard too many wrong slips in the last minutes."""
    since = ctx.clock() - WINDOW_MS
    ctx.live.wrong_slips[dev] = [at for at in ctx.live.wrong_slips.get(dev, []) if at > since]
    return len(ctx.live.wrong_slips[dev]) >= MOST_WRONG


async def taken(ctx: Context, dev: str, ticket: str, data: bytes) -> None:
    """What a door took under a slip: kept sealed until the vault has it. The slip is used from now on."""
    if not data or len(data) > MOST_SEALED:
        raise DeviceRefused("field")
    async with ctx.store.write() as tx:
        slip, door = await slips.by_task(tx, ticket), await devices.by_dev(tx, dev)
        if slip is None or door is None or slip.slot != door.slot:
            raise DeviceRefused("ticket")
        consent = await rows.consent_of(tx, slip.party)
        stands = slip.ended_at is None and ctx.clock() < slip.until + LATE_MS
        good = stands and consent is not None and consent.id == slip.consent
        if slip.used_at is None and good:
            await slips.change(tx, slip.id, used_at=ctx.clock(), sealed=data)
        elif slip.used_at is None and consent is not None:
            await slips.change(tx, slip.id, refused_at=ctx.clock(), refused=intake.SLIP_ENDED)
    news = intake.SLIP_TAKEN if good else intake.SLIP_ENDED
    ctx.doors.send(dev, frames.SLIP_NEWS, bytes.fromhex(ticket), news)
    if good:
        await offer(ctx, slip.vault)
        ctx.pages.tell(Audience(roles=OFFICE), News("face", {"party": slip.party, "state": "waiting"}))


async def offer(ctx: Context, vault: str, door: str | None = None) -> None:
    """Gives a connected vault what waits for it; of one door alone if that is named."""
    if not ctx.doors.connected(vault):
        return
    async with ctx.store.write() as tx:
        await _expire(ctx, tx)
        waiting = await slips.for_vault(tx, vault)
        if door is not None:
            row = await devices.by_dev(tx, door)
            waiting = tuple(slip for slip in waiting if row is not None and slip.slot == row.slot)
        decided = {slip.party for slip in waiting if await twice.is_two_people(tx, slip.party)}
    for slip in waiting:
        if slip.party in decided:
            ctx.doors.send(vault, frames.ALLOW_TWICE, bytes.fromhex(slip.party))
        if slip.sealed is not None:
            ids = (bytes.fromhex(slip.task), bytes.fromhex(slip.party))
            ctx.doors.send(vault, frames.ADOPT, *ids, slip.home, slip.sealed)


async def expire(ctx: Context) -> None:
    """Ends what no vault has come for; the person's page says so."""
    async with ctx.store.write() as tx:
        await _expire(ctx, tx)


async def _expire(ctx: Context, tx: Tx) -> None:
    await slips.too_late(tx, ctx.clock() - GOOD_MS, ctx.clock(), intake.SLIP_ENDED)


async def progressed(ctx: Context, dev: str, task: str, step: int, reasons: list[object]) -> bool:
    """The vault says what became of a sitting; False if the task is none of its sittings. Only what it says of a box
    that still waits for it counts. DeviceRefused("field") for a reason that is no number."""
    async with ctx.store.write() as tx:
        slip = await slips.by_task(tx, task)
        if slip is None or slip.vault != dev:
            return False
        if not all(isinstance(reason, int) and not isinstance(reason, bool) for reason in reasons):
            raise DeviceRefused("field")
        if slip.sealed is not None:
            await _ended(ctx, tx, slip, step, reasons)
    ctx.pages.tell(Audience(roles=OFFICE), News("face", {"party": slip.party, "state": "waiting"}))
    return True


async def _ended(ctx: Context, tx: Tx, slip: SlipRow, step: int, reasons: list[object]) -> None:
    """Writes down how it ended. What cannot be mended ends here: the box goes, and only the word stays."""
    why = (
        intake.TAKEN_TWICE if step == intake.CAPTURE_TWICE else next((one for one in reasons if one in REFUSALS), None)
    )
    if step == intake.CAPTURE_DONE:
        await slips.change(tx, slip.id, sealed=None, refused_at=None, refused=None)
    elif step in (intake.CAPTURE_TWICE, intake.CAPTURE_FAILED) and why is not None:
        box = slip.sealed if why in MENDED else None
        await slips.change(tx, slip.id, refused_at=ctx.clock(), refused=why, sealed=box)
    if step == intake.CAPTURE_TWICE:
        await slips.put_twice(tx, slip.party, slip.home, slip.vault, ctx.clock())
