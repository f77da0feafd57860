"""Small records on raw flash: the newest whole one counts, whatever the power does."""

import pytest

from gateboard.errors import FlashError
from gateboard.flash import SECTOR, Region
from gateboard.notes import Note
from gatecore.throttle import CODES, LAW, TRY, Memory

from .nor import TEARS, Nor


def test_the_newest_record_is_read_after_a_restart() -> None:
    nor = Nor(2)
    assert Note(Region(nor, 0, 2)).data is None
    note = Note(Region(nor, 0, 2))
    for n in range(100):
        note.write(bytes([n]) * (n * 7 % 900))
        note.tidy()
        assert Note(Region(nor, 0, 2)).data == note.data


def test_a_record_is_one_program_if_it_fits_a_page() -> None:
    nor = Nor(2)
    note = Note(Region(nor, 0, 2))
    note.write(bytes(100))
    before = nor.programs
    note.write(bytes(244))
    assert nor.programs == before + 1


def test_a_record_that_does_not_fit_is_refused_and_the_old_one_kept() -> None:
    nor = Nor(2)
    note = Note(Region(nor, 0, 2))
    note.write(b"old")
    with pytest.raises(FlashError, match="long"):
        note.write(bytes(SECTOR))
    assert Note(Region(nor, 0, 2)).data == b"old"


def test_a_spoilt_memory_is_told_from_none_and_wins_no_try() -> None:
    nor = Nor(2)
    note = Note(Region(nor, 0, 2))
    assert not note.spoilt
    note.write(Memory().to_wire())
    nor.memory[5] ^= 0xFF
    spoilt = Note(Region(nor, 0, 2))
    assert (spoilt.data, spoilt.spoilt) == (None, True)
    memory = Memory.restore(b"" if spoilt.spoilt else spoilt.data)
    assert memory.levels[CODES] == 0
    spoilt.write(b"new")
    assert Note(Region(nor, 0, 2)).data == b"new"


@pytest.mark.parametrize("tear", TEARS)
def test_a_cut_at_every_operation_keeps_the_old_record_or_has_the_new_one(tear: int) -> None:
    nor, cuts = Nor(4), 0
    nor.tale = []
    note = Note(Region(nor, 0, 4))
    for n in range(1, 120):
        nor.mark = n
        if n % 3:
            note.tidy()
        note.write(bytes([n]) * (n * 37 % 700))
    for memory, operation, n in nor.tale:
        torn = Nor(4, memory)
        torn.tear(operation, tear)
        after = Note(Region(torn, 0, 4))
        kept = [bytes([k]) * (k * 37 % 700) for k in (n - 1, n)]
        assert after.data in (kept if n > 1 else [None, kept[1]])
        after.write(b"next")
        assert Note(Region(torn, 0, 4)).data == b"next"
        cuts += 1
    print(f"{cuts} cuts at tear level {tear}")
    assert cuts > 230


def test_wrong_tries_survive_a_cut_at_every_operation() -> None:
    """Pulling the plug buys no try: what the throttle wrote before it answered is there, or one spent more."""
    nor, memory = Nor(4), Memory()
    note = Note(Region(nor, 0, 4))
    nor.tale = []
    for n in range(LAW[CODES][0]):
        memory.spend(CODES)
        memory.count_wrong("120502")
        nor.mark = n
        note.write(memory.to_wire())
        note.tidy()
    assert len(nor.tale) > 10
    for before, operation, answered in nor.tale:
        for tear in TEARS:
            torn = Nor(4, before)
            torn.tear(operation, tear)
            kept = Note(Region(torn, 0, 4))
            back = Memory.restore(b"" if kept.spoilt else kept.data)
            assert back.levels[CODES] <= (LAW[CODES][0] - answered) * TRY
