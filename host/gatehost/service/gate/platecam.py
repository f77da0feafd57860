"""Cameras that read plates at a gate: a signed event opens the barrier for a vehicle with a right, or asks the guard.

An event is believed if the camera's own key signed its body together with its time (HMAC-SHA-256), if that time is now,
and once. Leaving is never held up. A plate that was read in part is nobody's: it opens no way in, ends no stay, and the
guard is told that it was not read. The barrier is a door like every other: it opens by a command signed for its own
challenge, and its log says so.
"""

import hmac
import json
import re
from dataclasses import dataclass

from gatecore.clock import MINUTE_MS
from gatehost.model.account import GUARD, Actor
from gatehost.model.device import ACTIVE
from gatehost.model.errors import BadInput, Denied, DoorSilent, NotFound, Refused
from gatehost.model.grant import TEMP_PARKING, Grant
from gatehost.model.place import GATE, Slot
from gatehost.model.visit import INSIDE, LEFT, VEHICLE
from gatehost.service.context import Context
from gatehost.service.door import orders
from gatehost.service.gate.stay import begun, keep_until, tell
from gatehost.service.paper import form
from gatehost.service.permissions import require
from gatehost.service.ports import Audience, News
from gatehost.service.trail import note
from gatehost.store import devices, grants, places, platecams, visits
from gatehost.store.platecams import CameraRow
from gatehost.store.store import Tx

NOW_S = 30  # an event's time may differ from ours by this
KEPT_MS = 10 * MINUTE_MS
SHOWN_MS = 3 * MINUTE_MS
MOST_BYTES = 2048
# of a plate of the mainland, which begins with its province: seven signs, or eight for electric ones; of any other four
_WHOLE = re.compile(r"[一-龥][A-Z0-9一-龥]{6,7}|[A-Z0-9][A-Z0-9一-龥]{3,11}")
OPENED, ASKED, SILENT = "opened", "asked", "silent"
WAYS = ("in", "out")


@dataclass(frozen=True, slots=True)
class Standing:
    """A vehicle before a barrier that did not open by itself, for the guard to look at."""

    slot: str
    door: str
    plate: str
    at: int
    why: str


async def add(ctx: Context, actor: Actor, slot: str, name: str) -> tuple[int, str]:
    """A camera at a gate's door: (its number, its key in hex, shown this once). NotFound("slot"), BadInput("name")."""
    require(actor, "camera.edit")
    if not name.strip() or len(name) > 60:
        raise BadInput("name", "missing")
    key = ctx.random(32).hex()
    async with ctx.store.write() as tx:
        await _barrier(tx, slot)
        number = await platecams.put(
            tx, slot, name.strip(), ctx.keys.hide(key, ctx.random(12)), ctx.clock(), actor.name
        )
        await note(ctx, tx, actor, "camera.edit", about=slot, detail=name.strip())
    return number, key


async def end(ctx: Context, actor: Actor, number: int) -> None:
    """Nothing of this camera is believed from now on. NotFound("camera")."""
    require(actor, "camera.edit")
    async with ctx.store.write() as tx:
        if not await platecams.end(tx, number, ctx.clock()):
            raise NotFound("camera")
        await note(ctx, tx, actor, "camera.edit", about=str(number), detail="ended")


async def cameras(ctx: Context, actor: Actor) -> tuple[CameraRow, ...]:
    """Every camera in use."""
    require(actor, "camera.edit")
    async with ctx.store.read() as tx:
        return await platecams.living(tx)


async def barriers(ctx: Context, actor: Actor) -> tuple[Slot, ...]:
    """The doors at gates, where a camera may stand."""
    require(actor, "camera.edit")
    async with ctx.store.read() as tx:
        gates = {one.id for one in await places.gates(tx)}
        return tuple(one for one in await places.slots(tx) if one.place in gates)


async def _barrier(tx: Tx, slot: str) -> Slot:
    found = await places.get_slot(tx, slot)
    at = None if found is None else await places.get(tx, found.place)
    if found is None or at is None or at.kind != GATE:
        raise NotFound("slot")
    return found


async def take(ctx: Context, number: int, stamp: str, signature: str, body: bytes) -> str:
    """An event of a camera: OPENED, ASKED or SILENT.

    Denied("signature") for anything its key did not sign, Refused("time") for one of another time, Refused("replayed")
    for one taken before, BadInput for a body that is none; nothing of these is acted upon."""
    mark = await _signed(ctx, number, stamp, signature, body)
    async with ctx.store.write() as tx:
        camera = await platecams.get(tx, number)
        if camera is None:
            raise Denied("signature")  # ended meanwhile
        await platecams.forget(tx, ctx.clock() - KEPT_MS)
        if not await platecams.once(tx, number, mark, ctx.clock()):
            raise Refused("replayed")
        plate, way = _read(body)
        door = await _barrier(tx, camera.slot)
        given = await _right(ctx, tx, plate, door.place)
        unread = given is None and await _in_part(ctx, tx, plate)
        who = Actor(0, "", camera.name, GUARD, (), "zh_CN", False)
        may = given is not None or way == "out"
        if way == "out" and not unread:
            await _left(ctx, tx, plate, door.place, camera.name)
        home = "" if given is None else given.home or ""
        await note(
            ctx, tx, who, "plate.read", home, door.id, f"{way} {'right' if given else 'unread' if unread else 'none'}"
        )
        device = await devices.by_slot(tx, door.id)
    dev = device.dev if device is not None and device.state == ACTIVE else ""
    result = await _open(ctx, dev, camera, given) if may else ASKED
    if result == OPENED and way == "in" and given is not None:
        await _came(ctx, plate, given, door.place, camera.name)
    why = "silent" if may else "plate_unread" if unread else "plate_unknown"
    _tell(ctx, door, plate, "" if result == OPENED else why)
    return result


