"""A guard's report with a photo: judged by its bytes, stripped of where and by whom it was taken, kept as a document.

Only JPEG, at most MOST_BYTES and MOST_SIDE a side (ITU-T T.81 annex B). Everything before the scan that is not needed
to see the picture (EXIF with place and device, comments) is left out. Whoever looks at it is written down.
"""

import logging

from cryptography.exceptions import InvalidTag

from gatecore.clock import DAY_MS
from gatehost.model.account import Actor
from gatehost.model.case import Case
from gatehost.model.document import DAILY, Document
from gatehost.model.errors import BadInput
from gatehost.service import ruling
from gatehost.service.context import Context
from gatehost.service.paper import casework, documents, picture
from gatehost.service.permissions import require
from gatehost.store import documents as rows
from gatehost.store import photos

MOST_BYTES = 4 << 20
LEAST_SIDE, MOST_SIDE = 16, 12_000
MOST_LISTED = 50
_NEEDED = (0xDB, 0xC4, 0xC0, 0xC1, 0xC2, 0xDD, 0xE0)  # tables, frames, restart interval, JFIF
_FRAMES, _SCAN = (0xC0, 0xC1, 0xC2), 0xDA
log = logging.getLogger(__name__)


async def report(ctx: Context, actor: Actor, gate: str, what: str, where: str, photo: bytes) -> Case:
    """A new incident, with its photo if there is one. BadInput("what" | "photo", why); nothing is written then."""
    require(actor, "gate.enter")
    if not what.strip():
        raise BadInput("what", "missing")
    plain = clean(photo) if photo else b""
    told: dict[str, object] = {"what": what, **({"where": where} if where else {})}
    case = await casework.open_case(ctx, actor, "incident", gate, told)
    if plain:
        until = ctx.clock() + await _kept_ms(ctx)
        await documents.of_gate(ctx, actor, documents.REPORTED, gate, plain, until, case.id)
    return case


async def _kept_ms(ctx: Context) -> int:
    async with ctx.store.read() as tx:
        return await ruling.number(tx, "retention.log", "estate") * DAY_MS


async def with_photo(ctx: Context, actor: Actor) -> tuple[tuple[int, str, str, int], ...]:
    """(document, number of the report, who reported it, when) of reports that have a photo, newest first."""
    require(actor, "incident.see")
    async with ctx.store.read() as tx:
        return await rows.with_case(tx, documents.REPORTED, MOST_LISTED)


async def take_over(ctx: Context) -> int:
    """Photos as they were kept before they were documents, under one key for all: each becomes a document, and its old
    bytes go in the same transaction. How many. One that cannot be opened stays, and the diagnostics say so."""
    if ctx.store.halves is None:
        return 0
    kept, taken = await _kept_ms(ctx), 0
    async with ctx.store.read() as tx:
        old = await photos.numbers(tx)
    for number in old:  # one after the other: a photo may be of 4 MB
        async with ctx.store.write() as tx:
            one = await photos.get(tx, number)
            try:
                made = documents.shelved(ctx, ctx.keys.reveal_bytes(one.hidden), _document(one, kept))
            except (InvalidTag, BadInput):
                log.error("the photo of report %d cannot be opened with sealing.key", one.case)
                continue
            await rows.put(tx, made)
            await photos.drop(tx, number)
        taken += 1
    if taken:
        await ctx.store.sweep()  # no former page keeps what the one key opens
    return taken


def _document(one: photos.PhotoRow, kept: int) -> Document:
    until = one.made_at + kept
    return Document(
        0, documents.REPORTED, DAILY, one.case, None, one.place, "", 0, "", one.made_at, one.made_by, until, None
    )


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
            return _bearable(bytes(out) + data[at:])
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


def _bearable(data: bytes) -> bytes:
    try:
        picture.judged(data)
    except BadInput as wrong:
        raise BadInput("photo", "large" if wrong.code == "pixels" else "broken") from wrong
    return data
