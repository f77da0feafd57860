"""The host's tree is RFC 6962's, at every size it ever had, whatever the steps in which it grew."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core import oracle

from gatecore.tree import consistent, included
from gatehost.store.forest import WIDTH, Forest, edge_tile, grown, leaf_hash

MOST = 5 * WIDTH * WIDTH // 2
LEAVES = [n.to_bytes(3, "big") for n in range(MOST)]
HASHES = [leaf_hash(one) for one in LEAVES]


class Grown:
    """A tree grown in steps; tiles are kept as rows are."""

    def __init__(self) -> None:
        self.size, self.edge, self.full = 0, b"", dict[tuple[int, int], bytes]()
        self.reads = 0
        self.forest = Forest(self.tile)

    def add(self, count: int) -> None:
        self.size, self.edge, full = grown(self.size, self.edge, HASHES[self.size : self.size + count])
        for level, number, tile in full:
            assert (level, number) not in self.full, "a tile is written once"
            assert len(tile) == WIDTH * 32
            self.full[level, number] = tile

    def tile(self, level: int, number: int) -> bytes:
        self.reads += 1
        partial = edge_tile(self.size, self.edge, level, number)
        return self.full[level, number] if partial is None else partial


def tree(size: int) -> Grown:
    made = Grown()
    made.add(size)
    return made


@given(st.lists(st.integers(1, 200), min_size=1, max_size=12))
@settings(deadline=None, max_examples=40)
def test_growing_in_steps_is_growing_at_once(steps: list[int]) -> None:
    made = Grown()
    for step in steps:
        made.add(step)
    whole = tree(sum(steps))
    assert (made.size, made.edge, made.full) == (whole.size, whole.edge, whole.full)
    assert made.forest.root(made.size) == oracle.mth(LEAVES[: made.size])


def test_every_small_tree_and_proof_is_the_oracles() -> None:
    made = tree(80)
    for size in range(81):
        assert made.forest.root(size) == oracle.mth(LEAVES[:size])
        for index in range(0, size, 7):
            assert made.forest.path(index, size) == oracle.path(index, LEAVES[:size])
            assert made.forest.consistency(index, size) == oracle.proof(index, LEAVES[:size])


@given(st.data())
@settings(deadline=None, max_examples=60)
def test_proofs_of_a_large_tree_at_any_of_its_sizes_hold_for_a_door(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, MOST))
    index, first = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    root = BIG.forest.root(size)
    assert included(HASHES[index], index, size, BIG.forest.path(index, size), root)
    assert consistent(first, BIG.forest.root(first), size, root, BIG.forest.consistency(first, size))


def test_a_large_trees_root_is_the_oracles() -> None:
    assert BIG.forest.root(MOST) == oracle.mth(LEAVES)


def test_a_proof_reads_a_few_tiles() -> None:
    BIG.reads = 0
    BIG.forest.path(12, MOST)
    BIG.forest.consistency(4099, MOST)
    assert BIG.reads <= 2 * 2 * MOST.bit_length()


BIG = tree(MOST)
