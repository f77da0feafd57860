"""A visitor asks for themselves, from the poster at the gate or at its kiosk; the home answers with one tap.

Nobody is signed in: what is asked is bounded by home and by gate, and the visitor's link says how far it is and nothing
of the home. A code is good until the end of the local day, or as long as the estate's rule says.
"""

import hmac
from dataclasses import dataclass

from gatecore.clock import MINUTE_MS, day_of
from gatehost.model.account import DESK, RESIDENT, Actor
from gatehost.model.case import Case
from gatehost.model.errors import BadInput, NotFound, TooMany
from gatehost.model.grant import Grant
from gatehost.model.place import GATE
from gatehost.service import ruling
from gatehost.service.calendar import start_of_day
from gatehost.service.context import Context
from gatehost.service.home import rights
from gatehost.service.paper import casework, documents, signature
from gatehost.service.permissions import require
from gatehost.store import cases, grants, places
from gatehost.store import documents as document_rows
from gatehost.store.store import Tx

KIND = "visitor_request"
HOUR_MS = 60 * MINUTE_MS
WAITING, APPROVED = "waiting", "approved"
AN_HOUR_OF_A_GATE, WAITING_OF_A_HOME = 120, 4
KEPT_MS = 24 * HOUR_MS
NOTED = 16


@dataclass(frozen=True, slots=True)
class Asked:
    """Where a request stands, as the visitor may know it; `digits` once the home has said yes."""

    state: str
    gate: str
    home: str
    name: str
    digits: str
    until: int | None
    why: str
    code: int | None  # the number of the code


@dataclass(frozen=True, slots=True)
class Rules:
    """What the poster says, as it is in force at the gate."""

    gate: str
    name: str
    phone: str
    approver: str
    id_seen: bool
    escort: bool
    days: int
    keep_days: int
    phone_why: str  # why a phone number is asked, by whoever decided it; "" when nobody did
    extra: str  # the estate's own question, never one that must be answered; "" for none
    extra_why: str


async def rules_of(ctx: Context, gate: str) -> Rules:
    """The rules a visitor meets at a gate, from the policy in force. NotFound("gate")."""
    async with ctx.store.read() as tx:
        at = await places.get(tx, gate)
        if at is None or at.kind != GATE:
            raise NotFound("gate")

        async def word(key: str) -> str:
            return (await ruling.in_force(tx, key, gate)).value

        phone, extra = [await ruling.in_force(tx, key, gate) for key in ("visitor.phone", "visitor.extra")]
        return Rules(
            gate, at.name, phone.value, await word("visitor.approver"),
            await word("visitor.id_seen") == "on", await word("visitor.escort") == "on",
            int(await word("visitor.code_days")), int(await word("retention.visit")),
            phone.why if phone.value == "required" else "", extra.value, extra.why if extra.value else "",
        )  # fmt: skip


async def ask(ctx: Context, gate: str, home: str, name: str, phone: str, reason: str, extra: str = "") -> str:
    """A visitor's request to a home; the link under which it can be followed.

    BadInput(field, why), NotFound("gate"), TooMany("asking"): too many at this gate or of this home for now."""
    rules = await rules_of(ctx, gate)
    if not name:
        raise BadInput("name", "missing")
    if rules.phone == "required" and not phone:
        raise BadInput("phone", "missing")
    phone, extra = "" if rules.phone == "off" else phone, extra if rules.extra else ""
    _bounded(ctx, gate)
    async with ctx.store.read() as tx:
        if await places.home(tx, home) is None:
            raise BadInput("home", "unknown")
        waiting = await cases.listed(tx, (KIND,), (WAITING,), [home])
        estate = await places.the_estate(tx)
    if len(waiting) >= WAITING_OF_A_HOME:
        raise TooMany("asking")
    offsets = estate.offsets if estate is not None else ()
    until = start_of_day(day_of(ctx.clock(), offsets) + rules.days, offsets) - MINUTE_MS
    until = max(until, ctx.clock() + MINUTE_MS)
    told: dict[str, object] = {"name": name, "until": until}
    told |= {key: value for key, value in (("phone", phone), ("reason", reason), ("extra", extra)) if value}
    case = await casework.asked_for(ctx, name, KIND, home, told)
    return f"{gate}.{case.id}.{_mark(ctx, gate, case.id)}"


