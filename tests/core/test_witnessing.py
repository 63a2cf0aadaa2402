"""The requests of C2SP tlog-witness, and what a witness may cosign."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core import tlog
from hueandcry.core.errors import HueError, Malformed, TooLarge, Untrusted
from hueandcry.core.notes import Checkpoint
from hueandcry.core.witnessing import (
    MAX_PROOF,
    SizeDiffers,
    Submission,
    check,
    read_lines,
    read_submission,
    witness_key,
)

ORIGIN = "bank.example/log/0"
LEAVES = [tlog.leaf_hash(bytes([n])) for n in range(40)]
HASHES = st.binary(min_size=32, max_size=32)

#: The example request of the specification.
EXAMPLE = """old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

\N{EM DASH} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOo\
RDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
""".encode()


def head(size: int, root: bytes | None = None) -> Checkpoint:
    return Checkpoint(ORIGIN, size, tlog.root(LEAVES[:size]) if root is None else root)


def submitted(old: int, size: int) -> Submission:
    proof = tlog.MerkleTree(LEAVES[:size]).consistency(old) if 0 < old < size else []
    return Submission(old, tuple(proof), b"")


def test_the_example_of_the_specification_is_read_and_written_back() -> None:
    read = read_submission(EXAMPLE)
    assert (read.old, len(read.proof)) == (20852014, 4)
    assert (read.checkpoint.origin, read.checkpoint.size) == (
        "example.com/behind-the-sofa",
        20852163,
    )
    assert read.encode() == EXAMPLE


@given(st.integers(0, 2**63 - 1), st.lists(HASHES, max_size=MAX_PROOF), st.binary(max_size=80))
def test_what_is_written_is_read_back(old: int, proof: list[bytes], note: bytes) -> None:
    submission = Submission(old, tuple(proof), note)
    assert read_submission(submission.encode()) == submission


@given(st.binary(max_size=400))
def test_no_bytes_raise_anything_but_an_error_of_ours(raw: bytes) -> None:
    try:
        read = read_submission(b"old " + raw)
    except HueError:
        return
    assert read.encode() == b"old " + raw


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"old 1\n",
        b"old 01\n\nnote",
        b"old -1\n\nnote",
        b"old  1\n\nnote",
        b"new 1\n\nnote",
        b"old 1\nAAA\n\nnote",
        b"old 1\n\xff\n\nnote",
        b"old 9223372036854775808\n\nnote",
    ],
)
def test_other_forms_are_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        read_submission(raw)


def test_more_than_63_hashes_are_too_many() -> None:
    assert read_submission(Submission(1, (bytes(32),) * 63, b"n").encode())
    with pytest.raises(TooLarge):
        read_submission(Submission(1, (bytes(32),) * 64, b"n").encode())


@given(st.integers(0, 40), st.integers(0, 40))
def test_every_head_that_goes_on_from_the_last_one_is_cosigned(old: int, size: int) -> None:
    if old > size:
        old, size = size, old
    check(submitted(old, size), head(size), old, tlog.root(LEAVES[:old]))


@given(st.integers(1, 39), st.integers(1, 40), HASHES)
def test_no_head_is_cosigned_that_does_not_go_on(old: int, more: int, root: bytes) -> None:
    size = min(old + more, 40)
    with pytest.raises(Untrusted) as caught:
        check(submitted(old, size), head(size, root), old, tlog.root(LEAVES[:old]))
    assert caught.value.code == "proof"
    with pytest.raises(Untrusted):
        check(submitted(old, size), head(size), old, root)


def test_an_old_size_beyond_the_head_is_malformed() -> None:
    with pytest.raises(Malformed):
        check(Submission(9, (), b""), head(8), 9, tlog.root(LEAVES[:9]))


@pytest.mark.parametrize(("old", "size", "held"), [(0, 5, 3), (2, 5, 3), (4, 5, 3), (2, 2, 3)])
def test_another_old_size_is_told_where_the_witness_stands(old: int, size: int, held: int) -> None:
    with pytest.raises(SizeDiffers) as caught:
        check(submitted(old, size), head(size), held, tlog.root(LEAVES[:held]))
    assert caught.value.size == held


def test_another_head_of_the_same_size_is_a_conflict() -> None:
    with pytest.raises(SizeDiffers):
        check(Submission(5, (), b""), head(5, bytes(32)), 5, tlog.root(LEAVES[:5]))


@pytest.mark.parametrize("old", [0, 5])
def test_a_proof_where_there_is_nothing_to_prove_is_refused(old: int) -> None:
    size = old or 7
    with pytest.raises(Untrusted):
        check(Submission(old, (bytes(32),), b""), head(size), old, tlog.root(LEAVES[:old]))


def test_a_witness_is_named_by_its_member_and_its_lines_are_read() -> None:
    key = witness_key("ab" * 32, bytes([9]) * 32)
    assert key.vkey.startswith("ab" * 32 + "/witness+")
    assert read_lines(b"") == []
    with pytest.raises(Malformed):
        read_lines(b"no line\n")
