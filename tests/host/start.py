"""A folder as a first start leaves it, made once in a process and copied for every test that begins with one.

Making tables and keys is most of what a short test would cost; what the first start does is the claim of
test_store, test_migration and test_process, which do it themselves.
"""

from pathlib import Path
from typing import Self

File = tuple[str, int, bytes]


class Start:
    """The files of a folder: path below it, mode, content."""

    def __init__(self, files: list[File]) -> None:
        self._files = files

    @classmethod
    def of(cls, folder: Path) -> Self:
        """What lies in `folder` now; its database must be closed."""
        found = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        return cls([(str(path.relative_to(folder)), path.stat().st_mode & 0o777, path.read_bytes()) for path in found])

    def copy_to(self, folder: Path) -> None:
        """Lays the files out as they were; folders for the owner alone."""
        for name, mode, content in self._files:
            path = folder / name
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode)
            path.write_bytes(content)
