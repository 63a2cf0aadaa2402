"""Merkle trees and proofs of RFC 6962 section 2.1, and the ledger's own entries (PROTOCOL 5).

Standard library only. Checks raise Untrusted; nothing here returns False to be forgotten. Where a
tree is too large to hold, a `HashReader` hands out its hashes one by one (see `core.tiles`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from hueandcry.core.errors import Broken, Malformed, Untrusted

#: (level, index) → hash of the complete subtree over leaves [index << level, (index+1) << level)
HashReader = Callable[[int, int], bytes]

HASH_LENGTH = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

_sha256 = hashlib.sha256


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 ‖ entry)."""
    return _sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right)."""
    return _sha256(b"\x01" + left + right).digest()


def root(leaf_hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes; SHA-256 of nothing when there are none."""
    if not leaf_hashes:
        return EMPTY_ROOT
    row = leaf_hashes
    while len(row) > 1:
        row = _parents(row)
    return row[0]


def _parents(row: Sequence[bytes]) -> list[bytes]:
    """The row above; an odd last hash is carried up unchanged, which is RFC 6962's split."""
    parents = [
        _sha256(b"\x01" + left + right).digest()
        for left, right in zip(row[::2], row[1::2], strict=False)
    ]
    if len(row) & 1:
        parents.append(row[-1])
    return parents


# --- a tree in memory: one batch ---------------------------------------------------------------


class MerkleTree:
    """A tree held whole, for a batch: built once in O(n), then each path costs O(log n)."""

    def __init__(self, leaf_hashes: Sequence[bytes]) -> None:
        self.size = len(leaf_hashes)
        self._rows: list[Sequence[bytes]] = [leaf_hashes]
        while len(self._rows[-1]) > 1:
            self._rows.append(_parents(self._rows[-1]))

    @property
    def root(self) -> bytes:
        return self._rows[-1][0] if self.size else EMPTY_ROOT

    def inclusion(self, index: int) -> list[bytes]:
        """The inclusion proof of one leaf, its sibling first; equal to `inclusion_proof`."""
        _check_index(index, self.size)
        path = []
        for row in self._rows[:-1]:
            sibling = index ^ 1
            if sibling < len(row):  # else the hash was carried up and has no sibling here
                path.append(row[sibling])
            index >>= 1
        return path

    def consistency(self, old: int) -> list[bytes]:
        """The proof that the tree over the first `old` leaves is a prefix of this one."""
        return consistency_proof(old, self.size, self.read)

    def read(self, level: int, index: int) -> bytes:
        """The hash of one complete subtree: this tree as a `HashReader`."""
        if level < 0 or index < 0 or (index + 1) << level > self.size:
            raise Broken("no_such_hash", f"No complete subtree {index} at level {level}")
        return self._rows[level][index]


# --- a growing tree of which only the right edge is held ---------------------------------------


@dataclass(frozen=True, slots=True)
class Frontier:
    """The hashes of the largest complete subtrees, left to right: all that growing needs.

    There is one for each bit set in `size`.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise Broken(
                "frontier", f"{len(self.hashes)} hashes cannot be the edge of a tree of {self.size}"
            )

    def append(self, leaf: bytes) -> Frontier:
        """The frontier of the tree with one leaf hash more."""
        return self.extend((leaf,))

    def extend(self, leaf_hashes: Iterable[bytes]) -> Frontier:
        """The frontier of the tree with these leaf hashes more, in order."""
        hashes, size = list(self.hashes), self.size
        for leaf in leaf_hashes:
            carried, bits = leaf, size
            while bits & 1:
                carried = node_hash(hashes.pop(), carried)
                bits >>= 1
            hashes.append(carried)
            size += 1
        return Frontier(size, tuple(hashes))

    def root(self) -> bytes:
        """The root of the tree so far."""
        return _fold(list(self.hashes)) if self.hashes else EMPTY_ROOT


def _fold(hashes: list[bytes]) -> bytes:
    """The hash over adjacent subtrees, each larger than its right neighbour."""
    right = hashes.pop()
    while hashes:
        right = node_hash(hashes.pop(), right)
    return right


# --- proofs from a reader ----------------------------------------------------------------------


def complete_subtrees(start: int, end: int) -> Iterator[tuple[int, int]]:
    """(level, index) of the largest complete subtrees that cover leaves [start, end) in order.

    `start` is a multiple of a power of two that is not less than `end - start`.
    """
    while start < end:
        level = (end - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level


def _range_hash(read: HashReader, start: int, end: int) -> bytes:
    return _fold([read(level, index) for level, index in complete_subtrees(start, end)])


def tree_root(size: int, read: HashReader) -> bytes:
    """The root of the tree over the first `size` leaves, in O(log size) reads."""
    return _range_hash(read, 0, size) if size else EMPTY_ROOT


def read_frontier(size: int, read: HashReader) -> Frontier:
    """The frontier of the tree over the first `size` leaves, in O(log size) reads."""
    return Frontier(size, tuple(read(level, index) for level, index in complete_subtrees(0, size)))


def inclusion_proof(index: int, size: int, read: HashReader) -> list[bytes]:
    """PATH(index, D[size]) of RFC 6962 section 2.1.1, the leaf's sibling first."""
    _check_index(index, size)
    proof, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(_range_hash(read, middle, end))
            end = middle
        else:
            proof.append(_range_hash(read, start, middle))
            start = middle
    return proof[::-1]


