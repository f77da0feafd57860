"""One door as a process: ports become events, `gatecore.door.step` decides, effects become ports again.

Events wait in one queue; the effects of one are carried out, in order, before the next is taken. Exit and Fire are
carried out at once, whatever the queue waits for.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gatecore import cards, events, frames
from gatecore.clock import BATTERY, NOTED_STEP_MS, local_ms
from gatecore.enrol import box_digits
from gatecore.events import Told
from gatecore.sighted import SightedDoor
from gatecore.sign import key_id
from gatecore.state import CODES, HeldState
from gatecore.throttle import Memory
from gatecore.trust import Trust
from gateface.manifest import SHIPPED
from gateunit import contact, identity, pagetls, timekeeper
from gateunit.carry import MEMORY, Carrier
from gateunit.confirmed import Question
from gateunit.errors import SettingsError, StorageError
from gateunit.fingers import Fingers
from gateunit.gatebook import Book
from gateunit.gatecopy import GateCopy
from gateunit.gatedesk import Desk
from gateunit.gatepass import Passes
from gateunit.gateserve import serve
from gateunit.held import Held
from gateunit.learned import DAY_MS, Learned
from gateunit.ledger import Ledger
from gateunit.link import WebLink
from gateunit.notary import Notary
from gateunit.parts import Parts
from gateunit.ports import Camera, Clock, Infrared, Inputs, Keypad, KeyStore, Lock, Random, Reader, Screen, Store
from gateunit.sight import Sight
from gateunit.signer import verify
from gateunit.sitting import Sitting
from gateunit.timekeeper import Timekeeper
from gateunit.vault import Vault, no_eyes

TICK_MS = 250
SAVE_MS = 3_600_000  # how often the clock's floor is written
BATTERY_MS = 60_000
SWEEP_MS = 60_000  # how often it is seen whether the log is full
STOP_S = 5
RESTART_MS = 1_000
UNFIT_MS = 60_000  # what a person has to change is not changed within a second
BOX_DIGITS_MS = 600_000  # how long after a start a door shows the digits of its box key
DESK = "desk"  # the kind of certificate that makes a unit the vault
NO_ESTATE = bytes(32)  # a point of small order: no signature holds under it

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything a unit touches. `camera` and `reader` are None for a door without one."""

    clock: Clock
    lock: Lock
    keypad: Keypad
    inputs: Inputs
    screen: Screen
    store: Store
    keys: KeyStore
    camera: Camera | None = None
    infrared: Infrared | None = None
    reader: Reader | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What is not wired: a claim file for first contact, the manifest of the face models, and how fast the link and the
    keypad are asked.

    Delays are ms. `first_retry_ms`..`last_retry_ms` bound the full jitter between two dials; `poll_ms` is how often a
    host is asked whether a person has confirmed. `gate_page` is where the guard's own page is served, its
    certificate in `folder`; None: nowhere, and no copy is asked for.
    """

    claim: Path | None = None
    model: str = "unit"
    software: str = "kaimen 0.1"
    first_retry_ms: int = 1_000
    last_retry_ms: int = 60_000
    poll_ms: int = 2_000
    face_model: Path = SHIPPED
    scan_ms: int = 5
    gate_page: tuple[str, int] | None = None
    folder: Path = Path()


class Unit:
    """Construct with ports, then `await run()`; cancel the task to stop. `post` is for the loop's own thread."""

    def __init__(self, ports: Ports, options: Options | None = None, random: Random = os.urandom) -> None:
        self.ports, self._options, self._random = ports, options or Options(), random
        store, signer = ports.store, ports.keys.signer()
        self.identity = identity.load(store)
        self._claim = contact.ClaimFile(self._options.claim, self.identity)
        self.trust = Trust(key_id(ports.keys.first()), self._estate(), verify, random)
        if self.identity is not None:
            self.trust.accept_keys(self.identity.keys)
        self.ledger = Ledger(store, ports.keys.first(), ports.clock, random)
        self.time = Timekeeper(ports.clock, _loaded(store, timekeeper.RECORD), self.ledger.last_boot)
        self.held = Held(store, self.ledger, self.trust)
        self.notary = Notary(store, self.ledger, self.trust.estate, self.time, signer)
        self.door = SightedDoor(self.held.state, _memory(store, self.held.state), self.trust, random)
        if ports.reader is not None:
            cards.fit(self.door)
        self.carrier = Carrier(ports.clock, ports.lock, ports.screen, self.ledger, self.time)
        self._parts = Parts(
            *(self.time, self.trust, signer, self.ledger, self.held, random, self.post),
            *(self._options.software, self.notary),
        )
        self.desk = self._guard_desk()
        self.learned = self._memory()
        self.sight = self._eyes()
        self._events: asyncio.Queue[Told] = asyncio.Queue()
        self._carrying = False
        self._question: Question | None = None
        self._become()
        self._watch_enrolment()
        self.ledger.changed = lambda ok: self.post(events.Stored(ok))
        self.held.faces_changed = self._faces_changed
        self.held.taken = lambda state: self.post(events.StateTaken(state))

    @property
    def dev(self) -> bytes:
        """This device's name."""
        return self.ledger.dev

    @property
    def vault(self) -> Vault | None:
        """The vault, on the unit whose certificate says so."""
        return self._parts.vault

    @property
    def sitting(self) -> Sitting | None:
        """Enrolment under a claim slip, on every unit that is no vault."""
        return self._parts.sitting

    def _taking(self) -> Vault | Sitting | None:
        """Who is taking somebody's photos now."""
        for one in (self.vault, self.sitting):
            if one is not None and one.capturing is not None:
                return one
        return None

    @property
    def box_digits(self) -> str:
        """The six digits of this unit's box key, to be compared with those on the vault's screen."""
        keys = self.ports.keys
        return box_digits(keys.first(), keys.box_public(), self.trust.estate)

    @property
    def quiet(self) -> bool:
        """Whether every event has been carried out and everything that can be written is."""
        return self._events.empty() and not self._carrying and (self.ledger.idle or self.ledger.failing)

    def post(self, event: Told) -> None:
        """Takes an event of gatecore.events; Exit and Fire are carried out before this returns."""
        if isinstance(event, (events.Exit, events.Fire)):
            self.carrier.at_once(self.door.step(event, self.time.now()))
        else:
            self._events.put_nowait(event)

    def watch(self, seen: Callable[[Told], None]) -> None:
        """Calls `seen` with every effect, when it has been carried out (for pages and transcripts)."""
        self.carrier.watchers.append(seen)

    async def run(self) -> None:
        """Boots and serves the door until cancelled; then the lock is at its shutdown level and the store is closed."""
        writing = asyncio.create_task(self.ledger.run())
        try:
            self._boot()
            async with asyncio.TaskGroup() as tasks:
                for part in (self._work, self._beat, self._guide):
                    tasks.create_task(part())
                fingers = Fingers(self.ports.clock, self._key, self.post, self._options.scan_ms)
                tasks.create_task(fingers.scan(self.ports.keypad, self.ports.inputs))
                if self.ports.reader is not None:
                    tasks.create_task(fingers.read(self.ports.reader))
                tasks.create_task(_endless(asyncio.shield(writing)))
                tasks.create_task(self._kept_up("host", self._host))
                if self.desk is not None:
                    tasks.create_task(self._kept_up("gate page", partial(self._page, self.desk)))
                if self.sight is not None:
                    tasks.create_task(self._kept_up("sight", self.sight.run))
                    tasks.create_task(self.sight.watch(self.ports.clock))
        finally:
            self.ports.lock.close()
            if self.ports.reader is not None:
                self.ports.reader.close()
            if self.ports.camera is not None:
                self.ports.camera.close()
            if self.ports.infrared is not None:
                self.ports.infrared.close()
            await self._stop(writing)

    # --- the tasks ------------------------------------------------------------------------

    def _boot(self) -> None:
        self.ledger.note(timekeeper.RECORD, self.time.record())
        self.time.battery()
        self.post(events.Booted())

    async def _work(self) -> None:
        while True:
            event = await self._events.get()
            self._carrying = True
            try:
                await self.carrier.carry(self.door.step(event, self.time.now()))
            finally:
                self._carrying = False

    async def _beat(self) -> None:
        """Ticks, the battery clock, the saved floor, entries that may go."""
        saved = asked = swept = self.ports.clock.mono()
        while True:
            await self.ports.clock.sleep(TICK_MS)
            mono = self.ports.clock.mono()
            self.post(events.Tick())
            if self.sitting is not None:
                self.sitting.tick()
            if self.desk is not None:
                self.desk.copy.expire(self.desk.seconds())
            if mono - asked >= BATTERY_MS:
                asked = mono
                self._ask_battery()
            if mono - saved >= SAVE_MS:
                saved = mono
                self.ledger.note(timekeeper.RECORD, self.time.record())
            if mono - swept >= SWEEP_MS:
                swept = mono
                await self._forget()

    async def _guide(self) -> None:
        """Shows the six digits people are to compare, whenever they change."""
        shown = ("", "")
        while True:
            compare = self._compare()
            if compare != shown:
                shown = compare
                self.ports.screen.digits(*compare)
            await self.ports.clock.sleep(TICK_MS)

    def _compare(self) -> tuple[str, str]:
        """On the vault the next door to confirm; on a door its own box key, for a while after it became one."""
        if self.vault is not None:
            self._question = next(iter(self.vault.doors.questions()), None)
            return ("", "") if self._question is None else (self._question.place, self._question.digits)
        if self.identity is None or self.ports.clock.mono() - self._became >= BOX_DIGITS_MS:
            return ("", "")
        return self.identity.certificate().slot, self.box_digits

    def _key(self, key: str) -> None:
        """A key answers the vault's question, if one is shown; else it is the door's."""
        if self.vault is not None and self._question is not None and key in "#*":
            answer = self.vault.confirm if key == "#" else self.vault.doors.put_off
            answer(self._question.dev)
        elif self.sitting is None or not self.sitting.key(key):
            self.post(events.Key(key))

    async def _kept_up(self, name: str, part: Callable[[], Awaitable[None]]) -> None:
        """Runs `part` again whenever it fails: a door never stops for its link or its eyes."""
        while True:
            try:
                return await part()
            except SettingsError as wrong:
                log.error("%s: %s", name, wrong)
                await self.ports.clock.sleep(UNFIT_MS)
            except Exception:
                log.exception("%s failed and is started again", name)
                await self.ports.clock.sleep(RESTART_MS)

    async def _host(self) -> None:
        """First contact if there is a claim, then the link, and on the vault its own work."""
        if self.identity is None:
            await self._join()
        if self.identity is None:
            return
        retry = (self._options.first_retry_ms, self._options.last_retry_ms)
        link = WebLink(self._parts, self.identity.url, self.identity.authority, self.ports.clock, retry)
        self.carrier.link = link
        async with asyncio.TaskGroup() as tasks:
            if self.vault is not None:
                self.vault.say, self.vault.up = link.say, lambda: link.up
                link.when_up(self.vault.linked)
                tasks.create_task(self.vault.run())
            if self.sitting is not None:
                self.sitting.say, self.sitting.up = link.say, lambda: link.up
                link.when_up(self.sitting.linked)
            if self.sight is not None and self.vault is None:
                self.sight.promised = lambda promise: link.say(frames.PROMISE, *promise.fields())
                link.when_up(self.sight.promise_again)
            await link.run()

    async def _page(self, desk: Desk) -> None:
        """The guard's own page; SettingsError where its port is taken."""
        assert self._options.gate_page is not None
        try:
            await serve(desk, *self._options.gate_page, self._options.folder)
        except OSError as wrong:
            raise SettingsError(f"nobody can open it ({wrong}): name another port as gate_page in unit.toml") from wrong

    async def _join(self) -> None:
        """First contact, where there is a claim; what was agreed is on storage before the claim goes."""
        ports, options = self.ports, self._options
        self.identity = await self._claim.used(
            *(ports.keys, self.trust, ports.clock, ports.screen, self._random, options.model, options.poll_ms),
            now=self.time.now(),
        )
        if self.identity is not None:
            await self.ledger.note(identity.RECORD, self.identity.to_wire()).durable.wait()
            self._become()
            self._claim.wipe()

    # --- beginnings and ends --------------------------------------------------------------

    def _become(self) -> None:
        """The vault, if the estate says so."""
        self._became = self.ports.clock.mono()
        if self.identity is not None and self.identity.certificate().kind == DESK:
            ports = self.ports
            self._parts.vault = Vault(
                *(ports.store, self.ledger, self.held, self.trust, ports.keys, self._random),
                look=self.sight.judge if self.sight is not None else no_eyes,
                face_model=self._options.face_model,
            )
            self._parts.sitting = None
        elif self.identity is not None:
            ports = self.ports
            eyes = self.sight is not None
            self._parts.sitting = Sitting(self.trust, ports.keys, ports.screen, ports.clock, self._random, eyes)

    def _faces_changed(self) -> None:
        """The state names other people, or their templates have come."""
        self.learned.forget_absent()
        if self.sight is not None:
            self.sight.changed()

    def _watch_enrolment(self) -> None:
        """What the door does is told to those who learn from it, or wait for it to rest."""
        self.carrier.watchers.append(lambda effect: self.sitting.watch(effect) if self.sitting else None)
        if self.sight is not None:
            self.carrier.watchers.append(self.sight.confirmed)

    def _guard_desk(self) -> Desk | None:
        """What the guard's page works with, on a unit that serves one."""
        where = self._options.gate_page
        if where is None:
            return None
        ports, ledger = self.ports, self.ledger
        copy = self._parts.copy = GateCopy(ports.store, ledger, self.trust, ports.keys)
        passes = Passes(ports.store, ledger, copy, ports.clock, self._random)
        state, secure = lambda: self.held.state, not pagetls.is_loopback(where[0])
        return Desk(copy, Book(ledger, copy), passes, state, self.time.now, self._up, self._random, secure)

    def _up(self) -> bool:
        return isinstance(self.carrier.link, WebLink) and self.carrier.link.up

    def _memory(self) -> Learned:
        ports = self.ports
        return Learned(ports.store, self.ledger, self.held, ports.keys, self.trust.estate, self._random, self._today)

    def _today(self) -> int | None:
        """The estate's day; None while the time is not sure."""
        now = self.time.now()
        if now.utc is None or now.quality < BATTERY:
            return None
        return local_ms(now.utc, self.held.state.offsets) // DAY_MS

    def _eyes(self) -> Sight | None:
        ports = self.ports
        if ports.camera is None:
            return None
        sight = Sight(
            ports.camera, ports.keys, self.held, self.trust, self.post, self._taking, self._random, ports.infrared,
            self.learned, self._options.face_model,
        )  # fmt: skip
        self.carrier.seek = sight.seek
        self.carrier.snapshot = lambda: sight.snapshot(ports.clock.mono())
        return sight

    def _estate(self) -> bytes:
        if self.identity is not None:
            return self.identity.estate
        return NO_ESTATE if self._claim.claim is None else self._claim.claim.estate

    def _ask_battery(self) -> None:
        step = self.time.battery()
        if step is not None and abs(step) > NOTED_STEP_MS:
            self.post(events.Stepped(step, self.time.now().quality))

    async def _forget(self) -> None:
        try:
            if await self.ledger.forget(self.time.now()):
                self.notary.alarm(events.ALERT_LOG_FULL)
        except StorageError as wrong:
            log.warning("old entries stay: %s", wrong)

    async def _stop(self, writing: asyncio.Task[None]) -> None:
        self.ledger.stop()
        try:
            async with asyncio.timeout(STOP_S):
                await asyncio.shield(writing)
        except TimeoutError:
            writing.cancel()
        self.ports.store.close()


async def _endless(part: Awaitable[None]) -> None:
    """For a part that has no end of its own while the door runs."""
    await part
    raise RuntimeError("a part of the unit ended")


def _memory(store: Store, state: HeldState) -> Memory:
    """What the door remembers of tries and uses. Where none can be written down, pulling the plug would give them all
    back: the buckets then begin empty, and a code whose uses are counted may have had them."""
    memory = Memory.restore(_loaded(store, MEMORY))
    if not store.writable:
        memory.levels = Memory.lost().levels
        for _, mark, _, _, until, uses, _, first in state.all_of_kind(CODES):
            if uses or first:
                memory.uses[mark] = [uses, 0, until]
    return memory


def _loaded(store: Store, name: str) -> bytes | None:
    """A record; one that cannot be read is as spoilt as one that does not decode, which is not the same as none."""
    try:
        return store.load(name)
    except StorageError:
        return b""
