"""Wi-Fi, TLS and a WebSocket without waiting: one `step` at a time, dialled again after a random while.

TLS is verified against the estate's own authority. The WebSocket's accept key is not compared: it protects against
caches between browsers and servers, and who answers here has proved to be under the estate's authority and must prove
the policy key in its first frame. Only what the host sends is understood: whole binary messages, ping, close.
"""

import binascii

from gateboard.errors import BoardError, LinkError
from gateboard.session import UP, Session
from gatecore import events, frames
from gatecore.compat import TYPE_CHECKING
from gatecore.errors import GateError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gateboard.session import Parts

PORT = 443
MOST_BYTES = 8 * 1024
DIAL_MS, WIFI_MS, FIRST_MS, LAST_MS = 20_000, 30_000, 1_000, 60_000
LOOK_MS = 300_000  # between two look-ups of the host's name: each may take seconds in which no key is read
MOST_ALERTS = 16
_AGAIN = (11, 6, 115, 36)  # EAGAIN and EINPROGRESS of the ports' C libraries
_BINARY, _CLOSE, _PING, _PONG = 2, 8, 9, 10


class Wifi:
    """The radio: `ready` asks, and joins again when it has been away for WIFI_MS. A radio that is broken, or finds no
    memory, is as one out of reach: the door decides without it."""

    def __init__(self, settings: "dict[str, Any]") -> None:
        self._settings = settings
        self._radio: "Any" = None
        self._tried = -WIFI_MS

    def ready(self, mono: int) -> bool:
        """Whether there is a network now."""
        try:
            if self._radio is not None and self._radio.isconnected():
                return True
            if mono - self._tried >= WIFI_MS:
                self._tried = mono
                self._join()
        except (OSError, RuntimeError):  # an esp32 says RuntimeError for what it has no number for
            pass  # it is tried again
        return False

    def _join(self) -> None:
        import network

        if self._radio is None:
            network.country(self._settings["country"])  # before it is switched on: it says which channels there are
            self._radio = network.WLAN(network.STA_IF)
        self._radio.active(True)
        self._radio.connect(self._settings["ssid"], self._settings["password"])


def found(host: str, port: int) -> "tuple[Any, ...]":
    """The address of a host. MicroPython asks name servers in one piece: seconds, if they do not answer."""
    import socket

    return socket.getaddrinfo(host, port)[0][-1]


def dialled(address: "tuple[Any, ...]", host: str, authority: bytes) -> "Any":
    """A TLS stream that has begun to connect and never waits."""
    import socket
    import ssl

    plain = socket.socket()
    plain.setblocking(False)
    try:
        plain.connect(address)
    except OSError as wrong:
        if wrong.args[0] not in _AGAIN:
            plain.close()
            raise
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=authority)
    return context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)


