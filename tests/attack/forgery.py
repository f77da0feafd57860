"""Attacks on an export that need thought: each a name, the bytes, and what was done.

Every one is made by somebody who holds what the host's administrator holds: the whole file, other devices' keys and an
estate key of his own, but neither the gate's key nor the estate's. Those marked "own key" are a device that breaks the
protocol with its own key: they too are refused, since a reader refuses whatever a writer would not write.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.attack.bundle import DAWN, DESK, GATE, Export, Pair, Section, certificate, honest, sealed, section
from tests.core.estate import DEVICE, ESTATE, STRANGER, Signer

from gatecore import bundle, log
from gatecore.records import Entry, Hello, Keys, Private
from gatecore.sign import key_id
from gatecore.wire import decode, encode, sign1

Forgery = tuple[str, bytes, str]
ORDER = 2**252 + 27742317777372353535851937790883648493


def forgeries() -> list[Forgery]:
    """All of them, by name."""
    export = honest()
    return [forged for family in FAMILIES for forged in family(export)]


def moved(export: Export) -> Iterator[Forgery]:
    """Entries dropped, duplicated, swapped, inserted; counts adapted so that every line agrees with its neighbours."""
    pairs = export.sections[0].pairs
    for at in range(len(pairs)):
        yield named(f"drop entry {at + 1}", export, pairs=pairs[:at] + pairs[at + 1 :])
        yield named(f"duplicate entry {at + 1}", export, pairs=pairs[: at + 1] + pairs[at:])
    for at in range(len(pairs) - 1):
        swapped = (*pairs[:at], pairs[at + 1], pairs[at], *pairs[at + 2 :])
        yield named(f"swap entries {at + 1} and {at + 2}", export, pairs=swapped)
    yield named("an entry of the other device at the end", export, pairs=pairs + export.sections[1].pairs[:1])
    yield named("reverse the entries", export, pairs=pairs[::-1])
    yield named("truncate and adapt the count", export, pairs=pairs[:-1])
    yield named("truncate and leave the count", export, pairs=pairs[:-1], number=len(pairs))
    yield named("count one less", export, number=len(pairs) - 1)
    yield named("count one more", export, number=len(pairs) + 1)
    yield named("count 2^64-1", export, number=(1 << 64) - 1)
    yield named("no entries, only the seal", export, pairs=())


def cut_in_front(export: Export) -> Iterator[Forgery]:
    """The oldest entries left out while the line still speaks of them, or of others."""
    one = export.sections[0]
    heads = [log.link(entry) for entry, _ in one.pairs]
    yield named("start at 2 under the genesis", export, pairs=one.pairs[1:], first=2)
    yield named("start at 2 but say 1", export, pairs=one.pairs[1:], before=heads[0])
    yield named("start at 3 under the head of 1", export, pairs=one.pairs[2:], first=3, before=heads[0])
    yield named("from seq 0", export, first=0)
    yield named("from seq 2^64-1", export, first=(1 << 64) - 1)
    yield named("another genesis", export, before=log.genesis(DESK.public))


def altered(export: Export) -> Iterator[Forgery]:
    """One entry rewritten; then the chain after it mended as far as a person without the device's key can."""
    changes: list[tuple[str, Callable[[Entry], None]]] = [
        ("time", lambda entry: setattr(entry, "utc", DAWN)),
        ("result", lambda entry: setattr(entry, "pub", [0, 0, 1, 0, 0])),
        ("type", lambda entry: setattr(entry, "typ", 21)),
        ("boot", lambda entry: setattr(entry, "boot", 9)),
        ("mono", lambda entry: setattr(entry, "mono", 1)),
        ("quality", lambda entry: setattr(entry, "tq", 0)),
        ("quality 5", lambda entry: setattr(entry, "tq", 5)),
        ("epoch", lambda entry: setattr(entry, "epoch", 1)),
        ("device", lambda entry: setattr(entry, "dev", DESK.key_id)),
        ("commitment taken away", lambda entry: setattr(entry, "commit", None)),
        ("commitment", lambda entry: setattr(entry, "commit", bytes(32))),
        ("pub of a bool", lambda entry: setattr(entry, "pub", [0, True, 1, 0, 0])),
        ("pub of a text", lambda entry: setattr(entry, "pub", ["0"])),
    ]
    one = export.sections[0]
    for what, change in changes:
        for at in (1, len(one.pairs) - 1):
            pairs = rewritten(one.pairs, at, change)
            if pairs == one.pairs:  # no commitment to take away
                continue
            yield named(f"alter {what} of entry {at + 1}", export, pairs=pairs)
            chained, head = rechained(pairs)
            yield named(f"alter {what} of entry {at + 1} and chain again", export, pairs=chained)
            seal = sealed(STRANGER, GATE.key_id, len(pairs), head)
            yield named(f"alter {what} of entry {at + 1}, chain, seal by a stranger", export, pairs=chained, seal=seal)


