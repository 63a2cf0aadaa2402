"""Values of persons who may be coerced: off every list and look-up of others, until it is lifted.

Who was made to commit an offence is not to be punished for it, nor marked as who did it (the
Palermo Protocol on trafficking in persons, as the principle of non-punishment reads it). To
everybody but our own people such a value is as if nobody had spoken of it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from hueandcry.apps.signals import acts, queries, rules, service, shields
from hueandcry.apps.signals.models import Shield
from hueandcry.core import jcs
from hueandcry.core.errors import Conflict, Malformed
from hueandcry.core.types import Actor, Micros, Signal
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.purge import face as purge
from hueandcry.engine.store import feed
from hueandcry.engine.store.work import unit_of_work

#: Letters of a reason, as its row has room.
_MAX_REASON: Final = 200


def shield(keys: Collection[bytes], because: UUID, at: Micros) -> int:
    """Shields the signals of these keys for a request, in the caller's transaction; how many.

    What was shielded for this request before is not again, even where a person lifted it.
    """
    held = queries.signals_by_key(sorted(keys)) if keys else {}
    feed.hold(feed.FEED)  # who shields and who lifts wait for each other here
    known = Shield.objects.filter(because=because.bytes, key__in=list(keys))
    before = {bytes(key) for key in known.values_list("key", flat=True)}
    fresh = sorted(set(keys) - before)
    if not fresh:
        return 0
    rows = [Shield(key=key, because=because.bytes, at=at) for key in fresh]
    for row in rows:
        row.save(force_insert=True)
    _changed([held[key].id for key in fresh if key in held], at)
    for row in rows:
        ledger.append("signals.shield", row, about=_about(row.key), because=str(because), at=at)
    return len(rows)


def end_shields(because: Collection[UUID], at: Micros) -> None:
    """Forgets what was shielded for these requests, in the caller's transaction.

    What no other request shields is judged by its claims again.
    """
    rows = Shield.objects.filter(because__in=[each.bytes for each in because])
    keys = sorted({bytes(key) for key in rows.values_list("key", flat=True)})
    if not keys:
        return
    held = queries.signals_by_key(keys)
    feed.hold(feed.FEED)
    numbers = list(rows.values_list("pk", flat=True))
    ledger.erase_openings(Shield, numbers)
    rows.delete()
    _changed([each.id for each in held.values()], at)


def lift_shield(actor: Actor, signal: Signal, reason: str, at: Micros) -> None:
    """A person's decision that a value is shielded no more, whoever asked for it.

    Raises Malformed without a reason, Conflict where nothing shields it.
    """
    reason = reason.strip()
    if not reason or len(reason) > _MAX_REASON:
        raise Malformed("reason", f"A shield is lifted for a reason, in 1 to {_MAX_REASON} letters")
    held = queries.signals_by_key([signal.key])
    feed.hold(feed.FEED)
    standing = Shield.objects.filter(key=signal.key, ended_at=None)
    if not standing.update(ended_at=at, reason=reason, person_id=actor.person):
        raise Conflict("not_shielded", "Nothing shields this value", do="Look at it again")
    _changed([each.id for each in held.values()], at)
    acts.log_decision(actor, "shield-end", jcs.canonical([_about(signal.key), reason]), at)


def shielded_by(signal: Signal) -> tuple[UUID, ...]:
    """The requests for which a value is shielded now, the oldest first; empty where none is."""
    rows = Shield.objects.filter(key=signal.key, ended_at=None).order_by("pk")
    return tuple(UUID(bytes=bytes(each)) for each in rows.values_list("because", flat=True))


def shielded(signals: Collection[Signal]) -> frozenset[bytes]:
    """The keys of those of the signals that are shielded now."""
    return shields.all_keys() & {each.key for each in signals}


def reasons(because: Collection[UUID]) -> list[dict[str, Any]]:
    """What our own people are told of it beside the verdict: one reason, or none."""
    requests = [str(each) for each in because]
    code = rules.Code.SHIELDED.text
    return [{"code": code, "params": {"requests": requests}}] if requests else []


def catch_up(at: Micros) -> None:
    """Judges again what somebody claimed while its shield was being made."""
    if late := shields.late():
        with unit_of_work():
            service.rejudge(late, at)


def _changed(ids: Collection[int], at: Micros) -> None:
    """Verdicts, and the position by which lists are known to be another."""
    feed.advance(feed.FEED, 1)
    service.rejudge(list(ids), at)


def _about(key: bytes) -> str:
    """A keyed name: who has the ledger alone cannot try every number there is."""
    return purge.mac("shield", key).hex()
