"""The proof of the log: every stored entry checked again, who looked at what, and the whole log as a file."""

from collections.abc import AsyncIterator

from aiohttp import web

from gatehost.model.device import DeviceVerdict
from gatehost.model.errors import HostError
from gatehost.service.door import devices
from gatehost.service.evidence import audit, export
from gatehost.web.frame import guarding
from gatehost.web.frame.page import Notice, render
from gatehost.web.frame.session import of
from gatehost.web.words import refusals

EXPORT_PART = 65_536


async def proof(request: web.Request) -> web.StreamResponse:
    """The page of evidence: verify now, and who looked at what."""
    asked = of(request)
    found = await audit.look_ups(asked.ctx, asked.person)
    print_of_ca = devices.ca_fingerprint(asked.ctx)
    return render(request, "evidence/proof.html", verdicts=None, look_ups=found, fingerprint=print_of_ca, failed=())


async def verify(request: web.Request) -> web.StreamResponse:
    """Checks every stored entry again and names the first that does not hold."""
    asked = of(request)
    try:
        verdicts = await audit.verify(asked.ctx, asked.person)
    except HostError as error:
        told = refusals.explain(error, asked.say, asked.moment)
        return render(request, "door/result.html", status=told.status, result=Notice("bad", told.why, told.next))
    found = await audit.look_ups(asked.ctx, asked.person)
    return render(
        request, "evidence/proof.html", verdicts=verdicts, look_ups=found, failed=failed(verdicts),
        fingerprint=devices.ca_fingerprint(asked.ctx),
    )  # fmt: skip


async def export_log(request: web.Request) -> web.StreamResponse:
    """The whole log as a file."""
    asked = of(request)
    return await sent(request, export.pieces(asked.ctx, asked.person))


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
