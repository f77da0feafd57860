"""Cards that seem to be lent (row D1): a hint for the desk to talk about, never a stop, and nothing of it is kept.

Two signs, looked for in a week of openings by card: one card at two gates within a time nobody walks from one to the
other in; and, where an estate reads cards at its ways out, entry upon entry without one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gatecore.clock import DAY_MS, MINUTE_MS
from gatecore.records import CARD, Entry
from gatehost.model.account import Actor
from gatehost.model.place import GATE, INWARD, OUTWARD
from gatehost.service.context import Context
from gatehost.service.permissions import require
from gatehost.service.trail import looked
from gatehost.store import accesslog, devices, people, places
from gatehost.store.accesslog import EntryLine
from gatehost.store.store import Tx
from gatehost.store.table.log import SEQ_BITS

TWO_GATES, NO_EXIT = "two_gates", "no_exit"
WINDOW_MS, FAR_MS = 7 * DAY_MS, 2 * MINUTE_MS
WITHOUT_EXIT = 3  # one forgotten way out is a gate that stood open; three are not
MOST = 20


@dataclass(frozen=True, slots=True)
class Hint:
    """A person's card was used as one person hardly can; `seen` are (door, ms UTC), oldest first."""

    party: str
    name: str
    home: str
    why: str
    seen: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class _Use:
    gate: str
    door: str
    at: int
    way: int


async def hints(ctx: Context, actor: Actor) -> tuple[Hint, ...]:
    """The week's hints, for the desk; each home that is shown reads that somebody looked."""
    require(actor, "card.hint")
    async with ctx.store.read() as tx:
        gates, read_out = await _gates(tx)
        found: list[Hint] = []
        for party, uses in _by_person(await accesslog.opened_by(tx, CARD, ctx.clock() - WINDOW_MS), gates).items():
            sign = _far(uses) or (_no_exit(uses) if read_out else None)
            person, homes = await people.get(tx, party), await people.homes_of(tx, party, ctx.clock())
            if sign is not None and person is not None:
                seen = tuple((one.door, one.at) for one in sign[1])
                found.append(Hint(party, person.name, next(iter(homes), ""), sign[0], seen))
    for home in {one.home for one in found[:MOST]}:
        await looked(ctx, actor, "card.hint.see", home)
    return tuple(found[:MOST])


async def _gates(tx: Tx) -> tuple[dict[int, tuple[str, str]], bool]:
    """Device number -> (gate, door's name) of the doors of gates; and whether any door reads cards on the way out."""
    at = {slot.id: slot for slot in await places.slots(tx)}
    found: dict[int, tuple[str, str]] = {}
    for device in await devices.in_states(tx):
        slot = at.get(device.slot)
        place = None if slot is None else await places.get(tx, slot.place)
        if slot is not None and place is not None and place.kind == GATE:
            found[device.no] = (place.id, slot.name)
    return found, any(slot.direction == OUTWARD for slot in at.values())


def _by_person(rows: Iterable[EntryLine], gates: dict[int, tuple[str, str]]) -> dict[str, list[_Use]]:
    found: dict[str, list[_Use]] = {}
    for row in rows:
        gate = gates.get(row.id >> SEQ_BITS)
        if gate is not None and row.person:
            entry = Entry.from_wire(row.entry)
            found.setdefault(row.person.hex(), []).append(_Use(*gate, row.at, entry.pub[0]))
    return found


def _far(uses: Sequence[_Use]) -> tuple[str, Sequence[_Use]] | None:
    """The newest pair of entries at two gates within FAR_MS."""
    came = [one for one in uses if one.way == INWARD]
    pairs = [pair for pair in pairwise(came) if pair[0].gate != pair[1].gate and pair[1].at - pair[0].at < FAR_MS]
    return (TWO_GATES, pairs[-1]) if pairs else None


def _no_exit(uses: Sequence[_Use]) -> tuple[str, Sequence[_Use]] | None:
    """The longest run of entries without a way out between them, when it is longer than forgetting."""
    runs: list[list[_Use]] = [[]]
    for one in uses:
        runs[-1].append(one) if one.way == INWARD else runs.append([])
    most = max(runs, key=len)
    return (NO_EXIT, most) if len(most) > WITHOUT_EXIT else None
