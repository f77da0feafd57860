"""A guard's shift: coming on duty, what happened at the gate since then, and handing over to the next."""

from aiohttp import web

from gatehost.model.errors import BadInput
from gatehost.service.gate import gatecopy
from gatehost.service.gate import shift as service
from gatehost.service.paper import casework
from gatehost.web.frame.page import go, render
from gatehost.web.frame.session import Asked, of
from gatehost.web.gate import away
from gatehost.web.words import gatewords, refusals

LONGEST = 200


async def begin(request: web.Request) -> web.StreamResponse:
    """Comes on duty at a gate."""
    asked, gate = of(request), str((await request.post()).get("gate", ""))
    await casework.open_case(asked.ctx, asked.person, "shift", gate, {}, asked.person.party)
    if await gatecopy.has_copy(asked.ctx, asked.person, gate):
        return await away.own_code(request)
    return go("/gate", "duty")


async def show(request: web.Request) -> web.StreamResponse:
    """What the shift leaves to the next one."""
    return await _page(of(request))


async def hand_over(request: web.Request) -> web.StreamResponse:
    """Ends the shift with a note for the next."""
    asked, note = of(request), str((await request.post()).get("note", ""))[:LONGEST].strip()
    try:
        await service.hand_over(asked.ctx, asked.person, note)
    except BadInput as error:
        return await _page(asked, note, error)
    return go("/gate", "over")


async def _page(asked: Asked, note: str = "", error: BadInput | None = None) -> web.Response:
    return render(
        asked.request, "gate/shift.html", status=400 if error else 200, live=False, note=note, longest=LONGEST,
        shift=await service.of_shift(asked.ctx, asked.person), now=asked.ctx.clock(),
        kinds=asked.words(gatewords.KINDS),
        wrong=refusals.wrong_field(error, asked.say) if error else refusals.Wrong(),
    )  # fmt: skip
