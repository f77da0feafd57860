"""The witness rule: a door takes what continues what it took, holds its own entries and comes from the believed log."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core import oracle
from tests.core.estate import DEVICE, ESTATE, STRANGER, Signer, verify

from gatecore import note
from gatecore.errors import GateError, TrustError
from gatecore.witness import MOST_PENDING, OVERDUE_MS, Proof, Witness, from_numbers, numbers

LOG, LATER_LOG = Signer("log"), Signer("later log")


class Tree:
    """A host's tree: leaves by name, and its receipts. `mine` are the places of the door's own entries, by seq."""

    def __init__(
        self, leaves: Sequence[bytes] = (), generation: int = 1, signer: Signer = LOG, estate: bytes = b""
    ) -> None:
        self.estate = estate or ESTATE.public
        self.leaves, self.mine = list(leaves), dict[int, int]()
        self.generation, self.signer = generation, signer

    def add(self, count: int = 1) -> None:
        for _ in range(count):
            self.leaves.append(b"other %d" % len(self.leaves))

    def add_mine(self, seq: int, data: bytes = b"") -> int:
        self.mine[seq] = len(self.leaves)
        self.leaves.append(data or entry(seq))
        return self.mine[seq]

    def note(self, size: int | None = None) -> bytes:
        size = len(self.leaves) if size is None else size
        origin = note.origin(self.estate, self.generation)
        return note.signed(origin, size, oracle.mth(self.leaves[:size]), self.signer)

    def receipt(self, first: int, size: int | None = None, seq: int | None = None) -> Proof:
        """An honest receipt; `seq` shows another entry than the newest."""
        size = len(self.leaves) if size is None else size
        own = [n for n, index in self.mine.items() if first <= index < size]
        shown = max(own, default=0) if seq is None else seq
        index = self.mine[shown] if shown else 0
        path = oracle.path(index, self.leaves[:size]) if shown else []
        return Proof(self.note(size), first, oracle.proof(first, self.leaves[:size]), shown, index, path)


def entry(seq: int) -> bytes:
    return b"mine %d" % seq


def believing(tree: Tree) -> Witness:
    witness = Witness(ESTATE.public)
    assert witness.follow(tree.generation, tree.signer.public, 0) is not None
    return witness


def take(witness: Witness, proof: Proof) -> None:
    witness.take(proof, entry(proof.seq) if proof.seq else None, verify)


def refused(witness: Witness, proof: Proof, shown: bytes | None = b"") -> str:
    """Why; the witness is as it was."""
    before = witness.to_wire()
    with pytest.raises(TrustError) as wrong:
        witness.take(proof, entry(proof.seq) if shown == b"" else shown, verify)
    assert witness.to_wire() == before
    return wrong.value.code


def test_an_honest_log_is_taken_step_by_step_and_receipts_what_it_shows() -> None:
    tree = Tree()
    witness = believing(tree)
    for seq in range(1, 30):
        tree.add(seq % 4)
        witness.acknowledged(seq, tree.add_mine(seq), seq)
        take(witness, tree.receipt(witness.size))
        assert (witness.size, witness.root) == (len(tree.leaves), oracle.mth(tree.leaves))
        assert witness.receipted == seq
        signature = witness.cosign(1_800_000_000, DEVICE)
        text = note.read(witness.note).text
        assert verify(DEVICE.public, note.cosigned_message(text, 1_800_000_000), signature)


def test_a_checkpoint_without_an_acknowledged_entry_is_refused() -> None:
    tree = Tree()
    witness = believing(tree)
    tree.add(3)
    witness.acknowledged(1, 3, 0)
    tree.add(2)  # leaf 3 is somebody else's: the door's entry was left out
    assert refused(witness, tree.receipt(0), None) == "inclusion"


def test_an_older_entry_does_not_stand_for_a_newer_one() -> None:
    tree = Tree()
    witness = believing(tree)
    for seq in (1, 2, 3):
        witness.acknowledged(seq, tree.add_mine(seq), 0)
    tree.add(4)
    assert refused(witness, tree.receipt(0, seq=2)) == "inclusion"
    take(witness, tree.receipt(0))
    assert witness.receipted == 3


def test_an_entry_acknowledged_above_the_checkpoint_is_not_missed_in_it() -> None:
    tree = Tree()
    witness = believing(tree)
    witness.acknowledged(1, tree.add_mine(1), 0)
    tree.add(5)
    early = tree.receipt(0)
    witness.acknowledged(2, tree.add_mine(2), 0)
    take(witness, early)
    assert witness.receipted == 1
    assert refused(witness, tree.receipt(witness.size, seq=1)) == "inclusion"
    take(witness, tree.receipt(witness.size))
    assert witness.receipted == 2


def test_a_receipt_that_overtakes_its_acknowledgement_is_taken() -> None:
    tree = Tree()
    witness = believing(tree)
    index = tree.add_mine(1)
    take(witness, tree.receipt(0))
    witness.acknowledged(1, index, 0)
    assert not witness.overdue(OVERDUE_MS * 2)


def test_an_entry_shown_elsewhere_than_it_was_acknowledged_is_refused() -> None:
    tree = Tree()
    witness = believing(tree)
    tree.add_mine(1)
    tree.add()
    witness.acknowledged(1, 1, 0)
    assert refused(witness, tree.receipt(0)) == "inclusion"


def test_another_entry_under_my_number_is_refused() -> None:
    tree = Tree()
    witness = believing(tree)
    witness.acknowledged(1, tree.add_mine(1), 0)
    assert refused(witness, tree.receipt(0), b"what I really wrote") == "inclusion"
    assert refused(witness, tree.receipt(0), None) == "inclusion"


def test_two_trees_are_never_both_taken() -> None:
    tree, other = Tree([b"a", b"b", b"c"]), Tree([b"a", b"x", b"c"])
    witness = believing(tree)
    take(witness, tree.receipt(0))
    other.add(3)
    assert refused(witness, other.receipt(3)) == "consistency"
    forged = other.receipt(3)
    forged.path = oracle.proof(3, tree.leaves + other.leaves[3:])
    assert refused(witness, forged) == "consistency"
    same = Tree([b"a", b"x", b"c"]).receipt(3)
    assert refused(witness, same) == "consistency"


def test_an_older_checkpoint_is_refused() -> None:
    tree = Tree([b"a", b"b", b"c", b"d"])
    witness = believing(tree)
    take(witness, tree.receipt(0))
    assert refused(witness, tree.receipt(0, 3)) == "size"
    assert refused(witness, tree.receipt(3, 3)) == "size"
    assert refused(witness, Proof(tree.note(3), 4, [], 0, 0, [])) == "size"


def test_a_checkpoint_of_another_signer_generation_or_estate_is_refused() -> None:
    tree = Tree([b"a"])
    witness = believing(tree)
    for signer in (STRANGER, ESTATE, DEVICE, LATER_LOG):
        assert refused(witness, Tree([b"a"], 1, signer).receipt(0)) == "signature"
    assert refused(witness, Tree([b"a"], 2).receipt(0)) == "signature"
    elsewhere = note.signed(note.origin(STRANGER.public, 1), 1, oracle.mth([b"a"]), LOG)
    assert refused(witness, Proof(elsewhere, 0, [], 0, 0, [])) == "signature"
    assert refused(witness, Proof(b"no note", 0, [], 0, 0, [])) == "signature"
    assert refused(Witness(ESTATE.public), tree.receipt(0)) == "signature"


def test_a_checkpoint_again_is_taken_again() -> None:
    tree = Tree([b"a", b"b"])
    witness = believing(tree)
    take(witness, tree.receipt(0))
    take(witness, tree.receipt(2))
    assert witness.size == 2


@pytest.mark.parametrize("spoil", ["path", "inclusion"])
def test_what_is_no_hash_is_refused(spoil: str) -> None:
    tree = Tree()
    witness = believing(tree)
    tree.add_mine(1)
    tree.add(2)
    proof = tree.receipt(0)
    setattr(proof, spoil, [b"short"])
    assert refused(witness, proof) == "consistency"


def test_nothing_may_hang_on_a_receipt_that_shows_nothing() -> None:
    tree = Tree([b"a"])
    witness = believing(tree)
    assert refused(witness, Proof(tree.note(), 0, [], 0, 1, []), None) == "inclusion"
    assert refused(witness, Proof(tree.note(), 0, [], 0, 0, [bytes(32)]), None) == "inclusion"


def test_an_index_that_cannot_be_is_refused() -> None:
    tree = Tree()
    witness = believing(tree)
    tree.add(5)
    take(witness, tree.receipt(0))
    for seq, index in ((1, 4), (3, None)):  # below what was taken without showing it; no leaf at all
        with pytest.raises(TrustError, match="index"):
            witness.acknowledged(seq, index, 0)
    witness.acknowledged(2, 7, 0)
    for seq, index in ((2, 8), (3, 7), (3, 6)):  # another place; the same place; an earlier one
        with pytest.raises(TrustError, match="index"):
            witness.acknowledged(seq, index, 0)
    witness.acknowledged(1, 3, 0)  # an older one tells nothing new


def test_entries_from_before_the_log_need_no_leaf_in_it() -> None:
    witness = Witness(ESTATE.public)
    witness.follow(1, LOG.public, 40)
    witness.acknowledged(40, None, 0)
    with pytest.raises(TrustError):
        witness.acknowledged(41, None, 0)


def test_an_acknowledged_entry_left_uncovered_is_overdue_after_ten_minutes_of_connection() -> None:
    tree = Tree()
    witness = believing(tree)
    witness.acknowledged(1, tree.add_mine(1), 1_000)
    half = OVERDUE_MS // 2
    assert not witness.overdue(1_000 + half)
    witness.connected(OVERDUE_MS * 5)  # what lies between is nobody's fault
    assert not witness.overdue(OVERDUE_MS * 5 + half)
    assert witness.overdue(OVERDUE_MS * 5 + half + 1)
    take(witness, tree.receipt(0))
    assert not witness.overdue(OVERDUE_MS * 9)


def test_a_host_that_hangs_up_every_nine_minutes_leaves_an_entry_uncovered_no_longer() -> None:
    tree = Tree()
    tree.add(3)
    witness, mono = believing(tree), 0
    witness.connected(mono)
    witness.acknowledged(1, tree.add_mine(1), mono)
    told = []
    for _ in range(4):
        for _ in range(9):  # connected, and asked each minute
            told.append(witness.overdue(mono))
            mono += 60_000
        mono += 3_600_000  # an hour without host, which is nobody's fault
        witness.connected(mono)
    assert told.index(True) == 12  # after 11 minutes of connection, the eleventh not over ten


def test_what_a_witness_knows_survives() -> None:
    tree = Tree()
    witness = believing(tree)
    witness.acknowledged(1, tree.add_mine(1), 0)
    take(witness, tree.receipt(0))
    witness.acknowledged(2, 9, 0)
    again = Witness(ESTATE.public, witness.to_wire())
    assert again.to_wire() == witness.to_wire()
    assert (again.size, again.root, again.receipted) == (1, oracle.mth(tree.leaves), 1)
    tree.add(20)
    assert refused(again, tree.receipt(1), None) == "inclusion"


@given(st.binary(max_size=60))
def test_a_spoilt_memory_is_an_empty_one(data: bytes) -> None:
    assert Witness(ESTATE.public, data).to_wire() == Witness(ESTATE.public).to_wire()


def test_a_spoilt_pair_is_an_empty_memory() -> None:
    from gatecore.witness import Kept

    for pending in ([1], [[1]], [[1, b"x"]]):
        spoilt = Kept(1, LOG.public, b"", 0, 0, 0, 0, pending).to_wire()
        assert Witness(ESTATE.public, spoilt).generation == 0
    assert Witness(ESTATE.public, Kept(1, LOG.public, b"no note", 0, 0, 0, 0, []).to_wire()).generation == 0


def test_a_later_generation_replaces_and_names_what_was_seen_of_the_former() -> None:
    tree = Tree([b"a", b"b"])
    witness = believing(tree)
    take(witness, tree.receipt(0))
    told = witness.follow(2, LATER_LOG.public, 17)
    assert told == [2, 1, 2, *numbers(oracle.mth(tree.leaves))]
    assert witness.seen == []
    assert refused(witness, tree.receipt(0)) == "signature"
    take(witness, Tree([b"z"], 2, LATER_LOG).receipt(0))
    assert witness.follow(2, LATER_LOG.public, 17) is None
    for generation, key, code in ((1, LOG, "rollback"), (2, LOG, "conflict")):
        with pytest.raises(TrustError, match=code):
            witness.follow(generation, key.public, 17)


def test_a_long_absence_keeps_the_oldest_and_the_newest_acknowledgement() -> None:
    tree = Tree()
    witness = believing(tree)
    for seq in range(1, 500):
        witness.acknowledged(seq, tree.add_mine(seq), seq)
    assert len(witness._pending) <= MOST_PENDING
    assert witness.overdue(OVERDUE_MS + 2)
    assert refused(witness, tree.receipt(0, seq=498)) == "inclusion"
    take(witness, tree.receipt(0))
    assert not witness._pending


@given(st.binary(max_size=64).filter(lambda data: len(data) % 8 == 0))
def test_numbers_hold_bytes(data: bytes) -> None:
    assert from_numbers(numbers(data)) == data


def test_numbers_that_are_none_are_refused() -> None:
    for wrong in ([-1], [1 << 64]):
        with pytest.raises(GateError):
            from_numbers(wrong)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3)), max_size=40))
def test_a_busy_door_never_refuses_an_honest_checkpoint(steps: list[tuple[bool, int]]) -> None:
    """Checkpoints of any earlier size, acknowledgements in between, in any order an honest host can send them."""
    tree = Tree()
    witness = believing(tree)
    for seq, (checkpoint, others) in enumerate(steps, 1):
        tree.add(others)
        size = len(tree.leaves)
        index = tree.add_mine(seq)
        if checkpoint and size >= witness.size:
            late = tree.receipt(witness.size, size)
            witness.acknowledged(seq, index, seq)
            take(witness, late)
        else:
            witness.acknowledged(seq, index, seq)
