"""Attacks by who holds keys: a device or a log that breaks the protocol under its own, seals and certificates by other
parties, the file's lines in other encodings, and a host that says its missing entries were lost in a restore.

All signatures but the one attacked are in order, the tree and the witnesses' too.
"""

from collections.abc import Callable, Iterator

from tests.attack.history import BELIEVED, GAP, KEY_CHANGE, History, Parts, Witness, Wrote, access, eights, runs, whole
from tests.attack.history import log_lines as lines_of
from tests.attack.history import section as section_of
from tests.attack.worlds import World, lossy
from tests.core.estate import ESTATE, POLICY, STRANGER, Signer

from gatecore import log
from gatecore.clock import Now
from gatecore.records import Cert, Hello, Keys, Seal
from gatecore.sign import key_id
from gatecore.wire import decode, encode, sign1

Attack = tuple[str, bytes]
SMALL_ORDER = b"\x01" + bytes(31)
MONO = 0x1234


def payload_of(envelope: bytes) -> bytes:
    """The record inside an honest COSE_Sign1."""
    found = decode(envelope[25:-66])
    assert isinstance(found, bytes)
    return found


class Named:
    """A key that gives itself another's id."""

    def __init__(self, signer: Signer, name: bytes) -> None:
        self.sign, self.key_id = signer.sign, name


def cosigners(one: World) -> list[Witness]:
    """Everybody whom the trust file asks for."""
    return [Witness("committee", one.outside), Witness(one.gate.key_id.hex(), one.gate, "door")]


# A device, or a log, that breaks the protocol under its own key


def own_key(one: World) -> Iterator[Attack]:
    """One entry is not what a writer writes; the device seals it, the tree holds it, the witnesses cosign it."""
    if one.former is not None:
        return
    for what, change in _rewritings():
        yield f"an entry {what}", wrote(one, change=change).to_wire()
    for what, typ, pub in _misshapen(one):
        yield f"type {typ}: {what}", wrote(one, typ, pub).to_wire()
    for what, half in _halves().items():
        yield f"a private half {what}", wrote(one, half=half).to_wire()
    yield "no commitment, but a private half", wrote(one, half=access(1), change=_put(11, None)).to_wire()
    for what, typ, pub in _of_the_host(one):
        yield f"the host's type {typ}: {what}", wrote(one, host=(typ, pub)).to_wire()


def wrote(
    one: World,
    typ: int = 10,
    pub: list[int] | None = None,
    half: bytes | None = None,
    change: Callable[[bytes], bytes] = bytes,
    host: tuple[int, list[int]] | None = None,
) -> Parts:
    """The export of a gate that wrote one entry, `change`d before it was chained, and of a host that wrote `host`."""
    made = History(one.history.generation)
    gate = Wrote(one.gate, "Gate", serial=7)
    number = made.enrol(gate)
    pub = [0, 1, 1, 0, 0] if pub is None else pub
    raw = change(gate.chain.next(Now(1, MONO, None, 0), typ, pub, half))  # type: ignore[arg-type]
    gate.chain.seq, gate.chain.head = 1, log.link(raw)
    gate.pairs.append((raw, half))
    gate.heads.append(gate.chain.head)
    gate.seal()
    made.order.append((number, 1))
    if host is not None:
        made.host(*host)
    made.checkpoint(cosigners(one))
    return whole(made, "whole", [[gate.cert(), []]])


def _put(at: int, value: object) -> Callable[[bytes], bytes]:
    def change(raw: bytes) -> bytes:
        fields = decode(raw)
        fields[at] = value
        return encode(fields)

    return change


