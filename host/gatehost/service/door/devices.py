"""Slots and the devices that fill them: claim, six digits, confirm, revoke."""

from gatecore.clock import DAY_MS, HOST
from gatecore.enrol import Claim
from gatecore.records import Cert
from gatecore.sign import equal
from gatecore.wire import sign1
from gatehost.model.account import Actor
from gatehost.model.device import ACTIVE, PENDING, QUARANTINED, REFUSED, REVOKED, Device, DoorStatus, MadeClaim
from gatehost.model.errors import BadInput, NotFound, Refused
from gatehost.model.place import BUILDING, DOOR, ESTATE, GATE, STAIR, Place, Slot
from gatehost.service import chronicle, publish
from gatehost.service.context import Context
from gatehost.service.permissions import require
from gatehost.service.ports import Audience, News
from gatehost.service.trail import note
from gatehost.store import codes, devices, pins, places
from gatehost.store.devices import DeviceRow
from gatehost.store.store import Tx

FILE_CLAIM_MS = 7 * DAY_MS
QR_CLAIM_MS = 30 * 60_000
KINDS = ("door", "desk", "board")
OFFICE = Audience(roles=("admin", "desk"))


def _device(row: DeviceRow) -> Device:
    return Device(
        dev=row.dev,
        slot=row.slot,
        kind=row.kind,
        model=row.model,
        state=row.state,
        public=row.public,
        box=row.box,
        cert=row.cert,
        digits=row.digits if row.state == PENDING else "",
        since=row.since,
        last_seen=row.last_seen,
        generation=row.generation,
        version=row.version,
        sent_generation=row.sent_generation,
        sent_version=row.sent_version,
        quality=row.quality,
        storage_ok=bool(row.storage_ok),
        software=row.software,
        seq=row.seq,
    )


async def _status(ctx: Context, tx: Tx, slot: Slot) -> DoorStatus:
    row = await devices.by_slot(tx, slot.id)
    place = await places.get(tx, slot.place)
    assert place is not None
    device = None if row is None else _device(row)
    fresh = device is not None and bool(device.version)
    if device is not None:
        fresh = fresh and (device.generation, device.version) >= (device.sent_generation, device.sent_version)
    return DoorStatus(
        slot=slot.id,
        name=slot.name,
        place=slot.place,
        place_name=place.name,
        kind=slot.kind,
        device=device,
        connected=device is not None and ctx.doors.connected(device.dev),
        up_to_date=fresh,
        claim_until=await devices.open_claim_until(tx, slot.id, ctx.clock()),
    )


def astray(status: DoorStatus) -> bool:
    """Whether a door in service is connected and does not take this computer's time."""
    held = status.device
    return held is not None and held.state == ACTIVE and status.connected and held.quality < HOST


async def doors(ctx: Context, actor: Actor) -> tuple[DoorStatus, ...]:
    """Every slot with its device, in the order of the estate file."""
    require(actor, "device.see")
    async with ctx.store.read() as tx:
        return tuple([await _status(ctx, tx, slot) for slot in await places.slots(tx)])


async def door(ctx: Context, actor: Actor, slot: str) -> DoorStatus:
    """One slot; NotFound("slot")."""
    require(actor, "device.see")
    async with ctx.store.read() as tx:
        return await _status(ctx, tx, await _slot(tx, slot))


async def _slot(tx: Tx, slot: str) -> Slot:
    found = await places.get_slot(tx, slot)
    if found is None:
        raise NotFound("slot")
    return found


async def open_slot(
    ctx: Context, actor: Actor, place: str, slot: str, name: str, kind: str, direction: int = 0
) -> DoorStatus:
    """A new slot at a gate, building or stair, a desk unit's in the estate too. BadInput("slot" | "kind" | "name" |
    "direction" | "place", why); NotFound("place")."""
    require(actor, "device.claim")
    _check_slot(slot, name, kind, direction)
    async with ctx.store.write() as tx:
        at = await places.get(tx, place)
        if at is None or at.kind not in (GATE, BUILDING, STAIR, ESTATE):
            raise NotFound("place")
        if at.kind == ESTATE and kind != "desk":
            raise BadInput("place", "desk")
        if await places.get(tx, slot) is not None:
            raise BadInput("slot", "taken")
        await places.put_place(tx, Place(slot, place, DOOR, name.strip()), position=1_000_000)
        made = Slot(slot, place, name.strip(), kind, direction)
        await places.put_slot(tx, made)
        await note(ctx, tx, actor, "device.slot", about=slot)
        return await _status(ctx, tx, made)


