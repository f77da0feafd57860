"""Short rights given to the same one in a row: a pass of three days at most is not for six (rows D5, D7).

Who signs the next one is told, and decides; nothing is refused, because a name alone makes nobody the same person.
"""

from gatehost.model.case import Case
from gatehost.model.grant import CEILINGS, TEMP_PARKING, TEMP_PASS
from gatehost.model.kind import Kind
from gatehost.store import cases, grants
from gatehost.store.store import Tx

SHORT = (TEMP_PASS, TEMP_PARKING)


async def given(tx: Tx, kind: Kind, case: Case) -> tuple[tuple[Case, int], ...]:
    """Papers before this one that gave its home a right of its kind for the same name or plate, and when each ended
    (ms UTC): none ended longer before this one begins than such a right lasts."""
    right = kind.right
    if right is None or right.kind not in SHORT or not right.label:
        return ()
    since, _ = case.window(case.opened_at, right.since, right.until)
    after = since - CEILINGS[right.kind]
    found: list[tuple[Case, int]] = []
    for held in await grants.short(tx, right.kind, case.place, after):
        end = min(held.until, held.ended_at or held.until)
        paper = None if held.case is None or held.case >= case.id else await cases.get(tx, held.case)
        if paper is not None and end > after and _plain(held.label) == _plain(str(case.form.get(right.label, ""))):
            found.append((paper, end))
    return tuple(found)


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()
