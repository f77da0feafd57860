"""Who has connected and not yet shown whose key they hold: how much they may send, and how many they may be.

A whole batch is 640 KiB, and the port answers anybody. Before a greeting is believed a connection takes 8 KiB in all,
whatever its frames say of their length, and an address has 256 such connections at once; both far beyond what a door
needs, or a hundred doors behind one address that come back together.
"""

import asyncio
from collections import Counter

from aiohttp import web

MOST_BYTES = 8 * 1024
MOST_OF_AN_ADDRESS = 256


class Strangers:
    """Counts them by address."""

    def __init__(self) -> None:
        self._of = Counter[str]()

    def has_room(self, request: web.Request) -> bool:
        """Whether one more may come from there."""
        return self._of[request.remote or ""] < MOST_OF_AN_ADDRESS

    def let_in(self, request: web.Request) -> "Stranger":
        """One more; `known` or `gone` must be said of it."""
        self._of[request.remote or ""] += 1
        return Stranger(request, self)

    def forget(self, address: str) -> None:
        """One less."""
        self._of[address] -= 1
        if self._of[address] <= 0:
            del self._of[address]


class Stranger(asyncio.Protocol):
    """Stands between a transport and aiohttp's protocol until the other end is known, and counts what comes."""

    def __init__(self, request: web.Request, all_: Strangers) -> None:
        self._address, self._all = request.remote or "", all_
        self._transport, self._protocol = request.transport, request.protocol
        self._left = MOST_BYTES
        self._strange = True
        if self._transport is not None:
            self._transport.set_protocol(self)

    def known(self) -> None:
        """It has shown its key: from now on whole batches come."""
        if self._strange and self._transport is not None:
            self._transport.set_protocol(self._protocol)
        self.gone()

    def gone(self) -> None:
        """It is no stranger any more, or not there."""
        if self._strange:
            self._strange = False
            self._all.forget(self._address)

    def data_received(self, data: bytes) -> None:
        """Passes it on, so long as it is not too much."""
        self._left -= len(data)
        if self._left >= 0:
            self._protocol.data_received(data)
        elif self._transport is not None:
            self._transport.abort()

    def eof_received(self) -> None:
        """As it comes."""
        self._protocol.eof_received()

    def connection_lost(self, exc: BaseException | None) -> None:
        """As it comes."""
        self._protocol.connection_lost(exc)

    def pause_writing(self) -> None:
        """As it comes."""
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        """As it comes."""
        self._protocol.resume_writing()
