"""From ticked values to claims, and back: in one go, in the transaction of the decision."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.reports import queries, rules, sealed
from hueandcry.apps.reports.models import Act, Report, Value
from hueandcry.apps.reports.rules import Doing
from hueandcry.apps.signals import face as signals
from hueandcry.core.types import Actor, Kind, Micros, Signal, Verdict
from hueandcry.engine.timeline import face as timeline

#: Why a claim is withdrawn when a decision is undone.
UNDONE: Final = "mistake"


@dataclass(frozen=True, slots=True)
class Made:
    """The claim that a value became; `outcome` as `signals.Raised` has it, or `stands`."""

    value: int
    signal: Signal
    claim: UUID | None  #: None: a stronger claim of ours stands already
    outcome: str
    shielded: bool = False  #: who has it may be coerced: it goes to nobody else


def signal_of(value: Value) -> Signal:
    """The signal that a value is."""
    return Signal(Kind(value.kind), sealed.opened(value.sealed))


def raise_for(row: Report, values: Sequence[Value], actor: Actor, at: Micros) -> list[Made]:
    """Raises one claim for each of these values of a report; what stands stronger is left alone."""
    found = {value.pk: signal_of(value) for value in values}
    stronger = signals.held_by_us([s for s in found.values() if s.kind is Kind.PHONE], at)
    wanted: list[tuple[Value, signals.NewClaim]] = []
    made: list[Made] = []
    for value in values:
        signal = found[value.pk]
        verdict, marking = rules.verdict_and_marking(signal.kind, value.role)
        if verdict is Verdict.SUSPICIOUS and stronger.get(signal.key) is Verdict.SCAM:
            made.append(Made(value.pk, signal, None, "stands"))
            continue
        method = rules.method_of(signal.kind, value.role, row.method)
        new = signals.NewClaim(signal, verdict, row.lure, method, marking=marking)
        wanted.append((value, new))
    if wanted:
        made += _raised(row, wanted, actor, peers.stamp(at))
    return made


def _raised(
    row: Report, wanted: Sequence[tuple[Value, signals.NewClaim]], actor: Actor, at: Micros
) -> list[Made]:
    raised = signals.raise_claims(actor, [new for _, new in wanted], at)
    shielded = signals.shielded([new.signal for _, new in wanted])
    made = []
    for (value, _), each in zip(wanted, raised, strict=True):
        value.claim = each.claim_id.bytes
        value.founded = value.founded or each.outcome == "raised"
        Value.objects.filter(pk=value.pk).update(claim=value.claim, founded=value.founded)
        behind = each.signal.key in shielded
        made.append(Made(value.pk, each.signal, each.claim_id, each.outcome, behind))
    _trace(row, [each.claim_id.bytes for each in raised])
    return made


def _trace(row: Report, claims: Sequence[bytes]) -> None:
    """Gives claims the hops of the report that they came from, so that `trace` begins with it."""
    us, own = members.us().fingerprint, timeline.Source.OWN
    timeline.note(claims, "reported", us, row.at, own)
    read = Act.objects.filter(report=row, kind=Doing.READ).order_by("version").last()
    if read is not None:
        timeline.note(claims, "read", us, read.at, own)
    timeline.note(claims, "triaged", us, row.changed_at, own)


def withdraw_for(row: Report, actor: Actor, at: Micros, keep: Collection[int] = ()) -> int:
    """Withdraws what rests on this report alone, but for the values of `keep`; how many claims.

    A claim that another report rests on stays, and is that one's from now on; one that was there
    before any report named it stays too.
    """
    held = list(Value.objects.filter(report=row, claim__isnull=False).exclude(pk__in=keep))
    if not held:
        return 0
    others = queries.resting_on([v.claim for v in held if v.claim], row.pk)
    gone = 0
    for value in held:
        heir = others.get(value.claim or b"")
        if heir is not None and value.founded:
            Value.objects.filter(pk=heir).update(founded=True)
        elif heir is None and value.founded:
            gone += _withdrawn(value, actor, at)
    Value.objects.filter(pk__in=[value.pk for value in held]).update(claim=None, founded=False)
    return gone


def _withdrawn(value: Value, actor: Actor, at: Micros) -> int:
    """Withdraws the claim of our own people on a value, if nobody did so before."""
    signal = signal_of(value)
    if not signals.held_by_us([signal], 0):
        return 0
    return len(signals.retract(actor, signal, UNDONE, peers.stamp(at), source=""))
