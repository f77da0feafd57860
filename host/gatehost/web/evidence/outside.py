"""Evidence given out of the house: a door's hours, a home's records, the log without names, the trust file, witnesses
outside, a printed head."""

import base64
from datetime import datetime, timedelta, timezone
from functools import partial

from aiohttp import web

from gatehost.model.account import ADMIN
from gatehost.model.errors import BadInput
from gatehost.service.door import devices
from gatehost.service.evidence import export, witness
from gatehost.service.evidence import report as reports
from gatehost.service.evidence.export import PERSON, PUBLIC, WINDOW, Wanted
from gatehost.web.evidence import proof
from gatehost.web.frame.page import Notice, go, render
from gatehost.web.frame.qr import qr
from gatehost.web.frame.session import Asked, of
from gatehost.web.words import moment, refusals

TYPED = 300


async def show(request: web.Request) -> web.StreamResponse:
    """Everything the admin gives out, as forms; for the committee the log without names and its witness."""
    return await _page(of(request))


async def _page(asked: Asked, wrong: BadInput | None = None, typed: str = "") -> web.StreamResponse:
    """The forms; after a refusal with what was typed into them (`typed`: which of the lines was sent)."""
    sent = {name: str(value)[: TYPED + 1] for name, value in (await asked.request.post()).items()} if wrong else {}
    sent |= {typed: sent.get("line", "")} if typed else {}
    admin = asked.person.role == ADMIN
    doors = [(one.slot, one.name) for one in await devices.doors(asked.ctx, asked.person)] if admin else []
    return render(
        asked.request, "evidence/evidence.html", doors=doors, status=200 if wrong is None else 400,
        typed=sent, admin=admin, outside=await witness.known(asked.ctx, asked.person),
        notice=None if wrong is None else Notice("bad", refusals.wrong_field(wrong, asked.say)[wrong.field]),
    )  # fmt: skip


WINDOW_FORM = ("slot", "since", "until", "whom", "why", "paper")


async def _typed(asked: Asked) -> tuple[dict[str, str], Wanted]:
    """What was asked for, and what it means."""
    form = await asked.request.post()
    typed = {name: str(form.get(name, ""))[: TYPED + 1].strip() for name in WINDOW_FORM}
    since, until = instant(asked, typed["since"]), instant(asked, typed["until"])
    return typed, Wanted(WINDOW, (typed["slot"],), since, until)


async def report(request: web.Request) -> web.StreamResponse:
    """A door's hours as a report to print, the file within it."""
    asked = of(request)
    try:
        typed, wanted = await _typed(asked)
        made = await reports.make(asked.ctx, asked.person, wanted, typed["why"], typed["paper"], typed["whom"])
    except BadInput as wrong:
        return await _page(asked, wrong)
    file, door = base64.b64encode(made.data).decode(), made.parts[0].door if made.parts else typed["slot"]
    return render(
        request, "evidence/report.html", made=made, typed=typed, wanted=wanted, door=door, file=file,
        qr=_qr(asked, made.head), now=asked.ctx.clock(), exact=partial(exact, asked), live=False,
    )  # fmt: skip


def exact(asked: Asked, at: int) -> str:
    """A time (ms UTC) as paper needs it: date, seconds and offset, whatever day it is read on."""
    minutes = moment.offset(at, asked.estate)
    local = datetime.fromtimestamp(at / 1000, timezone(timedelta(minutes=minutes)))
    return local.isoformat(" ", "seconds")


async def window(request: web.Request) -> web.StreamResponse:
    """A door's hours as a file, for somebody and for a reason."""
    asked = of(request)
    try:
        typed, wanted = await _typed(asked)
        export.check(wanted, typed["why"], typed["whom"])
    except BadInput as wrong:
        return await _page(asked, wrong)
    return await proof.sent(request, export.pieces(asked.ctx, asked.person, wanted, typed["why"], typed["whom"]))


async def home(request: web.Request) -> web.StreamResponse:
    """A home's own records as a file, for whom they are and why."""
    asked, form = of(request), await request.post()
    place, whom, why = (str(form.get(name, ""))[: TYPED + 1].strip() for name in ("home", "home_whom", "home_why"))
    try:
        return await proof.sent(request, export.pieces(asked.ctx, asked.person, Wanted(PERSON, home=place), why, whom))
    except BadInput as wrong:
        return await _page(asked, wrong)


