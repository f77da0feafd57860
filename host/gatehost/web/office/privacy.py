"""What privacy needs every day: retention, requests, faces, assessment, erasure, public rules."""

from aiohttp import web

from gatehost.model.account import ADMIN
from gatehost.model.errors import BadInput
from gatehost.model.policy import Rule
from gatehost.service.evidence import erasure
from gatehost.service.home import homes
from gatehost.service.office import assessment, retention
from gatehost.service.paper import documents
from gatehost.web.frame.page import Notice, go, render
from gatehost.web.frame.qr import qr
from gatehost.web.frame.session import Asked, of
from gatehost.web.words import refusals, rulewords
from gatehost.web.words.language import noted as N

TYPED = 3200


async def privacy(request: web.Request) -> web.StreamResponse:
    """Last nights' reports, open data requests, the face counter."""
    asked = of(request)
    ctx, actor = asked.ctx, asked.person
    return render(
        request, "office/office_privacy.html", reports=await retention.reports(ctx, actor), now=ctx.clock(),
        requests=await assessment.requests(ctx, actor), faces=await assessment.counted(ctx, actor),
    )  # fmt: skip


async def assess(request: web.Request) -> web.StreamResponse:
    """The assessment as of now, to be signed and printed."""
    return await _assessed(of(request), {})


async def _assessed(asked: Asked, typed: dict[str, str], wrong: BadInput | None = None) -> web.Response:
    held = await assessment.assessment(asked.ctx, asked.person)
    former = await assessment.signed(asked.ctx, asked.person)
    return render(
        asked.request, "office/assessment.html", status=200 if wrong is None else 400, held=held, former=former,
        typed=typed, rules=said(asked, held.rules), changed=said(asked, held.changed),
        may_sign=asked.person.role == ADMIN, now=asked.ctx.clock(),
        wrong=refusals.Wrong() if wrong is None else refusals.wrong_field(wrong, asked.say),
    )  # fmt: skip


def said(asked: Asked, rules: tuple[Rule, ...]) -> list[tuple[str, str, str]]:
    """(name, value, who decided) of rules in words."""
    return [
        (
            rulewords.name(asked.say, rule.key),
            rulewords.value(asked.say, rule),
            refusals.decision(asked.say, rule.decided_by, rule.document, rule.why) if rule.decided_by else "",
        )
        for rule in rules
        if rule.value
    ]


async def sign(request: web.Request) -> web.StreamResponse:
    """Keeps the assessment with its date and name."""
    asked, form = of(request), await request.post()
    typed = {name: str(form.get(name, ""))[:TYPED] for name in ("necessity", "risks", "measures")}
    try:
        await assessment.sign(asked.ctx, asked.person, **typed)
    except BadInput as wrong:
        return await _assessed(asked, typed, wrong)
    return go("/office/assessment", "assessed")


async def erase_form(request: web.Request) -> web.StreamResponse:
    """Whom it is about: a home's number leads to its people."""
    return await _erase(of(request), request.query.get("home", "")[:16].strip())


async def _erase(asked: Asked, home: str, wrong: BadInput | None = None) -> web.Response:
    sheet = await homes.sheet(asked.ctx, asked.person, home) if home else None
    return render(
        asked.request, "office/erase.html", status=200 if wrong is None else 400, home=home, sheet=sheet,
        notice=None if wrong is None else Notice("bad", refusals.wrong_field(wrong, asked.say)[wrong.field]),
    )  # fmt: skip


async def erase(request: web.Request) -> web.StreamResponse:
    """Erases what the log and the archive hold of a person or a home. Asked twice: the word must be typed."""
    asked, form = of(request), await request.post()
    home, whom = str(form.get("home", ""))[:16], str(form.get("whom", ""))[:32]
    try:
        if form.get("sure") != "yes" or not whom:
            raise BadInput("sure", "unchecked")
        sheet = await homes.sheet(asked.ctx, asked.person, home)
        people = [bytes.fromhex(one.party.id) for one in sheet.members if whom == one.party.id]
        about = [sheet.home.id] if whom == "home" else []
        reason = erasure.WITHDRAWN if form.get("why") == "withdrawn" else erasure.ASKED
        count = await erasure.erase(asked.ctx, asked.person, about, people, reason)
    except BadInput as wrong:
        return await _erase(asked, home, wrong)
    ended = await documents.sweep(asked.ctx)
    told = asked.say(
        N("Erased: entries of the log %(entries)s, documents %(documents)s."), entries=count, documents=ended
    )
    return render(asked.request, "office/erase.html", home="", sheet=None, notice=Notice("good", told))


async def rules(request: web.Request) -> web.StreamResponse:
    """What holds here, for anybody; made from the rules in force."""
    asked = of(request)
    found = said(asked, await assessment.public_rules(asked.ctx))
    return render(request, "office/public_rules.html", rules=found, live=False, poster=False, code="")


async def poster(request: web.Request) -> web.StreamResponse:
    """The same to be printed and hung at the gate, with a code that leads to the page."""
    asked = of(request)
    found = said(asked, await assessment.public_rules(asked.ctx))
    return render(
        request, "office/public_rules.html", rules=found, live=False, poster=True, code=qr(f"{asked.ctx.url}/rules"),
        now=asked.ctx.clock(),
    )  # fmt: skip
