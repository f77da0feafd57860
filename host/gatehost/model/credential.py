"""Consent, faces and PINs."""

from dataclasses import dataclass

WAITING, CAPTURING, ACTIVE, WITHDRAWN, ERASED = "waiting", "capturing", "active", "withdrawn", "erased"
OLD = "old"  # a card of the system before this one: it works while the rule old_cards is on


@dataclass(frozen=True, slots=True)
class Consent:
    """A person's separate consent to face entry; `signer` is the guardian's name for a child, else the person's."""

    id: int
    party: str
    purpose: str
    text_version: str
    signer: str
    given_at: int
    withdrawn_at: int | None
    agreement: str | None = None  # the hash of the text as it was signed; None: signed before texts were kept


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a door took under a claim slip and the desk unit did not take over. `reason` is gatecore.intake's; `waits`:
    it is kept and offered again by itself."""

    reason: int
    at: int
    door: str
    waits: bool


@dataclass(frozen=True, slots=True)
class Face:
    """A face credential as pages see it; the host holds sealed bytes only. `number` is the receipt slip's.

    `needs` is what a door says of the person: "photos" (should come for more), "alike" (home number first). `twice`:
    the face is enrolled in another home, and nobody has decided. `refused`: the last sitting at a door
    was for nothing."""

    party: str
    name: str
    homes: tuple[str, ...]
    state: str
    number: str
    photos: int
    model: str
    consent: Consent
    doors_ready: int
    doors_all: int
    until: int
    needs: frozenset[str] = frozenset()
    twice: bool = False
    refused: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Capture:
    """A capture under way at a desk unit. `task` is 32 hex digits; `step` is frames.CAPTURE_*; `reasons` feedback's."""

    task: str
    party: str
    home: str
    device: str
    step: int
    photos: int
    reasons: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Erasure:
    """One door on the way to being without a person's face: `done_at` is None while it has not confirmed."""

    slot: str
    door: str
    connected: bool
    last_seen: int | None
    done_at: int | None


@dataclass(frozen=True, slots=True)
class Loaded:
    """One door a person's face is for: `holds` once the door told that it has it, `since` when it first did (None for
    a door that told so before that was kept)."""

    slot: str
    door: str
    connected: bool
    last_seen: int | None
    holds: bool
    since: int | None


@dataclass(frozen=True, slots=True)
class Pin:
    """A resident's PIN as listed: its digits are shown once, when given."""

    id: int
    home: str
    party: str
    name: str
    duress: bool
    given_at: int


@dataclass(frozen=True, slots=True)
class GivenPin:
    """A fresh PIN: `digits` (seven) are shown now and never again."""

    pin: Pin
    digits: str
