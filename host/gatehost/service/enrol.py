"""Faces: consent first, then capture at a desk unit; the host forwards sealed bytes and never sees a template."""

from dataclasses import replace
from datetime import UTC, datetime

from gatecore import frames, intake
from gatecore.clock import local_ms
from gatecore.sign import sha256
from gatehost.model.account import RESIDENT, Actor
from gatehost.model.credential import (
    ACTIVE,
    CAPTURING,
    ERASED,
    WAITING,
    WITHDRAWN,
    Capture,
    Consent,
    Erasure,
    Face,
    Loaded,
)
from gatehost.model.errors import BadInput, DeviceRefused, DoorSilent, NotFound, Refused
from gatehost.model.party import Party
from gatehost.model.policy import FACE_OFF
from gatehost.service import agreement, documents, enrolment, gone, passage, publish, ruling, withdrawal
from gatehost.service.calendar import right_until
from gatehost.service.context import Context
from gatehost.service.permissions import may, require
from gatehost.service.ports import Audience, News
from gatehost.service.trail import looked, note
from gatehost.store import audits, devices, people, places, promises, slips
from gatehost.store import faces as rows
from gatehost.store.devices import DeviceRow
from gatehost.store.faces import FaceRow
from gatehost.store.store import Tx

PURPOSE, DECLINED = "face-entry", "face.decline"
GUARDIAN_UNDER = 14
MOST_SEALED = 256 * 1024
MOST_KEYS = 512
MOST_SHOWN = 100
OFFICE = ("admin", "desk")
TWO_PEOPLE = "two_people"


async def give_consent(
    ctx: Context, actor: Actor, party: str, signer: str, read: bool, language: str = agreement.CHINESE
) -> Consent:
    """Writes down the person's separate consent to the text as it reads now in `language`, and keeps that text.
    BadInput("read", "unread") unless it was read, ("signer", "missing"); Refused("guardian") for a child under 14
    signed by themselves, ("empty_slots" | "void_clause") while the text is not one that may be signed."""
    require(actor, "face.enrol")
    if not read:
        raise BadInput("read", "unread")
    if not signer.strip():
        raise BadInput("signer", "missing")
    async with ctx.store.write() as tx:
        person = await _person(tx, party)
        if _is_child(person, ctx.clock()) and signer.strip() == person.name:
            raise Refused("guardian")
        hashed = await agreement.keep(tx, await agreement.signable(tx, language))
        await rows.withdraw(tx, party, ctx.clock())
        version = agreement.VERSION
        number = await rows.put_consent(tx, party, PURPOSE, version, signer.strip(), ctx.clock(), hashed)
        await note(ctx, tx, actor, "face.consent", about=party, detail=f"{version} {hashed[:16]}")
        return await rows.get_consent(tx, number)


async def decline(ctx: Context, actor: Actor, party: str, home: str) -> None:
    """The person would rather not have face entry: written down once, and nothing of theirs changes. The desk asks no
    more (L11); who changes their mind says so. NotFound("person")."""
    require(actor, "face.enrol")
    async with ctx.store.write() as tx:
        if not await people.tied(tx, party, home, ctx.clock()):
            raise NotFound("person")
        await note(ctx, tx, actor, DECLINED, home, party)


async def declined(ctx: Context, actor: Actor, home: str) -> frozenset[str]:
    """Of a home's people, those whose last word on face entry was no."""
    require(actor, "face.see", home)
    async with ctx.store.read() as tx:
        return frozenset(await audits.last_said(tx, home, DECLINED, "face.consent"))


async def _person(tx: Tx, party: str) -> Party:
    found = await people.get(tx, party)
    if found is None:
        raise NotFound("person")
    return found


def _is_child(person: Party, now: int) -> bool:
    if not person.born:
        return False
    year, month, day = (int(part) for part in person.born.split("-"))
    today = datetime.fromtimestamp(now / 1000, UTC)
    return (today.year - year) - ((today.month, today.day) < (month, day)) < GUARDIAN_UNDER


async def desk_units(ctx: Context, actor: Actor) -> tuple[tuple[str, str, bool], ...]:
    """(dev, name, connected) of active desk units."""
    require(actor, "face.enrol")
    async with ctx.store.read() as tx:
        units = await vaults(tx)
    return tuple((unit.dev, unit.name, ctx.doors.connected(unit.dev)) for unit in units)


async def vaults(tx: Tx) -> tuple[DeviceRow, ...]:
    """The desk units in service."""
    return tuple(unit for unit in await devices.in_states(tx, "active") if unit.kind == "desk")


