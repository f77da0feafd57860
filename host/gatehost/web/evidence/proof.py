"""The proof of the log: every stored entry checked again, who looked at what, and the whole log as a file."""

from collections.abc import AsyncIterator

from aiohttp import web

from gatehost.model.device import DeviceVerdict
from gatehost.model.errors import BadInput, HostError
from gatehost.service.door import devices
from gatehost.service.evidence import audit, export
from gatehost.service.home import homes
from gatehost.web.frame import guarding
from gatehost.web.frame.page import Notice, render
from gatehost.web.frame.session import Asked, of
from gatehost.web.words import refusals

EXPORT_PART = 65_536


async def proof(request: web.Request) -> web.StreamResponse:
    """The page of evidence: verify now, and who looked at what."""
    return await _proof(of(request))


async def _proof(
    asked: Asked, verdicts: tuple[DeviceVerdict, ...] | None = None, sent: dict[str, str] | None = None
) -> web.StreamResponse:
    """The page, with what a check found or with what was typed into a form that could not be taken (`sent`)."""
    wrong = refusals.wrong_field(BadInput("reason", "reason"), asked.say).reason
    names = {one.id: one.name for one in await homes.places(asked.ctx, asked.person)}
    return render(
        asked.request, "evidence/proof.html", status=400 if sent else 200, verdicts=verdicts, typed=sent or {},
        look_ups=await audit.look_ups(asked.ctx, asked.person), failed=failed(verdicts or ()), names=names,
        fingerprint=devices.ca_fingerprint(asked.ctx), notice=Notice("bad", wrong) if sent else None,
    )  # fmt: skip


async def verify(request: web.Request) -> web.StreamResponse:
    """Checks every stored entry again and names the first that does not hold."""
    asked = of(request)
    try:
        verdicts = await audit.verify(asked.ctx, asked.person)
    except HostError as error:
        told = refusals.explain(error, asked.say, asked.moment)
        return render(request, "door/result.html", status=told.status, result=Notice("bad", told.why, told.next))
    return await _proof(asked, verdicts)


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


async def sent(request: web.Request, pieces: AsyncIterator[bytes]) -> web.StreamResponse:
    """An export as a file, written while it is read: a million entries need no memory."""
    name = 'attachment; filename="kaimen.export"'
    response = web.StreamResponse(headers={"Content-Type": "application/octet-stream", "Content-Disposition": name})
    guarding.dress(request, response)
    held = bytearray()
    async for piece in pieces:
        held += piece
        if len(held) >= EXPORT_PART:
            if not response.prepared:
                await response.prepare(request)
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
