"""Faces at the desk: the list, one person's, its slip and signed text, and its withdrawal."""

from aiohttp import web

from gatehost.model.credential import Face
from gatehost.model.errors import NotFound
from gatehost.service.face import credential, holding, promise, withdrawal
from gatehost.web.enrol.consent import copy_of
from gatehost.web.frame.page import go, render
from gatehost.web.frame.session import of
from gatehost.web.paper import say


async def agreed(request: web.Request) -> web.StreamResponse:
    """The text this person signed, word for word."""
    face = await found_face(request)
    return await copy_of(request, face, f"/desk/faces/{face.party}")


async def faces(request: web.Request) -> web.StreamResponse:
    """All face credentials."""
    asked = of(request)
    wanted = await promise.wanted(asked.ctx, asked.person)
    return render(request, "enrol/faces.html", faces=await credential.faces(asked.ctx, asked.person), wanted=wanted)


async def show(request: web.Request) -> web.StreamResponse:
    """One person's face: state, doors, erasure, slip."""
    asked = of(request)
    face = await found_face(request)
    return render(
        request, "enrol/face.html", face=face, erasure=await holding.erasure(asked.ctx, asked.person, face.party),
        loads=await holding.loads(asked.ctx, asked.person, face.party),
    )  # fmt: skip


async def found_face(request: web.Request) -> Face:
    """The face in the address; NotFound without one."""
    asked = of(request)
    face = await credential.face(asked.ctx, asked.person, request.match_info["party"])
    if face is None:
        raise NotFound("face")
    return face


async def slip(request: web.Request) -> web.StreamResponse:
    """The slip to print: number, date, doors, how to withdraw."""
    asked, face = of(request), await found_face(request)
    link = say.address(asked, "face_enrol", face.number)
    return render(request, "enrol/slip.html", face=face, say=link, now=asked.ctx.clock(), live=False)


async def withdraw_form(request: web.Request) -> web.StreamResponse:
    """One question before a face is erased everywhere."""
    face = await found_face(request)
    where = f"/desk/faces/{face.party}"
    return render(request, "enrol/withdraw.html", face=face, action=f"{where}/withdraw", back=where, live=False)


async def withdraw(request: web.Request) -> web.StreamResponse:
    """Ends the consent on the person's word."""
    asked = of(request)
    party = request.match_info["party"]
    await withdrawal.withdraw(asked.ctx, asked.person, party)
    return go(f"/desk/faces/{party}", "withdrawn")
