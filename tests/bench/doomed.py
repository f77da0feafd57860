"""A unit or a host that dies at a chosen instant: `live(LOG, ['{"at": ...}', "door", ARG, ...])` is a process's life.

Dying is SIGKILL to itself, so nothing is flushed, closed or told. A unit also keeps opening its door by a code, and
writes what it has promised (an opening that did not wait in vain, a receipt of the host) to a file of its own.
"""

import asyncio
import json
import os
import random
import signal
import sqlite3
import sys
import threading
from collections.abc import Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

from gatecore import events, frames

PHASES = {"append": 4, "seal": 2, "send": 2, "commit": 4}  # phase -> instants within it
PRESS_S = 0.02
LONGEST_COMMIT_S = 0.004


def die() -> None:
    """Nothing after this line happens."""
    os.kill(os.getpid(), signal.SIGKILL)
    signal.pause()


class Doom:
    """Counts the times a phase is entered; `due` says when the chosen instant of the chosen time has come."""

    def __init__(self, order: dict[str, Any]) -> None:
        self._at, self._nth, self._point = order.get("at", ""), int(order.get("nth", 0)), int(order.get("point", 0))
        self.dice = random.Random(order.get("seed", 0))
        self._count = 0

    def enter(self, phase: str) -> bool:
        """Whether this is the time; to be asked once each time the phase begins."""
        if phase != self._at:
            return False
        self._count += 1
        return self._count == self._nth

    def now(self, now: bool, point: int) -> None:
        """Dies if this is the time and the instant."""
        if now and point == self._point:
            die()

    def soon(self, now: bool, point: int) -> None:
        """Dies some time within a commit, on another thread."""
        if now and point == self._point:
            threading.Timer(self.dice.random() * LONGEST_COMMIT_S, die).start()


def doom_store(doom: Doom) -> None:
    """In `append`: before the write, with half of it done, before the sync, after it."""
    from gateunit.store import FileStore

    whole = FileStore._append

    def append(self: Any, written: Sequence[bytes]) -> None:
        now, data = doom.enter("append"), b"".join(written)
        doom.now(now, 0)
        if now and doom._point == 1:
            os.pwrite(self._file, data[: len(data) // 2], self._length)
        doom.now(now, 1)
        if now and doom._point == 2:
            os.pwrite(self._file, data, self._length)
        doom.now(now, 2)
        whole(self, written)
        doom.now(now, 3)

    FileStore._append = append  # type: ignore[method-assign]


def doom_link(doom: Doom) -> None:
    """Around the seal of a batch, and around its sending."""
    import aiohttp

    from gateunit import session

    sealed, sent = session.seal, aiohttp.ClientWebSocketResponse.send_bytes

    def seal(*words: Any) -> bytes:
        now = doom.enter("seal")
        doom.now(now, 0)
        made = sealed(*words)
        doom.now(now, 1)
        return made

    async def send(self: Any, data: bytes, *words: Any) -> None:
        now = frames.unpack(data)[0] == frames.BATCH and doom.enter("send")
        doom.now(now, 0)
        await sent(self, data, *words)
        doom.now(now, 1)

    session.seal = seal  # type: ignore[assignment]
    aiohttp.ClientWebSocketResponse.send_bytes = send  # type: ignore[assignment,method-assign]


def doom_host(doom: Doom) -> None:
    """In the host's transaction of entries: before it, before its commit, within the commit, before the receipt."""
    from gatehost.store import accesslog, direct

    whole = accesslog.store
    due = [False]

    class Connection(sqlite3.Connection):
        """The ingest path's own connection; it dies around its COMMIT."""

        def execute(self, statement: str, *words: Any) -> sqlite3.Cursor:
            if statement == "COMMIT":
                doom.now(due[0], 1)
                doom.soon(due[0], 2)
            return super().execute(statement, *words)

    async def store(*words: Any) -> list[int]:
        now = due[0] = doom.enter("commit")
        doom.now(now, 0)
        last = await whole(*words)
        doom.now(now, 3)
        return last

    direct.sqlite3 = SimpleNamespace(connect=partial(sqlite3.connect, factory=Connection))  # type: ignore[assignment]
    accesslog.store = store


class Promises:
    """What the unit promised, in a file that outlives it: `open SEQ HEAD` and `ack SEQ`."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(self, *words: object) -> None:
        """One line; the kernel has it when this returns."""
        os.write(self._file, (" ".join(str(word) for word in words) + "\n").encode())


def promise(unit: Any, promises: Promises) -> None:
    """Notes every opening whose entry was durable, and every receipt, at the moment they happen."""
    from gateunit import carry, session

    carrier, ledger = unit.carrier, unit.ledger
    lock, late, taken = carrier._unlock, ledger.opened_late, session._RECEIVE[frames.ACK]
    waited = [False]

    def opened_late(draft: Any, now: Any) -> None:
        waited[0] = draft.stage.name != "DURABLE"
        late(draft, now)

    def unlock(effect: events.Unlock) -> None:
        if effect.durable and not waited[0]:
            promises.note("open", ledger.seq, ledger.head.hex())
        lock(effect)

    def on_ack(self: Any, upto: int, receipt: bytes, index: int | None) -> None:
        promises.note("ack", upto)
        taken(self, upto, receipt, index)

    ledger.opened_late = opened_late
    carry._ACT[events.Unlock] = lambda carrier, effect: unlock(effect)
    session._RECEIVE[frames.ACK] = on_ack


async def visitors(unit: Any, keys: str) -> None:
    """One after another they type their code; the uses they have had are forgotten, so that it opens every time."""
    while True:
        if unit.quiet:
            unit.door.memory.uses.clear()
            for key in keys:
                unit.post(events.Key(key))
        await asyncio.sleep(PRESS_S)


def run_unit(order: dict[str, Any], doom: Doom, words: Sequence[str]) -> int:
    """`kaimen door ARG ...`, doomed."""
    from gatesim import door

    doom_store(doom)
    doom_link(doom)

    class Doomed(door.SimDoor):
        async def run(self) -> None:
            promise(self.unit, Promises(order["promises"]))
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(visitors(self.unit, order["keys"]))
                tasks.create_task(super().run())

    door.SimDoor = Doomed  # type: ignore[misc]
    return door.main(words)


def run_host(doom: Doom, words: Sequence[str]) -> int:
    """`kaimen host ARG ...`, doomed."""
    from gatehost.__main__ import main

    doom_host(doom)
    return main(words)


def main(words: Sequence[str]) -> int:
    """The first word is the order (JSON), the second the verb."""
    order = json.loads(words[0])
    doom = Doom(order)
    return run_unit(order, doom, words[2:]) if words[1] == "door" else run_host(doom, words[2:])


def live(log: str, words: Sequence[str]) -> None:
    """A process's whole life; what it says goes to the end of `log`."""
    with open(log, "ab") as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    sys.exit(main(words))
