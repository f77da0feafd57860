"""What is held no longer than it may be: every night, and a report of what was erased that names nobody.

what                              until
names of visits                   `retention.visit` days after the stay (daily.close_day empties them)
who came and went in the log      the end of the month that lies `retention.log` days back: the keys are destroyed
papers and their notes            the day their kind says, then form, notes and names are emptied
documents                         their paper's day, or `retention.document` days after the last tie of their person
faces                             the last living tie of the person
what a door took for the vault    14 days after the slip was made, if no vault has come for it
"""

import json
from dataclasses import asdict, dataclass

from gatecore.clock import DAY_MS
from gatehost.model.account import HOST, Actor
from gatehost.service import ruling
from gatehost.service.context import Context
from gatehost.service.enrol import claim_slip
from gatehost.service.evidence import erasure
from gatehost.service.home import leaving
from gatehost.service.paper import documents
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import audits, cases, faces

RUN = "retention.run"


@dataclass(frozen=True, slots=True)
class Report:
    """What one night erased: numbers only."""

    entries: int = 0  # private halves of the log
    papers: int = 0
    documents: int = 0
    faces: int = 0


async def run(ctx: Context) -> Report:
    """Erases what is over and writes down how much."""
    async with ctx.store.read() as tx:
        days = await ruling.number(tx, "retention.log", "estate")
    entries = await erasure.expire(ctx, ctx.clock() - days * DAY_MS) if ctx.store.halves is not None else 0
    gone = await _faces(ctx)
    await claim_slip.expire(ctx)
    ended = await documents.retire(ctx) + await documents.sweep(ctx)
    async with ctx.store.write() as tx:
        papers = await cases.erase_before(tx, ctx.clock())
        made = Report(entries, papers, ended, gone)
        await note(ctx, tx, HOST, RUN, detail=json.dumps(asdict(made)))
    return made


async def _faces(ctx: Context) -> int:
    """Ends the faces of people without a living tie; doors and vaults are asked to forget them."""
    async with ctx.store.write() as tx:
        gone = await faces.of_nobody(tx, ctx.clock())
        for person in gone:
            await leaving.end_face(ctx, tx, person)
    await leaving.forget(ctx)
    return len(gone)


async def reports(ctx: Context, actor: Actor, nights: int = 30) -> tuple[tuple[int, Report], ...]:
    """(when, what was erased) of the last nights, newest first."""
    require(actor, "privacy.see")
    async with ctx.store.read() as tx:
        lines = await audits.of_action(tx, RUN, nights)
    return tuple((line.at, Report(**json.loads(line.detail))) for line in lines)
