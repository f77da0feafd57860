"""A new entry at the gate: the form by kind, who answers, a paper form keyed in later, a visitor's picture."""

from dataclasses import replace

from aiohttp import web

from gatehost.model.errors import BadInput, HostError, NotFound, Refused
from gatehost.model.visit import CONTRACTOR, COURIER, VEHICLE, VISITOR, Newcomer
from gatehost.service.gate import admission, departure, shift, visitpicture
from gatehost.service.office import policy
from gatehost.service.paper.form import whole
from gatehost.web.frame import upload
from gatehost.web.frame.page import Notice, go, render
from gatehost.web.frame.session import Asked, of
from gatehost.web.gate.box import typed
from gatehost.web.words import gatewords, moment, refusals

FIELDS = {
    COURIER: ("home",),
    VISITOR: ("home", "name", "phone", "purpose"),
    CONTRACTOR: ("home", "name", "company", "service"),
    VEHICLE: ("home", "plate", "purpose"),
}


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