def private_halves(export: Export) -> Iterator[Forgery]:
    """Private halves exchanged, altered, or put where there is none."""
    pairs = export.sections[0].pairs
    other = Private(bytes(16), b"Q" * 16, ["120502", None, b"", 0]).to_wire()
    for at, (entry, half) in enumerate(pairs):
        yield named(f"another private half at entry {at + 1}", export, pairs=put(pairs, at, (entry, other)))
        yield named(f"an empty private half at entry {at + 1}", export, pairs=put(pairs, at, (entry, b"")))
        if half is not None:
            _, subject, detail = decode(half)
            resalted = encode([bytes(16), subject, detail])
            yield named(f"another salt at entry {at + 1}", export, pairs=put(pairs, at, (entry, resalted)))
    first, second = pairs[1], pairs[2]
    swapped = (pairs[0], (first[0], second[1]), (second[0], first[1]), *pairs[3:])
    yield named("private halves of two entries exchanged", export, pairs=swapped)
    for name, half in (
        ("shape", encode([b"short", b"", None])),
        ("encoding", b"\x83\x50" + bytes(16) + b"\x58\x01a\xf6"),
    ):
        yield ("own key: private half of a wrong " + name, own(half), "the device committed to what is no private half")


def own_key(export: Export) -> Iterator[Forgery]:
    """A device, or an estate, that breaks the protocol with its own key: chain and signatures are all in order."""
    genesis, mine, other = log.genesis(GATE.public), GATE.key_id, DESK.key_id
    cert = certificate(GATE, "Gate 3")
    renamed = sign1(encode(["gate-cert/1", other, GATE.public, None, "Gate 3", "door", 7, 1]), ESTATE)
    wholes = {
        "own key: entries of another device": signed_over(entry_of(other, genesis), cert, genesis, mine),
        "own key: an entry in epoch 1, the seal in 0": signed_over(entry_of(mine, genesis, 1), cert, genesis, mine),
        "own key: the chain begins at no genesis": signed_over(entry_of(mine, bytes(32)), cert, bytes(32), mine),
        "own key: mono in a longer form": signed_over(
            entry_of(mine, genesis).replace(b"\x19\x12\x34", b"\x1a\x00\x00\x12\x34"), cert, genesis, mine
        ),
        "own key: mono in two bytes too many": signed_over(
            entry_of(mine, genesis).replace(b"\x19\x12\x34", b"\x19\x00\x34"), cert, genesis, mine
        ),
        "own key: version 2": signed_over(b"\x8c\x02" + entry_of(mine, genesis)[2:], cert, genesis, mine),
        "estate's key: a key with another's name": signed_over(entry_of(other, genesis), renamed, genesis, other),
        "estate's key: another's name, its own in the seal": signed_over(
            entry_of(other, genesis), renamed, genesis, mine
        ),
    }
    for name, data in wholes.items():
        yield name, data, "signed, but not what a writer writes"
    one = export.sections[0]
    for purpose, signer, of, field in (("seal", GATE, one.seal, "seal"), ("cert", ESTATE, one.cert, "cert")):
        fields = decode(payload_of(of))
        later = sign1(encode([f"gate-{purpose}/2", *fields[1:]]), signer)
        yield named(f"own key: {purpose} of the same shape for another purpose", export, **{field: later})


def entry_of(dev: bytes, prev: bytes, epoch: int = 0) -> bytes:
    """A first entry whose mono is 0x1234."""
    return Entry(dev, epoch, 1, prev, 1, 0x1234, None, 0, 2, [], None).to_wire()


def signed_over(entry: bytes, cert: bytes, before: bytes, dev: bytes) -> bytes:
    """An export of one entry, whatever it is, sealed by the gate's own key in the name of `dev`."""
    seal = sealed(GATE, dev, 1, log.link(entry))
    return Export((Section(GATE, cert, 1, before, ((entry, None),), seal),)).to_wire()


