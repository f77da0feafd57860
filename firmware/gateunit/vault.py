"""The front desk's unit: it makes templates, keeps them sealed to itself, and seals a person's key to doors.

Its laws, each with a test:
1. A capture begins only on a task of the host's that carries a consent's id, one at a time, and ends with it.
2. Pictures and open templates are in memory only until they are sealed; what is kept and sent is sealed.
3. A key is sealed only to a door's box key that a person confirmed here by place and six digits. Another box key of
   the same door is another question.
4. Forgetting a person removes the key; what was sealed elsewhere can then be given to no further door.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from gatecore import frames
from gatecore.enrol import box_digits
from gatecore.errors import GateError
from gatecore.records import BYTES, TEXT, UINT, Cert, fits
from gatecore.trust import Trust
from gatecore.wire import decode, encode
from gateunit.errors import SealError, VaultError
from gateunit.held import Held
from gateunit.ledger import Ledger
from gateunit.ports import KeyStore, Random, Records
from gateunit.seal import NONCE, face_info, seal, seal_templates

PERSON, CONFIRMED = "person-", "confirmed"
PHOTOS = 5
NO_TASK = bytes(16)
KEY = 32

Say = Callable[..., None]


@dataclass(slots=True)
class Capture:
    """One task: whose photos are being made, and the templates so far (packed, in memory only)."""

    task: bytes
    person: bytes
    home: str
    name: str
    photos: list[bytes] = field(default_factory=list)
    model: str = ""
    reasons: list[int] = field(default_factory=list)  # what the person could do better (feedback reasons)


@dataclass(frozen=True, slots=True)
class Question:
    """A door's box key nobody has confirmed yet, as a person is asked about it."""

    dev: bytes
    place: str
    digits: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A person as the vault keeps one: templates under the person's key, the key sealed to the vault's own box."""

    model: str
    photos: int
    templates: bytes
    key: bytes

    def to_wire(self) -> bytes:
        """As it is kept."""
        return encode([self.model, self.photos, self.templates, self.key])


class Vault:
    """Answers the vault's frames; `say` sends, `capturing` is what sight feeds with `photo`."""

    def __init__(
        self, store: Records, ledger: Ledger, held: Held, trust: Trust, keys: KeyStore, random: Random
    ) -> None:
        self._store, self._ledger, self._held, self._trust = store, ledger, held, trust
        self._keys, self._random = keys, random
        self._confirmed = _confirmed(store.load(CONFIRMED))
        self._certs: dict[bytes, Cert | None] = {}  # what was verified, by the signed bytes
        self._put_off: set[bytes] = set()
        self._unsent: dict[bytes, None] = {}
        self._jobs: asyncio.Queue[bytes] = asyncio.Queue()
        self.capturing: Capture | None = None
        self.say: Say = lambda *frame: None
        self.up: Callable[[], bool] = lambda: False

    # --- capture --------------------------------------------------------------------------

    def capture(self, task: bytes, person: bytes, home: str, name: str) -> None:
        """Law 1: begins a capture. VaultError("consent" | "busy")."""
        if task == NO_TASK:
            raise VaultError("consent")
        if self.capturing is not None and self.capturing.task != task:
            raise VaultError("busy")
        self.capturing = Capture(task, person, home, name)
        self._news(frames.CAPTURE_READY)

    def stop(self, task: bytes) -> None:
        """Ends that capture and forgets its photos."""
        if self.capturing is not None and self.capturing.task == task:
            self._news(frames.CAPTURE_ENDED)
            self.capturing = None

    def hint(self, reasons: list[int]) -> None:
        """Tells the desk what the person could do better (feedback reasons)."""
        if self.capturing is not None:
            self.capturing.reasons = list(reasons)
        self._news(frames.CAPTURE_READY, reasons)

    async def photo(self, packed: bytes, model: str) -> bool:
        """Takes one packed template; True when that was the last and the person is sealed and kept."""
        capture = self.capturing
        if capture is None:
            raise VaultError("consent")
        capture.photos.append(packed)
        capture.model, capture.reasons = model, []
        self._news(frames.CAPTURE_PHOTO)
        if len(capture.photos) < PHOTOS:
            return False
        await self.enough()
        return True

    async def enough(self) -> None:
        """The photos so far are all there will be, because the desk says so; VaultError("photos") if there are none."""
        capture = self.capturing
        if capture is None or not capture.photos:
            raise VaultError("photos")
        self.capturing = None
        await self._keep(capture, capture.model)

    async def _keep(self, capture: Capture, model: str) -> None:
        key = self._random(KEY)
        templates = seal_templates(capture.photos, key, self._random(NONCE), capture.person, model)
        own = seal(key, self._keys.box_public(), self._own_info(capture.person, model))
        kept = Kept(model, len(capture.photos), templates, own)
        note = self._ledger.note(PERSON + capture.person.hex(), kept.to_wire())
        await note.settled.wait()
        if self._ledger.failing:
            self._news(frames.CAPTURE_FAILED, [], capture)
            return
        self._news(frames.CAPTURE_DONE, [], capture)
        self._unsent[capture.person] = None
        self.linked()

    def _news(self, step: int, reasons: list[int] | None = None, capture: Capture | None = None) -> None:
        told = capture or self.capturing
        if told is not None:
            self.say(frames.CAPTURE_NEWS, told.task, step, len(told.photos), reasons or [])

    # --- doors ----------------------------------------------------------------------------

    def questions(self) -> list[Question]:
        """The doors of the state whose box keys nobody has confirmed; a row the estate did not sign is left out."""
        asked = []
        for row in self._held.state.seal_to:
            cert = self._certified(row)
            if cert is not None and self._confirmed.get(row[0]) != row[1] and row[0] not in self._put_off:
                asked.append(Question(row[0], row[2], box_digits(cert.public, row[1], self._trust.estate)))
        return asked

    def confirm(self, dev: bytes) -> None:
        """A person compared the six digits with those on that door's screen and they were the same."""
        if dev not in [question.dev for question in self.questions()]:
            raise VaultError("device")
        self._confirmed[dev] = self._box_of(dev)
        self._ledger.note(CONFIRMED, encode([[known, box] for known, box in sorted(self._confirmed.items())]))
        self.say(frames.CONFIRMED, dev)

    def put_off(self, dev: bytes) -> None:
        """The digits differ, or nobody knows: not asked again before the next start."""
        self._put_off.add(dev)

    def seal(self, person: bytes, devices: list[bytes]) -> None:
        """Law 3: seals the person's key to the confirmed among `devices`; VaultError("person" | "unconfirmed")."""
        kept = self._kept(person)
        if kept is None:
            raise VaultError("person")
        known = [dev for dev in devices if self._is_confirmed(dev)]
        if known:
            self._say_sealed(person, kept, known)
        if len(known) < len(devices):
            raise VaultError("unconfirmed")

    def linked(self) -> None:
        """Says what the host may have missed: confirmed doors, and people sealed while it was away."""
        if not self.up():
            return
        for row in self._held.state.seal_to:
            if self._is_confirmed(row[0]):
                self.say(frames.CONFIRMED, row[0])
        for person in list(self._unsent):
            kept = self._kept(person)
            if kept is not None:
                self._say_sealed(person, kept, self._all_confirmed())
            del self._unsent[person]

    def _say_sealed(self, person: bytes, kept: Kept, devices: list[bytes]) -> None:
        try:
            key = self._keys.open(kept.key, self._own_info(person, kept.model))
            sealed = [[dev, seal(key, self._box_of(dev), self._info(person, kept.model, dev))] for dev in devices]
        except SealError as wrong:
            raise VaultError("spoilt") from wrong
        self.say(frames.SEALED, person, kept.model, kept.photos, kept.templates, sealed)

    def _certified(self, row: list[object]) -> Cert | None:
        """The estate's certificate of a SEAL_TO row, if it is for this very device and box key."""
        signed = bytes(row[3]) if isinstance(row[3], bytes) else b""
        if signed not in self._certs:
            self._certs[signed] = self._cert(signed)
        cert = self._certs[signed]
        if cert is None:
            return None
        return cert if (cert.dev, cert.box) == (row[0], row[1]) else None

    def _cert(self, signed: bytes) -> Cert | None:
        try:
            return self._trust.accept_cert(signed)
        except GateError:
            return None

    def _is_confirmed(self, dev: bytes) -> bool:
        return any(
            row[0] == dev and self._confirmed.get(dev) == row[1] and self._certified(row) is not None
            for row in self._held.state.seal_to
        )

    def _all_confirmed(self) -> list[bytes]:
        return [row[0] for row in self._held.state.seal_to if self._is_confirmed(row[0])]

    def _box_of(self, dev: bytes) -> bytes:
        return next(bytes(row[1]) for row in self._held.state.seal_to if row[0] == dev)

    # --- people ---------------------------------------------------------------------------

    def forget(self, person: bytes) -> None:
        """Law 4. FORGOTTEN is said once the key is off the storage."""
        if self.capturing is not None and self.capturing.person == person:
            self.stop(self.capturing.task)
        self._unsent.pop(person, None)
        self._jobs.put_nowait(person)

    async def run(self) -> None:
        """Forgets people until cancelled."""
        while True:
            person = await self._jobs.get()
            await self._ledger.note(PERSON + person.hex(), None).durable.wait()
            self.say(frames.FORGOTTEN, person)

    def _kept(self, person: bytes) -> Kept | None:
        data = self._store.load(PERSON + person.hex())
        if data is None:
            return None
        try:
            value = decode(data)
        except GateError as wrong:
            raise VaultError("spoilt") from wrong
        shape = (TEXT, UINT, BYTES, BYTES)
        if not isinstance(value, list) or [fits(*pair) for pair in zip(value, shape, strict=False)] != [True] * 4:
            raise VaultError("spoilt")
        return Kept(*value)

    def _info(self, person: bytes, model: str, dev: bytes) -> bytes:
        return face_info(self._trust.estate, person, model, dev)

    def _own_info(self, person: bytes, model: str) -> bytes:
        return encode(["gate-vault/1", self._trust.estate, person, model])


def _confirmed(data: bytes | None) -> dict[bytes, bytes]:
    """What was confirmed; nothing where the record is missing or spoilt: people are then asked again."""
    try:
        rows = [] if data is None else decode(data)
        return {bytes(dev): bytes(box) for dev, box in rows if fits(dev, 16) and fits(box, 32)}
    except (GateError, TypeError, ValueError):
        return {}
