"""Notices: written by the office, read and answered by residents, printed for the board."""

from aiohttp import web

from gatehost.model.errors import BadInput
from gatehost.model.notice import ACTIVITY, NOTICE
from gatehost.service.home import homes
from gatehost.service.office import notices as service
from gatehost.service.paper.form import whole
from gatehost.web.evidence import outside
from gatehost.web.frame.page import go, render
from gatehost.web.frame.session import Asked, of
from gatehost.web.words import refusals

TYPED = {"kind": 20, "place": 64, "title": 100, "body": 4200, "since": 40, "until": 40, "seats": 10, "event": 40}


async def show(request: web.Request) -> web.StreamResponse:
    """All notices and the form for a new one."""
    return await _page(of(request), {})


async def _page(asked: Asked, typed: dict[str, str], wrong: BadInput | None = None) -> web.Response:
    found = await service.told(asked.ctx, asked.person)
    places = [
        (one.id, one.name) for one in await homes.places(asked.ctx, asked.person) if one.kind in ("estate", "building")
    ]
    return render(
        asked.request, "office/notices.html", status=200 if wrong is None else 400, told=found, places=places,
        typed=typed, now=asked.ctx.clock(),
        wrong=refusals.Wrong() if wrong is None else refusals.wrong_field(wrong, asked.say),
    )  # fmt: skip


async def tell(request: web.Request) -> web.StreamResponse:
    """A new one; what was typed stays when something is wrong."""
    asked, form = of(request), await request.post()
    typed = {name: str(form.get(name, ""))[:most].strip() for name, most in TYPED.items()}
    home = str(form.get("home", ""))[:16].strip()
    try:
        since, until = (_at(asked, typed[name], name) for name in ("since", "until"))
        kind = ACTIVITY if typed["kind"] == ACTIVITY else NOTICE
        seats = _seats(typed["seats"]) if kind == ACTIVITY else None
        event = typed["event"] if kind == ACTIVITY else ""
        place = home or typed["place"]
        told = (typed["title"], typed["body"], since, until, seats, event, kind)
        await service.tell(asked.ctx, asked.person, place, *told)
    except BadInput as wrong:
        return await _page(asked, typed | {"home": home}, wrong)
    return go("/notices", "told")


def _at(asked: Asked, text: str, name: str) -> int | None:
    try:
        return outside.instant(asked, text) if text else None
    except BadInput:
        raise BadInput(name, "time") from None


def _seats(text: str) -> int | None:
    if text and not whole(text):
        raise BadInput("seats", "range")
    return int(text) if text else None


async def end(request: web.Request) -> web.StreamResponse:
    """Takes one down."""
    asked = of(request)
    await service.end(asked.ctx, asked.person, int(request.match_info["notice"]))
    return go("/notices", "notice_over")


async def board(request: web.Request) -> web.StreamResponse:
    """One of them for the board; of an activity, who comes."""
    asked, number = of(request), int(request.match_info["notice"])
    held = await service.one(asked.ctx, asked.person, number)
    coming = await service.who_comes(asked.ctx, asked.person, number) if held.notice.kind == ACTIVITY else ()
    return render(request, "office/notice_board.html", held=held, coming=coming)


async def mine(request: web.Request) -> web.StreamResponse:
    """What is told to the reader's homes."""
    asked = of(request)
    return render(request, "office/my_notices.html", told=await service.mine(asked.ctx, asked.person))


async def come(request: web.Request) -> web.StreamResponse:
    """Signs up, or no more."""
    asked, form = of(request), await request.post()
    heads = str(form.get("heads", ""))
    if not (heads.isascii() and heads.isdigit() and len(heads) < 4):
        raise BadInput("heads", "guests")
    await service.come(asked.ctx, asked.person, int(request.match_info["notice"]), int(heads))
    return go("/me/notices", "coming" if int(heads) else "not_coming")