def own(half: bytes) -> bytes:
    """An export whose device broke the protocol in a private half, all signatures in order."""
    chain = log.Chain(GATE.key_id, log.genesis(GATE.public))
    entry = Entry(GATE.key_id, 0, 1, chain.head, 1, 1, None, 0, 10, [0, 1, 1, 0, 0], log.commitment(half)).to_wire()
    seal = sealed(GATE, GATE.key_id, 1, log.link(entry))
    return Export((Section(GATE, certificate(GATE, "Gate 3"), 1, chain.head, ((entry, half),), seal),)).to_wire()


def seals(export: Export) -> Iterator[Forgery]:
    """Other seals: of another device, purpose, epoch, seq or head, by another key, or none."""
    one, other = export.sections
    dev, seq, head = GATE.key_id, len(one.pairs), log.link(one.pairs[-1][0])
    yield named("the other device's seal", export, seal=other.seal)
    yield named("seal of an earlier seq", export, seal=sealed(GATE, dev, seq - 1, log.link(one.pairs[-2][0])))
    yield named("seal of a later seq", export, seal=sealed(GATE, dev, seq + 1, head))
    yield named("seal of another head", export, seal=sealed(GATE, dev, seq, bytes(32)))
    yield named("seal of another epoch", export, seal=sealed(GATE, dev, seq, head, 1))
    yield named("seal that names another device", export, seal=sealed(GATE, DESK.key_id, seq, head))
    yield named("seal by another device's key", export, seal=sealed(DESK, dev, seq, head))
    yield named("seal by the estate key", export, seal=sealed(ESTATE, dev, seq, head))
    yield named(
        "seal by a stranger under the device's key id", export, seal=sealed(Named(STRANGER, dev), dev, seq, head)
    )
    hello = Hello(dev, bytes(16), 2, seq, head, 3, 41).to_wire()
    yield named("a hello instead of the seal", export, seal=sign1(hello, GATE))
    long = encode([*decode(payload_of(one.seal)), None])
    yield named("own key: seal with a field too many", export, seal=sign1(long, GATE))
    yield named("an empty seal", export, seal=b"")
    data = one.to_wire()[: -len(bundle.seal_line(one.seal))] + encode([one.seal]) + other.to_wire()
    yield ("seal in an array", bundle.head_line(ESTATE.public, 2) + data, "a seal is an item of its own")
    whole = section(GATE, "Gate 3", 4, epoch=1)
    yield ("own key: everything in epoch 1", Export((whole,)).to_wire(), "in this protocol the epoch is 0")


class Named:
    """A key that gives itself another's id."""

    def __init__(self, signer: Signer, name: bytes) -> None:
        self.sign, self.key_id = signer.sign, name


def certificates(export: Export) -> Iterator[Forgery]:
    """Other certificates, and whole devices and estates made up."""
    foreign = certificate(GATE, "Gate 3", by=STRANGER)
    yield named("certificate by another estate key", export, cert=foreign)
    yield named("certificate by the device itself", export, cert=certificate(GATE, "Gate 3", by=GATE))
    yield named("certificate by a stranger under the estate's key id", export, cert=under_the_id(GATE, ESTATE))
    yield named("the other device's certificate", export, cert=export.sections[1].cert)
    yield named("a third device's certificate", export, cert=certificate(DEVICE, "Gate 3"))
    yield named("working keys instead of the certificate", export, cert=sign1(keys(), ESTATE))
    yield named("a certificate of no kind of device", export, cert=certificate(GATE, "Gate 3", "host"))
    yield named("an empty certificate", export, cert=b"")
    wrong_name = encode(["gate-cert/1", DESK.key_id, GATE.public, None, "Gate 3", "door", 7, 1])
    yield named("certificate that gives a key another's name", export, cert=sign1(wrong_name, ESTATE))
    invented = section(STRANGER, "Gate 3", 4)
    self_made = replace(invented, cert=certificate(STRANGER, "Gate 3", by=STRANGER))
    yield ("a device made up", replace(export, sections=(self_made,)).to_wire(), "its certificate is its own")
    made_up = replace(export, sections=(self_made,), estate=STRANGER.public)
    yield ("an estate made up", made_up.to_wire(), "consistent in itself; the trust file names another estate key")
    identity = b"\x01" + bytes(31)
    yield ("an estate key of small order", replace(export, estate=identity).to_wire(), "anything verifies under it")
    small = encode(["gate-cert/1", key_id(identity), identity, None, "Gate 3", "door", 7, 1])
    yield named("a device key of small order", export, cert=sign1(small, ESTATE))


