"""Wi-Fi, TLS and a WebSocket without waiting: one `step` at a time, dialled again after a random while.

TLS is verified against the estate's own authority. The WebSocket's accept key is not compared: it protects against
caches between browsers and servers, and who answers here has proved to be under the estate's authority and must prove
the policy key in its first frame. Only what the host sends is understood: whole binary messages, ping, close.
"""

import binascii

from gateboard.errors import LinkError
from gateboard.session import UP, Session
from gatecore import events, frames
from gatecore.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gateboard.session import Parts

PORT = 443
MOST_BYTES = 8 * 1024
DIAL_MS, WIFI_MS, FIRST_MS, LAST_MS = 20_000, 30_000, 1_000, 60_000
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


def dialled(host: str, port: int, authority: bytes) -> "Any":
    """A TLS stream that has begun to connect and never waits."""
    import socket
    import ssl

    address = socket.getaddrinfo(host, port)[0][-1]
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
    """The connection to one host. Alerts said while it is down wait for the next one; all else is dropped."""

    def __init__(self, parts: "Parts", url: str, authority: bytes, ready: "Callable[[int], bool]") -> None:
        self._parts = parts
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
        try:
            return self._session.work()
        except LinkError as wrong:
            self._end(wrong.code)
            return False

    def step(self, mono: int) -> None:
        """Reads, writes and does what time demands; never waits."""
        try:
            if self._stream is None:
                self._dial(mono)
                return
            if self._session is None and mono - self._since >= DIAL_MS:
                raise LinkError("silence")
            if self._reached is not None:
                if not self._reached.poll(0):
                    return  # an esp32 ends a TLS that speaks before
                self._reached = None
            self._receive()
            if self._session is not None:
                self._talk(self._session)
            self._send()
        except LinkError as wrong:
            self._end(wrong.code)
        except (OSError, ValueError, MemoryError):  # ValueError: so TLS refuses a certificate; no door falls over it
            self._end("network")

    def _dial(self, mono: int) -> None:
        if mono < self._next or not self._ready(mono):
            return
        import select

        self._since = mono
        self._stream = dialled(self._host, self._port, self._authority)
        self._reached = select.poll()
        self._reached.register(self._stream, select.POLLOUT)
        key = binascii.b2a_base64(self._parts.random(16)).strip().decode()
        asked = "GET /device/v1/link HTTP/1.1\r\nHost: " + self._host + ":" + str(self._port)
        asked += "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
        self._out = bytearray((asked + key + "\r\n\r\n").encode())
        self._in = bytearray()

    def _receive(self) -> None:
        while True:
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
            self._understand()

    def _understand(self) -> None:
        if self._session is None and not self._accepted():
            return
        while True:
            message = self._message()
            if message is None:
                return
            opcode, data = message
            if opcode == _CLOSE:
                raise LinkError("closed")
            if opcode == _PING:
                self._put(_PONG, data)
            elif opcode == _BINARY:
                assert self._session is not None
                self._session.receive(data)
            elif opcode != _PONG:
                raise LinkError("message")

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

    def _talk(self, session: Session) -> None:
        session.due()
        if session.state == UP:
            self._tries = 0
            while self._alerts:
                session.say(frames.ALERT, *self._alerts.pop(0))
        while session.out and len(self._out) < MOST_BYTES:
            self._put(_BINARY, session.out.pop(0))

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
