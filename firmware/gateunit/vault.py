"""The front desk's unit: it makes templates, keeps them sealed to itself, and seals a person's key to doors.

Its laws, each with a test:
1. A capture begins only on a task of the host's that carries a consent's id, one at a time, and ends with it.
2. Pictures and open templates are in memory only until they are sealed; what is kept and sent is sealed.
3. A key is sealed only to a door's box key that a person confirmed here by place and six digits. Another box key of
   the same door is another question.
4. Forgetting a person removes the key; what was sealed elsewhere can then be given to no further door.
5. A face that is enrolled in another home already is not enrolled again; whose it is, is not said.
6. What a door took under a claim slip is believed only with the signature of a door a person confirmed here.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gatecore import frames, intake
from gatecore.enrol import box_digits
from gatecore.errors import GateError
from gatecore.records import BYTES, TEXT, UINT, Cert, fits
from gatecore.trust import Trust
from gatecore.wire import decode, encode
from gateface import Face, FaceError
from gateface.manifest import Floors, read_manifest
from gateunit import taken
from gateunit.capture import LEAST, Capture, Look
from gateunit.capture import PHOTOS as PHOTOS
from gateunit.errors import SealError, VaultError
from gateunit.held import Held
from gateunit.ledger import Ledger
from gateunit.likeness import Known, Likeness, likeness
from gateunit.ports import KeyStore, Random, Records
from gateunit.seal import NONCE, face_info, open_templates, seal, seal_templates

PERSON, CONFIRMED, ADOPTED = "person-", "confirmed", "adopted"
NO_TASK = bytes(16)
KEY = 32
MOST_ASKED = 3  # guesses about whom a face belongs to, a person
MOST_ALIKE = 64  # refused newcomers remembered
MOST_ADOPTED = 2_000  # sittings at doors whose boxes are known to be used
NOTHING = Likeness(frozenset(), frozenset())

Say = Callable[..., None]


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
    home: str = ""

    def to_wire(self) -> bytes:
        """As it is kept."""
        return encode([self.model, self.photos, self.templates, self.key, self.home])


@dataclass(slots=True)
class Refused:
    """A newcomer not enrolled because of `same`, and how often somebody has guessed who that is."""

    same: frozenset[bytes]
    asked: int = 0


async def no_eyes(data: bytes) -> list[Face]:
    """Stands in for the look of a unit that has none."""
    raise VaultError("no_eyes")


class Vault:
    """Answers the vault's frames; `say` sends, `capturing` is what sight feeds with `see`."""

    def __init__(
        self,
        store: Records,
        ledger: Ledger,
        held: Held,
        trust: Trust,
        keys: KeyStore,
        random: Random,
        look: Look,
        face_model: Path,
    ) -> None:
        self._look, self._face_model = look, face_model
        self._store, self._ledger, self._held, self._trust = store, ledger, held, trust
        self._keys, self._random = keys, random
        self._confirmed = _confirmed(store.load(CONFIRMED))
        self._certs: dict[bytes, Cert | None] = {}  # what was verified, by the signed bytes
        self._put_off: set[bytes] = set()
        self._unsent: dict[bytes, None] = {}
        self._jobs: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue()
        self._adopted = _tasks(store.load(ADOPTED))
        self._adopting: set[bytes] = set()
        self._refused: dict[bytes, Refused] = {}
        self._allowed: set[bytes] = set()
        self._working = 0
        self.capturing: Capture | None = None
        self.step = intake.CAPTURE_ENDED  # how the newest capture stands
        self.say: Say = lambda *frame: None
        self.up: Callable[[], bool] = lambda: False

    @property
    def busy(self) -> bool:
        """Whether a newcomer is being compared."""
        return self._working > 0

    # --- capture --------------------------------------------------------------------------

    def capture(self, task: bytes, person: bytes, home: str, name: str) -> None:
        """Law 1: begins a capture. VaultError("consent" | "busy")."""
        if task == NO_TASK:
            raise VaultError("consent")
        if self.capturing is not None and self.capturing.task != task:
            raise VaultError("busy")
        self.capturing = Capture(task, person, home, name)
        self._news(intake.CAPTURE_READY, self.capturing)

    def stop(self, task: bytes) -> None:
        """Ends that capture and forgets its photos."""
        if self.capturing is not None and self.capturing.task == task:
            self._news(intake.CAPTURE_ENDED, self.capturing, [])
            self.capturing = None

    async def see(self, faces: list[Face], mono: int, model: str) -> None:
        """Looks at one frame for the capture under way; the last photo ends it, and so does nobody for minutes."""
        capture = self.capturing
        if capture is None:
            raise VaultError("consent")
        before = capture.reasons
        if capture.see(faces, mono, model):
            await self._photographed(capture)
        elif capture.guide.over(mono):
            self.capturing = None
            self._news(intake.CAPTURE_FAILED, capture, [intake.WALKED_AWAY])
        elif capture.reasons != before:
            self._news(intake.CAPTURE_READY, capture)

    async def photo(self, packed: bytes, model: str) -> bool:
        """Takes one packed template; True when that was the last and the person is sealed and kept, or refused."""
        capture = self.capturing
        if capture is None:
            raise VaultError("consent")
        capture.add(packed, model)
        return await self._photographed(capture)

    def uploaded(self, task: bytes, at: int, parts: int, data: bytes) -> None:
        """Takes a part of a photo for the capture under way; whole, it is judged here. VaultError("photo")."""
        capture = self.capturing
        if capture is None or capture.task != task:
            raise VaultError("consent")
        whole = capture.part(at, parts, data)
        if whole is not None:
            self._jobs.put_nowait(lambda: self._judge(capture, whole))

    async def _judge(self, capture: Capture, whole: bytes) -> None:
        try:
            good = await capture.upload(whole, self._look, read_manifest(self._face_model).embedder.id)
        except (VaultError, FaceError):
            capture.told, good = (intake.NO_EYES,), False
        if capture is not self.capturing:
            return
        if good:
            await self._photographed(capture)
        else:
            self._news(intake.CAPTURE_READY, capture)

    async def _photographed(self, capture: Capture) -> bool:
        self._news(intake.CAPTURE_PHOTO, capture)
        if capture.full:
            await self._finish(capture)
        return capture.full

    async def enough(self, few: bool = False) -> None:
        """The photos so far are all there will be, because the desk says so. VaultError("photos") for fewer than
        three, unless the desk says that it knows (`few`): the person is then asked to come again."""
        capture = self.capturing
        if capture is None or len(capture.photos) < (1 if few else LEAST):
            raise VaultError("photos")
        await self._finish(capture)

    async def _finish(self, capture: Capture) -> None:
        if capture is self.capturing:
            self.capturing = None
        found = await self._likeness(capture)
        if found.same and capture.person not in self._allowed:
            self._refuse(capture, found.same)
            return
        self._allowed.discard(capture.person)
        await self._keep(capture, bool(found.same or found.alike))

    async def _keep(self, capture: Capture, alike: bool) -> None:
        key = self._random(KEY)
        templates = seal_templates(capture.photos, key, self._random(NONCE), capture.person, capture.model)
        own = seal(key, self._keys.box_public(), self._own_info(capture.person, capture.model))
        kept = Kept(capture.model, len(capture.photos), templates, own, capture.home)
        note = self._ledger.note(PERSON + capture.person.hex(), kept.to_wire())
        await note.settled.wait()
        if self._ledger.failing:
            self._news(intake.CAPTURE_FAILED, capture, [intake.NOT_SAVED])
            return
        self._news(intake.CAPTURE_DONE, capture, [*capture.guide.lacking(), *([intake.ALIKE] if alike else [])])
        self._unsent[capture.person] = None
        self.linked()

    def _news(self, step: int, told: Capture, reasons: list[int] | None = None) -> None:
        self.step = step
        said = list(told.reasons) if reasons is None else reasons
        self.say(frames.CAPTURE_NEWS, told.task, step, len(told.photos), said)

    # --- enrolled twice -------------------------------------------------------------------

    async def _likeness(self, capture: Capture) -> Likeness:
        """Law 5: the newcomer against everybody of another home, on another thread."""
        self._working += 1
        try:
            return await asyncio.to_thread(self._compared, capture)
        finally:
            self._working -= 1

    def _compared(self, capture: Capture) -> Likeness:
        embedder = read_manifest(self._face_model).embedder
        floors: Floors | None = embedder.floors
        if floors is None or embedder.id != capture.model:
            return NOTHING  # a model without floors opens nothing; of another there is nothing to compare by
        new = Known(capture.person, capture.home, tuple(capture.photos))
        return likeness(new, self._known(capture.model), floors)

    def _known(self, model: str) -> Iterator[Known]:
        """Everybody kept, opened one after another; a record that does not open is left out."""
        for name in self._store.names(PERSON):
            person = bytes.fromhex(name.removeprefix(PERSON))
            try:
                kept = self._kept(person)
                if kept is None or kept.model != model:
                    continue
                key = self._keys.open(kept.key, self._own_info(person, model))
                yield Known(person, kept.home, tuple(open_templates(kept.templates, key, person, model)))
            except (SealError, VaultError):
                continue

    def _refuse(self, capture: Capture, same: frozenset[bytes]) -> None:
        while len(self._refused) >= MOST_ALIKE:
            del self._refused[next(iter(self._refused))]  # the oldest: that person's capture is done again
        before = self._refused.get(capture.person)
        self._refused[capture.person] = Refused(same, before.asked if before else 0)
        self._news(intake.CAPTURE_TWICE, capture, [])

    def ask_same(self, person: bytes, other: bytes) -> None:
        """Says whether the refused person's face is `other`'s; at most MOST_ASKED guesses: nobody asks round."""
        refused = self._refused.get(person)
        if refused is None:
            verdict = intake.SAME_UNKNOWN
        elif refused.asked >= MOST_ASKED:
            verdict = intake.SAME_ENOUGH
        else:
            refused.asked += 1
            verdict = intake.SAME_YES if other in refused.same else intake.SAME_NO
        self.say(frames.SAME, person, other, verdict)

    def allow(self, person: bytes) -> None:
        """The office decided that the person's next capture is of somebody who only looks like another."""
        self._refused.pop(person, None)
        self._allowed.add(person)

    # --- what a door took -----------------------------------------------------------------

    def adopt(self, task: bytes, person: bytes, home: str, signed: bytes) -> None:
        """Law 6: templates a door took and sealed to this vault. VaultError(why) for what is not to be believed."""
        dev = taken.named(signed)
        if not self._is_confirmed(dev):
            raise VaultError("unconfirmed")
        public = next(
            cert.public for cert in map(self._certified, self._held.state.seal_to) if cert and cert.dev == dev
        )
        found = taken.opened(signed, public, self._keys, self._trust.estate)
        if (found.task, found.person) != (task, person) or not LEAST <= len(found.photos) <= PHOTOS:
            raise VaultError("taken")
        capture = Capture(task, person, home, "", list(found.photos), found.model)
        if task in self._adopting:
            return
        if task not in self._adopted:
            self._adopting.add(task)
            self._jobs.put_nowait(lambda: self._adopt(capture))
        elif (kept := self._kept(person)) is not None:  # the host did not hear of it
            self.say(frames.CAPTURE_NEWS, task, intake.CAPTURE_DONE, kept.photos, [])
            self._unsent[person] = None
            self.linked()
        else:
            raise VaultError("used")  # forgotten since: an old box does not bring anybody back

    async def _adopt(self, capture: Capture) -> None:
        try:
            await self._finish(capture)
        finally:
            self._adopting.discard(capture.task)
        if not self._ledger.failing:
            self._adopted = [*self._adopted, capture.task][-MOST_ADOPTED:]
            self._ledger.note(ADOPTED, encode(self._adopted))

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
        """Says what the host may have missed: the capture under way, confirmed doors, people sealed meanwhile."""
        if not self.up():
            return
        if self.capturing is not None:
            self._news(intake.CAPTURE_READY, self.capturing)
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
        self._refused.pop(person, None)
        self._allowed.discard(person)
        self._jobs.put_nowait(lambda: self._forget(person))

    async def _forget(self, person: bytes) -> None:
        await self._ledger.note(PERSON + person.hex(), None).durable.wait()
        self.say(frames.FORGOTTEN, person)

    async def run(self) -> None:
        """Does what was asked for, one after the other, until cancelled."""
        while True:
            job = await self._jobs.get()
            await job()

    def _kept(self, person: bytes) -> Kept | None:
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


def _tasks(data: bytes | None) -> list[bytes]:
    """The sittings already taken over; none where the record is missing or spoilt."""
    try:
        found = [] if data is None else decode(data)
        return [bytes(task) for task in found if fits(task, 16)]
    except (GateError, TypeError, ValueError):
        return []
