"""Slots and the devices that fill them: claim, six digits, confirm, revoke."""

from gatehost.model.account import Actor
from gatehost.model.device import Device, DoorStatus, MadeClaim
from gatehost.service.context import Context

FILE_CLAIM_MS = 7 * 86_400_000
QR_CLAIM_MS = 30 * 60_000


async def doors(ctx: Context, actor: Actor) -> tuple[DoorStatus, ...]:
    """Every slot with its device, in the order of the estate file."""
    raise NotImplementedError


async def door(ctx: Context, actor: Actor, slot: str) -> DoorStatus:
    """One slot; NotFound("slot")."""
    raise NotImplementedError


async def open_slot(
    ctx: Context, actor: Actor, place: str, slot: str, name: str, kind: str, direction: int = 0
) -> DoorStatus:
    """A new slot at a gate or building. BadInput("slot" | "kind" | "name", why); NotFound("place")."""
    raise NotImplementedError


async def make_claim(ctx: Context, actor: Actor, slot: str, qr: bool = False) -> MadeClaim:
    """A claim good once for one device: 7 days as a file, 30 minutes as a QR code; an older unused one ends.
    Refused("slot_taken") while an active device holds the slot (revoke it first)."""
    raise NotImplementedError


async def waiting(ctx: Context, actor: Actor) -> tuple[Device, ...]:
    """Devices that showed a good claim and wait for a person to compare the six digits."""
    raise NotImplementedError


async def confirm(ctx: Context, actor: Actor, dev: str, digits: str) -> Device:
    """The person saw the same six digits on both sides: the device gets its certificate and state.
    BadInput("digits", "differ") if they are not its digits; NotFound("device")."""
    raise NotImplementedError


async def refuse(ctx: Context, actor: Actor, dev: str) -> None:
    """The waiting device is not ours; its claim stays used up."""
    raise NotImplementedError


async def revoke(ctx: Context, actor: Actor, dev: str, why: str) -> tuple[str, ...]:
    """The device is never believed again; PINs and listed codes it held are ended, and the homes concerned returned."""
    raise NotImplementedError


async def release(ctx: Context, actor: Actor, dev: str, why: str) -> Device:
    """A person looked at a quarantined device and takes it back into service."""
    raise NotImplementedError


async def ca_fingerprint(ctx: Context) -> str:
    """SHA-256 of the estate's TLS authority in hex, as claims carry it."""
    raise NotImplementedError
