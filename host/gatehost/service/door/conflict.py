"""A one-use code that let somebody in at two doors of one kind: neither door knew of the other (visitor-codes.md).

A visitor's path has one gate, one building and one stair, and a door alone counts its uses. So a code for one visit is
used once at each kind of place; twice at one kind means that doors without the host let two people in, or one twice.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from gatecore.records import ACCESS, CODE
from gatehost.model.alarm import CONFLICT
from gatehost.model.place import INWARD
from gatehost.service.context import Context
from gatehost.service.ports import Audience, News
from gatehost.store import accesslog, calls, devices, places
from gatehost.store.accesslog import EntryLine, EntryRow
from gatehost.store.codes import CodeRow
from gatehost.store.store import Tx
from gatehost.store.table.log import SEQ_BITS

ONE_VISIT = 1
MOST = 200  # newest accesses of a home that are looked at

Marks = Mapping[tuple[int, bytes], CodeRow]


async def kinds_of_places(tx: Tx) -> dict[int, str]:
    """Device number -> kind of the place whose door it is, for doors that let people in."""
    at = {slot.id: slot.place for slot in await places.slots(tx) if slot.direction == INWARD}
    kinds: dict[int, str] = {}
    for row in await devices.in_states(tx):
        place = await places.get(tx, at[row.slot]) if row.slot in at else None
        if place is not None:
            kinds[row.no] = place.kind
    return kinds


def doubled(doors: Iterable[int], kinds: Mapping[int, str]) -> bool:
    """Whether openings at these doors are more than one path."""
    counted = Counter(kinds[no] for no in doors if no in kinds)
    return any(many > 1 for many in counted.values())


async def of_home(tx: Tx, home: str) -> list[EntryLine]:
    """The newest openings by code for a home."""
    rows = await accesslog.newest(tx, MOST, home=home, typs=(ACCESS,))
    return [row for row in rows if row.result and row.method == CODE and row.mark]


def _opened(rows: Sequence[EntryLine], marks: Marks, but: frozenset[int] = frozenset()) -> dict[int, list[int]]:
    """Number of each code for one visit -> the doors it opened, entries `but` left out."""
    opened: dict[int, list[int]] = {}
    for row in rows:
        code = marks.get((row.id >> SEQ_BITS, row.mark or b""))
        if code is not None and code.uses == ONE_VISIT and row.id not in but:
            opened.setdefault(code.id, []).append(row.id >> SEQ_BITS)
    return opened


def homes_in(rows: Sequence[EntryRow]) -> set[str]:
    """The homes whose codes have just opened a door."""
    return {row[9] for row in rows if row[4] == ACCESS and row[5] and row[6] == CODE and row[9]}


async def tell(ctx: Context, home: str, rows: Sequence[EntryLine], marks: Marks, fresh: frozenset[int]) -> None:
    """Alarm to the home and the office for each code that these `fresh` entries have made a double one."""
    async with ctx.store.write() as tx:
        kinds = await kinds_of_places(tx)
        before, now = _opened(rows, marks, fresh), _opened(rows, marks)
        for code, doors in now.items():
            if doubled(doors, kinds) and not doubled(before.get(code, ()), kinds):
                number = await calls.put_alarm(tx, doors[0], ctx.clock(), CONFLICT, home)
                body = {"id": number, "kind": CONFLICT, "home": home, "code": code, "at": ctx.clock()}
                ctx.pages.tell(Audience(roles=("admin", "desk"), homes=(home,)), News("alarm", body))