def under_the_id(signer: Signer, of: Signer) -> bytes:
    """A certificate by a stranger who names the key `of` in it."""
    record = payload_of(certificate(signer, "Gate 3"))
    return sign1(record, Named(STRANGER, of.key_id))


def keys() -> bytes:
    return Keys(1, DEVICE.public, DEVICE.public).to_wire()


def sections(export: Export) -> Iterator[Forgery]:
    """Whole sections repeated, left out without saying so, or exchanged in part."""
    one, other = export.sections
    yield ("a section twice", replace(export, sections=(one, other, one)).to_wire(), "seals hold, but it is a replay")
    yield ("a section twice in a row", replace(export, sections=(one, one)).to_wire(), "seals hold, but it is a replay")
    yield ("count of devices one less", replace(export, number=1).to_wire(), "bytes after the end")
    yield ("count of devices one more", replace(export, number=3).to_wire(), "a section is missing")
    yield (
        "a device left out, count left",
        replace(export, sections=(one,), number=2).to_wire(),
        "a section is missing",
    )
    yield ("no device at all", Export(()).to_wire(), "proves nothing")
    exchanged = replace(export, sections=(replace(one, pairs=other.pairs), replace(other, pairs=one.pairs)))
    yield ("entries of two devices exchanged", exchanged.to_wire(), "each certificate and seal is the other's")
    yield ("two exports in one file", export.to_wire() * 2, "bytes after the end")
    yield ("another header", encode(["gate-export/2", ESTATE.public, 2]) + export.to_wire()[50:], "not this format")


def envelopes(export: Export) -> Iterator[Forgery]:
    """Other bytes for the same record, key and signature: none is accepted."""
    for name, of in (("seal", export.sections[0].seal), ("cert", export.sections[0].cert)):
        s = int.from_bytes(of[-32:], "little")
        payload = payload_of(of)
        body = encode(payload)
        kid, signature = of[8:24], of[-64:]
        others = {
            "signature with s + L": of[:-32] + (s + ORDER).to_bytes(32, "little"),
            "signature with L - s": of[:-32] + (ORDER - s).to_bytes(32, "little"),
            "signature of zeros": of[:-64] + bytes(64),
            "signature with R the identity and s 0": of[:-64] + b"\x01" + bytes(63),
            "signature with R flipped": of[:-33] + bytes([of[-33] ^ 0x80]) + of[-32:],
            "no tag": of[1:],
            "tag in a longer form": b"\xd8\x12" + of[1:],
            "tag of COSE_Mac0": b"\xd1" + of[1:],
            "array in a longer form": of[:1] + b"\x98\x04" + of[2:],
            "unprotected header with an entry": of[:24] + b"\xa1\x18\x63\x00" + of[25:],
            "unprotected header in a longer form": of[:24] + b"\xb8\x00" + of[25:],
            "algorithm -8": of[:2] + b"\x55\xa2\x01\x27\x04\x50" + of[8:],
            "protected header in a longer form": of[:2] + b"\x58\x15" + of[3:],
            "payload in a longer form": of[:25] + b"\x59" + len(payload).to_bytes(2, "big") + payload + of[-66:],
            "payload detached": of[:25] + b"\xf6" + of[-66:],
            "payload in two pieces": of[:25] + b"\x5f" + body + b"\xff" + of[-66:],
            "signature in a longer form": of[:-66] + b"\x59\x00\x40" + signature,
            "a byte after it": of + b"\x00",
            "a byte before the signature": of[:-64] + b"\x00" + signature,
            "key id of another": of[:8] + bytes(16) + of[24:],
            "the bare payload": payload,
        }
        assert of == b"\xd2\x84\x55\xa2\x01\x32\x04\x50" + kid + b"\xa0" + body + b"\x58\x40" + signature
        for what, data in others.items():
            yield named(f"{name}: {what}", export, **{name: data})


