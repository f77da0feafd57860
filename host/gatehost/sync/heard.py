"""What a device says that is for a service: a function for each frame, its fields checked where the wire leaves room.

Each is given who speaks and the frame's fields. DeviceRefused or another HostError ends the connection.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from gatecore import feedback, frames, intake
from gatehost.model.errors import DeviceRefused
from gatehost.service.context import Context
from gatehost.service.door import calls, reception
from gatehost.service.enrol import capture, claim_slip, vault
from gatehost.service.face import holding, promise, twice
from gatehost.service.gate import gatecopy

LARGEST = 1 << 53  # versions and sequence numbers a real device cannot reach
MOST_PHOTOS = 100


class Speaker(Protocol):
    """The connection of a device that was believed."""

    ctx: Context
    dev: str

    def send(self, kind: int, *fields: object) -> bool:
        """Queues a frame for the device; False when it takes no more."""
        ...


def in_range(*numbers: int) -> None:
    """DeviceRefused("range") for a number no real device reaches."""
    if max(numbers) > LARGEST:
        raise DeviceRefused("range")


def _few(photos: int) -> None:
    if photos > MOST_PHOTOS:
        raise DeviceRefused("field")


# --- state and faces --------------------------------------------------------------------------


async def on_want(who: Speaker, digest: bytes) -> None:
    """It lacks a piece of its state or a sealed box."""
    who.send(frames.PIECE, digest, await reception.piece(who.ctx, who.dev, digest))


async def on_capture_news(who: Speaker, task: bytes, step: int, photos: int, reasons: list[Any]) -> None:
    """How far a capture has come."""
    _few(photos)
    if step > intake.CAPTURE_TWICE:
        raise DeviceRefused("field")
    if not await claim_slip.progressed(who.ctx, who.dev, task.hex(), step, reasons):
        await capture.progressed(who.ctx, who.dev, task.hex(), step, photos, reasons)


async def on_sealed(who: Speaker, person: bytes, model: str, photos: int, data: bytes, keys: list[Any]) -> None:
    """The vault has sealed somebody's templates for the doors."""
    _few(photos)
    await vault.sealed(who.ctx, who.dev, person.hex(), model, photos, data, keys)


async def on_confirmed(who: Speaker, dev: bytes) -> None:
    """A person at the desk has compared a door's digits."""
    await vault.box_confirmed(who.ctx, who.dev, dev.hex())
    await claim_slip.offer(who.ctx, who.dev, dev.hex())


async def on_forgotten(who: Speaker, person: bytes) -> None:
    """It holds nothing of this person any more."""
    await holding.forgotten(who.ctx, who.dev, person.hex())


async def on_promise(who: Speaker, way: int, why: list[Any], people: int, photos: list[Any], *told: Any) -> None:
    """Which way of finding faces is in force at the door, and why."""
    await promise.told(who.ctx, who.dev, way, why, people, photos, *told)


async def on_slip(who: Speaker, ticket: bytes, digits: str) -> None:
    """Somebody typed a claim slip's digits at their own door."""
    if len(digits) > intake.SLIP_DIGITS:
        raise DeviceRefused("field")
    await claim_slip.typed(who.ctx, who.dev, ticket.hex(), digits)


async def on_taken(who: Speaker, ticket: bytes, data: bytes) -> None:
    """What the door took of a face, closed for the vault."""
    await claim_slip.taken(who.ctx, who.dev, ticket.hex(), data)


async def on_same(who: Speaker, person: bytes, other: bytes, verdict: int) -> None:
    """The desk's word about two people who look alike."""
    await twice.answered(who.ctx, who.dev, person.hex(), other.hex(), verdict)


async def on_keep(who: Speaker, generation: int, number: int) -> None:
    """Which copy of the gate's list it holds."""
    in_range(generation, number)
    await gatecopy.asked(who.ctx, who.dev, generation, number)


# --- calls ------------------------------------------------------------------------------------


async def on_call(who: Speaker, call: bytes, home: str) -> None:
    """Somebody calls a home; a home or rule the door has not heard of yet is answered, not refused."""
    try:
        await calls.ring(who.ctx, who.dev, call.hex(), home)
    except DeviceRefused:
        who.send(frames.CALL_NEWS, call, feedback.REFUSED, feedback.NOBODY)


async def on_snapshot(who: Speaker, call: bytes, jpeg: bytes) -> None:
    """The picture of who calls."""
    await calls.snapshot(who.ctx, who.dev, call.hex(), jpeg)


async def on_hangup(who: Speaker, call: bytes) -> None:
    """The caller went away."""
    await calls.hung_up(who.ctx, who.dev, call.hex())


async def on_alert(who: Speaker, kind: int, home: str) -> None:
    """Something that cannot wait for the log: duress, a forced door."""
    await reception.alert(who.ctx, who.dev, kind, home)


Handler = Callable[..., Awaitable[None]]
SERVICES: dict[int, Handler] = {
    frames.WANT: on_want,
    frames.CAPTURE_NEWS: on_capture_news,
    frames.SEALED: on_sealed,
    frames.CONFIRMED: on_confirmed,
    frames.FORGOTTEN: on_forgotten,
    frames.PROMISE: on_promise,
    frames.SLIP: on_slip,
    frames.TAKEN: on_taken,
    frames.SAME: on_same,
    frames.KEEP: on_keep,
    frames.CALL: on_call,
    frames.SNAPSHOT: on_snapshot,
    frames.HANGUP: on_hangup,
    frames.ALERT: on_alert,
}
