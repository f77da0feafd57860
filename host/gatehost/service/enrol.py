"""Faces: consent first, then capture at a desk unit; the host forwards sealed bytes and never sees a template."""

from gatehost.model.account import Actor
from gatehost.model.credential import Capture, Consent, Erasure, Face
from gatehost.service.context import Context

TEXT_VERSION = "face-consent/1"


async def give_consent(ctx: Context, actor: Actor, party: str, signer: str, read: bool) -> Consent:
    """Writes down the person's separate consent under TEXT_VERSION. BadInput("read", "unread") unless it was read,
    ("signer", "missing"); Refused("guardian") for a child under 14 signed by themselves."""
    raise NotImplementedError


async def desk_units(ctx: Context, actor: Actor) -> tuple[tuple[str, str, bool], ...]:
    """(dev, name, connected) of active desk units."""
    raise NotImplementedError


async def start_capture(ctx: Context, actor: Actor, party: str, home: str, dev: str) -> Capture:
    """Asks the desk unit to take the person's pictures. Refused("no_consent"), DoorSilent, NotFound("person")."""
    raise NotImplementedError


async def stop_capture(ctx: Context, actor: Actor, task: str) -> None:
    """Stops it; no error if it is over."""
    raise NotImplementedError


async def capture(ctx: Context, actor: Actor, task: str) -> Capture:
    """How it stands; NotFound("task") after it ended or a restart of the host."""
    raise NotImplementedError


async def face(ctx: Context, actor: Actor, party: str) -> Face | None:
    """A person's face credential (the receipt slip is printed from it); None without one."""
    raise NotImplementedError


async def faces(ctx: Context, actor: Actor) -> tuple[Face, ...]:
    """All face credentials, newest first. Office only."""
    raise NotImplementedError


async def withdraw(ctx: Context, actor: Actor, party: str) -> tuple[Erasure, ...]:
    """Ends the consent and with it the face: sealed bytes are deleted here, doors and vault are told to forget.
    The person's other ways in stay. NotFound("face")."""
    raise NotImplementedError


async def erasure(ctx: Context, actor: Actor, party: str) -> tuple[Erasure, ...]:
    """Per door: has it confirmed that the face is gone? Empty when no door ever had it."""
    raise NotImplementedError
