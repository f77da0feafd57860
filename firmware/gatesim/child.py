"""A process of the demo: started, listened to, asked to end, and missed when it ends on its own."""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from gatesim.errors import ChildFailed

LAST_WORDS = 30
ENDS_S = 8
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


class Child:
    """`kaimen VERB ARG ...` as a process of its own, in its own group so that Ctrl-C reaches the demo alone."""

    def __init__(self, name: str, words: Sequence[str], log: Path, module: str = "kaimen") -> None:
        self.name, self._words, self._log = name, ["-m", module, *words], log
        self._process: asyncio.subprocess.Process | None = None
        self._heard: deque[str] = deque(maxlen=LAST_WORDS)
        self._reader: asyncio.Task[None] | None = None
        self._asked_to_end = False

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Starts it; its words go to its log file."""
        self._asked_to_end = False
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, *self._words, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, start_new_session=True,
            preexec_fn=_end_with_the_demo if sys.platform == "linux" else None,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "TF_CPP_MIN_LOG_LEVEL": "2"},
        )  # fmt: skip
        self._reader = asyncio.create_task(self._listen(self._process))

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while data := await process.stdout.read(4096):
            self._heard.extend(data.decode(errors="replace").splitlines())
            with contextlib.suppress(OSError), self._log.open("ab") as log:  # a full disk must not stop the listening
                log.write(data)
        await process.wait()

    async def ended(self) -> None:
        """Returns when it has ended because it was asked to; ChildFailed with its last words when it was not."""
        process, reader = self._process, self._reader
        assert process is not None
        assert reader is not None
        await asyncio.shield(reader)
        if not self._asked_to_end:
            raise ChildFailed(f"{self.name} ended with status {process.returncode}: {self.last_words()}")

    def last_words(self) -> str:
        """What it said last."""
        return "\n  ".join(["", *self._heard]) if self._heard else "it said nothing"

    async def stop(self) -> None:
        """Asks it to end, and ends it after ENDS_S."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        self._asked_to_end = True
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), ENDS_S)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if self._reader is not None:
            await self._reader


def _end_with_the_demo() -> None:
    """In the new process: whoever kills the demo outright ends it too, or it would keep its port for ever."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
