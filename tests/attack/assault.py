"""The attacks on exports of version 2, by class. Each attack is a name and bytes; none may end with exit code 0.

First what anybody does with the file; then a person with the whole file, other devices' keys and an estate of his own;
then an administrator with every key of the host, the estate key included, who lacks only the doors' and the witnesses'.
"""

import base64
import random
from collections.abc import Callable, Iterator
from copy import deepcopy

from tests.attack import forgery
from tests.attack.forgery import cosigners, payload_of
from tests.attack.history import ENROLLED, REVOKED, History, Parts, Wrote, access, eights, section, whole
from tests.attack.outside import Outside, request
from tests.attack.worlds import World, world
from tests.core.estate import ESTATE, OPERATOR, POLICY, STRANGER, Signer

from gatecore import note
from gatecore.records import Entry
from gatecore.sign import sha256
from gatecore.wire import decode, encode, sign1

Attack = tuple[str, bytes]
ORDER = 2**252 + 27742317777372353535851937790883648493


# Anybody with the file


def flips(one: World) -> Iterator[Attack]:
    """Every bit."""
    data = one.data
    for bit in range(8 * len(data)):
        at, mask = bit // 8, 1 << bit % 8
        yield f"bit {bit}", data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :]


def prefixes(one: World) -> Iterator[Attack]:
    """Every beginning."""
    data = one.data
    for size in range(len(data)):
        yield f"first {size}", data[:size]


def deletions(one: World) -> Iterator[Attack]:
    """Every byte taken out."""
    data = one.data
    for at in range(len(data)):
        yield f"without {at}", data[:at] + data[at + 1 :]


def insertions(one: World) -> Iterator[Attack]:
    """A byte put in at every place: zero, null, and one at random."""
    data, seeded = one.data, random.Random(one.seed)
    for at in range(len(data) + 1):
        for byte in {0x00, 0xF6, seeded.randrange(256)}:
            yield f"{byte} at {at}", data[:at] + bytes([byte]) + data[at:]


