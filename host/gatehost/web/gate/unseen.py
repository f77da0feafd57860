"""Stays whose end nobody saw: seen leaving after all, staying on, or closed with a reason; several at once.

Guards meet them at the gate and on the list of who is inside, the desk at its close. Whoever is faster ends a stay; the
other is told how it ended, and keeps what was typed.
"""

from collections.abc import Iterable

from aiohttp import web

from gatehost.model.account import GUARD
from gatehost.model.errors import BadInput
from gatehost.model.visit import CLOSED, Visit
from gatehost.service.gate import departure, presence, shift
from gatehost.web.frame.page import Notice, go, render
from gatehost.web.frame.session import Asked, of
from gatehost.web.words import gatewords, refusals, wording

MOST = 200


async def show(request: web.Request) -> web.StreamResponse:
    """Who is inside longer than planned, and whoever the address names; named ones are ticked."""
    asked, here = of(request), await _post(of(request))
    named = _numbers(request.query.getall("visit", []))
    found = await _open(asked, named)
    ticked = {one.id for one in found} if "all" in request.query else named
    return _page(asked, found, ticked, {}, here)


async def close(request: web.Request) -> web.StreamResponse:
    """Closes the ticked ones, for a reason."""
    asked, here = of(request), await _post(of(request))
    sent = await request.post()
    typed = {name: str(sent.get(name, ""))[:200].strip() for name in ("why", "note")}
    ticked, shown = (_numbers(sent.getall(name, [])) for name in ("visit", "shown"))
    known = gatewords.UNSEEN.get(typed["why"])
    why = " · ".join(part for part in (asked.say(known) if known else "", typed["note"]) if part)
    try:
        done = await departure.close(asked.ctx, asked.person, sorted(ticked), why)
    except BadInput as error:
        return _page(asked, await _open(asked, ticked | shown), ticked, typed, here, error)
    left = await _open(asked, set())
    if done.before:
        return _page(asked, left, set(), typed, here, before=done.before)
    return go("/gate/unseen" if left else "/gate", "closed")


def _numbers(sent: Iterable[object]) -> set[int]:
    return {int(str(one)) for one in list(sent)[:MOST] if str(one).isdecimal() and len(str(one)) < 13}


async def _post(asked: Asked) -> bool:
    """Whether the reader stands at a gate; Refused("no_shift") for a guard who does not."""
    if asked.person.role == GUARD:
        await shift.required_post(asked.ctx, asked.person)
        return True
    return await shift.post_of(asked.ctx, asked.person) is not None


async def _open(asked: Asked, named: Iterable[int]) -> list[Visit]:
    """Stays that go on: those longer than planned, and the named."""
    found, wanted = await presence.present(asked.ctx, asked.person), set(named)
    return [one for one in found if one.id in wanted or one.overstayed(asked.ctx.clock())][:MOST]


def _page(
    asked: Asked,
    found: list[Visit],
    ticked: set[int],
    typed: dict[str, str],
    here: bool,
    error: BadInput | None = None,
    before: tuple[Visit, ...] = (),
) -> web.Response:
    notice = None
    if before:
        told = " ".join(_ended(asked, one) for one in before)
        notice = Notice("wait", asked.say(gatewords.REFUSALS["visit_over"][0]), told)
    wrong = refusals.wrong_field(error, asked.say) if error else refusals.Wrong()
    if wrong and not found:
        notice = Notice("wait", next(iter(wrong.values())))
    return render(
        asked.request, "gate/unseen.html", status=409 if before else 400 if error else 200, notice=notice,
        found=found, ticked=ticked, typed=typed, here=here, now=asked.ctx.clock(), live=False,
        wrong=wrong,
        kinds=asked.words(gatewords.KINDS),
        whys=asked.words(gatewords.UNSEEN),
        longer=asked.person.role != GUARD,
    )  # fmt: skip


def _ended(asked: Asked, one: Visit) -> str:
    """How a stay ended that somebody else was faster with."""
    text = gatewords.CLOSED_BY if one.state == CLOSED else gatewords.LEFT_SEEN
    who = one.name or one.plate or asked.say(gatewords.KINDS[one.kind])
    by = wording.Words(asked.say).who(one.out_by) or one.out_how
    return asked.say(text, who=who, time=asked.moment(one.out_at), by=by)
