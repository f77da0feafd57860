"""A capture at the desk unit: begun after consent and paper, followed photo by photo, never seen by the host."""

from dataclasses import replace

from gatecore import frames, intake
from gatehost.model.account import Actor
from gatehost.model.credential import Capture
from gatehost.model.errors import BadInput, DeviceRefused, DoorSilent, NotFound, Refused
from gatehost.service.context import Context
from gatehost.service.enrol import enrolment
from gatehost.service.face import credential, twice
from gatehost.service.paper import documents
from gatehost.service.permissions import require
from gatehost.service.ports import Audience, News
from gatehost.service.trail import looked, note
from gatehost.store import devices, people, slips
from gatehost.store import faces as rows

OFFICE = ("admin", "desk")


async def desk_units(ctx: Context, actor: Actor) -> tuple[tuple[str, str, bool], ...]:
    """(dev, name, connected) of active desk units."""
    require(actor, "face.enrol")
    async with ctx.store.read() as tx:
        units = await devices.vaults(tx)
    return tuple((unit.dev, unit.name, ctx.doors.connected(unit.dev)) for unit in units)


async def start(ctx: Context, actor: Actor, party: str, home: str, dev: str) -> Capture:
    """Asks the desk unit to take the person's pictures. Refused("no_consent" | "no_paper"), DoorSilent,
    NotFound("person" | "device")."""
    require(actor, "face.enrol")
    async with ctx.store.write() as tx:
        person = await people.get(tx, party)
        if person is None or not await people.tied(tx, party, home, ctx.clock()):
            raise NotFound("person")
        if dev not in {unit.dev for unit in await devices.vaults(tx)}:
            raise NotFound("device")
        consent = await rows.consent_of(tx, party)
        if consent is None:
            raise Refused("no_consent")
        await enrolment.demand(tx, party, home)
        if not ctx.doors.connected(dev):
            raise DoorSilent("away")
        await credential.begin(ctx, tx, party, consent)
        await note(ctx, tx, actor, "face.capture", home, party)
        decided = await twice.is_two_people(tx, party)
    for old, given_up in list(ctx.live.captures.items()):
        if given_up.device == dev and given_up.step == intake.CAPTURE_FAILED:
            del ctx.live.captures[old]
            ctx.doors.send(dev, frames.CAPTURE_STOP, bytes.fromhex(old))
    task = ctx.random(16).hex()
    ctx.live.captures[task] = Capture(task, party, home, dev, intake.CAPTURE_READY, 0, (intake.STRAIGHT,))
    if decided:
        ctx.doors.send(dev, frames.ALLOW_TWICE, bytes.fromhex(party))
    if not ctx.doors.send(dev, frames.CAPTURE, bytes.fromhex(task), bytes.fromhex(party), home, person.name):
        del ctx.live.captures[task]
        raise DoorSilent("away")
    return ctx.live.captures[task]


async def upload(ctx: Context, actor: Actor, task: str, data: bytes) -> None:
    """Passes a photo on to the desk unit that judges it; nothing of it is written here. NotFound("task"),
    BadInput("photo", "empty" | "long"), DoorSilent."""
    at_work = await held(ctx, actor, task)
    if not data or len(data) > intake.MAX_PHOTO:
        raise BadInput("photo", "long" if data else "empty")
    size = intake.MAX_PHOTO_PART
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    for at, part in enumerate(parts):
        if not ctx.doors.send(at_work.device, frames.PHOTO, bytes.fromhex(task), at, len(parts), part):
            raise DoorSilent("away")


async def has_brought(ctx: Context, actor: Actor, task: Capture) -> bool:
    """Whether a photo was sent ahead with the person's paper."""
    require(actor, "face.enrol")
    async with ctx.store.read() as tx:
        case = await enrolment.of_person(tx, task.party, task.home)
        return case is not None and await documents.has_photo(tx, case.id)


async def use_brought(ctx: Context, actor: Actor, task: str) -> None:
    """Passes the photo that was sent ahead with the paper on to the desk unit (row A8). NotFound("task" | "photo"),
    DoorSilent."""
    at_work = await held(ctx, actor, task)
    async with ctx.store.read() as tx:
        case = await enrolment.of_person(tx, at_work.party, at_work.home)
        data = await documents.brought_photo(ctx, tx, case.id) if case is not None else b""
    if not data:
        raise NotFound("photo")
    await looked(ctx, actor, "face.photo", at_work.home, at_work.party)
    await upload(ctx, actor, task, data)


async def went(ctx: Context, dev: str) -> None:
    """A desk unit is gone: its captures cannot go on, and say so."""
    for task, held in list(ctx.live.captures.items()):
        if held.device == dev and held.step in (intake.CAPTURE_READY, intake.CAPTURE_PHOTO):
            ctx.live.captures[task] = replace(held, step=intake.CAPTURE_FAILED, reasons=(intake.VAULT_AWAY,))
            ctx.pages.tell(Audience(roles=OFFICE), News("capture", {"task": task, "party": held.party}))


async def stop(ctx: Context, actor: Actor, task: str) -> None:
    """Stops it; no error if it is over."""
    require(actor, "face.enrol")
    held = ctx.live.captures.pop(task, None)
    if held is not None:
        ctx.doors.send(held.device, frames.CAPTURE_STOP, bytes.fromhex(task))


async def held(ctx: Context, actor: Actor, task: str) -> Capture:
    """How it stands; NotFound("task") after it was stopped or a restart of the host."""
    require(actor, "face.enrol")
    if task not in ctx.live.captures:
        raise NotFound("task")
    return ctx.live.captures[task]


async def progressed(ctx: Context, dev: str, task: str, step: int, photos: int, reasons: list[object]) -> None:
    """The desk unit tells how a capture goes."""
    held = ctx.live.captures.get(task)
    if held is None or held.device != dev:
        if step in (intake.CAPTURE_READY, intake.CAPTURE_PHOTO):  # begun before a restart, or given up: it ends there
            ctx.doors.send(dev, frames.CAPTURE_STOP, bytes.fromhex(task))
        return
    if not all(isinstance(reason, int) and reason is not True and reason is not False for reason in reasons):
        raise DeviceRefused("field")
    numbers = tuple(reason for reason in reasons[:20] if isinstance(reason, int))
    ctx.live.captures[task] = Capture(task, held.party, held.home, dev, step, photos, numbers)
    if step == intake.CAPTURE_TWICE:
        async with ctx.store.write() as tx:
            await slips.put_twice(tx, held.party, held.home, dev, ctx.clock())
    body = {"task": task, "party": held.party, "step": step, "photos": photos, "reasons": list(numbers)}
    ctx.pages.tell(Audience(roles=OFFICE), News("capture", body))
