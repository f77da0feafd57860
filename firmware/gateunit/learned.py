"""What a door learns of its people: frames of openings that a second factor confirmed, beside the desk's photos.

One frame a day at most, the last ten, never instead of a desk photo. They lie here alone, under the person's own key,
which the door holds only sealed to itself; they are sent to nobody, and go when the person leaves the door's state.
"""

from collections.abc import Callable, Iterable

from gateface import Gallery, Person
from gateunit.errors import SealError
from gateunit.held import Held
from gateunit.ledger import Ledger
from gateunit.ports import KeyStore, Random, Records
from gateunit.seal import NONCE, face_info, open_learned, seal_learned

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
            return open_learned(sealed, key, person, model)
        except SealError:
            return (), -1

    def learn(self, gallery: Gallery, person: bytes, frame: bytes) -> bool:
        """Adds a frame of gateface.Visit.learnable to the person's ring, unless today's was; whether it did."""
        day, before = self._today(), next((one for one in gallery.people if one.person == person), None)
        if day is None or before is None:
            return False
        after = before.having_learned(frame, day)
        return after is not before and self._keep(after)

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
        sealed = seal_learned(list(person.learned), person.learned_day, key, nonce, person.person, person.model)
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
