"""Erasing signals and claims: rows, verdicts, timelines, openings; what stays are keyed tombstones.

A signal of a kind that names a person goes when the last claim about it has been over for a while.
Which batches still hold the bytes of what went is the exchange's to know: it is told by `Gone`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Q, QuerySet

from hueandcry.apps.members import face as members
from hueandcry.apps.signals import acts, queries, rules, service
from hueandcry.apps.signals.models import (
    PERSONAL_KINDS,
    Act,
    Claim,
    Hold,
    Note,
    Override,
    Signal,
    Withdrawal,
)
from hueandcry.apps.signals.queries import ClaimRow
from hueandcry.core import jcs
from hueandcry.core.errors import Conflict, Malformed, NotFound
from hueandcry.core.types import DAY, Actor, Micros
from hueandcry.core.types import Signal as Value
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.policy import face as policy
from hueandcry.engine.purge import face as purge
from hueandcry.engine.timeline import face as timeline

DAYS: Final = policy.declare(
    policy.Setting(
        "purge.personal_days",
        int,
        90,
        "days after the last claim about a phone, email, bank account or handle has ended, "
        "until everything about it is purged",
        low=0,
        high=3_650,
    )
)

#: Tables that lose rows when a signal goes.
TABLES: Final = (
    "signals_signal",
    "signals_claim",
    "signals_override",
    "signals_withdrawal",
    "signals_hold",
    "signals_note",
    "timeline_hop",
)


@dataclass(slots=True)
class Gone:
    """What was erased: enough to find its bytes in batches, which is nobody's business later."""

    signals: int = 0
    claims: set[bytes] = field(default_factory=set)
    issuers: set[int] = field(default_factory=set)
    kinds: set[int] = field(default_factory=set)


# --- what is due ----------------------------------------------------------------------------------


def _candidates(at: Micros) -> QuerySet[Signal]:
    """Personal signals whose time has come, or was never worked out; not those held."""
    free = Q(held_until=None) | Q(held_until__lte=at)
    come = Q(purge_after=None) | Q(purge_after__lte=at)
    return Signal.objects.filter(free, come, kind__in=PERSONAL_KINDS).order_by("id")


def count_due(at: Micros) -> int:
    """How many signals `erase_due` would erase now; nothing is changed."""
    found = after = 0
    while ids := list(_candidates(at).filter(pk__gt=after).values_list("pk", flat=True)[:500]):
        found += sum(1 for _, ends in _ends(ids, at) if ends <= at)
        after = ids[-1]
    return found


def erase_due(at: Micros, limit: int) -> Gone:
    """Erases signals that are due, at most `limit`, in the caller's transaction.

    Those that turn out not to be due yet are given their date, so that none is looked at twice.
    """
    while ids := list(_candidates(at).values_list("pk", flat=True)[:limit]):
        queries.signals_by_id(ids)  # locked: nobody adds a claim meanwhile
        ends = list(_ends(ids, at))
        for id, end in ends:
            if end > at:
                Signal.objects.filter(pk=id).update(purge_after=end)
        if over := [id for id, end in ends if end <= at]:
            return erase(over, at)
    return Gone()


def _ends(ids: Sequence[int], at: Micros) -> Iterable[tuple[int, Micros]]:
    """(signal, from when on nothing asks to keep it); a local decision in force keeps it."""
    grace = policy.number(DAYS.name) * DAY
    claims, decided = queries.claims_of_signals(ids), queries.overrides_of(ids)
    for id in ids:
        over = max((_end(claim) for claim in claims.get(id, [])), default=0)
        decision = decided.get(id)
        if decision is not None:
            over = max(over, decision.until if decision.until is not None else at + 30 * DAY)
        yield id, over + grace if over else 0


def _end(claim: ClaimRow) -> Micros:
    return claim.modified if claim.state == rules.RETRACTED else claim.valid_until


# --- erasing --------------------------------------------------------------------------------------


def erase(ids: Sequence[int], at: Micros) -> Gone:
    """Erases signals with everything about them, in the caller's transaction."""
    claims = [claim for found in queries.claims_of_signals(ids).values() for claim in found]
    gone = _erase_claims(claims, at)
    overrides = Override.objects.filter(signal_id__in=ids)
    times = [t for pair in overrides.values_list("at", "cleared_at") for t in pair if t]
    _erase_acts(times)
    overrides.delete()
    Hold.objects.filter(signal_id__in=ids).delete()
    Note.objects.filter(signal_id__in=ids).delete()
    gone.kinds = set(Signal.objects.filter(pk__in=ids).values_list("kind", flat=True))
    gone.signals = len(ids)
    Signal.objects.filter(pk__in=ids).delete()
    return gone


def _erase_claims(claims: Sequence[ClaimRow], at: Micros) -> Gone:
    """Claims with their timelines and the openings that speak of them alone."""
    marks = [(c.claim_id, c.modified, c.state == rules.RETRACTED) for c in claims]
    purge.keep_marks("claim", marks, at)
    timeline.erase([claim.claim_id for claim in claims])
    rows = [claim.id for claim in claims]
    Withdrawal.objects.filter(claim_id__in=rows).delete()
    Claim.objects.filter(pk__in=rows).delete()
    us = members.us().id
    ours = [claim for claim in claims if claim.claimant == us]
    _erase_acts([time for claim in ours for time in (claim.created, claim.modified)])
    return Gone(
        claims={claim.claim_id for claim in claims}, issuers={claim.claimant for claim in claims}
    )


