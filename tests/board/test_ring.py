"""The log of a board on raw flash: what it costs, what it holds, and what a power cut at any operation leaves."""

from collections.abc import Generator
from itertools import pairwise
from typing import Any

import pytest

from gateboard.errors import FlashError
from gateboard.flash import Region
from gateboard.ring import AHEAD, Ring
from gatecore import records as r
from gatecore.clock import Now
from gatecore.log import Chain, commitment, genesis
from gatecore.records import Entry, Private
from gatecore.sign import key_id, sha256

from .nor import TEARS, Nor

PUBLIC = b"P" * 32
DEV = key_id(PUBLIC)
UTC = 1_790_000_000_000
HOME = "120502"
PERSON, MARK = bytes(range(16)), bytes(range(16, 32))
Written = tuple[int, int, list[int], bytes | None, Any]


def counter() -> Any:
    count = 0

    def random(n: int) -> bytes:
        nonlocal count
        count += 1
        return sha256(count.to_bytes(4, "big"))[:n]

    return random


def access(method: int, detail: list[Any], result: int = 1) -> tuple[int, list[int], bytes | None, Any]:
    subject = detail[0].encode() if detail[1] is None else detail[1]
    return r.ACCESS, [0, result, method, 0, 0], subject, detail


EXIT = (r.EXIT, [], None, None)
BY_PIN = access(r.PIN, [HOME, PERSON, MARK, 0])
BY_CODE = access(r.CODE, [HOME, None, MARK, 0])
REFUSED = access(r.CODE, [HOME, None, b"", 0], 0)
CALLED = (r.CALL, [1], HOME.encode(), [HOME, MARK])
BY_HOME = access(r.REMOTE, [HOME, None, bytes(32), 0])
# A building's door with a keypad: who comes in by PIN or code leaves by the button. 100 entries.
A_DAY = ([EXIT] * 9 + [BY_PIN] * 5 + [BY_CODE] * 3 + [REFUSED, CALLED, BY_HOME]) * 5


