"""The stand-alone file's fast way, a stride at a time: what it takes, the slow way takes with the same findings."""

import io
from collections.abc import Iterator
from dataclasses import asdict, replace

from gatecore import log
from gatecore.clock import FLOOR, HOST, Now
from gatecore.records import ACCESS, Private
from gatecore.wire import encode
from gateverify import standalone

DEV, HEAD = bytes(range(16)), bytes(range(32))
UTC = 1 << 40  # and the other numbers: one flipped bit away from a form that is too long
PERSON = Private(b"s" * 16, b"p" * 16, ["120502", b"p" * 16, b"template", 0]).to_wire()
HOME = Private(b"t" * 16, b"120502", ["120502", None, b"", 1]).to_wire()
WROTE: tuple[tuple[int, int, int | None, int, int, list[int], bytes | None, bytes | None], ...] = (
    (7, 1 << 24, UTC, HOST, ACCESS, [0, 1, 1, 0, 0], PERSON, PERSON),
    (1 << 8, 1 << 16, UTC + 1, HOST, ACCESS, [0, 0, 2, 5, 0], HOME, HOME),
    (1 << 16, 1 << 32, 1 << 32, FLOOR, ACCESS, [-25, 300, 1 << 16, -300, 24], PERSON, None),
    (24, 24, None, HOST, 2, [], None, None),
    (255, 0, UTC, FLOOR, 21, [1 << 24, -(1 << 24) - 1], None, None),
    (3, 1 << 24, UTC, HOST, ACCESS, [8, 1, 1, 0, 1], PERSON, PERSON),
)


def written() -> tuple[list[standalone.Chain], list[bytes]]:
    """Pairs of an entry and its private half or null, and where the chain stands before each and after the last."""
    chain, stands, pairs = log.Chain(DEV, HEAD, 255), [standalone.Chain(DEV, 0, 255, HEAD)], []
    for boot, mono, utc, tq, typ, pub, private, shown in WROTE:
        data = chain.next(Now(boot, mono, utc, tq), typ, pub, private)
        chain.take(data)
        pairs.append(encode([data, shown]))
        stands.append(standalone.Chain(DEV, 0, chain.seq, chain.head))
    return stands, pairs


def stream_of(data: bytes) -> standalone.Stream:
    stream = standalone.Stream(io.BytesIO(data))
    stream.fill()
    return stream


def taken(fast: bool, data: bytes, chain: standalone.Chain, many: int) -> tuple[int, object]:
    """How many of `many` entries one stride, or the slow way as often, takes, and everything it found."""
    chain = replace(chain, leaves=bytearray(), grows=True)
    stream, device = stream_of(data), standalone.Device("", "", "", 0, 0, 0, 0)
    keyed = standalone.Keyed(b"")
    if fast:
        number = standalone.stride(stream, chain, many, keyed.found, device)[0]
    else:
        number = many
        for _ in range(many):
            standalone.slow(stream, chain, keyed, device)
    keyed.found.fold(device)
    found = keyed.found.absent.tolist(), dict(keyed.found.homes)
    return number, (stream.at, asdict(chain), asdict(device), found)


def altered(data: bytes) -> Iterator[bytes]:
    """Every bit flipped, every byte left out or emptied, and every head in a longer form."""
    for at in range(len(data)):
        before, byte, after = data[:at], data[at], data[at + 1 :]
        for bit in range(8):
            yield before + bytes((byte ^ 1 << bit,)) + after
        yield before + after
        if byte:
            yield before + b"\0" + after
        if byte & 0x1F < 24:
            yield before + bytes((byte & 0xE0 | 24, byte & 0x1F)) + after


def compare(data: bytes, chain: standalone.Chain, many: int) -> int:
    """How many one stride takes; no more than the slow way, and with the same findings."""
    number, found = taken(True, data, chain, many)
    if number:
        assert taken(False, data, chain, number) == (number, found)
    return number


def test_the_fast_way_takes_every_form_of_a_number_as_the_slow_way_does() -> None:
    stands, pairs = written()
    assert compare(b"".join(pairs), stands[0], len(pairs)) == len(pairs)
    for at, pair in enumerate(pairs):
        assert compare(pair, stands[at], 1) == 1


def test_an_altered_entry_the_fast_way_takes_is_one_the_slow_way_takes() -> None:
    stands, pairs = written()
    alive = sum(compare(data, stands[at], 1) for at, pair in enumerate(pairs) for data in altered(pair))
    assert alive > 500  # entries that another device might have written: only their seal is against them


def test_an_altered_entry_is_not_taken_with_the_entry_after_it() -> None:
    stands, pairs = written()
    for at in range(len(pairs) - 1):
        for data in altered(pairs[at]):
            assert compare(data + pairs[at + 1], stands[at], 2) < 2


def test_entries_out_of_order_are_not_taken() -> None:
    stands, pairs = written()
    for at in range(len(pairs)):
        for other in range(len(pairs)):
            swapped = list(pairs)
            swapped[at], swapped[other] = swapped[other], swapped[at]
            assert compare(b"".join(swapped), stands[0], len(pairs)) == (len(pairs) if at == other else 0)
        assert compare(b"".join(pairs[:at] + pairs[at + 1 :]), stands[0], len(pairs)) < len(pairs) - 1 or at == 5


def test_a_private_half_is_taken_beside_its_own_entry_only() -> None:
    stands, pairs = written()
    entry = pairs[0][: -2 - len(PERSON)]
    assert compare(entry + encode(PERSON), stands[0], 1) == 1
    assert compare(entry + encode(None), stands[0], 1) == 1
    assert compare(entry + encode(HOME), stands[0], 1) == 0
    assert compare(pairs[3][:-1] + encode(PERSON), stands[3], 1) == 0
