"""First contact, the host's side: a claim's token is shown once, a person compares digits, the estate key answers."""

from gatecore import enrol
from gatecore.enrol import Enrol, Enrolled
from gatecore.errors import GateError
from gatecore.log import genesis
from gatecore.sign import key_id
from gatecore.wire import sign1
from gatehost.keys import sound
from gatehost.model.device import ACTIVE, PENDING
from gatehost.model.errors import DeviceRefused
from gatehost.service.context import Context
from gatehost.service.ports import Audience, News
from gatehost.store import devices, places
from gatehost.store.devices import DeviceRow
from gatehost.store.store import Tx


async def request(ctx: Context, body: bytes) -> None:
    """Takes a device's gate-enrol/1 and lets it wait for a person. Repeating the same bytes is no error.

    DeviceRefused("malformed" | "claim" | "ended" | "used" | "key"): nothing is kept."""
    asked = _read(body)
    dev = key_id(asked.public).hex()
    async with ctx.store.write() as tx:
        known = await devices.by_dev(tx, dev)
        if known is not None and known.request == body and known.state in (PENDING, ACTIVE):
            return
        number = await _claim(ctx, tx, asked)
        if known is not None or not sound(asked.public):
            raise DeviceRefused("key")
        slot = await places.get_slot(tx, asked.slot)
        assert slot is not None
        await devices.use_claim(tx, number, ctx.clock())
        await devices.put(tx, _row(ctx, asked, body, slot.kind))
    ctx.pages.tell(Audience(roles=("admin", "desk")), News("waiting", {"slot": asked.slot, "dev": dev}))


def _read(body: bytes) -> Enrol:
    try:
        asked: Enrol = Enrol.from_wire(body)
    except GateError as wrong:
        raise DeviceRefused("malformed") from wrong
    if len(asked.model) > 100:
        raise DeviceRefused("malformed")
    return asked


async def _claim(ctx: Context, tx: Tx, asked: Enrol) -> int:
    """The number of the slot's claim whose token the request proves; unknown slots and tokens look alike."""
    for number, hidden, until, used_at in await devices.claims(tx, asked.slot):
        if not enrol.proves(asked, bytes.fromhex(ctx.keys.reveal(hidden))):
            continue
        if used_at is not None:
            raise DeviceRefused("used")
        if ctx.clock() >= until:
            raise DeviceRefused("ended")
        return number
    raise DeviceRefused("claim")


def _row(ctx: Context, asked: Enrol, body: bytes, kind: str) -> dict[str, object]:
    return {
        "dev": key_id(asked.public).hex(),
        "slot": asked.slot,
        "kind": kind,
        "model": asked.model,
        "public": asked.public,
        "box": asked.box,
        "request": body,
        "nonce": asked.nonce,
        "digits": enrol.digits(asked, ctx.keys.estate.public),
        "state": PENDING,
        "cert": None,
        "since": ctx.clock(),
        "last_seen": None,
        "generation": 0,
        "version": 0,
        "quality": 0,
        "storage_ok": 1,
        "software": "",
        "epoch": 0,
        "seq": 0,
        "head": genesis(asked.public),
        "receipt": None,
        "receipt_before": None,
        "current": None,
    }


async def answer(ctx: Context, body: bytes) -> bytes | None:
    """gate-enrolled/1 for a confirmed device, None while it waits; the body must be the request's own bytes.

    DeviceRefused("refused") for one a person refused, ("claim") for one that never asked."""
    asked = _read(body)
    async with ctx.store.read() as tx:
        known = await devices.by_dev(tx, key_id(asked.public).hex())
    if known is None or known.request != body:
        raise DeviceRefused("claim")
    if known.state == PENDING:
        return None
    return _enrolled(ctx, known)


def _enrolled(ctx: Context, known: DeviceRow) -> bytes:
    if known.state != ACTIVE or known.cert is None:
        raise DeviceRefused("refused")
    return sign1(Enrolled(known.nonce, known.cert, ctx.keys.working_keys()).to_wire(), ctx.keys.estate)
