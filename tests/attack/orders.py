"""Hello, state, command, clock and key change orders, working keys and gate's copies, signed by the wrong party."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache, lru_cache

from tests.attack import copies
from tests.attack.assault import _other_envelopes
from tests.core import estate
from tests.core.estate import DEVICE, ESTATE, KEYS, OPERATOR, POLICY, STRANGER, Rows, Signer, counter

from gatecore.errors import GateError
from gatecore.records import Cert, ClockOrder, Command, EpochOrder, HostHello, Keys, StateHeader
from gatecore.sign import sha256
from gatecore.trust import Trust
from gatecore.wire import encode, sign1

LOG_KEY, OTHER_DOOR, WITNESS = Signer("log key 1"), Signer("other door"), Signer("committee")
PARTIES = {
    "estate": ESTATE,
    "policy": POLICY,
    "operator": OPERATOR,
    "door": DEVICE,
    "other door": OTHER_DOOR,
    "log": LOG_KEY,
    "witness": WITNESS,
    "stranger": STRANGER,
}
NONCE = b"n" * 16
WORKING_KEYS = sign1(KEYS.to_wire(), ESTATE)
verify = lru_cache(1 << 14)(estate.verify)  # every door of the tries believes the same working keys
Try = tuple[str, Callable[[], object]]


def door() -> tuple[Trust, bytes]:
    """A door that believes the estate's working keys, and a challenge it gave."""
    trust = Trust(DEVICE.key_id, ESTATE.public, verify, counter())
    trust.accept_keys(WORKING_KEYS)
    return trust, trust.challenge(0)


@cache
def chunks() -> list[bytes]:
    """The hashes of a state's chunks."""
    return [sha256(chunk) for chunk in Rows().chunks()]


def records(dev: bytes, challenge: bytes) -> dict[str, tuple[str, bytes]]:
    """Everything that is signed for a door, with who alone may sign it."""
    return {
        "host": ("policy", HostHello(dev, NONCE, 1).to_wire()),
        "state": ("policy", StateHeader(dev, 9, 9, 1, chunks()).to_wire()),
        "command": ("operator", Command(dev, "open", challenge, bytes(32)).to_wire()),
        "clock": ("policy", ClockOrder(dev, 5, challenge).to_wire()),
        "epoch": ("policy", EpochOrder(dev, 1, challenge).to_wire()),
        "keys": ("estate", Keys(7, STRANGER.public, STRANGER.public).to_wire()),
        "copy": ("policy", copies.copy(dev=dev)),
        "cert": ("estate", Cert(dev, DEVICE.public, None, "s", "door", 1, 0).to_wire()),
    }


def accepting(what: str, trust: Trust, data: bytes) -> object:
    """The door's own acceptance of what claims to be a `what`."""
    if what == "host":
        return trust.accept_host(data, NONCE)
    if what == "state":
        return trust.accept_header(data, Rows().state())
    if what == "command":
        return trust.accept_command(data, 5)
    if what == "clock":
        return trust.accept_clock(data, 5)
    if what == "epoch":
        return trust.accept_epoch(data, 0, 5)
    if what == "copy":
        return copies.gate(trust).take(data)
    return trust.accept_keys(data) if what == "keys" else trust.accept_cert(data)


def tries() -> Iterator[Try]:
    """Each record as each, by each party, for each door, with each challenge; and other envelopes of the right ones."""
    for what in records(DEVICE.key_id, NONCE):
        for claimed in records(DEVICE.key_id, NONCE):
            for party, signer in PARTIES.items():
                for dev in (DEVICE.key_id, OTHER_DOOR.key_id):
                    for own in (True, False):
                        yield from _try(what, claimed, party, signer, dev, own)
        yield from _spelt(what)
    trust, _ = door()
    held = copies.gate(trust, holding=True)
    for name, data in copies.tries():
        yield f"copy: {name}", lambda data=data: held.take(data)  # type: ignore[misc]


def _try(what: str, claimed: str, party: str, signer: Signer, dev: bytes, own: bool) -> Iterator[Try]:
    """One combination, unless it is the one that is right."""
    trust, challenge = door()
    right, record = records(dev, challenge if own else bytes(16))[what]
    challenged = own or what not in ("command", "clock", "epoch")
    mine = dev == DEVICE.key_id or what == "keys"
    if (what, party, mine, challenged) == (claimed, right, True, True):
        return
    name = f"{what} as {claimed} by {party} for {'this' if dev == DEVICE.key_id else 'another'} door, own {own}"
    yield name, lambda: accepting(claimed, trust, sign1(record, signer))


def _spelt(what: str) -> Iterator[Try]:
    trust, challenge = door()
    right, record = records(DEVICE.key_id, challenge)[what]
    signed = sign1(record, PARTIES[right])
    if signed[25] == 0x58:
        for how, data in _other_envelopes(signed).items():
            yield f"{what}: {how}", lambda data=data: accepting(what, door()[0], data)  # type: ignore[misc]
    for bit in range(8 * len(signed)):
        flipped = bytearray(signed)
        flipped[bit // 8] ^= 1 << bit % 8
        yield f"{what}: bit {bit}", lambda data=bytes(flipped): accepting(what, door()[0], data)  # type: ignore[misc]
    yield f"{what}: twice in an array", lambda: accepting(what, trust, encode([signed, signed]))


def accepted(attempts: Iterator[Try]) -> tuple[int, list[str], Counter[str]]:
    """How many were tried, which a door believed, and the kinds of errors of the others."""
    count, believed, errors = 0, [], Counter[str]()
    for name, attempt in attempts:
        count += 1
        try:
            attempt()
        except GateError as error:
            errors[type(error).__name__] += 1
            continue
        believed.append(name)
    return count, believed, errors
