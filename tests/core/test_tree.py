"""Proofs hold for the tree they were made of and for no other: every position and size, every alteration."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core import oracle

from gatecore.sign import sha256
from gatecore.tree import MAX_PATH, consistent, included, leaf, node

MOST = 40
LEAVES = [b"", *(bytes([n]) * n for n in range(1, MOST))]
ROOTS = [oracle.mth(LEAVES[:n]) for n in range(MOST + 1)]
sizes = st.integers(1, MOST)


def test_leaves_and_nodes_are_rfc_6962s() -> None:
    assert leaf(b"abc") == sha256(b"\x00abc")
    assert node(b"l" * 32, b"r" * 32) == sha256(b"\x01" + b"l" * 32 + b"r" * 32)
    assert oracle.mth([b"a", b"b"]) == node(leaf(b"a"), leaf(b"b"))


def test_every_leaf_of_every_tree_is_shown_to_be_in_it() -> None:
    for size in range(1, MOST + 1):
        for index in range(size):
            path = oracle.path(index, LEAVES[:size])
            assert included(leaf(LEAVES[index]), index, size, path, ROOTS[size])


@given(st.data())
def test_a_leaf_is_shown_at_its_own_place_only(data: st.DataObject) -> None:
    size = data.draw(sizes)
    index, other = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, MOST))
    path = oracle.path(index, LEAVES[:size])
    assert included(leaf(LEAVES[index]), other, size, path, ROOTS[size]) == (other == index)
    larger = data.draw(st.integers(0, MOST))
    if larger != size:
        assert not included(leaf(LEAVES[index]), index, larger, path, ROOTS[larger])


@given(st.data())
def test_an_altered_audit_path_shows_nothing(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, MOST))
    index = data.draw(st.integers(0, size - 1))
    path = oracle.path(index, LEAVES[:size])
    at = data.draw(st.integers(0, len(path) - 1))
    bent = bytes([path[at][0] ^ 1]) + path[at][1:]
    hashed = leaf(LEAVES[index])
    for wrong in (
        [*path[:at], bent, *path[at + 1 :]],
        path[:at] + path[at + 1 :],
        [*path, path[at]],
        path[::-1] + path,
    ):
        assert not included(hashed, index, size, wrong, ROOTS[size])


def test_every_tree_is_shown_to_begin_with_every_smaller_one() -> None:
    for size in range(1, MOST + 1):
        for first in range(size + 1):
            path = oracle.proof(first, LEAVES[:size])
            assert consistent(first, ROOTS[first], size, ROOTS[size], path)


@given(st.data())
def test_a_tree_with_another_past_is_never_consistent(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, MOST))
    first = data.draw(st.integers(1, size))
    changed = data.draw(st.integers(0, first - 1))
    other = [*LEAVES[:changed], b"another", *LEAVES[changed + 1 : size]]
    for shown in (oracle.proof(first, other), oracle.proof(first, LEAVES[:size])):
        assert not consistent(first, ROOTS[first], size, oracle.mth(other), shown)


@given(st.data())
def test_an_altered_consistency_proof_shows_nothing(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, MOST))
    first = data.draw(st.integers(1, size - 1))
    path = oracle.proof(first, LEAVES[:size])
    at = data.draw(st.integers(0, len(path) - 1))
    bent = bytes([path[at][0] ^ 1]) + path[at][1:]
    for wrong in ([*path[:at], bent, *path[at + 1 :]], path[:at] + path[at + 1 :], [*path, path[at]]):
        assert not consistent(first, ROOTS[first], size, ROOTS[size], wrong)


def test_a_smaller_tree_never_follows_a_larger_one() -> None:
    assert not consistent(8, ROOTS[8], 7, ROOTS[7], oracle.proof(7, LEAVES[:8]))
    assert not consistent(-1, ROOTS[0], 7, ROOTS[7], [])
    assert not consistent(7, ROOTS[7], 7, ROOTS[8], [])
    assert not consistent(0, ROOTS[0], 7, ROOTS[7], [ROOTS[7]])
    assert not consistent(3, ROOTS[3], 7, ROOTS[7], [])


@pytest.mark.parametrize("size", [1, 1 << 62])
def test_a_hostile_length_ends_at_once(size: int) -> None:
    assert not included(ROOTS[1], 0, size, [ROOTS[1]] * (MAX_PATH + 1), ROOTS[1])
    assert not consistent(1, ROOTS[1], size + 1, ROOTS[1], [ROOTS[1]] * (MAX_PATH + 2))