def splices(one: World) -> Iterator[Attack]:
    """Pieces copied over, moved and repeated."""
    data, seeded = one.data, random.Random(one.seed)
    for count in range(len(data) // 2):
        start, size, to = seeded.randrange(len(data)), seeded.randrange(1, 200), seeded.randrange(len(data))
        piece = data[start : start + size]
        made = (data[:to] + piece + data[to + len(piece) :], data[:to] + piece + data[to:])[count % 2]
        if made != data:
            yield f"{start}+{size} to {to}", made


# A person with the file and keys of his own


def lines(one: World) -> Iterator[Attack]:
    """Lines dropped, doubled and exchanged, the numbers in the head and section lines adapted or not."""
    for kind, parts in (("section", one.parts.sections), ("log", one.parts.logs)):
        for at, part in enumerate(parts):
            for line in range(len(part)):
                for what in ("drop", "double", "swap"):
                    made = one.parts.copy()
                    target = (made.sections if kind == "section" else made.logs)[at]
                    if not _moved(target, line, what):
                        continue
                    yield f"{what} line {line} of {kind} {at}", made.to_wire()
                    if kind == "section" and line:
                        target[0][4] += {"drop": -1, "double": 1, "swap": 0}[what]
                        yield f"{what} line {line} of {kind} {at}, count adapted", made.to_wire()


def _moved(target: list[object], line: int, what: str) -> bool:
    before = list(target)
    if what == "drop":
        del target[line]
    elif what == "double":
        target.insert(line, target[line])
    elif line + 1 < len(target):
        target[line], target[line + 1] = target[line + 1], target[line]
    return target != before


def rewritten(one: World) -> Iterator[Attack]:
    """Each field of each entry altered, alone, chained again, and sealed again by a key of his own."""
    changes: list[tuple[str, Callable[[Entry], None]]] = [
        ("time", lambda entry: setattr(entry, "utc", (entry.utc or 0) + 3_600_000)),
        ("boot", lambda entry: setattr(entry, "boot", entry.boot + 1)),
        ("mono", lambda entry: setattr(entry, "mono", entry.mono + 1)),
        ("quality", lambda entry: setattr(entry, "tq", (entry.tq + 1) % 5)),
        ("type", lambda entry: setattr(entry, "typ", 21 if entry.typ != 21 else 10)),
        ("public part", lambda entry: setattr(entry, "pub", [*entry.pub, 1])),
        ("commitment", lambda entry: setattr(entry, "commit", bytes(32))),
        ("no commitment", lambda entry: setattr(entry, "commit", None)),
        ("seq", lambda entry: setattr(entry, "seq", entry.seq + 1)),
        ("device", lambda entry: setattr(entry, "dev", STRANGER.key_id)),
    ]
    for at, part in enumerate(one.parts.sections):
        for line in range(1, len(part)):
            if not isinstance(part[line], list):
                continue
            for what, change in changes:
                entry = Entry.from_wire(part[line][0])
                change(entry)
                if entry.to_wire() == part[line][0]:
                    continue
                made = one.parts.copy()
                made.sections[at][line][0] = entry.to_wire()
                yield f"{what} of line {line} in section {at}", made.to_wire()
                _chained(made.sections[at])
                yield f"{what} of line {line} in section {at}, chained again", made.to_wire()
                _sealed_by(made.sections[at], STRANGER)
                yield f"{what} of line {line} in section {at}, chained and sealed by a stranger", made.to_wire()


def _chained(part: list[object]) -> None:
    """Mend every `prev` from the section's start."""
    from gatecore.log import link

    head = part[0][3]  # type: ignore[index]
    for at in range(1, len(part)):
        if isinstance(part[at], list):
            fields = decode(part[at][0])  # type: ignore[index]
            fields[4] = head
            part[at][0] = encode(fields)  # type: ignore[index]
            head = link(part[at][0])  # type: ignore[index]


def _sealed_by(part: list[object], signer: Signer) -> None:
    """Put a new seal over the section's head at its end."""
    from gatecore.log import link

    entry = Entry.from_wire(part[-2][0])  # type: ignore[index]
    fields = decode(payload_of(part[-1]))  # type: ignore[arg-type]
    fields[3], fields[4] = entry.seq, link(part[-2][0])  # type: ignore[index]
    part[-1] = sign1(encode(fields), signer)


def halves(one: World) -> Iterator[Attack]:
    """Private halves of other entries, with another salt, of another shape, or beside an entry without one."""
    shown = [
        line[1] for part in one.parts.sections for line in part[1:] if isinstance(line, list) and line[1] is not None
    ]
    for at, part in enumerate(one.parts.sections):
        for line in range(1, len(part)):
            if not isinstance(part[line], list):
                continue
            others = [half for half in shown if half != part[line][1]] + [b"", encode([bytes(16), b"", None])]
            for number, half in enumerate(others):
                made = one.parts.copy()
                made.sections[at][line][1] = half
                yield f"half {number} at line {line} of section {at}", made.to_wire()


def replayed(one: World) -> Iterator[Attack]:
    """Sections and logs twice, exchanged, left out; parts of another estate's or another day's export."""
    other = world(one.seed + 9)
    for kind in ("sections", "logs"):
        count = len(getattr(one.parts, kind))
        for at in range(count):
            for what in ("twice", "left out", "left out, head kept", "another estate's", "at the end"):
                made = one.parts.copy()
                parts = getattr(made, kind)
                _replay(made, parts, at, what, getattr(other.parts, kind))
                if made.to_wire() != one.data:
                    yield f"{kind} {at} {what}", made.to_wire()
    for at, log in enumerate(one.parts.logs):
        for number in range(len(log[0][2])):
            for what, value in (
                ("dropped", []),
                ("twice", [log[0][2][number]] * 2),
                ("another's", other.parts.logs[0][0][2]),
            ):
                made = one.parts.copy()
                made.logs[at][0][2] = [*log[0][2][:number], *value, *log[0][2][number + 1 :]]
                if made.to_wire() != one.data and (what != "dropped" or number + 1 == len(log[0][2])):
                    yield f"checkpoint {number} of log {at} {what}", made.to_wire()
    yield "two exports in one", one.data * 2


def _replay(made: Parts, parts: list[list[object]], at: int, what: str, others: list[list[object]]) -> None:
    if what == "twice":
        parts.insert(at, parts[at])
    elif what == "left out":
        del parts[at]
    elif what == "left out, head kept":
        made.head = [*made.head, len(made.sections), len(made.logs)]
        del parts[at]
    elif what == "another estate's":
        parts[at] = others[at % len(others)]
    else:
        parts.append(parts.pop(at))


def envelopes(one: World) -> Iterator[Attack]:
    """Other bytes for the same record, key and signature, wherever an envelope or a checkpoint stands."""
    for path, envelope in _bytes_in(one.parts):
        if envelope.startswith(b"\xd2\x84\x55"):
            for what, data in _other_envelopes(envelope).items():
                yield f"{path}: {what}", _with(one.parts, path, data).to_wire()
        elif b"/gate/" in envelope[:60]:
            for what, data in _other_notes(envelope).items():
                yield f"{path}: {what}", _with(one.parts, path, data).to_wire()


def _bytes_in(parts: Parts) -> Iterator[tuple[tuple[object, ...], bytes]]:
    """Every byte string of an export with the way to it."""

    def walk(value: object, path: tuple[object, ...]) -> Iterator[tuple[tuple[object, ...], bytes]]:
        if isinstance(value, bytes):
            yield path, value
        elif isinstance(value, list):
            for at, one in enumerate(value):
                yield from walk(one, (*path, at))

    yield from walk(parts.sections, ("sections",))
    yield from walk(parts.logs, ("logs",))


def _with(parts: Parts, path: tuple[object, ...], data: bytes) -> Parts:
    made = deepcopy(parts)
    target = getattr(made, str(path[0]))
    for step in path[1:-1]:
        target = target[step]
    target[path[-1]] = data
    return made


def _other_envelopes(of: bytes) -> dict[str, bytes]:
    s, payload, body = int.from_bytes(of[-32:], "little"), payload_of(of), of[25:-66]
    return {
        "s + L": of[:-32] + (s + ORDER).to_bytes(32, "little"),
        "L - s": of[:-32] + (ORDER - s).to_bytes(32, "little"),
        "a signature of zeros": of[:-64] + bytes(64),
        "R the identity, s 0": of[:-64] + b"\x01" + bytes(63),
        "R flipped": of[:-33] + bytes([of[-33] ^ 0x80]) + of[-32:],
        "no tag": of[1:],
        "tag in a longer form": b"\xd8\x12" + of[1:],
        "tag of COSE_Mac0": b"\xd1" + of[1:],
        "array in a longer form": of[:1] + b"\x98\x04" + of[2:],
        "unprotected header an array": of[:24] + b"\x80" + of[25:],
        "unprotected header with an entry": of[:24] + b"\xa1\x18\x63\x00" + of[25:],
        "algorithm -8": of[:2] + b"\x55\xa2\x01\x27\x04\x50" + of[8:],
        "protected header in a longer form": of[:2] + b"\x58\x15" + of[3:],
        "payload in a longer form": of[:25] + b"\x59" + len(payload).to_bytes(2, "big") + payload + of[-66:],
        "payload detached": of[:25] + b"\xf6" + of[-66:],
        "payload in pieces": of[:25] + b"\x5f" + body + b"\xff" + of[-66:],
        "signature in a longer form": of[:-66] + b"\x59\x00\x40" + of[-64:],
        "a byte after it": of + b"\x00",
        "key id of another": of[:8] + bytes(16) + of[24:],
        "the bare payload": payload,
    }


def _other_notes(of: bytes) -> dict[str, bytes]:
    top, _, rest = of.partition(b"\n\n")
    rows, signatures = top.split(b"\n"), rest.split(b"\n")[:-1]
    made = {
        "size with a zero in front": b"\n".join([rows[0], b"0" + rows[1], rows[2]]) + b"\n\n" + rest,
        "size with a plus": b"\n".join([rows[0], b"+" + rows[1], rows[2]]) + b"\n\n" + rest,
        "an extension line": top + b"\nmore\n\n" + rest,
        "CR LF": of.replace(b"\n", b"\r\n"),
        "no last line end": of[:-1],
        "a line end more": of + b"\n",
        "unused bits set": b"\n".join([rows[0], rows[1], rows[2][:-2] + _bit(rows[2][-2:-1]) + b"="]) + b"\n\n" + rest,
        "padding left away": b"\n".join([rows[0], rows[1], rows[2][:-1]]) + b"\n\n" + rest,
        "a blank in the base64": b"\n".join([rows[0], rows[1], rows[2][:9] + b" " + rows[2][9:]]) + b"\n\n" + rest,
        "the log's line last": top + b"\n\n" + b"\n".join([*signatures[1:], signatures[0], b""]),
        "a line twice": of + signatures[0] + b"\n",
        "no line": top + b"\n\n",
        "a hyphen for the dash": of.replace(b"\xe2\x80\x94", b"-"),
        "65 lines": of + b"".join(b"\xe2\x80\x94 n%d %s\n" % (n, base64.b64encode(bytes(68))) for n in range(65)),
    }
    return {what: data for what, data in made.items() if data != of}


def _bit(last: bytes) -> bytes:
    """The next digit of base64: the same byte, another spelling."""
    digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return bytes([digits[digits.index(last) + 1]])


# An administrator with every key of the host


def ruling(one: World) -> Iterator[Attack]:
    """He alters, drops, truncates, reorders, restores, signs again: with no, pasted or fresh cosignatures."""
    if one.former is not None or one.parts.head[2] not in ("whole",):
        return
    with Outside("committee", sha256(f"committee {one.seed}".encode())) as committee:
        committee.sees(one.history, one.history.sizes)
        for what, made in deeds(one):
            if made.leaves() == one.history.leaves():
                continue  # he did nothing
            for how in ("no", "pasted", "fresh", "fresh for the old tree"):
                yield f"{what}, {how} cosignatures", _signed_again(one, made, how, committee)


def _signed_again(one: World, made: History, how: str, committee: Outside) -> bytes:
    """The whole export of a history that never was, under a checkpoint of the log's own key."""
    made.notes, made.sizes = [], []
    told = made.checkpoint()
    if how == "pasted":
        told += b"".join(row + b"\n" for row in one.history.notes[-1].split(b"\n")[5:-1])
    elif how.startswith("fresh"):
        told += committee.asked(request(made, one.history if how.endswith("tree") else made, committee.size))
    made.notes[-1] = told
    cosigned = [one.gate.key_id.hex()] if one.gate.key_id.hex().encode() in told else []
    parts = whole(made, "whole", one.parts.logs[0][0][4] if cosigned else [])
    return parts.to_wire()


def deeds(one: World) -> Iterator[tuple[str, History]]:
    """What an administrator can do to the database with every key of the host."""
    for number, device in enumerate(one.history.devices[1:], 1):
        for seal in sorted(device.seals)[:-1]:
            made = deepcopy(one.history)
            made.order = [(no, seq) for no, seq in made.order if no != number or seq <= seal]
            yield f"device {number} truncated after its seal at {seal}", made
        made = deepcopy(one.history)
        made.order = [(no, seq) for no, seq in made.order if no != number]
        yield f"device {number} left out", made
        made = deepcopy(one.history)
        made.order.sort(key=lambda leaf, number=number: leaf[0] == number)  # type: ignore[misc]
        yield f"device {number} put last", made
        yield f"device {number} replaced by one he made", _replaced(one, number)
    for size in range(2, len(one.history.order)):
        made = deepcopy(one.history)
        made.order = made.order[:size]
        if all(_sealed_here(made, number) for number in range(1, len(made.devices))):
            yield f"restored to {size} leaves and gone on", _gone_on(made)
    for seq in range(2, one.history.devices[0].chain.seq + 1):
        for what in ("dropped", "altered"):
            yield f"the host's entry {seq} {what}", _host_rewritten(one, seq, what)


def _sealed_here(made: History, number: int) -> bool:
    last = max((seq for no, seq in made.order if no == number), default=0)
    return not last or last in made.devices[number].seals


def _replaced(one: World, number: int) -> History:
    """The device's log written anew by a key of his own, certified and enrolled as if it had always been."""
    made = deepcopy(one.history)
    real = made.devices[number]
    false = Wrote(Signer(f"made up {one.seed}"), real.slot, real.kind, real.serial)
    for entry, half in real.pairs:
        fields = Entry.from_wire(entry)
        false.write(
            21 if fields.typ in (3, 7) else fields.typ, fields.pub if fields.typ not in (3, 7) else [], half, fields.utc
        )
        false.seal()
    made.devices[number] = false
    return _host_anew(made, lambda pub: [*eights(false.dev), *pub[2:]] if pub[:2] == eights(real.dev) else pub)


def _gone_on(made: History) -> History:
    """After a restore he lets the log grow past its old size with entries of the host's."""
    host, left = made.devices[0], max(seq for no, seq in made.order if not no)
    kept = Wrote(host.signer, "host", "host", host.serial)
    for entry, half in host.pairs[:left]:
        fields = Entry.from_wire(entry)
        kept.write(fields.typ, fields.pub, half, fields.utc)
    made.devices[0] = kept
    for _ in range(12):
        made.host(38, [])
    return made


def _host_rewritten(one: World, seq: int, what: str) -> History:
    """One entry of the host's own chain dropped or altered, all others written again by the log key."""
    made = deepcopy(one.history)
    host, fresh, order = made.devices[0], Wrote(made.devices[0].signer, "host", "host", made.generation), []
    for number, at in made.order:
        if number:
            order.append((number, at))
            continue
        entry, half = host.pairs[at - 1]
        fields = Entry.from_wire(entry)
        if at == seq and what == "dropped":
            continue
        if at == seq:
            fields.utc = (fields.utc or 0) - 86_400_000
        order.append((0, fresh.write(fields.typ, fields.pub, half, fields.utc)))
    made.devices[0], made.order = fresh, order
    return made


def _host_anew(made: History, change: Callable[[list[int]], list[int]]) -> History:
    host, fresh = made.devices[0], Wrote(made.devices[0].signer, "host", "host", made.generation)
    for entry, half in host.pairs:
        fields = Entry.from_wire(entry)
        fresh.write(fields.typ, change(fields.pub), half, fields.utc)
    made.devices[0] = fresh
    return made


def forked(one: World) -> Iterator[Attack]:
    """A cloned key wrote a second history: beside the first, after it, or instead of its newest entries."""
    if one.former is not None:
        return
    clone = deepcopy(one.history.devices[1])
    twin = Wrote(clone.signer, clone.slot, clone.kind, clone.serial)
    for seq in range(1, 4):
        twin.write(10, [0, 1, 1, 0, 0], access(900 + seq), 1_795_000_000_000 + seq)
    twin.seal()
    extra = section(twin, 1, 3)
    for at in range(len(one.parts.sections) + 1):
        made = one.parts.copy()
        made.sections.insert(at, extra)
        yield f"a second history as section {at}", made.to_wire()
    for at, part in enumerate(one.parts.sections):
        if part[0][1] != clone.cert() or part[0][2] != 1:
            continue
        made = one.parts.copy()
        made.sections[at] = extra
        yield "a second history instead of the first", made.to_wire()
    later = Wrote(clone.signer, clone.slot, clone.kind, clone.serial)
    later.chain.seq, later.chain.head = clone.chain.seq, clone.chain.head
    entry = later.chain.next(_instant(), 21, [], None)
    later.chain.take(entry)
    record = [entry, None]
    for at in range(len(one.parts.sections)):
        made = one.parts.copy()
        made.sections[at] = [*made.sections[at][:-1], record, later.seal()]
        made.sections[at][0][4] += 1
        yield f"an entry of the clone behind section {at}", made.to_wire()


def _instant() -> object:
    from gatecore.clock import Now

    return Now(1, 99_000, None, 0)


def service(one: World) -> Iterator[Attack]:
    """Entries before enrolment and after revocation, with every signature in order: the estate's and the witnesses'."""
    if one.former is not None or one.parts.head[2] != "whole":
        return
    real = one.history.devices[1]
    for what in ("never enrolled", "enrolled later", "enrolled with another serial", "revoked before its last", "twice",
                 "revoked twice", "revoked before it was enrolled", "entries not its own"):  # fmt: skip
        made = History(one.history.generation)
        device = Wrote(real.signer, real.slot, real.kind, real.serial)
        enrolment = [*eights(device.dev), device.serial + (what == "enrolled with another serial"), 1, 0]
        if what == "revoked before it was enrolled":
            made.host(REVOKED, [*eights(device.dev), 9, 1])
        if what not in ("never enrolled", "enrolled later"):
            made.host(ENROLLED, [*enrolment[:-1], 1 if what == "entries not its own" else 0])
        made.devices.append(device)
        made.batch(1, [(10, [0, 1, 1, 0, 0], access(one.seed)), (21, [], None)])
        if what in ("enrolled later", "twice"):
            made.host(ENROLLED, enrolment)
        for _ in range({"revoked before its last": 1, "revoked twice": 2}.get(what, 0)):
            made.host(REVOKED, [*eights(device.dev), 1 if what.startswith("revoked before its") else 2, 1])
        made.checkpoint(cosigners(one))
        yield f"a device {what}", whole(made, "whole", [[device.cert(), []]]).to_wire()


def generations(one: World) -> Iterator[Attack]:
    """Checkpoints, certificates and cosignatures of other generations, sizes, logs and estates."""
    for at, log in enumerate(one.parts.logs):
        generation = decode(payload_of(log[0][1]))[6]
        for other in range(1, 8):
            if other == generation:
                continue
            false = History(other)
            false.order, false.devices = one.history.order, one.history.devices
            signer = one.history.devices[0].signer
            told = note.signed(false.origin, one.history.sizes[-1], one.history.root(one.history.sizes[-1]), signer)
            for what, by in (("no", []), ("its own", cosigners(one))):
                lines = b"".join(witness.line(false, one.history.sizes[-1]) for witness in by)
                made = one.parts.copy()
                made.logs[at][0][2] = [*log[0][2][:-1], told + lines]
                yield f"log {at}: a checkpoint of generation {other}, {what} cosignatures", made.to_wire()
            made = one.parts.copy()
            made.logs[at][0][1] = false.devices[0].cert().replace(b"\x64host", b"\x64HOST")
            yield f"log {at}: a certificate for a host of another slot", made.to_wire()
        for size in range(1, one.history.sizes[-1]):
            early = deepcopy(one.history)
            told = note.signed(early.origin, size, early.root(size), early.devices[0].signer)
            made = one.parts.copy()
            made.logs[at][0][2] = [told + b"".join(row + b"\n" for row in log[0][2][-1].split(b"\n")[5:-1])]
            made.logs[at][0][3] = []
            yield f"log {at}: a checkpoint of {size} leaves under the cosignatures of a later one", made.to_wire()
        for signer in (ESTATE, POLICY, OPERATOR, STRANGER, one.gate, one.outside):
            told = note.signed(one.history.origin, one.history.sizes[-1], one.history.root(), signer)
            made = one.parts.copy()
            made.logs[at][0][2] = [
                *log[0][2][:-1],
                told + b"".join(row + b"\n" for row in log[0][2][-1].split(b"\n")[5:-1]),
            ]
            if made.to_wire() != one.data:
                yield f"log {at}: a checkpoint by {signer.key_id.hex()[:6]}", made.to_wire()


def misread(one: World) -> Iterator[Attack]:
    """What tells where the entries stand in the tree, altered."""
    for at, log in enumerate(one.parts.logs):
        for line in range(1, len(log) - 1):
            for path, number in _numbers(log[line]):
                for value in {0, 1, number - 1, number + 1, 2**32} - {number, -1}:
                    made = one.parts.copy()
                    target = made.logs[at][line]
                    target = deepcopy(target)
                    made.logs[at][line] = target
                    for step in path[:-1]:
                        target = target[step]
                    target[path[-1]] = value
                    yield f"log {at} line {line} {path}: {value}", made.to_wire()


def _numbers(value: object, path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], int]]:
    if isinstance(value, int):
        yield path, value
    elif isinstance(value, list):
        for at, one in enumerate(value):
            yield from _numbers(one, (*path, at))


BYTES = (flips, prefixes, deletions, insertions, splices)
THOUGHT = (
    lines,
    rewritten,
    halves,
    replayed,
    envelopes,
    ruling,
    forked,
    service,
    generations,
    misread,
    *forgery.FAMILIES,
)
CLASSES: dict[str, Callable[[World], Iterator[Attack]]] = {one.__name__: one for one in (*BYTES, *THOUGHT)}
