"""Calls: who is rung, who answers first, what became of it. Pictures stay in memory."""

from gatecore import feedback, frames
from gatehost.model import call as c
from gatehost.model.account import Actor
from gatehost.model.call import Call, Opening
from gatehost.model.errors import DeviceRefused, NotFound, Refused
from gatehost.service import tenure
from gatehost.service.context import Context
from gatehost.service.door import remote_open
from gatehost.service.permissions import may, require
from gatehost.service.ports import Audience, News
from gatehost.store import calls, devices, places
from gatehost.store.calls import CallRow
from gatehost.store.store import Tx

LIVE = (c.RINGING, c.ANSWERED)
STAFF = ("desk", "admin")
# what the visitor's screen is told when a call ends
_SHOWN = {
    c.DECLINED: (feedback.DECLINED, 0),
    c.NO_ANSWER: (feedback.NO_ANSWER, 0),
    c.LOST: (feedback.REFUSED, feedback.NOBODY),
}


def _call(ctx: Context, row: CallRow) -> Call:
    return Call(
        id=row.id,
        slot=row.slot,
        door=row.door,
        home=row.home,
        home_name=row.home_name,
        state=row.state,
        by=row.by,
        began_at=row.began_at,
        ends_at=row.ends_at,
        ended_at=row.ended_at,
        picture=row.id in ctx.live.pictures and row.ended_at is None,
    )


async def ring(ctx: Context, dev: str, call_id: str, home: str) -> Call:
    """A door rings a home on its path: everybody with a page of that home, and the office, is told at once.

    A door has one call at a time: an older one of it ends. DeviceRefused("call") for a call id seen before."""
    async with ctx.store.write() as tx:
        device = await devices.by_dev(tx, dev)
        if device is None or await places.home(tx, home) is None:
            raise DeviceRefused("call")
        if await calls.get(tx, call_id) is not None:
            raise DeviceRefused("call")
        slots = {slot.id for slot in await places.slots_on_path(tx, home)}
        if device.slot not in slots:
            raise DeviceRefused("home")
        older = [row for row in await calls.live(tx) if row.dev == dev]
        for row in older:
            await calls.move(tx, row.id, LIVE, state=c.CANCELLED, ended_at=ctx.clock())
        await calls.put(tx, call_id, device.no, home, c.RINGING, ctx.clock(), ctx.clock() + c.RING_MS)
        made = await _get(tx, call_id)
    for row in older:
        _forget(ctx, row)
    ctx.pages.tell(
        Audience(homes=(home,), roles=STAFF),
        News(
            "ring",
            {
                "call": call_id,
                "door": made.door,
                "slot": made.slot,
                "home": home,
                "home_name": made.home_name,
                "ends_at": made.ends_at,
            },
        ),
    )
    return _call(ctx, made)


async def _get(tx: Tx, call_id: str) -> CallRow:
    row = await calls.get(tx, call_id)
    if row is None:
        raise NotFound("call")
    return row


async def snapshot(ctx: Context, dev: str, call_id: str, jpeg: bytes) -> None:
    """Keeps a live call's newest picture in memory until the call ends; anything else is dropped."""
    if len(jpeg) > frames.MAX_SNAPSHOT or not jpeg.startswith(b"\xff\xd8"):
        raise DeviceRefused("snapshot")
    async with ctx.store.read() as tx:
        row = await calls.get(tx, call_id)
    if row is None or row.dev != dev or row.ended_at is not None:
        return
    ctx.live.pictures[call_id] = jpeg
    ctx.pages.tell(Audience(homes=(row.home,), roles=STAFF), News("picture", {"call": call_id}))


async def hung_up(ctx: Context, dev: str, call_id: str) -> None:
    """The visitor, the time or an opening ended the call at the door."""
    async with ctx.store.write() as tx:
        row = await calls.get(tx, call_id)
        if row is None or row.dev != dev:
            return
        over = ctx.clock() >= row.ends_at and row.state == c.RINGING
        await calls.move(tx, call_id, LIVE, state=c.NO_ANSWER if over else c.CANCELLED, ended_at=ctx.clock())
        row = await _get(tx, call_id)
    _told(ctx, row)


async def door_lost(ctx: Context, dev: str) -> None:
    """The door's connection is gone, and its calls with it."""
    async with ctx.store.write() as tx:
        rows = [row for row in await calls.live(tx) if row.dev == dev]
        for row in rows:
            await calls.move(tx, row.id, LIVE, state=c.LOST, ended_at=ctx.clock())
        rows = [await _get(tx, row.id) for row in rows]
    for row in rows:
        _told(ctx, row)


