"""The guard's box: one field for everything, who waits, who is inside; letting go and turning away."""

from aiohttp import web

from gatehost.model.account import DESK
from gatehost.model.errors import BadInput
from gatehost.model.place import Place
from gatehost.model.visit import CONTRACTOR, COURIER, VEHICLE, VISITOR, WAITING
from gatehost.service.gate import (
    admission,
    asking,
    departure,
    gatecopy,
    gatedeed,
    platecam,
    presence,
    search,
    shift,
)
from gatehost.service.home import lost_card
from gatehost.web.frame.page import Notice, go, render
from gatehost.web.frame.session import Asked, of
from gatehost.web.home import guests
from gatehost.web.words import gatewords, refusals

NEW = (COURIER, VISITOR, CONTRACTOR, VEHICLE)


async def show(request: web.Request) -> web.StreamResponse:
    """The box, what it found, and who is inside."""
    return await shown(request, of(request))


async def shown(request: web.Request, asked: Asked, notice: Notice | None = None, status: int = 200) -> web.Response:
    """The first page, with a notice where an act was refused."""
    ctx, actor = asked.ctx, asked.person
    words = request.query.get("q", "")[:60].strip()
    here = await shift.post_of(ctx, actor)
    gates = [(one.id, one.name) for one in await presence.gates(ctx, actor)]
    answers = await search.search(ctx, actor, words, here.id if here else "")
    slips = {one.home: await search.slips_at_exit(ctx, actor, one.home) for one in answers if one.what == "home"}
    fetched = await presence.fetched(ctx, actor)  # their home comes: they stand in a list of their own
    answered = tuple(one for one in await presence.waiting(ctx, actor) if one.id not in {held.id for held in fetched})
    waiting = tuple(one for one in answered if one.state == WAITING)
    present = await presence.present(ctx, actor)
    asks = await asking.waiting(ctx, actor) if actor.role == DESK else ()
    return render(
        request, "gate/gate.html", status=status, notice=notice, here=here, words=words, gates=gates, answers=answers,
        slips=slips,
        unsettled=await gatedeed.unsettled(ctx, actor),
        standing=await platecam.standing(ctx, actor),
        before=await shift.last_words(ctx, actor, here.id) if here else None,
        asking=asks, ours=await asking.decided_here(ctx, actor, asks), copied=await has_copy(asked, here),
        answered=answered, guests=guests.Guests(waiting, (), dict(gates), asked.words(gatewords.KINDS)),
        present=present, late=sum(one.overstayed(ctx.clock()) for one in present), now=ctx.clock(),
        lost=await lost_card.all_lost(ctx, actor), behind=await lost_card.behind(ctx, actor),
        held=await lost_card.held_somewhere(ctx, actor), fetched=fetched,
        kinds=asked.words(gatewords.KINDS), said=asked.words(gatewords.ANSWERS), new=NEW,
    )  # fmt: skip


async def has_copy(asked: Asked, here: Place | None) -> bool:
    """Whether the gate somebody is on duty at has a page of its own."""
    return here is not None and await gatecopy.has_copy(asked.ctx, asked.person, here.id)


async def typed(request: web.Request) -> dict[str, str]:
    """What stands in the form, cut to what may."""
    return {name: str(value)[:200].strip() for name, value in (await request.post()).items()}


async def leave(request: web.Request) -> web.StreamResponse:
    """Somebody leaves; a slip of that home comes up."""
    asked = of(request)
    at = await shift.required_post(asked.ctx, asked.person)
    gone = await departure.leave(asked.ctx, asked.person, int(request.match_info["visit"]), at.id)
    slips = await search.slips_at_exit(asked.ctx, asked.person, gone.home or "")
    return go(f"/gate/slips/{slips[0].id}" if slips else "/gate", "out")


async def deny(request: web.Request) -> web.StreamResponse:
    """Turns somebody away who waits, with a reason."""
    asked, sent = of(request), await typed(request)
    await shift.required_post(asked.ctx, asked.person)
    if not sent.get("why"):
        wrong = refusals.wrong_field(BadInput("note", "missing"), asked.say)["note"]
        return await shown(request, asked, Notice("wait", wrong), 400)
    await admission.deny(asked.ctx, asked.person, int(request.match_info["visit"]), sent["why"])
    return go("/gate", "denied")