def check_short(slot: str) -> None:
    """BadInput("slot", why) for what cannot be the short name of a door or a gate."""
    if not slot or len(slot) > 40 or not all(char.isascii() and (char.isalnum() or char in "-_") for char in slot):
        raise BadInput("slot", "characters")
    if slot.isdigit():
        raise BadInput("slot", "like_a_home")


def check_name(name: str) -> None:
    """BadInput("name", why) for what cannot be a place's name."""
    if not name.strip() or len(name) > 60:
        raise BadInput("name", "missing" if not name.strip() else "long")


def _check_slot(slot: str, name: str, kind: str, direction: int) -> None:
    check_short(slot)
    if kind not in KINDS:
        raise BadInput("kind", "unknown")
    check_name(name)
    if direction not in (0, 1):
        raise BadInput("direction", "unknown")


async def make_claim(ctx: Context, actor: Actor, slot: str, qr: bool = False) -> MadeClaim:
    """A claim good once for one device: 7 days as a file, 30 minutes as a QR code; an older unused one ends.
    Refused("slot_taken") while an active device holds the slot (revoke it first)."""
    require(actor, "device.claim")
    async with ctx.store.write() as tx:
        made = await put_claim(ctx, tx, await _slot(tx, slot), QR_CLAIM_MS if qr else FILE_CLAIM_MS)
        await note(ctx, tx, actor, "device.claim", about=slot)
    return made


