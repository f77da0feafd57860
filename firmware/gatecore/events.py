"""What may happen to a door (events) and what it answers (effects, in the order to carry them out).

Both are small records with `NAME` and `FIELDS`; `told(record)` is the array a transcript prints.
"""

from gatecore.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


class Told:
    """Named values in a fixed order."""

    FIELDS: "tuple[str, ...]" = ()

    def __init__(self, *values: "Any") -> None:
        if len(values) != len(self.FIELDS):
            raise ValueError(self.__class__.__name__)
        for n in range(len(values)):  # no zip: it would take memory for each field
            setattr(self, self.FIELDS[n], values[n])


def told(record: Told) -> "list[Any]":
    """The record as [name, value, ...]."""
    return [record.__class__.__name__] + [getattr(record, name) for name in record.FIELDS]


# --- events -------------------------------------------------------------------------------


class Key(Told):
    """A debounced key of keypad.KEYS."""

    FIELDS = ("key",)
    key: str


LIFE_UNASKED, LIFE_PROVEN, LIFE_NOT_PROVEN = 0, 1, 2  # FaceSeen.live


class FaceSeen(Told):
    """The unit's own eyes and the decision rule accept this person, freely or within the dialled home.

    `live` is what was measured of life (LIFE_*); `sure`: the score lay well above its threshold, by good light.
    """

    FIELDS = ("person", "at_home", "live", "sure")
    person: bytes
    at_home: bool
    live: int
    sure: bool


class FaceUnsure(Told):
    """A face, but no certainty: the home number is needed."""

    FIELDS = ()


class FaceUnknown(Told):
    """A face that is nobody's here, after all tries; only counted."""

    FIELDS = ()


class FaceHint(Told):
    """What the person could do better (feedback.COME_CLOSER ...)."""

    FIELDS = ("reason",)
    reason: int


class Contact(Told):
    """The leaf opened or closed."""

    FIELDS = ("open",)
    open: bool


class Exit(Told):
    """The request-to-exit button."""


class Fire(Told):
    """The fire input went on or off."""

    FIELDS = ("on",)
    on: bool


class Tamper(Told):
    """The housing was opened."""


class Link(Told):
    """The host answers (heartbeat under 60 s) or no longer does."""

    FIELDS = ("up",)
    up: bool


class Booted(Told):
    """The door has started."""


class Tick(Told):
    """Time passed; sent at least once a second."""


class StateTaken(Told):
    """A state that the law book accepted."""

    FIELDS = ("state",)
    state: "Any"


class Distrusted(Told):
    """The law book refused something: `what` 1 state, 2 command, 3 hello, 4 keys, 5 clock order, 6 sealed face,
    7 checkpoint or log key, 8 copy of the gate."""

    FIELDS = ("what", "code")
    what: int
    code: str


class Ordered(Told):
    """A command came in (a COSE_Sign1), not yet believed."""

    FIELDS = ("data",)
    data: bytes


class Asked(Told):
    """The host asks for a challenge, to make a command with; `ticket` comes back with it."""

    FIELDS = ("ticket",)
    ticket: int


class CallNews(Told):
    """What became of the call: feedback.TALKING, NO_ANSWER, DECLINED, or REFUSED with a reason."""

    FIELDS = ("call", "state", "reason")
    call: bytes
    state: int
    reason: int


class Stored(Told):
    """Storage works again (ok) or does not."""

    FIELDS = ("ok",)
    ok: bool


class Eyes(Told):
    """The camera gives pictures again (ok) or has stopped giving them."""

    FIELDS = ("ok",)
    ok: bool


class Stepped(Told):
    """The clock was moved by `ms`, from a source of `quality`."""

    FIELDS = ("ms", "quality")
    ms: int
    quality: int


# --- effects ------------------------------------------------------------------------------


class Log(Told):
    """Append an entry: type, public integers, subject and detail of the private half (or null)."""

    FIELDS = ("typ", "pub", "subject", "detail")
    typ: int
    pub: "list[int]"
    subject: "bytes | None"
    detail: "Any"


class Unlock(Told):
    """Energise the lock for `ms`. `durable`: only after the entry before it is on storage, or after 100 ms."""

    FIELDS = ("ms", "durable")
    ms: int
    durable: bool


class Release(Told):
    """Hold the lock open (fire) or end that."""

    FIELDS = ("on",)
    on: bool


class Feedback(Told):
    """Show state, reason and for how long (s; 0: until the next); `number` is minutes to wait, where that is told."""

    FIELDS = ("state", "reason", "seconds", "number")
    state: int
    reason: int
    seconds: int
    number: int


class Remember(Told):
    """Write the door's memory before anything after this effect is shown."""

    FIELDS = ("data",)
    data: bytes


class Call(Told):
    """Ring this home; `call` names the call."""

    FIELDS = ("call", "home")
    call: bytes
    home: str


class Hangup(Told):
    """The call is over on this side."""

    FIELDS = ("call",)
    call: bytes


class Challenge(Told):
    """Answer to Asked."""

    FIELDS = ("ticket", "challenge")
    ticket: int
    challenge: bytes


class Seek(Told):
    """Compare the face before the door with this home's people only; "" ends that."""

    FIELDS = ("home",)
    home: str


class Alert(Told):
    """Tell the host at once: kind (ALERT_*), and the home concerned or ""."""

    FIELDS = ("kind", "home")
    kind: int
    home: str


class Done(Told):
    """Answer to a command: its challenge and whether it was carried out, with the reason if not."""

    FIELDS = ("challenge", "ok", "code")
    challenge: bytes
    ok: bool
    code: str


ALERT_GUESSING, ALERT_PAUSED, ALERT_FORCED, ALERT_HELD, ALERT_TAMPER, ALERT_FIRE, ALERT_DISTRUST, ALERT_STORAGE = (
    1, 2, 3, 4, 5, 6, 7, 8,
)  # fmt: skip
ALERT_DURESS, ALERT_CANCELLED, ALERT_LOG_FULL, ALERT_UNCOVERED, ALERT_CAMERA = 9, 10, 11, 12, 13
ALERT_LOST_CARD, ALERT_READER = 14, 15  # by doors with a reader (gatecore.cards)

EVENTS = (
    Key, FaceSeen, FaceUnsure, FaceUnknown, FaceHint, Contact, Exit, Fire, Tamper, Link, Booted, Tick, StateTaken,
    Distrusted, Ordered, Asked, CallNews, Stored, Eyes, Stepped,
)  # fmt: skip
EFFECTS = (Log, Unlock, Release, Feedback, Remember, Call, Hangup, Challenge, Seek, Alert, Done)
