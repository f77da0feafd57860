"""Rules of the estate: who decided, in which document, why (service.ruling says which binds)."""

from gatehost.model.account import Actor
from gatehost.model.errors import BadInput, NotFound, Refused, SwitchedOff
from gatehost.model.place import ROOT
from gatehost.model.policy import (
    ESTATE_RANK,
    GATES,
    KEYS,
    LIMITS,
    TEXTS,
    TIMES,
    WHOLE,
    WORDS,
    ZONES,
    Rule,
    allowed,
    known,
)
from gatehost.service import publish, ruling, zone
from gatehost.service.context import Context
from gatehost.service.face import agreement
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import places, policies
from gatehost.store.store import Tx

LONGEST = 200
WAYS_IN = ("calls", "visitor_codes")  # of a visitor, at a door that nobody guards
DECIDED = (*KEYS, *TEXTS, *WORDS, *LIMITS, *TIMES, *GATES, *ZONES)  # on the page of rules, in this order


async def rules(ctx: Context, actor: Actor, place: str) -> tuple[Rule, ...]:
    """What holds at a place, one rule for each that is `decided` there. NotFound("place")."""
    require(actor, "policy.see")
    async with ctx.store.read() as tx:
        if await places.get(tx, place) is None:
            raise NotFound("place")
        return await ruling.all_in_force(tx, decided(place), place)


def decided(place: str) -> tuple[str, ...]:
    """The rules decided at a place; some are decided for the whole estate alone."""
    return DECIDED if place == ROOT else tuple(key for key in DECIDED if key not in WHOLE)


async def rule(ctx: Context, key: str, place: str) -> Rule:
    """What holds at a place for one key."""
    async with ctx.store.read() as tx:
        return await ruling.in_force(tx, key, place)


async def history(ctx: Context, actor: Actor, place: str, key: str) -> tuple[Rule, ...]:
    """Every decision at exactly this place, newest first."""
    require(actor, "policy.see")
    async with ctx.store.read() as tx:
        return await policies.all_at(tx, key, place)


async def set_rule(
    ctx: Context,
    actor: Actor,
    place: str,
    key: str,
    value: str,
    decided_by: str,
    document: str,
    why: str,
    rank: int = ESTATE_RANK,
    was: int | None = None,
) -> Rule:
    """Decides a rule at a place; doors are told. BadInput("key" | "value" | "decided_by" | "document" | "why", why),
    ("value", "last_way") for what would leave visitors no way in.

    A `rank` above the estate's is the operator's to record, with a document; SwitchedOff(key, ...) where somebody of
    higher rank has decided here or above. Value "" takes the place's own decision back. `was`: the newest decision
    here that the page showed (0: none); Refused("decided", by=, at=) when there is a newer one."""
    require(actor, "policy.set" if rank == ESTATE_RANK else "policy.bind")
    check(key, value, decided_by, document, why)
    if rank and not document.strip():
        raise BadInput("document", "missing")
    words = (decided_by.strip(), document.strip(), why.strip())
    made = Rule(key, value, place, *words, ctx.clock(), actor.name, rank)
    async with ctx.store.write() as tx:
        if await places.get(tx, place) is None:
            raise NotFound("place")
        held = await ruling.in_force(tx, key, place)
        if held.rank > rank:
            raise SwitchedOff(key, decided_by=held.decided_by, document=held.document, why=held.why, value=held.value)
        newest = await policies.latest(tx, key, place)
        if was is not None and newest is not None and newest.id != was:
            raise Refused("decided", by=newest.set_by, at=newest.since)
        await policies.put(tx, made)
        if key in WAYS_IN:
            await one_way_stays(tx)
        if key in ZONES:
            await zone.take(ctx, tx)
        await note(ctx, tx, actor, "policy.set", about=place, detail=f"{key}={value}")
        changed = await publish.publish(ctx, tx)
    publish.announce(ctx, changed)
    return made


async def one_way_stays(tx: Tx) -> None:
    """Calls and visitor codes are not both off at any door or home: there a visitor would have no way in at all (rows
    C6, F10). BadInput("value", "last_way"), and the decision is not made."""
    rulings = await ruling.load(tx)
    decided = {place for key in WAYS_IN for place in rulings.decided_at(key)}
    for place in decided:
        up = [one.id for one in await places.path_up(tx, place)]
        if all(rulings.rule(key, *up).value == "off" for key in WAYS_IN):
            raise BadInput("value", "last_way")


def check(key: str, value: str, decided_by: str, document: str, why: str) -> None:
    """BadInput for a decision that cannot be one: every one names who decided and why."""
    if not known(key):
        raise BadInput("key", "unknown")
    if value != "" and not allowed(key, value):
        raise BadInput("value", "unknown")
    if key in TEXTS and agreement.VOID.search(value):
        raise BadInput("value", "clause")
    for name, text in (("decided_by", decided_by), ("why", why)):
        if not text.strip():
            raise BadInput(name, "missing")
    for name, text in (("decided_by", decided_by), ("document", document), ("why", why)):
        if len(text) > LONGEST:
            raise BadInput(name, "long")
