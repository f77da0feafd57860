"""From frames to one decision per visitor. Pure and synchronous: time is an argument, in milliseconds of any one clock.

    visit = Visit(rule, gallery, attempts)
    found = engine.detect(frame)
    wanted = visit.wants(found, now_ms)                      # which face is worth a template now, if any
    seen = [engine.embed(frame, face) if face is wanted else face for face in found]
    verdict = visit.see(seen, now_ms, claimed_home)          # claimed_home once, when a home number was typed

The laws, each with a test:
1. One face is followed; another face, or the same after `gone_ms` out of sight, starts from nothing.
2. While two people are in view nothing is counted and nobody is accepted.
3. Frames count only when usable (near, frontal, lit, sharp, whole) and at least `gap_ms` apart.
4. Frame k decides by the unit mean of the k templates and the threshold for k; never by a lower one.
5. Accepted is only who was also the best for the frame before.
6. One decision per followed face: after an opening nothing more happens until it has gone.
7. Claims of a home that did not hold are limited per face and per door, searches that found nobody per door: a face
   that leaves before its last frame has been searched for as well.
8. A gallery that changes changes nothing of this: who was decided stays decided, and claims stay counted (`renewed`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from .embed import unit
from .face import Box, Defect, Face, Found, Template, overlap
from .gallery import Gallery, Match, packed
from .rule import Closed, Rule

SAME_PLACE = 0.2  # overlap of boxes from one frame to the next
BYSTANDER = 0.5  # a face with less than this share of the followed one's eye distance stands far behind
CLAIM_MS = 15_000


class Hint(StrEnum):
    """What the screen says while nothing is decided."""

    NOBODY = "nobody"
    ONE_AT_A_TIME = "one_at_a_time"
    COME_CLOSER = "come_closer"
    LOOK_HERE = "look_here"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    UNCOVER = "uncover"
    STEP_INTO_VIEW = "step_into_view"
    KEEP_STILL = "keep_still"
    MOVE_A_LITTLE = "move_a_little"
    DONE = "done"


HINTS = {
    Defect.TOO_SMALL: Hint.COME_CLOSER,
    Defect.CUT_OFF: Hint.STEP_INTO_VIEW,
    Defect.TURNED: Hint.LOOK_HERE,
    Defect.DARK: Hint.TOO_DARK,
    Defect.BRIGHT: Hint.TOO_BRIGHT,
    Defect.BLURRED: Hint.KEEP_STILL,
    Defect.COVERED: Hint.UNCOVER,
}


class Way(StrEnum):
    """How a person was found."""

    SEARCH = "search"
    HOME = "home"


class Refusal(StrEnum):
    """Why a claim of a home was refused."""

    NOT_THIS_HOME = "not_this_home"
    TOO_MANY_CLAIMS = "too_many_claims"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing decided yet."""

    reason: Hint


@dataclass(frozen=True, slots=True)
class Opened:
    """Given once per followed face. `score` is the margin score, `frames` how many made it."""

    person: bytes
    home: str
    frames: int
    way: Way
    score: float


@dataclass(frozen=True, slots=True)
class AskHome:
    """The face alone does not suffice: the screen asks for the home number. Repeated while the face stays."""

    reason: Closed


@dataclass(frozen=True, slots=True)
class Refused:
    """Given once per refused claim."""

    reason: Refusal


Verdict = Waiting | Opened | AskHome | Refused


@dataclass(slots=True)
class Attempts:
    """What one door remembers of the last minutes, over all visitors: claims that did not hold, searches for nobody."""

    window_ms: int = 600_000
    most_claims: int = 5
    most_failed: int = 5
    claims: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)

    def claim(self, now_ms: int) -> bool:
        """Counts a claim; False if this door has had too many."""
        self.claims = [at for at in self.claims if now_ms - at < self.window_ms]
        if len(self.claims) >= self.most_claims:
            return False
        self.claims.append(now_ms)
        return True

    def held(self) -> None:
        """The last claim was true: it is given back, or the residents themselves would close a busy door."""
        del self.claims[-1:]

    def fail(self, now_ms: int) -> None:
        """Counts a face that free search looks for, or that did not show that it is alive."""
        self.failed.append(now_ms)

    def found(self) -> None:
        """The face counted last was found after all: it is given back. Who left before that stays counted."""
        del self.failed[-1:]

    def paused(self, now_ms: int) -> bool:
        """Whether free search rests at this door, because every new try is a new chance for a stranger."""
        self.failed = [at for at in self.failed if now_ms - at < self.window_ms]
        return len(self.failed) >= self.most_failed


