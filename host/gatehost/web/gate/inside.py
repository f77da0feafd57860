"""Who is inside, for when everybody must get out: by building, ticked as safe, printed."""

from aiohttp import web

from gatehost.service.gate import muster, shift
from gatehost.web.frame.page import go, render
from gatehost.web.frame.session import of
from gatehost.web.gate.box import typed
from gatehost.web.words import gatewords


async def muster_list(request: web.Request) -> web.StreamResponse:
    """Who is inside, by building, to be ticked and printed."""
    asked = of(request)
    held = await muster.muster(asked.ctx, asked.person)
    buildings: dict[str, list[object]] = {}
    for line in held.lines:
        buildings.setdefault(line.building, []).append(line)
    return render(
        request, "gate/muster.html", muster=held, buildings=buildings, kinds=asked.words(gatewords.KINDS),
        certainty=asked.words(gatewords.CERTAINTY), by_code=asked.words(gatewords.BY_CODE),
        post=await shift.post_of(asked.ctx, asked.person),
    )  # fmt: skip


async def safe(request: web.Request) -> web.StreamResponse:
    """Ticks somebody as safe."""
    asked, sent = of(request), await typed(request)
    await muster.safe(asked.ctx, asked.person, int(request.match_info["visit"]), sent.get("safe") != "no")
    return go("/gate/muster", "safe")
