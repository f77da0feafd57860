"""Everything the unit writes, in the order it was decided: log entries and small notes, through one task.

An entry is a draft until it is on storage: only then does it have its place in the chain for good, and only then may
it be sealed or sent. While storage fails drafts and notes wait here and are tried again, WAITING of them at most; the
door is told once when it begins to fail and once when it works again.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from gatecore.clock import Now
from gatecore.errors import GateError
from gatecore.events import Log
from gatecore.log import Chain, genesis, next_key
from gatecore.logfile import frame, recover
from gatecore.records import ACCESS, COUNT, GAP, GATE, KEY, LATE, LATE_FLAG, Entry, Private
from gatecore.sign import key_id
from gatecore.wire import decode
from gateunit.errors import StorageError
from gateunit.ports import Clock, Random, Store
from gateunit.store import HEAD

RETRY_MS = 1_000
AT_ONCE = 64  # entries written and synced together
KEPT = 50_000  # entries kept on the unit
SPARE = 1_000  # so many more before the oldest go, so many at a time at least
WAITING = 10_000  # entries and notes that wait while storage takes nothing; about 10 MB
NEVER_STORED = 5  # the kind of a COUNT: so many entries storage never took
UNSPARED = (KEY, GAP, GATE)  # the chain stands on these, and a guard was told that the last is tried again
FLAGS = 4  # place of the flags in an access entry's pub


class Stage(Enum):
    """How far a draft has come."""

    WAITING = 0
    WRITING = 1
    DURABLE = 2


@dataclass(slots=True, eq=False)
class Draft:
    """An entry on its way to storage. `settled` is set when it is durable or the attempt failed."""

    now: Now
    typ: int
    pub: list[int]
    private: bytes | None
    stage: Stage = Stage.WAITING
    seq: int = 0
    settled: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True, eq=False)
class Note:
    """A small record on its way to storage. `settled` is set when it is durable or the attempt failed."""

    name: str
    data: bytes | None
    durable: asyncio.Event = field(default_factory=asyncio.Event)
    settled: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class Batch:
    """Durable entries first..last, their private halves, and the chain after the last of them."""

    first: int
    entries: list[bytes]
    privates: list[bytes | None]
    chain: Chain


class Ledger:
    """Recovers the chain at the start and moves it on. `changed(ok)` hears when storage fails and works again."""

    def __init__(self, store: Store, public: bytes, clock: Clock, random: Random) -> None:
        self._store, self._clock, self._random = store, clock, random
        self.dev = key_id(public)
        found, self._chain, self.last_boot, self.change = _recovered(store, self.dev, public)
        self._before = self._chain.seq - found  # seq before the oldest kept
        self._queue: deque[Draft | Note] = deque()
        self._writing: Note | None = None
        self._wake = asyncio.Event()
        self._watchers: list[Callable[[], None]] = []
        self._stopping = False
        self.acknowledged = 0  # the host has everything up to here
        self.receipted = 0  # shown in a checkpoint this unit took: what may be dropped
        self.failing = False
        self._gap: Draft | None = None  # names what is to go once it is on storage
        self._lost: Draft | None = None  # stands in the queue for those that went from there
        self.changed: Callable[[bool], None] = lambda ok: None

    @property
    def seq(self) -> int:
        """The last durable entry's number."""
        return self._chain.seq

    @property
    def changes(self) -> bool:
        """Whether a key change is on its way to storage."""
        return any(isinstance(item, Draft) and item.typ == KEY for item in self._queue)

    @property
    def epoch(self) -> int:
        """The epoch of the next entry."""
        return self._chain.epoch

    @property
    def head(self) -> bytes:
        """The chain head after it."""
        return self._chain.head

    @property
    def idle(self) -> bool:
        """Whether nothing waits to be written."""
        return not self._queue

    def when_durable(self, tell: Callable[[], None]) -> None:
        """Calls `tell` after each write of entries."""
        self._watchers.append(tell)

    def add(self, log: Log, now: Now) -> Draft:
        """Takes an entry the door decided; it will follow everything taken before."""
        private = None
        if log.subject is not None or log.detail is not None:
            private = Private(self._random(16), log.subject or b"", log.detail).to_wire()
        draft = Draft(now, log.typ, list(log.pub), private)
        self._put(draft)
        return draft

    def note(self, name: str, data: bytes | None) -> Note:
        """Takes a small record; one of the same name that still waits is replaced in its place: however long a disk is
        full, no more waits for it than the newest of each."""
        for held in self._queue:
            if isinstance(held, Note) and held.name == name and held is not self._writing:
                held.data = data
                if held.settled.is_set():  # of the attempts before
                    held.settled = asyncio.Event()
                return held
        note = Note(name, data)
        self._put(note)
        return note

    def opened_late(self, draft: Draft, now: Now) -> None:
        """Says that the door opened before this entry was on storage: in the entry itself, or in one after it."""
        if draft.stage is Stage.WAITING and draft.typ == ACCESS:
            draft.pub[FLAGS] |= LATE_FLAG
        elif draft.stage is Stage.WRITING:
            self._put(Draft(now, LATE, [draft.seq], None))

    def batch(self, after: int, most: int) -> Batch | None:
        """Up to `most` durable entries after `after`; None if there are none."""
        first = max(after, self._before)
        frames = self._store.read(first - self._before, min(most, self._chain.seq - first))
        if not frames:
            return None
        pairs = [decode(stored[HEAD:]) for stored in frames]
        joint = Entry.from_wire(pairs[0][0])
        if joint.seq != first + 1:
            return None  # the oldest are being dropped at this moment
        chain, count = Chain(self.dev, joint.prev, first, joint.epoch), 0
        for entry, _ in pairs:
            chain.take(entry)
            count += 1
            if chain.key is not None:
                break  # a seal does not cover entries of two epochs
        return Batch(first + 1, [one for one, _ in pairs[:count]], [half for _, half in pairs[:count]], chain)

    def entry(self, seq: int) -> bytes | None:
        """The bytes of a durable entry that is still kept."""
        if not self._before < seq <= self._chain.seq:
            return None
        found = [decode(stored[HEAD:])[0] for stored in self._store.read(seq - 1 - self._before, 1)]
        return found[0] if found and Entry.from_wire(found[0]).seq == seq else None

    async def forget(self, now: Now) -> bool:
        """Drops the oldest entries once SPARE more than KEPT are kept: the receipted ones. If there are none, one entry
        says which are replaced, and once it is on storage they go. Whether it came to that."""
        over = self._chain.seq - self._before - KEPT
        if self._gap is not None:
            await self._replace(self._gap)
            return False
        if over < SPARE:
            return False
        spare = min(over, min(self.receipted, self._chain.seq) - self._before)
        if spare > 0:
            await self._drop(spare)
            return False
        self._gap = Draft(now, GAP, [self._before + 1, self._before + over], None)
        self._put(self._gap)
        await self._gap.settled.wait()
        await self._replace(self._gap)
        return True

    async def _replace(self, gap: Draft) -> None:
        """Drops what a gap names once the gap is on storage; until then everything stays."""
        if gap.stage is Stage.DURABLE:
            await self._drop(gap.pub[1] - self._before)
            self._gap = None

    async def _drop(self, count: int) -> None:
        await self._store.drop(count)
        self._before += count

    def stop(self) -> None:
        """Lets `run` return once everything is written, or the next attempt failed."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Writes until stopped. Not to be cancelled: a write once begun is also taken note of."""
        while not (self._stopping and (self.idle or self.failing)):
            if not self._queue:
                self._wake.clear()
                await self._wake.wait()
                continue
            try:
                await self._write_next()
            except StorageError:
                self._fail()
                await self._clock.sleep(RETRY_MS)

    def _put(self, item: Draft | Note) -> None:
        self._queue.append(item)
        if len(self._queue) > WAITING:
            self._give_up_oldest()
        self._wake.set()

    def _give_up_oldest(self) -> None:
        """Memory has an end where a disk that takes nothing has none: the oldest entry that waits goes, and in its
        place stands how many have gone. Nobody is refused for it."""
        for at, item in enumerate(self._queue):
            if isinstance(item, Draft) and item.stage is Stage.WAITING and item.typ not in UNSPARED:
                if item is self._lost:
                    continue
                item.settled.set()
                if self._lost is not None and self._lost.stage is Stage.WAITING:
                    self._lost.pub[1] += 1
                    del self._queue[at]
                else:
                    self._lost = self._queue[at] = Draft(item.now, COUNT, [NEVER_STORED, 1], None)
                return

    async def _write_next(self) -> None:
        first = self._queue[0]
        if isinstance(first, Note):
            self._writing = first
            try:
                await self._store.write(first.name, first.data)
            finally:
                self._writing = None
            self._queue.popleft()
            first.durable.set()
            first.settled.set()
        else:
            await self._write_drafts()
        if self.failing:
            self.failing = False
            self.changed(True)

    async def _write_drafts(self) -> None:
        drafts = self._run_of_drafts()
        chain, change = self._chain.copy(), self.change
        frames = []
        for draft in drafts:
            entry = chain.next(draft.now, draft.typ, draft.pub, draft.private)
            draft.seq = chain.take(entry).seq
            if chain.key is not None:
                change = draft.seq, chain.key
            draft.stage = Stage.WRITING
            frames.append(frame(entry, draft.private))
        try:
            await self._store.append(frames)
        except StorageError:
            for draft in drafts:
                draft.stage = Stage.WAITING
            raise
        self._chain, self.change = chain, change
        for draft in drafts:
            self._queue.popleft()
            draft.stage = Stage.DURABLE
            draft.settled.set()
        for tell in self._watchers:
            tell()

    def _run_of_drafts(self) -> list[Draft]:
        drafts: list[Draft] = []
        for item in self._queue:
            if isinstance(item, Note) or len(drafts) == AT_ONCE:
                break
            drafts.append(item)
        return drafts

    def _fail(self) -> None:
        for item in self._queue:
            item.settled.set()
        if not self.failing:
            self.failing = True
            self.changed(False)


