"""Visitor codes made: a wish checked, a free code found, the doors told."""

from dataclasses import dataclass, replace

from gatecore import codes
from gatecore.clock import DAY_MS, day_of
from gatehost.model.account import RESIDENT, Actor
from gatehost.model.code import DAY, LISTED, Invitation, NewCode
from gatehost.model.errors import BadInput, Refused, TooMany
from gatehost.model.place import Estate
from gatehost.service import publish, ruling
from gatehost.service.calendar import start_of_day
from gatehost.service.context import Context
from gatehost.service.digits import digits_of, zone_key
from gatehost.service.home.visitor_code import hashed, place_of, shown_again, tell
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import codes as code_rows
from gatehost.store import people
from gatehost.store.codes import CodeRow
from gatehost.store.store import Tx

MAX_LIVE = 4
LONGEST_WINDOW_MS = 31 * DAY_MS
FURTHEST_DAYS = 31
MOST_USES = 100
LONGEST_LABEL = 40


@dataclass(frozen=True, slots=True)
class _Plan:
    """A wish made precise; `day` None: listed."""

    day: int | None
    since: int
    until: int
    uses: int


async def invite(ctx: Context, actor: Actor, home: str, wish: Invitation) -> NewCode:
    """A code for a visitor of the home.

    A plain wish (one day, default uses) takes one of the home's two derivable slots of that day, good at every door
    even when the host is away; when none is left, or for another window or number of uses, the code is listed and
    `works_offline` is False. TooMany("codes") at 4 live codes; by policy
    SwitchedOff("visitor_codes" | "visitor.escort");
    BadInput("day" | "since" | "until" | "uses" | "weekdays" | "first_hours" | "visitor", why)."""
    require(actor, "code.make", home)
    token = ctx.token()
    async with ctx.store.write() as tx:
        estate, place, zone = await place_of(tx, home)
        await ruling.demand(tx, "visitor_codes", home, ("on",))
        await ruling.demand(tx, "visitor.escort", home, ("off",))
        plan = _plan(wish, ctx.clock(), estate)
        await _within_the_lease(tx, actor, home, wish, plan, ctx.clock())
        live = [code for code in await code_rows.of_homes(tx, [home], ctx.clock()) if code.revoked_at is None]
        if len(live) >= MAX_LIVE:
            raise TooMany("codes", most=MAX_LIVE)
        slot = None if plan.day is None else await _free_slot(ctx, tx, home, zone, plan.day, live)
        made = _row(ctx, actor, home, wish, plan, slot, token)
        if slot is None:
            made = replace(made, hidden=ctx.keys.hide(listed_digits(ctx, home, zone, live), ctx.random(12)))
        made = replace(made, id=await code_rows.put(tx, made))
        await note(ctx, tx, actor, "code.make", home, detail=f"code {made.id}")
        changed = await publish.publish(ctx, tx, home)
    tell(ctx, home, changed)
    return NewCode(await shown_again(ctx, made.id, place, zone), token)


async def _within_the_lease(tx: Tx, actor: Actor, home: str, wish: Invitation, plan: _Plan, now: int) -> None:
    """No guest outstays the lease they were invited under (row A6). A day's code is good to the end of its day."""
    ends = await people.leaves(tx, actor.party, home, now) if actor.role == RESIDENT else None
    if ends is not None and (plan.since >= ends or (wish.until is not None and plan.until > ends)):
        raise BadInput("day" if wish.until is None else "until", "lease")


def _plan(wish: Invitation, now: int, estate: Estate) -> _Plan:
    _check(wish)
    uses = codes.DEFAULT_USES if wish.uses is None else wish.uses
    if wish.since is None and wish.until is None:
        today = day_of(now, estate.offsets)
        day = today if wish.day is None else wish.day
        if not today <= day <= today + FURTHEST_DAYS:
            raise BadInput("day", "range")
        since = start_of_day(day, estate.offsets)
        until = start_of_day(day + 1, estate.offsets) + codes.GRACE_MS
        plain = uses == codes.DEFAULT_USES and not wish.weekdays and not wish.first_hours
        return _Plan(day if plain else None, since, until, uses)
    since = now if wish.since is None else wish.since
    if wish.until is None or wish.until <= max(since, now):
        raise BadInput("until", "range")
    if since > now + FURTHEST_DAYS * DAY_MS:
        raise BadInput("since", "range")
    if wish.until - since > LONGEST_WINDOW_MS:
        raise BadInput("until", "long")
    return _Plan(None, since, wish.until, uses)


def _check(wish: Invitation) -> None:
    if len(wish.visitor) > LONGEST_LABEL or any(ord(char) < 32 for char in wish.visitor):
        raise BadInput("visitor", "long")
    if wish.uses is not None and not 0 <= wish.uses <= MOST_USES:
        raise BadInput("uses", "range")
    if not 0 <= wish.weekdays < 128:
        raise BadInput("weekdays", "range")
    if not 0 <= wish.first_hours <= 31 * 24:
        raise BadInput("first_hours", "range")
    if wish.day is not None and (wish.since is not None or wish.until is not None):
        raise BadInput("day", "both")


async def _free_slot(ctx: Context, tx: Tx, home: str, zone: str, day: int, live: list[CodeRow]) -> int | None:
    """A slot of the day never issued before, whose digits are nobody else's of this home."""
    taken = await code_rows.slots_taken(tx, home, day)
    others = {digits_of(ctx, zone, code) for code in live}
    key = zone_key(ctx, zone, day)
    free = [slot for slot in range(codes.SLOTS) if slot not in taken]
    return next((slot for slot in free if codes.derive(key, home, day, slot) not in others), None)


def listed_digits(ctx: Context, home: str, zone: str, live: list[CodeRow]) -> str:
    """Seven random digits that no live code of the home has."""
    others = {digits_of(ctx, zone, code) for code in live}
    for _ in range(100):
        made = f"{int.from_bytes(ctx.random(8), 'big') % 10_000_000:07}"
        if made not in others:
            return made
    raise Refused("random")


def _row(ctx: Context, actor: Actor, home: str, wish: Invitation, plan: _Plan, slot: int | None, token: str) -> CodeRow:
    return CodeRow(
        id=0,
        home=home,
        visitor=wish.visitor.strip(),
        kind=LISTED if slot is None else DAY,
        day=None if slot is None else plan.day,
        slot=slot,
        hidden=None,
        mark=ctx.random(16),
        since=plan.since,
        until=plan.until,
        uses=plan.uses,
        weekdays=wish.weekdays,
        first_hours=wish.first_hours,
        made_at=ctx.clock(),
        made_by=actor.name,
        revoked_at=None,
        link_hash=hashed(token),
    )
