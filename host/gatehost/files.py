"""Writing files whole or not at all."""

import os
from pathlib import Path


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