def write(ring: Ring, n: int, entry: tuple[int, list[int], bytes | None, Any], boot: int = 1) -> int:
    """The n-th entry, a minute after the one before; the clock is set by a few ms every ten."""
    mono = n * 61_234
    return ring.append(Now(boot, mono, UTC + mono + n // 10 * 7, 3), *entry)


def read_all(ring: Ring, after: int = 0) -> list[tuple[bytes, bytes | None]]:
    pairs: list[tuple[bytes, bytes | None]] = []
    while True:
        batch = finished(ring.batch(after + len(pairs), 64))
        if batch is None:
            return pairs
        first, entries, privates, chain = batch
        assert first == after + len(pairs) + 1 or not pairs
        pairs += list(zip(entries, privates, strict=True))
        assert chain.seq == first + len(entries) - 1


def finished(steps: Generator[None, None, Any]) -> Any:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def joined(pairs: list[tuple[bytes, bytes | None]]) -> Chain:
    """The chain over entries that join the genesis and keep their commitments."""
    chain = Chain(DEV, genesis(PUBLIC))
    for entry, private in pairs:
        taken = chain.take(entry)
        assert (taken.commit is None) == (private is None)
        if private is not None:
            assert commitment(private) == taken.commit
    return chain


def test_what_is_written_is_read_back_entry_for_entry_after_a_restart() -> None:
    nor = Nor(8)
    ring = Ring(Region(nor, 0, 8), PUBLIC, counter())
    for n, entry in enumerate(A_DAY[:60]):
        assert write(ring, n, entry, boot=1 + n // 20) == n + 1
    again = Ring(Region(nor, 0, 8), PUBLIC, counter())
    pairs = read_all(again)
    chain = joined(pairs)
    assert (chain.seq, chain.head, again.chain.head, again.boot) == (60, ring.chain.head, ring.chain.head, 3)
    for n, (data, private) in enumerate(pairs):
        entry = Entry.from_wire(data)
        typ, pub, subject, detail = A_DAY[n]
        assert (entry.typ, entry.pub, entry.boot, entry.mono, entry.tq) == (typ, pub, 1 + n // 20, n * 61_234, 3)
        assert entry.utc == UTC + n * 61_234 + n // 10 * 7
        if private is not None:
            told = Private.from_wire(private)
            assert (told.subject, told.detail, len(told.salt)) == (subject, detail, 16)
    assert len({Private.from_wire(private).salt for _, private in pairs if private}) == sum(
        private is not None for _, private in pairs
    )


def test_a_subject_that_the_detail_does_not_name_is_kept_and_a_time_that_is_not_known_too() -> None:
    nor = Nor(4)
    ring = Ring(Region(nor, 0, 4), PUBLIC, counter())
    odd: list[Written] = [
        (1, 5, [], b"x", ["home", None, b"", 0]),
        (1, 6, [1], None, {}.get("nothing")),
        (1, 7, [-3], b"", [1, 2]),
        (1, 8, [], b"y", None),
    ]
    for n, (_, typ, pub, subject, detail) in enumerate(odd):
        ring.append(Now(1, n, None, 0), typ, pub, subject, detail)
    pairs = read_all(Ring(Region(nor, 0, 4), PUBLIC, counter()))
    assert joined(pairs).head == ring.chain.head
    assert [Entry.from_wire(data).utc for data, _ in pairs] == [None] * 4
    assert [private and Private.from_wire(private).subject for _, private in pairs] == [b"x", None, b"", b"y"]


def test_a_day_costs_one_program_an_entry_and_less_than_a_hundredth_of_an_erase() -> None:
    nor = Nor(128)
    ring = Ring(Region(nor, 0, 128), PUBLIC, counter())
    for n in range(3_000):
        ring.acked = ring.chain.seq
        ring.tidy(Now(1, n, UTC, 3))
        write(ring, n, A_DAY[n % len(A_DAY)])
    erases = nor.erases - AHEAD  # the last ones are for entries still to come
    print(f"{nor.programs / 3000:.4f} programs, {erases / 3000:.5f} erases an entry over the mixed day")
    assert nor.programs <= 1.1 * 3_000
    assert erases <= 0.01 * 3_000


@pytest.mark.parametrize(("entry", "most"), [(EXIT, 0.005), (BY_CODE, 0.0145), (BY_PIN, 0.0175)])
def test_what_one_kind_of_entry_costs_is_told(entry: Any, most: float) -> None:
    """Nobody's door writes resident PINs alone; what that would cost is bounded all the same."""
    nor = Nor(12)
    ring = Ring(Region(nor, 0, 12), PUBLIC, counter())
    for n in range(1_000):
        ring.acked = ring.chain.seq
        write(ring, n, entry)
    print(f"type {entry[0]} {entry[1]}: {nor.programs / 1000:.4f} programs, {nor.erases / 1000:.5f} erases an entry")
    assert nor.programs <= 1.1 * 1_000
    assert nor.erases <= most * 1_000


def test_half_a_mebibyte_holds_more_than_five_thousand_entries_whatever_they_are() -> None:
    for entry in (BY_PIN, BY_HOME):
        nor = Nor(128)
        ring = Ring(Region(nor, 0, 128), PUBLIC, counter())
        n = 0
        while ring.tidy(Now(1, n, UTC, 3)) is None and nor.erases < 129:
            write(ring, n, entry)
            n += 1
        print(f"type {entry[0]} {entry[1]}: {n} entries before the first has to go")
        assert n >= 5_000


def test_a_full_ring_drops_what_the_host_has_and_says_what_it_had_to_drop() -> None:
    nor = Nor(6)
    ring = Ring(Region(nor, 0, 6), PUBLIC, counter())
    lost = []
    for n in range(1_000):
        gone = ring.tidy(Now(1, n * 61_234, UTC, 3))
        if gone is not None:
            assert gone[0] > ring.acked  # what the host has is not called lost
            lost.append(gone)
        if n == 500:
            ring.acked = ring.chain.seq
        write(ring, n, BY_CODE)
    first = lost[0]
    assert first[0] == 1
    kept = read_all(ring, ring.oldest() - 1)
    gaps = [Entry.from_wire(data) for data, _ in kept if Entry.from_wire(data).typ == r.GAP]
    assert [tuple(gap.pub) for gap in gaps] == lost[-len(gaps) :]
    for (_, last), (start, _) in pairwise(lost):
        assert start > last
    ring.acked = ring.chain.seq
    assert ring.tidy(Now(1, 10**9, UTC, 3)) is None


def test_a_batch_from_the_far_end_of_a_full_ring_is_found_in_short_steps() -> None:
    """After a long time without a host: the keypad is looked at between two steps."""
    nor = Nor(128)
    ring = Ring(Region(nor, 0, 128), PUBLIC, counter())
    n = 0
    while ring.tidy(Now(1, n, UTC, 3)) is None and nor.erases < 128:
        write(ring, n, BY_PIN)
        n += 1
    most, before = 0, nor.reads
    for _ in ring.batch(0, 16):
        most, before = max(most, nor.reads - before), nor.reads
    print(f"at most {most} reads in a step")
    assert most <= 8


def test_flash_that_fails_leaves_the_log_as_it_was_and_the_next_entry_follows() -> None:
    nor = Nor(24)
    ring = Ring(Region(nor, 0, 24), PUBLIC, counter())
    for n in range(300):
        nor.broken = n % 3 == 1
        try:
            write(ring, n, BY_CODE)
        except FlashError:
            assert nor.broken
    nor.broken = False
    pairs = read_all(Ring(Region(nor, 0, 24), PUBLIC, counter()))
    assert joined(pairs).head == ring.chain.head
    assert len(pairs) == 200


def test_a_program_that_fails_half_way_is_never_programmed_over() -> None:
    nor = Nor(24)
    ring = Ring(Region(nor, 0, 24), PUBLIC, counter())
    for n in range(200):
        nor.failing_half = n % 3 == 1
        try:
            write(ring, n, BY_CODE)
        except FlashError:
            assert nor.failing_half
    nor.failing_half = False
    pairs = read_all(Ring(Region(nor, 0, 24), PUBLIC, counter()))
    assert joined(pairs).head == ring.chain.head
    assert len(pairs) == 133


def test_a_bit_that_flips_in_a_record_never_becomes_another_entry() -> None:
    nor = Nor(4)
    ring = Ring(Region(nor, 0, 4), PUBLIC, counter())
    write(ring, 0, BY_PIN)
    before, start = ring.chain.head, nor.memory.index(b"\xff\xff")
    write(ring, 1, BY_CODE)
    end = nor.memory.index(b"\xff\xff", start)
    for at in range(start, end):
        for bit in range(8):
            spoilt = Nor(4, bytes(nor.memory))
            spoilt.memory[at] ^= 1 << bit
            assert Ring(Region(spoilt, 0, 4), PUBLIC, counter()).chain.head == before


def test_a_record_too_long_for_a_page_is_refused_and_costs_nothing() -> None:
    nor = Nor(4)
    ring = Ring(Region(nor, 0, 4), PUBLIC, counter())
    write(ring, 0, EXIT)
    before = nor.programs
    with pytest.raises(FlashError, match="long"):
        write(ring, 1, (r.ACCESS, [1], b"x", [bytes(300)]))
    assert nor.programs == before
    assert write(ring, 1, EXIT) == 2


# --- power cuts ---------------------------------------------------------------------------


def lived(nor: Nor, entries: int, start: int, random: Any) -> list[bytes]:
    """Writes, tidies and acknowledges; the chain head after each entry. `nor.tale` has every operation on the way."""
    heads = []
    ring = Ring(Region(nor, 0, nor.sectors), PUBLIC, random)
    nor.mark = ring.chain.seq
    for n in range(start, start + entries):
        ring.tidy(Now(1, n * 61_234, UTC, 3))
        nor.mark = ring.chain.seq
        write(ring, n, A_DAY[n % len(A_DAY)])
        nor.mark = ring.chain.seq
        heads.append(ring.chain.head)
        if n % 7 == 0:
            ring.acked = ring.chain.seq
    return heads


def survives(nor: Nor, acknowledged: int, erasing: bool) -> None:
    """Every acknowledged entry is there, and the log goes on."""
    ring = Ring(Region(nor, 0, nor.sectors), PUBLIC, counter())
    assert acknowledged <= ring.chain.seq <= acknowledged + 1, "an acknowledged entry is lost"
    for n in range(3):
        ring.tidy(Now(2, n, UTC, 3))
        write(ring, n, A_DAY[n], boot=2)
    again = Ring(Region(nor, 0, nor.sectors), PUBLIC, counter())
    assert again.chain.head == ring.chain.head
    if erasing:
        first = again.oldest()
        pairs = read_all(again, first - 1)
        assert len(pairs) == again.chain.seq - first + 1
        chain = Chain(DEV, Entry.from_wire(pairs[0][0]).prev, first - 1)
        for entry, _ in pairs:
            chain.take(entry)
        assert chain.head == ring.chain.head


@pytest.mark.parametrize("tear", TEARS[::2])
def test_a_cut_at_every_operation_loses_no_acknowledged_entry(tear: int) -> None:
    """From an empty flash, and over a ring that has come round and erases what it held."""
    cuts = 0
    nor = Nor(4)
    for entries, start in ((130, 0), (330, 130)):
        nor.tale = []
        heads = lived(nor, entries, start, counter())
        assert len(heads) == entries
        for memory, operation, mark in nor.tale:
            torn = Nor(4, memory)
            torn.tear(operation, tear)
            survives(torn, mark, operation[0] == "erase")
            cuts += 1
    print(f"{cuts} cuts at tear level {tear}")
    assert cuts > 465
