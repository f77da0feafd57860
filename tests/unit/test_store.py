"""What was acknowledged survives: cuts at every byte, kills at any moment, spoilt records, a second process."""

import asyncio
import contextlib
import errno
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gatecore.clock import Now
from gatecore.log import Chain, genesis
from gatecore.logfile import frame, recover
from gatecore.records import BEACON
from gatecore.sign import key_id
from gateunit import store as store_module
from gateunit.errors import StorageError
from gateunit.store import FileStore

from .conftest import read_only

PUBLIC = bytes(range(32))
DEV = key_id(PUBLIC)
KILLS = 30


def frames(count: int, private: bytes | None = None) -> list[bytes]:
    chain, made = Chain(DEV, genesis(PUBLIC)), []
    for n in range(count):
        entry = chain.next(Now(1, n, None, 0), BEACON, [], private)
        chain.take(entry)
        made.append(frame(entry, private))
    return made


def recovered(folder: Path) -> int:
    """Opens as a unit does; how many frames there are."""
    store = FileStore(folder)
    pairs, length = recover(store.stored(), Chain(DEV, genesis(PUBLIC)))
    store.truncate(length)
    assert len(store.read(0, 10_000)) == len(pairs)
    store.close()
    return len(pairs)


async def filled(folder: Path, count: int) -> bytes:
    store = FileStore(folder)
    store.truncate(0)
    await store.append(frames(count))
    stored = store.stored()
    store.close()
    return stored


async def test_a_cut_at_any_byte_leaves_every_whole_frame(tmp_path: Path) -> None:
    whole = await filled(tmp_path, 6)
    ends = [sum(len(made) for made in frames(n)) for n in range(7)]
    for cut in range(len(whole) + 1):
        (tmp_path / "log").write_bytes(whole[:cut])
        assert recovered(tmp_path) == max(n for n, end in enumerate(ends) if end <= cut)
        assert (tmp_path / "log").stat().st_size in ends


async def test_after_a_cut_the_log_goes_on_where_it_was_whole(tmp_path: Path) -> None:
    whole = await filled(tmp_path, 3)
    (tmp_path / "log").write_bytes(whole[:-1])
    assert recovered(tmp_path) == 2
    store = FileStore(tmp_path)
    store.truncate(len(store.stored()))
    await store.append([frames(3)[2]])
    store.close()
    assert (tmp_path / "log").read_bytes() == whole


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EIO])
async def test_a_failed_write_leaves_nothing_behind(tmp_path: Path, monkeypatch: Any, fault: int) -> None:
    made = frames(3)
    store = FileStore(tmp_path)
    store.truncate(0)
    await store.append(made[:1])
    real = os.pwrite

    def half(file: int, data: bytes, at: int) -> int:
        if at > len(made[0]):
            raise OSError(fault, "no")
        return real(file, data[:10], at)

    monkeypatch.setattr(os, "pwrite", half)
    with pytest.raises(StorageError):
        await store.append(made[1:2])
    monkeypatch.undo()
    assert store.read(0, 9) == made[:1]
    await store.append(made[1:])
    store.close()
    assert (tmp_path / "log").read_bytes() == b"".join(made)


async def test_a_failed_write_leaves_no_tail_behind_a_shorter_one(tmp_path: Path, monkeypatch: Any) -> None:
    made = frames(3)
    store = FileStore(tmp_path)
    store.truncate(0)
    with monkeypatch.context() as fault:
        fault.setattr(os, "fsync", lambda file: (_ for _ in ()).throw(OSError(errno.EIO, "no")))
        with pytest.raises(StorageError):
            await store.append(made)
    await store.append(made[:1])
    store.close()
    assert (tmp_path / "log").read_bytes() == made[0]


async def test_a_failed_sync_is_written_again_not_merely_synced_again(tmp_path: Path, monkeypatch: Any) -> None:
    made, written = frames(2), []
    store = FileStore(tmp_path)
    store.truncate(0)
    real = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda file, data, at: written.append(at) or real(file, data, at))
    monkeypatch.setattr(os, "fsync", lambda file: (_ for _ in ()).throw(OSError(errno.EIO, "no")))
    with pytest.raises(StorageError):
        await store.append(made)
    monkeypatch.setattr(os, "fsync", lambda file: None)
    await store.append(made)
    store.close()
    assert written == [0, 0]