def _bounded(ctx: Context, gate: str) -> None:
    """How many may ask at one gate within an hour; lost with the process, like all that is only a brake."""
    now = ctx.clock()
    recent = [at for at in ctx.live.asking.get(gate, []) if at > now - HOUR_MS]
    if len(recent) >= AN_HOUR_OF_A_GATE:
        raise TooMany("asking", until=recent[0] + HOUR_MS)
    ctx.live.asking[gate] = [*recent, now]


def _mark(ctx: Context, gate: str, number: int) -> str:
    return ctx.keys.mark("visitor-wait/1", f"{gate}.{number}").hex()[: 2 * NOTED]


async def followed(ctx: Context, link: str) -> Asked:
    """Where the request behind a link stands. NotFound("link") for any other, and a day after it was asked."""
    named, _, mark = link.rpartition(".")
    gate, _, rest = named.rpartition(".")
    if not rest.isascii() or not rest.isdigit() or len(rest) > 12:
        raise NotFound("link")
    if not hmac.compare_digest(_mark(ctx, gate, int(rest)).encode(), mark.encode("utf-8", "replace")):
        raise NotFound("link")
    async with ctx.store.read() as tx:
        case = await cases.get(tx, int(rest))
        if case is None or case.kind != KIND or case.opened_at < ctx.clock() - KEPT_MS:
            raise NotFound("link")
        given = await _given(tx, case) if case.state == APPROVED else None
        digits = "" if given is None else await rights.digits(ctx, tx, given)
        paper = await cases.paper(tx, case.id)
    steps = paper.steps if paper is not None else ()
    why = next((step.note for step in reversed(steps) if step.act == "refuse"), "")
    until = case.form.get("until")
    return Asked(
        case.state,
        gate,
        case.place,
        str(case.form.get("name", "")),
        digits,
        until if isinstance(until, int) else None,
        why,
        None if given is None else given.code,
    )


async def _behind(ctx: Context, link: str) -> Case:
    """The request a link leads to; NotFound("link")."""
    await followed(ctx, link)
    async with ctx.store.read() as tx:
        case = await cases.get(tx, int(link.split(".")[-2]))
    assert case is not None
    return case


async def prove(ctx: Context, link: str, data: bytes) -> None:
    """A visitor's proof beside their request, for the desk (row B28). NotFound("link"), and as documents.by_visitor."""
    await documents.by_visitor(ctx, await _behind(ctx, link), data)


async def proofs(ctx: Context, link: str) -> int:
    """How many were sent. NotFound("link")."""
    case = await _behind(ctx, link)
    async with ctx.store.read() as tx:
        return len(await document_rows.of_case(tx, case.id))


async def _given(tx: Tx, case: Case) -> Grant | None:
    return next((one for one in await grants.of_cases(tx, [case.id]) if one.ended_at is None), None)


async def waiting(ctx: Context, actor: Actor) -> tuple[Case, ...]:
    """Requests that wait for the actor: of a resident's homes those they decide on, for staff all."""
    require(actor, "case.see")
    homes = actor.homes if actor.role == RESIDENT else None
    async with ctx.store.read() as tx:
        found = await cases.listed(tx, (KIND,), (WAITING,), homes)
        return found if homes is None else tuple([one for one in found if await _is_the_home_s(tx, one)])


async def decided_here(ctx: Context, actor: Actor, found: tuple[Case, ...]) -> frozenset[int]:
    """Those of these requests in which the desk's own word comes next, and not the home's."""
    require(actor, "case.see")
    async with ctx.store.read() as tx:
        return frozenset([one.id for one in found if not await _is_the_home_s(tx, one)])


async def _is_the_home_s(tx: Tx, case: Case) -> bool:
    """Whether the home's word comes next, and not the desk's."""
    held = await cases.paper(tx, case.id)
    return held is not None and await signature.next_duty(tx, casework.kind_of(KIND), held) == "host"


async def answer(ctx: Context, actor: Actor, number: int, yes: bool, why: str = "") -> Case:
    """The home's yes or no, or the desk's after the home's phone call. NotFound("case"), Denied, Refused."""
    held = await casework.paper(ctx, actor, number)
    if held.case.kind != KIND:
        raise NotFound("case")
    verdict = "phone" if yes and actor.role == DESK else ""
    act = "sign" if yes else "refuse"
    return await casework.act(ctx, actor, number, held.case.version, act, why if yes else why or "-", verdict)
