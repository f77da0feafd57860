"""The home sheet: everything the office sees of a home at once."""

from dataclasses import dataclass

from gatehost.model.credential import Face, Pin
from gatehost.model.party import Party, Tie
from gatehost.model.place import Place
from gatehost.model.policy import Rule


@dataclass(frozen=True, slots=True)
class Member:
    """A person of a home: `login` is "" without an account; `face` None without a face credential."""

    party: Party
    tie: Tie
    login: str
    activated: bool
    face: Face | None


@dataclass(frozen=True, slots=True)
class HomeSheet:
    """A home, its people, PINs and rules."""

    home: Place
    building: Place
    members: tuple[Member, ...]
    pins: tuple[Pin, ...]
    rules: tuple[Rule, ...]
    live_codes: int
    paused_at: tuple[str, ...]  # slots at which wrong tries have paused this home's codes


@dataclass(frozen=True, slots=True)
class HomeRow:
    """A line of the search for homes; `people` are names."""

    home: str
    name: str
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LookUp:
    """A line of the audit: who did or saw what, and about which home or person. `at` in ms UTC."""

    id: int
    at: int
    who: str
    role: str
    action: str
    home: str
    about: str
    detail: str
