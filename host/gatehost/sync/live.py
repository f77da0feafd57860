"""The live connections by device: the services' DoorLink."""

import asyncio
import itertools
from typing import Any

from gatecore import frames
from gatehost.model.errors import DoorSilent
from gatehost.sync.session import Session


class Doors:
    """At most one connection a device: a newer one replaces the older."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}
        self._tickets = itertools.count(1)
        self.closing = False

    def connected(self, dev: str) -> bool:
        """Whether a verified connection of the device is up."""
        return dev in self._sessions

    async def take_over(self, dev: str, session: Session) -> None:
        """Makes `session` the device's connection, after its former one has ended."""
        former = self._sessions.get(dev)
        self._sessions[dev] = session
        if former is not None:
            former.refuse("replaced")
            await former.ended.wait()

    def gone(self, dev: str, session: Session) -> bool:
        """Forgets an ended connection; True if it was the device's current one."""
        if self._sessions.get(dev) is not session:
            return False
        del self._sessions[dev]
        return True

    async def challenge(self, dev: str, timeout: float) -> bytes:
        """16 bytes the door gave for one command; DoorSilent if it is not connected or did not answer in time."""
        session = self._session(dev)
        ticket = next(self._tickets)
        answer = session.expect(ticket)
        session.send(frames.ASK, ticket)
        return bytes(await self._answer(session, ticket, answer, timeout))

    async def command(self, dev: str, challenge: bytes, signed: bytes, timeout: float) -> tuple[bool, str]:
        """Sends a signed command; (carried out, why not); DoorSilent if no answer came in time."""
        session = self._session(dev)
        answer = session.expect(challenge)
        session.send(frames.COMMAND, signed)
        done, code = await self._answer(session, challenge, answer, timeout)
        return done == 1, code

    def push_state(self, dev: str) -> None:
        """Tells a connected device that a newer state waits; others learn it when they connect."""
        session = self._sessions.get(dev)
        if session is not None:
            session.offer_state()

    def send(self, dev: str, kind: int, *fields: object) -> bool:
        """Sends one frame (gatecore.frames) to a connected device; False if it is not connected."""
        session = self._sessions.get(dev)
        return session is not None and session.send(kind, *fields)

    def drop(self, dev: str, reason: str) -> None:
        """Closes the device's connection with REFUSED."""
        session = self._sessions.get(dev)
        if session is not None:
            session.refuse(reason)

    async def show(self, timeout: float = 0.0) -> None:
        """Shows every connected device the newest checkpoint, and waits so long (s) for what the witnesses say."""
        words = [session.offer_receipt() for session in list(self._sessions.values())]
        waiting = [word for word in words if word is not None]
        if waiting and timeout:
            await asyncio.wait(waiting, timeout=timeout)

    async def close(self) -> None:
        """Ends every connection."""
        self.closing = True
        for session in list(self._sessions.values()):
            session.stop()
            await session.ended.wait()

    def _session(self, dev: str) -> Session:
        session = self._sessions.get(dev)
        if session is None:
            raise DoorSilent("away")
        return session

    async def _answer(self, session: Session, key: object, answer: asyncio.Future[Any], timeout: float) -> Any:
        try:
            async with asyncio.timeout(timeout):
                return await answer
        except TimeoutError:
            raise DoorSilent("silent") from None
        finally:
            session.forget(key)
