"""What may happen to a door (events) and what it answers (effects, in the order to carry them out).

All are named tuples: on a board one takes a third of the memory of an object, and a decision makes five.
`told(record)` is the array a transcript prints.
"""

from gatecore.compat import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

    Told = tuple[Any, ...]  # an event or an effect
else:
    Told = tuple  # one without fields is as false as any empty tuple


def told(record: Told) -> "list[Any]":
    """The record as [name, value, ...]."""
    return [record.__class__.__name__] + list(record)


# --- events -------------------------------------------------------------------------------


# A debounced key of keypad.KEYS.
Key = NamedTuple("Key", [("key", str)])

LIFE_UNASKED, LIFE_PROVEN, LIFE_NOT_PROVEN = 0, 1, 2  # FaceSeen.live

# The unit's own eyes and the decision rule accept this person, freely or within the dialled home. `live` is what was
# measured of life (LIFE_*); `sure`: the score lay well above its threshold, by good light.
FaceSeen = NamedTuple("FaceSeen", [("person", bytes), ("at_home", bool), ("live", int), ("sure", bool)])

# A face, but no certainty: the home number is needed.
FaceUnsure = NamedTuple("FaceUnsure", [])

# A face that is nobody's here, after all tries; only counted.
FaceUnknown = NamedTuple("FaceUnknown", [])

# What the person could do better (feedback.COME_CLOSER ...).
FaceHint = NamedTuple("FaceHint", [("reason", int)])

# The leaf opened or closed.
Contact = NamedTuple("Contact", [("open", bool)])

# The request-to-exit button.
Exit = NamedTuple("Exit", [])

# The fire input went on or off.
Fire = NamedTuple("Fire", [("on", bool)])

# The housing was opened.
Tamper = NamedTuple("Tamper", [])

# The host answers (heartbeat under 60 s) or no longer does.
Link = NamedTuple("Link", [("up", bool)])

# The door has started.
Booted = NamedTuple("Booted", [])

# Time passed; sent at least once a second.
Tick = NamedTuple("Tick", [])

# A state that the law book accepted.
StateTaken = NamedTuple("StateTaken", [("state", "Any")])

# The law book refused something: `what` 1 state, 2 command, 3 hello, 4 keys, 5 clock order, 6 sealed face, 7 checkpoint
# or log key, 8 copy of the gate.
Distrusted = NamedTuple("Distrusted", [("what", int), ("code", str)])

# A command came in (a COSE_Sign1), not yet believed.
Ordered = NamedTuple("Ordered", [("data", bytes)])

# The host asks for a challenge, to make a command with; `ticket` comes back with it.
Asked = NamedTuple("Asked", [("ticket", int)])

# What became of the call: feedback.TALKING, NO_ANSWER, DECLINED, or REFUSED with a reason.
CallNews = NamedTuple("CallNews", [("call", bytes), ("state", int), ("reason", int)])

# Storage works again (ok) or does not.
Stored = NamedTuple("Stored", [("ok", bool)])

# The camera gives pictures again (ok) or has stopped giving them.
Eyes = NamedTuple("Eyes", [("ok", bool)])

# The clock was moved by `ms`, from a source of `quality`.
Stepped = NamedTuple("Stepped", [("ms", int), ("quality", int)])

# --- effects ------------------------------------------------------------------------------


# Append an entry: type, public integers, subject and detail of the private half (or null).
Log = NamedTuple("Log", [("typ", int), ("pub", "list[int]"), ("subject", "bytes | None"), ("detail", "Any")])

# Energise the lock for `ms`. `durable`: only after the entry before it is on storage, or after 100 ms.
Unlock = NamedTuple("Unlock", [("ms", int), ("durable", bool)])

# Hold the lock open (fire) or end that.
Release = NamedTuple("Release", [("on", bool)])

# Show state, reason and for how long (s; 0: until the next); `number` is minutes to wait, where that is told.
Feedback = NamedTuple("Feedback", [("state", int), ("reason", int), ("seconds", int), ("number", int)])

# Write the door's memory before anything after this effect is shown.
Remember = NamedTuple("Remember", [("data", bytes)])

# Ring this home; `call` names the call.
Call = NamedTuple("Call", [("call", bytes), ("home", str)])

# The call is over on this side.
Hangup = NamedTuple("Hangup", [("call", bytes)])

# Answer to Asked.
Challenge = NamedTuple("Challenge", [("ticket", int), ("challenge", bytes)])

# Compare the face before the door with this home's people only; "" ends that.
Seek = NamedTuple("Seek", [("home", str)])

# Tell the host at once: kind (ALERT_*), and the home concerned or "".
Alert = NamedTuple("Alert", [("kind", int), ("home", str)])

# Answer to a command: its challenge and whether it was carried out, with the reason if not.
Done = NamedTuple("Done", [("challenge", bytes), ("ok", bool), ("code", str)])

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
