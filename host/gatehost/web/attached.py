"""What people bring to a paper: a photo of a document added to it, and a company's signatures side by side."""

from aiohttp import web

from gatehost.model.document import TO_A_PAPER
from gatehost.model.errors import BadInput, Refused
from gatehost.service import documents
from gatehost.web import officewords
from gatehost.web.archive import SVG
from gatehost.web.page import go
from gatehost.web.papers import number_of, shown
from gatehost.web.session import of
from gatehost.web.upload import PHOTO, TEXTS


async def add(request: web.Request) -> web.StreamResponse:
    """A picture to the paper; one that cannot be taken is told, and nothing is kept of it."""
    asked, number = of(request), number_of(request)
    kind = request.get(TEXTS, {}).get("kind", "")
    try:
        if kind not in TO_A_PAPER:
            raise BadInput("kind", "unknown")
        await documents.attach(asked.ctx, asked.person, number, kind, request.get(PHOTO, b""))
    except (BadInput, Refused) as error:
        return await shown(request, asked, typed={"act": "attach", "kind": kind}, error=error)
    return go(f"/papers/{number}", "attached")


async def signature(request: web.Request) -> web.StreamResponse:
    """A specimen, or the slip's signature, under the mark of who compares."""
    asked = of(request)
    words = asked.moment(asked.ctx.clock()) + " · " + asked.say(officewords.MARK)
    number = int(request.match_info["doc"])
    data = await documents.compare(asked.ctx, asked.person, number_of(request), number, words)
    return web.Response(body=data, content_type=SVG)
