"""From frames to one decision per visitor. Pure and synchronous: time is an argument, in milliseconds of any one clock.

    visit = Visit(rule, gallery, attempts)
    found = engine.detect(frame)
    wanted = visit.wants(found, now_ms)                      # which face is worth a template now, if any
    seen = [engine.embed(frame, face) if face is wanted else face for face in found]
    verdict = visit.see(seen, now_ms, claimed_home)          # claimed_home once, when a home number was typed

The laws, each with a test:
1. One face is followed; another face, or the same after `gone_ms` out of sight, starts from nothing. Who steps in front
   of it, twice as near, is followed instead: nobody waits for a face in the background.
2. While two people are in view nothing is counted and nobody is accepted.
3. Frames count only when usable (near, frontal, lit, sharp, whole) and at least `gap_ms` apart.
4. Frame k decides by the unit mean of the k templates and the threshold for k; never by a lower one.
5. Accepted is only who was also the best for the frame before.
6. One decision per followed face: after an opening nothing more happens until it has gone.
7. Claims of a home that did not hold are limited per face and per door, searches that found nobody per door: a face
   that leaves before its last frame has been searched for as well.
8. Where frames come more slowly than `gone_ms`, a face in the place of the one before is the same visit: one decision,
   one search counted, three frames at most. But frames so far apart are never added up.
9. A face that nobody was found for and that stays where it is for `SCENERY_MS`, as a picture on a wall, is searched for
   once. Until ten minutes after it was last seen a face in just that place is asked for its home number at once.
10. A gallery that changes changes nothing of this: who was decided stays decided, and claims stay counted (`renewed`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from .embed import unit
from .face import Box, Face, Found, Template, overlap
from .gallery import Gallery, Match, packed
from .rule import Closed, Rule
from .verdict import HINTS, AskHome, Hint, Opened, Refusal, Refused, Verdict, Waiting, Way

SAME_PLACE = 0.2  # overlap of boxes from one frame to the next
BYSTANDER = 0.5  # a face with less than this share of the followed one's eye distance stands far behind
CLAIM_MS = 15_000
PAUSE_MS = 2_000  # a longer pause between two frames, and it is another visit
SCENERY_MS = 20_000
SCENERY = 0.9  # overlap from which a face has not moved: a poster's boxes differ less, a head that comes back more


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
        self.failed = [*(at for at in self.failed if now_ms - at < self.window_ms), now_ms]

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
    counted: int = 0
    place: Box = (0.0, 0.0, 0.0, 0.0)
    placed_ms: int = 0

    def at(self, box: Box, now_ms: int) -> None:
        """Where the face is now, and since when it has stood there."""
        self.box, self.seen_ms = box, now_ms
        if overlap(box, self.place) < SCENERY:
            self.place, self.placed_ms = box, now_ms

    def restart(self) -> None:
        """Nothing was seen for so long that what comes next is not added to what was."""
        self.templates.clear()
        self.best = None

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
        self._looked_ms: int | None = None
        self._scenery: tuple[Box, int] | None = None

    def renewed(self, rule: Rule, gallery: Gallery) -> "Visit":
        """The same visit by another rule and gallery: the face stays followed, decided, and its claims counted."""
        visit = Visit(rule, gallery, self.attempts)
        visit._track, visit._claim = self._track, self._claim
        visit._looked_ms, visit._scenery = self._looked_ms, self._scenery
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
        return face if not track.done and self._due(track, now_ms) else None

    def see(self, faces: Sequence[Found], now_ms: int, claimed_home: str | None = None) -> Verdict:
        """One frame's faces -> what to do now. Only the face named by `wants` needs its template."""
        if claimed_home is not None:
            self._claim = (claimed_home, now_ms)
        face, track = self._followed(faces, now_ms)
        self._looked_ms = now_ms
        if face is None:
            return Waiting(Hint.NOBODY)
        if track is None:
            track = self._begun(face, now_ms)
        elif now_ms - track.seen_ms > self.rule.gone_ms:
            track.restart()
        track.at(face.box, now_ms)
        self._track = track
        self._notice(track)
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
        track, largest = self._track, max(faces, key=lambda face: face.quality.eyes)
        if track is not None and now_ms - track.seen_ms <= self._patience(track):
            nearest = max(faces, key=lambda face: overlap(face.box, track.box))
            if overlap(nearest.box, track.box) >= SAME_PLACE and not behind(nearest, largest):
                return nearest, track
        return largest, None

    def _due(self, track: _Track, now_ms: int) -> bool:
        """Whether a frame counts: the first after a start, and until there are enough those far enough apart."""
        starts = not track.templates or now_ms - track.seen_ms > self.rule.gone_ms
        return starts or (track.counted < self.rule.frames and now_ms - track.taken_ms >= self.rule.gap_ms)

    def _patience(self, track: _Track) -> int:
        """How long the face may be unseen: longer where nothing at all was looked at since."""
        return PAUSE_MS if self._looked_ms == track.seen_ms else self.rule.gone_ms

    def _begun(self, face: Found, now_ms: int) -> _Track:
        """A new visit; of what hangs there all day only the home number is asked."""
        track = _Track(face.box, now_ms)
        if self._scenery is not None:
            place, seen_ms = self._scenery
            known = now_ms - seen_ms < self.attempts.window_ms and overlap(face.box, place) >= SCENERY
            track.asked = Closed.NOT_SURE if known else None
        return track

    def _notice(self, track: _Track) -> None:
        """Remembers the place, and nothing else, of a face that is not known and does not move."""
        if track.asked is not None and not track.done and track.seen_ms - track.placed_ms >= SCENERY_MS:
            self._scenery = track.place, track.seen_ms

    def _hindrance(self, face: Found, faces: Sequence[Found]) -> Hint | None:
        """Why this frame cannot count."""
        if not self._alone(face, faces):
            return Hint.ONE_AT_A_TIME
        return HINTS[face.quality.defects[0]] if face.quality.defects else None

    def _alone(self, face: Found, faces: Sequence[Found]) -> bool:
        """Whether everybody else stands far behind."""
        return all(other is face or behind(other, face) for other in faces)

    def _decide(self, track: _Track, face: Found, now_ms: int) -> Verdict:
        """Counts the frame if it is due, then the claim if there is one, then free search."""
        fresh = isinstance(face, Face) and self._due(track, now_ms)
        if fresh and isinstance(face, Face):
            self.gallery.check(face.template)
            track.templates.append(face.template)
            track.taken_ms, track.counted = now_ms, track.counted + 1
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
        if track.counted < self.rule.most_frames(match):
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
        if track.counted < most:
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


def behind(face: Found, other: Found) -> bool:
    """Whether a face is so far behind another one that it is not part of the visit."""
    return face.quality.eyes < BYSTANDER * other.quality.eyes
