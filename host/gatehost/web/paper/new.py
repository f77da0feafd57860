"""A new paper: which kind, about which home, its form; refused, everything typed stays where it was typed."""

from dataclasses import replace

from aiohttp import web

from gatehost.model.account import RESIDENT
from gatehost.model.errors import BadInput, HostError, NotFound, Refused
from gatehost.model.kind import Field, Kind
from gatehost.model.paper import Blank
from gatehost.model.party import CHILD, FAMILY, GUARDIAN, OWNER, TENANT
from gatehost.model.place import HOME
from gatehost.service.paper import application
from gatehost.service.paper.form import for_role
from gatehost.web.frame.page import go, render
from gatehost.web.frame.session import Asked, of
from gatehost.web.paper import declared, papers
from gatehost.web.words import paperwords, refusals, wording
from gatehost.web.words.language import noted as N

OWN_PAGES = ("shift", "desk_day", "home_review")  # begun on pages of their own
# kind of paper -> field, and what is chosen in it already for who belongs to the home so
CHOSEN: dict[str, tuple[str, dict[str, str]]] = {
    "item_release": (
        "applicant", {OWNER: "owner", TENANT: "occupant", FAMILY: "occupant", CHILD: "occupant", GUARDIAN: "occupant"},
    ),
    "face_enrol": ("kind", {TENANT: "tenant", CHILD: "minor"}),
}  # fmt: skip
# kinds of paper whose name is not the home's: of a visitor, a worker, a courier
OTHERS = ("visitor_request", "contractor_pass", "courier_pass")
ASKED_MOST = (
    "item_release", "visitor_request", "temp_parking", "card_issue", "repair", "complaint", "call", "card_lost",
)  # fmt: skip
GROUPS = (("apply", N("Apply for")), ("tell", N("Tell the office")), ("record", N("On record")))


async def kinds(request: web.Request) -> web.StreamResponse:
    """Every kind the reader may open, what is asked for most first."""
    asked = of(request)
    found = [kind for kind in application.opened_by(asked.person) if kind.key not in OWN_PAGES]
    found.sort(key=lambda kind: ASKED_MOST.index(kind.key) if kind.key in ASKED_MOST else len(ASKED_MOST))
    groups = [
        (asked.say(title), [(kind, asked.declared(kind.name)) for kind in found if group_of(kind) == key])
        for key, title in GROUPS
    ]
    return render(
        request, "paper/kinds.html", groups=[one for one in groups if one[1]], home=request.query.get("home", "")[:16],
        party=request.query.get("party", "")[:32],
    )  # fmt: skip


def group_of(kind: Kind) -> str:
    """Something applied for, something told to the office, or something kept on record."""
    if kind.start == "draft":
        return "apply"
    return "tell" if any(move.act == "solve" for move in kind.moves) else "record"


def own(asked: Asked, kind: Kind) -> tuple[Field, ...]:
    """The fields of a new paper that are the reader's to fill in."""
    return tuple(field for field in kind.fields if for_role(field, asked.person.role))


def key_of(request: web.Request) -> str:
    """The kind in the address."""
    key = request.match_info["kind"]
    if key in OWN_PAGES:
        raise NotFound("kind")
    return key


async def form(request: web.Request) -> web.StreamResponse:
    """The empty form; where the home is not known yet it is asked for first."""
    asked, key = of(request), key_of(request)
    place = request.query.get("home", "")[:64].strip()
    if asked.person.role == RESIDENT:
        place = place or (asked.person.homes[0] if asked.person.homes else "")
    try:
        blank = await application.blank(asked.ctx, asked.person, key, place)
    except NotFound as error:
        if error.code != "place":
            raise
        return await where(request, asked, key, place)
    if blank.place is None and blank.kind.places == (HOME,):
        return await where(request, asked, key, "")
    return await shown(request, asked, blank, known(request, asked, blank))


async def where(request: web.Request, asked: Asked, key: str, typed: str) -> web.Response:
    """Which home it is about."""
    wrong = refusals.Wrong(home=asked.say(paperwords.FIELDS[("place", "unknown")]) if typed else "")
    title = asked.declared((await application.blank(asked.ctx, asked.person, key)).kind.name)
    return render(
        request, "paper/where.html", status=404 if typed else 200, title=title, kind=key, typed=typed, wrong=wrong,
        live=False,
    )  # fmt: skip


