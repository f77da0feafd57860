"""The proof of the log: every stored entry checked again, who looked at what, and the whole log as a file."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing

from aiohttp import web

from gatehost.model.device import DeviceVerdict
from gatehost.model.errors import BadInput, HostError, Refused
from gatehost.service.check import Check
from gatehost.service.door import devices
from gatehost.service.evidence import audit, export
from gatehost.service.home import homes
from gatehost.web.frame import guarding
from gatehost.web.frame.page import Notice, go, render
from gatehost.web.frame.session import Asked, of
from gatehost.web.words import refusals

EXPORT_PART = 65_536
READS_S = 60.0


CHECKING = web.AppKey("checking", set[asyncio.Task[object]])
PATIENCE_S = 3.0  # a log of some weeks is verified by then, and the page says at once what was found


async def proof(request: web.Request) -> web.StreamResponse:
    """The page of evidence: verify now, how far that is or what it found, and who looked at what."""
    return await _proof(of(request))


async def _proof(asked: Asked, sent: dict[str, str] | None = None) -> web.StreamResponse:
    """The page, with what was typed into a form that could not be taken (`sent`)."""
    wrong, check = refusals.wrong_field(BadInput("reason", "reason"), asked.say).reason, asked.ctx.live.check
    names = {one.id: one.name for one in await homes.places(asked.ctx, asked.person)}
    return render(
        asked.request, "evidence/proof.html", status=400 if sent else 200, check=check, typed=sent or {},
        look_ups=await audit.look_ups(asked.ctx, asked.person), failed=failed((check and check.verdicts) or ()),
        names=names,
        fingerprint=devices.ca_fingerprint(asked.ctx), notice=Notice("bad", wrong) if sent else None,
    )  # fmt: skip


async def verify(request: web.Request) -> web.StreamResponse:
    """Begins to check every stored entry again; who asks while that is done sees how far it is."""
    asked = of(request)
    try:
        check = await audit.begin(asked.ctx, asked.person)
    except Refused:
        return go("/admin/proof")
    except HostError as error:
        told = refusals.explain(error, asked.say, asked.moment)
        return render(request, "door/result.html", status=told.status, result=Notice("bad", told.why, told.next))
    working = asyncio.create_task(_checked(asked, check))
    tasks = request.app[CHECKING]
    tasks.add(working)
    working.add_done_callback(tasks.discard)
    await asyncio.wait((working,), timeout=PATIENCE_S)
    return go("/admin/proof")


async def _checked(asked: Asked, check: Check) -> None:
    try:
        await audit.carry_out(asked.ctx, check)
    except Exception:
        logging.getLogger(__name__).exception("the log could not be verified to its end")


async def at_the_end(app: web.Application) -> None:
    """Nothing is verified any more when the host stops."""
    for task in app[CHECKING]:
        task.cancel()
    await asyncio.gather(*app[CHECKING], return_exceptions=True)


async def export_log(request: web.Request) -> web.StreamResponse:
    """The whole log as a file, for somebody and for a reason."""
    asked = of(request)
    typed = {name: str(value)[: export.MOST_REASON + 1].strip() for name, value in (await request.post()).items()}
    why, whom = typed.get("why", ""), typed.get("whom", "")
    try:
        export.check(export.Wanted(), why, whom)
    except BadInput:
        return await _proof(asked, sent=typed)
    return await sent(request, export.pieces(asked.ctx, asked.person, None, why, whom))


async def sent(request: web.Request, pieces: AsyncGenerator[bytes]) -> web.StreamResponse:
    """An export as a file, written while it is read: a million entries need no memory. A browser that reads nothing for
    READS_S is hung up on: the file holds a view of the database."""
    name = 'attachment; filename="kaimen.export"'
    response = web.StreamResponse(headers={"Content-Type": "application/octet-stream", "Content-Disposition": name})
    guarding.dress(request, response)
    held = bytearray()
    async with aclosing(pieces) as wanted:
        async for piece in wanted:
            held += piece
            if len(held) >= EXPORT_PART:
                if not response.prepared:
                    await response.prepare(request)
                async with asyncio.timeout(READS_S):
                    await response.write(bytes(held))
                held.clear()
    if not response.prepared:
        await response.prepare(request)
    await response.write(bytes(held))
    await response.write_eof()
    return response


def failed(verdicts: tuple[DeviceVerdict, ...]) -> tuple[DeviceVerdict, ...]:
    """The logs that do not hold."""
    return tuple(verdict for verdict in verdicts if not verdict.ok)
