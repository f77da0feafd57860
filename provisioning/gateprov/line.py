"""The serial line to a board: stock mpremote's transport, with every failure in words that say what to do.

Nothing here knows doors. `run` carries out code in the raw REPL; a board that raises gives BoardRaised with the
last line of its traceback, a line that breaks gives PortError.
"""

import base64
import contextlib
import io
import os
import struct
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

from mpremote.transport import TransportError, TransportExecError
from mpremote.transport_serial import SerialTransport
from serial.tools import list_ports

from gateprov.errors import PortError

PROMPT_S = 4.0
CHUNK = 768  # bytes of a file in one command: 1 KiB of base64
BACK_S = 15.0
UPLOAD = "from binascii import a2b_base64 as _u\n_f=open({path!r},'wb')\n_w=_f.write"
DIGEST = """
import hashlib
from binascii import hexlify as _x
def _digest(path):
 try:
  f=open(path,'rb')
 except OSError:
  return '-'
 h=hashlib.sha256()
 b=bytearray(512)
 m=memoryview(b)
 while 1:
  n=f.readinto(b)
  if not n:break
  h.update(m[:n])
 f.close()
 return _x(h.digest()).decode()
"""


class BoardRaised(PortError):
    """Code on the board ended with an exception; the text is the last line of its traceback."""


class Line:
    """An open port with MicroPython's raw REPL at the other end. Use as a context manager."""

    def __init__(self, port: str) -> None:
        self.port = port
        self._transport: Any = None

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, wrong: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self) -> None:
        """Opens the port and enters the raw REPL, interrupting what runs there."""
        if not os.path.exists(self.port):
            raise PortError(f"{self.port}: there is no such port; there are: {', '.join(ports()) or 'none'}. Is the "
                            "cable in, and does it carry data?")  # fmt: skip
        try:
            self._transport = SerialTransport(self.port, timeout=PROMPT_S / 2)
        except (TransportError, OSError) as wrong:
            raise PortError(_why_closed(self.port)) from wrong
        try:
            self._enter()
        except PortError:
            self.close()
            raise

    def _enter(self) -> None:
        with self._told(), contextlib.redirect_stdout(io.StringIO()):
            try:
                self._transport.enter_raw_repl(soft_reset=True, timeout_overall=PROMPT_S)
            except TransportError as wrong:
                raise PortError(
                    f"{self.port}: nothing there speaks MicroPython; write the firmware first (hw/README.md: hold "
                    "BOOTSEL, plug in, copy the .uf2), or is it another port?"
                ) from wrong

    def close(self) -> None:
        """Leaves the board at its prompt; harmless if the cable is gone."""
        transport, self._transport = self._transport, None
        if transport is not None:
            with contextlib.suppress(OSError, TransportError, struct.error):
                if transport.in_raw_repl:
                    transport.exit_raw_repl()
            with contextlib.suppress(OSError):
                transport.close()

    def run(self, code: str, timeout: float = 10.0) -> str:
        """What the code prints. `timeout` is the longest silence in seconds."""
        with self._told():
            said, raised = self._transport.exec_raw(code, timeout=timeout)
            if raised:
                raise TransportExecError(said, raised.decode(errors="replace"))
            return str(said.decode(errors="replace").strip())
        raise AssertionError

    def write(self, path: str, data: bytes) -> None:
        """Writes a file, chunk by chunk; it counts for nothing before its digest has been compared."""
        self.run(UPLOAD.format(path=path))
        for at in range(0, len(data), CHUNK):
            piece = base64.b64encode(data[at : at + CHUNK]).decode()
            self.run(f"_w(_u('{piece}'))")
        self.run("_f.close()")

    def digests(self, paths: list[str]) -> dict[str, str]:
        """SHA-256 in hex of files as the board reads them back; "-" for one that is not there."""
        self.run(DIGEST)
        said = self.run(f"for p in {paths!r}:print(_digest(p))", timeout=60)
        return dict(zip(paths, said.split(), strict=True))

    def reset(self) -> None:
        """Restarts the chip and comes back to its prompt: a running watchdog is gone, too."""
        with contextlib.suppress(OSError, TransportError, struct.error):
            self._transport.exec_raw_no_follow("import machine\nmachine.reset()")
        self.close()
        give_up = time.monotonic() + BACK_S
        while True:
            try:
                self.open()
                return
            except PortError:
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.2)

    def start(self) -> None:
        """Restarts the chip and lets go of it: the door runs."""
        with contextlib.suppress(OSError, TransportError, struct.error):
            self._transport.exec_raw_no_follow("import machine\nmachine.reset()")
            self._transport.in_raw_repl = False
        self.close()

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except TransportExecError as wrong:
            last = (wrong.error_output.strip().splitlines() or ["no word"])[-1]
            raise BoardRaised(f"{self.port}: the board says: {last}") from wrong
        except (TransportError, OSError, struct.error) as wrong:
            raise PortError(
                f"{self.port}: the board is gone; put the cable in again and run the same command: it goes on where "
                "it stopped"
            ) from wrong


def ports() -> list[str]:
    """Serial ports a board may be on."""
    return sorted(found.device for found in list_ports.comports() if found.vid is not None)


def _why_closed(port: str) -> str:
    if not os.access(port, os.R_OK | os.W_OK):
        return f"{port}: may not be opened; add yourself to the group that owns it (often dialout) and sign in again"
    return f"{port}: another program holds it; close serial monitors and editors that watch it, and run this again"