@dataclass(slots=True)
class _Track:
    """One face followed from frame to frame."""

    box: Box
    seen_ms: int
    templates: list[Template] = field(default_factory=list)
    taken_ms: int = 0
    best: bytes | None = None
    asked: Closed | None = None
    claims: int = 0
    claimed: str | None = None
    searched: bool = False
    done: bool = False
    alone: bool = False

    def due(self, now_ms: int, gap_ms: int) -> bool:
        return not self.templates or now_ms - self.taken_ms >= gap_ms

    def mean(self, frames: int | None = None) -> Template:
        return unit(np.sum(self.templates[:frames], axis=0, dtype=np.float32))


class Visit:
    """The decisions at one door over one gallery. For a new gallery or rule there is `renewed`; `attempts` lives on."""

    def __init__(self, rule: Rule, gallery: Gallery, attempts: Attempts | None = None) -> None:
        gallery.require(rule.model.id)
        self.rule = rule
        self.gallery = gallery
        self.attempts = attempts or Attempts()
        self._track: _Track | None = None
        self._claim: tuple[str, int] | None = None

    def renewed(self, rule: Rule, gallery: Gallery) -> "Visit":
        """The same visit by another rule and gallery: the face stays followed, decided, and its claims counted."""
        visit = Visit(rule, gallery, self.attempts)
        visit._track, visit._claim = self._track, self._claim
        return visit

    def forget(self) -> None:
        """The face has gone: nothing of it is kept. A home typed meanwhile still waits for the next one."""
        self._track = None

    def wants(self, faces: Sequence[Found], now_ms: int) -> Found | None:
        """The face whose template the next `see` with these faces would count, if any. Changes nothing."""
        face, track = self._followed(faces, now_ms)
        if face is None or self._hindrance(face, faces) is not None:
            return None
        if track is None:
            return face
        needed = not track.done and len(track.templates) < self.rule.frames
        return face if needed and track.due(now_ms, self.rule.gap_ms) else None

    def see(self, faces: Sequence[Found], now_ms: int, claimed_home: str | None = None) -> Verdict:
        """One frame's faces -> what to do now. Only the face named by `wants` needs its template."""
        if claimed_home is not None:
            self._claim = (claimed_home, now_ms)
        face, track = self._followed(faces, now_ms)
        if face is None:
            return Waiting(Hint.NOBODY)
        if track is None:
            track = _Track(face.box, now_ms)
        track.box, track.seen_ms = face.box, now_ms
        self._track = track
        track.alone = self._alone(face, faces)
        if track.done:
            return Waiting(Hint.DONE)
        hindrance = self._hindrance(face, faces)
        if hindrance is not None:
            return Waiting(hindrance)
        return self._decide(track, face, now_ms)

    def learnable(self, person: bytes, now_ms: int) -> bytes | None:
        """The last frame that counts, packed, for `person`'s ring (gallery.Person.having_learned); else None.

        To be asked when something besides the face said who this is: right after an opening by home number, or when
        this person's card or phone opened while the face stood here. Only a face alone in view this moment, whose
        frames so far would have opened for this very person in free search, is learned from.
        """
        track = self._track
        if track is None or not track.templates or not track.alone or now_ms - track.seen_ms > self.rule.gone_ms:
            return None
        frames = len(track.templates)
        match = self.gallery.nearest(track.mean())
        if match is None or match.person != person or person in self.rule.home_only:
            return None
        frames = min(frames, self.rule.most_frames(match))
        match = self.gallery.nearest(track.mean(frames))
        if match is None or match.person != person or not self._accepts(match, frames, claimed=False):
            return None
        return packed(track.templates[frames - 1])

    def _followed(self, faces: Sequence[Found], now_ms: int) -> tuple[Found | None, _Track | None]:
        """The face that continues the track; else the largest, without a track."""
        if not faces:
            return None, None
        track = self._track
        if track is not None and now_ms - track.seen_ms <= self.rule.gone_ms:
            nearest = max(faces, key=lambda face: overlap(face.box, track.box))
            if overlap(nearest.box, track.box) >= SAME_PLACE:
                return nearest, track
        return max(faces, key=lambda face: face.quality.eyes), None

    def _hindrance(self, face: Found, faces: Sequence[Found]) -> Hint | None:
        """Why this frame cannot count."""
        if not self._alone(face, faces):
            return Hint.ONE_AT_A_TIME
        return HINTS[face.quality.defects[0]] if face.quality.defects else None

    def _alone(self, face: Found, faces: Sequence[Found]) -> bool:
        """Whether everybody else stands far behind."""
        return not any(other is not face and other.quality.eyes >= BYSTANDER * face.quality.eyes for other in faces)

    def _decide(self, track: _Track, face: Found, now_ms: int) -> Verdict:
        """Counts the frame if it is due, then the claim if there is one, then free search."""
        fresh = isinstance(face, Face) and track.due(now_ms, self.rule.gap_ms)
        fresh = fresh and len(track.templates) < self.rule.frames
        if fresh and isinstance(face, Face):
            self.gallery.check(face.template)
            track.templates.append(face.template)
            track.taken_ms = now_ms
        if not track.templates:
            return Waiting(Hint.KEEP_STILL)
        if self._claim is not None and not self._take_claim(track, now_ms):
            return self._refused(track, Refusal.TOO_MANY_CLAIMS)
        if track.claimed is not None:
            return self._claimed(track, track.claimed)
        if track.asked is not None:
            return AskHome(track.asked)
        return self._searched(track, now_ms) if fresh else Waiting(Hint.MOVE_A_LITTLE)

    def _take_claim(self, track: _Track, now_ms: int) -> bool:
        """A home typed within the last seconds becomes this face's claim and is counted; False if that is too many."""
        home, typed_ms = self._claim or ("", now_ms)
        self._claim = None
        if now_ms - typed_ms > CLAIM_MS:
            return True
        track.claims += 1
        if track.claims > self.rule.claims or not self.attempts.claim(now_ms):
            return False
        track.claimed = home
        return True

    def _searched(self, track: _Track, now_ms: int) -> Verdict:
        """Free search by the frames so far."""
        closed = self._closed(track, now_ms)
        if closed is not None:
            return self._asking(track, closed)
        frames = len(track.templates)
        match = self.gallery.nearest(track.mean())
        if match is None:
            return self._asking(track, Closed.NOT_SURE)
        same, track.best = track.best in (None, match.person), match.person
        if same and self._accepts(match, frames, claimed=False):
            if match.person in self.rule.home_only:
                self._found(track)
                return self._asking(track, Closed.LOOK_ALIKE)
            return self._opened(track, match, Way.SEARCH, frames)
        if frames < self.rule.most_frames(match):
            return Waiting(Hint.MOVE_A_LITTLE)
        return self._asking(track, Closed.NOT_SURE)

    def _closed(self, track: _Track, now_ms: int) -> Closed | None:
        """Why this face is not searched for; the first search of a face is counted until it is found."""
        if self.rule.closed:
            return self.rule.closed[0]
        if not track.searched:
            if self.attempts.paused(now_ms):
                return Closed.PAUSED
            track.searched = True
            self.attempts.fail(now_ms)
        return None

    def _found(self, track: _Track) -> None:
        """The face was worth its search."""
        if track.searched:
            track.searched = False
            self.attempts.found()

    def _asking(self, track: _Track, reason: Closed) -> AskHome:
        track.asked = reason
        return AskHome(reason)

    def _claimed(self, track: _Track, home: str) -> Verdict:
        """One against a household, by no more frames than its best person allows; the claim waits for those."""
        match = self.gallery.nearest(track.mean(), home)
        if match is None:
            return self._refused(track, Refusal.NOT_THIS_HOME)
        most = self.rule.most_frames(match)
        frames = min(len(track.templates), most)
        match = self.gallery.nearest(track.mean(frames), home) or match
        if self._accepts(match, frames, claimed=True):
            return self._opened(track, match, Way.HOME, frames)
        if frames < most:
            return Waiting(Hint.MOVE_A_LITTLE)
        return self._refused(track, Refusal.NOT_THIS_HOME)

    def _accepts(self, match: Match, frames: int, claimed: bool) -> bool:
        return self.rule.accepts(match, self.gallery.others(match.home), frames, claimed)

    def _opened(self, track: _Track, match: Match, way: Way, frames: int) -> Opened:
        track.done = True
        self._found(track)
        if way is Way.HOME:
            self.attempts.held()
        score = self.rule.score(match, self.gallery.others(match.home), frames)
        return Opened(match.person, match.home, frames, way, score)

    def _refused(self, track: _Track, reason: Refusal) -> Refused:
        """The face may claim again until its claims are used up."""
        track.claimed = None
        track.asked = track.asked or Closed.NOT_SURE
        track.done = reason is Refusal.TOO_MANY_CLAIMS
        return Refused(reason)
