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
from collections.abc import Awaitable, Callable
from pathlib import Path

from gatecore import frames, intake
from gatecore.errors import GateError
from gatecore.records import fits
from gatecore.trust import Trust
from gatecore.wire import decode, encode
from gateface import Face, FaceError
from gateface.manifest import Floors, read_manifest
from gateunit import taken
from gateunit.capture import LEAST, Capture, Look
from gateunit.capture import PHOTOS as PHOTOS
from gateunit.confirmed import Confirmed
from gateunit.errors import VaultError
from gateunit.held import Held
from gateunit.kept import PERSON, Cabinet, Kept
from gateunit.ledger import Ledger
from gateunit.likeness import Known, Likeness, Twins, likeness
from gateunit.ports import KeyStore, Random, Records

ADOPTED = "adopted"
NO_TASK = bytes(16)
MOST_ADOPTED = 2_000  # sittings at doors whose boxes are known to be used
NOTHING = Likeness(frozenset(), frozenset())

Say = Callable[..., None]


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
        self._store, self._ledger, self._held, self._trust, self._keys = store, ledger, held, trust, keys
        self._cabinet = Cabinet(store, keys, trust.estate, random)
        self.doors = Confirmed(store, ledger, held, trust)
        self._twins = Twins()
        self._unsent: dict[bytes, None] = {}
        self._jobs: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue()
        self._adopted = _tasks(store.load(ADOPTED))
        self._adopting: set[bytes] = set()
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
            embedder = read_manifest(self._face_model).embedder
            capture.guide.goes_by(embedder.floors)
            good = await capture.upload(whole, self._look, embedder.id)
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
        if self._twins.bar(capture.person, found.same):
            self._news(intake.CAPTURE_TWICE, capture, [])
            return
        await self._keep(capture, bool(found.same or found.alike))

    async def _keep(self, capture: Capture, alike: bool) -> None:
        kept = self._cabinet.made(capture)
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
        return likeness(new, self._cabinet.everybody(capture.model), floors)

    def ask_same(self, person: bytes, other: bytes) -> None:
        """Says whether the refused person's face is `other`'s."""
        self.say(frames.SAME, person, other, self._twins.same(person, other))

    def allow(self, person: bytes) -> None:
        """The office decided that the person's next capture is of somebody who only looks like another."""
        self._twins.allow(person)

    # --- what a door took -----------------------------------------------------------------

    def adopt(self, task: bytes, person: bytes, home: str, signed: bytes) -> None:
        """Law 6: templates a door took and sealed to this vault. VaultError(why) for what is not to be believed."""
        public = self.doors.signing_key(taken.named(signed))
        found = taken.opened(signed, public, self._keys, self._trust.estate)
        if (found.task, found.person) != (task, person) or len(found.photos) > PHOTOS:
            raise VaultError("taken")
        if len(found.photos) < LEAST:
            raise VaultError("few")
        if found.model != _model(self._face_model):
            raise VaultError("model")  # nobody could be compared: law 5 would not hold
        capture = Capture(task, person, home, "", list(found.photos), found.model)
        if task in self._adopting:
            return
        if task not in self._adopted:
            self._adopting.add(task)
            self._jobs.put_nowait(lambda: self._adopt(capture))
        elif (kept := self._cabinet.of(person)) is not None:  # the host did not hear of it
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

    def confirm(self, dev: bytes) -> None:
        """A person compared a door's six digits here and they were the same; VaultError("device")."""
        self.doors.confirm(dev)
        self.say(frames.CONFIRMED, dev)

    def seal(self, person: bytes, devices: list[bytes]) -> None:
        """Law 3: seals the person's key to the confirmed among `devices`; VaultError("person" | "unconfirmed")."""
        kept = self._cabinet.of(person)
        if kept is None:
            raise VaultError("person")
        known = [dev for dev in devices if self.doors.holds(dev)]
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
        for dev in self.doors.all():
            self.say(frames.CONFIRMED, dev)
        for person in list(self._unsent):
            kept = self._cabinet.of(person)
            if kept is not None:
                self._say_sealed(person, kept, self.doors.all())
            del self._unsent[person]

    def _say_sealed(self, person: bytes, kept: Kept, devices: list[bytes]) -> None:
        sealed = [[dev, self._cabinet.sealed_to(dev, self.doors.box_of(dev), person, kept)] for dev in devices]
        self.say(frames.SEALED, person, kept.model, kept.photos, kept.templates, sealed)

    # --- people ---------------------------------------------------------------------------

    def forget(self, person: bytes) -> None:
        """Law 4. FORGOTTEN is said once the key is off the storage."""
        if self.capturing is not None and self.capturing.person == person:
            self.stop(self.capturing.task)
        self._unsent.pop(person, None)
        self._twins.forget(person)
        self._jobs.put_nowait(lambda: self._forget(person))

    async def _forget(self, person: bytes) -> None:
        await self._ledger.note(PERSON + person.hex(), None).durable.wait()
        self.say(frames.FORGOTTEN, person)

    async def run(self) -> None:
        """Does what was asked for, one after the other, until cancelled."""
        while True:
            job = await self._jobs.get()
            await job()


def _model(manifest: Path) -> str:
    """The model people are compared under here; "" when it cannot be read: then nothing is of it."""
    try:
        return read_manifest(manifest).embedder.id
    except FaceError:
        return ""


def _tasks(data: bytes | None) -> list[bytes]:
    """The sittings already taken over; none where the record is missing or spoilt."""
    try:
        found = [] if data is None else decode(data)
        return [bytes(task) for task in found if fits(task, 16)]
    except (GateError, TypeError, ValueError):
        return []