def _rewritings() -> list[tuple[str, Callable[[bytes], bytes]]]:
    fields = (
        ("of another device", 1, STRANGER.key_id), ("of epoch 1", 2, 1), ("of seq 2", 3, 2), ("of seq 0", 3, 0),
        ("that joins nothing", 4, bytes(32)), ("of quality 5", 8, 5), ("with a bool in pub", 10, [0, True, 1, 0, 0]),
        ("with a text in pub", 10, ["0"]), ("with a list in pub", 10, [[]]), ("with a negative boot", 5, -1),
        ("with a negative mono", 6, -1), ("with a negative time", 7, -1), ("with a bool as type", 9, True),
        ("with a short commitment", 11, bytes(31)), ("with no pub", 10, None), ("of version 2", 0, 2),
        ("of version true", 0, True), ("of a short device", 1, bytes(15)), ("with text as time", 7, "0"),
    )  # fmt: skip
    mono = b"\x19\x12\x34"
    spelt = {
        "with mono in a longer form": lambda raw: raw.replace(mono, b"\x1a\x00\x00\x12\x34"),
        "with mono of one byte in two": lambda raw: raw.replace(mono, b"\x19\x00\x34"),
        "with mono as a float": lambda raw: raw.replace(mono, b"\xf9\x12\x34"),
        "with a byte after it": lambda raw: raw + b"\0",
        "with a field more": lambda raw: encode([*decode(raw), None]),
        "with a field less": lambda raw: encode(decode(raw)[:-1]),
        "that is no array": lambda raw: encode(raw),
        "that is empty": lambda raw: b"",
    }
    return [(what, _put(at, value)) for what, at, value in fields] + list(spelt.items())


def _misshapen(one: World) -> list[tuple[str, int, list[int]]]:
    key = eights(STRANGER.public)
    changes = {
        "to epoch 2": [2, *key], "to epoch 0": [0, *key], "without a key": [1], "with half a key": [1, *key[:2]],
        "to a key of small order": [1, *eights(SMALL_ORDER)], "to a negative number": [1, -1, *key[1:]],
        "to a number beyond 64 bits": [1, -(2**64), *key[1:]], "to no point": [1, *eights(b"\x02" + bytes(31))],
        "to a key of y above p": [1, *eights(b"\xff" * 32)],
    }  # fmt: skip
    gaps: dict[str, list[int]] = {
        "of one number": [1], "of three": [1, 1, 1], "of itself": [1, 1], "backwards": [2, 1], "of nothing": [],
        "from 0": [0, 0], "from below 0": [-1, 0],
    }  # fmt: skip
    believed = one.history.generation
    named = {"a checkpoint that is none": [believed, 1, *eights(bytes(32))]}
    found = [(what, KEY_CHANGE, pub) for what, pub in changes.items()]
    found += [(what, GAP, pub) for what, pub in gaps.items()]
    found += [(what, 2, pub) for what, pub in named.items()]
    return found + [(what, BELIEVED, [believed + 1, *pub]) for what, pub in named.items()]


def _halves() -> dict[str, bytes]:
    return {
        "with a short salt": encode([b"short", b"", None]),
        "with a text as subject": encode([bytes(16), "", None]),
        "of four fields": encode([bytes(16), b"", None, None]),
        "that is no array": encode(b"half"),
        "in a longer form": b"\x83\x50" + bytes(16) + b"\x58\x01a\xf6",
        "with a byte after it": encode([bytes(16), b"", None]) + b"\0",
        "that is empty": b"",
        "with a map": b"\x83\x50" + bytes(16) + b"\x41a\xa0",
    }


def _of_the_host(one: World) -> list[tuple[str, int, list[int]]]:
    generation, gate = one.history.generation, eights(one.gate.key_id)
    return [
        ("once more", 30, [generation, *[0] * 6]),
        ("a key change", KEY_CHANGE, [1, *eights(STRANGER.public)]),
        ("a device in half", 31, gate),
        ("a device twice", 31, [*gate, 7, 1, 0]),
        ("a device below 0", 31, [-1, 0, 7, 1, 0]),
        ("a device in six", 31, [*gate, 7, 1, 0, 0]),
        ("the gate before its entry", 32, [*gate, 0, 1]),
        ("the gate in three", 32, [*gate, 9]),
        ("the gate below 0", 32, [*gate, -1, 1]),
        ("itself", 31, [*eights(Wrote(Signer(f"log key {generation}"), "host").dev), generation, 1, 0]),
    ]


# Seals and certificates by the wrong party


