"""Enrolment at a building door: `#`, the ten digits of a claim slip, `#`; then five guided frames before the camera.

The slip is the host's to judge (consent, one use, seven days, this door); the door asks it under a ticket of its own
and sits only for an answer with that ticket and with the certificate of a vault. What it took it seals to that vault,
signs, sends and forgets; it keeps nothing, and nothing of a person who walks away.
"""

from collections.abc import Callable

from gatecore import feedback, frames, intake
from gatecore.errors import GateError
from gatecore.events import Feedback, Told
from gatecore.records import Cert
from gatecore.trust import Trust
from gateface import Face
from gateunit.capture import Capture
from gateunit.errors import SealError
from gateunit.guide import GONE_MS
from gateunit.ports import Clock, KeyStore, Random, Screen
from gateunit.taken import Taken, packed_for

SILENCE_MS = 15_000  # typing a slip ends by itself
ANSWER_MS = 10_000  # so long the host may think
THANKS_MS = 5_000
KEEP_MS = 600_000  # so long what was taken is offered again when the link comes back
DESK = "desk"
RESTING = (feedback.IDLE, feedback.HINT, feedback.ASK_HOME, feedback.REFUSED, feedback.OPENED)

Say = Callable[..., None]


class Sitting:
    """`capturing` is what sight feeds with `see`; `up` tells whether the host answers."""

    def __init__(self, trust: Trust, keys: KeyStore, screen: Screen, clock: Clock, random: Random, eyes: bool) -> None:
        self._trust, self._keys, self._screen, self._clock = trust, keys, screen, clock
        self._random, self._eyes = random, eyes
        self._typed: str | None = None
        self._last = 0
        self._ticket = b""
        self._vault: Cert | None = None
        self._resting = True
        self._unsent: tuple[int, bytes, bytes] | None = None  # since when, ticket, what is for the vault
        self._thanks_until: int | None = None  # what was done stands on the screen, and no face is looked for
        self.capturing: Capture | None = None
        self.say: Say = lambda *frame: None
        self.up: Callable[[], bool] = lambda: False

    # --- the slip -------------------------------------------------------------------------

    def watch(self, effect: Told) -> None:
        """Hears what the door shows: a slip is typed only while nobody dials."""
        if isinstance(effect, Feedback):
            self._resting = effect.state in RESTING

    def key(self, key: str) -> bool:
        """Takes a key that belongs to a slip; False for one that is the door's."""
        if self._typed is None:
            return self._begin(key)
        self._last = self._clock.mono()
        if key == "*":
            self._leave()
        elif key == "#":
            self._ask()
        elif key.isdigit() and len(self._typed) < intake.SLIP_DIGITS:
            self._typed += key
        return True

    def _begin(self, key: str) -> bool:
        if key == "*" and self.capturing is not None:
            self._leave()
            return True
        if key != "#" or not self._resting or self.capturing is not None or self._ticket:
            return False
        self._typed, self._last = "", self._clock.mono()
        self._show(intake.SLIP_TYPE)
        return True

    def _ask(self) -> None:
        typed, self._typed = self._typed or "", None
        if not typed:
            self._leave()
        elif len(typed) != intake.SLIP_DIGITS:
            self._refuse(intake.SLIP_WRONG)
        elif not self._eyes:
            self._refuse(intake.NO_EYES)
        elif not self.up():
            self._refuse(intake.SLIP_OFFLINE)
        else:
            self._ticket = self._random(16)
            self.say(frames.SLIP, self._ticket, typed)

    def news(self, ticket: bytes, reason: int) -> None:
        """The host's word on a slip, or on what was taken under it."""
        if self._unsent is not None and self._unsent[1] == ticket:
            self._unsent = None
        if ticket != self._ticket:
            return
        self._ticket = b""
        if self.capturing is None or (self._thanks_until is not None and reason != intake.SLIP_TAKEN):
            self._refuse(reason)

    def sit(self, ticket: bytes, person: bytes, home: str, cert: bytes) -> None:
        """Begins, for the ticket asked under and a vault the estate certified; anything else is ignored."""
        if ticket != self._ticket or self.capturing is not None:
            return
        try:
            vault = self._trust.accept_cert(cert)
        except GateError:
            self._refuse(intake.SLIP_NO_VAULT)
            return
        if vault.kind != DESK or vault.box is None:
            self._refuse(intake.SLIP_NO_VAULT)
            return
        self._vault, self.capturing = vault, Capture(ticket, person, home, "")
        self._last = self._clock.mono()
        self._show(self.capturing.reasons[0])

    # --- the frames -----------------------------------------------------------------------

    async def see(self, faces: list[Face], mono: int, model: str) -> None:
        """Looks at one frame; after the last the photos are sealed, sent and forgotten."""
        capture = self.capturing
        if capture is None or self._thanks_until is not None:
            return
        before = capture.reasons
        if capture.see(faces, mono, model):
            self._last = self._clock.mono()
        if capture.full:
            self._send(capture)
        elif capture.guide.over(mono):
            self._end()
            self._refuse(intake.WALKED_AWAY)
        elif capture.reasons != before:
            self._show(capture.reasons[0])

    def _send(self, capture: Capture) -> None:
        vault = self._vault
        assert vault is not None
        assert vault.box is not None
        taken = Taken(capture.task, capture.person, capture.model, tuple(capture.photos))
        try:
            data = packed_for(vault.box, taken, self._trust.estate, self._keys.signer())
        except SealError:
            self._refuse(intake.SLIP_NO_VAULT)
            return
        capture.forget()
        self._unsent = (self._clock.mono(), capture.task, data)
        self._thanks_until = self._clock.mono() + THANKS_MS
        self.linked()
        self._show(intake.SLIP_TAKEN)

    def linked(self) -> None:
        """Says again what the host has not taken; after a while it is forgotten, and the slip stays good."""
        if self._unsent is None:
            return
        since, ticket, data = self._unsent
        if self._clock.mono() - since >= KEEP_MS:
            self._unsent = None
        elif self.up():
            self.say(frames.TAKEN, ticket, data)

    def tick(self) -> None:
        """Ends what nobody goes on with."""
        idle = self._clock.mono() - self._last
        if self._typed is not None and idle >= SILENCE_MS:
            self._leave()
        elif self._ticket and self.capturing is None and idle >= ANSWER_MS:
            self._refuse(intake.SLIP_OFFLINE)
        elif self._thanks_until is not None and self._clock.mono() >= self._thanks_until:
            self._leave()
        elif self.capturing is not None and idle >= GONE_MS:  # the camera shows nothing any more
            self._refuse(intake.WALKED_AWAY)

    def _end(self) -> None:
        self.capturing, self._vault, self._ticket, self._thanks_until = None, None, b"", None

    def _leave(self) -> None:
        self._typed = None
        self._end()
        self._screen.show(feedback.IDLE, 0, 0)

    def _refuse(self, reason: int) -> None:
        self._typed = None
        self._end()
        self._screen.show(feedback.REFUSED, reason, 0)

    def _show(self, reason: int) -> None:
        self._screen.show(feedback.HINT, reason, 0)
