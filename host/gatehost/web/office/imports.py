"""Bringing homes, people and old cards in from files: try first, see every bad line, then take all of it."""

from aiohttp import web

from gatehost.model.errors import BadInput
from gatehost.service.founding import imports, lines
from gatehost.service.founding.imports import Trial
from gatehost.service.founding.lines import Flaw
from gatehost.web.frame.page import Notice, render
from gatehost.web.frame.session import Asked, of
from gatehost.web.frame.upload import PHOTO, TEXTS
from gatehost.web.words import officewords, refusals


async def show(request: web.Request) -> web.StreamResponse:
    """The form, and what each kind of file holds."""
    return _page(of(request))


def _page(
    asked: Asked, trial: Trial | None = None, kind: str = "homes", notice: Notice | None = None, status: int = 200
) -> web.Response:
    columns = {
        key: [(asked.say(_column(key, one.name)), one.words[0], one.words[-1], one.needed) for one in held]
        for key, held in lines.COLUMNS.items()
    }
    return render(
        asked.request, "office/imports.html", status=status, trial=trial, notice=notice, kind=kind, columns=columns,
        kinds=[(key, asked.say(officewords.IMPORTS[key])) for key in imports.KINDS], most=imports.MOST_LINES,
        flaws=[] if trial is None else [(one.line, _told(asked, trial.kind, one)) for one in trial.flaws],
    )  # fmt: skip


def _column(kind: str, name: str) -> str:
    return officewords.PLACE if name == "name" and kind in ("buildings", "homes") else officewords.COLUMNS[name]


def _told(asked: Asked, kind: str, flaw: Flaw) -> str:
    """What is wrong with a line, and what to change."""
    column = asked.say(_column(kind, flaw.column)) if flaw.column else ""
    return asked.say(officewords.FLAWS[flaw.code], column=column, value=flaw.value)


async def tried(request: web.Request) -> web.StreamResponse:
    """A dry run of the file sent."""
    asked = of(request)
    kind = request.get(TEXTS, {}).get("kind", "")
    try:
        found = await imports.trial(asked.ctx, asked.person, kind, request.get(PHOTO, b""))
    except BadInput as wrong:
        told = Notice("bad", refusals.wrong_field(wrong, asked.say)[wrong.field])
        return _page(asked, kind=kind, notice=told, status=400)
    return _page(asked, found, kind, status=400 if found.flaws else 200)


async def take(request: web.Request) -> web.StreamResponse:
    """All of a tried file."""
    asked = of(request)
    found = await imports.take(asked.ctx, asked.person, request.match_info["token"])
    if found.flaws:
        return _page(asked, found, found.kind, status=409)
    words = asked.say(
        "%(number)s line is in. Doors are being told.",
        "%(number)s lines are in. Doors are being told.",
        number=found.lines,
    )
    return _page(asked, kind=found.kind, notice=Notice("good", words))
