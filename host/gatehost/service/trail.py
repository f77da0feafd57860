"""The audit trail's one way in: every use case that changes or shows something personal writes a line.

A line is a row to be searched and an entry of the host's own chain, in the same transaction as what was done.
"""

from collections.abc import Sequence

from gatecore import records
from gatecore.records import Private
from gatehost.model.account import RESIDENT, VISITOR, Actor
from gatehost.service import chronicle
from gatehost.service.context import Context
from gatehost.store import audits
from gatehost.store.store import Tx

# what an action is in the chain; anything else a person did is records.DONE
KINDS = {
    **dict.fromkeys(("code.make", "pin.give", "face.enrol", "home.add", "code.lift"), records.GIVEN),
    **dict.fromkeys(("code.revoke", "pin.end", "face.withdraw"), records.ENDED),
    "audit.export": records.EXPORTED,
}
_LOOKS = ("see", "find", "search")
LOOK = b"look"  # the subject of a look at no home: its words are kept as long as the log's names, and no longer


def kind(action: str) -> int:
    """The type of the entry that tells an action."""
    if action.rpartition(".")[2] in _LOOKS:
        return records.LOOKED
    return KINDS.get(action, records.DONE)


async def note(
    ctx: Context,
    tx: Tx,
    actor: Actor,
    action: str,
    home: str = "",
    about: str = "",
    detail: str = "",
    pub: Sequence[int] = (),
) -> None:
    """Who did what, now, in the same transaction as what was done; `pub` are numbers anybody may read in the chain."""
    await note_each(ctx, tx, actor, action, [home], about, detail, pub)


async def note_each(
    ctx: Context,
    tx: Tx,
    actor: Actor,
    action: str,
    homes: Sequence[str],
    about: str = "",
    detail: str = "",
    pub: Sequence[int] = (),
) -> None:
    """The same once for each of these homes, at least one: all of it read by each."""
    await audits.put(tx, ctx.clock(), actor.account, actor.name, actor.role, action, homes, about, detail)
    told = list[chronicle.Told]()
    for home in homes:
        subject = home.encode() or _subject(actor, action)
        half = Private(ctx.random(16), subject, [actor.name, actor.role, action, home, about, detail])
        told.append((kind(action), list(pub), half))
    await chronicle.write(ctx, tx, *told)


def _subject(actor: Actor, action: str) -> bytes:
    """Whose an entry about no home is: a resident's own, or of the looks of its month; of what staff did, nobody's."""
    if actor.role == RESIDENT and actor.party:
        return bytes.fromhex(actor.party)
    return LOOK if actor.role == VISITOR or kind(action) == records.LOOKED else b""


async def looked(ctx: Context, actor: Actor, action: str, home: str = "", about: str = "") -> None:
    """A look-up by staff; residents looking at their own home leave no line."""
    if actor.role == RESIDENT:
        return
    async with ctx.store.write() as tx:
        await note(ctx, tx, actor, action, home, about)