def encodings(export: Export) -> Iterator[Forgery]:
    """The lines of the file in other encodings."""
    one = export.sections[0]
    head = bundle.head_line(ESTATE.public, 2)
    rest = export.to_wire()[len(head) :]
    assert head + rest == export.to_wire()
    yield ("header array in a longer form", b"\x98\x03" + head[1:] + rest, "not the shortest form")
    yield ("header array without an end", b"\x9f" + head[1:] + b"\xff" + rest, "indefinite length")
    yield ("number of devices in a longer form", head[:-1] + b"\x18\x02" + rest, "not the shortest form")
    yield ("number of devices as a float", head[:-1] + b"\xf9\x40\x00" + rest, "a float")
    yield ("number of devices as a bool", head[:-1] + b"\xf5" + rest, "a bool is not a number")
    yield ("a tag in front", b"\xc1" + head + rest, "a tag")
    yield ("a break at the end", head + rest + b"\xff", "not an item")
    yield ("an item at the end", head + rest + b"\xf6", "bytes after the last seal")
    yield ("a hostile array", b"\x9b" + b"\xff" * 8, "2^64-1 items are announced")
    yield ("a hostile string", b"\x5b" + b"\xff" * 8, "2^64-1 bytes are announced")
    yield ("a hostile nest", b"\x81" * 100_000, "100,000 arrays in one another")
    entry, half = one.pairs[1]
    line = bundle.entry_line(entry, half)
    assert half is not None
    others = {
        "pair in a longer form": b"\x98\x02" + line[1:],
        "entry string in a longer form": b"\x82\x59" + len(entry).to_bytes(2, "big") + entry + encode(half),
        "private string in a longer form": line[: -len(half) - 2] + b"\x59" + len(half).to_bytes(2, "big") + half,
        "entry length one more": line[:2] + bytes([line[2] + 1]) + line[3:],
        "entry length one less": line[:2] + bytes([line[2] - 1]) + line[3:],
        "private length one more": line[: -len(half) - 1] + bytes([len(half) + 1]) + half,
        "private length one less": line[: -len(half) - 1] + bytes([len(half) - 1]) + half,
        "private half undefined": line[: -len(half) - 2] + b"\xf7",
        "entry not in a string": b"\x82" + entry + encode(half),
        "pair of three": b"\x83" + line[1:] + b"\xf6",
        "entry alone": encode([entry]),
        "entry with a byte after it": encode([entry + b"\x00", half]),
        "private half with a byte after it": encode([entry, half + b"\x00"]),
    }
    before = bundle.device_line(one.cert, 1, one.before, len(one.pairs)) + bundle.entry_line(*one.pairs[0])
    at = len(head) + len(before)
    assert (head + rest)[at : at + len(line)] == line
    for what, data in others.items():
        yield (what, (head + rest)[:at] + data + (head + rest)[at + len(line) :], "not what a writer writes")


FAMILIES = (
    moved,
    cut_in_front,
    altered,
    private_halves,
    own_key,
    seals,
    certificates,
    sections,
    envelopes,
    encodings,
)


def named(name: str, export: Export, **changes: object) -> Forgery:
    """A forgery of the first section."""
    return name, export.with_first(**changes).to_wire(), f"changed by hand: {', '.join(changes)}"


def put(pairs: tuple[Pair, ...], at: int, pair: Pair) -> tuple[Pair, ...]:
    return (*pairs[:at], pair, *pairs[at + 1 :])


def rewritten(pairs: tuple[Pair, ...], at: int, change: Callable[[Entry], None]) -> tuple[Pair, ...]:
    """The pairs with one entry changed and nothing else."""
    entry = Entry.from_wire(pairs[at][0])
    change(entry)
    return put(pairs, at, (entry.to_wire(), pairs[at][1]))


def rechained(pairs: tuple[Pair, ...]) -> tuple[tuple[Pair, ...], bytes]:
    """The pairs with every `prev` put right, and the head after them."""
    chained: list[Pair] = []
    head = log.genesis(GATE.public)
    for data, half in pairs:
        fields = decode(data)
        fields[4] = head
        entry = encode(fields)
        chained.append((entry, half))
        head = log.link(entry)
    return tuple(chained), head


def payload_of(envelope: bytes) -> bytes:
    """The record inside an honest COSE_Sign1 of less than 256 bytes."""
    assert envelope[25] == 0x58
    return envelope[27 : 27 + envelope[26]]
