"""A time in numbers that nobody can be recognised in: entries by hour, day, gate and kind, waits, second visits, slips.

The rule: a number from 1 to SMALL - 1 is not shown, and no sum contains it, so that it cannot be worked out either.
Times are whole days of the estate, ending with yesterday, of one of a few lengths: windows that differ by an hour would
tell.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from gatecore.clock import day_of
from gatehost.model.account import Actor
from gatehost.model.errors import BadInput
from gatehost.model.visit import VISIT_KINDS
from gatehost.service.calendar import Offsets, spans, start_of_day
from gatehost.service.context import Context
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import cases, places, visits
from gatehost.store.store import Tx

SMALL = 5
LENGTHS = (7, 30, 90)
HOURS = 24
LONGEST = 300
Table = dict[str, dict[str, int | None]]


@dataclass(frozen=True, slots=True)
class Statistics:
    """Days `first` to `last` (since 1970). In every table None is a number too small to be shown; `waits` are mean
    seconds by hour, None where too few came."""

    first: int
    last: int
    hours: Table  # hour of the day -> kind
    days: Table  # day since 1970 -> kind
    gates: Table  # gate's name -> kind
    refused: int | None  # turned away at the gate; why is in words that may name somebody
    waits: dict[str, int | None]  # hour of the day
    enrolments: int | None
    second_visits: int | None
    slips: int | None
    differing: int | None  # slips whose goods at the gate were not those on paper
    late_slips: int | None
    discretions: int | None  # let in by a guard's own decision
    scores: int | None  # how many said how content they are with what was done
    content: float | None  # from 1 to 5, in the mean; None where too few said so


def shown(many: int) -> int | None:
    """A count as it may be shown."""
    return None if 0 < many < SMALL else many


def total(row: Mapping[str, int | None]) -> int:
    """The sum of what is shown."""
    return sum(many for many in row.values() if many is not None)


def sums(table: Table) -> dict[str, int]:
    """Of each kind, what is shown of it."""
    return {kind: sum(row.get(kind) or 0 for row in table.values()) for kind in VISIT_KINDS}


async def statistics(ctx: Context, actor: Actor, days: int = 7) -> Statistics:
    """The last whole days. BadInput("days", "range") for a length that is none of LENGTHS."""
    require(actor, "stats.see")
    if days not in LENGTHS:
        raise BadInput("days", "range")
    async with ctx.store.read() as tx:
        estate = await places.the_estate(tx)
        offsets = estate.offsets if estate is not None else ()
        last = day_of(ctx.clock(), offsets) - 1
        first = last - days + 1
        return await _made(tx, first, last, offsets)


async def _made(tx: Tx, first: int, last: int, offsets: Offsets) -> Statistics:
    start, end = start_of_day(first, offsets), start_of_day(last + 1, offsets)
    stretches = list(spans(start, end, offsets))  # each with its own clock: more than one where clocks were changed
    by_hour = [row for stretch in stretches for row in await visits.by_hour(tx, *stretch)]
    days = Counter[tuple[str, str]]()
    for day, kind, many in [row for stretch in stretches for row in await visits.by_day(tx, *stretch)]:
        days[str(day), kind] += many
    names = {gate.id: gate.name for gate in await places.gates(tx)}
    hours, gates, waits = Counter[tuple[str, str]](), Counter[tuple[str, str]](), dict[int, tuple[int, int]]()
    for hour, gate, kind, many, known, spent in by_hour:
        hours[f"{hour:02}", kind] += many
        gates[names.get(gate, gate), kind] += many
        waits[hour] = (waits.get(hour, (0, 0))[0] + known, waits.get(hour, (0, 0))[1] + spent)
    opened, again = await cases.asked_again(tx, "face_enrol", start, end)
    scored, said = await cases.scores(tx, start, end)
    slips = sum(many for kind, _, many in await cases.counts(tx, start, end) if kind == "item_release")
    return Statistics(
        first,
        last,
        _table([f"{hour:02}" for hour in range(HOURS)], [(*key, many) for key, many in hours.items()]),
        _table([str(day) for day in range(first, last + 1)], [(*key, many) for key, many in days.items()]),
        _table(list(names.values()), [(*key, many) for key, many in gates.items()]),
        shown(sum(many for _, many in await visits.refusals(tx, start, end))),
        {f"{hour:02}": _mean(*waits.get(hour, (0, 0))) for hour in range(HOURS)},
        shown(opened),
        shown(again),
        shown(slips),
        shown(await cases.acted(tx, "item_release", "mismatch", start, end)),
        shown(await cases.filed_late(tx, "item_release", start, end)),
        shown(await visits.by_discretion(tx, start, end)),
        shown(scored),
        None if scored < SMALL else round(said / scored, 1),
    )


def _table(heads: list[str], rows: list[tuple[str, str, int]]) -> Table:
    made: Table = {head: dict.fromkeys(VISIT_KINDS, 0) for head in heads}
    for head, kind, many in rows:
        made.setdefault(head, dict.fromkeys(VISIT_KINDS, 0))[kind] = shown(many)
    return made


def _mean(many: int, spent: int) -> int | None:
    return None if many < SMALL else round(spent / many / 1000)


async def exported(ctx: Context, actor: Actor, days: int, why: str, whom: str) -> Statistics:
    """The same to be given out: for somebody and for a reason, both written down before anything leaves.
    BadInput("reason", "reason") without them."""
    require(actor, "stats.export")
    if not why.strip() or not whom.strip() or max(len(why), len(whom)) > LONGEST:
        raise BadInput("reason", "reason")
    made = await statistics(ctx, actor, days)
    async with ctx.store.write() as tx:
        await note(ctx, tx, actor, "stats.export", about=whom.strip(), detail=f"{days} d: {why.strip()}")
    return made