def seals(one: World) -> Iterator[Attack]:
    """Another seal at the end of each section: of another device, purpose, epoch, seq or head, by another key."""
    for at, part in enumerate(one.parts.sections):
        dev, epoch, seq, head, boot, mono, utc, ack = decode(payload_of(part[-1]))[1:]
        other = Seal(STRANGER.key_id, epoch, seq, head, boot, mono, utc, ack).to_wire()
        record = Seal(dev, epoch, seq, head, boot, mono, utc, ack).to_wire()
        kid, signers = part[-1][8:24], (one.gate, one.outside, ESTATE, POLICY, STRANGER)
        made = {f"by {signer.key_id.hex()[:6]}": sign1(record, signer) for signer in signers if signer.key_id != kid}
        made |= {
            f"by {one.key_id.hex()[:6]} as the device": sign1(record, Named(one, kid)) for one in (ESTATE, STRANGER)
        }
        owner = next((key for key in (one.gate, *_keys(one)) if key.key_id == kid), None)
        if owner is not None:
            hello = Hello(dev, bytes(16), 2, seq, head, 3, 41).to_wire()
            made |= {
                "of another device": sign1(other, owner),
                "of epoch + 1": sign1(Seal(dev, epoch + 1, seq, head, boot, mono, utc, ack).to_wire(), owner),
                "of seq + 1": sign1(Seal(dev, epoch, seq + 1, head, boot, mono, utc, ack).to_wire(), owner),
                "of seq - 1": sign1(Seal(dev, epoch, seq - 1, head, boot, mono, utc, ack).to_wire(), owner),
                "of another head": sign1(Seal(dev, epoch, seq, bytes(32), boot, mono, utc, ack).to_wire(), owner),
                "that is a hello": sign1(hello, owner),
                "for another purpose": sign1(encode(["gate-seal/2", *decode(record)[1:]]), owner),
                "with a field more": sign1(encode([*decode(record), None]), owner),
                "with a field less": sign1(encode(decode(record)[:-1]), owner),
                "with a negative mono": sign1(encode([*decode(record)[:6], -1, utc, ack]), owner),
            }
        made |= {"that is empty": b"", "that is its record": record}
        for what, seal in made.items():
            yield f"section {at}: a seal {what}", _replaced(one, at, -1, seal)
        for name, value in (("null", None), ("in an array", [part[-1]]), ("a text", "seal"), ("a number", 1)):
            yield f"section {at}: for the seal {name}", _replaced(one, at, -1, value)


def _keys(one: World) -> list[Signer]:
    names = [f"{name} {one.seed}" for name in ("desk", "second key")]
    return [Signer(name) for name in (*names, *(f"log key {generation}" for generation in range(1, 7)))]


def _replaced(one: World, at: int, line: int, value: object) -> bytes:
    made = one.parts.copy()
    made.sections[at][line] = value
    return made.to_wire()


def certificates(one: World) -> Iterator[Attack]:
    """Another certificate before each section, in each log and beside each witness."""
    others = [part[0][1] for part in one.parts.sections]
    for at, part in enumerate(one.parts.sections):
        for what, cert in _false_certificates(part[0][1], others):
            made = one.parts.copy()
            made.sections[at][0][1] = cert
            yield f"section {at}: {what}", made.to_wire()
    for at, held in enumerate(one.parts.logs):
        for what, cert in _false_certificates(held[0][1], others):
            made = one.parts.copy()
            made.logs[at][0][1] = cert
            yield f"log {at}: {what}", made.to_wire()
        for number, witness in enumerate(held[0][4]):
            for what, cert in _false_certificates(witness[0], [one for one in others if one != witness[0]]):
                made = one.parts.copy()
                made.logs[at][0][4][number][0] = cert
                yield f"log {at}, witness {number}: {what}", made.to_wire()


