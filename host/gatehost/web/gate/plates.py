"""Plates: the camera's signed event, the admin's page of cameras, the patrol's list."""

from aiohttp import web

from gatehost.model.errors import BadInput, Denied, Refused
from gatehost.service.gate import platecam, shift
from gatehost.service.paper import casework
from gatehost.web.frame.page import Notice, go, render
from gatehost.web.frame.sent import in_time
from gatehost.web.frame.session import CTX, Asked, of
from gatehost.web.words import refusals

MOST_BODY = platecam.MOST_BYTES


async def event(request: web.Request) -> web.StreamResponse:
    """`X-Gate-Time: <s since 1970>`, `X-Gate-Signature: <hex HMAC-SHA-256 of time "." body>`, a small JSON body."""
    ctx, number = request.app[CTX], int(request.match_info["camera"])
    body = await in_time(whole(request))
    stamp, signature = request.headers.get("X-Gate-Time", ""), request.headers.get("X-Gate-Signature", "")
    try:
        result = await platecam.take(ctx, number, stamp[:20], signature[:128], body)
    except Denied:
        return web.json_response({"error": "signature"}, status=401)
    except Refused as error:
        return web.json_response({"error": error.code}, status=409)
    except BadInput as error:
        return web.json_response({"error": error.field}, status=400)
    return web.json_response({"result": result})


async def whole(request: web.Request) -> bytes:
    """The body, however many pieces it comes in; of one that is too long no more than shows it."""
    body = bytearray()
    while len(body) <= MOST_BODY and (piece := await request.content.read(MOST_BODY + 1 - len(body))):
        body += piece
    return bytes(body)


async def cameras(request: web.Request) -> web.StreamResponse:
    """The cameras in use, and a form for a new one."""
    return await camera_page(request, of(request))


async def camera_page(
    request: web.Request, asked: Asked, made: tuple[int, str] | None = None, error: BadInput | None = None
) -> web.Response:
    """The page; a new camera's key stands there this once."""
    barriers = await platecam.barriers(asked.ctx, asked.person)
    return render(
        request, "gate/cameras.html", status=200 if error is None else 400, made=made, live=False,
        typed=await request.post() if error else {},
        cameras=await platecam.cameras(asked.ctx, asked.person), barriers=[(one.id, one.name) for one in barriers],
        names={one.id: one.name for one in barriers}, url=asked.ctx.url,
        wrong=refusals.Wrong() if error is None else refusals.wrong_field(error, asked.say),
    )  # fmt: skip


async def add_camera(request: web.Request) -> web.StreamResponse:
    """A new camera."""
    asked, sent = of(request), await request.post()
    try:
        made = await platecam.add(
            asked.ctx, asked.person, str(sent.get("slot", ""))[:64], str(sent.get("name", ""))[:80]
        )
    except BadInput as error:
        return await camera_page(request, asked, error=error)
    return await camera_page(request, asked, made)


async def end_camera(request: web.Request) -> web.StreamResponse:
    """Ends a camera."""
    asked = of(request)
    await platecam.end(asked.ctx, asked.person, int(request.match_info["camera"]))
    return go("/admin/cameras", "camera_ended")


async def patrol(request: web.Request) -> web.StreamResponse:
    """Which vehicles may stand here, and a notice for one that may not."""
    return await patrol_page(request, of(request))


async def patrol_page(
    request: web.Request, asked: Asked, error: BadInput | None = None, where: str = ""
) -> web.Response:
    """The list."""
    notice = Notice("wait", next(iter(refusals.wrong_field(error, asked.say).values()))) if error else None
    found = await platecam.permitted(asked.ctx, asked.person)
    return render(
        request, "gate/patrol.html", status=400 if error else 200, plates=found, notice=notice, where=where, live=False
    )


async def write_notice(request: web.Request) -> web.StreamResponse:
    """A vehicle without a permit: a notice is written down; nobody pays anything."""
    asked, sent = of(request), await request.post()
    plate, where = str(sent.get("plate", ""))[:20].strip(), str(sent.get("where", ""))[:80].strip()
    at = await shift.required_post(asked.ctx, asked.person)
    if not plate:
        return await patrol_page(request, asked, BadInput("plate", "missing"), where)
    what = asked.say("%(plate)s stands without a permit; a notice was left", plate=plate)
    told: dict[str, object] = {"what": what, **({"where": where} if where else {})}
    await casework.open_case(asked.ctx, asked.person, "incident", at.id, told)
    return go("/gate/patrol", "noticed")
