"""What is sent ahead with a paper, and a time at the desk for it: from a phone, without an app."""

from aiohttp import web

from gatehost.model.errors import BadInput, HostError, NotFound, Refused, TooMany
from gatehost.service.enrol import appointment, capture
from gatehost.service.gate import asking
from gatehost.service.paper import casework, documents
from gatehost.web.frame.page import Notice, go, render
from gatehost.web.frame.session import Asked, of
from gatehost.web.frame.upload import PHOTO, TEXTS
from gatehost.web.paper.brought import names, wanted
from gatehost.web.paper.papers import number_of, shown
from gatehost.web.words import moment, refusals


async def send(request: web.Request) -> web.StreamResponse:
    """A file for a paper."""
    asked, number = of(request), number_of(request)
    typed, data = request.get(TEXTS, {}), request.get(PHOTO, b"")
    try:
        await documents.attach(asked.ctx, asked.person, number, typed.get("kind", ""), data)
    except (BadInput, Refused) as error:
        return await shown(request, asked, typed={"act": "send", "kind": typed.get("kind", "")}, error=error)
    return go(back(typed, number), "sent")


def back(typed: dict[str, str], number: int) -> str:
    """The page the file was sent from."""
    return f"/papers/{number}/time" if typed.get("back") == "time" else f"/papers/{number}"


async def drop(request: web.Request) -> web.StreamResponse:
    """Takes a file back that was sent by mistake."""
    asked, number = of(request), number_of(request)
    await documents.take_back(asked.ctx, asked.person, number, int(request.match_info["doc"]))
    return go(f"/papers/{number}", "dropped")


async def times(request: web.Request) -> web.StreamResponse:
    """The free times of the days ahead, and what to bring."""
    return await offered(request, of(request))


async def offered(request: web.Request, asked: Asked, error: HostError | None = None) -> web.Response:
    """The same, with why a time could not be taken."""
    number = number_of(request)
    paper, days, held, sent = await appointment.offered(asked.ctx, asked.person, number)
    called = names(asked)
    lines = [(called[check.doc], check.doc in sent, check.required) for check in wanted(paper)]
    told = [(moment.named_day(asked.language, one.day), one) for one in days]
    return render(
        request, "paper/times.html", status=200 if error is None else 400 if isinstance(error, BadInput) else 409,
        case=paper.case, days=told, held=held, lines=lines, live=False, clock=lambda at: clock(asked, at),
        kind=asked.declared(casework.kind_of(paper.case.kind).name),
        notice=None if error is None else why_not(asked, error),
    )  # fmt: skip


def clock(asked: Asked, at: int) -> str:
    """A time of the day."""
    return f"{moment.local(at, asked.estate):%H:%M}"


def why_not(asked: Asked, error: HostError) -> Notice:
    """Why a time was not given, and which is the next free one."""
    if isinstance(error, BadInput):
        return Notice("wait", refusals.wrong_field(error, asked.say)[error.field])
    told, next = refusals.explain(error, asked.say, asked.moment), error.facts.get("next")
    if isinstance(next, int):
        return Notice("wait", told.why, asked.say("The next free time is %(time)s.", time=asked.moment(next)))
    return Notice("wait", told.why, told.next)


async def take(request: web.Request) -> web.StreamResponse:
    """Takes a time, or moves to it."""
    asked, number = of(request), number_of(request)
    text = str((await request.post()).get("at", ""))
    try:
        at = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
        await appointment.book(asked.ctx, asked.person, number, at)
    except (BadInput, Refused) as error:
        if error.code not in ("unknown", "time_taken"):
            raise
        return await offered(request, asked, error)
    return go(f"/papers/{number}/time", "booked")


async def give_back(request: web.Request) -> web.StreamResponse:
    """Gives the time back."""
    asked, number = of(request), number_of(request)
    await appointment.cancel(asked.ctx, asked.person, number)
    return go(f"/papers/{number}/time", "unbooked")


async def use_photo(request: web.Request) -> web.StreamResponse:
    """The photo that was sent ahead goes to the desk unit, which judges it."""
    asked, task = of(request), request.match_info["task"]
    await capture.use_brought(asked.ctx, asked.person, task)
    return go(f"/desk/captures/{task}")


async def prove(request: web.Request) -> web.StreamResponse:
    """A visitor's proof for the request behind their link: for the desk alone."""
    asked, link = of(request), request.match_info["link"]
    try:
        await asking.prove(asked.ctx, link, request.get(PHOTO, b""))
    except NotFound:
        return render(request, "frame/nowhere.html", status=404, live=False)
    except (BadInput, Refused, TooMany) as error:
        fault = "file" if isinstance(error, BadInput) else ""
        text = refusals.wrong_field(error, asked.say)[fault] if isinstance(error, BadInput) else ""
        told = refusals.explain(error, asked.say, asked.moment)
        why = Notice("wait", text or told.why, "" if text else told.next)
        held = await asking.followed(asked.ctx, link)
        return render(
            request, "paper/visit_prove.html", status=told.status, held=held, notice=why, live=False, link=link,
            sent=await asking.proofs(asked.ctx, link),
        )  # fmt: skip
    return go(f"/visit/wait/{link}/file")


async def proofs(request: web.Request) -> web.StreamResponse:
    """Where a visitor sends proof; a page of its own, for the waiting page asks again by itself."""
    asked, link = of(request), request.match_info["link"]
    try:
        held, sent = await asking.followed(asked.ctx, link), await asking.proofs(asked.ctx, link)
    except NotFound:
        return render(request, "frame/nowhere.html", status=404, live=False)
    return render(request, "paper/visit_prove.html", held=held, live=False, link=link, sent=sent)