async def end_overdue(ctx: Context) -> None:
    """Ends calls nobody took within 50 s, and answered ones after three minutes; called each second."""
    async with ctx.store.read() as tx:
        overdue = [row for row in await calls.live(tx) if ctx.clock() >= _end_of(row)]
    for row in overdue:
        await _end(ctx, row, c.NO_ANSWER if row.state == c.RINGING else c.CANCELLED, "")


def _end_of(row: CallRow) -> int:
    return row.ends_at if row.state == c.RINGING else row.began_at + 180_000


async def _end(ctx: Context, row: CallRow, state: str, by: str) -> CallRow:
    async with ctx.store.write() as tx:
        await calls.move(tx, row.id, LIVE, state=state, ended_at=ctx.clock(), by=by or row.by)
        row = await _get(tx, row.id)
    if row.state in _SHOWN:
        ctx.doors.send(row.dev, frames.CALL_NEWS, bytes.fromhex(row.id), *_SHOWN[row.state])
    _told(ctx, row)
    return row


def _told(ctx: Context, row: CallRow) -> None:
    if row.ended_at is not None:
        ctx.live.pictures.pop(row.id, None)
    body = {"call": row.id, "home": row.home, "state": row.state, "by": row.by}
    ctx.pages.tell(Audience(homes=(row.home,), roles=STAFF), News("call", body))


def _forget(ctx: Context, row: CallRow) -> None:
    ctx.live.pictures.pop(row.id, None)
    body = {"call": row.id, "home": row.home, "state": c.CANCELLED, "by": ""}
    ctx.pages.tell(Audience(homes=(row.home,), roles=STAFF), News("call", body))


async def live(ctx: Context, actor: Actor) -> tuple[Call, ...]:
    """Calls ringing or answered now at the actor's homes (the office: all)."""
    async with ctx.store.read() as tx:
        rows = await calls.live(tx)
    return tuple(_call(ctx, row) for row in rows if may(actor, "call.see", row.home))


async def call(ctx: Context, actor: Actor, call_id: str) -> Call:
    """One call; NotFound("call")."""
    return _call(ctx, await _own(ctx, actor, "call.see", call_id))


async def _own(ctx: Context, actor: Actor, action: str, call_id: str) -> CallRow:
    async with ctx.store.read() as tx:
        row = await calls.get(tx, call_id)
    if row is None or not may(actor, action, row.home):
        raise NotFound("call")
    return row


async def history(ctx: Context, actor: Actor, home: str, limit: int = 20) -> tuple[Call, ...]:
    """A home's calls, newest first; to a resident those of their own time there."""
    require(actor, "call.see", home)
    async with ctx.store.read() as tx:
        since = await tenure.since(ctx, tx, actor, home)
        return tuple(_call(ctx, row) for row in await calls.of_home(tx, home, limit, since))


async def picture(ctx: Context, actor: Actor, call_id: str) -> bytes | None:
    """The JPEG of a live call; None when there is none."""
    await _own(ctx, actor, "call.see", call_id)
    return ctx.live.pictures.get(call_id)


async def answer(ctx: Context, actor: Actor, call_id: str) -> Call:
    """Takes the call: the first wins, Refused("taken", by=name) for the others, Refused("over", state=...) too late.

    Answering again by the same person is no error."""
    await _own(ctx, actor, "call.answer", call_id)
    async with ctx.store.write() as tx:
        values = {"state": c.ANSWERED, "by": actor.name, "account": actor.account}
        won = await calls.move(tx, call_id, (c.RINGING,), **values)
        row = await _get(tx, call_id)
    if row.state not in LIVE:
        raise Refused("over", state=row.state)
    if not won and row.account != actor.account:
        raise Refused("taken", by=row.by)
    if won:
        ctx.doors.send(row.dev, frames.CALL_NEWS, bytes.fromhex(call_id), feedback.TALKING, 0)
        _told(ctx, row)
    return _call(ctx, row)


async def decline(ctx: Context, actor: Actor, call_id: str) -> Call:
    """Ends the call without opening; the visitor is told. Refused as `answer`."""
    await answer(ctx, actor, call_id)
    return _call(ctx, await _end(ctx, await _own(ctx, actor, "call.answer", call_id), c.DECLINED, actor.name))


async def open_door(ctx: Context, actor: Actor, call_id: str) -> Opening:
    """Opens the call's door and ends the call; answers it first if nobody has. As remote_open.open_door."""
    taken = await answer(ctx, actor, call_id)
    opening = await remote_open.open_door(ctx, actor, taken.slot, taken.home, call_id)
    if opening.result == remote_open.OPENED:
        await _end(ctx, await _own(ctx, actor, "call.answer", call_id), c.OPENED, actor.name)
    return opening
