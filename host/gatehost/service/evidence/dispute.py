"""Who was there: the stays of a home, a building or a gate within a time, with the doors' signed log as the proof.

For a dispute (row B10) and for the police (row B7): each answer is for a reason, each file for somebody, with the
number of the paper that asked and what the law says; all of it is written down before anything leaves, and each home
that is shown reads it.
"""

import io
import zipfile
from dataclasses import dataclass

from gatecore.clock import DAY_MS
from gatehost.model.account import Actor
from gatehost.model.errors import BadInput, NotFound
from gatehost.model.place import BUILDING, GATE, HOME, Place
from gatehost.model.visit import Visit
from gatehost.service import spreadsheet
from gatehost.service.context import Context
from gatehost.service.evidence import export
from gatehost.service.permissions import require
from gatehost.service.spreadsheet import Rows
from gatehost.service.trail import note_each
from gatehost.store import places, visits
from gatehost.store.store import Tx

LONGEST_MS = 31 * DAY_MS
LONGEST = 140
MOST_SHOWN = 1000  # on a page; a file has them all
COLUMNS = ("number", "kind", "name", "phone", "plate", "company", "home", "in", "in gate", "out", "out gate", "how")
EXPORT, TABLE = "log.kaimen", "stays.csv"


@dataclass(frozen=True, slots=True)
class Question:
    """Which place, by its id or what people call it, and which time (ms UTC) it is about."""

    place: str
    start: int
    end: int


async def answered(ctx: Context, actor: Actor, asked: Question, why: str) -> tuple[Visit, ...]:
    """The stays, oldest first. BadInput("why" | "end", ...), with "many" where a page could only show a part of
    it; NotFound("place")."""
    require(actor, "visit.history")
    _check(asked, why)
    async with ctx.store.write() as tx:
        at = await _meant(tx, asked.place)
        found = await _found(tx, at, asked, MOST_SHOWN + 1)
        if len(found) > MOST_SHOWN:
            raise BadInput("end", "many")
        await note_each(ctx, tx, actor, "visit.history", _homes(found), at.id, why.strip())
    return found


def _homes(found: tuple[Visit, ...]) -> list[str]:
    """The homes that read of it; [""] where it is about none."""
    return sorted({one.home for one in found if one.home}) or [""]


def _check(asked: Question, why: str) -> None:
    if not why.strip():
        raise BadInput("why", "missing")
    if len(why) > LONGEST:
        raise BadInput("why", "long")
    if not asked.start < asked.end <= asked.start + LONGEST_MS:
        raise BadInput("end", "range")


async def _meant(tx: Tx, words: str) -> Place:
    """The place with this id, else the only one people call so."""
    at = await places.get(tx, words)
    if at is not None and at.kind in (HOME, GATE, BUILDING):
        return at
    named = await places.called(tx, words.strip(), (HOME, GATE, BUILDING))
    if len(named) != 1:
        raise NotFound("place")
    return named[0]


async def _found(tx: Tx, at: Place, asked: Question, most: int | None = None) -> tuple[Visit, ...]:
    if at.kind == HOME:
        return await visits.between(tx, asked.start, asked.end, at.id, limit=most)
    if at.kind == GATE:
        return await visits.between(tx, asked.start, asked.end, gate=at.id, limit=most)
    return await visits.between(tx, asked.start, asked.end, building=at.id, limit=most)


async def exported(ctx: Context, actor: Actor, asked: Question, whom: str, paper: str, basis: str) -> bytes:
    """A ZIP file: the stays as a table, and the signed log of the doors on the way for whoever believes nobody.

    `whom` asked, by which `paper`, on what `basis` of law: all three are written down first.
    BadInput("requester" | "paper" | "why", ...), NotFound("place")."""
    require(actor, "visit.export")
    _check(asked, basis)
    for name, text in (("requester", whom), ("paper", paper)):
        if not text.strip():
            raise BadInput(name, "missing")
        if len(text) > LONGEST:
            raise BadInput(name, "long")
    async with ctx.store.write() as tx:
        at = await _meant(tx, asked.place)
        found = await _found(tx, at, asked)
        slots = await _slots(tx, at)
        told = f"{whom.strip()} · {paper.strip()} · {basis.strip()}"
        await note_each(ctx, tx, actor, "visit.export", _homes(found), at.id, told)
    wanted = export.Wanted(export.WINDOW, slots, asked.start, asked.end)
    log = b"".join([one async for one in export.pieces(ctx, actor, wanted, f"{paper} {basis}", whom)]) if slots else b""
    return _zipped(spreadsheet.csv_of(table(found)), log)


async def _slots(tx: Tx, at: Place) -> tuple[str, ...]:
    """The doors that lead to a place, or stand at it."""
    if at.kind == HOME:
        return tuple(slot.id for slot in await places.slots_on_path(tx, at.id))
    return tuple(slot.id for slot in await places.slots(tx) if slot.place == at.id and slot.kind != "desk")


def table(found: tuple[Visit, ...]) -> Rows:
    """The stays as rows; times as ms UTC, which no reader of tables makes another zone of."""
    rows = [
        [one.id, one.kind, one.name, one.phone, one.plate, one.company, one.home or "", one.in_at or "",
         one.in_gate or "", one.out_at or "", one.out_gate or "", one.out_how]
        for one in found
    ]  # fmt: skip
    return [list(COLUMNS), *rows]


def _zipped(stays: bytes, log: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in ((TABLE, stays), (EXPORT, log)):
            if data:
                archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    return held.getvalue()
