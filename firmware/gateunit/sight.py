"""The unit's eyes: frames become FaceSeen, FaceUnsure, FaceUnknown and FaceHint; on the vault also photos.

Pictures stay in this process's memory: the newest one for a call's snapshot, each for as long as it is looked at. When
the door's face way is off and nobody is being captured, no picture is looked at. Where the estate's rule asks for it,
an accepted face then shows that it is alive (gateunit.proof); what was measured is told to the door, which decides.

Nothing of a visit outlives it: when the face has gone, its templates are overwritten, and so are the networks' buffers.
"""

import asyncio
import io
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Protocol, TypeVar

from PIL import Image

from gatecore import events
from gatecore import records as r
from gatecore.state import FACE_FREE, FACE_OFF
from gatecore.trust import Trust
from gateface import (
    Attempts,
    Closed,
    Engine,
    Face,
    FaceError,
    Found,
    ModelRefused,
    Opened,
    Visit,
    Way,
    open_engine,
    read_picture,
    rule_for,
)
from gateface.face import Template
from gateface.manifest import SHIPPED
from gateunit import oblivion
from gateunit.capture import Capture
from gateunit.errors import VaultError
from gateunit.gallery import open_gallery
from gateunit.held import Held
from gateunit.learned import Learned
from gateunit.liveness import Liveness
from gateunit.ports import Camera, Clock, Infrared, KeyStore, Picture, Random
from gateunit.promise import Promise, promise_of, with_look_alikes
from gateunit.telling import Telling

SNAPSHOT_WIDTH, SNAPSHOT_QUALITY = 640, 80
FRESH_MS = 5_000  # an older picture is no snapshot
WATCH_MS, STEADY = 500, 6  # a loose contact is one fault: pictures must come for 3 s before it is over
NARROW = 0.005  # a score less than this above its threshold is not sure: strangers pass there ten times as often
POOR_LIGHT = 60  # mean grey of the whole picture; not of the face, which is darker for some people than for others

Result = TypeVar("Result")
log = logging.getLogger(__name__)


class Taking(Protocol):
    """Who takes somebody's photos now: the vault, or a door under a claim slip."""

    capturing: Capture | None

    async def see(self, faces: list[Face], mono: int, model: str) -> None:
        """Looks at one frame's faces."""


CONFIRMS = (r.FACE_AT_HOME, r.CARD, r.REMOTE)  # ways in that confirm the face seen at the same time


