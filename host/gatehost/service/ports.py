"""What the services need from the outside: doors that are connected, and pages that are open."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from gatehost.model.account import Actor


class DoorLink(Protocol):
    """The live connections to devices. `dev` is 32 hex digits."""

    def connected(self, dev: str) -> bool:
        """Whether a verified connection of the device is up."""
        ...

    async def challenge(self, dev: str, timeout: float) -> bytes:
        """16 bytes the door gave for one command; DoorSilent if it is not connected or did not answer in time."""
        ...

    async def command(self, dev: str, challenge: bytes, signed: bytes, timeout: float) -> tuple[bool, str]:
        """Sends a signed command; (carried out, why not); DoorSilent if no answer came in time."""
        ...

    def push_state(self, dev: str) -> None:
        """Tells a connected device that a newer state waits; others learn it when they connect."""
        ...

    def send(self, dev: str, kind: int, *fields: object) -> bool:
        """Sends one frame (gatecore.frames) to a connected device; False if it is not connected."""
        ...

    def drop(self, dev: str, reason: str) -> None:
        """Closes the device's connection with REFUSED."""
        ...

    async def show(self, timeout: float = 0.0) -> None:
        """Shows every connected device the newest checkpoint, and waits so long (s) for what the witnesses say."""
        ...


@dataclass(frozen=True, slots=True)
class News:
    """Something open pages are told at once.

    kind          body
    ring          call id, door, slot, home, home_name, ends_at
    picture       call id                                a snapshot of the call can be fetched
    call          call id, home, state, by               what became of a call
    entry         id, slot, door, at, granted, direction, method, reason, code; to the home itself also home, visitor,
                  person
    device        devices (list of dev)                  devices went up or down, or their state changed
    waiting       slot, dev                              a device asks to be confirmed
    alarm         id, kind, slot, door, home, at
    codes         home                                   the home's list of codes changed
    capture       task, party, step, photos, reasons     a face enrolment goes on
    face          party, state                           a face credential changed
    visit         visit                                  somebody came, left or waits
    case          case, kind, state                      a paper moved on
    card          numbers                                cards were reported lost
    account                                              the reader's own account was closed or changed
    """

    kind: str
    body: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom to tell: residents of these homes, everybody with one of these roles, these accounts."""

    homes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    accounts: tuple[int, ...] = ()


class Pages(Protocol):
    """The open pages of this process."""

    def tell(self, audience: Audience, news: News) -> None:
        """Gives the news to every page opened by somebody in the audience; never waits, never fails."""
        ...

    def open(self, actor: Actor) -> AbstractAsyncContextManager[AsyncIterator[News]]:
        """`async with pages.open(actor) as news: async for one in news:` yields what concerns the actor."""
        ...
