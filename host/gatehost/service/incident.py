"""A guard's report with a photo: judged by its bytes, stripped of where and by whom it was taken, encrypted.

Only JPEG, at most MOST_BYTES and MOST_SIDE a side (ITU-T T.81 annex B). Everything before the scan that is not needed
to see the picture (EXIF with place and device, comments) is left out. Whoever looks at it is written down.
"""

from hashlib import sha256

from gatehost.model.account import Actor
from gatehost.model.case import Case
from gatehost.model.errors import BadInput, NotFound
from gatehost.service import casework
from gatehost.service.context import Context
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import photos

MOST_BYTES = 4 << 20
LEAST_SIDE, MOST_SIDE = 16, 12_000
_NEEDED = (0xDB, 0xC4, 0xC0, 0xC1, 0xC2, 0xDD, 0xE0)  # tables, frames, restart interval, JFIF
_FRAMES, _SCAN = (0xC0, 0xC1, 0xC2), 0xDA


async def report(ctx: Context, actor: Actor, gate: str, what: str, where: str, photo: bytes) -> Case:
    """A new incident, with its photo if there is one. BadInput("what" | "photo", why); nothing is written then."""
    require(actor, "gate.enter")
    if not what.strip():
        raise BadInput("what", "missing")
    plain = clean(photo) if photo else b""
    told: dict[str, object] = {"what": what, **({"where": where} if where else {})}
    case = await casework.open_case(ctx, actor, "incident", gate, told)
    if plain:
        async with ctx.store.write() as tx:
            hidden = ctx.keys.hide_bytes(plain, ctx.random(12))
            await photos.put(tx, case.id, sha256(plain).hexdigest(), hidden, ctx.clock(), actor.name)
    return case


async def photo_of(ctx: Context, actor: Actor, case: int) -> bytes:
    """The photo of an incident, for the office; the look is written down. NotFound("photo")."""
    require(actor, "incident.see")
    async with ctx.store.write() as tx:
        held = await photos.of_case(tx, case)
        if held is None:
            raise NotFound("photo")
        await note(ctx, tx, actor, "incident.see", about=str(case))
    return ctx.keys.reveal_bytes(held)


async def with_photo(ctx: Context, actor: Actor) -> tuple[tuple[int, str, str, int], ...]:
    """(case, its number, who reported it, when) of incidents that have a photo, newest first."""
    require(actor, "incident.see")
    async with ctx.store.read() as tx:
        return await photos.listed(tx, 50)


def clean(data: bytes) -> bytes:
    """The JPEG without what is not needed to see it; BadInput("photo", why) for anything else than a whole JPEG."""
    if len(data) > MOST_BYTES:
        raise BadInput("photo", "large")
    if data[:2] != b"\xff\xd8" or data[-2:] != b"\xff\xd9":
        raise BadInput("photo", "kind")
    out, at, framed = bytearray(data[:2]), 2, False
    while True:
        if at + 4 > len(data) or data[at] != 0xFF:
            raise BadInput("photo", "broken")
        marker, size = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        end = at + 2 + size
        if size < 2 or end > len(data):
            raise BadInput("photo", "broken")
        if marker in _FRAMES:
            _check_sides(data[at + 4 : end])
            framed = True
        if marker == _SCAN:
            if not framed:
                raise BadInput("photo", "broken")
            return bytes(out) + data[at:]
        if marker in _NEEDED:
            out += data[at:end]
        at = end


def _check_sides(frame: bytes) -> None:
    if len(frame) < 6:
        raise BadInput("photo", "broken")
    sides = int.from_bytes(frame[1:3], "big"), int.from_bytes(frame[3:5], "big")
    if min(sides) < LEAST_SIDE:
        raise BadInput("photo", "broken")
    if max(sides) > MOST_SIDE:
        raise BadInput("photo", "large")
