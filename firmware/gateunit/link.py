"""The WebSocket to the host: dials, hands frames to a Session, dials again after a random wait.

TLS is verified against the estate's own authority, learnt from the claim. That authority certifies nothing but this
estate's hosts, so the host may move to another address without a new certificate being asked for; who it is, it must
prove with the policy key in its first frame.
"""

import asyncio
import contextlib
import logging
import ssl
from collections import deque
from collections.abc import Callable

import aiohttp

from gatecore import events, frames
from gatecore.wire import MAX_BYTES
from gateunit.errors import LinkError
from gateunit.parts import Parts
from gateunit.ports import Clock, Random
from gateunit.session import UP, Session

LINK_PATH = "/device/v1/link"
DIAL_S = 15
FAREWELL_S = 2
DUE_MS = 250
_NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME, which Python has no name for
MOST_ALERTS = 64

log = logging.getLogger(__name__)


def authority_context(authority: bytes) -> ssl.SSLContext:
    """TLS that believes the estate's authority (DER) and no other, whatever the dates in the certificates: a unit whose
    clock is years off learns the time over this very connection, and no other authority could ever be given to it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.load_verify_locations(cadata=authority)
    context.verify_flags |= _NO_CHECK_TIME
    return context


def jitter_ms(tries: int, first_ms: int, last_ms: int, random: Random) -> int:
    """Full jitter: evenly between `first_ms` and `first_ms` doubled with every try in vain, at most `last_ms`."""
    most = min(last_ms, first_ms << min(tries, 16))
    return first_ms + int.from_bytes(random(4), "big") % (max(most, first_ms) - first_ms + 1)


class WebLink:
    """ports.Link over WebSocket. Alerts said while it is down wait for the next connection; all else is dropped."""

    def __init__(self, parts: Parts, url: str, authority: bytes, clock: Clock, retry_ms: tuple[int, int]) -> None:
        self._parts, self._clock, self._retry_ms = parts, clock, retry_ms
        self._url = url.rstrip("/") + LINK_PATH
        self._context = authority_context(authority)
        self._session: Session | None = None
        self._wake = asyncio.Event()
        self._alerts: deque[tuple[object, ...]] = deque(maxlen=MOST_ALERTS)
        self._when_up: list[Callable[[], None]] = []
        parts.ledger.when_durable(self._wake.set)

    @property
    def up(self) -> bool:
        """Whether the host was believed on the present connection."""
        return self._session is not None and self._session.state == UP

    def when_up(self, tell: Callable[[], None]) -> None:
        """Calls `tell` each time the host has been believed."""
        self._when_up.append(tell)

    def say(self, kind: int, *fields: object) -> None:
        """Queues one frame; see ports.Link."""
        if self._session is not None and self._session.state == UP:
            self._session.say(kind, *fields)
            self._wake.set()
        elif kind == frames.ALERT:
            self._alerts.append(fields)

    async def run(self) -> None:
        """Dials until cancelled."""
        tries = 0
        async with aiohttp.ClientSession() as client:
            while True:
                was_up = await self._connection(client)
                tries = 0 if was_up else tries + 1
                await self._clock.sleep(jitter_ms(tries, *self._retry_ms, self._parts.random))

    async def _connection(self, client: aiohttp.ClientSession) -> bool:
        """One connection from dialling to its end; whether the host was believed."""
        try:
            async with asyncio.timeout(DIAL_S):
                socket = await client.ws_connect(self._url, ssl=self._context, max_msg_size=MAX_BYTES, autoping=True)
        except (OSError, aiohttp.ClientError, TimeoutError) as wrong:
            log.info("no link: %s", type(wrong).__name__)
            return False
        session = self._session = Session(self._parts)
        codes: list[str] = []
        try:
            await self._talk(socket, session)
        except* (LinkError, OSError, aiohttp.ClientError) as wrong:
            codes = [str(one) for one in wrong.exceptions if isinstance(one, LinkError)]
            log.info("link ended: %s", ", ".join(codes) or "network")
        finally:
            self._session = None
            if session.state == UP:
                self._parts.post(events.Link(False))
            await _farewell(socket, codes)
        return session.state == UP

    async def _talk(self, socket: aiohttp.ClientWebSocketResponse, session: Session) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._send(socket, session))
            tasks.create_task(self._watch(session))
            await self._receive(socket, session)

    async def _receive(self, socket: aiohttp.ClientWebSocketResponse, session: Session) -> None:
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.BINARY:
                raise LinkError("text")
            greeted = session.state == UP
            session.receive(message.data)
            if session.state == UP and not greeted:
                self._greeted(session)
            self._wake.set()
        raise LinkError("closed")

    async def _send(self, socket: aiohttp.ClientWebSocketResponse, session: Session) -> None:
        while True:
            data = session.out.take()
            if data is not None:
                await socket.send_bytes(data)
                continue
            self._wake.clear()
            await self._wake.wait()
            session.due()

    async def _watch(self, session: Session) -> None:
        while True:
            await self._clock.sleep(DUE_MS)
            session.due()
            self._wake.set()

    def _greeted(self, session: Session) -> None:
        for tell in self._when_up:
            tell()
        while self._alerts:
            session.say(frames.ALERT, *self._alerts.popleft())


async def _farewell(socket: aiohttp.ClientWebSocketResponse, codes: list[str]) -> None:
    """Tells the other end why, if it is still there, and closes."""
    with contextlib.suppress(OSError, aiohttp.ClientError, TimeoutError):
        async with asyncio.timeout(FAREWELL_S):
            if codes and codes[0] not in ("closed", "refused"):
                await socket.send_bytes(frames.pack(frames.REFUSED, 0, codes[0]))
            await socket.close()
