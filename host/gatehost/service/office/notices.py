"""Notices and activities: told to a home, a building or the estate, read on residents' pages, printed for the board."""

from gatecore.clock import DAY_MS
from gatehost.model.account import Actor
from gatehost.model.errors import BadInput, NotFound, Refused
from gatehost.model.notice import ACTIVITY, NOTICE, Notice, Told
from gatehost.model.place import BUILDING, ESTATE, HOME
from gatehost.service.context import Context
from gatehost.service.permissions import require
from gatehost.service.ports import Audience, News
from gatehost.service.trail import note
from gatehost.store import cases, people, places
from gatehost.store import notices as rows
from gatehost.store.store import Tx

LONGEST_TITLE, LONGEST_BODY, LONGEST_MS = 80, 4000, 400 * DAY_MS
MOST_SEATS, MOST_HEADS, LISTED = 5000, 20, 100


async def tell(
    ctx: Context,
    actor: Actor,
    place: str,
    title: str,
    body: str,
    since: int | None = None,
    until: int | None = None,
    seats: int | None = None,
    event: str = "",
    kind: str = NOTICE,
) -> Notice:
    """A notice or, with a sign-up, an activity; `event` is the number of the paper that lets its guests in.
    BadInput("title" | "body" | "until" | "seats" | "event", why), NotFound("place")."""
    require(actor, "notice.tell")
    _check(kind, title, body, seats)
    begin = ctx.clock() if since is None else since
    if until is not None and not max(begin, ctx.clock()) < until <= begin + LONGEST_MS:
        raise BadInput("until", "far")
    async with ctx.store.write() as tx:
        at = await places.get(tx, place)
        if at is None or at.kind not in (ESTATE, BUILDING, HOME):
            raise NotFound("place")
        paper = await cases.by_number(tx, event) if event else None
        if event and (paper is None or paper.kind != "event"):
            raise BadInput("event", "unknown")
        case = None if paper is None else paper.id
        made = Notice(0, kind, place, title.strip(), body.strip(), begin, until, seats, case, actor.name, ctx.clock())
        number = await rows.put(tx, made)
        await note(ctx, tx, actor, "notice.tell", place if at.kind == HOME else "", str(number), title.strip())
        found = await rows.get(tx, number)
    assert found is not None
    homes = (place,) if at.kind == HOME else ()
    ctx.pages.tell(
        Audience(homes=homes, roles=() if homes else ("resident", "desk")), News("notice", {"notice": number})
    )
    return found


def _check(kind: str, title: str, body: str, seats: int | None) -> None:
    if kind not in (NOTICE, ACTIVITY):
        raise BadInput("kind", "unknown")
    if not title.strip():
        raise BadInput("title", "missing")
    if len(title.strip()) > LONGEST_TITLE or any(ord(char) < 32 for char in title.strip()):
        raise BadInput("title", "long")
    if len(body) > LONGEST_BODY:
        raise BadInput("body", "long")
    if seats is not None and (kind != ACTIVITY or not 1 <= seats <= MOST_SEATS):
        raise BadInput("seats", "range")


async def end(ctx: Context, actor: Actor, number: int) -> None:
    """Takes a notice down. NotFound("notice")."""
    require(actor, "notice.tell")
    async with ctx.store.write() as tx:
        if await rows.get(tx, number) is None:
            raise NotFound("notice")
        await rows.end(tx, number, ctx.clock())
        await note(ctx, tx, actor, "notice.end", about=str(number))


async def told(ctx: Context, actor: Actor) -> tuple[Told, ...]:
    """Every notice with who read it and who comes, as numbers, newest first."""
    require(actor, "notice.tell")
    async with ctx.store.read() as tx:
        return await _counted(tx, await rows.newest(tx, LISTED), {})


async def one(ctx: Context, actor: Actor, number: int) -> Told:
    """A notice to be printed for the board. NotFound("notice")."""
    require(actor, "notice.tell")
    async with ctx.store.read() as tx:
        found = await rows.get(tx, number)
        if found is None:
            raise NotFound("notice")
        return (await _counted(tx, (found,), {}))[0]


async def _counted(tx: Tx, found: tuple[Notice, ...], mine: dict[int, str]) -> tuple[Told, ...]:
    numbers = [held.id for held in found]
    counts = await rows.counts(tx, numbers)
    names = await places.names(tx, {held.place for held in found})
    return tuple(
        Told(held, names[held.place], *counts.get(held.id, (0, 0)), int(mine.get(held.id) or 0)) for held in found
    )


async def mine(ctx: Context, actor: Actor) -> tuple[Told, ...]:
    """What is told to the actor's homes now; it counts as read."""
    require(actor, "notice.read")
    async with ctx.store.read() as tx:
        found, known = await _mine(ctx, tx, actor)
        shown = await _counted(tx, found, known)
    fresh = [held.id for held in found if held.id not in known]
    if fresh:
        async with ctx.store.write() as tx:
            seen = await rows.answers(tx, fresh, actor.party)
            for number in fresh:
                if number not in seen:
                    await rows.read(tx, number, actor.party, ctx.clock())
    return shown


async def unread(ctx: Context, actor: Actor) -> int:
    """How many wait to be read."""
    async with ctx.store.read() as tx:
        found, known = await _mine(ctx, tx, actor)
    return sum(held.id not in known for held in found)


async def _mine(ctx: Context, tx: Tx, actor: Actor) -> tuple[tuple[Notice, ...], dict[int, str]]:
    above = {place.id for home in actor.homes for place in await places.path_up(tx, home)}
    found = await rows.living(tx, sorted(above), ctx.clock())
    return found, await rows.answers(tx, [held.id for held in found], actor.party)


async def come(ctx: Context, actor: Actor, number: int, heads: int) -> None:
    """Signs up with so many heads, or with 0 no more. NotFound("notice") for what is not told to the actor's homes,
    BadInput("heads", "guests"), Refused("full")."""
    require(actor, "notice.read")
    if not 0 <= heads <= MOST_HEADS:
        raise BadInput("heads", "guests")
    async with ctx.store.write() as tx:
        found, known = await _mine(ctx, tx, actor)
        held = next((one for one in found if one.id == number and one.kind == ACTIVITY), None)
        if held is None:
            raise NotFound("notice")
        if number not in known:
            await rows.read(tx, number, actor.party, ctx.clock())
        _, coming = (await rows.counts(tx, [number])).get(number, (0, 0))
        if held.seats is not None and coming - int(known.get(number) or 0) + heads > held.seats:
            raise Refused("full")
        await rows.answer(tx, number, actor.party, heads)


async def who_comes(ctx: Context, actor: Actor, number: int) -> tuple[tuple[str, int], ...]:
    """(name, heads) of who signed up, for the day itself. Written down."""
    require(actor, "notice.tell")
    async with ctx.store.write() as tx:
        coming = await rows.coming(tx, number)
        names = await people.names(tx, {person for person, _ in coming})
        await note(ctx, tx, actor, "notice.see", about=str(number))
    return tuple((names[person], heads) for person, heads in coming)
