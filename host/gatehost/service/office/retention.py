"""What is held no longer than it may be: every night, and a report of what was erased that names nobody.

what                              until
names of visits                   `retention.visit` days after the stay (daily.close_day empties them)
names on codes, rights, plates    `retention.visit` days after their end; so is what guards wrote at a unit
papers that give a guest a right  end with it (service.paper.lapse), and from then on as every paper
words of searches, calls          `retention.log` days
who came and went in the log      the end of the month that lies `retention.log` days back: the keys are destroyed
papers and their notes            the day their kind says, then form, notes and names are emptied
documents                         their paper's day, or `retention.document` days after the last tie of their person
faces                             the last living tie of the person
names of who moved away           `retention.document` days after their last tie
checkpoints but one a day         31 days (names nobody; service.evidence.checkpoints)
what a door took for the vault    14 days after the slip was made, if no vault has come for it
"""

import json
from dataclasses import asdict, dataclass

from gatecore.clock import DAY_MS
from gatehost.model.account import HOST, Actor
from gatehost.model.policy import RETENTION
from gatehost.service import ruling
from gatehost.service.context import Context
from gatehost.service.enrol import claim_slip
from gatehost.service.evidence import checkpoints, erasure
from gatehost.service.home import leaving
from gatehost.service.paper import documents, lapse
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import audits, cases, expiry, faces
from gatehost.store.store import Tx

RUN, CLOSED = "retention.run", "day.close"
MOST_CLOSES = 30  # closes of the day between two runs


@dataclass(frozen=True, slots=True)
class Report:
    """What one night erased: numbers only."""

    entries: int = 0  # private halves of the log
    papers: int = 0
    documents: int = 0
    faces: int = 0
    stays: int = 0  # whose names were emptied since the night before
    guests: int = 0  # codes, rights, plates, notes at a unit
    searches: int = 0
    rings: int = 0  # calls and alarms
    people: int = 0


async def run(ctx: Context) -> Report:
    """Erases what is over, in the database's freed pages and its write-ahead log too, and writes down how much."""
    visit, log, document = await _before(ctx)
    entries = await erasure.expire(ctx, log) if ctx.store.halves is not None else 0
    gone = await _faces(ctx)
    await claim_slip.expire(ctx)
    await lapse.lapse(ctx)
    ended = await documents.retire(ctx) + await documents.sweep(ctx)
    async with ctx.store.write() as tx:
        papers, stays = await cases.erase_before(tx, ctx.clock()), await _emptied(tx)
        guests, searches = await expiry.guests(tx, visit), await expiry.searches(tx, log)
        rings, people = await expiry.rings(tx, log), await expiry.people(tx, document, ctx.clock())
        made = Report(entries, papers, ended, gone, stays, guests, searches, rings, people)
        await note(ctx, tx, HOST, RUN, detail=json.dumps(asdict(made)))
    await checkpoints.thin(ctx)
    await ctx.store.sweep()
    return made


async def _before(ctx: Context) -> tuple[int, int, int]:
    """Before which instant what ended is over, by each rule."""
    async with ctx.store.read() as tx:
        days = [await ruling.number(tx, key, "estate") for key in RETENTION]
    visit, log, document = [ctx.clock() - many * DAY_MS for many in days]
    return visit, log, document


async def _emptied(tx: Tx) -> int:
    """Of how many stays the closes of the day emptied the names since the last run."""
    last = await audits.last(tx, RUN)
    closes = await audits.of_action(tx, CLOSED, MOST_CLOSES)
    return sum(int(one.detail.rpartition(" ")[2]) for one in closes if last is None or one.at > last)


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
