"""What a door says it can promise with the faces it carries; shares are strangers per million."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Promise:
    """One door's own account. `way` is frames.WAY_*; `why` are the rule's reasons; `alike` is a number only."""

    at: int
    way: int
    why: tuple[str, ...]
    people: int
    promised: int
    worst: int
    estimated: int | None
    model: str
    more_photos: tuple[str, ...]
    alike: int


@dataclass(frozen=True, slots=True)
class DoorPromise:
    """A door with its promise; None while it has not told one."""

    slot: str
    name: str
    connected: bool
    promise: Promise | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Somebody to call back for more photos."""

    party: str
    name: str
    homes: tuple[str, ...]
    phone: str


@dataclass(frozen=True, slots=True)
class Twice:
    """A newcomer whose face is enrolled in another home. `state` open, two_people or same_person; `verdict`
    frames.SAME_* on the person guessed last, None while the vault has not answered."""

    party: str
    name: str
    home: str
    at: int
    state: str
    guess: str
    verdict: int | None


@dataclass(frozen=True, slots=True)
class MadeSlip:
    """A fresh claim slip: its ten digits are shown now and never again."""

    digits: str
    name: str
    home: str
    door: str
    until: int
