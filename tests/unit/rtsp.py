"""A network camera small enough for a test: RTSP (RFC 2326) over one TCP connection, H.264 in RTP (RFC 6184)."""

import base64
import contextlib
import socket
import struct
import threading
from typing import Any

import av
import numpy as np

WIDTH, HEIGHT, FPS, PIECE = 320, 240, 10, 1200


def h264(frames: int = 20) -> list[list[bytes]]:
    """A film as NAL units, frame by frame: red on the left, blue on the right."""
    encoder: Any = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.framerate = WIDTH, HEIGHT, "yuv420p", FPS
    encoder.options = {"tune": "zerolatency", "g": "5", "preset": "ultrafast"}
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    picture[:, : WIDTH // 2, 0], picture[:, WIDTH // 2 :, 2] = 200, 200
    made = []
    for number in range(frames):
        picture[:8, :8] = number * 10
        made += [nals(bytes(packet)) for packet in encoder.encode(av.VideoFrame.from_ndarray(picture, "rgb24"))]
    return made


def nals(stream: bytes) -> list[bytes]:
    """The units of an Annex B byte stream."""
    return [part.rstrip(b"\0") for part in stream.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1") if part]


class RtspCamera:
    """Listens on a port of its own; `stop` cuts everything, `start` is there again on the same port."""

    def __init__(self) -> None:
        self._film = h264()
        parameters = [base64.b64encode(unit).decode() for unit in self._film[0] if unit[0] & 31 in (7, 8)]
        self._sdp = (
            "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=door\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
            f"a=fmtp:96 packetization-mode=1;sprop-parameter-sets={','.join(parameters)}\r\na=control:v\r\n"
        )
        self.port = 0
        self.silent = False
        self.start()

    @property
    def address(self) -> str:
        return f"rtsp://door:secret@127.0.0.1:{self.port}/live"

    def start(self) -> None:
        self._stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        self._guests: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        for one in (self._listener, *self._guests):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while not self._stopped.is_set():
            try:
                guest, _ = self._listener.accept()
                self._guests.append(guest)
                self._talk(guest)
            except OSError:
                continue

    def _talk(self, guest: socket.socket) -> None:
        held = b""
        while not self._stopped.is_set():
            while b"\r\n\r\n" not in held:
                more = guest.recv(4096)
                if not more:
                    return
                held += more
            request, _, held = held.partition(b"\r\n\r\n")
            lines = request.decode().split("\r\n")
            number = next(line for line in lines if line.lower().startswith("cseq"))
            verb = lines[0].split()[0]
            guest.sendall(self._answer(verb, number))
            if verb == "PLAY":
                self._play(guest)

    def _answer(self, verb: str, number: str) -> bytes:
        body = self._sdp if verb == "DESCRIBE" else ""
        extra = {
            "OPTIONS": "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n",
            "DESCRIBE": f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n",
            "SETUP": "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n",
        }.get(verb, "Session: 1\r\n")
        return f"RTSP/1.0 200 OK\r\n{number}\r\n{extra}\r\n{body}".encode()

    def _play(self, guest: socket.socket) -> None:
        sequence = frame = 0
        while not self._stopped.wait(1 / FPS):
            if self.silent:
                continue
            units = self._film[frame % len(self._film)]
            for index, unit in enumerate(units):
                for payload, last in packets(unit):
                    marker = 0x80 if last and index == len(units) - 1 else 0
                    head = struct.pack(">BBHII", 0x80, 96 | marker, sequence & 0xFFFF, frame * 90_000 // FPS, 1)
                    packet = head + payload
                    guest.sendall(b"$\0" + struct.pack(">H", len(packet)) + packet)
                    sequence += 1
            frame += 1


def packets(unit: bytes) -> list[tuple[bytes, bool]]:
    """RTP payloads of one unit, and whether it is its last: whole, or in FU-A pieces."""
    if len(unit) <= PIECE:
        return [(unit, True)]
    parts = [unit[1:][at : at + PIECE] for at in range(0, len(unit) - 1, PIECE)]
    made = []
    for index, part in enumerate(parts):
        flags = (0x80 if index == 0 else 0) | (0x40 if index == len(parts) - 1 else 0)
        made.append((bytes([(unit[0] & 0xE0) | 28, flags | (unit[0] & 31)]) + part, index == len(parts) - 1))
    return made
