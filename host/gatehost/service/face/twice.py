"""A face that is enrolled in another home already: the vault says that it is, never whose; the administrator finds out
by asking people, names one person, and the vault says yes or no, three times at most.
"""

from gatecore import frames, intake
from gatehost.model.account import Actor
from gatehost.model.errors import BadInput, DoorSilent, NotFound, Refused
from gatehost.model.promise import Twice
from gatehost.service.context import Context
from gatehost.service.face import withdrawal
from gatehost.service.permissions import require
from gatehost.service.ports import Audience, News
from gatehost.service.trail import note
from gatehost.store import people, slips
from gatehost.store.slips import TwiceRow
from gatehost.store.store import Tx

SAME_PERSON, TWO_PEOPLE = "same_person", "two_people"
OFFICE = ("admin", "desk")
LONGEST = 200


async def cases(ctx: Context, actor: Actor) -> tuple[Twice, ...]:
    """Everybody refused so, newest first. Administrator only."""
    require(actor, "face.twice")
    async with ctx.store.read() as tx:
        rows = await slips.all_twice(tx)
        names = await people.names(tx, {row.party for row in rows} | {row.guess for row in rows})
    return tuple(
        Twice(row.party, names[row.party], row.home, row.at, row.state, names.get(row.guess, ""), row.verdict)
        for row in rows
    )


async def ask(ctx: Context, actor: Actor, party: str, home: str, name: str) -> None:
    """Asks the vault whether the newcomer is this person of that home. NotFound("twice" | "person"), BadInput("name",
    "missing"), DoorSilent; the answer comes to the page by itself."""
    require(actor, "face.twice")
    if not name.strip():
        raise BadInput("name", "missing")
    async with ctx.store.write() as tx:
        case = await _case(tx, party)
        found = [who for who, _ in await people.ties_of_home(tx, home.strip(), ctx.clock()) if who.name == name.strip()]
        if not found or found[0].id == party:
            raise NotFound("person")
        if not ctx.doors.connected(case.vault):
            raise DoorSilent("away")
        await slips.change_twice(tx, party, guess=found[0].id, verdict=None)
        await note(ctx, tx, actor, "face.ask_same", case.home, party, found[0].id)
    ctx.doors.send(case.vault, frames.ASK_SAME, bytes.fromhex(party), bytes.fromhex(found[0].id))


async def answered(ctx: Context, dev: str, party: str, other: str, verdict: int) -> None:
    """The vault's yes or no to the last question; anything it was not asked is left."""
    async with ctx.store.write() as tx:
        case = await slips.twice(tx, party)
        if case is None or case.vault != dev or case.guess != other or verdict > intake.SAME_ENOUGH:
            return
        await slips.change_twice(tx, party, verdict=verdict)
    ctx.pages.tell(Audience(roles=OFFICE), News("face", {"party": party, "state": case.state}))


async def two_people(ctx: Context, actor: Actor, party: str, why: str) -> None:
    """They are two people who look alike: the next capture is let through, both open with face and home number.
    BadInput("why", ...): the reason is kept."""
    require(actor, "face.twice")
    if not why.strip() or len(why) > LONGEST:
        raise BadInput("why", "missing" if not why.strip() else "long")
    async with ctx.store.write() as tx:
        case = await _case(tx, party)
        await slips.change_twice(tx, party, state=TWO_PEOPLE, why=why.strip())
        await slips.settle(tx, party)
        await note(ctx, tx, actor, "face.two_people", case.home, party, why.strip())
    ctx.doors.send(case.vault, frames.ALLOW_TWICE, bytes.fromhex(party))


async def same_person(ctx: Context, actor: Actor, party: str) -> None:
    """The vault confirmed whom: that person's older face is withdrawn, and the newcomer can be enrolled.
    Refused("not_same") unless it did."""
    require(actor, "face.twice")
    async with ctx.store.write() as tx:
        case = await _case(tx, party)
        if case.verdict != intake.SAME_YES:
            raise Refused("not_same")
        await slips.change_twice(tx, party, state=SAME_PERSON)
        await slips.settle(tx, party)
        await note(ctx, tx, actor, "face.same_person", case.home, party, case.guess)
    await withdrawal.withdraw(ctx, actor, case.guess)


async def is_two_people(tx: Tx, party: str) -> bool:
    """Whether the administrator decided that the person only looks like somebody enrolled."""
    case = await slips.twice(tx, party)
    return case is not None and case.state == TWO_PEOPLE


async def _case(tx: Tx, party: str) -> TwiceRow:
    case = await slips.twice(tx, party)
    if case is None:
        raise NotFound("twice")
    return case