async def public(request: web.Request) -> web.StreamResponse:
    """Every entry without its private half as a file, for the committee: it tells nobody's coming and going."""
    asked = of(request)
    return await proof.sent(request, export.pieces(asked.ctx, asked.person, Wanted(PUBLIC)))


def instant(asked: Asked, text: str) -> int:
    """A typed local time as ms UTC; BadInput("window", "window") for none."""
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput("window", "window") from None
    if local.tzinfo is not None or asked.estate is None:
        raise BadInput("window", "window")
    return moment.instant(local.replace(microsecond=0), asked.estate)


async def add(request: web.Request) -> web.StreamResponse:
    """A witness outside, by the line its program printed."""
    asked, form = of(request), await request.post()
    words = str(form.get("line", "")).split()
    try:
        if len(words) != 4 or words[:2] != ["witness", "outside"]:
            raise BadInput("public", "key")
        await witness.add(asked.ctx, asked.person, words[2], words[3])
    except BadInput as wrong:
        return await _page(asked, wrong, "new")
    return go("/admin/evidence", "witness")


async def end(request: web.Request) -> web.StreamResponse:
    """A witness outside whose key is lost."""
    asked = of(request)
    await witness.end(asked.ctx, asked.person, str((await request.post()).get("name", "")))
    return go("/admin/evidence", "witness_ended")


async def ask(request: web.Request) -> web.StreamResponse:
    """What a witness is to judge, as a file to carry to its own computer."""
    asked, form = of(request), await request.post()
    said = str(form.get("took", "")).strip()
    try:
        if said and not (said.isascii() and said.isdigit() and len(said) < 19):
            raise BadInput("took", "took")
        took = int(said) if said else None
        data = await witness.request(asked.ctx, asked.person, str(form.get("name", "")), took)
    except BadInput as wrong:
        return await _page(asked, wrong)
    name = 'attachment; filename="kaimen.request"'
    return web.Response(body=data, content_type="application/octet-stream", headers={"Content-Disposition": name})


async def answer(request: web.Request) -> web.StreamResponse:
    """The line a witness brought back."""
    asked = of(request)
    try:
        await witness.answer(asked.ctx, asked.person, str((await request.post()).get("line", "")))
    except BadInput as wrong:
        return await _page(asked, wrong, "answer")
    return go("/admin/evidence", "cosigned")


async def hand_over(request: web.Request) -> web.StreamResponse:
    """The trust file and the newest tree head, to print."""
    asked = of(request)
    trust = await witness.trust_file(asked.ctx, asked.person)
    head = await witness.newest_head(asked.ctx)
    return render(request, "evidence/handover.html", trust=trust, head=head, qr=_qr(asked, head), now=asked.ctx.clock())


async def trust(request: web.Request) -> web.StreamResponse:
    """The trust file as a file: nobody types the keys of fifty doors."""
    asked = of(request)
    text = await witness.trust_file(asked.ctx, asked.person)
    name = 'attachment; filename="trust.txt"'
    return web.Response(text=text, content_type="text/plain", headers={"Content-Disposition": name})


def _qr(asked: Asked, head: witness.Head) -> str:
    """The page that compares a printed head."""
    return qr(f"{asked.ctx.url}/head?line={head.line.replace(' ', '+')}")


async def head(request: web.Request) -> web.StreamResponse:
    """Whether a printed head is of this log: typed, or scanned from its QR code. For anybody, without a script."""
    asked, line = of(request), request.query.get("line", "")[:TYPED]
    notice = None
    if line:
        try:
            known = await witness.same(asked.ctx, line)
            good = asked.say("This head is of the log that this computer shows today.")
            bad = asked.say("This computer shows another log than the one this head was printed from. Keep the paper.")
            notice = Notice("good", good) if known else Notice("bad", bad)
        except BadInput as wrong:
            notice = Notice("bad", refusals.wrong_field(wrong, asked.say)[wrong.field])
    return render(request, "evidence/head.html", line=line, notice=notice, live=False)