def _erase_acts(times: Collection[Micros]) -> None:
    """An act about one claim alone could be tried out against every number there is.

    One about many stands: its root cannot be met without knowing all of them.
    """
    rows = Act.objects.filter(at__in=list(set(times)), count=1)
    ledger.erase_openings(Act, list(rows.values_list("pk", flat=True)))


def erase_received(batch: int, at: Micros) -> Gone:
    """Erases what others claimed in one batch, and signals of which nothing is left then.

    What is held stays. The caller's transaction; the batch itself is the exchange's.
    """
    claims = [claim for claim in queries.of_batch(batch) if claim.claimant != members.us().id]
    ids = sorted({claim.signal for claim in claims})
    queries.signals_by_id(ids)
    held = set(Signal.objects.filter(pk__in=ids, held_until__gt=at).values_list("pk", flat=True))
    gone = _erase_claims([claim for claim in claims if claim.signal not in held], at)
    left = [id for id in ids if id not in held]
    kept = {*queries.claims_of_signals(left), *queries.overrides_of(left)}
    empty = [id for id in left if id not in kept]
    Override.objects.filter(signal_id__in=empty).delete()
    Hold.objects.filter(signal_id__in=empty).delete()
    Note.objects.filter(signal_id__in=empty).delete()
    gone.signals = Signal.objects.filter(pk__in=empty).delete()[0]
    service.rejudge([id for id in left if id in kept], at)
    return gone


def held_in_batches(at: Micros) -> dict[int, int]:
    """Batch → how many of its claims a legal hold keeps."""
    rows = Claim.objects.filter(signal__held_until__gt=at, batch__isnull=False)
    return dict(Counter(batch for (batch,) in rows.values_list("batch") if batch is not None))


def erase_value(actor: Actor, value: Value, reason: str, at: Micros) -> Gone:
    """Erases one signal now because somebody has the right to it; Conflict while it is held."""
    row = Signal.objects.filter(key=value.key).first()
    if row is None:
        raise NotFound("signal", "Nothing is known of this value", do="Check how it is written")
    if row.held_until is not None and row.held_until > at:
        raise Conflict("held", "A legal hold keeps this value", do="End it: `hueandcry hold end`")
    purge.keep_marks("signal", [(value.key, at, False)], at)
    return erase([row.pk], at)


def erase_again(erasures: Collection[tuple[str, bytes]], at: Micros) -> Gone:
    """Erases every signal that one of these keyed tombstones knows: what a backup brought back."""
    wanted = {mac for kind, mac in erasures if kind == "signal"}
    ids: list[int] = []
    after = 0
    while rows := list(Signal.objects.filter(pk__gt=after).order_by("id")[:2_000]):
        ids += [row.pk for row in rows if purge.mac("signal", row.key) in wanted]
        after = rows[-1].pk
    return erase(ids, at) if ids else Gone()


# --- holds ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HoldView:
    """One legal hold."""

    number: int
    kind: str
    value: str
    until: Micros
    reason: str
    at: Micros
    ended_at: Micros | None


def hold(actor: Actor, value: Value, until: Micros, reason: str, at: Micros) -> int:
    """Keeps a signal from being purged until `until`; its number. Raises Malformed, NotFound."""
    if until <= at:
        raise Malformed("until", "A hold ends after it begins")
    row = queries.signals_by_key([value.key]).get(value.key)
    if row is None:
        raise NotFound("signal", "Nothing is known of this value", do="Check how it is written")
    held = Hold(signal_id=row.id, until=until, reason=reason, person_id=actor.person, at=at)
    about = purge.mac("hold", value.key).hex()
    ledger.append("hold", held, until=until, reason=reason, about=about)
    _set_held(row.id)
    return held.pk


def end_hold(actor: Actor, number: int, at: Micros) -> None:
    """Ends a hold; raises NotFound when there is no such hold in force."""
    row = Hold.objects.filter(pk=number, ended_at=None).first()
    if row is None or Hold.objects.filter(pk=number, ended_at=None).update(ended_at=at) != 1:
        raise NotFound(
            "hold", f"There is no hold {number} in force", do="See `hueandcry hold list`"
        )
    queries.signals_by_id([row.signal_id])
    acts.log_decision(actor, "hold-end", jcs.canonical([number, at]), at)
    _set_held(row.signal_id)


def _set_held(signal: int) -> None:
    ends = Hold.objects.filter(signal_id=signal, ended_at=None).values_list("until", flat=True)
    Signal.objects.filter(pk=signal).update(held_until=max(ends, default=None))


def holds() -> list[HoldView]:
    """Every hold, ended ones too, the newest first."""
    rows = Hold.objects.select_related("signal").order_by("-id")
    return [
        HoldView(
            row.pk,
            rules.KINDS[row.signal.kind].value,
            row.signal.value,
            row.until,
            row.reason,
            row.at,
            row.ended_at,
        )
        for row in rows
    ]
