"""A home's month: for the home itself, and for the desk that says why; on a page and as a table."""

from aiohttp import web

from gatehost.model.account import RESIDENT
from gatehost.model.errors import BadInput, NotFound
from gatehost.service import spreadsheet
from gatehost.service.office import monthly
from gatehost.service.office.monthly import CALL, PAPER, Month
from gatehost.service.paper import kinds
from gatehost.service.spreadsheet import Cell, Rows
from gatehost.web.frame.page import render
from gatehost.web.frame.session import Asked, of
from gatehost.web.words import gatewords, homewords, moment, refusals
from gatehost.web.words.language import noted as N


async def show(request: web.Request) -> web.StreamResponse:
    """The month on a page, or as a file where one is asked for."""
    asked = of(request)
    mine = asked.person.role == RESIDENT
    typed = {name: request.query.get(name, "")[:200].strip() for name in ("month", "why", "home")}
    home = request.match_info.get("home") or typed["home"] or next(iter(asked.person.homes), "")
    made, wrong = None, refusals.Wrong()
    try:
        if not home:
            raise NotFound("home")
        if mine or "why" in request.query:
            made = await monthly.of_home(asked.ctx, asked.person, home, typed["month"], typed["why"])
    except BadInput as error:
        wrong = refusals.wrong_field(error, asked.say)
    if made is not None and request.query.get("as") == "csv":
        name = f'attachment; filename="month-{made.home}-{made.first[:7]}.csv"'
        body = spreadsheet.csv_of(table(asked, made))
        return web.Response(body=body, content_type="text/csv", headers={"Content-Disposition": name})
    return render(
        request, "home/month.html", status=400 if wrong else 200, made=made, home=home, typed=typed, wrong=wrong,
        mine=mine, live=False, homes=asked.person.homes, month=typed["month"] or (made.first[:7] if made else ""),
        counts=[(word(asked, what, kind), many) for what, kind, many in made.counts] if made else [],
        lines=[(one, word(asked, one.what, one.kind)) for one in made.lines] if made else [],
    )  # fmt: skip


def word(asked: Asked, what: str, kind: str) -> str:
    """What a line is, in words."""
    if what == PAPER:
        held = kinds.kinds().get(kind)
        return asked.declared(held.name) if held else kind
    if what == CALL:
        return f"{asked.say(homewords.HAPPENED[CALL])} · {asked.say(homewords.CALLS.get(kind, N('Noted')))}"
    return asked.say(gatewords.KINDS[kind])


def table(asked: Asked, made: Month) -> Rows:
    """The counts, then the lines."""
    rows: list[list[Cell]] = [[word(asked, what, kind), many] for what, kind, many in made.counts]
    lines: list[list[Cell]] = [
        [moment.local(one.at, asked.estate).strftime("%Y-%m-%d %H:%M"), word(asked, one.what, one.kind), one.number]
        for one in made.lines
    ]
    head: list[Cell] = [asked.say(N("Time")), asked.say(N("Matter")), asked.say(N("Number"))]
    return [[made.home, made.first[:7]], *rows, [], head, *lines]
