"""A board on a pseudo-terminal: what a serial cable and a person with a finger would do to the real MicroPython.

The interpreter and its REPL are the real ones (board.mjs); `unplug` and `plug` are the cable, `press` and `ground` the
person. What the pins did is in `history`, with times.
"""

import json
import os
import pty
import select
import subprocess
import threading
import tty
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.board.micropython import HERE as BOARD_TESTS
from tests.board.micropython import node

HERE = Path(__file__).parent
PACKAGE = BOARD_TESTS / "node_modules" / "@micropython" / "micropython-webassembly-pyscript"
PICO_W = "Raspberry Pi Pico W with RP2040"


class Board:
    """A running interpreter; `port` is where its cable ends."""

    def __init__(self, machine: str = PICO_W) -> None:
        told_in, told_out = os.pipe()
        said_in, said_out = os.pipe()
        self._told = told_out
        words = [node(), str(HERE / "board.mjs"), str(PACKAGE), str(HERE / "rom"), machine, str(told_in), str(said_out)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(words, stdin=pipe, stdout=pipe, bufsize=0, pass_fds=(told_in, said_out))
        os.close(told_in)
        os.close(said_out)
        self.history: list[tuple[int, int, int]] = []
        self._heard = threading.Semaphore(0)
        self.alive = threading.Semaphore(0)  # once for each time the door's own program ran
        self._pulled_after: int | None = None
        self._end: int | None = None
        self._hand: tuple[int, int] | None = None
        self.port = ""
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._listen, args=(said_in,), daemon=True),
            threading.Thread(target=self._from_board, daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        self.plug()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, wrong: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.unplug()
        self.process.kill()
        self.process.wait(10)
        assert self.process.stdin is not None
        self.process.stdin.close()
        os.close(self._told)
        for thread in self._threads:
            thread.join(10)
        assert self.process.stdout is not None
        self.process.stdout.close()

    # --- the cable ------------------------------------------------------------------------

    def plug(self, pulled_after: int | None = None) -> None:
        """Puts the cable in; it comes out by itself after so many bytes towards the board."""
        board, laptop = pty.openpty()
        tty.setraw(board)
        tty.setraw(laptop)
        self.port = os.ttyname(laptop)
        self._pulled_after = pulled_after
        self._hand = os.pipe()
        with self._lock:
            self._end = board
        self._cable = threading.Thread(target=self._to_board, args=(board, laptop, self._hand[0]), daemon=True)
        self._cable.start()

    def unplug(self) -> None:
        """Pulls the cable out; returns when it is out."""
        if self._hand is not None:
            (held, pulls), self._hand = self._hand, None
            os.write(pulls, b"!")
            if threading.current_thread() is not self._cable:
                self._cable.join(10)
            os.close(held)
            os.close(pulls)

    def _to_board(self, board: int, laptop: int, hand: int) -> None:
        """Carries bytes until the cable is out; closes its ends, which nobody else does."""
        while board in (ready := select.select([board, hand], [], [])[0]) and hand not in ready:
            data = os.read(board, 4096)[: self._pulled_after]
            assert self.process.stdin is not None
            self.process.stdin.write(data)
            if self._pulled_after is not None:
                self._pulled_after -= len(data)
                if not self._pulled_after:
                    break
        with self._lock:
            self._end = None
        os.close(board)
        os.close(laptop)

    def _from_board(self) -> None:
        assert self.process.stdout is not None
        while data := self.process.stdout.read(65_536):
            with self._lock:
                if self._end is not None:
                    os.write(self._end, data)

    # --- the person -----------------------------------------------------------------------

    def press(self, row: int, column: int) -> None:
        """Holds a key down."""
        self._tell(press=[row, column])

    def release(self) -> None:
        """Lets the key go."""
        self._tell(press=None)

    def ground(self, *pins: int) -> None:
        """Exactly these inputs are connected to ground."""
        self._tell(ground=pins)

    def room(self, free: int) -> None:
        """So many bytes are free in the file area."""
        self._tell(free=free)

    def random(self, fixed: str) -> None:
        """From now on the board's own randomness is this (hex), over and over."""
        self._tell(random=fixed)

    def _tell(self, **what: Any) -> None:
        os.write(self._told, json.dumps(what).encode() + b"\n")
        assert self._heard.acquire(timeout=30)

    def _listen(self, end: int) -> None:
        with os.fdopen(end, encoding="utf-8") as lines:
            for line in lines:
                said = json.loads(line)
                if "heard" in said:
                    self._heard.release()
                elif "alive" in said:
                    self.alive.release()
                else:
                    self.history.append((said["pin"], said["level"], said["ms"]))
