"""One ledger entry for everything that one act did, however many claims it touched."""

from __future__ import annotations

from collections.abc import Iterable

from hueandcry.apps.signals.models import Act
from hueandcry.core import tlog
from hueandcry.core.times import time_text
from hueandcry.core.types import Actor, Micros
from hueandcry.engine.ledger import face as ledger


def log(actor: Actor, kind: str, versions: Iterable[tuple[bytes, Micros]], at: Micros) -> Act:
    """Commits to versions of claims: an RFC 6962 root over claim id and `modified` of each.

    A leaf is the 16 bytes of the id and `modified` as 8 big-endian bytes of microseconds.
    """
    leaves = [tlog.leaf_hash(id + modified.to_bytes(8, "big")) for id, modified in versions]
    return _append(actor, kind, at, len(leaves), tlog.root(leaves))


def log_decision(actor: Actor, kind: str, decision: bytes, at: Micros) -> Act:
    """Commits to a local decision, given as the bytes that describe it."""
    return _append(actor, kind, at, 1, tlog.root([tlog.leaf_hash(decision)]))


def _append(actor: Actor, kind: str, at: Micros, count: int, root: bytes) -> Act:
    act = Act(kind=kind, person_id=actor.person, token_id=actor.token, at=at, count=count)
    facts = {"at": time_text(at), "person": actor.person, "count": count, "root": root.hex()}
    if actor.token is not None:
        facts["token"] = actor.token
    ledger.append(f"signals.{kind}", act, **facts)
    return act