async def start_capture(ctx: Context, actor: Actor, party: str, home: str, dev: str) -> Capture:
    """Asks the desk unit to take the person's pictures. Refused("no_consent" | "no_paper"), DoorSilent,
    NotFound("person" | "device")."""
    require(actor, "face.enrol")
    async with ctx.store.write() as tx:
        person = await _person(tx, party)
        if not await people.tied(tx, party, home, ctx.clock()):
            raise NotFound("person")
        if dev not in {unit.dev for unit in await vaults(tx)}:
            raise NotFound("device")
        consent = await rows.consent_of(tx, party)
        if consent is None:
            raise Refused("no_consent")
        await enrolment.demand(tx, party, home)
        if not ctx.doors.connected(dev):
            raise DoorSilent("away")
        await credential(ctx, tx, party, consent)
        await note(ctx, tx, actor, "face.capture", home, party)
        decided = await is_two_people(tx, party)
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


async def credential(ctx: Context, tx: Tx, party: str, consent: Consent) -> None:
    """A fresh credential under this consent, or the one already begun under it."""
    held = await rows.face_of(tx, party)
    if held is not None and held.consent == consent.id and held.state in (WAITING, CAPTURING, ACTIVE):
        return
    estate = await places.the_estate(tx)
    assert estate is not None
    now = ctx.clock()
    year = datetime.fromtimestamp(local_ms(now, estate.offsets) / 1000, UTC).year
    number = f"{year}-{await rows.count(tx) + 1:05}"
    await rows.put_face(tx, party, WAITING, consent.id, number, now, right_until(now, estate.offsets))


async def is_two_people(tx: Tx, party: str) -> bool:
    """Whether the administrator decided that the person only looks like somebody enrolled."""
    case = await slips.twice(tx, party)
    return case is not None and case.state == TWO_PEOPLE


async def upload(ctx: Context, actor: Actor, task: str, data: bytes) -> None:
    """Passes a photo on to the desk unit that judges it; nothing of it is written here. NotFound("task"),
    BadInput("photo", "empty" | "long"), DoorSilent."""
    held = await capture(ctx, actor, task)
    if not data or len(data) > intake.MAX_PHOTO:
        raise BadInput("photo", "long" if data else "empty")
    size = intake.MAX_PHOTO_PART
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    for at, part in enumerate(parts):
        if not ctx.doors.send(held.device, frames.PHOTO, bytes.fromhex(task), at, len(parts), part):
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
    held = await capture(ctx, actor, task)
    async with ctx.store.read() as tx:
        case = await enrolment.of_person(tx, held.party, held.home)
        data = await documents.brought_photo(ctx, tx, case.id) if case is not None else b""
    if not data:
        raise NotFound("photo")
    await looked(ctx, actor, "face.photo", held.home, held.party)
    await upload(ctx, actor, task, data)


async def went(ctx: Context, dev: str) -> None:
    """A desk unit is gone: its captures cannot go on, and say so."""
    for task, held in list(ctx.live.captures.items()):
        if held.device == dev and held.step in (intake.CAPTURE_READY, intake.CAPTURE_PHOTO):
            ctx.live.captures[task] = replace(held, step=intake.CAPTURE_FAILED, reasons=(intake.VAULT_AWAY,))
            ctx.pages.tell(Audience(roles=OFFICE), News("capture", {"task": task, "party": held.party}))


async def stop_capture(ctx: Context, actor: Actor, task: str) -> None:
    """Stops it; no error if it is over."""
    require(actor, "face.enrol")
    held = ctx.live.captures.pop(task, None)
    if held is not None:
        ctx.doors.send(held.device, frames.CAPTURE_STOP, bytes.fromhex(task))


async def capture(ctx: Context, actor: Actor, task: str) -> Capture:
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


async def sealed(ctx: Context, dev: str, party: str, model: str, photos: int, data: bytes, keys: list[object]) -> None:
    """Keeps what the desk unit sealed, for a person whose consent lives; otherwise the unit is told to forget.

    DeviceRefused("kind" | "field" | "person") and nothing kept for anything else."""
    pairs = _pairs(keys)
    if not data or len(data) > MOST_SEALED or len(model) > 64:
        raise DeviceRefused("field")
    async with ctx.store.write() as tx:
        unit = await devices.by_dev(tx, dev)
        if unit is None or unit.kind != "desk":
            raise DeviceRefused("kind")
        if await people.get(tx, party) is None:
            raise DeviceRefused("person")
        held, consent = await rows.face_of(tx, party), await rows.consent_of(tx, party)
        allowed = held is not None and consent is not None and held.consent == consent.id
        changed: tuple[str, ...] = ()
        if allowed and held is not None:
            await _keep(ctx, tx, held, model, photos, data, pairs)
            await slips.end_twice(tx, party)
            await enrolment.captured(ctx, tx, party, unit.name)
            changed = await publish.publish(ctx, tx)
    if not allowed:
        ctx.doors.send(dev, frames.FORGET, bytes.fromhex(party))
        return
    publish.announce(ctx, changed)
    await documents.retire(ctx)  # a photo brought along has done its work
    ctx.pages.tell(Audience(roles=OFFICE), News("face", {"party": party, "state": ACTIVE}))


