"""The gate's own copy (gateunit.gatecopy): cut short, rolled back, replayed, another gate's, sealed to others.

What is signed by the wrong party or says that it is something else is in `orders`, with everything else a door is told.
"""

from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from tests.core.estate import DEVICE, ESTATE, POLICY, Signer

from gatecore import gatecopy
from gatecore.gatecopy import ALONE, KEPT_S, Copy, info
from gatecore.trust import Trust
from gatecore.wire import sign1
from gateunit.gatecopy import GateCopy
from gateunit.seal import seal, unseal

NOW, UPTO = 1_781_488_800, 100
HELD = (3, 7)  # generation and number of the copy the gate holds
MINE, OTHERS = X25519PrivateKey.from_private_bytes(b"b" * 32), X25519PrivateKey.from_private_bytes(b"c" * 32)
OTHER_GATE = Signer("other gate").key_id
INSIDE = gatecopy.inside("1号门", [], [], [["WP-1", "王搬家", "120502", NOW, NOW + 60, [["沙发", 1]]]], ALONE)
Attempt = tuple[str, bytes]


class Unit:
    """What a copy is kept by and opened with: a card that remembers, a log of UPTO entries, a box key."""

    seq = UPTO

    def __init__(self) -> None:
        self.notes: dict[str, bytes | None] = {}

    def load(self, name: str) -> bytes | None:
        return self.notes.get(name)

    def note(self, name: str, data: bytes | None) -> None:
        self.notes[name] = data

    def open(self, sealed: bytes, bound: bytes) -> bytes:
        return unseal(sealed, MINE, bound)


def gate(trust: Trust, holding: bool = False) -> GateCopy:
    """A gate that believes `trust`; `holding` the copy HELD."""
    unit: Any = Unit()
    made = GateCopy(unit, unit, trust, unit)
    if holding:
        made.take(signed(number=HELD[1]))
    return made


def copy(**other: Any) -> bytes:
    """The header of the copy after HELD with its sealed inside; `other` replaces fields, what it is sealed to (`box`),
    what that is bound to (`bound`), or the inside."""
    field = {"dev": DEVICE.key_id, "generation": HELD[0], "number": HELD[1] + 1, "made": NOW, "until": NOW + KEPT_S}
    field |= {"upto": UPTO} | {name: value for name, value in other.items() if name not in ("box", "bound", "inside")}
    bound = {"estate": ESTATE.public} | {name: field[name] for name in ("dev", "generation", "number")}
    bound |= other.get("bound", {})
    sealed = seal(
        other.get("inside", INSIDE), other.get("box", MINE).public_key().public_bytes_raw(), info(*bound.values())
    )
    return Copy(*field.values(), sealed).to_wire()


def signed(by: Signer = POLICY, **other: Any) -> bytes:
    """As the host sends it."""
    return sign1(copy(**other), by)


def tries() -> Iterator[Attempt]:
    """What is correctly signed by the policy key, and not for this gate, now, or whole."""
    whole = signed()
    for size in range(len(whole)):
        yield f"first {size} bytes", whole[:size]
    for at in range(0, len(whole), 7):
        yield f"without byte {at}", whole[:at] + whole[at + 1 :]
    yield "the same again", signed(number=HELD[1])
    for number in range(HELD[1] + 1):
        yield f"number {number}", signed(number=number)
    for generation in range(HELD[0]):
        yield f"generation {generation}", signed(generation=generation, number=99)
    for what, other in OTHERWISE.items():
        yield what, signed(**other)
    for size in range(len(INSIDE)):
        yield f"an inside of {size} bytes", signed(inside=INSIDE[:size])
    yield "an inside and a byte", signed(inside=INSIDE + b"\0")


OTHERWISE: dict[str, dict[str, Any]] = {
    "another gate's": {"dev": OTHER_GATE},
    "another gate's, sealed for this one": {"dev": OTHER_GATE, "bound": {"dev": DEVICE.key_id}},
    "the inside of another gate's": {"bound": {"dev": OTHER_GATE}},
    "the inside of another estate's": {"bound": {"estate": POLICY.public}},
    "the inside of an older one": {"bound": {"number": HELD[1]}},
    "the inside of another generation's": {"bound": {"generation": HELD[0] + 1}},
    "sealed to another box": {"box": OTHERS},
    "telling of an entry never made": {"upto": UPTO + 1},
    "kept too long": {"until": NOW + KEPT_S + 1},
    "over before it was made": {"until": NOW},
    "of no kind of rows": {"inside": gatecopy.inside("1", [[1]], [], [], ALONE)},
    "of too many homes": {"inside": gatecopy.inside("1", [], [], [], [2, []])},
}
