"""Cards: what a reader's frame says, and what a door makes of it. Loaded only where a reader is wired (`fit`).

A card is a number that anybody near it can copy, so it is a way in and no proof. A door never closes its reader; after
a card it does not know the reader rests, longer once the bucket throttle.CARDS is empty: docs/threat-model.md counts.
"""

from gatecore import feedback, throttle
from gatecore import records as r
from gatecore.compat import TYPE_CHECKING, NamedTuple
from gatecore.door import noted, shown
from gatecore.events import ALERT_GUESSING, ALERT_LOST_CARD, ALERT_READER, Alert, Key, Remember
from gatecore.schedule import ENDED, IN_TIME, may_pass, window
from gatecore.sign import hmac_sha256
from gatecore.wire import encode

if TYPE_CHECKING:
    from typing import Any

    from gatecore.clock import Now
    from gatecore.door import Door, Effects
    from gatecore.events import Told
    from gatecore.state import State

LOST = 0  # the `until` of a card that was reported lost
QUICK_MS, SLOW_MS = 2_000, 20_000  # how long a reader rests after a refusal; while its bucket is empty
MOST = 0xFFFFFFFF  # the largest number a reader gives
_KEYS = "0123456789*#"  # by the number a reader with keys sends


# A card was held before the reader: its number, 24 bits of a 26-bit frame, 32 bits of others.
CardRead = NamedTuple("CardRead", [("number", int)])

# The reader answers again (ok) or has stopped answering.
Reads = NamedTuple("Reads", [("ok", bool)])


def frame(bits: int, value: int) -> "Told | None":
    """What a Wiegand frame says, its first bit the highest of `value`: CardRead, Key, or None for anything else.

    26 and 34 bits: even parity over the first half, odd over the second, each with its own bit. 4 bits: a key. 8 bits:
    the key's four after their complement.
    """
    if value < 0 or value >> bits:
        return None
    if bits == 26 or bits == 34:
        half = bits >> 1
        if _odd(value >> half) or not _odd(value & ((1 << half) - 1)):
            return None
        return CardRead(value >> 1 & ((1 << (bits - 2)) - 1))
    if bits == 8 and value >> 4 == ~value & 15:
        value, bits = value & 15, 4
    return Key(_KEYS[value]) if bits == 4 and value < len(_KEYS) else None


def _odd(value: int) -> bool:
    """Whether an odd number of bits is set."""
    odd = False
    while value:
        value &= value - 1
        odd = not odd
    return odd


def digest(list_key: bytes, number: int) -> bytes:
    """What a door's state holds of a card: 16 bytes under the door's own list key, as of codes and PINs."""
    return hmac_sha256(list_key, encode(["VC1-card", number]))[:16]


def fit(door: "Door") -> None:
    """Teaches this door, and no other of its kind, to read cards."""
    cards = _Cards(door)
    door.STEPS = dict(door.STEPS)
    door.STEPS[CardRead] = cards.read
    door.STEPS[Reads] = cards.reads


class _Cards:
    """What a door knows of its reader between two cards."""

    def __init__(self, door: "Door") -> None:
        # a power cut in the middle of guessing wins nothing: the reader rests first
        self._rest_until = 0 if door.memory.open(throttle.CARDS) else SLOW_MS

    def read(self, door: "Door", event: CardRead, now: "Now") -> "Effects":
        if door.state.door is None:
            return [shown(feedback.NOT_SET_UP)]
        if now.mono < self._rest_until:
            return [shown(feedback.REFUSED, feedback.CARD_WAIT)]
        mark = digest(door.state.door.list_key, event.number)
        card = door.state.card(mark)
        if card is None:
            return self._unknown(door, now)
        person = door.state.person(card[1])
        home = "" if person is None else person[1]
        door._typed.clear()
        effects = list(door._end_seek())
        reason = _why_not(door.state, card, person, now)
        if not reason:
            effects.extend(door._grant(r.CARD, home, card[1], mark, 0))
            return effects
        self._rest_until = now.mono + QUICK_MS
        refusal = door._refuse(r.CARD, reason, home, card[1])
        door._free(refusal)
        if reason == feedback.CARD_LOST and len(refusal) > 1:  # told as often as it is an entry
            refusal.append(Alert(ALERT_LOST_CARD, home))
        return effects + refusal

    def _unknown(self, door: "Door", now: "Now") -> "Effects":
        """Nobody's card: counted, and with the fifth in an hour somebody is told."""
        memory = door.memory
        effects: Effects = []
        counted = memory.open(throttle.CARDS)
        if counted:
            memory.spend(throttle.CARDS)
            effects.append(Remember(memory.to_wire()))
        slow = not memory.open(throttle.CARDS)
        self._rest_until = now.mono + (SLOW_MS if slow else QUICK_MS)
        effects.append(door._access(r.REFUSED, r.CARD, feedback.CARD_UNKNOWN, 0, None, None))
        effects.append(shown(feedback.REFUSED, feedback.CARD_UNKNOWN))
        if not counted:
            door._free(effects)
        elif slow:
            effects.append(noted(r.ALARM, ALERT_GUESSING))
            effects.append(Alert(ALERT_GUESSING, ""))
        return effects

    def reads(self, door: "Door", event: Reads, now: "Now") -> "Effects":
        effects: Effects = [noted(r.FAULT, 5 if event.ok else 4)]
        if not event.ok:
            effects.append(Alert(ALERT_READER, ""))
        return effects


def _why_not(state: "State", card: "list[Any]", person: "list[Any] | None", now: "Now") -> int:
    """Why this card does not open; 0 if it does."""
    if card[2] == LOST:
        return feedback.CARD_LOST
    if window(now, 0, card[2]) == ENDED:
        return feedback.CARD_ENDED
    if person is None:
        return feedback.NO_RIGHT
    held = window(now, person[2], person[3])
    if held != IN_TIME:
        return feedback.CARD_ENDED if held == ENDED else feedback.NO_RIGHT
    return 0 if may_pass(now, person[5], state) else feedback.OUTSIDE_HOURS
