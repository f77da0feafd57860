"""A company's signatures side by side: the specimen of its move-in, and the one on a slip (row E5)."""

from aiohttp import web

from gatehost.service.paper import disclosure
from gatehost.web.frame.session import of
from gatehost.web.paper.archive import SVG
from gatehost.web.paper.papers import number_of
from gatehost.web.words import officewords


async def show(request: web.Request) -> web.StreamResponse:
    """A specimen, or the slip's signature, under the mark of who compares."""
    asked = of(request)
    words = asked.moment(asked.ctx.clock()) + " · " + asked.say(officewords.MARK)
    number = int(request.match_info["doc"])
    data = await disclosure.compare(asked.ctx, asked.person, number_of(request), number, words)
    return web.Response(body=data, content_type=SVG)
