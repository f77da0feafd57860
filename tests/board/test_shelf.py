"""The state on a board's flash: the same answers as in memory, few reads, and a swap that no power cut can split."""

import pytest

from gateboard.errors import FlashError
from gateboard.flash import SECTOR, Region
from gateboard.shelf import NOT_HERE, Shelf
from gatecore import state as s
from gatecore.errors import RecordError
from gatecore.sign import sha256
from gatecore.state import HeldState, State
from gatecore.wire import encode

from .nor import TEARS, Nor

DOOR = ["Stair 3", "1205", 6, 0, 5000, 20_000, s.FACE_OFF, 1, "estate office", b"L" * 32]
KIB = 1024


def mark(n: int) -> bytes:
    return sha256(n.to_bytes(4, "big"))[:16]


def chunks(homes: int, pins: int, codes: int, cards: int = 0, version: int = 1) -> list[bytes]:
    numbers = [f"{n // 40 + 1:02d}{n % 40 + 101:04d}" for n in range(homes)]
    table = {
        s.DOOR: [DOOR],
        s.OFFSETS: [[0, 480], [1_800_000_000, 540]],
        s.ZONES: [[f"b{n:02d}", epoch, mark(n) * 2] for n in range(homes // 40 + 1) for epoch in (692, 693, 694)],
        s.HOMES: [[home, f"b{n // 40:02d}", n % 2] for n, home in enumerate(numbers)],
        s.CODES: [
            [numbers[n % homes], mark(n), mark(n + 1), 1_790_000_000, 1_790_086_400 + version, 3, 0, 0]
            for n in range(codes)
        ],
        s.REVOKED: [[numbers[n % homes], mark(-n % 99991), 1_790_086_400] for n in range(codes // 10)],
        s.PINS: [[numbers[n % homes], mark(n), mark(n + 7), 1_800_000_000, 0] for n in range(pins)],
        s.PEOPLE: [[mark(n), numbers[n % homes], 0, 1_800_000_000, 0, 0] for n in range(homes // 2)],
        s.SCHEDULES: [[1, 127, 480, 1200], [1, 1, 0, 60]],
        s.CARDS: [[mark(n), mark(n + 9), 1_800_000_000] for n in range(cards)],
    }
    return [chunk for kind, rows in table.items() for chunk in s.chunks(kind, rows)]


def in_memory(made: list[bytes]) -> State:
    state = HeldState(1, 1)
    for chunk in made:
        state.add(chunk)
    return state


WITH_READER = (s.PEOPLE, s.FACES, s.SEAL_TO)


def shelf(nor: Nor, not_here: tuple[int, ...] = WITH_READER) -> Shelf:
    half = nor.sectors // 2
    return Shelf((Region(nor, 0, half), Region(nor, half, half)), not_here)


def take(to: Shelf, made: list[bytes], version: int = 1) -> State:
    to.begin([sha256(chunk) for chunk in made])
    for chunk in made:
        to.add(chunk)
    return to.swap(1, version)


@pytest.mark.parametrize(("pins", "cards"), [(4000, 0), (2000, 2000)])
def test_a_large_estate_fits_a_quarter_mebibyte_and_every_row_is_found_in_twenty_reads(pins: int, cards: int) -> None:
    nor = Nor(128)
    made = chunks(2000, pins, 500, cards)
    take(shelf(nor), made)
    held, memory = shelf(nor).state, in_memory(made)
    used = max(at for at in range(128 * SECTOR) if nor.memory[at] != 0xFF) + 1
    most = looked = 0
    for kind in (s.ZONES, s.HOMES, s.CODES, s.REVOKED, s.PINS, s.CARDS):
        for n, (key, row) in enumerate(memory._keyed.get(kind, {}).items()):
            if n % 3:
                continue
            before = nor.reads
            assert held.find(kind, *key) == row
            most, looked = max(most, nor.reads - before), looked + 1
            for absent in ((key[0], b"\x00" * 16), (key[0], b"\xff" * 16)):
                before = nor.reads
                assert held.find(kind, *absent[: len(key)]) == memory.find(kind, *absent[: len(key)])
                most = max(most, nor.reads - before)
    print(f"{pins} PINs, {cards} cards: {used / KIB:.1f} KiB, at most {most} reads over {looked} rows")
    assert looked > 2000
    assert most <= 20
    assert used <= 256 * KIB
    assert (held.offsets, held.schedule(1), held.schedule(2)) == (memory.offsets, memory.schedule(1), [])
    assert held.door is not None
    assert (held.door.label, held.canonical("02")) == ("Stair 3", "120502")


def test_a_board_without_a_reader_spends_no_flash_on_cards() -> None:
    taken = []
    for cards in (0, 2000):
        nor = Nor(128)
        state = take(shelf(nor, NOT_HERE), chunks(10, 10, 10, cards))
        assert state.card(mark(0)) is None
        taken.append(max(at for at in range(128 * SECTOR) if nor.memory[at] != 0xFF))
    assert taken[0] == taken[1]


def test_a_board_without_state_knows_nobody() -> None:
    empty = shelf(Nor(8)).state
    assert (empty.generation, empty.version, empty.door, empty.home("1"), empty.pin("1", b"x")) == (
        0,
        0,
        None,
        None,
        None,
    )


def test_a_state_too_large_or_out_of_order_is_refused_and_the_old_one_stays() -> None:
    nor = Nor(16)
    held = shelf(nor)
    take(held, chunks(20, 20, 5))
    with pytest.raises(FlashError, match="full"):
        take(held, chunks(400, 800, 5), 2)
    assert (held.state.version, held.state.home("010101") is not None) == (1, True)
    held.begin([b"two"])
    two = encode([s.HOMES, [["2", "b", 0], ["1", "b", 0]]])
    with pytest.raises(RecordError, match="order"):
        held.add(two)
    with pytest.raises(RecordError, match="order"):
        HeldState().add(two)
    held.begin([b"prefix"])
    with pytest.raises(RecordError, match="home"):
        held.add(encode([s.DOOR, [[DOOR[0], "1" * 17, *DOOR[2:]]]]))
    assert shelf(nor).state.version == 1
    assert take(held, chunks(20, 20, 5, version=3), 3).version == 3


def test_the_newest_of_two_copies_counts_wherever_it_lies() -> None:
    nor = Nor(16)
    for version in range(1, 6):
        take(shelf(nor), chunks(20, 20, 5, version=version), version)
        assert shelf(nor).state.version == version


def test_a_bit_that_flips_in_the_directory_leaves_no_half_state() -> None:
    nor = Nor(16)
    take(shelf(nor), chunks(20, 20, 5))
    for at in (*range(10), *range(256, 300)):
        for bit in range(8):
            spoilt = Nor(16, bytes(nor.memory))
            spoilt.memory[at] ^= 1 << bit
            assert shelf(spoilt).state.version == 0


@pytest.mark.parametrize("tear", TEARS)
def test_a_cut_at_every_operation_of_a_swap_leaves_one_whole_state(tear: int) -> None:
    nor, cuts = Nor(16), 0
    old, new = chunks(40, 60, 20, version=1), chunks(40, 60, 20, version=2)
    held = shelf(nor)
    nor.tale = []
    take(held, old, 1)
    begun = len(nor.tale)
    nor.mark = 1
    take(held, new, 2)
    memories = {1: in_memory(old), 2: in_memory(new)}
    key = next(iter(memories[1]._keyed[s.CODES]))
    for memory, operation, least in nor.tale:
        torn = Nor(16, memory)
        torn.tear(operation, tear)
        after = shelf(torn)
        version = after.state.version
        assert least <= version <= least + 1
        if version:
            assert after.state.find(s.CODES, *key) == memories[version].find(s.CODES, *key)
        if cuts % 9 == 0:
            assert take(after, new, 9).version == shelf(torn).state.version == 9
        cuts += 1
    print(f"{cuts} cuts at tear level {tear}, {cuts - begun} of them over an older state")
    assert cuts > 70
