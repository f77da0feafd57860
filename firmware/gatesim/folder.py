"""The demo's folder: a new one that is taken away at the end, or one that is kept and cleared for the next demo."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from gatesim.errors import FolderRefused
from gatesim.rig import SLOTS

MARK = "kaimen-demo"  # a file that says whose folder this is, held by the demo that runs there
MADE = (
    *("estate.toml", "links", "claims", "trust.txt", "kaimen.export", "kaimen.forged", "host", "host.log"),
    *SLOTS, *(f"{slot}.log" for slot in SLOTS),
)  # fmt: skip


@contextmanager
def folder_of(named: Path | None) -> Iterator[Path]:
    """The folder named, or one that is removed at the end; nothing of an earlier demo is in it, and no other demo may
    use it while this lasts. FolderRefused for one that cannot be made, is in use or holds anything else."""
    if named is not None:
        with _claimed(named):
            yield named.resolve()
        return
    made = Path(tempfile.mkdtemp(prefix="kaimen-demo-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _claimed(folder: Path) -> TextIO:
    """The open mark: the folder is this demo's until it is closed."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        strange = sorted(path.name for path in folder.iterdir())
        if strange and MARK not in strange:
            raise FolderRefused(f"--dir {folder} holds other files ({strange[0]}); name an empty or a new folder")
        mark = (folder / MARK).open("w", encoding="utf-8")
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            mark.close()
            raise FolderRefused(f"--dir {folder}: another demo runs there; name another folder") from None
        mark.write("the folder of a Kaimen demo; it may be deleted\n")
        mark.flush()
        for name in MADE:
            _clear(folder / name)
    except OSError as wrong:
        raise FolderRefused(f"--dir {folder}: {wrong.strerror}; name a folder you may write to") from wrong
    return mark


def _clear(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