def _false_certificates(cert: bytes, others: list[bytes]) -> Iterator[tuple[str, bytes]]:
    _, dev, public, box, slot, kind, serial, since = decode(payload_of(cert))

    def record(
        dev: bytes = dev, public: bytes = public, kind: str = kind, serial: int = serial, slot: str = slot
    ) -> bytes:
        return Cert(dev, public, box, slot, kind, serial, since).to_wire()

    small = key_id(SMALL_ORDER)
    yield "by a stranger", sign1(record(), STRANGER)
    yield "by a stranger under the estate's id", sign1(record(), Named(STRANGER, ESTATE.key_id))
    yield "by the policy key", sign1(record(), POLICY)
    yield "of a stranger's key under its name", sign1(record(public=STRANGER.public), ESTATE)
    yield "of its key under a stranger's name", sign1(record(dev=STRANGER.key_id), ESTATE)
    yield "of a stranger", sign1(record(STRANGER.key_id, STRANGER.public), ESTATE)
    yield "of a key of small order", sign1(record(small, SMALL_ORDER), ESTATE)
    yield "of no kind", sign1(record(kind="gate"), ESTATE)
    yield "of the other kind", sign1(record(kind="door" if kind == "host" else "host"), ESTATE)
    if kind == "host":
        yield "of another slot", sign1(record(slot="Host"), ESTATE)
        yield "of generation 0", sign1(record(serial=0), ESTATE)
        yield "of another generation", sign1(record(serial=serial + 1), ESTATE)
    yield "for another purpose", sign1(encode(["gate-cert/2", *decode(record())[1:]]), ESTATE)
    yield "of nine fields", sign1(encode([*decode(record()), None]), ESTATE)
    yield "of working keys", sign1(Keys(1, public, public).to_wire(), ESTATE)
    yield "of nothing", b""
    for number, other in enumerate(others):
        if other != cert:
            yield f"of section {number}", other


# The lines of the file in other encodings


def encodings(one: World) -> Iterator[Attack]:
    """Whole lines spelt otherwise, hostile lengths, items where none may stand."""
    data = one.data
    head = encode([*one.parts.head, len(one.parts.sections), len(one.parts.logs)])
    rest = data[len(head) :]
    yield "the head in a longer form", b"\x98\x05" + head[1:] + rest
    yield "the head without an end", b"\x9f" + head[1:] + b"\xff" + rest
    yield "the number of logs in a longer form", head[:-1] + b"\x18" + head[-1:] + rest
    yield "the number of logs as a float", head[:-1] + b"\xf9\x3c\x00" + rest
    yield "the number of logs as a bool", head[:-1] + b"\xf5" + rest
    yield "no section", encode([*one.parts.head, 0, len(one.parts.logs)]) + rest
    yield "no log", encode([*one.parts.head, len(one.parts.sections), 0]) + rest
    yield "no scope", head.replace(encode(one.parts.head[2]), encode("all")) + rest
    yield "version 1", head.replace(b"gate-export/2", b"gate-export/1") + rest
    yield "version 3", head.replace(b"gate-export/2", b"gate-export/3") + rest
    yield "another estate", encode([one.parts.head[0], STRANGER.public, *decode(head)[2:]]) + rest
    yield "a tag in front", b"\xc1" + data
    for what, more in (("a break", b"\xff"), ("null", b"\xf6"), ("an end", encode(["end"])), ("a zero", b"\0")):
        yield f"{what} behind it", data + more
    for what, hostile in (
        ("array", b"\x9b" + b"\xff" * 8), ("string", b"\x5b" + b"\xff" * 8), ("nest", b"\x81" * 100_000),
    ):  # fmt: skip
        yield f"a hostile {what}", hostile
        yield f"a hostile {what} behind the head", head + hostile
        yield f"a hostile {what} at the end", data + hostile
    for at, part in enumerate(one.parts.sections):
        for what, start, line in _spelt(one, at, part):
            whole_line = encode(part[1])
            assert data[start : start + len(whole_line)] == whole_line
            yield f"section {at}: {what}", data[:start] + line + data[start + len(whole_line) :]


