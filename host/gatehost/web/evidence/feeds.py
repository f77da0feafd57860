"""Where the estate's events are sent: addresses of other systems, and the key each checks them with."""

from aiohttp import web

from gatehost.model.errors import BadInput, TooMany
from gatehost.service.evidence import feed
from gatehost.web.frame.page import Notice, go, render
from gatehost.web.frame.session import Asked, of
from gatehost.web.words import refusals


async def show(request: web.Request) -> web.StreamResponse:
    """Feeds in use, and a form for a new one."""
    return await _page(of(request))


async def _page(
    asked: Asked, made: tuple[int, str] | None = None, typed: str = "", error: BadInput | TooMany | None = None
) -> web.Response:
    told = refusals.explain(error, asked.say, asked.moment) if isinstance(error, TooMany) else None
    return render(
        asked.request, "evidence/feeds.html", status=200 if error is None else told.status if told else 400, made=made,
        typed=typed, live=False, feeds=await feed.listed(asked.ctx, asked.person), stamp=feed.STAMP,
        sign=feed.SIGNATURE,
        notice=Notice("wait", told.why, told.next) if told else None,
        wrong=refusals.wrong_field(error, asked.say) if isinstance(error, BadInput) else refusals.Wrong(),
    )  # fmt: skip


async def add(request: web.Request) -> web.StreamResponse:
    """A new receiver; its key is shown this once."""
    asked = of(request)
    url = str((await request.post()).get("url", ""))[: feed.LONGEST + 1]
    try:
        made = await feed.add(asked.ctx, asked.person, url)
    except (BadInput, TooMany) as error:
        return await _page(asked, typed=url, error=error)
    return await _page(asked, made)


async def end(request: web.Request) -> web.StreamResponse:
    """Nothing more is sent there."""
    asked = of(request)
    await feed.end(asked.ctx, asked.person, int(request.match_info["feed"]))
    return go("/admin/feeds", "feed_ended")
