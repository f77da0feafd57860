"""The archive: each home's documents in four classes, what is missing, lending, and a document under its mark."""

from aiohttp import web

from gatehost.model.account import ADMIN
from gatehost.model.case import Case
from gatehost.model.document import CLASSES, KINDS, OWNERS
from gatehost.model.errors import BadInput, Denied, NotFound
from gatehost.service.home import homes
from gatehost.service.paper import casework, disclosure, documents, pdf
from gatehost.service.paper.form import whole
from gatehost.web.frame.page import Notice, go, render
from gatehost.web.frame.session import Asked, of
from gatehost.web.frame.upload import PHOTO, TEXTS
from gatehost.web.words import officewords, refusals

SVG = "image/svg+xml"


async def show(request: web.Request) -> web.StreamResponse:
    """Homes whose file lacks something, for who audits; a way to any home for everybody."""
    asked = of(request)
    try:
        lacking = await documents.missing(asked.ctx, asked.person)
    except Denied:
        lacking = None
    return render(request, "paper/archive.html", lacking=lacking, words=_words(asked), lends=await _lends(asked))


def _words(asked: Asked) -> dict[str, dict[str, str]]:
    return {
        "classes": asked.words(officewords.CLASSES),
        "kinds": asked.words(officewords.DOCUMENTS),
    }


async def _lends(asked: Asked, home: str | None = None) -> list[Case]:
    """Lendings that wait for leave or run."""
    found = await casework.queue(asked.ctx, asked.person, (disclosure.LEND,))
    return [one for one in found if home in (None, one.place)]


async def find(request: web.Request) -> web.StreamResponse:
    """From a typed number to the file."""
    number = request.query.get("home", "").strip()
    if not (number.isascii() and number.isdigit() and len(number) <= 16):
        raise NotFound("home")
    return go(f"/archive/homes/{number}")


async def home(request: web.Request) -> web.StreamResponse:
    """A home's file."""
    return await _home(of(request), request.match_info["home"])


async def _home(
    asked: Asked, number: str, notice: Notice | None = None, typed: dict[str, str] | None = None
) -> web.Response:
    found, lacking = await documents.archive(asked.ctx, asked.person, number)
    sheet = await homes.sheet(asked.ctx, asked.person, number)
    people = [(one.party.id, one.party.name) for one in sheet.members]
    lends, now = await _lends(asked, number), asked.ctx.clock()
    running = [one for one in lends if one.state == "approved" and one.due_at and now < one.due_at]
    chosen = [
        (f"{c}/{k}", f"{_words(asked)['classes'][c]} · {_words(asked)['kinds'][k]}") for c in CLASSES for k in KINDS[c]
    ]
    return render(
        asked.request, "paper/archive_home.html", status=200 if notice is None else 400, notice=notice, home=sheet.home,
        held=found, lacking=lacking,
        words=_words(asked), classes=CLASSES, people=people, chosen=chosen, first=f"{OWNERS}/id_copy", lends=lends,
        typed=typed or {}, running=next(iter(running), None), names=dict(people),
        may_lend="archivist" in asked.person.duties,
        may_file=asked.person.role == ADMIN or "archivist" in asked.person.duties,
    )  # fmt: skip


async def file(request: web.Request) -> web.StreamResponse:
    """A picture into the file."""
    asked, number = of(request), request.match_info["home"]
    typed = request.get(TEXTS, {})
    class_, _, kind = typed.get("kind", "").partition("/")
    try:
        await documents.file(
            asked.ctx, asked.person, number, class_, kind, request.get(PHOTO, b""), typed.get("party", "")
        )
    except BadInput as wrong:
        told = refusals.wrong_field(wrong, asked.say)[wrong.field]
        return await _home(asked, number, Notice("bad", told), typed)
    return go(f"/archive/homes/{number}", "filed")


async def ask(request: web.Request) -> web.StreamResponse:
    """Asks for a home's documents to be lent, for a reason."""
    asked, number = of(request), request.match_info["home"]
    form = await request.post()
    typed = {name: str(form.get(name, ""))[:200].strip() for name in ("doc", "reason")}
    if not typed["reason"] or not typed["doc"]:
        text = refusals.wrong_field(BadInput("note", "missing"), asked.say)["note"]
        return await _home(asked, number, Notice("bad", text), typed)
    told: dict[str, object] = dict(typed)
    case = await casework.open_case(asked.ctx, asked.person, disclosure.LEND, number, told)
    await casework.act(asked.ctx, asked.person, case.id, case.version, "apply")
    return go(f"/archive/homes/{number}", "lend_asked")


async def lend(request: web.Request) -> web.StreamResponse:
    """The archivist's leave."""
    asked = of(request)
    held = (await casework.paper(asked.ctx, asked.person, int(request.match_info["case"]))).case
    await casework.act(asked.ctx, asked.person, held.id, held.version, "sign")
    return go(f"/archive/homes/{held.place}", "lent")


async def sheet(request: web.Request) -> web.StreamResponse:
    """A document as a picture under the mark of who looks, never without it; a PDF as a file to save."""
    asked = of(request)
    lend = request.query.get("lend", "")
    words = asked.moment(asked.ctx.clock()) + " · " + asked.say(officewords.MARK)
    number = int(request.match_info["doc"])
    shown = await disclosure.show(asked.ctx, asked.person, number, words, int(lend) if whole(lend) else None)
    if pdf.is_one(shown):  # for the reader's own program, never within our pages
        headers = {"Content-Disposition": f'attachment; filename="document-{number}.pdf"'}
        return web.Response(body=shown, content_type=pdf.TYPE, headers=headers)
    return web.Response(body=shown, content_type=SVG)
