"""Who signs a paper, in which order, as what: chains by kind of applicant, a visitor's host and the desk by rule."""

from gatehost.model.account import DESK, RESIDENT, Actor
from gatehost.model.case import Paper, Step
from gatehost.model.errors import Denied, Refused
from gatehost.model.kind import Chain, Kind, Move, fits
from gatehost.service import ruling
from gatehost.store.store import Tx


async def demand(tx: Tx, actor: Actor, kind: Kind, held: Paper, move: Move, verdict: str) -> None:
    """Whoever makes this move holds the duty it asks for, in a chain the next one, nobody twice. Denied("case.sign"),
    Refused("signed_already")."""
    if move.duty == "chain":
        wanted = await next_duty(tx, kind, held)
        if wanted not in duties_of(actor, held, verdict):
            raise Denied("case.sign")
        if wanted != "host" and any(step.who == actor.name and step.account == actor.account for step in given(held)):
            raise Refused("signed_already")
    elif move.duty and move.duty not in duties_of(actor, held, verdict):
        raise Denied("case.sign")


def duties_of(actor: Actor, held: Paper, verdict: str) -> set[str]:
    """What an actor may sign as: their role, their duties, and of a paper about their own home its host."""
    mine = {actor.role, *actor.duties}
    if actor.role == RESIDENT and held.case.place in actor.homes:
        mine.add("host")
    if actor.role == DESK and verdict in ("phone", "present"):
        mine.add("host")  # the home said so to the desk (row C5)
    return mine


def given(held: Paper) -> tuple[Step, ...]:
    """The signatures since the paper was last handed in."""
    found: list[Step] = []
    for step in held.steps:
        if step.act in ("apply", "reapply", "consent", "amend"):
            found = []
        elif step.act == "sign":
            found.append(step)
    return tuple(found)


async def chain_of(tx: Tx, kind: Kind, held: Paper) -> tuple[str, ...]:
    """Who signs this paper, in order; a visitor's host and the desk as the estate's rule says."""
    chain = next((one for one in kind.chains if fits(one.only, held.case.form)), Chain((), ()))
    if chain.duties != ("host",):
        return chain.duties
    approver = (await ruling.in_force(tx, "visitor.approver", held.case.place)).value
    return {"host": ("host",), "desk": ("desk",), "both": ("host", "desk")}[approver]


async def next_duty(tx: Tx, kind: Kind, held: Paper, after: str = "") -> str:
    """Whose signature comes next; "" when all are given (`after` counts as given)."""
    done = [step.duty for step in given(held)] + ([after] if after else [])
    return next((duty for duty in await chain_of(tx, kind, held) if duty not in done), "")


async def duty_of(tx: Tx, kind: Kind, held: Paper, move: Move) -> str:
    """As what a move is made now; "" for one that is nobody's duty."""
    return await next_duty(tx, kind, held) if move.duty == "chain" else move.duty