async def test_a_record_is_old_or_new_never_half(tmp_path: Path, monkeypatch: Any) -> None:
    store = FileStore(tmp_path)
    await store.write("memory", b"old")
    for name in ("pwrite", "fsync", "replace"):
        with monkeypatch.context() as fault:
            fault.setattr(os, name, lambda *given: (_ for _ in ()).throw(OSError(errno.EIO, "no")))
            with pytest.raises(StorageError):
                await store.write("memory", b"new")
        assert store.load("memory") == b"old"
    await store.write("memory", b"new")
    assert store.load("memory") == b"new"
    await store.write("memory", None)
    assert store.load("memory") is None
    store.close()


async def test_the_oldest_may_be_dropped_and_the_rest_stays(tmp_path: Path) -> None:
    made = frames(5)
    store = FileStore(tmp_path)
    store.truncate(0)
    await store.append(made)
    await store.drop(2)
    assert store.read(0, 9) == made[2:]
    await store.append(made[:1])
    assert store.read(3, 9) == made[:1]
    store.close()


@pytest.mark.parametrize("again", [False, True])
async def test_a_drop_whose_name_did_not_reach_storage_loses_nothing_that_came_after(
    tmp_path: Path, monkeypatch: Any, again: bool
) -> None:
    made = frames(5)
    store = FileStore(tmp_path)
    store.truncate(0)
    await store.append(made[:4])
    real = store_module._sync_folder
    monkeypatch.setattr(store_module, "_sync_folder", lambda path: (_ for _ in ()).throw(OSError(errno.EIO, "no")))
    with contextlib.suppress(StorageError):
        await store.drop(2)
    if again:  # while the folder cannot be synced nothing is taken: what lies there might be found under no name
        with pytest.raises(StorageError):
            await store.append(made[4:])
    monkeypatch.setattr(store_module, "_sync_folder", real)
    await store.append(made[4:])
    assert store.read(0, 9) == made[2:]
    store.close()
    assert (tmp_path / "log").read_bytes() == b"".join(made[2:])


async def test_a_card_that_turned_read_only_is_read_and_takes_entries_once_it_can(
    tmp_path: Path, monkeypatch: Any
) -> None:
    whole = await filled(tmp_path, 3)
    (tmp_path / "log").write_bytes(whole + b"torn")
    (tmp_path / "records" / "memory").write_bytes(b"old")
    with monkeypatch.context() as card:
        read_only(card, tmp_path)
        store = FileStore(tmp_path)
        assert not store.writable
        pairs, length = recover(store.stored(), Chain(DEV, genesis(PUBLIC)))
        store.truncate(length)
        assert len(pairs) == 3
        assert store.load("memory") == b"old"
        for act in (store.append(frames(4)[3:]), store.write("memory", b"new"), store.drop(1)):
            with pytest.raises(StorageError):
                await act
        assert store.read(0, 9) == frames(3)
        with pytest.raises(StorageError, match="another unit process"):
            FileStore(tmp_path)
    await store.append(frames(4)[3:])
    assert store.writable
    store.close()
    assert recovered(tmp_path) == 4


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    with pytest.raises(StorageError, match="another unit process"):
        FileStore(tmp_path)
    store.close()
    FileStore(tmp_path).close()


def test_a_folder_that_cannot_be_written_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(StorageError, match="file"):
        FileStore(tmp_path / "file")


WRITER = """
import asyncio, os, sys
from pathlib import Path
from gatecore.clock import Now
from gatecore.log import Chain, genesis
from gatecore.logfile import frame, recover
from gatecore.records import BEACON
from gatecore.sign import key_id
from gateunit.store import FileStore

async def main():
    public = bytes(range(32))
    store = FileStore(Path(sys.argv[1]))
    chain = Chain(key_id(public), genesis(public))
    _, length = recover(store.stored(), chain)
    store.truncate(length)
    os.write(1, b"%d\\n" % chain.seq)
    while True:
        made = chain.next(Now(1, chain.seq, None, 0), BEACON, [], None)
        await store.append([frame(made, None)])
        chain.take(made)
        os.write(1, b"%d\\n" % chain.seq)

asyncio.run(main())
"""


async def test_killed_at_any_moment_the_store_keeps_all_it_acknowledged(tmp_path: Path) -> None:
    moments = random.Random(19)
    acknowledged = 0
    for _ in range(KILLS):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", WRITER, str(tmp_path), stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        found = int(await process.stdout.readline())
        assert found >= acknowledged
        with_luck = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(moments.uniform(0, 0.05), with_luck.set_result, None)
        await with_luck
        process.send_signal(signal.SIGKILL)
        told = (await process.stdout.read()).split()
        await process.wait()
        acknowledged = max([found, *map(int, told)])
    assert recovered(tmp_path) >= acknowledged > KILLS