class Link:
    """The connection to one host. Alerts said while it is down wait for the next one; all else is dropped.

    `address` is where the host was found last, kept by the board over power cuts: its name is looked up only when there
    is none or it did not answer, and then seldom. What takes long in one piece (a look-up, TLS's greeting) is begun in
    the quiet, while nobody types."""

    def __init__(
        self, parts: "Parts", url: str, authority: bytes, ready: "Callable[[int], bool]", address: "Any" = None
    ) -> None:
        self._parts = parts
        self.address = address
        self._look_at = 0 if address is None else LOOK_MS
        self._host, self._port = _address(url)
        self._authority = authority
        self._ready = ready
        self._alerts: "list[tuple[int, str]]" = []
        self._session: "Session | None" = None
        self._stream: "Any" = None
        self._reached: "Any" = None  # asks whether TCP has got through; None once it has
        self._out = bytearray()
        self._in = bytearray()
        self._since = 0
        self._next = 0
        self._tries = 0
        self.why = ""  # the last connection ended so

    @property
    def up(self) -> bool:
        """Whether the host was believed on the present connection."""
        return self._session is not None and self._session.state == UP

    def say(self, kind: int, *fields: "Any") -> None:
        """Queues one frame."""
        if self.up:
            assert self._session is not None
            self._session.say(kind, *fields)
        elif kind == frames.ALERT and len(self._alerts) < MOST_ALERTS:
            self._alerts.append((fields[0], fields[1]))

    def work(self) -> bool:
        """One step of what takes long; whether there was one."""
        if self._session is None:
            return False
        return self._did(self._session.work)

    def step(self, ticked: bool) -> None:
        """Reads and writes; what time demands only when it has `ticked`. Never waits."""
        self._did(self._timely if ticked else self._traffic)

    def _did(self, act: "Callable[[], bool]") -> bool:
        """What `act` says; whatever it raises ends the connection, and no door falls over it."""
        try:
            return act()
        except LinkError as wrong:
            self._end(wrong.code)
        except (OSError, ValueError, MemoryError, BoardError, GateError):  # ValueError: TLS refuses a certificate
            self._end("network")
        return False

    def _timely(self) -> bool:
        mono = self._parts.mono()
        if self._stream is None:
            self._dial(mono)
            return False
        session = self._session
        if session is None and mono - self._since >= DIAL_MS:
            raise LinkError("silence")
        if session is not None:
            session.due()
            if session.state == UP:
                self._tries = 0
                while self._alerts:
                    session.say(frames.ALERT, *self._alerts.pop(0))
        return self._traffic()

    def _traffic(self) -> bool:
        if self._stream is None:
            return False
        if self._reached is not None:
            if not self._reached.poll(0):
                return False  # an esp32 ends a TLS that speaks before
            self._reached = None
        session = self._session
        if session is None and not self._parts.quiet():
            return False
        self._receive()
        while session is not None and session.out and len(self._out) < MOST_BYTES:
            self._put(_BINARY, session.out.pop(0))
        self._send()
        return True

    def _where(self, mono: int) -> "tuple[Any, ...]":
        """The host's address, looked up if that is due."""
        if (self.address is None or self._tries > 1) and mono >= self._look_at:
            self._look_at = mono + LOOK_MS
            self.address = found(self._host, self._port)
            if self._parts.mono() - mono < 1_000:
                self._look_at = mono  # who answers at once may be asked again
        if self.address is None:
            raise LinkError("name")
        return self.address  # type: ignore[no-any-return]

    def _dial(self, mono: int) -> None:
        if mono < self._next or not self._parts.quiet() or not self._ready(mono):
            return
        import select

        self._since = mono
        self._stream = dialled(self._where(mono), self._host, self._authority)
        self._reached = select.poll()
        self._reached.register(self._stream, select.POLLOUT)
        key = binascii.b2a_base64(self._parts.random(16)).strip().decode()
        asked = "GET /device/v1/link HTTP/1.1\r\nHost: " + self._host + ":" + str(self._port)
        asked += "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
        self._out = bytearray((asked + key + "\r\n\r\n").encode())
        self._in = bytearray()

    def _receive(self) -> None:
        """One message, or if there is none one read: who sends faster than that keeps no key unread."""
        if self._understood():
            return
        try:
            data = self._stream.read(1024)
        except OSError as wrong:
            if wrong.args[0] in _AGAIN:
                return
            raise
        if data is None:
            return
        if not data:
            raise LinkError("closed")
        self._in.extend(data)

    def _understood(self) -> bool:
        if self._session is None and not self._accepted():
            return False
        message = self._message()
        if message is None:
            return False
        opcode, data = message
        if opcode == _CLOSE:
            raise LinkError("closed")
        if opcode == _PING:
            if len(self._out) < MOST_BYTES:
                self._put(_PONG, data)
        elif opcode == _BINARY:
            assert self._session is not None
            self._session.receive(data)
        elif opcode != _PONG:
            raise LinkError("message")
        return True

    def _accepted(self) -> bool:
        end = bytes(self._in).find(b"\r\n\r\n")
        if end < 0:
            if len(self._in) > MOST_BYTES:
                raise LinkError("long")
            return False
        if bytes(self._in[:12]) != b"HTTP/1.1 101":
            raise LinkError("refused")
        self._in = self._in[end + 4 :]
        self._session = Session(self._parts)
        return True

    def _message(self) -> "tuple[int, bytes] | None":
        """The next whole message, taken off what came; None if it is not whole yet."""
        held = self._in
        if len(held) < 2:
            return None
        if held[0] & 0x70 or not held[0] & 0x80 or held[1] & 0x80 or held[1] == 127:
            raise LinkError("message")
        size, start = held[1], 2
        if size == 126:
            size, start = int.from_bytes(bytes(held[2:4]), "big"), 4
        if size > MOST_BYTES:
            raise LinkError("long")
        if len(held) < start + size:
            return None
        data = bytes(held[start : start + size])
        self._in = held[start + size :]
        return held[0] & 15, data

    def _put(self, opcode: int, data: bytes) -> None:
        """Queues a message, masked as RFC 6455 demands of clients."""
        size = len(data)
        self._out.append(0x80 | opcode)
        self._out.extend(bytes([0x80 | size]) if size < 126 else bytes([0xFE, size >> 8, size & 255]))
        mask = self._parts.random(4)
        self._out.extend(mask)
        whole = int.from_bytes(data, "big") ^ int.from_bytes((mask * (size // 4 + 1))[:size], "big")
        self._out.extend(whole.to_bytes(size, "big"))

    def _send(self) -> None:
        while self._out:
            try:
                sent = self._stream.write(self._out)
            except OSError as wrong:
                if wrong.args[0] in _AGAIN:
                    return
                raise
            if not sent:
                return
            self._out = self._out[sent:]

    def _end(self, why: str) -> None:
        """Closes, and says when to dial again: full jitter, doubled with every try in vain."""
        was_up, self.why = self.up, why
        self._session = None
        if self._stream is not None:
            try:
                self._stream.close()
            except OSError:
                pass  # it is gone anyway
            self._stream = None
        self._out, self._in = bytearray(), bytearray()
        self._tries += 1
        most = min(LAST_MS, FIRST_MS << min(self._tries, 6))
        self._next = self._parts.mono() + FIRST_MS + int.from_bytes(self._parts.random(3), "big") % most
        if was_up:
            self._parts.post(events.Link(False))


def _address(url: str) -> "tuple[str, int]":
    rest = url[8:].split("/")[0] if url[:8] == "https://" else ""
    if not rest:
        raise LinkError("url")
    if ":" in rest:
        host, port = rest.split(":")
        return host, int(port)
    return rest, PORT
