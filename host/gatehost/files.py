"""Writing files whole or not at all, and only as who will read them."""

import os
import pwd
from pathlib import Path

from gatehost.model.errors import SettingsError


def write_private(path: Path, data: bytes) -> None:
    """A file only its owner can read; after a power cut it is the old one or the new one."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def check_owner(folder: Path) -> None:
    """SettingsError if the folder is another user's: what root writes into it, the host that runs on it cannot read."""
    if not folder.exists() or (owner := folder.stat().st_uid) == os.geteuid():
        return
    theirs, mine = _user(owner), _user(os.geteuid())
    raise SettingsError(
        f"{folder} belongs to {theirs}, and this runs as {mine}: put `sudo -u {theirs}` before the command, or give "
        f"the folder to {mine} with chown -R"
    )


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"#{number}"
