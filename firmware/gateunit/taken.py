"""Templates a door made under a claim slip, on their way to the vault: sealed to the vault's box, signed by the door.

The host carries them and can neither read nor make them: the box opens for the vault alone, and the vault believes the
signature only of a door whose digits a person compared there. The door itself keeps nothing.
"""

from dataclasses import dataclass

from gatecore.errors import GateError
from gatecore.records import BYTES, LIST, TEXT, Record, fits
from gatecore.sign import key_id
from gatecore.wire import decode, encode, open_sign1, sign1, signed_by
from gateunit.errors import SealError, VaultError
from gateunit.ports import KeyStore, Signer
from gateunit.seal import seal
from gateunit.signer import verify


class _Carried(Record):
    """What the door signs."""

    PURPOSE = "gate-taken/1"
    FIELDS = (("task", 16), ("person", 16), ("model", TEXT), ("sealed", BYTES))

    task: bytes
    person: bytes
    model: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """One person's packed templates, as a door took them."""

    task: bytes
    person: bytes
    model: str
    photos: tuple[bytes, ...]


def packed_for(vault_box: bytes, taken: Taken, estate: bytes, signer: Signer) -> bytes:
    """The signed, sealed bytes; SealError if the vault's box key is none."""
    info = _info(estate, signer.key_id, taken)
    sealed = seal(encode(list(taken.photos)), vault_box, info)
    return sign1(_Carried(taken.task, taken.person, taken.model, sealed).to_wire(), signer)


def named(signed: bytes) -> bytes:
    """The device that claims to have signed; VaultError("taken") if these are no such bytes."""
    try:
        return signed_by(signed)
    except GateError as wrong:
        raise VaultError("taken") from wrong


def opened(signed: bytes, public: bytes, keys: KeyStore, estate: bytes) -> Taken:
    """What the door of this key took; VaultError("taken") for anything else, "spoilt" if it is not for this vault."""
    dev = key_id(public)
    try:
        carried: _Carried = _Carried.from_wire(open_sign1(signed, dev, public, verify))
        bare = Taken(carried.task, carried.person, carried.model, ())
        photos = decode(keys.open(carried.sealed, _info(estate, dev, bare)))
    except SealError as wrong:
        raise VaultError("spoilt") from wrong
    except GateError as wrong:
        raise VaultError("taken") from wrong
    if not fits(photos, LIST) or not all(fits(photo, BYTES) and photo for photo in photos):
        raise VaultError("taken")
    return Taken(carried.task, carried.person, carried.model, tuple(photos))


def _info(estate: bytes, dev: bytes, taken: Taken) -> bytes:
    return encode(["gate-taken/1", estate, dev, taken.task, taken.person, taken.model])
