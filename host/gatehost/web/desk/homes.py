"""The front desk: find a home or a person, see the home sheet, add people, give links and PINs."""

from aiohttp import web

from gatehost.model.errors import BadInput, HostError, NotFound, Refused
from gatehost.model.paper import OPEN
from gatehost.model.party import TIE_ROLES
from gatehost.model.sheet import HomeSheet, Member
from gatehost.service.evidence import visits
from gatehost.service.face import consent
from gatehost.service.home import homes, pins
from gatehost.service.office import accounts, day
from gatehost.service.paper import kinds, leavers, papers
from gatehost.web.frame.page import Notice, go, render
from gatehost.web.frame.qr import qr
from gatehost.web.frame.session import Asked, of
from gatehost.web.words import refusals, wording


async def find(request: web.Request) -> web.StreamResponse:
    """The search; without words, all homes by number."""
    asked = of(request)
    words = request.query.get("q", "")[:60].strip()
    rows = await homes.find(asked.ctx, asked.person, words)
    today = await visits.today(asked.ctx, asked.person)
    late = await papers.late_count(asked.ctx, asked.person)
    return render(
        request, "desk/desk.html", words=words, rows=rows, today=today, late=late,
        present=await day.at_the_desk(asked.ctx, asked.person), left=await day.left(asked.ctx, asked.person),
    )  # fmt: skip


async def sheet(request: web.Request) -> web.StreamResponse:
    """The home sheet."""
    return await shown(request, of(request))


async def shown(
    request: web.Request,
    asked: Asked,
    *,
    typed: dict[str, str] | None = None,
    wrong: refusals.Wrong | None = None,
    notice: Notice | None = None,
    status: int = 200,
    about: str = "",
) -> web.Response:
    """The sheet with what was typed into its form, or into the one about a person of the home."""
    found = await homes.sheet(asked.ctx, asked.person, request.match_info["home"])
    words = wording.Words(asked.say)
    return render(
        request, "desk/sheet.html", status=status, sheet=found, typed=typed or {}, wrong=wrong or refusals.Wrong(),
        about=about, notice=notice, roles=[(role, words.tie(role)) for role in TIE_ROLES], kinds=kinds.kinds(),
        papers=await papers.listed(asked.ctx, asked.person, OPEN, found.home.id),
        declined=await consent.declined(asked.ctx, asked.person, found.home.id),
        t=asked.declared, seen=homes.seen,
    )  # fmt: skip


async def add_person(request: web.Request) -> web.StreamResponse:
    """A new person of the home."""
    asked = of(request)
    typed = {name: str(value)[:80].strip() for name, value in (await request.post()).items()}
    home = request.match_info["home"]
    try:
        await homes.add_person(
            asked.ctx, asked.person, home, typed.get("name", ""), typed.get("role", ""), typed.get("phone", "")
        )
    except BadInput as error:
        return await shown(request, asked, typed=typed, wrong=refusals.wrong_field(error, asked.say), status=400)
    return go(f"/desk/homes/{home}", "person")


async def correct(request: web.Request) -> web.StreamResponse:
    """A person's name or phone was wrong, or has changed."""
    asked, home, party = of(request), request.match_info["home"], request.match_info["party"]
    typed = {name: str(value)[:80].strip() for name, value in (await request.post()).items()}
    try:
        name, phone = typed.get("name", ""), typed.get("phone", "")
        await homes.correct(asked.ctx, asked.person, home, party, name, phone, typed.get("was"))
    except BadInput as error:
        wrong = refusals.wrong_field(error, asked.say)
        return await shown(request, asked, typed=typed, wrong=wrong, status=400, about=party)
    except Refused as error:
        told = refusals.explain(error, asked.say, asked.moment)
        notice = Notice(told.tone, told.why, told.next)
        return await shown(request, asked, typed=typed, notice=notice, status=told.status, about=party)
    return go(f"/desk/homes/{home}", "corrected")


async def end_tie(request: web.Request) -> web.StreamResponse:
    """The person no longer belongs to the home."""
    asked = of(request)
    tie = await leavers.person_left(asked.ctx, asked.person, int(request.match_info["tie"]))
    return go(f"/desk/homes/{tie.place}", "tie")


async def deed_seen(request: web.Request) -> web.StreamResponse:
    """The deed was still to be shown, and was."""
    asked = of(request)
    tie = await homes.deed_seen(asked.ctx, asked.person, int(request.match_info["tie"]))
    return go(f"/desk/homes/{tie.place}", "deed")


async def make_link(request: web.Request) -> web.StreamResponse:
    """A one-use sign-in link, shown as a QR code for the person's own phone."""
    asked = of(request)
    found, member = await member_of(request, asked)
    token = await accounts.make_link(asked.ctx, asked.person, member.party.id)
    address = f"{asked.ctx.url}/link/{token}"
    return render(
        request,
        "desk/made_link.html",
        name=member.party.name,
        renewed=member.activated,
        back=f"/desk/homes/{found.home.id}",
        address=address,
        qr=qr(address),
        live=False,
    )


async def give_pin(request: web.Request) -> web.StreamResponse:
    """A fresh PIN, shown once to be printed or written down."""
    asked = of(request)
    found, member = await member_of(request, asked)
    duress = (await request.post()).get("duress") == "1"
    try:
        given = await pins.give_pin(asked.ctx, asked.person, found.home.id, member.party.id, duress)
    except HostError as error:
        told = refusals.explain(error, asked.say, asked.moment)
        return await shown(request, asked, notice=Notice(told.tone, told.why, told.next), status=told.status)
    return render(request, "desk/given_pin.html", given=given, home=found.home, live=False)


async def end_pin(request: web.Request) -> web.StreamResponse:
    """Ends a PIN."""
    asked = of(request)
    await pins.end_pin(asked.ctx, asked.person, int(request.match_info["pin"]))
    return go(f"/desk/homes/{request.match_info['home']}", "pin")


async def member_of(request: web.Request, asked: Asked) -> tuple[HomeSheet, Member]:
    """The home and person in the address; NotFound if they do not belong together."""
    found = await homes.sheet(asked.ctx, asked.person, request.match_info["home"])
    for member in found.members:
        if member.party.id == request.match_info["party"]:
            return found, member
    raise NotFound("person")
