"""Who works for the estate: the list, somebody new, another role, a new link, an account closed."""

from dataclasses import dataclass
from functools import partial

from aiohttp import web
from multidict import MultiMapping

from gatehost.model.account import DUTIES
from gatehost.model.errors import BadInput, Denied, HostError, Refused
from gatehost.service.office import staff
from gatehost.service.office.staff import Employee
from gatehost.web.frame.page import ROLE_NAMES, Notice, go, render
from gatehost.web.frame.qr import qr
from gatehost.web.frame.session import Asked, of
from gatehost.web.words import moment, paperwords, refusals, staffwords

Typed = dict[str, str]
TEXTS = {"name": staff.LONGEST, "login": staff.LONGEST, "role": 20, "why": staff.LONGEST_WHY}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Which form of an account was refused, with what was typed and ticked in it."""

    act: str
    typed: Typed
    ticked: tuple[str, ...]
    error: HostError | None = None


async def show(request: web.Request) -> web.StreamResponse:
    """Everybody who may sign in and is no resident, and what was done to accounts."""
    asked = of(request)
    return render(
        request, "office/staff.html", staff=await staff.listed(asked.ctx, asked.person), live=False, roles=roles(asked),
        duties=duties(asked), changes=await staff.changes(asked.ctx, asked.person), on=partial(on, asked),
    )  # fmt: skip


async def form(request: web.Request) -> web.StreamResponse:
    """The form for somebody new."""
    return _form(of(request), {}, ())


def _form(asked: Asked, typed: Typed, ticked: tuple[str, ...], wrong: BadInput | None = None) -> web.Response:
    return render(
        asked.request, "office/staff_new.html", status=200 if wrong is None else 400, typed=typed, ticked=ticked,
        live=False, roles=givable(asked), duties=duties(asked), wrong=_wrong(asked, wrong),
    )  # fmt: skip


async def add(request: web.Request) -> web.StreamResponse:
    """Lets somebody in: their link is shown this once."""
    asked = of(request)
    typed, ticked = read(await request.post())
    try:
        number, token = await staff.add(
            asked.ctx, asked.person, typed["name"], typed["login"], typed["role"], ticked, typed["why"]
        )
    except BadInput as wrong:
        return _form(asked, typed, ticked, wrong)
    return _link(asked, number, typed["name"].strip(), token)


async def one(request: web.Request) -> web.StreamResponse:
    """One account, and what may be done with it."""
    asked = of(request)
    return _one(asked, await staff.one(asked.ctx, asked.person, number_of(request)))


def _one(asked: Asked, held: Employee, refused: Refusal | None = None) -> web.Response:
    """The page of an account; after a refusal with the form that was sent as it was."""
    told, wrong, status = None, None, 200
    if refused is not None and isinstance(refused.error, BadInput):
        wrong, status = refused.error, 400
    elif refused is not None and refused.error is not None:
        said = refusals.explain(refused.error, asked.say, asked.moment)
        told, status = Notice(said.tone, said.why, said.next), said.status
    return render(
        asked.request, "office/staff_one.html", status=status, one=held, sent=refused or Refusal("", {}, held.duties),
        roles=givable(asked), all_roles=roles(asked), duties=duties(asked), on=partial(on, asked), live=False,
        wrong=_wrong(asked, wrong), notice=told,
    )  # fmt: skip


async def give_role(request: web.Request) -> web.StreamResponse:
    """Another role, or other things to sign for."""
    asked, number = of(request), number_of(request)
    sent = await request.post()
    typed, ticked = read(sent)
    was = str(sent["was"]) if "was" in sent else None
    try:
        await staff.give_role(asked.ctx, asked.person, number, typed["role"], ticked, typed["why"], was)
    except (BadInput, Denied, Refused) as error:
        return _one(asked, await staff.one(asked.ctx, asked.person, number), Refusal("role", typed, ticked, error))
    return go(f"/admin/staff/{number}", "staff_role")


async def make_link(request: web.Request) -> web.StreamResponse:
    """A new link for who lost theirs, or the password."""
    asked, number = of(request), number_of(request)
    typed, _ = read(await request.post())
    held = await staff.one(asked.ctx, asked.person, number)
    try:
        token = await staff.make_link(asked.ctx, asked.person, number, typed["why"])
    except (BadInput, Denied, Refused) as error:
        return _one(asked, held, Refusal("link", typed, held.duties, error))
    return _link(asked, number, held.name, token, renewed=not held.waits)


async def close(request: web.Request) -> web.StreamResponse:
    """Ends an account for good."""
    asked, number = of(request), number_of(request)
    typed, _ = read(await request.post())
    try:
        await staff.close(asked.ctx, asked.person, number, typed["why"])
    except (BadInput, Denied, Refused) as error:
        held = await staff.one(asked.ctx, asked.person, number)
        return _one(asked, held, Refusal("close", typed, held.duties, error))
    return go("/admin/staff", "staff_closed")


def _link(asked: Asked, number: int, name: str, token: str, renewed: bool = False) -> web.Response:
    address = f"{asked.ctx.url}/link/{token}"
    return render(
        asked.request, "desk/made_link.html", name=name, renewed=renewed, back=f"/admin/staff/{number}", live=False,
        address=address, qr=qr(address),
    )  # fmt: skip


def number_of(request: web.Request) -> int:
    """The account in the address."""
    return int(request.match_info["account"])


def read(sent: MultiMapping[object]) -> tuple[Typed, tuple[str, ...]]:
    """What was typed, a little longer than allowed so that it is told, and which duties were ticked."""
    typed = {name: str(sent.get(name, ""))[: most + 1] for name, most in TEXTS.items()}
    return typed, tuple(one for one in DUTIES if one in sent.getall("duty", []))


def _wrong(asked: Asked, wrong: BadInput | None) -> refusals.Wrong:
    return refusals.Wrong() if wrong is None else refusals.wrong_field(wrong, asked.say)


def on(asked: Asked, day: int) -> str:
    """A day of the estate."""
    return moment.date(asked.language, moment.start_of(day, asked.estate), asked.ctx.clock(), asked.estate)


def givable(asked: Asked) -> list[tuple[str, str, str]]:
    """(role, its name, what it does) to choose from."""
    said = staffwords.ROLES
    return [(role, asked.say(ROLE_NAMES[role]), asked.say(said[role])) for role in staff.givable(asked.person)]


def roles(asked: Asked) -> dict[str, str]:
    """Every role by its name."""
    return {role: asked.say(name) for role, name in ROLE_NAMES.items()}


def duties(asked: Asked) -> dict[str, str]:
    """What somebody may sign for, beside their role."""
    return {duty: asked.say(paperwords.DUTIES[duty]) for duty in DUTIES}
