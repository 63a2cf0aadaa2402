"""Verdict columns catch up when trust in a member, an allow-list or a shield changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hueandcry.apps.peers import face as peers
from hueandcry.apps.signals import queries, service, shielding
from hueandcry.apps.signals.allow import allow_lists
from hueandcry.core.types import Micros
from hueandcry.engine import clock
from hueandcry.engine.jobs.loops import Loop
from hueandcry.engine.store import interned
from hueandcry.engine.store.models import Head
from hueandcry.engine.store.work import unit_of_work

#: Heads whose values name the (interned) allow-lists and trusted members that the columns know.
ALLOW: Final = "signals-allow"
TRUST: Final = "signals-trust"
_STEP: Final = 2_000


def rejudge_on_new_lists(at: Micros) -> bool:
    """Rejudges every signal once when the allow-lists differ from those used before.

    Returns whether it did. A kill in between starts it again: what is known is stored last.
    """
    version = allow_lists().version
    known = _known(ALLOW)
    if known == version:
        return False
    if known is not None:
        _in_steps(queries.signal_ids, at)
    _know(ALLOW, version)
    return known is not None


def rejudge_on_changed_trust(at: Micros) -> bool:
    """Rejudges what the members claim whose trust began or ended since the last time."""
    now = peers.trusted_member_ids(at)
    text = " ".join(map(str, sorted(now)))
    known = _known(TRUST)
    if known == text:
        return False
    before = frozenset(map(int, known.split())) if known else frozenset()
    for member in sorted(before ^ now):
        rejudge_claimant(member, at)
    _know(TRUST, text)
    return True


def rejudge_claimant(claimant: int, at: Micros) -> None:
    """Rejudges every signal that a member claims, in transactions of bounded size."""
    _in_steps(lambda after, limit: queries.claimed_by(claimant, after, limit), at)


def _in_steps(read: Callable[[int, int], list[tuple[int, int]]], at: Micros) -> None:
    """Rejudges what `read` gives as (cursor, signal row): read outside, written in short steps."""
    after = 0
    while found := read(after, _STEP):
        with unit_of_work():
            service.rejudge(list(dict.fromkeys(signal for _, signal in found)), at)
        after = found[-1][0]


def _known(name: str) -> str | None:
    head = Head.objects.filter(name=name).first()
    return interned.text(head.value) if head else None


def _know(name: str, text: str) -> None:
    with unit_of_work():
        Head.objects.update_or_create(name=name, defaults={"value": interned.number(name, text)})


def _catch_up() -> bool:
    at = clock.now()
    rejudge_on_new_lists(at)
    rejudge_on_changed_trust(at)
    shielding.catch_up(at)
    return False


#: By the clock alone: after every commit it would ask who is trusted for nothing.
LOOPS: Final = (Loop("verdicts", _catch_up, every=5.0, woken=False),)