def consistency_proof(old: int, new: int, read: HashReader) -> list[bytes]:
    """PROOF(old, D[new]) of RFC 6962 section 2.1.2; empty when the sizes are equal.

    There is no proof from the empty tree: every tree continues it.
    """
    if not 0 < old <= new:
        raise Malformed("tree_size", f"There is no consistency proof from {old} to {new}")
    proof, start, end = [], 0, new
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(_range_hash(read, middle, end))
            end = middle
        else:
            proof.append(_range_hash(read, start, middle))
            start = middle
    if start:  # else the old tree is itself a subtree, whose hash the verifier has
        proof.append(_range_hash(read, start, end))
    return proof[::-1]


def _split(count: int) -> int:
    """The largest power of two less than `count` (which is at least 2)."""
    return 1 << ((count - 1).bit_length() - 1)


def _check_index(index: int, size: int) -> None:
    if not 0 <= index < size:
        raise Malformed("leaf_index", f"There is no leaf {index} in a tree of {size}")


# --- checks ------------------------------------------------------------------------------------


def verify_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Raises Untrusted unless the leaf hash stands at `index` of the tree (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        raise _unproved(f"there is no leaf {index} in a tree of {size}")
    _check_lengths((leaf, *proof))
    node, last, running = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise _unproved("the proof is too long")
        if node & 1 or node == last:
            running = node_hash(sibling, running)
            node, last = _climb(node, last)
        else:
            running = node_hash(running, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise _unproved("the proof is too short")
    if running != root:
        raise _unproved("the proof leads to another root")


def verify_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Raises Untrusted unless the old tree is a prefix of the new one (RFC 9162, 2.1.4.2).

    `old` 0 is refused, since nothing would be proved: callers say what they do with an empty tree.
    """
    if not 0 < old <= new:
        raise _unproved(f"nothing can be proved from size {old} to {new}")
    if old == new:
        if proof or old_root != new_root:
            raise _unproved("trees of one size have one root and no proof")
        return
    _check_lengths((old_root, new_root, *proof))
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        raise _unproved("the proof is empty")
    if _replay(old - 1, new - 1, path) != (old_root, new_root):
        raise _unproved("the proof leads to other roots")


def earlier_root(old: int, new: int, new_root: bytes, proof: Sequence[bytes]) -> bytes:
    """The root of the first `old` leaves that a consistency path to `new_root` speaks of.

    Raises Untrusted where it leads elsewhere, or says nothing of that root: the proof from a power
    of two leaves out what its reader has.
    """
    if not 0 < old < new or not old & (old - 1) or not proof:
        raise _unproved(f"a path from {old} to {new} does not say the earlier root")
    _check_lengths((new_root, *proof))
    before, after = _replay(old - 1, new - 1, proof)
    if after != new_root:
        raise _unproved("the proof leads to another root")
    return before


def _replay(node: int, last: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The roots of the old and the new tree to which a consistency path leads."""
    while node & 1:
        node, last = node >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise _unproved("the proof is too long")
        if node & 1 or node == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            node, last = _climb(node, last)
        else:
            after = node_hash(after, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise _unproved("the proof is too short")
    return before, after


def _climb(node: int, last: int) -> tuple[int, int]:
    """Skips the levels on which a right-most node was carried up without a sibling."""
    while node and not node & 1:
        node, last = node >> 1, last >> 1
    return node, last


def _check_lengths(hashes: Iterable[bytes]) -> None:
    if any(len(each) != HASH_LENGTH for each in hashes):
        raise _unproved(f"a hash does not have {HASH_LENGTH} bytes")


def _unproved(why: str) -> Untrusted:
    return Untrusted("proof", "The Merkle proof does not hold", why=why)


# --- ledger entries (PROTOCOL 5) ---------------------------------------------------------------

ENTRY_VERSION = b"\x01"
ENTRY_LENGTH = 33
SALT_LENGTH = 32

_CONTEXT = b"hueandcry/leaf/v1\n"


def commitment(record: bytes, salt: bytes) -> bytes:
    """The 33 bytes that the ledger keeps: version ‖ SHA-256(context ‖ salt ‖ record).

    Without its 32 random bytes of salt an entry says nothing of its record, so both can be erased.
    """
    if len(salt) != SALT_LENGTH:
        raise Malformed("salt", f"A salt has {SALT_LENGTH} bytes, this one {len(salt)}")
    return ENTRY_VERSION + _sha256(_CONTEXT + salt + record).digest()


def opens(entry: bytes, salt: bytes, record: bytes) -> bool:
    """Whether the ledger entry is the commitment to this record under this salt."""
    return len(salt) == SALT_LENGTH and commitment(record, salt) == entry


def check_opening(entry: bytes, salt: bytes, record: bytes) -> None:
    """Raises Untrusted unless the ledger entry is the commitment to this record."""
    if entry[:1] != ENTRY_VERSION or len(entry) != ENTRY_LENGTH:
        raise Untrusted("opening", "This is not a ledger entry of version 1")
    if not opens(entry, salt, record):
        raise Untrusted("opening", "The ledger entry does not speak of this record")