async def _signed(ctx: Context, number: int, stamp: str, signature: str, body: bytes) -> bytes:
    """The mark of an event that a camera signed now; for anybody else's nothing is written and nobody waits."""
    async with ctx.store.read() as tx:
        camera = await platecams.get(tx, number)
    held = "" if camera is None else ctx.keys.reveal(camera.hidden)
    mark = hmac.digest(bytes.fromhex(held), stamp.encode("utf-8", "replace") + b"." + body, "sha256")
    if camera is None or not hmac.compare_digest(mark.hex().encode(), signature.encode("utf-8", "replace")):
        raise Denied("signature")
    if not stamp.isascii() or not stamp.isdigit() or abs(int(stamp[:15]) - ctx.clock() // 1000) > NOW_S:
        raise Refused("time")
    return mark


def _read(body: bytes) -> tuple[str, str]:
    try:
        told = json.loads(body) if len(body) <= MOST_BYTES else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or set(told) != {"plate", "way"} or told["way"] not in WAYS:
        raise BadInput("body", "shape")
    plate = form.plate(told["plate"]) if isinstance(told["plate"], str) else ""
    if not 1 <= len(plate) <= 12:
        raise BadInput("plate", "long")
    return plate, told["way"]


async def _in_part(ctx: Context, tx: Tx, plate: str) -> bool:
    """Whether a plate without a right was read in part: a sign in it is none of a plate's, it is too short for its
    kind, or it is a part of a plate that has a right."""
    if _WHOLE.fullmatch(plate) is None:
        return True
    return any(plate in held and plate != held for held, _, _ in await grants.plates(tx, ctx.clock()))


async def _right(ctx: Context, tx: Tx, plate: str, gate: str) -> Grant | None:
    """A right of the vehicle that holds now and leads through this gate."""
    behind = await places.buildings_behind(tx, gate)
    for one in await grants.of_plate(tx, plate):
        building = await places.building_of(tx, one.scope)
        leads = one.scope in ("estate", gate) or (building is not None and building.id in behind)
        if leads and one.holds(ctx.clock()):
            return one
    return None


async def _came(ctx: Context, plate: str, given: Grant, gate: str, camera: str) -> None:
    """A guest's vehicle is inside from now on; a resident's is no stay, and one that is inside already begins none."""
    if given.kind != TEMP_PARKING or given.home is None:
        return
    async with ctx.store.write() as tx:
        if any(one.state == INSIDE for one in await visits.living(tx, plate=plate)):
            return
        named = {"kind": VEHICLE, "plate": plate, "confirmed_by": given.made_by, "grant": given.id, "case": given.case}
        made = await begun(tx, given.home, ctx.clock(), gate, camera, given.until, **named)
        found = await visits.get(tx, await visits.put(tx, made))
    assert found is not None
    tell(ctx, found)


async def _left(ctx: Context, tx: Tx, plate: str, gate: str, camera: str) -> None:
    """The vehicle's open stay ends by its plate."""
    for one in await visits.living(tx, plate=plate):
        keep = await keep_until(ctx, tx, one.home)
        gone = {"out_at": ctx.clock(), "out_gate": gate, "out_by": camera, "out_how": "plate", "keep_until": keep}
        await visits.move(tx, one.id, (INSIDE,), state=LEFT, **gone)


async def _open(ctx: Context, dev: str, camera: CameraRow, given: Grant | None) -> str:
    if not dev:
        return SILENT
    why = "leaving" if given is None else f"grant:{given.id}"
    try:
        return OPENED if (await orders.order(ctx, dev, "open", f"camera:{camera.id}", why)).done else SILENT
    except DoorSilent:
        return SILENT


def _tell(ctx: Context, door: Slot, plate: str, why: str) -> None:
    """What the guard sees: the last vehicle that waits at each barrier."""
    ctx.live.standing.pop(door.id, None)
    if why:
        ctx.live.standing[door.id] = (door.name, plate, ctx.clock(), why)
    ctx.pages.tell(Audience(roles=("desk", "guard")), News("visit", {}))


async def standing(ctx: Context, actor: Actor) -> tuple[Standing, ...]:
    """Vehicles that wait at a barrier for a person's answer."""
    require(actor, "gate.see")
    now = ctx.clock()
    return tuple(Standing(slot, *one) for slot, one in ctx.live.standing.items() if now - one[2] <= SHOWN_MS)


async def permitted(ctx: Context, actor: Actor) -> tuple[tuple[str, str, int], ...]:
    """(plate, home, until) of every vehicle that may stand here now: what a patrol compares with."""
    require(actor, "gate.search")
    async with ctx.store.write() as tx:
        await note(ctx, tx, actor, "plate.list")
        return await grants.plates(tx, ctx.clock())
