"""What an export tells and what it cannot: counts, places, withheld halves, an estate that is made up."""

import dataclasses
import io

import pytest
from tests.attack.bundle import HOLDS, UNPROVEN, by_the_core, by_the_file, keep_verdicts
from tests.attack.history import History, Witness, Wrote, whole
from tests.attack.worlds import lossy, world
from tests.attack.written import COMMITTEE, GATE, TRUST, USUAL, busy, honest, part_of
from tests.core import oracle
from tests.core.estate import STRANGER

from gatecore import bundle, tree
from gatecore.records import ACCESS
from gatehost.keys import verify
from gateverify import standalone

KNOWN = standalone.trust_of(TRUST.encode())


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_verdicts(monkeypatch)


def report_of(data: bytes, trust: standalone.Trust | None = KNOWN) -> standalone.Report:
    report = standalone.Report()
    standalone.verify(io.BytesIO(data), trust, report)
    return report


@pytest.mark.parametrize("number", [1, 6, 39, 340])
def test_an_honest_export_holds_for_both_readers(number: int) -> None:
    data = honest(number)
    assert [by_the_file(data, KNOWN), by_the_file(data, KNOWN, fast=False), by_the_core(data, KNOWN)] == [
        (HOLDS, "")
    ] * 3


def test_the_first_wrong_place_is_named() -> None:
    def place(change: object, trust: standalone.Trust = KNOWN) -> str:
        parts = whole(busy(6))
        change(parts)  # type: ignore[operator]
        report = standalone.Report()
        with pytest.raises(standalone.Refused):
            standalone.verify(io.BytesIO(parts.to_wire()), trust, report)
        return report.place

    assert place(lambda parts: parts.sections[1].pop(3)) == "section 2 “Gate 3”, entry 3"
    assert place(lambda parts: parts.sections[1].pop()) == "section 2 “Gate 3”, seal after entry 6"
    assert place(lambda parts: parts.logs[0].pop()).startswith("log of generation 1")
    assert place(lambda parts: parts.logs.append([None])) == "log 2"
    assert place(lambda _: None, standalone.Trust(STRANGER.public)) == "head of the file"


def test_halves_that_are_withheld_break_nothing_and_are_counted() -> None:
    data = part_of(100, 3, range(3, 101, 2))
    assert (by_the_file(data, KNOWN), by_the_core(data, KNOWN)) == ((HOLDS, ""), (HOLDS, ""))
    gate = report_of(data).devices[1]
    committed = [seq for seq in range(3, 101) if USUAL[(seq - 1) % len(USUAL)][2] is not None]
    shown = [seq for seq in committed if seq % 2]
    assert (gate.disclosed, gate.withheld, gate.plain) == (len(shown), len(committed) - len(shown), 98 - len(committed))
    assert 0 < gate.withheld < len(committed)
    assert any("withheld" in line for line in standalone.unproven(report_of(data)))


def test_the_report_counts_what_the_door_did() -> None:
    report = report_of(honest(70))
    gate = report.devices[1]
    access = [pub for typ, pub, _ in (USUAL[at % len(USUAL)] for at in range(70)) if typ == ACCESS]
    assert gate.granted == sum(pub[1] == 1 for pub in access)
    assert gate.refused == sum(pub[1] == 0 for pub in access)
    assert gate.late == sum(pub[4] & 1 for pub in access)
    assert (gate.first, gate.last, gate.dev, report.entries) == (1, 70, GATE.key_id.hex(), 72)
    assert sum(count for count, _, _ in gate.times.values()) == sum(gate.types.values()) == 70


def test_the_two_readers_count_alike() -> None:

    for one in (*(world(seed) for seed in range(9)), lossy(8)):
        report = report_of(one.data, one.trust)
        found = bundle.check(io.BytesIO(one.data).read, verify)
        mine = [
            sum(getattr(it, name) for it in report.devices) for name in ("disclosed", "erased", "withheld", "missing")
        ]
        assert [found.entries, found.disclosed, found.erased, found.withheld, found.missing] == [report.entries, *mine]
        assert len(found.lost) == len(report.lost)


def test_an_estate_that_is_made_up_is_only_consistent_without_a_trust_file() -> None:
    made = History(estate=STRANGER)
    host = made.devices[0]
    gate = Wrote(GATE, "Gate 3")
    made.batch(made.enrol(gate), [(21, [], None)])
    made.checkpoint([Witness("committee", COMMITTEE)])
    parts = whole(made)
    for at, device in enumerate((host, gate)):
        parts.sections[at][0][1] = device.cert(STRANGER)
    parts.logs[0][0][1] = host.cert(STRANGER)
    data = parts.to_wire()
    assert (by_the_file(data, None)[0], by_the_core(data, None)[0]) == (UNPROVEN, UNPROVEN)
    assert (by_the_file(data, KNOWN)[0], by_the_core(data, KNOWN)[0]) == (1, 1)


def test_what_a_file_cannot_show_is_said() -> None:
    said = " ".join(standalone.unproven(report_of(honest(3))))
    assert "after the last checkpoint" in said
    part = " ".join(standalone.unproven(report_of(part_of(9, 3, ()))))
    assert "Other doors, times and people" in part


@pytest.mark.parametrize("piece", [1, 2, 4, 16])
def test_the_tree_is_worked_out_in_pieces(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standalone, "PIECE", piece)
    entries = [b"entry %d" % number for number in range(37)]
    leaves = [tree.leaf(entry) for entry in entries]
    for last in range(1, 38):
        grows = standalone.Growing(list(range(last + 1)))
        for at in range(0, last, 5):
            grows.add(b"".join(leaves[at : min(at + 5, last)]))
        grows.end()
        assert grows.roots == {size: oracle.mth(entries[:size]) for size in range(last + 1)}


def spoilt(data: bytes, name: str, whole: bool) -> list[bytes]:
    """The export with each bit of this cosigner's lines turned, one at a time; of its name alone if not `whole`."""
    found, start, line = [], 0, f"\u2014 {name} ".encode()
    while (at := data.find(line, start)) >= 0:
        start = data.index(b"\n", at) + 1
        for place in range(8 * at, 8 * start) if whole else range(8 * (at + 4), 8 * (at + len(line) - 1)):
            changed = bytearray(data)
            changed[place // 8] ^= 1 << place % 8
            found.append(bytes(changed))
    return found


@pytest.mark.parametrize("number", [0, 1])
def test_one_cosignature_more_than_needed_is_no_place_to_write(number: int) -> None:
    """A line of a stranger is nobody's word and says nothing; a known witness's is not made a stranger's by a bit. Only
    another key's four bytes are: a witness outside may have a key since this trust file was printed."""
    one = world(number)
    enough = dataclasses.replace(one.trust, need=1, outside=0)
    assert by_the_file(one.data, enough) == (HOLDS, "")
    changed = [*spoilt(one.data, one.gate.key_id.hex(), whole=True), *spoilt(one.data, "committee", whole=False)]
    assert len(changed) > 1000
    readers = (by_the_file, lambda data, trust: by_the_file(data, trust, fast=False), by_the_core)
    assert [data for data in changed for read in readers if read(data, enough)[0] == HOLDS] == []
