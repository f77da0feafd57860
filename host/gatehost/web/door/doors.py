"""The estate admin's doors: what each holds and lacks, places for devices, claims, six digits."""

from dataclasses import dataclass

from aiohttp import web

from gatehost.model import device as kinds
from gatehost.model import place as places
from gatehost.model.device import DoorStatus
from gatehost.model.errors import BadInput, NotFound
from gatehost.service.door import devices, orders
from gatehost.service.evidence import visits
from gatehost.service.home import homes
from gatehost.service.office import policy
from gatehost.web.frame.page import Notice, go, render
from gatehost.web.frame.qr import qr
from gatehost.web.frame.session import Asked, of
from gatehost.web.words import refusals, wording
from gatehost.web.words.language import noted as N

KINDS = (("door", N("Door unit")), ("board", N("Gate board")), ("desk", N("Desk unit: takes faces at the front desk")))


@dataclass(frozen=True, slots=True)
class DoorView:
    """A door with the sentences that say how it stands."""

    status: DoorStatus
    news: str
    clock: wording.State | None
    face_mode: str
    face_life: str
    astray: bool  # connected, and it does not take this computer's time


def news(asked: Asked, status: DoorStatus) -> str:
    """Whether the door knows what it should, and what that means if not: `not yet at Gate 3, offline since 14:05`."""
    held = status.device
    if held is None:
        return asked.say("No device here yet. Make a claim and give it to the technician.")
    if held.state == kinds.QUARANTINED:
        return asked.say("Set aside: its log continued in two ways. Look at the alarm before you take it back.")
    if status.up_to_date:
        return asked.say("Knows everything (state %(version)s).", version=held.version)
    if status.connected:
        return asked.say("Is taking the newest changes now (state %(new)s).", new=held.sent_version)
    if not held.last_seen:
        return asked.say("Has not connected yet. It takes everything when it does.")
    return asked.say(
        "The newest changes are not yet at %(door)s: offline since %(time)s. It goes on with what it has.",
        door=status.name, time=asked.moment(held.last_seen),
    )  # fmt: skip


async def view(asked: Asked, status: DoorStatus) -> DoorView:
    """A door in words."""
    mode, life = [await policy.rule(asked.ctx, key, status.place) for key in ("face_mode", "face_life")]
    clock = wording.Words(asked.say).quality(status.device.quality) if status.device else None
    return DoorView(status, news(asked, status), clock, mode.value, life.value, devices.astray(status))


async def doors(request: web.Request) -> web.StreamResponse:
    """Every door, those that wait for a decision first."""
    return await _doors(of(request))


async def _doors(asked: Asked, notice: Notice | None = None, status: int = 200) -> web.Response:
    ctx, actor = asked.ctx, asked.person
    shown = [await view(asked, one) for one in await devices.doors(ctx, actor)]
    waiting = await devices.waiting(ctx, actor)
    return render(
        asked.request, "door/doors.html", status=status, doors=shown, notice=notice, waiting=waiting,
        names=await devices.names(ctx, actor, waiting),
    )  # fmt: skip


async def door(request: web.Request) -> web.StreamResponse:
    """One door: how it stands, its device, its log."""
    asked = of(request)
    return await _door(asked, await devices.door(asked.ctx, asked.person, request.match_info["slot"]))


async def _door(asked: Asked, status: DoorStatus, notice: Notice | None = None) -> web.Response:
    lines = await visits.door_log(asked.ctx, asked.person, status.slot, limit=50)
    shown = await view(asked, status)
    return render(asked.request, "door/door.html", door=shown, lines=lines, claim=None, notice=notice)


async def slot_form(request: web.Request) -> web.StreamResponse:
    """The form for a new place."""
    return await slot_shown(request, {"kind": "door", "direction": "0"})


async def slot_shown(
    request: web.Request, typed: dict[str, str], wrong: refusals.Wrong | None = None, status: int = 200
) -> web.Response:
    """The form with what was typed."""
    asked = of(request)
    found = [
        (place.id, place.name)
        for place in await homes.places(asked.ctx, asked.person)
        if place.kind in {places.GATE, places.BUILDING, places.STAIR, places.ESTATE}
    ]
    found.sort(key=lambda one: one[0] == places.ROOT)  # for a desk unit alone: chosen last
    choices = [(key, asked.say(word)) for key, word in KINDS]
    return render(
        request, "door/slot.html", status=status, typed=typed, wrong=wrong or refusals.Wrong(), places=found,
        kinds=choices,
    )  # fmt: skip


