"""The desk units as vaults: what one seals is kept for the doors, for people whose consent lives. Nobody reads it."""

from gatecore import frames
from gatecore.sign import sha256
from gatehost.model.credential import ACTIVE
from gatehost.model.errors import DeviceRefused
from gatehost.service import passage, publish
from gatehost.service.context import Context
from gatehost.service.enrol import enrolment
from gatehost.service.paper import documents
from gatehost.service.ports import Audience, News
from gatehost.store import devices, people, slips
from gatehost.store import faces as rows
from gatehost.store.faces import FaceRow
from gatehost.store.store import Tx

MOST_SEALED = 256 * 1024
MOST_KEYS = 512
OFFICE = ("admin", "desk")


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
        await slips.settle(tx, held.party)
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
