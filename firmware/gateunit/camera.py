"""Pictures from a folder, shown one after another: for trials without a camera, and for tests."""

from collections.abc import AsyncIterator
from pathlib import Path

from gateface import PictureRefused, read_picture
from gateunit.errors import SettingsError
from gateunit.ports import Clock, Picture

ENDINGS = (".jpg", ".jpeg", ".png")
EVERY_MS = 500


class FolderCamera:
    """ports.Camera. All pictures are read at the start: one that is none is refused with its name."""

    def __init__(self, folder: Path, clock: Clock, every_ms: int = EVERY_MS) -> None:
        self._clock, self._every_ms = clock, every_ms
        self._closed = False
        paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS)
        if not paths:
            raise SettingsError(f"{folder}: there is no picture (.jpg, .png) here")
        self._pictures = [_picture(path) for path in paths]

    async def frames(self) -> AsyncIterator[tuple[int, Picture]]:
        """See ports.Camera."""
        while not self._closed:
            for picture in self._pictures:
                if self._closed:
                    return
                yield self._clock.mono(), picture
                await self._clock.sleep(self._every_ms)

    def close(self) -> None:
        """See ports.Camera."""
        self._closed = True


def _picture(path: Path) -> Picture:
    try:
        return read_picture(path.read_bytes())
    except (OSError, PictureRefused) as wrong:
        raise SettingsError(f"{path}: this picture cannot be read ({wrong})") from wrong
