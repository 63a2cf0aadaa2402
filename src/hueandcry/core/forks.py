"""Evidence that a log has two histories: two of its signed heads, and why they cannot both be.

Standard library only; the signature check is passed in. A *contradiction* is proved by the document
alone. A *roll-back* rests on the word of its finder: that the smaller head was shown as the newest
after the larger one had been.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hueandcry.core import tlog
from hueandcry.core.errors import HueError, Malformed, Untrusted
from hueandcry.core.keys import Verify
from hueandcry.core.notes import (
    ED25519,
    MAX_NOTE,
    Checkpoint,
    VerifierKey,
    open_checkpoint,
    parse_note,
)
from hueandcry.core.witnessing import MAX_PROOF

CONTRADICTION = "contradiction"
ROLLBACK = "rollback"

_CONTEXT = b"hueandcry/fork/v1\n"
_MEMBERS = {"log", "kind", "notes", "root", "proof"}


@dataclass(frozen=True, slots=True)
class Fork:
    """Two heads of the log `origin`, the smaller one first.

    For a contradiction of different sizes, `root` is the one that the larger tree has at the
    smaller size, and `proof` shows that. Otherwise both are empty.
    """

    origin: str
    kind: str
    smaller: bytes
    larger: bytes
    root: bytes = b""
    proof: tuple[bytes, ...] = ()

    def body(self) -> dict[str, Any]:
        """As it stands in a document."""
        return {
            "log": self.origin,
            "kind": self.kind,
            "notes": [self.smaller.decode(), self.larger.decode()],
            "root": _text(self.root) if self.root else None,
            "proof": [_text(each) for each in self.proof],
        }

    @property
    def evidence(self) -> bytes:
        """What names this fork, whoever found it and whoever has cosigned the heads."""
        # Of a roll-back every later head is another smaller one: one fall is one fork.
        heads = [self.larger] if self.kind == ROLLBACK else [self.smaller, self.larger]
        texts = sorted(parse_note(note).text.encode() for note in heads)
        whole = b"\n".join((self.kind.encode(), *texts))
        return hashlib.sha256(_CONTEXT + whole).digest()


def read_fork(body: Mapping[str, Any]) -> Fork:
    """The body of a fork document; Malformed for any that `Fork.body` would not give back."""
    try:
        if body.keys() != _MEMBERS or body["kind"] not in (CONTRADICTION, ROLLBACK):
            raise ValueError("members")
        smaller, larger = (_note(each) for each in body["notes"])
        root = b"" if body["root"] is None else base64.b64decode(body["root"], validate=True)
        proof = tuple(base64.b64decode(each, validate=True) for each in body["proof"])
        found = Fork(str(body["log"]), str(body["kind"]), smaller, larger, root, proof)
        if found.body() != body or len(proof) > MAX_PROOF:
            raise ValueError("form")
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed("fork_body", "The fork is not in its one form") from error
    return found


def check_fork(fork: Fork, publics: Sequence[bytes], verify: Verify) -> None:
    """Raises Untrusted unless the log signed both heads and they are what `kind` says.

    `publics` are the `log` keys that its member's cards ever named.
    """
    # 1. The log itself signed both, under this one name.
    old = _signed(fork, fork.smaller, publics, verify)
    new = _signed(fork, fork.larger, publics, verify)
    # 2. A roll-back shows no more than that one is shorter.
    if fork.kind == ROLLBACK:
        if old.size >= new.size or fork.root or fork.proof:
            raise _unproved("a roll-back is from a larger head to a smaller one")
        return
    # 3. Two heads of one size, with two roots.
    if old.size == new.size:
        if old.root == new.root or fork.root or fork.proof:
            raise _unproved("both heads have one root")
        return
    # 4. The larger tree had another root at the smaller size.
    if not 0 < old.size < new.size:
        raise _unproved("the smaller head is not the first")
    tlog.verify_consistency(old.size, new.size, fork.root, new.root, fork.proof)
    if fork.root == old.root:
        raise _unproved("the larger head goes on from the smaller one")


def compare(
    smaller: tuple[bytes, Checkpoint],
    larger: tuple[bytes, Checkpoint],
    root: bytes,
    proof: Sequence[bytes],
) -> Fork | None:
    """The fork that two heads of one log amount to, each with its note; None: one continues.

    `root` and `proof`, of the larger tree at the smaller size, have been verified by the caller.
    """
    (old_note, old), (new_note, new) = smaller, larger
    if old.size == new.size:
        if old.root == new.root:
            return None
        return Fork(old.origin, CONTRADICTION, old_note, new_note)
    if root == old.root:
        return None
    return Fork(old.origin, CONTRADICTION, old_note, new_note, root, tuple(proof))


def _signed(fork: Fork, note: bytes, publics: Sequence[bytes], verify: Verify) -> Checkpoint:
    for public in publics:
        key = VerifierKey(fork.origin, ED25519, public)
        try:
            return open_checkpoint(note, key, (), verify).checkpoint
        except Untrusted:
            continue
    raise _unproved("the log has not signed one of the heads")


def _unproved(why: str) -> Untrusted:
    return Untrusted("fork_evidence", "This shows no fork", why=why)


def _note(text: Any) -> bytes:
    if not isinstance(text, str) or len(text) > MAX_NOTE:
        raise TypeError("note")
    raw = text.encode()
    try:
        parse_note(raw)
    except HueError as error:
        raise ValueError("note") from error
    return raw


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
