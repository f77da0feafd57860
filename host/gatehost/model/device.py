"""Devices: keys that fill slots."""

from dataclasses import dataclass

PENDING, ACTIVE, REVOKED, QUARANTINED, REFUSED = "pending", "active", "revoked", "quarantined", "refused"


@dataclass(frozen=True, slots=True)
class Device:
    """A device and what it last told. `dev` is 32 hex digits; times in ms UTC; `digits` while it is pending."""

    dev: str
    slot: str
    kind: str
    model: str
    state: str
    public: bytes
    box: bytes | None
    cert: bytes | None
    digits: str
    since: int
    last_seen: int | None
    generation: int
    version: int
    sent_generation: int
    sent_version: int
    quality: int
    storage_ok: bool
    software: str
    seq: int


@dataclass(frozen=True, slots=True)
class DoorStatus:
    """A slot with the device in it (None: empty) as the office sees it."""

    slot: str
    name: str
    place: str
    place_name: str
    kind: str
    device: Device | None
    connected: bool
    up_to_date: bool
    claim_until: int | None


@dataclass(frozen=True, slots=True)
class MadeClaim:
    """A claim for an open slot: `data` is the gate-claim/1 record, to be saved as a file or shown as a QR code."""

    slot: str
    data: bytes
    until: int


@dataclass(frozen=True, slots=True)
class DeviceVerdict:
    """Re-verification of one device's stored log: `ok`, or the first bad entry (`seq`) and `what` is wrong with it
    (`entry`, `chain`, `commitment`, `seal`, `columns`, `missing`, `head`, `cert`); without a device, of the host's own
    or of all (`tree`)."""

    dev: str
    slot: str
    name: str
    entries: int
    ok: bool
    seq: int | None
    what: str
