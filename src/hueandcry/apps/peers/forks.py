"""Logs with two histories: said to everybody, verified by everybody, until people clear it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from hueandcry.apps.members import face as members
from hueandcry.apps.members.face import MemberView
from hueandcry.apps.peers import queries, service
from hueandcry.apps.peers.models import Document, Doubt, Fork
from hueandcry.apps.peers.service import Accepted
from hueandcry.apps.peers.views import PeerView
from hueandcry.core import forks
from hueandcry.core.errors import Conflict, Malformed, NotFound, Untrusted
from hueandcry.core.notes import Checkpoint, parse_note
from hueandcry.core.times import time_text
from hueandcry.core.types import Fingerprint, Micros
from hueandcry.engine.keys import ed25519
from hueandcry.engine.ledger import face as ledger

log = logging.getLogger("hueandcry.peers")


@dataclass(frozen=True, slots=True)
class ForkView:
    """One fork as people see it. `proved`: its document alone shows it, whoever found it."""

    number: int
    origin: str
    whose: str  #: name of the member whose log it is
    ours: bool
    kind: str  #: contradiction or rollback
    proved: bool
    smaller: int  #: entries of the two heads
    larger: int
    finder: str  #: name of the member that found it
    at: Micros
    cleared_at: Micros | None
    words: str
    document: bytes | None


def open_forks() -> list[ForkView]:
    """Every fork that our people have not cleared, the newest first: what alarms."""
    rows = Fork.objects.filter(cleared_at=None).select_related("document").order_by("-id")
    return [_view(row) for row in rows]


def all_forks() -> list[ForkView]:
    """Every fork that was ever found, the newest first."""
    return [_view(row) for row in Fork.objects.select_related("document").order_by("-id")]


@dataclass(frozen=True, slots=True)
class DoubtView:
    """A log that does not prove a head of its own, and why not."""

    whose: str
    origin: str
    tries: int
    said: str


#: Tries after which a doubt is worth a word to people.
_PATIENCE = 3


def doubts() -> list[DoubtView]:
    """Logs of peers that have failed to prove what they signed, several times in a row."""
    rows = Doubt.objects.filter(tries__gte=_PATIENCE).select_related("peer__member")
    return [
        DoubtView(row.peer.member.name, row.origin, row.tries, row.said)
        for row in rows.order_by("id")
    ]


def _view(row: Fork) -> ForkView:
    whose = members.whose_log(row.origin.rpartition("/log/")[0])
    finder = members.find(row.finder.hex())
    us = members.us().fingerprint
    return ForkView(
        number=row.pk,
        origin=row.origin,
        whose=whose.name if whose else row.origin,
        ours=whose is not None and whose.fingerprint == us,
        kind=row.kind,
        proved=row.kind == forks.CONTRADICTION,
        smaller=_size(row.smaller),
        larger=_size(row.larger),
        finder=finder.name if finder else row.finder.hex(),
        at=row.at,
        cleared_at=row.cleared_at,
        words=row.words,
        document=row.document.document if row.document else None,
    )


def _size(note: bytes) -> int:
    return Checkpoint.read(parse_note(note).text).size


def refused(origin: str) -> bool:
    """Whether we cosign nothing of a log: it forked, and our people have not cleared that.

    What another member says of a roll-back alarms, and stops nothing: it cannot prove it.
    """
    rows = Fork.objects.filter(origin=origin, cleared_at=None)
    return any(row.kind == forks.CONTRADICTION or row.finder.hex() == _us() for row in rows)


def _us() -> Fingerprint:
    return members.us().fingerprint


def found(fork: forks.Fork, at: Micros) -> bool:
    """Tells everybody of a fork that this node has found; False when it was known.

    Raises Untrusted where it would not convince whoever hears of it: nobody is accused on tiles
    that came bent.
    """
    if not _is_news(fork):
        return False
    _check(fork)
    raw = service.issue("fork", fork.body(), at)
    document = service.send(raw, queries.peer_ids(), at)
    log.error("%s of %s: every peer is told", fork.kind, fork.origin)
    return _keep(fork, _us(), document, at)


def noticed(fork: forks.Fork, at: Micros) -> bool:
    """Keeps what this node has found about its own log, which its peers say for themselves."""
    if not _is_news(fork):
        return False
    log.error("our own log %s: %s", fork.origin, fork.kind)
    return _keep(fork, _us(), None, at)


def _is_news(fork: forks.Fork) -> bool:
    """One alarm for a log at a time: what follows from a fork is no other fork."""
    known = Fork.objects.filter(evidence=fork.evidence)
    alarmed = Fork.objects.filter(origin=fork.origin, kind=fork.kind, cleared_at=None)
    return not known.exists() and not alarmed.exists()


def _keep(fork: forks.Fork, finder: Fingerprint, document: Document | None, at: Micros) -> bool:
    _, made = Fork.objects.get_or_create(
        evidence=fork.evidence,
        defaults={
            "origin": fork.origin,
            "kind": fork.kind,
            "smaller": fork.smaller,
            "larger": fork.larger,
            "finder": bytes.fromhex(finder),
            "document": document,
            "at": at,
        },
    )
    return made


def take(accepted: Accepted, sender: PeerView, at: Micros) -> dict[str, Any]:
    """Takes in a fork that another member found, once it is verified; gives the receipt's facts.

    What is proved goes on to every other peer, behind the cards that prove it.
    """
    fork = forks.read_fork(accepted.document.body)
    accused = _check(fork)
    finder = accepted.document.iss
    if accepted.row is None or not _is_news(fork):
        return {"outcome": "merged"}
    if _keep(fork, finder, accepted.row, at) and fork.kind == forks.CONTRADICTION:
        _hand_on(accepted.row, (finder, accused.fingerprint), sender.id, at)
    log.error("%s of %s, found by %s", fork.kind, fork.origin, finder)
    return {"outcome": "accepted"}


def _check(fork: forks.Fork) -> MemberView:
    """Whose log it is, once the fork is verified; raises Untrusted."""
    accused = members.whose_log(fork.origin.rpartition("/log/")[0])
    if accused is None:
        raise Untrusted("unknown_log", f"No card of whoever keeps {fork.origin} is held")
    forks.check_fork(fork, members.log_keys(accused.fingerprint), ed25519.verify)
    return accused


def _hand_on(document: Document, about: tuple[Fingerprint, ...], sender: int, at: Micros) -> None:
    cards = [members.card_of(each) for each in about if each != _us()]
    finder = queries.peer_of(about[0])
    for peer_id in queries.peer_ids():
        if peer_id not in (sender, finder and finder.pk):
            service.hand_on(peer_id, cards, [document.pk], at)


def clear(number: int, words: str, by: int | None, at: Micros) -> None:
    """Ends an alarm, as an act of our people that is logged; raises NotFound or Conflict."""
    row = Fork.objects.filter(pk=number).first()
    if row is None:
        raise NotFound("fork", f"There is no fork number {number}")
    if not words.strip():
        raise Malformed("words", "Say in a few words what was found out")
    open_still = Fork.objects.filter(pk=number, cleared_at=None)
    if open_still.update(cleared_at=at, cleared_by=by, words=words.strip()[:500]) != 1:
        raise Conflict("cleared", f"Fork {number} was cleared before")
    row.refresh_from_db()
    ledger.append(
        "fork-cleared", row, evidence=row.evidence.hex(), words=row.words, person=by,
        at=time_text(at),
    )  # fmt: skip