def _pairs(keys: list[object]) -> list[tuple[str, bytes]]:
    pairs = []
    for pair in keys[: MOST_KEYS + 1]:
        match pair:
            case [bytes() as device, bytes() as key] if len(device) == 16 and 0 < len(key) <= 1024:
                pairs.append((device.hex(), key))
            case _:
                raise DeviceRefused("field")
    if len(pairs) > MOST_KEYS:
        raise DeviceRefused("field")
    return pairs


async def _keep(
    ctx: Context, tx: Tx, held: FaceRow, model: str, photos: int, data: bytes, pairs: list[tuple[str, bytes]]
) -> None:
    hashed = sha256(data)
    before = await rows.sealed_of(tx, held.party)
    if before is None or before.hash != hashed:
        await rows.put_sealed(tx, held.party, model, photos, data, hashed, ctx.clock())
    for dev, key in pairs:
        device = await devices.by_dev(tx, dev)
        if device is not None and device.state == "active":
            await rows.put_key(tx, held.party, device.no, key)
    await rows.set_state(tx, held.id, ACTIVE)


async def box_confirmed(ctx: Context, vault: str, dev: str) -> None:
    """A person confirmed a door's box key before the vault: people who may pass there are sealed to it."""
    async with ctx.store.read() as tx:
        unit, door = await devices.by_dev(tx, vault), await devices.by_dev(tx, dev)
        if unit is None or unit.kind != "desk":
            raise DeviceRefused("kind")
        if door is None or door.state != "active":
            return
        ways, lacking = await passage.load(tx), []
        for party in await rows.persons_without_key(tx, door.no):
            homes = await people.homes_of(tx, party, ctx.clock())
            if door.no in {one.no for one in await passage.ask(tx, ways, homes)}:
                lacking.append(party)
    for party in lacking:
        ctx.doors.send(vault, frames.SEAL, bytes.fromhex(party), [bytes.fromhex(dev)])


async def face(ctx: Context, actor: Actor, party: str) -> Face | None:
    """A person's face credential (the receipt slip is printed from it); None without one. A resident sees their own
    and those of their homes."""
    async with ctx.store.read() as tx:
        await _may_see(ctx, tx, actor, "face.see", party)
        found = await shown(ctx, tx, party)
    await looked(ctx, actor, "face.see", about=party)
    return found


async def _may_see(ctx: Context, tx: Tx, actor: Actor, action: str, party: str) -> None:
    require(actor, action)
    if actor.role != RESIDENT or party == actor.party:
        return
    homes = await people.homes_of(tx, party, ctx.clock())
    if not any(may(actor, action, home) for home in homes):
        raise NotFound("person")


async def shown(ctx: Context, tx: Tx, party: str, ways: passage.Passage | None = None) -> Face | None:
    """The same inside a transaction, without permission or audit; `ways` where many are asked about."""
    row, person = await rows.face_of(tx, party), await people.get(tx, party)
    if row is None or person is None:
        return None
    held, homes = await rows.sealed_of(tx, party), await people.homes_of(tx, party, ctx.clock())
    doors = await passage.ask(tx, ways or await passage.load(tx), homes)
    keyed = set(await rows.devices_with_key(tx, party))
    ready = sum(d.no in keyed and (d.generation, d.version) >= (d.sent_generation, d.sent_version) for d in doors)
    return Face(
        party=party,
        name=person.name,
        homes=homes,
        state=row.state,
        number=row.number,
        photos=0 if held is None else held.photos,
        model="" if held is None else held.model,
        consent=await rows.get_consent(tx, row.consent),
        doors_ready=ready,
        doors_all=len(doors),
        until=row.until,
        needs=await promises.needs_of(tx, party),
        twice=await slips.twice(tx, party) is not None,
    )


async def loads(ctx: Context, actor: Actor, party: str) -> tuple[Loaded, ...]:
    """Door by door that lets faces in, since when it holds the person's, as the door itself told; empty without an
    active face."""
    async with ctx.store.read() as tx:
        await _may_see(ctx, tx, actor, "face.see", party)
        row = await rows.face_of(tx, party)
        if row is None or row.state != ACTIVE:
            return ()
        homes = await people.homes_of(tx, party, ctx.clock())
        doors, held = await passage.ask(tx, await passage.load(tx), homes), await rows.loads(tx, party)
        doors = tuple([one for one in doors if (await ruling.in_force(tx, "face_mode", one.slot)).value != FACE_OFF])
    return tuple(
        Loaded(
            door.slot, door.name, ctx.doors.connected(door.dev), door.last_seen,
            door.no in held and (_newest(door) or held[door.no] is not None), held.get(door.no),
        )
        for door in doors
    )  # fmt: skip