async def put_claim(ctx: Context, tx: Tx, slot: Slot, good_for: int) -> MadeClaim:
    """The claim itself, inside a transaction."""
    held = await devices.by_slot(tx, slot.id)
    if held is not None and held.state != PENDING:
        raise Refused("slot_taken")
    token, until = ctx.random(16), ctx.clock() + good_for
    await devices.put_claim(tx, slot.id, ctx.keys.hide(token.hex(), ctx.random(12)), until)
    claim = Claim(ctx.device_url, ctx.keys.fingerprint(), ctx.keys.estate.public, slot.id, token, until // 1000)
    return MadeClaim(slot.id, claim.to_wire(), until)


async def waiting(ctx: Context, actor: Actor) -> tuple[Device, ...]:
    """Devices that showed a good claim and wait for a person to compare the six digits."""
    require(actor, "device.see")
    async with ctx.store.read() as tx:
        return tuple(_device(row) for row in await devices.in_states(tx, PENDING))


async def names(ctx: Context, actor: Actor, found: tuple[Device, ...]) -> dict[str, str]:
    """What people call the places these devices want: by slot."""
    require(actor, "device.see")
    async with ctx.store.read() as tx:
        return await places.names(tx, {one.slot for one in found})


async def _pending(tx: Tx, dev: str) -> DeviceRow:
    row = await devices.by_dev(tx, dev)
    if row is None or row.state != PENDING:
        raise NotFound("device")
    return row


async def confirm(ctx: Context, actor: Actor, dev: str, digits: str) -> Device:
    """The person saw the same six digits on both sides: the device gets its certificate and state.
    BadInput("digits", "differ") if they are not its digits; NotFound("device")."""
    require(actor, "device.confirm")
    async with ctx.store.write() as tx:
        row = await _pending(tx, dev)
        if not equal(row.digits.encode(), digits.replace(" ", "").encode()):
            raise BadInput("digits", "differ")
        held = [one for one in await devices.in_states(tx, ACTIVE, QUARANTINED) if one.slot == row.slot]
        if held:
            raise Refused("slot_taken")
        now = ctx.clock()
        cert = Cert(bytes.fromhex(row.dev), row.public, row.box, row.slot, row.kind, row.no, now // 1000)
        signed = sign1(cert.to_wire(), ctx.keys.estate)
        await devices.change(tx, row.no, state=ACTIVE, cert=signed, since=now, digits="")
        await chronicle.enrolled(ctx, tx, dev, row.no, now // 1000)
        await note(ctx, tx, actor, "device.confirm", about=row.slot, detail=dev)
        changed = await publish.publish(ctx, tx)
        done = await devices.by_dev(tx, dev)
        assert done is not None
    publish.announce(ctx, changed)
    return _device(done)


async def refuse(ctx: Context, actor: Actor, dev: str) -> None:
    """The waiting device is not ours; its claim stays used up."""
    require(actor, "device.confirm")
    async with ctx.store.write() as tx:
        row = await _pending(tx, dev)
        await devices.change(tx, row.no, state=REFUSED, digits="")
        await note(ctx, tx, actor, "device.refuse", about=row.slot, detail=dev)
    ctx.pages.tell(OFFICE, News("device", {"devices": [dev]}))


async def revoke(ctx: Context, actor: Actor, dev: str, why: str) -> tuple[str, ...]:
    """The device is never believed again; PINs and listed codes it held are ended, and the homes concerned returned.
    BadInput("why", "missing"); NotFound("device")."""
    require(actor, "device.revoke")
    if not why.strip():
        raise BadInput("why", "missing")
    async with ctx.store.write() as tx:
        row = await devices.by_dev(tx, dev)
        if row is None or row.state not in (ACTIVE, QUARANTINED):
            raise NotFound("device")
        await devices.change(tx, row.no, state=REVOKED)
        await chronicle.revoked(ctx, tx, dev, row.seq)
        homes = await _end_what_it_held(ctx, tx, row)
        await note(ctx, tx, actor, "device.revoke", about=row.slot, detail=f"{dev} {why.strip()[:100]}")
        changed = await publish.publish(ctx, tx)
    ctx.doors.drop(dev, "revoked")
    publish.announce(ctx, changed)
    return homes


async def _end_what_it_held(ctx: Context, tx: Tx, row: DeviceRow) -> tuple[str, ...]:
    at = await places.get(tx, row.place)
    homes = [h.id for b in await places.buildings_behind(tx, row.place) for h in await places.homes_of(tx, b)]
    if row.kind == "desk" or not row.sent_version:
        return ()
    concerned = set()
    for code in await codes.of_homes(tx, homes, ctx.clock()):
        if code.revoked_at is None:
            await codes.revoke(tx, code.id, ctx.clock())
            concerned.add(code.home)
    for pin in await pins.of_homes(tx, homes) if at is not None and at.kind != GATE else ():
        await pins.end(tx, pin.id, ctx.clock())
        concerned.add(pin.home)
    return tuple(sorted(concerned))


async def release(ctx: Context, actor: Actor, dev: str, why: str) -> Device:
    """A person looked at a quarantined device and takes it back into service. BadInput("why", "missing")."""
    require(actor, "device.revoke")
    if not why.strip():
        raise BadInput("why", "missing")
    async with ctx.store.write() as tx:
        row = await devices.by_dev(tx, dev)
        if row is None or row.state != QUARANTINED:
            raise NotFound("device")
        await devices.change(tx, row.no, state=ACTIVE)
        await note(ctx, tx, actor, "device.release", about=row.slot, detail=f"{dev} {why.strip()[:100]}")
        changed = await publish.publish(ctx, tx)
        done = await devices.by_dev(tx, dev)
        assert done is not None
    publish.announce(ctx, changed)
    return _device(done)


def ca_fingerprint(ctx: Context) -> str:
    """SHA-256 of the estate's TLS authority in hex, as claims carry it."""
    return ctx.keys.fingerprint().hex()


async def device_in(tx: Tx, slot: str) -> DeviceRow | None:
    """The device that fills a slot or waits for it."""
    return await devices.by_slot(tx, slot)
