"""Merkle proofs: the printed roots, the shared vectors, and properties over all small trees."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core import tlog
from hueandcry.core.errors import Broken, Malformed, Untrusted

LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
LEAVES.append("606162636465666768696a6b6c6d6e6f")
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LARGEST = 300
HASHES = [tlog.leaf_hash(n.to_bytes(2, "big")) for n in range(LARGEST)]
SIZES = st.integers(1, LARGEST)


@cache
def tree(size: int) -> tlog.MerkleTree:
    return tlog.MerkleTree(HASHES[:size])


def rfc6962_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, word for word: the definition that the fast one must meet."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return tlog.node_hash(rfc6962_root(leaves[:k]), rfc6962_root(leaves[k:]))


# --- roots -------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", range(9))
def test_roots_equal_the_printed_ones(size: int) -> None:
    hashes = [tlog.leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES[:size]]
    assert tlog.root(hashes).hex() == ROOTS[size]
    assert tlog.MerkleTree(hashes).root.hex() == ROOTS[size]
    assert tlog.Frontier().extend(hashes).root().hex() == ROOTS[size]


def test_every_way_to_a_root_leads_to_that_of_the_definition() -> None:
    frontier = tlog.Frontier()
    for size in range(LARGEST):
        expected = rfc6962_root(HASHES[:size])
        assert tlog.root(HASHES[:size]) == expected
        assert tree(size).root == expected
        assert tlog.tree_root(size, tree(LARGEST).read) == expected
        assert frontier.root() == expected
        assert frontier == tlog.read_frontier(size, tree(LARGEST).read)
        frontier = frontier.append(HASHES[size])


@given(st.integers(0, LARGEST), st.integers(0, LARGEST))
def test_a_frontier_grows_alike_leaf_by_leaf_and_in_batches(one: int, other: int) -> None:
    low, high = sorted((one, other))
    grown = tlog.Frontier().extend(HASHES[:low]).extend(HASHES[low:high])
    assert grown == tlog.read_frontier(high, tree(LARGEST).read)


@pytest.mark.parametrize(("size", "count"), [(1, 0), (0, 1), (3, 1), (-1, 1)])
def test_a_frontier_that_cannot_be_is_refused(size: int, count: int) -> None:
    with pytest.raises(Broken):
        tlog.Frontier(size, (bytes(32),) * count)


# --- proofs ------------------------------------------------------------------------------------


def test_every_leaf_of_every_small_tree_is_proved_and_at_no_other_index() -> None:
    for size in (*range(1, 70), 127, 128, 129, 255, 256, 257, 299):
        for index in range(size):
            proof = tree(size).inclusion(index)
            tlog.verify_inclusion(index, size, HASHES[index], proof, tree(size).root)
            other = (index + 1) % size if size > 1 else 1
            with pytest.raises(Untrusted):
                tlog.verify_inclusion(other, size, HASHES[index], proof, tree(size).root)


@given(SIZES, st.data())
def test_proofs_from_a_reader_equal_those_from_a_tree_in_memory(size: int, data: Any) -> None:
    index = data.draw(st.integers(0, size - 1))
    reader = tree(LARGEST).read  # a reader over more leaves serves every smaller tree
    assert tlog.inclusion_proof(index, size, reader) == tree(size).inclusion(index)
    old = data.draw(st.integers(1, size))
    assert tlog.consistency_proof(old, size, reader) == tree(size).consistency(old)


def test_every_small_tree_is_proved_to_continue_every_smaller_one() -> None:
    for new in (*range(1, 66), 128, 129, 255, 256, 299):
        for old in range(1, new + 1):
            proof = tree(new).consistency(old)
            tlog.verify_consistency(old, new, tree(old).root, tree(new).root, proof)


@given(SIZES, st.data())
def test_a_forked_tree_is_never_proved_to_continue_the_old_one(old: int, data: Any) -> None:
    new = data.draw(st.integers(old, LARGEST))
    changed = data.draw(st.integers(0, old - 1))
    hashes = [*HASHES[:changed], bytes(32), *HASHES[changed + 1 : new]]
    forked = tlog.MerkleTree(hashes)
    with pytest.raises(Untrusted):
        tlog.verify_consistency(old, new, tree(old).root, forked.root, forked.consistency(old))
    with pytest.raises(Untrusted):
        tlog.verify_consistency(old, new, tree(old).root, forked.root, tree(new).consistency(old))


def changed_bytes(values: list[bytes]) -> Iterator[list[bytes]]:
    """The same hashes with one byte of one of them changed, for each byte."""
    for at, value in enumerate(values):
        for byte in range(len(value)):
            flipped = value[:byte] + bytes((value[byte] ^ 1,)) + value[byte + 1 :]
            yield [*values[:at], flipped, *values[at + 1 :]]


@given(SIZES, st.data())
def test_an_inclusion_proof_with_any_byte_changed_is_refused(size: int, data: Any) -> None:
    index = data.draw(st.integers(0, size - 1))
    values = [HASHES[index], tree(size).root, *tree(size).inclusion(index)]
    for leaf, root, *proof in changed_bytes(values):
        with pytest.raises(Untrusted):
            tlog.verify_inclusion(index, size, leaf, proof, root)


@given(st.integers(2, LARGEST), st.data())
def test_a_consistency_proof_with_any_byte_changed_is_refused(new: int, data: Any) -> None:
    old = data.draw(st.integers(1, new - 1))
    values = [tree(old).root, tree(new).root, *tree(new).consistency(old)]
    for old_root, new_root, *proof in changed_bytes(values):
        with pytest.raises(Untrusted):
            tlog.verify_consistency(old, new, old_root, new_root, proof)


@given(st.integers(2, LARGEST), st.data())
def test_proofs_too_short_too_long_or_reordered_are_refused(size: int, data: Any) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof, root = tree(size).inclusion(index), tree(size).root
    for wrong in (proof[1:], proof[:-1], [*proof, proof[0]], [root, *proof], [*proof, root]):
        with pytest.raises(Untrusted):
            tlog.verify_inclusion(index, size, HASHES[index], wrong, root)
    old = data.draw(st.integers(1, size - 1))
    path = tree(size).consistency(old)
    for wrong in (path[1:], path[:-1], [*path, path[0]], [root, *path], [*path, root]):
        with pytest.raises(Untrusted):
            tlog.verify_consistency(old, size, tree(old).root, root, wrong)


def test_a_smaller_tree_cannot_be_passed_off_as_a_larger_one() -> None:
    small = tree(2)
    with pytest.raises(Untrusted):
        tlog.verify_inclusion(0, 3, HASHES[0], small.inclusion(0), small.root)
    with pytest.raises(Untrusted):
        tlog.verify_consistency(1, 3, tree(1).root, small.root, small.consistency(1))


def test_trees_of_one_size_have_one_root_and_no_proof() -> None:
    one, other = tree(5).root, tree(6).root
    tlog.verify_consistency(5, 5, one, one, [])
    for roots, extra in (((one, other), []), ((one, one), [one])):
        with pytest.raises(Untrusted):
            tlog.verify_consistency(5, 5, *roots, extra)


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_hash_of_another_length_proves_nothing(length: int) -> None:
    odd, two = bytes(length), tree(2)
    with pytest.raises(Untrusted):
        tlog.verify_inclusion(0, 1, odd, [], odd)
    with pytest.raises(Untrusted):
        tlog.verify_inclusion(0, 2, HASHES[0], [odd], tlog.node_hash(HASHES[0], odd))
    with pytest.raises(Untrusted):
        tlog.verify_consistency(1, 2, odd, tlog.node_hash(odd, HASHES[1]), two.consistency(1))


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 5), (5, 5)])
def test_there_is_no_proof_of_a_leaf_outside_the_tree(index: int, size: int) -> None:
    with pytest.raises(Malformed):
        tlog.inclusion_proof(index, size, tree(LARGEST).read)
    with pytest.raises(Untrusted):
        tlog.verify_inclusion(index, size, HASHES[0], [], HASHES[0])


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 5), (6, 5), (-1, 5)])
def test_there_is_no_proof_from_nothing_or_from_a_larger_tree(old: int, new: int) -> None:
    with pytest.raises(Malformed):
        tlog.consistency_proof(old, new, tree(LARGEST).read)
    with pytest.raises(Untrusted):
        tlog.verify_consistency(old, new, tlog.EMPTY_ROOT, tlog.EMPTY_ROOT, [])


@pytest.mark.parametrize(("level", "index"), [(0, 5), (1, 2), (3, 0), (-1, 0), (0, -1)])
def test_a_tree_in_memory_hands_out_complete_subtrees_only(level: int, index: int) -> None:
    with pytest.raises(Broken):
        tree(5).read(level, index)


# --- the shared vectors ------------------------------------------------------------------------


def vectors(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(folder.rglob("*.json")):
        yield f"{path.parent.name}/{path.name}", json.loads(path.read_text())


def hashes(vector: dict[str, Any], *names: str) -> list[bytes]:
    return [base64.b64decode(vector[name]) for name in names]


def proof(vector: dict[str, Any]) -> list[bytes]:
    return [base64.b64decode(each) for each in vector["proof"] or ()]


def refused(check: Callable[..., None], *arguments: Any) -> bool:
    try:
        check(*arguments)
    except Untrusted:
        return True
    return False


def included(vector: dict[str, Any], size: int) -> bool:
    leaf, root = hashes(vector, "leafHash", "root")
    return refused(tlog.verify_inclusion, vector["leafIdx"], size, leaf, proof(vector), root)


def consistent(vector: dict[str, Any], old: int, new: int) -> bool:
    roots = hashes(vector, "root1", "root2")
    return refused(tlog.verify_consistency, old, new, *roots, proof(vector))


def test_every_shared_inclusion_vector_is_decided_as_it_demands(
    shared: Callable[[str], Path],
) -> None:
    decided = 0
    for name, vector in vectors(shared("vectors/rfc6962/inclusion")):
        assert included(vector, vector["treeSize"]) == vector["wantErr"], name
        decided += 1
    assert decided == 98


def test_every_shared_consistency_vector_is_decided_as_it_demands(
    shared: Callable[[str], Path],
) -> None:
    decided = 0
    for name, vector in vectors(shared("vectors/rfc6962/consistency")):
        assert consistent(vector, vector["size1"], vector["size2"]) == vector["wantErr"], name
        decided += 1
    assert decided == 98


# Subtrees that do not begin at leaf 0 belong to Merkle tree certificates; no form of ours has
# them. Those that do begin there, and are not empty, are ordinary trees.


def test_subtree_vectors_that_begin_at_the_first_leaf_are_decided_alike(
    shared: Callable[[str], Path],
) -> None:
    decided = 0
    for name, vector in vectors(shared("vectors/rfc6962/subtreeinclusion")):
        if vector["start"] == 0:
            assert included(vector, vector["end"]) == vector["wantErr"], name
            decided += 1
    for name, vector in vectors(shared("vectors/rfc6962/subtreeconsistency")):
        if vector["start"] == 0 < vector["end"]:
            assert consistent(vector, vector["end"], vector["size"]) == vector["wantErr"], name
            decided += 1
    assert decided > 150


# --- ledger entries ----------------------------------------------------------------------------


def test_an_entry_is_33_bytes_as_the_protocol_writes_them() -> None:
    salt = bytes(range(32))
    entry = tlog.commitment(b"record", salt)
    assert entry == b"\x01" + hashlib.sha256(b"hueandcry/leaf/v1\n" + salt + b"record").digest()
    assert len(entry) == tlog.ENTRY_LENGTH == 33


@given(st.binary(max_size=99), st.binary(min_size=32, max_size=32), st.data())
def test_an_entry_opens_with_its_own_record_and_salt_only(
    record: bytes, salt: bytes, data: Any
) -> None:
    entry = tlog.commitment(record, salt)
    tlog.check_opening(entry, salt, record)
    for wrong in changed_bytes([entry, salt, record]):
        with pytest.raises(Untrusted):
            tlog.check_opening(*wrong)
    for wrong in ([entry[:-1], salt, record], [entry + b"\0", salt, record],
                  [entry, salt[:-1], record], [entry, salt + record[:1], record[1:] + b"x"],
                  [b"", salt, record]):  # fmt: skip
        with pytest.raises(Untrusted):
            tlog.check_opening(*wrong)


def test_a_salt_of_another_length_is_refused() -> None:
    with pytest.raises(Malformed):
        tlog.commitment(b"record", bytes(31))
