"""What a door learns of its people: frames of openings that a second factor confirmed, beside the desk's photos.

One frame a day at most, the last ten, never instead of a desk photo. They lie here alone, under the person's own key,
which the door holds only sealed to itself; they are sent to nobody, and go when the person leaves the door's state.
"""

from collections.abc import Callable, Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from gatecore.errors import GateError
from gatecore.records import BYTES, LIST, UINT, fits
from gatecore.wire import decode, encode
from gateface import Gallery, Match, Person, Rule
from gateface.face import Template
from gateunit.errors import SealError
from gateunit.held import Held
from gateunit.ledger import Ledger
from gateunit.ports import KeyStore, Random, Records
from gateunit.seal import NONCE, face_info

LEARNED = "learned-"
DAY_MS = 86_400_000

Today = Callable[[], int | None]


class Learned:
    """`today` is the estate's day number, or None while the door has no sure time: then nothing is learned."""

    def __init__(
        self, store: Records, ledger: Ledger, held: Held, keys: KeyStore, estate: bytes, random: Random, today: Today
    ) -> None:
        self._store, self._ledger, self._held, self._keys = store, ledger, held, keys
        self._estate, self._random, self._today = estate, random, today
        self._fresh: dict[bytes, bytes] = {}  # on their way to storage
        self.forget_absent()

    def of(self, person: bytes, key: bytes, model: str) -> tuple[tuple[bytes, ...], int]:
        """(learned templates, day of the last); nothing where there are none or they are of another key or model."""
        sealed = self._fresh.get(person) or self._store.load(LEARNED + person.hex())
        if sealed is None:
            return (), -1
        try:
            opened = ChaCha20Poly1305(key).decrypt(sealed[:NONCE], sealed[NONCE:], _bound(person, model))
            day, vectors = decode(opened)
        except (InvalidTag, ValueError, TypeError, GateError):
            return (), -1
        if not fits(day, UINT) or not fits(vectors, LIST) or not all(fits(vector, BYTES) for vector in vectors):
            return (), -1
        return tuple(vectors), day

    def confirmed(self, rule: Rule, gallery: Gallery, match: Match, score: float, frames: int, frame: Template) -> bool:
        """Learns a frame of somebody whom a second factor confirmed, if the score by `frames` frames would have
        sufficed for a free search too; whether it did."""
        day, floors = self._today(), rule.model.floors
        if day is None or floors is None or not 1 <= frames <= len(rule.search) or score < rule.search[frames - 1]:
            return False
        before = next((one for one in gallery.people if one.person == match.person), None)
        if before is None:
            return False
        after = before.having_learned(frame, day)
        if after is before:
            return False
        return self._keep(after)

    def _keep(self, person: Person) -> bool:
        row = next((row for row in self._held.state.faces if row[0] == person.person), None)
        if row is None:
            return False
        try:
            info = face_info(self._estate, person.person, person.model, self._keys.signer().key_id)
            key = self._keys.open(row[4], info)
        except SealError:
            return False
        nonce = self._random(NONCE)
        opened = encode([person.learned_day, list(person.learned)])
        sealed = nonce + ChaCha20Poly1305(key).encrypt(nonce, opened, _bound(person.person, person.model))
        self._fresh[person.person] = sealed
        self._ledger.note(LEARNED + person.person.hex(), sealed)
        return True

    def forget_absent(self) -> None:
        """What was learned of people the state no longer names is erased, here and on storage."""
        present = {row[0] for row in self._held.state.faces}
        for person in {*self._fresh, *self._stored()} - present:
            self._fresh.pop(person, None)
            self._ledger.note(LEARNED + person.hex(), None)

    def _stored(self) -> Iterable[bytes]:
        for name in self._store.names(LEARNED):
            try:
                yield bytes.fromhex(name.removeprefix(LEARNED))
            except ValueError:
                continue


def _bound(person: bytes, model: str) -> bytes:
    return encode(["gate-learned/1", person, model])
