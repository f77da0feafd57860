"""One person being enrolled before a unit's camera: the guided frames, uploaded photos, and when it is enough.

Templates are in memory only; whoever ends the capture (the vault, or a door for the vault) seals them and forgets.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from gatecore import intake
from gateface import Face, PictureRefused, packed
from gateunit.errors import VaultError
from gateunit.guide import Guide, alone

PHOTOS, LEAST = 5, 3
UNREADABLE = {
    "empty": intake.EMPTY_FILE,
    "not_a_picture": intake.NO_PICTURE,
    "truncated": intake.BROKEN_PICTURE,
    "too_large": intake.HUGE_PICTURE,
    "too_small": intake.TINY_PICTURE,
    "animated": intake.MOVING_PICTURE,
}

Look = Callable[[bytes], Awaitable[list[Face]]]


@dataclass(slots=True, eq=False)
class Capture:
    """One task: whose photos are being made, and the templates so far (packed)."""

    task: bytes
    person: bytes
    home: str
    name: str
    photos: list[bytes] = field(default_factory=list)
    model: str = ""
    guide: Guide = field(default_factory=Guide)
    told: tuple[int, ...] = ()  # a reason that stands beside the guide's: of an uploaded photo
    _parts: list[bytes] = field(default_factory=list)

    @property
    def reasons(self) -> tuple[int, ...]:
        """What the person, or the desk, is told now (feedback and frames reasons)."""
        return self.told or self.guide.reasons

    @property
    def full(self) -> bool:
        """Whether that were all photos."""
        return len(self.photos) >= PHOTOS

    def see(self, faces: Sequence[Face], mono: int, model: str) -> bool:
        """Looks at one frame; True if it became a photo."""
        face = self.guide.see(faces, mono)
        if face is not None:
            self.add(packed(face.template), model)
        return face is not None

    def add(self, photo: bytes, model: str) -> None:
        """Takes one packed template."""
        self.photos.append(photo)
        self.model, self.told = model, ()

    def forget(self) -> None:
        """Nothing of the person is left here."""
        self.photos.clear()
        for face in self.guide.kept:
            face.template.fill(0)
        self.guide.kept.clear()
        self._parts.clear()

    def part(self, at: int, parts: int, data: bytes) -> bytes | None:
        """Takes one part of an uploaded photo; the whole when it is there. VaultError("photo") for what cannot be."""
        if at == 0:
            self._parts.clear()
        held = sum(len(part) for part in self._parts) + len(data)
        if at != len(self._parts) or at >= parts or held > intake.MAX_PHOTO:
            self._parts.clear()
            raise VaultError("photo")
        self._parts.append(data)
        if at + 1 < parts:
            return None
        whole = b"".join(self._parts)
        self._parts.clear()
        return whole

    async def upload(self, data: bytes, look: Look, model: str) -> bool:
        """Judges an uploaded photo as a frame is judged; True if it became one of the photos, else `told` says why."""
        try:
            faces = await look(data)
        except PictureRefused as wrong:
            self.told = (UNREADABLE.get(wrong.code, intake.NO_PICTURE),)
            return False
        near = alone(faces)
        wrong_with_it = self.guide.judge(near)
        if wrong_with_it:
            self.told = (wrong_with_it,)
            return False
        if not self.full:
            self.guide.keep(near[0])
            self.add(packed(near[0].template), model)
        return True
