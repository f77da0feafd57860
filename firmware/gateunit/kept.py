"""The people a vault keeps: templates under a key of the person's own, that key sealed to the vault's own box."""

from collections.abc import Iterator
from dataclasses import dataclass

from gatecore.errors import GateError
from gatecore.records import BYTES, TEXT, UINT, fits
from gatecore.wire import decode, encode
from gateunit.capture import Capture
from gateunit.errors import SealError, VaultError
from gateunit.likeness import Known
from gateunit.ports import KeyStore, Random, Records
from gateunit.seal import NONCE, face_info, open_templates, seal, seal_templates

PERSON = "person-"
KEY = 32


@dataclass(frozen=True, slots=True)
class Kept:
    """One person; `key` opens with the vault's box alone."""

    model: str
    photos: int
    templates: bytes
    key: bytes
    home: str = ""

    def to_wire(self) -> bytes:
        """As it is kept."""
        return encode([self.model, self.photos, self.templates, self.key, self.home])


class Cabinet:
    """Seals, reads and opens what is kept; writing it down is the ledger's."""

    def __init__(self, store: Records, keys: KeyStore, estate: bytes, random: Random) -> None:
        self._store, self._keys, self._estate, self._random = store, keys, estate, random

    def made(self, capture: Capture) -> Kept:
        """A capture's photos under a fresh key."""
        key = self._random(KEY)
        templates = seal_templates(capture.photos, key, self._random(NONCE), capture.person, capture.model)
        own = seal(key, self._keys.box_public(), self._own_info(capture.person, capture.model))
        return Kept(capture.model, len(capture.photos), templates, own, capture.home)

    def of(self, person: bytes) -> Kept | None:
        """What is kept of somebody; VaultError("spoilt") for a record that is none."""
        data = self._store.load(PERSON + person.hex())
        if data is None:
            return None
        try:
            value = decode(data)
        except GateError as wrong:
            raise VaultError("spoilt") from wrong
        shape = (TEXT, UINT, BYTES, BYTES, TEXT)  # a record made before homes were kept has four
        if not isinstance(value, list) or not 4 <= len(value) <= 5:
            raise VaultError("spoilt")
        if not all(fits(*pair) for pair in zip(value, shape, strict=False)):
            raise VaultError("spoilt")
        return Kept(*value)

    def sealed_to(self, dev: bytes, box: bytes, person: bytes, kept: Kept) -> bytes:
        """The person's key for one door; VaultError("spoilt")."""
        try:
            key = self._keys.open(kept.key, self._own_info(person, kept.model))
            return seal(key, box, face_info(self._estate, person, kept.model, dev))
        except SealError as wrong:
            raise VaultError("spoilt") from wrong

    def everybody(self, model: str) -> Iterator[Known]:
        """Everybody kept under this model, opened one after another; a record that does not open is left out."""
        for name in self._store.names(PERSON):
            person = bytes.fromhex(name.removeprefix(PERSON))
            try:
                kept = self.of(person)
                if kept is None or kept.model != model:
                    continue
                key = self._keys.open(kept.key, self._own_info(person, model))
                yield Known(person, kept.home, tuple(open_templates(kept.templates, key, person, model)))
            except (SealError, VaultError):
                continue

    def _own_info(self, person: bytes, model: str) -> bytes:
        return encode(["gate-vault/1", self._estate, person, model])