def _recovered(store: Store, dev: bytes, public: bytes) -> tuple[int, Chain, int, tuple[int, bytes] | None]:
    """How many whole frames lie in the store, the chain after them, their newest boot and their last key change (seq,
    key); a torn tail is cut off."""
    stored = store.stored()
    chain = Chain(dev, *_joint(stored, public))
    pairs, length = recover(stored, chain)
    store.truncate(length)
    boot = Entry.from_wire(pairs[-1][0]).boot if pairs else 0
    return len(pairs), chain, boot, _last_change([entry for entry, _ in pairs])


def _last_change(entries: list[bytes]) -> tuple[int, bytes] | None:
    for data in reversed(entries):
        entry = Entry.from_wire(data)
        key = next_key(entry)
        if key is not None:
            return entry.seq, key
    return None


def _joint(stored: bytes, public: bytes) -> tuple[bytes, int, int]:
    """Head, seq and epoch before the oldest kept entry, by that entry itself: older ones were dropped."""
    size = int.from_bytes(stored[:2], "big")
    try:
        first = Entry.from_wire(decode(stored[HEAD : HEAD + size])[0])
    except (GateError, TypeError, IndexError):
        return genesis(public), 0, 0
    return (genesis(public), 0, 0) if first.seq == 1 else (first.prev, first.seq - 1, first.epoch)
