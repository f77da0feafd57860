"""Numbers without names: entries per hour, waits, refusals, and what became of papers."""

from dataclasses import dataclass

from gatecore.clock import DAY_MS, MINUTE_MS
from gatehost.model.account import Actor
from gatehost.model.errors import BadInput
from gatehost.service.context import Context
from gatehost.service.permissions import require
from gatehost.store import cases, places, visits

LONGEST_MS = 366 * DAY_MS


@dataclass(frozen=True, slots=True)
class Hour:
    """Entries of a kind at a gate within an hour: `hour` counts from 1970 in the estate's time."""

    hour: int
    gate: str
    kind: str
    entries: int
    heads: int


@dataclass(frozen=True, slots=True)
class Counts:
    """A time in numbers; `waited_ms` is the mean wait at the gate, None when nobody came."""

    hours: tuple[Hour, ...]
    refused: tuple[tuple[str, int], ...]
    waited_ms: int | None


async def of_visits(ctx: Context, actor: Actor, start: int, end: int) -> Counts:
    """Who came, when and where, as numbers only. BadInput("end", "range")."""
    require(actor, "stats.see")
    _check(start, end)
    async with ctx.store.read() as tx:
        estate = await places.the_estate(tx)
        offset = 0 if estate is None or not estate.offsets else estate.offsets[-1][1] * MINUTE_MS
        hours = tuple(Hour(*row) for row in await visits.per_hour(tx, start, end, offset))
        many, waited = await visits.waits(tx, start, end)
        return Counts(hours, await visits.refusals(tx, start, end), waited // many if many else None)


async def of_papers(
    ctx: Context, actor: Actor, kind: str, start: int, end: int
) -> tuple[dict[str, int], dict[str, int], int]:
    """({state: papers}, {act: how often}, papers filed late) of a kind: the monthly report of rows E14 and E30."""
    require(actor, "case.report")
    _check(start, end)
    async with ctx.store.read() as tx:
        states = {state: many for key, state, many in await cases.counts(tx, start, end) if key == kind}
        return states, dict(await cases.acts(tx, kind, start, end)), await cases.filed_late(tx, kind, start, end)


def _check(start: int, end: int) -> None:
    if not start < end <= start + LONGEST_MS:
        raise BadInput("end", "range")
