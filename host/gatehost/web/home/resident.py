"""The resident's page: who is ringing, invite, my doors, my codes; who came; my data."""

from dataclasses import dataclass

from aiohttp import web

from gatehost.model.code import EARLY, ISSUED, VisitorCode
from gatehost.model.errors import NotFound
from gatehost.model.place import Place, Slot
from gatehost.model.policy import Rule
from gatehost.service.door import calls
from gatehost.service.evidence import audit, visits
from gatehost.service.face import credential, holding, withdrawal
from gatehost.service.gate import asking
from gatehost.service.home import homes, lost_card, pins, visitor_code
from gatehost.service.office import policy as policies
from gatehost.service.paper import kinds, yearly
from gatehost.service.paper import papers as paper_rows
from gatehost.web.enrol.consent import copy_of
from gatehost.web.frame.page import go, render
from gatehost.web.frame.session import Asked, of
from gatehost.web.home import guests
from gatehost.web.paper import papers


@dataclass(frozen=True, slots=True)
class MyHome:
    """One of the reader's homes with what they need of it at first sight."""

    place: Place
    doors: tuple[Slot, ...]
    codes: tuple[VisitorCode, ...]
    home_open: Rule
    paused_at: tuple[str, ...]


async def home(request: web.Request) -> web.StreamResponse:
    """First things first: a ringing visitor, then inviting, then the doors."""
    asked = of(request)
    ringing = await calls.live(asked.ctx, asked.person)
    asking_ = await asking.waiting(asked.ctx, asked.person)
    places = await homes.my_homes(asked.ctx, asked.person)
    mine = [await my_home(asked, place) for place in places]
    rules = {call.home: await policies.rule(asked.ctx, "home_open", call.home) for call in ringing}
    names = {door.id: door.name for one in mine for door in one.doors}
    turn = await papers.waiting_for(asked)
    waits = {row.case.id for row in turn}
    news = [row for row in await paper_rows.decided(asked.ctx, asked.person) if row.case.id not in waits]
    return render(
        request, "home/resident.html", asking=asking_, calls=ringing, homes=mine, rules=rules, names=names, turn=turn,
        news=news,
        kinds=kinds.kinds(), t=asked.declared, guests=await guests.of_homes(asked, places),
        now=asked.ctx.clock(),
        refused=await credential.my_refusal(asked.ctx, asked.person),
        looks=[one for one in await yearly.mine(asked.ctx, asked.person) if one.due],
    )  # fmt: skip


async def my_home(asked: Asked, place: Place) -> MyHome:
    """A home's doors, live codes and rules."""
    ctx, actor = asked.ctx, asked.person
    sheet = await homes.sheet(ctx, actor, place.id)
    codes = await visitor_code.codes_of(ctx, actor, place.id)
    return MyHome(
        place=place,
        doors=await homes.my_doors(ctx, actor, place.id),
        codes=tuple(code for code in codes if code.state in {ISSUED, EARLY}),
        home_open=await policies.rule(ctx, "home_open", place.id),
        paused_at=sheet.paused_at,
    )


async def who_came(request: web.Request) -> web.StreamResponse:
    """Entries and calls of one home, and its codes of the last month."""
    asked = of(request)
    places = await homes.my_homes(asked.ctx, asked.person)
    chosen = request.query.get("home", "") or (places[0].id if places else "")
    before = request.query.get("before", "")
    older = int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None
    lines = await visits.who_came(asked.ctx, asked.person, chosen, before=older) if chosen else None
    codes = await visitor_code.codes_of(asked.ctx, asked.person, chosen) if chosen else ()
    rung = await calls.history(asked.ctx, asked.person, chosen) if chosen else ()
    return render(request, "home/visits.html", places=places, chosen=chosen, lines=lines, codes=codes, rung=rung)


async def data(request: web.Request) -> web.StreamResponse:
    """What the estate holds about the reader, who looked, which rules bind, and how to withdraw."""
    asked = of(request)
    ctx, actor = asked.ctx, asked.person
    sheets = [await homes.sheet(ctx, actor, place) for place in actor.homes]
    return render(
        request, "home/data.html", sheets=sheets,
        face=await credential.face(ctx, actor, actor.party),
        erasure=await holding.erasure(ctx, actor, actor.party), loads=await holding.loads(ctx, actor, actor.party),
        cards=await lost_card.mine(ctx, actor), behind=await lost_card.behind(ctx, actor),
        pins=[pin for place in actor.homes for pin in await pins.pins_of(ctx, actor, place)],
        looked=[line for place in actor.homes for line in await audit.about_home(ctx, actor, place)],
    )  # fmt: skip


async def agreed(request: web.Request) -> web.StreamResponse:
    """The text the reader signed, word for word."""
    asked = of(request)
    face = await credential.face(asked.ctx, asked.person, asked.person.party)
    if face is None:
        raise NotFound("face")
    return await copy_of(request, face, "/me/data")


async def withdraw_form(request: web.Request) -> web.StreamResponse:
    """One question before a face is erased everywhere."""
    asked = of(request)
    face = await credential.face(asked.ctx, asked.person, asked.person.party)
    return render(request, "enrol/withdraw.html", face=face, action="/me/data/withdraw", back="/me/data", live=False)


async def withdraw(request: web.Request) -> web.StreamResponse:
    """Ends the consent; every door is told to erase."""
    asked = of(request)
    await withdrawal.withdraw(asked.ctx, asked.person, asked.person.party)
    return go("/me/data", "withdrawn")


async def end_pin(request: web.Request) -> web.StreamResponse:
    """Ends a PIN of a home of mine."""
    asked = of(request)
    await pins.end_pin(asked.ctx, asked.person, int(request.match_info["pin"]))
    return go("/me/data", "pin")


async def lose_card(request: web.Request) -> web.StreamResponse:
    """My card is lost: no door takes it any more."""
    asked = of(request)
    await lost_card.lose(asked.ctx, asked.person, asked.person.party, "")
    return go("/me/data", "card_lost")


async def lift(request: web.Request) -> web.StreamResponse:
    """Ends the pause that wrong tries have put on a home's codes at a door."""
    asked, sent = of(request), await request.post()
    await visitor_code.lift_pause(asked.ctx, asked.person, str(sent.get("home", "")), request.match_info["slot"])
    return go("/me", "lifted")
