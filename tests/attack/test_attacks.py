"""The attacks in short: every class on every kind of estate, byte by byte ones as a sample; `make attack` runs all.

And for each class the proof that it looks: with one check taken out of the verifier an attack of it is accepted.
"""

import io

import pytest
from tests.attack import assault, orders, weakened
from tests.attack.__main__ import against, code, judging
from tests.attack.bundle import keep_verdicts
from tests.attack.outside import Outside, request
from tests.attack.worlds import KINDS, World, world

from gatecore.errors import GateError
from gatecore.sign import sha256
from gatecore.wire import sign1
from gateverify import standalone, witness

SEEDS = range(len(KINDS))
LEAST = {
    "lines": 600, "rewritten": 1500, "halves": 200, "replayed": 150, "envelopes": 1200, "ruling": 150, "forked": 40,
    "service": 30, "generations": 200, "misread": 250,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_verdicts(monkeypatch)


@pytest.mark.parametrize("seed", SEEDS, ids=KINDS)
def test_the_untouched_export_holds(seed: int) -> None:
    one = world(seed)
    assert code(one.data, one.trust) == standalone.HOLDS


@pytest.mark.parametrize("name", [one.__name__ for one in assault.THOUGHT])
def test_no_attack_that_takes_thought_is_accepted(name: str) -> None:
    done = [against(name, seed) for seed in SEEDS]
    assert [what for _, _, accepted in done for what in accepted] == []
    assert sum(count for _, count, _ in done) >= LEAST[name]


@pytest.mark.parametrize("name", [one.__name__ for one in assault.BYTES])
def test_no_altered_byte_is_accepted(name: str) -> None:
    done = [against(name, seed, every=97) for seed in SEEDS]
    assert [what for _, _, accepted in done for what in accepted] == []
    assert sum(count for _, count, _ in done) >= 100


def test_no_order_of_the_wrong_party_is_believed() -> None:
    count, believed = orders.accepted(orders.tries())
    assert believed == []
    assert count >= 3000
    for what in orders.records(bytes(16), bytes(16)):
        trust, challenge = orders.door()
        right, record = orders.records(orders.DEVICE.key_id, challenge)[what]
        orders.accepting(what, trust, sign1(record, orders.PARTIES[right]))


def test_a_door_that_checks_no_signature_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "verify", lambda *_: True)
    _, believed = orders.accepted(orders.tries())
    assert any("bit" in what for what in believed)


@pytest.mark.parametrize("name", list(weakened.CONTROL))
def test_each_class_notices_a_check_that_is_gone(name: str) -> None:
    assert any(found(name, world(seed)) for seed in (0, 3, 5))


def found(name: str, one: World) -> bool:
    """Whether the weakened verifier accepts one attack of the class."""
    made = weakened.verifier(weakened.CONTROL[name])
    trust = judging(name, one)
    witnesses = {key: made.Witness(it.kind, list(it.keys)) for key, it in trust.witnesses.items()}
    for what, data in assault.CLASSES[name](one):
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
    raw = request(next(made for _, made in assault.deeds(one)), one.history, 0)
    after, _ = witness.judge(forgetful, standalone.Trust(one.trust.estate).estate, raw)
    assert after.size > 0
    with pytest.raises(standalone.Refused):
        witness.judge(after, one.trust.estate, raw)


def test_an_error_of_a_reader_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anything else would end the attacks with a traceback, and it does."""
    monkeypatch.setattr(standalone, "root_at", lambda *_: 1 // 0)
    one = world(0)
    with pytest.raises(ZeroDivisionError):
        code(one.data, one.trust)
    assert issubclass(GateError, Exception)
