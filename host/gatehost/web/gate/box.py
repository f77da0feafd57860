"""The guard's pages: one box for everything, new entries, leaving with the slip, who is inside, the muster list."""

from dataclasses import replace

from aiohttp import web

from gatehost.model.account import DESK, GUARD
from gatehost.model.errors import BadInput, HostError, NotFound, Refused
from gatehost.model.place import Place
from gatehost.model.visit import CONTRACTOR, COURIER, VEHICLE, VISITOR, WAITING, Newcomer
from gatehost.service.gate import (
    admission,
    asking,
    departure,
    gatecopy,
    gatedeed,
    muster,
    platecam,
    presence,
    search,
    shift,
    visitpicture,
)
from gatehost.service.home import lost_card
from gatehost.service.office import policy
from gatehost.service.paper import casework, disclosure, filling, signature
from gatehost.service.paper.form import whole
from gatehost.web.frame import upload
from gatehost.web.frame.page import Notice, go, render
from gatehost.web.frame.session import Asked, of
from gatehost.web.home import guests
from gatehost.web.paper import brought
from gatehost.web.words import gatewords, moment, refusals

NEW = (COURIER, VISITOR, CONTRACTOR, VEHICLE)
FIELDS = {
    COURIER: ("home",),
    VISITOR: ("home", "name", "phone", "purpose"),
    CONTRACTOR: ("home", "name", "company", "service"),
    VEHICLE: ("home", "plate", "purpose"),
}


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
    return render(
        request, "gate/gate.html", status=status, notice=notice, here=here, words=words, gates=gates, answers=answers,
        slips=slips,
        unsettled=await gatedeed.unsettled(ctx, actor),
        standing=await platecam.standing(ctx, actor),
        before=await shift.last_words(ctx, actor, here.id) if here else None,
        asking=await asking.waiting(ctx, actor) if actor.role == DESK else (), copied=await has_copy(asked, here),
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


async def enter_form(request: web.Request) -> web.StreamResponse:
    """A new entry of a kind."""
    return await entry(request, of(request), dict(request.query))


async def entry(
    request: web.Request, asked: Asked, sent: dict[str, str], error: HostError | None = None
) -> web.Response:
    """The form with what was typed, and what is wrong with it."""
    kind = sent.get("kind", COURIER)
    if kind not in FIELDS:
        raise NotFound("kind")
    status = 200 if error is None else 404 if isinstance(error, NotFound) else 400
    if isinstance(error, NotFound) and error.code == "home":
        error = BadInput("home", "unknown")  # told beside the field
    if error is None and await shift.post_of(asked.ctx, asked.person) is None:
        error, status = Refused("no_shift"), 200  # said before anything is typed
    told = refusals.explain(error, asked.say, asked.moment) if error and not isinstance(error, BadInput) else None
    return render(
        request, "gate/enter.html", status=status if not told or status == 200 else told.status, kind=kind,
        title=asked.say(gatewords.KINDS[kind]), fields=FIELDS[kind], typed=sent,
        wrong=refusals.wrong_field(error, asked.say) if isinstance(error, BadInput) else refusals.Wrong(),
        notice=Notice("wait", told.why, told.next) if told else None, live=False, rules=await rules_here(asked),
        escort=kind == VISITOR and (not told or status == 200) and await accompanied(asked, sent.get("home", "")),
    )  # fmt: skip


async def accompanied(asked: Asked, home: str) -> bool:
    """Whether visitors come in with somebody of the home only: this home, or the estate before one is typed."""
    return (await policy.rule(asked.ctx, "visitor.escort", home or "estate")).value == "on"


async def rules_here(asked: Asked) -> visitpicture.Asked:
    """What the estate wants asked at the gate the reader is on duty at."""
    here = await shift.post_of(asked.ctx, asked.person)
    return await visitpicture.asked_at(asked.ctx, here.id if here else "estate")


async def enter(request: web.Request) -> web.StreamResponse:
    """Lets somebody in, or asks the home; what was typed stays when it cannot be."""
    asked, sent = of(request), await typed(request)
    names = ("home", "name", "phone", "plate", "company", "service", "purpose")
    who = Newcomer(sent.get("kind", ""), **{name: sent.get(name, "") for name in names})  # type: ignore[arg-type]
    who = replace(who, id_seen=sent.get("id_seen") == "yes")
    number = int(sent["visit"]) if whole(sent.get("visit", "")) else None
    try:
        at = await shift.required_post(asked.ctx, asked.person)
        came_at, left_at = on_paper(asked, sent)
        if sent.get("how") == "ask" and came_at is None:
            await admission.ask(asked.ctx, asked.person, at.id, who)
            return go("/gate", "asked")
        discretion = sent.get("reason", "") if sent.get("how") == "discretion" else ""
        by = {"home": gatewords.BY_PHONE, "fetched": gatewords.AT_THE_GATE}.get(sent.get("how", ""))
        confirmed = asked.say(by) if by else sent.get("code", "")
        if sent.get("how") == "discretion" and not discretion:
            raise BadInput("note", "missing")
        came = await admission.enter(
            asked.ctx, asked.person, at.id, who, confirmed_by=confirmed, discretion=discretion, visit=number,
            host_here=sent.get("how") == "fetched", happened_at=came_at,
        )  # fmt: skip
        if left_at is not None:
            await departure.leave(asked.ctx, asked.person, came.id, at.id, happened_at=left_at)
    except (BadInput, NotFound, Refused) as error:
        return await entry(request, asked, sent, error)
    if came_at is not None:
        return go("/gate", "keyed")
    if who.kind != COURIER and (await rules_here(asked)).photo:
        return go(f"/gate/visits/{came.id}/picture", "in")
    return go("/gate", "in")


def on_paper(asked: Asked, sent: dict[str, str]) -> tuple[int | None, int | None]:
    """When somebody came and left by a paper form; None where it is not said. BadInput for what cannot be."""
    came, left = (
        moment.typed(name, sent[name], asked.estate) if sent.get(name) else None for name in ("happened_at", "left_at")
    )
    if left is not None and not (came is not None and came <= left <= asked.ctx.clock()):
        raise BadInput("left_at", "range")
    return came, left


async def picture_form(request: web.Request) -> web.StreamResponse:
    """A visitor's picture, if they agree."""
    await visitpicture.may_keep(of(request).ctx, of(request).person, int(request.match_info["visit"]))
    return render(request, "gate/picture.html", visit=request.match_info["visit"], live=False)


async def picture(request: web.Request) -> web.StreamResponse:
    """Keeps it; a file that is none leaves the page as it was."""
    asked, number = of(request), request.match_info["visit"]
    try:
        await visitpicture.keep(asked.ctx, asked.person, int(number), request.get(upload.PHOTO, b""))
    except BadInput as error:
        told = Notice("wait", next(iter(refusals.wrong_field(error, asked.say).values())))
        return render(request, "gate/picture.html", status=400, visit=number, notice=told, live=False)
    return go("/gate", "pictured")


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


async def slip(request: web.Request) -> web.StreamResponse:
    """An item-release slip, to be checked line by line."""
    return await slip_page(request, of(request))


async def slip_page(
    request: web.Request, asked: Asked, sent: dict[str, str] | None = None, error: HostError | None = None
) -> web.Response:
    """The slip with what was counted."""
    paper = await casework.paper(asked.ctx, asked.person, int(request.match_info["case"]))
    if paper.case.kind != "item_release":
        raise NotFound("case")
    notice, here = None, await shift.post_of(asked.ctx, asked.person)
    if isinstance(error, BadInput):
        notice = Notice("wait", next(iter(refusals.wrong_field(error, asked.say).values())))
    elif error is not None:
        told = refusals.explain(error, asked.say, asked.moment)
        notice = Notice("wait", told.why, told.next)
    tone, code = search.slip_state(paper.case, asked.ctx.clock(), here.id if here else "")
    return render(
        request, "gate/slip.html", status=200 if error is None else 409, notice=notice, paper=paper, tone=tone,
        answer=asked.say(gatewords.ANSWERS[code]), signed=signature.given(paper), typed=sent or {}, live=False,
        case=paper.case, gates=await gate_names(asked, str(paper.case.form.get("gate") or "")),
        signatures=await disclosure.signatures(asked.ctx, asked.person, paper.case.id),
        doc_names=brought.names(asked),
        checked=asked.person.role == GUARD and paper.case.state in ("approved", "at_gate"),
    )  # fmt: skip


async def gate_names(asked: Asked, named: str) -> str:
    """What gates are called that a paper names by their ids."""
    known = {one.id: one.name for one in await presence.gates(asked.ctx, asked.person)}
    return " · ".join(known.get(one, one) for one in named.split(",") if one)


async def check_slip(request: web.Request) -> web.StreamResponse:
    """Counts every line, then releases the goods or sends the slip back."""
    asked, sent = of(request), await typed(request)
    number, ctx, actor = int(request.match_info["case"]), asked.ctx, asked.person
    try:
        at = await shift.required_post(ctx, actor)
        version = int(sent["version"]) if whole(sent.get("version", "")) else 0
        paper = await casework.paper(ctx, actor, number)
        if paper.case.state == "approved":
            version = (await casework.act(ctx, actor, number, version, "arrive", gate=at.id)).version
        for line in paper.goods():
            told = sent.get(f"line-{line.id}", "")
            if whole(told):
                version = (await filling.count(ctx, actor, number, version, line.id, int(told))).case.version
        if sent.get("act") == "mismatch":
            await casework.act(ctx, actor, number, version, "mismatch", sent.get("note", ""))
            return go("/gate", "mismatch")
        seen = "id_seen" if sent.get("id_seen") else ""
        await casework.act(ctx, actor, number, version, "release", verdict=seen)
    except (BadInput, Refused) as error:
        return await slip_page(request, asked, sent, error)
    return go("/gate", "released")


async def muster_list(request: web.Request) -> web.StreamResponse:
    """Who is inside, by building, to be ticked and printed."""
    asked = of(request)
    held = await muster.muster(asked.ctx, asked.person)
    buildings: dict[str, list[object]] = {}
    for line in held.lines:
        buildings.setdefault(line.building, []).append(line)
    return render(
        request, "gate/muster.html", muster=held, buildings=buildings, kinds=asked.words(gatewords.KINDS),
        certainty=asked.words(gatewords.CERTAINTY), by_code=asked.words(gatewords.BY_CODE),
        post=await shift.post_of(asked.ctx, asked.person),
    )  # fmt: skip


async def safe(request: web.Request) -> web.StreamResponse:
    """Ticks somebody as safe."""
    asked, sent = of(request), await typed(request)
    await muster.safe(asked.ctx, asked.person, int(request.match_info["visit"]), sent.get("safe") != "no")
    return go("/gate/muster", "safe")
