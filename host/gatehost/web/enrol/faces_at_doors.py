"""The administrator's page of faces: what each door promises and why, and faces that are enrolled in another home."""

from dataclasses import dataclass

from aiohttp import web

from gatehost.model.errors import BadInput, DoorSilent, NotFound
from gatehost.model.promise import DoorPromise, Promise
from gatehost.service.face import promise, twice
from gatehost.web.frame.page import Notice, go, render
from gatehost.web.frame.session import Asked, of
from gatehost.web.words import refusals, wording


@dataclass(frozen=True, slots=True)
class Told:
    """A door's promise in words."""

    door: DoorPromise
    way: wording.State
    why: tuple[str, ...]
    next: tuple[str, ...]
    promised: str
    worst: str
    estimated: str


def share(per_million: int) -> str:
    """Strangers per million as per cent: `0.1`, `0.03`, `1`."""
    return f"{per_million / 10_000:.3f}".rstrip("0").rstrip(".")


def in_words(asked: Asked, door: DoorPromise) -> Told:
    """The sentences of one door."""
    words = wording.Words(asked.say)
    told = door.promise
    if told is None:
        return Told(door, words.way(None), (), (), "", "", "")
    reasons = told.why or ("open",)
    return Told(
        door,
        words.way(told.way),
        tuple(words.closed(reason)[0] for reason in reasons),
        tuple(text for reason in reasons if (text := words.closed(reason)[1])),
        share(told.promised),
        share(told.worst),
        _estimated(asked, told),
    )


def _estimated(asked: Asked, told: Promise) -> str:
    if told.estimated is None:
        return asked.say("Too few people to estimate; the measured thresholds hold.")
    return asked.say("%(share)s %% of strangers who look like the residents", share=share(told.estimated))


async def show(request: web.Request) -> web.StreamResponse:
    """Each door's promise; those to be decided."""
    return await shown(request)


async def shown(request: web.Request, notice: Notice | None = None, status: int = 200) -> web.Response:
    """The page."""
    asked = of(request)
    doors = [in_words(asked, door) for door in await promise.doors(asked.ctx, asked.person)]
    return render(
        request, "enrol/faces_at_doors.html", status=status, notice=notice, doors=doors,
        cases=await twice.cases(asked.ctx, asked.person), wanted=await promise.wanted(asked.ctx, asked.person),
    )  # fmt: skip


async def ask(request: web.Request) -> web.StreamResponse:
    """Names one person; the vault says yes or no."""
    asked = of(request)
    typed = await request.post()
    home, name = (str(typed.get(field, ""))[:80] for field in ("home", "name"))
    try:
        await twice.ask(asked.ctx, asked.person, request.match_info["party"], home, name)
    except DoorSilent:
        told = asked.say("The desk unit did not answer"), asked.say("Check its power and network, then try again.")
        return await shown(request, Notice("wait", *told), 503)
    except (BadInput, NotFound) as error:
        return await refused(request, error)
    return go("/admin/faces", "vault_asked")


async def two_people(request: web.Request) -> web.StreamResponse:
    """They only look alike."""
    asked = of(request)
    why = str((await request.post()).get("why", ""))[:300]
    try:
        await twice.two_people(asked.ctx, asked.person, request.match_info["party"], why)
    except (BadInput, NotFound) as error:
        return await refused(request, error)
    return go("/admin/faces", "two_people")


async def same_person(request: web.Request) -> web.StreamResponse:
    """The vault said yes: the older face goes."""
    asked = of(request)
    await twice.same_person(asked.ctx, asked.person, request.match_info["party"])
    return go("/admin/faces", "same_person")


async def refused(request: web.Request, error: BadInput | NotFound) -> web.Response:
    """The page with why not, and what to do next."""
    asked = of(request)
    if isinstance(error, BadInput):
        told = refusals.Told(400, "wait", refusals.wrong_field(error, asked.say)[error.field], "")
    else:
        told = refusals.explain(error, asked.say, asked.moment)
    return await shown(request, Notice(told.tone, told.why, told.next), told.status)
