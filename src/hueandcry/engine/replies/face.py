"""A request that is sent twice is done once: its answer is kept with its effect.

The reply is a row of the same transaction as what was done, so that no kill in between can leave
one without the other. Two processes with the same key at once: the unique row lets one commit.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.db import IntegrityError

from hueandcry.core.errors import Conflict, Malformed
from hueandcry.core.types import DAY, Micros
from hueandcry.engine import clock
from hueandcry.engine.jobs.loops import Loop
from hueandcry.engine.keys.own import own
from hueandcry.engine.replies.models import Reply
from hueandcry.engine.store.work import unit_of_work

#: How long an answer is kept.
KEPT: Final[Micros] = DAY
MAX_KEY: Final = 255
_BATCH: Final = 1_000
#: Answers may hold what is shown once, such as a secret: they rest sealed.
_CONTEXT: Final = "reply"

_lock: Final = threading.Lock()
_busy: set[tuple[int, str]] = set()


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was given; `again` when it comes from an earlier request."""

    status: int
    body: bytes
    headers: dict[str, str]
    again: bool = False


def once(owner: int, key: str, digest: bytes, do: Callable[[], Kept]) -> Kept:
    """Runs `do` in a transaction and keeps its answer; the kept one when it was done before.

    Raises Conflict("in_flight") while the first is still at work, Malformed for another request
    under the same key. What `do` refuses is not kept: the same key may be tried again.
    """
    place = (owner, key)
    with _lock:
        if place in _busy:
            raise Conflict(
                "in_flight", "A request with this key is still at work", do="Ask again in a second"
            )
        _busy.add(place)
    try:
        return _done(owner, key, digest) or _do(owner, key, digest, do)
    finally:
        _busy.discard(place)


def _do(owner: int, key: str, digest: bytes, do: Callable[[], Kept]) -> Kept:
    try:
        with unit_of_work():
            # The row comes first: another process with this key waits for it, or fails by it.
            row = Reply.objects.create(
                owner=owner,
                key=key,
                digest=digest,
                status=0,
                body=b"",
                forget_after=clock.now() + KEPT,
            )
            answer = do()
            sealed = own().seal(_CONTEXT, answer.body).encode()
            Reply.objects.filter(pk=row.pk).update(
                status=answer.status, body=sealed, headers=answer.headers
            )
            return answer
    except IntegrityError:
        kept = _done(owner, key, digest)
        if kept is None:
            raise
        return kept


def _done(owner: int, key: str, digest: bytes) -> Kept | None:
    row = Reply.objects.filter(owner=owner, key=key, forget_after__gt=clock.now()).first()
    if row is None:
        Reply.objects.filter(owner=owner, key=key, forget_after__lte=clock.now()).delete()
        return None
    if row.digest != digest:
        raise Malformed(
            "key_reused",
            "This Idempotency-Key was used for another request",
            do="Use a new key for a new request",
        )
    body = own().open_sealed(_CONTEXT, row.body.decode())
    return Kept(row.status, body, row.headers, again=True)


def _forget_old() -> bool:
    """Deletes replies past their time, so many at once; True when there may be more."""
    old = list(
        Reply.objects.filter(forget_after__lte=clock.now()).values_list("pk", flat=True)[:_BATCH]
    )
    if old:
        with unit_of_work():
            Reply.objects.filter(pk__in=old).delete()
    return len(old) == _BATCH


LOOPS: Final = (Loop("replies", _forget_old, every=600.0, woken=False),)
