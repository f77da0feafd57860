"""An item-release slip at the gate: every line counted, then the goods go or the slip goes back."""

from aiohttp import web

from gatehost.model.account import GUARD
from gatehost.model.errors import BadInput, HostError, NotFound, Refused
from gatehost.service.gate import presence, search, shift
from gatehost.service.paper import casework, disclosure, filling, signature
from gatehost.service.paper.form import whole
from gatehost.web.frame.page import Notice, go, render
from gatehost.web.frame.session import Asked, of
from gatehost.web.gate.box import typed
from gatehost.web.paper import brought, declared
from gatehost.web.words import gatewords, refusals


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
        case=paper.case, gates=declared.gate_names(
            str(paper.case.form.get("gate") or ""), await presence.gate_names(asked.ctx, asked.person)
        ),
        signatures=await disclosure.signatures(asked.ctx, asked.person, paper.case.id),
        doc_names=brought.names(asked),
        checked=asked.person.role == GUARD and paper.case.state in ("approved", "at_gate"),
    )  # fmt: skip


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
