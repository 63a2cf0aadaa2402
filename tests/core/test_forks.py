"""What shows that a log has two histories, and what does not."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.signing import verify
from hueandcry.core import jcs, tlog
from hueandcry.core.errors import HueError, Malformed, Untrusted
from hueandcry.core.forks import (
    CONTRADICTION,
    ROLLBACK,
    Fork,
    check_fork,
    compare,
    read_fork,
)
from other_log import OtherLog
from other_member import OtherMember

BANK = OtherMember("bank")
TRUE, FALSE = OtherLog(BANK), OtherLog(BANK, "false")
KEYS = [bytes(31) + b"\x09", TRUE.signer.public]


def shown(old: int, new: int, *, false: OtherLog = FALSE) -> Fork | None:
    """What the true head of `old` and the other story's head of `new` amount to."""
    tree = false.tree(new)
    root = false.tree(old).root if old < new else b""
    proof = tree.consistency(old) if old < new else []
    pair = (TRUE.note(old), TRUE.head(old)), (false.note(new), false.head(new))
    return compare(pair[0], pair[1], root, proof)


@given(st.integers(1, 20), st.integers(0, 20))
def test_two_histories_are_shown_to_anybody_by_two_heads_and_a_proof(old: int, more: int) -> None:
    fork = shown(old, old + more)
    assert fork is not None and fork.kind == CONTRADICTION
    check_fork(read_fork(fork.body()), KEYS, verify)


@given(st.integers(1, 20), st.integers(0, 20))
def test_one_history_shows_no_fork(old: int, more: int) -> None:
    assert shown(old, old + more, false=TRUE) is None


@given(st.integers(1, 20), st.integers(1, 20))
def test_histories_that_part_after_the_smaller_head_are_no_fork_of_it(old: int, more: int) -> None:
    later = OtherLog(BANK, "false", shared=old)
    true = OtherLog(BANK, "true", shared=old)
    root, proof = later.tree(old).root, later.tree(old + more).consistency(old)
    small, large = (
        (true.note(old), true.head(old)),
        (later.note(old + more), later.head(old + more)),
    )
    assert compare(small, large, root, proof) is None


def test_a_rollback_names_two_heads_and_proves_nothing_more() -> None:
    fork = Fork(TRUE.origin, ROLLBACK, TRUE.note(3), TRUE.note(9))
    check_fork(read_fork(fork.body()), KEYS, verify)
    other = Fork(TRUE.origin, ROLLBACK, TRUE.note(5), TRUE.note(9))
    assert fork.evidence == other.evidence, "one fall is one fork, however the log goes on"


def _forks() -> list[Fork]:
    one, two = shown(5, 9), shown(6, 6)
    assert one and two
    return [one, two, Fork(TRUE.origin, ROLLBACK, TRUE.note(3), TRUE.note(9))]


FORKS = _forks()


@pytest.mark.parametrize("fork", FORKS, ids=["sizes", "roots", "rollback"])
@pytest.mark.parametrize(
    "bent",
    [
        lambda f: replace(f, smaller=f.larger, larger=f.smaller),
        lambda f: replace(f, larger=TRUE.note(9), root=b"", proof=()),
        lambda f: replace(f, root=bytes(32)),
        lambda f: replace(f, proof=(*f.proof, bytes(32))),
        lambda f: replace(f, origin="elsewhere.example/log/0"),
        lambda f: replace(f, smaller=f.larger),
        lambda f: replace(f, smaller=OtherLog(OtherMember("other")).note(5)),
    ],
)
def test_what_was_bent_shows_nothing(fork: Fork, bent: Any) -> None:
    changed = bent(fork)
    if changed == fork or (changed.evidence == fork.evidence and fork is FORKS[1]):
        return  # of two heads of one size, either is the first
    with pytest.raises(Untrusted):
        check_fork(changed, KEYS, verify)


def test_a_true_history_is_never_shown_as_a_fork() -> None:
    """Root and proof are the finder's: only what both heads signed may count."""
    true = Fork(
        TRUE.origin, CONTRADICTION, TRUE.note(5), TRUE.note(9), TRUE.tree(5).root,
        tuple(TRUE.tree(9).consistency(5)),
    )  # fmt: skip
    with pytest.raises(Untrusted):
        check_fork(true, KEYS, verify)
    for root in (bytes(32), FALSE.tree(5).root):
        with pytest.raises(Untrusted):
            check_fork(replace(true, root=root), KEYS, verify)


def test_heads_that_nobody_trusted_has_signed_show_nothing() -> None:
    with pytest.raises(Untrusted):
        check_fork(FORKS[0], [bytes(31) + b"\x09"], verify)


GOLDEN = Path(__file__).parent / "golden" / "fork_v1.json"


def test_a_fork_reads_as_it_was_written_for_ever() -> None:
    body = jcs.parse(GOLDEN.read_bytes().rstrip(b"\n"), max_bytes=65_536)
    assert isinstance(body, dict) and body == FORKS[0].body()
    check_fork(read_fork(body), KEYS, verify)


BODY = FORKS[0].body()


@pytest.mark.parametrize(
    "changed",
    [
        {"log": 7},
        {"kind": "other"},
        {"notes": [BODY["notes"][0]]},
        {"notes": [*BODY["notes"], BODY["notes"][0]]},
        {"notes": ["no note", BODY["notes"][1]]},
        {"notes": [7, 8]},
        {"root": "AAA"},
        {"root": 7},
        {"proof": "AAAA"},
        {"proof": [base64.b64encode(bytes(32)).decode()] * 64},
        {"more": 1},
    ],
)
def test_other_bodies_are_malformed(changed: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read_fork({**BODY, **changed})
    with pytest.raises(Malformed):
        read_fork({name: BODY[name] for name in BODY if name != next(iter(changed))} | {"x": 1})


@given(st.integers(2, 33), st.integers(1, 20))
def test_a_path_says_the_earlier_root_unless_that_is_a_power_of_two(old: int, more: int) -> None:
    tree = FALSE.tree(old + more)
    proof = tree.consistency(old)
    if old & (old - 1):
        assert tlog.earlier_root(old, old + more, tree.root, proof) == FALSE.tree(old).root
        return
    with pytest.raises(HueError):
        tlog.earlier_root(old, old + more, tree.root, proof)