def known(request: web.Request, asked: Asked, blank: Blank) -> declared.Typed:
    """What can be filled in already: the person's own name and phone, and what the address names."""
    party = request.query.get("party", "")
    person = next((one for one in blank.members if one.id in (party, asked.person.party)), None)
    typed = {"person": person.id if person else blank.members[0].id if blank.members else "", "parent": ""}
    if request.query.get("parent", "").isdigit():
        typed["parent"] = request.query["parent"]
    if person is not None and blank.kind.key not in OTHERS:
        typed |= {f"{declared.PREFIX}name": person.name, f"{declared.PREFIX}phone": person.phone}
        typed |= {f"{declared.PREFIX}born": person.born}
        field, chosen = CHOSEN.get(blank.kind.key, ("", {}))
        typed |= {f"{declared.PREFIX}{field}": chosen.get(blank.roles[blank.members.index(person)], "")}
    if blank.kind.key == "item_release":
        typed |= {f"{declared.PREFIX}direction": "out"}  # what goods do, where nobody says else
    keys = {field.key for field in blank.kind.fields}
    named = {name: value[:200] for name, value in request.query.items() if name in keys}
    return typed | {declared.PREFIX + name: value for name, value in named.items()}


async def shown(
    request: web.Request, asked: Asked, blank: Blank, typed: declared.Typed, error: HostError | None = None
) -> web.Response:
    """The form with what was typed and the sentence at the field that cannot be used."""
    wrong = {error.field: refusals.wrong_field(error, asked.say)[error.field]} if isinstance(error, BadInput) else {}
    kind = blank.kind
    homes = await papers.homes_of(asked) if asked.person.role == RESIDENT else []
    places = await application.places_of(asked.ctx, asked.person, kind.key) if blank.place is None else ()
    return render(
        request, "paper/new.html", status=papers.status_of(error), blank=blank, kind=kind, typed=typed,
        notice=papers.told(asked, kind, error) if error else None, title=asked.declared(kind.name),
        fields=await declared.fields(asked, own(asked, kind), typed, wrong, limits(asked, blank)),
        wrong=refusals.Wrong(wrong),
        goods=application.has_goods(kind), lines=range(declared.LINES), homes=homes, live=False,
        members=called(asked, blank), others=kind.key in OTHERS, hands_in=kind.start == "draft",
        places=[(one.id, one.name) for one in places],
    )  # fmt: skip


def called(asked: Asked, blank: Blank) -> list[tuple[str, str]]:
    """The people of the home to choose from; how they belong to it tells two of one name apart."""
    tie = wording.Words(asked.say).tie
    return [(one.id, f"{one.name} · {tie(role)}") for one, role in zip(blank.members, blank.roles, strict=True)]


def limits(asked: Asked, blank: Blank) -> dict[str, str]:
    """What the rules in force allow, beside the field it bounds."""
    return {
        field: asked.say(*paperwords.LIMITS[told.split(" ")[0]], number=told.partition(" ")[2])
        for field, told in blank.limits
    }


async def make(request: web.Request) -> web.StreamResponse:
    """Hands the paper in; refused, nothing is stored and everything typed stands in the form."""
    asked, key = of(request), key_of(request)
    typed = await declared.sent(request)
    place = typed.get("home", "") or typed.get("place", "")
    try:
        blank = await application.blank(asked.ctx, asked.person, key, place)
    except NotFound as error:
        if error.code != "place":
            raise
        blank = await application.blank(asked.ctx, asked.person, key)
        return await shown(request, asked, blank, typed, BadInput("place", "unknown"))
    typed = as_known(blank, typed)
    try:
        made = await hand_in(asked, blank, typed)
    except (BadInput, Refused) as error:
        kept = blank if request.query.get("home") or blank.kind.places == (HOME,) else replace(blank, place=None)
        return await shown(request, asked, kept, typed, error)
    return go(f"/papers/{made}", "handed-in")


def as_known(blank: Blank, typed: declared.Typed) -> declared.Typed:
    """What was left empty about the chosen person, as the home's page has it."""
    person = next((one for one in blank.members if one.id == typed.get("person")), None)
    if person is None or blank.kind.key in OTHERS:
        return typed
    known = {"name": person.name, "phone": person.phone, "born": person.born}
    empty = {key: value for key, value in known.items() if not typed.get(declared.PREFIX + key)}
    return typed | {declared.PREFIX + key: value for key, value in empty.items() if value}


async def hand_in(asked: Asked, blank: Blank, typed: declared.Typed) -> int:
    """The new paper's number in the table."""
    if blank.place is None:
        raise BadInput("place", "missing")
    values = declared.told(asked, own(asked, blank.kind), typed)
    goods = declared.goods(typed) if application.has_goods(blank.kind) else ()
    person = typed.get("person", "") if asked.person.role != RESIDENT else ""
    parent = typed.get("parent", "")
    made = await application.hand_in(
        asked.ctx, asked.person, blank.kind.key, blank.place.id, values, goods, person or None,
        int(parent) if parent.isascii() and parent.isdigit() and len(parent) < 10 else None,
    )  # fmt: skip
    return made.id
