"""The attacks in short: every class on every kind of estate, byte by byte ones as a sample; `make attack` runs all.

And for each class the proof that it looks: with one check taken out of the verifier an attack of it is accepted.
"""

import io

import pytest
from tests.attack import assault, copies, orders, weakened
from tests.attack.__main__ import against, judging
from tests.attack.bundle import by_the_core, by_the_file, keep_verdicts
from tests.attack.forgery import wrote
from tests.attack.outside import Outside, request
from tests.attack.worlds import KINDS, World, lossy, small, world

from gatecore import bundlelog
from gatecore.errors import GateError
from gatecore.sign import sha256
from gatecore.wire import sign1
from gateverify import standalone, witness

SEEDS = range(len(KINDS))
HELD, UNPROVEN = (0, ""), (3, "unproven")
LEAST = {
    "lines": 600, "rewritten": 1500, "halves": 200, "replayed": 150, "envelopes": 1200, "ruling": 150, "forked": 40,
    "service": 30, "generations": 200, "misread": 250, "own_key": 400, "seals": 400, "certificates": 500,
    "encodings": 400, "lost": 250,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_verdicts(monkeypatch)


@pytest.mark.parametrize("seed", SEEDS, ids=KINDS)
def test_the_untouched_export_holds_for_both_readers(seed: int) -> None:
    one = world(seed)
    assert (by_the_file(one.data, one.trust), by_the_core(one.data, one.trust)) == (HELD, HELD)


def test_what_an_attack_starts_from_holds_too() -> None:
    """Else an attack would be refused for what it has not done."""
    one = world(1)
    for data in (small().data, wrote(one).to_wire()):
        assert by_the_file(data, one.trust if data != small().data else small().trust) == HELD


def test_entries_lost_in_a_restore_are_said_to_be_and_are_no_proof() -> None:
    one = lossy(8)
    assert (by_the_file(one.data, one.trust), by_the_core(one.data, one.trust)) == (UNPROVEN, UNPROVEN)
    report = standalone.Report()
    standalone.verify(io.BytesIO(one.data), one.trust, report)
    assert report.lost == ["“Gate 8” entries 3 to 3: lost in a restore of the host"]
    assert standalone.against(report) == "1 entries were lost in a restore of the host."


@pytest.mark.parametrize("name", [one.__name__ for one in assault.THOUGHT])
def test_no_attack_that_takes_thought_is_accepted(name: str) -> None:
    done = [against(name, seed) for seed in SEEDS]
    assert [what for one in done for what in one.accepted] == []
    assert sum(one.tried for one in done) >= LEAST[name]


@pytest.mark.parametrize("name", [one.__name__ for one in assault.BYTES])
def test_no_altered_byte_is_accepted(name: str) -> None:
    done = [against(name, seed, every=97) for seed in SEEDS]
    assert [what for one in done for what in one.accepted] == []
    assert sum(one.tried for one in done) >= 100


def test_a_verdict_the_two_readers_do_not_share_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundlelog, "_in_service", lambda *_: None)
    assert any("stand-alone file 1, core 0" in what for what in against("service", 0).accepted)


def test_no_order_of_the_wrong_party_is_believed() -> None:
    count, believed, _ = orders.accepted(orders.tries())
    assert believed == []
    assert count >= 3000
    for what in orders.records(bytes(16), bytes(16)):
        trust, challenge = orders.door()
        right, record = orders.records(orders.DEVICE.key_id, challenge)[what]
        orders.accepting(what, trust, sign1(record, orders.PARTIES[right]))


def test_the_copy_of_a_gate_that_is_attacked_is_one_it_takes() -> None:
    trust, _ = orders.door()
    held = copies.gate(trust, holding=True)
    held.take(copies.signed())
    assert (held.held, held.slips[0][1]) == ((3, 8), "王搬家")
    held.take(copies.signed(generation=4, number=1))
    assert held.held == (4, 1)


def test_a_door_that_checks_no_signature_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "verify", lambda *_: True)
    _, believed, _ = orders.accepted(orders.tries())
    assert any("bit" in what for what in believed)


@pytest.mark.parametrize("name", list(weakened.CONTROL))
def test_each_class_notices_a_check_that_is_gone(name: str) -> None:
    assert any(found(name, world(seed)) for seed in (0, 3, 5))


def found(name: str, one: World) -> bool:
    """Whether the weakened verifier accepts one attack of the class."""
    made = weakened.verifier(weakened.CONTROL[name])
    trust = judging(name, one)
    witnesses = {key: made.Witness(it.kind, list(it.keys)) for key, it in trust.witnesses.items()}
    attacks = list(assault.CLASSES[name](one))
    if assault.CLASSES[name] in assault.BYTES:
        attacks.reverse()  # what no check sees any more stands near the end of the file
    for what, data in attacks:
        report = made.Report()
        try:
            made.verify(io.BytesIO(data), made.Trust(trust.estate, None, witnesses, trust.need, trust.outside), report)
        except made.Refused:
            continue
        if not made.against(report):
            print(f"{name}: noticed by {what!r}")
            return True
    return False


def test_the_witness_refuses_a_second_history_and_goes_on_with_the_first() -> None:
    one = world(0)
    with Outside("committee", sha256(f"committee {one.seed}".encode())) as committee:
        committee.sees(one.history, one.history.sizes[:1])
        for what, made in assault.deeds(one):
            first = one.history.leaves()[: committee.size]
            if made.leaves()[: committee.size] != first:
                assert committee.asked(request(made, made, committee.size)) == b"", what
        assert committee.refused >= 5
        committee.sees(one.history, one.history.sizes[1:])


def test_a_witness_that_forgets_what_it_saw_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its memory the committee cosigns an administrator's second history."""
    one = world(0)
    forgetful = witness.Kept("committee", bytes(32))
    second = request(next(made for _, made in assault.deeds(one)), one.history, 0)
    first = request(one.history, one.history, 0)
    assert witness.judge(forgetful, one.trust.estate, second)[0].size > 0
    remembers, _ = witness.judge(forgetful, one.trust.estate, first)
    assert witness.judge(remembers, one.trust.estate, first)[0] == remembers
    with pytest.raises(standalone.Refused):
        witness.judge(remembers, one.trust.estate, second)


def test_an_error_of_a_reader_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anything else would end the attacks with a traceback, and it does."""
    monkeypatch.setattr(standalone, "folded", lambda *_: 1 // 0)
    one = world(0)
    with pytest.raises(ZeroDivisionError):
        by_the_file(one.data, one.trust)
    assert issubclass(GateError, Exception)
