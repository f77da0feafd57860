"""Gates and buildings of an estate that grows: what there is, what leads to what, and forms for more."""

from aiohttp import web

from gatehost.model.errors import BadInput, NotFound, Refused
from gatehost.model.place import GATE, Place
from gatehost.service.founding import growth
from gatehost.service.paper.form import whole
from gatehost.web.frame.page import Notice, go, render
from gatehost.web.frame.session import Asked, of
from gatehost.web.words import refusals


async def show(request: web.Request) -> web.StreamResponse:
    """Everything there is."""
    asked = of(request)
    return render(request, "door/places.html", ground=await growth.ground(asked.ctx, asked.person), live=False)


async def gate_form(request: web.Request) -> web.StreamResponse:
    """The form for a new gate: all buildings lie behind it until somebody says otherwise."""
    asked = of(request)
    held = await growth.ground(asked.ctx, asked.person)
    return shown(asked, "door/place_gate.html", held, {}, {one.id for one, _, _ in held.buildings})


async def building_form(request: web.Request) -> web.StreamResponse:
    """The form for a new building: every gate leads to it until somebody says otherwise."""
    asked = of(request)
    held = await growth.ground(asked.ctx, asked.person)
    return shown(asked, "door/place_building.html", held, {}, {gate.id for gate, _ in held.gates})


def shown(
    asked: Asked,
    template: str,
    held: growth.Ground,
    typed: dict[str, str],
    chosen: set[str],
    error: BadInput | None = None,
    place: Place | None = None,
    was: str = "",
    overtaken: Refused | None = None,
) -> web.Response:
    """A form with what was typed and ticked."""
    told = None if overtaken is None else refusals.explain(overtaken, asked.say, asked.moment)
    notice = None if told is None else Notice(told.tone, told.why, told.next)
    status = told.status if told is not None else 200 if error is None else 400
    return render(
        asked.request, template, status=status, notice=notice, was=was, typed=typed, chosen=chosen, place=place,
        gates=[gate for gate, _ in held.gates], buildings=[one for one, _, _ in held.buildings], live=False,
        length=asked.estate.dial_length if asked.estate else 0,
        wrong=refusals.Wrong() if error is None else refusals.wrong_field(error, asked.say),
    )  # fmt: skip


async def _typed(asked: Asked) -> tuple[dict[str, str], tuple[str, ...]]:
    """(what was typed, what was ticked)."""
    form = await asked.request.post()
    typed = {name: str(value)[:80].strip() for name, value in form.items()}
    return typed, tuple(str(one)[:64] for one in form.getall("behind", []))


async def add_gate(request: web.Request) -> web.StreamResponse:
    """A new gate."""
    asked = of(request)
    typed, behind = await _typed(asked)
    try:
        await growth.add_gate(asked.ctx, asked.person, typed.get("slot", ""), typed.get("name", ""), behind)
    except BadInput as error:
        held = await growth.ground(asked.ctx, asked.person)
        return shown(asked, "door/place_gate.html", held, typed, {*behind}, error)
    return go("/admin/places", "place")


async def add_building(request: web.Request) -> web.StreamResponse:
    """A new building with its homes."""
    asked = of(request)
    typed, behind = await _typed(asked)
    floors, each = (_number(typed.get(name, "")) for name in ("floors", "per_floor"))
    try:
        await growth.add_building(
            asked.ctx, asked.person, typed.get("name", ""), typed.get("dial", ""), floors, each, behind
        )
    except BadInput as error:
        held = await growth.ground(asked.ctx, asked.person)
        return shown(asked, "door/place_building.html", held, typed, {*behind}, error)
    return go("/admin/places", "place")


def _number(text: str) -> int:
    """A count as typed; nothing is none, and what is no number is one too many."""
    return int(text) if whole(text, 6) else 100 if text else 0


async def one(request: web.Request) -> web.StreamResponse:
    """A gate or building with its form."""
    asked = of(request)
    held = await growth.ground(asked.ctx, asked.person)
    place, behind = _found(held, request.match_info["place"])
    return shown(
        asked, "door/place.html", held, {"name": place.name}, behind, place=place, was=growth.seen(place, behind)
    )


def _found(held: growth.Ground, wish: str) -> tuple[Place, set[str]]:
    for gate, behind in held.gates:
        if gate.id == wish:
            return gate, {one.id for one in behind}
    for building, _, _ in held.buildings:
        if building.id == wish:
            return building, set()
    raise NotFound("place")


async def change(request: web.Request) -> web.StreamResponse:
    """Another name, and of a gate what it leads to."""
    asked = of(request)
    typed, behind = await _typed(asked)
    held = await growth.ground(asked.ctx, asked.person)
    place, leading = _found(held, request.match_info["place"])
    was = growth.seen(place, leading)
    try:
        leads = behind if place.kind == GATE else None
        await growth.change(asked.ctx, asked.person, place.id, typed.get("name", ""), leads, typed.get("was"))
    except BadInput as error:
        return shown(asked, "door/place.html", held, typed, {*behind}, error, place, typed.get("was", was))
    except Refused as error:
        return shown(asked, "door/place.html", held, typed, {*behind}, place=place, was=was, overtaken=error)
    return go("/admin/places", "place")
