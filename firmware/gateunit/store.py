"""The unit's disk: an append-only log that is on storage when it says so, and small records that are whole or absent.

One thread writes, so writes happen in the order they were asked for. A write that failed is undone: the file is cut
back to its durable length before anything else is written (after a failed fsync the kernel may have dropped the pages,
so what was to be written is written again, never merely synced again).

A card that has turned read-only, as worn cards do, still holds all a door needs: it is read, every write fails as on a
full disk, and is tried again.
"""

import asyncio
import contextlib
import errno
import fcntl
import os
from array import array
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from threading import Lock
from typing import TypeVar

from gateunit.errors import StorageError

HEAD = 6  # bytes before a frame's body: length u16, CRC-32 u32
LOG, RECORDS, GUARD = "log", "records", "guard"

Result = TypeVar("Result")


class FileStore:
    """A folder of this unit alone; a second process is refused."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.writable = True
        try:
            (folder / RECORDS).mkdir(mode=0o700, parents=True, exist_ok=True)
            self._guard = _only_process(folder / GUARD)
            self._file = self._opened(folder / LOG)
            _sync_folder(folder)
        except OSError as wrong:
            raise StorageError(f"{folder}: {wrong.strerror}") from wrong
        self._ends = array("Q", [0])  # where each frame ends, after a leading 0
        self._length = os.fstat(self._file).st_size
        self._torn = False
        self._swapped = False  # a new log file lies there whose name is perhaps not on storage
        self._writer = ThreadPoolExecutor(1, "store")
        self._swap = Lock()
        self._closed = False
        self._begun = 0

    @property
    def busy(self) -> bool:
        """Whether the writer has something to do."""
        return self._begun > 0

    def stored(self) -> bytes:
        """Everything in the log file."""
        return os.pread(self._file, self._length, 0)

    def truncate(self, length: int) -> None:
        """Cuts a torn tail; from here on frames can be read by position."""
        if length != self._length and self.writable:
            os.ftruncate(self._file, length)
            os.fsync(self._file)
        self._torn = length != self._length and not self.writable
        self._length = length
        self._ends = _ends_of(self.stored())

    def read(self, first: int, count: int) -> list[bytes]:
        """Durable frames by position."""
        with self._swap:
            last = min(first + count, len(self._ends) - 1)
            if first >= last:
                return []
            start = self._ends[first]
            block = os.pread(self._file, self._ends[last] - start, start)
            cuts = [end - start for end in self._ends[first : last + 1]]
        return [block[a:b] for a, b in pairwise(cuts)]

    async def append(self, frames: Sequence[bytes]) -> None:
        """Writes and syncs; see ports.Journal."""
        await self._in_turn(lambda: self._append(frames))

    async def drop(self, count: int) -> None:
        """Copies what is kept to a new file and swaps; see ports.Journal."""
        await self._in_turn(lambda: self._drop(count))

    async def write(self, name: str, data: bytes | None) -> None:
        """Temporary file, sync, rename, sync of the folder; see ports.Records."""
        await self._in_turn(lambda: self._write(name, data))

    def load(self, name: str) -> bytes | None:
        """The record's bytes."""
        try:
            return (self._folder / RECORDS / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as wrong:
            raise StorageError(f"{name}: {wrong.strerror}") from wrong

    def names(self, prefix: str) -> list[str]:
        """Files whose writing was cut short are none."""
        try:
            found = [name for name in os.listdir(self._folder / RECORDS) if not name.endswith(".new")]
        except OSError as wrong:
            raise StorageError(f"{RECORDS}: {wrong.strerror}") from wrong
        return sorted(name for name in found if name.startswith(prefix))

    def close(self) -> None:
        """Ends the writer thread after what it has begun."""
        if self._closed:
            return
        self._closed = True
        self._writer.shutdown(wait=True)
        os.close(self._file)
        os.close(self._guard)

    async def _in_turn(self, act: Callable[[], Result]) -> Result:
        """Runs `act` on the writer thread. Once asked for it happens, even if the asking task is cancelled."""
        self._begun += 1
        try:
            return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._writer, act))
        except OSError as wrong:
            raise StorageError(wrong.strerror or "failed") from wrong
        finally:
            self._begun -= 1

    def _opened(self, path: Path) -> int:
        """The log, to be read and written; only to be read where the card takes nothing any more."""
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as wrong:
            if wrong.errno != errno.EROFS:
                raise
            self.writable = False
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def _append(self, frames: Sequence[bytes]) -> None:
        if not self.writable:
            self._try_again()
        if self._swapped:
            _sync_folder(self._folder)
            self._swapped = False
        if self._torn:
            os.ftruncate(self._file, self._length)
        self._torn = True
        _write_all(self._file, b"".join(frames), self._length)
        os.fsync(self._file)
        self._torn = False
        for frame in frames:
            self._length += len(frame)
            self._ends.append(self._length)

    def _try_again(self) -> None:
        """Opens the log for writing; OSError while the card is read-only."""
        fresh = os.open(self._folder / LOG, os.O_RDWR | os.O_CLOEXEC)
        with self._swap:
            old, self._file = self._file, fresh
        os.close(old)
        self.writable = True

    def _drop(self, count: int) -> None:
        """From the renaming on the new file is the log: what is appended to the old one would be gone with it. Whether
        the name is on storage is seen to before anything is appended."""
        start = self._ends[min(count, len(self._ends) - 1)]
        kept = os.pread(self._file, self._length - start, start)
        fresh = _written(self._folder / LOG, kept)
        self._swapped = True
        with self._swap:
            old, self._file = self._file, fresh
            self._length, self._torn = len(kept), False
            self._ends = _ends_of(kept)
        os.close(old)

    def _write(self, name: str, data: bytes | None) -> None:
        path = self._folder / RECORDS / name
        if data is None:
            path.unlink(missing_ok=True)
            _sync_folder(path.parent)
        else:
            os.close(_written(path, data))
            _sync_folder(path.parent)


def _written(path: Path, data: bytes) -> int:
    """Makes `path` hold `data`, whole or not at all, once the folder is synced; the new file, open."""
    fresh = path.with_name(path.name + ".new")
    file = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        _write_all(file, data, 0)
        os.fsync(file)
        os.replace(fresh, path)
    except OSError:
        os.close(file)
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise
    return file


def _write_all(file: int, data: bytes, at: int) -> None:
    done = 0
    while done < len(data):
        done += os.pwrite(file, data[done:], at + done)


def _sync_folder(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _only_process(path: Path) -> int:
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as wrong:
        if wrong.errno != errno.EROFS:
            raise
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        raise StorageError(f"{path.parent}: another unit process works here; stop it first") from None
    return file


def _ends_of(frames: bytes) -> "array[int]":
    ends, at = array("Q", [0]), 0
    while at < len(frames):
        at += HEAD + int.from_bytes(frames[at : at + 2], "big")
        ends.append(at)
    return ends