async def open_slot(request: web.Request) -> web.StreamResponse:
    """Makes the place a device can fill."""
    asked = of(request)
    typed = {name: str(value)[:80].strip() for name, value in (await request.post()).items()}
    try:
        made = await devices.open_slot(
            asked.ctx, asked.person, typed.get("place", ""), typed.get("slot", ""), typed.get("name", ""),
            typed.get("kind", ""), 1 if typed.get("direction") == "1" else 0,
        )  # fmt: skip
    except BadInput as error:
        return await slot_shown(request, typed, refusals.wrong_field(error, asked.say), 400)
    return go(f"/admin/doors/{made.slot}", "slot")


async def claim_file(request: web.Request) -> web.StreamResponse:
    """A claim as a file to carry to the device; good once, for 7 days."""
    asked = of(request)
    claim = await devices.make_claim(asked.ctx, asked.person, request.match_info["slot"])
    name = f'attachment; filename="{claim.slot}.claim"'
    return web.Response(body=claim.data, content_type="application/octet-stream", headers={"Content-Disposition": name})


async def claim_qr(request: web.Request) -> web.StreamResponse:
    """A claim as a QR code to show to the device's camera; good once, for 30 minutes."""
    asked = of(request)
    claim = await devices.make_claim(asked.ctx, asked.person, request.match_info["slot"], qr=True)
    status = await devices.door(asked.ctx, asked.person, claim.slot)
    lines = await visits.door_log(asked.ctx, asked.person, claim.slot, limit=50)
    picture = qr(claim.data)
    return render(
        request, "door/door.html", door=await view(asked, status), lines=lines, claim=claim, qr=picture, live=False
    )


async def confirm(request: web.Request) -> web.StreamResponse:
    """A person compared the six digits."""
    asked = of(request)
    digits = "".join(char for char in str((await request.post()).get("digits", "")) if char.isdigit())
    try:
        await devices.confirm(asked.ctx, asked.person, request.match_info["dev"], digits)
    except BadInput as error:
        return await _doors(asked, Notice("bad", refusals.wrong_field(error, asked.say).digits), 400)
    return go("/admin/doors", "confirmed")


async def refuse(request: web.Request) -> web.StreamResponse:
    """The device that waits is not ours."""
    asked = of(request)
    await devices.refuse(asked.ctx, asked.person, request.match_info["dev"])
    return go("/admin/doors", "refused")


async def revoke(request: web.Request) -> web.StreamResponse:
    """Ends a device for ever; says which homes have to be given new codes and PINs."""
    asked = of(request)
    why = str((await request.post()).get("why", ""))[:200].strip()
    concerned = await devices.revoke(asked.ctx, asked.person, request.match_info["dev"], why)
    return render(request, "door/revoked.html", homes=concerned)


async def release(request: web.Request) -> web.StreamResponse:
    """Takes a device that was set aside back into service."""
    asked = of(request)
    why = str((await request.post()).get("why", ""))[:200].strip()
    await devices.release(asked.ctx, asked.person, request.match_info["dev"], why)
    return go("/admin/doors", "in_service")


async def change_key(request: web.Request) -> web.StreamResponse:
    """Has a door's device make itself a new signing key; what it wrote before stays believed."""
    asked = of(request)
    why = str((await request.post()).get("why", ""))[:200].strip()
    status = await devices.door(asked.ctx, asked.person, request.match_info["slot"])
    if status.device is None:
        raise NotFound("device")
    if await orders.change_key(asked.ctx, asked.person, status.device.dev, why):
        return go(f"/admin/doors/{status.slot}", "key")
    told = asked.say("The device did not take the order. Its key is as before.")
    return await _door(asked, status, Notice("bad", told))


async def set_clock(request: web.Request) -> web.StreamResponse:
    """Gives a door that does not take this computer's time an order to."""
    asked = of(request)
    why = str((await request.post()).get("why", ""))[:200].strip()
    status = await devices.door(asked.ctx, asked.person, request.match_info["slot"])
    if status.device is None:
        raise NotFound("device")
    if await orders.set_clock(asked.ctx, asked.person, status.device.dev, why):
        return go(f"/admin/doors/{status.slot}", "clock")
    told = asked.say("The device did not take the order. Its clock is as before.")
    return await _door(asked, status, Notice("bad", told))