def _newest(door: DeviceRow) -> bool:
    return (door.generation, door.version) >= (door.sent_generation, door.sent_version)


async def faces(ctx: Context, actor: Actor) -> tuple[Face, ...]:
    """Face credentials, the newest MOST_SHOWN; others are found by their home. Office only."""
    require(actor, "home.find")
    async with ctx.store.read() as tx:
        ways = await passage.load(tx)
        found = [await shown(ctx, tx, row.party, ways) for row in await rows.all_faces(tx, MOST_SHOWN)]
    return tuple({one.party: one for one in found if one is not None}.values())


async def withdraw(ctx: Context, actor: Actor, party: str) -> tuple[Erasure, ...]:
    """Ends the consent and with it the face: sealed bytes are deleted here, doors and vault are told to forget.
    The person's other ways in stay. NotFound("face"). A resident may withdraw their own."""
    async with ctx.store.write() as tx:
        require(actor, "face.withdraw")
        if actor.role == RESIDENT and party != actor.party:
            raise NotFound("face")
        row = await rows.face_of(tx, party)
        if row is None or row.state in (WITHDRAWN, ERASED):
            raise NotFound("face")
        held_by = await _erase(ctx, tx, row)
        await withdrawal.paper_ended(ctx, tx, actor, party)
        await note(ctx, tx, actor, "face.withdraw", about=party)
        changed = await publish.publish(ctx, tx)
    publish.announce(ctx, changed)
    for vault in held_by:
        ctx.doors.send(vault.dev, frames.FORGET, bytes.fromhex(party))
    ctx.pages.tell(Audience(roles=OFFICE), News("face", {"party": party, "state": WITHDRAWN}))
    await gone.keep(ctx)
    return await erasure(ctx, actor, party)


async def _erase(ctx: Context, tx: Tx, row: FaceRow) -> tuple[DeviceRow, ...]:
    """Everything of the person's face leaves the database; who held any of it has to confirm."""
    desks = await vaults(tx)
    for no in {*await rows.devices_with_key(tx, row.party), *(desk.no for desk in desks)}:
        await rows.ask_erasure(tx, row.party, no, ctx.clock())
    await rows.forget(tx, row.party)
    await slips.end(tx, row.party, ctx.clock())
    await slips.end_twice(tx, row.party)
    await promises.forget(tx, row.party)
    await rows.withdraw(tx, row.party, ctx.clock())
    await rows.set_state(tx, row.id, WITHDRAWN)
    return desks


async def erasure(ctx: Context, actor: Actor, party: str) -> tuple[Erasure, ...]:
    """Per door: has it confirmed that the face is gone? Empty when no door ever had it."""
    async with ctx.store.read() as tx:
        await _may_see(ctx, tx, actor, "face.see", party)
        done = dict(await rows.erasures(tx, party))
        held = [row for row in await devices.in_states(tx) if row.no in done]
    return tuple(Erasure(row.slot, row.name, ctx.doors.connected(row.dev), row.last_seen, done[row.no]) for row in held)


async def forgotten(ctx: Context, dev: str, party: str) -> None:
    """The vault says a person's key is off its storage."""
    async with ctx.store.write() as tx:
        unit = await devices.by_dev(tx, dev)
        if unit is not None and await rows.erased(tx, party, unit.no, ctx.clock()):
            await _finish(tx, party)


async def applied(ctx: Context, tx: Tx, device: DeviceRow) -> None:
    """A door told that it holds the newest state: whoever is not in it is gone there. A vault keeps faces beside its
    state and must say so itself."""
    if device.kind == "desk" or (device.generation, device.version) < (device.sent_generation, device.sent_version):
        return
    if (await ruling.in_force(tx, "face_mode", device.slot)).value == FACE_OFF:
        await rows.unloaded(tx, device.no)
    else:
        await rows.loaded(tx, device.no, ctx.clock())
    for party in await rows.to_forget(tx, device.no):
        await rows.erased(tx, party, device.no, ctx.clock())
        await _finish(tx, party)


async def _finish(tx: Tx, party: str) -> None:
    row = await rows.face_of(tx, party)
    if row is not None and row.state == WITHDRAWN and all(done for _, done in await rows.erasures(tx, party)):
        await rows.set_state(tx, row.id, ERASED)


async def owed(ctx: Context, dev: str) -> tuple[str, ...]:
    """People a vault that just connected has still to forget."""
    async with ctx.store.read() as tx:
        unit = await devices.by_dev(tx, dev)
        return () if unit is None or unit.kind != "desk" else await rows.to_forget(tx, unit.no)