class Sight:
    """Looks at what `camera` shows. `seek` and `changed` are told by the door; `taking` says whether to take photos.

    `promised` hears what the door can promise, whenever that may have changed.
    """

    def __init__(
        self,
        camera: Camera,
        keys: KeyStore,
        held: Held,
        trust: Trust,
        post: Callable[[events.Told], None],
        taking: Callable[[], Taking | None],
        random: Random,
        infrared: Infrared | None = None,
        learned: Learned | None = None,
        face_model: Path = SHIPPED,
    ) -> None:
        self._camera, self._keys, self._held, self._trust = camera, keys, held, trust
        self._post, self._taking, self._learned = post, taking, learned
        self._face_model = face_model
        self._telling = Telling(post)
        self._life = Liveness(held, self._aside, random, infrared)
        self._engine: Engine | None = None
        self._seen_at = 0  # of the newest frame looked at
        self._learnt = False
        self._promise: Promise | None = None
        self.promised: Callable[[Promise], None] = lambda promise: None
        self._attempts = Attempts()
        self._visit: Visit | None = None
        self._stale = True
        self._claim: str | None = None
        self._newest: tuple[int, Picture] | None = None
        self._bad: set[bytes] = set()
        self._refused: set[bytes] = set()
        self._blind = False
        self._working = 0
        self._hands = ThreadPoolExecutor(1, "sight")  # one thread, so that what it leaves behind can be overwritten
        self._made: list[Template] = []
        self._somebody: tuple[int, Found] | None = None
        self.people = 0

    @property
    def busy(self) -> bool:
        """Whether a picture is being looked at."""
        return self._working > 0

    @property
    def closed(self) -> tuple[Closed, ...]:
        """Why faces are not searched freely at this door; empty where they are, or nobody has been looked at yet."""
        return () if self._visit is None else self._visit.rule.closed

    async def judge(self, data: bytes) -> list[Face]:
        """The faces of an uploaded photo; PictureRefused, or VaultError("no_eyes") while no engine runs."""
        engine = self._engine
        if engine is None:
            raise VaultError("no_eyes")
        return await self._aside(lambda: engine.faces(read_picture(data)))

    def promise_again(self) -> None:
        """Says the promise once more: the host may not have it."""
        if self._promise is not None:
            self.promised(self._promise)

    def confirmed(self, effect: events.Told) -> None:
        """Hears what the door did: home number, card or phone that let somebody in confirm the face seen meanwhile."""
        if not isinstance(effect, events.Log) or effect.typ != r.ACCESS or effect.pub[1] != r.GRANTED:
            return
        home, person = (*(effect.detail or ("", None)), None)[:2]
        if effect.pub[2] in CONFIRMS and home and self._visit is not None:
            at_home = [one.person for one in self._visit.gallery.people if one.home == home]
            for one in at_home if person is None else [person]:
                self._learn(self._visit, one)

    def _learn(self, visit: Visit, person: bytes) -> None:
        frame = visit.learnable(person, self._seen_at)
        if self._learned is not None and frame is not None:
            self._learnt = self._learned.learn(visit.gallery, person, frame) or self._learnt

    def seek(self, home: str) -> None:
        """From the next frame on compare with this home's people; "" takes that back."""
        self._claim = home or None

    def changed(self) -> None:
        """The state or its templates have changed: the gallery is opened anew before the next look."""
        self._stale = True

    def snapshot(self, mono: int) -> bytes | None:
        """The newest frame as JPEG, at most SNAPSHOT_WIDTH wide; None if there is no fresh one."""
        if self._newest is None or mono - self._newest[0] > FRESH_MS:
            return None
        image = Image.fromarray(self._newest[1])
        image.thumbnail((SNAPSHOT_WIDTH, SNAPSHOT_WIDTH))
        out = io.BytesIO()
        image.save(out, "JPEG", quality=SNAPSHOT_QUALITY)
        return out.getvalue()

    async def run(self) -> None:
        """Looks until the camera ends. A model that is refused leaves the door without eyes, and `watch` says so."""
        try:
            engine = self._engine = await self._aside(lambda: open_engine(self._face_model))
        except ModelRefused as wrong:
            log.error("no face is recognised: %s", wrong)
            self._blind = True
            return
        async for mono, picture in self._camera.frames():
            self._newest = (mono, picture)
            try:
                await self._take(engine, mono, picture)
            except FaceError as wrong:
                log.warning("a frame is left out: %s", wrong.code)
            del picture

    async def watch(self, clock: Clock) -> None:
        """Tells the door when the camera stops giving pictures, or nothing can look at them, and when it sees again."""
        told, steady = True, 0
        while True:
            steady = steady + 1 if self._camera.works and not self._blind else 0
            if (told and not steady) or (not told and steady >= STEADY):
                told = bool(steady)
                self._post(events.Eyes(told))
            if self._newest is not None and clock.mono() - self._newest[0] > FRESH_MS:
                self._newest = None
            await clock.sleep(WATCH_MS)

    async def _take(self, engine: Engine, mono: int, picture: Picture) -> None:
        taking = self._taking()
        door = self._held.state.door
        if taking is not None and taking.capturing is not None:
            await self._photograph(engine, taking, taking.capturing, mono, picture)
        elif door is not None and door.face != FACE_OFF:
            await self._look(engine, mono, picture)

    async def _look(self, engine: Engine, mono: int, picture: Picture) -> None:
        if self._stale or self._visit is None:
            self._stale = False
            self._visit = await self._aside(lambda: self._visiting(engine))
            self._tell_of_bad_boxes()
            self.promise_again()
        visit = self._visit
        found = await self._aside(lambda: engine.detect(picture))
        self._seen_at = mono
        if found:
            self._somebody = (mono, found[0])
        elif self._somebody is not None and mono - self._somebody[0] > visit.rule.gone_ms:
            await self._forget(engine, visit, self._somebody[1], picture.shape)
            return
        if self._life.asking:
            await self._prove(engine, visit, picture, found, mono)
            return
        wanted = visit.wants(found, mono)
        seen = list(found)
        if wanted is not None:
            face = await self._aside(lambda: engine.embed(picture, wanted))
            seen[found.index(wanted)] = face
            self._made.append(face.template)
        claim, self._claim = self._claim, None
        verdict = visit.see(seen, mono, claim)
        if isinstance(verdict, Opened):
            await self._accepted(verdict, visit, picture, seen, mono)
        else:
            self._telling.verdict(verdict, picture)

    async def _forget(self, engine: Engine, visit: Visit, last: Found, shape: tuple[int, ...]) -> None:
        """Nobody is there any more: what was made of the last visitor is overwritten."""
        self._somebody = None
        self._telling.forget()
        told = self._life.leave()
        if told is not None:
            self._post(told)
        self._stale, self._learnt = self._stale or self._learnt, False  # what was learned counts from the next on
        visit.forget()
        for template in self._made:
            template.fill(0)
        self._made.clear()
        await self._aside(lambda: oblivion.look_away(engine, self._life.mesh, last, shape))
        await self._aside(self._life.forget)
        oblivion.overwrite_small()

    async def _accepted(self, opened: Opened, visit: Visit, picture: Picture, seen: list[Found], mono: int) -> None:
        """Tells the door, or first asks for the proof of life it would miss."""
        sure = is_sure(opened, visit) and float(picture[::8, ::8].mean()) >= POOR_LIGHT
        told = await self._life.begin(opened, sure, followed(seen), mono)
        if told is None:
            self._telling.ask(self._life.hint)
        else:
            self._post(told)

    async def _prove(self, engine: Engine, visit: Visit, picture: Picture, found: list[Found], mono: int) -> None:
        told = await self._life.see(engine, visit, picture, found, mono)
        if told is None:
            self._telling.ask(self._life.hint)
            return
        if told.live != events.LIFE_PROVEN:
            self._attempts.fail(mono)
        self._post(told)

    def _visiting(self, engine: Engine) -> Visit:
        held = self._held
        gallery = open_gallery(held, self._keys, self._trust.estate, engine.model_id, self._bad.add, self._learned)
        self.people = len(gallery)
        rule = with_look_alikes(rule_for(engine.model, gallery), gallery)
        elsewhere = [row[0] for row in held.state.faces if row[2] != engine.model_id]
        mode = held.state.door.face if held.state.door else FACE_OFF
        self._promise = promise_of(rule, gallery, mode, elsewhere)
        if mode != FACE_FREE:  # else a face would be decided, and refused, before its home number can be typed
            rule = replace(rule, closed=(Closed.POLICY, *rule.closed))
        return Visit(rule, gallery, self._attempts) if self._visit is None else self._visit.renewed(rule, gallery)

    def _tell_of_bad_boxes(self) -> None:
        """Each box that is not for this door is told once."""
        for _ in self._bad - self._refused:
            self._post(events.Distrusted(6, "signature"))
        self._refused |= self._bad

    async def _photograph(self, engine: Engine, taking: Taking, capture: Capture, mono: int, picture: Picture) -> None:
        faces = await self._aside(lambda: engine.faces(picture))
        capture.guide.goes_by(engine.model.floors)
        if taking.capturing is capture:  # else it was stopped meanwhile
            await taking.see(faces, mono, engine.model_id)

    async def _aside(self, work: Callable[[], Result]) -> Result:
        """On another thread, so that keys and buttons are never kept waiting."""
        self._working += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._hands, work)
        finally:
            self._working -= 1


def is_sure(opened: Opened, visit: Visit) -> bool:
    """Whether the score lies at least NARROW above the threshold that was in force for its number of frames."""
    rule, floors = visit.rule, visit.rule.model.floors
    levels = rule.home if opened.way is Way.HOME else rule.search
    several = floors.several if floors is not None else 0.0
    return opened.score >= levels[opened.frames - 1] + several + NARROW


def followed(seen: list[Found]) -> Found:
    """The face just accepted: the nearest one, for nobody is accepted while another stands beside."""
    return max(seen, key=lambda face: face.quality.eyes)