def _spelt(one: World, at: int, part: list[object]) -> Iterator[tuple[str, int, bytes]]:
    """The section's first pair in other bytes, and where it stands in the file."""
    head = encode([*one.parts.head, len(one.parts.sections), len(one.parts.logs)])
    before = [line for former in one.parts.sections[:at] for line in former]
    start = len(head) + sum(len(encode(line)) for line in [*before, part[0]])
    entry, half = part[1]  # type: ignore[misc]
    line = encode([entry, half])
    long = b"\x59" + len(entry).to_bytes(2, "big")
    assert line[1] == 0x58
    others = {
        "pair in a longer form": b"\x98\x02" + line[1:],
        "pair without an end": b"\x9f" + line[1:] + b"\xff",
        "entry in a longer form": b"\x82" + long + entry + encode(half),
        "entry one byte longer": line[:2] + bytes([line[2] + 1]) + line[3:],
        "entry one byte shorter": line[:2] + bytes([line[2] - 1]) + line[3:],
        "entry in no string": b"\x82" + entry + encode(half),
        "entry as a text": b"\x82\x78" + line[2:],
        "pair of three": b"\x83" + line[1:] + b"\xf6",
        "entry alone": encode([entry]),
        "entry with a byte after it": encode([entry + b"\0", half]),
        "half undefined": b"\x82" + encode(entry) + b"\xf7",
        "half false": b"\x82" + encode(entry) + b"\xf4",
        "half an array": b"\x82" + encode(entry) + b"\x80",
    }
    if half is not None:
        others |= {
            "half in a longer form": b"\x82" + encode(entry) + b"\x59" + len(half).to_bytes(2, "big") + half,
            "half with a byte after it": encode([entry, half + b"\0"]),
            "half as a text": b"\x82" + encode(entry) + b"\x78" + encode(half)[1:],
        }
    for what, made in others.items():
        yield what, start, made


# A host that says it was restored


def lost(one: World) -> Iterator[Attack]:
    """Entries left out that the host explains with a restore, while no door says that it had seen more."""
    for after in (0, 1, 2):
        for told in ("nothing", "no former log", "the former log as shown", "its own log", "a later log"):
            for known in (True, False):
                name = f"entries left out after {after}, the door tells of {told}"
                yield f"{name}, {'known' if known else 'unknown'} before", _left_out(one, after, told, known)
    honest = lossy(one.seed)
    made = honest.parts.copy()
    del made.sections[1]
    yield "what a restored host does have left out too", made.to_wire()
    made = honest.parts.copy()
    del made.sections[2][1]
    made.sections[2][0][2], made.sections[2][0][4] = 5, 1
    yield "one more than a restore took", made.to_wire()


def _left_out(one: World, after: int, told: str, known: bool) -> bytes:
    """Two generations; in the second the gate's entries up to its type 9 are not in the tree."""
    old, gate = History(1), Wrote(one.gate, "Gate", serial=7)
    number = old.enrol(gate) if known else 0
    if known and after:
        old.batch(number, [(21, [], None)] * after)
    elif after:
        for _ in range(after):
            gate.write(21, [], None, old.tick())
        gate.seal()
    old.checkpoint(cosigners(one))
    shown = (1, len(old.order), old.root())
    new = History(2, former=shown)
    gate.write(10, [0, 1, 1, 0, 0], access(one.seed), new.tick())  # what is to be forgotten
    gate.write(21, [], None, new.tick())
    at = new.enrol(gate, after)
    checkpoint = {"no former log": (0, 0, bytes(32)), "the former log as shown": shown,
                  "its own log": (2, 99, bytes(32)), "a later log": (3, 99, bytes(32))}  # fmt: skip
    rows: list[tuple[int, list[int], bytes | None]] = [(21, [], None)]
    if told in checkpoint:
        generation, size, root = checkpoint[told]
        rows = [(BELIEVED, [2, generation, size, *eights(root)], None), *rows]
    new.batch(at, rows)
    new.checkpoint(cosigners(one))
    return _both(old, new, gate, number, after if known else 0, after + 3)


def _both(old: History, new: History, gate: Wrote, number: int, until: int, first: int) -> bytes:
    """The export of both generations; of the gate up to `until` in the first log, and from `first` on in the second."""
    last, certs = gate.chain.seq, [[gate.cert(), []]]
    gates = [section_of(gate, 1, until)] if until else []
    sections = [section_of(old.devices[0], 1, old.devices[0].chain.seq), *gates, section_of(gate, first, last)]
    sections.append(section_of(new.devices[0], 1, new.devices[0].chain.seq))
    in_old = [(0, 1, 99), (number or -1, 1, until), (-1, 0, 0), (-1, 0, 0)]
    in_new = [(-1, 0, 0)] * (1 + len(gates)) + [(1, first, last), (0, 1, 99)]
    old_lines = lines_of(old, runs(old, in_old), certs)
    parts = Parts(
        ["gate-export/2", ESTATE.public, "whole"], sections, [old_lines, lines_of(new, runs(new, in_new), certs)]
    )
    return parts.to_wire()


FAMILIES = (own_key, seals, certificates, encodings, lost)
